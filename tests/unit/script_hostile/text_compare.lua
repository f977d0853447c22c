-- expect: still running after
local a = string.rep("a", 60000)
local b = a .. a
local c = a .. a
while true do local same = b == c end
