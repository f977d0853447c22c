-- expect: this pattern could run too long
string.find(string.rep("a", 60000), ".-.-.-b")
