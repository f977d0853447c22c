/* Orders about points in time, stops, programs and files of machines: what is under way,
 * what is kept. An outcome names its order in causes[0]. */
#include "base/mem.h"
#include "model/fold/drill_inside.h"

#include <string.h>

#define REQUESTS_AHEAD 1000 /* more than a machine is asked while it is being saved */

void yw_drill_point_init(struct yw_drill_state *state)
{
    yw_drill_capture_init(state);
    yw_vec_init(&state->orders, sizeof(struct yw_order_fold), YW_DRILL_ORDERS_MAX);
    yw_vec_init(&state->checkpoints, sizeof(struct yw_checkpoint_fold),
                YW_DRILL_CHECKPOINTS_MAX);
}

static void checkpoint_fini(struct yw_checkpoint_fold *checkpoint)
{
    yw_vec_fini(&checkpoint->plants);
    yw_vec_fini(&checkpoint->links);
}

void yw_drill_point_fini(struct yw_drill_state *state)
{
    for (size_t i = 0; i < state->checkpoints.count; i++)
        checkpoint_fini(yw_vec_at(&state->checkpoints, i));
    yw_vec_fini(&state->checkpoints);
    yw_vec_fini(&state->orders);
    yw_drill_capture_fini(state);
}

enum yw_event_kind yw_order_outcome(enum yw_event_kind order)
{
    switch ((int)order) {
    case YW_EVENT_ACTION_ORDERED:
        return YW_EVENT_ACTION_ENDED;
    case YW_EVENT_EXEC_ORDERED:
        return YW_EVENT_EXEC_ENDED;
    case YW_EVENT_RESET_ORDERED:
        return YW_EVENT_RESET_ENDED;
    case YW_EVENT_CHECKPOINT_ORDERED:
        return YW_EVENT_CHECKPOINT_ENDED;
    case YW_EVENT_CHECKPOINT_RESTORE_ORDERED:
        return YW_EVENT_CHECKPOINT_RESTORED;
    case YW_EVENT_CHECKPOINT_DROP_ORDERED:
        return YW_EVENT_CHECKPOINT_DROPPED;
    case YW_EVENT_EVIDENCE_ORDERED:
        return YW_EVENT_EVIDENCE_KEPT;
    case YW_EVENT_STOP_ORDERED:
        return YW_EVENT_STOP_ENDED;
    case YW_EVENT_THAW_ORDERED:
        return YW_EVENT_THAW_ENDED;
    case YW_EVENT_FILE_ORDERED:
        return YW_EVENT_FILE_MOVED;
    case YW_EVENT_CAPTURE_ORDERED:
        return YW_EVENT_CAPTURE_CHANGED;
    default:
        return YW_EVENT_KINDS;
    }
}

static bool ended(bool ok, const char *detail, bool *ret_ok, const char **ret_detail)
{
    *ret_ok = ok;
    *ret_detail = detail;
    return true;
}

bool yw_order_ended(const struct yw_event *event, bool *ret_ok, const char **ret_detail)
{
#define OUTCOME(payload, detail)                                                         \
    ended(event->payload.ok, event->payload.detail, ret_ok, ret_detail)
    switch ((int)event->kind) {
    case YW_EVENT_ACTION_ENDED:
        return OUTCOME(action_ended, output);
    case YW_EVENT_EXEC_ENDED:
        return OUTCOME(exec_ended, output);
    case YW_EVENT_RESET_ENDED:
        return OUTCOME(reset_ended, detail);
    case YW_EVENT_CHECKPOINT_ENDED:
        return OUTCOME(checkpoint_ended, detail);
    case YW_EVENT_CHECKPOINT_RESTORED:
        return OUTCOME(checkpoint_restored, detail);
    case YW_EVENT_CHECKPOINT_DROPPED:
        return OUTCOME(checkpoint_dropped, detail);
    case YW_EVENT_EVIDENCE_KEPT:
        return OUTCOME(evidence_kept, detail);
    case YW_EVENT_STOP_ENDED:
    case YW_EVENT_THAW_ENDED:
        return OUTCOME(stop_ended, detail);
    case YW_EVENT_FILE_MOVED:
        return OUTCOME(file_moved, detail);
    case YW_EVENT_CAPTURE_CHANGED:
        return OUTCOME(capture_changed, detail);
    default:
        return false;
    }
#undef OUTCOME
}

struct yw_order_fold *yw_drill_order(const struct yw_drill_state *state, int64_t seq)
{
    for (size_t i = 0; i < state->orders.count; i++) {
        struct yw_order_fold *order = yw_vec_at(&state->orders, i);

        if (order->seq == seq)
            return order;
    }
    return NULL;
}

