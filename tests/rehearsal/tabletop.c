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

/* Played to its end at the table; `stop_after`: with a crash after that event, 0 none. */
static void play(struct outcome *ret, const struct yw_package *package,
                 int64_t stop_after)
{
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, package);
    config.tabletop = true;
    config.stop_after = (uint64_t)stop_after;
    config.stop_deaf = stop_after > 0 && stop_after % 2 == 0;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    int code = yw_rehearsal_run(rehearsal, &err);

    assert_int_equal(code, stop_after == 0 ? 0 : YW_ECANCELED);
    if (code != 0 && (yw_rehearsal_restart(rehearsal, &err) != 0 ||
                      yw_rehearsal_run(rehearsal, &err) != 0))
        fail_msg("stopped after event %lld: %s", (long long)stop_after, err.text);
    assert_int_equal(yw_rehearsal_calls(rehearsal), 0);
    outcome_take(ret, rehearsal);
    yw_rehearsal_close(rehearsal);
}

static bool is_every(enum yw_event_kind kind)
{
    (void)kind;
    return true;
}

/* What the table tells, and what teams do to machines there. */
static bool is_told(enum yw_event_kind kind)
{
    return kind == YW_EVENT_ATTACK_STARTED || kind == YW_EVENT_SAID ||
           kind == YW_EVENT_PLANT_LEVEL || kind == YW_EVENT_ATTACK_ENDED ||
           kind == YW_EVENT_LINK_ORDERED || kind == YW_EVENT_LINK_CHANGED ||
           kind == YW_EVENT_ACTION_ORDERED || kind == YW_EVENT_MACHINE_PLANNED;
}

/* A crash after each of these events. Without a plant there are few, so the clock may stand
 * still for long. */
static void goes_on(const char *folder, bool (*after)(enum yw_event_kind kind))
{
    struct yw_package *package = sim_package(folder);
    struct outcome whole;

    play(&whole, package, 0);
    for (int64_t n = 1; n < whole.events; n++) {
        struct outcome outcome;

        if (!after(whole.kinds[n - 1]))
            continue;
        char *what = yw_strf("%s, stopped after event %lld", folder, (long long)n);

        play(&outcome, package, n);
        assert_true(outcome_same(&outcome, &whole, 40, what));
        outcome_free(&outcome);
        free(what);
    }
    outcome_free(&whole);
    yw_package_free(package);
}

/* It survives a crash at every event. */
static void tabletop_goes_on_after_a_crash(void **state)
{
    (void)state;
    goes_on("tests/rehearsal/tabletop", is_every);
}

/* A scenario with machines, played without: so does what the table tells of them. */
static void attacks_are_told_once(void **state)
{
    struct yw_package *package = sim_package("tests/drills/dosing-line");
    struct outcome whole;

    (void)state;
    play(&whole, package, 0);
    assert_string_equal(whole.faults, "");
    assert_non_null(strstr(whole.text, "attack-ended raise-dose 1"));
    assert_non_null(strstr(whole.text, "可见迹象（plc1）"));
    assert_true(whole.points[0] > whole.points[1]);
    outcome_free(&whole);
    yw_package_free(package);
    goes_on("tests/drills/dosing-line", is_told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tabletop_needs_no_hypervisor),
        cmocka_unit_test(tabletop_goes_on_after_a_crash),
        cmocka_unit_test(attacks_are_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
