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
    assert_int_equal(crc, plc.program.crc);
    assert_int_not_equal(crc, 0);
    for (uint16_t address = YW_PLC_MODE + 1; address <= YW_PLC_REGISTER_LAST; address++)
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
    assert_int_equal(yw_plc_set(&plc, "wiring", "i0*0.1 moon", why), -1);
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

static char told[4][YW_PLC_LINE_MAX];
static int tellings;

static void on_line(void *arg, const char *line)
{
    (void)arg;
    (void)snprintf(told[tellings++ % 4], sizeof(told[0]), "%s", line);
}

static void the_key_locks_the_controller(void **state)
{
    (void)state;
    char why[YW_PLC_PROBLEM_MAX];
    tellings = 0;
    plc.on_line = on_line;
    assert_int_equal(yw_plc_set(&plc, "key", "run", why), 0);
    assert_string_equal(told[0],
                        "{\"kind\":\"plc-key\",\"from\":\"key\",\"old\":\"remote\","
                        "\"new\":\"run\"}");
    (void)scan(0, 100, 0.9);
    assert_int_equal(plc.bank.holding[YW_PLC_KEY], YW_PLC_RUN);
    assert_int_equal(plc.bank.discrete[YW_PLC_DI_KEY], 0);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_STOP), 1);
    assert_true(last.refused);
    assert_int_equal(write_register("1.2.3.4", 40, 300), 0); /* the operator still may */
    assert_int_equal(yw_plc_set(&plc, "key", "program", why), 0);
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_PROGRAM);
    assert_true(scan(100, 100, 0.9).value[0] == 100); /* outputs hold */
    assert_int_equal(plc.bank.discrete[YW_PLC_DI_KEY], 1);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_RUN), 0);
    assert_true(scan(200, 100, 0.9).value[0] == 300);
    assert_int_equal(yw_plc_set(&plc, "key", "stop", why), 0);
    assert_true(scan(300, 100, 0.9).value[0] == 0);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_RUN), 1);
    assert_int_equal(yw_plc_set(&plc, "key", "sideways", why), -1);
    /* A program that comes while the key stands so obeys it. */
    assert_int_equal(yw_plc_load(&plc, program, program_size, &problem), 0);
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_STOP);
}

static void a_program_cannot_lie_about_itself(void **state)
{
    (void)state;
    const char *liar =
        "PROGRAM p VAR END_VAR %MW90 := 2; %MW93 := 1; %MW94 := 2; %MW98 := 1;"
        "%MW99 := 7; %MW95 := 3; END_PROGRAM";
    assert_int_equal(yw_plc_load(&plc, liar, strlen(liar), &problem), 0);
    (void)scan(0, 100, 0.9);
    const uint16_t *holding = plc.bank.holding;
    assert_int_equal(holding[YW_PLC_MODE], YW_PLC_RUN);
    assert_int_equal((uint32_t)holding[YW_PLC_CRC] << 16 | holding[YW_PLC_CRC + 1],
                     plc.program.crc);
    assert_int_equal(holding[YW_PLC_KEY], YW_PLC_REMOTE);
    assert_int_equal(holding[YW_PLC_FORCES], 0);
    assert_int_equal(holding[YW_PLC_ALARM], 3);
}

static void an_endless_loop_trips(void **state)
{
    (void)state;
    const char *loop = "PROGRAM p VAR q AT %QW0 : INT; END_VAR\nq := 5;\nWHILE TRUE DO "
                       "END_WHILE; END_PROGRAM";
    tellings = 0;
    plc.on_line = on_line;
    assert_int_equal(yw_plc_load(&plc, loop, strlen(loop), &problem), 0);
    assert_true(scan(0, 100, 0.9).value[0] == 0);
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_STOP);
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP],
                     YW_PLC_TRIP_LOGIC + YW_ST_BUDGET_SPENT);
    assert_string_equal(told[0], "{\"kind\":\"plc-trip\",\"from\":\"logic\",\"line\":3,"
                                 "\"trouble\":13}");
}

