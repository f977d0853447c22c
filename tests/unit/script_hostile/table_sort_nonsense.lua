-- expect: still running after its budget
local list = {}
for i = 1, 60000 do list[i] = i % 7 end
while true do table.sort(list, function () return true end) end
