-- expect: still running after its budget
local text = string.rep("a", 100)
while true do text:find(".-.-b") end
