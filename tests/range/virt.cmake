if("virt" IN_LIST YW_ROOMS)
  yw_test(range_virt_broker range SOURCES virt_broker.c ROOMS virt TIMEOUT 240)
  set_tests_properties(range/range_virt_broker PROPERTIES FIXTURES_REQUIRED images
                       RESOURCE_LOCK machines
                       ENVIRONMENT "YW_SOURCE=${CMAKE_SOURCE_DIR};YW_IMAGES=${YW_IMAGES}")
endif()
