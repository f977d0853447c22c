/* The range of a drill: one table for bring-up and take-down. `down` is the same code as rollback.
 *
 *   IDLE ──go(up)──▶ NETWORKS ──all up──▶ MACHINES ──all serving──▶ PROVING ──isolated──▶ IDLE
 *                        │ one failed         │ one failed            │ a leak    (range-state up, ok)
 *                        └──────▶ SWEEPING ◀──┴───────────────────────┘   ◀──go(down)── IDLE
 *                                    │ swept
 *                                    └──▶ IDLE  (range-state up+failed, or down+ok)
 *
 * Each phase starts all its calls, counts them down, and moves once. */
#include "drill/order/order.h"

#include "base/log.h"
#include "base/mem.h"
#include "controller/conf.h"
#include "drill/exercise/table.h"
#include "drill/range/role.h"
#include "drill/range/wiring.h"

#include <stdio.h>
#include <string.h>

#define NETWORK_MS 10000
#define MACHINE_SETUP_MS 30000
#define MACHINE_FIND_MS 30000
#define LINK_MS 10000
#define SWEEP_MS 60000
#define SWEEP_TRIES 3
#define AGAIN_MS 500

enum purpose {
    FOR_NETWORK,
    FOR_UP,
    FOR_SETUP,
    FOR_SHAPE,
    FOR_FIND,
    FOR_LINK,
    FOR_SWEEP
};

static void finish(struct yw_range_call *call, int code, const struct yw_err *err);
static void step_on(struct yw_drill *drill);

static struct yw_range_call *call_new(struct yw_drill *drill, enum purpose purpose, enum yw_virt_op op,
                             int64_t deadline_ms)
{
    struct yw_range_call *call = yw_range_call_new(drill, op, deadline_ms, finish);
    call->purpose = (int)purpose;
    return call;
}

static const struct yw_plan_machine *plan_machine(const struct yw_drill *drill, int team,
                                                  const char *name)
{
    int index = yw_spec_machine(drill->spec, name);
    return index < 0 ? NULL : yw_plan_machine(drill->plan, team, index);
}

void yw_range_tell(struct yw_drill *drill, int team, const char *machine,
                   enum yw_machine_state state, const char *detail)
{
    const struct yw_machine_fold *fold = yw_drill_machine(yw_drill_state(drill), team, machine);
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_MACHINE_STATE, team, "core");
    YW_COPY(event.machine_state.machine, machine);
    event.machine_state.state = state;
    event.machine_state.hidden = fold == NULL || fold->hidden;
    YW_COPY(event.machine_state.detail, detail);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void tell_proof(struct yw_ev_machine_started *ret, const struct yw_virt_proof *proof)
{
    if (!proof->read) {
        return; /* on another host, or in memory: nothing is claimed */
    }
    ret->confined = proof->ok;
    ret->uid = (int64_t)proof->uid;
    ret->seccomp = proof->seccomp;
    ret->no_new_privs = proof->no_new_privs;
    ret->mount_ns = proof->mount_ns;
    (void)yw_copyf(ret->cap_eff, sizeof ret->cap_eff, "%llx",
                   (unsigned long long)proof->cap_eff);
    YW_COPY(ret->mac, proof->mac);
}

