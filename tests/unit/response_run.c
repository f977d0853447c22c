/* The rules of the executor for steps of each type. */
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

/* ---- rules 1 and 2 ---- */

static void test_order_of_delay_work_and_timeout(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    struct yw_pb_step *ask = stage_manual(&s, "ask");

    ask->delay_ms = 5000;
    ask->timeout_ms = 60000;
    stage_wire(&s, "start>ask");
    stage_wire(&s, "ask>end");
    s.drill_ms = 1000;
    stage_open_run(&s);
    assert_int_equal(stage_go(&s), 6000);
    assert_null(stage_under_way(&s, "ask"));
    s.drill_ms = 6000;
    assert_int_equal(stage_go(&s), 66000); /* counted from the end of the delay */
    assert_true(stage_must(&s, "ask")->asked);
    s.drill_ms = 66000;
    stage_go(&s);
    assert_int_equal(stage_status_of(&s, "ask"), YW_STEP_TIMEOUT_ERROR);
    assert_true(strncmp(stage_detail_of(&s, "ask"), "ACTION_TIMEOUT", 14) == 0);
    stage_assert_ended(&s, true); /* on_completion, and no handler */
    stage_fini(&s);
}

static void test_ceilings(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_manual(&s, "ask");
    stage_command(&s, "cut", YW_PB_ISOLATE, "jump");
    stage_wire(&s, "start>cut");
    stage_wire(&s, "cut>ask");
    s.failing = NULL; /* nobody answers */
    stage_open_run(&s);
    assert_int_equal(stage_go(&s), YW_RUN_AUTOMATIC_CEILING_MS);
    s.failing = "";
    assert_int_equal(stage_go(&s), YW_RUN_MANUAL_CEILING_MS);
    stage_fini(&s);
}

static void test_failure_takes_its_handler(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_command(&s, "cut", YW_PB_ISOLATE, "jump");
    stage_manual(&s, "help");
    stage_wire(&s, "start>cut");
    stage_wire(&s, "cut+end");
    stage_wire(&s, "cut-help");
    stage_wire(&s, "help>end");
    s.failing = "jump";
    stage_start(&s);
    assert_int_equal(stage_status_of(&s, "cut"), YW_STEP_FAILED);
    assert_string_equal(stage_detail_of(&s, "cut"), "broken");
    stage_answer(&s, "help", NULL, "");
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_exception_handler_runs_once(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_var(&s, "a", "string", "x");
    stage_command(&s, "cut", YW_PB_ISOLATE, "jump");
    stage_command(&s, "again", YW_PB_REJOIN, "jump");
    stage_wire(&s, "start>cut");
    stage_wire(&s, "cut>end"); /* there is a handler: not taken after a failure */
    stage_wire(&s, "again>end");
    s.playbook.exception = 3;
    s.failing = "jump";
    stage_start(&s);
    assert_int_equal(stage_status_of(&s, "again"), YW_STEP_FAILED);
    assert_int_equal(stage_status_of(&s, "end"), YW_STEP_NONE);
    stage_assert_ended(&s, false);
    stage_fini(&s);

    stage_init(&s);
    stage_command(&s, "cut", YW_PB_ISOLATE, "jump");
    stage_manual(&s, "take");
    stage_wire(&s, "start>cut");
    YW_COPY(stage_at(&s, "take")->asks.en,
            "__failed_step__:value: __failed_cause__:value");
    s.playbook.exception = 3;
    s.failing = "jump";
    stage_start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "cut: broken");
    stage_answer(&s, "take", NULL, "");
    stage_assert_ended(&s, false); /* a run that needed it is not ok */
    stage_fini(&s);
}

