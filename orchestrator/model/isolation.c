#include "model/isolation.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define PEERS_MAX 3  /* asked for on each segment */
#define BEYOND_MAX 8 /* addresses of the team's other segments */

/* RFC 5737's, and where clouds keep the secrets of a machine. */
static const uint32_t outside[] = {0xc0000201u, 0xc6336401u, 0xa9fea9feu};

static bool holds(const uint32_t *list, size_t count, uint32_t address)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == address)
            return true;
    }
    return false;
}

static bool is_planned(const struct yw_plan *plan, uint32_t address)
{
    for (size_t i = 0; i < plan->machine_count; i++) {
        for (size_t n = 0; n < plan->machines[i].nic_count; n++) {
            if (plan->machines[i].nics[n].address == address)
                return true;
        }
    }
    return false;
}

static void add(const struct yw_plan *plan, uint32_t *list, size_t *count,
                uint32_t address)
{
    if (address != 0 && *count < YW_ISOLATION_ADDRESSES_MAX &&
        !holds(list, *count, address) && !is_planned(plan, address))
        list[(*count)++] = address;
}

void yw_isolation_add_host(struct yw_isolation_world *world, const struct yw_plan *plan,
                           const struct yw_host_traits *traits)
{
    for (size_t i = 0; i < traits->address_count; i++)
        add(plan, world->addresses, &world->address_count, traits->addresses[i]);
    add(plan, world->gateways, &world->gateway_count, traits->gateway);
}

static bool is_on(const struct yw_plan_machine *machine, int network)
{
    for (size_t n = 0; n < machine->nic_count; n++) {
        if (machine->nics[n].network == network)
            return true;
    }
    return false;
}

static bool is_covered(const struct yw_plan *plan, const size_t *chosen, size_t count,
                       int network)
{
    for (size_t i = 0; i < count; i++) {
        if (is_on(&plan->machines[chosen[i]], network))
            return true;
    }
    return false;
}

/* Twice through the machines: those on several networks first, they cover most. */
size_t yw_isolation_probers(const struct yw_plan *plan, size_t *ret)
{
    size_t count = 0;

    for (int several = 1; several >= 0; several--) {
        for (size_t i = 0; i < plan->machine_count; i++) {
            const struct yw_plan_machine *machine = &plan->machines[i];
            bool needed = false;

            for (size_t n = 0; n < machine->nic_count; n++)
                needed =
                    needed || !is_covered(plan, ret, count, machine->nics[n].network);
            if (needed && (machine->nic_count > 1) == (several == 1))
                ret[count++] = i;
        }
    }
    for (size_t i = 1; i < count; i++) { /* into the plan's order */
        for (size_t k = i; k > 0 && ret[k - 1] > ret[k]; k--) {
            size_t low = ret[k];

            ret[k] = ret[k - 1];
            ret[k - 1] = low;
        }
    }
    return count;
}

static void ask(struct yw_isolation_probe *probe, uint32_t address, uint16_t port)
{
    for (size_t i = 0; i < probe->count; i++) {
        if (probe->targets[i].address == address)
            return;
    }
    if (probe->count < YW_ISOLATION_TARGETS_MAX)
        probe->targets[probe->count++] =
            (struct yw_isolation_target){.address = address, .port = port};
}

/* The nic of `machine` on the network, or NULL. */
static const struct yw_plan_nic *nic_on(const struct yw_plan_machine *machine,
                                        int network)
{
    for (size_t n = 0; n < machine->nic_count; n++) {
        if (machine->nics[n].network == network)
            return &machine->nics[n];
    }
    return NULL;
}

static void ask_peers(struct yw_isolation_probe *probe, const struct yw_plan *plan,
                      const struct yw_plan_nic *mine, bool isolated)
{
    size_t peers = 0;

    for (size_t i = 0; i < plan->machine_count && peers < PEERS_MAX; i++) {
        const struct yw_plan_nic *nic = nic_on(&plan->machines[i], mine->network);

        if (i == probe->machine || !nic || (mine->isolated && nic->isolated) != isolated)
            continue;
        ask(probe, nic->address, 0);
        peers++;
    }
}

