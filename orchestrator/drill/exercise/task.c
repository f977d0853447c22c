/* What people answer, confirm and prove, and what exercise control orders about runs of
 * playbooks. Words about one question that come together are taken in turn: the first is
 * on its way to the journal, the next is refused. */
#include "drill/exercise/duty.h"
#include "drill/exercise/respond.h"

#include "base/file.h"
#include "base/folder.h"
#include "base/mem.h"
#include "drill/work.h"
#include "model/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct yw_drill_run *find_run(struct yw_drill *drill,
                                     const struct yw_command *command, struct yw_err *err)
{
    struct yw_drill_run *run = yw_respond_run(drill, command->run);
    int mine = command->tier > 0 ? YW_TEAM_OFFICE(command->tier) : command->team;
    if (run == NULL || (mine != -1 && run->run.team != mine)) {
        (void)yw_err_set(err, YW_ENOTFOUND, "no playbook run %lld of this %s",
                         (long long)command->run, command->tier > 0 ? "office" : "team");
        return NULL;
    }
    return run;
}

/* The open question that the command is about, unless somebody's word travels already. */
static const struct yw_run_exec *find_question(const struct yw_drill_run *run,
                                               const char *step, int64_t exec,
                                               struct yw_err *err)
{
    const struct yw_run_exec *at = yw_run_question(&run->run, step, exec, err);
    if (at != NULL && yw_respond_busy(run, at->exec)) {
        (void)yw_err_set(err, YW_ESTATE, "/step: somebody else has just answered");
        return NULL;
    }
    return at;
}

static void begin(struct yw_event *event, enum yw_event_kind kind,
                  const struct yw_command *command, const struct yw_drill_run *run,
                  const struct yw_run_exec *exec)
{
    yw_drill_event(event, kind, run->run.team, command->actor);
    YW_COPY(event->key, command->key);
    event->step_ref.run = run->run.run;
    event->step_ref.exec = exec->exec;
    YW_COPY(event->step_ref.step, yw_run_step(&run->run, exec)->id);
    event->causes[0] = exec->cause;
}

static int say(struct yw_drill *drill, struct yw_drill_run *run, struct yw_event *event,
               struct yw_command *command, struct yw_err *err)
{
    int64_t exec = event->step_ref.exec;
    int code = yw_respond_emit(drill, run, event, -1, &command->ret_seq, err);
    if (code == 0) {
        (void)yw_vec_push(&run->busy, &exec);
    }
    return code;
}

int yw_respond_answer(struct yw_drill *drill, struct yw_command *command,
                      struct yw_err *err)
{
    const struct yw_request_answer *answer = &command->answer;
    struct yw_drill_run *run = find_run(drill, command, err);
    const struct yw_run_exec *exec =
        run == NULL ? NULL : find_question(run, answer->step, answer->exec, err);
    struct yw_event event;
    if (exec == NULL) {
        return run == NULL ? YW_ENOTFOUND : YW_ESTATE;
    }
    begin(&event, YW_EVENT_STEP_ANSWERED, command, run, exec);
    struct yw_ev_step_answered *p = &event.step_answered;
    YW_COPY(p->role, answer->role);
    p->ok = !answer->failed;
    p->var_count = (int64_t)answer->var_count;
    memcpy(p->vars, answer->vars, sizeof p->vars);
    int code = yw_run_check_answer(&run->run, exec, p, err);
    return code == 0 ? say(drill, run, &event, command, err) : code;
}

int yw_respond_confirm(struct yw_drill *drill, struct yw_command *command,
                       struct yw_err *err)
{
    const struct yw_request_task *task = command->task;
    struct yw_drill_run *run = find_run(drill, command, err);
    const struct yw_run_exec *exec =
        run == NULL ? NULL : find_question(run, task->step, task->exec, err);
    struct yw_event event;
    if (exec == NULL) {
        return run == NULL ? YW_ENOTFOUND : YW_ESTATE;
    }
    begin(&event, YW_EVENT_STEP_CONFIRMED, command, run, exec);
    YW_COPY(event.step_confirmed.role, task->role);
    event.step_confirmed.agrees = task->agrees;
    YW_COPY(event.step_confirmed.note, task->note);
    int code = yw_run_check_confirm(&run->run, exec, task->role, command->actor, err);
    return code == 0 ? say(drill, run, &event, command, err) : code;
}

/* ---- evidence ---- */

/* A file is on the disk before the journal names it. */
struct keeping {
    struct yw_work work;
    struct yw_drill *drill;
    struct yw_command *command;
    int64_t exec;
    struct yw_event event;
    char dir[512];
};

static int keep(struct yw_work *work, struct yw_err *err)
{
    struct keeping *keeping = work->owner;
    const struct yw_request_task *task = keeping->command->task;
    char path[640];
    int code = yw_folder_make(keeping->dir, 0700, err);
    (void)snprintf(path, sizeof path, "%s/%s", keeping->dir,
                   keeping->event.step_evidence.hash);
    return code == 0 ? yw_file_write(path, task->bytes, task->size, err) : code;
}