static void a_warm_start_keeps_what_is_retained(void **state)
{
    (void)state;
    const char *counts =
        "PROGRAM p VAR a : INT; t AT %MW50 : UINT; END_VAR VAR RETAIN b : INT;"
        "END_VAR a := a + 1; b := b + 1; %MW51 := INT_TO_UINT(a); %MW52 := "
        "INT_TO_UINT(b); t := t + 1; END_PROGRAM";
    assert_int_equal(yw_plc_load(&plc, counts, strlen(counts), &problem), 0);
    for (int i = 0; i < 3; i++)
        (void)scan(i * 100, 100, 0.9);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_PROGRAM), 0);
    (void)scan(300, 100, 0.9);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_RUN), 0);
    (void)scan(400, 100, 0.9);
    assert_int_equal(plc.bank.holding[51], 4);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_STOP), 0);
    (void)scan(500, 100, 0.9);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_RUN), 0);
    (void)scan(600, 100, 0.9);
    assert_int_equal(plc.bank.holding[50], 5);
    assert_int_equal(plc.bank.holding[51], 1);
    assert_int_equal(plc.bank.holding[52], 5);
    /* And another life of the machine. */
    uint8_t kept[YW_ST_RETAIN_MAX];
    size_t size = yw_st_retain_save(&plc.program, &plc.image, kept, sizeof(kept));
    yw_plc_init(&plc, 5);
    assert_false(yw_plc_retain(&plc, kept, size));
    assert_int_equal(yw_plc_load(&plc, counts, strlen(counts), &problem), 0);
    assert_true(yw_plc_retain(&plc, kept, size));
    (void)scan(700, 100, 0.9);
    assert_int_equal(plc.bank.holding[51], 1);
    assert_int_equal(plc.bank.holding[52], 6);
}

static void forces_stand_against_everything(void **state)
{
    (void)state;
    char name[8];
    (void)scan(0, 100, 0.9);
    assert_int_equal(yw_plc_force(&plc, "%IW0", 12), 0);
    assert_int_equal(yw_plc_force(&plc, "dose_cmd", 7), 0);
    assert_int_equal(yw_plc_force(&plc, "no_such", 7), -1);
    struct yw_field_record out = scan(100, 170, 0.9);
    assert_true(out.value[0] == 7);
    assert_true(fabs(out.view[0] - 1.2) < 1e-9); /* the alarm sleeps */
    assert_int_equal(plc.bank.discrete[0], 0);
    assert_int_equal(plc.bank.discrete[YW_PLC_DI_FORCE], 1);
    assert_int_equal(plc.bank.holding[YW_PLC_FORCES], 2);
    assert_true(yw_plc_unforce(&plc, "%IW0"));
    assert_false(yw_plc_unforce(&plc, "%IW0"));
    assert_int_equal(plc.bank.input[0], 1700); /* before the next record */
    out = scan(200, 170, 0.9);
    assert_int_equal(plc.bank.discrete[0], 1);
    assert_true(out.value[0] == 7);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_MODE, YW_PLC_STOP), 0);
    assert_true(scan(300, 170, 0.9).value[0] == 0); /* STOP lets go of the plant */
    assert_true(yw_plc_unforce(&plc, NULL));
    assert_false(yw_plc_unforce(&plc, NULL));
    assert_int_equal(plc.bank.holding[YW_PLC_FORCES], 0);
    for (int i = 0; i <= YW_PLC_FORCES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "%%MX%d", i);
        assert_int_equal(yw_plc_force(&plc, name, 1), i < YW_PLC_FORCES_MAX ? 0 : -1);
    }
}

static void a_sis_wants_its_key(void **state)
{
    (void)state;
    uint8_t reply[YW_MODBUS_PDU_MAX];
    char why[YW_PLC_PROBLEM_MAX];
    const char *logic = "PROGRAM p VAR END_VAR %QX0 := NOT %MX1; END_PROGRAM";
    yw_plc_init_as(&plc, YW_PLC_SAFETY, 5);
    plc.on_write = on_write;
    assert_int_equal(yw_plc_load(&plc, logic, strlen(logic), &problem), 0);
    (void)scan(0, 100, 0.9);
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_RUN);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_BYPASS, 1), 1);
    assert_true(last.refused);
    assert_int_equal(ask("1.2.3.4", 1, (const uint8_t[]){5, 0, 0, 0xff, 0}, 5, reply), 5);
    assert_int_equal(yw_plc_set(&plc, "key", "remote", why), 0);
    assert_int_equal(write_register("1.2.3.4", YW_PLC_BYPASS, 1), 0);
    (void)scan(100, 100, 0.9);
    assert_int_equal(plc.bank.discrete[YW_PLC_DI_BYPASS], 1);
    assert_int_equal(plc.bank.discrete[YW_PLC_DI_KEY], 1);
}

