-- Four teams: one acts at once, one hesitates, one sleeps, one takes it for a broken thermocouple.
rehearsal {
  speed = 10,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

-- Answers in the plan's order; `pause` before each.
local function say(p, pause, step, role, vars, second)
  if not p:wait_question(step, "3m") then return false end
  p:wait(pause)
  return p:answer { step = step, role = role, vars = vars, second = second,
                    evidence = "见值班记录 / see the log" }
end

local function respond(p, pause, machine)
  say(p, pause, "Man the panels", "shift_lead", { in_band = true })
  say(p, pause, "Check the safety system", "safety_officer", {})
  say(p, pause, "Look for the replay", "soc", { attack = true, machine = machine })
  say(p, pause, "Study and grade", "ir_lead", { grade = 2, crime = true })
  say(p, pause, "The shift agrees to the isolation", "shift_lead", { agreed = true })
  say(p, pause, "Verify the isolation", "soc", { isolated = true })
  say(p, pause, "Write the first report", "liaison", {})
  say(p, pause, "Sign the report", "unit_head", {}, "zhang")
  say(p, pause, "Report to the county department", "liaison", {})
end

-- Water first, then speed, then the eyes. Orders arrive while the intruder stands in between.
local function restore(p)
  p:operate("hmi1", "register", "2", "8000")
  p:operate("hmi1", "register", "1", "1200")
  p:operate("hmi1", "register", "7", "0")
end

player "quick" (function (p)
  if not p:wait_question("Say what is wrong with the view", "15m") then return end
  p:wait "10s"
  p:answer { step = "Say what is wrong with the view", role = "shift_lead", vars = { kind = "frozen" } }
  restore(p)
  respond(p, "4s", "10.50.2.66")
  restore(p) -- whatever was written before the cut
  p:report { zh = "10.50.2.66 以旧值顶替画面、冻结热电偶读数并提速减水，已切断，参数已恢复。",
             en = "10.50.2.66 replayed old values to the screen, froze the thermocouples, raised speed and cut water. Cut off; parameters are back." }
end)

player "slow" (function (p)
  if not p:wait_question("Say what is wrong with the view", "15m") then return end
  p:wait "1m30s"
  p:answer { step = "Say what is wrong with the view", role = "shift_lead", vars = { kind = "frozen" } }
  respond(p, "30s", "10.50.2.66")
  restore(p)
  p:report { zh = "参数被改，已恢复。", en = "Parameters were changed; they are back." }
end)

player "silent" (function (p)
  p:wait "20m"
end)

-- Calls the screen blank, looks for a broken cable, and finds no attack.
player "wrong" (function (p)
  if not p:wait_question("Say what is wrong with the view", "15m") then return end
  p:wait "20s"
  p:answer { step = "Say what is wrong with the view", role = "shift_lead", vars = { kind = "blank" } }
  say(p, "20s", "Man the panels", "shift_lead", { in_band = true })
  say(p, "20s", "Check the safety system", "safety_officer", {})
  say(p, "20s", "Look for the break", "automation_engineer", { attack = false, machine = "" })
end)
