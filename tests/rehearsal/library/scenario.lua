scenario "library" {
  title  = { zh = "预案库演练", en = "A plan of the library" },
  sector = "water", mode = "tabletop", length = "2d",
}
local over = objective "over" {
  says = { zh = "预案执行完毕", en = "The plan was played to its end" }, points = 1,
  met_by = any { answered "Revise the plan", answered "Stand down", answered "Assess the alarm" },
}
playbook "plan" { file = "PLAN.json", starts_on = not_(met(over)) }

story(function (s)
  s:wait_for(over, "40h")
  s:wait "1m"
end)
