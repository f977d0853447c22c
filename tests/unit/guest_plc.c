#include "controller/plc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_plc plc;
static struct yw_st_problem problem;
static struct yw_plc_write last;
static int writes;
static char program[YW_ST_SOURCE_MAX];
static size_t program_size;

static void on_write(void *arg, const struct yw_plc_write *write)
{
    (void)arg;
    last = *write;
    writes++;
}

static int read_program(void **state)
{
    (void)state;
    FILE *file = fopen("scenarios/water-dosing/files/dosing.st", "r");
    if (file == NULL)
        return -1;
    program_size = fread(program, 1, sizeof(program), file);
    (void)fclose(file);
    return program_size > 0 ? 0 : -1;
}

static int start(void **state)
{
    (void)state;
    yw_plc_init(&plc, 5);
    plc.on_write = on_write;
    writes = 0;
    return yw_plc_load(&plc, program, program_size, &problem);
}

static struct yw_field_record scan(int64_t now_ms, double naoh, double level)
{
    struct yw_field_record in = {
        .magic = YW_FIELD_MAGIC, .count = 4, .value = {naoh, 2.45, level, 100}};
    struct yw_field_record out;
    assert_true(yw_plc_sense(&plc, &in));
    yw_plc_scan(&plc, now_ms, &out);
    return out;
}

static size_t ask(const char *from, uint8_t unit, const uint8_t *pdu, size_t size,
                  uint8_t *reply)
{
    return yw_plc_answer(&plc, from, unit, pdu, size, reply);
}

/* Writes one holding register; the exception or 0. */
static int write_register(const char *from, uint16_t address, uint16_t value)
{
    uint8_t reply[YW_MODBUS_PDU_MAX];
    const uint8_t pdu[] = {6, (uint8_t)(address >> 8), (uint8_t)(address & 255),
                           (uint8_t)(value >> 8), (uint8_t)(value & 255)};
    size_t size = ask(from, 1, pdu, sizeof(pdu), reply);
    return size == 2 ? reply[1] : 0;
}

static void set_point_reaches_the_pump(void **state)
{
    (void)state;
    struct yw_field_record out = scan(0, 100, 0.9);
    assert_int_equal(out.magic, YW_FIELD_MAGIC);
    assert_int_equal(out.count, 3);
    assert_int_equal(out.views, 4);
    assert_true(out.value[0] == 100 && out.value[1] == 1 && out.value[2] == 1);
    assert_true(fabs(out.view[0] - 100) < 1e-9 && fabs(out.view[1] - 2.45) < 1e-9);
    assert_int_equal(write_register("10.20.2.66", 40, 11100), 0);
    out = scan(100, 100, 0.9);
    assert_true(out.value[0] == 11100);
    assert_int_equal(write_register("10.20.2.66", 40, 65535), 0);
    assert_true(scan(200, 100, 0.9).value[0] == 20000);
    assert_int_equal(writes, 2);
    assert_string_equal(last.from, "10.20.2.66");
    assert_int_equal(last.what.old_value, 11100);
}

static void operator_can_stop_and_hold(void **state)
{
    (void)state;
    uint8_t reply[YW_MODBUS_PDU_MAX];
    (void)scan(0, 100, 0.9);
    assert_int_equal(ask("1.2.3.4", 1, (const uint8_t[]){5, 0, 0, 0xff, 0}, 5, reply), 5);
    assert_int_equal(write_register("1.2.3.4", 40, 500), 0);
    assert_true(scan(100, 100, 0.9).value[0] == 100); /* manual holds */
    assert_int_equal(ask("1.2.3.4", 1, (const uint8_t[]){5, 0, 1, 0xff, 0}, 5, reply), 5);
    struct yw_field_record out = scan(200, 100, 0.9);
    assert_true(out.value[0] == 0 && out.value[1] == 0);
}

static void alarm_has_hysteresis(void **state)
{
    (void)state;
    (void)scan(0, 150.0, 0.9);
    assert_int_equal(plc.bank.discrete[0], 0);
    (void)scan(100, 150.1, 0.9);
    assert_int_equal(plc.bank.discrete[0], 1);
    assert_int_equal(plc.bank.holding[YW_PLC_ALARM], 1);
    (void)scan(200, 145.0, 0.9);
    assert_int_equal(plc.bank.discrete[0], 1);
    (void)scan(300, 144.9, 0.9);
    assert_int_equal(plc.bank.discrete[0], 0);
}

