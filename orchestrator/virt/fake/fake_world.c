#include "virt/fake/fake_world.h"

#include "base/folder.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct yw_virt_world *yw_virt_world_new(void)
{
    struct yw_virt_world *world = yw_new(sizeof(*world));

    yw_map_init(&world->machines, sizeof(struct yw_fake_machine), YW_FAKE_MACHINES_MAX);
    yw_map_init(&world->networks, sizeof(struct yw_fake_network), YW_VIRT_LIST_MAX);
    return world;
}

void yw_virt_world_free(struct yw_virt_world *world)
{
    if (!world)
        return;
    for (size_t i = 0; i < world->machines.count; i++)
        yw_fake_memory_fini(yw_map_at(&world->machines, i));
    yw_map_fini(&world->machines);
    yw_map_fini(&world->networks);
    free(world);
}

void yw_virt_world_join(struct yw_virt_world *world, const char *name,
                        struct yw_virt_world *other, const char *other_name)
{
    YW_COPY(world->name, name);
    YW_COPY(other->name, other_name);
    if (!world->next)
        world->next = world;
    other->next = world->next;
    world->next = other;
}

bool yw_virt_world_has(const struct yw_virt_world *world, const char *uuid)
{
    const struct yw_fake_machine *machine = yw_map_get(&world->machines, uuid);

    return machine && machine->running;
}

size_t yw_virt_world_common(const struct yw_virt_world *a, const struct yw_virt_world *b)
{
    size_t count = 0;

    for (size_t i = 0; i < a->machines.count; i++) {
        const char *uuid = yw_map_key_at(&a->machines, i);

        count += yw_virt_world_has(a, uuid) && yw_virt_world_has(b, uuid);
    }
    return count;
}

size_t yw_virt_world_machines(const struct yw_virt_world *world)
{
    return world->machines.count;
}

size_t yw_virt_world_count(const struct yw_virt_world *world)
{
    return world->machines.count + world->networks.count;
}

void yw_virt_world_kill(struct yw_virt_world *world, const char *uuid)
{
    struct yw_fake_machine *machine = yw_map_get(&world->machines, uuid);

    if (!machine || !machine->running)
        return;
    machine->running = false;
    if (world->on_lost && machine->attached)
        world->on_lost(world->arg, machine, "the machine process ended");
    machine->attached = false;
}

struct yw_fake_machine *yw_fake_machine_of(struct yw_virt_world *world, const char *uuid)
{
    return yw_map_get(&world->machines, uuid);
}

void yw_fake_machine_remove(struct yw_virt_world *world, const char *uuid)
{
    struct yw_fake_machine *machine = yw_map_get(&world->machines, uuid);

    if (!machine)
        return;
    yw_fake_memory_fini(machine);
    yw_map_remove(&world->machines, uuid);
}

void yw_fake_address_text(uint32_t address, char text[16])
{
    struct in_addr in = {.s_addr = htonl(address)};

    inet_ntop(AF_INET, &in, text, 16);
}

int yw_fake_network_up(struct yw_virt_world *world, const struct yw_virt_call *call,
                       struct yw_err *err)
{
    struct yw_fake_network *network = yw_map_put(&world->networks, call->network->bridge);

    if (!network)
        return yw_err_set(err, YW_ELIMIT, "bridge '%s': more than %d bridges",
                          call->network->bridge, YW_VIRT_LIST_MAX);
    YW_COPY(network->bridge, call->network->bridge);
    YW_COPY(network->drill, call->drill);
    network->vni = call->network->vni;
    return 0;
}

int yw_fake_capture(struct yw_virt_world *world, const struct yw_virt_call *call,
                    struct yw_err *err)
{
    static const unsigned char header[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0,
                                             0,    0,    0,    0,    0, 0, 0, 0,
                                             0,    0,    4,    0,    1, 0, 0, 0};
    struct yw_fake_network *network = yw_map_get(&world->networks, call->network->bridge);
    char path[2 * YW_VIRT_PATH_MAX + 32];

    if (!network)
        return yw_err_set(err, YW_EIO, "capture: no bridge '%s'", call->network->bridge);
    YW_COPY(network->capture, call->path);
    if (!world->data_dir[0]) /* a simulation has no folder */
        return 0;
    (void)snprintf(path, sizeof(path), "%s/%s", world->data_dir, call->path);
    *strrchr(path, '/') = '\0';
    int code = yw_folder_make(path, 0750, err);

    if (code < 0)
        return code;
    (void)snprintf(path, sizeof(path), "%s/%s_00001_20260101000000.pcap", world->data_dir,
                   call->path);
    FILE *file = fopen(path, "we");

    if (!file)
        return yw_err_errno(err, YW_EIO, errno, path);
    bool good = fwrite(header, 1, sizeof(header), file) == sizeof(header);

    return fclose(file) == 0 && good ? 0
                                     : yw_err_set(err, YW_EIO, "%s: not written", path);
}

