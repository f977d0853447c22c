/* The water works held by its oracles: numbers that stand in a source, not in our code.
 */
#include "model/process.h"
#include "plant/plant.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NAOH, FLOW, LEVEL, DOSE };
enum { IN_DOSE, IN_PUMP, IN_VALVE };

static struct yw_plant *works(uint64_t seed)
{
    return yw_plant_new(yw_plant_model_find("water-dosing"), seed);
}

static bool stop_above(void *arg, struct yw_plant *plant)
{
    return yw_plant_truth(plant, NAOH) > *(double *)arg;
}

static double minutes_until(struct yw_plant *plant, double naoh)
{
    yw_plant_run_to(plant, 1000000, stop_above, &naoh);
    return (double)yw_plant_steps(plant) * 0.2 / 60;
}

/* The reported change, 100 → 11 100, with a pump that delivers it at once: tau ln(…)
 * exactly. */
static void test_oldsmar(void **state)
{
    (void)state;
    struct yw_plant *plant = works(1);
    struct yw_ev_plant_sample sample;
    double tau_min = 1.2 / 2.45 * 60;

    yw_plant_sample(plant, &sample);
    sample.inputs[IN_DOSE] = 11100;
    sample.state[1] = 11100;
    assert_int_equal(yw_plant_restore(plant, &sample, NULL), 0);
    double to_200 = minutes_until(plant, 200);
    double to_1000 = minutes_until(plant, 1000);

    assert_true(fabs(to_200 - tau_min * log(11000.0 / 10900)) < 0.01 * to_200 + 0.2 / 60);
    assert_true(fabs(to_200 - 0.27) < 0.01);
    assert_true(fabs(to_1000 - tau_min * log(11000.0 / 10100)) < 0.01 * to_1000);
    assert_true(fabs(to_1000 - 2.5) < 0.025);
    yw_plant_free(plant);
}

/* The soft start: about (t²/2)·2200/tau above 100, so 200 mg/l after 1.65 min. */
static void test_soft_start(void **state)
{
    (void)state;
    struct yw_plant *plant = works(1);

    yw_plant_set_input(plant, IN_DOSE, 11100);
    double to_200 = minutes_until(plant, 200);

    assert_true(to_200 > 1.60 && to_200 < 1.70);
    assert_true(yw_plant_truth(plant, DOSE) < 100 + 2200 * (to_200 + 0.01));
    yw_plant_set_input(plant, IN_DOSE, 100);
    yw_plant_run_to(plant, yw_plant_steps(plant) + 1, NULL, NULL);
    assert_true(yw_plant_truth(plant, DOSE) == 100); /* falls at once */
    yw_plant_free(plant);
}

/* tau 29.4 min: after the dosing pump stops, 1/e is left. */
static void test_time_constant(void **state)
{
    (void)state;
    struct yw_plant *plant = works(1);

    yw_plant_set_input(plant, IN_PUMP, 0);
    yw_plant_run_to(plant, (int64_t)(1.2 / 2.45 * 3600 / 0.2), NULL, NULL);
    assert_true(fabs(yw_plant_truth(plant, NAOH) - 100 * exp(-1)) < 0.3);
    yw_plant_free(plant);
}

/* What goes in less what goes out is what is there, in the tank and of caustic soda. */
static void test_conservation(void **state)
{
    (void)state;
    struct yw_plant *plant = works(1);
    double level = yw_plant_truth(plant, LEVEL);
    double before = yw_plant_truth(plant, NAOH) * 1.2;
    double dosed = 0, delivered = 0, hours = 0.2 / 3600;

    yw_plant_set_input(plant, IN_DOSE, 3000);
    for (int64_t i = 1; i <= 9000; i++) { /* half an hour */
        delivered += 2.45 * hours * yw_plant_truth(plant, NAOH);
        yw_plant_run_to(plant, i, NULL, NULL);
        dosed += 2.45 * hours * yw_plant_truth(plant, DOSE);
    }
    double stored = yw_plant_truth(plant, NAOH) * 1.2 - before;

    assert_true(fabs(dosed - delivered - stored) < 1e-6 * dosed);
    assert_true(fabs((yw_plant_truth(plant, LEVEL) - level) * 1.5 - 0.1 * 0.5) < 1e-9);
    yw_plant_free(plant);
}

static void test_tank_limits(void **state)
{
    (void)state;
    struct yw_plant *plant = works(1);
    int tag;

    yw_plant_set_input(plant, IN_VALVE, 0);
    yw_plant_run_to(plant, 3600 * 5, NULL,
                    NULL); /* an hour: 0.6 m are gone after 22 min */
    assert_true(yw_plant_truth(plant, LEVEL) == 0);
    assert_true(yw_plant_truth(plant, FLOW) == 0);
    assert_int_equal(yw_plant_level(plant, &tag), 3);
    assert_int_equal(tag, LEVEL);
    yw_plant_set_input(plant, IN_VALVE, 1);
    yw_plant_run_to(plant, 3600 * 5 * 40, NULL, NULL);
    assert_true(yw_plant_truth(plant, LEVEL) <= 1.6);
    assert_int_equal(yw_plant_level(plant, &tag), 1);
    yw_plant_free(plant);
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        double naoh;
        int level;
    } rows[] = {{120, 0}, {120.1, 1}, {200, 1}, {200.1, 2}, {1000, 2}, {1000.1, 5}};
    struct yw_plant *plant = works(1);
    struct yw_ev_plant_sample sample;
    int tag;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        yw_plant_sample(plant, &sample);
        sample.state[0] = rows[i].naoh;
        assert_int_equal(yw_plant_restore(plant, &sample, NULL), 0);
        assert_int_equal(yw_plant_level(plant, &tag), rows[i].level);
        assert_int_equal(tag, rows[i].level ? NAOH : -1);
    }
    yw_plant_free(plant);
}

