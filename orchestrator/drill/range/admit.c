/* An UP is weighed before anything exists: every host is asked what it has, admission and
 * placement are computed, and their outcome is in the journal before the range is ordered.
 *
 *   UP ─▶ PROBE each host ─▶ range-admitted ─ok, or overridden─▶ machine-placed …
 *                                   │                            staging, range-ordered
 *                                   └─refused─▶ the command fails, the phase stays planned
 *
 * A crash in between leaves no order, so nothing has to be taken up again. */
#include "drill/range/admit.h"

#include "base/mem.h"
#include "codec/facts.h"
#include "drill/range/range_call.h"
#include "model/admit.h"
#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_MS 30000

struct yw_admission {
    char actor[YW_EVENT_ACTOR_MAX];
    char key[YW_EVENT_KEY_MAX];
    char reason[YW_EVENT_NOTE_MAX];
    char override[YW_EVENT_NOTE_MAX]; /* "" none */
    char leave[YW_NAME_MAX];          /* no UP: this host's machines are placed anew */
    struct yw_virt_host found[YW_PLACE_HOSTS_MAX];
    struct yw_admit_host hosts[YW_PLACE_HOSTS_MAX];
    size_t host_count;
    size_t waiting; /* hosts that have not told yet, and one while they are asked */
    uint32_t taken[YW_DRILL_HOSTS_MAX];
    size_t taken_count;
    struct yw_place_span kept[YW_DRILL_HOSTS_MAX];
    size_t kept_count;
    struct yw_err why;            /* code 0: every host told */
    struct yw_host_traits traits; /* of all that told: caution.c */
    bool told;
};

static bool exists(const struct yw_machine_fold *machine)
{
    return machine != NULL && machine->state != YW_MACHINE_PLANNED &&
           machine->state != YW_MACHINE_DOWN;
}

static struct yw_admit_host *host_named(struct yw_admission *admission, const char *name)
{
    for (size_t i = 0; i < admission->host_count; i++) {
        if (strcmp(admission->hosts[i].name, name) == 0) {
            return &admission->hosts[i];
        }
    }
    return NULL;
}

/* What another drill was promised: its steady share always, memory and disk while its
 * machines are not there yet and so not in what the host tells. */
static void count_other(struct yw_admission *admission, const struct yw_drill *other)
{
    const struct yw_drill_state *state = yw_drill_state(other);
    if (other->plan == NULL || state->phase < YW_PHASE_STAGING ||
        state->phase >= YW_PHASE_ARCHIVED) {
        return;
    }
    for (size_t i = 0; i < other->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &other->plan->machines[i];
        const struct yw_machine_fold *fold =
            yw_drill_machine(state, machine->team, machine->name);
        struct yw_admit_host *host = host_named(admission, machine->host);
        if (host == NULL || fold == NULL) {
            continue;
        }
        struct yw_place_load load =
            yw_admit_cost(machine->ram_mib, machine->has_disk, host->facts.way).machine;
        host->used.millicores += load.millicores;
        if (!exists(fold) || fold->state == YW_MACHINE_STARTING) {
            host->used.memory_mib += load.memory_mib;
            host->used.disk_mib += load.disk_mib;
            host->used.boot_ms += load.boot_ms;
        }
    }
    for (size_t i = 0; i < state->spans.count; i++) {
        const struct yw_span_fold *span = yw_vec_at(&state->spans, i);
        if (span != NULL && admission->taken_count < YW_DRILL_HOSTS_MAX) {
            admission->taken[admission->taken_count++] = (uint32_t)span->vni;
        }
    }
}

static void count_others(const struct yw_drill *drill, struct yw_admission *admission)
{
    for (size_t i = 0; i < yw_conductor_count(drill->conductor); i++) {
        const struct yw_drill *other = yw_conductor_drill(drill->conductor, i);
        if (other != drill) {
            count_other(admission, other);
        }
    }
}

