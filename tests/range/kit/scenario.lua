scenario "kit" {
  title  = { zh = "攻击动作与其迹象", en = "Every attack and what is to be seen of it" },
  sector = "water", length = "30m",
}
-- An attack's name begins with its family in model/kit.c. Each pair of attacker, target and protocol
-- belongs to one family first: what the sensor tells once of a pair is then that family's.
local it      = network "it"      { cidr = "10.20.4.0/24", zone = "L4" }
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2", capture = true }
local a       = plant "a" { model = "water-dosing", time_scale = 60 }
local b       = plant "b" { model = "water-dosing", time_scale = 60 }
local c       = plant "c" { model = "water-dosing", time_scale = 60 }
local d       = plant "d" { model = "te-reactor" }
local plc1    = machine "plc1"  { image = "plc", at = { control ".11" }, field = a, program = "files/dosing.st" }
local plc2    = machine "plc2"  { image = "plc", at = { control ".12" }, field = b, program = "files/dosing.st" }
local sis1    = machine "sis1"  { image = "sis", at = { control ".13" }, field = d, program = "files/sis.st",
  senses = { "pt_101_a", "pt_101_b", "pt_101_c" }, trips = { "e_stop" }, key = "remote" }
local rtu1    = machine "rtu1"  { image = "rtu", at = { control ".14" }, field = c, station = 5, points = {
  { ioa = 2001, type = "M_ME_TF_1", tag = c.naoh_mg_l, deadband = 5 },
  { ioa = 3001, type = "C_DC_NA_1", tag = "dosing_pump" },
  { ioa = 4001, type = "C_SE_NC_1", tag = "dose_mg_l" },
} }
local hmi1    = machine "hmi1"  { image = "hmi", at = { control ".21" }, serves = plc1 }
local hist1   = machine "hist1" { image = "historian", at = { control ".30" }, serves = plc1, pace = "1s" }
local broker1 = machine "broker1" {
  image = "broker", at = { control ".40" }, accounts = { "platform:Pl4tform", "dev:dev123" },
  topics = { "platform readwrite fleet/#", "dev readwrite fleet/#" },
}
local red     = machine "red"   { image = "attacker", at = { control ".66" }, hidden = true, spoof = true }
machine "eye1" { image = "sensor", at = { it ".50" }, mirror = { control }, masters = { hmi1 }, learn = "5s" }

local story_of = {}
-- `rest`: seconds that it goes on for; `undo`: then it is taken back.
local function try(name, technique, to, action, rest, undo)
  local one = attack(name) { technique = technique, from = red, to = to, action = action }
  story_of[#story_of + 1] = { attack = one, rest = rest, undo = undo }
end
local user, password = "dev", "dev123"

try("read-all", "T0861", plc1, modbus.read { holding = 0, count = 100 })
try("read-all-beyond", "T0861", plc1, modbus.read { holding = 65000, count = 100 })
try("brute-force-io", "T0806", plc1, modbus.toggle { coil = 1, every = "250ms", over = "5s" }, "6s", true)
try("brute-force-io-any", "T0806", plc1, modbus.fuzz { holding = 50, count = 4, every = "100ms", over = "1s" })
try("block-sessions", "T0804", rtu1, iec104.block { span = "2s" })
try("block", "T0803", nil, aitm.stand { between = { plc1, hmi1 }, drop = "all", over = "1m" }, "3s", true)
try("single-write-topic", "T0855", broker1, mqtt.publish { user = user, password = password,
  topic = "fleet/A/command", text = "open" })
try("single-write-replay", "T0855", broker1, mqtt.replay { user = user, password = password,
  topic = "fleet/+/command", span = "5s" })
try("single-write-set", "T0836", rtu1, iec104.setpoint { station = 5, ioa = 4001, value = 900 })
try("single-write-order", "T0855", rtu1, iec104.command { station = 5, type = "C_DC_NA_1", ioa = 3001, value = 2 })
try("single-write-operate", "T0855", rtu1, iec104.operate { station = 5, type = "C_DC_NA_1", ioa = 3001, value = 2 })
try("single-write", "T0836", plc1, modbus.write { holding = 40, value = 200 })
try("read-all-points", "T0802", rtu1, iec104.interrogate { station = 5 })
try("read-all-topics", "T0842", broker1, mqtt.listen { user = user, password = password,
  topic = "fleet/#", span = "500ms" })
try("sweep-points", "T0888", rtu1, iec104.sweep { station = 5, first = 2001, last = 2004 })
try("drift", "T0836", rtu1, modbus.ramp { holding = 0, to = 2000, over = "5s", steps = 10 }, "6s")
try("alarm", "T0878", plc2, modbus.hold { holding = 41, value = 65535, every = "500ms", over = "3s" })
try("alarm-dose", "T0836", plc2, modbus.write { holding = 40, value = 11100 }, "3s")
try("alarm-word", "T0861", plc2, modbus.read { holding = 95 })
try("logic", "T0843", plc1, engineering.patch { password = "1111", find = "LIMIT(0, dose_set, 20000)",
  replace = "LIMIT(0, dose_set, 50)" })
try("logic-login", "T0859", plc1, engineering.login { password = "1111" })
try("logic-mode", "T0858", plc1, engineering.mode { password = "1111", mode = "remote" })
-- A demand, as if the pressure were too high: the one transmitter that still votes reads low, and
-- nothing trips until the bypass is gone.
try("safety", "T0880", sis1, safety.bypass { word = 80, value = 3 })
try("safety-demand", "T0838", sis1, modbus.write { holding = 82, value = 20000 }, "2s")
try("safety-gone", "T0836", sis1, modbus.write { holding = 80, value = 0 }, "2s")
try("middle", "T0830", nil, aitm.stand { between = { plc1, hmi1 }, replay = "1s", over = "1m" }, "5s", true)
try("flood", "T0814", plc1, modbus.flood { rate = 100, over = "2s" }, "3s", true)
try("flood-points", "T0814", rtu1, iec104.flood { station = 5, count = 50 })
try("restart-old", "T0861", plc1, modbus.read { holding = 97 })
try("restart", "T0816", plc1, modbus.restart {}, "1s")
try("restart-beat", "T0861", plc1, modbus.read { holding = 97 })
try("restart-points", "T0816", rtu1, iec104.reset { station = 5 })
try("restart-stop", "T0881", plc2, engineering.stop {}, "2s", true)
try("wipe-fetch", "T0882", hist1, station.fetch {})
try("wipe-stop", "T0881", hist1, station.stop {}, nil, true)
try("wipe", "T0809", hist1, station.wipe {})
try("wipe-rest", "T0882", hist1, station.fetch {})
try("firmware", "T0800", sis1, engineering.boot {})
try("firmware-rest", "T0861", sis1, modbus.read { holding = 97 })
try("credentials", "T0812", hmi1, station.guess { words = { "root", "admin" } })
try("credentials-guess", "T0812", plc2, engineering.guess { words = { "admin", "0000", "1111" } })
try("credentials-lock", "T0892", plc2, engineering.lock { password = "1111", new = "mine" })
try("sweep-status", "T0888", plc1, engineering.status {})
try("sweep", "T0846", nil, modbus.scan { network = control })

objective "seen" {
  says = { zh = "看见攻击", en = "See the attacks" }, points = 10, met_by = isolated(red),
}
story(function (s)
  s:fault(d, { tag = "pt_101_c", kind = "bias", size = -900 })
  s:wait "6s"
  for _, one in ipairs(story_of) do
    s:attack(one.attack)
    if one.rest then s:wait(one.rest) end
    if one.undo then s:undo(one.attack) end
  end
end)
