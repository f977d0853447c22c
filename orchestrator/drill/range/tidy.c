/* A host that is back: what it has of drills that are over is swept, and each drill that
 * goes on is told what it has of it. */
#include "drill/range/tidy.h"

#include "base/log.h"
#include "base/mem.h"
#include "drill/range/hosted.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MS 30000
#define SWEEP_MS 60000

struct tidy { /* one call; it owns itself */
    struct yw_virt_call call;
    struct yw_conductor *conductor;
};

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err);

static void ask(struct yw_conductor *conductor, struct yw_virt *virt, enum yw_virt_op op,
                const char *host, const char *drill)
{
    struct tidy *tidy = yw_new(sizeof *tidy);
    struct yw_err err = {0};
    tidy->conductor = conductor;
    tidy->call.op = op;
    tidy->call.deadline_ms = op == YW_VIRT_LIST ? LIST_MS : SWEEP_MS;
    tidy->call.done = on_done;
    tidy->call.owner = tidy;
    YW_COPY(tidy->call.host, host);
    YW_COPY(tidy->call.drill, drill);
    if (yw_virt_call(virt, &tidy->call, &err) != 0) {
        yw_warn("drill", "host '%s': %s", host, err.text);
        free(tidy);
        return;
    }
    yw_conductor_tidying(conductor, tidy, true);
}

/* NULL: not ours. Another daemon may run drills on that host. */
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

static bool has_range(const struct yw_drill *drill)
{
    enum yw_phase phase = yw_drill_state(drill)->phase;
    return phase >= YW_PHASE_STAGING && phase < YW_PHASE_ARCHIVED;
}

static bool seen_before(const struct yw_virt_found *found, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(found[i].drill, found[index].drill) == 0) {
            return true;
        }
    }
    return false;
}

static void look_through(struct tidy *tidy)
{
    const struct yw_virt_call *call = &tidy->call;
    for (size_t i = 0; i < call->found_count; i++) {
        const char *id = call->found[i].drill;
        if (seen_before(call->found, i)) {
            continue;
        }
        struct yw_drill *drill = drill_of(tidy->conductor, id);
        if (drill == NULL) {
            continue;
        }
        if (has_range(drill)) {
            yw_hosted_tidy(drill, call->host, call->found, call->found_count);
        } else {
            yw_warn("drill", "host '%s' has what is left of drill '%s': removed",
                    call->host, id);
            ask(tidy->conductor, yw_conductor_virt(tidy->conductor), YW_VIRT_SWEEP,
                call->host, id);
        }
    }
}

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct tidy *tidy = call->owner;
    if (tidy->conductor != NULL) {
        yw_conductor_tidying(tidy->conductor, tidy, false);
        if (code != 0) {
            yw_warn("drill", "host '%s': %s", call->host, err->text);
        } else if (call->op == YW_VIRT_LIST) {
            look_through(tidy);
        }
    }
    free(call->found);
    free(tidy);
}

void yw_tidy_start(struct yw_conductor *conductor, const char *host)
{
    ask(conductor, yw_conductor_virt(conductor), YW_VIRT_LIST, host, "");
}

void yw_tidy_drop(struct yw_virt *virt, void *tidy)
{
    struct tidy *one = tidy;
    one->conductor = NULL;
    yw_virt_cancel(virt, &one->call);
}

/* ---- control ---- */

size_t yw_conductor_hosts(const struct yw_conductor *conductor, struct yw_virt_host *ret,
                          size_t max)
{
    struct yw_virt *virt = yw_conductor_virt(conductor);
    return virt == NULL ? 0 : yw_virt_hosts(virt, ret, max);
}

size_t yw_conductor_host_machines(const struct yw_conductor *conductor, const char *host)
{
    size_t count = 0;
    for (size_t i = 0; i < yw_conductor_count(conductor); i++) {
        count += yw_hosted_machines(yw_conductor_drill(conductor, i), host);
    }
    return count;
}

int64_t yw_conductor_host_memory_mib(const struct yw_conductor *conductor,
                                     const char *host)
{
    int64_t sum_mib = 0;
    for (size_t i = 0; i < yw_conductor_count(conductor); i++) {
        const struct yw_drill *drill = yw_conductor_drill(conductor, i);
        bool any = yw_hosted_machines(drill, host) > 0;
        for (size_t m = 0; any && m < drill->plan->machine_count; m++) {
            const struct yw_plan_machine *machine = &drill->plan->machines[m];
            sum_mib += strcmp(machine->host, host) == 0 ? machine->ram_mib : 0;
        }
    }
    return sum_mib;
}

static int forget(struct yw_conductor *conductor, const char *name, const char *actor,
                  struct yw_err *err)
{
    struct yw_virt_host *hosts = yw_new_array(YW_DRILL_HOSTS_MAX, sizeof *hosts);
    size_t count = yw_conductor_hosts(conductor, hosts, YW_DRILL_HOSTS_MAX);
    int code = yw_err_set(err, YW_ENOTFOUND, "no host '%s'", name);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(hosts[i].name, name) != 0) {
            continue;
        }
        code = hosts[i].state == YW_HOST_LOST
                   ? 0
                   : yw_err_set(err, YW_ESTATE,
                                "host '%s' is %s: only a lost host can be given up; drain "
                                "it instead",
                                name, yw_host_state_name(hosts[i].state));
    }
    free(hosts);
    for (size_t i = 0; code == 0 && i < yw_conductor_count(conductor); i++) {
        (void)yw_hosted_forget(yw_conductor_drill(conductor, i), name, actor);
    }
    return code;
}

int yw_conductor_host_order(struct yw_conductor *conductor, const char *host,
                            enum yw_host_order order, const char *actor,
                            struct yw_err *err)
{
    if (yw_conductor_virt(conductor) == NULL) {
        return yw_err_set(err, YW_ESTATE, "this daemon has no hypervisor");
    }
    if (order == YW_HOST_FORGET) {
        return forget(conductor, host, actor, err);
    }
    return yw_virt_drain(yw_conductor_virt(conductor), host, order == YW_HOST_DRAIN, err);
}
