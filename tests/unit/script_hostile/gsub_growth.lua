-- expect: needs more memory
string.gsub(string.rep("a", 3000), "a", string.rep("b", 60000))
