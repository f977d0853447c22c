-- expect: functiontablethreadtable
error(tostring(function () end) .. tostring({}) ..
      tostring(coroutine.create(function () end)) .. string.format("%s", {}))
