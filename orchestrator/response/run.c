#include "response/run.h"

#include "base/mem.h"
#include "response/walk.h"

#include <stdio.h>
#include <string.h>

void yw_run_init(struct yw_run *run, const struct yw_event *event)
{
    memset(run, 0, sizeof *run);
    run->run = event->playbook_started.run;
    run->team = event->team;
    YW_COPY(run->playbook, event->playbook_started.playbook);
    run->active = true;
    run->started_seq = event->seq;
    run->next_from_ms = event->drill_ms;
}

static void apply_started(struct yw_run *run, const struct yw_event *event)
{
    const struct yw_ev_step_started *p = &event->step_started;

    YW_COPY(run->step, p->step);
    YW_COPY(run->role, p->role);
    run->next[0] = '\0';
    run->status = p->asks.en[0] != '\0' || p->asks.zh[0] != '\0'
                      ? YW_STEP_AWAIT_USER_INPUT
                      : YW_STEP_ONGOING;
    run->step_ms = event->drill_ms;
    run->step_seq = event->seq;
    run->deadline_ms = p->deadline_ms;
    run->timeout_ms = p->timeout_ms;
    run->late = false;
    run->answered = false;
    run->answered_seq = 0;
}

static void set_var(struct yw_run *run, const struct yw_ev_var *var)
{
    for (size_t i = 0; i < run->var_count; i++) {
        if (strcmp(run->vars[i].name, var->name) == 0) {
            run->vars[i] = *var;
            return;
        }
    }
    if (run->var_count < YW_PLAYBOOK_VARS_MAX)
        run->vars[run->var_count++] = *var;
}

static void apply_answered(struct yw_run *run, const struct yw_event *event)
{
    const struct yw_ev_step_answered *p = &event->step_answered;

    if (strcmp(run->step, p->step) != 0 || run->answered)
        return;
    run->answered = true;
    run->answered_seq = event->seq;
    run->answer = *p;
    for (int64_t i = 0; i < p->var_count && i < YW_EVENT_VARS_MAX; i++)
        set_var(run, &p->vars[i]);
}

static void apply_ended(struct yw_run *run, const struct yw_event *event)
{
    const struct yw_ev_step_ended *p = &event->step_ended;

    if (strcmp(run->step, p->step) != 0)
        return;
    if (run->path_count < YW_RUN_PATH_MAX) {
        struct yw_run_visit *visit = &run->path[run->path_count++];

        YW_COPY(visit->step, p->step);
        visit->status = p->status;
    } else {
        run->overrun = true;
    }
    run->step[0] = '\0';
    run->status = YW_STEP_NONE;
    YW_COPY(run->next, p->next);
    run->next_from_ms = event->drill_ms;
    run->ended_seq = event->seq;
}

void yw_run_apply(struct yw_run *run, const struct yw_event *event)
{
    /* the payloads of all five kinds begin with the number of the run */
    if (event->kind == YW_EVENT_STEP_STARTED && event->step_started.run == run->run) {
        apply_started(run, event);
    } else if (event->kind == YW_EVENT_STEP_ANSWERED &&
               event->step_answered.run == run->run) {
        apply_answered(run, event);
    } else if (event->kind == YW_EVENT_STEP_LATE && event->step_late.run == run->run) {
        run->late = run->late || strcmp(run->step, event->step_late.step) == 0;
    } else if (event->kind == YW_EVENT_STEP_ENDED && event->step_ended.run == run->run) {
        apply_ended(run, event);
    } else if (event->kind == YW_EVENT_PLAYBOOK_ENDED &&
               event->playbook_ended.run == run->run) {
        run->active = false;
        run->ok = event->playbook_ended.ok;
    }
}

const char *yw_run_var(const struct yw_run *run, const struct yw_playbook *playbook,
                       const char *name)
{
    int index = yw_playbook_var(playbook, name);

    for (size_t i = 0; i < run->var_count; i++) {
        if (strcmp(run->vars[i].name, name) == 0)
            return run->vars[i].value;
    }
    if (index < 0 || !playbook->vars[index].has_value)
        return NULL;
    return playbook->vars[index].value;
}

static void begin(struct yw_run_todo *todo, const struct yw_run *run,
                  enum yw_run_verb verb, enum yw_event_kind kind, int64_t cause)
{
    todo->verb = verb;
    todo->event.kind = kind;
    todo->event.team = run->team;
    todo->event.causes[0] = cause;
}

/* The step-ended event: where the run goes from here is decided now and journalled. */
static void make_ended(const struct yw_run *run, const struct yw_playbook *playbook,
                       enum yw_step_status status, int branch, struct yw_event *event)
{
    struct yw_ev_step_ended *p = &event->step_ended;
    int index = yw_playbook_step(playbook, run->step);
    struct yw_walk walk;

    p->run = run->run;
    YW_COPY(p->step, run->step);
    p->status = status;
    if (index < 0 || yw_walk_path(&walk, run, playbook) < 0)
        return;
    int next = yw_walk_on(&walk, playbook, index, status == YW_STEP_SUCCESSFULLY_EXECUTED,
                          branch);

