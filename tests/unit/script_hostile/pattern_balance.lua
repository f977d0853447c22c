-- expect: this pattern could run too long
string.gsub(string.rep("(", 60000), "%b()", "")
