/* What comes next: executor rules 1 and 4 to 8. One event at a time; what an execution needs
 * is decided from its fold alone, so a restart decides the same. */
#include "response/walk.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* A look at one execution: the answer that is being filled. */
struct look {
    const struct yw_run *run;
    const struct yw_run_exec *exec;
    const struct yw_pb_step *step;
    int64_t drill_ms;
    struct yw_run_todo *todo;
};

static struct yw_event *append(const struct look *at, enum yw_event_kind kind,
                               int64_t cause)
{
    struct yw_run_todo *todo = at->todo;

    memset(&todo->event, 0, sizeof todo->event);
    todo->append = true;
    todo->event.kind = kind;
    todo->event.team = at->run->team;
    todo->event.causes[0] = cause;
    return &todo->event;
}

/* An event about the execution; all their payloads begin with run, execution and step. */
static struct yw_event *append_exec(const struct look *at, enum yw_event_kind kind)
{
    struct yw_event *event = append(at, kind, at->exec->cause);

    event->step_ref.run = at->run->run;
    event->step_ref.exec = at->exec->exec;
    YW_COPY(event->step_ref.step, at->step->id);
    return event;
}

static void wait_until(const struct look *at, int64_t drill_ms)
{
    if (drill_ms > 0 && drill_ms < at->todo->due_ms)
        at->todo->due_ms = drill_ms;
}

static void fill_end(const struct yw_run *run, const struct yw_run_exec *exec,
                     enum yw_step_status status, const char *detail,
                     struct yw_ev_step_ended *ret)
{
    const char *note;
    int next = yw_walk_on(run, exec, status, &note);

    ret->status = status;
    if (next >= 0)
        YW_COPY(ret->next, run->playbook->steps[next].id);
    (void)yw_copyf(ret->detail, sizeof ret->detail, "%s%s%s", detail,
                   detail[0] && note[0] ? "; " : "", note);
}

static void end_step(const struct look *at, enum yw_step_status status,
                     const char *detail)
{
    fill_end(at->run, at->exec, status, detail,
             &append_exec(at, YW_EVENT_STEP_ENDED)->step_ended);
}

static bool expired(const struct look *at)
{
    return at->exec->timeout_ms > 0 && at->drill_ms >= at->exec->timeout_ms;
}

/* ---- what people do ---- */

static void ask(const struct look *at)
{
    yw_question_fill(at->run, at->exec, at->drill_ms,
                     &append_exec(at, YW_EVENT_STEP_ASKED)->step_asked);
}

/* The question is settled: true. Else it was put, or somebody is waited for. */
static bool settle(const struct look *at)
{
    if (!at->exec->asked)
        ask(at);
    return at->exec->asked && yw_question_settled(at->run, at->exec);
}

/* Warnings, lateness and the end of patience. True: something is to be done. */
static bool keep_time(const struct look *at)
{
    const struct yw_run_exec *exec = at->exec;

    if (exec->warns_ms > 0 && !exec->warned && !exec->late) {
        if (at->drill_ms >= exec->warns_ms)
            return append_exec(at, YW_EVENT_STEP_WARNED);
        wait_until(at, exec->warns_ms);
    }
    if (exec->deadline_ms > 0 && !exec->late) {
        if (at->drill_ms > exec->deadline_ms)
            return append_exec(at, YW_EVENT_STEP_LATE);
        wait_until(at, exec->deadline_ms + 1);
    }
    if (exec->late && at->step->overdue == YW_PB_OVERDUE_ESCALATE && !exec->escalated &&
        at->step->escalates[0] != '\0') {
        YW_COPY(append_exec(at, YW_EVENT_STEP_ESCALATED)->step_escalated.role,
                exec->escalates); /* as the question named it */
        return true;
    }
    if (exec->late && at->step->overdue == YW_PB_OVERDUE_FAIL)
        end_step(at, YW_STEP_FAILED, "overdue");
    else if (exec->late && at->step->overdue == YW_PB_OVERDUE_GO_ON)
        end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, "overdue: goes on");
    else if (expired(at))
        end_step(at, YW_STEP_TIMEOUT_ERROR, "ACTION_TIMEOUT");
    wait_until(at, exec->timeout_ms);
    return at->todo->append;
}

/* ---- the types of steps ---- */

