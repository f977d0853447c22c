-- expect: needs more memory
while true do
  pcall(function ()
    local all = {}
    while true do all[#all + 1] = string.rep("x", 60000) .. #all end
  end)
end
