#include "drill/range/move.h"

#include "base/mem.h"
#include "drill/order/order.h"
#include "drill/range/hosted.h"
#include "drill/range/range_call.h"
#include "model/place.h"

#include <string.h>

#define NETWORK_MS 10000
#define MOVE_MS 60000
#define CARRY_MS 300000
#define DOWN_MS 20000
#define SETUP_MS 30000
#define FIND_MS 30000

enum step {
    STEP_NETWORK,
    STEP_MOVE,
    STEP_FIND,
    STEP_CARRY,
    STEP_BEGIN, /* UP as it was */
    STEP_CLEAR, /* DOWN where it was, when it is here */
    STEP_DOWN,
    STEP_UP,
    STEP_SETUP,
    STEP_UNDO, /* DOWN here */
    STEP_LOOK, /* FIND where it was */
    STEP_BACK, /* UP where it was, as it was */
};

static const struct {
    enum yw_virt_op op;
    int64_t deadline_ms; /* 0: yw_range_up_ms */
    bool there;     /* on the host that it leaves */
    bool as_it_was; /* from what was carried */
    bool runs;      /* not while the drill is stopped */
} steps[] = {
    [STEP_NETWORK] = {YW_VIRT_NETWORK_UP, NETWORK_MS, false, false, false},
    [STEP_MOVE] = {YW_VIRT_MOVE, MOVE_MS, true, false, true},
    [STEP_FIND] = {YW_VIRT_MACHINE_FIND, FIND_MS, false, false, false},
    [STEP_CARRY] = {YW_VIRT_CARRY, CARRY_MS, true, false, true},
    [STEP_BEGIN] = {YW_VIRT_MACHINE_UP, 0, false, true, true},
    [STEP_CLEAR] = {YW_VIRT_MACHINE_DOWN, DOWN_MS, true, false, false},
    [STEP_DOWN] = {YW_VIRT_MACHINE_DOWN, DOWN_MS, true, false, false},
    [STEP_UP] = {YW_VIRT_MACHINE_UP, 0, false, false, true},
    [STEP_SETUP] = {YW_VIRT_MACHINE_SETUP, SETUP_MS, false, false, false},
    [STEP_UNDO] = {YW_VIRT_MACHINE_DOWN, DOWN_MS, false, false, false},
    [STEP_LOOK] = {YW_VIRT_MACHINE_FIND, FIND_MS, true, false, false},
    [STEP_BACK] = {YW_VIRT_MACHINE_UP, 0, true, true, true},
};

static void on_step(struct yw_range_call *call, int code, const struct yw_err *err);

/* ---- steps ---- */

static struct yw_range_call *step_call(struct yw_drill *drill, enum step step,
                                       const struct yw_plan_machine *machine)
{
    int64_t deadline_ms = steps[step].deadline_ms;
    struct yw_range_call *call =
        yw_range_call_new(drill, steps[step].op,
                          deadline_ms > 0 ? deadline_ms : yw_range_up_ms(machine), on_step);
    call->purpose = (int)step;
    call->team = machine->team;
    YW_COPY(call->machine, machine->name);
    call->call.machine = machine;
    return call;
}

/* `why`: of the failure that it answers, kept for the outcome; NULL none. */
static void start(struct yw_drill *drill, enum step step,
                  const struct yw_plan_machine *machine, const char *why)
{
    const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
    struct yw_range_call *call = step_call(drill, step, machine);
    if (fold != NULL) {
        YW_COPY(call->call.host, steps[step].there ? fold->from : machine->host);
    }
    if (steps[step].as_it_was) {
        yw_virt_carried(machine->uuid, call->call.source);
        YW_COPY(call->call.point, YW_VIRT_CARRY_POINT);
    }
    if (step == STEP_SETUP) {
        yw_range_fill_setup(drill, call, machine);
    }
    YW_COPY(call->why, why == NULL ? "" : why);
    call->holdable = steps[step].runs;
    call->moves = true;
    yw_range_call_start(call);
}

/* ---- outcome ---- */

