#include "virt/broker_wire.h"

#include "base/mem.h"
#include "broker_wire_id.h"

#include <stdlib.h>
#include <string.h>

#define TEAM_MIB_MAX (1u << 24)

#define BUILD_TEXT_MAX 32

void yw_broker_pack_build(struct yw_buf *out, enum yw_broker_message type)
{
    yw_pack_u8(out, (uint8_t)type);
    yw_pack_str(out, YW_BROKER_WIRE_ID);
    yw_pack_str(out, YW_VERSION);
}

int yw_broker_unpack_build(struct yw_unpack *in, struct yw_err *err)
{
    char id[BUILD_TEXT_MAX], version[BUILD_TEXT_MAX];

    yw_unpack_str(in, id, sizeof(id));
    yw_unpack_str(in, version, sizeof(version));
    if (yw_unpack_done(in) && strcmp(id, YW_BROKER_WIRE_ID) == 0)
        return 0;
    return yw_err_set(err, YW_EINVAL,
                      "the broker there is another build of yanwu (version %.31s, wire "
                      "%.31s; here %s, %s); install the same build on both hosts",
                      in->failed ? "?" : version, in->failed ? "?" : id, YW_VERSION,
                      YW_BROKER_WIRE_ID);
}

static uint32_t team_mib(const struct yw_plan_machine *machine,
                         const struct yw_plan *plan)
{
    int64_t sum = 0;

    for (size_t i = 0; plan && i < plan->machine_count; i++) {
        const struct yw_plan_machine *other = &plan->machines[i];

        if (strcmp(other->team_name, machine->team_name) == 0 &&
            strcmp(other->host, machine->host) == 0)
            sum += other->ram_mib;
    }
    return sum < TEAM_MIB_MAX ? (uint32_t)sum : TEAM_MIB_MAX;
}

static void pack_machine(struct yw_buf *out, const struct yw_plan_machine *machine,
                         const struct yw_plan *plan)
{
    yw_pack_str(out, machine->domain);
    yw_pack_str(out, machine->uuid);
    yw_pack_str(out, machine->name);
    yw_pack_str(out, machine->team_name);
    yw_pack_str(out, machine->image);
    yw_pack_u32(out, (uint32_t)machine->ram_mib);
    yw_pack_u32(out, team_mib(machine, plan));
    yw_pack_u8(out, machine->has_disk);
    yw_pack_u8(out, machine->has_field);
    yw_pack_u8(out, machine->display);
    yw_pack_i64(out, (int64_t)machine->seed);
    yw_pack_u32(out, machine->gateway);
    yw_pack_u32(out, (uint32_t)machine->nic_count);
    for (size_t i = 0; i < machine->nic_count; i++) {
        const struct yw_plan_nic *nic = &machine->nics[i];

        yw_pack_str(out, plan ? plan->networks[nic->network].bridge : "");
        yw_pack_str(out, nic->mac);
        yw_pack_u32(out, nic->address);
        yw_pack_u32(out, (uint32_t)nic->prefix);
        yw_pack_str(out, nic->tap);
        yw_pack_u8(out, nic->isolated);
        yw_pack_u8(out, nic->spoof);
        yw_pack_u8(out, nic->routes);
        yw_pack_str(out, nic->mirror);
        yw_pack_u8(out, plan && plan->networks[nic->network].vni != 0);
    }
}

static void unpack_machine(struct yw_unpack *in, struct yw_broker_job *job)
{
    struct yw_plan_machine *machine = &job->machine;

    yw_unpack_str(in, machine->domain, sizeof(machine->domain));
    yw_unpack_str(in, machine->uuid, sizeof(machine->uuid));
    yw_unpack_str(in, machine->name, sizeof(machine->name));
    yw_unpack_str(in, machine->team_name, sizeof(machine->team_name));
    yw_unpack_str(in, machine->image, sizeof(machine->image));
    machine->ram_mib = (int)yw_unpack_count(in, 1u << 20);
    job->team_mib = (int)yw_unpack_count(in, TEAM_MIB_MAX);
    machine->has_disk = yw_unpack_u8(in) != 0;
    machine->has_field = yw_unpack_u8(in) != 0;
    machine->display = yw_unpack_u8(in) != 0;
    machine->seed = (uint64_t)yw_unpack_i64(in);
    machine->gateway = yw_unpack_u32(in);
    machine->nic_count = yw_unpack_count(in, YW_SPEC_NICS_MAX);
    for (size_t i = 0; i < machine->nic_count; i++) {
        struct yw_plan_nic *nic = &machine->nics[i];

        yw_unpack_str(in, job->bridges[i], sizeof(job->bridges[i]));
        yw_unpack_str(in, nic->mac, sizeof(nic->mac));
        nic->address = yw_unpack_u32(in);
        nic->prefix = (int)yw_unpack_count(in, 32);
        yw_unpack_str(in, nic->tap, sizeof(nic->tap));
        nic->isolated = yw_unpack_u8(in) != 0;
        nic->spoof = yw_unpack_u8(in) != 0;
        nic->routes = yw_unpack_u8(in) != 0;
        yw_unpack_str(in, nic->mirror, sizeof(nic->mirror));
        job->spans[i] = yw_unpack_u8(in) != 0;
    }
}

