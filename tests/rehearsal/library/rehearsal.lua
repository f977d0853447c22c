rehearsal { speed = 10, teams = { ["blue"] = "silent" } }

player "silent" (function (p)
  p:wait "1m"
end)
