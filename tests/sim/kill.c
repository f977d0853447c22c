/* Processes that die without the core: the story's script host after the n-th event, the
 * virt broker after its n-th call. Both are started again and the drill comes to the same
 * end, with a note that it happened. */
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

#define STRIDE 997
#define SLOW_MS 300 /* longer than a host takes to start again */
#define SLACK 2     /* a host that starts again takes a part of a second */

static int set_up(void **state)
{
    return sim_sweep_set_up(state, "tests/drills/dosing-line");
}

/* Runs with what the config kills; the same end, and `fault` in the journal. */
static bool survives(const struct sim_sweep *sweep,
                     const struct yw_rehearsal_config *config, const char *fault,
                     const char *what)
{
    struct yw_rehearsal *rehearsal = NULL;
    struct outcome outcome;
    struct yw_err err = {0};

    assert_int_equal(yw_rehearsal_open(&rehearsal, config, &err), 0);
    int code = yw_rehearsal_run(rehearsal, &err);

    if (code != 0) {
        print_error("%s: %s\n", what, err.text);
        yw_rehearsal_close(rehearsal);
        return false;
    }
    outcome_take(&outcome, rehearsal);
    bool well = outcome_same(&outcome, &sweep->whole, SLACK, what);

    if (strstr(outcome.faults, fault) == NULL) {
        print_error("%s: nothing in the journal: %s\n", what, outcome.faults);
        well = false;
    }
    if (yw_virt_world_count(yw_rehearsal_world(rehearsal)) != 0) {
        print_error("%s: something is left over\n", what);
        well = false;
    }
    outcome_free(&outcome);
    yw_rehearsal_close(rehearsal);
    return well;
}

/* From the start of the clock to its stop there is a host: declared, started; the third
 * event of the clock stops it. */
static bool has_host(const struct outcome *whole, int64_t n)
{
    int clocks = 0;

    for (int64_t i = 0; i < n; i++)
        clocks += whole->kinds[i] == YW_EVENT_CLOCK_CHANGED;
    return clocks == 2;
}

static bool is_chosen(const struct outcome *whole, int64_t n)
{
    enum yw_event_kind kind = whole->kinds[n - 1];

    return n % STRIDE == 0 || kind == YW_EVENT_STORY_STEP ||
           kind == YW_EVENT_STORY_RESULT || kind == YW_EVENT_SAID ||
           kind == YW_EVENT_ATTACK_STARTED || kind == YW_EVENT_ATTACK_ENDED ||
           kind == YW_EVENT_CLOCK_CHANGED;
}

static void kill_hosts(const struct sim_sweep *sweep, int64_t commit_ms)
{
    size_t failures = 0;
    size_t kills = 0;

    for (int64_t n = 1; n < sweep->whole.events; n++) {
        struct yw_rehearsal_config config;
        char what[96];

        if (!has_host(&sweep->whole, n) || !is_chosen(&sweep->whole, n) ||
            (commit_ms > 0 && n % 2 == 0))
            continue;
        (void)snprintf(what, sizeof what, "host killed after event %lld (%s)",
                       (long long)n, yw_event_name(sweep->whole.kinds[n - 1]));
        sim_config(&config, sweep->package);
        config.kill_script_after = (uint64_t)n;
        config.commit_ms = commit_ms;
        kills++;
        failures += !survives(sweep, &config, "starting it again", what);
    }
    print_message("%zu kills\n", kills);
    assert_true(kills > 20);
    assert_int_equal(failures, 0);
}

static void script_host_dies(void **state)
{
    kill_hosts(*state, 0);
}

/* What the story had done is on its way to the disk when the next host asks for it. */
static void script_host_dies_with_a_slow_disk(void **state)
{
    kill_hosts(*state, SLOW_MS);
}

/* Nothing is decided on what is not durable yet, and nothing is decided twice. */
static void a_slow_disk_changes_nothing(void **state)
{
    const struct sim_sweep *sweep = *state;
    static const int64_t spans_ms[] = {1, 7, 60, SLOW_MS};

    for (size_t i = 0; i < sizeof spans_ms / sizeof spans_ms[0]; i++) {
        struct yw_rehearsal_config config;
        char what[96];

        (void)snprintf(what, sizeof what, "commits of %lld ms", (long long)spans_ms[i]);
        sim_config(&config, sweep->package);
        config.commit_ms = spans_ms[i];
        assert_true(survives(sweep, &config, "", what));
    }
}

static void broker_dies(void **state)
{
    const struct sim_sweep *sweep = *state;
    size_t failures = 0;

    /* the last call is the sweep, after which nothing is left to lose */
    for (uint64_t n = 1; n < sweep->calls; n++) {
        struct yw_rehearsal_config config;
        char what[96];

        (void)snprintf(what, sizeof what, "broker killed after call %llu",
                       (unsigned long long)n);
        sim_config(&config, sweep->package);
        config.cut_broker_after = n;
        failures += !survives(sweep, &config, "broker went away", what);
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_disk_changes_nothing),
        cmocka_unit_test(script_host_dies),
        cmocka_unit_test(script_host_dies_with_a_slow_disk),
        cmocka_unit_test(broker_dies),
    };

    return cmocka_run_group_tests(tests, set_up, sim_sweep_tear_down);
}