struct yw_checkpoint_fold *yw_drill_checkpoint(const struct yw_drill_state *state,
                                               int64_t checkpoint)
{
    for (size_t i = 0; i < state->checkpoints.count; i++) {
        struct yw_checkpoint_fold *fold = yw_vec_at(&state->checkpoints, i);

        if (fold->checkpoint == checkpoint)
            return fold;
    }
    return NULL;
}

struct yw_checkpoint_fold *yw_drill_point(const struct yw_drill_state *state, int team,
                                          const char *point)
{
    for (size_t i = state->checkpoints.count; i-- > 0;) {
        struct yw_checkpoint_fold *fold = yw_vec_at(&state->checkpoints, i);

        if (fold->state == YW_CHECKPOINT_KEPT && strcmp(fold->point, point) == 0 &&
            (fold->team < 0 || fold->team == team))
            return fold;
    }
    return NULL;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void fill_order(struct yw_order_fold *order, const struct yw_event *event)
{
    if (event->kind == YW_EVENT_RESET_ORDERED) {
        order->number = event->reset_ordered.reset;
        order->all = event->reset_ordered.all;
        order->counted = event->reset_ordered.counted;
        YW_COPY(order->machine, event->reset_ordered.machine);
        YW_COPY(order->point, event->reset_ordered.point);
    } else if (event->kind == YW_EVENT_CHECKPOINT_ORDERED) {
        order->number = event->checkpoint_ordered.checkpoint;
        YW_COPY(order->label, event->checkpoint_ordered.label);
        YW_COPY(order->point, event->checkpoint_ordered.point);
    } else if (event->kind == YW_EVENT_CHECKPOINT_RESTORE_ORDERED ||
               event->kind == YW_EVENT_CHECKPOINT_DROP_ORDERED) {
        order->number = event->checkpoint_ref.checkpoint;
        YW_COPY(order->label, event->checkpoint_ref.label);
    } else if (event->kind == YW_EVENT_EVIDENCE_ORDERED) {
        order->number = event->evidence_ordered.evidence;
        YW_COPY(order->machine, event->evidence_ordered.machine);
    } else if (event->kind == YW_EVENT_FILE_ORDERED) {
        order->number = event->file_ordered.file;
        order->put = event->file_ordered.put;
        YW_COPY(order->machine, event->file_ordered.machine);
        YW_COPY(order->path, event->file_ordered.path);
    } else if (event->kind == YW_EVENT_CAPTURE_ORDERED) {
        order->number = event->capture_ordered.capture;
        order->put = event->capture_ordered.on;
        YW_COPY(order->label, event->capture_ordered.network);
    }
}

/* Room for one more: the oldest that nobody can go back to is forgotten. */
static bool make_room(struct yw_vec *checkpoints)
{
    for (size_t i = 0; checkpoints->count == checkpoints->max && i < checkpoints->count;
         i++) {
        struct yw_checkpoint_fold *fold = yw_vec_at(checkpoints, i);

        if (fold->state == YW_CHECKPOINT_FAILED || fold->state == YW_CHECKPOINT_DROPPED) {
            checkpoint_fini(fold);
            yw_vec_remove(checkpoints, i);
        }
    }
    return checkpoints->count < checkpoints->max;
}

static int order_checkpoint(struct yw_drill_state *state, const struct yw_event *event,
                            struct yw_err *err)
{
    const struct yw_ev_checkpoint_ordered *p = &event->checkpoint_ordered;

    if (yw_drill_checkpoint(state, p->checkpoint) || !make_room(&state->checkpoints))
        return yw_drill_corrupt(event, err, "one checkpoint too many", p->label);
    struct yw_checkpoint_fold *fold = yw_vec_push(&state->checkpoints, NULL);

    fold->checkpoint = p->checkpoint;
    fold->team = event->team;
    YW_COPY(fold->label, p->label);
    YW_COPY(fold->point, p->point);
    fold->seq = event->seq;
    fold->drill_ms = event->drill_ms;
    fold->wall_us = event->wall_us;
    fold->phase = state->phase;
    fold->speed = state->clock.speed;
    yw_vec_init(&fold->plants, sizeof(struct yw_mark_fold),
                (size_t)YW_SPEC_PLANTS_MAX * YW_SPEC_TEAMS_MAX);
    yw_vec_init(&fold->links, sizeof(struct yw_link_fold),
                (size_t)YW_SPEC_MACHINES_MAX * YW_SPEC_TEAMS_MAX);
    state->last_checkpoint = larger(state->last_checkpoint, p->checkpoint);
    return 0;
}

static int add_order(struct yw_drill_state *state, const struct yw_event *event,
                     struct yw_err *err)
{
    struct yw_order_fold order = {
        .seq = event->seq, .kind = event->kind, .team = event->team};

    if (state->orders.count == state->orders.max)
        return yw_drill_corrupt(event, err, "too many orders under way at", "the range");
    YW_COPY(order.actor, event->actor);
    fill_order(&order, event);
    if (event->kind == YW_EVENT_CHECKPOINT_ORDERED) {
        int status = order_checkpoint(state, event, err);

        if (status < 0)
            return status;
    } else if (event->kind == YW_EVENT_RESET_ORDERED) {
        struct yw_team_fold *team = yw_drill_team(state, event->team);

        state->last_reset = larger(state->last_reset, order.number);
        if (order.counted && team)
            team->resets++;
    } else if (event->kind == YW_EVENT_EVIDENCE_ORDERED) {
        state->last_evidence = larger(state->last_evidence, order.number);
    } else if (event->kind == YW_EVENT_FILE_ORDERED) {
        state->last_file = larger(state->last_file, order.number);
    } else if (event->kind == YW_EVENT_CAPTURE_ORDERED) {
        yw_drill_capture_ordered(state, event);
    } else if (event->kind == YW_EVENT_STOP_ORDERED) {
        state->stopped = true;
        state->stop_seq = event->seq;
        YW_COPY(state->stop_reason, event->stop_ordered.reason);
    }
    (void)yw_vec_push(&state->orders, &order);
    return 0;
}

/* The plants stood still while the machines were saved: their last sample is the one that
 * belongs to the checkpoint. */
static void keep_marks(const struct yw_drill_state *state,
                       struct yw_checkpoint_fold *checkpoint)
{
    for (size_t t = 0; t < state->teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&state->teams, t);

        if (checkpoint->team >= 0 && checkpoint->team != (int)t)
            continue;
        for (size_t i = 0; i < team->plants.count; i++) {
            const struct yw_plant_fold *plant = yw_vec_at(&team->plants, i);
            struct yw_mark_fold mark = {.team = (int)t, .sample = plant->sample};

            YW_COPY(mark.name, plant->name);
            mark.plant_ms = plant->sample_ms - plant->back_ms;
            if (plant->sampled)
                (void)yw_vec_push(&checkpoint->plants, &mark);
        }
        for (size_t i = 0; i < team->machines.count; i++) {
            const struct yw_machine_fold *machine = yw_vec_at(&team->machines, i);
            struct yw_link_fold link = {.team = (int)t, .up = machine->link_wanted};

            YW_COPY(link.name, machine->name);
            (void)yw_vec_push(&checkpoint->links, &link);
        }
    }
}