static void pack_group(struct yw_buf *out, const struct yw_virt_call *call)
{
    yw_pack_u32(out, (uint32_t)call->machine_count);
    for (size_t i = 0; i < call->machine_count; i++) {
        const struct yw_plan_machine *machine = call->machines[i];

        yw_pack_str(out, machine->uuid);
        yw_pack_str(out, machine->domain);
        yw_pack_u8(out, machine->has_field);
        yw_pack_u32(out, (uint32_t)machine->ram_mib);
        yw_pack_u32(out, (uint32_t)machine->nic_count);
        for (size_t j = 0; j < machine->nic_count; j++) {
            const struct yw_plan_nic *nic = &machine->nics[j];

            yw_pack_str(out, call->plan ? call->plan->networks[nic->network].bridge : "");
            yw_pack_str(out, nic->mac);
        }
    }
}

static void unpack_group(struct yw_unpack *in, struct yw_broker_job *job)
{
    size_t count = yw_unpack_count(in, YW_VIRT_GROUP_MAX);

    if (in->failed || count == 0)
        return;
    job->members = yw_new_array(count, sizeof(*job->members));
    job->call.machine_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        struct yw_broker_member *member = &job->members[i];

        yw_unpack_str(in, member->uuid, sizeof(member->uuid));
        yw_unpack_str(in, member->domain, sizeof(member->domain));
        member->has_field = yw_unpack_u8(in) != 0;
        member->ram_mib = (int)yw_unpack_count(in, 1u << 20);
        member->nic_count = yw_unpack_count(in, YW_SPEC_NICS_MAX);
        for (size_t j = 0; j < member->nic_count; j++) {
            yw_unpack_str(in, member->bridges[j], sizeof(member->bridges[j]));
            yw_unpack_str(in, member->macs[j], sizeof(member->macs[j]));
        }
    }
}

static void pack_hosts(struct yw_buf *out, const struct yw_virt_call *call)
{
    yw_pack_str(out, call->host);
    yw_pack_str(out, call->target);
    yw_pack_u32(out, call->network ? call->network->vni : 0);
    yw_pack_u32(out, call->local);
    yw_pack_u32(out, (uint32_t)call->remote_count);
    for (size_t i = 0; i < call->remote_count; i++)
        yw_pack_u32(out, call->remotes[i]);
}

static void unpack_hosts(struct yw_unpack *in, struct yw_broker_job *job)
{
    struct yw_virt_call *call = &job->call;

    yw_unpack_str(in, call->host, sizeof(call->host));
    yw_unpack_str(in, call->target, sizeof(call->target));
    job->network.vni = yw_unpack_u32(in);
    call->local = yw_unpack_u32(in);
    call->remote_count = yw_unpack_count(in, YW_VIRT_REMOTES_MAX);
    for (size_t i = 0; i < call->remote_count; i++)
        call->remotes[i] = yw_unpack_u32(in);
}

static void pack_port(struct yw_buf *out, const struct yw_plan_nic *nic)
{
    yw_pack_str(out, nic->tap);
    yw_pack_str(out, nic->mac);
    yw_pack_u32(out, nic->address);
    yw_pack_u8(out, nic->spoof);
    yw_pack_u8(out, nic->routes);
}

static bool is_port(const struct yw_virt_call *call, const struct yw_plan_nic *nic)
{
    return nic->tap[0] &&
           strcmp(call->plan->networks[nic->network].bridge, call->network->bridge) == 0;
}

