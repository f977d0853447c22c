/* Reactors, boiler and caster held by their oracles (numbers that stand in a source or
 * follow from it, not from our code) within 1 %, and by what they must conserve. */
#include "plant_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Ricker 1993: the steady state, and ten hours without drift. */
static void test_te_rests(void **state)
{
    (void)state;
    static const struct {
        const char *tag;
        double value;
    } rest[] = {{"pressure_kpa", 2700}, {"f4_kmol_h", 100},    {"y_a", 0.470},
                {"y_b", 0.1429},        {"y_c", 0.3871},       {"ai_101_a", 0.470},
                {"level_pct", 44.18},   {"f1_kmol_h", 201.43}, {"f2_kmol_h", 5.62},
                {"f3_kmol_h", 7.05},    {"x1_pct", 31.45},     {"x2_pct", 13.24},
                {"x4_pct", 47.03}};
    struct yw_plant *plant = rig_new("te-reactor", false);

    for (int hours = 0; hours <= 10; hours += 10) {
        for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
            assert_near(rig_truth(plant, rest[i].tag), rest[i].value, 0.001);
        rig_run(plant, 36000);
    }
    yw_plant_free(plant);
}

/* Feeds open, purge and product closed: 3000 kPa after 80 s, rupture at 3200 after
 * 137 s. */
static void test_te_bursts(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("te-reactor", false);

    rig_set(plant, "x1", 100);
    rig_set(plant, "x2", 100);
    rig_set(plant, "x3", 0);
    rig_set(plant, "x4", 0);
    assert_near(rig_until(plant, "pressure_kpa", true, 3000, 200), 80, 0.01);
    (void)rig_until(plant, "ruptured", true, 0.5, 200);
    assert_near(rig_seconds(plant), 137, 0.01);
    assert_int_equal(rig_level(plant), 5);
    rig_run(plant, 600); /* and vents to the air */
    assert_true(rig_truth(plant, "pressure_kpa") < 200);
    assert_int_equal(rig_level(plant), 5);
    yw_plant_free(plant);
}

static void test_te_slow_ways(void **state)
{
    (void)state;
    struct yw_plant *purge = rig_new("te-reactor", false);
    struct yw_plant *product = rig_new("te-reactor", false);

    rig_set(purge, "x3", 0);
    assert_near(rig_until(purge, "pressure_kpa", true, 3000, 50000), 11.54 * 3600, 0.01);
    rig_set(product, "x4", 0);
    assert_near(rig_until(product, "level_pct", true, 99.999, 9000), 1.34 * 3600, 0.01);
    assert_near(rig_truth(product, "pressure_kpa"), 2826, 0.01);
    yw_plant_free(purge);
    yw_plant_free(product);
}

/* A, B, C and D over two hours of moving valves: in = out + reacted + stored. B is
 * inert, so its balance needs no rate; A − C loses the reaction too. */
static void test_te_conserves(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("te-reactor", false);
    struct yw_ev_plant_sample before, after;
    double b = 0, a_minus_c = 0, h = 0.2 / 3600;

    yw_plant_sample(plant, &before);
    for (int i = 0; i < 36000; i++) {
        if (i % 6000 == 0) {
            rig_set(plant, "x1", 25 + i / 6000.0);
            rig_set(plant, "x3", i % 12000 ? 0.2 : 3);
        }
        double out = rig_truth(plant, "f3_kmol_h");

        b += h * (0.005 * rig_truth(plant, "f1_kmol_h") - out * rig_truth(plant, "y_b"));
        a_minus_c += h * ((0.485 - 0.51) * rig_truth(plant, "f1_kmol_h") +
                          rig_truth(plant, "f2_kmol_h") -
                          out * (rig_truth(plant, "y_a") - rig_truth(plant, "y_c")));
        yw_plant_run_to(plant, i + 1, NULL, NULL);
    }
    yw_plant_sample(plant, &after);
    assert_true(fabs(after.state[1] - before.state[1] - b) < 1e-6);
    assert_true(fabs(after.state[0] - after.state[2] - before.state[0] + before.state[2] -
                     a_minus_c) < 1e-6);
    yw_plant_free(plant);
}

/* The ladder brings a disturbed plant back, and the SIS stops one that its pressure
 * set-point was taken from. */
