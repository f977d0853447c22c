yw_test(golden_script_fields golden SOURCES script_fields.c ROOMS script model base)
yw_test(golden_script_spec golden SOURCES script_spec.c ../unit/script_harness.c
        ROOMS script model base)
