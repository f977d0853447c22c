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
#define SLACK 2 /* a host that starts again takes a part of a second */

struct sweep {
    struct yw_package *package;
    struct outcome whole;
    uint64_t calls;
};

static int set_up(void **state)
{
    struct sweep *sweep = yw_new(sizeof *sweep);
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    *state = sweep;
    sweep->package = sim_package("scenarios/water-dosing");
    sim_config(&config, sweep->package);
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    assert_int_equal(yw_rehearsal_run(rehearsal, &err), 0);
    outcome_take(&sweep->whole, rehearsal);
    sweep->calls = yw_rehearsal_calls(rehearsal);
    yw_rehearsal_close(rehearsal);
    return 0;
}

static int tear_down(void **state)
{
    struct sweep *sweep = *state;

    outcome_free(&sweep->whole);
    yw_package_free(sweep->package);
    free(sweep);
    return 0;
}

/* Runs with what the config kills; the same end, and `fault` in the journal. */
static bool survives(const struct sweep *sweep, const struct yw_rehearsal_config *config,
                     const char *fault, const char *what)
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

/* From the start of the clock there is a host. Its death is met by the next question to
 * it: up to the last plant sample before the last result that goes back to a story. */
static bool has_host(const struct outcome *whole, int64_t n)
{
    int clocks = 0;
    int64_t last = whole->events - 1;

    for (int64_t i = 0; i < n; i++)
        clocks += whole->kinds[i] == YW_EVENT_CLOCK_CHANGED;
    while (last > 0 && whole->kinds[last] != YW_EVENT_STORY_RESULT)
        last--;
    while (last > 0 && whole->kinds[last] != YW_EVENT_PLANT_SAMPLE)
        last--;
    /* declared, started; the third stops it */
    return clocks == 2 && n <= last;
}

static bool is_chosen(const struct outcome *whole, int64_t n)
{
    enum yw_event_kind kind = whole->kinds[n - 1];

    return n % STRIDE == 0 || kind == YW_EVENT_STORY_STEP ||
           kind == YW_EVENT_STORY_RESULT || kind == YW_EVENT_SAID ||
           kind == YW_EVENT_ATTACK_STARTED || kind == YW_EVENT_ATTACK_ENDED ||
           kind == YW_EVENT_CLOCK_CHANGED;
}

static void script_host_dies(void **state)
{
    const struct sweep *sweep = *state;
    size_t failures = 0;
    size_t kills = 0;

    for (int64_t n = 1; n < sweep->whole.events; n++) {
        struct yw_rehearsal_config config;
        char what[96];

        if (!has_host(&sweep->whole, n) || !is_chosen(&sweep->whole, n))
            continue;
        (void)snprintf(what, sizeof what, "host killed after event %lld (%s)",
                       (long long)n, yw_event_name(sweep->whole.kinds[n - 1]));
        sim_config(&config, sweep->package);
        config.kill_script_after = (uint64_t)n;
        kills++;
        failures += !survives(sweep, &config, "starting it again", what);
    }
    print_message("%zu kills\n", kills);
    assert_true(kills > 20);
    assert_int_equal(failures, 0);
}

static void broker_dies(void **state)
{
    const struct sweep *sweep = *state;
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
        cmocka_unit_test(script_host_dies),
        cmocka_unit_test(broker_dies),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
