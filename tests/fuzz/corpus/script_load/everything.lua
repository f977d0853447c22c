scenario "all" { title = { zh = "全", en = "All" }, sector = "water", mode = "drill", length = "1h30m", rules = { "A-1" } }
local net = network "net" { cidr = "10.1.0.0/16", zone = "L2" }
local p = plant "p" { model = "water-dosing", time_scale = 2.5 }
local a = machine "a" { image = "plc", at = { net ".0.1" }, field = p, program = "files/x.st" }
local b = machine "b" { image = "attacker", at = { net "10.1.2.3" }, hidden = true }
local w = attack "w" { technique = "T0836", from = b, to = a, action = modbus.write { coil = 1, value = 1 } }
local r = attack "r" { technique = "T0801", from = b, to = a, action = modbus.read { input = 0, count = 9 } }
local o = objective "o" { says = { zh = "一", en = "One" }, points = 9, fades_to = 1, over = "5m", since = w,
  met_by = all { any { isolated(b), reported(w) }, not_(alarm(p)), never(p.flow_m3_h:below(1):for_ "5s"), answered "x", p:level():at_least(2) } }
playbook "k" { file = "k.json", starts_on = met(o) }
local words = {}
for i = 1, 9 do words[("k%02d"):format(math.random(99))] = string.rep("ab", i, ",") end
for k, v in pairs(words) do words[k] = v:gsub("a(.-)b", "%1"):upper() end
table.sort({ 3, 1, 2 }, function (x, y) return x > y end)
local co = coroutine.wrap(function (...) for i = 1, 3 do coroutine.yield(i, ...) end end)
co(1); co(2)
local ok, why = pcall(error, "no")
xpcall(error, function (e) return tostring(e) end, "no")
story(function (s)
  s:say { zh = "一", en = "One" }
  if s:attack(w) then s:wait "1s" else s:hint { zh = "二", en = "Two" } end
  while not s:wait_for(o, "1m") do s:wait_until(p.naoh_mg_l:above(2), "1d") end
  s:attack(r)
end)

tier "enterprise" { people = true, roles = { "lead" } }
tier "county" { receives = "1m", relays = "2m" }
limit "first" { duty = "CQ.LADDER.1", within = "5m" }
period "key" { state = "CQ.KEYPERIOD", from = "1m", till = "2m", freeze = true }
measure "people" { metric = "people_affected", from = p.naoh_mg_l, above = 200, counts = 5 }
measure "line" { metric = "cii_main_function_outage_s", from = p.outage_s, factor = 2 }
objective "law" { says = { zh = "法", en = "Law" }, points = 1, met_by = all {
  reported_in_time "CQ.LADDER.1", graded_right "CAC-REPORT-2025",
  merit "detect" :at_most "5m", merit "accuracy" :at_least(0.8) } }
