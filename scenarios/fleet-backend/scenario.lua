scenario "fleet-backend" {
  title   = { zh = "车联网平台指令重放与固件降级", en = "Command replay and firmware downgrade in a vehicle fleet" },
  sector  = "vehicles", mode = "drill", length = "15m", resets = 2,
  rules   = { "CAC-REPORT-2025", "CQ-DRAFT-2020" },
  classes = { "level3" }, region = "CN-CQ",
}

-- A fleet operator: offices, a DMZ with the message broker, the platform, and the cars' own network.
local it       = network "it"       { cidr = "10.90.4.0/24",  zone = "L4" }
local dmz      = network "dmz"      { cidr = "10.90.35.0/24", zone = "L3.5" }
local ops      = network "ops"      { cidr = "10.90.3.0/24",  zone = "L3" }
local vehicles = network "vehicles" { cidr = "10.90.2.0/24",  zone = "L2" }
local fleet    = plant   "fleet"    { model = "vehicle-fleet" }
-- The developers' account may read and write everything: the hole.
local broker   = machine "broker1"  {
  image = "broker", at = { dmz ".30" },
  accounts = { "tbox:Tb0x-Fleet", "platform:Pl4tform", "dev:dev123" },
  topics = {
    "tbox write fleet/+/telemetry", "tbox write fleet/+/reply", "tbox read fleet/+/command",
    "platform readwrite fleet/#", "dev readwrite fleet/#",
  },
}
local tbox     = machine "tbox1"    {
  image = "tbox", at = { vehicles ".11" }, field = fleet, serves = broker,
  accounts = { "tbox:Tb0x-Fleet" }, password = "Fleet-Key-2026", pace = "2s",
}
local platform = machine "backend1" {
  image = "backend", at = { ops ".20" }, serves = broker,
  accounts = { "platform:Pl4tform" }, password = "Fleet-Key-2026",
}
-- Roadside receivers hear the cars themselves, past the broker; the yard's controller there gives
-- each car the way, or takes it. The historian keeps what it hears, the wall of the dispatchers
-- polls it, and their panel calls cars in.
local roadside = machine "roadside1" {
  image = "plc", at = { vehicles ".12" }, field = fleet, program = "files/yard.st",
  senses = { "immobilised_pct", "unsafe_cars", "available_pct", "mean_soc",
             "speed_01", "speed_02", "speed_03", "speed_04", "speed_05", "speed_06",
             "soc_01", "soc_02", "soc_03", "soc_04", "soc_05", "soc_06", "soc_07", "soc_08",
             "soc_09", "soc_10", "soc_11", "soc_12", "soc_13", "soc_14", "soc_15", "soc_16" },
  trips  = { "limit_01", "limit_02", "limit_03", "limit_04", "limit_05", "limit_06", "limit_07", "limit_08",
             "limit_09", "limit_10", "limit_11", "limit_12", "limit_13", "limit_14", "limit_15", "limit_16" },
}
machine "hmi1"   { image = "hmi", at = { vehicles ".21" }, serves = roadside,
  controls = {
    { holding = 0, high = 65535, says = { zh = "召停车辆（第 n 位为第 n+1 辆）", en = "Cars called in (bit n: car n + 1)" } },
    { holding = 1, scale = 0.01, unit = "%", high = 100, says = { zh = "低于此电量停车充电", en = "Stop and charge below" } },
    { holding = 2, scale = 0.01, unit = "%", high = 100, says = { zh = "充到此电量放行", en = "Drive again from" } },
    { coil = 0, says = { zh = "所召车辆靠边停车", en = "The cars called in pull over" } },
  },
}
machine "hist1"  { image = "historian", at = { dmz ".31" }, serves = roadside, pace = "2s" }
machine "noise1" { image = "noise", at = { vehicles ".40" }, serves = roadside, pace = "2s" }
machine "eye1"  { image = "sensor", at = { ops ".50" }, mirror = { dmz }, masters = { platform, tbox } }
machine "wall1" {
  image = "firewall", at = { it ".254", dmz ".254", ops ".254", vehicles ".254" },
  forward = { "allow vehicles dmz tcp 1883", "allow ops dmz tcp 1883", "allow it dmz tcp 1883",
              "allow dmz vehicles tcp 502 from 10.90.35.31", "allow ops dmz tcp 80" },
  accounts = { "ops:RoadTrip7" },
}
-- A developer's workstation, taken over; it knows the developers' account.
local red      = machine "jump"     { image = "attacker", at = { it ".66" }, hidden = true }

