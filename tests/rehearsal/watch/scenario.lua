scenario "watch" {
  title  = { zh = "重保值守", en = "A key period" },
  sector = "water", mode = "tabletop", length = "5h",
  rules = { "CQ-DRAFT-2020" }, region = "CN-CQ", date = "2026-11-20 08:30",
}
-- A short key period: a zero report every eighty minutes, somebody at the desk at any moment.
period "key" {
  state = "CQ.KEYPERIOD", from = "10m", till = "4h10m", zero_report = "1h20m",
  checks = "1h", check_limit = "5m", freeze = true,
}