static void test_no_handler_at_all(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_command(&s, "cut", YW_PB_ISOLATE, "jump");
    stage_wire(&s, "start>cut");
    stage_wire(&s, "cut+end");
    s.failing = "jump";
    stage_start(&s);
    stage_assert_ended(&s, false);
    stage_fini(&s);

    /* a step with only on_failure ends its thread when it succeeds */
    stage_init(&s);
    stage_command(&s, "cut", YW_PB_ISOLATE, "jump");
    stage_manual(&s, "help");
    stage_wire(&s, "start>cut");
    stage_wire(&s, "cut-help");
    stage_start(&s);
    stage_assert_ended(&s, true);
    assert_int_equal(stage_status_of(&s, "help"), YW_STEP_NONE);
    stage_fini(&s);
}

/* ---- rules 3 to 6 ---- */

static void set_up_parallel(struct stage *s)
{
    stage_init(s);
    int a = stage_var(s, "a", "string", NULL);

    stage_add(s, YW_PB_PARALLEL, "fork");
    stage_manual(s, "left")->fields[0].var = a;
    stage_manual(s, "right")->fields[0].var = a;
    stage_at(s, "left")->out_count = stage_at(s, "right")->out_count = 1;
    stage_manual(s, "after");
    stage_wire(s, "start>fork");
    stage_wire(s, "left>end");
    stage_wire(s, "right>end"); /* branches may share an end */
    stage_wire(s, "fork>after");
    stage_branch(s, "fork", "", "left");
    stage_branch(s, "fork", "", "right");
    YW_COPY(stage_at(s, "after")->asks.en, "a is __a__:value");
}

static void test_parallel_joins_in_listed_order(void **state)
{
    (void)state;
    struct stage s;

    set_up_parallel(&s);
    stage_start(&s);
    assert_non_null(stage_under_way(&s, "left"));
    assert_non_null(stage_under_way(&s, "right"));
    stage_answer(&s, "right", "a", "from right");
    assert_null(stage_under_way(&s, "after")); /* the other is still open */
    assert_null(
        yw_run_var(&s.run, stage_under_way(&s, "left"), "a")); /* and sees nothing */
    stage_answer(&s, "left", "a", "from left");
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "a is from right");
    assert_string_equal(stage_detail_of(&s, "fork"), "a = 'from right', 'from left'");
    stage_answer(&s, "after", NULL, "");
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_parallel_fails_with_a_branch(void **state)
{
    (void)state;
    struct stage s;

    set_up_parallel(&s);
    stage_at(&s, "left")->on_completion = -1;
    stage_wire(&s, "left+end");
    stage_wire(&s, "fork+after");
    stage_at(&s, "fork")->on_completion = -1;
    stage_start(&s);
    assert_int_equal(stage_try_answer(&s, "left", "ir_lead", false, NULL, ""), 0);
    stage_go(&s);
    assert_non_null(stage_under_way(&s, "right")); /* all are waited for */
    stage_answer(&s, "right", "a", "x");
    assert_int_equal(stage_status_of(&s, "fork"), YW_STEP_EXCEPTION_CONDITION_ERROR);
    stage_assert_ended(&s, false);
    stage_fini(&s);

    set_up_parallel(&s);
    stage_at(&s, "left")->on_completion = -1;
    stage_at(&s, "fork")->fail_fast = true;
    stage_wire(&s, "left+end");
    stage_start(&s);
    assert_int_equal(stage_try_answer(&s, "left", "ir_lead", false, NULL, ""), 0);
    stage_go(&s);
    assert_null(stage_under_way(&s, "right"));
    stage_fini(&s);
}

static void test_timeout_of_a_parallel_ends_its_branches(void **state)
{
    (void)state;
    struct stage s;

    set_up_parallel(&s);
    stage_at(&s, "fork")->timeout_ms = 1000;
    stage_start(&s);
    s.drill_ms = 1000;
    stage_go(&s);
    assert_null(stage_under_way(&s, "left"));
    assert_null(stage_under_way(&s, "right"));
    assert_int_equal(stage_status_of(&s, "fork"), YW_STEP_TIMEOUT_ERROR);
    assert_non_null(stage_under_way(&s, "after"));
    assert_null(yw_run_question(&s.run, "left", 0, NULL));
    stage_fini(&s);
}

