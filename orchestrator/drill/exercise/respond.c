/* Playbook runs: ask the pure run what comes next, journal it, do it. */
#include "drill/exercise/respond.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static struct yw_drill_run *run_at(const struct yw_drill *drill, size_t index)
{
    return *(struct yw_drill_run **)yw_vec_at(&drill->runs, index);
}

struct yw_drill_run *yw_respond_run(const struct yw_drill *drill, int64_t number)
{
    for (size_t i = 0; i < drill->runs.count; i++) {
        if (run_at(drill, i)->run.run == number) {
            return run_at(drill, i);
        }
    }
    return NULL;
}

/* The playbook of this CACAO id, the scenario's own first. */
static const struct yw_playbook *playbook_of(const struct yw_drill *drill, const char *id)
{
    for (size_t i = 0; i < drill->spec->playbook_count; i++) {
        if (strcmp(drill->playbooks[i]->id, id) == 0) {
            return drill->playbooks[i];
        }
    }
    for (size_t i = 0; i < drill->called.count; i++) {
        const struct yw_playbook *playbook =
            *(struct yw_playbook **)yw_vec_at(&drill->called, i);
        if (strcmp(playbook->id, id) == 0) {
            return playbook;
        }
    }
    return NULL;
}

/* ---- folding ---- */

static void start_run(struct yw_drill *drill, const struct yw_event *event)
{
    const struct yw_ev_playbook_started *p = &event->playbook_started;
    const struct yw_playbook *playbook = playbook_of(drill, p->id);
    struct yw_drill_run *caller = yw_respond_run(drill, p->caller);
    if (caller != NULL && caller->in_flight > 0) {
        caller->in_flight--;
    }
    if (playbook == NULL) {
        return; /* the scenario no longer has it */
    }
    struct yw_drill_run *run = yw_new(sizeof *run);
    run->due_ms = INT64_MAX;
    run->engine_exec = -1;
    yw_vec_init(&run->busy, sizeof(int64_t), YW_RUN_THREADS_MAX);
    yw_vec_init(&run->effects, sizeof(struct yw_drill_effect), YW_RUN_THREADS_MAX);
    yw_run_init(&run->run, playbook, event);
    if (yw_vec_push(&drill->runs, &run) == NULL) {
        yw_run_fini(&run->run);
        free(run);
    }
}

static void settle(struct yw_drill_run *run, const struct yw_event *event)
{
    run->in_flight -= run->in_flight > 0;
    if (run->in_flight == 0) {
        run->engine_exec = -1;
    }
    for (size_t i = run->busy.count; i-- > 0;) {
        if (*(int64_t *)yw_vec_at(&run->busy, i) == event->step_ref.exec) {
            yw_vec_remove(&run->busy, i);
        }
    }
}

void yw_respond_fold(struct yw_drill *drill, const struct yw_event *event)
{
    int64_t number = yw_run_of(event);
    if (event->kind == YW_EVENT_PLAYBOOK_STARTED) {
        start_run(drill, event);
        return;
    }
    for (size_t i = 0; i < drill->runs.count; i++) {
        struct yw_drill_run *run = run_at(drill, i);
        if (number > 0 && run->run.run == number) {
            yw_run_apply(&run->run, event);
            settle(run, event);
        }
        yw_effect_fold(run, event);
    }
}

bool yw_respond_started(const struct yw_drill *drill, int team, const char *name)
{
    for (size_t i = 0; i < drill->runs.count; i++) {
        const struct yw_run *run = &run_at(drill, i)->run;
        if (run->team == team && run->caller == 0 && strcmp(run->name, name) == 0) {
            return true;
        }
    }
    return false;
}

void yw_respond_free(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->runs.count; i++) {
        struct yw_drill_run *run = run_at(drill, i);
        yw_run_fini(&run->run);
        yw_vec_fini(&run->busy);
        yw_vec_fini(&run->effects);
        free(run);
    }
    for (size_t i = 0; i < drill->called.count; i++) {
        yw_playbook_free(*(struct yw_playbook **)yw_vec_at(&drill->called, i));
    }
    yw_vec_fini(&drill->runs);
    yw_vec_fini(&drill->called);
}

