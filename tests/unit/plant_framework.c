/* What every plant gets from the room: names, faults, integrals, samples, control, and the
 * same bits on every machine. */
#include "plant/number.h"
#include "plant_rig.h"

#include "base/hash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EACH_MODEL(m)                                                                    \
    const struct yw_plant_model *m = NULL;                                               \
    for (size_t m##_i = 0; (m = yw_plant_model_at(m##_i)) != NULL; m##_i++)

static void test_numbers(void **state)
{
    (void)state;
    for (double x = -700; x < 700; x += 0.37)
        assert_near(yw_exp(x), exp(x), 1e-15 * (2 + fabs(x)));
    for (double x = 1e-12; x < 1e12; x *= 1.37) {
        assert_true(fabs(yw_log(x) - log(x)) < 5e-16 * (1 + fabs(log(x))));
        assert_near(yw_pow(x, 0.8), pow(x, 0.8), 3e-14);
        assert_near(yw_pow(x, -1.2), pow(x, -1.2), 3e-14);
    }
    for (double x = -50; x < 50; x += 0.013)
        assert_true(fabs(yw_sin(x) - sin(x)) < 1e-14);
    assert_true(yw_exp(0) == 1 && yw_log(1) == 0 && yw_pow(0, 0.8) == 0);
    assert_true(yw_root(-1) == 0);
}

/* model/process.def and the models say the same; all that people see is there. */
static void test_tables(void **state)
{
    (void)state;
    EACH_MODEL(model)
    {
        assert_true(yw_process_known(model->name));
        assert_true(model->title.zh[0] != '\0' && model->title.en[0] != '\0');
        assert_true(model->product_nominal > 0);
        assert_true(model->input_count <= YW_PLANT_INPUTS_MAX &&
                    model->state_count <= YW_PLANT_STATE_MAX);
        for (size_t i = 0; i < model->tag_count; i++) {
            const struct yw_plant_tag *tag = &model->tags[i];

            assert_int_equal(yw_process_tag(model->name, tag->name), i);
            assert_true(tag->title.zh[0] != '\0' && tag->title.en[0] != '\0');
            assert_true(tag->low < tag->high);
            assert_true(tag->leak == 0 ||
                        model->inputs[tag->leak - 1].role == YW_PLANT_WORLD);
            assert_true(strlen(tag->name) < YW_NAME_MAX);
        }
        for (size_t i = 0; i < model->input_count; i++) {
            const struct yw_plant_input *input = &model->inputs[i];

            assert_int_equal(yw_process_input(model->name, input->name), i);
            assert_true(input->title.zh[0] != '\0' && input->title.en[0] != '\0');
            assert_true(input->low <= input->initial && input->initial <= input->high);
            assert_true(input->role != YW_PLANT_WIRED ||
                        (input->low <= input->rest && input->rest <= input->high));
            assert_true(i == 0 || input->role >= model->inputs[i - 1].role);
        }
        for (size_t i = 0; i < model->limit_count; i++) {
            assert_true(model->limits[i].level >= 1 && model->limits[i].level <= 5);
            assert_true(model->limits[i].says.zh[0] && model->limits[i].says.en[0]);
        }
        char nothing[] = "no-such-tag";
        assert_int_equal(yw_process_tag(model->name, nothing), -1);
    }
    assert_int_equal(yw_process_tag("nothing", "level_seconds"), -1);
    assert_int_equal(yw_process_tag("cstr", "level_seconds"), YW_PROCESS_LEVEL_SECONDS);
    assert_null(yw_plant_model_find("nothing"));
}

/* A point of the register map stands once, and what it can say covers the physics. */
static void test_register_maps(void **state)
{
    (void)state;
    EACH_MODEL(model)
    {
        for (size_t i = 0; i < model->tag_count; i++) {
            const struct yw_plant_point *a = &model->tags[i].at;

            for (size_t k = 0; k < i; k++) {
                const struct yw_plant_point *b = &model->tags[k].at;

                if (a->table != YW_PLANT_UNMAPPED && a->table == b->table)
                    assert_true(a->address != b->address);
                if (a->ioa != 0)
                    assert_true(a->ioa != b->ioa);
            }
        }
    }
}

/* Undisturbed, with its own regulation or without, a plant stands at level 0. */
static void test_quiet(void **state)
{
    (void)state;
    EACH_MODEL(model)
    {
        for (int control = 0; control < 2; control++) {
            struct yw_plant *plant = rig_new(model->name, control);

            rig_run(plant, model->step_s > 1 ? 86400 : 600);
            if (rig_level(plant) != 0 || yw_plant_level_seconds(plant) > 0)
                fail_msg("%s, control %d: level %d", model->name, control,
                         rig_level(plant));
            assert_true(yw_plant_production_lost(plant) < 3);
            yw_plant_free(plant);
        }
    }
}

static void disturb(struct yw_plant *plant)
{
    const struct yw_plant_model *model = yw_plant_model(plant);

    for (size_t i = 0; i < model->input_count; i++) {
        const struct yw_plant_input *in = &model->inputs[i];

        if (i % 3 == 0)
            assert_int_equal(
                yw_plant_set_input(plant, i, in->initial * 0.9 + 0.1 * in->high), 0);
    }
    rig_fault(plant, "bias", model->tags[0].name, 0.25);
    rig_fault(plant, "stuck", model->tags[1].name, 0);
    rig_fault(plant, "stuck", model->inputs[0].name, 0);
    rig_fault(plant, "drift", model->tags[2].name, 3);
}

static void assert_same(const struct yw_plant *a, const struct yw_plant *b)
{
    struct yw_ev_plant_sample x, y;

    yw_plant_sample(a, &x);
    yw_plant_sample(b, &y);
    assert_memory_equal(&x, &y, sizeof x);
}

/* A sample is enough to go on from, with faults, integrals, control and hands on it; and
 * how a run is cut into calls changes nothing. */
static void test_restored(void **state)
{
    (void)state;
    EACH_MODEL(model)
    {
        for (int control = 0; control < 2; control++) {
            struct yw_plant *whole = rig_new(model->name, control);
            struct yw_plant *second = rig_new(model->name, control);
            struct yw_ev_plant_sample sample;
            int64_t to;

            yw_plant_run_to(whole, 133, NULL, NULL);
            disturb(whole);
            yw_plant_run_to(whole, 777, NULL, NULL);
            yw_plant_sample(whole, &sample);
            assert_int_equal(yw_plant_restore(second, &sample, NULL), 0);
            assert_same(whole, second);
            yw_plant_run_to(whole, 9000, NULL, NULL);
            for (to = 777; to < 9000; to += 13)
                yw_plant_run_to(second, to, NULL, NULL);
            yw_plant_run_to(second, 9000, NULL, NULL);
            assert_same(whole, second);
            yw_plant_free(whole);
            yw_plant_free(second);
        }
    }
}

static void test_foreign_samples(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("cstr", false);
    struct yw_ev_plant_sample good, bad;
    struct yw_err err = {0};

    rig_fault(plant, "bias", "temperature_k", 1);
    yw_plant_sample(plant, &good);
    struct {
        double *place;
        double value;
    } wrong[] = {{&bad.state[1], (double)NAN}, {&bad.level_s, (double)INFINITY},
                 {&bad.faults[0], 99},         {&bad.faults[2], 400},
                 {&bad.faults[4], -1},         {&bad.faults[0], YW_FAULT_TRIP},
                 {&bad.faults[0], 0},          {&bad.faults[2], 0.5}};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        bad = good;
        *wrong[i].place = wrong[i].value;
        assert_int_equal(yw_plant_restore(plant, &bad, &err), YW_ECORRUPT);
    }
    bad = good;
    bad.fault_count = YW_EVENT_FAULTS_MAX + 7;
    assert_int_equal(yw_plant_restore(plant, &bad, &err), YW_ECORRUPT);
    assert_int_equal(yw_plant_restore(plant, &good, &err), 0);
    yw_plant_free(plant);
}