static void keep_spans(const struct yw_drill *drill, struct yw_admission *admission)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t i = 0; i < state->spans.count; i++) {
        const struct yw_span_fold *span = yw_vec_at(&state->spans, i);
        int network = span == NULL ? -1 : yw_spec_network(drill->spec, span->network);
        if (network >= 0 && admission->kept_count < YW_DRILL_HOSTS_MAX) {
            admission->kept[admission->kept_count++] = (struct yw_place_span){
                .team = span->team, .network = network, .vni = (uint32_t)span->vni};
        }
    }
}

void yw_admit_place(struct yw_drill *drill, int team, const char *machine,
                    const char *host, const char *from)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_MACHINE_PLACED, team, "core");
    YW_COPY(event.machine_placed.machine, machine);
    YW_COPY(event.machine_placed.host, host);
    YW_COPY(event.machine_placed.from, from);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_admit_span(struct yw_drill *drill, const struct yw_place_span *span)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_NETWORK_SPANNED, span->team, "core");
    YW_COPY(event.network_spanned.network, drill->spec->networks[span->network].name);
    event.network_spanned.vni = span->vni;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void emit_places(struct yw_drill *drill, const struct yw_admit *admit)
{
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        struct yw_plan_machine *machine = &drill->plan->machines[i];
        const char *host = admit->hosts[admit->place.machines[i].host].name;
        const struct yw_machine_fold *fold =
            yw_drill_machine(yw_drill_state(drill), machine->team, machine->name);
        if (fold == NULL || strcmp(fold->host, host) != 0) {
            yw_admit_place(drill, machine->team, machine->name, host, "");
        } else {
            YW_COPY(machine->host, host); /* the same as before, and in the journal */
        }
    }
    for (size_t i = 0; i < admit->place.span_count; i++) {
        yw_admit_span(drill, &admit->place.spans[i]);
    }
}

static void emit_admitted(struct yw_drill *drill, const struct yw_admit *admit,
                          bool anyway)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_RANGE_ADMITTED, -1, "core");
    event.range_admitted.ok = admit->ok;
    event.range_admitted.anyway = anyway;
    event.range_admitted.memory_mib = admit->total.memory_mib;
    event.range_admitted.cpu_ms = admit->total.boot_ms;
    event.range_admitted.disk_mib = admit->total.disk_mib;
    YW_COPY(event.range_admitted.detail, admit->detail);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void emit_overridden(struct yw_drill *drill, const struct yw_admission *admission)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_OVERRIDDEN, -1, admission->actor);
    YW_COPY(event.overridden.what, "admission");
    YW_COPY(event.overridden.reason, admission->override);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

/* Where machines are that nobody has, the last placement means nothing. */
static void forget_places(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        struct yw_plan_machine *machine = &drill->plan->machines[i];
        if (!exists(
                yw_drill_machine(yw_drill_state(drill), machine->team, machine->name))) {
            machine->host[0] = '\0';
        }
    }
}

/* A copy of a machine is made where the machine is. */
static void follow_origin(struct yw_drill *drill)
{
    for (size_t i = 0; drill->origin != NULL && i < yw_conductor_count(drill->conductor);
         i++) {
        const struct yw_drill *other = yw_conductor_drill(drill->conductor, i);
        if (strcmp(other->id, drill->origin->drill) != 0 || other->plan == NULL) {
            continue;
        }
        for (size_t m = 0; m < drill->plan->machine_count; m++) {
            struct yw_plan_machine *machine = &drill->plan->machines[m];
            const struct yw_machine_fold *fold =
                yw_drill_machine(yw_drill_state(other), machine->team, machine->name);
            if (fold != NULL) {
                YW_COPY(machine->host, fold->host);
            }
        }
    }
}

static bool may_go_up(const struct yw_drill *drill)
{
    enum yw_phase phase = yw_drill_state(drill)->phase;
    return (phase == YW_PHASE_PLANNED || phase == YW_PHASE_STAGING) &&
           drill->range.step == YW_RANGE_IDLE && !yw_drill_state(drill)->range_pending;
}

