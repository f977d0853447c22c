/* Two choices make everything: `best_host` for a block of machines (fewest networks that
 * begin to span, then fewest networks that come to a new host, then the least load for the
 * weight, then the name), and `split`, which says what the blocks are when a team is too
 * large: whole networks where one fits, else machine by machine. */
#include "model/place.h"

#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARE 1000000 /* of a host's room: parts in a million */
#define VNI_MAX 0xffffffU
#define UNCONNECTED YW_SPEC_NETWORKS_MAX /* the block of machines without a network */

struct block { /* machines that go to one host together */
    struct yw_place_load need;
    uint32_t networks;
    unsigned wants;
    uint32_t kinds;
    int64_t count;
};

struct choice {
    int host; /* or YW_PLACE_NOWHERE */
    int begins, joins;
    bool barred; /* a network would span to a host that stands alone */
    bool alone;  /* in a split: whoever follows may be barred */
    int64_t share;
};

struct work {
    struct yw_place *place;
    int by_name[YW_PLACE_HOSTS_MAX];
    struct yw_place_load own[YW_PLACE_HOSTS_MAX]; /* as used, without golden memory */
    uint32_t kinds[YW_PLACE_HOSTS_MAX];
    int64_t held[YW_PLACE_HOSTS_MAX];
    size_t *first; /* per team, into `order`; one more than teams */
    size_t *order; /* machine indices by team */
    size_t team_count;
    uint64_t (*where)[YW_SPEC_NETWORKS_MAX]; /* per team and network: its hosts */
    uint64_t alone;                          /* bit per host */
    bool splits;                             /* this team is on no single host */
};

static void add(struct yw_place_load *to, const struct yw_place_load *more)
{
    to->memory_mib += more->memory_mib;
    to->millicores += more->millicores;
    to->disk_mib += more->disk_mib;
    to->boot_ms += more->boot_ms;
}

static bool within(const struct yw_place_load *load, const struct yw_place_load *room)
{
    return load->memory_mib <= room->memory_mib && load->millicores <= room->millicores &&
           load->disk_mib <= room->disk_mib && load->boot_ms <= room->boot_ms;
}

static int64_t share_of(int64_t used, int64_t room)
{
    return room > 0 ? used * SHARE / room : 0;
}

/* How full a host is where it is fullest, against its weight. */
static int64_t share(const struct yw_place_load *used, const struct yw_place_host *host)
{
    const int64_t parts[] = {share_of(used->memory_mib, host->room.memory_mib),
                             share_of(used->millicores, host->room.millicores),
                             share_of(used->disk_mib, host->room.disk_mib),
                             share_of(used->boot_ms, host->room.boot_ms)};
    int64_t most = 0;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        most = parts[i] > most ? parts[i] : most;
    return most / host->weight;
}

static void block_add(struct block *block, const struct yw_place_machine *machine)
{
    add(&block->need, &machine->need);
    block->networks |= machine->networks;
    block->wants |= machine->wants;
    block->kinds |= UINT32_C(1) << machine->kind;
    block->count++;
}

/* What the host would hold with the block: golden memory of kinds that are new there too. */
static struct yw_place_load with(const struct work *work, int host,
                                 const struct block *block)
{
    struct yw_place_load load = work->place->used[host];
    uint32_t missing = block->kinds & ~work->kinds[host];

    add(&load, &block->need);
    for (int kind = 0; missing != 0; kind++, missing >>= 1) {
        if ((missing & 1U) != 0)
            add(&load, &work->place->first[kind]);
    }
    return load;
}

static void count_spans(const struct work *work, int team, int host, uint32_t networks,
                        struct choice *ret)
{
    uint64_t bit = UINT64_C(1) << host;

    ret->begins = 0;
    ret->joins = 0;
    ret->barred = false;
    ret->alone = work->splits && (work->alone & bit) != 0;
    for (int network = 0; networks != 0; network++, networks >>= 1) {
        uint64_t hosts = work->where[team][network];

        if ((networks & 1U) == 0 || (hosts & bit) != 0)
            continue;
        ret->joins++;
        if (hosts != 0 && ((hosts | bit) & work->alone) != 0)
            ret->barred = true;
        if (hosts != 0 && (hosts & (hosts - 1)) == 0)
            ret->begins++;
    }
}

