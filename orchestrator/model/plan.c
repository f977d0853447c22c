#include "model/plan.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/pack.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM_MIB 96 /* a micro image */
#define PACKED_MAX (16 * 1024 * 1024)

/* A hash over strings joined with '/': the only source of everything that looks random
 * here. */
static struct yw_hash hash_parts(uint64_t seed, const char *drill, const char *team,
                                 const char *machine, unsigned number)
{
    char text[4 * YW_NAME_MAX + 64];
    struct yw_hash hash;
    int size = snprintf(text, sizeof text, "%llu/%s/%s/%s/%u", (unsigned long long)seed,
                        drill, team, machine, number);

    yw_hash_of(text, (size_t)size, &hash);
    return hash;
}

/* 52:54:00 is QEMU's prefix; the rest is a hash, tried again where it is taken. */
static void make_mac(const struct yw_plan *plan, struct yw_map *taken,
                     const struct yw_plan_machine *machine, unsigned nic,
                     char mac[YW_PLAN_MAC_SIZE])
{
    for (unsigned attempt = 0;; attempt++) {
        struct yw_hash hash = hash_parts(plan->seed, plan->drill, machine->team_name,
                                         machine->name, nic + attempt * 256);

        snprintf(mac, YW_PLAN_MAC_SIZE, "52:54:00:%02x:%02x:%02x", hash.bytes[0],
                 hash.bytes[1], hash.bytes[2]);
        if (!yw_map_get(taken, mac)) {
            yw_map_put(taken, mac);
            return;
        }
    }
}

void yw_plan_prefix(const char *drill, char prefix[YW_PLAN_BRIDGE_MAX])
{
    struct yw_hash hash;

    yw_hash_of(drill, strlen(drill), &hash);
    snprintf(prefix, YW_PLAN_BRIDGE_MAX, "yw%02x%02x%02x", hash.bytes[0], hash.bytes[1],
             hash.bytes[2]);
}

static void plan_networks(struct yw_plan *plan, const struct yw_spec *spec)
{
    char prefix[YW_PLAN_BRIDGE_MAX];

    yw_plan_prefix(plan->drill, prefix);
    for (size_t t = 0; t < plan->team_count; t++) {
        for (size_t n = 0; n < spec->network_count; n++) {
            struct yw_plan_network *network = &plan->networks[plan->network_count];

            network->team = (int)t;
            network->network = (int)n;
            snprintf(network->bridge, sizeof network->bridge, "%.8s-%u", prefix,
                     (unsigned)plan->network_count % 10000U);
            plan->network_count++;
        }
    }
}

/* "yw-<8 hex of the drill>-<team>-<machine>"; long names give way to a hash. */
static void make_domain(const struct yw_plan *plan, struct yw_plan_machine *machine)
{
    struct yw_hash drill;
    struct yw_hash both =
        hash_parts(0, plan->drill, machine->team_name, machine->name, 0);
    char drill_text[YW_HASH_TEXT_SIZE], both_text[YW_HASH_TEXT_SIZE];
    char domain[3 * YW_NAME_MAX];

    yw_hash_of(plan->drill, strlen(plan->drill), &drill);
    yw_hash_text(&drill, drill_text);
    yw_hash_text(&both, both_text);
    snprintf(domain, sizeof domain, "yw-%.8s-%s-%s", drill_text, machine->team_name,
             machine->name);
    if (strlen(domain) >= sizeof machine->domain)
        snprintf(domain, sizeof domain, "yw-%.8s-%.24s", drill_text, both_text);
    YW_COPY(machine->domain, domain);
}

/* 15 characters at most: 4096 machines of 8 nics. */
static void make_tap(const struct yw_plan *plan, size_t machine, size_t nic,
                     char tap[YW_PLAN_BRIDGE_MAX])
{
    char prefix[YW_PLAN_BRIDGE_MAX];

    yw_plan_prefix(plan->drill, prefix);
    snprintf(tap, YW_PLAN_BRIDGE_MAX, "%.8st%un%u", prefix, (unsigned)machine % 10000U,
             (unsigned)nic % 10U);
}

static int ram_of(const struct yw_spec_machine *from)
{
    if (yw_spec_is_micro(from->image))
        return RAM_MIB;
    return from->ram_mib > 0 ? from->ram_mib : YW_SPEC_RAM_FULL_MIB;
}

