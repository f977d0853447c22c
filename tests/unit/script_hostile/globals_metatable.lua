-- expect: protected metatable
setmetatable(_ENV, { __index = function () while true do end end })
