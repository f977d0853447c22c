rehearsal { speed = 10, teams = { ["blue"] = "quick", ["green"] = "silent" } }

player "quick" (function (p)
  if not p:wait_question("Decide", "5m") then return end
  p:wait "30s"
  p:answer { step = "Decide", role = "ir_lead", vars = { grave = true } }
  p:report { zh = "已上报。", en = "Reported." }
end)

player "silent" (function (p)
  p:wait "1m"
end)
