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

int stage_var(struct stage *s, const char *name, const char *type, const char *value)
{
    struct yw_pb_var *at = &s->vars[s->playbook.var_count];

    YW_COPY(at->name, name);
    YW_COPY(at->type, type);
    at->has_value = value != NULL;
    YW_COPY(at->value, value ? value : "");
    return (int)s->playbook.var_count++;
}

struct yw_pb_step *stage_at(struct stage *s, const char *id)
{
    int index = yw_playbook_step(&s->playbook, id);

    if (index < 0) {
        fail_msg("no step %s", id);
        abort();
    }
    return &s->steps[index];
}

struct yw_pb_step *stage_add(struct stage *s, enum yw_pb_type type, const char *id)
{
    struct yw_pb_step *step = &s->steps[s->playbook.step_count++];

    YW_COPY(step->id, id);
    YW_COPY(step->name.en, id);
    step->type = type;
    step->on_completion = step->on_success = step->on_failure = -1;
    step->on_true = step->on_false = -1;
    return step;
}

void stage_init(struct stage *s)
{
    memset(s, 0, sizeof *s);
    s->playbook.steps = s->steps;
    s->playbook.vars = s->vars;
    s->playbook.exception = -1;
    s->failing = "";
    s->log = yw_new_array(LOG_MAX, sizeof *s->log);
    YW_COPY(s->playbook.id, "playbook--1");
    stage_add(s, YW_PB_START, "start");
    stage_add(s, YW_PB_END, "end");
}

struct yw_pb_step *stage_manual(struct stage *s, const char *id)
{
    struct yw_pb_step *step = stage_add(s, YW_PB_ACTION, id);

    YW_COPY(step->asks.en, "Do it");
    YW_COPY(step->asks.zh, "执行");
    YW_COPY(step->role, "ir_lead");
    return step;
}

struct yw_pb_step *stage_command(struct stage *s, const char *id,
                                 enum yw_pb_command_kind kind, const char *machine)
{
    size_t index = s->playbook.step_count;
    struct yw_pb_step *step = stage_add(s, YW_PB_ACTION, id);

    step->commands = &s->commands[index];
    step->command_count = 1;
    step->commands[0].kind = kind;
    YW_COPY(step->commands[0].machine, machine);
    if (kind == YW_PB_SHELL)
        YW_COPY(step->commands[0].text, "echo __a__:value");
    step->targets = s->targets[index];
    return step;
}

void stage_wire(struct stage *s, const char *line)
{
    char from[80], mark, to[80];

    assert_int_equal(sscanf(line, "%79[a-z0-9]%c%79s", from, &mark, to), 3);
    int index = yw_playbook_step(&s->playbook, to);

    assert_true(index >= 0);
    if (mark == '>')
        stage_at(s, from)->on_completion = index;
    else if (mark == '+')
        stage_at(s, from)->on_success = index;
    else if (mark == '-')
        stage_at(s, from)->on_failure = index;
    else if (mark == '?')
        stage_at(s, from)->on_true = index;
    else
        stage_at(s, from)->on_false = index;
}

void stage_branch(struct stage *s, const char *from, const char *value, const char *to)
{
    struct yw_pb_step *step = stage_at(s, from);
    struct yw_pb_case *one = &step->branches[step->branch_count++];

    YW_COPY(one->value, value);
    one->is_default = strcmp(value, "default") == 0;
    one->step = yw_playbook_step(&s->playbook, to);
}

void stage_open_run(struct stage *s)
{
    struct yw_event started = {.kind = YW_EVENT_PLAYBOOK_STARTED, .team = 1};

    started.playbook_started.run = 3;
    started.seq = s->seq = 10;
    s->log[s->count++] = started;
    yw_run_init(&s->run, &s->playbook, &started);
}

void stage_fini(struct stage *s)
{
    yw_run_fini(&s->run);
    free(s->log);
}

void stage_append(struct stage *s, const struct yw_event *event)
{
    struct yw_event *kept = &s->log[s->count++];

    assert_true(s->count < LOG_MAX);
    assert_int_equal(event->team, 1);
    assert_true(event->causes[0] > 0 && event->causes[0] <= s->seq);
    *kept = *event;
    kept->seq = ++s->seq;
    kept->drill_ms = s->drill_ms;
    yw_run_apply(&s->run, kept);
}

const struct yw_run_exec *stage_under_way(const struct stage *s, const char *id)
{
    for (size_t i = 0; i < s->run.execs.count; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, i);

        if (strcmp(yw_run_step(&s->run, exec)->id, id) == 0)
            return exec;
    }
    return NULL;
}

