-- expect: still running after its budget
local function chain() coroutine.wrap(chain)() end
while true do pcall(chain) end
