/* The executor's rules, stepped by hand: ask, append, apply, ask again. */
#include "response/run.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { START, ASSESS, DECIDE, CUT, END_CUT, END, HANDLER, STEPS };

/* start → assess (manual) → decide (if tampered) ─true─▶ cut (isolate) → end-cut
 *                                └ continuation ─▶ end
 * handler: the exception handler */
struct stage {
    struct yw_pb_step steps[STEPS];
    struct yw_pb_var vars[2];
    struct yw_playbook playbook;
    struct yw_run run;
    int64_t seq;
    int64_t drill_ms;
};

static void set_up(struct stage *s)
{
    static const char *const ids[STEPS] = {"start--1",  "action--2", "if-condition--3",
                                           "action--4", "end--5",    "end--6",
                                           "action--7"};
    static const enum yw_pb_type types[STEPS] = {YW_PB_START,  YW_PB_ACTION, YW_PB_IF,
                                                 YW_PB_ACTION, YW_PB_END,    YW_PB_END,
                                                 YW_PB_ACTION};

    memset(s, 0, sizeof *s);
    for (int i = 0; i < STEPS; i++) {
        struct yw_pb_step *step = &s->steps[i];

        YW_COPY(step->id, ids[i]);
        step->type = types[i];
        step->on_completion = step->on_success = step->on_failure = -1;
        step->on_true = step->on_false = -1;
    }
    s->steps[START].on_completion = ASSESS;
    s->steps[ASSESS].on_success = DECIDE;
    s->steps[ASSESS].command = YW_PB_MANUAL;
    YW_COPY(s->steps[ASSESS].asks.en, "Was the set-point changed?");
    YW_COPY(s->steps[ASSESS].role, "ir_lead");
    s->steps[ASSESS].timeout_ms = 600000;
    s->steps[ASSESS].deadline_ms = 180000;
    s->steps[ASSESS].out_count = 2;
    s->steps[ASSESS].out_vars[1] = 1;
    s->steps[DECIDE].on_true = CUT;
    s->steps[DECIDE].on_completion = END;
    YW_COPY(s->steps[DECIDE].condition, "[__tampered__:value = true]");
    s->steps[CUT].command = YW_PB_ISOLATE;
    YW_COPY(s->steps[CUT].machine, "__source__:value");
    s->steps[CUT].on_completion = END_CUT;
    s->steps[HANDLER].command = YW_PB_REJOIN;
    YW_COPY(s->steps[HANDLER].machine, "jump");
    s->steps[HANDLER].on_completion = END;
    s->vars[0] = (struct yw_pb_var){.name = "tampered", .type = "bool"};
    s->vars[1] = (struct yw_pb_var){.name = "source", .type = "string"};
    s->playbook = (struct yw_playbook){.steps = s->steps,
                                       .step_count = STEPS,
                                       .vars = s->vars,
                                       .var_count = 2,
                                       .start = START,
                                       .exception = HANDLER};
    struct yw_event started = {
        .seq = s->seq = 10, .kind = YW_EVENT_PLAYBOOK_STARTED, .team = 1};

    started.playbook_started.run = 3;
    yw_run_init(&s->run, &started);
}

static void append(struct stage *s, struct yw_event *event)
{
    event->seq = ++s->seq;
    event->drill_ms = s->drill_ms;
    assert_int_equal(event->team, 1);
    yw_run_apply(&s->run, event);
}

/* Does everything that needs nobody, but commands; returns what it waits for. */
static struct yw_run_todo go(struct stage *s)
{
    struct yw_run_todo todo;

    for (int i = 0; i < 100; i++) {
        yw_run_next(&s->run, &s->playbook, s->drill_ms, &todo);
        if (todo.verb == YW_RUN_NOTHING || todo.verb == YW_RUN_COMMAND)
            return todo;
        append(s, &todo.event);
    }
    fail_msg("the run never waits nor ends");
    return todo;
}