/* ---- emitting ---- */

/* People name what they see on the wire: an address of theirs stands for its machine. */
static void name_machine(const struct yw_drill *drill, int team, char name[YW_NAME_MAX])
{
    const struct yw_team_fold *fold = yw_drill_team(yw_drill_state(drill), team);
    size_t size = strlen(name);
    for (size_t i = 0; fold != NULL && size > 0 && i < fold->machines.count; i++) {
        const struct yw_machine_fold *machine = yw_vec_at(&fold->machines, i);
        for (const char *at = machine->addresses; *at != '\0';
             at += strcspn(at, " "), at += strspn(at, " ")) {
            if (strncmp(at, name, size) == 0 && at[size] == '/') {
                (void)yw_copy(name, YW_NAME_MAX, machine->name);
                return;
            }
        }
    }
}

/* Who leads is said by the scenario: a role of the tier that the run is of. */
static void name_leader(const struct yw_drill *drill, int team,
                        struct yw_ev_step_asked *asked)
{
    const char *tier = yw_spec_tier_name(YW_TEAM_TIER(team));
    for (size_t i = 0; i < drill->spec->tier_count; i++) {
        const struct yw_spec_tier *own = &drill->spec->tiers[i];
        if (own->leader[0] == '\0' || strcmp(own->name, tier) != 0) {
            continue;
        }
        char *const said[] = {asked->role, asked->escalates, asked->confirms};
        for (size_t k = 0; k < sizeof said / sizeof said[0]; k++) {
            if (strcmp(said[k], YW_RUN_LEADER) == 0) {
                (void)yw_copy(said[k], YW_NAME_MAX, own->leader);
            }
        }
    }
}

int yw_respond_emit(struct yw_drill *drill, struct yw_drill_run *run,
                    struct yw_event *event, int64_t exec, int64_t *ret_seq,
                    struct yw_err *err)
{
    event->team = run->run.team;
    if (event->actor[0] == '\0') {
        YW_COPY(event->actor, YW_RUN_ENGINE);
    }
    if (event->causes[0] == 0) {
        event->causes[0] = run->run.last_seq;
    }
    if (event->kind == YW_EVENT_COMMAND_ORDERED) {
        name_machine(drill, event->team, event->command_ordered.machine);
    } else if (event->kind == YW_EVENT_STEP_ASKED) {
        name_leader(drill, event->team, &event->step_asked);
    }
    yw_run_conceal(&run->run, event);
    int code = yw_drill_emit(drill, event, ret_seq, err);
    if (code == 0) {
        run->in_flight++;
        run->engine_exec = exec >= 0 ? exec : run->engine_exec;
    }
    return code;
}

bool yw_respond_busy(const struct yw_drill_run *run, int64_t exec)
{
    if (run->in_flight > 0 && (run->engine_exec == exec || run->engine_exec == 0)) {
        return true;
    }
    for (size_t i = 0; i < run->busy.count; i++) {
        if (*(int64_t *)yw_vec_at(&run->busy, i) == exec) {
            return true;
        }
    }
    return false;
}

/* ---- playbooks that call playbooks: executor rule 9 ---- */

static struct yw_drill_run *called_by(const struct yw_drill *drill, int64_t run,
                                      int64_t exec)
{
    for (size_t i = 0; i < drill->runs.count; i++) {
        if (run_at(drill, i)->run.caller == run &&
            run_at(drill, i)->run.caller_exec == exec) {
            return run_at(drill, i);
        }
    }
    return NULL;
}

/* NULL: it may be called; else why not. */
static const char *call_flaw(const struct yw_drill *drill, const struct yw_drill_run *run,
                             const char *id)
{
    int depth = 1;
    if (playbook_of(drill, id) == NULL) {
        return "there is no such playbook";
    }
    for (const struct yw_drill_run *at = run; at != NULL;
         at = yw_respond_run(drill, at->run.caller)) {
        if (strcmp(at->run.playbook->id, id) == 0) {
            return "the playbook would call itself";
        }
        if (++depth > YW_RUN_CALLS_MAX) {
            return "too many playbooks call each other";
        }
    }
    return drill->runs.count == drill->runs.max ? "too many playbook runs" : NULL;
}