    if (next >= 0)
        YW_COPY(p->next, playbook->steps[next].id);
}

static void end_step(struct yw_run_todo *todo, const struct yw_run *run,
                     const struct yw_playbook *playbook, enum yw_step_status status,
                     const char *detail)
{
    begin(todo, run, YW_RUN_END_STEP, YW_EVENT_STEP_ENDED, run->step_seq);
    make_ended(run, playbook, status, -1, &todo->event);
    YW_COPY(todo->event.step_ended.detail, detail);
}

void yw_run_command_ended(const struct yw_run *run, const struct yw_playbook *playbook,
                          bool ok, const char *detail, struct yw_event *ret)
{
    struct yw_run_todo todo = {0};

    end_step(&todo, run, playbook, ok ? YW_STEP_SUCCESSFULLY_EXECUTED : YW_STEP_FAILED,
             detail);
    *ret = todo.event;
}

static void end_run(struct yw_run_todo *todo, const struct yw_run *run, bool ok,
                    const char *detail)
{
    begin(todo, run, YW_RUN_END, YW_EVENT_PLAYBOOK_ENDED,
          run->ended_seq > 0 ? run->ended_seq : run->started_seq);
    todo->event.playbook_ended.run = run->run;
    todo->event.playbook_ended.ok = ok;
    YW_COPY(todo->event.playbook_ended.detail, detail);
}

static void next_if(const struct yw_run *run, const struct yw_playbook *playbook,
                    const struct yw_pb_step *step, struct yw_run_todo *todo)
{
    char explain[256];
    struct yw_err err = {0};
    bool holds = false;

    if (yw_run_condition(run, playbook, step->condition, &holds, explain, &err) < 0) {
        end_step(todo, run, playbook, YW_STEP_FAILED, err.text);
        return;
    }
    end_step(todo, run, playbook, YW_STEP_SUCCESSFULLY_EXECUTED, explain);
    todo->event.step_ended.next[0] = '\0';
    make_ended(run, playbook, YW_STEP_SUCCESSFULLY_EXECUTED,
               holds ? step->on_true : step->on_false, &todo->event);
}

/* Replaces `__name__:value` once, from left to right; values are not looked through
 * again. 0, or YW_EINVAL with the reason. */
static int substitute(const struct yw_run *run, const struct yw_playbook *playbook,
                      const char *text, char *dst, size_t dst_size, struct yw_err *err)
{
    size_t used = 0;

    while (*text) {
        const char *end = strncmp(text, "__", 2) == 0 ? strstr(text, "__:value") : NULL;
        char name[YW_NAME_MAX];
        const char *piece = text;
        size_t size = 1;

        if (end && end > text + 2 && (size_t)(end - text - 2) < sizeof name) {
            snprintf(name, sizeof name, "%.*s", (int)(end - text - 2), text + 2);
            piece = yw_run_var(run, playbook, name);
            if (!piece)
                return yw_err_set(err, YW_EINVAL, "variable '%s' has no value", name);
            size = strlen(piece);
            text = end + strlen("__:value");
        } else {
            text++;
        }
        if (used + size >= dst_size)
            return yw_err_set(err, YW_EINVAL, "too long after substitution");
        memcpy(dst + used, piece, size);
        used += size;
    }
    dst[used] = '\0';
    return 0;
}

static void next_command(const struct yw_run *run, const struct yw_playbook *playbook,
                         const struct yw_pb_step *step, struct yw_run_todo *todo)
{
    struct yw_err err = {0};

    if (substitute(run, playbook, step->machine, todo->machine, sizeof todo->machine,
                   &err) < 0) {
        end_step(todo, run, playbook, YW_STEP_FAILED, err.text);
        return;
    }
    if (!yw_name_valid(todo->machine)) {
        end_step(todo, run, playbook, YW_STEP_FAILED, "not the name of a machine");
        return;
    }
    todo->verb = YW_RUN_COMMAND;
    todo->due_ms = run->timeout_ms;
}

static void next_action(const struct yw_run *run, const struct yw_playbook *playbook,
                        const struct yw_pb_step *step, struct yw_run_todo *todo)
{
    switch (step->command) {
    case YW_PB_MANUAL:
        todo->due_ms = run->timeout_ms;
        if (run->deadline_ms > 0 && !run->late && run->deadline_ms + 1 < todo->due_ms)
            todo->due_ms = run->deadline_ms + 1;
        return;
    case YW_PB_ISOLATE:
    case YW_PB_REJOIN:
        next_command(run, playbook, step, todo);
        return;
    case YW_PB_COMMAND_UNSUPPORTED:
        end_step(todo, run, playbook, YW_STEP_FAILED,
                 "this type of command cannot be carried out here");
        return;
    }
}

