-- expect: still running after its budget
string.gsub(string.rep("a", 3000), "a", function () while true do end end)