/* Every nic of the plan that is on the network, in two passes: count, then nics. */
static void pack_ports(struct yw_buf *out, const struct yw_virt_call *call)
{
    const struct yw_plan *plan = call->op == YW_VIRT_NETWORK_UP ? call->plan : NULL;
    uint32_t count = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t m = 0; plan && m < plan->machine_count; m++) {
            const struct yw_plan_machine *machine = &plan->machines[m];

            for (size_t n = 0; n < machine->nic_count; n++) {
                if (!is_port(call, &machine->nics[n]))
                    continue;
                if (pass == 1)
                    pack_port(out, &machine->nics[n]);
                count++;
            }
        }
        if (pass == 0)
            yw_pack_u32(out, count);
    }
}

static void unpack_ports(struct yw_unpack *in, struct yw_broker_job *job)
{
    size_t count = yw_unpack_count(in, YW_SPEC_MACHINES_MAX * YW_SPEC_NICS_MAX);

    if (in->failed || count == 0)
        return;
    job->ports = yw_new_array(count, sizeof(*job->ports));
    job->port_count = count;
    for (size_t i = 0; i < count && !in->failed; i++) {
        struct yw_guard_port *port = &job->ports[i];

        yw_unpack_str(in, port->tap, sizeof(port->tap));
        yw_unpack_str(in, port->mac, sizeof(port->mac));
        port->address = yw_unpack_u32(in);
        port->spoof = yw_unpack_u8(in) != 0;
        port->routes = yw_unpack_u8(in) != 0;
    }
}

void yw_broker_pack_call(struct yw_buf *out, int64_t id, const struct yw_virt_call *call)
{
    yw_pack_u8(out, YW_BROKER_CALL);
    yw_pack_i64(out, id);
    yw_pack_u8(out, (uint8_t)call->op);
    yw_pack_str(out, call->drill);
    yw_pack_str(out, call->plan_digest);
    yw_pack_u8(out, call->machine != NULL);
    if (call->machine)
        pack_machine(out, call->machine, call->plan);
    yw_pack_str(out, call->network ? call->network->bridge : "");
    pack_ports(out, call);
    pack_hosts(out, call);
    yw_pack_u32(out, (uint32_t)call->setting_count);
    for (size_t i = 0; i < call->setting_count; i++) {
        yw_pack_str(out, call->settings[i].name);
        yw_pack_str(out, call->settings[i].value);
    }
    yw_pack_str(out, call->file.name);
    yw_pack_bytes(out, call->file.bytes, call->file.size);
    yw_pack_i64(out, call->nic);
    yw_pack_u32(out, (uint32_t)call->bandwidth_kbit);
    yw_pack_u32(out, (uint32_t)call->delay_ms);
    yw_pack_u8(out, call->up);
    yw_pack_u32(out, call->request);
    yw_pack_u32(out, (uint32_t)call->argc);
    for (size_t i = 0; i < call->argc; i++)
        yw_pack_str(out, call->argv[i]);
    yw_pack_u8(out, (uint8_t)call->how);
    yw_pack_str(out, call->source);
    pack_group(out, call);
    yw_pack_str(out, call->point);
    yw_pack_str(out, call->path);
    yw_pack_i64(out, call->offset);
    yw_pack_str(out, call->hash);
    yw_pack_u32(out, (uint32_t)call->size_mib);
    yw_pack_u32(out, (uint32_t)call->files);
    yw_pack_u8(out, call->cut);
    yw_pack_u8(out, call->frozen);
    yw_pack_i64(out, call->deadline_ms);
}

static void unpack_file(struct yw_unpack *in, struct yw_broker_job *job)
{
    yw_unpack_str(in, job->call.file.name, sizeof(job->call.file.name));
    const void *bytes =
        yw_unpack_bytes(in, yw_virt_piece_max(job->call.op), &job->call.file.size);

    if (in->failed || job->call.file.size == 0) {
        job->call.file.size = 0;
        return;
    }
    job->file = yw_new(job->call.file.size);
    memcpy(job->file, bytes, job->call.file.size);
    job->call.file.bytes = job->file;
}

struct yw_broker_job *yw_broker_unpack_call(struct yw_unpack *in)
{
    struct yw_broker_job *job = yw_new(sizeof(*job));
    struct yw_virt_call *call = &job->call;

