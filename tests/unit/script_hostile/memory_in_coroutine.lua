-- expect: needs more memory
while true do
  coroutine.resume(coroutine.create(function ()
    local all = {}
    while true do all[#all + 1] = { {}, {} } end
  end))
end
