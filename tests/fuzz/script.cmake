foreach(name script_load script_reply script_pattern)
  yw_fuzz(${name} ROOMS script model base)
  target_include_directories(fuzz_${name} SYSTEM PRIVATE ${LUA_INCLUDE_DIRS})
endforeach()
