/* Water, heat, machines and vehicles held by their oracles within 1 %, and by what they
 * must conserve. */
#include "plant_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* SWaT stage 1: with the pump off the tank gains 2.55/1.5 m an hour, with the valve shut
 * it loses 2.45/1.5. */
static void test_water_tank(void **state)
{
    (void)state;
    struct yw_plant *up = rig_new("water-tank", false);
    struct yw_plant *down = rig_new("water-tank", false);

    rig_set(up, "p101", 0);
    assert_near(rig_until(up, "lit101_m", true, 1.2, 9000), 0.6 * 1.5 / 2.55 * 3600,
                0.01);
    rig_init(down, "mv101_open", 0);
    rig_set(down, "mv101", 0);
    assert_near(rig_until(down, "lit101_m", false, 0.25, 9000), 0.35 * 1.5 / 2.45 * 3600,
                0.01);
    assert_int_equal(rig_level(down), 3);
    yw_plant_free(up);
    yw_plant_free(down);
}

/* Joukowsky: 1.2 MPa per m/s when the valve shuts at once; next to nothing in 60 s. */
static void test_water_hammer(void **state)
{
    (void)state;
    struct yw_plant *fast = rig_new("water-tank", false);
    struct yw_plant *slow = rig_new("water-tank", false);
    double velocity = 2.55 / 3600 / (3.14159265 / 4 * 0.04 * 0.04);

    rig_set(fast, "mv101_stroke_s", 0.1);
    rig_set(fast, "mv101", 0);
    rig_run(fast, 0.2);
    assert_near(rig_truth(fast, "surge_mpa"), 1.2 * velocity, 0.01);
    assert_int_equal(rig_level(fast), 4);
    rig_set(slow, "mv101_stroke_s", 60);
    rig_set(slow, "mv101", 0);
    rig_run(slow, 30);
    assert_true(rig_truth(slow, "surge_mpa") < 0.01 * 1.2 * velocity);
    yw_plant_free(fast);
    yw_plant_free(slow);
}

/* Water over ten hours of its own regulation: in = delivered + stored + spilt. */
static void test_water_conserves(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("water-tank", true);
    double before = rig_truth(plant, "lit101_m") + rig_truth(plant, "lit301_m");
    double in = 0, out = 0;

    for (int i = 0; i < 180000; i++) {
        if (i == 90000)
            rig_set(plant, "mv101", 1); /* taken from the control: it will spill */
        out += 0.2 / 3600 * rig_truth(plant, "delivered_m3_h");
        yw_plant_run_to(plant, i + 1, NULL, NULL);
        in += 0.2 / 3600 * rig_truth(plant, "fit101_m3_h");
        assert_true(rig_truth(plant, "lit301_m") > 0.75);
    }
    double stored =
        (rig_truth(plant, "lit101_m") + rig_truth(plant, "lit301_m") - before) * 1.5;

    assert_true(rig_truth(plant, "spilt_m3") > 0.1);
    assert_true(fabs(in - out - stored - rig_truth(plant, "spilt_m3")) < 1e-6);
    yw_plant_free(plant);
}

/* Johansson 2000: rests at 12.26, 12.78, 1.63, 1.41; 6 V overflow tank 1. */
static void test_quad_tank(void **state)
{
    (void)state;
    static const double rest[] = {12.26, 12.78, 1.63, 1.41};
    struct yw_plant *plant = rig_new("quad-tank", false);
    char name[8];

    rig_run(plant, 3600);
    for (int i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "h%d_cm", i + 1);
        assert_near(rig_truth(plant, name), rest[i], 0.004);
    }
    rig_set(plant, "v1", 6);
    rig_set(plant, "v2", 6);
    (void)rig_until(plant, "h1_cm", true, 19.9995, 600);
    assert_int_equal(rig_level(plant), 4);
    yw_plant_free(plant);
}

