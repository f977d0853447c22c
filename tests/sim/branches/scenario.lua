scenario "branches" {
  title  = { zh = "并行与循环", en = "Branches and turns" },
  sector = "water", mode = "tabletop", length = "20m",
}
local looked = objective "looked" {
  says = { zh = "查看现场", en = "Look at the site" },
  points = 50, met_by = answered "Look",
}
playbook "branches" { file = "branches.json", starts_on = not_(met(looked)) }

story(function (s)
  s:say { zh = "开始。", en = "Begin." }
  s:wait "10m"
end)