    job->id = yw_unpack_i64(in);
    call->op = (enum yw_virt_op)yw_unpack_u8(in);
    yw_unpack_str(in, call->drill, sizeof(call->drill));
    yw_unpack_str(in, call->plan_digest, sizeof(call->plan_digest));
    if (yw_unpack_u8(in) != 0) {
        unpack_machine(in, job);
        call->machine = &job->machine;
    }
    yw_unpack_str(in, job->network.bridge, sizeof(job->network.bridge));
    unpack_ports(in, job);
    call->network = &job->network;
    unpack_hosts(in, job);
    call->setting_count = yw_unpack_count(in, YW_VIRT_SETTINGS_MAX);
    for (size_t i = 0; i < call->setting_count; i++) {
        yw_unpack_str(in, call->settings[i].name, sizeof(call->settings[i].name));
        yw_unpack_str(in, call->settings[i].value, sizeof(call->settings[i].value));
    }
    unpack_file(in, job);
    call->nic = (int)yw_unpack_i64(in);
    call->bandwidth_kbit = (int)yw_unpack_count(in, YW_SPEC_BANDWIDTH_MAX);
    call->delay_ms = (int)yw_unpack_count(in, YW_SPEC_DELAY_MAX_MS);
    call->up = yw_unpack_u8(in) != 0;
    call->request = yw_unpack_u32(in);
    call->argc = yw_unpack_count(in, YW_SPEC_ARGS_MAX);
    for (size_t i = 0; i < call->argc; i++)
        yw_unpack_str(in, call->argv[i], sizeof(call->argv[i]));
    call->how = (enum yw_virt_how)yw_unpack_u8(in);
    yw_unpack_str(in, call->source, sizeof(call->source));
    unpack_group(in, job);
    yw_unpack_str(in, call->point, sizeof(call->point));
    yw_unpack_str(in, call->path, sizeof(call->path));
    call->offset = yw_unpack_i64(in);
    yw_unpack_str(in, call->hash, sizeof(call->hash));
    call->size_mib = (int)yw_unpack_count(in, YW_CAPTURE_MIB_MAX);
    call->files = (int)yw_unpack_count(in, YW_CAPTURE_FILES_MAX);
    call->cut = yw_unpack_u8(in) != 0;
    call->frozen = yw_unpack_u8(in) != 0;
    call->deadline_ms = yw_unpack_i64(in);
    if (!yw_unpack_done(in) || call->deadline_ms <= 0 || call->offset < 0 ||
        call->op > YW_VIRT_OP_LAST || call->how > YW_VIRT_HOW_SHARED) {
        yw_broker_job_free(job);
        return NULL;
    }
    return job;
}

void yw_broker_job_free(struct yw_broker_job *job)
{
    if (!job)
        return;
    free(job->file);
    free(job->ports);
    free(job->members);
    free(job->call.ret_bytes);
    free(job->call.found);
    free(job);
}

static void pack_proof(struct yw_buf *out, const struct yw_virt_proof *proof)
{
    yw_pack_u8(out, proof->read);
    yw_pack_u8(out, proof->ok);
    yw_pack_u32(out, proof->uid);
    yw_pack_u32(out, (uint32_t)proof->seccomp);
    yw_pack_u8(out, proof->no_new_privs);
    yw_pack_i64(out, (int64_t)proof->cap_eff);
    yw_pack_u8(out, proof->mount_ns);
    yw_pack_str(out, proof->mac);
    yw_pack_str(out, proof->text);
}

static void unpack_proof(struct yw_unpack *in, struct yw_virt_proof *ret)
{
    ret->read = yw_unpack_u8(in) != 0;
    ret->ok = yw_unpack_u8(in) != 0;
    ret->uid = yw_unpack_u32(in);
    ret->seccomp = (int)yw_unpack_count(in, 2);
    ret->no_new_privs = yw_unpack_u8(in) != 0;
    ret->cap_eff = (uint64_t)yw_unpack_i64(in);
    ret->mount_ns = yw_unpack_u8(in) != 0;
    yw_unpack_str(in, ret->mac, sizeof(ret->mac));
    yw_unpack_str(in, ret->text, sizeof(ret->text));
}

