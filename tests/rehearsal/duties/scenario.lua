scenario "duties" {
  title  = { zh = "加药遭篡改：报告与时限", en = "Dosing tampered with: reports and limits" },
  sector = "water", mode = "tabletop", length = "3h",
  rules = { "CAC-REPORT-2025", "CQ-DRAFT-2020" },
  classes = { "cii", "level3" }, region = "CN-CQ", date = "2026-11-20 08:30",
}
-- The county and the city sit at their desks and pass on what they are told.
tier "enterprise" { people = true, roles = { "ir_lead", "reporter" } }
tier "county" { receives = "2m", relays = "8m" }
tier "city" { receives = "3m", relays = "10m" }
limit "county-first" { duty = "CQ.LADDER.1", within = "20m" }

-- What the law makes of it, in points: each objective is missed by the team that sins against it.
objective "first" {
  says = { zh = "一小时内首报", en = "First report within the hour" },
  points = 1, met_by = reported_in_time "CAC.CII.FIRST",
}
objective "swift" {
  says = { zh = "十分钟内首报", en = "First report within ten minutes" },
  points = 10, met_by = merit "first_report" :at_most "10m",
}
objective "graded" {
  says = { zh = "定级正确", en = "Graded right" },
  points = 100, met_by = graded_right "CAC-REPORT-2025",
}
objective "accurate" {
  says = { zh = "数据属实", en = "True figures" },
  points = 1000, met_by = merit "accuracy" :at_least(0.8),
}
objective "clean" {
  says = { zh = "无过错", en = "No fault" },
  points = 10000, met_by = merit "faults" :at_most(0),
}
objective "planned" {
  says = { zh = "没有预案，就没有覆盖率", en = "Without a plan there is no coverage" },
  points = 50000, met_by = any { merit "coverage" :at_least(0), merit "relay" :at_least "2h" },
}

-- What happened is the same for every team.
story(function (s)
  s:say { zh = "加药设定值被改写。", en = "The dose set-point was rewritten." }
  s:wait "5m"
  s:enter("metric", { metric = "people_affected", value = 120000, reason = "pressure zones without water" })
  s:enter("fact", { metric = "people_affected", text = "call centre log" })
  s:enter("metric", { metric = "cii_main_function_outage_s", value = 2000, reason = "measured" })
  s:enter("fact", { metric = "cii_main_function_outage_s", text = "shift log" })
end)
