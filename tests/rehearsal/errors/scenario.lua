-- Sound as it stands; tests/rehearsal/scenarios.c changes a line of it to plant a mistake.
scenario "errors" {
  title  = { zh = "一处设计错误", en = "One mistake of design" }, sector = "water", length = "5m",
}
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2" }
local works   = plant   "works"   { model = "water-dosing" }
local rtu     = machine "rtu1" { image = "rtu", at = { control ".11" }, field = works,
  points = { { ioa = 4001, type = "C_SE_NC_1", tag = "dose_mg_l" } } }
local red     = machine "jump" { image = "attacker", at = { control ".66" }, hidden = true }
local raise = attack "raise" {
  technique = "T0836", from = red, to = rtu, action = iec104.setpoint { ioa = 4001, value = 11100 },
}
objective "safe" {
  says = { zh = "不超标", en = "Within specification" }, points = 10,
  met_by = never(works.naoh_mg_l :above(15000)),
}
story(function (s)
  s:attack(raise)
  s:wait "1m"
end)
