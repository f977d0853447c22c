/* The controllers of grid-blackout and fleet-backend (files/ of the scenarios), scan by scan:
 * what they hold, refuse and give up. */
#include "controller/plc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SCAN_MS 100
#define FEEDER_IN 6 /* of the first feeder behind the hospital's */
#define CARS 16
#define SOC 10 /* of the first car, in register and record */

static struct yw_plc plc;
static struct yw_field_record in;
static int64_t now_ms;

static void load(const char *path, const char *wiring)
{
    static char text[YW_ST_SOURCE_MAX];
    struct yw_st_problem problem;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t size = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    yw_plc_init(&plc, 1);
    memset(&in, 0, sizeof(in));
    in.magic = YW_FIELD_MAGIC;
    now_ms = 0;
    memset(&plc.wiring, 0, sizeof(plc.wiring));
    assert_true(yw_plc_wire(&plc.wiring, wiring));
    assert_int_equal(yw_plc_load(&plc, text, size, &problem), 0);
}

static struct yw_field_record scan(int times)
{
    struct yw_field_record out = {0};

    for (int i = 0; i < times; i++) {
        assert_true(yw_plc_sense(&plc, &in));
        yw_plc_scan(&plc, now_ms, &out);
        now_ms += SCAN_MS;
    }
    return out;
}

/* ---- the frequency of the grid ---- */

static void load_frequency(double hz, double kv)
{
    load("scenarios/grid-blackout/files/frequency.st",
         "o1 o1 i0*0.001 i1*0.001 i2*0.001 i3*0.01 i4*0.01 d5 d6 d7 d8 d9 d10");
    in.count = 11;
    in.value[0] = hz;
    in.value[1] = in.value[2] = kv;
    for (int i = 5; i <= 10; i++)
        in.value[i] = hz > 0;
}

static void the_reference_follows_the_frequency(void **state)
{
    (void)state;
    load_frequency(50, 10.2);
    assert_true(fabs(scan(20).value[0] - 0.55) < 1e-6);
    in.value[0] = 49.5; /* too slow: more, until the ceiling */
    double some = scan(10).value[0];
    assert_true(some > 0.58 && some < 0.62);
    assert_true(fabs(scan(1000).value[0] - 1.0) < 0.006);
    assert_true((plc.bank.holding[YW_PLC_ALARM] & 8) != 0);
    in.value[0] = 51; /* too fast: less, until the floor */
    assert_true(fabs(scan(1000).value[0] - 0.3) < 0.006);
}

/* What the intruder of the story writes. */
static void a_low_ceiling_starves_the_grid(void **state)
{
    (void)state;
    load_frequency(50, 10.2);
    (void)scan(1);
    plc.bank.holding[2] = 100;
    in.value[0] = 48.9;
    assert_true(fabs(scan(100).value[0] - 0.1) < 1e-6);
    assert_int_equal(plc.bank.holding[YW_PLC_ALARM] & 9,
                     9); /* slow, and at its ceiling */
    plc.bank.holding[2] = 1000;
    assert_true(scan(100).value[0] > 0.9);
}

static void black_start_wants_a_dead_bus_and_little_load(void **state)
{
    (void)state;
    load_frequency(50, 10.2);
    plc.bank.coil[0] = 1;
    assert_true(scan(50).value[1] == 0); /* alive */
    load_frequency(0, 0);
    plc.bank.coil[0] = 1;
    in.value[FEEDER_IN] = 1; /* the water works would be picked up at once */
    assert_true(scan(50).value[1] == 0);
    assert_int_equal(plc.bank.holding[YW_PLC_ALARM] & 6, 6); /* dead, and refused */
    in.value[FEEDER_IN] = 0;
    in.value[2] = 10.2; /* a bus with voltage */
    assert_true(scan(50).value[1] == 0);
    in.value[2] = 0;
    assert_true(scan(10).value[1] == 0); /* not yet for long */
    assert_true(scan(20).value[1] == 1);
    in.value[0] = 50;
    assert_true(scan(1).value[1] == 0);
}

/* ---- the yard of the fleet ---- */

static void load_yard(void)
{
    char wiring[512] = "o1";
    char word[16];

    for (int i = 1; i < CARS; i++)
        strcat(wiring, " o1");
    strcat(wiring, " i0*0.01 i1*1 i2*0.01 i3*0.0001");
    for (int i = 4; i < SOC + CARS; i++) {
        (void)snprintf(word, sizeof(word), " i%d*%s", i, i < SOC ? "0.01" : "0.0001");
        strcat(wiring, word);
    }
    load("scenarios/fleet-backend/files/yard.st", wiring);
    in.count = SOC + CARS;
    for (int i = 0; i < CARS; i++)
        in.value[SOC + i] = 0.5;
}

/* Bit i: car i + 1 has the way. */
static unsigned ways(int scans)
{
    const struct yw_field_record out = scan(scans);
    unsigned bits = 0;

    assert_int_equal(out.count, CARS);
    for (unsigned i = 0; i < CARS; i++)
        bits |= (out.value[i] == 1 ? 1u : 0u) << i;
    return bits;
}

static void called_cars_pull_over_until_they_are_let_go(void **state)
{
    (void)state;
    load_yard();
    assert_int_equal(ways(1), 0xffff);
    plc.bank.holding[0] = 63;
    assert_int_equal(ways(1), 0xffff); /* nobody called yet */
    plc.bank.coil[0] = 1;
    assert_int_equal(ways(1), 0xffff & ~63u);
    assert_int_equal(plc.bank.holding[YW_PLC_ALARM], 2);
    plc.bank.coil[0] = 0;
    assert_int_equal(ways(1), 0xffff);
}

static void a_flat_car_charges_before_it_drives_again(void **state)
{
    (void)state;
    load_yard();
    in.value[SOC + 15] = 0.04;
    assert_int_equal(ways(1), 0x7fff);
    in.value[SOC + 15] = 0.1; /* not enough yet */
    assert_int_equal(ways(1), 0x7fff);
    in.value[SOC + 15] = 0; /* not heard */
    assert_int_equal(ways(1), 0x7fff);
    in.value[SOC + 15] = 0.21;
    assert_int_equal(ways(1), 0xffff);
    plc.bank.holding[1] = 10000; /* a mistake: nobody is charged enough */
    assert_int_equal(ways(1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_follows_the_frequency),
        cmocka_unit_test(a_low_ceiling_starves_the_grid),
        cmocka_unit_test(black_start_wants_a_dead_bus_and_little_load),
        cmocka_unit_test(called_cars_pull_over_until_they_are_let_go),
        cmocka_unit_test(a_flat_car_charges_before_it_drives_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
