scenario "dosing-line" {
  title  = { zh = "自来水厂加药参数遭篡改", en = "Dosing set-point tampering at a water works" },
  sector = "water", mode = "drill", length = "15m", rules = { "CAC-REPORT-2025", "CQ-DRAFT-2020" },
  classes = { "cii", "level3" }, region = "CN-CQ", date = "2026-11-20 08:30",
}

-- The works: an office network, a control network, one dosing line.
local it      = network "it"      { cidr = "10.20.4.0/24", zone = "L4" }
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2" }
local works   = plant   "works"   { model = "water-dosing", time_scale = 1 }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = works, program = "files/dosing.st" }
machine "hmi1" { image = "hmi", at = { control ".21" }, serves = plc, controls = { { holding = 40, unit = "mg/l", high = 20000, says = { zh = "加药量设定", en = "Dose set-point" } } } }
local red     = machine "jump"    { image = "attacker", at = { it ".66", control ".66" }, hidden = true }

-- The intruder looks around, then raises the dose from 100 to 11 100 mg/l.
local sweep = attack "sweep" {
  technique = "T0846", from = red,
  action = modbus.scan { network = control },
}
local raise = attack "raise-dose" {
  technique = "T0836", from = red, to = plc,
  action = modbus.write { unit = 1, holding = 40, value = 11100 },
}

-- Who must be told: the works reports, the offices above it receive and pass on by themselves.
tier "enterprise" { people = true }
tier "county"     { receives = "20s", relays = "40s" }
tier "city"       { receives = "20s", relays = "1m" }
limit "county-first" { duty = "CQ.LADDER.1", within = "5m" }

-- What it does to people, measured: a pressure zone without water, a line whose water is no good.
measure "zone" { metric = "people_affected", from = works.naoh_mg_l, above = 200, counts = 120000 }
measure "line" { metric = "cii_main_function_outage_s", from = works.outage_s }

-- What counts.
local contained = objective "contained" {
  says = { zh = "切断控制网上的入侵主机", en = "Cut the intruder off the control network" },
  points = 150, fades_to = 40, over = "6m", since = raise, met_by = any { isolated(red) },
}
objective "assessed" {
  says = { zh = "研判告警并答复", en = "Assess the alarm and say what it is" },
  points = 50, fades_to = 10, over = "5m", since = raise, met_by = answered "Assess the alarm",
}
objective "in-spec" {
  says = { zh = "出厂水氢氧化钠浓度始终合格（200 毫克/升以下）", en = "Keep the outlet within specification (200 mg/l)" },
  points = 100, met_by = never(works.naoh_mg_l :above(200) :for_ "10s"),
}
objective "water-safe" {
  says = { zh = "任何时候都不让有毒剂量的水出厂（1000 毫克/升以下）", en = "Never let a toxic dose (1000 mg/l) leave the works" },
  points = 200, met_by = never(works.naoh_mg_l :above(1000) :for_ "10s"),
}
objective "reported" {
  says = { zh = "五分钟内报告区县", en = "Tell the county within five minutes" },
  points = 50, met_by = reported_in_time "CQ.LADDER.1",
}
playbook "first-response" { file = "ics-tampering.json", starts_on = any { alarm(works), reported(raise) } }

story(function (s)
  s:say { zh = "早班交接，一切正常。", en = "Shift handover. All quiet." }
  s:wait "1m"
  s:attack(sweep)
  s:wait "1m"
  s:attack(raise)
  if not s:wait_for(contained, "5m") then
    s:hint { zh = "谁在写 40 号寄存器？", en = "Who writes register 40?" }
  end
  if not s:wait_until(works:level() :at_most(1), "1s") then
    s:say { zh = "热线：东片水有涩味，已有居民不适。", en = "Call centre: the east zone's water bites; people are unwell." }
    s:enter("fact", { metric = "people_affected", text = "call centre log: the east zone, 120 000 people" })
  end
  if s:wait_until(works:level() :at_most(1), "6m") then
    s:say { zh = "加药恢复正常，水质逐步回落。请写出情况报告。",
            en = "Dosing is under control and the water is recovering. Write up what happened." }
  else
    s:say { zh = "水质仍未恢复，厂外供水切换备用水源。",
            en = "The water has not recovered. Supply switches to the reserve source." }
  end
end)
