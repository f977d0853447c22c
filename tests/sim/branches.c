/* A crash after each append of a drill whose playbook has a parallel, a loop, a decision, a
 * switch, commands and a playbook that it calls: one team answers all of it, and of the
 * other every timeout fires. Each time it comes to the same end. */
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

static int set_up(void **state)
{
    return sim_sweep_set_up(state, "tests/sim/branches");
}

static size_t count(const struct outcome *outcome, enum yw_event_kind kind)
{
    size_t found = 0;

    for (int64_t i = 0; i < outcome->events; i++)
        found += outcome->kinds[i] == kind;
    return found;
}

/* It is what the sweep is meant for. */
static void everything_happens(void **state)
{
    const struct sim_sweep *sweep = *state;
    const struct outcome *whole = &sweep->whole;

    assert_int_equal(count(whole, YW_EVENT_PLAYBOOK_STARTED), 3);
    assert_int_equal(count(whole, YW_EVENT_PLAYBOOK_ENDED), 3);
    assert_int_equal(count(whole, YW_EVENT_STEP_BRANCHED), 8);
    assert_int_equal(count(whole, YW_EVENT_COMMAND_ENDED), 2);
    assert_int_equal(count(whole, YW_EVENT_STEP_LATE), 3);
    assert_int_equal(count(whole, YW_EVENT_STEP_ESCALATED), 1);
    assert_non_null(strstr(whole->text, "timeout_error"));
    assert_non_null(strstr(whole->text, "exception_condition_error"));
}

/* `deaf`: the event is durable, and nothing of what it sets in motion has begun. */
static bool crash_at(const struct sim_sweep *sweep, int64_t n, bool deaf)
{
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct outcome outcome;
    struct yw_err err = {0};
    char what[96];

    (void)snprintf(what, sizeof what, "stopped %s event %lld (%s)", deaf ? "at" : "after",
                   (long long)n, yw_event_name(sweep->whole.kinds[n - 1]));
    sim_config(&config, sweep->package);
    config.stop_after = (uint64_t)n;
    config.stop_deaf = deaf;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    if (yw_rehearsal_run(rehearsal, &err) != YW_ECANCELED ||
        yw_rehearsal_restart(rehearsal, &err) != 0 ||
        yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s: %s", what, err.text);
    outcome_take(&outcome, rehearsal);
    bool same = outcome_same(&outcome, &sweep->whole, 0, what);

    outcome_free(&outcome);
    yw_rehearsal_close(rehearsal);
    return same;
}

static void crash_at_each_append(void **state)
{
    const struct sim_sweep *sweep = *state;
    size_t failures = 0;

    /* the last event archives the drill: nothing is left to recover */
    for (int64_t n = 1; n < sweep->whole.events; n++) {
        failures += !crash_at(sweep, n, false);
        failures += !crash_at(sweep, n, true);
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_happens, set_up, sim_sweep_tear_down),
        cmocka_unit_test_setup_teardown(crash_at_each_append, set_up,
                                        sim_sweep_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