/* The field is off, the truth is not; and a flat line carries no noise. */
static void test_sensor_faults(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("water-tank", false);
    size_t tag = (size_t)rig_tag(plant, "lit301_m");

    rig_fault(plant, "bias", "lit301_m", 0.3);
    rig_run(plant, 10);
    assert_true(fabs(yw_plant_field(plant, tag) - yw_plant_truth(plant, tag) - 0.3) <
                0.02);
    rig_fault(plant, "drift", "lit301_m", -0.36); /* in an hour */
    rig_run(plant, 600);
    assert_true(fabs(yw_plant_field(plant, tag) - yw_plant_truth(plant, tag) + 0.06) <
                0.02);
    rig_fault(plant, "stuck", "lit301_m", 0);
    double held = yw_plant_field(plant, tag), truth = yw_plant_truth(plant, tag);

    rig_run(plant, 600);
    assert_true(yw_plant_field(plant, tag) == held);
    assert_true(fabs(yw_plant_truth(plant, tag) - truth) > 0.01);
    rig_fault(plant, "repair", "lit301_m", 0);
    assert_true(fabs(yw_plant_field(plant, tag) - yw_plant_truth(plant, tag)) < 0.02);
    yw_plant_free(plant);
}

static void test_actuator_faults(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("water-tank", false);

    rig_fault(plant, "stuck", "mv101", 0); /* open */
    rig_set(plant, "mv101", 0);
    rig_run(plant, 60);
    assert_true(rig_truth(plant, "mv101_open") == 1);
    rig_fault(plant, "trip", "p101", 0);
    rig_run(plant, 1);
    assert_true(rig_truth(plant, "fit201_m3_h") == 0);
    rig_fault(plant, "repair", "p101", 0);
    rig_fault(plant, "repair", "mv101", 0);
    rig_run(plant, 60);
    assert_true(rig_truth(plant, "fit201_m3_h") == 2.45);
    assert_true(rig_truth(plant, "mv101_open") == 0); /* the command had stayed */
    double level = rig_truth(plant, "lit101_m");

    rig_fault(plant, "leak", "lit101_m", 3);
    rig_run(plant, 360);
    assert_near(level - rig_truth(plant, "lit101_m"), (2.45 + 3) * 0.1 / 1.5, 0.01);
    rig_fault(plant, "load", "demand_m3_h", 4);
    rig_run(plant, 1);
    assert_true(rig_truth(plant, "delivered_m3_h") == 4);
    yw_plant_free(plant);
}