/* Any input sequence, also one far outside its range, keeps everything finite and in
 * bounds. */
static void test_any_inputs(void **state)
{
    (void)state;
    struct yw_random random;
    struct yw_plant *plant = works(7);

    yw_random_init(&random, 42, "inputs");
    for (int64_t i = 1; i <= 20000; i++) {
        if (i % 50 == 1) {
            yw_plant_set_input(plant, IN_DOSE, (yw_random_unit(&random) - 0.5) * 1e6);
            yw_plant_set_input(plant, IN_PUMP, yw_random_unit(&random));
            yw_plant_set_input(plant, IN_VALVE, yw_random_unit(&random) * 2 - 0.5);
        }
        yw_plant_run_to(plant, i, NULL, NULL);
        for (size_t t = 0; t < 4; t++) {
            const struct yw_plant_tag *tag = &yw_plant_model(plant)->tags[t];

            assert_true(isfinite(yw_plant_truth(plant, t)));
            assert_true(yw_plant_truth(plant, t) >= tag->low);
            assert_true(yw_plant_truth(plant, t) <= tag->high);
            assert_true(yw_plant_field(plant, t) >= tag->low);
            assert_true(yw_plant_field(plant, t) <= tag->high);
        }
    }
    assert_int_equal(yw_plant_set_input(plant, IN_DOSE, (double)NAN), YW_EINVAL);
    assert_int_equal(yw_plant_set_input(plant, IN_DOSE, (double)INFINITY), YW_EINVAL);
    assert_int_equal(yw_plant_set_input(plant, 4, 1), YW_EINVAL);
    yw_plant_free(plant);
}

static void assert_same(const struct yw_plant *a, const struct yw_plant *b)
{
    struct yw_ev_plant_sample x, y;

    yw_plant_sample(a, &x);
    yw_plant_sample(b, &y);
    assert_memory_equal(&x, &y, sizeof x);
}

static void test_restore_continues(void **state)
{
    (void)state;
    struct yw_plant *whole = works(3), *second = works(3);
    struct yw_ev_plant_sample sample;

    yw_plant_set_input(whole, IN_DOSE, 5000);
    yw_plant_run_to(whole, 777, NULL, NULL);
    yw_plant_sample(whole, &sample);
    assert_int_equal(yw_plant_restore(second, &sample, NULL), 0);
    yw_plant_run_to(whole, 5000, NULL, NULL);
    yw_plant_run_to(second, 5000, NULL, NULL);
    assert_same(whole, second);
    yw_plant_free(whole);
    yw_plant_free(second);
}

static void test_restore_refuses(void **state)
{
    (void)state;
    struct yw_plant *plant = works(3);
    struct yw_ev_plant_sample good, sample;
    struct yw_err err = {0};

    yw_plant_sample(plant, &good);
    sample = good;
    sample.state[0] = (double)NAN;
    assert_int_equal(yw_plant_restore(plant, &sample, &err), YW_ECORRUPT);
    sample = good;
    sample.state_count = 2;
    assert_int_equal(yw_plant_restore(plant, &sample, &err), YW_ECORRUPT);
    sample = good;
    sample.steps = -1;
    assert_int_equal(yw_plant_restore(plant, &sample, &err), YW_ECORRUPT);
    yw_plant_free(plant);
}

static void test_seeds(void **state)
{
    (void)state;
    struct yw_plant *a = works(5), *b = works(5), *c = works(6);

    yw_plant_run_to(a, 1000, NULL, NULL);
    yw_plant_run_to(b, 1000, NULL, NULL);
    yw_plant_run_to(c, 1000, NULL, NULL);
    assert_same(a, b);
    assert_true(yw_plant_field(a, NAOH) != yw_plant_field(c, NAOH));
    assert_true(yw_plant_truth(a, NAOH) == yw_plant_truth(c, NAOH));
    assert_true(yw_plant_field(a, NAOH) != yw_plant_truth(a, NAOH));
    yw_plant_free(a);
    yw_plant_free(b);
    yw_plant_free(c);
}

static void test_steps_at(void **state)
{
    (void)state;
    const struct yw_plant_model *model = yw_plant_model_find("water-dosing");

    assert_int_equal(yw_plant_steps_at(model, 10, 1000), 50);
    assert_int_equal(yw_plant_steps_at(model, 1, 199), 0);
    assert_int_equal(yw_plant_steps_at(model, 1, 200), 1);
    assert_int_equal(yw_plant_steps_at(model, 1, 600), 3);
}

/* Conditions find tags by the names in the model; both lists must say the same. */
static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; yw_plant_model_at(i); i++) {
        const struct yw_plant_model *model = yw_plant_model_at(i);

        assert_true(yw_process_known(model->name));
        assert_ptr_equal(yw_plant_model_find(model->name), model);
        for (size_t t = 0; t < model->tag_count; t++)
            assert_int_equal(yw_process_tag(model->name, model->tags[t].name), t);
    }
    assert_null(yw_plant_model_find("no-such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oldsmar),         cmocka_unit_test(test_soft_start),
        cmocka_unit_test(test_time_constant),   cmocka_unit_test(test_conservation),
        cmocka_unit_test(test_tank_limits),     cmocka_unit_test(test_levels),
        cmocka_unit_test(test_any_inputs),      cmocka_unit_test(test_restore_continues),
        cmocka_unit_test(test_restore_refuses), cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_steps_at),        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
