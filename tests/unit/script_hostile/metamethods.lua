-- expect: still running after its budget
local loop = setmetatable({}, { __index = function (t, k) return t[k + 1] end })
while true do pcall(function () return loop[1] end) end
