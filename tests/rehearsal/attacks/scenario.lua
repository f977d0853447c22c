scenario "attacks" {
  title  = { zh = "攻击动作逐一演示", en = "One attack after the other" },
  sector = "water", length = "30m",
}
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2" }
local works   = plant   "works"   { model = "water-dosing", time_scale = 1 }
local plc     = machine "plc1"    { image = "plc", at = { control ".11" }, field = works, program = "files/dosing.st" }
local hmi     = machine "hmi1"    { image = "hmi", at = { control ".21" }, serves = plc }
local hist    = machine "hist1"   { image = "historian", at = { control ".30" }, serves = plc }
local red     = machine "red"     { image = "attacker", at = { control ".66" }, hidden = true, spoof = true }

local look = attack "look" {
  technique = "T0861", from = red, to = plc, produces = { "points" },
  action = modbus.read { holding = 40, count = 4 },
}
local blind = attack "blind" {
  technique = "T0836", from = red, to = plc, needs = { "points", "password" },
  action = modbus.write { holding = 40, value = 1 },
}
local guess = attack "guess" {
  technique = "T0812", from = red, to = plc, produces = { "password" },
  action = engineering.guess { words = { "admin", "0000", "1111" } },
}
local creep = attack "creep" {
  technique = "T0836", from = red, to = plc, needs = { "points" },
  action = modbus.ramp { holding = 40, to = 11100, over = "60s", steps = 30 },
}
local step = attack "step" {
  technique = "T0836", from = red, to = plc,
  action = modbus.write { holding = 40, value = 11100 },
}
local chatter = attack "chatter" {
  technique = "T0806", from = red, to = plc,
  action = modbus.toggle { coil = 1, every = "1s", over = "20s" },
}
local fuzz = attack "fuzz" {
  technique = "T0806", from = red, to = plc,
  action = modbus.fuzz { holding = 50, count = 4, every = "1s", over = "10s" },
}
local numb = attack "numb" {
  technique = "T0878", from = red, to = plc,
  action = modbus.hold { holding = 41, value = 65535, every = "1s", over = "2m" },
}
local flood = attack "flood" {
  technique = "T0814", from = red, to = plc, action = modbus.flood { rate = 50, over = "5s" },
}
local halt = attack "halt" {
  technique = "T0881", from = red, to = plc, needs = { "password" }, action = engineering.stop {},
}
local again = attack "again" { technique = "T0816", from = red, to = plc, action = modbus.restart {} }
local boot = attack "boot" { technique = "T0800", from = red, to = plc, action = engineering.boot {} }
local after = attack "after" {
  technique = "T0861", from = red, to = plc, action = modbus.read { holding = 40 },
}
local knock = attack "knock" {
  technique = "T0812", from = red, to = hist, action = station.guess { words = { "root", "admin" } },
}
local loot = attack "loot" { technique = "T0882", from = red, to = hist, action = station.fetch {} }
local mute = attack "mute" { technique = "T0881", from = red, to = hist, action = station.stop {} }
local wipe = attack "wipe" { technique = "T0809", from = red, to = hist, action = station.wipe {} }
local rob = attack "rob" { technique = "T0882", from = red, to = hist, action = station.fetch {} }
local middle = attack "middle" {
  technique = "T0830", from = red,
  action = aitm.stand { between = { plc, hmi }, replay = "10s", over = "5m" },
}
local deaf = attack "deaf" {
  technique = "T0803", from = red,
  action = aitm.stand { between = { plc, hmi }, drop = "commands", over = "5m" },
}
objective "in-spec" {
  says = { zh = "浓度合格", en = "Within specification" },
  points = 10, met_by = never(works.naoh_mg_l :above(200) :for_ "5s"),
}

story(function (s)
  s:wait "5s"
  s:attack(look)
  s:attack(blind) -- nobody knows the password yet
  s:attack(guess)
  s:pace("5s", "20s")
  s:attack(creep)
  s:wait "3m"
  s:undo(creep)
  s:wait "30s"
  s:attack(step)
  s:undo(step)
  s:attack(chatter)
  s:wait "10s"
  s:undo(chatter)
  s:attack(fuzz)
  s:wait "15s" -- it is over by then
  s:undo(fuzz)
  s:attack(numb)
  s:attack(flood)
  s:wait "10s"
  s:undo(flood)
  s:undo(numb)
  s:undo(numb) -- there is nothing left to take back
  s:attack(loot)
  s:attack(knock)
  s:attack(mute)
  s:undo(mute)
  s:attack(wipe)
  s:attack(rob) -- there is nothing left
  s:attack(again)
  s:attack(halt)
  s:wait "5s"
  s:undo(halt)
  s:attack(boot)
  s:attack(after) -- it answers nothing any more
  s:undo(boot)
  s:attack(deaf)
  s:wait "10s"
  s:undo(deaf)
  s:wait "10s"
  s:attack(middle)
end)