static void kept(struct yw_work *work, int code, const struct yw_err *err)
{
    struct keeping *keeping = work->owner;
    struct yw_drill *drill = keeping->drill;
    struct yw_command *command = keeping->command;
    struct yw_err own = {0};
    struct yw_drill_run *run = NULL;
    if (code == 0) {
        run = find_run(drill, command, &own);
        code = run == NULL ? YW_ENOTFOUND : 0;
        err = &own;
    }
    if (code == 0 && yw_run_exec(&run->run, keeping->exec) == NULL) {
        code = yw_err_set(&own, YW_ESTATE, "/step: the question was closed meanwhile");
    }
    if (code == 0) {
        code = yw_respond_emit(drill, run, &keeping->event, -1, &command->ret_seq, &own);
    }
    if (code == 0 || code == YW_EEXIST) {
        (void)yw_pending_emitted(drill, command, 0, command->ret_seq);
    } else {
        command->done(command, code, err);
    }
    free(keeping);
}

static int start_keeping(struct yw_drill *drill, struct yw_command *command,
                         const struct yw_event *event, struct yw_err *err)
{
    struct keeping *keeping = yw_new(sizeof *keeping);
    keeping->work = (struct yw_work){.run = keep, .done = kept, .owner = keeping};
    keeping->drill = drill;
    keeping->command = command;
    keeping->exec = event->step_evidence.exec;
    keeping->event = *event;
    (void)snprintf(keeping->dir, sizeof keeping->dir, "%s/drills/%s/answers",
                   drill->stage->data_dir, drill->id);
    int code = yw_work_start(drill->conductor, &keeping->work, drill->id, err);
    if (code != 0) {
        free(keeping);
    }
    return code;
}

/* 0, and `done` comes when it is durable. */
int yw_respond_evidence(struct yw_drill *drill, struct yw_command *command,
                        struct yw_err *err)
{
    const struct yw_request_task *task = command->task;
    struct yw_drill_run *run = find_run(drill, command, err);
    const struct yw_run_exec *exec =
        run == NULL ? NULL : yw_run_question(&run->run, task->step, task->exec, err);
    struct yw_event event;
    struct yw_hash hash;
    if (exec == NULL) {
        return run == NULL ? YW_ENOTFOUND : YW_ESTATE;
    }
    int code = yw_run_check_evidence(&run->run, exec, task->role, task->form, err);
    if (code == 0 && task->bytes == NULL && task->text[0] == '\0') {
        code = yw_err_set(err, YW_EINVAL, "/text: evidence needs a text, or data");
    }
    if (code != 0) {
        return code;
    }
    begin(&event, YW_EVENT_STEP_EVIDENCE, command, run, exec);
    YW_COPY(event.step_evidence.role, task->role);
    YW_COPY(event.step_evidence.form, task->form);
    YW_COPY(event.step_evidence.name, task->name);
    YW_COPY(event.step_evidence.text, task->text);
    if (task->bytes == NULL || drill->stage->data_dir[0] == '\0') {
        code = yw_respond_emit(drill, run, &event, -1, &command->ret_seq, err);
        if (code == 0) {
            (void)yw_pending_emitted(drill, command, 0, command->ret_seq);
        }
        return code;
    }
    yw_hash_of(task->bytes, task->size, &hash);
    yw_hash_text(&hash, event.step_evidence.hash);
    event.step_evidence.bytes = (int64_t)task->size;
    return start_keeping(drill, command, &event, err);
}

/* ---- exercise control ---- */

int yw_respond_control(struct yw_drill *drill, struct yw_command *command,
                       struct yw_err *err)
{
    const struct yw_request_task *task = command->task;
    struct yw_drill_run *run = find_run(drill, command, err);
    struct yw_event event;
    if (run == NULL) {
        return YW_ENOTFOUND;
    }
    yw_drill_event(&event, YW_EVENT_PLAYBOOK_CONTROLLED, run->run.team, command->actor);
    YW_COPY(event.key, command->key);
    struct yw_ev_playbook_controlled *p = &event.playbook_controlled;
    p->run = run->run.run;
    p->exec = task->exec;
    p->ok = task->ok;
    YW_COPY(p->verb, task->verb);
    YW_COPY(p->step, task->step);
    YW_COPY(p->name, task->name);
    YW_COPY(p->value, task->value);
    YW_COPY(p->reason, task->reason);
    for (size_t i = 0; p->exec == 0 && p->step[0] != '\0' && i < run->run.execs.count;
         i++) {
        const struct yw_run_exec *exec = yw_vec_at(&run->run.execs, i);
        if (strcmp(yw_run_step(&run->run, exec)->id, p->step) == 0) {
            p->exec = exec->exec;
        }
    }
    int code = yw_run_check_control(&run->run, p, err);
    return code == 0 ? yw_respond_emit(drill, run, &event, -1, &command->ret_seq, err)
                     : code;
}

/* ---- starting ---- */