static void set_up_loop(struct stage *s)
{
    stage_init(s);
    int more = stage_var(s, "more", "bool", "true");

    stage_var(s, "a", "string", "x");
    stage_add(s, YW_PB_WHILE, "loop")->poll_ms = 500;
    YW_COPY(stage_at(s, "loop")->condition, "[__more__:value = true]");
    stage_manual(s, "look")->fields[0].var = more;
    stage_at(s, "look")->out_count = 1;
    YW_COPY(stage_at(s, "look")->asks.en, "more was __more__:value");
    stage_wire(s, "start>loop");
    stage_wire(s, "loop?look");
    stage_wire(s, "loop>end");
    stage_wire(s, "look>end");
}

static void test_loop(void **state)
{
    (void)state;
    struct stage s;

    set_up_loop(&s);
    stage_start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "more was true");
    stage_answer(&s, "look", "more", "true");
    assert_null(stage_under_way(&s, "look"));
    assert_int_equal(stage_go(&s), 500); /* polls, does not spin */
    s.drill_ms = 500;
    stage_go(&s);
    assert_int_equal(stage_must(&s, "loop")->turn, 2);
    stage_answer(&s, "look", "more", "false");
    s.drill_ms = 1000;
    stage_go(&s);
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_loop_is_capped(void **state)
{
    (void)state;
    struct stage s;

    set_up_loop(&s);
    stage_command(&s, "cut", YW_PB_ISOLATE, "jump");
    stage_wire(&s, "loop?cut");
    stage_wire(&s, "cut>end");
    stage_at(&s, "loop")->on_completion = -1;
    stage_wire(&s, "loop+end");
    stage_open_run(&s);
    for (int i = 0; s.run.active && i < YW_RUN_TURNS_MAX + 10; i++) {
        stage_go(&s);
        s.drill_ms += 500;
    }
    assert_int_equal(stage_status_of(&s, "loop"), YW_STEP_FAILED);
    assert_string_equal(stage_detail_of(&s, "loop"), "too many turns");
    stage_assert_ended(&s, false);
    stage_fini(&s);
}

static void test_waiting_is_not_journalled(void **state)
{
    (void)state;
    struct stage s;

    set_up_loop(&s);
    stage_wire(&s, "loop?end");
    stage_at(&s, "loop")->timeout_ms = 60000;
    stage_start(&s);
    size_t before = s.count;

    s.drill_ms = 30000;
    assert_int_equal(stage_go(&s), 60000);
    assert_int_equal(s.count, before);
    struct yw_event event = stage_order(&s, "set", "loop");

    YW_COPY(event.playbook_controlled.name, "more");
    YW_COPY(event.playbook_controlled.value, "false");
    stage_append(&s, &event);
    stage_go(&s);
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_switch(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"red", "one"}, {"blue", "other"}, {"re", "other"}, {NULL, "other"}};

    for (size_t i = 0; i < 4; i++) {
        struct stage s;

        stage_init(&s);
        stage_var(&s, "c", "string", rows[i][0]);
        YW_COPY(stage_add(&s, YW_PB_SWITCH, "pick")->condition, "__c__:value");
        stage_manual(&s, "one");
        stage_manual(&s, "other");
        stage_wire(&s, "start>pick");
        stage_branch(&s, "pick", "default", "other");
        stage_branch(&s, "pick", "red", "one");
        stage_start(&s);
        assert_non_null(stage_under_way(&s, rows[i][1]));
        stage_fini(&s);
    }
    struct stage s;

    stage_init(&s);
    stage_var(&s, "c", "string", "green");
    YW_COPY(stage_add(&s, YW_PB_SWITCH, "pick")->condition, "__c__:value");
    stage_manual(&s, "one");
    stage_wire(&s, "start>pick");
    stage_branch(&s, "pick", "red", "one");
    stage_start(&s);
    stage_assert_ended(&s, true); /* nothing fits: it goes on */
    assert_string_equal(stage_detail_of(&s, "pick"), "no case and no default fits");
    stage_fini(&s);
}

