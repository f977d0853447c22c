foreach(noun engineering sis modbus plc message applet prompt iec104 rtu sensor
             master watch)
  yw_test(unit_guest_${noun} unit SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/guest_${noun}.c
          ROOMS controller)
endforeach()
foreach(noun st st_block st_random st_carry)
  yw_test(unit_guest_${noun} unit ROOMS controller
          SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/guest_${noun}.c ${CMAKE_SOURCE_DIR}/tests/unit/guest_st_seat.c)
endforeach()
