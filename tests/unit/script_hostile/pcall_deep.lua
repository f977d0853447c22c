-- expect: still running after its budget
local function deeper() return pcall(deeper) or error("again") end
while true do pcall(deeper) end