void yw_range_confined(struct yw_drill *drill, const struct yw_range_call *call, const char *of,
                       const struct yw_virt_proof *proof)
{
    struct yw_event event;
    if (!proof->read) {
        return; /* none was made now, it is on another host, or in memory */
    }
    yw_drill_event(&event, YW_EVENT_CONFINEMENT_PROVED, call->team, "core");
    struct yw_ev_confinement_proved *proved = &event.confinement_proved;
    YW_COPY(proved->machine, call->machine);
    YW_COPY(proved->of, of);
    proved->confined = proof->ok;
    proved->uid = (int64_t)proof->uid;
    proved->seccomp = proof->seccomp;
    proved->no_new_privs = proof->no_new_privs;
    proved->mount_ns = proof->mount_ns;
    (void)yw_copyf(proved->cap_eff, sizeof proved->cap_eff, "%llx",
                   (unsigned long long)proof->cap_eff);
    YW_COPY(proved->mac, proof->mac);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_range_started(struct yw_drill *drill, const struct yw_range_call *call)
{
    struct yw_event event;
    yw_range_confined(drill, call, "golden", &call->call.golden);
    if (call->call.ret_how == YW_VIRT_HOW_ANY) {
        return; /* it ran already, and its start is in the journal or was lost with the core */
    }
    yw_drill_event(&event, YW_EVENT_MACHINE_STARTED, call->team, "core");
    YW_COPY(event.machine_started.machine, call->machine);
    YW_COPY(event.machine_started.how, yw_virt_how_name(call->call.ret_how));
    YW_COPY(event.machine_started.why, call->call.why);
    tell_proof(&event.machine_started, &call->call.proof);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void range_failed(struct yw_drill *drill, const struct yw_err *err)
{
    if (!drill->range.failed) {
        drill->range.failed = true;
        drill->range.why = *err;
    }
}

void yw_range_fill_setup(struct yw_drill *drill, struct yw_range_call *call,
                         const struct yw_plan_machine *planned)
{
    const struct yw_spec_machine *declared = &drill->spec->machines[planned->machine];
    if (declared->program[0] != '\0') {
        const struct yw_package_file *file = yw_package_file(drill->package, declared->program);
        if (file != NULL) {
            YW_COPY(call->call.file.name, "program.st");
            call->call.file.bytes = file->bytes;
            call->call.file.size = file->size;
        }
    }
    struct yw_buf role;
    yw_buf_init(&role, YW_VIRT_FILE_MAX);
    yw_role_write(drill->spec, planned->machine, drill->clock.speed, &role);
    if (role.size > 0) {
        YW_COPY(call->call.file.name, YW_CONF_FILE);
        call->call.file.size = role.size;
        call->role = yw_buf_steal(&role);
        call->call.file.bytes = call->role;
    }
    yw_buf_fini(&role);
    yw_wiring_fill(drill->spec, planned->machine, &call->call);
    if (declared->serves >= 0) {
        struct yw_virt_setting *setting = &call->call.settings[call->call.setting_count++];
        YW_COPY(setting->name, "plc");
        yw_role_served(drill->spec, planned->machine, setting->value);
    }
}

static void start_setup(struct yw_drill *drill, int team, const char *machine)
{
    const struct yw_plan_machine *planned = plan_machine(drill, team, machine);
    if (planned == NULL) {
        return; /* the name came from the plan */
    }
    struct yw_range_call *call = call_new(drill, FOR_SETUP, YW_VIRT_MACHINE_SETUP, MACHINE_SETUP_MS);
    call->team = team;
    YW_COPY(call->machine, machine);
    call->call.machine = planned;
    yw_range_fill_setup(drill, call, planned);
    drill->range.open++;
    yw_range_call_start(call);
}

/* Links as slow as the scenario wants them; a tap that is new, or was made anew elsewhere, is
 * as fast as it goes. */
static void start_shapes(struct yw_drill *drill, const struct yw_plan_machine *planned,
                         bool counted)
{
    for (size_t i = 0; planned != NULL && i < planned->nic_count; i++) {
        const struct yw_plan_nic *nic = &planned->nics[i];
        if (nic->bandwidth_kbit == 0 && nic->delay_ms == 0) {
            continue;
        }
        struct yw_range_call *call = call_new(drill, FOR_SHAPE, YW_VIRT_SHAPE, LINK_MS);
        call->team = planned->team;
        YW_COPY(call->machine, planned->name);
        call->call.machine = planned;
        call->call.nic = (int)i;
        call->call.bandwidth_kbit = nic->bandwidth_kbit;
        call->call.delay_ms = nic->delay_ms;
        call->attempt = counted ? 1 : 0;
        drill->range.open += counted ? 1 : 0;
        yw_range_call_start(call);
    }
}

void yw_range_shape(struct yw_drill *drill, const struct yw_plan_machine *planned)
{
    start_shapes(drill, planned, false);
}

static void after_shape(struct yw_drill *drill, const struct yw_range_call *call, int code,
                        const struct yw_err *err)
{
    struct yw_err why = {0};
    if (code != 0) {
        why = *err;
        (void)yw_err_prefix(&why, "up '%s': machine '%s'", drill->plan->teams[call->team],
                            call->machine);
    }
    if (call->attempt != 0) {
        yw_range_counted(drill, code != 0 ? &why : NULL);
    } else if (code != 0) {
        yw_drill_fault(drill, "%s", why.text);
    }
}

static void after_machine(struct yw_drill *drill, struct yw_range_call *call, int code,
                          const struct yw_err *err)
{
    drill->range.open--;
    if (code != 0) {
        struct yw_err why = *err;
        (void)yw_err_prefix(&why, "up '%s': machine '%s'", drill->plan->teams[call->team],
                            call->machine);
        yw_range_tell(drill, call->team, call->machine, YW_MACHINE_LOST, err->text);
        range_failed(drill, &why);
    } else if (call->purpose == FOR_UP) {
        yw_range_started(drill, call);
        if (drill->origin != NULL) { /* a copy is set up as its original was */
            yw_range_tell(drill, call->team, call->machine, YW_MACHINE_SERVING, "");
            drill->range.serving++;
            step_on(drill);
            return;
        }
        yw_range_tell(drill, call->team, call->machine, YW_MACHINE_UP, "");
        if (!drill->range.failed) {
            start_shapes(drill, call->call.machine, true);
            start_setup(drill, call->team, call->machine);
        }
    } else {
        yw_range_tell(drill, call->team, call->machine, YW_MACHINE_SERVING, "");
        drill->range.serving++;
    }
    step_on(drill);
}

/* A link that is being set already would be told twice. */
static bool link_under_way(const struct yw_drill *drill, int team, const char *machine, bool up)
{
    for (const struct yw_range_call *call = drill->calls; call != NULL; call = call->next) {
        if (call->purpose == FOR_LINK && call->team == team && call->link_up == up &&
            strcmp(call->machine, machine) == 0) {
            return true;
        }
    }
    return false;
}

/* What is found unlike the journal, by a core or after a broker that was started again, and
 * what is done about it. */
static void tell_reconciled(struct yw_drill *drill, const struct yw_range_call *call,
                            const char *action, const char *detail)
{
    struct yw_event event;
    if (!call->at_start) {
        return;
    }
    yw_drill_event(&event, YW_EVENT_RECONCILED, call->team, "core");
    YW_COPY(event.reconciled.object, "machine");
    YW_COPY(event.reconciled.name, call->machine);
    YW_COPY(event.reconciled.action, action);
    YW_COPY(event.reconciled.detail, detail);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void after_find(struct yw_drill *drill, struct yw_range_call *call, int code,
                       const struct yw_err *err)
{
    const struct yw_machine_fold *fold =
        yw_drill_machine(yw_drill_state(drill), call->team, call->machine);
    if (code != 0) {
        if (fold == NULL || fold->state != YW_MACHINE_LOST) {
            tell_reconciled(drill, call, "lost", err->text);
            yw_range_tell(drill, call->team, call->machine, YW_MACHINE_LOST, err->text);
        }
        return;
    }
    yw_range_confined(drill, call, "found", &call->call.proof);
    start_shapes(drill, call->call.machine, false);
    if (fold != NULL && fold->state == YW_MACHINE_LOST) {
        yw_range_tell(drill, call->team, call->machine, YW_MACHINE_SERVING, "found again");
    }
    if (fold != NULL && fold->link_wanted != fold->link_up &&
        !link_under_way(drill, call->team, call->machine, fold->link_wanted)) {
        tell_reconciled(drill, call, "repaired",
                        fold->link_wanted ? "its link goes up" : "its link is cut");
        yw_range_link(drill, call->team, call->machine, fold->link_wanted);
    }
}

static void after_link(struct yw_drill *drill, struct yw_range_call *call, int code,
                       const struct yw_err *err)
{
    if (code != 0) {
        yw_drill_fault(drill, "link of '%s' of '%s' %s: %s", call->machine,
                       drill->plan->teams[call->team], call->link_up ? "up" : "down", err->text);
        yw_respond_link_failed(drill, call->team, call->machine, err->text);
        return;
    }
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_LINK_CHANGED, call->team, "core");
    YW_COPY(event.link_changed.machine, call->machine);
    event.link_changed.up = call->link_up;
    event.causes[0] = call->cause;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void on_sweep_again(struct yw_due_entry *entry);

static void after_sweep(struct yw_drill *drill, int code, const struct yw_err *err)
{
    struct yw_drill_range *range = &drill->range;
    if (code != 0 && ++range->sweep_tries < SWEEP_TRIES) {
        range->again.run = on_sweep_again;
        range->again.arg = drill;
        yw_due_add(drill->stage->due, &range->again,
                   yw_clock_mono_ms(drill->stage->clock) + AGAIN_MS);
        return;
    }
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_RANGE_STATE, -1, "core");
    event.range_state.up = range->going_up;
    event.range_state.ok = !range->going_up && code == 0;
    if (code != 0) {
        (void)yw_copyf(event.range_state.detail, sizeof event.range_state.detail,
                       "%s%ssomething may be left over: %s", range->why.text,
                       range->why.text[0] != '\0' ? "; " : "", err->text);
    } else {
        YW_COPY(event.range_state.detail, range->going_up ? range->why.text : "all removed");
    }
    for (size_t i = 0; code == 0 && i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_DOWN, "");
    }
    range->step = YW_RANGE_IDLE;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
    if (code != 0 && !range->going_up) {
        yw_pending_fail(drill, code, event.range_state.detail);
    }
}

static void finish(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    struct yw_err why = {0};
    switch ((enum purpose)call->purpose) {
    case FOR_NETWORK:
        drill->range.open--;
        if (code != 0) {
            why = *err;
            (void)yw_err_prefix(&why, "up '%s': network '%s'", drill->plan->teams[call->team],
                                call->machine);
            range_failed(drill, &why);
        }
        if (code == 0 && call->call.why[0] != '\0' && !drill->range.unguarded) {
            drill->range.unguarded = true;
            yw_drill_fault(drill, "network '%s': %s", call->machine, call->call.why);
        }
        step_on(drill);
        break;
    case FOR_SHAPE:
        after_shape(drill, call, code, err);
        break;
    case FOR_UP:
    case FOR_SETUP:
        after_machine(drill, call, code, err);
        break;
    case FOR_FIND:
        after_find(drill, call, code, err);
        break;
    case FOR_LINK:
        after_link(drill, call, code, err);
        break;
    case FOR_SWEEP:
        after_sweep(drill, code, err);
        break;
    }
}

static void start_sweep(struct yw_drill *drill)
{
    drill->range.step = YW_RANGE_SWEEPING;
    yw_range_call_start(call_new(drill, FOR_SWEEP, YW_VIRT_SWEEP, SWEEP_MS));
}

static void on_sweep_again(struct yw_due_entry *entry)
{
    start_sweep(entry->arg);
}

/* Call submission can fail at once and come back here: phases hold one extra count while they
 * start their calls, so that they move once and not from inside the loop. */
static void start_networks(struct yw_drill *drill)
{
    drill->range.step = YW_RANGE_NETWORKS;
    drill->range.open = 1;
    for (size_t i = 0; i < drill->plan->network_count; i++) {
        const struct yw_plan_network *network = &drill->plan->networks[i];
        struct yw_range_call *call = call_new(drill, FOR_NETWORK, YW_VIRT_NETWORK_UP, NETWORK_MS);
        call->team = network->team;
        YW_COPY(call->machine, drill->spec->networks[network->network].name);
        call->call.network = network;
        drill->range.open++;
        yw_range_call_start(call);
    }
    drill->range.open--;
    step_on(drill);
}

/* A copy of a running machine is made in a way of its own. */
static enum yw_virt_how way_of(const struct yw_drill *drill)
{
    int way = yw_virt_how_of(yw_drill_state(drill)->way);
    return way < 0 || drill->origin != NULL ? YW_VIRT_HOW_ANY : (enum yw_virt_how)way;
}

static void start_machines(struct yw_drill *drill)
{
    drill->range.step = YW_RANGE_MACHINES;
    drill->range.open = 1;
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_STARTING, "");
        struct yw_range_call *call = call_new(drill, FOR_UP, YW_VIRT_MACHINE_UP, yw_range_up_ms(machine));
        call->team = machine->team;
        YW_COPY(call->machine, machine->name);
        call->call.machine = machine;
        call->call.how = way_of(drill);
        if (drill->origin != NULL) {
            YW_COPY(call->call.source, drill->origin->machines[i].uuid);
            YW_COPY(call->call.point, drill->forked.point);
        }
        drill->range.open++;
        yw_range_call_start(call);
    }
    drill->range.open--;
    step_on(drill);
}

