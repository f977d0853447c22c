/* The fold of a run's events. */
#include "response/walk.h"

#include "base/mem.h"

#include <string.h>

static void open_thread(struct yw_run *run, int64_t opener, int64_t branch, int next,
                        const struct yw_event *event)
{
    struct yw_run_thread thread = {.opener = opener,
                                   .branch = branch,
                                   .next = next,
                                   .from_ms = event->drill_ms,
                                   .cause = event->seq};

    (void)yw_vec_push(&run->threads, &thread);
}

void yw_run_init(struct yw_run *run, const struct yw_playbook *playbook,
                 const struct yw_event *event)
{
    const struct yw_ev_playbook_started *p = &event->playbook_started;

    memset(run, 0, sizeof *run);
    yw_vec_init(&run->threads, sizeof(struct yw_run_thread), YW_RUN_THREADS_MAX);
    yw_vec_init(&run->execs, sizeof(struct yw_run_exec), YW_RUN_THREADS_MAX);
    yw_vec_init(&run->writes, sizeof(struct yw_run_write), YW_RUN_WRITES_MAX);
    yw_vec_init(&run->marks, sizeof(struct yw_run_mark), YW_RUN_MARKS_MAX);
    run->playbook = playbook;
    run->run = p->run;
    run->team = event->team;
    YW_COPY(run->name, p->playbook);
    run->caller = p->caller;
    run->caller_exec = p->caller_exec;
    run->active = true;
    run->started_seq = run->last_seq = event->seq;
    for (int64_t i = 0; i < p->var_count && i < YW_EVENT_VARS_MAX; i++)
        yw_scope_set(run, &p->vars[i]);
    open_thread(run, 0, 0, playbook->start, event);
}

void yw_run_fini(struct yw_run *run)
{
    yw_vec_fini(&run->threads);
    yw_vec_fini(&run->execs);
    yw_vec_fini(&run->writes);
    yw_vec_fini(&run->marks);
}

/* A rewind takes their questions back; their time stands still in a pause. */
static bool concerns_people(const char *verb)
{
    return strcmp(verb, "rewind") == 0 || strcmp(verb, "pause") == 0 ||
           strcmp(verb, "resume") == 0;
}

void yw_run_conceal(const struct yw_run *run, struct yw_event *event)
{
    bool hidden = !yw_tlp_lets(run->playbook->marking, YW_READER_TEAM);
    const struct yw_run_exec *exec = event->kind == YW_EVENT_STEP_ENDED
                                         ? yw_run_exec(run, event->step_ended.exec)
                                         : NULL;

    switch ((int)event->kind) {
    case YW_EVENT_STEP_STARTED:
        event->step_started.hidden = hidden;
        break;
    case YW_EVENT_STEP_BRANCHED:
        event->step_branched.hidden = hidden;
        break;
    case YW_EVENT_COMMAND_ORDERED:
        event->command_ordered.hidden = hidden;
        break;
    case YW_EVENT_COMMAND_ENDED:
        event->command_ended.hidden = hidden;
        break;
    case YW_EVENT_STEP_ENDED:
        event->step_ended.hidden = hidden && (!exec || !exec->asked);
        break;
    case YW_EVENT_PLAYBOOK_CONTROLLED:
        event->playbook_controlled.hidden =
            hidden && !concerns_people(event->playbook_controlled.verb);
        break;
    default:
        break;
    }
}

int64_t yw_run_of(const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_STEP_STARTED:
    case YW_EVENT_STEP_BRANCHED:
    case YW_EVENT_STEP_ASKED:
    case YW_EVENT_STEP_WARNED:
    case YW_EVENT_STEP_LATE:
    case YW_EVENT_STEP_ESCALATED:
    case YW_EVENT_STEP_EVIDENCE:
    case YW_EVENT_STEP_ANSWERED:
    case YW_EVENT_STEP_CONFIRMED:
    case YW_EVENT_COMMAND_ORDERED:
    case YW_EVENT_COMMAND_ENDED:
    case YW_EVENT_STEP_ENDED:
    case YW_EVENT_PLAYBOOK_CONTROLLED:
    case YW_EVENT_PLAYBOOK_ENDED:
        return event->step_ref.run; /* their payloads begin with it */
    default:
        return 0;
    }
}

