-- expect: attempt to index a boolean value
getmetatable("").__index = function () while true do end end
