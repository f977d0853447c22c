/* The move of a machine, ordered by machine-placed with `from`:
 *
 *   networks ─▶ MOVE ─ok─▶ FIND ─▶ machine-moved (live)
 *                 │ cannot, or the machine is gone, or its host was given up
 *                 └─▶ DOWN there ─▶ UP ─▶ SETUP ─▶ machine-moved (anew)
 *
 * The old copy is down before the new one is made, unless its host is lost: then control has
 * given it up. After a crash the move begins again; each step finds what was done. */
#include "drill/range/hosted.h"

#include "base/mem.h"
#include "drill/range/admit.h"
#include "drill/range/range_call.h"

#include <string.h>

#define NETWORK_MS 10000
#define MOVE_MS 60000
#define DOWN_MS 20000
#define UP_MS 180000
#define SETUP_MS 30000
#define FIND_MS 30000

enum step { STEP_NETWORK, STEP_MOVE, STEP_FIND, STEP_DOWN, STEP_UP, STEP_SETUP };

static void on_step(struct yw_range_call *call, int code, const struct yw_err *err);

static const struct yw_machine_fold *fold_of(const struct yw_drill *drill,
                                             const struct yw_plan_machine *machine)
{
    return yw_drill_machine(yw_drill_state(drill), machine->team, machine->name);
}

static bool has_range(const struct yw_drill *drill)
{
    enum yw_phase phase = yw_drill_state(drill)->phase;
    return drill->plan != NULL && phase >= YW_PHASE_STAGING && phase < YW_PHASE_ARCHIVED;
}

size_t yw_hosted_machines(const struct yw_drill *drill, const char *host)
{
    size_t count = 0;
    for (size_t i = 0; has_range(drill) && i < drill->plan->machine_count; i++) {
        count += strcmp(drill->plan->machines[i].host, host) == 0;
    }
    return count;
}

/* ---- moves ---- */

static struct yw_range_call *step_call(struct yw_drill *drill, enum step step,
                                       const struct yw_plan_machine *machine)
{
    static const struct {
        enum yw_virt_op op;
        int64_t deadline_ms;
    } table[] = {
        [STEP_NETWORK] = {YW_VIRT_NETWORK_UP, NETWORK_MS},
        [STEP_MOVE] = {YW_VIRT_MOVE, MOVE_MS},
        [STEP_FIND] = {YW_VIRT_MACHINE_FIND, FIND_MS},
        [STEP_DOWN] = {YW_VIRT_MACHINE_DOWN, DOWN_MS},
        [STEP_UP] = {YW_VIRT_MACHINE_UP, UP_MS},
        [STEP_SETUP] = {YW_VIRT_MACHINE_SETUP, SETUP_MS},
    };
    struct yw_range_call *call =
        yw_range_call_new(drill, table[step].op, table[step].deadline_ms, on_step);
    call->purpose = (int)step;
    call->team = machine->team;
    YW_COPY(call->machine, machine->name);
    call->call.machine = machine;
    return call;
}

static void moved(struct yw_drill *drill, const struct yw_plan_machine *machine,
                  const char *how, const char *host, const struct yw_err *err)
{
    const struct yw_machine_fold *fold = fold_of(drill, machine);
    struct yw_event event;
    bool ok = err == NULL;
    yw_drill_event(&event, YW_EVENT_MACHINE_MOVED, machine->team, "core");
    YW_COPY(event.machine_moved.machine, machine->name);
    YW_COPY(event.machine_moved.host, host);
    YW_COPY(event.machine_moved.how, how);
    event.machine_moved.ok = ok;
    YW_COPY(event.machine_moved.detail, ok ? "" : err->text);
    event.causes[0] = fold == NULL ? 0 : fold->placed_seq;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
    if (ok) {
        yw_range_shape(drill, machine);
    }
    if (ok && fold != NULL && fold->state != YW_MACHINE_SERVING) {
        yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_SERVING, "");
    } else if (!ok && strcmp(how, "anew") == 0) {
        yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_LOST, err->text);
    }
}

static void start(struct yw_drill *drill, enum step step,
                  const struct yw_plan_machine *machine, const char *host)
{
    struct yw_range_call *call = step_call(drill, step, machine);
    YW_COPY(call->call.host, host);
    if (step == STEP_SETUP) {
        yw_range_fill_setup(drill, call, machine);
    }
    yw_range_call_start(call);
}

static bool is_lost(const struct yw_drill *drill, const char *host)
{
    const struct yw_host_fold *fold = yw_drill_host(yw_drill_state(drill), host);
    return fold != NULL && fold->state == YW_HOST_LOST;
}

/* The bridges of one machine, one after the other; `nic` says how far. */
static void next_network(struct yw_drill *drill, const struct yw_plan_machine *machine,
                         int nic)
{
    const struct yw_machine_fold *fold = fold_of(drill, machine);
    if (nic < (int)machine->nic_count) {
        struct yw_range_call *call = step_call(drill, STEP_NETWORK, machine);
        call->call.machine = NULL;
        call->call.network = &drill->plan->networks[machine->nics[nic].network];
        /* there alone: the others of the network may be lost, or on their way themselves */
        YW_COPY(call->call.host, machine->host);
        call->action = nic;
        yw_range_call_start(call);
    } else if (fold != NULL && !is_lost(drill, fold->from)) {
        start(drill, STEP_MOVE, machine, fold->from);
    } else {
        start(drill, STEP_UP, machine, "");
    }
}

