-- Four teams: one acts at once, one waits for more complaints, one sleeps, one sees a fault of its own.
rehearsal {
  speed = 10,
  teams = { ["blue-quick"] = "quick", ["blue-silent"] = "silent", ["blue-slow"] = "slow", ["blue-wrong"] = "wrong" },
}

-- What the shift log says.
local function restore(p)
  p:operate("hmi1", "register", "2", "210")
  p:operate("hmi1", "register", "1", "200")
  p:operate("hmi1", "register", "0", "950")
  p:operate("hmi1", "register", "3", "185")
end

local function assess(p, tampered)
  return p:answer { step = "Assess the alarm", role = "ir_lead",
                    vars = { tampered = tampered, source = tampered and "10.70.2.66" or "" } }
end

player "quick" (function (p)
  if not p:wait_question("Assess the alarm", "15m") then return end
  p:wait "5s"
  assess(p, true)
  restore(p)
  p:wait "20s"
  p:report { zh = "10.70.2.66 改写换热站 0～3 号寄存器，室温设定降到 5 ℃；已切断并恢复，医院优先。",
             en = "10.70.2.66 rewrote registers 0 to 3, room set-point down to 5 °C. Cut off, restored, hospital first." }
end)

player "slow" (function (p)
  if not p:wait_question("Assess the alarm", "15m") then return end
  p:wait "3m30s"
  assess(p, true)
  p:wait "30s"
  restore(p)
  p:wait "1m"
  p:report { zh = "换热站参数被改，已恢复。", en = "Station parameters were changed; they are back." }
end)

player "silent" (function (p)
  p:wait "20m"
end)

-- Holds it for a broken sensor: nothing is cut off, so what it sets back does not last.
player "wrong" (function (p)
  if not p:wait_question("Assess the alarm", "15m") then return end
  p:wait "20s"
  assess(p, false)
  p:operate("hmi1", "register", "3", "185")
  p:report { zh = "疑似室温传感器故障，已报修。", en = "Probably a broken room sensor; a repair is ordered." }
end)
