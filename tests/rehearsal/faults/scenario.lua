scenario "faults" {
  title  = { zh = "故障不是攻击", en = "Faults that are no attack" },
  sector = "water", mode = "tabletop", length = "14m",
}
local works = plant "works" { model = "water-tank", time_scale = 60 }
objective "calm" {
  says = { zh = "后果积分不超过 4000", en = "Level over time at most 4000" },
  points = 30, met_by = never(works.level_seconds :above(4000)),
}
objective "full" {
  says = { zh = "水池不越过 1.55 米", en = "The tank stays below 1.55 m" },
  points = 50, met_by = never(works.lit101_m :above(1.55)),
}

-- The level reads low, so the plant's own regulation overfills the tank; then a pump stops.
story(function (s)
  s:say { zh = "早班。", en = "Morning shift." }
  s:wait "20s"
  s:fault(works, { tag = "lit101_m", kind = "bias", size = -0.95 })
  if s:wait_until(works.lit101_m :above(1.3), "6m") then
    s:fault(works, { tag = "lit101_m", kind = "repair" })
  end
  s:fault(works, { input = "p101", kind = "trip", at = "8m" })
  if s:wait_until(works.lit301_m :below(0.3), "10m") then
    s:say { zh = "给水池见底。", en = "The feed tank runs dry." }
  end
end)