static void level_moves_the_valve(void **state)
{
    (void)state;
    assert_true(scan(0, 100, 0.999).value[2] == 1);
    assert_true(scan(100, 100, 1.0).value[2] == 0);
    assert_true(scan(200, 100, 0.9).value[2] == 0);
    assert_true(scan(300, 100, 0.8).value[2] == 1);
}

static void housekeeping_registers(void **state)
{
    (void)state;
    const uint16_t *holding = plc.bank.holding;
    (void)scan(1000, 100, 0.9);
    (void)scan(1100, 100, 0.9);
    (void)scan(3250, 100, 0.9);
    assert_int_equal(holding[YW_PLC_MODE], YW_PLC_RUN);
    assert_int_equal(holding[YW_PLC_SCAN_TIME], 2150);
    assert_int_equal(holding[YW_PLC_SCAN_COUNT], 3);
    assert_int_equal(holding[YW_PLC_HEARTBEAT], 2);
    uint32_t crc = (uint32_t)holding[YW_PLC_CRC] << 16 | holding[YW_PLC_CRC + 1];
    assert_int_equal(crc, yw_st_crc(program, program_size));
    for (uint16_t address = YW_PLC_MODE + 1; address <= YW_PLC_SPARE_LAST; address++)
        assert_int_equal(write_register("1.2.3.4", address, 1), 2);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, 4), 3);
    assert_int_equal(writes, 0);
}

static void modes_stop_and_hold(void **state)
{
    (void)state;
    (void)scan(0, 100, 0.9);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_PROGRAM), 0);
    assert_int_equal(write_register("1.2.3.4", 40, 300), 0);
    assert_true(scan(100, 100, 0.9).value[0] == 100);
    assert_false(plc.bank.running);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_STOP), 0);
    assert_true(scan(200, 100, 0.9).value[0] == 0);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_REMOTE), 0);
    assert_true(scan(300, 100, 0.9).value[0] == 300);
    assert_true(plc.bank.running);
}

static void failing_logic_trips(void **state)
{
    (void)state;
    const char *bad = "PROGRAM t VAR q AT %QW0 : INT; z : INT; END_VAR\n"
                      "q := 5;\nq := 1 / z; END_PROGRAM";
    assert_int_equal(yw_plc_load(&plc, bad, strlen(bad), &problem), 0);
    struct yw_field_record out = scan(0, 100, 0.9);
    assert_true(out.value[0] == 0);
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_STOP);
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP],
                     YW_PLC_TRIP_LOGIC + YW_ST_DIVIDE_BY_ZERO);
    assert_int_equal(plc.problem.line, 3);
}

static void bad_program_is_a_device_failure(void **state)
{
    (void)state;
    uint8_t reply[YW_MODBUS_PDU_MAX];
    assert_int_equal(yw_plc_load(&plc, "nonsense", 8, &problem), -1);
    assert_int_equal(ask("1.2.3.4", 1, (const uint8_t[]){3, 0, 0, 0, 1}, 5, reply), 2);
    assert_int_equal(reply[1], YW_MODBUS_DEVICE_FAILURE);
    assert_true(scan(0, 100, 0.9).value[0] == 0);
}

static void units_are_told_apart(void **state)
{
    (void)state;
    uint8_t reply[YW_MODBUS_PDU_MAX];
    char why[YW_PLC_PROBLEM_MAX];
    const uint8_t pdu[] = {3, 0, 40, 0, 1};
    assert_int_equal(ask("1.2.3.4", 0, pdu, 5, reply), 4);
    assert_int_equal(ask("1.2.3.4", 255, pdu, 5, reply), 4);
    assert_int_equal(ask("1.2.3.4", 2, pdu, 5, reply), 2);
    assert_int_equal(reply[1], YW_MODBUS_NO_TARGET);
    assert_int_equal(yw_plc_set(&plc, "unit", "2", why), 0);
    assert_int_equal(ask("1.2.3.4", 2, pdu, 5, reply), 4);
    assert_int_equal(yw_plc_set(&plc, "unit", "248", why), -1);
    assert_int_equal(yw_plc_set(&plc, "unit", "0", why), -1);
    assert_int_equal(yw_plc_set(&plc, "unit", "1x", why), -1);
}

