scenario "grid-blackout" {
  title   = { zh = "变电站遭远控分闸与黑启动", en = "A substation opened from outside, and its black start" },
  sector  = "power", mode = "drill", length = "15m", resets = 2,
  rules   = { "CAC-REPORT-2025", "CQ-DRAFT-2020", "CII-2021" },
  classes = { "cii", "level3" }, region = "CN-CQ",
}

-- A 110/10 kV substation with two transformers and six feeders: the first feeds a hospital, the
-- second the water works. Its outstation speaks IEC 60870-5-104.
local it      = network "it"      { cidr = "10.40.4.0/24",  zone = "L4" }
local dmz     = network "dmz"     { cidr = "10.40.35.0/24", zone = "L3.5" }
local ops     = network "ops"     { cidr = "10.40.3.0/24",  zone = "L3" }
local control = network "control" { cidr = "10.40.2.0/24",  zone = "L2" }
local grid    = plant   "grid"    { model = "grid-feeder" }
local rtu     = machine "rtu1"    { image = "rtu", at = { control ".11" }, field = grid, station = 7,
  points = {
    { ioa = 1001, type = "M_DP_TB_1", tag = grid.q1_closed },  { ioa = 1002, type = "M_DP_TB_1", tag = grid.q2_closed },
    { ioa = 1003, type = "M_DP_TB_1", tag = grid.q3_closed },  { ioa = 1004, type = "M_DP_TB_1", tag = grid.q4_closed },
    { ioa = 1005, type = "M_DP_TB_1", tag = grid.q5_closed },  { ioa = 1006, type = "M_DP_TB_1", tag = grid.q6_closed },
    { ioa = 1007, type = "M_DP_TB_1", tag = grid.q7_closed },  { ioa = 1008, type = "M_DP_TB_1", tag = grid.q8_closed },
    { ioa = 1009, type = "M_DP_TB_1", tag = grid.q9_closed },  { ioa = 1010, type = "M_DP_TB_1", tag = grid.q10_closed },
    { ioa = 1011, type = "M_DP_TB_1", tag = grid.q11_closed }, { ioa = 1012, type = "M_DP_TB_1", tag = grid.q12_closed },
    { ioa = 2001, type = "M_ME_TF_1", tag = grid.f_hz, deadband = 0.02 },
    { ioa = 2002, type = "M_ME_TF_1", tag = grid.u_a_kv },     { ioa = 2003, type = "M_ME_TF_1", tag = grid.u_b_kv },
    { ioa = 2026, type = "M_ME_TF_1", tag = grid.load_mw },    { ioa = 2031, type = "M_ME_TF_1", tag = grid.served_pct },
    { ioa = 3001, type = "C_DC_NA_1", tag = "q1" },  { ioa = 3002, type = "C_DC_NA_1", tag = "q2" },
    { ioa = 3003, type = "C_DC_NA_1", tag = "q3" },  { ioa = 3004, type = "C_DC_NA_1", tag = "q4" },
    { ioa = 3005, type = "C_DC_NA_1", tag = "q5" },  { ioa = 3006, type = "C_DC_NA_1", tag = "q6" },
    { ioa = 3007, type = "C_DC_NA_1", tag = "q7" },  { ioa = 3008, type = "C_DC_NA_1", tag = "q8" },
    { ioa = 3009, type = "C_DC_NA_1", tag = "q9" },  { ioa = 3010, type = "C_DC_NA_1", tag = "q10" },
    { ioa = 3011, type = "C_DC_NA_1", tag = "q11" }, { ioa = 3012, type = "C_DC_NA_1", tag = "q12" },
    { ioa = 3013, type = "C_SC_NA_1", tag = "ufls_on" },
    { ioa = 4001, type = "C_SE_NC_1", tag = "ufls_1_hz" },     { ioa = 4002, type = "C_SE_NC_1", tag = "ufls_2_hz" },
    { ioa = 4003, type = "C_SE_NC_1", tag = "ufls_3_hz" },     { ioa = 4004, type = "C_SE_NC_1", tag = "ufls_4_hz" },
  },
}
local hmi     = machine "hmi1"    { image = "hmi", at = { control ".21" }, serves = rtu }
-- Frequency and black start are a controller's, beside the relays: the outstation's command of the
-- load reference ends nowhere.
local agc     = machine "agc1"    {
  image = "plc", at = { control ".12" }, field = grid, program = "files/frequency.st",
  senses = { "f_hz", "u_a_kv", "u_b_kv", "generation_mw", "load_mw",
             "q6_closed", "q7_closed", "q8_closed", "q9_closed", "q10_closed", "q11_closed" },
  drives = { "p_ref_pu", "black_start" },
}
local panel   = machine "hmi2"    { image = "hmi", at = { control ".22" }, serves = agc,
  controls = {
    { holding = 0, scale = 0.001, unit = "Hz", low = 45, high = 55, says = { zh = "频率设定", en = "Frequency set-point" } },
    { holding = 1, scale = 0.001, unit = "pu", high = 2, says = { zh = "出力下限", en = "Least generation" } },
    { holding = 2, scale = 0.001, unit = "pu", high = 2, says = { zh = "出力上限", en = "Greatest generation" } },
    { holding = 3, scale = 0.001, unit = "kV", high = 12, says = { zh = "无压定值", en = "No voltage below" } },
    { holding = 4, scale = 0.001, unit = "Hz", low = 45, high = 55, says = { zh = "低频报警值", en = "Low frequency alarm" } },
    { coil = 0, says = { zh = "黑启动命令", en = "Order the black start" } },
  },
}
machine "noise1" { image = "noise",     at = { control ".40" }, serves = rtu, pace = "2s" }
machine "hist1"  { image = "historian", at = { dmz ".30" },     serves = rtu, pace = "2s" }
machine "eye1"   { image = "sensor",    at = { ops ".50" },     mirror = { control }, masters = { hmi, panel } }
machine "wall1"  {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", control ".254" },
  forward = { "allow dmz control tcp 502 from 10.40.35.30", "allow ops control tcp 2404" },
  accounts = { "dispatch:Grid-2015" },
}
-- The VPN host that stolen accounts open, and the operator's station that they lead to.
local vpn     = machine "vpn1"    { image = "attacker", at = { it ".66", dmz ".66" }, hidden = true }
local red     = machine "jump"    { image = "attacker", at = { ops ".66", control ".66" }, hidden = true }

