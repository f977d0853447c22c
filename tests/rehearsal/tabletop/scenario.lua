scenario "tabletop" {
  title  = { zh = "桌面推演", en = "A tabletop exercise" },
  sector = "water", mode = "tabletop", length = "10m",
}
local decided = objective "decided" {
  says = { zh = "决定是否上报", en = "Decide whether to report" },
  points = 50, fades_to = 10, over = "5m", met_by = answered "Decide",
}
playbook "decision" { file = "decision.json", starts_on = not_(met(decided)) }

story(function (s)
  s:say { zh = "电话：出厂水味道异常。", en = "A caller: the water tastes strange." }
  if not s:wait_for(decided, "3m") then
    s:hint { zh = "谁来决定？", en = "Who decides?" }
  end
  s:wait "1m"
end)
