-- expect: still running
xpcall(function () while true do end end, function () while true do end end)