-- What Industroyer2 does: look, take the protection away, open everything. Then what comes back
-- shall not last: no generation for it.
local sweep = attack "sweep" {
  technique = "T0846", from = vpn, action = modbus.scan { network = dmz },
}
local look = attack "interrogate" {
  technique = "T0802", from = red, to = rtu, action = iec104.interrogate { station = 7 },
}
local points = attack "sweep-points" {
  technique = "T0888", from = red, to = rtu, action = iec104.sweep { station = 7, first = 1001, last = 1020 },
}
local unprotect = attack "shedding-off" {
  technique = "T0837", from = red, to = rtu,
  action = iec104.operate { station = 7, type = "C_SC_NA_1", ioa = 3013, value = 0 },
}
local threshold = attack "shedding-limit" {
  technique = "T0836", from = red, to = rtu, action = iec104.setpoint { station = 7, ioa = 4001, value = 40 },
}
local function open(name, ioa)
  return attack(name) { technique = "T0855", from = red, to = rtu,
    action = iec104.operate { station = 7, type = "C_DC_NA_1", ioa = ioa, value = 1 } }
end
local hospital = open("open-hospital", 3006)
local feeders  = { open("open-water", 3007), open("open-feeder-3", 3008), open("open-feeder-4", 3009),
                   open("open-feeder-5", 3010), open("open-feeder-6", 3011) }
local coupler  = open("open-coupler", 3005)
local starve   = attack "generation-ceiling" {
  technique = "T0836", from = red, to = agc, action = modbus.write { unit = 1, holding = 2, value = 100 },
}
local forget   = attack "restart-outstation" {
  technique = "T0816", from = red, to = rtu, action = iec104.reset { station = 7 },
}

objective "detected" {
  says = { zh = "宣布停电事件", en = "Declare the blackout" },
  points = 60, fades_to = 10, over = "4m", since = hospital, met_by = answered "Declare the blackout",
}
local contained = objective "contained" {
  says = { zh = "切断发出分闸命令的主机", en = "Cut off the host that orders the breakers open" },
  points = 120, fades_to = 30, over = "8m", since = hospital, met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "入侵主机已切断，全部用户恢复供电且频率正常",
           en = "Intruder cut off, every customer supplied again and the frequency held" },
  points = 120, fades_to = 20, over = "12m", since = hospital,
  met_by = all { isolated(red), grid.served_pct :above(99), grid.f_hz :above(49.5) },
}
objective "reported" {
  says = { zh = "研判定级并报告区县主管部门", en = "Grade it and report to the county department" },
  points = 80, fades_to = 20, over = "10m", since = hospital, met_by = answered "Report to the county department",
}
objective "hospital-first" {
  says = { zh = "医院停电不超过 5 分钟", en = "No more than 5 minutes without supply at the hospital" },
  points = 140, met_by = never(grid.hospital_out_s :above(300)),
}
objective "machines-whole" {
  says = { zh = "恢复过程中不冲击机组、不崩溃", en = "Nothing struck and nothing collapsed while restoring" },
  points = 80, met_by = all { isolated(red), never(any { grid.damage_index :above(0), grid.area_alive :below(0.5) }) },
}
playbook "response" { file = "grid-blackout.json", starts_on = any { alarm(grid), reported(hospital) } }

story(function (s)
  s:say { zh = "晚高峰，负荷 30 兆瓦，两台主变并列运行。", en = "Evening peak: 30 MW, both transformers in parallel." }
  s:pace("10s", "30s")
  s:attack(sweep)
  s:pace("10s", "30s")
  s:attack(look)
  s:attack(points)
  s:wait "30s"
  s:attack(unprotect)
  s:attack(threshold)
  s:wait "30s"
  s:attack(hospital)
  for _, one in ipairs(feeders) do
    s:wait "2s"
    s:attack(one)
  end
  s:attack(coupler)
  s:attack(starve)
  s:attack(forget)
  s:say { zh = "调度电话响成一片：医院、水厂、居民区全部停电。",
          en = "Every telephone rings: hospital, water works, homes are dark." }
  if not s:wait_for(contained, "4m") then
    s:attack(hospital)
    s:hint { zh = "谁在向 RTU 发 C_DC 命令？先切断它再送电，先送医院。",
             en = "Who sends C_DC to the outstation? Cut it off before closing; the hospital first." }
  end
  if s:wait_until(all { grid.served_pct :above(99), grid.f_hz :above(49.5) }, "6m") then
    s:say { zh = "全部用户恢复供电，频率正常。请核对低频减载定值。",
            en = "Everybody is supplied and the frequency holds. Check the load shedding." }
  else
    s:say { zh = "仍有用户停电，或频率仍低，启动应急发电车。",
            en = "Customers are dark still, or the frequency is low. Mobile generators set out." }
  end
end)