static void set_up_if(struct stage *s, const char *condition)
{
    stage_init(s);
    stage_var(s, "a", "string", "yes");
    YW_COPY(stage_add(s, YW_PB_IF, "gate")->condition, condition);
    YW_COPY(stage_at(s, "gate")->role, "duty_leader");
    stage_manual(s, "then");
    stage_manual(s, "else");
    stage_wire(s, "start>gate");
    stage_wire(s, "gate?then");
    stage_wire(s, "gate!else");
}

static void test_if(void **state)
{
    (void)state;
    struct stage s;

    set_up_if(&s, "[__a__:value = 'yes']");
    stage_start(&s);
    assert_non_null(stage_under_way(&s, "then"));
    stage_fini(&s);
    set_up_if(&s, "[__a__:value = 'no']");
    stage_start(&s);
    assert_non_null(stage_under_way(&s, "else"));
    stage_answer(&s, "else", NULL, "");
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_a_sentence_becomes_a_decision(void **state)
{
    (void)state;
    struct stage s;

    set_up_if(&s, "wait until the plant manager agrees");
    stage_start(&s);
    assert_true(stage_must(&s, "gate")->asked);
    assert_string_equal(s.log[s.count - 1].step_asked.role, "duty_leader");
    assert_in_range(s.log[s.count - 1].step_asked.deadline_ms, YW_RUN_DECISION_MS,
                    YW_RUN_DECISION_MS + 1000); /* nobody set one */
    assert_int_equal(stage_try_answer(&s, "gate", "duty_leader", true, "a", "true"),
                     YW_EINVAL);
    assert_int_equal(
        stage_try_answer(&s, "gate", "duty_leader", true, "decision", "perhaps"),
        YW_EINVAL);
    assert_int_equal(
        stage_try_answer(&s, "gate", "duty_leader", true, "decision", "false"), 0);
    stage_go(&s);
    assert_non_null(stage_under_way(&s, "else"));
    stage_fini(&s);
}

/* ---- rules 8 to 10 ---- */

static void test_playbooks_share_only_their_args(void **state)
{
    (void)state;
    struct stage s, called;
    struct yw_event event;

    stage_init(&s);
    int a = stage_var(&s, "a", "string", "in"), b = stage_var(&s, "b", "string", "kept");
    int c = stage_var(&s, "c", "string", NULL);
    struct yw_pb_step *call = stage_add(&s, YW_PB_PLAYBOOK, "call");

    call->in_vars[0] = a;
    call->in_count = 1;
    call->fields[0].var = c;
    call->out_count = 1;
    (void)b;
    stage_wire(&s, "start>call");
    stage_start(&s);
    yw_run_call(&s.run, stage_must(&s, "call"), &event);
    assert_int_equal(event.playbook_started.var_count, 1);
    assert_string_equal(event.playbook_started.vars[0].name, "a");
    assert_int_equal(event.playbook_started.caller_exec, stage_must(&s, "call")->exec);

    stage_init(&called);
    stage_var(&called, "a", "string", "own");
    stage_var(&called, "b", "string", "own");
    stage_var(&called, "c", "string", "out");
    event.seq = 50;
    yw_run_init(&called.run, &called.playbook, &event);
    assert_string_equal(yw_run_var(&called.run, NULL, "a"), "in");
    assert_string_equal(yw_run_var(&called.run, NULL, "b"), "own");
    called.run.ok = true;
    yw_run_called_ended(&s.run, stage_must(&s, "call"), &called.run, "", &event);
    stage_append(&s, &event);
    assert_string_equal(yw_run_var(&s.run, NULL, "c"), "out");
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "in");
    assert_string_equal(yw_run_var(&s.run, NULL, "b"), "kept");
    stage_go(&s);
    stage_assert_ended(&s, true);
    stage_fini(&s);
    stage_fini(&called);
}