static void end_action(const struct look *at)
{
    const struct yw_run_exec *exec = at->exec;
    int64_t targets = exec->targets_ok + exec->targets_failed;
    int64_t needed =
        at->step->quorum > 0 && at->step->quorum < targets ? at->step->quorum : targets;
    char detail[YW_EVENT_NOTE_MAX] = "";

    if (exec->answered && !exec->answer.ok) {
        end_step(at, YW_STEP_FAILED, "answered: it could not be done");
        return;
    }
    if (targets > 1)
        (void)yw_copyf(detail, sizeof detail, "%lld of %lld targets%s%s",
                       (long long)exec->targets_ok, (long long)targets,
                       exec->output[0] ? ": " : "", exec->output);
    else if (exec->targets_failed > 0)
        YW_COPY(detail, exec->output);
    end_step(at,
             exec->targets_ok >= needed ? YW_STEP_SUCCESSFULLY_EXECUTED : YW_STEP_FAILED,
             detail);
}

static void order(const struct look *at)
{
    struct yw_ev_command_ordered fill = {.item = at->exec->item};
    struct yw_err err = {0};

    if (yw_command_fill(at->run, at->exec, &fill, &err) < 0) {
        end_step(at, YW_STEP_CLIENT_SIDE_ERROR, err.text);
        return;
    }
    struct yw_ev_command_ordered *p =
        &append_exec(at, YW_EVENT_COMMAND_ORDERED)->command_ordered;

    fill.run = p->run;
    fill.exec = p->exec;
    YW_COPY(fill.step, p->step);
    *p = fill;
}

static void look_action(const struct look *at)
{
    bool needed = yw_question_needed(at->run, at->exec);

    if (needed && !at->exec->asked) {
        ask(at);
        return;
    }
    bool settled = !needed || yw_question_settled(at->run, at->exec);
    bool refused = settled && needed && !at->exec->answer.ok && at->exec->answered;

    if (!at->exec->ordered && (settled || !at->step->guarded) && !refused &&
        !expired(at) && at->exec->item < yw_command_items(at->step))
        order(at);
    else if (settled && !at->exec->ordered)
        end_action(at);
}

static void take_branch(const struct look *at, int first, const char *detail)
{
    size_t count = first >= 0 ? 1 : at->step->branch_count;

    if (expired(at))
        return;
    if (at->run->threads.count + count > YW_RUN_THREADS_MAX) {
        end_step(at, YW_STEP_CLIENT_SIDE_ERROR, "too many branches at a time");
        return;
    }
    struct yw_ev_step_branched *p =
        &append_exec(at, YW_EVENT_STEP_BRANCHED)->step_branched;

    p->turn = at->exec->turn + 1;
    if (first >= 0)
        YW_COPY(p->first, at->run->playbook->steps[first].id);
    YW_COPY(p->detail, detail);
}

/* The branches that are open have ended: true. False: not yet, or the step ends with them. */
static bool join(const struct look *at)
{
    char conflicts[YW_EVENT_NOTE_MAX];
    int failed = 0;
    bool joined = yw_walk_joined(at->run, at->exec->exec, &failed);

    if (failed > 0 && (joined || at->step->fail_fast)) {
        (void)yw_copyf(conflicts, sizeof conflicts, "%d of its branches failed: %s",
                       failed, at->run->failed_cause);
        end_step(at, YW_STEP_EXCEPTION_CONDITION_ERROR, conflicts);
    }
    return joined && failed == 0;
}

/* Does the condition hold? -1: nobody knows yet; a person is asked. */
static int decide(const struct look *at, char explain[256])
{
    struct yw_err err = {0};
    bool holds = false;

    if (yw_run_condition(at->run, at->exec, at->step->condition, &holds, explain, &err) ==
        0)
        return holds;
    if (!settle(at))
        return -1;
    const struct yw_ev_step_answered *answer = &at->exec->answer;

    holds =
        answer->ok && answer->var_count > 0 && strcmp(answer->vars[0].value, "true") == 0;
    (void)yw_copyf(explain, 256, "%s decided: %s", answer->role,
                   holds ? "true" : "false");
    return holds;
}

static void look_if(const struct look *at)
{
    char explain[256];

    if (at->exec->branched) {
        if (join(at))
            end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, "");
        return;
    }
    int holds = decide(at, explain);

    if (holds < 0)
        return;
    int first = holds ? at->step->on_true : at->step->on_false;

    if (first >= 0)
        take_branch(at, first, explain);
    else
        end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, explain);
}

/* A loop whose branch is an end waits for the condition to turn false: nothing happens at
 * its turns, so none is journalled. */