static void moved(struct yw_drill *drill, const struct yw_plan_machine *machine,
                  const char *how, bool ok, const char *detail)
{
    const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
    struct yw_event event;
    if (fold == NULL) {
        return;
    }
    bool stays = !ok && strcmp(how, "anew") != 0;
    yw_drill_event(&event, YW_EVENT_MACHINE_MOVED, machine->team, "core");
    YW_COPY(event.machine_moved.machine, machine->name);
    YW_COPY(event.machine_moved.host, stays ? fold->from : machine->host);
    YW_COPY(event.machine_moved.how, how);
    event.machine_moved.ok = ok;
    YW_COPY(event.machine_moved.detail, detail);
    event.causes[0] = fold->placed_seq;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

/* A machine that was begun has its links up. */
static void serves(struct yw_drill *drill, const struct yw_plan_machine *machine)
{
    const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
    yw_range_shape(drill, machine);
    if (fold != NULL && fold->state != YW_MACHINE_SERVING) {
        yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_SERVING, "");
    }
    if (fold != NULL && !fold->link_wanted) {
        yw_range_link(drill, machine->team, machine->name, false);
    }
}

static void failed(struct yw_drill *drill, const struct yw_plan_machine *machine,
                   const char *how, const char *detail)
{
    moved(drill, machine, how, false, detail);
    yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_LOST, detail);
}

static void carried(struct yw_drill *drill, const struct yw_plan_machine *machine)
{
    char from[YW_NAME_MAX];
    const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
    YW_COPY(from, fold == NULL ? "" : fold->from);
    moved(drill, machine, "carried", true, "");
    serves(drill, machine);
    struct yw_range_call *call = step_call(drill, STEP_CLEAR, machine);
    YW_COPY(call->call.host, from);
    yw_range_call_start(call);
}

/* ---- what follows ---- */

static bool is_lost(const struct yw_drill *drill, const char *host)
{
    struct yw_virt_host hosts[YW_PLACE_HOSTS_MAX];
    const struct yw_host_fold *fold = yw_drill_host(yw_drill_state(drill), host);
    size_t count = yw_virt_hosts(drill->stage->virt, hosts, YW_PLACE_HOSTS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(hosts[i].name, host) == 0 && hosts[i].state == YW_HOST_LOST) {
            return true;
        }
    }
    return fold != NULL && fold->state == YW_HOST_LOST;
}

static bool given_up(const struct yw_drill *drill, const char *host)
{
    const struct yw_host_fold *fold = yw_drill_host(yw_drill_state(drill), host);
    return fold != NULL && fold->given_up;
}

/* The bridges of one machine, one after the other; `nic` says how far. */
static void next_network(struct yw_drill *drill, const struct yw_plan_machine *machine,
                         int nic)
{
    const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
    if (nic < (int)machine->nic_count) {
        struct yw_range_call *call = step_call(drill, STEP_NETWORK, machine);
        call->call.machine = NULL;
        call->call.network = &drill->plan->networks[machine->nics[nic].network];
        /* there alone: the others of the network may be lost, or on their way themselves */
        YW_COPY(call->call.host, machine->host);
        call->action = nic;
        yw_range_call_start(call);
    } else if (fold == NULL || given_up(drill, fold->from)) {
        start(drill, STEP_UP, machine, NULL);
    } else {
        start(drill, STEP_MOVE, machine, NULL);
    }
}

