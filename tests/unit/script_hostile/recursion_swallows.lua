-- expect: needs more memory
local function deeper() return 1 + deeper() end
while true do pcall(deeper) end
