scenario "safety" {
  title  = { zh = "安全仪表与控制器同接一套装置", en = "A safety system beside its controller" },
  sector = "petrochemical", length = "20m",
}
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2", capture = true }
local red     = machine "red" { image = "attacker", at = { control ".66" }, hidden = true }
local pressure = { "pt_101_a", "pt_101_b", "pt_101_c" }

-- The first works is guarded: the key of its safety system stands at RUN.
local guarded = plant "guarded" { model = "te-reactor", time_scale = 2 }
local plc1 = machine "plc1" { image = "plc", at = { control ".11" }, field = guarded, program = "files/valves.st",
  password = "Valve7", scan = "50ms" }
local sis1 = machine "sis1" { image = "sis", at = { control ".12" }, field = guarded, program = "files/trip.st",
  senses = pressure, trips = { "e_stop" } }

-- In the second somebody left it at REMOTE, and its logic can be loaded.
local open = plant "open" { model = "te-reactor", time_scale = 2 }
local plc2 = machine "plc2" { image = "plc", at = { control ".21" }, field = open, program = "files/valves.st" }
local sis2 = machine "sis2" { image = "sis", at = { control ".22" }, field = open, program = "files/trip.st",
  senses = pressure, trips = { "e_stop" }, key = "remote" }

-- An outstation beside them, so that its protocol is on the wire too.
local water = plant "water" { model = "water-dosing" }
local rtu1 = machine "rtu1" { image = "rtu", at = { control ".41" }, field = water, station = 5,
  points = { { ioa = 2001, type = "M_ME_TF_1", tag = water.naoh_mg_l } } }
local look = attack "look" { technique = "T0861", from = red, to = rtu1, action = iec104.interrogate { station = 5 } }
machine "hist1" { image = "historian", at = { control ".30" }, serves = sis1, pace = "500ms" }
machine "eye1"  { image = "sensor", at = { control ".50" }, learn = "5s" }

local function write(name, to, holding, value)
  return attack(name) { technique = "T0836", from = red, to = to,
    action = modbus.write { unit = 1, holding = holding, value = value } }
end
local function patch(name, to)
  return attack(name) { technique = "T0843", from = red, to = to,
    action = engineering.patch { password = "1111", find = "S1 := vote.Q", replace = "S1 := FALSE" } }
end
local limit1, logic1, logic2 = write("limit-1", sis1, 82, 65535), patch("logic-1", sis1), patch("logic-2", sis2)
local feeds1, purge1, product1 = write("feeds-1", plc1, 10, 10000), write("purge-1", plc1, 12, 0), write("product-1", plc1, 13, 0)
local feeds2, purge2, product2 = write("feeds-2", plc2, 10, 10000), write("purge-2", plc2, 12, 0), write("product-2", plc2, 13, 0)

objective "guarded-holds" {
  says = { zh = "受保护的装置不超压", en = "The guarded works stays below 3000 kPa" },
  points = 10, met_by = never(guarded.pressure_kpa :above(3000) :for_ "1s"),
}
objective "open-holds" {
  says = { zh = "未受保护的装置不超压", en = "The other works stays below 3000 kPa" },
  points = 100, met_by = never(open.pressure_kpa :above(3000) :for_ "1s"),
}

story(function (s)
  -- One of its three transmitters sticks: the other two still trip the works.
  s:fault(guarded, { tag = "pt_101_a", kind = "stuck" })
  s:wait "20s"
  s:attack(limit1)
  s:attack(logic1)
  -- What an attacker does whose link may be slow: again, until it is done.
  for _, one in ipairs { logic2, feeds1, purge1, product1, feeds2, purge2, product2, look } do
    for _ = 1, 2 do
      s:attack(one)
    end
  end
  s:wait "4m"
end)