static void pack_traits(struct yw_buf *out, const struct yw_host_traits *traits)
{
    yw_pack_u8(out, traits->known);
    yw_pack_u8(out, traits->in_memory);
    yw_pack_u8(out, traits->kvm);
    yw_pack_str(out, traits->kvm_why);
    yw_pack_str(out, traits->mac);
    yw_pack_u8(out, traits->mac_enforcing);
    yw_pack_u32(out, (uint32_t)traits->cgroup_version);
    yw_pack_u32(out, traits->controls);
    yw_pack_u8(out, traits->seccomp);
    yw_pack_u8(out, traits->mount_ns);
    yw_pack_u8(out, traits->nftables);
    yw_pack_u8(out, traits->ksm);
    yw_pack_u8(out, traits->bandwidth);
    yw_pack_u8(out, traits->delay);
    yw_pack_u32(out, (uint32_t)traits->address_count);
    for (size_t i = 0; i < traits->address_count; i++)
        yw_pack_u32(out, traits->addresses[i]);
    yw_pack_u32(out, traits->gateway);
}

static void unpack_traits(struct yw_unpack *in, struct yw_host_traits *ret)
{
    ret->known = yw_unpack_u8(in) != 0;
    ret->in_memory = yw_unpack_u8(in) != 0;
    ret->kvm = yw_unpack_u8(in) != 0;
    yw_unpack_str(in, ret->kvm_why, sizeof(ret->kvm_why));
    yw_unpack_str(in, ret->mac, sizeof(ret->mac));
    ret->mac_enforcing = yw_unpack_u8(in) != 0;
    ret->cgroup_version = (int)yw_unpack_count(in, 2);
    ret->controls = (unsigned)yw_unpack_count(in, YW_HOST_ALL_CONTROLS);
    ret->seccomp = yw_unpack_u8(in) != 0;
    ret->mount_ns = yw_unpack_u8(in) != 0;
    ret->nftables = yw_unpack_u8(in) != 0;
    ret->ksm = yw_unpack_u8(in) != 0;
    ret->bandwidth = yw_unpack_u8(in) != 0;
    ret->delay = yw_unpack_u8(in) != 0;
    ret->address_count = yw_unpack_count(in, YW_HOST_ADDRESSES_MAX);
    for (size_t i = 0; i < ret->address_count; i++)
        ret->addresses[i] = yw_unpack_u32(in);
    ret->gateway = yw_unpack_u32(in);
}

void yw_broker_pack_result(struct yw_buf *out, int64_t id,
                           const struct yw_virt_call *call, int code,
                           const struct yw_err *err)
{
    yw_pack_u8(out, YW_BROKER_RESULT);
    yw_pack_i64(out, id);
    yw_pack_i64(out, code);
    yw_pack_str(out, err ? err->text : "");
    yw_pack_i64(out, call->exit_code);
    yw_pack_str(out, call->output);
    yw_pack_u8(out, (uint8_t)call->ret_how);
    yw_pack_str(out, call->why);
    pack_proof(out, &call->proof);
    pack_proof(out, &call->golden);
    pack_traits(out, &call->traits);
    yw_pack_u32(out, (uint32_t)call->found_count);
    for (size_t i = 0; i < call->found_count; i++) {
        const struct yw_virt_found *found = &call->found[i];

        yw_pack_u8(out, found->is_network);
        yw_pack_str(out, found->name);
        yw_pack_str(out, found->uuid);
        yw_pack_str(out, found->drill);
        yw_pack_u8(out, found->running);
    }
    yw_pack_i64(out, call->frozen_ms);
    yw_pack_i64(out, call->bytes);
    yw_pack_i64(out, call->forced);
    yw_pack_u32(out, (uint32_t)call->files);
    yw_pack_bytes(out, call->ret_bytes ? call->ret_bytes : "", call->ret_size);
}

static void unpack_found(struct yw_unpack *in, struct yw_virt_call *call)
{
    size_t count = yw_unpack_count(in, YW_VIRT_LIST_MAX);

    call->found = yw_new_array(count + 1, sizeof(*call->found));
    call->found_count = count;
    for (size_t i = 0; i < count; i++) {
        struct yw_virt_found *found = &call->found[i];

        found->is_network = yw_unpack_u8(in) != 0;
        yw_unpack_str(in, found->name, sizeof(found->name));
        yw_unpack_str(in, found->uuid, sizeof(found->uuid));
        yw_unpack_str(in, found->drill, sizeof(found->drill));
        found->running = yw_unpack_u8(in) != 0;
    }
}

static void unpack_bytes(struct yw_unpack *in, struct yw_virt_call *call)
{
    size_t size = 0;
    const void *bytes = yw_unpack_bytes(in, YW_VIRT_PIECE_MAX, &size);

    if (in->failed)
        return;
    call->ret_bytes = yw_new(size + 1);
    call->ret_size = size;
    memcpy(call->ret_bytes, bytes, size);
}

