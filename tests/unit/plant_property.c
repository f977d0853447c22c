/* Any input sequence within the limits of the actuators, and any fault, keeps every plant
 * finite and inside the ranges of its instruments. Sequences are seeded; one that fails
 * is shrunk to the shortest that still does, and told. */
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

#define ACTS 60
#define RUNS 16

struct act {
    bool fault, skip;
    size_t input;
    double value;
    struct yw_plant_fault what;
    int64_t steps; /* to run after it */
};

static void invent(const struct yw_plant_model *model, struct yw_random *random,
                   struct act acts[ACTS], int64_t most)
{
    for (size_t i = 0; i < ACTS; i++) {
        struct act *act = &acts[i];
        const struct yw_plant_input *in;
        double part = yw_random_unit(random);

        *act = (struct act){.input = yw_random_below(random, model->input_count),
                            .fault = yw_random_below(random, 8) == 0};
        in = &model->inputs[act->input];
        part = yw_random_below(random, 3) == 0 ? (part < 0.5 ? 0 : 1) : part;
        act->value = in->low + part * (in->high - in->low);
        act->what.kind = (enum yw_fault_kind)yw_random_below(random, YW_FAULT_KINDS);
        act->what.on_input = yw_random_below(random, 2) == 0;
        act->what.target = yw_random_below(random, act->what.on_input ? model->input_count
                                                                      : model->tag_count);
        act->what.size = (yw_random_unit(random) - 0.3) * 1000;
        act->steps = 1 + (int64_t)yw_random_below(random, (uint64_t)most);
    }
}

static bool inside(const struct yw_plant *plant, char why[128])
{
    const struct yw_plant_model *model = yw_plant_model(plant);
    struct yw_ev_plant_sample sample;

    for (size_t i = 0; i < model->tag_count; i++) {
        const struct yw_plant_tag *tag = &model->tags[i];
        double truth = yw_plant_truth(plant, i), field = yw_plant_field(plant, i);

        if (!(truth >= tag->low && truth <= tag->high)) {
            (void)snprintf(why, 128, "%s is %g", tag->name, truth);
            return false;
        }
        if (!(field >= tag->low && field <= tag->high)) {
            (void)snprintf(why, 128, "field of %s is %g", tag->name, field);
            return false;
        }
    }
    yw_plant_sample(plant, &sample);
    for (int64_t i = 0; i < sample.state_count; i++) {
        if (!isfinite(sample.state[i])) {
            (void)snprintf(why, 128, "state %d is %g", (int)i, sample.state[i]);
            return false;
        }
    }
    return isfinite(sample.level_s) && isfinite(sample.lost_s);
}

static bool holds(const struct yw_plant_model *model, const struct act acts[ACTS],
                  bool control, char why[128])
{
    struct yw_plant *plant = yw_plant_new(model, 5);
    bool good = true;

    yw_plant_control(plant, control);
    for (size_t i = 0; i < ACTS && good; i++) {
        if (acts[i].skip)
            continue;
        if (acts[i].fault)
            (void)yw_plant_set_fault(plant, &acts[i].what, NULL); /* refused is fine */
        else
            (void)yw_plant_set_input(plant, acts[i].input, acts[i].value);
        int64_t to = yw_plant_steps(plant) + acts[i].steps;

        while (good && yw_plant_steps(plant) < to) {
            int64_t next = yw_plant_steps(plant) + acts[i].steps / 8 + 1;

            yw_plant_run_to(plant, next < to ? next : to, NULL, NULL);
            good = inside(plant, why);
        }
    }
    yw_plant_free(plant);
    return good;
}

static void shrink(const struct yw_plant_model *model, struct act acts[ACTS],
                   bool control, char why[128])
{
    for (size_t i = 0; i < ACTS; i++) {
        acts[i].skip = true;
        if (holds(model, acts, control, why))
            acts[i].skip = false;
    }
    (void)holds(model, acts, control, why);
}

static void report(const struct yw_plant_model *model, struct act acts[ACTS],
                   bool control, uint64_t seed)
{
    char why[128] = "";

    shrink(model, acts, control, why);
    print_error("%s, seed %llu, control %d: %s after\n", model->name,
                (unsigned long long)seed, control, why);
    for (size_t i = 0; i < ACTS; i++) {
        const struct act *act = &acts[i];

        if (act->skip)
            continue;
        if (act->fault)
            print_error("  fault %s on %s %g, %lld steps\n",
                        yw_fault_kind_name(act->what.kind),
                        act->what.on_input ? model->inputs[act->what.target].name
                                           : model->tags[act->what.target].name,
                        act->what.size, (long long)act->steps);
        else
            print_error("  %s = %g, %lld steps\n", model->inputs[act->input].name,
                        act->value, (long long)act->steps);
    }
    fail();
}

static void try_model(const struct yw_plant_model *model)
{
    const char *given = getenv("YW_PLANT_RUNS");
    uint64_t runs = given != NULL ? strtoull(given, NULL, 10) : RUNS;
    struct act acts[ACTS];
    char why[128];

    for (uint64_t seed = 1; seed <= runs; seed++) {
        struct yw_random random;
        bool control = seed % 3 == 0;

        yw_random_init(&random, seed, model->name);
        /* short and long stays in turn: milliseconds to hours */
        invent(model, &random, acts, seed % 2 ? 200 : 4000);
        if (!holds(model, acts, control, why))
            report(model, acts, control, seed);
    }
}

static void test_all_stay_inside(void **state)
{
    (void)state;
    const struct yw_plant_model *model = NULL;

    for (size_t i = 0; (model = yw_plant_model_at(i)) != NULL; i++)
        try_model(model);
}

/* The shrinker on a plant that is known to leave its range: one act is enough. */
static void test_shrunk(void **state)
{
    (void)state;
    struct yw_plant_model narrow = *yw_plant_model_find("quad-tank");
    struct yw_plant_tag tags[YW_PLANT_TAGS_MAX];
    struct yw_random random;
    struct act acts[ACTS];
    size_t kept = 0;
    char why[128];

    memcpy(tags, narrow.tags, narrow.tag_count * sizeof tags[0]);
    tags[0].high = 14;
    narrow.tags = tags;
    yw_random_init(&random, 3, "narrow");
    do
        invent(&narrow, &random, acts, 4000);
    while (holds(&narrow, acts, false, why));
    shrink(&narrow, acts, false, why);
    for (size_t i = 0; i < ACTS; i++)
        kept += !acts[i].skip;
    assert_true(kept >= 1 && kept <= 3);
    assert_false(holds(&narrow, acts, false, why));
    assert_non_null(strstr(why, "h1_cm is"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_stay_inside),
        cmocka_unit_test(test_shrunk),
    };

    return yw_hash_setup() != 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
