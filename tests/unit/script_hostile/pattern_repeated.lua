-- expect: still running
local text = string.rep("a", 100)
while true do text:find(".-.-b") end
