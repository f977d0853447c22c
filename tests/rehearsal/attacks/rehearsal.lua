rehearsal { speed = 10, teams = { ["blue"] = "quick" } }

player "quick" (function (p)
  p:wait "20m"
end)
