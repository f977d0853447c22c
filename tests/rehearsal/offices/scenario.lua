scenario "offices" {
  title  = { zh = "加药遭篡改：三级联动", en = "Dosing tampered with: three tiers of people" },
  sector = "water", mode = "tabletop", length = "3h",
  rules = { "CAC-REPORT-2025", "CQ-DRAFT-2020" },
  classes = { "cii", "level3" }, region = "CN-CQ", date = "2026-11-20 08:30",
}
-- People sit on all three tiers, each above the enterprise with a plan of its own.
tier "enterprise" { people = true, roles = { "ir_lead", "reporter" } }
tier "county" { people = true, roles = { "duty_officer", "director" }, leader = "director" }
tier "city" { people = true, roles = { "duty_officer", "deputy_mayor" }, leader = "deputy_mayor" }
playbook "county-intake" { file = "report-received.json", office = "county" }
playbook "city-intake" { file = "report-received.json", office = "city" }
limit "county-first" { duty = "CQ.LADDER.1", within = "20m" }

-- What happened is the same for every team.
story(function (s)
  s:say { zh = "加药设定值被改写。", en = "The dose set-point was rewritten." }
  s:wait "5m"
  s:enter("metric", { metric = "people_affected", value = 120000, reason = "pressure zones without water" })
  s:enter("fact", { metric = "people_affected", text = "call centre log" })
  s:enter("metric", { metric = "cii_main_function_outage_s", value = 2000, reason = "measured" })
  s:enter("fact", { metric = "cii_main_function_outage_s", text = "shift log" })
end)
