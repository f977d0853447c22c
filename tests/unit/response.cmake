yw_test(unit_response_condition unit SOURCES response_condition.c
        ROOMS response model base)
foreach(part run people chance sweep)
  yw_test(unit_response_${part} unit SOURCES response_${part}.c run_stage.c ROOMS response model base)
endforeach()
yw_test(unit_response_layout unit SOURCES response_layout.c ROOMS response model base)
yw_test(unit_response_calendar unit SOURCES response_calendar.c ROOMS response model base)