static void weigh(struct yw_drill *drill, struct yw_admission *admission,
                  struct yw_admit *admit)
{
    struct yw_err err = admission->why;
    if (err.code == 0 && !may_go_up(drill)) {
        (void)yw_err_set(&err, YW_ESTATE, "the drill went on while it was weighed");
    }
    if (err.code == 0) {
        forget_places(drill);
        follow_origin(drill);
        count_others(drill, admission);
        keep_spans(drill, admission);
        admit->taken_count = admission->taken_count;
        admit->kept_count = admission->kept_count;
        (void)yw_admit_run(admit, &err);
    }
    if (err.code != 0) {
        admit->ok = false;
        YW_COPY(admit->detail, err.text);
    }
}

/* Every host told, so this comes from their answers and never from inside the command. */
static bool guarded(struct yw_drill *drill)
{
    const struct yw_admission *admission = drill->admission;
    struct yw_err err = {0};
    if (admission->why.code != 0 || !may_go_up(drill) ||
        yw_caution_check(drill, &admission->traits, admission->actor, admission->override,
                         &err) == 0) {
        return true;
    }
    yw_pending_refuse_up(drill, admission->key, &err);
    return false;
}

/* Every machine of a host that is emptied or given up is placed anew, the others stay. */
static void conclude_leave(struct yw_drill *drill)
{
    struct yw_admission *admission = drill->admission;
    struct yw_admit admit = {.spec = drill->spec,
                             .plan = drill->plan,
                             .hosts = admission->hosts,
                             .host_count = admission->host_count,
                             .taken = admission->taken,
                             .kept = admission->kept,
                             .leave = admission->leave};
    struct yw_err err = admission->why;
    if (err.code == 0) {
        count_others(drill, admission);
        keep_spans(drill, admission);
        admit.taken_count = admission->taken_count;
        admit.kept_count = admission->kept_count;
        (void)yw_admit_run(&admit, &err);
    }
    for (size_t i = 0; admit.ok && i < admit.place.span_count; i++) {
        yw_admit_span(drill, &admit.place.spans[i]);
    }
    for (size_t i = 0; admit.ok && i < drill->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &drill->plan->machines[i];
        const char *host = admit.hosts[admit.place.machines[i].host].name;
        if (strcmp(machine->host, admission->leave) == 0) {
            yw_admit_place(drill, machine->team, machine->name, host, machine->host);
        }
    }
    if (!admit.ok) {
        yw_drill_fault(drill, "host '%s' cannot be emptied: %s", admission->leave,
                       err.code != 0 ? err.text : admit.detail);
    }
    yw_admit_fini(&admit);
    yw_admit_close(drill);
}

static void conclude(struct yw_drill *drill)
{
    struct yw_admission *admission = drill->admission;
    if (admission->leave[0] != '\0') {
        conclude_leave(drill);
        return;
    }
    if (!guarded(drill)) {
        yw_admit_close(drill);
        return;
    }
    struct yw_admit admit = {.spec = drill->spec,
                             .plan = drill->plan,
                             .hosts = admission->hosts,
                             .host_count = admission->host_count,
                             .taken = admission->taken,
                             .kept = admission->kept,
                             .anyway = admission->override[0] != '\0'};
    weigh(drill, admission, &admit);
    bool anyway = !admit.ok && admit.placed;
    if (anyway) {
        emit_overridden(drill, admission);
    }
    emit_admitted(drill, &admit, anyway);
    if (admit.lacks[0] != '\0') {
        yw_drill_fault(drill, "%s", admit.lacks);
    }
    if (admit.ok || anyway) {
        emit_places(drill, &admit);
        yw_drill_order_up(drill, admission->actor, admission->key, admission->reason);
    }
    yw_admit_fini(&admit);
    yw_admit_close(drill);
}