static void call(struct yw_drill *drill, struct yw_drill_run *run,
                 const struct yw_run_exec *exec)
{
    const char *id = yw_run_step(&run->run, exec)->playbook;
    const struct yw_drill_run *called = called_by(drill, run->run.run, exec->exec);
    const char *flaw = called == NULL ? call_flaw(drill, run, id) : NULL;
    struct yw_event event;
    if (run->in_flight > 0 || (called != NULL && called->run.active)) {
        return;
    }
    if (called != NULL || flaw != NULL) {
        yw_run_called_ended(&run->run, exec, called != NULL ? &called->run : NULL,
                            flaw != NULL ? flaw : "", &event);
        (void)yw_respond_emit(drill, run, &event, exec->exec, NULL, NULL);
        return;
    }
    yw_run_call(&run->run, exec, &event);
    yw_respond_name(drill, run->run.team, playbook_of(drill, id), &event);
    (void)yw_respond_emit(drill, run, &event, exec->exec, NULL, NULL);
}

/* Whoever called it has given it up. */
static bool is_orphan(const struct yw_drill *drill, const struct yw_drill_run *run)
{
    const struct yw_drill_run *caller = yw_respond_run(drill, run->run.caller);
    return run->run.caller > 0 &&
           (caller == NULL || !caller->run.active ||
            yw_run_exec(&caller->run, run->run.caller_exec) == NULL);
}

/* A pause of the caller is a pause of what it called. */
static bool follow_caller(struct yw_drill *drill, struct yw_drill_run *run)
{
    const struct yw_drill_run *caller = yw_respond_run(drill, run->run.caller);
    struct yw_event event = {.kind = YW_EVENT_PLAYBOOK_CONTROLLED};
    struct yw_ev_playbook_controlled *p = &event.playbook_controlled;
    if (caller == NULL || caller->run.paused == run->run.paused ||
        (run->run.paused && !run->run.with_caller)) {
        return false;
    }
    p->run = run->run.run;
    YW_COPY(p->verb, caller->run.paused ? "pause" : "resume");
    YW_COPY(p->reason,
            caller->run.paused ? "what called it is paused" : "what called it goes on");
    event.causes[0] = caller->run.last_seq;
    return yw_respond_emit(drill, run, &event, 0, NULL, NULL) == 0;
}

/* ---- going on ---- */

static void poke(struct yw_drill *drill, struct yw_drill_run *run)
{
    struct yw_run_todo todo;
    run->due_ms = INT64_MAX;
    if (!run->run.active || run->in_flight > 0) {
        return;
    }
    if (is_orphan(drill, run)) {
        memset(&todo, 0, sizeof todo);
        todo.event.kind = YW_EVENT_PLAYBOOK_ENDED;
        todo.event.playbook_ended.run = run->run.run;
        YW_COPY(todo.event.playbook_ended.detail, "what called it has ended");
        (void)yw_respond_emit(drill, run, &todo.event, 0, NULL, NULL);
        return;
    }
    if (follow_caller(drill, run)) {
        return;
    }
    yw_run_next(&run->run, yw_drill_now(drill), &todo);
    if (todo.append) {
        bool whole = todo.event.kind == YW_EVENT_PLAYBOOK_ENDED;
        (void)yw_respond_emit(drill, run, &todo.event,
                              whole ? 0 : todo.event.step_ref.exec, NULL, NULL);
        return;
    }
    run->due_ms = todo.due_ms;
    for (size_t i = 0; i < run->run.execs.count; i++) {
        const struct yw_run_exec *exec = yw_vec_at(&run->run.execs, i);
        if (yw_run_step(&run->run, exec)->type == YW_PB_PLAYBOOK) {
            call(drill, run, exec);
        }
    }
    yw_effect_go(drill, run);
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
        if (run->run.active && run->in_flight == 0 && run->due_ms < due_ms) {
            due_ms = run->due_ms;
        }
    }
    return due_ms;
}
