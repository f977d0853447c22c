/* Steps for people, and what control may do with a run. */
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

/* ---- people ---- */

static void test_roles_forms_and_first_answer(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    int grade = stage_var(&s, "grade", "string", NULL);
    struct yw_pb_step *ask = stage_manual(&s, "ask");

    ask->fields[0].var = grade;
    YW_COPY(ask->fields[0].choices, "一般|较大|重大");
    ask->out_count = 1;
    stage_wire(&s, "start>ask");
    stage_start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.choices[0].value, "一般|较大|重大");
    assert_int_equal(stage_try_answer(&s, "ask", "liaison", true, "grade", "重大"),
                     YW_EDENIED);
    assert_int_equal(stage_try_answer(&s, "ask", "ir_lead", true, NULL, ""), YW_EINVAL);
    assert_int_equal(stage_try_answer(&s, "ask", "ir_lead", true, "other", "x"),
                     YW_EINVAL);
    assert_int_equal(stage_try_answer(&s, "ask", "ir_lead", true, "grade", "大"),
                     YW_EINVAL);
    assert_int_equal(stage_try_answer(&s, "ask", "ir_lead", true, "grade", "较大"), 0);
    assert_int_equal(stage_try_answer(&s, "ask", "ir_lead", true, "grade", "重大"),
                     YW_ESTATE);
    /* one that got into the journal behind the first changes nothing */
    struct yw_event late = stage_said(&s, YW_EVENT_STEP_ANSWERED, "ask", "team:blue/y");

    late.step_answered.ok = true;
    late.step_answered.var_count = 1;
    YW_COPY(late.step_answered.vars[0].name, "grade");
    YW_COPY(late.step_answered.vars[0].value, "重大");
    stage_append(&s, &late);
    stage_go(&s);
    assert_string_equal(yw_run_var(&s.run, NULL, "grade"), "较大");
    stage_fini(&s);
}

static int try_confirm(struct stage *s, const char *role, const char *actor, bool agrees)
{
    struct yw_event event = stage_said(s, YW_EVENT_STEP_CONFIRMED, "ask", actor);
    int status = yw_run_check_confirm(&s->run, stage_must(s, "ask"), role, actor, NULL);

    event.step_confirmed.agrees = agrees;
    if (status == 0) {
        stage_append(s, &event);
        stage_go(s);
    }
    return status;
}

static void test_two_persons(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    int a = stage_var(&s, "a", "string", NULL);

    stage_manual(&s, "ask")->ack = YW_PB_ACK_TWO;
    stage_at(&s, "ask")->fields[0].var = a;
    stage_at(&s, "ask")->out_count = 1;
    stage_wire(&s, "start>ask");
    stage_start(&s);
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", true), YW_ESTATE);
    stage_answer(&s, "ask", "a", "first");
    assert_non_null(stage_under_way(&s, "ask"));
    assert_null(yw_run_var(&s.run, NULL, "a")); /* not before it is confirmed */
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/x", true), YW_EDENIED);
    assert_int_equal(try_confirm(&s, "liaison", "team:blue/y", true), YW_EDENIED);
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", false), 0);
    stage_answer(&s, "ask", "a", "second"); /* it was sent back: open again */
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", true), 0);
    stage_assert_ended(&s, true);
    assert_string_equal(yw_run_var(&s.run, NULL, "a"), "second");
    stage_fini(&s);
}

