#include "drill/range/reconcile.h"

#include "base/log.h"
#include "base/mem.h"
#include "drill/range/hosted.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MS 30000
#define SWEEP_MS 60000

struct reconcile { /* one call; it owns itself */
    struct yw_virt_call call;
    struct yw_conductor *conductor; /* NULL: it has ended */
    struct yw_virt_found *found;    /* SWEEP: what was there before */
    size_t count;
    bool away; /* LIST: the host was */
};

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err);

static struct reconcile *reconcile_new(struct yw_conductor *conductor, enum yw_virt_op op,
                                       const char *host)
{
    struct reconcile *one = yw_new(sizeof *one);
    one->conductor = conductor;
    one->call.op = op;
    one->call.nic = -1;
    one->call.deadline_ms = op == YW_VIRT_LIST ? LIST_MS : SWEEP_MS;
    one->call.done = on_done;
    one->call.owner = one;
    YW_COPY(one->call.host, host);
    return one;
}

static void reconcile_free(struct reconcile *one)
{
    free(one->call.found);
    free(one->found);
    free(one);
}

static bool start(struct reconcile *one)
{
    struct yw_err err = {0};
    if (yw_virt_call(yw_conductor_virt(one->conductor), &one->call, &err) != 0) {
        yw_warn("drill", "reconcile: %s", err.text);
        reconcile_free(one);
        return false;
    }
    yw_conductor_reconciling(one->conductor, one, true);
    return true;
}

/* NULL: not ours. */
static struct yw_drill *drill_of(const struct yw_conductor *conductor, const char *id)
{
    for (size_t i = 0; i < yw_conductor_count(conductor); i++) {
        struct yw_drill *drill = yw_conductor_drill(conductor, i);
        if (strcmp(drill->id, id) == 0) {
            return drill;
        }
    }
    return NULL;
}

/* ---- one line an object ---- */

static const struct yw_plan_machine *machine_of(const struct yw_drill *drill,
                                                const struct yw_virt_found *found)
{
    for (size_t i = 0; drill->plan != NULL && i < drill->plan->machine_count; i++) {
        if (!found->is_network &&
            strcmp(drill->plan->machines[i].uuid, found->uuid) == 0) {
            return &drill->plan->machines[i];
        }
    }
    return NULL;
}

static const struct yw_plan_network *network_of(const struct yw_drill *drill,
                                                const struct yw_virt_found *found)
{
    for (size_t i = 0; drill->plan != NULL && i < drill->plan->network_count; i++) {
        if (found->is_network &&
            strcmp(drill->plan->networks[i].bridge, found->name) == 0) {
            return &drill->plan->networks[i];
        }
    }
    return NULL;
}