static void end_checkpoint(struct yw_drill_state *state, const struct yw_event *event)
{
    const struct yw_ev_checkpoint_ended *p = &event->checkpoint_ended;
    struct yw_checkpoint_fold *fold = yw_drill_checkpoint(state, p->checkpoint);

    if (!fold || fold->state != YW_CHECKPOINT_ORDERED)
        return;
    fold->state = p->ok ? YW_CHECKPOINT_KEPT : YW_CHECKPOINT_FAILED;
    fold->frozen_ms = p->frozen_ms;
    fold->bytes = p->bytes;
    if (p->ok)
        keep_marks(state, fold);
}

/* Drill time goes on; what the plants know of time goes back. */
static void restore(struct yw_drill_state *state, const struct yw_event *event)
{
    const struct yw_ev_checkpoint_restored *p = &event->checkpoint_restored;
    const struct yw_checkpoint_fold *fold = yw_drill_checkpoint(state, p->checkpoint);

    if (!p->ok)
        return;
    for (size_t t = 0; t < state->teams.count; t++) {
        struct yw_team_fold *team = yw_vec_at(&state->teams, t);

        if (event->team < 0 || event->team == (int)t) {
            team->back_ms = p->back_ms;
            team->back_seq = event->seq;
        }
    }
    for (size_t i = 0; fold && i < fold->plants.count; i++) {
        const struct yw_mark_fold *mark = yw_vec_at(&fold->plants, i);
        struct yw_plant_fold *plant = yw_drill_plant(state, mark->team, mark->name);

        if (!plant)
            continue;
        plant->sampled = true;
        plant->sample = mark->sample;
        plant->fault_count = 0;
        plant->sample_ms = event->drill_ms;
        plant->sample_seq = event->seq;
        plant->back_ms = event->drill_ms - mark->plant_ms;
    }
}

static void end_reset(struct yw_drill_state *state, const struct yw_event *event,
                      const struct yw_order_fold *order)
{
    struct yw_team_fold *team = yw_drill_team(state, event->team);

    if (!event->reset_ended.ok && order->counted && team && team->resets > 0)
        team->resets--;
}

static int end_order(struct yw_drill_state *state, const struct yw_event *event,
                     struct yw_err *err)
{
    const struct yw_order_fold *order = yw_drill_order(state, event->causes[0]);

