# The client that tests/api builds where libmodbus is installed.
set(modbus_client "")
if(MODBUS_FOUND)
  set(modbus_client ${CMAKE_BINARY_DIR}/tests/api/api_libmodbus)
endif()
add_test(NAME range/guest_boot
         COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/guest_boot.py
                 ${YW_IMAGES} ${CMAKE_SOURCE_DIR})
set_tests_properties(range/guest_boot PROPERTIES LABELS range FIXTURES_REQUIRED images
                     SKIP_RETURN_CODE 77 TIMEOUT 600 RESOURCE_LOCK machines COST 1000
                     ENVIRONMENT "YW_LIBMODBUS=${modbus_client}")
add_test(NAME range/guest_packed
         COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/guest_packed.py ${YW_IMAGES})
set_tests_properties(range/guest_packed PROPERTIES LABELS range FIXTURES_REQUIRED images
                     SKIP_RETURN_CODE 77 TIMEOUT 900 RESOURCE_LOCK machines COST 1000)
