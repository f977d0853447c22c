if("virt" IN_LIST YW_ROOMS)
  yw_test(range_virt_broker range SOURCES virt_broker.c processes.c ROOMS virt TIMEOUT 600)
  target_include_directories(range_virt_broker PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  set_tests_properties(range/range_virt_broker PROPERTIES FIXTURES_REQUIRED images
                       RESOURCE_LOCK machines COST 1000
                       ENVIRONMENT "YW_SOURCE=${CMAKE_SOURCE_DIR};YW_IMAGES=${YW_IMAGES}")
endif()
if("virt" IN_LIST YW_ROOMS)
  yw_test(range_virt_clone range SOURCES virt_clone.c processes.c ROOMS virt TIMEOUT 900)
  # What a host may refuse goes through the test (YW_REFUSE), and what guests are told
  # (YW_SEEDS).
  target_link_options(range_virt_clone PRIVATE -Wl,--wrap=yw_host_create_paused
                      -Wl,--wrap=yw_host_restore -Wl,--wrap=yw_channel_send)
  target_include_directories(range_virt_clone PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  set_tests_properties(range/range_virt_clone PROPERTIES FIXTURES_REQUIRED images
                       RESOURCE_LOCK machines COST 1000 ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
endif()
# Several hosts in namespaces beside the test, with this machine's libvirt programs.
function(yw_fleet_test name listen program)
  add_test(NAME range/${name}
           COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/libvirt/far.py --hosts 2
                   --listen ${listen} -- $<TARGET_FILE:${program}> ${listen})
  set_tests_properties(range/${name} PROPERTIES LABELS range FIXTURES_REQUIRED images
                       SKIP_RETURN_CODE 77 TIMEOUT 900 RESOURCE_LOCK machines COST 1000
                       ENVIRONMENT "YW_SOURCE=${CMAKE_SOURCE_DIR};YW_IMAGES=${YW_IMAGES}")
endfunction()
if("virt" IN_LIST YW_ROOMS)
  foreach(program far daemon)
    add_executable(range_virt_${program} virt_${program}.c fleet.c processes.c)
    target_include_directories(range_virt_${program} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(range_virt_${program} PRIVATE yw_virt yw_flags PkgConfig::CMOCKA)
    set_target_properties(range_virt_${program} PROPERTIES YW_TEST ON)
  endforeach()
  yw_fleet_test(virt_far none range_virt_far)
  yw_fleet_test(virt_daemon_tcp tcp range_virt_daemon)
  yw_fleet_test(virt_daemon_tls tls range_virt_daemon)
endif()
