/* The crash sweep: the core dies after the n-th event is durable, a new one takes over,
 * and the drill comes to the same end: nothing lost, nothing doubled, nothing left. What
 * was done twice would show in the lanes (a second event) or in the outputs (a second
 * write finds the first one's value as the old one). */
#include "outcome.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIRST_ALL 60 /* every crash up to here */
#define STRIDE 113   /* then every so many of the plant's endless samples */
#define AGAIN 12     /* events of a recovery in which the next crash comes */
/* Drill time stands still at the last durable event, so what was under way is up to a
 * second early or late: the steepest objective fades by less than a point a second. */
#define SLACK 2

static int set_up(void **state)
{
    return sim_sweep_set_up(state, "tests/drills/dosing-line");
}

/* The drill from its crash to its end. */
static bool survives(const struct sim_sweep *sweep, struct yw_rehearsal *rehearsal,
                     const char *what)
{
    struct outcome outcome;
    struct yw_err err = {0};

    if (yw_rehearsal_restart(rehearsal, &err) != 0 ||
        yw_rehearsal_run(rehearsal, &err) != 0) {
        print_error("%s: %s\n", what, err.text);
        return false;
    }
    outcome_take(&outcome, rehearsal);
    bool same = outcome_same(&outcome, &sweep->whole, SLACK, what);

    if (yw_virt_world_count(yw_rehearsal_world(rehearsal)) != 0) {
        print_error("%s: something is left over\n", what);
        same = false;
    }
    if (outcome.faults[0] != '\0') {
        print_error("%s: %s\n", what, outcome.faults);
        same = false;
    }
    outcome_free(&outcome);
    return same;
}

static bool crash_at(const struct sim_sweep *sweep, int64_t n, bool deaf)
{
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};
    char what[96];

    (void)snprintf(what, sizeof what, "stopped %s event %lld (%s)", deaf ? "at" : "after",
                   (long long)n, yw_event_name(sweep->whole.kinds[n - 1]));
    sim_config(&config, sweep->package);
    config.stop_after = (uint64_t)n;
    config.stop_deaf = deaf;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    int code = yw_rehearsal_run(rehearsal, &err);

    if (code != YW_ECANCELED || !yw_rehearsal_crashed(rehearsal))
        fail_msg("%s: no crash: %s", what, err.text);
    bool well = survives(sweep, rehearsal, what);

    yw_rehearsal_close(rehearsal);
    return well;
}

static bool is_routine(enum yw_event_kind kind)
{
    return kind == YW_EVENT_PLANT_SAMPLE || kind == YW_EVENT_PLANT_VIEW;
}

/* Every event but the plants' samples, which are nine in ten: of those a few, and some
 * that come just before something else. Half of all when nothing had begun. */
static bool is_chosen(const struct outcome *whole, int64_t n, bool deaf)
{
    if (deaf && n % 2 == 0)
        return false;
    return n <= FIRST_ALL || n % STRIDE == 0 || !is_routine(whole->kinds[n - 1]) ||
           (n % 3 == 0 && !is_routine(whole->kinds[n]));
}

static void crash_at_each(const struct sim_sweep *sweep, bool deaf)
{
    size_t crashes = 0;
    size_t failures = 0;

    /* the last event archives the drill: nothing is left to recover */
    for (int64_t n = 1; n < sweep->whole.events; n++) {
        if (!is_chosen(&sweep->whole, n, deaf))
            continue;
        crashes++;
        failures += !crash_at(sweep, n, deaf);
    }
    print_message("%zu crashes\n", crashes);
    assert_int_equal(failures, 0);
}

/* The last event was acted on: its effect is under way, its outcome unknown. */
static void crash_after_acting(void **state)
{
    crash_at_each(*state, false);
}

/* The last event is durable, and nothing of what it orders has begun. */
static void crash_before_acting(void **state)
{
    crash_at_each(*state, true);
}

/* The next core dies in the middle of its recovery, and a third one takes over. */
static void crash_in_recovery(void **state)
{
    const struct sim_sweep *sweep = *state;
    size_t failures = 0;
    size_t crashes = 0;
    int64_t chosen = 0;

    for (int64_t n = FIRST_ALL; n < sweep->whole.events - 1; n++) {
        struct yw_rehearsal_config config;
        struct yw_rehearsal *rehearsal = NULL;
        struct yw_err err = {0};
        char what[96];

        if (is_routine(sweep->whole.kinds[n - 1]) || ++chosen % 3 != 0)
            continue;
        int64_t again = n + 1 + chosen / 3 % AGAIN;

        (void)snprintf(what, sizeof what,
                       "stopped after event %lld (%s) and again after %lld", (long long)n,
                       yw_event_name(sweep->whole.kinds[n - 1]), (long long)again);
        sim_config(&config, sweep->package);
        config.stop_after = (uint64_t)n;
        config.stop_again = (uint64_t)again;
        assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
        assert_int_equal(yw_rehearsal_run(rehearsal, &err), YW_ECANCELED);
        assert_int_equal(yw_rehearsal_restart(rehearsal, &err), 0);
        int code = yw_rehearsal_run(rehearsal, &err);

        /* near the end the second crash may have nothing left to stop */
        if (code != YW_ECANCELED && code != 0)
            fail_msg("%s: %s", what, err.text);
        if (code == YW_ECANCELED) {
            crashes++;
            failures += !survives(sweep, rehearsal, what);
        }
        yw_rehearsal_close(rehearsal);
    }
    print_message("%zu crashes\n", crashes);
    assert_true(crashes > 20);
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest after[] = {
        cmocka_unit_test_setup_teardown(crash_after_acting, set_up, sim_sweep_tear_down),
    };
    const struct CMUnitTest before[] = {
        cmocka_unit_test_setup_teardown(crash_before_acting, set_up, sim_sweep_tear_down),
    };
    const struct CMUnitTest again[] = {
        cmocka_unit_test_setup_teardown(crash_in_recovery, set_up, sim_sweep_tear_down),
    };

    if (argc > 1 && strcmp(argv[1], "before") == 0)
        return cmocka_run_group_tests_name("before", before, NULL, NULL);
    if (argc > 1 && strcmp(argv[1], "again") == 0)
        return cmocka_run_group_tests_name("again", again, NULL, NULL);
    return cmocka_run_group_tests_name("after", after, NULL, NULL);
}
