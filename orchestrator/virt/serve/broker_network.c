#include "virt/serve/broker_network.h"

#include "base/log.h"
#include "base/mem.h"
#include "virt/far/far_daemon.h"
#include "virt/net/bridge.h"
#include "virt/net/guard.h"
#include "virt/net/mirror.h"
#include "virt/net/shape.h"
#include "virt/serve/broker_serve.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void yw_network_fill(struct yw_work *work, struct yw_broker_job *job)
{
    const struct yw_virt_call *call = &job->call;

    if (work->kind == YW_WORK_NETWORK_UP) {
        work->ports = job->ports;
        work->port_count = job->port_count;
        job->ports = NULL;
    } else if (work->kind == YW_WORK_SHAPE && call->nic >= 0 &&
               call->nic < (int)job->machine.nic_count) {
        YW_COPY(work->tap, job->machine.nics[call->nic].tap);
        work->shape.bandwidth_kbit = call->bandwidth_kbit;
        work->shape.delay_ms = call->delay_ms;
    }
}

static int span_hosts(const struct yw_work *work, struct yw_err *err)
{
    struct yw_vxlan vxlan = {.vni = work->vni,
                             .local = work->local,
                             .remotes = work->remotes,
                             .remote_count = work->remote_count};

    return work->vni == 0 ? 0 : yw_bridge_vxlan_up(work->bridge, &vxlan, err);
}

/* What a connection to a daemon elsewhere cannot give. */
static int far_up(struct yw_work *work, struct yw_err *err)
{
    if (work->vni != 0)
        return yw_err_set(
            err, YW_ESTATE,
            "network '%s' spans hosts, which takes a broker on each of them "
            "(`run` in the hosts file); this host is reached by a libvirt "
            "connection alone",
            work->bridge);
    int code = yw_far_network_up(work->host, work->bridge, work->drill, err);

    if (code == 0 && !work->root->filters)
        (void)yw_copyf(work->why, sizeof(work->why),
                       "no address guard: a libvirt connection alone, and libvirt there "
                       "has no filter 'clean-traffic'");
    return code;
}

int yw_network_up(struct yw_work *work, struct yw_err *err)
{
    if (work->root->far)
        return far_up(work, err);
    struct yw_err missing;
    int code = yw_bridge_up(work->bridge, work->drill, err);

    if (code == 0)
        code = span_hosts(work, err);
    if (code < 0)
        return code;
    code = yw_guard_up(work->drill, work->bridge, work->ports, work->port_count, err);
    if (code == 0 || yw_guard_check(&missing) == 0)
        return code;
    (void)yw_copyf(work->why, sizeof(work->why), "no address guard: %.90s", missing.text);
    yw_warn("virt", "network '%s': %s", work->bridge, work->why);
    return 0;
}

static int count_bridges(const char *drill, size_t *ret, struct yw_err *err)
{
    struct yw_vec bridges;

    yw_vec_init(&bridges, sizeof(struct yw_bridge), YW_VIRT_LIST_MAX);
    int code = yw_bridge_list(&bridges, drill, err);

    *ret = bridges.count;
    yw_vec_fini(&bridges);
    return code;
}

int yw_network_remove(const struct yw_work *work, const char *bridge, struct yw_err *err)
{
    return work->root->far ? yw_far_network_down(work->host, bridge, err)
                           : yw_bridge_down(bridge, err);
}

int yw_network_down(struct yw_work *work, struct yw_err *err)
{
    if (work->root->far)
        return yw_network_remove(work, work->bridge, err);
    size_t left = 0;
    int code = yw_bridge_down(work->bridge, err);

    if (code == 0)
        code = count_bridges(work->drill, &left, err);
    if (code < 0 || left > 0)
        return code;
    yw_mirror_down(work->drill);
    return yw_guard_down(work->drill, err);
}

static int list_rules(struct yw_work *work, struct yw_err *err)
{
    struct yw_virt_found found = {.is_network = true, .running = true};
    bool there = false;
    int code = yw_guard_find(work->drill, &there, err);

    if (code < 0 || !there)
        return code;
    yw_plan_prefix(work->drill, found.name);
    YW_COPY(found.drill, work->drill);
    (void)yw_vec_push(&work->found, &found);
    return 0;
}

