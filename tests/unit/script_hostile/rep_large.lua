-- expect: rep would make a text over
string.rep("x", 1 << 40)
