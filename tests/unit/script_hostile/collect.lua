-- expect: unknown name 'collectgarbage'
while true do collectgarbage() end
