yw_test(unit_model_event unit SOURCES model_event.c ROOMS model base)
yw_test(unit_model_spec unit SOURCES model_spec.c model_sample.c ROOMS model base)
yw_test(unit_model_plan unit SOURCES model_plan.c model_sample.c ROOMS model base)
