/* Random graphs, answers and meddling: every run ends, and resumes at any event. */
#include "run_stage.h"

#include "base/mem.h"
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- whatever happens ---- */

/* A graph with everything: a parallel of a loop and a condition inside a switch. */
static void set_up_all(struct stage *s, struct yw_random *random)
{
    stage_init(s);
    int a = stage_var(s, "a", "string", "x"), more = stage_var(s, "more", "bool", "true");

    stage_add(s, YW_PB_PARALLEL, "fork");
    stage_add(s, YW_PB_WHILE, "loop");
    YW_COPY(stage_at(s, "loop")->condition, "[__more__:value = true]");
    stage_manual(s, "look")->fields[0].var = more;
    stage_at(s, "look")->out_count = 1;
    stage_at(s, "look")->deadline_ms = 3000;
    stage_at(s, "look")->timeout_ms = 9000;
    YW_COPY(stage_add(s, YW_PB_IF, "gate")->condition,
            yw_random_below(random, 2) ? "does it burn?" : "[__a__:value = 'x']");
    struct yw_pb_step *run = stage_command(s, "run", YW_PB_SHELL, "");

    YW_COPY(run->targets[0], "m1");
    YW_COPY(run->targets[1], "m2");
    run->target_count = 2;
    run->quorum = (int64_t)yw_random_below(random, 3);
    YW_COPY(stage_add(s, YW_PB_SWITCH, "pick")->condition, "__a__:value");
    stage_manual(s, "ask")->fields[0].var = a;
    stage_at(s, "ask")->out_count = 1;
    stage_at(s, "ask")->ack =
        yw_random_below(random, 2) ? YW_PB_ACK_TWO : YW_PB_ACK_SINGLE;
    stage_at(s, "ask")->delay_ms = 700;
    stage_manual(s, "take");
    stage_wire(s, "start>fork");
    stage_branch(s, "fork", "", "loop");
    stage_branch(s, "fork", "", "gate");
    stage_wire(s, "loop?look");
    stage_wire(s, "gate?run");
    stage_wire(s, "gate!ask");
    stage_wire(s, "fork+pick");
    stage_branch(s, "pick", "x", "ask");
    stage_branch(s, "pick", "default", "run");
    if (yw_random_below(random, 2))
        stage_wire(s, "fork-take");
    if (yw_random_below(random, 2))
        s->playbook.exception = yw_playbook_step(&s->playbook, "take");
    stage_at(s, "fork")->fail_fast = yw_random_below(random, 2);
    stage_at(s, "fork")->timeout_ms = 1 + (int64_t)yw_random_below(random, 60000);
}

/* Somebody says something, if anybody is asked. */
static void speak(struct stage *s, struct yw_random *random)
{
    for (size_t i = 0; i < s->run.execs.count; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, i);
        const char *id = yw_run_step(&s->run, exec)->id;

        if (!exec->asked || yw_random_below(random, 2))
            continue;
        if (exec->answered) {
            struct yw_event event =
                stage_said(s, YW_EVENT_STEP_CONFIRMED, id, "team:blue/y");

            event.step_confirmed.agrees = yw_random_below(random, 2);
            stage_append(s, &event);
        } else {
            bool look = strcmp(id, "look") == 0, gate = strcmp(id, "gate") == 0;
            const char *name = look ? "more" : gate ? "decision" : "a";

            (void)stage_try_answer(s, id, exec->role, yw_random_below(random, 4) > 0,
                                   strcmp(id, "take") == 0 ? NULL : name,
                                   yw_random_below(random, 2) ? "true" : "false");
        }
        return;
    }
}

static void meddle(struct stage *s, struct yw_random *random)
{
    static const char *const verbs[] = {"pause", "resume", "skip", "force", "rewind"};
    const char *verb = verbs[yw_random_below(random, 5)];
    uint64_t pick = yw_random_below(random, s->run.execs.count + 1);
    const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, (size_t)pick);
    struct yw_event event =
        stage_order(s, verb, exec ? yw_run_step(&s->run, exec)->id : "start");

    event.playbook_controlled.ok = yw_random_below(random, 2);
    if (yw_run_check_control(&s->run, &event.playbook_controlled, NULL) == 0)
        stage_append(s, &event);
}

/* A restart at any point folds the same and goes on the same. */
static void assert_resumes(const struct stage *s)
{
    struct yw_run_todo now, again;
    struct yw_run run;

    yw_run_init(&run, &s->playbook, &s->log[0]);
    for (size_t i = 1; i < s->count; i++)
        yw_run_apply(&run, &s->log[i]);
    yw_run_next(&s->run, s->drill_ms, &now);
    yw_run_next(&run, s->drill_ms, &again);
    assert_int_equal(run.active, s->run.active);
    assert_memory_equal(&now, &again, sizeof now);
    yw_run_fini(&run);
}

static void test_every_run_ends_and_resumes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct yw_random random;
        struct yw_run_todo todo;
        struct stage s;
        int turns = 0;

        yw_random_init(&random, seed, "runs");
        set_up_all(&s, &random);
        s.failing = yw_random_below(&random, 2) ? "m2" : "";
        stage_open_run(&s);
        for (; s.run.active && turns < 3000; turns++) {
            if (seed < 60)
                assert_resumes(&s);
            yw_run_next(&s.run, s.drill_ms, &todo);
            if (todo.append) {
                stage_append(&s, &todo.event);
            } else if (yw_random_below(&random, 3) == 0 && !s.run.paused) {
                speak(&s, &random);
            } else if (yw_random_below(&random, 20) == 0 || s.run.paused) {
                meddle(&s, &random);
            } else if (!stage_end_command(&s) && todo.due_ms < INT64_MAX) {
                assert_true(todo.due_ms > s.drill_ms);
                s.drill_ms = todo.due_ms;
            }
        }
        if (s.run.active)
            fail_msg("seed %llu: still active after %d turns", (unsigned long long)seed,
                     turns);
        assert_int_equal(stage_count_of(&s, YW_EVENT_PLAYBOOK_ENDED), 1);
        stage_fini(&s);
    }
}

static void test_other_runs_events_change_nothing(void **state)
{
    (void)state;
    struct stage s;

    stage_init(&s);
    stage_manual(&s, "ask");
    stage_wire(&s, "start>ask");
    stage_start(&s);
    struct yw_event event = stage_said(&s, YW_EVENT_STEP_ANSWERED, "ask", "x");

    event.step_answered.run = 4;
    event.seq = 99;
    yw_run_apply(&s.run, &event);
    assert_false(stage_must(&s, "ask")->answered);
    assert_int_equal(s.run.last_seq, s.seq);
    stage_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_run_ends_and_resumes),
        cmocka_unit_test(test_other_runs_events_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
