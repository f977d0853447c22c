-- Four teams: one acts at once, one hesitates, one sleeps, one cuts off the wrong machine.
rehearsal {
  speed = 10,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

-- Everything a team says to the plan, in the plan's order; `pause` before each answer.
local function respond(p, pause, machine, grade)
  local function say(step, role, vars, more)
    if not p:wait_question(step, "3m") then return false end
    p:wait(pause)
    local body = { step = step, role = role, vars = vars, evidence = "见值班记录 / see the log" }
    for name, value in pairs(more or {}) do body[name] = value end
    return p:answer(body)
  end
  say("Find the commander", "soc", { machine = machine })
  say("Compare the logic", "automation_engineer", { logic_changed = false })
  say("Study and grade", "ir_lead", { grade = grade, crime = true })
  say("The shift agrees to the isolation", "shift_lead", { agreed = true })
  say("Verify the isolation", "soc", { isolated = true })
  say("Write the first report", "liaison", {})
  say("Sign the report", "unit_head", {}, { second = "zhang" })
  say("Report to the county department", "liaison", {})
end

-- Sets back what the shift log says, then works through the plan.
local function restore(p)
  p:operate("hmi1", "register", "1", "1000")
  p:operate("hmi1", "register", "3", "750")
  p:operate("hmi1", "register", "4", "900")
  p:operate("hmi1", "register", "5", "0")
end

player "quick" (function (p)
  if not p:wait_question("Take over by hand", "15m") then return end
  p:wait "5s"
  restore(p)
  p:answer { step = "Take over by hand", role = "shift_lead", vars = { manual_ok = true } }
  respond(p, "5s", "10.30.2.66", 2)
  p:report { zh = "水位低低跳闸值、报警值、水位设定被 10.30.2.66 改写，均已恢复；入侵主机已切断。",
             en = "10.30.2.66 rewrote trip limit, alarm limit and level set-point. All are back; it is cut off." }
end)

player "slow" (function (p)
  if not p:wait_question("Take over by hand", "15m") then return end
  p:wait "2m"
  p:answer { step = "Take over by hand", role = "shift_lead", vars = { manual_ok = true } }
  respond(p, "40s", "10.30.2.66", 2)
  restore(p)
  p:report { zh = "定值被改写，已恢复。", en = "Limits were rewritten; they are back." }
end)

player "silent" (function (p)
  p:wait "20m"
end)

-- Believes the panel is at fault: cuts off its own operators and restores nothing.
player "wrong" (function (p)
  if not p:wait_question("Take over by hand", "15m") then return end
  p:wait "20s"
  p:answer { step = "Take over by hand", role = "shift_lead", vars = { manual_ok = true } }
  respond(p, "20s", "hmi1", 4)
end)
