-- expect: still running after its budget
for i = 1, math.maxinteger do end
