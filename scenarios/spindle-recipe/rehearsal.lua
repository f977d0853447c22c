-- Four teams: one acts at once, one hesitates, one sleeps, one restores the MES and forgets the cell.
rehearsal {
  speed = 10,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

local function say(p, pause, step, role, vars, second)
  if not p:wait_question(step, "3m") then return false end
  p:wait(pause)
  return p:answer { step = step, role = role, vars = vars, second = second,
                    evidence = "见值班记录 / see the log" }
end

local function respond(p, pause, machine)
  say(p, pause, "Close the boundary", "it_admin", {})
  say(p, pause, "Take the backups off line", "automation_engineer", { backup_ok = true })
  say(p, pause, "Find the first machine", "soc", { machine = machine, control_hit = machine == "10.80.2.66" })
  say(p, pause, "Study and grade", "ir_lead", { grade = 2, crime = true })
  say(p, pause, "The shift agrees to the isolation", "shift_lead", { agreed = true })
  say(p, pause, "Verify the isolation", "soc", { isolated = true })
  say(p, pause, "Write the first report", "liaison", {})
  say(p, pause, "Sign the report", "unit_head", {}, "zhang")
  say(p, pause, "Report to the county department", "liaison", {})
end

-- What the release sheet of the order says. Orders arrive while the intruder stands in between.
local function restore(p)
  p:operate("hmi1", "register", "3", "200")
  p:operate("hmi1", "register", "0", "12000")
  p:operate("hmi1", "register", "2", "1")
end

player "quick" (function (p)
  if not p:wait_question("First response at the panel", "12m") then return end
  p:wait "5s"
  p:answer { step = "First response at the panel", role = "shift_lead", vars = {} }
  restore(p)
  respond(p, "5s", "10.80.2.66")
  restore(p) -- whatever was written before the cut
  p:report { zh = "10.80.2.66 以旧值顶替画面、换配方、改程序去限速、延长停止时间；已切断并按放行单恢复。",
             en = "10.80.2.66 replayed old values and changed recipe, program and stop time. Cut off; restored by the release sheet." }
end)

player "slow" (function (p)
  if not p:wait_question("First response at the panel", "12m") then return end
  p:wait "1m30s"
  p:answer { step = "First response at the panel", role = "shift_lead", vars = {} }
  respond(p, "40s", "10.80.2.66")
  restore(p)
end)

player "silent" (function (p)
  p:wait "15m"
end)

-- Takes the ransom note for all of it.
player "wrong" (function (p)
  if not p:wait_question("First response at the panel", "12m") then return end
  p:wait "20s"
  p:answer { step = "First response at the panel", role = "shift_lead", vars = {} }
  respond(p, "20s", "mes1")
end)
