/* What a controller says of itself comes from the drill's seed: another drill meets other makers,
 * models and serial numbers, a repeated one the same. */
#include "controller/plc.h"
#include "model/plan.h"
#include "model_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS 64

static const char *const teams[] = {"blue", "red"};

/* The identity of the controller of a team in a drill with that seed. */
static void identity_of(uint64_t seed, int team, struct yw_plc *ret)
{
    struct yw_spec *spec = sample_spec();
    struct yw_plan *plan = NULL;

    assert_int_equal(yw_plan_make(&plan, spec, "water-1", teams, 2, seed, NULL), 0);
    yw_plc_init(ret, yw_plan_machine(plan, team, yw_spec_machine(spec, "plc1"))->seed);
    yw_plan_free(plan);
    yw_spec_free(spec);
}

static bool same(const struct yw_plc *a, const struct yw_plc *b, int object)
{
    return strcmp(a->bank.identity[object], b->bank.identity[object]) == 0;
}

static void one_seed_is_one_identity(void **state)
{
    struct yw_plc *first = calloc(2, sizeof *first), *again = first + 1;

    (void)state;
    identity_of(7, 0, first);
    identity_of(7, 0, again);
    assert_memory_equal(first->bank.identity, again->bank.identity,
                        sizeof first->bank.identity);
    assert_int_equal(first->bank.server_id, again->bank.server_id);
    identity_of(7, 1, again); /* teams cannot copy each other's notes */
    assert_false(same(first, again, YW_MODBUS_PRODUCT_CODE));
    free(first);
}

/* Of many drills no two have the same product code, and makers and models change. */
static void seeds_differ(void **state)
{
    static const int objects[] = {YW_MODBUS_VENDOR, YW_MODBUS_MODEL_NAME,
                                  YW_MODBUS_REVISION};
    struct yw_plc *plc = calloc(SEEDS, sizeof *plc);
    size_t others[3] = {0};

    (void)state;
    for (size_t i = 0; i < SEEDS; i++)
        identity_of(i + 1, 0, &plc[i]);
    for (size_t i = 1; i < SEEDS; i++) {
        for (size_t k = 0; k < i; k++)
            assert_false(same(&plc[i], &plc[k], YW_MODBUS_PRODUCT_CODE));
        for (size_t n = 0; n < 3; n++)
            others[n] += !same(&plc[i], &plc[0], objects[n]);
    }
    for (size_t n = 0; n < 3; n++)
        assert_true(others[n] > SEEDS / 2);
    free(plc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_is_one_identity),
        cmocka_unit_test(seeds_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
