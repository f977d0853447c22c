-- expect: unknown name 'load'
load("\27Lua")()
