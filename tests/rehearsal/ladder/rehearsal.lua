-- The shipped water-dosing, by four other works that let it come to the worst: one tells the county
-- and the city of it as the law asks, one is late, one skips the county, one keeps still about the
-- people.
rehearsal {
  speed = 60,
  teams = { ["bypass"] = "skips", ["conceal"] = "hides", ["good"] = "right", ["late"] = "late" },
}

local function tell(p, to, people, text)
  local report = { form = "cac_art7", to = to, role = "reporter", text = text }
  for item = 1, 8 do report["items." .. item] = text end
  if people then report["claims.people_affected"] = 120000 end
  p:enter("report", report)
end

local everybody = "county_jingxin cii_protection_dept public_security sector_regulator city_situational_platform"

-- What all of them do alike, until the water that left the works has reached people.
local function begin(p, first)
  p:wait_question("Assess the alarm", "10m")
  p:enter("incident", { mark = "discovered", role = "ir_lead", text = "加药浓度高报警" })
  p:enter("act", { duty = "CQ.SELF", role = "ir_lead", text = "先期处置：改手动" })
  p:wait "1m"
  if first then first() end
  p:wait "5m"
  p:enter("grade", { pack = "CAC-REPORT-2025", grade = 2, role = "ir_lead", reason = "影响十万人以上" })
end

player "right" (function (p)
  begin(p, function () tell(p, everybody, false, "初报：加药设定值遭篡改") end)
  tell(p, everybody, true, "续报：影响东片十二万人")
end)

player "late" (function (p)
  begin(p)
  tell(p, everybody, true, "初报：影响东片十二万人")
end)

player "skips" (function (p)
  begin(p, function ()
    tell(p, "city_jingxin cii_protection_dept public_security sector_regulator city_situational_platform", false, "初报")
    p:wait "1m"
    tell(p, "county_jingxin", false, "补报区县")
  end)
  tell(p, everybody, true, "续报：影响东片十二万人")
end)

player "hides" (function (p)
  begin(p, function () tell(p, everybody, false, "初报：加药设定值遭篡改") end)
  tell(p, everybody, false, "续报：正在恢复")
end)
