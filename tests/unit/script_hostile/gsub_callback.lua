-- expect: still running
string.gsub(string.rep("a", 3000), "a", function () while true do end end)