static void look_while(const struct look *at)
{
    int64_t poll_ms = at->step->poll_ms > 0 ? at->step->poll_ms : YW_RUN_POLL_MS;
    bool idle = at->run->playbook->steps[at->step->on_true].type == YW_PB_END &&
                !yw_question_decides(at->run, at->exec);
    char explain[256];

    if (at->exec->branched && !join(at))
        return;
    if (at->exec->branched && !at->exec->asked &&
        at->drill_ms < at->exec->branched_ms + poll_ms) {
        wait_until(at, at->exec->branched_ms + poll_ms);
        return;
    }
    int holds = decide(at, explain);

    if (holds == 0)
        end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, explain);
    else if (holds > 0 && at->exec->turn >= YW_RUN_TURNS_MAX)
        end_step(at, YW_STEP_FAILED, "too many turns");
    else if (holds > 0 && !idle)
        take_branch(at, at->step->on_true, explain);
}

static void look_switch(const struct look *at)
{
    char value[YW_EVENT_VALUE_MAX], note[YW_EVENT_NOTE_MAX];
    struct yw_err err = {0};
    int first = -1;

    if (at->exec->branched) {
        if (join(at))
            end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, "");
        return;
    }
    bool known = yw_run_substitute(at->run, at->exec, at->step->condition, value,
                                   sizeof value, &err) == 0;

    for (size_t i = 0; i < at->step->branch_count; i++) {
        const struct yw_pb_case *one = &at->step->branches[i];

        if (one->is_default ? first < 0 : known && strcmp(one->value, value) == 0)
            first = one->step;
        if (!one->is_default && first == one->step && known &&
            strcmp(one->value, value) == 0)
            break;
    }
    (void)yw_copyf(note, sizeof note, "%s", known ? value : err.text);
    if (first >= 0)
        take_branch(at, first, note);
    else
        end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, "no case and no default fits");
}

static void look_parallel(const struct look *at)
{
    char conflicts[YW_EVENT_NOTE_MAX];

    if (!at->exec->branched) {
        take_branch(at, -1, "");
    } else if (join(at)) {
        yw_scope_conflicts(at->run, at->exec->exec, conflicts, sizeof conflicts);
        end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, conflicts);
    }
}

static void look_exec(const struct look *at)
{
    if (at->exec->forced != YW_STEP_NONE) {
        end_step(at, at->exec->forced, "by control");
        return;
    }
    switch (at->step->type) {
    case YW_PB_START:
    case YW_PB_END:
        end_step(at, YW_STEP_SUCCESSFULLY_EXECUTED, "");
        break;
    case YW_PB_ACTION:
        look_action(at);
        break;
    case YW_PB_IF:
        look_if(at);
        break;
    case YW_PB_WHILE:
        look_while(at);
        break;
    case YW_PB_SWITCH:
        look_switch(at);
        break;
    case YW_PB_PARALLEL:
        look_parallel(at);
        break;
    case YW_PB_PLAYBOOK: /* the conductor calls it, and says how that ended */
    case YW_PB_TYPES:
        break;
    }
    if (!at->todo->append)
        (void)keep_time(at);
}

/* ---- the threads ---- */

static int64_t ceiling_ms(const struct yw_pb_step *step)
{
    switch (step->type) {
    case YW_PB_ACTION:
        return step->asks.en[0] != '\0' ? YW_RUN_MANUAL_CEILING_MS
                                        : YW_RUN_AUTOMATIC_CEILING_MS;
    case YW_PB_WHILE:
    case YW_PB_PLAYBOOK:
        return YW_RUN_MANUAL_CEILING_MS;
    case YW_PB_START:
    case YW_PB_END:
    case YW_PB_IF:
    case YW_PB_SWITCH:
    case YW_PB_PARALLEL:
    case YW_PB_TYPES:
        break;
    }
    return 0; /* what is in its branches has its own */
}

/* What is to be done by when; a sentence for a condition is a decision that has its time. */
static int64_t deadline_span_ms(const struct yw_pb_step *step)
{
    bool condition = step->type == YW_PB_IF || step->type == YW_PB_WHILE;

    if (step->deadline_ms > 0 || !condition ||
        yw_run_condition_check(step->condition, false, NULL) == 0)
        return step->deadline_ms;
    return YW_RUN_DECISION_MS;
}

