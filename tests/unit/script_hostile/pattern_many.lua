-- expect: the pattern has more than 4
string.find(string.rep("a", 60000), string.rep("a-", 60) .. "b")
