-- Four teams: one stops the unit at once, one asks around first, one sleeps, one believes in a permit.
rehearsal {
  speed = 10,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

local function say(p, pause, step, role, vars, second)
  if not p:wait_question(step, "3m") then return false end
  p:wait(pause)
  return p:answer { step = step, role = role, vars = vars, second = second,
                    evidence = "见操作日志 / see the log" }
end

local function respond(p, pause)
  say(p, pause, "Lower the risk of the process", "process_engineer", {})
  say(p, pause, "Turn the key and post a guard", "automation_engineer", {})
  say(p, pause, "Find who reached it", "soc", { machine = "10.60.2.66" })
  say(p, pause, "Compare the logic of the safety system", "automation_engineer", { logic_changed = true }, "li")
  say(p, pause, "Study and grade", "ir_lead", { grade = 2, crime = true })
  say(p, pause, "Shut down", "duty_leader", {}, "wang")
  say(p, pause, "The shift agrees to the isolation", "shift_lead", { agreed = true })
  say(p, pause, "Verify the isolation", "soc", { isolated = true })
  say(p, pause, "Write the first report", "liaison", {})
  say(p, pause, "Sign the report", "unit_head", {}, "zhang")
  say(p, pause, "Report to the county department", "liaison", {})
end

-- The emergency stop: feeds shut, ways out open. It costs the production and nothing else.
local function stop(p)
  p:operate("hmi1", "coil", "1", "1")
end

player "quick" (function (p)
  if not p:wait_question("Is it work that was permitted?", "15m") then return end
  p:wait "5s"
  p:answer { step = "Is it work that was permitted?", role = "shift_lead", vars = { permit = false } }
  stop(p)
  respond(p, "4s")
  p:report { zh = "10.60.2.66 改写安全仪表逻辑并手动升压；已急停，工程师站已切断，联锁逐项验证中。",
             en = "10.60.2.66 rewrote the safety logic and drove the pressure up. Stopped, cut off, trips being proved." }
end)

player "slow" (function (p)
  if not p:wait_question("Is it work that was permitted?", "15m") then return end
  p:wait "2m30s"
  p:answer { step = "Is it work that was permitted?", role = "shift_lead", vars = { permit = false } }
  respond(p, "20s")
  stop(p)
end)

player "silent" (function (p)
  p:wait "20m"
end)

-- Finds an old permit and lets the work go on.
player "wrong" (function (p)
  if not p:wait_question("Is it work that was permitted?", "15m") then return end
  p:wait "20s"
  p:answer { step = "Is it work that was permitted?", role = "shift_lead", vars = { permit = true } }
  say(p, "10s", "Go on under the permit", "shift_lead", {})
end)
