-- Four teams: one raises it at once, one is slow, one sleeps, one stops the line and grades too low.
rehearsal {
  speed = 10,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

local function say(p, pause, step, role, vars, second)
  if not p:wait_question(step, "11m") then return false end
  p:wait(pause)
  return p:answer { step = step, role = role, vars = vars, second = second,
                    evidence = "见审计记录 / see the audit log" }
end

local function respond(p, pause, machine, grade)
  say(p, pause, "Is it ours?", "data_officer", { data_class = grade > 1 and "important" or "general", sold = false })
  say(p, pause, "Close the way out", "soc", { machine = machine })
  say(p, pause, "Count", "data_officer", { records = 7 })
  say(p, pause, "Freeze the accounts", "it_admin", {})
  -- The plan itself waits ten minutes before it looks.
  say(p, pause, "Watch the way out", "soc", { flowing = false })
  say(p, pause, "Study and grade", "ir_lead", { grade = grade, crime = true })
  if grade > 1 then
    say(p, pause, "Report the data incident", "data_officer", {}, "chen")
  end
  say(p, pause, "Tell those concerned", "legal_officer", {})
  say(p, pause, "Fix the time", "soc", {})
  say(p, pause, "Collect the logs around it", "soc", {})
  say(p, pause, "Hand over", "ir_lead", { evidence = "box-7" }, "li")
  say(p, pause, "Write the first report", "liaison", {})
  say(p, pause, "Sign the report", "unit_head", {}, "zhang")
  say(p, pause, "Report to the county department", "liaison", {})
  say(p, pause, "Report the crime to the police", "legal_officer", {})
  if grade > 1 then
    say(p, pause, "Report to the provincial cyberspace office", "liaison", {})
  end
  say(p, pause, "File the receipts", "liaison", { reported = true })
  say(p, pause, "The shift agrees to the isolation", "shift_lead", { agreed = true })
  say(p, pause, "Verify the isolation", "soc", { isolated = true })
  say(p, pause, "Close the gap", "data_officer", {})
end

player "quick" (function (p)
  p:wait "3m" -- real machines are slower to be looked through
  p:report { zh = "隔离区 10.90.35.66 批量读取控制器配方寄存器，疑似外泄。",
             en = "10.90.35.66 in the DMZ reads the recipe registers in bulk: data is leaving." }
  respond(p, "4s", "10.90.35.66", 2)
end)

player "slow" (function (p)
  p:wait "6m"
  p:report { zh = "疑似数据外泄。", en = "Data may be leaving." }
  respond(p, "15s", "10.90.35.66", 2)
end)

player "silent" (function (p)
  p:wait "40m"
end)

player "wrong" (function (p)
  p:wait "4m"
  p:operate("hmi1", "coil", "1", "1")
  p:report { zh = "发现异常读取，已停车。", en = "Odd reads; the line is stopped." }
  respond(p, "10s", "hist1", 1)
end)