static void test_leader(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_manual(&s, "ask")->ack = YW_PB_ACK_LEADER;
    YW_COPY(stage_at(&s, "ask")->confirms, "duty_leader");
    stage_wire(&s, "start>ask");
    stage_start(&s);
    stage_answer(&s, "ask", NULL, "");
    assert_int_equal(try_confirm(&s, "ir_lead", "team:blue/y", true), YW_EDENIED);
    assert_int_equal(try_confirm(&s, "duty_leader", "team:blue/z", true), 0);
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_evidence(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_manual(&s, "ask")->evidence = YW_PB_EVIDENCE_TEXT | YW_PB_EVIDENCE_FILE;
    stage_wire(&s, "start>ask");
    stage_start(&s);
    assert_string_equal(s.log[s.count - 1].step_asked.evidence, "text file");
    assert_int_equal(stage_try_answer(&s, "ask", "ir_lead", true, NULL, ""), YW_ESTATE);
    assert_int_equal(
        yw_run_check_evidence(&s.run, stage_must(&s, "ask"), "ir_lead", "rumour", NULL),
        YW_EINVAL);
    for (int i = 0; i < 2; i++) {
        struct yw_event event =
            stage_said(&s, YW_EVENT_STEP_EVIDENCE, "ask", "team:blue/x");

        YW_COPY(event.step_evidence.form, i ? "file" : "text");
        stage_append(&s, &event);
    }
    stage_answer(&s, "ask", NULL, "");
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_telling_waits_for_nobody(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_manual(&s, "tell")->ack = YW_PB_ACK_NONE;
    stage_wire(&s, "start>tell");
    stage_start(&s);
    assert_int_equal(stage_count_of(&s, YW_EVENT_STEP_ASKED), 1);
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

static void test_overdue(void **state)
{
    (void)state;
    static const struct {
        enum yw_pb_overdue overdue;
        enum yw_step_status ends;
    } rows[] = {{YW_PB_OVERDUE_MARK, YW_STEP_NONE},
                {YW_PB_OVERDUE_ESCALATE, YW_STEP_NONE},
                {YW_PB_OVERDUE_FAIL, YW_STEP_FAILED},
                {YW_PB_OVERDUE_GO_ON, YW_STEP_SUCCESSFULLY_EXECUTED}};

    for (size_t i = 0; i < 4; i++) {
        struct stage s;

        stage_init(&s);
        struct yw_pb_step *ask = stage_manual(&s, "ask");

        ask->deadline_ms = 10000;
        ask->overdue = rows[i].overdue;
        YW_COPY(ask->escalates, "duty_leader");
        stage_wire(&s, "start>ask");
        stage_open_run(&s);
        assert_int_equal(stage_go(&s), 8000); /* the warning: a fifth before */
        s.drill_ms = 8000;
        assert_int_equal(stage_go(&s), 10001);
        assert_int_equal(stage_count_of(&s, YW_EVENT_STEP_WARNED), 1);
        assert_int_equal(stage_try_answer(&s, "ask", "duty_leader", true, NULL, ""),
                         YW_EDENIED);
        s.drill_ms = 10001;
        stage_go(&s);
        assert_int_equal(stage_count_of(&s, YW_EVENT_STEP_LATE), 1);
        assert_int_equal(stage_status_of(&s, "ask"), rows[i].ends);
        assert_int_equal(stage_count_of(&s, YW_EVENT_STEP_ESCALATED),
                         rows[i].overdue == YW_PB_OVERDUE_ESCALATE);
        if (rows[i].ends == YW_STEP_NONE)
            assert_int_equal(stage_try_answer(&s, "ask", "duty_leader", true, NULL, ""),
                             rows[i].overdue == YW_PB_OVERDUE_ESCALATE ? 0 : YW_EDENIED);
        stage_fini(&s);
    }
}

static void test_control_allows_what_is_dangerous(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_command(&s, "cut", YW_PB_ISOLATE, "plc")->guarded = true;
    stage_wire(&s, "start>cut");
    stage_wire(&s, "cut+end");
    stage_start(&s);
    assert_int_equal(stage_count_of(&s, YW_EVENT_COMMAND_ORDERED), 0);
    assert_int_equal(stage_try_answer(&s, "cut", "ir_lead", true, NULL, ""), YW_EDENIED);
    assert_int_equal(stage_try_answer(&s, "cut", YW_RUN_CONTROL, true, NULL, ""), 0);
    stage_go(&s);
    assert_int_equal(stage_count_of(&s, YW_EVENT_COMMAND_ORDERED), 1);
    stage_assert_ended(&s, true);
    stage_fini(&s);

    stage_init(&s);
    stage_command(&s, "cut", YW_PB_ISOLATE, "plc")->guarded = true;
    stage_wire(&s, "start>cut");
    stage_start(&s);
    assert_int_equal(stage_try_answer(&s, "cut", YW_RUN_CONTROL, false, NULL, ""), 0);
    stage_go(&s);
    assert_int_equal(stage_count_of(&s, YW_EVENT_COMMAND_ORDERED), 0);
    stage_assert_ended(&s, false);
    stage_fini(&s);
}

/* ---- rule 14 ---- */

static void test_pause_stops_the_clocks(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_manual(&s, "ask")->timeout_ms = 10000;
    stage_wire(&s, "start>ask");
    stage_wire(&s, "ask>end");
    stage_start(&s);
    s.drill_ms = 4000;
    stage_control(&s, "pause", "", true);
    s.drill_ms = 50000;
    assert_int_equal(stage_go(&s), INT64_MAX);
    assert_int_equal(stage_try_answer(&s, "ask", "ir_lead", true, NULL, ""), YW_ESTATE);
    stage_control(&s, "resume", "", true);
    assert_int_equal(stage_go(&s), 56000);
    stage_fini(&s);
}

static void test_control_verbs(void **state)
{
    (void)state;
    struct stage s;
    struct yw_event event;

    stage_init(&s);
    s.vars[stage_var(&s, "fixed", "string", "x")].constant = true;
    stage_var(&s, "count", "integer", "1");
    stage_manual(&s, "one");
    stage_manual(&s, "two");
    stage_manual(&s, "three");
    stage_wire(&s, "start>one");
    stage_wire(&s, "one>two");
    stage_wire(&s, "two+three");
    stage_wire(&s, "two-end");
    stage_start(&s);
    stage_control(&s, "skip", "one", true);
    assert_int_equal(stage_status_of(&s, "one"), YW_STEP_SKIPPED);
    stage_control(&s, "force", "two", true);
    assert_non_null(stage_under_way(&s, "three"));
    event = stage_order(&s, "rewind", "nowhere");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_EINVAL);
    event = stage_order(&s, "set", "");
    YW_COPY(event.playbook_controlled.name, "fixed");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_EINVAL);
    YW_COPY(event.playbook_controlled.name, "count");
    YW_COPY(event.playbook_controlled.value, "many");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_EINVAL);
    stage_control(&s, "rewind", "two", true);
    assert_null(stage_under_way(&s, "three"));
    stage_control(&s, "force", "two", false);
    stage_assert_ended(&s, true); /* on_failure leads to an end */
    event = stage_order(&s, "pause", "");
    assert_int_equal(yw_run_check_control(&s.run, &event.playbook_controlled, NULL),
                     YW_ESTATE);
    stage_fini(&s);

    stage_init(&s);
    stage_manual(&s, "one");
    stage_wire(&s, "start>one");
    stage_start(&s);
    stage_control(&s, "abort", "", true);
    stage_assert_ended(&s, false);
    stage_fini(&s);
}

