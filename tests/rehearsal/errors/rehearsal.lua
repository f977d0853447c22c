rehearsal { speed = 10, teams = { ["blue"] = "says", ["green"] = "silent" } }

player "says" (function (p)
  p:wait "30s"
  p:report { zh = "设定值被改。", en = "The set-point was changed." }
end)

player "silent" (function (p)
  p:wait "1m"
end)