static void plan_machine(struct yw_plan *plan, const struct yw_spec *spec,
                         struct yw_map *taken, size_t team, size_t index)
{
    const struct yw_spec_machine *from = &spec->machines[index];
    size_t number = plan->machine_count++;
    struct yw_plan_machine *machine = &plan->machines[number];
    char parts[4 * YW_NAME_MAX + 64];
    struct yw_hash hash;

    machine->team = (int)team;
    machine->machine = (int)index;
    YW_COPY(machine->name, from->name);
    YW_COPY(machine->team_name, plan->teams[team]);
    YW_COPY(machine->image, from->image);
    machine->has_disk = !yw_spec_is_micro(from->image);
    machine->ram_mib = ram_of(from);
    machine->has_field = from->plant >= 0;
    machine->display = from->display;
    make_domain(plan, machine);
    snprintf(parts, sizeof parts, "machine/%llu/%s/%s/%s", (unsigned long long)plan->seed,
             plan->drill, machine->team_name, machine->name);
    yw_uuid_from(parts, machine->uuid);
    hash = hash_parts(plan->seed, plan->drill, machine->team_name, machine->name, 0xffff);
    memcpy(&machine->seed, hash.bytes, sizeof machine->seed);
    machine->nic_count = from->nic_count;
    machine->gateway = yw_spec_gateway(spec, from);
    for (size_t n = 0; n < from->nic_count; n++) {
        int network = from->nics[n].network;
        struct yw_plan_nic *nic = &machine->nics[n];

        nic->network = (int)(team * spec->network_count) + network;
        nic->address = from->nics[n].address;
        nic->prefix = spec->networks[network].prefix;
        nic->isolated = spec->networks[network].isolated && !from->promiscuous;
        nic->spoof = from->spoof;
        nic->routes = yw_spec_is_router(from);
        int mirror = yw_spec_mirror_of(spec, network);

        if (mirror >= 0)
            YW_COPY(nic->mirror,
                    plan->networks[team * spec->network_count + (size_t)mirror].bridge);
        nic->bandwidth_kbit = spec->networks[network].bandwidth_kbit;
        nic->delay_ms = (int)spec->networks[network].delay_ms;
        make_tap(plan, number, n, nic->tap);
        make_mac(plan, taken, machine, (unsigned)n, nic->mac);
    }
}

/* Controllers first: what watches them finds them answering. */
static void plan_machines(struct yw_plan *plan, const struct yw_spec *spec)
{
    struct yw_map taken;

    yw_map_init(&taken, 1,
                (size_t)YW_SPEC_TEAMS_MAX * YW_SPEC_MACHINES_MAX * YW_SPEC_NICS_MAX);
    for (int controllers = 1; controllers >= 0; controllers--) {
        for (size_t t = 0; t < plan->team_count; t++) {
            for (size_t m = 0; m < spec->machine_count; m++) {
                if ((spec->machines[m].plant >= 0) == (controllers == 1))
                    plan_machine(plan, spec, &taken, t, m);
            }
        }
    }
    yw_map_fini(&taken);
}

static void pack_machine(struct yw_buf *out, const struct yw_plan_machine *machine)
{
    yw_pack_i64(out, machine->team);
    yw_pack_i64(out, machine->machine);
    yw_pack_str(out, machine->domain);
    yw_pack_str(out, machine->uuid);
    yw_pack_str(out, machine->name);
    yw_pack_str(out, machine->team_name);
    yw_pack_str(out, machine->image);
    yw_pack_i64(out, machine->ram_mib);
    for (size_t n = 0; n < machine->nic_count; n++) {
        yw_pack_i64(out, machine->nics[n].network);
        yw_pack_str(out, machine->nics[n].mac);
        yw_pack_u32(out, machine->nics[n].address);
        yw_pack_i64(out, machine->nics[n].prefix);
        yw_pack_str(out, machine->nics[n].tap);
        yw_pack_u8(out, machine->nics[n].isolated ? 1 : 0);
        yw_pack_u8(out, machine->nics[n].spoof ? 1 : 0);
        yw_pack_i64(out, machine->nics[n].bandwidth_kbit);
        yw_pack_i64(out, machine->nics[n].delay_ms);
    }
    yw_pack_u8(out, machine->has_field ? 1 : 0);
    yw_pack_u8(out, machine->display ? 1 : 0);
    yw_pack_i64(out, (int64_t)machine->seed);
    if (machine->gateway != 0) /* plans of before there were any keep their digest */
        yw_pack_u32(out, machine->gateway);
}

