if("cli" IN_LIST YW_ROOMS)
  foreach(drill break console fail hostile isolation kill kit points run zones)
    add_test(NAME range/drill_${drill}
             COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/drill_${drill}.py
                     $<TARGET_FILE:yanwu> ${CMAKE_SOURCE_DIR})
    set_tests_properties(range/drill_${drill} PROPERTIES LABELS range
                         FIXTURES_REQUIRED images SKIP_RETURN_CODE 77 TIMEOUT 900
                         RESOURCE_LOCK machines COST 1000
                         ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
  endforeach()
  add_test(NAME range/bench_stop
           COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/bench_stop.py
                   $<TARGET_FILE:yanwu> ${CMAKE_SOURCE_DIR})
  set_tests_properties(range/bench_stop PROPERTIES LABELS range
                       FIXTURES_REQUIRED images SKIP_RETURN_CODE 77 TIMEOUT 900
                       RESOURCE_LOCK machines COST 1000
                       ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
  add_test(NAME range/drill_full
           COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/drill_full.py
                   $<TARGET_FILE:yanwu> ${CMAKE_SOURCE_DIR})
  set_tests_properties(range/drill_full PROPERTIES LABELS range
                       FIXTURES_REQUIRED "images;image_full" SKIP_RETURN_CODE 77 TIMEOUT 1200
                       RESOURCE_LOCK machines COST 1000
                       ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
  add_test(NAME nightly/full_foreign
           COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/full_foreign.py
                   $<TARGET_FILE:yanwu> ${CMAKE_SOURCE_DIR})
  set_tests_properties(nightly/full_foreign PROPERTIES LABELS nightly
                       FIXTURES_REQUIRED images SKIP_RETURN_CODE 77 TIMEOUT 1200
                       RESOURCE_LOCK machines COST 1000
                       ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
  # An hour or more without acceleration: not in the suite, `yanwu test nightly` runs them.
  foreach(image base attacker scada opcua historian corp engineering)
    add_test(NAME nightly/full_${image}
             COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/full_images.py
                     $<TARGET_FILE:yanwu> ${CMAKE_SOURCE_DIR} deb-${image})
    set_tests_properties(nightly/full_${image} PROPERTIES LABELS nightly
                         FIXTURES_REQUIRED images SKIP_RETURN_CODE 77 TIMEOUT 5400
                         RESOURCE_LOCK machines COST 1000
                         ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
  endforeach()
  foreach(scenario boiler-lowwater caster-breakout data-exfil fleet-backend grid-blackout
                   heating-frosty reactor-triton spindle-recipe
                   water-dosing)
    add_test(NAME nightly/scenario_${scenario}
             COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/drill_scenarios.py
                     $<TARGET_FILE:yanwu> ${CMAKE_SOURCE_DIR} ${scenario})
    set_tests_properties(nightly/scenario_${scenario} PROPERTIES LABELS nightly
                         FIXTURES_REQUIRED images SKIP_RETURN_CODE 77 TIMEOUT 5400
                         RESOURCE_LOCK machines COST 1000
                         ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
  endforeach()
endif()
# The same over three hosts, two of them in namespaces beside the test.
if("cli" IN_LIST YW_ROOMS)
  add_test(NAME range/drill_hosts
           COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/libvirt/far.py --hosts 2
                   --listen none -- /usr/bin/python3 -B
                   ${CMAKE_CURRENT_SOURCE_DIR}/drill_hosts.py $<TARGET_FILE:yanwu>
                   ${CMAKE_SOURCE_DIR})
  set_tests_properties(range/drill_hosts PROPERTIES LABELS range FIXTURES_REQUIRED images
                       SKIP_RETURN_CODE 77 TIMEOUT 900 RESOURCE_LOCK machines COST 1000
                       ENVIRONMENT "YW_IMAGES=${YW_IMAGES}")
endif()
