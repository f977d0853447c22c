-- expect: still running
while true do end
