scenario "zones" {
  title  = { zh = "分区与镜像", en = "Zones and a mirror" },
  sector = "water", length = "30m", resets = 3,
}
local it      = network "it"      { cidr = "10.20.4.0/24", zone = "L4" }
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2" }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" } }
local wall    = machine "wall1"   {
  image = "firewall", at = { it ".254", control ".254" },
  forward = { "allow it control tcp 502 from 10.20.4.66" }, accounts = { "ops:summer24" },
}
local red     = machine "red"     { image = "attacker", at = { it ".66" }, hidden = true }
local hmi     = machine "hmi1"    { image = "hmi", at = { control ".21" } }
local mid     = machine "mid1"    { image = "attacker", at = { control ".67" }, hidden = true, spoof = true }
machine "eye1" { image = "sensor", at = { it ".50" }, mirror = { control }, masters = { plc } }

local raise = attack "raise" {
  technique = "T0836", from = red, to = plc,
  action = modbus.write { unit = 1, holding = 40, value = 11100 },
}
attack "stand" {
  technique = "T0830", from = mid,
  action = aitm.stand { between = { plc, hmi }, replay = "2s", over = "5m" },
}
objective "unharmed" {
  says = { zh = "没有入侵写入", en = "Nobody writes" }, points = 10,
  fades_to = 0, over = "1m", since = raise, met_by = isolated(red),
}
story(function (s)
  s:wait "30m"
end)