void yw_range_counted(struct yw_drill *drill, const struct yw_err *err)
{
    drill->range.open--;
    if (err != NULL) {
        range_failed(drill, err);
    }
    step_on(drill);
}

static void step_on(struct yw_drill *drill)
{
    struct yw_drill_range *range = &drill->range;
    if (range->open > 0 || range->step == YW_RANGE_IDLE) {
        return;
    }
    if (range->failed && range->step != YW_RANGE_SWEEPING) {
        start_sweep(drill);
    } else if (range->step == YW_RANGE_NETWORKS) {
        start_machines(drill);
    } else if (range->step == YW_RANGE_MACHINES && !drill->spec->tabletop) {
        range->step = YW_RANGE_PROVING;
        yw_isolation_start(drill);
    } else if (range->step == YW_RANGE_MACHINES || range->step == YW_RANGE_PROVING) {
        range->step = YW_RANGE_IDLE;
        struct yw_event event;
        yw_drill_event(&event, YW_EVENT_RANGE_STATE, -1, "core");
        event.range_state.up = true;
        event.range_state.ok = true;
        (void)yw_copyf(event.range_state.detail, sizeof event.range_state.detail,
                       "%zu machines serving", range->serving);
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
}

static bool coming_up(const struct yw_drill *drill)
{
    enum yw_range_step step = drill->range.step;
    return step == YW_RANGE_NETWORKS || step == YW_RANGE_MACHINES || step == YW_RANGE_PROVING;
}

/* What the hypervisor has in hand ends as cancelled, is counted down, and then the sweep takes
 * away what came to be. */
void yw_range_cancel(struct yw_drill *drill, const char *why)
{
    struct yw_err err = {0};
    if (!coming_up(drill)) {
        return;
    }
    (void)yw_err_set(&err, YW_ECANCELED, "%s", why);
    range_failed(drill, &err);
    for (struct yw_range_call *call = drill->calls; call != NULL; call = call->next) {
        if (yw_isolation_owns(call) ||
            (call->ended == finish && (call->purpose == FOR_NETWORK || call->purpose == FOR_UP ||
                                       call->purpose == FOR_SETUP || call->purpose == FOR_SHAPE))) {
            yw_range_call_cancel(call);
        }
    }
}

void yw_range_go(struct yw_drill *drill, bool up)
{
    struct yw_drill_range *range = &drill->range;
    if (!up && range->going_up && coming_up(drill)) {
        range->going_up = false;
        yw_range_cancel(drill, "taken down while it came up");
        return;
    }
    if (range->step != YW_RANGE_IDLE) {
        range->going_up = range->going_up && up; /* it is being swept: that is what is wanted */
        return;
    }
    memset(range, 0, sizeof *range);
    range->going_up = up;
    if (!up && drill->spec->tabletop) {
        after_sweep(drill, 0, NULL); /* nothing was made, and there may be no hypervisor */
    } else if (!up) {
        start_sweep(drill);
    } else if (drill->spec->tabletop) {
        range->step = YW_RANGE_MACHINES;
        step_on(drill);
    } else {
        start_networks(drill);
    }
}

void yw_range_link(struct yw_drill *drill, int team, const char *machine, bool up)
{
    const struct yw_machine_fold *fold = yw_drill_machine(yw_drill_state(drill), team, machine);
    const struct yw_plan_machine *planned = plan_machine(drill, team, machine);
    if (drill->spec->tabletop) {
        yw_table_link(drill, team, machine, up);
        return;
    }
    if (fold == NULL || planned == NULL) {
        return;
    }
    struct yw_range_call *call = call_new(drill, FOR_LINK, YW_VIRT_LINK, LINK_MS);
    call->team = team;
    YW_COPY(call->machine, machine);
    call->cause = fold->link_ordered_seq;
    call->link_up = up;
    call->call.machine = planned;
    call->call.up = up;
    call->holdable = up; /* a stop cuts what is up, and nothing joins it meanwhile */
    yw_range_call_start(call);
}

void yw_range_relink(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        const struct yw_machine_fold *fold =
            yw_drill_machine(yw_drill_state(drill), machine->team, machine->name);
        if (fold != NULL && !fold->link_wanted) {
            yw_range_link(drill, machine->team, machine->name, false);
        }
    }
}

