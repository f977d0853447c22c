/* What people order about points in time and stops becomes events. */
#include "drill/order/order.h"

#include "base/mem.h"

#include <string.h>

static int not_now(const struct yw_drill *drill, const char *what, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->stopped) {
        return yw_err_set(err, YW_ESTATE, "drill '%s' is stopped: resume it, then %s",
                          drill->id, what);
    }
    return yw_err_set(err, YW_ESTATE, "drill '%s' is %s: cannot %s", drill->id,
                      yw_phase_name(state->phase), what);
}

/* Machines serve from ready to the end of the drill. */
static bool serves(const struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    return (state->phase == YW_PHASE_READY || state->phase == YW_PHASE_RUNNING ||
            state->phase == YW_PHASE_PAUSED) &&
           !state->range_pending;
}

/* -1 and `may_all` for "": the whole drill. The only team needs no name. */
static int find_team(const struct yw_drill *drill, const char *name, bool may_all,
                     int *ret_team, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    *ret_team = -1;
    for (size_t i = 0; i < state->teams.count; i++) {
        const struct yw_team_fold *team = yw_vec_at(&state->teams, i);
        if (strcmp(team->name, name) == 0) {
            *ret_team = (int)i;
        }
    }
    if (name[0] == '\0' && !may_all && state->teams.count == 1) {
        *ret_team = 0;
    }
    if (*ret_team < 0 && (name[0] != '\0' || !may_all)) {
        return name[0] == '\0'
                   ? yw_err_set(err, YW_EINVAL, "/team: missing; there are %zu teams",
                                state->teams.count)
                   : yw_err_set(err, YW_ENOTFOUND, "/team: no team '%s'", name);
    }
    return 0;
}

int yw_order_machine(const struct yw_drill *drill, const struct yw_request_point *request,
                     int *ret_team, struct yw_err *err)
{
    int code = find_team(drill, request->team, false, ret_team, err);
    if (code == 0 &&
        yw_drill_machine(yw_drill_state(drill), *ret_team, request->machine) == NULL) {
        code = yw_err_set(err, YW_ENOTFOUND, "/machine: no machine '%s' of this team",
                          request->machine);
    }
    return code;
}

static int emit_order(struct yw_drill *drill, struct yw_command *command,
                      struct yw_event *event, struct yw_err *err)
{
    int64_t seq = 0;
    YW_COPY(event->key, command->key);
    int code = yw_drill_emit(drill, event, &seq, err);
    return code != 0 ? code : yw_pending_order(drill, command, seq);
}

/* What a team may do by itself: its own machines, so often as the scenario says. */
static int check_own_reset(const struct yw_drill *drill, const struct yw_command *command,
                           int team, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_team_fold *fold = yw_drill_team(state, team);
    const struct yw_machine_fold *machine =
        yw_drill_machine(state, team, command->point.machine);
    if (team != command->team || (machine != NULL && machine->hidden)) {
        return yw_err_set(err, YW_ENOTFOUND, "/machine: no machine '%s' of this team",
                          command->point.machine);
    }
    if (strcmp(command->point.to, YW_DRILL_POINT_START) != 0) {
        return yw_err_set(err, YW_EDENIED, "/to: teams go back to '%s'",
                          YW_DRILL_POINT_START);
    }
    if (state->resets_quota == 0) {
        return yw_err_set(err, YW_EDENIED, "in this scenario teams reset no machines");
    }
    int64_t under_way = 0; /* orders on their way to the journal are not in the fold */
    for (size_t i = 0; i < drill->pending.count; i++) {
        const struct yw_drill_pending *pending = yw_vec_at(&drill->pending, i);
        under_way += pending->command->kind == YW_COMMAND_RESET &&
                     pending->command->team == team && pending->order > state->seq;
    }
    if (fold == NULL || fold->resets + under_way >= state->resets_quota) {
        return yw_err_set(err, YW_EDENIED, "all %lld resets of this team are used",
                          (long long)state->resets_quota);
    }
    return 0;
}

static int reset(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_request_point *request = &command->point;
    bool own = command->team >= 0;
    int team = command->team;
    struct yw_event event;
    if (!serves(drill) || state->stopped) {
        return not_now(drill, "reset machines", err);
    }
    if (request->to[0] == '\0') {
        YW_COPY(request->to, YW_DRILL_POINT_START);
    }
    int code = own && request->team[0] == '\0'
                   ? 0
                   : find_team(drill, request->team, false, &team, err);
    if (code == 0 && request->machine[0] != '\0' &&
        yw_drill_machine(state, team, request->machine) == NULL) {
        code = yw_err_set(err, YW_ENOTFOUND, "/machine: no machine '%s' of this team",
                          request->machine);
    }
    if (code == 0 && own) {
        code = check_own_reset(drill, command, team, err);
    }
    if (code == 0 && yw_drill_point(state, team, request->to) == NULL) {
        code = yw_err_set(err, YW_ENOTFOUND, "/to: there is no point '%s'", request->to);
    }
    if (code == 0 && own) {
        code = yw_duty_change(drill, command, request->machine, request->reason, err);
    }
    if (code != 0) {
        return code;
    }
    const struct yw_machine_fold *machine =
        yw_drill_machine(state, team, request->machine);
    yw_drill_event(&event, YW_EVENT_RESET_ORDERED, team, command->actor);
    event.reset_ordered.reset = yw_drill_number(&drill->next_reset, state->last_reset);
    YW_COPY(event.reset_ordered.machine, request->machine);
    YW_COPY(event.reset_ordered.point, request->to);
    event.reset_ordered.all = !own;
    event.reset_ordered.counted = own;
    event.reset_ordered.hidden = machine != NULL && machine->hidden;
    return emit_order(drill, command, &event, err);
}

