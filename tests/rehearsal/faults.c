/* Faults that are no attack, ordered by a story: they befall the plant, the plant's own
 * regulation is fooled, and a crash at any event neither loses nor doubles one. */
#include "outcome.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES_BETWEEN 211 /* of the samples, every so many is a place to crash */

static int count(const char *text, const char *part)
{
    int found = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        found++;
    return found;
}

static void expect_end(struct yw_rehearsal *rehearsal, const struct outcome *outcome)
{
    const struct yw_view *view =
        yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                          yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
    const struct yw_plant_fold *plant = yw_drill_plant(&view->state, 0, "works");

    assert_int_equal(count(outcome->text, "befalls works"), 3);
    assert_non_null(strstr(outcome->text, "befalls works lit101_m bias"));
    assert_non_null(strstr(outcome->text, "befalls works p101 trip"));
    assert_non_null(strstr(outcome->text, "said 0 给水池见底。"));
    assert_string_equal(outcome->faults, "");
    assert_non_null(plant);
    /* one fault is in place at the end, in the sample itself */
    assert_int_equal(plant->sample.fault_count, 7);
    assert_true(plant->sample.level_s > 0 && plant->sample.lost_s > 0);
}

static void a_story_orders_faults(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/faults");
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct outcome outcome;
    struct yw_err err = {0};

    sim_config(&config, package);
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    if (yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
    outcome_take(&outcome, rehearsal);
    expect_end(rehearsal, &outcome);
    /* the tank was held below 1.55 m, but the level over time went past its limit */
    assert_int_equal(outcome.points[0], 50);
    assert_int_equal(count(outcome.text, "lost calm"), 1);
    char *board = sim_board(rehearsal, YW_AUDIENCE_TEAM, 0);

    assert_null(strstr(board, "bias")); /* control alone knows */
    assert_null(strstr(board, "trip\""));
    free(board);
    outcome_free(&outcome);
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

static bool is_place(const struct outcome *whole, int64_t n)
{
    return whole->kinds[n - 1] != YW_EVENT_PLANT_SAMPLE || n % SAMPLES_BETWEEN == 0 ||
           whole->kinds[n - 2] == YW_EVENT_FAULT_ORDERED;
}

static void a_crash_loses_no_fault(void **state)
{
    (void)state;
    struct yw_package *package = sim_package("tests/rehearsal/faults");
    struct outcome whole;

    sim_run_whole(&whole, package);
    for (int64_t n = 2; n < whole.events; n++) {
        struct yw_rehearsal_config config;
        struct yw_rehearsal *rehearsal = NULL;
        struct outcome outcome;
        struct yw_err err = {0};

        if (!is_place(&whole, n))
            continue;
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
        assert_true(outcome_same(&outcome, &whole, 0, what));
        expect_end(rehearsal, &outcome);
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
        cmocka_unit_test(a_story_orders_faults),
        cmocka_unit_test(a_crash_loses_no_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
