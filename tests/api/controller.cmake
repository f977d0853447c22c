# Independent clients against the guest program's controller roles, on this host's loopback.
add_executable(api_controller
  ${CMAKE_CURRENT_LIST_DIR}/controller.c
  ${CMAKE_SOURCE_DIR}/vm-images/guest/role_plc.c ${CMAKE_SOURCE_DIR}/vm-images/guest/serve.c
  ${CMAKE_SOURCE_DIR}/vm-images/guest/turn.c)
target_link_libraries(api_controller PRIVATE yw_controller yw_flags)
# A client by libmodbus, where that is installed; run by the tests of controllers.
set(YW_LIBMODBUS "")
if(MODBUS_FOUND)
  add_executable(api_libmodbus ${CMAKE_CURRENT_LIST_DIR}/clients/libmodbus.c)
  target_link_libraries(api_libmodbus PRIVATE PkgConfig::MODBUS yw_flags)
  set(YW_LIBMODBUS $<TARGET_FILE:api_libmodbus>)
endif()
add_test(NAME api/controller
         COMMAND ${CMAKE_CURRENT_LIST_DIR}/controller_run $<TARGET_FILE:api_controller>
                 ${CMAKE_BINARY_DIR}/modbus-clients ${YW_LIBMODBUS})
set_tests_properties(api/controller PROPERTIES LABELS api SKIP_RETURN_CODE 77 TIMEOUT 600
                     ENVIRONMENT "YW_SOURCE=${CMAKE_SOURCE_DIR}")