static void test_quad_conserves(void **state)
{
    (void)state;
    static const double area[] = {28, 32, 28, 32};
    struct yw_plant *plant = rig_new("quad-tank", false);
    double in = 0, out = 0, stored = 0;
    char name[8];

    for (int i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "h%d_cm", i + 1);
        stored -= area[i] * rig_truth(plant, name);
    }
    for (int i = 0; i < 20000; i++) {
        rig_set(plant, "v1", i / 5000 % 2 ? 6 : 2.5);
        in += 0.2 * (3.33 * rig_truth(plant, "v1_v") + 3.35 * rig_truth(plant, "v2_v"));
        out += 0.2 * rig_truth(plant, "out_cm3_s");
        yw_plant_run_to(plant, i + 1, NULL, NULL);
    }
    for (int i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "h%d_cm", i + 1);
        stored += area[i] * rig_truth(plant, name);
    }
    assert_true(rig_truth(plant, "spilt_l") > 0);
    assert_true(fabs(in - out - stored - 1000 * rig_truth(plant, "spilt_l")) < 1e-4);
    yw_plant_free(plant);
}

static void test_quad_control(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("quad-tank", true);

    rig_set(plant, "sp_h1", 14);
    rig_run(plant, 1500);
    assert_near(rig_truth(plant, "h1_cm"), 14, 0.01);
    assert_near(rig_truth(plant, "h2_cm"), 12.78, 0.01);
    yw_plant_free(plant);
}

/* Supply lost at −10 °C: 17.5, 15.3, 11.3, 5.1 °C after 6, 12, 24, 48 h. */
static void test_heating_lost(void **state)
{
    (void)state;
    static const double rows[][2] = {{6, 17.5}, {12, 15.3}, {24, 11.3}, {48, 5.1}};
    struct yw_plant *plant = rig_new("district-heating", false);

    rig_run(plant, 3600);
    assert_near(rig_truth(plant, "tin_c"), 20, 1e-6); /* held until then */
    plant = (yw_plant_free(plant), rig_new("district-heating", false));
    rig_set(plant, "pump_cmd", 0);
    for (size_t i = 0; i < 4; i++) {
        rig_run(plant, rows[i][0] * 3600 - rig_seconds(plant));
        assert_true(fabs(rig_truth(plant, "tin_c") - rows[i][1]) < 0.05);
        assert_near(rig_truth(plant, "tin_c"), -10 + 30 * exp(-rows[i][0] / 70), 0.01);
    }
    assert_int_equal(rig_level(plant), 5); /* the hospital too */
    yw_plant_free(plant);
}

/* Heat: what came in less what was lost through the walls is what the rooms hold. */
static void test_heating_conserves(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("district-heating", true);
    double held = 0, before = rig_truth(plant, "tin_c");

    for (int i = 0; i < 60 * 72; i++) {
        rig_set(plant, "outside", -10 + 8 * sin(i / 230.0));
        held += (rig_truth(plant, "heat_k_h") +
                 (rig_truth(plant, "outside_c") - rig_truth(plant, "tin_c")) / 70) /
                60;
        yw_plant_run_to(plant, i + 1, NULL, NULL);
        assert_true(fabs(rig_truth(plant, "tin_c") - 20) < 1); /* its control holds it */
    }
    assert_true(fabs(rig_truth(plant, "tin_c") - before - held) < 1e-9);
    yw_plant_free(plant);
}

/* Hoop stress 124 MPa at 12 krpm, 279 at 18; burst beyond 600. */
static void test_spindle(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("machining-cell", false);

    rig_run(plant, 1);
    assert_near(rig_truth(plant, "rpm"), 12000, 0.01);
    assert_near(rig_truth(plant, "hoop_mpa"), 124, 0.02);
    rig_set(plant, "rpm_sp", 18100);
    rig_set(plant, "rpm_limit", 30000);
    (void)rig_until(plant, "rpm", true, 18000, 20);
    assert_near(rig_truth(plant, "hoop_mpa"), 279, 0.01);
    rig_set(plant, "rpm_sp", 30000);
    (void)rig_until(plant, "burst", true, 0.5, 20);
    assert_near(rig_truth(plant, "hoop_mpa"), 600, 0.01);
    assert_int_equal(rig_level(plant), 5);
    yw_plant_free(plant);
}

