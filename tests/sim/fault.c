/* The failure and the timeout sweep: the n-th hypervisor call fails (or never answers),
 * once or from then on, for every n that a whole drill makes. A bring-up that fails says
 * which machine or network, leaves nothing, and works the next time; a drill that runs
 * goes on to its end. */
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

/* The host is asked what it has; then four bridges, six machines, six set-ups, the host again and two machines that prove isolation: what the
 * scenario declares, for two teams. */
#define BRING_UP_CALLS 20
#define HOST_AGAIN 18

static int set_up(void **state)
{
    int code = sim_sweep_set_up(state, "tests/drills/dosing-line");
    const struct sim_sweep *sweep = *state;

    assert_true(sweep->calls > BRING_UP_CALLS);
    return code;
}

static int run_with(const struct sim_sweep *sweep, const struct yw_virt_fault *fault,
                    struct yw_rehearsal **ret, struct yw_err *err)
{
    struct yw_rehearsal_config config;

    sim_config(&config, sweep->package);
    config.fault = *fault;
    assert_int_equal(yw_rehearsal_open(ret, &config, err), 0);
    return yw_rehearsal_run(*ret, err);
}

static void expect_named(const struct yw_err *err, uint64_t n)
{
    bool machine = strstr(err->text, "machine 'plc1'") != NULL ||
                   strstr(err->text, "machine 'hmi1'") != NULL ||
                   strstr(err->text, "machine 'jump'") != NULL;
    bool network = strstr(err->text, "network 'it'") != NULL ||
                   strstr(err->text, "network 'control'") != NULL;
    bool team = strstr(err->text, "up 'blue-quick'") != NULL ||
                strstr(err->text, "up 'blue-slow'") != NULL;

    if (n == 1 || n == HOST_AGAIN ? strstr(err->text, "host 'local'") == NULL
                                  : !team || !(n <= 5 ? network : machine))
        fail_msg("call %llu: the message does not say what failed: %s",
                 (unsigned long long)n, err->text);
}

static void expect_empty(struct yw_rehearsal *rehearsal, uint64_t n)
{
    size_t count = yw_virt_world_count(yw_rehearsal_world(rehearsal));

    if (count != 0)
        fail_msg("call %llu: %zu objects are left over", (unsigned long long)n, count);
}

/* After what failed, the same drill comes up and runs as if nothing had been. */
static void expect_next_time(const struct sim_sweep *sweep,
                             struct yw_rehearsal *rehearsal, uint64_t n)
{
    struct outcome outcome;
    struct yw_err err = {0};

    if (yw_rehearsal_restart(rehearsal, &err) != 0 ||
        yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("call %llu: the next time: %s", (unsigned long long)n, err.text);
    outcome_take(&outcome, rehearsal);
    for (size_t t = 0; t < sweep->whole.teams; t++)
        assert_int_equal(outcome.points[t], sweep->whole.points[t]);
    outcome_free(&outcome);
    expect_empty(rehearsal, n);
}

static void bring_up(const struct sim_sweep *sweep, struct yw_virt_fault fault)
{
    for (uint64_t n = 1; n <= BRING_UP_CALLS; n++) {
        struct yw_rehearsal *rehearsal = NULL;
        struct yw_err err = {0};

        fault.at_call = n;
        int code = run_with(sweep, &fault, &rehearsal, &err);

        if (code == 0)
            fail_msg("call %llu: nothing failed", (unsigned long long)n);
        expect_named(&err, n);
        bool says = strstr(err.text, "left over") != NULL;

        if (fault.persistent && n > 1) /* the first made nothing */
            assert_true(says);
        else
            expect_empty(rehearsal, n);
        expect_next_time(sweep, rehearsal, n);
        yw_rehearsal_close(rehearsal);
    }
}

static void bring_up_fails(void **state)
{
    bring_up(*state, (struct yw_virt_fault){0});
}

static void bring_up_never_answers(void **state)
{
    bring_up(*state, (struct yw_virt_fault){.hang = true});
}

/* Nor can it be rolled back: said so, and the next time everything is found. */
static void bring_up_fails_for_good(void **state)
{
    bring_up(*state, (struct yw_virt_fault){.persistent = true});
}

static void drill(const struct sim_sweep *sweep, struct yw_virt_fault fault)
{
    for (uint64_t n = BRING_UP_CALLS + 1; n <= sweep->calls; n++) {
        struct yw_rehearsal *rehearsal = NULL;
        struct outcome outcome;
        struct yw_err err = {0};

        fault.at_call = n;
        int code = run_with(sweep, &fault, &rehearsal, &err);

        if (code != 0)
            fail_msg("call %llu: %s", (unsigned long long)n, err.text);
        outcome_take(&outcome, rehearsal);
        /* the last call is the sweep, which is tried again; any other leaves its mark */
        assert_int_equal(strcmp(outcome.text, sweep->whole.text) == 0, n == sweep->calls);
        outcome_free(&outcome);
        expect_empty(rehearsal, n);
        yw_rehearsal_close(rehearsal);
    }
}

static void drill_goes_on(void **state)
{
    drill(*state, (struct yw_virt_fault){0});
}

static void drill_goes_on_without_answer(void **state)
{
    drill(*state, (struct yw_virt_fault){.hang = true});
}

/* The hypervisor is gone for good while the drill runs: the drill ends, what cannot be
 * removed is not passed over in silence, and is removed once there is a hypervisor. */
static void hypervisor_is_lost(void **state)
{
    const struct sim_sweep *sweep = *state;

    for (uint64_t n = BRING_UP_CALLS + 1; n <= sweep->calls; n++) {
        struct yw_virt_fault fault = {.at_call = n, .persistent = true};
        struct yw_rehearsal *rehearsal = NULL;
        struct yw_err err = {0};

        if (run_with(sweep, &fault, &rehearsal, &err) == 0)
            fail_msg("call %llu: nothing failed", (unsigned long long)n);
        if (strstr(err.text, "something may be left over") == NULL)
            fail_msg("call %llu: %s", (unsigned long long)n, err.text);
        assert_true(yw_virt_world_count(yw_rehearsal_world(rehearsal)) > 0);
        assert_int_equal(yw_rehearsal_restart(rehearsal, &err), 0);
        assert_int_equal(yw_rehearsal_run(rehearsal, &err), 0);
        expect_empty(rehearsal, n);
        yw_rehearsal_close(rehearsal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bring_up_fails),
        cmocka_unit_test(bring_up_never_answers),
        cmocka_unit_test(bring_up_fails_for_good),
        cmocka_unit_test(drill_goes_on),
        cmocka_unit_test(drill_goes_on_without_answer),
        cmocka_unit_test(hypervisor_is_lost),
    };

    return cmocka_run_group_tests(tests, set_up, sim_sweep_tear_down);
}