static void answer(struct stage *s, const char *tampered, const char *source)
{
    struct yw_event event = {.kind = YW_EVENT_STEP_ANSWERED, .team = 1};
    struct yw_ev_step_answered *p = &event.step_answered;

    p->run = 3;
    YW_COPY(p->step, s->run.step);
    YW_COPY(p->role, "ir_lead");
    p->var_count = 2;
    YW_COPY(p->vars[0].name, "tampered");
    YW_COPY(p->vars[0].value, tampered);
    YW_COPY(p->vars[1].name, "source");
    YW_COPY(p->vars[1].value, source);
    assert_int_equal(
        yw_run_check_answer(&s->run, &s->playbook, p->step, p->role, p->vars, 2, NULL),
        0);
    append(s, &event);
}

static void command_ended(struct stage *s, bool ok)
{
    struct yw_event event;

    yw_run_command_ended(&s->run, &s->playbook, ok, "link down", &event);
    append(s, &event);
}

static void test_whole_run(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    s.drill_ms = 1000;
    struct yw_run_todo todo = go(&s);

    assert_int_equal(todo.verb, YW_RUN_NOTHING);
    assert_string_equal(s.run.step, "action--2");
    assert_int_equal(s.run.status, YW_STEP_AWAIT_USER_INPUT);
    assert_int_equal(s.run.deadline_ms, 181000);
    assert_int_equal(s.run.timeout_ms, 601000);
    assert_int_equal(todo.due_ms, 181001);
    answer(&s, "true", "jump");
    todo = go(&s);
    assert_int_equal(todo.verb, YW_RUN_COMMAND);
    assert_int_equal(todo.step->command, YW_PB_ISOLATE);
    assert_string_equal(todo.machine, "jump");
    assert_int_equal(todo.due_ms, 1000 + YW_RUN_AUTOMATIC_CEILING_MS);
    command_ended(&s, true);
    go(&s);
    assert_false(s.run.active);
    assert_true(s.run.ok);
    /* the branch came back to the condition and went on to its own continuation */
    assert_int_equal(s.run.path_count, 6);
    assert_string_equal(s.run.path[4].step, "end--5");
    assert_string_equal(s.run.path[5].step, "end--6");
}

static void test_answer_decides(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    go(&s);
    answer(&s, "false", "");
    go(&s);
    assert_false(s.run.active);
    assert_true(s.run.ok);
    assert_int_equal(s.run.path_count, 4);
    assert_string_equal(s.run.path[3].step, "end--6");
}

static void test_causes(void **state)
{
    (void)state;
    struct stage s;
    struct yw_run_todo todo;

    set_up(&s);
    yw_run_next(&s.run, &s.playbook, 0, &todo);
    assert_int_equal(todo.verb, YW_RUN_START);
    assert_int_equal(todo.event.causes[0], 10); /* playbook-started */
    assert_string_equal(todo.event.step_started.type, "start");
    go(&s);
    int64_t asked = s.run.step_seq;

    answer(&s, "true", "jump");
    yw_run_next(&s.run, &s.playbook, 0, &todo);
    assert_int_equal(todo.verb, YW_RUN_END_STEP);
    assert_int_equal(todo.event.causes[0], s.run.answered_seq);
    assert_int_equal(todo.event.causes[1], asked);
    assert_string_equal(todo.event.step_ended.next, "if-condition--3");
}

static void test_late_then_answered(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    go(&s);
    s.drill_ms = 180000; /* at the deadline: in time */
    assert_int_equal(go(&s).due_ms, 180001);
    assert_false(s.run.late);
    s.drill_ms = 180001;
    assert_int_equal(go(&s).due_ms, 600000);
    assert_true(s.run.late);
    assert_string_equal(s.run.step, "action--2"); /* late ends nothing */
    answer(&s, "false", "");
    go(&s);
    assert_true(s.run.ok);
}

static void test_timeout_takes_handler(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    go(&s);
    s.drill_ms = 600000;
    struct yw_run_todo todo = go(&s);

    assert_int_equal(todo.verb, YW_RUN_COMMAND);
    assert_string_equal(s.run.step, "action--7");
    assert_int_equal(s.run.path[1].status, YW_STEP_TIMEOUT_ERROR);
    command_ended(&s, true);
    go(&s);
    assert_false(s.run.active);
    assert_false(s.run.ok); /* it needed the exception handler */
}

static void test_handler_runs_once(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    go(&s);
    s.drill_ms = 600000;
    go(&s);
    command_ended(&s, false); /* the handler fails too */
    go(&s);
    assert_false(s.run.active);
    assert_false(s.run.ok);
    assert_int_equal(s.run.path_count, 3);
}

