scenario "reactor-triton" {
  title   = { zh = "反应器安全仪表被改写、压力失去最后一道防线", en = "A reactor loses its safety system and then its pressure" },
  sector  = "petrochemical", mode = "drill", length = "20m", resets = 2,
  rules   = { "CAC-REPORT-2025", "CQ-DRAFT-2020", "SAFETY-2007", "SAFETY-EM-2019" },
  classes = { "cii", "level3", "high_hazard" }, region = "CN-CQ",
}

-- A petrochemical unit: the controller, and beside it the safety system, whose key somebody left
-- at REMOTE after the last work on it.
local it      = network "it"      { cidr = "10.60.4.0/24",  zone = "L4" }
local dmz     = network "dmz"     { cidr = "10.60.35.0/24", zone = "L3.5" }
local ops     = network "ops"     { cidr = "10.60.3.0/24",  zone = "L3" }
local control = network "control" { cidr = "10.60.2.0/24",  zone = "L2" }
local reactor = plant   "reactor" { model = "te-reactor" }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = reactor, program = "files/reactor.st",
  password = "Valve7", scan = "100ms" }
local sis     = machine "sis1"    { image = "sis", at = { control ".12" }, field = reactor, program = "files/trip.st",
  senses = { "pt_101_a", "pt_101_b", "pt_101_c" }, trips = { "e_stop" }, key = "remote" }
local hmi     = machine "hmi1"    { image = "hmi", at = { control ".21" }, serves = plc,
  controls = {
    { holding = 0, scale = 0.01, unit = "kmol/h", high = 300, says = { zh = "产量设定", en = "Product set-point" } },
    { holding = 1, scale = 0.001, high = 1, says = { zh = "放空 A 含量设定", en = "Share of A in the purge" } },
    { holding = 2, scale = 0.1, unit = "kPa", high = 3000, says = { zh = "压力设定", en = "Pressure set-point" } },
    { holding = 3, scale = 0.1, unit = "kPa", high = 3000, says = { zh = "高压限产设定", en = "Override pressure" } },
    { holding = 4, scale = 0.01, unit = "%", high = 100, says = { zh = "液位设定", en = "Level set-point" } },
    { coil = 1, says = { zh = "紧急停车", en = "Emergency stop" } },
    { coil = 2, says = { zh = "报警确认", en = "Alarms seen" } },
  },
}
machine "noise1" { image = "noise",     at = { control ".40" }, serves = plc, pace = "2s" }
machine "hist1"  { image = "historian", at = { dmz ".30" },     serves = plc, pace = "2s" }
machine "eye1"   { image = "sensor",    at = { ops ".50" },     mirror = { control }, masters = { hmi } }
machine "wall1"  {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", control ".254" },
  forward = { "allow dmz control tcp 502 from 10.60.35.30", "allow ops dmz tcp 80" },
  accounts = { "ops:Reactor-4" },
}
-- The host that a phished account opened, and the engineering station of the safety system.
local mail    = machine "mail1"   { image = "attacker", at = { it ".66", dmz ".66" }, hidden = true }
local red     = machine "jump"    { image = "attacker", at = { ops ".66", control ".66" }, hidden = true, spoof = true }

-- TRITON: find the safety system, read what mode it is in, load a logic that never trips; freeze
-- what the operator sees. Then the process: by hand, feeds up, ways out shut.
local sweep = attack "sweep" {
  technique = "T0846", from = mail, action = modbus.scan { network = dmz },
}
local mode = attack "read-key" {
  technique = "T0868", from = red, to = sis, action = engineering.status {},
}
local upload = attack "identify-trip" {
  technique = "T0861", from = red, to = sis, action = modbus.read { unit = 1, holding = 80, count = 4 },
}
local blind = attack "blind-safety" {
  technique = "T0821", from = red, to = sis,
  action = engineering.patch { password = "1111", find = "S1 := vote.Q", replace = "S1 := FALSE" },
}
local freeze = attack "freeze-view" {
  technique = "T0832", from = red, action = aitm.stand { between = { plc, hmi }, replay = "12s", over = "20m" },
}
local function write(name, technique, holding, value)
  return attack(name) { technique = technique, from = red, to = plc,
    action = modbus.write { unit = 1, holding = holding, value = value } }
end
local feeds   = write("feeds-up", "T0836", 10, 5200)
local purge   = write("purge-shut", "T0836", 12, 0)
local product = write("product-shut", "T0836", 13, 2500)
local hand = attack "valves-by-hand" {
  technique = "T0831", from = red, to = plc, action = modbus.write { unit = 1, coil = 0, value = 1 },
}

objective "detected" {
  says = { zh = "核对作业票，认定安全仪表被擅自改动", en = "Check the permit and find that nobody may change the safety system" },
  points = 60, fades_to = 10, over = "5m", since = hand, met_by = answered "Is it work that was permitted?",
}
local contained = objective "contained" {
  says = { zh = "切断工程师站", en = "Cut off the engineering station" },
  points = 120, fades_to = 30, over = "8m", since = hand, met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "工程师站已切断，压力回到 2800 kPa 以下", en = "Station cut off and pressure below 2800 kPa" },
  points = 100, fades_to = 20, over = "10m", since = hand,
  met_by = all { isolated(red), reactor.pressure_kpa :below(2800) },
}
objective "reported" {
  says = { zh = "研判定级并报告区县主管部门", en = "Grade it and report to the county department" },
  points = 80, fades_to = 20, over = "10m", since = hand, met_by = answered "Report to the county department",
}
objective "below-trip" {
  says = { zh = "压力始终低于联锁值（2950 kPa）", en = "Keep the pressure below the trip (2950 kPa)" },
  points = 80, met_by = never(reactor.pressure_kpa :above(2950) :for_ "1s"),
}
objective "vessel-whole" {
  says = { zh = "任何时候反应器不超压破裂（3200 kPa）", en = "Never let the vessel rupture (3200 kPa)" },
  points = 240, met_by = never(reactor.ruptured :above(0.5)),
}
playbook "response" { file = "sis-bypass.json", starts_on = any { alarm(reactor), reported(blind) } }

story(function (s)
  s:say { zh = "装置 2700 kPa 平稳生产，安全仪表昨日检修后投用。", en = "Steady at 2700 kPa. The safety system is back after yesterday's work." }
  s:pace("20s", "40s")
  s:attack(sweep)
  s:pace("20s", "40s")
  s:attack(mode)
  s:attack(upload)
  s:pace("20s", "40s")
  s:attack(blind)
  s:attack(freeze)
  s:pace("20s", "40s")
  s:attack(purge)
  s:attack(product)
  s:attack(feeds)
  s:wait "5s"
  s:attack(hand)
  if not s:wait_for(contained, "5m") then
    s:hint { zh = "安全仪表的钥匙在什么位置？逻辑校验和与备份一致吗？", en = "Where is the key of the safety system? Does its checksum agree with the copy?" }
  end
  if s:wait_until(reactor:level() :at_most(2), "5m") then
    s:say { zh = "压力受控。逐项验证联锁后方可恢复，请写出情况报告。", en = "Pressure is in hand. Prove every trip before going on, and write it up." }
  else
    s:say { zh = "压力仍未受控，全厂撤离。", en = "The pressure is not in hand. The site is evacuated." }
  end
end)