/* The team's machines on segments where this one is not. */
static void ask_beyond(struct yw_isolation_probe *probe, const struct yw_plan *plan)
{
    const struct yw_plan_machine *me = &plan->machines[probe->machine];
    size_t asked = 0;

    for (size_t i = 0; i < plan->machine_count; i++) {
        const struct yw_plan_machine *other = &plan->machines[i];

        for (size_t n = 0; n < other->nic_count && asked < BEYOND_MAX; n++) {
            if (other->team != me->team || other->nics[n].address == 0 ||
                is_on(me, other->nics[n].network))
                continue;
            ask(probe, other->nics[n].address, 0);
            asked++;
        }
    }
}

void yw_isolation_targets(struct yw_isolation_probe *ret, const struct yw_plan *plan,
                          size_t machine, const struct yw_isolation_world *world)
{
    const struct yw_plan_machine *me = &plan->machines[machine];

    memset(ret, 0, sizeof(*ret));
    ret->machine = machine;
    for (size_t n = 0; n < me->nic_count; n++) {
        if (me->nics[n].address == 0)
            continue;                     /* it only listens there */
        ask(ret, me->nics[n].address, 0); /* a twin in another team would answer */
        ask_peers(ret, plan, &me->nics[n], false);
        ask_peers(ret, plan, &me->nics[n], true);
    }
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
        ask(ret, outside[i], 80);
    for (size_t i = 0; i < world->gateway_count; i++)
        ask(ret, world->gateways[i], 80);
    for (size_t i = 0; i < world->address_count; i++)
        ask(ret, world->addresses[i], world->port);
    ask_beyond(ret, plan);
}

size_t yw_isolation_argv(const struct yw_isolation_probe *probe, int span_ms,
                         char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX])
{
    size_t argc = 2;

    YW_COPY(argv[0], "probe");
    (void)snprintf(argv[1], YW_SPEC_ARG_MAX, "%d", span_ms);
    argv[2][0] = '\0';
    for (size_t i = 0; i < probe->count; i++) {
        char address[16], text[24];

        yw_spec_address_text(probe->targets[i].address, address);
        (void)snprintf(text, sizeof(text), probe->targets[i].port ? ",%s:%u" : ",%s",
                       address, (unsigned)probe->targets[i].port);
        if (strlen(argv[argc]) + strlen(text) >= YW_SPEC_ARG_MAX)
            argv[++argc][0] = '\0';
        size_t used = strlen(argv[argc]);

        (void)snprintf(argv[argc] + used, YW_SPEC_ARG_MAX - used, "%s",
                       used == 0 ? text + 1 : text);
    }
    return argv[argc][0] ? argc + 1 : argc;
}

/* One answer: who has this MAC, and is he a neighbour with this address? */
struct answer {
    uint32_t address;
    char mac[YW_PLAN_MAC_SIZE];
    char how[8];
};

static const struct yw_plan_machine *owner_of(const struct yw_plan *plan, const char *mac,
                                              const struct yw_plan_nic **ret_nic)
{
    for (size_t i = 0; i < plan->machine_count; i++) {
        for (size_t n = 0; n < plan->machines[i].nic_count; n++) {
            if (strcmp(plan->machines[i].nics[n].mac, mac) == 0) {
                *ret_nic = &plan->machines[i].nics[n];
                return &plan->machines[i];
            }
        }
    }
    return NULL;
}

static bool has_address(const struct yw_plan_machine *machine, uint32_t address)
{
    for (size_t n = 0; n < machine->nic_count; n++) {
        if (machine->nics[n].address == address)
            return true;
    }
    return false;
}

static bool is_right(const struct yw_plan *plan, const struct yw_plan_machine *me,
                     const struct answer *answer)
{
    const struct yw_plan_nic *nic = NULL;
    const struct yw_plan_machine *owner = owner_of(plan, answer->mac, &nic);

    if (!owner || owner == me || !has_address(owner, answer->address))
        return false;
    const struct yw_plan_nic *mine = nic_on(me, nic->network);

    return mine && !(mine->isolated && nic->isolated);
}