static int checkpoint(struct yw_drill *drill, struct yw_command *command,
                      struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_event event;
    size_t kept = 0;
    int team = -1;
    if (!serves(drill) || state->stopped) {
        return not_now(drill, "make a checkpoint", err);
    }
    int code = find_team(drill, command->point.team, true, &team, err);
    if (code != 0) {
        return code;
    }
    for (size_t i = 0; i < state->checkpoints.count; i++) {
        const struct yw_checkpoint_fold *fold = yw_vec_at(&state->checkpoints, i);
        kept += fold->state == YW_CHECKPOINT_KEPT || fold->state == YW_CHECKPOINT_ORDERED;
    }
    if (kept + YW_SPEC_TEAMS_MAX >= YW_DRILL_CHECKPOINTS_MAX) {
        return yw_err_set(err, YW_ELIMIT, "%zu checkpoints are kept: drop some first",
                          kept);
    }
    yw_drill_event(&event, YW_EVENT_CHECKPOINT_ORDERED, team, command->actor);
    struct yw_ev_checkpoint_ordered *ordered = &event.checkpoint_ordered;
    ordered->checkpoint =
        yw_drill_number(&drill->next_checkpoint, state->last_checkpoint);
    (void)yw_copyf(ordered->point, sizeof ordered->point, "c%lld",
                   (long long)ordered->checkpoint);
    YW_COPY(ordered->label,
            command->point.label[0] != '\0' ? command->point.label : ordered->point);
    command->ret_number = ordered->checkpoint;
    return emit_order(drill, command, &event, err);
}

/* To go back to it, or to drop it. */
static int use_checkpoint(struct yw_drill *drill, struct yw_command *command,
                          enum yw_event_kind kind, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_checkpoint_fold *kept = yw_drill_checkpoint(state, command->number);
    struct yw_event event;
    if (!serves(drill) || state->stopped) {
        return not_now(drill, "use a checkpoint", err);
    }
    if (kept == NULL || kept->state != YW_CHECKPOINT_KEPT) {
        return yw_err_set(err, YW_ENOTFOUND, "no checkpoint %lld is kept",
                          (long long)command->number);
    }
    yw_drill_event(&event, kind, kept->team, command->actor);
    event.checkpoint_ref.checkpoint = kept->checkpoint;
    YW_COPY(event.checkpoint_ref.label, kept->label);
    command->ret_number = kept->checkpoint;
    return emit_order(drill, command, &event, err);
}

static int evidence(struct yw_drill *drill, struct yw_command *command,
                    struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_event event;
    int team = -1;
    int code = yw_order_machine(drill, &command->point, &team, err);
    if (code != 0) {
        return code;
    }
    if (state->phase < YW_PHASE_READY || state->phase > YW_PHASE_ENDED) {
        return not_now(drill, "keep evidence", err);
    }
    yw_drill_event(&event, YW_EVENT_EVIDENCE_ORDERED, team, command->actor);
    event.evidence_ordered.evidence =
        yw_drill_number(&drill->next_evidence, state->last_evidence);
    YW_COPY(event.evidence_ordered.machine, command->point.machine);
    YW_COPY(event.evidence_ordered.reason, command->point.reason);
    command->ret_number = event.evidence_ordered.evidence;
    return emit_order(drill, command, &event, err);
}

static int stop(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_event event;
    if (state->phase == YW_PHASE_PLANNED || state->phase == YW_PHASE_ARCHIVED) {
        return not_now(drill, "stop it", err);
    }
    yw_drill_event(&event, YW_EVENT_STOP_ORDERED, -1, command->actor);
    YW_COPY(event.stop_ordered.reason, command->text);
    int code = emit_order(drill, command, &event, err);
    if (code == 0 && drill->room == YW_JOURNAL_NONE) {
        yw_order_stop_now(drill, event.seq);
    }
    if (code == 0 && state->phase == YW_PHASE_RUNNING) {
        yw_drill_phase(drill, YW_PHASE_PAUSED, command->actor, command->text);
    }
    return code;
}

static int thaw(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_event event;
    for (size_t i = 0; i < state->orders.count; i++) {
        const struct yw_order_fold *order = yw_vec_at(&state->orders, i);
        if (order->kind == YW_EVENT_STOP_ORDERED ||
            order->kind == YW_EVENT_THAW_ORDERED) {
            return yw_err_set(
                err, YW_ESTATE, "drill '%s': it is still being %s", drill->id,
                order->kind == YW_EVENT_STOP_ORDERED ? "stopped" : "thawed");
        }
    }
    if (state->phase >= YW_PHASE_ENDED) {
        return not_now(drill, "resume it", err);
    }
    yw_drill_event(&event, YW_EVENT_THAW_ORDERED, -1, command->actor);
    YW_COPY(event.thaw_ordered.reason, command->text);
    return emit_order(drill, command, &event, err);
}

int yw_order_command(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err)
{
    switch ((int)command->kind) {
    case YW_COMMAND_RESET:
        return reset(drill, command, err);
    case YW_COMMAND_CHECKPOINT:
        return checkpoint(drill, command, err);
    case YW_COMMAND_RESTORE:
        return use_checkpoint(drill, command, YW_EVENT_CHECKPOINT_RESTORE_ORDERED, err);
    case YW_COMMAND_DROP:
        return use_checkpoint(drill, command, YW_EVENT_CHECKPOINT_DROP_ORDERED, err);
    case YW_COMMAND_EVIDENCE:
        return evidence(drill, command, err);
    case YW_COMMAND_STOP:
        return stop(drill, command, err);
    default: /* a resume from a stop */
        return thaw(drill, command, err);
    }
}
