scenario "exclusive" {
  title  = { zh = "互相排斥的目标", en = "Objectives that exclude each other" }, sector = "water", length = "5m",
}
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2" }
local works   = plant   "works"   { model = "water-dosing" }
local rtu     = machine "rtu1" { image = "rtu", at = { control ".11" }, field = works,
  points = { { ioa = 4001, type = "C_SE_NC_1", tag = "dose_mg_l" } } }
local red     = machine "jump" { image = "attacker", at = { control ".66" }, hidden = true }
local raise = attack "raise" {
  technique = "T0836", from = red, to = rtu, action = iec104.setpoint { ioa = 4001, value = 11100 },
}
objective "quiet" {
  says = { zh = "不报告", en = "Say nothing" }, points = 10, met_by = never(reported(raise)),
}
objective "told" {
  says = { zh = "报告", en = "Report" }, points = 10, met_by = reported(raise),
}
story(function (s)
  s:attack(raise)
  s:wait "1m"
end)