static void terminals_need_no_program(void **state)
{
    (void)state;
    char why[YW_PLC_PROBLEM_MAX];
    yw_plc_init_as(&plc, YW_PLC_REMOTE_IO, 5);
    assert_int_equal(yw_plc_set(&plc, "fallback", "500", why), 0);
    assert_int_equal(yw_plc_set(&plc, "fallback", "never", why), -1);
    assert_int_equal(write_register("1.2.3.4", 0, 250), 0);
    assert_int_equal(write_register("1.2.3.4", 2, 1), 0);
    struct yw_field_record out = scan(0, 101.5, 0.9);
    assert_true(out.value[0] == 250 && out.value[1] == 0 && out.value[2] == 1);
    assert_int_equal(plc.bank.input[0], 1015);
    assert_true(scan(499, 100, 0.9).value[0] == 250);
    assert_true(scan(500, 100, 0.9).value[0] == 0);
    assert_int_equal(write_register("1.2.3.4", 1, 1), 0);
    out = scan(600, 100, 0.9);
    assert_true(out.value[0] == 250 && out.value[1] == 1);
}

/* A plant with registers in any order, an offset, a contact and a wire that ends nowhere. */
static void wires_end_where_they_are_told(void **state)
{
    (void)state;
    char why[YW_PLC_PROBLEM_MAX];
    struct yw_field_record in = {
        .magic = YW_FIELD_MAGIC, .count = 5, .value = {-5.5, 2700.04, 1, 42.5, 7}};
    struct yw_field_record out;
    assert_int_equal(yw_plc_set(&plc, "wiring", "o1 o0.01 i7*0.1+1000 i4*0.1", why), 0);
    assert_int_equal(yw_plc_set(&plc, "wiring+", "d3 - i8", why), 0);
    assert_int_equal(plc.wiring.tag_count, 5);
    assert_true(yw_plc_sense(&plc, &in));
    yw_plc_scan(&plc, 0, &out);
    assert_int_equal(plc.bank.input[7], 945);
    assert_int_equal(plc.bank.input[4], 27000);
    assert_int_equal(plc.bank.input[8], 7);
    assert_int_equal(plc.bank.discrete[3], 1);
    assert_int_equal(out.count, 2);
    assert_int_equal(out.views, 5);
    assert_true(fabs(out.view[0] + 5.5) < 1e-9 && fabs(out.view[1] - 2700) < 1e-9);
    assert_true(out.view[2] == 1 && out.view[3] == 42.5 && out.view[4] == 7);
    assert_int_equal(yw_plc_force(&plc, "%IX3", 0), 0);
    assert_int_equal(yw_plc_force(&plc, "%IW7", 1), 0);
    yw_plc_scan(&plc, 100, &out);
    assert_true(out.view[2] == 0 && fabs(out.view[0] + 99.9) < 1e-9);
    assert_true(yw_plc_unforce(&plc, NULL));
    assert_int_equal(plc.bank.input[7], 945);
    assert_int_equal(plc.bank.discrete[3], 1);
    static const char *const bad[] = {"i256*1", "i0*0", "i0*x", "x1",       "i0*1+",
                                      "i",      "o-1",  "d-1",  "i0*1e999", "o0"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(yw_plc_set(&plc, "wiring", bad[i], why), -1);
    assert_int_equal(yw_plc_set(&plc, "wiring", "-", why), 0);
    for (int i = 1; i <= YW_FIELD_VALUES; i++)
        assert_int_equal(yw_plc_set(&plc, "wiring+", "-", why),
                         i < YW_FIELD_VALUES ? 0 : -1);
}

static void a_configuration_is_lines(void **state)
{
    (void)state;
    char why[YW_PLC_PROBLEM_MAX];
    static const char good[] = "# the panel\nkey run\npassword hunter2\nunit 7\n";
    static const char *const bad[] = {"key left",     "colour red",   "key",
                                      "password a-b", "key run stop", "ey run"};
    assert_int_equal(yw_plc_configure(&plc, good, sizeof(good) - 1, why), 0);
    assert_int_equal(plc.key, YW_PLC_RUN);
    assert_string_equal(plc.password, "hunter2");
    assert_int_equal(plc.unit, 7);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(yw_plc_configure(&plc, bad[i], strlen(bad[i]), why), -1);
        assert_memory_equal(why, "line 1: ", 8);
    }
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
        cmocka_unit_test_setup(the_key_locks_the_controller, start),
        cmocka_unit_test_setup(a_program_cannot_lie_about_itself, start),
        cmocka_unit_test_setup(an_endless_loop_trips, start),
        cmocka_unit_test_setup(a_warm_start_keeps_what_is_retained, start),
        cmocka_unit_test_setup(forces_stand_against_everything, start),
        cmocka_unit_test_setup(a_sis_wants_its_key, start),
        cmocka_unit_test_setup(terminals_need_no_program, start),
        cmocka_unit_test_setup(wires_end_where_they_are_told, start),
        cmocka_unit_test_setup(a_configuration_is_lines, start),
        cmocka_unit_test_setup(writes_become_lines, start),
    };
    return cmocka_run_group_tests(tests, read_program, NULL);
}
