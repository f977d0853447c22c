-- expect: still running after its budget
while true do end