static void next_under_way(const struct yw_run *run, const struct yw_playbook *playbook,
                           int64_t drill_ms, struct yw_run_todo *todo)
{
    int index = yw_playbook_step(playbook, run->step);

    if (index < 0) {
        end_run(todo, run, false, "the playbook no longer has the step under way");
        return;
    }
    const struct yw_pb_step *step = &playbook->steps[index];

    todo->step = step;
    if (run->answered) {
        end_step(todo, run, playbook, YW_STEP_SUCCESSFULLY_EXECUTED, "");
        todo->event.causes[0] = run->answered_seq;
        todo->event.causes[1] = run->step_seq;
        return;
    }
    if (run->deadline_ms > 0 && drill_ms > run->deadline_ms && !run->late) {
        begin(todo, run, YW_RUN_LATE, YW_EVENT_STEP_LATE, run->step_seq);
        todo->event.step_late.run = run->run;
        YW_COPY(todo->event.step_late.step, run->step);
        return;
    }
    if (run->timeout_ms > 0 && drill_ms >= run->timeout_ms) {
        end_step(todo, run, playbook, YW_STEP_TIMEOUT_ERROR, "ACTION_TIMEOUT");
        return;
    }
    if (step->type == YW_PB_ACTION)
        next_action(run, playbook, step, todo);
    else if (step->type == YW_PB_IF)
        next_if(run, playbook, step, todo);
    else if (step->type == YW_PB_UNSUPPORTED)
        end_step(todo, run, playbook, YW_STEP_FAILED,
                 "this type of step cannot be carried out here");
    else
        end_step(todo, run, playbook, YW_STEP_SUCCESSFULLY_EXECUTED, "");
}

static void fill_started(const struct yw_playbook *playbook,
                         const struct yw_pb_step *step, int64_t drill_ms,
                         struct yw_ev_step_started *p)
{
    bool manual = step->type == YW_PB_ACTION && step->command == YW_PB_MANUAL;
    int64_t ceiling_ms = manual ? YW_RUN_MANUAL_CEILING_MS : YW_RUN_AUTOMATIC_CEILING_MS;

    YW_COPY(p->step, step->id);
    YW_COPY(p->type, yw_pb_type_name(step->type));
    p->name = step->name;
    if (step->type != YW_PB_ACTION)
        return;
    p->timeout_ms = drill_ms + (step->timeout_ms > 0 ? step->timeout_ms : ceiling_ms);
    if (step->deadline_ms > 0)
        p->deadline_ms = drill_ms + step->deadline_ms;
    if (!manual)
        return;
    p->asks = step->asks;
    YW_COPY(p->role, step->role);
    p->field_count = (int64_t)step->out_count;
    for (size_t i = 0; i < step->out_count; i++) {
        const struct yw_pb_var *var = &playbook->vars[step->out_vars[i]];

        YW_COPY(p->fields[i].name, var->name);
        YW_COPY(p->fields[i].value, var->type);
    }
}

/* No step is under way and none follows. */
static void next_end(const struct yw_run *run, const struct yw_playbook *playbook,
                     struct yw_run_todo *todo)
{
    struct yw_walk walk;
    bool known = yw_walk_path(&walk, run, playbook) == 0;

    if (!known)
        end_run(todo, run, false, "the playbook no longer has a step of this run");
    else if (walk.failed)
        end_run(todo, run, false, "a step failed and nothing handles it");
    else if (walk.exception_used)
        end_run(todo, run, false, "ended by the exception handler");
    else
        end_run(todo, run, true, "");
}

static void next_between(const struct yw_run *run, const struct yw_playbook *playbook,
                         int64_t drill_ms, struct yw_run_todo *todo)
{
    bool fresh = run->path_count == 0;
    int index = fresh ? playbook->start : yw_playbook_step(playbook, run->next);

    if (!fresh && run->next[0] == '\0') {
        next_end(run, playbook, todo);
        return;
    }
    if (index < 0) {
        end_run(todo, run, false, "the playbook no longer has the next step");
        return;
    }
    if (run->overrun || run->path_count == YW_RUN_PATH_MAX) {
        end_run(todo, run, false, "too many steps");
        return;
    }
    const struct yw_pb_step *step = &playbook->steps[index];

    todo->step = step;
    if (drill_ms < run->next_from_ms + step->delay_ms) {
        todo->due_ms = run->next_from_ms + step->delay_ms;
        return;
    }
    begin(todo, run, YW_RUN_START, YW_EVENT_STEP_STARTED,
          fresh ? run->started_seq : run->ended_seq);
    todo->event.step_started.run = run->run;
    fill_started(playbook, step, drill_ms, &todo->event.step_started);
}

void yw_run_next(const struct yw_run *run, const struct yw_playbook *playbook,
                 int64_t drill_ms, struct yw_run_todo *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->verb = YW_RUN_NOTHING;
    ret->due_ms = INT64_MAX;
    if (!run->active)
        return;
    if (run->step[0] != '\0')
        next_under_way(run, playbook, drill_ms, ret);
    else
        next_between(run, playbook, drill_ms, ret);
}
