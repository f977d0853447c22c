-- expect: still running after its budget
local function handler() return xpcall(error, handler) end
while true do pcall(xpcall, error, handler) end
