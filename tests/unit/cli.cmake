yw_test(unit_cli_verbs unit
  SOURCES cli_verbs.c ROOMS codec TIMEOUT 600 ARGS $<TARGET_FILE:yanwu>)
add_dependencies(unit_cli_verbs yanwu)
yw_test(unit_cli_plant unit
  SOURCES cli_plant.c ROOMS codec ARGS $<TARGET_FILE:yanwu>)
add_dependencies(unit_cli_plant yanwu)
yw_test(unit_cli_scenario unit SOURCES cli_scenario.c ROOMS codec ARGS $<TARGET_FILE:yanwu>)
add_dependencies(unit_cli_scenario yanwu)