/* On a host that comes back also what was lost with it; a machine on its way is the move's. */
static bool should_find(const struct yw_machine_fold *fold, const char *host)
{
    return fold != NULL && fold->from[0] == '\0' &&
           (fold->state == YW_MACHINE_SERVING ||
            (fold->state == YW_MACHINE_LOST && host[0] != '\0'));
}

static void find_on(struct yw_drill *drill, const char *host, bool at_start)
{
    if (yw_drill_state(drill)->phase == YW_PHASE_ARCHIVED) {
        return;
    }
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        const struct yw_machine_fold *fold =
            yw_drill_machine(yw_drill_state(drill), machine->team, machine->name);
        if (!should_find(fold, host) ||
            (host[0] != '\0' && strcmp(machine->host, host) != 0)) {
            continue;
        }
        struct yw_range_call *call = call_new(drill, FOR_FIND, YW_VIRT_MACHINE_FIND, MACHINE_FIND_MS);
        call->team = machine->team;
        YW_COPY(call->machine, machine->name);
        call->call.machine = machine;
        call->call.frozen = yw_drill_state(drill)->stopped;
        call->at_start = at_start;
        yw_range_call_start(call);
    }
}

void yw_range_find_on(struct yw_drill *drill, const char *host)
{
    find_on(drill, host, yw_conductor_broker_generation(drill->conductor) > 0);
}

