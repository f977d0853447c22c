-- expect: still running after its budget
local text = string.rep("a", 65000)
while true do text:upper() end
