-- expect: still running
local function chain() coroutine.wrap(chain)() end
while true do pcall(chain) end