static void start(struct yw_run *run, const struct yw_event *event)
{
    const struct yw_ev_step_started *p = &event->step_started;
    struct yw_run_thread *thread = yw_walk_thread(run, p->opener, p->branch);
    struct yw_run_exec fresh = {.exec = p->exec,
                                .step = yw_playbook_step(run->playbook, p->step),
                                .opener = p->opener,
                                .branch = p->branch,
                                .seq = event->seq,
                                .cause = event->seq,
                                .deadline_ms = p->deadline_ms,
                                .timeout_ms = p->timeout_ms};

    run->last_exec = p->exec > run->last_exec ? p->exec : run->last_exec;
    if (!thread || fresh.step < 0 || !yw_vec_push(&run->execs, &fresh))
        return;
    thread->exec = p->exec;
    thread->next = -1;
    if (p->opener > 0)
        return;
    run->visited[fresh.step] = true;
    run->handled[fresh.step] = run->exception_used;
    yw_scope_mark(run, fresh.step);
}

static void remove_exec(struct yw_run *run, int64_t number);

/* What the execution opened is gone, down to the last branch; 0: everything. */
static void drop_threads(struct yw_run *run, int64_t opener)
{
    for (size_t i = 0; i < run->threads.count;) {
        const struct yw_run_thread *at = yw_vec_at(&run->threads, i);
        int64_t exec = at->exec;

        if (at->opener != opener) {
            i++;
            continue;
        }
        yw_vec_remove(&run->threads, i); /* those that it opened stand after it */
        if (exec > 0)
            remove_exec(run, exec);
    }
}

static void remove_exec(struct yw_run *run, int64_t number)
{
    drop_threads(run, number);
    yw_scope_close(run, number);
    for (size_t i = run->execs.count; i-- > 0;) {
        if (((struct yw_run_exec *)yw_vec_at(&run->execs, i))->exec == number)
            yw_vec_remove(&run->execs, i);
    }
}

static void branch(struct yw_run *run, struct yw_run_exec *exec,
                   const struct yw_event *event)
{
    const struct yw_ev_step_branched *p = &event->step_branched;
    const struct yw_pb_step *step = yw_run_step(run, exec);
    int64_t number = exec->exec;

    drop_threads(run, number);
    yw_scope_close(run, number);
    exec = yw_walk_exec(run, number);
    exec->branched = true;
    exec->turn = p->turn;
    exec->branched_ms = event->drill_ms;
    exec->asked = exec->answered = exec->confirmed = false;
    if (p->first[0] != '\0') {
        open_thread(run, number, 0, yw_playbook_step(run->playbook, p->first), event);
        return;
    }
    for (size_t i = 0; i < step->branch_count; i++)
        open_thread(run, number, (int64_t)i, step->branches[i].step, event);
}

static void ask(struct yw_run_exec *exec, const struct yw_event *event)
{
    const struct yw_ev_step_asked *p = &event->step_asked;

    exec->asked = true;
    exec->answered = exec->confirmed = false;
    exec->warns_ms = p->warns_ms;
    YW_COPY(exec->role, p->role);
    YW_COPY(exec->escalates, p->escalates);
    YW_COPY(exec->confirms, p->confirms);
}

static void write_all(struct yw_run *run, int64_t exec, const struct yw_ev_var *vars,
                      int64_t count)
{
    for (int64_t i = 0; i < count && i < YW_EVENT_VARS_MAX; i++)
        yw_scope_write(run, exec, &vars[i]);
}

/* The first answer in the journal counts: executor rule of concurrent answers. */
static void answer(struct yw_run_exec *exec, const struct yw_event *event)
{
    if (!exec->asked || exec->answered)
        return;
    exec->answered = true;
    exec->answer = event->step_answered;
    YW_COPY(exec->answered_by, event->actor);
}