    if (event->kind == YW_EVENT_CAPTURE_CHANGED && event->causes[0] == 0) {
        yw_drill_capture_changed(state, event); /* it ended by itself */
        return 0;
    }
    if (event->kind == YW_EVENT_CHECKPOINT_RESTORED)
        restore(state, event); /* seen by teams that saw no order */
    else if (!order || yw_order_outcome(order->kind) != event->kind)
        return yw_drill_corrupt(event, err, "outcome without an order by", event->actor);
    if (event->kind == YW_EVENT_CHECKPOINT_ENDED) {
        end_checkpoint(state, event);
    } else if (event->kind == YW_EVENT_CAPTURE_CHANGED) {
        yw_drill_capture_changed(state, event);
    } else if (event->kind == YW_EVENT_RESET_ENDED) {
        end_reset(state, event, order);
    } else if (event->kind == YW_EVENT_CHECKPOINT_DROPPED) {
        struct yw_checkpoint_fold *fold =
            yw_drill_checkpoint(state, event->checkpoint_dropped.checkpoint);

        if (fold && event->checkpoint_dropped.ok)
            fold->state = YW_CHECKPOINT_DROPPED;
    } else if (event->kind == YW_EVENT_THAW_ENDED && event->stop_ended.ok &&
               order->seq > state->stop_seq) { /* no stop came after it */
        state->thaw_seq = event->seq;
        state->stopped = false;
    }
    for (size_t i = 0; order && i < state->orders.count; i++) {
        if (yw_vec_at(&state->orders, i) == order) {
            yw_vec_remove(&state->orders, i);
            break;
        }
    }
    return 0;
}

/* What comes before is another drill's: its machines have none of the points, and nothing
 * is under way. The numbers that guests have seen may be ahead of the journal. */
static void fork_drill(struct yw_drill_state *state, const struct yw_event *event)
{
    state->forked = event->drill_forked;
    state->orders.count = 0;
    state->captures.count = 0;
    state->stopped = false;
    state->range_pending = false;
    for (size_t i = 0; i < state->checkpoints.count; i++) {
        struct yw_checkpoint_fold *fold = yw_vec_at(&state->checkpoints, i);

        fold->state = YW_CHECKPOINT_DROPPED;
    }
    for (size_t t = 0; t < state->teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&state->teams, t);

        for (size_t i = 0; i < team->machines.count; i++) {
            struct yw_machine_fold *machine = yw_vec_at(&team->machines, i);

            machine->state = YW_MACHINE_PLANNED;
            machine->requests += REQUESTS_AHEAD;
        }
    }
}

static int order_exec(struct yw_drill_state *state, const struct yw_event *event,
                      struct yw_err *err)
{
    const struct yw_ev_exec_ordered *p = &event->exec_ordered;
    struct yw_action_fold action = {.action = p->action,
                                    .team = event->team,
                                    .request = p->request,
                                    .seq = event->seq,
                                    .control = true,
                                    .playbook = strcmp(event->actor, "playbook") == 0};

    YW_COPY(action.machine, p->machine);
    YW_COPY(action.argv, p->argv);
    if (!yw_vec_push(&state->actions, &action))
        return yw_drill_corrupt(event, err, "too many actions under way at", p->machine);
    state->last_action = larger(state->last_action, p->action);
    yw_drill_note_request(yw_drill_machine(state, event->team, p->machine), p->request);
    return 0;
}

static int end_exec(struct yw_drill_state *state, const struct yw_event *event,
                    struct yw_err *err)
{
    for (size_t i = 0; i < state->actions.count; i++) {
        const struct yw_action_fold *action = yw_vec_at(&state->actions, i);

        if (action->action == event->exec_ended.action) {
            yw_vec_remove(&state->actions, i);
            return 0;
        }
    }
    return yw_drill_corrupt(event, err, "no such program under way on",
                            event->exec_ended.machine);
}

int yw_drill_point_apply(struct yw_drill_state *state, const struct yw_event *event,
                         struct yw_err *err)
{
    if (event->kind == YW_EVENT_QUOTA_SET)
        state->resets_quota = event->quota_set.count;
    else if (event->kind == YW_EVENT_DRILL_FORKED)
        fork_drill(state, event);
    else if (event->kind == YW_EVENT_EXEC_ORDERED)
        return order_exec(state, event, err);
    else if (event->kind == YW_EVENT_EXEC_ENDED)
        return end_exec(state, event, err);
    else if (yw_order_outcome(event->kind) != YW_EVENT_KINDS)
        return add_order(state, event, err);
    else
        return end_order(state, event, err);
    return 0;
}

void yw_drill_point_phase(struct yw_drill_state *state, enum yw_phase phase)
{
    if (phase == YW_PHASE_RUNNING || phase == YW_PHASE_ARCHIVED ||
        phase == YW_PHASE_PLANNED)
        state->stopped = false;
}