static bool brings_bytes(enum yw_virt_op op)
{
    return op == YW_VIRT_GET || op == YW_VIRT_FILES || op == YW_VIRT_FILE ||
           op == YW_VIRT_CARRIED_GET;
}

int yw_broker_unpack_result(struct yw_unpack *in, struct yw_virt_call *call,
                            int *ret_code, struct yw_err *ret_err)
{
    *ret_code = (int)yw_unpack_i64(in);
    ret_err->code = *ret_code;
    yw_unpack_str(in, ret_err->text, sizeof(ret_err->text));
    call->exit_code = (int)yw_unpack_i64(in);
    yw_unpack_str(in, call->output, sizeof(call->output));
    uint8_t how = yw_unpack_u8(in);

    call->ret_how = how <= YW_VIRT_HOW_SHARED ? (enum yw_virt_how)how : YW_VIRT_HOW_ANY;
    yw_unpack_str(in, call->why, sizeof(call->why));
    unpack_proof(in, &call->proof);
    unpack_proof(in, &call->golden);
    unpack_traits(in, &call->traits);
    unpack_found(in, call);
    call->frozen_ms = yw_unpack_i64(in);
    call->bytes = yw_unpack_i64(in);
    call->forced = (int)yw_unpack_i64(in);
    call->files = (int)yw_unpack_u32(in);
    unpack_bytes(in, call);
    bool good = yw_unpack_done(in) && *ret_code == 0;

    if (!good || call->op != YW_VIRT_LIST) {
        free(call->found);
        call->found = NULL;
        call->found_count = 0;
    }
    if (!good || !brings_bytes(call->op)) {
        free(call->ret_bytes);
        call->ret_bytes = NULL;
        call->ret_size = 0;
    }
    return yw_unpack_done(in) ? 0 : YW_EINVAL;
}

static void pack_values(struct yw_buf *out, const double *values, size_t count)
{
    yw_pack_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        yw_pack_f64(out, values[i]);
}

static size_t unpack_values(struct yw_unpack *in, double values[YW_VIRT_FIELD_MAX])
{
    size_t count = yw_unpack_count(in, YW_VIRT_FIELD_MAX);

    for (size_t i = 0; i < count; i++)
        values[i] = yw_unpack_f64(in);
    return count;
}

void yw_broker_pack_notice(struct yw_buf *out, const struct yw_virt_notice *notice)
{
    yw_pack_u8(out, YW_BROKER_NOTICE);
    yw_pack_u8(out, (uint8_t)notice->kind);
    yw_pack_str(out, notice->uuid);
    yw_pack_str(out, notice->bridge);
    pack_values(out, notice->outputs, notice->output_count);
    pack_values(out, notice->views, notice->view_count);
    yw_pack_str(out, notice->text);
}

int yw_broker_unpack_notice(struct yw_unpack *in, struct yw_virt_notice *ret)
{
    ret->kind = (enum yw_virt_notice_kind)yw_unpack_u8(in);
    yw_unpack_str(in, ret->uuid, sizeof(ret->uuid));
    yw_unpack_str(in, ret->bridge, sizeof(ret->bridge));
    ret->output_count = unpack_values(in, ret->outputs);
    ret->view_count = unpack_values(in, ret->views);
    yw_unpack_str(in, ret->text, sizeof(ret->text));
    bool fits = ret->kind <= YW_VIRT_GUEST_LOST || ret->kind == YW_VIRT_PROGRESS ||
                ret->kind == YW_VIRT_CAPTURE_LOST;

    return yw_unpack_done(in) && fits ? 0 : YW_EINVAL;
}

void yw_broker_pack_field(struct yw_buf *out, const char *uuid, const double *values,
                          size_t count)
{
    yw_pack_u8(out, YW_BROKER_FIELD);
    yw_pack_str(out, uuid);
    pack_values(out, values, count);
}

int yw_broker_unpack_field(struct yw_unpack *in, char uuid[YW_UUID_SIZE],
                           double values[YW_VIRT_FIELD_MAX], size_t *ret_count)
{
    yw_unpack_str(in, uuid, YW_UUID_SIZE);
    *ret_count = unpack_values(in, values);
    return yw_unpack_done(in) ? 0 : YW_EINVAL;
}