/* The built-in control sees what its sensor says: with a low reading it overfills. */
static void test_control_is_fooled(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("water-tank", true);

    rig_fault(plant, "bias", "lit101_m", -0.9);
    (void)rig_until(plant, "lit101_m", true, 1.3, 36000);
    assert_int_equal(rig_level(plant), 1);
    yw_plant_free(plant);
}

static void test_a_fault_waits(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("quad-tank", false);
    struct yw_plant_fault fault;

    assert_int_equal(
        yw_plant_find_fault(yw_plant_model(plant), YW_FAULT_TRIP, "v1", &fault, NULL), 0);
    fault.at_step = 100;
    assert_int_equal(yw_plant_set_fault(plant, &fault, NULL), 0);
    yw_plant_run_to(plant, 99, NULL, NULL);
    assert_true(rig_truth(plant, "v1_v") == 3);
    yw_plant_run_to(plant, 101, NULL, NULL);
    assert_true(rig_truth(plant, "v1_v") == 0);
    yw_plant_free(plant);
}

static void refused(const char *model, const char *kind, const char *target,
                    const char *says)
{
    struct yw_plant_fault fault;
    struct yw_err err = {0};

    assert_int_equal(yw_plant_find_fault(yw_plant_model_find(model),
                                         (enum yw_fault_kind)yw_fault_kind_of(kind),
                                         target, &fault, &err),
                     YW_EINVAL);
    if (strstr(err.text, says) == NULL)
        fail_msg("no '%s' in '%s'", says, err.text);
}

static void test_faults_refused(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("vehicle-fleet", false);
    struct yw_plant_fault fault = {.kind = YW_FAULT_BIAS, .size = 1};
    struct yw_err err = {0};

    refused("cstr", "trip", "q_fed", "did you mean 'q_feed'");
    refused("cstr", "bias", "q_feed", "bias cannot befall 'q_feed'");
    refused("cstr", "leak", "temperature_k", "leak cannot befall");
    refused("cstr", "load", "q_feed", "load cannot befall");
    assert_int_equal(yw_fault_kind_of("biass"), -1);
    assert_string_equal(yw_fault_kind_nearest("biass"), "bias");
    for (size_t i = 0; i < YW_PLANT_FAULTS_MAX; i++) {
        fault.target = i;
        assert_int_equal(yw_plant_set_fault(plant, &fault, &err), 0);
    }
    assert_int_equal(yw_plant_set_fault(plant, &fault, &err), 0); /* the last one again */
    fault.target = YW_PLANT_FAULTS_MAX;
    assert_int_equal(yw_plant_set_fault(plant, &fault, &err), YW_ELIMIT);
    fault.size = (double)NAN;
    assert_int_equal(yw_plant_set_fault(plant, &fault, &err), YW_EINVAL);
    yw_plant_free(plant);
}

/* ∫ level·dt and production lost, against a run whose course is known: level 5 at once,
 * for 100 s, with nothing produced. */
static void test_integrals(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("machining-cell", false);

    rig_set(plant, "safety_zone", 0);
    rig_set(plant, "reach_in", 1);
    rig_run(plant, 100);
    assert_near(yw_plant_level_seconds(plant), 500, 0.001);
    assert_near(yw_plant_production_lost(plant), 100, 0.001);
    assert_true(yw_plant_value(plant, YW_PROCESS_LEVEL_SECONDS) ==
                yw_plant_level_seconds(plant));
    yw_plant_free(plant);
    plant = rig_new("water-dosing", false);
    rig_init(plant, "naoh_mg_l", 150); /* level 1 until it has washed down to 120 */
    rig_run(plant, 7200);
    assert_near(yw_plant_level_seconds(plant), 1.2 / 2.45 * 3600 * log(50.0 / 20), 0.01);
    assert_true(yw_plant_production_lost(plant) == 0);
    yw_plant_free(plant);
}

