-- expect: rep would make a text over
string.rep("", 1 << 40, ",")
