rehearsal { speed = 10, teams = { ["blue"] = "quick", ["green"] = "silent" } }

player "quick" (function (p)
  p:wait_question("Look", "1m")
  p:wait "5s"
  p:answer { step = "Look", role = "ir_lead", vars = { zone = "control" } }
  for turn = 1, 3 do
    p:wait_question("Watch", "2m")
    p:wait "5s"
    p:answer { step = "Watch", role = "ir_lead", vars = { more = turn < 3 } }
  end
  p:wait_question("Ask the manager", "2m")
  p:answer { step = "Ask the manager", role = "leader", vars = { decision = true } }
  p:wait_question("Write it down", "2m")
  p:answer { step = "Write it down", role = "ir_lead", vars = {} }
end)

player "silent" (function (p)
  p:wait "1m"
end)
