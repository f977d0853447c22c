scenario "heating-frosty" {
  title   = { zh = "集中供热控制器遭 Modbus 改写", en = "Heating controllers rewritten over Modbus" },
  sector  = "heating", mode = "drill", length = "20m", resets = 2,
  rules   = { "CAC-REPORT-2025", "CQ-DRAFT-2020" },
  classes = { "level3" }, region = "CN-CQ",
}

-- A heating company in January: the exchanger station obeys Modbus, and 502 is open towards it.
local it      = network "it"      { cidr = "10.70.4.0/24",  zone = "L4" }
local dmz     = network "dmz"     { cidr = "10.70.35.0/24", zone = "L3.5" }
local ops     = network "ops"     { cidr = "10.70.3.0/24",  zone = "L3" }
local control = network "control" { cidr = "10.70.2.0/24",  zone = "L2" }
-- Two minutes of the town in a second of the drill: a cold night fits into it.
local town    = plant   "town"    { model = "district-heating", time_scale = 120 }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = town, program = "files/heating.st" }
local hmi     = machine "hmi1"    { image = "hmi", at = { control ".21" }, serves = plc,
  controls = {
    { holding = 0, scale = 0.1, unit = "°C", high = 130, says = { zh = "供水温度上限", en = "Highest supply temperature" } },
    { holding = 1, scale = 0.1, unit = "°C", low = 5, high = 30, says = { zh = "室温设定", en = "Room set-point" } },
    { holding = 2, scale = 0.1, unit = "°C", low = 5, high = 30, says = { zh = "医院室温设定", en = "Hospital set-point" } },
    { holding = 3, scale = 0.1, unit = "°C", high = 30, says = { zh = "低温报警值", en = "Low temperature alarm" } },
    { holding = 10, scale = 0.001, high = 1, says = { zh = "住宅阀手动阀位", en = "Dwellings' valve by hand" } },
    { holding = 11, scale = 0.001, high = 1, says = { zh = "医院阀手动阀位", en = "Hospital valve by hand" } },
    { coil = 0, says = { zh = "手动", en = "Valves by hand" } },
    { coil = 1, says = { zh = "停循环泵", en = "Stop the pump" } },
  },
}
machine "noise1" { image = "noise",     at = { control ".40" }, serves = plc, pace = "2s" }
machine "hist1"  { image = "historian", at = { dmz ".30" },     serves = plc, pace = "2s" }
machine "eye1"   { image = "sensor",    at = { ops ".50" },     mirror = { control }, masters = { hmi } }
machine "wall1"  {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", control ".254" },
  forward = { "allow dmz control tcp 502 from 10.70.35.30", "allow ops control tcp 502" },
  accounts = { "ops:WinterHeat" },
}
-- The router that faced the internet, and the host behind it that replays what FrostyGoop did.
local edge    = machine "edge1"   { image = "attacker", at = { it ".66", dmz ".66" }, hidden = true }
local red     = machine "jump"    { image = "attacker", at = { ops ".66", control ".66" }, hidden = true }

local sweep = attack "sweep" {
  technique = "T0846", from = edge, action = modbus.scan { network = dmz },
}
local find = attack "find-controllers" {
  technique = "T0888", from = red, action = modbus.scan { network = control },
}
local read = attack "read-registers" {
  technique = "T0801", from = red, to = plc, action = modbus.read { unit = 1, holding = 0, count = 12 },
}
-- What the configuration of the tool said: one register after the other, FC 6, port 502.
local room = attack "lower-room" {
  technique = "T0836", from = red, to = plc, action = modbus.write { unit = 1, holding = 1, value = 50 },
}
local ward = attack "lower-hospital" {
  technique = "T0836", from = red, to = plc, action = modbus.write { unit = 1, holding = 2, value = 50 },
}
local alarm_limit = attack "move-alarm" {
  technique = "T0838", from = red, to = plc, action = modbus.write { unit = 1, holding = 3, value = 0 },
}
local supply = attack "cap-supply" {
  technique = "T0831", from = red, to = plc, action = modbus.write { unit = 1, holding = 0, value = 460 },
}

objective "detected" {
  says = { zh = "发现设定值被改并答复研判", en = "Find that set-points were changed and say so" },
  points = 60, fades_to = 10, over = "6m", since = room, met_by = answered "Assess the alarm",
}
local contained = objective "contained" {
  says = { zh = "切断改写控制器的主机", en = "Cut off the host that rewrites the controllers" },
  points = 120, fades_to = 30, over = "8m", since = room, met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "入侵主机已切断，住宅室温回到 18 ℃ 以上", en = "Intruder cut off and dwellings above 18 °C again" },
  points = 100, fades_to = 20, over = "12m", since = room,
  met_by = all { isolated(red), town.tin_c :above(18) },
}
objective "reported" {
  says = { zh = "提交情况报告", en = "File a report of what happened" },
  points = 60, fades_to = 10, over = "12m", since = room, met_by = reported(room),
}
objective "dwellings-warm" {
  says = { zh = "住宅室温始终不低于 16 ℃", en = "Keep the dwellings above 16 °C" },
  points = 100, met_by = never(town.tin_c :below(16) :for_ "5s"),
}
objective "hospital-warm" {
  says = { zh = "医院室温始终不低于 16 ℃", en = "Never let the hospital fall below 16 °C" },
  points = 160, met_by = never(town.hospital_c :below(16) :for_ "5s"),
}
playbook "first-response" { file = "ics-tampering.json", starts_on = any { alarm(town), reported(room) } }

story(function (s)
  s:say { zh = "一月寒夜，室外 −10 ℃，管网运行平稳。", en = "A January night, −10 °C outside. The net runs steadily." }
  s:wait "30s"
  s:attack(sweep)
  s:pace("10s", "30s")
  s:attack(find)
  s:attack(read)
  s:wait "40s"
  s:attack(alarm_limit)
  s:attack(room)
  s:wait "5s"
  s:attack(ward)
  s:pace("10s", "30s")
  s:attack(supply)
  s:wait "1m30s"
  s:say { zh = "客服：多个小区报修，暖气不热。", en = "Call centre: several quarters complain of cold radiators." }
  if not s:wait_for(contained, "5m") then
    s:hint { zh = "对照交接班记录，看控制器的 0～3 号寄存器。谁在写 502 端口？",
             en = "Compare registers 0 to 3 with the shift log. Who writes to port 502?" }
  end
  if s:wait_until(town.tin_c :above(18), "6m") then
    s:say { zh = "室温回升。请核对全部换热站参数，并写出情况报告。",
            en = "Rooms warm up again. Check every station and write up what happened." }
  else
    s:say { zh = "室温仍低，启动应急热源，优先保医院。", en = "It is still cold. Stand-by boilers start, the hospital first." }
  end
end)
