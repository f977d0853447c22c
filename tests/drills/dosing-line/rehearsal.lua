-- Two blue teams play the drill by themselves, through the same API as people do.
rehearsal { speed = 10, teams = { ["blue-quick"] = "quick", ["blue-slow"] = "slow" } }

-- On the form of article 7, items 1 and 2 may go first.
local function tell(p, to, items, text)
  local report = { form = "cac_art7", to = to, role = "reporter", text = text }
  local contents = { "自来水厂，加药控制系统", "氢氧化钠加药间，设定值遭篡改，已恢复", "趋于稳定", "外来主机写入设定值",
                     "10.20.2.66", "恢复供水", "已封存", "无" }
  for item = 1, items do report["items." .. item] = contents[item] end
  p:enter("report", report)
end

-- Acts at once: sets the dose back, names the source, reports.
player "quick" (function (p)
  if not p:wait_question("Assess the alarm", "10m") then return end
  p:enter("incident", { mark = "discovered", role = "ir_lead", text = "加药浓度异常" })
  p:wait "8s"
  p:operate("hmi1", "set-point", "100")
  p:answer { step = "Assess the alarm", role = "ir_lead",
             vars = { tampered = true, source = "10.20.2.66" } }
  p:wait "20s"
  p:report { zh = "加药设定值被 10.20.2.66 改为 11100，已恢复为 100，入侵主机已切断。",
             en = "10.20.2.66 set the dose to 11100. It is back at 100 and the intruder is cut off." }
  p:enter("act", { duty = "CQ.SELF", role = "ir_lead", text = "先期处置：恢复设定值，切断入侵主机" })
  tell(p, "county_jingxin city_situational_platform", 8, "加药设定值遭篡改，已恢复，入侵主机已切断。")
end)

-- Watches the alarm for minutes before it believes it.
player "slow" (function (p)
  if not p:wait_question("Assess the alarm", "10m") then return end
  p:enter("incident", { mark = "discovered", role = "ir_lead", text = "加药浓度高报警" })
  p:wait "4m30s"
  p:answer { step = "Assess the alarm", role = "ir_lead",
             vars = { tampered = true, source = "10.20.2.66" } }
  p:wait "30s"
  p:operate("hmi1", "set-point", "100")
  p:wait "20s"
  p:report { zh = "发现加药设定值被篡改，已恢复。", en = "The dose set-point was tampered with; it is restored." }
  tell(p, "county_jingxin", 2, "发现加药设定值被篡改，已恢复。")
end)