static void test_te_control(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("te-reactor", true);

    rig_fault(plant, "leak", "pressure_kpa", 3);
    rig_run(plant, 7200);
    rig_fault(plant, "repair", "pressure_kpa", 0);
    rig_run(plant, 72000);
    assert_near(rig_truth(plant, "pressure_kpa"), 2700, 0.01);
    assert_near(rig_truth(plant, "f4_kmol_h"), 100, 0.01);
    assert_near(rig_truth(plant, "level_pct"), 44.18, 0.02);
    rig_set(plant, "sp_pressure", 6553.5);
    rig_set(plant, "x1", 100);
    rig_set(plant, "x4", 0);
    (void)rig_until(plant, "pressure_kpa", true, 2950, 7200);
    rig_run(plant, 60);
    assert_true(rig_truth(plant, "f1_kmol_h") == 0);
    assert_true(rig_truth(plant, "x3_pct") == 100);
    assert_true(rig_truth(plant, "ruptured") == 0);
    yw_plant_free(plant);
}

static double field(const struct yw_plant *plant, const char *tag)
{
    return yw_plant_field(plant, (size_t)rig_tag(plant, tag));
}

/* The safety system's transmitters: one pressure, three voices, each with its own faults. */
static void test_te_transmitters(void **state)
{
    static const char *const names[] = {"pt_101_a", "pt_101_b", "pt_101_c"};
    struct yw_plant *plant = rig_new("te-reactor", false);

    (void)state;
    rig_run(plant, 10);
    for (int i = 0; i < 3; i++) {
        assert_true(rig_truth(plant, names[i]) == rig_truth(plant, "pressure_kpa"));
        assert_near(field(plant, names[i]), 2700, 0.01);
        assert_true(field(plant, names[i]) != field(plant, names[(i + 1) % 3]));
        assert_true(field(plant, names[i]) != field(plant, "pressure_kpa"));
    }
    rig_fault(plant, "stuck", "pt_101_a", 0);
    rig_fault(plant, "bias", "pt_101_b", 100);
    rig_set(plant, "x1", 100);
    rig_set(plant, "x2", 100);
    rig_set(plant, "x3", 0);
    rig_set(plant, "x4", 0);
    double pressure = rig_until(plant, "pressure_kpa", true, 2950, 200);

    assert_true(pressure > 0);
    assert_near(field(plant, "pt_101_a"), 2700, 0.01);
    assert_near(field(plant, "pt_101_b"), 3050, 0.01);
    assert_near(field(plant, "pt_101_c"), 2950, 0.01);
    assert_near(field(plant, "pressure_kpa"), 2950, 0.01);
    yw_plant_free(plant);
}

/* Bell & Åström 1987: published operating points are at rest (constants rounded to three
 * figures: derivatives below 0.001, 0.005 in ρ). */
static void test_boiler_rests(void **state)
{
    (void)state;
    static const double points[][6] = {{86.4, 36.65, 342.4, 0.209, 0.552, 0.256},
                                       {97.2, 50.52, 385.2, 0.271, 0.621, 0.340},
                                       {108, 66.65, 428, 0.340, 0.690, 0.433},
                                       {118.8, 85.06, 470.8, 0.418, 0.759, 0.543},
                                       {129.6, 105.8, 513.6, 0.505, 0.828, 0.663},
                                       {140.4, 128.9, 556.4, 0.600, 0.897, 0.793}};
    static const char *const tags[] = {"pressure_kg_cm2", "power_mw",
                                       "density_kg_m3",   "fuel",
                                       "steam_valve",     "feedwater"};
    static const char *const inputs[] = {"u1_fuel", "u2_steam", "u3_feedwater"};

    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        struct yw_plant *plant = rig_new("boiler-turbine", false);

        rig_set(plant, "safety_valve_works", 0); /* two points lie above it */
        for (size_t k = 0; k < 6; k++)
            rig_init(plant, tags[k], points[i][k]);
        for (size_t k = 0; k < 3; k++)
            rig_set(plant, inputs[k], points[i][3 + k]);
        rig_run(plant, 0.05);
        for (size_t k = 0; k < 3; k++)
            assert_true(fabs(rig_truth(plant, tags[k]) - points[i][k]) / 0.05 <
                        (k == 2 ? 0.06 : 0.01));
        yw_plant_free(plant);
    }
}