/* Every plant can start elsewhere, and shows what it was told. */
static void test_every_settable_tag(void **state)
{
    (void)state;
    EACH_MODEL(model)
    {
        struct yw_plant *plant = yw_plant_new(model, 1);
        size_t settable = 0;

        for (size_t i = 0; i < model->tag_count; i++) {
            const struct yw_plant_tag *tag = &model->tags[i];
            double value = tag->low + 0.6 * (tag->high - tag->low);

            if (tag->state == 0)
                continue;
            assert_int_equal(yw_plant_set_tag(plant, i, value), 0);
            assert_near(yw_plant_truth(plant, i), value, 1e-12);
            settable++;
        }
        assert_true(settable > 0);
        yw_plant_free(plant);
    }
}

static void test_set_tag(void **state)
{
    (void)state;
    struct yw_plant *plant = rig_new("te-reactor", false);

    assert_int_equal(yw_plant_set_tag(plant, (size_t)rig_tag(plant, "cost"), 1),
                     YW_EINVAL); /* follows from the holdups */
    assert_int_equal(yw_plant_set_tag(plant, 99, 1), YW_EINVAL);
    rig_init(plant, "pressure_kpa", 2800);
    rig_init(plant, "level_pct", 60);
    assert_near(rig_truth(plant, "pressure_kpa"), 2800, 1e-12);
    assert_near(rig_truth(plant, "level_pct"), 60, 1e-12);
    assert_near(rig_truth(plant, "y_a"), 0.470, 0.001); /* the gas is the same */
    yw_plant_free(plant);
    plant = rig_new("cstr", false);
    assert_int_equal(yw_plant_set_tag(plant, 0, (double)NAN), YW_EINVAL);
    rig_init(plant, "temperature_k", 1e9);
    assert_true(rig_truth(plant, "temperature_k") == 700);
    yw_plant_free(plant);
}

/* 2000 scans of a disturbed plant with faults: every bit of every sample of them. The
 * hashes stand in a file: another compiler, processor or libm must give the same. */
static void trace_hash(const struct yw_plant_model *model, char text[YW_HASH_TEXT_SIZE])
{
    struct yw_plant *plant = yw_plant_new(model, 42);
    struct yw_ev_plant_sample sample;
    struct yw_hasher hasher;
    struct yw_hash hash;

    yw_hasher_init(&hasher);
    yw_plant_control(plant, true);
    yw_plant_run_to(plant, 500, NULL, NULL);
    disturb(plant);
    for (int64_t i = 1; i <= 2000; i++) {
        yw_plant_run_to(plant, 500 + i * 7, NULL, NULL);
        yw_plant_sample(plant, &sample);
        yw_hasher_add(&hasher, sample.truth, sizeof sample.truth);
        yw_hasher_add(&hasher, sample.field, sizeof sample.field);
        yw_hasher_add(&hasher, sample.state, sizeof sample.state);
        yw_hasher_add(&hasher, &sample.level_s, sizeof sample.level_s);
        yw_hasher_add(&hasher, &sample.lost_s, sizeof sample.lost_s);
    }
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    yw_plant_free(plant);
}

static void test_same_bits(void **state)
{
    (void)state;
    const char *path = "tests/golden/plant/traces.txt";
    char wanted[4096] = "", got[4096] = "", text[YW_HASH_TEXT_SIZE];
    size_t used = 0;

    EACH_MODEL(model)
    {
        trace_hash(model, text);
        used +=
            (size_t)snprintf(got + used, sizeof got - used, "%s %s\n", model->name, text);
    }
    const char *update = getenv("YW_GOLDEN_UPDATE");
    FILE *file = fopen(path, update != NULL ? "w+" : "r");

    assert_non_null(file);
    if (update != NULL)
        (void)fputs(got, file);
    rewind(file);
    wanted[fread(wanted, 1, sizeof wanted - 1, file)] = '\0';
    (void)fclose(file);
    assert_string_equal(got, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_register_maps),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_restored),
        cmocka_unit_test(test_foreign_samples),
        cmocka_unit_test(test_sensor_faults),
        cmocka_unit_test(test_actuator_faults),
        cmocka_unit_test(test_control_is_fooled),
        cmocka_unit_test(test_a_fault_waits),
        cmocka_unit_test(test_faults_refused),
        cmocka_unit_test(test_integrals),
        cmocka_unit_test(test_set_tag),
        cmocka_unit_test(test_every_settable_tag),
        cmocka_unit_test(test_same_bits),
    };

    return yw_hash_setup() != 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