static void test_targets_and_quorum(void **state)
{
    (void)state;
    for (int quorum = 0; quorum <= 3; quorum++) {
        struct stage s;

        stage_init(&s);
        stage_var(&s, "a", "string", "x");
        struct yw_pb_step *all = stage_command(&s, "all", YW_PB_SHELL, "");

        YW_COPY(all->targets[0], "m1");
        YW_COPY(all->targets[1], "m2");
        YW_COPY(all->targets[2], "m3");
        all->target_count = 3;
        all->quorum = quorum;
        stage_wire(&s, "start>all");
        stage_wire(&s, "all+end");
        stage_at(&s, "all")->on_completion = -1;
        s.failing = "m2";
        stage_start(&s);
        assert_int_equal(stage_count_of(&s, YW_EVENT_COMMAND_ORDERED), 3);
        stage_assert_ended(&s, quorum == 1 || quorum == 2);
        assert_string_equal(stage_detail_of(&s, "all"), "2 of 3 targets: broken");
        stage_fini(&s);
    }
}

static void test_output_and_substitution(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    int a = stage_var(&s, "a", "string", "__b__:value");

    stage_var(&s, "b", "string", "never");
    struct yw_pb_step *run = stage_command(&s, "echo", YW_PB_SHELL, "m1");

    run->fields[0].var = a;
    run->out_count = 1;
    stage_wire(&s, "start>echo");
    stage_start(&s);
    for (size_t i = 0; i < s.count; i++) {
        if (s.log[i].kind ==
            YW_EVENT_COMMAND_ORDERED) /* once: values are not looked into */
            assert_string_equal(s.log[i].command_ordered.text,
                                "sh -c 'echo __b__:value'");
    }
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "out"); /* trimmed */
    stage_fini(&s);

    stage_init(&s);
    stage_var(&s, "a", "string", NULL);
    stage_command(&s, "echo", YW_PB_SHELL, "m1");
    stage_wire(&s, "start>echo");
    stage_start(&s);
    assert_int_equal(stage_status_of(&s, "echo"), YW_STEP_CLIENT_SIDE_ERROR);
    assert_string_equal(stage_detail_of(&s, "echo"), "variable 'a' has no value");
    stage_fini(&s);
}

static void test_step_variables_stay_in_their_step(void **state)
{
    (void)state;
    struct stage s;
    struct yw_pb_var own = {
        .name = "a", .type = "string", .value = "inner", .has_value = true};

    stage_init(&s);
    int a = stage_var(&s, "a", "string", "outer");
    struct yw_pb_step *ask = stage_manual(&s, "ask");

    ask->vars = &own;
    ask->var_count = 1;
    ask->fields[0].var = a;
    ask->out_count = 1;
    YW_COPY(ask->asks.en, "__a__:value");
    stage_wire(&s, "start>ask");
    stage_start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.asks.en, "inner");
    stage_answer(&s, "ask", "a", "changed");
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "outer");
    stage_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_delay_work_and_timeout),
        cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_failure_takes_its_handler),
        cmocka_unit_test(test_exception_handler_runs_once),
        cmocka_unit_test(test_no_handler_at_all),
        cmocka_unit_test(test_parallel_joins_in_listed_order),
        cmocka_unit_test(test_parallel_fails_with_a_branch),
        cmocka_unit_test(test_timeout_of_a_parallel_ends_its_branches),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_loop_is_capped),
        cmocka_unit_test(test_waiting_is_not_journalled),
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_if),
        cmocka_unit_test(test_a_sentence_becomes_a_decision),
        cmocka_unit_test(test_playbooks_share_only_their_args),
        cmocka_unit_test(test_targets_and_quorum),
        cmocka_unit_test(test_output_and_substitution),
        cmocka_unit_test(test_step_variables_stay_in_their_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
