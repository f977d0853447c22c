#include "drill/order/order.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool is_begun(const struct yw_drill *drill, int64_t seq)
{
    for (size_t i = 0; i < drill->begun.count; i++) {
        if (*(int64_t *)yw_vec_at(&drill->begun, i) == seq) {
            return true;
        }
    }
    return false;
}

static bool is_stop(const struct yw_order_fold *order)
{
    return order->kind == YW_EVENT_STOP_ORDERED || order->kind == YW_EVENT_THAW_ORDERED;
}

/* Files, captures and programs go by themselves; so do stops. */
static bool is_point(const struct yw_order_fold *order)
{
    return !is_stop(order) && order->kind != YW_EVENT_FILE_ORDERED &&
           order->kind != YW_EVENT_CAPTURE_ORDERED;
}

static bool overlap(const struct yw_order_fold *a, const struct yw_order_fold *b)
{
    return a->team < 0 || b->team < 0 || a->team == b->team;
}

static bool may_begin(const struct yw_drill *drill, size_t index)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_order_fold *order = yw_vec_at(&state->orders, index);
    if (order->kind == YW_EVENT_STOP_ORDERED) {
        return true;
    }
    if (state->stopped && order->kind != YW_EVENT_THAW_ORDERED &&
        order->kind != YW_EVENT_EVIDENCE_ORDERED &&
        order->kind != YW_EVENT_CAPTURE_ORDERED) {
        return false;
    }
    for (size_t i = 0; i < index; i++) {
        const struct yw_order_fold *before = yw_vec_at(&state->orders, i);
        if (is_stop(order)
                ? is_stop(before)
                : is_point(order) && is_point(before) && overlap(order, before)) {
            return false;
        }
    }
    return true;
}

static void begin(struct yw_drill *drill, const struct yw_order_fold *order)
{
    (void)yw_vec_push(&drill->begun, &order->seq);
    if (is_stop(order)) {
        yw_stop_begin(drill, order);
    } else if (order->kind == YW_EVENT_FILE_ORDERED) {
        yw_touch_begin(drill, order);
    } else if (order->kind == YW_EVENT_CAPTURE_ORDERED) {
        yw_capture_begin(drill, order);
    } else {
        yw_point_begin(drill, order);
    }
}

void yw_order_stop_now(struct yw_drill *drill, int64_t seq)
{
    const struct yw_order_fold order = {
        .seq = seq, .kind = YW_EVENT_STOP_ORDERED, .team = -1};
    begin(drill, &order);
}

static void go(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->phase == YW_PHASE_ARCHIVED) {
        return;
    }
    for (size_t i = 0; i < state->orders.count; i++) {
        const struct yw_order_fold *order = yw_vec_at(&state->orders, i);
        if (!is_begun(drill, order->seq) && may_begin(drill, i)) {
            begin(drill, order);
        }
    }
}

bool yw_order_takes_back(const struct yw_drill *drill, int team, const char *machine,
                         int64_t seq)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t i = 0; i < state->orders.count; i++) {
        const struct yw_order_fold *order = yw_vec_at(&state->orders, i);
        bool back = order->kind == YW_EVENT_RESET_ORDERED ||
                    order->kind == YW_EVENT_CHECKPOINT_RESTORE_ORDERED;
        if (back && order->seq > seq && (order->team < 0 || order->team == team) &&
            (order->machine[0] == '\0' || strcmp(order->machine, machine) == 0)) {
            return true;
        }
    }
    return false;
}

bool yw_order_holds(const struct yw_drill *drill, int team, const char *machine)
{
    return yw_drill_state(drill)->stopped || yw_order_takes_back(drill, team, machine, 0);
}

static void forget_begun(struct yw_drill *drill, int64_t seq)
{
    for (size_t i = 0; i < drill->begun.count; i++) {
        if (*(int64_t *)yw_vec_at(&drill->begun, i) == seq) {
            yw_vec_remove(&drill->begun, i);
            return;
        }
    }
}

