scenario "spindle-recipe" {
  title   = { zh = "配方与程序遭篡改，随后勒索制造执行系统", en = "Recipe and program changed, then the MES is held to ransom" },
  sector  = "equipment", mode = "drill", length = "15m", resets = 2,
  rules   = { "CAC-REPORT-2025", "CQ-DRAFT-2020" },
  classes = { "level2" }, region = "CN-CQ",
}

-- A machine shop: one cell grinds parts by the recipe of the day; the MES keeps order and records.
local it      = network "it"      { cidr = "10.80.4.0/24",  zone = "L4" }
local dmz     = network "dmz"     { cidr = "10.80.35.0/24", zone = "L3.5" }
local ops     = network "ops"     { cidr = "10.80.3.0/24",  zone = "L3" }
local control = network "control" { cidr = "10.80.2.0/24",  zone = "L2" }
local cell    = plant   "cell"    { model = "machining-cell" }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = cell, program = "files/cell.st",
  key = "remote" }
local hmi     = machine "hmi1"    { image = "hmi",       at = { control ".21" }, serves = plc,
  controls = {
    { holding = 0, unit = "1/min", high = 30000, says = { zh = "主轴转速", en = "Spindle speed" } },
    { holding = 2, low = 1, high = 4, says = { zh = "配方", en = "Recipe" } },
    { holding = 3, unit = "ms", low = 50, high = 2000, says = { zh = "安全停止时间", en = "Safe stopping time" } },
    { holding = 4, scale = 0.001, high = 2, says = { zh = "区内机器人速度", en = "Speed of the robot in the zone" } },
    { coil = 0, says = { zh = "启动", en = "Start" } },
    { coil = 1, says = { zh = "防护复位", en = "Guard reset" } },
    { coil = 2, says = { zh = "急停", en = "Emergency stop" } },
  },
}
machine "noise1" { image = "noise",     at = { control ".40" }, serves = plc, pace = "2s" }
local mes     = machine "mes1"    { image = "historian", at = { dmz ".30" }, serves = plc, pace = "2s" }
machine "eye1"   { image = "sensor",    at = { ops ".50" },     mirror = { control }, masters = { hmi } }
machine "wall1"  {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", control ".254" },
  forward = { "allow dmz control tcp 502 from 10.80.35.30", "allow ops dmz tcp 80" },
  accounts = { "ops:Spindle-8" },
}
-- The supplier's file server, and the engineering station that opened its project file.
local supply  = machine "supply1" { image = "attacker", at = { it ".66", dmz ".66" }, hidden = true }
local red     = machine "jump"    { image = "attacker", at = { ops ".66", control ".66" }, hidden = true,
  spoof = true }

local function write(name, technique, holding, value)
  return attack(name) { technique = technique, from = red, to = plc,
    action = modbus.write { unit = 1, holding = holding, value = value } }
end
local sweep = attack "sweep" {
  technique = "T0846", from = supply, action = modbus.scan { network = dmz },
}
local know = attack "identify-cell" {
  technique = "T0888", from = red, to = plc, action = engineering.status {},
}
-- What the MES keeps of orders and parts: first a copy, for the ransom, then it is gone.
local fetch = attack "take-records" {
  technique = "T0811", from = supply, to = mes, action = station.fetch {},
}
local ransom = attack "ransom" {
  technique = "T0828", from = supply, to = mes, action = station.wipe {},
}
-- The operator's page shows the cell as it was; what it orders still arrives.
local middle = attack "replay-view" {
  technique = "T0832", from = red,
  action = aitm.stand { between = { plc, hmi }, replay = "12s", over = "20m" },
}
local recipe = write("other-recipe", "T0836", 2, 3)
local patch = attack "no-speed-guard" {
  technique = "T0889", from = red, to = plc,
  action = engineering.patch { password = "1111", find = "rpm_limit := 18000.0", replace = "rpm_limit := 30000.0" },
}
local stopping = write("longer-stop", "T0880", 3, 500)
local faster = write("speed-up", "T0831", 0, 16500)
local burst  = write("speed-beyond", "T0879", 0, 27000)

objective "detected" {
  says = { zh = "现场先期处置", en = "First response at the panel" },
  points = 60, fades_to = 10, over = "5m", since = recipe, met_by = answered "First response at the panel",
}
local contained = objective "contained" {
  says = { zh = "切断首台失陷主机", en = "Cut off the first machine that fell" },
  points = 120, fades_to = 30, over = "8m", since = recipe, met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "已切断，转速与配方恢复、振动正常", en = "Cut off, speed and recipe back, vibration normal" },
  points = 100, fades_to = 20, over = "8m", since = recipe,
  met_by = all { isolated(red), cell.rpm :below(13000), cell.safe_distance_mm :below(450), cell.last_part_scrap :below(0.5) },
}
objective "reported" {
  says = { zh = "研判定级并报告区县主管部门", en = "Grade it and report to the county department" },
  points = 80, fades_to = 20, over = "9m", since = recipe, met_by = answered "Report to the county department",
}
objective "wheel-whole" {
  says = { zh = "切断入侵主机，砂轮不爆裂", en = "Intruder cut off, and the wheel does not burst" },
  points = 160, met_by = all { isolated(red), never(cell.burst :above(0.5)) },
}
objective "nobody-hurt" {
  says = { zh = "人员不受伤害", en = "Nobody is hurt" },
  points = 160, met_by = never(cell.harm :above(0.5)),
}
playbook "response" { file = "ot-ransomware.json", starts_on = any { alarm(cell), reported(recipe) } }

story(function (s)
  s:say { zh = "早班：1 号单元按 1 号配方磨削，节拍 12 秒。", en = "Early shift: cell 1 grinds by recipe 1, one part every 12 s." }
  s:wait "20s"
  s:attack(sweep)
  s:attack(fetch)
  s:pace("5s", "15s")
  s:attack(know)
  s:attack(middle)
  s:wait "30s"
  s:attack(patch)
  s:wait "20s"
  s:attack(recipe)
  s:wait "20s"
  s:attack(stopping)
  s:attack(ransom)
  s:say { zh = "质检：连续废品，画面却一切正常；制造执行系统的记录没了，弹出勒索信。", en = "Quality control: one bad part after the other, and the page shows nothing of it. The MES has lost its records and shows a ransom note." }
  s:wait "1m30s"
  s:attack(faster)
  -- Somebody reaches in for a jammed part, as somebody always does.
  s:wait "1m30s"
  s:fault(cell, { kind = "load", input = "reach_in", size = 1 })
  s:wait "5s"
  s:fault(cell, { kind = "repair", input = "reach_in" })
  s:wait "1m30s"
  s:attack(burst)
  if not s:wait_for(contained, "2m") then
    s:hint { zh = "控制器里的程序和归档的一样吗？光幕还够远吗？", en = "Is the program the archived one? Is the curtain still far enough?" }
  end
  if s:wait_until(all { cell.rpm :below(13000), cell.last_part_scrap :below(0.5) }, "4m") then
    s:say { zh = "单元恢复。请核对程序与配方并写出情况报告。", en = "The cell is back. Check program and recipe and write it up." }
  else
    s:say { zh = "单元停产，人员撤出车间。", en = "The cell stands. Everybody leaves the shop." }
  end
end)