static void confirm(struct yw_run_exec *exec, const struct yw_event *event)
{
    if (!exec->answered || exec->confirmed)
        return;
    exec->confirmed = event->step_confirmed.agrees;
    exec->answered = event->step_confirmed.agrees;
}

static void order(struct yw_run_exec *exec, const struct yw_event *event)
{
    exec->ordered = true;
    exec->command = event->command_ordered;
    exec->command_seq = event->seq;
}

static void end_command(struct yw_run *run, struct yw_run_exec *exec,
                        const struct yw_event *event)
{
    const struct yw_ev_command_ended *p = &event->command_ended;
    const struct yw_pb_step *step = yw_run_step(run, exec);
    int64_t commands = (int64_t)step->command_count;

    if (!exec->ordered || p->item != exec->item || commands == 0)
        return;
    exec->ordered = false;
    if (p->ok) {
        exec->item++;
        exec->targets_ok += exec->item % commands == 0;
        write_all(run, exec->exec, p->vars, p->var_count);
    } else {
        exec->item = (exec->item / commands + 1) * commands; /* the next target */
        exec->targets_failed++;
        YW_COPY(exec->output, p->output);
    }
}

static void note_failure(struct yw_run *run, const struct yw_ev_step_ended *p)
{
    if (yw_walk_good(p->status) || p->status == YW_STEP_EXCEPTION_CONDITION_ERROR)
        return; /* a branch told already */
    YW_COPY(run->failed_step, p->step);
    YW_COPY(run->failed_cause, p->detail);
}

static void end(struct yw_run *run, const struct yw_run_exec *exec,
                const struct yw_event *event)
{
    const struct yw_ev_step_ended *p = &event->step_ended;
    struct yw_run_thread *thread = yw_walk_thread(run, exec->opener, exec->branch);
    const struct yw_pb_step *step = yw_run_step(run, exec);
    int next = p->next[0] ? yw_playbook_step(run->playbook, p->next) : -1;
    bool good = yw_walk_good(p->status);
    int64_t opener = exec->opener;

    note_failure(run, p);
    write_all(run, exec->exec, p->vars, p->var_count);
    if (good && exec->answered && step->type == YW_PB_ACTION)
        write_all(run, exec->exec, exec->answer.vars, exec->answer.var_count);
    if (!good && next >= 0 && next == run->playbook->exception &&
        next != step->on_failure)
        run->exception_used = true;
    if (thread) {
        thread->exec = 0;
        thread->next = next;
        thread->from_ms = event->drill_ms;
        thread->cause = event->seq;
        thread->done = next < 0;
        thread->ok = good;
    }
    remove_exec(run, p->exec);
    const struct yw_run_exec *above = yw_walk_exec(run, opener);

    /* the branches of a parallel wait for each other; any other's values are there now */
    if (above && next < 0 && yw_run_step(run, above)->type != YW_PB_PARALLEL)
        yw_scope_close(run, opener);
}

static void resume(struct yw_run *run, int64_t span_ms)
{
    run->paused = false;
    for (size_t i = 0; i < run->threads.count; i++)
        ((struct yw_run_thread *)yw_vec_at(&run->threads, i))->from_ms += span_ms;
    for (size_t i = 0; i < run->execs.count; i++) {
        struct yw_run_exec *at = yw_vec_at(&run->execs, i);

        at->deadline_ms += at->deadline_ms > 0 ? span_ms : 0;
        at->warns_ms += at->warns_ms > 0 ? span_ms : 0;
        at->timeout_ms += at->timeout_ms > 0 ? span_ms : 0;
        at->branched_ms += span_ms;
    }
}