void yw_order_react(struct yw_drill *drill, const struct yw_event *event)
{
    bool ok = false;
    const char *detail = "";
    bool ends = yw_order_ended(event, &ok, &detail);
    if (ends) {
        forget_begun(drill, event->causes[0]);
        yw_point_react(drill, event);
    }
    if (event->kind == YW_EVENT_DISK_STATE && !event->disk_state.ok) {
        yw_capture_give_way(drill);
    }
    if (event->kind == YW_EVENT_MACHINE_MOVED && event->machine_moved.ok) {
        yw_capture_follow(drill, event);
    }
    if (event->kind == YW_EVENT_CAPTURE_CHANGED ||
        event->kind == YW_EVENT_PHASE_CHANGED || event->kind == YW_EVENT_HOST_CHANGED) {
        yw_capture_fetch(drill);
    }
    if (ends || event->kind == YW_EVENT_PHASE_CHANGED) {
        yw_range_call_release(drill);
    }
    if (ends || yw_order_outcome(event->kind) != YW_EVENT_KINDS) {
        go(drill);
    }
}

void yw_order_resume(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->stopped && state->phase == YW_PHASE_RUNNING) {
        /* the core died between the stop and the pause that belongs to it */
        yw_drill_phase(drill, YW_PHASE_PAUSED, "core", state->stop_reason);
    }
    if (state->phase == YW_PHASE_PAUSED && state->thaw_seq > state->phase_seq) {
        /* and here between the thaw and the running on */
        yw_drill_phase(drill, YW_PHASE_RUNNING, "core", "the emergency stop is undone");
    }
    if (state->stopped) {
        yw_range_cancel(drill, "emergency stop"); /* a bring-up that went on */
    }
    if (state->phase == YW_PHASE_READY && !state->range_pending) {
        yw_point_start(drill);
        yw_capture_start(drill);
    }
    if (!state->range_pending) {
        yw_capture_again(drill, false, "the daemon was started again");
    }
    yw_capture_fetch(drill);
    go(drill);
}

/* ---- calls ---- */

static bool is_meant(const struct yw_drill *drill, const struct yw_order_fold *order,
                     const struct yw_plan_machine *machine)
{
    if (order->team >= 0 && order->team != machine->team) {
        return false;
    }
    if (order->machine[0] != '\0') {
        return strcmp(order->machine, machine->name) == 0;
    }
    return order->kind != YW_EVENT_RESET_ORDERED || order->all ||
           !drill->spec->machines[machine->machine].hidden;
}

struct yw_range_call *yw_order_call(struct yw_drill *drill,
                                    const struct yw_order_fold *order, enum yw_virt_op op,
                                    int64_t deadline_ms, yw_order_ended_fn *ended)
{
    struct yw_range_call *call = yw_range_call_new(drill, op, deadline_ms, ended);
    const struct yw_plan *plan = drill->plan;
    call->team = order->team;
    call->cause = order->seq;
    YW_COPY(call->machine, order->machine);
    YW_COPY(call->call.point, order->point);
    call->made_ms = yw_clock_mono_ms(drill->stage->clock);
    call->group = yw_new_array(plan->machine_count + 1, sizeof(call->group[0]));
    for (size_t i = 0; i < plan->machine_count && !drill->spec->tabletop; i++) {
        if (is_meant(drill, order, &plan->machines[i])) {
            call->group[call->call.machine_count++] = &plan->machines[i];
        }
    }
    if (op == YW_VIRT_EVIDENCE || op == YW_VIRT_PUT || op == YW_VIRT_GET) {
        call->call.machine = call->group[0]; /* one machine, and no group */
        call->call.machine_count = 0;
    } else {
        call->call.machines = call->group;
    }
    return call;
}

void yw_order_start(struct yw_range_call *call)
{
    if (call->call.machine_count == 0 && call->call.machine == NULL) {
        yw_range_call_skip(call);
    } else {
        yw_range_call_start(call);
    }
}

const struct yw_order_fold *yw_order_of(const struct yw_range_call *call)
{
    return yw_drill_order(yw_drill_state(call->drill), call->cause);
}

void yw_order_event(const struct yw_range_call *call, struct yw_event *event,
                    enum yw_event_kind kind)
{
    yw_drill_event(event, kind, call->team, "core");
    event->causes[0] = call->cause;
}

int64_t yw_order_span(const struct yw_range_call *call)
{
    return yw_clock_mono_ms(call->drill->stage->clock) - call->made_ms;
}