static void write_list_is_kept(void **state)
{
    (void)state;
    char why[YW_PLC_PROBLEM_MAX];
    assert_int_equal(yw_plc_set(&plc, "acl", "10.20.2.20, 10.20.3.0/24", why), 0);
    assert_int_equal(write_register("10.20.2.66", 40, 1), 1);
    assert_true(last.refused);
    assert_int_equal(plc.bank.holding[40], 100);
    assert_int_equal(write_register("10.20.2.20", 40, 1), 0);
    assert_int_equal(write_register("10.20.3.255", 40, 2), 0);
    assert_int_equal(write_register("10.20.4.1", 40, 3), 1);
    assert_int_equal(yw_plc_set(&plc, "acl", "none", why), 0);
    assert_int_equal(write_register("10.20.2.20", 40, 3), 1);
    assert_int_equal(yw_plc_set(&plc, "acl", "*", why), 0);
    assert_int_equal(write_register("10.20.2.66", 40, 3), 0);
}

static void bad_settings_change_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "10.20.2", "10.20.2.256", "1.2.3.4/33", "1.2.3.4x", "1.2.3.4.5", "a", "1.2.3.4/"};
    char why[YW_PLC_PROBLEM_MAX];
    char long_list[1 + YW_SOURCES_MAX][9];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(yw_plc_set(&plc, "acl", bad[i], why), -1);
        assert_true(strlen(why) > 10);
    }
    for (int i = 0; i <= YW_SOURCES_MAX; i++)
        memcpy(long_list[i], "1.2.3.4, ", 9);
    long_list[YW_SOURCES_MAX][7] = '\0';
    assert_int_equal(yw_plc_set(&plc, "acl", &long_list[0][0], why), -1);
    assert_int_equal(yw_plc_set(&plc, "acl", &long_list[1][0], why), 0);
    assert_int_equal(yw_plc_set(&plc, "acl", "*", why), 0);
    assert_int_equal(yw_plc_set(&plc, "plant", "moon-base", why), -1);
    assert_int_equal(yw_plc_set(&plc, "plc", "of the hmi", why), 0);
    assert_int_equal(write_register("10.20.2.66", 40, 3), 0);
}

static void bad_records_are_refused(void **state)
{
    (void)state;
    struct yw_field_record record = {.magic = YW_FIELD_MAGIC, .count = 4};
    record.value[1] = NAN;
    assert_false(yw_plc_sense(&plc, &record));
    record.value[1] = INFINITY;
    assert_false(yw_plc_sense(&plc, &record));
    record.value[1] = 1e300;
    assert_true(yw_plc_sense(&plc, &record));
    assert_int_equal(plc.bank.input[1], 65535);
    record.value[1] = -5;
    assert_true(yw_plc_sense(&plc, &record));
    assert_int_equal(plc.bank.input[1], 0);
    record.count = YW_FIELD_VALUES + 1;
    assert_false(yw_plc_sense(&plc, &record));
    record.count = 4;
    record.magic++;
    assert_false(yw_plc_sense(&plc, &record));
}

static void writes_become_lines(void **state)
{
    (void)state;
    char line[256];
    assert_int_equal(write_register("10.20.2.66", 40, 11100), 0);
    yw_plc_write_line(&last, line, sizeof(line));
    assert_string_equal(line,
                        "{\"kind\":\"modbus-write\",\"from\":\"10.20.2.66\",\"fc\":6,"
                        "\"table\":\"holding\",\"address\":40,\"old\":100,"
                        "\"new\":11100}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(set_point_reaches_the_pump, start),
        cmocka_unit_test_setup(operator_can_stop_and_hold, start),
        cmocka_unit_test_setup(alarm_has_hysteresis, start),
        cmocka_unit_test_setup(level_moves_the_valve, start),
        cmocka_unit_test_setup(housekeeping_registers, start),
        cmocka_unit_test_setup(modes_stop_and_hold, start),
        cmocka_unit_test_setup(failing_logic_trips, start),
        cmocka_unit_test_setup(bad_program_is_a_device_failure, start),
        cmocka_unit_test_setup(units_are_told_apart, start),
        cmocka_unit_test_setup(write_list_is_kept, start),
        cmocka_unit_test_setup(bad_settings_change_nothing, start),
        cmocka_unit_test_setup(bad_records_are_refused, start),
        cmocka_unit_test_setup(writes_become_lines, start),
    };
    return cmocka_run_group_tests(tests, read_program, NULL);
}
