scenario "data-exfil" {
  title   = { zh = "重要工业数据经隔离区外泄", en = "Important industrial data leaves through the DMZ" },
  sector  = "coal-chemistry", mode = "drill", length = "40m", resets = 1,
  rules   = { "MIIT-DATA-2024", "NETDATA-2024", "CAC-REPORT-2025" },
  classes = { "important_data", "level3", "industry_or_it" }, region = "CN-CQ",
}

-- A coal chemistry line whose recipes are important data. The historian in the DMZ keeps the
-- records; nobody touches the process: the damage is that somebody knows.
local it      = network "it"      { cidr = "10.90.4.0/24",  zone = "L4" }
local dmz     = network "dmz"     { cidr = "10.90.35.0/24", zone = "L3.5", capture = true }
local ops     = network "ops"     { cidr = "10.90.3.0/24",  zone = "L3" }
local control = network "control" { cidr = "10.90.2.0/24",  zone = "L2" }
local line    = plant   "line"    { model = "cstr" }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = line, program = "files/kettle.st" }
local hmi     = machine "hmi1"    { image = "hmi", at = { control ".21" }, serves = plc,
  controls = {
    { holding = 0, scale = 0.1, unit = "K", low = 250, high = 700, says = { zh = "温度设定", en = "Temperature set-point" } },
    { holding = 1, unit = "l/min", high = 200, says = { zh = "进料设定", en = "Feed" } },
    { holding = 3, scale = 0.1, unit = "K", low = 250, high = 700, says = { zh = "急冷联锁值", en = "Quench trip" } },
    { coil = 0, says = { zh = "急冷复位", en = "Reset of the quench" } },
    { coil = 1, says = { zh = "手动停车", en = "Stop by hand" } },
  },
}
machine "noise1" { image = "noise",     at = { control ".40" }, serves = plc, pace = "2s" }
machine "hist1"  { image = "historian", at = { dmz ".30" },     serves = plc, pace = "2s" }
machine "eye1"   { image = "sensor",    at = { ops ".50" },     mirror = { control }, masters = { hmi } }
-- The rules are wider than they have to be: the whole DMZ reaches the controllers, engineering too.
machine "wall1"  {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", control ".254" },
  forward = { "allow dmz control tcp 502", "allow dmz control tcp 20547", "allow ops dmz tcp 80" },
  accounts = { "ops:Coal-Line-3" },
}
-- The report server that offices and DMZ share; it belongs to somebody else now.
local red     = machine "report1" { image = "attacker", at = { dmz ".66", it ".66" }, hidden = true }

local sweep = attack "sweep" {
  technique = "T0846", from = red, action = modbus.scan { network = dmz },
}
local state = attack "watch-process" {
  technique = "T0801", from = red, to = plc, action = modbus.read { unit = 1, input = 0, count = 6 },
}
local tags = attack "find-tags" {
  technique = "T0861", from = red, to = plc, action = modbus.read { unit = 1, holding = 0, count = 32 },
}
local program = attack "program-identity" {
  technique = "T0845", from = red, to = plc, action = engineering.status {},
}
local collect = attack "collect-recipe" {
  technique = "T0802", from = red, to = plc, action = modbus.read { unit = 1, holding = 20, count = 7 },
}
local take = attack "take-recipe" {
  technique = "T0882", from = red, to = plc, action = modbus.read { unit = 1, holding = 20, count = 7 },
}

local noticed = objective "detected" {
  says = { zh = "发现外流并报告值班", en = "Notice the flow and raise it" },
  points = 60, fades_to = 10, over = "6m", since = collect, met_by = reported(collect),
}
objective "classified" {
  says = { zh = "核实数据并定出类别", en = "Say whose data it is and of which class" },
  points = 60, fades_to = 10, over = "8m", since = collect, met_by = answered "Is it ours?",
}
local contained = objective "contained" {
  says = { zh = "隔离外发主机", en = "Isolate the sending machine" },
  points = 120, fades_to = 30, over = "30m", since = collect, met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "确认不再外流并堵住薄弱点", en = "Nothing flows any more, and the gap is closed" },
  points = 80, fades_to = 20, over = "35m", since = collect, met_by = all { isolated(red), answered "Close the gap" },
}
objective "reported" {
  says = { zh = "较大及以上：立即报告行业监管部门", en = "Larger or graver: report to the sector's department at once" },
  points = 100, fades_to = 20, over = "30m", since = collect, met_by = answered "Report the data incident",
}
objective "line-runs" {
  says = { zh = "处置全程不停产", en = "The line runs through all of it" },
  points = 80, met_by = all { isolated(red), never(line:level() :at_least(2)) },
}
playbook "response" { file = "data-leak.json", starts_on = reported(collect) }

story(function (s)
  s:say { zh = "3 号线第 12 批反应平稳。", en = "Batch 12 on line 3 runs quietly." }
  s:wait "30s"
  s:attack(sweep)
  s:pace("10s", "30s")
  s:attack(state)
  s:attack(tags)
  s:attack(program)
  s:wait "40s"
  s:attack(collect)
  s:say { zh = "威胁情报：暗网出现本厂配方样例，索价出售。", en = "Threat intelligence: a sample of the works' recipe is for sale." }
  for _ = 1, 8 do
    if s:wait_for(contained, "1m") then break end
    s:attack(take)
  end
  if not s:wait_for(contained, "2m") then
    s:hint { zh = "隔离区里除了历史数据库，谁还在读控制器？", en = "Who in the DMZ reads the controllers, beside the historian?" }
  end
  if s:wait_until(contained, "20m") then
    s:say { zh = "外流已止。请完成定级、报告与告知。", en = "Nothing leaves any more. Grade, report, tell." }
  else
    s:say { zh = "更多批次记录被公开，行业监管部门来电询问。", en = "More records are published. The sector's department calls." }
  end
end)
