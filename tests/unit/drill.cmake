yw_test(unit_drill_recording unit SOURCES drill_recording.c ROOMS drill)
