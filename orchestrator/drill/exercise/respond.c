/* Playbook runs: ask the pure run what comes next, journal it, do it. */
#include "drill/drill.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static struct yw_drill_run *run_at(const struct yw_drill *drill, size_t index)
{
    return *(struct yw_drill_run **)yw_vec_at(&drill->runs, index);
}

static int64_t run_of(const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_STEP_STARTED:
        return event->step_started.run;
    case YW_EVENT_STEP_ENDED:
        return event->step_ended.run;
    case YW_EVENT_STEP_LATE:
        return event->step_late.run;
    case YW_EVENT_STEP_ANSWERED:
        return event->step_answered.run;
    case YW_EVENT_PLAYBOOK_ENDED:
        return event->playbook_ended.run;
    default:
        return 0;
    }
}

static void start_run(struct yw_drill *drill, const struct yw_event *event)
{
    for (size_t i = 0; i < drill->spec->playbook_count; i++) {
        if (strcmp(drill->spec->playbooks[i].name, event->playbook_started.playbook) ==
            0) {
            struct yw_drill_run *run = yw_new(sizeof *run);
            run->playbook = drill->playbooks[i];
            run->due_ms = INT64_MAX;
            yw_run_init(&run->run, event);
            if (yw_vec_push(&drill->runs, &run) == NULL) {
                free(run);
            }
            return;
        }
    }
}

void yw_respond_fold(struct yw_drill *drill, const struct yw_event *event)
{
    if (event->kind == YW_EVENT_PLAYBOOK_STARTED) {
        start_run(drill, event);
        return;
    }
    int64_t number = run_of(event);
    for (size_t i = 0; number > 0 && i < drill->runs.count; i++) {
        struct yw_drill_run *run = run_at(drill, i);
        if (run->run.run == number) {
            yw_run_apply(&run->run, event);
            run->emitted = false;
        }
    }
}

static void emit_for(struct yw_drill *drill, struct yw_drill_run *run,
                     struct yw_event *event)
{
    event->team = run->run.team;
    if (event->actor[0] == '\0') {
        YW_COPY(event->actor, "playbook");
    }
    if (event->causes[0] == 0) {
        event->causes[0] =
            run->run.step_seq > 0 ? run->run.step_seq : run->run.started_seq;
    }
    run->emitted = true;
    (void)yw_drill_emit(drill, event, NULL, NULL);
}

/* Isolate or rejoin: the link is ordered once for this step; the step ends when the link has
 * changed after that order. */
static void do_command(struct yw_drill *drill, struct yw_drill_run *run,
                       const struct yw_run_todo *todo)
{
    const struct yw_machine_fold *machine =
        yw_drill_machine(yw_drill_state(drill), run->run.team, todo->machine);
    struct yw_event event;
    if (machine == NULL) {
        yw_run_command_ended(&run->run, run->playbook, false, "no such machine", &event);
        emit_for(drill, run, &event);
        return;
    }
    bool up = todo->step->command == YW_PB_REJOIN;
    if (machine->link_ordered_seq <= run->run.step_seq) {
        if (run->ordered_step_seq == run->run.step_seq) {
            return; /* on its way to the journal */
        }
        yw_drill_event(&event, YW_EVENT_LINK_ORDERED, run->run.team, "playbook");
        YW_COPY(event.link_ordered.machine, todo->machine);
        event.link_ordered.up = up;
        event.causes[0] = run->run.step_seq;
        (void)yw_drill_emit(drill, &event, NULL, NULL);
        run->ordered_step_seq = run->run.step_seq;
        return;
    }
    if (machine->link_seq > machine->link_ordered_seq && machine->link_up == up) {
        yw_run_command_ended(&run->run, run->playbook, true,
                             up ? "link is up" : "link is cut", &event);
        event.causes[0] = machine->link_seq;
        emit_for(drill, run, &event);
    }
}

static void poke(struct yw_drill *drill, struct yw_drill_run *run)
{
    struct yw_run_todo todo;
    run->due_ms = INT64_MAX;
    if (!run->run.active || run->emitted) {
        return;
    }
    yw_run_next(&run->run, run->playbook, yw_drill_now(drill), &todo);
    run->due_ms = todo.due_ms;
    switch (todo.verb) {
    case YW_RUN_NOTHING:
        break;
    case YW_RUN_COMMAND:
        do_command(drill, run, &todo);
        break;
    case YW_RUN_START:
    case YW_RUN_END_STEP:
    case YW_RUN_LATE:
    case YW_RUN_END:
        emit_for(drill, run, &todo.event);
        break;
    }
}

void yw_respond_poke(struct yw_drill *drill)
{
    if (yw_drill_state(drill)->phase != YW_PHASE_RUNNING || drill->broken) {
        return;
    }
    for (size_t i = 0; i < drill->runs.count; i++) {
        poke(drill, run_at(drill, i));
    }
}

int64_t yw_respond_due(const struct yw_drill *drill)
{
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < drill->runs.count; i++) {
        const struct yw_drill_run *run = run_at(drill, i);
        if (run->run.active && !run->emitted && run->due_ms < due_ms) {
            due_ms = run->due_ms;
        }
    }
    return due_ms;
}

void yw_respond_command_failed(struct yw_drill *drill, int team, const char *machine,
                               const char *why)
{
    for (size_t i = 0; i < drill->runs.count; i++) {
        struct yw_drill_run *run = run_at(drill, i);
        struct yw_run_todo todo;
        if (run->run.team != team || !run->run.active || run->emitted) {
            continue;
        }
        yw_run_next(&run->run, run->playbook, yw_drill_now(drill), &todo);
        if (todo.verb == YW_RUN_COMMAND && strcmp(todo.machine, machine) == 0) {
            struct yw_event event;
            yw_run_command_ended(&run->run, run->playbook, false, why, &event);
            emit_for(drill, run, &event);
        }
    }
}

int yw_respond_answer(struct yw_drill *drill, struct yw_command *command,
                      struct yw_err *err)
{
    for (size_t i = 0; i < drill->runs.count; i++) {
        struct yw_drill_run *run = run_at(drill, i);
        if (run->run.run != command->run || run->run.team != command->team) {
            continue;
        }
        if (run->emitted) {
            return yw_err_set(err, YW_ESTATE, "/step: somebody else has just answered");
        }
        const struct yw_request_answer *answer = &command->answer;
        int code =
            yw_run_check_answer(&run->run, run->playbook, answer->step, answer->role,
                                answer->vars, answer->var_count, err);
        if (code != 0) {
            return code;
        }
        struct yw_event event;
        yw_drill_event(&event, YW_EVENT_STEP_ANSWERED, command->team, command->actor);
        YW_COPY(event.key, command->key);
        event.step_answered.run = run->run.run;
        YW_COPY(event.step_answered.step, answer->step);
        YW_COPY(event.step_answered.role, answer->role);
        event.step_answered.var_count = (int64_t)answer->var_count;
        memcpy(event.step_answered.vars, answer->vars, sizeof event.step_answered.vars);
        event.causes[0] = run->run.step_seq;
        code = yw_drill_emit(drill, &event, &command->ret_seq, err);
        if (code == 0) {
            run->emitted = true;
        }
        return code;
    }
    return yw_err_set(err, YW_ENOTFOUND, "no playbook run %lld of this team",
                      (long long)command->run);
}
