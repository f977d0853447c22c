-- expect: still running after its budget
local text = string.rep("a", 60000)
while true do local other = text .. "b" end
