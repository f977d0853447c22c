/* Every command of a playbook with a parallel and a loop fails once, and once is never heard of: the
 * handler follows with the cause, and nothing else is lost. */
#include "run_stage.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COMMANDS 7 /* of a run in which all goes well */
#define TIMEOUT_MS 9000

/* fork ─┬─ cut (two machines) ── note
 *       └─ loop ── probe ── count          (one turn)
 * then last; mend is the exception handler. */
static void set_up_graph(struct stage *s)
{
    stage_init(s);
    s->failing = "";
    int said = stage_var(s, "a", "string", "nothing");

    stage_add(s, YW_PB_PARALLEL, "fork");
    stage_add(s, YW_PB_WHILE, "loop");
    YW_COPY(stage_at(s, "loop")->condition, "[__a__:value = 'nothing']");
    struct yw_pb_step *cut = stage_command(s, "cut", YW_PB_SHELL, "");

    YW_COPY(cut->targets[0], "m1");
    YW_COPY(cut->targets[1], "m2");
    cut->target_count = 2;
    stage_command(s, "note", YW_PB_SHELL, "m1");
    struct yw_pb_step *probe = stage_command(s, "probe", YW_PB_SHELL, "m3");

    probe->fields[0].var = said;
    probe->out_count = 1;
    stage_command(s, "count", YW_PB_SHELL, "m3");
    stage_command(s, "last", YW_PB_SHELL, "m1");
    stage_command(s, "closing", YW_PB_SHELL, "m2");
    stage_command(s, "mend", YW_PB_SHELL, "m2");
    s->playbook.exception = yw_playbook_step(&s->playbook, "mend");
    stage_wire(s, "start>fork");
    stage_branch(s, "fork", "", "cut");
    stage_branch(s, "fork", "", "loop");
    stage_wire(s, "cut+note");
    stage_wire(s, "loop?probe");
    stage_wire(s, "probe+count");
    stage_wire(s, "fork+last");
    stage_wire(s, "last+closing");
    for (size_t i = 0; i < s->playbook.step_count; i++) {
        if (s->playbook.steps[i].type == YW_PB_ACTION)
            s->playbook.steps[i].timeout_ms = TIMEOUT_MS;
    }
}

/* To its end, with the clock going on to what is due. */
static void play(struct stage *s)
{
    stage_open_run(s);
    for (int turn = 0; s->run.active && turn < 100; turn++) {
        int64_t due_ms = stage_go(s);

        if (s->run.active && due_ms == INT64_MAX)
            fail_msg("the run waits for nothing");
        if (s->run.active)
            s->drill_ms = due_ms;
    }
    assert_false(s->run.active);
}

static size_t failures_in(const struct stage *s)
{
    size_t found = 0;

    for (size_t i = 0; i < s->count; i++)
        found += s->log[i].kind == YW_EVENT_COMMAND_ENDED && !s->log[i].command_ended.ok;
    return found;
}

static size_t starts_of(const struct stage *s, const char *id)
{
    size_t found = 0;

    for (size_t i = 0; i < s->count; i++)
        found += s->log[i].kind == YW_EVENT_STEP_STARTED &&
                 strcmp(s->log[i].step_started.step, id) == 0;
    return found;
}

/* Every execution that was ordered something began once and was ended, or went with its opener. */
static void assert_whole(const struct stage *s)
{
    assert_int_equal(s->run.execs.count, 0);
    assert_int_equal(stage_count_of(s, YW_EVENT_PLAYBOOK_ENDED), 1);
    assert_int_equal(s->log[s->count - 1].kind, YW_EVENT_PLAYBOOK_ENDED);
    assert_true(starts_of(s, "mend") <= 1);
}

static void test_all_goes_well(void **state)
{
    (void)state;
    struct stage s;

    set_up_graph(&s);
    play(&s);
    assert_int_equal(s.heard, COMMANDS);
    stage_assert_ended(&s, true);
    assert_int_equal(starts_of(&s, "mend"), 0);
    assert_int_equal(starts_of(&s, "probe"), 1);
    assert_whole(&s);
    stage_fini(&s);
}

static void test_each_command_fails(void **state)
{
    (void)state;

    for (size_t n = 1; n <= COMMANDS; n++) {
        struct stage s;

        set_up_graph(&s);
        s.fails_at = n;
        play(&s);
        assert_int_equal(failures_in(&s), 1);
        assert_int_equal(starts_of(&s, "mend"), 1);
        assert_int_equal(stage_status_of(&s, "mend"), YW_STEP_SUCCESSFULLY_EXECUTED);
        assert_int_equal(s.run.ok, false);
        assert_true(s.run.failed_step[0] != '\0');
        assert_int_equal(stage_status_of(&s, s.run.failed_step), YW_STEP_FAILED);
        assert_non_null(strstr(s.run.failed_cause, "broken"));
        assert_whole(&s);
        stage_fini(&s);
    }
}

static void test_each_command_is_never_heard_of(void **state)
{
    (void)state;

    for (size_t n = 1; n <= COMMANDS; n++) {
        struct stage s;

        set_up_graph(&s);
        s.hangs_at = n;
        play(&s);
        assert_true(s.hung > 0);
        /* what follows the loop begins a poll later */
        assert_in_range(s.drill_ms, TIMEOUT_MS, TIMEOUT_MS + YW_RUN_POLL_MS);
        assert_int_equal(starts_of(&s, "mend"), 1);
        assert_int_equal(s.run.ok, false);
        assert_int_equal(stage_status_of(&s, s.run.failed_step), YW_STEP_TIMEOUT_ERROR);
        assert_string_equal(s.run.failed_cause, "ACTION_TIMEOUT");
        assert_whole(&s);
        stage_fini(&s);
    }
}

/* The handler's own command: there is nobody behind it. */
static void test_the_handler_fails_too(void **state)
{
    (void)state;
    struct stage s;

    set_up_graph(&s);
    s.fails_at = 1;
    s.failing = "m2"; /* cut's second machine, and the handler's */
    play(&s);
    assert_int_equal(starts_of(&s, "mend"), 1);
    assert_int_equal(stage_status_of(&s, "mend"), YW_STEP_FAILED);
    assert_int_equal(s.run.ok, false);
    assert_whole(&s);
    stage_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_goes_well),
        cmocka_unit_test(test_each_command_fails),
        cmocka_unit_test(test_each_command_is_never_heard_of),
        cmocka_unit_test(test_the_handler_fails_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
