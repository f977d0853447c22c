/* The grid and its protection held by their oracles. */
#include "plant/relay.h"
#include "plant_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static double lowest(struct yw_plant *plant, double seconds)
{
    double least = rig_truth(plant, "f_hz");

    for (int i = 0; i < (int)(seconds * 1000); i++) {
        yw_plant_run_to(plant, yw_plant_steps(plant) + 1, NULL, NULL);
        if (rig_truth(plant, "f_hz") < least)
            least = rig_truth(plant, "f_hz");
    }
    return least;
}

/* ΔPL +0.2: nadir 49.257, steady 49.519 Hz. */
static void test_load_steps_up(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("grid-feeder", false);

    rig_run(plant, 5);
    assert_true(fabs(rig_truth(plant, "f_hz") - 50) < 1e-9);
    rig_set(plant, "demand_pu", 0.8);
    assert_true(rig_truth(plant, "served_pct") == 100); /* from the first instant on */
    assert_near(rig_truth(plant, "load_mw"), 40, 1e-12);
    assert_near(50 - lowest(plant, 10), 50 - 49.257, 0.01);
    rig_run(plant, 60);
    assert_true(fabs(rig_truth(plant, "f_hz") - 49.519) < 0.001);
    yw_plant_free(plant);
}

/* A feeder of 0.3 opens: steady 50.721, peak 51.115 Hz. */
static void test_feeder_opens(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("grid-feeder", false);
    double peak = 0;

    rig_set(plant, "ufls_on", 0);
    rig_set(plant, "p_max_pu", 2);
    for (int i = 0; i <= 40; i++) { /* to a load of 1.0 without a swing */
        rig_set(plant, "demand_pu", 0.6 + 0.01 * i);
        rig_set(plant, "p_ref_pu", 0.55 + 0.01 * i);
        rig_run(plant, 20);
    }
    rig_run(plant, 60);
    assert_true(fabs(rig_truth(plant, "f_hz") - 50) < 1e-4);
    rig_set(plant, "q6", 0);
    for (int i = 0; i < 60000; i++) {
        yw_plant_run_to(plant, yw_plant_steps(plant) + 1, NULL, NULL);
        if (rig_truth(plant, "f_hz") > peak)
            peak = rig_truth(plant, "f_hz");
    }
    assert_near(peak - 50, 51.115 - 50, 0.01);
    assert_true(fabs(rig_truth(plant, "f_hz") - 50.721) < 0.001);
    assert_near(rig_truth(plant, "served_pct"), 70, 1e-9);
    assert_near(rig_truth(plant, "hospital_out_s"), 60, 0.01);
    yw_plant_free(plant);
}

/* 0.6 → 1.2 with 1.0 available: collapse through 47.5 Hz without shedding, recovery with
 * it; then a black start, the hospital first. */
static void test_shedding(void **state)
{
    (void)state;
    struct yw_plant *bare = rig_new("grid-feeder", false);
    struct yw_plant *held = rig_new("grid-feeder", false);

    rig_set(bare, "ufls_on", 0);
    rig_set(bare, "demand_pu", 1.2);
    (void)rig_until(bare, "f_hz", false, 47.5, 60);
    rig_set(held, "demand_pu", 1.2);
    rig_run(held, 120);
    assert_true(rig_truth(held, "area_alive") == 1);
    assert_true(rig_truth(held, "f_hz") > 49);
    assert_true(rig_truth(held, "served_pct") < 91);

    for (int i = 7; i <= 11; i++) {
        char name[8];

        (void)snprintf(name, sizeof name, "q%d", i);
        rig_set(bare, name, 0);
    }
    rig_set(bare, "demand_pu", 0.6);
    rig_run(bare, 700);
    assert_int_equal(rig_level(bare), 5); /* the hospital's own supply ran out */
    rig_set(bare, "black_start", 1);
    rig_run(bare, 60);
    assert_true(rig_truth(bare, "area_alive") == 1);
    assert_true(rig_truth(bare, "hospital_out_s") == 0);
    yw_plant_free(bare);
    yw_plant_free(held);
}

