rehearsal { speed = 10, teams = { ["blue"] = "idle" } }

player "idle" (function (p)
  p:wait "1m"
end)
