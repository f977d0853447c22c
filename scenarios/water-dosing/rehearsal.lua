-- Two blue teams play the drill by themselves, through the same API as people do.
rehearsal { speed = 10, teams = { ["blue-quick"] = "quick", ["blue-slow"] = "slow" } }

-- Acts at once: sets the dose back, names the source, reports.
player "quick" (function (p)
  if not p:wait_question("Assess the alarm", "10m") then return end
  p:wait "8s"
  p:operate("hmi1", "set-point", "100")
  p:answer { step = "Assess the alarm", role = "ir_lead",
             vars = { tampered = true, source = "10.20.2.66" } }
  p:wait "20s"
  p:report { zh = "加药设定值被 10.20.2.66 改为 11100，已恢复为 100，入侵主机已切断。",
             en = "10.20.2.66 set the dose to 11100. It is back at 100 and the intruder is cut off." }
end)

-- Watches the alarm for minutes before it believes it.
player "slow" (function (p)
  if not p:wait_question("Assess the alarm", "10m") then return end
  p:wait "4m30s"
  p:answer { step = "Assess the alarm", role = "ir_lead",
             vars = { tampered = true, source = "10.20.2.66" } }
  p:wait "30s"
  p:operate("hmi1", "set-point", "100")
  p:wait "20s"
  p:report { zh = "发现加药设定值被篡改，已恢复。", en = "The dose set-point was tampered with; it is restored." }
end)