/* Stages trip 150 ms after the frequency went below, the first one first. */
static void test_shedding_delay(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("grid-feeder", false);

    rig_set(plant, "demand_pu", 1.2);
    double below = rig_until(plant, "f_hz", false, 49.0, 10);
    double open = rig_until(plant, "q8_closed", false, 0.5, 10);

    assert_true(below > 0);
    assert_near(open, 0.150, 0.01);
    yw_plant_free(plant);
}

static void test_relay_times(void **state)
{
    (void)state;
    /* IEC 60255 standard inverse at TMS 0.1 */
    assert_near(yw_relay_seconds(YW_RELAY_IEC_STANDARD, 0.1, 2), 1.003, 0.001);
    assert_near(yw_relay_seconds(YW_RELAY_IEC_STANDARD, 0.1, 5), 0.428, 0.001);
    assert_near(yw_relay_seconds(YW_RELAY_IEC_STANDARD, 0.1, 10), 0.297, 0.001);
    assert_near(yw_relay_seconds(YW_RELAY_IEC_VERY, 1, 2), 13.5, 1e-9);
    assert_near(yw_relay_seconds(YW_RELAY_IEC_EXTREMELY, 1, 3), 10, 1e-9);
    assert_near(yw_relay_seconds(YW_RELAY_IEC_LONG_TIME, 0.5, 2), 60, 1e-9);
    assert_near(yw_relay_seconds(YW_RELAY_IEEE_MODERATELY, 1, 2),
                0.0515 / (pow(2, 0.02) - 1) + 0.114, 1e-9);
    assert_near(yw_relay_seconds(YW_RELAY_IEEE_VERY, 1, 2), 19.61 / 3 + 0.491, 1e-9);
    assert_near(yw_relay_seconds(YW_RELAY_IEEE_EXTREMELY, 2, 2), 2 * (28.2 / 3 + 0.1217),
                1e-9);
    assert_true(yw_relay_seconds(YW_RELAY_IEC_VERY, 1, 20) ==
                yw_relay_seconds(YW_RELAY_IEC_VERY, 1, 100));
    assert_true(yw_relay_seconds(YW_RELAY_IEC_VERY, 1, 1) == YW_RELAY_NEVER);
}

/* The same times at a real breaker: a short circuit on feeder 5 that makes 2, 5 and 10
 * times its pick-up. */
static void test_relay_trips(void **state)
{
    (void)state;
    static const double rows[][2] = {{2, 1.003}, {5, 0.428}, {10, 0.297}};

    for (size_t i = 0; i < 3; i++) {
        struct yw_plant *plant = rig_new("grid-feeder", false);
        double load = rig_truth(plant, "i_f5_a");

        rig_set(plant, "fault_feeder", 5);
        rig_set(plant, "fault_ka", (rows[i][0] * 900 - load) / 1000);
        assert_near(rig_until(plant, "q10_closed", false, 0.5, 5), rows[i][1], 0.01);
        assert_true(rig_truth(plant, "q8_closed") == 1); /* and no other */
        rig_run(plant, 1);
        assert_true(rig_truth(plant, "q10_closed") == 0); /* locked out */
        rig_set(plant, "fault_feeder", 0);
        rig_set(plant, "q10", 0);
        rig_run(plant, 0.1);
        rig_set(plant, "q10", 1);
        rig_run(plant, 0.1);
        assert_true(rig_truth(plant, "q10_closed") == 1);
        yw_plant_free(plant);
    }
}

/* A pick-up set out of reach leaves the cable to burn. */
static void test_relay_defeated(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("grid-feeder", false);

    rig_set(plant, "feeder_pickup_a", 60000);
    rig_set(plant, "transformer_pickup_a", 60000);
    rig_set(plant, "coupler_pickup_a", 60000);
    rig_set(plant, "fault_feeder", 3);
    rig_run(plant, 5);
    assert_near(rig_truth(plant, "fault_ka2s"), 125, 0.01);
    assert_int_equal(rig_level(plant), 4);
    yw_plant_free(plant);
}

