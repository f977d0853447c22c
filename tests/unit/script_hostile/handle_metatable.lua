-- expect: harmless
local made = any { answered "x" }
if getmetatable(made) then error("open") end
error("harmless")
