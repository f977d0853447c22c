yw_test(unit_script_scenario unit SOURCES script_scenario.c script_harness.c ROOMS script model base)
