-- expect: still running after its budget
local function deeper(f) return pcall(pcall, pcall, f) end
while true do deeper(function () while true do end end) end
