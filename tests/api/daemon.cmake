# The real daemon on the hypervisor in memory, through HTTP and the stream alone.
if(TARGET yanwu)
  foreach(noun capture console disk drill duty full points input keeper leak playbook record restart scarce viewers)
    add_test(NAME api/daemon_${noun}
             COMMAND ${CMAKE_CURRENT_LIST_DIR}/run $<TARGET_FILE:yanwu> daemon_${noun})
    set_tests_properties(api/daemon_${noun} PROPERTIES LABELS api SKIP_RETURN_CODE 77 TIMEOUT 600)
  endforeach()
  foreach(noun interrupt teams words) # the command line on such a daemon
    add_test(NAME api/cli_${noun}
             COMMAND ${CMAKE_CURRENT_LIST_DIR}/run $<TARGET_FILE:yanwu> ${noun})
    set_tests_properties(api/cli_${noun} PROPERTIES LABELS api SKIP_RETURN_CODE 77 TIMEOUT 600)
  endforeach()
endif()