static void tell(struct yw_drill *drill, const struct yw_virt_found *found,
                 const char *action, const char *detail)
{
    const struct yw_plan_machine *machine = machine_of(drill, found);
    const struct yw_plan_network *network = network_of(drill, found);
    const char *name = machine != NULL   ? machine->name
                       : network != NULL ? drill->spec->networks[network->network].name
                                         : found->name;
    int team = machine != NULL ? machine->team : network != NULL ? network->team : -1;
    struct yw_event event;
    struct yw_err err = {0};
    yw_drill_event(&event, YW_EVENT_RECONCILED, team, "core");
    YW_COPY(event.reconciled.object, found->is_network ? "network" : "machine");
    YW_COPY(event.reconciled.name, name);
    YW_COPY(event.reconciled.action, action);
    YW_COPY(event.reconciled.detail, detail);
    /* an archived drill's journal takes events only for this */
    if (yw_journal_attach(drill->journal, drill->stage->loop, &err) != 0) {
        yw_warn("drill", "%s: %s", drill->id, err.text);
    }
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

/* ---- what is there ---- */

static bool has_range(const struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    return state->range_pending ||
           (state->phase >= YW_PHASE_STAGING && state->phase < YW_PHASE_ARCHIVED);
}

static bool told(const struct yw_drill *drill, const struct yw_virt_found *found)
{
    for (size_t i = 0; i < drill->adopted.count; i++) {
        const char *name = yw_vec_at(&drill->adopted, i);
        if (strcmp(name, found->name) == 0) {
            return true;
        }
    }
    return false;
}

static void adopt(struct yw_drill *drill, const struct yw_virt_call *call, bool away)
{
    size_t count = 0;
    for (size_t i = 0; i < call->found_count; i++) {
        const struct yw_virt_found *found = &call->found[i];
        const struct yw_plan_machine *machine = machine_of(drill, found);
        if (strcmp(found->drill, drill->id) != 0 || told(drill, found) ||
            (machine != NULL && call->host[0] != '\0' &&
             strcmp(machine->host, call->host) != 0)) {
            continue; /* a copy on another host is hosted.c's to remove */
        }
        (void)yw_vec_push(&drill->adopted, found->name);
        tell(drill, found, "adopted",
             !found->is_network && !found->running ? "it does not run" : "");
        count++;
    }
    yw_info("drill", "%s: %zu objects of it adopted", drill->id, count);
    if (away) {
        yw_hosted_tidy(drill, call->host, call->found, call->found_count);
    }
}

/* All of it that the drill has there; told one by one when they are gone. */
static void sweep(struct yw_conductor *conductor, const struct yw_virt_call *call,
                  struct yw_drill *drill)
{
    struct reconcile *one = reconcile_new(conductor, YW_VIRT_SWEEP, call->host);
    one->found = yw_new_array(call->found_count + 1, sizeof *one->found);
    for (size_t i = 0; i < call->found_count; i++) {
        if (strcmp(call->found[i].drill, drill->id) == 0) {
            one->found[one->count++] = call->found[i];
        }
    }
    YW_COPY(one->call.drill, drill->id);
    yw_info("drill", "%s: it has no range; removing %zu objects of it", drill->id,
            one->count);
    drill->sweeps += start(one);
}

static size_t count_of(const struct yw_virt_call *call, const char *drill)
{
    size_t count = 0;
    for (size_t i = 0; i < call->found_count; i++) {
        count += strcmp(call->found[i].drill, drill) == 0;
    }
    return count;
}

/* Was the drill of this object dealt with at one before it? */
static bool seen_before(const struct yw_virt_call *call, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(call->found[i].drill, call->found[index].drill) == 0) {
            return true;
        }
    }
    return false;
}

static void look_through(struct reconcile *one)
{
    struct yw_conductor *conductor = one->conductor;
    const struct yw_virt_call *call = &one->call;
    for (size_t i = 0; i < call->found_count; i++) {
        const char *id = call->found[i].drill;
        if (seen_before(call, i)) {
            continue;
        }
        struct yw_drill *drill = drill_of(conductor, id);
        if (drill == NULL) {
            yw_warn("drill", "%s: no such drill here; %zu objects of it are left alone",
                    id, count_of(call, id));
        } else if (drill->broken) {
            continue;
        } else if (has_range(drill) || drill->admission != NULL) {
            adopt(drill, call, one->away);
        } else {
            sweep(conductor, call, drill);
        }
    }
}

static void after_sweep(struct reconcile *one, int code, const struct yw_err *err)
{
    struct yw_drill *drill = drill_of(one->conductor, one->call.drill);
    if (drill != NULL) {
        drill->sweeps--;
    }
    if (code != 0) {
        yw_warn("drill", "%s: something is left over: %s", one->call.drill, err->text);
        return;
    }
    for (size_t i = 0; drill != NULL && i < one->count; i++) {
        tell(drill, &one->found[i], "removed", "the drill has no range");
    }
}

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct reconcile *one = call->owner;
    if (one->conductor != NULL) {
        yw_conductor_reconciling(one->conductor, one, false);
        if (call->op == YW_VIRT_SWEEP) {
            after_sweep(one, code, err);
        } else if (code != 0) {
            yw_warn("drill", "reconcile: %s", err->text);
        } else {
            look_through(one);
        }
    }
    reconcile_free(one);
}

void yw_reconcile_start(struct yw_conductor *conductor, const char *host, bool away)
{
    if (yw_conductor_virt(conductor) != NULL) {
        struct reconcile *one = reconcile_new(conductor, YW_VIRT_LIST, host);
        one->away = away;
        (void)start(one);
    }
}

void yw_reconcile_forget(struct yw_drill *drill)
{
    yw_vec_clear(&drill->adopted);
}

void yw_reconcile_drop(struct yw_virt *virt, void *call)
{
    struct reconcile *one = call;
    one->conductor = NULL;
    yw_virt_cancel(virt, &one->call);
}