/* Feedwater lost: −250 mm after 98 s; full fuel: 130 kg/cm² after 87 s. */
static void test_boiler_ways(void **state)
{
    (void)state;
    struct yw_plant *dry = rig_new("boiler-turbine", false);
    struct yw_plant *hot = rig_new("boiler-turbine", false);

    assert_true(fabs(rig_truth(dry, "level_mm")) < 10);
    rig_init(dry, "feedwater", 0.435);
    rig_set(dry, "u3_feedwater", 0);
    assert_near(rig_until(dry, "level_mm", false, -250, 300), 98, 0.01);
    assert_int_equal(rig_level(dry), 4);
    rig_init(hot, "feedwater", 0.435);
    rig_set(hot, "u3_feedwater", 0.435);
    rig_set(hot, "u1_fuel", 1);
    assert_near(rig_until(hot, "pressure_kg_cm2", true, 130, 300), 87, 0.01);
    rig_run(hot, 600); /* the safety valve holds it */
    assert_true(rig_truth(hot, "pressure_kg_cm2") < 135);
    rig_set(hot, "safety_valve_works", 0);
    (void)rig_until(hot, "burst", true, 0.5, 600);
    assert_int_equal(rig_level(hot), 5);
    yw_plant_free(dry);
    yw_plant_free(hot);
}

/* Mass of the fluid: feedwater in, steam out, 85 m³ of drum and risers. */
static void test_boiler_conserves(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("boiler-turbine", false);
    double mass = 0, before = rig_truth(plant, "density_kg_m3");

    rig_set(plant, "u2_steam", 0.75);
    rig_set(plant, "u1_fuel", 0.38);
    for (int i = 0; i < 4000; i++) {
        double p = rig_truth(plant, "pressure_kg_cm2");

        yw_plant_run_to(plant, i + 1, NULL, NULL);
        mass += 0.05 * (141 * rig_truth(plant, "feedwater") -
                        (1.1 * rig_truth(plant, "steam_valve") - 0.19) * p);
    }
    assert_true(fabs((rig_truth(plant, "density_kg_m3") - before) * 85 - mass) < 1e-6);
    yw_plant_free(plant);
}

static void test_boiler_control(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("boiler-turbine", true);

    rig_set(plant, "sp_power", 70);
    rig_run(plant, 5000);
    assert_near(rig_truth(plant, "power_mw"), 70, 0.01);
    assert_near(rig_truth(plant, "pressure_kg_cm2"), 108, 0.01);
    assert_true(fabs(rig_truth(plant, "level_mm")) < 20);
    rig_fault(plant, "trip", "u3_feedwater", 0);
    (void)rig_until(plant, "flame", false, 0.5, 400); /* the master fuel trip */
    assert_true(rig_truth(plant, "level_mm") < -240);
    yw_plant_free(plant);
}

/* 300 K: CA 0.8773, T 324.48; 302 K settles at 328.7 within half an hour; at 305 K it
 * runs away. */
static void test_cstr(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("cstr", false);

    rig_run(plant, 3600);
    assert_near(rig_truth(plant, "ca_mol_l"), 0.8773, 0.0001);
    assert_near(rig_truth(plant, "temperature_k"), 324.48, 0.0001);
    rig_set(plant, "tc_coolant", 302);
    rig_run(plant, 1800);
    assert_near(rig_truth(plant, "temperature_k"), 328.7, 0.0005);
    rig_set(plant, "tc_coolant", 305);
    (void)rig_until(plant, "temperature_k", true, 450, 3600);
    assert_int_equal(rig_level(plant), 5);
    yw_plant_free(plant);
}

/* Energy and matter: what is stored plus what left is what came in and was made. */
static void test_cstr_conserves(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("cstr", false);
    double min = 0.03 / 60, matter = 0, heat = 0;
    double ca = rig_truth(plant, "ca_mol_l"), t = rig_truth(plant, "temperature_k");

    rig_set(plant, "tc_coolant", 303);
    rig_set(plant, "q_feed", 110);
    for (int i = 0; i < 40000; i++) {
        double c = rig_truth(plant, "ca_mol_l"), k = rig_truth(plant, "temperature_k");
        double rate = rig_truth(plant, "rate_mol_l_min");

        matter += min * (110 * (1 - c) - 100 * rate);
        heat += min * (110 * 239 * (350 - k) + 100 * 5e4 * rate + 5e4 * (303 - k));
        yw_plant_run_to(plant, i + 1, NULL, NULL);
    }
    assert_true(fabs((rig_truth(plant, "ca_mol_l") - ca) * 100 - matter) < 1e-6);
    assert_near((rig_truth(plant, "temperature_k") - t) * 100 * 239, heat, 1e-6);
    yw_plant_free(plant);
}