/* All is as it was when the step began, but for what was done to machines. */
static void rewind_to(struct yw_run *run, const struct yw_event *event)
{
    int step = yw_playbook_step(run->playbook, event->playbook_controlled.step);

    drop_threads(run, 0);
    open_thread(run, 0, 0, step, event);
    if (step < 0)
        return;
    yw_scope_restore(run, step);
    run->exception_used = run->handled[step];
    if (!run->exception_used)
        run->failed_step[0] = run->failed_cause[0] = '\0';
}

static void control(struct yw_run *run, const struct yw_event *event)
{
    const struct yw_ev_playbook_controlled *p = &event->playbook_controlled;
    struct yw_run_exec *exec = yw_walk_exec(run, p->exec);
    struct yw_ev_var var;

    if (strcmp(p->verb, "pause") == 0 && !run->paused) {
        run->paused = true;
        run->with_caller = strcmp(event->actor, YW_RUN_ENGINE) == 0;
        run->paused_ms = event->drill_ms;
    } else if (strcmp(p->verb, "resume") == 0 && run->paused) {
        resume(run, event->drill_ms - run->paused_ms);
    } else if (strcmp(p->verb, "abort") == 0) {
        YW_COPY(run->aborted, p->reason[0] ? p->reason : "by control");
    } else if (strcmp(p->verb, "set") == 0) {
        YW_COPY(var.name, p->name);
        YW_COPY(var.value, p->value);
        yw_scope_set(run, &var);
    } else if (strcmp(p->verb, "rewind") == 0) {
        rewind_to(run, event);
    } else if (exec && strcmp(p->verb, "skip") == 0) {
        exec->forced = YW_STEP_SKIPPED;
    } else if (exec && strcmp(p->verb, "force") == 0) {
        exec->forced = p->ok ? YW_STEP_SUCCESSFULLY_EXECUTED : YW_STEP_FAILED;
    }
}

/* Events about an execution under way. */
static void apply_exec(struct yw_run *run, struct yw_run_exec *exec,
                       const struct yw_event *event)
{
    exec->cause = event->seq;
    switch ((int)event->kind) {
    case YW_EVENT_STEP_BRANCHED:
        branch(run, exec, event);
        break;
    case YW_EVENT_STEP_ASKED:
        ask(exec, event);
        break;
    case YW_EVENT_STEP_WARNED:
        exec->warned = true;
        break;
    case YW_EVENT_STEP_LATE:
        exec->late = true;
        break;
    case YW_EVENT_STEP_ESCALATED:
        exec->escalated = true;
        break;
    case YW_EVENT_STEP_EVIDENCE:
        exec->evidence |= yw_pb_evidence_of(event->step_evidence.form);
        break;
    case YW_EVENT_STEP_ANSWERED:
        answer(exec, event);
        break;
    case YW_EVENT_STEP_CONFIRMED:
        confirm(exec, event);
        break;
    case YW_EVENT_COMMAND_ORDERED:
        order(exec, event);
        break;
    case YW_EVENT_COMMAND_ENDED:
        end_command(run, exec, event);
        break;
    case YW_EVENT_STEP_ENDED:
        end(run, exec, event);
        break;
    default:
        break;
    }
}

void yw_run_apply(struct yw_run *run, const struct yw_event *event)
{
    if (yw_run_of(event) != run->run)
        return;
    run->last_seq = event->seq;
    if (event->kind == YW_EVENT_PLAYBOOK_ENDED) {
        run->active = false;
        run->ok = event->playbook_ended.ok;
    } else if (event->kind == YW_EVENT_PLAYBOOK_CONTROLLED) {
        control(run, event);
    } else if (event->kind == YW_EVENT_STEP_STARTED) {
        start(run, event);
    } else {
        struct yw_run_exec *exec = yw_walk_exec(run, event->step_ref.exec);

        if (exec)
            apply_exec(run, exec, event);
    }
}

const struct yw_run_exec *yw_run_exec(const struct yw_run *run, int64_t exec)
{
    return yw_walk_exec(run, exec);
}

const struct yw_pb_step *yw_run_step(const struct yw_run *run,
                                     const struct yw_run_exec *exec)
{
    return &run->playbook->steps[exec->step];
}
