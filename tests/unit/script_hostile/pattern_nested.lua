-- expect: the pattern has more than 4
string.match(string.rep("a", 1000), "(a*)(a*)(a*)(a*)%1")