void yw_range_find(struct yw_drill *drill)
{
    yw_range_find_on(drill, "");
}

void yw_range_resume(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->range_pending) {
        /* every operation is idempotent: what exists already is found, the rest is made */
        yw_range_go(drill, state->range_up_wanted);
        yw_order_resume(drill);
        return;
    }
    if (state->phase == YW_PHASE_READY || state->phase == YW_PHASE_RUNNING ||
        state->phase == YW_PHASE_PAUSED || state->phase == YW_PHASE_ENDED) {
        find_on(drill, "", true);
        yw_order_resume(drill);
        yw_program_resume(drill);
        if (drill->spec->tabletop) {
            yw_table_resume(drill);
        }
    }
}

void yw_range_notice(struct yw_drill *drill, const struct yw_virt_notice *notice)
{
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        if (strcmp(machine->uuid, notice->uuid) != 0) {
            continue;
        }
        if (notice->kind == YW_VIRT_LOST && drill->range.step == YW_RANGE_IDLE) {
            yw_range_tell(drill, machine->team, machine->name, YW_MACHINE_LOST, notice->text);
        } else if (notice->kind == YW_VIRT_LINE) {
            struct yw_event event;
            yw_drill_event(&event, YW_EVENT_GUEST_LINE, machine->team, "guest");
            YW_COPY(event.guest_line.machine, machine->name);
            YW_COPY(event.guest_line.line, notice->text);
            (void)yw_drill_emit(drill, &event, NULL, NULL);
        }
        return;
    }
}
