yw_test(unit_drill_recording unit SOURCES drill_recording.c ROOMS drill)
yw_test(unit_drill_fetch unit SOURCES drill_fetch.c ROOMS drill)
yw_test(unit_drill_role unit SOURCES drill_role.c ROOMS drill)
yw_test(unit_drill_wiring unit SOURCES drill_wiring.c ROOMS drill)
