-- Four teams: one restores step by step, one is slow, one sleeps, one closes before it cuts off.
rehearsal {
  speed = 10,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

local function say(p, pause, step, role, vars, second)
  if not p:wait_question(step, "3m") then return false end
  p:wait(pause)
  return p:answer { step = step, role = role, vars = vars, second = second,
                    evidence = "见调度日志 / see the log" }
end

-- Until the source is cut off.
local function stop_it(p, pause, machine)
  say(p, pause, "Declare the blackout", "dispatcher", {})
  say(p, pause, "Take control out of the attacker's hands", "dispatcher", {})
  say(p, pause, "Man the substations", "duty_leader", {})
  say(p, pause, "Find the source of the commands", "soc", { machine = machine })
  say(p, pause, "Study and grade", "ir_lead", { grade = 2, crime = true })
  say(p, pause, "The shift agrees to the isolation", "shift_lead", { agreed = true })
  say(p, pause, "Verify the isolation", "soc", { isolated = true })
end

local function tell(p, pause)
  say(p, pause, "Write the first report", "liaison", {})
  say(p, pause, "Sign the report", "unit_head", {}, "zhang")
  say(p, pause, "Report to the county department", "liaison", {})
end

-- Coils of the mirror: 5 to 10 are the feeders, 4 the coupler, 12 the load shedding.
local function close(p, pause)
  for _, coil in ipairs { "5", "6", "4", "7", "8", "9", "10", "12" } do
    p:operate("hmi1", "coil", coil, "1")
    p:wait(pause)
  end
end

-- Register 2 of the frequency controller is the ceiling of generation.
local function release(p, pause)
  p:wait(pause)
  p:operate("hmi2", "register", "2", "1000")
end

player "quick" (function (p)
  if not p:wait_question("Declare the blackout", "15m") then return end
  stop_it(p, "5s", "10.40.2.66")
  release(p, "3s")
  close(p, "8s")
  tell(p, "5s")
  p:report { zh = "10.40.2.66 以 IEC-104 断开全部馈线、退出低频减载并压低出力上限，已切断，逐级送电完毕。",
             en = "10.40.2.66 opened all feeders by IEC 104, disarmed the shedding, capped generation. Cut off; restored in steps." }
end)

player "slow" (function (p)
  if not p:wait_question("Declare the blackout", "15m") then return end
  p:wait "1m"
  stop_it(p, "30s", "10.40.2.66")
  close(p, "20s")
  release(p, "40s")
  tell(p, "30s")
end)

player "silent" (function (p)
  p:wait "15m"
end)

-- Closes at once and looks for the source in the wrong place.
player "wrong" (function (p)
  if not p:wait_question("Declare the blackout", "15m") then return end
  close(p, "1s")
  stop_it(p, "10s", "hist1")
end)