static void test_cstr_quench(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("cstr", true);

    rig_set(plant, "sp_temperature", 700);
    rig_run(plant, 36000);
    assert_true(rig_truth(plant, "temperature_k") < 350);
    assert_true(rig_truth(plant, "feed_l_min") == 0);
    assert_true(yw_plant_production_lost(plant) > 0);
    yw_plant_free(plant);
}

/* 1.2 m/min balances at half a gate; full gate overflows the last 100 mm in 5.0 s. */
static void test_caster(void **state)
{
    (void)state;
    static const double shells[][2] = {{1.0, 17.9}, {1.2, 16.3}, {3.0, 10.3}};
    struct yw_plant *plant = rig_new("caster", false);

    rig_run(plant, 600);
    assert_true(fabs(rig_truth(plant, "level_mm")) < 0.5);
    assert_near(rig_truth(plant, "gate_pct"), 50, 0.01);
    assert_near(rig_truth(plant, "water_rise_k"), 7.4, 0.01);
    for (size_t i = 0; i < 3; i++) {
        rig_set(plant, "speed", shells[i][0]);
        rig_run(plant, 0.01);
        assert_near(rig_truth(plant, "shell_mm"), shells[i][1], 0.01);
    }
    rig_set(plant, "speed", 1.2);
    rig_set(plant, "gate", 1);
    assert_near(rig_until(plant, "level_mm", true, 99.9995, 20), 5.0, 0.01);
    assert_int_equal(rig_level(plant), 5);
    yw_plant_free(plant);
}

static void test_caster_breaks_out(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("caster", false);

    rig_set(plant, "speed", 1.8);
    rig_set(plant, "gate", 0.75);
    rig_run(plant, 1);
    assert_true(rig_truth(plant, "breakout") == 0);
    rig_set(plant, "water", 5500); /* both inside the operator's range */
    rig_run(plant, 1);
    assert_true(rig_truth(plant, "shell_mm") < 10);
    assert_true(rig_truth(plant, "breakout") == 1);
    rig_set(plant, "water", 8000); /* final */
    rig_run(plant, 1);
    assert_int_equal(rig_level(plant), 5);
    assert_true(rig_truth(plant, "cast_t_min") == 0);
    yw_plant_free(plant);
}

/* Steel: ladle = tundish + mould + strand + spilt. */
static void test_caster_conserves(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("caster", false);
    double h = rig_truth(plant, "level_mm"), tundish = rig_truth(plant, "tundish_t");
    double in = 0, strand = 0;

    for (int i = 0; i < 20000; i++) {
        if (i == 5000)
            rig_set(plant, "gate", 0.53);
        if (i == 15000)
            rig_set(plant, "gate", 0.7); /* until it spills */
        in += 0.01 * 0.0066;
        strand += 0.01 * 0.22 * 1.5 * rig_truth(plant, "speed_m_min") / 60;
        yw_plant_run_to(plant, i + 1, NULL, NULL);
    }
    double stored = (rig_truth(plant, "level_mm") - h) / 1000 * 0.22 * 1.5 +
                    (rig_truth(plant, "tundish_t") - tundish) / 7;

    assert_true(rig_truth(plant, "spilt_t") > 0.01);
    assert_true(fabs(in - strand - stored - rig_truth(plant, "spilt_t") / 7) < 1e-9);
    yw_plant_free(plant);
}

static void test_caster_control(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("caster", true);

    rig_set(plant, "sp_speed", 1.0);
    rig_run(plant, 120);
    assert_true(fabs(rig_truth(plant, "level_mm")) < 5);
    rig_fault(plant, "leak", "water_l_min", 4000); /* half the water */
    rig_run(plant, 5);
    assert_true(rig_truth(plant, "gate_closed") == 1);
    assert_true(rig_truth(plant, "breakout") == 0);
    yw_plant_free(plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_te_rests),
        cmocka_unit_test(test_te_bursts),
        cmocka_unit_test(test_te_slow_ways),
        cmocka_unit_test(test_te_conserves),
        cmocka_unit_test(test_te_control),
        cmocka_unit_test(test_te_transmitters),
        cmocka_unit_test(test_boiler_rests),
        cmocka_unit_test(test_boiler_ways),
        cmocka_unit_test(test_boiler_conserves),
        cmocka_unit_test(test_boiler_control),
        cmocka_unit_test(test_cstr),
        cmocka_unit_test(test_cstr_conserves),
        cmocka_unit_test(test_cstr_quench),
        cmocka_unit_test(test_caster),
        cmocka_unit_test(test_caster_breaks_out),
        cmocka_unit_test(test_caster_conserves),
        cmocka_unit_test(test_caster_control),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
