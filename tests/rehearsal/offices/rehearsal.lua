-- Four enterprises and the people of the two offices above them: one enterprise does it right, one is
-- late, one skips a level, one conceals.
rehearsal {
  speed = 60,
  teams = { ["bypass"] = "skips", ["conceal"] = "hides", ["good"] = "right", ["late"] = "slow" },
  offices = { county = "county-officer", city = "city-officer" },
}

local function first(p, to, claims, text)
  local report = {
    form = "cac_art7", to = to, role = "reporter", grade = 2, text = text,
    ["items.1"] = "自来水厂，加药控制系统", ["items.2"] = "11-20 08:30，氢氧化钠加药间，参数遭篡改，已切断",
    ["items.3"] = "趋于稳定", ["items.4"] = "外来主机写入设定值", ["items.5"] = "10.20.2.66",
    ["items.6"] = "恢复供水", ["items.7"] = "已封存", ["items.8"] = "无",
  }
  for name, value in pairs(claims) do report["claims." .. name] = value end
  p:enter("report", report)
end

local truth = { people_affected = 120000, cii_main_function_outage_s = 2000 }

-- What all of them do alike.
local function begin(p)
  p:wait "6m"
  p:enter("incident", { mark = "discovered", role = "ir_lead", text = "加药浓度异常" })
  p:enter("act", { duty = "CQ.SELF", role = "ir_lead", text = "先期处置：切断、改手动" })
  p:enter("grade", { pack = "CAC-REPORT-2025", grade = 2, role = "ir_lead", reason = "影响十万人以上" })
end

local function finish(p)
  p:wait "20m"
  p:enter("incident", { mark = "contained", role = "ir_lead" })
  p:wait "10m"
  p:enter("incident", { mark = "restored", role = "ir_lead" })
end

local everybody = "county_jingxin cii_protection_dept public_security sector_regulator city_situational_platform"

player "right" (function (p)
  begin(p)
  p:wait "5m"
  first(p, everybody, truth, "初报")
  finish(p)
end)

-- An hour and a half until anybody outside hears of it.
player "slow" (function (p)
  begin(p)
  p:wait "1h30m"
  first(p, everybody, truth, "初报")
  finish(p)
end)

-- Straight to the city; the county hears of it from others, in time by the house's limit.
player "skips" (function (p)
  begin(p)
  p:wait "5m"
  first(p, "city_jingxin cii_protection_dept public_security sector_regulator city_situational_platform", truth, "初报")
  p:wait "5m"
  first(p, "county_jingxin", truth, "补报区县")
  finish(p)
end)

-- Says how long, and not how many people.
player "hides" (function (p)
  begin(p)
  p:wait "5m"
  first(p, everybody, { cii_main_function_outage_s = 2000 }, "初报")
  finish(p)
end)

-- An officer looks at the inbox every five minutes: receives what came, passes it on, works off the plan.
local function work(p, from, to, second)
  local said = "按处置记录"
  while p:enter("receipt", { role = "duty_officer" }) do end
  while p:enter("report", { from = from, to = to, role = "duty_officer", text = "转报" }) do end
  for _, step in ipairs { "Take note of the report", "Ask for what is missing", "Follow it up" } do
    while p:answer { step = step, role = "duty_officer", evidence = said } do end
  end
  while p:answer { step = "Verify the report", role = "duty_officer", vars = { confirmed = true, grade = 2 } } do end
  while p:answer { step = "Pass the report on", role = "duty_officer", evidence = said, second = "the-leader" } do end
  while p:answer { step = "Give instructions", role = second, evidence = said } do end
end

local function sit(p, from, to, second)
  for look = 1, 34 do
    work(p, from, to, second)
    p:wait "5m"
  end
end

player "county-officer" (function (p) sit(p, "county_jingxin", "city_jingxin", "director") end)
player "city-officer" (function (p) sit(p, "city_jingxin", "city_cac", "deputy_mayor") end)
