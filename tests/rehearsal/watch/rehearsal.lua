rehearsal { speed = 120, teams = { ["asleep"] = "nobody", ["awake"] = "officer" } }

-- Sends its zero reports; who asks for presence is answered by the test's own hands.
player "officer" (function (p)
  p:wait "1h20m"
  for i = 1, 3 do
    p:enter("report", { form = "zero_report", to = "county_jingxin", ["items.1"] = "八十分钟", ["items.3"] = "无事" })
    p:wait "1h20m"
  end
end)

player "nobody" (function (p)
  p:wait "1m"
end)
