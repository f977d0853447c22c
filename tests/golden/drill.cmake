yw_test(golden_drill_report golden
  SOURCES drill_report.c ROOMS drill)