static void on_probed(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    struct yw_admission *admission = drill->admission;
    struct yw_admit_host *host = &admission->hosts[call->action];
    struct yw_err why = {0};
    yw_caution_join(&admission->traits, &call->call.traits, !admission->told);
    admission->told = true;
    if (code != 0) {
        why = *err;
    } else {
        (void)yw_facts_decode(&host->facts, call->call.output, strlen(call->call.output),
                              &why);
    }
    if (why.code == 0) {
        (void)yw_shape_check(drill->spec, &call->call.traits, &why);
    }
    if (why.code != 0 && admission->why.code == 0) {
        (void)yw_err_prefix(&why, "host '%s'", host->name);
        admission->why = why;
    }
    if (--admission->waiting == 0) {
        conclude(drill);
    }
}

static void ask_hosts(struct yw_drill *drill)
{
    struct yw_admission *admission = drill->admission;
    admission->waiting = 1;
    for (size_t i = 0; i < admission->host_count; i++) {
        struct yw_admit_host *host = &admission->hosts[i];
        YW_COPY(host->name, admission->found[i].name);
        host->weight = admission->found[i].weight;
        host->state = admission->found[i].state;
        host->no_underlay = admission->found[i].no_underlay;
        if (host->state != YW_HOST_UP) {
            host->facts.way = YW_ADMIT_SHARED; /* it takes nothing: no way is dearer */
            continue;
        }
        struct yw_range_call *call =
            yw_range_call_new(drill, YW_VIRT_PROBE, PROBE_MS, on_probed);
        call->action = (int64_t)i;
        YW_COPY(call->call.host, host->name);
        admission->waiting++;
        yw_range_call_start(call);
    }
    if (--admission->waiting == 0) {
        conclude(drill);
    }
}

static void ask(struct yw_drill *drill)
{
    struct yw_admission *admission = drill->admission;
    admission->host_count =
        yw_virt_hosts(drill->stage->virt, admission->found, YW_PLACE_HOSTS_MAX);
    ask_hosts(drill);
}

void yw_admit_start(struct yw_drill *drill, const struct yw_command *command)
{
    struct yw_admission *admission = yw_new(sizeof *admission);
    YW_COPY(admission->actor, command->actor);
    YW_COPY(admission->key, command->key);
    YW_COPY(admission->reason, command->text);
    YW_COPY(admission->override, command->override);
    drill->admission = admission;
    if (drill->stage->virt == NULL) {
        (void)yw_err_set(&admission->why, YW_ESTATE, "this daemon has no hypervisor");
        conclude(drill);
        return;
    }
    ask(drill);
}

void yw_admit_leave(struct yw_drill *drill, const char *host)
{
    if (drill->admission != NULL) {
        yw_drill_fault(drill,
                       "host '%s' is not emptied: the drill is being weighed; order "
                       "it again",
                       host);
        return;
    }
    drill->admission = yw_new(sizeof *drill->admission);
    YW_COPY(drill->admission->leave, host);
    ask(drill);
}

void yw_admit_close(struct yw_drill *drill)
{
    free(drill->admission);
    drill->admission = NULL;
}

void yw_admit_fold(struct yw_drill *drill, const struct yw_event *event)
{
    if (drill->plan == NULL) {
        return;
    }
    if (event->kind == YW_EVENT_MACHINE_PLACED || event->kind == YW_EVENT_MACHINE_MOVED) {
        bool placed = event->kind == YW_EVENT_MACHINE_PLACED;
        const char *name =
            placed ? event->machine_placed.machine : event->machine_moved.machine;
        for (size_t i = 0; i < drill->plan->machine_count; i++) {
            struct yw_plan_machine *machine = &drill->plan->machines[i];
            if (machine->team == event->team && strcmp(machine->name, name) == 0) {
                YW_COPY(machine->host,
                        placed ? event->machine_placed.host : event->machine_moved.host);
            }
        }
    } else if (event->kind == YW_EVENT_NETWORK_SPANNED) {
        int index = yw_spec_network(drill->spec, event->network_spanned.network);
        for (size_t i = 0; i < drill->plan->network_count; i++) {
            struct yw_plan_network *network = &drill->plan->networks[i];
            if (network->team == event->team && network->network == index) {
                network->vni = (uint32_t)event->network_spanned.vni;
            }
        }
    }
}
