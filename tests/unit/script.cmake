foreach(noun scenario errors limits hostile same)
  yw_test(unit_script_${noun} unit SOURCES script_${noun}.c script_harness.c
          ROOMS script model base TIMEOUT 600)
endforeach()
yw_test(unit_script_jail unit SOURCES script_jail.c ROOMS script model base)
