scenario "outstation" {
  title  = { zh = "远动终端遭控", en = "An outstation commanded from outside" },
  sector = "water", length = "10m",
}
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2" }
local works   = plant   "works"   { model = "water-dosing", time_scale = 1 }
local red     = machine "red"     { image = "attacker", at = { control ".66" }, hidden = true }
local rtu     = machine "rtu1"    { image = "rtu", at = { control ".11" }, field = works, station = 5,
  points = {
    { ioa = 2001, type = "M_ME_TF_1", tag = works.naoh_mg_l, deadband = 5 },
    { ioa = 3001, type = "C_DC_NA_1", tag = "dosing_pump", select = "10s" },
    { ioa = 4001, type = "C_SE_NC_1", tag = "dose_mg_l" },
  },
}
machine "hist1" { image = "historian", at = { control ".30" }, serves = rtu }
machine "hmi1"  { image = "hmi", at = { control ".21" }, serves = rtu }
machine "noise1" { image = "noise", at = { control ".40" }, serves = rtu }
machine "eye1"  { image = "sensor", at = { control ".50" }, masters = { rtu } }

local look  = attack "look"  { technique = "T0861", from = red, to = rtu, action = iec104.interrogate { station = 5 } }
local raise = attack "raise" { technique = "T0836", from = red, to = rtu, action = iec104.setpoint { station = 5, ioa = 4001, value = 11100 } }
local shy   = attack "shy"   { technique = "T0855", from = red, to = rtu, action = iec104.command { station = 5, type = "C_DC_NA_1", ioa = 3001, value = 1 } }
local trip  = attack "trip"  { technique = "T0855", from = red, to = rtu, action = iec104.operate { station = 5, type = "C_DC_NA_1", ioa = 3001, value = 1 } }
objective "in-spec" {
  says = { zh = "浓度合格", en = "Within specification" },
  points = 10, met_by = never(works.naoh_mg_l :above(200) :for_ "5s"),
}

story(function (s)
  s:wait "5s"
  s:attack(look)
  s:wait "5s"
  s:attack(shy)
  s:wait "5s"
  s:attack(raise)
  s:wait "3m"
  s:attack(trip)
end)