static void start(const struct look *at, const struct yw_run_thread *thread)
{
    const struct yw_pb_step *step = at->step;
    struct yw_ev_step_started *p =
        &append(at, YW_EVENT_STEP_STARTED, thread->cause)->step_started;
    int64_t span_ms = step->timeout_ms > 0 ? step->timeout_ms : ceiling_ms(step);
    int64_t deadline_ms = deadline_span_ms(step);

    p->run = at->run->run;
    p->exec = at->run->last_exec + 1;
    p->opener = thread->opener;
    p->branch = thread->branch;
    YW_COPY(p->step, step->id);
    YW_COPY(p->type, yw_pb_type_name(step->type));
    p->name = step->name;
    p->deadline_ms = deadline_ms > 0 ? at->drill_ms + deadline_ms : 0;
    p->timeout_ms = span_ms > 0 ? at->drill_ms + span_ms : 0;
}

static void end_run(const struct look *at, bool ok, const char *detail)
{
    struct yw_ev_playbook_ended *p =
        &append(at, YW_EVENT_PLAYBOOK_ENDED, at->run->last_seq)->playbook_ended;

    p->run = at->run->run;
    p->ok = ok;
    YW_COPY(p->detail, detail);
}

static void look_thread(struct look *at, const struct yw_run_thread *thread)
{
    if (thread->done) {
        if (thread->opener > 0)
            return;
        if (!thread->ok)
            end_run(at, false, "a step failed and nothing handles it");
        else
            end_run(at, !at->run->exception_used,
                    at->run->exception_used ? "ended by the exception handler" : "");
        return;
    }
    if (thread->exec > 0) {
        at->exec = yw_walk_exec(at->run, thread->exec);
        at->step = at->exec ? &at->run->playbook->steps[at->exec->step] : NULL;
        if (at->exec)
            look_exec(at);
        return;
    }
    if (thread->next < 0 || (size_t)thread->next >= at->run->playbook->step_count) {
        end_run(at, false, "the playbook no longer has the next step");
        return;
    }
    if (at->run->last_exec >= YW_RUN_EXECS_MAX) {
        end_run(at, false, "too many steps");
        return;
    }
    at->step = &at->run->playbook->steps[thread->next];
    if (at->drill_ms < thread->from_ms + at->step->delay_ms)
        wait_until(at, thread->from_ms + at->step->delay_ms);
    else
        start(at, thread);
}

void yw_run_next(const struct yw_run *run, int64_t drill_ms, struct yw_run_todo *ret)
{
    struct look at = {.run = run, .drill_ms = drill_ms, .todo = ret};

    memset(ret, 0, sizeof *ret);
    ret->due_ms = INT64_MAX;
    if (!run->active)
        return;
    if (run->aborted[0] != '\0') {
        end_run(&at, false, run->aborted);
        return;
    }
    for (size_t i = 0; i < run->threads.count && !ret->append && !run->paused; i++)
        look_thread(&at, yw_vec_at(&run->threads, i));
}

void yw_run_called_ended(const struct yw_run *run, const struct yw_run_exec *exec,
                         const struct yw_run *called, const char *detail,
                         struct yw_event *ret)
{
    struct yw_run_todo todo;
    struct look at = {
        .run = run, .exec = exec, .step = yw_run_step(run, exec), .todo = &todo};

    append_exec(&at, YW_EVENT_STEP_ENDED);
    *ret = todo.event;
    struct yw_ev_step_ended *p = &ret->step_ended;

    fill_end(run, exec,
             !called      ? YW_STEP_CLIENT_SIDE_ERROR
             : called->ok ? YW_STEP_SUCCESSFULLY_EXECUTED
                          : YW_STEP_FAILED,
             detail, p);
    for (size_t i = 0; called && i < at.step->out_count; i++) {
        const char *name = run->playbook->vars[at.step->fields[i].var].name;
        const char *value = yw_run_var(called, NULL, name);

        if (!value)
            continue;
        YW_COPY(p->vars[p->var_count].name, name);
        YW_COPY(p->vars[p->var_count++].value, value);
    }
}

void yw_run_call(const struct yw_run *run, const struct yw_run_exec *exec,
                 struct yw_event *ret)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);
    struct yw_ev_playbook_started *p = &ret->playbook_started;

    memset(ret, 0, sizeof *ret);
    ret->kind = YW_EVENT_PLAYBOOK_STARTED;
    ret->team = run->team;
    ret->causes[0] = exec->cause;
    YW_COPY(p->playbook, run->name);
    p->caller = run->run;
    p->caller_exec = exec->exec;
    for (size_t i = 0; i < step->in_count; i++) {
        const char *name = run->playbook->vars[step->in_vars[i]].name;
        const char *value = yw_run_var(run, exec, name);

        if (!value)
            continue;
        YW_COPY(p->vars[p->var_count].name, name);
        YW_COPY(p->vars[p->var_count++].value, value);
    }
}
