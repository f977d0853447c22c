yw_test(golden_drill_report golden
  SOURCES drill_report.c ROOMS drill)
yw_test(golden_drill_state golden
  SOURCES drill_state.c ROOMS drill)