/* ISO 13855, d 30 mm: 328, 448, 928 mm for 0.1, 0.2, 0.5 s; with the last one, somebody
 * who reaches through a curtain at 450 mm is harmed. */
static void test_light_curtain(void **state)
{
    (void)state;
    static const double rows[][2] = {{0.1, 328}, {0.2, 448}, {0.5, 928}};

    for (size_t i = 0; i < 3; i++) {
        struct yw_plant *plant = rig_new("machining-cell", false);

        rig_set(plant, "stop_time_s", rows[i][0]);
        rig_run(plant, 0.01);
        assert_near(rig_truth(plant, "safe_distance_mm"), rows[i][1], 0.001);
        rig_set(plant, "reach_in", 1);
        rig_run(plant, 0.01);
        assert_true(rig_truth(plant, "harm") == (i == 2));
        assert_int_equal(rig_level(plant), i == 2 ? 5 : 3);
        yw_plant_free(plant);
    }
}

/* Takt 12 s: 300 parts an hour, all good; all scrap at the wrong speed. */
static void test_takt(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("machining-cell", false);

    rig_run(plant, 600.01);
    assert_true(rig_truth(plant, "good_parts") == 50);
    assert_true(rig_truth(plant, "scrap_parts") == 0);
    rig_set(plant, "rpm_sp", 11000);
    rig_run(plant, 600);
    assert_true(rig_truth(plant, "good_parts") == 50);
    assert_true(rig_truth(plant, "scrap_parts") == 50);
    assert_int_equal(rig_level(plant), 2);
    rig_set(plant, "e_stop", 1);
    rig_run(plant, 60);
    assert_true(rig_truth(plant, "rpm") < 1);
    assert_true(rig_truth(plant, "scrap_parts") == 50);
    yw_plant_free(plant);
}

/* θ' = ((I/In)² − θ)/60: at twice the rated current, 1.10 after 60·ln(4/2.9) s from
 * cold. */
static void test_drive_heat(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("machining-cell", false);
    struct yw_ev_plant_sample sample;
    double energy = 0, before, omega;

    rig_set(plant, "start", 0);
    rig_run(plant, 30);
    assert_true(rig_truth(plant, "rpm") < 1);
    rig_init(plant, "drive_heat", 0);
    rig_set(plant, "rpm_limit", 18000);
    rig_set(plant, "rpm_sp", 18000);
    rig_set(plant, "start", 1);
    yw_plant_sample(plant, &sample);
    before = 0.5 * 0.01 * sample.state[0] * sample.state[0];
    for (int i = 0; i < 800; i++) { /* full torque the while: 20 N·m, the cell conveys */
        omega = rig_truth(plant, "rpm") * 3.14159265358979 / 30;
        yw_plant_run_to(plant, yw_plant_steps(plant) + 1, NULL, NULL);
        double after = rig_truth(plant, "rpm") * 3.14159265358979 / 30;

        energy += 0.001 * (rig_truth(plant, "torque_nm") - 0.0005 * omega) *
                  (omega + after) / 2;
    }
    omega = rig_truth(plant, "rpm") * 3.14159265358979 / 30;
    assert_near(0.5 * 0.01 * omega * omega - before, energy, 0.001);
    assert_near(rig_truth(plant, "drive_heat"), 4 * (1 - exp(-0.8 / 60)), 0.01);
    yw_plant_free(plant);
}

