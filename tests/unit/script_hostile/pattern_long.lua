-- expect: the pattern is longer than 256 bytes
string.find("a", string.rep("a", 300))