void yw_move_begin(struct yw_drill *drill, const struct yw_plan_machine *machine)
{
    for (const struct yw_range_call *call = drill->calls; call != NULL;
         call = call->next) {
        if (call->ended == on_step && call->purpose != STEP_CLEAR &&
            call->team == machine->team && strcmp(call->machine, machine->name) == 0) {
            return;
        }
    }
    next_network(drill, machine, 0);
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

/* Only where neither host is lost can it be known that there is no second one. */
static void put_back(struct yw_drill *drill, const struct yw_plan_machine *machine,
                     enum step first, const char *why)
{
    const struct yw_machine_fold *fold = yw_hosted_machine(drill, machine);
    if (fold == NULL || is_lost(drill, fold->from) || is_lost(drill, machine->host)) {
        return; /* the move begins again with the host */
    }
    start(drill, first, machine, why);
}

static bool cannot(int code)
{
    return code == YW_ESTATE || code == YW_ENOTFOUND || code == YW_EINVAL;
}

static void step_failed(struct yw_drill *drill, const struct yw_range_call *call,
                        const struct yw_plan_machine *machine, int code,
                        const struct yw_err *err)
{
    switch ((enum step)call->purpose) {
    case STEP_MOVE:
        if (cannot(code)) {
            start(drill, STEP_CARRY, machine, NULL);
        } else {
            put_back(drill, machine, STEP_LOOK, err->text);
        }
        break;
    case STEP_CARRY:
        if (cannot(code)) {
            start(drill, STEP_DOWN, machine, NULL);
        } else {
            put_back(drill, machine, STEP_LOOK, err->text);
        }
        break;
    case STEP_BEGIN:
        put_back(drill, machine, STEP_UNDO, err->text);
        break;
    case STEP_NETWORK:
    case STEP_DOWN:
        put_back(drill, machine, STEP_LOOK, err->text);
        break;
    case STEP_LOOK:
        if (code == YW_ENOTFOUND) {
            put_back(drill, machine, STEP_BACK, call->why);
            break;
        }
        moved(drill, machine, "live", false, call->why);
        break;
    case STEP_CLEAR:
        yw_drill_fault(drill, "host '%s' keeps files of machine '%s': %s",
                       call->call.host, call->machine, err->text);
        break;
    case STEP_UNDO: /* nobody knows whether it runs there: it waits for that host */
        yw_drill_fault(drill, "machine '%s' on host '%s': %s", call->machine,
                       machine->host, err->text);
        break;
    case STEP_BACK:
        failed(drill, machine, "carried", err->text);
        break;
    case STEP_FIND:
        failed(drill, machine, "anew", err->text);
        break;
    case STEP_UP:
    case STEP_SETUP:
        failed(drill, machine, "anew", err->text);
        break;
    }
}

static void step_done(struct yw_drill *drill, const struct yw_range_call *call,
                      const struct yw_plan_machine *machine)
{
    if (steps[call->purpose].op == YW_VIRT_MACHINE_UP) {
        yw_range_started(drill, call);
    }
    switch ((enum step)call->purpose) {
    case STEP_NETWORK:
        join_others(drill, machine, machine->nics[call->action].network);
        next_network(drill, machine, (int)call->action + 1);
        break;
    case STEP_MOVE:
        start(drill, STEP_FIND, machine, NULL);
        break;
    case STEP_FIND:
        yw_range_confined(drill, call, "found", &call->call.proof);
        moved(drill, machine, "live", true, "");
        serves(drill, machine);
        break;
    case STEP_CARRY:
        start(drill, STEP_BEGIN, machine, NULL);
        break;
    case STEP_BEGIN:
        carried(drill, machine);
        break;
    case STEP_DOWN:
        start(drill, STEP_UP, machine, NULL);
        break;
    case STEP_UP:
        start(drill, STEP_SETUP, machine, NULL);
        break;
    case STEP_SETUP:
        moved(drill, machine, "anew", true, "");
        serves(drill, machine);
        break;
    case STEP_UNDO:
        put_back(drill, machine, STEP_LOOK, call->why);
        break;
    case STEP_LOOK:
    case STEP_BACK:
        moved(drill, machine, "carried", false, call->why);
        serves(drill, machine);
        break;
    case STEP_CLEAR:
        break;
    }
}

static void on_step(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    int index = yw_spec_machine(drill->spec, call->machine);
    const struct yw_plan_machine *machine =
        index < 0 ? NULL : yw_plan_machine(drill->plan, call->team, index);
    if (machine == NULL || !yw_hosted_range(drill) ||
        drill->range.step != YW_RANGE_IDLE) {
        return; /* the range is being taken down: it takes this machine, too */
    }
    if (code == 0) {
        step_done(drill, call, machine);
    } else {
        step_failed(drill, call, machine, code, err);
    }
}