/* Rolling to a stand from 22.2 m/s: m·dv/dt = −a − b·v² has a closed form. */
static void test_coast_down(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("vehicle-fleet", false);
    double a = 0.015 * 9.81, b = 0.5 * 1.2 * 0.66 / 1500;
    double v0, t;

    rig_run(plant, 250);
    v0 = rig_truth(plant, "speed_01");
    assert_near(v0, 22.2, 0.03);
    rig_set(plant, "immobilise_01", 1);
    rig_run(plant, 1);
    assert_int_equal(rig_level(plant), 5); /* in motion */
    t = rig_until(plant, "speed_01", false, 5, 600) + 1;
    assert_near(t, (atan(v0 * sqrt(b / a)) - atan(5 * sqrt(b / a))) / sqrt(a * b), 0.01);
    rig_run(plant, 120);
    assert_true(rig_truth(plant, "speed_01") == 0);
    assert_int_equal(rig_level(plant), 1);
    yw_plant_free(plant);
}

/* Cruising: SOC falls by (½ρCdA·v³ + Crr·m·g·v)/0.9 over 60 kWh. */
static void test_cruise(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("vehicle-fleet", false);

    rig_run(plant, 400);
    double soc = rig_truth(plant, "soc_01"), v = rig_truth(plant, "speed_01");

    rig_run(plant, 100);
    assert_near(soc - rig_truth(plant, "soc_01"),
                (0.396 * v * v + 0.015 * 1500 * 9.81) * v * 100 / 0.9 / (60 * 3.6e6),
                0.01);
    rig_run(plant, 86400);
    assert_true(rig_truth(plant, "mean_soc") > 0.4); /* the chargers keep up */
    yw_plant_free(plant);
}

/* A limit ordered from afar slows the car, and no other. */
static void test_fleet_limit(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("vehicle-fleet", false);

    rig_set(plant, "limit_01", 5);
    rig_run(plant, 60);
    assert_true(rig_truth(plant, "speed_01") > 4 && rig_truth(plant, "speed_01") < 5);
    assert_true(rig_truth(plant, "speed_02") > 13);
    rig_set(plant, "limit_01", 60);
    rig_run(plant, 30);
    assert_true(rig_truth(plant, "speed_01") > 13);
    assert_near(rig_truth(plant, "available_pct"), 100, 1e-9);
    rig_set(plant, "limit_01", 0); /* held: it stands, and is lost to the fleet */
    rig_run(plant, 30);
    assert_true(rig_truth(plant, "speed_01") == 0);
    assert_near(rig_truth(plant, "available_pct"), 100 * 15 / 16.0, 1e-9);
    yw_plant_free(plant);
}

static void test_fleet_levels(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("vehicle-fleet", false);
    char name[16];

    for (int i = 1; i <= 9; i++) {
        (void)snprintf(name, sizeof name, "immobilise_%02d", i);
        rig_set(plant, name, 1);
    }
    rig_run(plant, 300);
    assert_int_equal(rig_level(plant), 3);
    assert_near(rig_truth(plant, "available_pct"), 100 * 7 / 16.0, 1e-9);
    rig_set(plant, "records", 12);
    assert_int_equal(rig_level(plant), 3);
    yw_plant_free(plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_water_tank),
        cmocka_unit_test(test_water_hammer),
        cmocka_unit_test(test_water_conserves),
        cmocka_unit_test(test_quad_tank),
        cmocka_unit_test(test_quad_conserves),
        cmocka_unit_test(test_quad_control),
        cmocka_unit_test(test_heating_lost),
        cmocka_unit_test(test_heating_conserves),
        cmocka_unit_test(test_spindle),
        cmocka_unit_test(test_light_curtain),
        cmocka_unit_test(test_takt),
        cmocka_unit_test(test_drive_heat),
        cmocka_unit_test(test_coast_down),
        cmocka_unit_test(test_cruise),
        cmocka_unit_test(test_fleet_limit),
        cmocka_unit_test(test_fleet_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