static bool better(const struct choice *a, const struct choice *b)
{
    if (b->host == YW_PLACE_NOWHERE)
        return true;
    if (a->alone != b->alone)
        return b->alone;
    if (a->begins != b->begins)
        return a->begins < b->begins;
    if (a->joins != b->joins)
        return a->joins < b->joins;
    return a->share < b->share;
}

static struct choice best_host(const struct work *work, int team,
                               const struct block *block)
{
    struct choice best = {.host = YW_PLACE_NOWHERE};

    for (size_t i = 0; i < work->place->host_count; i++) {
        struct choice at = {.host = work->by_name[i]};
        const struct yw_place_host *host = &work->place->hosts[at.host];

        work->place->steps++;
        if (host->state != YW_HOST_UP || (block->networks & host->barred) != 0 ||
            (block->wants & host->lacks) != 0 ||
            (host->machines_max > 0 &&
             work->held[at.host] + block->count > host->machines_max))
            continue;
        struct yw_place_load load = with(work, at.host, block);

        if (!within(&load, &host->room))
            continue;
        count_spans(work, team, at.host, block->networks, &at);
        if (at.barred)
            continue;
        load = work->own[at.host];
        add(&load, &block->need);
        at.share = share(&load, host);
        if (better(&at, &best))
            best = at;
    }
    return best;
}

static void settle(struct work *work, size_t index, int host)
{
    struct yw_place_machine *machine = &work->place->machines[index];
    struct block one = {0};

    block_add(&one, machine);
    work->place->used[host] = with(work, host, &one);
    add(&work->own[host], &machine->need);
    work->kinds[host] |= one.kinds;
    work->held[host]++;
    machine->host = host;
    for (int network = 0; network < YW_SPEC_NETWORKS_MAX; network++) {
        if ((machine->networks >> network & 1U) != 0)
            work->where[machine->team][network] |= UINT64_C(1) << host;
    }
}

static bool in_block(const struct yw_place_machine *machine, int network)
{
    if (machine->host != YW_PLACE_NOWHERE)
        return false;
    return network == UNCONNECTED ? machine->networks == 0
                                  : (machine->networks >> network & 1U) != 0;
}

/* All machines of a team that wait for a place: of one network, or (-1) of all. */
static struct block waiting(const struct work *work, int team, int network)
{
    struct block block = {0};

    for (size_t i = work->first[team]; i < work->first[team + 1]; i++) {
        const struct yw_place_machine *machine = &work->place->machines[work->order[i]];

        work->place->steps++;
        if (network < 0 ? machine->host == YW_PLACE_NOWHERE : in_block(machine, network))
            block_add(&block, machine);
    }
    return block;
}

static void settle_block(struct work *work, int team, int network, int host)
{
    for (size_t i = work->first[team]; i < work->first[team + 1]; i++) {
        const struct yw_place_machine *machine = &work->place->machines[work->order[i]];

        if (network < 0 ? machine->host == YW_PLACE_NOWHERE : in_block(machine, network))
            settle(work, work->order[i], host);
    }
}

static int bits(uint32_t mask)
{
    return __builtin_popcount(mask);
}

/* A network that fits nowhere as a whole: machines of this network alone first, those that
 * join it to others last, when it is known where the others are. */
static int pour(struct work *work, int team, int network, struct yw_err *err)
{
    for (int joined = 0; joined <= YW_SPEC_NETWORKS_MAX; joined++) {
        for (size_t i = work->first[team]; i < work->first[team + 1]; i++) {
            size_t index = work->order[i];
            const struct yw_place_machine *machine = &work->place->machines[index];
            struct block one = {0};

            if (!in_block(machine, network) || bits(machine->networks) != joined)
                continue;
            block_add(&one, machine);
            struct choice choice = best_host(work, team, &one);

            if (choice.host == YW_PLACE_NOWHERE) {
                work->place->failed = index;
                return yw_err_set(err, YW_ELIMIT,
                                  "machine %zu of team %d fits on no host that is up",
                                  index, team);
            }
            settle(work, index, choice.host);
        }
    }
    return 0;
}

/* One block of the team: the network that makes the fewest begin to span, the largest of
 * those; where none fits anywhere, the largest is poured. */