/* Open with Pm 0.5 at 50 Hz: δ 18° at 0.2 s, 40° at 0.3, 72° at 0.4, 112° at 0.5. */
static void test_aurora(void **state)
{
    (void)state;
    static const double rows[][2] = {{0.2, 18}, {0.3, 40.5}, {0.4, 72}, {0.5, 112.5}};

    for (size_t i = 0; i < 4; i++) {
        struct yw_plant *plant = rig_new("grid-feeder", false);
        double angle;

        rig_set(plant, "p_ref_pu",
                0.6); /* so that the loss of G1 hardly moves the rest */
        rig_set(plant, "demand_pu", 0.55);
        rig_set(plant, "q12", 0);
        rig_run(plant, rows[i][0]);
        angle = rig_truth(plant, "delta_deg");
        assert_near(angle, rows[i][1], 0.03); /* against an area that moves a little */
        rig_set(plant, "q12", 1);
        rig_run(plant, 0.05);
        assert_true(rig_truth(plant, "q12_closed") == 0); /* refused */
        rig_set(plant, "sync_check", 0);
        angle = rig_truth(plant, "delta_deg");
        rig_run(plant, 0.002);
        assert_true(rig_truth(plant, "q12_closed") == 1);
        assert_near(rig_truth(plant, "damage_index"), (fabs(angle) - 10) / 60, 0.05);
        assert_true(rig_level(plant) >= 4);
        yw_plant_free(plant);
    }
}

/* Two transformers share; one takes over when the other opens, and warms: K² · R0. */
static void test_transformers(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("grid-feeder", false);
    double both = rig_truth(plant, "i_t1_a");
    double k = 30 / 0.95 / 25;

    assert_near(both, 30e6 / 0.95 / 2 / (sqrt(3) * 10500), 0.001);
    assert_near(rig_truth(plant, "i_t2_a"), both, 1e-9);
    rig_set(plant, "q1", 0);
    rig_run(plant, 0.01);
    assert_near(rig_truth(plant, "i_t2_a"), 2 * both, 1e-9);
    assert_true(rig_truth(plant, "i_t1_a") == 0);
    assert_true(rig_truth(plant, "served_pct") == 100);
    rig_run(plant, 5 * 10800 / 10);
    double rise = 55 * pow((k * k * 6 + 1) / 7, 0.8);
    double from = 55 * pow((k * k / 4 * 6 + 1) / 7, 0.8);

    assert_near(rig_truth(plant, "oil_t2_c"), 20 + rise + (from - rise) * exp(-0.5),
                0.01);
    yw_plant_free(plant);
}

/* What the feeders take is what the transformers give, whatever is open. */
static void test_power_balance(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("grid-feeder", false);

    for (int open = 0; open < 4096; open += 37) {
        double feeders = 0;

        for (int i = 0; i < 12; i++) {
            char name[8];

            (void)snprintf(name, sizeof name, "q%d", i + 1);
            rig_set(plant, name, !(open >> i & 1));
        }
        rig_set(plant, "black_start", 1);
        rig_run(plant, 0.02);
        for (int i = 1; i <= 6; i++) {
            char name[16];

            (void)snprintf(name, sizeof name, "p_f%d_mw", i);
            feeders += rig_truth(plant, name);
        }
        assert_true(fabs(feeders - rig_truth(plant, "load_mw")) < 1e-9);
        assert_true(fabs(feeders - rig_truth(plant, "p_t1_mw") -
                         rig_truth(plant, "p_t2_mw")) < 1e-6);
    }
    yw_plant_free(plant);
}

static void test_secondary_control(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("grid-feeder", true);

    rig_set(plant, "demand_pu", 0.7);
    rig_run(plant, 300);
    assert_true(fabs(rig_truth(plant, "f_hz") - 50) < 0.005);
    yw_plant_free(plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_steps_up),     cmocka_unit_test(test_feeder_opens),
        cmocka_unit_test(test_shedding),          cmocka_unit_test(test_shedding_delay),
        cmocka_unit_test(test_relay_times),       cmocka_unit_test(test_relay_trips),
        cmocka_unit_test(test_relay_defeated),    cmocka_unit_test(test_aurora),
        cmocka_unit_test(test_transformers),      cmocka_unit_test(test_power_balance),
        cmocka_unit_test(test_secondary_control),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
