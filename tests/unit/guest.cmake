foreach(noun backlog engineering sis modbus plc message applet applet_engineering prompt iec104 rtu sensor
             master mqtt packed vehicle watch yard)
  yw_test(unit_guest_${noun} unit SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/guest_${noun}.c
          ROOMS controller)
endforeach()
foreach(noun kit lasting)
  yw_test(unit_guest_${noun} unit SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/guest_${noun}.c
          ROOMS controller model base)
endforeach()
foreach(noun st st_block st_random st_carry)
  yw_test(unit_guest_${noun} unit ROOMS controller
          SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/guest_${noun}.c ${CMAKE_SOURCE_DIR}/tests/unit/guest_st_seat.c)
endforeach()
# What the programs of full images share.
find_program(YW_NODE node)
if(YW_NODE)
  add_test(NAME unit/full_role COMMAND ${YW_NODE} --test tests/unit/full_role.mjs
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(unit/full_role PROPERTIES LABELS unit TIMEOUT 300)
endif()