static int split_once(struct work *work, int team, bool *ret_more, struct yw_err *err)
{
    struct choice best = {.host = YW_PLACE_NOWHERE};
    int best_network = -1, largest = -1;
    int64_t best_count = 0, largest_count = 0;

    for (int network = 0; network <= UNCONNECTED; network++) {
        struct block block = waiting(work, team, network);

        if (block.count == 0)
            continue;
        if (block.count > largest_count) {
            largest = network;
            largest_count = block.count;
        }
        struct choice choice = best_host(work, team, &block);

        if (choice.host == YW_PLACE_NOWHERE)
            continue;
        if (best_network < 0 || choice.begins < best.begins ||
            (choice.begins == best.begins && block.count > best_count)) {
            best = choice;
            best_network = network;
            best_count = block.count;
        }
    }
    *ret_more = largest >= 0;
    if (best_network >= 0)
        settle_block(work, team, best_network, best.host);
    else if (largest >= 0)
        return pour(work, team, largest, err);
    return 0;
}

static int place_team(struct work *work, int team, struct yw_err *err)
{
    struct block all = waiting(work, team, -1);
    bool more = all.count > 0;
    int code = 0;

    if (!more)
        return 0;
    struct choice choice = best_host(work, team, &all);

    if (choice.host != YW_PLACE_NOWHERE) {
        settle_block(work, team, -1, choice.host);
        return 0;
    }
    work->splits = true;
    while (code == 0 && more)
        code = split_once(work, team, &more, err);
    work->splits = false;
    return code;
}

static int check_hosts(const struct yw_place *place, struct yw_err *err)
{
    if (place->host_count < 1 || place->host_count > YW_PLACE_HOSTS_MAX)
        return yw_err_set(err, YW_EINVAL, "place: %zu hosts; there must be 1..%d",
                          place->host_count, YW_PLACE_HOSTS_MAX);
    for (size_t i = 0; i < place->host_count; i++) {
        const struct yw_place_host *host = &place->hosts[i];

        if (host->weight < 1 || host->weight > YW_PLACE_WEIGHT_MAX)
            return yw_err_set(err, YW_EINVAL, "place: host '%s': weight %d; 1..%d",
                              host->name, host->weight, YW_PLACE_WEIGHT_MAX);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(place->hosts[k].name, host->name) == 0)
                return yw_err_set(err, YW_EINVAL, "place: host '%s' is named twice",
                                  host->name);
        }
    }
    return 0;
}

static int check_machines(const struct yw_place *place, struct yw_err *err)
{
    if (place->machine_count > YW_PLACE_MACHINES_MAX)
        return yw_err_set(err, YW_EINVAL, "place: %zu machines; at most %d",
                          place->machine_count, YW_PLACE_MACHINES_MAX);
    for (size_t i = 0; i < place->machine_count; i++) {
        const struct yw_place_machine *machine = &place->machines[i];

        if (machine->team < 0 || machine->team >= YW_PLACE_TEAMS_MAX ||
            machine->kind < 0 || machine->kind >= YW_PLACE_KINDS_MAX ||
            machine->host < YW_PLACE_NOWHERE || machine->host >= (int)place->host_count)
            return yw_err_set(err, YW_EINVAL,
                              "place: machine %zu: team %d, kind %d, "
                              "host %d",
                              i, machine->team, machine->kind, machine->host);
    }
    return 0;
}

static void sort_hosts(struct work *work)
{
    const struct yw_place *place = work->place;

    for (size_t i = 0; i < place->host_count; i++) {
        size_t at = i;

        while (at > 0 && strcmp(place->hosts[work->by_name[at - 1]].name,
                                place->hosts[i].name) > 0) {
            work->by_name[at] = work->by_name[at - 1];
            at--;
        }
        work->by_name[at] = (int)i;
    }
}

/* Counting sort: machines of a team stand together, in their order. */
static void sort_machines(struct work *work)
{
    const struct yw_place *place = work->place;
    size_t *next;

    for (size_t i = 0; i < place->machine_count; i++) {
        if ((size_t)place->machines[i].team >= work->team_count)
            work->team_count = (size_t)place->machines[i].team + 1;
    }
    work->first = yw_new_array(work->team_count + 1, sizeof *work->first);
    work->order = yw_new_array(place->machine_count, sizeof *work->order);
    work->where = yw_new_array(work->team_count + 1, sizeof *work->where);
    for (size_t i = 0; i < place->machine_count; i++)
        work->first[place->machines[i].team + 1]++;
    for (size_t t = 0; t < work->team_count; t++)
        work->first[t + 1] += work->first[t];
    next = yw_new_array(work->team_count, sizeof *next);
    for (size_t i = 0; i < place->machine_count; i++) {
        int team = place->machines[i].team;

        work->order[work->first[team] + next[team]++] = i;
    }
    free(next);
}

