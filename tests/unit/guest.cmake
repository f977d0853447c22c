foreach(noun modbus st plc message applet prompt iec104 rtu)
  yw_test(unit_guest_${noun} unit SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/guest_${noun}.c
          ROOMS controller)
endforeach()
