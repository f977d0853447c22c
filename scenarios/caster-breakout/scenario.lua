scenario "caster-breakout" {
  title   = { zh = "连铸机提速减水、热电偶读数被冻结", en = "A caster sped up behind frozen thermocouples" },
  sector  = "steel", mode = "drill", length = "20m", resets = 2,
  rules   = { "CAC-REPORT-2025", "CQ-DRAFT-2020", "SAFETY-2007" },
  classes = { "level3", "high_hazard" }, region = "CN-CQ",
}

-- A steel works: one strand is casting, the next heat is on its way.
local it      = network "it"      { cidr = "10.50.4.0/24",  zone = "L4" }
local dmz     = network "dmz"     { cidr = "10.50.35.0/24", zone = "L3.5" }
local ops     = network "ops"     { cidr = "10.50.3.0/24",  zone = "L3" }
local control = network "control" { cidr = "10.50.2.0/24",  zone = "L2" }
local strand  = plant   "strand"  { model = "caster" }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = strand, program = "files/caster.st" }
local hmi     = machine "hmi1"    { image = "hmi",       at = { control ".21" }, serves = plc,
  controls = {
    { holding = 0, scale = 0.1, offset = 10000, unit = "mm", low = -50, high = 50, says = { zh = "液位设定", en = "Mould level set-point" } },
    { holding = 1, scale = 0.001, unit = "m/min", high = 5, says = { zh = "拉速设定", en = "Casting speed" } },
    { holding = 2, unit = "l/min", high = 12000, says = { zh = "冷却水量设定", en = "Cooling water" } },
    { holding = 3, scale = 0.01, unit = "mm", high = 50, says = { zh = "漏钢预报阈值", en = "Threshold of the breakout detection" } },
    { holding = 7, high = 1, says = { zh = "热电偶读数保持（0 不保持）", en = "Thermocouples held (0: they read)" } },
    { coil = 0, says = { zh = "事故闸板", en = "Emergency gate" } },
    { coil = 1, says = { zh = "停浇", en = "Stop casting" } },
    { coil = 2, says = { zh = "跳闸复位", en = "Reset of the trip" } },
  },
}
machine "noise1" { image = "noise",     at = { control ".40" }, serves = plc, pace = "2s" }
machine "hist1"  { image = "historian", at = { dmz ".30" },     serves = plc, pace = "2s" }
machine "eye1"   { image = "sensor",    at = { ops ".50" },     mirror = { control }, masters = { hmi } }
machine "wall1"  {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", control ".254" },
  forward = { "allow dmz control tcp 502 from 10.50.35.30", "allow ops dmz tcp 80" },
  accounts = { "ops:Strand-1" },
}
-- A mail computer that sees the DMZ, and the laptop that a contractor plugs in at the caster.
local mail    = machine "mail1"   { image = "attacker", at = { it ".66", dmz ".66" }, hidden = true }
local red     = machine "jump"    { image = "attacker", at = { ops ".66", control ".66" }, hidden = true,
  spoof = true }

local function write(name, technique, holding, value)
  return attack(name) { technique = technique, from = red, to = plc,
    action = modbus.write { unit = 1, holding = holding, value = value } }
end
local sweep = attack "sweep" {
  technique = "T0846", from = mail, action = modbus.scan { network = dmz },
}
local listen = attack "watch-process" {
  technique = "T0801", from = red, to = plc, action = modbus.read { unit = 1, input = 0, count = 7 },
}
-- The station sees an old minute again and again; what it orders still arrives.
local middle = attack "replay-view" {
  technique = "T0856", from = red,
  action = aitm.stand { between = { plc, hmi }, replay = "24s", over = "25m" },
}
-- And the breakout detection in the controller goes by thermocouples that nobody changes.
local freeze = write("freeze-thermocouples", "T0835", 7, 1)
-- Each value alone is one that an operator might set.
local water1 = write("less-water", "T0836", 2, 6500)
local speed1 = write("more-speed", "T0836", 1, 1500)
local water2 = write("least-water", "T0831", 2, 5600)
local speed2 = write("most-speed", "T0831", 1, 2000)

objective "detected" {
  says = { zh = "说清画面哪里不对", en = "Say what is wrong with the view" },
  points = 60, fades_to = 10, over = "4m", since = water2, met_by = answered "Say what is wrong with the view",
}
local contained = objective "contained" {
  says = { zh = "切断外来笔记本", en = "Cut off the laptop that does not belong there" },
  points = 120, fades_to = 30, over = "8m", since = water2, met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "已切断，坯壳厚度回到 14 毫米以上", en = "Cut off, and the shell thicker than 14 mm again" },
  points = 100, fades_to = 20, over = "8m", since = water2,
  met_by = all { isolated(red), strand.shell_mm :above(14) },
}
objective "reported" {
  says = { zh = "研判定级并报告区县主管部门", en = "Grade it and report to the county department" },
  points = 80, fades_to = 20, over = "10m", since = water2, met_by = answered "Report to the county department",
}
objective "no-breakout" {
  says = { zh = "任何时候不漏钢", en = "No breakout at any time" },
  points = 240, met_by = never(strand.breakout :above(0.5)),
}
playbook "response" { file = "loss-of-view.json", starts_on = any { alarm(strand), reported(middle), reported(freeze) } }

story(function (s)
  s:say { zh = "第 3 炉开浇，拉速 1.2 米/分，冷却水 8000 升/分。", en = "Heat 3 is casting: 1.2 m/min, 8000 l/min of water." }
  s:wait "30s"
  s:attack(sweep)
  s:pace("10s", "30s")
  s:attack(listen)
  s:wait "20s"
  s:attack(middle)
  s:wait "40s" -- so that it has something to show
  s:attack(freeze)
  s:wait "20s"
  s:attack(water1)
  s:wait "20s"
  s:attack(speed1)
  s:wait "40s"
  s:attack(water2)
  s:say { zh = "现场电话：结晶器下口发红，画面上坯壳仍是 16 毫米。",
          en = "A call from the floor: the strand glows below the mould. The screen still says 16 mm." }
  s:wait "2m"
  s:attack(speed2)
  if not s:wait_for(contained, "5m") then
    s:hint { zh = "拉速提高、水量减少，坯壳读数为何一动不动？", en = "More speed, less water: why does the shell not move?" }
  end
  if s:wait_until(all { strand.breakout :below(0.5), strand.shell_mm :above(14) }, "3m") then
    s:say { zh = "坯壳恢复。请核对全部参数并写出情况报告。", en = "The shell is back. Check every parameter and write it up." }
  else
    s:say { zh = "二冷区漏钢，人员撤离，停浇。", en = "Breakout in the spray chamber. Everybody out, casting stops." }
  end
end)