static void give(struct yw_ev_playbook_started *p, const char *name, const char *value)
{
    for (int64_t i = 0; i < p->var_count; i++) {
        if (strcmp(p->vars[i].name, name) == 0) {
            return;
        }
    }
    if (p->var_count < YW_EVENT_VARS_MAX) {
        YW_COPY(p->vars[p->var_count].name, name);
        YW_COPY(p->vars[p->var_count++].value, value);
    }
}

void yw_respond_name(struct yw_drill *drill, int team, const struct yw_playbook *playbook,
                     struct yw_event *event)
{
    struct yw_ev_playbook_started *p = &event->playbook_started;
    p->run = ++drill->next_run;
    YW_COPY(p->id, playbook->id);
    p->name = playbook->name;
    p->hidden = !yw_tlp_lets(playbook->marking, YW_READER_TEAM);
    for (size_t i = 0; i < playbook->var_count; i++) {
        if (playbook->vars[i].external && strcmp(playbook->vars[i].name, "drill") == 0) {
            give(p, "drill", drill->id);
        }
        if (team >= 0 && playbook->vars[i].external &&
            strcmp(playbook->vars[i].name, "team") == 0) {
            give(p, "team", drill->plan->teams[team]);
        }
    }
}

/* The day that the exercise plays on; without one, today. */
static void format_now(const struct yw_drill *drill, char ret[32])
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    int64_t now_us = yw_clock_wall_us(drill->stage->clock);
    if (state->duty_planned) {
        now_us = (state->duty_plan.start_local_s - YW_DUTY_CHINA_S) * 1000000 +
                 yw_drill_now(drill) * 1000;
    }
    yw_clock_format_utc(now_us, ret);
}

int yw_respond_start(struct yw_drill *drill, int team, size_t index, const char *actor,
                     const char *override, struct yw_event *event, struct yw_err *err)
{
    const struct yw_playbook *playbook = drill->playbooks[index];
    const char *name = NULL, *value;
    char now[32];
    format_now(drill, now);
    const char *barred = yw_playbook_barred(playbook, now);
    if (barred != NULL && override[0] == '\0') {
        return yw_err_set(err, YW_ESTATE, "playbook '%s' does not start: %s",
                          drill->spec->playbooks[index].name, barred);
    }
    yw_drill_event(event, YW_EVENT_PLAYBOOK_STARTED, team, actor);
    yw_respond_name(drill, team, playbook, event);
    while (yw_pairs_next(drill->spec->playbooks[index].vars, &name, &value)) {
        give(&event->playbook_started, name, value);
    }
    YW_COPY(event->playbook_started.playbook, drill->spec->playbooks[index].name);
    if (barred != NULL) {
        YW_COPY(event->playbook_started.override, override);
    }
    return 0;
}

int yw_respond_office(struct yw_drill *drill, size_t index, int team,
                      struct yw_event *event, struct yw_err *err)
{
    const struct yw_spec_playbook *playbook = &drill->spec->playbooks[index];
    struct yw_event started;
    int code = yw_respond_start(drill, YW_TEAM_OFFICE(yw_spec_tier(playbook->office)),
                                index, "core", "", &started, err);
    if (code != 0) {
        return code;
    }
    YW_COPY(started.key, event->key);
    memcpy(started.causes, event->causes, sizeof started.causes);
    *event = started;
    if (yw_playbook_var(drill->playbooks[index], "team") >= 0) {
        give(&event->playbook_started, "team", drill->plan->teams[team]);
    }
    return 0;
}

int yw_respond_order(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err)
{
    const struct yw_request_task *task = command->task;
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_event event;
    int team = state->teams.count == 1 && task->team[0] == '\0' ? 0 : -1;
    for (size_t i = 0; i < state->teams.count; i++) {
        const struct yw_team_fold *fold = yw_vec_at(&state->teams, i);
        team = strcmp(fold->name, task->team) == 0 ? (int)i : team;
    }
    if (team < 0) {
        return yw_err_set(err, YW_ENOTFOUND, "/team: no team '%s'", task->team);
    }
    if (drill->runs.count >= YW_DRILL_RUNS_MAX) {
        return yw_err_set(err, YW_ELIMIT, "more than %d playbook runs",
                          YW_DRILL_RUNS_MAX);
    }
    for (size_t i = 0; i < drill->spec->playbook_count; i++) {
        if (strcmp(drill->spec->playbooks[i].name, task->playbook) != 0) {
            continue;
        }
        if (drill->spec->playbooks[i].office[0] != '\0') {
            return yw_err_set(err, YW_EINVAL,
                              "/playbook: '%s' is an office's own: a report starts it",
                              task->playbook);
        }
        int code =
            yw_respond_start(drill, team, i, command->actor, task->reason, &event, err);
        YW_COPY(event.key, command->key);
        return code == 0 ? yw_drill_emit(drill, &event, &command->ret_seq, err) : code;
    }
    return yw_err_set(err, YW_ENOTFOUND, "/playbook: the scenario has no playbook '%s'",
                      task->playbook);
}
