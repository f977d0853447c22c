yw_test(unit_response_condition unit SOURCES response_condition.c
        ROOMS response model base)
yw_test(unit_response_run unit SOURCES response_run.c ROOMS response model base)
yw_test(unit_response_layout unit SOURCES response_layout.c ROOMS response model base)
yw_test(unit_response_calendar unit SOURCES response_calendar.c ROOMS response model base)
