#include "drill/range/hosted.h"

#include "base/mem.h"
#include "drill/range/admit.h"
#include "drill/range/move.h"
#include "drill/range/range_call.h"

#include <string.h>

#define DOWN_MS 20000

const struct yw_machine_fold *yw_hosted_machine(const struct yw_drill *drill,
                                                const struct yw_plan_machine *machine)
{
    return yw_drill_machine(yw_drill_state(drill), machine->team, machine->name);
}

bool yw_hosted_range(const struct yw_drill *drill)
{
    enum yw_phase phase = yw_drill_state(drill)->phase;
    return drill->plan != NULL && phase >= YW_PHASE_STAGING && phase < YW_PHASE_ARCHIVED;
}

size_t yw_hosted_machines(const struct yw_drill *drill, const char *host)
{
    size_t count = 0;
    for (size_t i = 0; yw_hosted_range(drill) && i < drill->plan->machine_count; i++) {
        count += strcmp(drill->plan->machines[i].host, host) == 0;
    }
    return count;
}

/* ---- hosts ---- */

static void emit_changed(struct yw_drill *drill, const char *host,
                         enum yw_host_state state, const char *actor, const char *detail)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_HOST_CHANGED, -1, actor);
    YW_COPY(event.host_changed.host, host);
    YW_COPY(event.host_changed.state, yw_host_state_name(state));
    YW_COPY(event.host_changed.detail, detail);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_hosted_notice(struct yw_drill *drill, const struct yw_virt_notice *notice)
{
    const struct yw_host_fold *fold = yw_drill_host(yw_drill_state(drill), notice->host);
    enum yw_host_state known = fold == NULL ? YW_HOST_UP : fold->state;
    if (yw_hosted_machines(drill, notice->host) > 0 && known != notice->host_state) {
        emit_changed(drill, notice->host, notice->host_state, "core", notice->text);
    }
}

static void lose_machines(struct yw_drill *drill, const char *host)
{
    char why[YW_NAME_MAX + 32];
    (void)yw_copyf(why, sizeof why, "host '%s' is lost", host);
    for (size_t i = 0;
         drill->range.step == YW_RANGE_IDLE && i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
        if (strcmp(machine->host, host) == 0 && fold != NULL &&
            fold->state == YW_MACHINE_SERVING) {
            yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_LOST, why);
        }
    }
}

/* Moves that waited for a host that was lost: it is back, or given up. */
static void move_again(struct yw_drill *drill, const char *host)
{
    for (size_t i = 0; yw_hosted_range(drill) && i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
        if (fold != NULL && fold->from[0] != '\0' &&
            (strcmp(fold->from, host) == 0 || strcmp(fold->host, host) == 0)) {
            yw_move_begin(drill, machine);
        }
    }
}

void yw_hosted_react(struct yw_drill *drill, const struct yw_event *event)
{
    if (event->kind == YW_EVENT_MACHINE_PLACED && event->machine_placed.from[0] != '\0') {
        int index = yw_spec_machine(drill->spec, event->machine_placed.machine);
        const struct yw_plan_machine *machine =
            index < 0 ? NULL : yw_plan_machine(drill->plan, event->team, index);
        if (machine != NULL) {
            yw_move_begin(drill, machine);
        }
    }
    if (event->kind == YW_EVENT_MACHINE_MOVED) {
        yw_range_call_release(drill);
    }
    if (event->kind != YW_EVENT_HOST_CHANGED) {
        return;
    }
    const char *host = event->host_changed.host;
    int state = yw_host_state_of(event->host_changed.state);
    if (state == YW_HOST_LOST && strncmp(event->actor, "control", 7) == 0) {
        yw_admit_leave(drill, host);
    } else if (state == YW_HOST_LOST) {
        lose_machines(drill, host);
    } else {
        yw_range_find_on(drill, host);
    }
    if (state == YW_HOST_DRAINING) {
        yw_admit_leave(drill, host);
    }
    if (state != YW_HOST_LOST || strncmp(event->actor, "control", 7) == 0) {
        move_again(drill, host);
    }
}

size_t yw_hosted_forget(struct yw_drill *drill, const char *host, const char *actor)
{
    size_t count = yw_hosted_machines(drill, host);
    if (count > 0) {
        emit_changed(drill, host, YW_HOST_LOST, actor, "given up");
    }
    return count;
}

void yw_hosted_resume(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t i = 0; i < state->hosts.count; i++) {
        const struct yw_host_fold *host = yw_vec_at(&state->hosts, i);
        if (host != NULL && host->state == YW_HOST_DRAINING && yw_hosted_range(drill) &&
            drill->stage->virt != NULL) {
            (void)yw_virt_drain(drill->stage->virt, host->name, true, NULL);
        }
    }
    for (size_t i = 0; yw_hosted_range(drill) && i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
        if (fold != NULL && fold->from[0] != '\0') {
            yw_move_begin(drill, machine);
        }
    }
}

/* ---- what a host that is back has ---- */

static void tell_removed(struct yw_drill *drill, const struct yw_plan_machine *machine,
                         const char *host)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_RECONCILED, machine->team, "core");
    YW_COPY(event.reconciled.object, "machine");
    YW_COPY(event.reconciled.name, machine->name);
    YW_COPY(event.reconciled.action, "removed");
    (void)yw_copyf(event.reconciled.detail, sizeof event.reconciled.detail,
                   "from host '%s': it lives on '%s'", host, machine->host);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void on_removed(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    if (code == 0) {
        tell_removed(drill, call->call.machine, call->call.host);
    } else {
        yw_drill_fault(drill, "host '%s': the old copy of machine '%s' stays: %s",
                       call->call.host, call->machine, err->text);
    }
}

void yw_hosted_tidy(struct yw_drill *drill, const char *host,
                    const struct yw_virt_found *found, size_t count)
{
    for (size_t f = 0; yw_hosted_range(drill) && f < count; f++) {
        for (size_t i = 0; !found[f].is_network && i < drill->plan->machine_count; i++) {
            const struct yw_plan_machine *machine = &drill->plan->machines[i];
            const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
            if (strcmp(machine->uuid, found[f].uuid) != 0 ||
                strcmp(machine->host, host) == 0 || fold == NULL ||
                strcmp(fold->from, host) == 0) {
                continue; /* it belongs there, or is on its way from there */
            }
            struct yw_range_call *call =
                yw_range_call_new(drill, YW_VIRT_MACHINE_DOWN, DOWN_MS, on_removed);
            call->team = machine->team;
            YW_COPY(call->machine, machine->name);
            YW_COPY(call->call.host, host);
            call->call.machine = machine;
            yw_range_call_start(call);
        }
    }
}
