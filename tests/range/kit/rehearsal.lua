rehearsal { speed = 1, teams = { ["blue"] = "idle" } }

player "idle" (function (p)
  p:wait "25m"
end)
