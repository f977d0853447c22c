-- expect: still running after its budget
while true do local nothing = string.rep("", 1 << 62) end
