/* Any bytes as a stream of ADUs to a running PLC. */
#include "controller/plc.h"

int yw_fuzz_one(const uint8_t *bytes, size_t size);

int yw_fuzz_one(const uint8_t *bytes, size_t size)
{
    static const char program[] =
        "PROGRAM t VAR s AT %MW40 : INT; q AT %QW0 : INT; END_VAR q := s; END_PROGRAM";
    static struct yw_plc plc;
    struct yw_st_problem problem;
    struct yw_field_record record;
    struct yw_modbus_adu adu;
    uint8_t reply[YW_MODBUS_PDU_MAX];
    size_t at = 0;
    int step = 0;
    yw_plc_init(&plc, size);
    if (yw_plc_load(&plc, program, sizeof(program) - 1, &problem) != 0)
        return 0;
    while ((step = yw_modbus_frame(bytes + at, size - at, &adu)) > 0) {
        (void)yw_plc_answer(&plc, "10.20.2.66", adu.unit, adu.pdu, adu.pdu_size, reply);
        yw_plc_scan(&plc, (int64_t)at, &record);
        at += (size_t)step;
    }
    return 0;
}