static void test_on_failure(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    s.steps[ASSESS].on_failure = END;
    go(&s);
    s.drill_ms = 600000;
    go(&s);
    assert_false(s.run.active);
    assert_true(s.run.ok); /* handled by its own branch */
}

static void test_only_on_failure(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    s.steps[ASSESS].on_success = -1;
    s.steps[ASSESS].on_failure = CUT;
    go(&s);
    answer(&s, "true", "jump");
    go(&s);
    assert_false(s.run.active); /* success does not follow on_failure */
    assert_true(s.run.ok);
}

static void test_failure_without_any_handler(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    s.playbook.exception = -1;
    go(&s);
    answer(&s, "true", "jump");
    go(&s);
    command_ended(&s,
                  false); /* CUT has on_completion and nobody handles failures: taken */
    go(&s);
    assert_true(s.run.ok);
    set_up(&s);
    s.playbook.exception = -1;
    go(&s);
    s.drill_ms = 600000; /* ASSESS has on_success only */
    go(&s);
    assert_false(s.run.active);
    assert_false(s.run.ok);
}

static void test_delay(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    s.steps[ASSESS].delay_ms = 5000;
    assert_int_equal(go(&s).due_ms, 5000);
    assert_string_equal(s.run.step, "");
    s.drill_ms = 5000;
    go(&s);
    assert_string_equal(s.run.step, "action--2");
    assert_int_equal(s.run.timeout_ms, 605000); /* counts from the end of the delay */
}

static void test_bad_machine_fails_the_step(void **state)
{
    (void)state;
    static const char *const sources[] = {"", "../x", "Not A Name", "__tampered__:value"};

    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct stage s;

        set_up(&s);
        go(&s);
        answer(&s, "true",
               sources[i]); /* the last: an answer cannot inject a reference */
        struct yw_run_todo todo = go(&s);

        assert_string_equal(s.run.step, "action--7");
        assert_int_equal(todo.verb, YW_RUN_COMMAND);
        assert_int_equal(s.run.path[3].status, YW_STEP_FAILED);
    }
}

static void test_unsupported_and_broken_condition(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    s.steps[ASSESS].type = YW_PB_UNSUPPORTED;
    go(&s);
    assert_string_equal(s.run.step, "action--7");
    assert_int_equal(s.run.path[1].status, YW_STEP_FAILED);
    set_up(&s);
    YW_COPY(s.steps[DECIDE].condition, "when the manager agrees");
    go(&s);
    answer(&s, "true", "jump");
    go(&s);
    assert_string_equal(s.run.step, "action--7");
    assert_int_equal(s.run.path[2].status, YW_STEP_FAILED);
}

static int check(struct stage *s, const char *step, const char *role,
                 const struct yw_ev_var *vars, size_t count, struct yw_err *err)
{
    return yw_run_check_answer(&s->run, &s->playbook, step, role, vars, count, err);
}

static void test_check_answer(void **state)
{
    (void)state;
    struct stage s;
    struct yw_err err = {0};
    struct yw_ev_var vars[] = {{"tampered", "maybe"}, {"source", "jump"}, {"x", "y"}};

    set_up(&s);
    assert_int_equal(check(&s, "action--2", "ir_lead", vars, 2, &err), YW_ESTATE);
    go(&s);
    assert_int_equal(check(&s, "action--4", "ir_lead", vars, 2, &err), YW_ESTATE);
    assert_int_equal(check(&s, "nonsense", "ir_lead", vars, 2, &err), YW_ESTATE);
    assert_int_equal(check(&s, "action--2", "operator", vars, 2, &err), YW_EDENIED);
    assert_int_equal(check(&s, "action--2", "ir_lead", vars, 2, &err), YW_EINVAL);
    assert_string_equal(err.text, "/vars/tampered: expected true or false; got 'maybe'");
    YW_COPY(vars[0].value, "true");
    assert_int_equal(check(&s, "action--2", "ir_lead", vars, 2, &err), 0);
    assert_int_equal(check(&s, "action--2", "ir_lead", vars, 1, &err), YW_EINVAL);
    assert_string_equal(err.text, "/vars/source: missing");
    assert_int_equal(check(&s, "action--2", "ir_lead", vars, 3, &err), YW_EINVAL);
    assert_string_equal(err.text, "/vars/x: not asked for");
    YW_COPY(vars[2].name, "source");
    assert_int_equal(check(&s, "action--2", "ir_lead", vars, 3, &err), YW_EINVAL);
    assert_string_equal(err.text, "/vars/source: given twice");
    answer(&s, "true", "jump");
    assert_int_equal(check(&s, "action--2", "ir_lead", vars, 2, &err), YW_ESTATE);
}