const struct yw_run_exec *stage_must(const struct stage *s, const char *id)
{
    const struct yw_run_exec *exec = stage_under_way(s, id);

    if (!exec) {
        fail_msg("%s is not under way", id);
        abort();
    }
    return exec;
}

bool stage_end_command(struct stage *s)
{
    for (size_t i = 0; i < s->run.execs.count && s->failing; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&s->run.execs, i);
        struct yw_event event;

        if (!exec->ordered || exec->command_seq == s->hung)
            continue;
        if (++s->heard == s->hangs_at) {
            s->hung = exec->command_seq;
            continue;
        }
        bool ok =
            strcmp(exec->command.machine, s->failing) != 0 && s->heard != s->fails_at;

        yw_run_command_ended(&s->run, exec, ok, ok ? " out\n" : "broken", &event);
        stage_append(s, &event);
        return true;
    }
    return false;
}

int64_t stage_go(struct stage *s)
{
    struct yw_run_todo todo;

    for (int i = 0; i < LOG_MAX; i++) {
        yw_run_next(&s->run, s->drill_ms, &todo);
        if (todo.append)
            stage_append(s, &todo.event);
        else if (!stage_end_command(s))
            return todo.due_ms;
    }
    fail_msg("the run never waits nor ends");
    return 0;
}

void stage_start(struct stage *s)
{
    stage_open_run(s);
    stage_go(s);
}

struct yw_event stage_said(struct stage *s, enum yw_event_kind kind, const char *id,
                           const char *actor)
{
    const struct yw_run_exec *exec = stage_must(s, id);
    struct yw_event event = {.kind = kind, .team = 1};

    event.step_ref.run = 3;
    event.step_ref.exec = exec->exec;
    YW_COPY(event.step_ref.step, id);
    YW_COPY(event.actor, actor);
    event.causes[0] = exec->cause;
    return event;
}

int stage_try_answer(struct stage *s, const char *id, const char *role, bool ok,
                     const char *name, const char *value)
{
    struct yw_event event = stage_said(s, YW_EVENT_STEP_ANSWERED, id, "team:blue/x");
    struct yw_ev_step_answered *p = &event.step_answered;

    YW_COPY(p->role, role);
    p->ok = ok;
    if (name) {
        p->var_count = 1;
        YW_COPY(p->vars[0].name, name);
        YW_COPY(p->vars[0].value, value);
    }
    int status = yw_run_check_answer(&s->run, stage_must(s, id), p, NULL);

    if (status == 0)
        stage_append(s, &event);
    return status;
}

void stage_answer(struct stage *s, const char *id, const char *name, const char *value)
{
    assert_int_equal(stage_try_answer(s, id, "ir_lead", true, name, value), 0);
    stage_go(s);
}

struct yw_event stage_order(struct stage *s, const char *verb, const char *id)
{
    struct yw_event event = {.kind = YW_EVENT_PLAYBOOK_CONTROLLED, .team = 1};
    const struct yw_run_exec *exec = stage_under_way(s, id);

    event.playbook_controlled.run = 3;
    event.playbook_controlled.exec = exec ? exec->exec : 0;
    YW_COPY(event.playbook_controlled.verb, verb);
    YW_COPY(event.playbook_controlled.step, id);
    event.causes[0] = 1;
    return event;
}

void stage_control(struct stage *s, const char *verb, const char *id, bool ok)
{
    struct yw_event event = stage_order(s, verb, id);
    struct yw_err err = {0};

    event.playbook_controlled.ok = ok;
    if (yw_run_check_control(&s->run, &event.playbook_controlled, &err) < 0)
        fail_msg("%s", err.text);
    stage_append(s, &event);
    stage_go(s);
}

enum yw_step_status stage_status_of(const struct stage *s, const char *id)
{
    for (size_t i = s->count; i-- > 0;) {
        const struct yw_event *event = &s->log[i];

        if (event->kind == YW_EVENT_STEP_ENDED && strcmp(event->step_ended.step, id) == 0)
            return event->step_ended.status;
    }
    return YW_STEP_NONE;
}

const char *stage_detail_of(const struct stage *s, const char *id)
{
    for (size_t i = s->count; i-- > 0;) {
        const struct yw_event *event = &s->log[i];

        if (event->kind == YW_EVENT_STEP_ENDED && strcmp(event->step_ended.step, id) == 0)
            return event->step_ended.detail;
    }
    return "";
}

size_t stage_count_of(const struct stage *s, enum yw_event_kind kind)
{
    size_t found = 0;

    for (size_t i = 0; i < s->count; i++)
        found += s->log[i].kind == kind;
    return found;
}

void stage_assert_ended(const struct stage *s, bool ok)
{
    assert_false(s->run.active);
    assert_int_equal(s->run.ok, ok);
}
