-- expect: still running
local text = string.rep("a", 65000)
while true do text:upper() end