static void tell(struct yw_isolation_verdict *ret, const struct yw_plan *plan,
                 const struct answer *answer)
{
    const struct yw_plan_nic *nic;
    const struct yw_plan_machine *owner = owner_of(plan, answer->mac, &nic);
    char address[16];
    size_t used = strlen(ret->detail);

    if (ret->reached++ >= 3) /* the first few tell enough */
        return;
    yw_spec_address_text(answer->address, address);
    (void)snprintf(ret->detail + used, sizeof(ret->detail) - used,
                   "%sreached %s by %s, answered by %s%s%s%s%s", used ? "; " : "",
                   address, answer->how, answer->mac, owner ? " of " : "",
                   owner ? owner->team_name : "", owner ? "/" : "",
                   owner ? owner->name : "");
}

/* "ADDRESS MAC HOW" of one quoted string; false: not so. */
static bool read_answer(const char *text, struct answer *ret)
{
    char address[16];

    return sscanf(text, "%15[0-9.] %17[-0-9a-f:] %7[a-z]\"", address, ret->mac,
                  ret->how) == 3 &&
           yw_spec_address_parse(address, &ret->address) == 0;
}

/* One neighbour that can be reached on this segment, and none was heard. */
static bool is_silent(const struct yw_plan *plan, const struct yw_isolation_probe *probe,
                      const struct yw_plan_nic *mine, const bool *heard)
{
    bool expected = false;

    for (size_t i = 0; i < plan->machine_count; i++) {
        const struct yw_plan_nic *nic = nic_on(&plan->machines[i], mine->network);

        if (i == probe->machine || !nic || (mine->isolated && nic->isolated))
            continue;
        for (size_t t = 0; t < probe->count; t++) {
            if (probe->targets[t].address != nic->address)
                continue;
            if (heard[t])
                return false;
            expected = true;
        }
    }
    return expected;
}

static void expect_neighbours(struct yw_isolation_verdict *ret,
                              const struct yw_plan *plan,
                              const struct yw_isolation_probe *probe, const bool *heard)
{
    const struct yw_plan_machine *me = &plan->machines[probe->machine];

    for (size_t n = 0; n < me->nic_count && ret->reached == 0; n++) {
        char address[16];

        if (!is_silent(plan, probe, &me->nics[n], heard))
            continue;
        yw_spec_address_text(me->nics[n].address, address);
        (void)snprintf(ret->detail, sizeof(ret->detail),
                       "no neighbour answers on the segment of %s: nothing is proved",
                       address);
        ret->retry = true;
    }
}

void yw_isolation_judge(struct yw_isolation_verdict *ret, const struct yw_plan *plan,
                        const struct yw_isolation_probe *probe, int exit_code,
                        const char *output)
{
    const struct yw_plan_machine *me = &plan->machines[probe->machine];
    bool heard[YW_ISOLATION_TARGETS_MAX] = {false};
    unsigned asked = 0;

    memset(ret, 0, sizeof(*ret));
    const char *at = strstr(output, "\"heard\":[");

    if (exit_code != 0 || sscanf(output, "{\"asked\":%5u,", &asked) != 1 ||
        asked != probe->count || !at) {
        (void)snprintf(
            ret->detail, sizeof(ret->detail),
            "cannot probe: `probe` ended with exit code %d and said \"%.120s\"; "
            "right is a program that answers for %zu addresses: an image of "
            "another version has none, build it anew (vm-images/build)",
            exit_code, output, probe->count);
        return;
    }
    ret->asked = (int)asked;
    for (at = strchr(at + 9, '"'); at; at = strchr(at + 1, '"')) {
        struct answer answer;

        if (!read_answer(at + 1, &answer)) {
            (void)snprintf(ret->detail, sizeof(ret->detail), "not an answer: %.60s", at);
            return;
        }
        at = strchr(at + 1, '"');
        if (!is_right(plan, me, &answer))
            tell(ret, plan, &answer);
        for (size_t t = 0; t < probe->count; t++)
            heard[t] = heard[t] || probe->targets[t].address == answer.address;
        if (!at)
            break;
    }
    expect_neighbours(ret, plan, probe, heard);
    ret->ok = ret->reached == 0 && ret->detail[0] == '\0';
}
