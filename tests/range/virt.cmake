if("virt" IN_LIST YW_ROOMS)
  yw_test(range_virt_broker range SOURCES virt_broker.c ROOMS virt TIMEOUT 240)
  set_tests_properties(range/range_virt_broker PROPERTIES FIXTURES_REQUIRED images
                       RESOURCE_LOCK machines
                       ENVIRONMENT "YW_SOURCE=${CMAKE_SOURCE_DIR};YW_IMAGES=${YW_IMAGES}")
endif()
if("virt" IN_LIST YW_ROOMS)
  yw_test(range_virt_clone range SOURCES virt_clone.c ROOMS virt TIMEOUT 300)
  set_tests_properties(range/range_virt_clone PROPERTIES FIXTURES_REQUIRED images
                       RESOURCE_LOCK machines ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
endif()
# Several hosts in namespaces beside the test, with this machine's libvirt programs.
function(yw_fleet_test name listen)
  add_executable(${name} ${ARGN} fleet.c)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE yw_virt yw_flags PkgConfig::CMOCKA)
  set_target_properties(${name} PROPERTIES YW_TEST ON)
  add_test(NAME range/${name}
           COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/libvirt/far.py --hosts 2
                   --listen ${listen} -- $<TARGET_FILE:${name}>)
  set_tests_properties(range/${name} PROPERTIES LABELS range FIXTURES_REQUIRED images
                       SKIP_RETURN_CODE 77 TIMEOUT 300 RESOURCE_LOCK machines RUN_SERIAL ON
                       ENVIRONMENT "YW_SOURCE=${CMAKE_SOURCE_DIR};YW_IMAGES=${YW_IMAGES}")
endfunction()
if("virt" IN_LIST YW_ROOMS)
  yw_fleet_test(range_virt_far none virt_far.c)
endif()
