/* The safety system: the program of vm-images/controller/samples on a controller of that
 * profile. */
#include "controller/plc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_plc plc;
static char program[YW_ST_SOURCE_MAX];
static size_t program_size;
static int64_t now_ms;

static int read_program(void **state)
{
    (void)state;
    FILE *file = fopen("vm-images/controller/samples/sis.st", "r");
    if (file == NULL)
        return -1;
    program_size = fread(program, 1, sizeof(program), file);
    (void)fclose(file);
    return program_size > 0 ? 0 : -1;
}

static int start(void **state)
{
    (void)state;
    struct yw_st_problem problem;
    char why[YW_PLC_PROBLEM_MAX];
    now_ms = 0;
    yw_plc_init_as(&plc, YW_PLC_SAFETY, 5);
    if (yw_plc_set(&plc, "wiring", "o1 i0*0.1 i1*0.1 i2*0.1", why) != 0)
        return -1;
    return yw_plc_load(&plc, program, program_size, &problem);
}

/* Does the plant run, after a scan with these pressures? */
static bool runs(double a, double b, double c)
{
    struct yw_field_record in = {.magic = YW_FIELD_MAGIC, .count = 3, .value = {a, b, c}};
    struct yw_field_record out;
    assert_true(yw_plc_sense(&plc, &in));
    yw_plc_scan(&plc, now_ms += 100, &out);
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_RUN);
    return out.value[0] == 1;
}

static int write_register(uint16_t address, uint16_t value)
{
    uint8_t reply[YW_MODBUS_PDU_MAX];
    const uint8_t pdu[] = {6, (uint8_t)(address >> 8), (uint8_t)(address & 255),
                           (uint8_t)(value >> 8), (uint8_t)(value & 255)};
    return yw_plc_answer(&plc, "10.20.2.66", 1, pdu, sizeof(pdu), reply) == 2 ? reply[1]
                                                                              : 0;
}

static void two_of_three_trip(void **state)
{
    (void)state;
    assert_true(runs(2700, 2700, 2700));
    assert_true(runs(3000, 2700, 2700)); /* one alone may be wrong */
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP], 0);
    assert_false(runs(3000, 2700, 2951));
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP], 1);
    assert_false(runs(2700, 2700, 2700)); /* latched */
    plc.bank.coil[0] = 1;
    assert_true(runs(2700, 2700, 2700));
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP], 0);
    assert_false(runs(3000, 3000, 3000)); /* resetting does not hold it */
}

static void the_first_out_is_kept(void **state)
{
    (void)state;
    plc.bank.coil[1] = 1;
    assert_false(runs(2700, 2700, 2700));
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP], 2);
    assert_false(runs(3000, 3000, 3000));
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP], 2);
}

static void a_bypass_wants_the_key(void **state)
{
    (void)state;
    char why[YW_PLC_PROBLEM_MAX];
    assert_int_equal(write_register(YW_PLC_BYPASS, 1), 1);
    assert_true(runs(2700, 2700, 2700));
    assert_int_equal(plc.bank.discrete[YW_PLC_DI_BYPASS], 0);
    assert_int_equal(yw_plc_set(&plc, "key", "program", why), 0);
    assert_int_equal(write_register(YW_PLC_BYPASS, 3), 0);
    assert_int_equal(yw_plc_set(&plc, "key", "run", why), 0);
    assert_true(runs(3000, 3000, 2700)); /* the two that see it do not vote */
    assert_int_equal(plc.bank.discrete[YW_PLC_DI_BYPASS], 1);
    assert_false(runs(2700, 2700, 3000)); /* one of one */
}

static void a_channel_apart_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_true(runs(3000, 2700, 2700));
    assert_int_equal(plc.bank.holding[YW_PLC_ALARM] & 2, 0);
    assert_true(runs(3000, 2700, 2700));
    assert_int_equal(plc.bank.holding[YW_PLC_ALARM] & 2, 2);
}

static void proof_tests_are_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        plc.bank.coil[2] = 1;
        assert_true(runs(2700, 2700, 2700)); /* the plant runs on */
        assert_true(runs(2700, 2700, 2700));
        plc.bank.coil[2] = 0;
        assert_true(runs(2700, 2700, 2700));
    }
    assert_int_equal(plc.bank.holding[85], 3);
    assert_int_equal(plc.bank.holding[YW_PLC_TRIP], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(two_of_three_trip, start),
        cmocka_unit_test_setup(the_first_out_is_kept, start),
        cmocka_unit_test_setup(a_bypass_wants_the_key, start),
        cmocka_unit_test_setup(a_channel_apart_is_told, start),
        cmocka_unit_test_setup(proof_tests_are_counted, start),
    };
    return cmocka_run_group_tests(tests, read_program, NULL);
}