void yw_fake_capture_stop(struct yw_virt_world *world, struct yw_virt_call *call)
{
    struct yw_fake_network *network = yw_map_get(&world->networks, call->network->bridge);
    bool ran = network && network->capture[0];

    call->files = ran ? 1 : 0;
    call->bytes = ran ? 24 : 0;
    if (network)
        network->capture[0] = '\0';
}

void yw_fake_captures_end(struct yw_virt_world *world)
{
    for (size_t i = 0; i < world->networks.count; i++) {
        struct yw_fake_network *network = yw_map_at(&world->networks, i);

        network->capture[0] = '\0';
    }
}

void yw_virt_world_end_capture(struct yw_virt_world *world)
{
    for (size_t i = 0; i < world->networks.count; i++) {
        struct yw_fake_network *network = yw_map_at(&world->networks, i);

        if (!network->capture[0])
            continue;
        network->capture[0] = '\0';
        if (world->on_capture_lost)
            world->on_capture_lost(world->arg, network->bridge,
                                   "it was ended on purpose");
        return;
    }
}

size_t yw_virt_world_captures(const struct yw_virt_world *world)
{
    size_t count = 0;

    for (size_t i = 0; i < world->networks.count; i++) {
        const struct yw_fake_network *network = yw_map_at(&world->networks, i);

        count += network->capture[0] != '\0';
    }
    return count;
}

/* A machine needs its bridges, as on a real host. */
static int check_bridges(struct yw_virt_world *world, const struct yw_virt_call *call,
                         struct yw_err *err)
{
    for (size_t i = 0; i < call->machine->nic_count; i++) {
        const char *bridge = call->plan->networks[call->machine->nics[i].network].bridge;

        if (!yw_map_get(&world->networks, bridge))
            return yw_err_set(err, YW_EIO, "machine '%s': no bridge '%s'",
                              call->machine->domain, bridge);
    }
    return 0;
}

static void machine_init(struct yw_fake_machine *machine, const struct yw_virt_call *call)
{
    const struct yw_plan_machine *plan = call->machine;

    YW_COPY(machine->uuid, plan->uuid);
    YW_COPY(machine->domain, plan->domain);
    YW_COPY(machine->drill, call->drill);
    YW_COPY(machine->name, plan->name);
    YW_COPY(machine->team_name, plan->team_name);
    YW_COPY(machine->image, plan->image);
    machine->seed = plan->seed;
    yw_pace_init(&machine->pace, 0);
    machine->has_field = plan->has_field;
    machine->display = plan->display;
    machine->nic_count = plan->nic_count;
    for (size_t i = 0; i < plan->nic_count; i++) {
        struct yw_fake_nic *nic = &machine->nics[i];

        YW_COPY(nic->bridge, call->plan->networks[plan->nics[i].network].bridge);
        YW_COPY(nic->mac, plan->nics[i].mac);
        nic->prefix = plan->nics[i].prefix;
        nic->isolated = plan->nics[i].isolated;
        nic->up = true;
    }
}

int yw_fake_machine_up(struct yw_virt_world *world, struct yw_virt_call *call,
                       int64_t now_ms, struct yw_err *err)
{
    int code = check_bridges(world, call, err);

    if (code < 0)
        return code;
    struct yw_fake_machine *machine = yw_map_get(&world->machines, call->machine->uuid);

    if (machine && !machine->running) {
        yw_fake_machine_remove(world, call->machine->uuid);
        machine = NULL;
    }
    if (!machine) {
        code = yw_fake_point_check(world, call, err);
        if (code < 0)
            return code;
        machine = yw_map_put(&world->machines, call->machine->uuid);
        if (!machine)
            return yw_err_set(err, YW_ELIMIT, "machine '%s': more than %d machines",
                              call->machine->domain, YW_FAKE_MACHINES_MAX);
        machine->world = world;
        machine_init(machine, call);
        yw_fake_point_fork(machine, call, now_ms);
    }
    if (!machine->running)
        call->ret_how = call->how == YW_VIRT_HOW_ANY ? YW_VIRT_HOW_COLD : call->how;
    machine->running = true;
    machine->attached = true;
    return 0;
}

int yw_fake_machine_setup(struct yw_virt_world *world, const struct yw_virt_call *call,
                          struct yw_err *err)
{
    struct yw_fake_machine *machine = yw_fake_machine_of(world, call->machine->uuid);

    assert(machine);
    if (machine->serves)
        return 0;
    for (size_t i = 0; i < machine->nic_count; i++)
        machine->nics[i].address = call->machine->nics[i].address;
    machine->gateway = call->machine->gateway;
    int code = yw_fake_start(machine, call, err);

    if (code < 0)
        return code;
    machine->serves = true;
    return 0;
}

int yw_fake_machine_shape(struct yw_virt_world *world, const struct yw_virt_call *call,
                          struct yw_err *err)
{
    struct yw_fake_machine *machine = yw_fake_machine_of(world, call->machine->uuid);

