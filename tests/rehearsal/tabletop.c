/* A tabletop exercise: people, a story and a playbook, and no hypervisor at all. */
#include "outcome.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void tabletop_needs_no_hypervisor(void **state)
{
    struct yw_package *package = sim_package("tests/rehearsal/tabletop");
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct outcome outcome;
    struct yw_err err = {0};

    (void)state;
    sim_config(&config, package);
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    if (yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
    outcome_take(&outcome, rehearsal);
    assert_int_equal(yw_rehearsal_calls(rehearsal), 0);
    assert_int_equal(yw_virt_world_count(yw_rehearsal_world(rehearsal)), 0);
    assert_int_equal(outcome.teams, 2);
    assert_true(outcome.points[0] > outcome.points[1]);
    assert_int_equal(outcome.points[1], 0);
    assert_non_null(strstr(outcome.text, "step-answered"));
    assert_non_null(strstr(outcome.text, "said 1 谁来决定？"));
    assert_string_equal(outcome.faults, "");
    outcome_free(&outcome);
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

/* It survives a crash at every event. */
static void tabletop_goes_on_after_a_crash(void **state)
{
    struct yw_package *package = sim_package("tests/rehearsal/tabletop");
    struct outcome whole;

    (void)state;
    sim_run_whole(&whole, package);
    for (int64_t n = 1; n < whole.events; n++) {
        struct yw_rehearsal_config config;
        struct yw_rehearsal *rehearsal = NULL;
        struct outcome outcome;
        struct yw_err err = {0};
        char *what = yw_strf("stopped after event %lld", (long long)n);

        sim_config(&config, package);
        config.stop_after = (uint64_t)n;
        config.stop_deaf = n % 2 == 0;
        assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
        assert_int_equal(yw_rehearsal_run(rehearsal, &err), YW_ECANCELED);
        if (yw_rehearsal_restart(rehearsal, &err) != 0 ||
            yw_rehearsal_run(rehearsal, &err) != 0)
            fail_msg("%s: %s", what, err.text);
        outcome_take(&outcome, rehearsal);
        /* without a plant there are few events, so the clock may stand still for long */
        assert_true(outcome_same(&outcome, &whole, 40, what));
        outcome_free(&outcome);
        yw_rehearsal_close(rehearsal);
        free(what);
    }
    outcome_free(&whole);
    yw_package_free(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tabletop_needs_no_hypervisor),
        cmocka_unit_test(tabletop_goes_on_after_a_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