local sweep = attack "sweep" {
  technique = "T0846", from = red, action = modbus.scan { network = it },
}
local sniff = attack "sniff" {
  technique = "T0842", from = red, to = broker,
  action = mqtt.listen { user = "dev", password = "dev123", topic = "fleet/#", span = "30s" },
}
local function replay(name, span)
  return attack(name) {
    technique = "T0855", from = red, to = broker,
    action = mqtt.replay { user = "dev", password = "dev123", topic = "fleet/+/command", span = span,
                           having = '"lock","value":"0"' },
  }
end
local try, strike, again = replay("replay-try", "60s"), replay("replay", "80s"), replay("replay-again", "80s")
-- A release that the maker once signed, without the guards of the present one.
local downgrade = {}
for car = 1, 6 do
  downgrade[car] = attack("downgrade-" .. car) {
    technique = "T0857", from = red, to = broker,
    action = mqtt.publish { user = "dev", password = "dev123",
                            topic = ("fleet/LYWFLEET0260000%02d/command"):format(car),
                            text = '{"command":"ota","value":"2.3.1"}' },
  }
end

objective "detected" {
  says = { zh = "发现车辆固件被降级并答复研判", en = "Find that cars were downgraded and say so" },
  points = 60, fades_to = 10, over = "5m", since = downgrade[1], met_by = answered "Assess the alarm",
}
local contained = objective "contained" {
  says = { zh = "切断被控的开发主机", en = "Cut off the developer's workstation" },
  points = 120, fades_to = 30, over = "6m", since = downgrade[1], met_by = isolated(red),
}
objective "recovered" {
  says = { zh = "入侵主机已切断，无车辆遇险，全部车辆可用", en = "Intruder cut off, no car in danger, every car available" },
  points = 80, fades_to = 20, over = "8m", since = downgrade[1],
  met_by = all { isolated(red), fleet.available_pct :above(99), fleet.unsafe_cars :below(0.5) },
}
objective "reported" {
  says = { zh = "提交情况报告", en = "File a report of what happened" },
  points = 60, fades_to = 10, over = "9m", since = downgrade[1], met_by = reported(downgrade[1]),
}
objective "nobody-endangered" {
  says = { zh = "行驶中的车辆始终不受危险指令", en = "Never let a dangerous command reach a car in motion" },
  points = 220, met_by = never(fleet.unsafe_cars :above(0.5) :for_ "2s"),
}
playbook "first-response" { file = "ics-tampering.json", starts_on = any { alarm(fleet), reported(downgrade[1]) } }

story(function (s)
  s:say { zh = "早高峰，十六辆网联车在路上，平台一切正常。", en = "Morning rush: sixteen connected cars on the road, all quiet." }
  s:wait "30s"
  s:attack(sweep)
  s:attack(sniff)
  s:pace("20s", "40s")
  s:attack(try)
  s:wait "20s"
  for car = 1, 6 do
    s:attack(downgrade[car])
  end
  s:wait "1m30s"
  s:say { zh = "客服：有车辆停车后无法起步，仪表显示系统正在更新。",
          en = "Call centre: cars will not start after a stop; their screens say that an update runs." }
  s:wait "2m30s"
  s:attack(strike)
  if not s:wait_for(contained, "1m30s") then
    s:hint { zh = "谁在以 dev 账号发布 fleet/+/command？只有平台应当下发指令。",
             en = "Who publishes fleet/+/command as 'dev'? Only the platform should." }
    s:attack(again)
  end
  if s:wait_until(all { isolated(red), fleet.unsafe_cars :below(0.5) }, "2m") then
    s:say { zh = "车门已全部锁止。请恢复车辆固件，收紧消息代理的权限，并写出情况报告。",
            en = "All doors are locked. Bring the cars' software back, tighten the broker's rights, and write up what happened." }
  else
    s:say { zh = "仍有车辆在行驶中门未锁，交管部门要求车队靠边停车。",
            en = "Cars still drive with open doors. The traffic police order the fleet to pull over." }
  end
end)