    if (!machine || !machine->running)
        return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it does not run",
                          call->machine->domain);
    if (call->nic < 0 || call->nic >= (int)machine->nic_count)
        return yw_err_set(err, YW_EINVAL, "machine '%s': no interface %d",
                          machine->domain, call->nic);
    machine->nics[call->nic].bandwidth_kbit = call->bandwidth_kbit;
    machine->nics[call->nic].delay_ms = call->delay_ms;
    return 0;
}

int yw_fake_machine_link(struct yw_virt_world *world, const struct yw_virt_call *call,
                         struct yw_err *err)
{
    struct yw_fake_machine *machine = yw_fake_machine_of(world, call->machine->uuid);

    if (!machine || !machine->running)
        return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it does not run",
                          call->machine->domain);
    if (call->nic < -1 || call->nic >= (int)machine->nic_count)
        return yw_err_set(err, YW_EINVAL, "machine '%s': no interface %d",
                          machine->domain, call->nic);
    for (size_t i = 0; i < machine->nic_count; i++) {
        if (call->nic == -1 || call->nic == (int)i)
            machine->nics[i].up = call->up;
    }
    return 0;
}

void yw_fake_sweep(struct yw_virt_world *world, const char *drill)
{
    for (size_t i = world->machines.count; i > 0; i--) {
        struct yw_fake_machine *machine = yw_map_at(&world->machines, i - 1);

        if (strcmp(machine->drill, drill) == 0) {
            yw_fake_memory_fini(machine);
            yw_map_remove(&world->machines, yw_map_key_at(&world->machines, i - 1));
        }
    }
    for (size_t i = world->networks.count; i > 0; i--) {
        struct yw_fake_network *network = yw_map_at(&world->networks, i - 1);

        if (strcmp(network->drill, drill) == 0)
            yw_map_remove(&world->networks, yw_map_key_at(&world->networks, i - 1));
    }
}

void yw_fake_list(const struct yw_virt_world *world, struct yw_virt_call *call)
{
    struct yw_virt_found *found =
        yw_new_array(yw_virt_world_count(world) + 1, sizeof(*found));
    size_t count = 0;

    for (size_t i = 0; i < world->networks.count; i++) {
        const struct yw_fake_network *network = yw_map_at(&world->networks, i);

        if (call->drill[0] && strcmp(network->drill, call->drill) != 0)
            continue;
        found[count].is_network = true;
        found[count].running = true;
        YW_COPY(found[count].name, network->bridge);
        YW_COPY(found[count++].drill, network->drill);
    }
    for (size_t i = 0; i < world->machines.count; i++) {
        const struct yw_fake_machine *machine = yw_map_at(&world->machines, i);

        if (call->drill[0] && strcmp(machine->drill, call->drill) != 0)
            continue;
        YW_COPY(found[count].name, machine->domain);
        YW_COPY(found[count].uuid, machine->uuid);
        YW_COPY(found[count].drill, machine->drill);
        found[count++].running = machine->running;
    }
    call->found = found;
    call->found_count = count;
}

/* Everything in its memory goes along; what points into it is told its new place. */
static int move_to(struct yw_virt_world *to, struct yw_fake_machine *machine,
                   struct yw_err *err)
{
    struct yw_fake_machine *there = yw_map_put(&to->machines, machine->uuid);

    if (!there)
        return yw_err_set(err, YW_ELIMIT, "machine '%s': more than %d machines",
                          machine->domain, YW_FAKE_MACHINES_MAX);
    struct yw_virt_world *from = machine->world;

    *there = *machine;
    there->world = to;
    there->attached = false;
    if (there->plc)
        there->plc->arg = there;
    if (there->eng)
        there->eng->arg = there;
    if (there->rtu)
        there->rtu->arg = there;
    yw_fake_fleet_moved(there);
    char uuid[YW_UUID_SIZE];

    YW_COPY(uuid, machine->uuid);
    return yw_map_remove(&from->machines, uuid);
}

int yw_fake_move(struct yw_virt_world *world, const struct yw_virt_call *call,
                 struct yw_err *err)
{
    struct yw_fake_machine *machine = yw_fake_machine_of(world, call->machine->uuid);
    struct yw_virt_world *to = world->next;

    while (to && to != world && strcmp(to->name, call->machine->host) != 0)
        to = to->next;
    if (!to || to == world)
        return yw_err_set(err, YW_ESTATE, "machine '%s': no way to host '%s'",
                          call->machine->domain, call->machine->host);
    if (!machine || !machine->running)
        return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it does not run",
                          call->machine->domain);
    for (size_t i = 0; i < machine->nic_count; i++) {
        if (!yw_map_get(&to->networks, machine->nics[i].bridge))
            return yw_err_set(err, YW_EIO, "machine '%s': no bridge '%s' on host '%s'",
                              machine->domain, machine->nics[i].bridge, to->name);
    }
    return move_to(to, machine, err);
}

void yw_virt_world_leak(struct yw_virt_world *world, uint32_t address)
{
    world->leak = address;
}