/* Two runs of one playbook: each takes its own events only. */
static void test_runs_apart(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    go(&s);
    struct yw_event event = {.kind = YW_EVENT_STEP_ANSWERED, .team = 1};

    event.step_answered.run = 4;
    YW_COPY(event.step_answered.step, "action--2");
    append(&s, &event);
    assert_false(s.run.answered);
    event.step_answered.run = 3;
    YW_COPY(event.step_answered.step, "action--4");
    append(&s, &event);
    assert_false(s.run.answered);
}

/* After every event the fold of all events so far says the same as the run that went
 * along. */
static void test_resume_anywhere(void **state)
{
    (void)state;
    struct yw_event log[32];
    size_t count = 0;
    struct stage s, again;
    struct yw_run_todo todo, other;

    set_up(&s);
    for (int i = 0; i < 32 && s.run.active; i++) {
        yw_run_next(&s.run, &s.playbook, 0, &todo);
        set_up(&again);
        for (size_t k = 0; k < count; k++)
            yw_run_apply(&again.run, &log[k]);
        yw_run_next(&again.run, &again.playbook, 0, &other);
        assert_int_equal(todo.verb, other.verb);
        assert_memory_equal(&todo.event, &other.event, sizeof todo.event);
        assert_memory_equal(&s.run, &again.run, sizeof s.run);
        if (todo.verb == YW_RUN_NOTHING)
            answer(&s, "true", "jump");
        else if (todo.verb == YW_RUN_COMMAND)
            command_ended(&s, true);
        else
            append(&s, &todo.event);
        log[count] = todo.event;
        if (todo.verb == YW_RUN_NOTHING) {
            log[count] = (struct yw_event){.seq = s.seq, .kind = YW_EVENT_STEP_ANSWERED};
            log[count].step_answered = s.run.answer;
        } else if (todo.verb == YW_RUN_COMMAND) {
            yw_run_command_ended(&again.run, &again.playbook, true, "link down",
                                 &log[count]);
        }
        log[count++].seq = s.seq;
    }
    assert_false(s.run.active);
    assert_int_equal(count, 14);
}

static void test_cycle(void **state)
{
    (void)state;
    struct stage s;

    set_up(&s);
    assert_int_equal(yw_playbook_cycle(&s.playbook), -1);
    s.steps[CUT].on_completion = DECIDE;
    assert_true(yw_playbook_cycle(&s.playbook) >= 0);
}

/* A playbook with a loop never gets here; a run still ends by itself. */
static void test_too_many_steps(void **state)
{
    (void)state;
    struct stage s;
    struct yw_run_todo todo = {0};

    set_up(&s);
    s.steps[START].on_completion = START;
    for (int i = 0; i < 3 * YW_RUN_PATH_MAX && s.run.active; i++) {
        yw_run_next(&s.run, &s.playbook, 0, &todo);
        append(&s, &todo.event);
    }
    assert_false(s.run.active);
    assert_false(s.run.ok);
    assert_int_equal(s.run.path_count, YW_RUN_PATH_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_run),
        cmocka_unit_test(test_answer_decides),
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_late_then_answered),
        cmocka_unit_test(test_timeout_takes_handler),
        cmocka_unit_test(test_handler_runs_once),
        cmocka_unit_test(test_on_failure),
        cmocka_unit_test(test_only_on_failure),
        cmocka_unit_test(test_failure_without_any_handler),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_bad_machine_fails_the_step),
        cmocka_unit_test(test_unsupported_and_broken_condition),
        cmocka_unit_test(test_check_answer),
        cmocka_unit_test(test_runs_apart),
        cmocka_unit_test(test_resume_anywhere),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_too_many_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
