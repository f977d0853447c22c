-- expect: still running after its budget
tostring(setmetatable({}, { __tostring = function () while true do end end }))
