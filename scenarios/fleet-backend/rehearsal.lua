-- Four teams: one acts at once, one waits for more calls, one sleeps, one sees a fault of its own.
rehearsal {
  speed = 4,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

-- The release that takes no older one, into the six cars; and every door locked.
local function restore(p)
  for car = 1, 6 do
    p:operate("backend1", "ota", ("LYWFLEET0260000%02d"):format(car), "2.4.2")
  end
  p:operate("backend1", "lock", "all")
end

local function assess(p, tampered)
  return p:answer { step = "Assess the alarm", role = "ir_lead",
                    vars = { tampered = tampered, source = tampered and "10.90.4.66" or "" } }
end

player "quick" (function (p)
  if not p:wait_question("Assess the alarm", "10m") then return end
  p:wait "8s"
  assess(p, true)
  restore(p)
  p:wait "30s"
  p:report { zh = "10.90.4.66 以 dev 账号把六辆车降级到 2.3.1，准备重放开锁指令；已切断并升级到 2.4.2。",
             en = "10.90.4.66 downgraded six cars to 2.3.1 as 'dev' to replay unlock commands. Cut off; cars are on 2.4.2." }
end)

-- Doors are open already: the six cars pull over first, and go on when they are shut.
player "slow" (function (p)
  if not p:wait_question("Assess the alarm", "10m") then return end
  p:wait "5m30s"
  p:operate("hmi1", "register", "0", "63")
  p:operate("hmi1", "coil", "0", "1")
  assess(p, true)
  p:wait "20s"
  restore(p)
  p:wait "30s"
  p:operate("hmi1", "coil", "0", "0")
  p:wait "1m"
  p:report { zh = "车辆在行驶中被开锁，已切断并恢复。", en = "Cars were unlocked in motion. Cut off and restored." }
end)

player "silent" (function (p)
  p:wait "15m"
end)

-- Asks the maker and holds it for a campaign of theirs: nothing is cut off.
player "wrong" (function (p)
  if not p:wait_question("Assess the alarm", "10m") then return end
  p:wait "2m30s"
  assess(p, false)
  p:wait "3m"
  p:report { zh = "厂家正在推送升级，车辆停驶属正常。", en = "The maker rolls out an update; cars that stand are normal." }
end)
