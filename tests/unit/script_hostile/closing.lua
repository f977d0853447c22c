-- expect: __close is not allowed
local x <close> = setmetatable({}, { __close = function () while true do end end })
