-- expect: still running
while true do local nothing = string.rep("", 1 << 62) end
