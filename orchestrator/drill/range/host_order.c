/* Control's orders about hosts: drained, taken back, given up. */
#include "base/mem.h"
#include "drill/range/hosted.h"
#include "drill/range/reconcile.h"

#include <stdlib.h>
#include <string.h>

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
        code =
            hosts[i].state == YW_HOST_LOST
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
