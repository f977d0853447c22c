/* Points in time: resets, checkpoints, evidence.
 *
 * While machines are saved or taken back their plants stand still: the sample that is taken
 * when a save begins is the plant's part of the checkpoint. */
#include "drill/order/order.h"

#include "base/folder.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SAVE_MS 120000
#define LOAD_MS 60000
#define DROP_MS 60000
#define EVIDENCE_MS 300000

static void hold_plants(struct yw_drill *drill, int team, bool held)
{
    for (size_t i = 0; i < drill->plant_count; i++) {
        struct yw_drill_plant *plant = &drill->plants[i];
        if (team < 0 || plant->team == team) {
            plant->held = held;
        }
    }
}

static void abandon_programs(struct yw_drill *drill, const struct yw_range_call *call)
{
    for (size_t i = 0; i < call->call.machine_count; i++) {
        const struct yw_plan_machine *machine = call->group[i];
        yw_range_abandon(drill, machine->team, machine->name);
    }
}

static void on_reset(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    const struct yw_order_fold *order = yw_order_of(call);
    const struct yw_machine_fold *machine =
        yw_drill_machine(yw_drill_state(drill), call->team, call->machine);
    struct yw_event event;
    if (order == NULL) {
        return;
    }
    yw_order_event(call, &event, YW_EVENT_RESET_ENDED);
    event.reset_ended.reset = order->number;
    YW_COPY(event.reset_ended.machine, order->machine);
    YW_COPY(event.reset_ended.point, order->point);
    event.reset_ended.ok = code == 0;
    event.reset_ended.hidden = (machine != NULL && machine->hidden) ||
                               (machine == NULL && order->all && code != 0);
    event.reset_ended.span_ms = yw_order_span(call);
    YW_COPY(event.reset_ended.detail, code != 0 ? err->text : "");
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void on_half_dropped(struct yw_range_call *call, int code,
                            const struct yw_err *err)
{
    if (code != 0) {
        yw_warn("drill", "%s: what was saved of point '%s' is not forgotten: %s",
                call->drill->id, call->call.point, err->text);
    }
}

/* A broker drops what it could not save of a whole group; one that died could not. */
static void drop_half(struct yw_drill *drill, const struct yw_order_fold *order)
{
    yw_order_start(
        yw_order_call(drill, order, YW_VIRT_POINT_DROP, DROP_MS, on_half_dropped));
}

static void on_saved(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    const struct yw_order_fold *order = yw_order_of(call);
    struct yw_event event;
    if (order == NULL) {
        return;
    }
    if (code != 0) {
        drop_half(drill, order);
    }
    yw_order_event(call, &event, YW_EVENT_CHECKPOINT_ENDED);
    event.checkpoint_ended.checkpoint = order->number;
    YW_COPY(event.checkpoint_ended.label, order->label);
    event.checkpoint_ended.ok = code == 0;
    event.checkpoint_ended.frozen_ms = code == 0 ? call->call.frozen_ms : 0;
    event.checkpoint_ended.bytes = code == 0 ? call->call.bytes : 0;
    YW_COPY(event.checkpoint_ended.detail, code != 0 ? err->text : "");
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

/* Links are cables: whoever goes back in time finds them plugged as they were. */
static void order_links(struct yw_drill *drill, const struct yw_checkpoint_fold *kept,
                        int64_t cause)
{
    for (size_t i = 0; i < kept->links.count; i++) {
        const struct yw_link_fold *link = yw_vec_at(&kept->links, i);
        const struct yw_machine_fold *machine =
            yw_drill_machine(yw_drill_state(drill), link->team, link->name);
        struct yw_event event;
        if (machine == NULL || machine->link_wanted == link->up) {
            continue;
        }
        yw_drill_event(&event, YW_EVENT_LINK_ORDERED, link->team, "core");
        YW_COPY(event.link_ordered.machine, link->name);
        event.link_ordered.up = link->up;
        event.causes[0] = cause;
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
}

static void on_restored(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_order_fold *order = yw_drill_order(state, call->cause);
    const struct yw_checkpoint_fold *kept =
        order == NULL ? NULL : yw_drill_checkpoint(state, order->number);
    struct yw_event event;
    if (kept == NULL) {
        return;
    }
    if (code == 0) {
        order_links(drill, kept, call->cause);
    }
    yw_order_event(call, &event, YW_EVENT_CHECKPOINT_RESTORED);
    event.checkpoint_restored.checkpoint = kept->checkpoint;
    YW_COPY(event.checkpoint_restored.label, kept->label);
    event.checkpoint_restored.ok = code == 0;
    event.checkpoint_restored.back_ms = kept->drill_ms;
    event.checkpoint_restored.span_ms = yw_order_span(call);
    YW_COPY(event.checkpoint_restored.detail, code != 0 ? err->text : "");
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void on_dropped(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    const struct yw_order_fold *order = yw_order_of(call);
    struct yw_event event;
    if (order == NULL) {
        return;
    }
    yw_order_event(call, &event, YW_EVENT_CHECKPOINT_DROPPED);
    event.checkpoint_dropped.checkpoint = order->number;
    YW_COPY(event.checkpoint_dropped.label, order->label);
    event.checkpoint_dropped.ok = code == 0;
    YW_COPY(event.checkpoint_dropped.detail, code != 0 ? err->text : "");
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void evidence_folder(const struct yw_drill *drill, int64_t number, char *path,
                            size_t size)
{
    (void)yw_copyf(path, size, "drills/%s/evidence/%lld", drill->id, (long long)number);
}

/* Who was writing may have died: a half is no evidence. */
static void forget_half(const struct yw_range_call *call)
{
    if (call->drill->stage->data_dir[0] != '\0') {
        yw_folder_remove(call->call.path);
    }
}

static void on_evidence(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    const struct yw_order_fold *order = yw_order_of(call);
    struct yw_event event;
    if (order == NULL) {
        return;
    }
    if (code != 0) {
        forget_half(call);
    }
    yw_order_event(call, &event, YW_EVENT_EVIDENCE_KEPT);
    struct yw_ev_evidence_kept *kept = &event.evidence_kept;
    kept->evidence = order->number;
    YW_COPY(kept->machine, order->machine);
    YW_COPY(kept->collector, order->actor);
    kept->ok = code == 0;
    evidence_folder(drill, order->number, kept->file, sizeof kept->file);
    YW_COPY(kept->hash, code == 0 ? call->call.output : "");
    kept->bytes = code == 0 ? call->call.bytes : 0;
    YW_COPY(kept->detail, code != 0 ? err->text : "");
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void begin_restore(struct yw_drill *drill, const struct yw_order_fold *order)
{
    const struct yw_checkpoint_fold *kept =
        yw_drill_checkpoint(yw_drill_state(drill), order->number);
    struct yw_range_call *call =
        yw_order_call(drill, order, YW_VIRT_POINT_LOAD, LOAD_MS, on_restored);
    if (kept != NULL) {
        YW_COPY(call->call.point, kept->point);
    }
    abandon_programs(drill, call);
    hold_plants(drill, order->team, true);
    yw_order_start(call);
}

static void begin_drop(struct yw_drill *drill, const struct yw_order_fold *order)
{
    const struct yw_checkpoint_fold *kept =
        yw_drill_checkpoint(yw_drill_state(drill), order->number);
    struct yw_range_call *call =
        yw_order_call(drill, order, YW_VIRT_POINT_DROP, DROP_MS, on_dropped);
    if (kept != NULL) {
        YW_COPY(call->call.point, kept->point);
    }
    yw_order_start(call);
}

static void begin_evidence(struct yw_drill *drill, const struct yw_order_fold *order)
{
    char folder[YW_EVENT_VALUE_MAX];
    struct yw_range_call *call =
        yw_order_call(drill, order, YW_VIRT_EVIDENCE, EVIDENCE_MS, on_evidence);
    evidence_folder(drill, order->number, folder, sizeof folder);
    (void)yw_copyf(call->call.path, sizeof call->call.path, "%s/%s",
                   drill->stage->data_dir, folder);
    yw_order_start(call);
}

void yw_point_begin(struct yw_drill *drill, const struct yw_order_fold *order)
{
    struct yw_range_call *call = NULL;
    switch ((int)order->kind) {
    case YW_EVENT_RESET_ORDERED:
        call = yw_order_call(drill, order, YW_VIRT_POINT_LOAD, LOAD_MS, on_reset);
        abandon_programs(drill, call);
        yw_order_start(call);
        break;
    case YW_EVENT_CHECKPOINT_ORDERED:
        yw_sense_mark(drill, order->team);
        hold_plants(drill, order->team, true);
        yw_order_start(
            yw_order_call(drill, order, YW_VIRT_POINT_SAVE, SAVE_MS, on_saved));
        break;
    case YW_EVENT_CHECKPOINT_RESTORE_ORDERED:
        begin_restore(drill, order);
        break;
    case YW_EVENT_CHECKPOINT_DROP_ORDERED:
        begin_drop(drill, order);
        break;
    default:
        begin_evidence(drill, order);
        break;
    }
}

static bool has_start(const struct yw_drill *drill, int team)
{
    const struct yw_vec *checkpoints = &yw_drill_state(drill)->checkpoints;
    for (size_t i = 0; i < checkpoints->count; i++) {
        const struct yw_checkpoint_fold *kept = yw_vec_at(checkpoints, i);
        if (kept->team == team && kept->state != YW_CHECKPOINT_DROPPED &&
            strcmp(kept->point, YW_DRILL_POINT_START) == 0) {
            return true;
        }
    }
    return false;
}

/* The point that resets go back to: of each team that has machines, when they serve. */
void yw_point_start(struct yw_drill *drill)
{
    int64_t number = yw_drill_state(drill)->last_checkpoint;
    for (size_t t = 0; t < drill->plan->team_count && !drill->spec->tabletop; t++) {
        struct yw_event event;
        if (has_start(drill, (int)t)) {
            continue; /* ordered before the core died */
        }
        yw_drill_event(&event, YW_EVENT_CHECKPOINT_ORDERED, (int)t, "core");
        event.checkpoint_ordered.checkpoint = ++number;
        YW_COPY(event.checkpoint_ordered.label, YW_DRILL_POINT_START);
        YW_COPY(event.checkpoint_ordered.point, YW_DRILL_POINT_START);
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
    drill->next_checkpoint = number;
}

void yw_point_react(struct yw_drill *drill, const struct yw_event *event)
{
    if (event->kind == YW_EVENT_CHECKPOINT_RESTORED) {
        if (event->checkpoint_restored.ok) {
            yw_sense_back(drill, event->team);
        }
        hold_plants(drill, event->team, false);
    } else if (event->kind == YW_EVENT_CHECKPOINT_ENDED) {
        hold_plants(drill, event->team, false);
    }
}