static void on_joined(struct yw_range_call *call, int code, const struct yw_err *err)
{
    if (code != 0) {
        yw_drill_fault(call->drill, "host '%s' does not know a new end of a network: %s",
                       call->call.host, err->text);
    }
}

static bool has_machine_on(const struct yw_drill *drill, int network, const char *host)
{
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        for (size_t n = 0; n < machine->nic_count; n++) {
            if (machine->nics[n].network == network && strcmp(machine->host, host) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The other ends of a network that spans learn of the host that came to it. */
static void join_others(struct yw_drill *drill, const struct yw_plan_machine *machine,
                        int network)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    struct yw_virt_host hosts[YW_PLACE_HOSTS_MAX];
    size_t count = drill->plan->networks[network].vni == 0
                       ? 0
                       : yw_virt_hosts(drill->stage->virt, hosts, YW_PLACE_HOSTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct yw_host_fold *fold = yw_drill_host(state, hosts[i].name);
        if (strcmp(hosts[i].name, machine->host) == 0 || hosts[i].state == YW_HOST_LOST ||
            (fold != NULL && fold->state == YW_HOST_LOST) ||
            !has_machine_on(drill, network, hosts[i].name)) {
            continue;
        }
        struct yw_range_call *call =
            yw_range_call_new(drill, YW_VIRT_NETWORK_UP, NETWORK_MS, on_joined);
        call->call.network = &drill->plan->networks[network];
        YW_COPY(call->call.host, hosts[i].name);
        yw_range_call_start(call);
    }
}

static void step_failed(struct yw_drill *drill, const struct yw_range_call *call,
                        const struct yw_plan_machine *machine, int code,
                        const struct yw_err *err)
{
    const struct yw_machine_fold *fold = fold_of(drill, machine);
    char from[YW_NAME_MAX];
    YW_COPY(from, fold == NULL ? "" : fold->from);
    switch ((enum step)call->purpose) {
    case STEP_MOVE:
        if (code == YW_ESTATE || code == YW_ENOTFOUND || code == YW_EINVAL) {
            start(drill, STEP_DOWN, machine, from);
        } else {
            moved(drill, machine, "live", from, err);
        }
        break;
    case STEP_NETWORK:
    case STEP_DOWN:
        moved(drill, machine, "live", from, err);
        break;
    case STEP_FIND:
    case STEP_UP:
    case STEP_SETUP:
        moved(drill, machine, "anew", machine->host, err);
        break;
    }
}

static void step_done(struct yw_drill *drill, const struct yw_range_call *call,
                      const struct yw_plan_machine *machine)
{
    switch ((enum step)call->purpose) {
    case STEP_NETWORK:
        join_others(drill, machine, machine->nics[call->action].network);
        next_network(drill, machine, (int)call->action + 1);
        break;
    case STEP_MOVE:
        start(drill, STEP_FIND, machine, "");
        break;
    case STEP_FIND:
        yw_range_confined(drill, call, "found", &call->call.proof);
        moved(drill, machine, "live", machine->host, NULL);
        break;
    case STEP_DOWN:
        start(drill, STEP_UP, machine, "");
        break;
    case STEP_UP:
        start(drill, STEP_SETUP, machine, "");
        break;
    case STEP_SETUP:
        moved(drill, machine, "anew", machine->host, NULL);
        break;
    }
}

static void on_step(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    int index = yw_spec_machine(drill->spec, call->machine);
    const struct yw_plan_machine *machine =
        index < 0 ? NULL : yw_plan_machine(drill->plan, call->team, index);
    if (machine == NULL || !has_range(drill) || drill->range.step != YW_RANGE_IDLE) {
        return; /* the range is being taken down: it takes this machine, too */
    }
    if (code == 0) {
        step_done(drill, call, machine);
    } else {
        step_failed(drill, call, machine, code, err);
    }
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
        const struct yw_machine_fold *fold = fold_of(drill, machine);
        if (strcmp(machine->host, host) == 0 && fold != NULL &&
            fold->state == YW_MACHINE_SERVING) {
            yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_LOST, why);
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
            next_network(drill, machine, 0);
        }
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
        if (host != NULL && host->state == YW_HOST_DRAINING && has_range(drill) &&
            drill->stage->virt != NULL) {
            (void)yw_virt_drain(drill->stage->virt, host->name, true, NULL);
        }
    }
    for (size_t i = 0; has_range(drill) && i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        const struct yw_machine_fold *fold = fold_of(drill, machine);
        if (fold != NULL && fold->from[0] != '\0') {
            next_network(drill, machine, 0);
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
    for (size_t f = 0; has_range(drill) && f < count; f++) {
        for (size_t i = 0; !found[f].is_network && i < drill->plan->machine_count; i++) {
            const struct yw_plan_machine *machine = &drill->plan->machines[i];
            const struct yw_machine_fold *fold = fold_of(drill, machine);
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