/* What stands somewhere already counts first, and is never asked whether it fits. */
static void count_placed(struct work *work)
{
    struct yw_place *place = work->place;

    for (size_t h = 0; h < place->host_count; h++) {
        place->used[h] = place->hosts[h].used;
        work->own[h] = place->hosts[h].used;
        work->kinds[h] = place->hosts[h].kinds;
        work->alone |= (uint64_t)place->hosts[h].alone << h;
    }
    for (size_t i = 0; i < place->machine_count; i++) {
        if (place->machines[i].host != YW_PLACE_NOWHERE)
            settle(work, i, place->machines[i].host);
    }
}

/* Large teams first: a small one finds room where a large one does not. */
static int place_teams(struct work *work, struct yw_err *err)
{
    bool *done = yw_new_array(work->team_count, sizeof *done);
    int64_t *needs = yw_new_array(work->team_count, sizeof *needs);
    int code = 0;

    for (size_t t = 0; t < work->team_count; t++)
        needs[t] = waiting(work, (int)t, -1).need.memory_mib;
    for (size_t n = 0; code == 0 && n < work->team_count; n++) {
        size_t next = work->team_count;

        for (size_t t = 0; t < work->team_count; t++) {
            if (!done[t] && (next == work->team_count || needs[t] > needs[next]))
                next = t;
        }
        done[next] = true;
        code = place_team(work, (int)next, err);
    }
    free(done);
    free(needs);
    return code;
}

static bool vni_taken(const struct yw_place *place, uint32_t vni)
{
    if (vni == 0)
        return true;
    for (size_t i = 0; i < place->taken_count; i++) {
        if (place->taken[i] == vni)
            return true;
    }
    for (size_t i = 0; i < place->kept_count; i++) {
        if (place->kept[i].vni == vni)
            return true;
    }
    for (size_t i = 0; i < place->span_count; i++) {
        if (place->spans[i].vni == vni)
            return true;
    }
    return false;
}

static uint32_t vni_of(const struct yw_place *place, int team, int network)
{
    for (size_t i = 0; i < place->kept_count; i++) {
        if (place->kept[i].team == team && place->kept[i].network == network)
            return place->kept[i].vni;
    }
    for (unsigned attempt = 0;; attempt++) {
        char text[YW_NAME_MAX + 64];
        struct yw_hash hash;
        int size = snprintf(text, sizeof text, "vni/%s/%d/%d/%u", place->drill, team,
                            network, attempt);

        yw_hash_of(text, (size_t)size, &hash);
        uint32_t vni = ((uint32_t)hash.bytes[0] << 16 | (uint32_t)hash.bytes[1] << 8 |
                        hash.bytes[2]) &
                       VNI_MAX;

        if (!vni_taken(place, vni))
            return vni;
    }
}

static void list_spans(struct work *work)
{
    struct yw_place *place = work->place;

    place->spans =
        yw_new_array(work->team_count * YW_SPEC_NETWORKS_MAX, sizeof *place->spans);
    for (size_t t = 0; t < work->team_count; t++) {
        for (int n = 0; n < YW_SPEC_NETWORKS_MAX; n++) {
            uint64_t hosts = work->where[t][n];

            if ((hosts & (hosts - 1)) == 0)
                continue;
            uint32_t vni = vni_of(place, (int)t, n);

            place->spans[place->span_count++] = (struct yw_place_span){
                .team = (int)t, .network = n, .vni = vni, .hosts = hosts};
        }
    }
}

int yw_place_run(struct yw_place *place, struct yw_err *err)
{
    struct work work = {.place = place};
    int code = check_hosts(place, err);

    place->used = NULL;
    place->spans = NULL;
    place->span_count = 0;
    place->steps = 0;
    if (code == 0)
        code = check_machines(place, err);
    if (code < 0)
        return code;
    place->used = yw_new_array(place->host_count, sizeof *place->used);
    sort_hosts(&work);
    sort_machines(&work);
    count_placed(&work);
    code = place_teams(&work, err);
    if (code == 0)
        list_spans(&work);
    free(work.first);
    free(work.order);
    free(work.where);
    return code;
}

void yw_place_fini(struct yw_place *place)
{
    if (!place)
        return;
    free(place->used);
    free(place->spans);
    place->used = NULL;
    place->spans = NULL;
}