/* Each step finds the values that it found before; what came before them stays. */
static void test_a_rewind_takes_values_back(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    int grade = stage_var(&s, "grade", "string", "none");

    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"one", "two", "three"};
        struct yw_pb_step *ask = stage_manual(&s, names[i]);

        ask->fields[0].var = grade;
        ask->out_count = 1;
    }
    stage_wire(&s, "start>one");
    stage_wire(&s, "one>two");
    stage_wire(&s, "two>three");
    stage_start(&s);
    stage_answer(&s, "one", "grade", "first");
    stage_answer(&s, "two", "grade", "second");
    assert_string_equal(yw_run_var(&s.run, NULL, "grade"), "second");
    stage_control(&s, "rewind", "two", true);
    assert_non_null(stage_under_way(&s, "two"));
    assert_string_equal(yw_run_var(&s.run, NULL, "grade"), "first");
    stage_answer(&s, "two", "grade", "other");
    stage_control(&s, "rewind", "one", true);
    assert_string_equal(yw_run_var(&s.run, NULL, "grade"), "none");
    stage_answer(&s, "one", "grade", "again");
    stage_control(&s, "rewind", "two", true);
    assert_string_equal(yw_run_var(&s.run, NULL, "grade"), "again");
    stage_fini(&s);
}

/* … and its failure is forgotten: the handler may be needed once more. */
static void test_a_rewind_takes_the_failure_back(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_manual(&s, "one");
    stage_manual(&s, "handler");
    s.playbook.exception = yw_playbook_step(&s.playbook, "handler");
    stage_wire(&s, "start>one");
    stage_start(&s);
    for (int turn = 0; turn < 2; turn++) {
        stage_control(&s, "force", "one", false);
        assert_non_null(stage_under_way(&s, "handler"));
        assert_string_equal(yw_run_var(&s.run, NULL, "failed_step"), "one");
        stage_control(&s, "rewind", "one", true);
        assert_null(yw_run_var(&s.run, NULL, "failed_step"));
    }
    stage_control(&s, "force", "one", true);
    stage_assert_ended(&s, true);
    stage_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles_forms_and_first_answer),
        cmocka_unit_test(test_two_persons),
        cmocka_unit_test(test_leader),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_telling_waits_for_nobody),
        cmocka_unit_test(test_overdue),
        cmocka_unit_test(test_control_allows_what_is_dangerous),
        cmocka_unit_test(test_pause_stops_the_clocks),
        cmocka_unit_test(test_control_verbs),
        cmocka_unit_test(test_a_rewind_takes_values_back),
        cmocka_unit_test(test_a_rewind_takes_the_failure_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
