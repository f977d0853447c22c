scenario "boiler-lowwater" {
  title   = { zh = "电厂汽包低水位保护定值遭篡改", en = "A boiler's low-water trip moved out of the way" },
  sector  = "power", mode = "drill", length = "20m", resets = 2,
  rules   = { "CAC-REPORT-2025", "CQ-DRAFT-2020", "SAFETY-2007" },
  classes = { "cii", "level3" }, region = "CN-CQ",
}

-- A coal unit of 160 MW: offices, a DMZ with the historian, operations, and the unit's own control.
local it      = network "it"      { cidr = "10.30.4.0/24",  zone = "L4" }
local dmz     = network "dmz"     { cidr = "10.30.35.0/24", zone = "L3.5" }
local ops     = network "ops"     { cidr = "10.30.3.0/24",  zone = "L3" }
local control = network "control" { cidr = "10.30.2.0/24",  zone = "L2" }
local boiler  = plant   "boiler"  { model = "boiler-turbine" }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = boiler, program = "files/boiler.st" }
local hmi     = machine "hmi1"    { image = "hmi", at = { control ".21" }, serves = plc,
  controls = {
    { holding = 0, scale = 0.01, unit = "kg/cm²", high = 160, says = { zh = "压力设定", en = "Pressure set-point" } },
    { holding = 1, offset = 1000, unit = "mm", low = -250, high = 250, says = { zh = "水位设定", en = "Level set-point" } },
    { holding = 2, scale = 0.01, unit = "MW", high = 160, says = { zh = "功率设定", en = "Power set-point" } },
    { holding = 3, offset = 1000, unit = "mm", low = -1000, high = 0, says = { zh = "水位低低跳闸值", en = "Low-low level trip" } },
    { holding = 4, offset = 1000, unit = "mm", low = -1000, high = 0, says = { zh = "水位低报警值", en = "Low level alarm" } },
    { holding = 5, high = 1, says = { zh = "水位报警抑制（0 不抑制）", en = "Level alarms silenced (0: they sound)" } },
    { holding = 6, offset = 1000, unit = "mm", high = 1000, says = { zh = "水位高高跳闸值", en = "High-high level trip" } },
    { coil = 0, says = { zh = "跳闸复位", en = "Reset of the trip" } },
    { coil = 1, says = { zh = "燃烧器允许", en = "Burners permitted" } },
  },
}
machine "noise1" { image = "noise",     at = { control ".40" }, serves = plc, pace = "2s" }
machine "hist1"  { image = "historian", at = { dmz ".30" },     serves = plc, pace = "2s" }
machine "eye1"   { image = "sensor",    at = { ops ".50" },     mirror = { control }, masters = { hmi } }
machine "wall1"  {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", control ".254" },
  forward = { "allow dmz control tcp 502 from 10.30.35.30", "allow ops dmz tcp 80" },
  accounts = { "ops:Boiler-160" },
}
-- The maker's remote-maintenance host, and the engineering station that it leads to.
local remote  = machine "remote1" { image = "attacker", at = { it ".66", dmz ".66" }, hidden = true }
local red     = machine "jump"    { image = "attacker", at = { ops ".66", control ".66" }, hidden = true }

-- The intruder: looks around, tries the maker's password, takes the protections away one by one,
-- then asks for less water than the tubes can live with.
local sweep = attack "sweep" {
  technique = "T0846", from = remote, action = modbus.scan { network = dmz },
}
local login = attack "default-password" {
  technique = "T0812", from = red, to = plc, action = engineering.login { password = "1111" },
}
local look = attack "read-limits" {
  technique = "T0861", from = red, to = plc, action = modbus.read { unit = 1, holding = 0, count = 8 },
}
local alarm_limit = attack "move-alarm" {
  technique = "T0838", from = red, to = plc, action = modbus.write { unit = 1, holding = 4, value = 100 },
}
local silence = attack "silence-alarm" {
  technique = "T0878", from = red, to = plc, action = modbus.write { unit = 1, holding = 5, value = 1 },
}
local trip_limit = attack "move-trip" {
  technique = "T0836", from = red, to = plc, action = modbus.write { unit = 1, holding = 3, value = 100 },
}
local starve = attack "starve" {
  technique = "T0831", from = red, to = plc, action = modbus.write { unit = 1, holding = 1, value = 600 },
}

-- What counts: see it, cut it off, bring the unit back, report it; and the boiler itself.
objective "detected" {
  says = { zh = "发现异常并转为就地操作", en = "See that something is wrong and take over by hand" },
  points = 60, fades_to = 10, over = "5m", since = starve, met_by = answered "Take over by hand",
}
local contained = objective "contained" {
  says = { zh = "切断控制网上的入侵主机", en = "Cut the intruder off the control network" },
  points = 120, fades_to = 30, over = "8m", since = starve, met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "入侵主机已切断，水位回到正常", en = "Intruder cut off and level back to normal" },
  points = 100, fades_to = 20, over = "10m", since = starve,
  met_by = all { isolated(red), boiler.level_mm :above(-100), boiler.level_mm :below(100) },
}
objective "reported" {
  says = { zh = "研判定级并报告区县主管部门", en = "Grade it and report to the county department" },
  points = 80, fades_to = 20, over = "10m", since = starve, met_by = answered "Report to the county department",
}
objective "on-load" {
  says = { zh = "切断入侵主机，且机组始终不停炉", en = "Cut the intruder off without ever losing the unit" },
  points = 60, met_by = all { isolated(red), never(boiler.flame :below(0.5) :for_ "1s") },
}
objective "tubes-whole" {
  says = { zh = "任何时候不缺水烧管（水位不低于 −250 毫米）", en = "Never let the tubes run dry (level above −250 mm)" },
  points = 200, met_by = never(boiler.level_mm :below(-250) :for_ "1s"),
}
playbook "response" { file = "loss-of-control.json", starts_on = any { alarm(boiler), reported(starve) } }

story(function (s)
  s:say { zh = "夜班 02:10，机组负荷 66 兆瓦，参数平稳。", en = "Night shift, 02:10. 66 MW, all steady." }
  s:wait "30s"
  s:attack(sweep)
  s:pace("20s", "40s")
  s:attack(look)
  s:attack(login)
  s:wait "30s"
  s:attack(alarm_limit)
  s:attack(silence)
  s:wait "20s"
  s:attack(trip_limit)
  s:wait "40s"
  s:attack(starve)
  if not s:wait_for(contained, "6m") then
    s:hint { zh = "就地水位计与画面一致吗？交接班记录上的跳闸值是多少？",
             en = "Does the gauge at the drum agree with the screen? What trip limit stands in the shift log?" }
  end
  if s:wait_until(boiler:level() :at_most(0), "5m") then
    s:say { zh = "水位恢复。请核对全部定值并写出情况报告。",
            en = "The level is back. Check every limit and write up what happened." }
  else
    s:say { zh = "水位仍未受控，值长下令停炉。", en = "The level is still out of hand. The shift leader orders the unit off." }
  end
end)
