-- expect: keys must be texts, numbers or booleans
for key in pairs({ [{}] = 1, [function () end] = 2 }) do end