static void make_digest(struct yw_plan *plan)
{
    struct yw_buf out;

    yw_buf_init(&out, PACKED_MAX);
    yw_pack_str(&out, plan->drill);
    yw_pack_i64(&out, (int64_t)plan->seed);
    for (size_t i = 0; i < plan->team_count; i++)
        yw_pack_str(&out, plan->teams[i]);
    for (size_t i = 0; i < plan->network_count; i++) {
        yw_pack_i64(&out, plan->networks[i].team);
        yw_pack_i64(&out, plan->networks[i].network);
        yw_pack_str(&out, plan->networks[i].bridge);
    }
    for (size_t i = 0; i < plan->machine_count; i++)
        pack_machine(&out, &plan->machines[i]);
    assert(!out.overflow);
    yw_hash_of(out.data, out.size, &plan->digest);
    yw_buf_fini(&out);
}

static int check_teams(const char *drill, const char *const *teams, size_t count,
                       struct yw_err *err)
{
    if (!yw_name_valid(drill))
        return yw_err_set(err, YW_EINVAL, "plan: drill '%s' is not a valid name", drill);
    if (count < 1 || count > YW_SPEC_TEAMS_MAX)
        return yw_err_set(err, count < 1 ? YW_EINVAL : YW_ELIMIT,
                          "plan: %zu teams; there must be 1..%d", count,
                          YW_SPEC_TEAMS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!yw_name_valid(teams[i]))
            return yw_err_set(
                err, YW_EINVAL,
                "plan: team '%s': a name has lower-case letters, digits and "
                "'-', at most %d, and begins with a letter or digit",
                teams[i], YW_NAME_MAX - 1);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(teams[i], teams[k]) == 0)
                return yw_err_set(err, YW_EINVAL, "plan: team '%s' is named twice",
                                  teams[i]);
        }
    }
    return 0;
}

int yw_plan_make(struct yw_plan **ret, const struct yw_spec *spec, const char *drill,
                 const char *const *teams, size_t team_count, uint64_t seed,
                 struct yw_err *err)
{
    int status = check_teams(drill, teams, team_count, err);

    if (status < 0)
        return status;
    struct yw_plan *plan = yw_new(sizeof *plan);

    YW_COPY(plan->drill, drill);
    plan->seed = seed;
    plan->team_count = team_count;
    for (size_t i = 0; i < team_count; i++)
        YW_COPY(plan->teams[i], teams[i]);
    if (!spec->tabletop) {
        size_t networks = team_count * spec->network_count;
        size_t machines = team_count * spec->machine_count;

        plan->networks =
            yw_new_array(networks > 0 ? networks : 1, sizeof *plan->networks);
        plan->machines =
            yw_new_array(machines > 0 ? machines : 1, sizeof *plan->machines);
        plan_networks(plan, spec);
        plan_machines(plan, spec);
    }
    make_digest(plan);
    *ret = plan;
    return 0;
}

void yw_plan_free(struct yw_plan *plan)
{
    if (!plan)
        return;
    free(plan->networks);
    free(plan->machines);
    free(plan);
}

const struct yw_plan_machine *yw_plan_machine(const struct yw_plan *plan, int team,
                                              int machine)
{
    for (size_t i = 0; i < plan->machine_count; i++) {
        if (plan->machines[i].team == team && plan->machines[i].machine == machine)
            return &plan->machines[i];
    }
    return NULL;
}

void yw_plan_take_macs(struct yw_plan *plan, const struct yw_plan *from)
{
    for (size_t i = 0; i < plan->machine_count && i < from->machine_count; i++) {
        struct yw_plan_machine *machine = &plan->machines[i];
        const struct yw_plan_machine *other = &from->machines[i];

        for (size_t k = 0; k < machine->nic_count && k < other->nic_count; k++)
            YW_COPY(machine->nics[k].mac, other->nics[k].mac);
    }
}
