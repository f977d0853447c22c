-- expect: still running
local text = string.rep("a", 60000)
while true do local other = text .. "b" end
