yw_test(golden_script_fields golden SOURCES script_fields.c ROOMS script model base)
