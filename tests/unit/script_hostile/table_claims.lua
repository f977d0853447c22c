-- expect: harmless
local liar = setmetatable({}, { __len = function () return 1 << 40 end })
table.insert(liar, 1, "x")
table.remove(liar)
table.concat(liar)
table.sort(liar)
error("harmless")