int yw_network_list(struct yw_work *work, struct yw_err *err)
{
    if (work->root->far)
        return yw_far_network_list(work->host, work->drill, &work->found, err);
    struct yw_vec bridges;

    yw_vec_init(&bridges, sizeof(struct yw_bridge), YW_VIRT_LIST_MAX);
    int code = yw_bridge_list(&bridges, work->drill, err);
    size_t count = bridges.count;

    for (size_t i = 0; i < count; i++) {
        const struct yw_bridge *bridge = yw_vec_at(&bridges, i);
        struct yw_virt_found found = {.is_network = true, .running = true};

        YW_COPY(found.name, bridge->name);
        YW_COPY(found.drill, bridge->drill);
        (void)yw_vec_push(&work->found, &found);
    }
    yw_vec_fini(&bridges);
    return code == 0 && count == 0 && work->drill[0] ? list_rules(work, err) : code;
}

int yw_network_sweep(const struct yw_work *work, struct yw_err *err)
{
    if (work->root->far)
        return 0;
    yw_mirror_down(work->drill);
    return yw_guard_down(work->drill, err);
}

int yw_network_shape(struct yw_work *work, struct yw_err *err)
{
    if (work->root->far)
        return yw_err_set(
            err, YW_ESTATE,
            "a link on a host that is reached by a libvirt connection alone "
            "cannot be slowed down");
    if (!work->tap[0])
        return yw_err_set(err, YW_EINVAL, "no such interface");
    return yw_shape_set(work->tap, &work->shape, err);
}

int yw_network_ports(const struct yw_plan_machine *machine, bool here, struct yw_err *err)
{
    for (size_t i = 0; i < machine->nic_count; i++) {
        const struct yw_plan_nic *nic = &machine->nics[i];

        if (nic->tap[0])
            yw_bridge_port_hush(nic->tap);
        if (!nic->isolated || !nic->tap[0])
            continue;
        int code = yw_bridge_port_isolate(nic->tap, err);

        if (code < 0 && (here || code != YW_ENOTFOUND))
            return code;
    }
    return 0;
}

int yw_network_copies(const struct yw_work *work, struct yw_err *err)
{
    const struct yw_plan_machine *machine = &work->order->machine;

    for (size_t i = 0; i < machine->nic_count; i++) {
        if (machine->nics[i].mirror[0] && work->root->far)
            return yw_err_set(
                err, YW_ESTATE,
                "a sensor's mirror takes a broker on the host (`run` in the "
                "hosts file); this one is reached by a libvirt connection "
                "alone");
        if (machine->nics[i].mirror[0])
            return yw_mirror_up(work->drill, machine, err);
    }
    return 0;
}

static void note_address(struct yw_host_traits *traits, const struct sockaddr *from)
{
    struct sockaddr_in in;

    if (!from || from->sa_family != AF_INET ||
        traits->address_count == YW_HOST_ADDRESSES_MAX)
        return;
    memcpy(&in, from, sizeof(in));
    uint32_t address = ntohl(in.sin_addr.s_addr);

    if (address >> 24 != 127)
        traits->addresses[traits->address_count++] = address;
}

/* /proc/net/route: interface, destination, gateway, flags in hexadecimal, network order. */
static uint32_t read_gateway(void)
{
    char line[256];
    uint32_t found = 0;
    FILE *file = fopen("/proc/net/route", "re");

    while (file && found == 0 && fgets(line, sizeof(line), file)) {
        unsigned destination = 1, gateway = 0;

        if (sscanf(line, "%*s %x %x", &destination, &gateway) == 2 && destination == 0)
            found = ntohl(gateway);
    }
    if (file)
        (void)fclose(file);
    return found;
}

void yw_network_host(struct yw_host_traits *ret)
{
    struct ifaddrs *list = NULL;

    ret->address_count = 0;
    if (getifaddrs(&list) == 0) {
        for (const struct ifaddrs *at = list; at; at = at->ifa_next)
            note_address(ret, at->ifa_addr);
        freeifaddrs(list);
    }
    ret->gateway = read_gateway();
}

void yw_task_change_links(struct yw_task *task)
{
    const struct yw_virt_call *call = &task->job->call;

    if (call->nic < -1 || call->nic >= (int)task->job->machine.nic_count) {
        yw_task_fail(task, YW_EINVAL, "no such interface");
        return;
    }
    struct yw_work *work = yw_task_work(task, YW_WORK_LINK);
    struct yw_clone_order *order = yw_new(sizeof(*order));

    yw_up_order(order, task);
    for (size_t i = 0; i < task->job->machine.nic_count; i++) {
        if (call->nic == -1 || call->nic == (int)i)
            work->xml[work->xml_count++] = yw_domain_nic_xml(&order->shape, i, call->up);
    }
    free(order);
    yw_task_submit(task, work, task->job->machine.uuid);
}
