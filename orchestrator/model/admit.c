#include "model/admit.h"

#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Measured with 20 micro machines of 96 MiB under TCG: proportional set size, processor time
 * until the first answer, processor share when nothing is asked of them. A machine of another
 * size costs its memory instead. */
#define OVERHEAD_MIB 40 /* of QEMU over the guest's memory: 136 of a guest of 96 */
#define CLONE_MIB 31    /* of a private mapping of 96: what a guest writes, and QEMU */
#define RESET_MIB 59    /* more of the same, when a point was written over all of it */
#define CLONE_OF_MIB 96
#define COLD_MS 1920
#define SAVED_MS 400
#define SHARED_MS 310
#define IDLE_MILLICORES 8 /* 60 of them took 47 % of a core */
#define ENDLESS 1000000000
#define GOLDEN_STATE_MIB 16 /* device state and log beside the memory image */
#define MACHINE_DISK_MIB 4  /* logs, sockets */
#define GOLDEN_DISK_MIB 64
#define OVERLAY_MIB 96 /* of a full machine: an allowance, not measured */
#define POINT_PERCENT                                                                    \
    65 /* of the guest's memory: pages that hold nothing are not saved */

static const char *const ways[YW_ADMIT_WAYS] = {
    [YW_ADMIT_COLD] = "cold", [YW_ADMIT_SAVED] = "saved", [YW_ADMIT_SHARED] = "shared"};

const char *yw_admit_way_name(enum yw_admit_way way)
{
    assert((unsigned)way < YW_ADMIT_WAYS);
    return ways[way];
}

int yw_admit_way_of(const char *name)
{
    for (int i = 0; i < YW_ADMIT_WAYS; i++) {
        if (strcmp(ways[i], name) == 0)
            return i;
    }
    return -1;
}

static int64_t share_of(int ram_mib, int mib)
{
    return ((int64_t)ram_mib * mib + CLONE_OF_MIB - 1) / CLONE_OF_MIB;
}

struct yw_admit_cost yw_admit_cost(int ram_mib, bool has_disk, enum yw_admit_way way)
{
    static const int boot_ms[YW_ADMIT_WAYS] = {[YW_ADMIT_COLD] = COLD_MS,
                                               [YW_ADMIT_SAVED] = SAVED_MS,
                                               [YW_ADMIT_SHARED] = SHARED_MS};
    struct yw_admit_cost cost = {
        .machine = {.memory_mib = ram_mib + OVERHEAD_MIB,
                    .millicores = IDLE_MILLICORES,
                    .disk_mib = MACHINE_DISK_MIB +
                                YW_ADMIT_POINTS * ram_mib * POINT_PERCENT / 100,
                    .boot_ms = boot_ms[way]},
    };

    if (has_disk)
        cost.machine.disk_mib += OVERLAY_MIB;
    if (way == YW_ADMIT_SHARED) {
        cost.machine.memory_mib = share_of(ram_mib, CLONE_MIB);
        cost.reset_mib = share_of(ram_mib, RESET_MIB);
    }
    if (way != YW_ADMIT_COLD) {
        cost.first.disk_mib =
            ram_mib + GOLDEN_STATE_MIB + (has_disk ? GOLDEN_DISK_MIB : 0);
        cost.first.boot_ms = COLD_MS;
        cost.first.memory_mib = ram_mib + (way == YW_ADMIT_SHARED ? OVERHEAD_MIB : 0);
    }
    return cost;
}

static int64_t above(int64_t value, int64_t kept)
{
    return value > kept ? value - kept : 0;
}

struct yw_place_load yw_admit_room(const struct yw_host_facts *facts)
{
    return (struct yw_place_load){
        .memory_mib = above(facts->memory_mib, YW_ADMIT_MEMORY_KEPT_MIB),
        .millicores = facts->cores * 10 * YW_ADMIT_CORES_GIVEN,
        .disk_mib = above(facts->disk_mib, YW_ADMIT_DISK_KEPT_MIB),
        .boot_ms = facts->cores * YW_ADMIT_STORM_MS};
}

/* The dearest way of all hosts: a machine may come to any of them. */
static enum yw_admit_way way_of(const struct yw_admit *admit)
{
    enum yw_admit_way way = YW_ADMIT_SHARED;

    for (size_t i = 0; i < admit->host_count; i++) {
        if (admit->hosts[i].facts.way < way)
            way = admit->hosts[i].facts.way;
    }
    return way;
}

/* Machines of one memory size share their golden image. */
static int kind_of(int sizes[YW_PLACE_KINDS_MAX], int ram_mib)
{
    for (int kind = 0; kind < YW_PLACE_KINDS_MAX; kind++) {
        if (sizes[kind] == 0)
            sizes[kind] = ram_mib;
        if (sizes[kind] == ram_mib)
            return kind;
    }
    return YW_PLACE_KINDS_MAX - 1;
}

static int host_of(const struct yw_admit *admit, const char *name)
{
    for (size_t i = 0; name[0] != '\0' && i < admit->host_count; i++) {
        if (strcmp(admit->hosts[i].name, name) == 0)
            return (int)i;
    }
    return YW_PLACE_NOWHERE;
}

/* The networks whose packets the scenario wants kept. */
static uint32_t captured(const struct yw_admit *admit)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < admit->spec->network_count; i++)
        mask |= (uint32_t)admit->spec->networks[i].capture << i;
    return mask;
}

/* Of a libvirt daemon's connection: a machine's screen is a socket there, and its disk would
 * be one of the registry's. */
static unsigned lacks_of(const struct yw_admit_host *host)
{
    return host->facts.alone ? (unsigned)YW_PLACE_SCREEN | (unsigned)YW_PLACE_DISK : 0;
}

static void fill_rooms(struct yw_admit *admit)
{
    admit->rooms = yw_new_array(admit->host_count, sizeof *admit->rooms);
    for (size_t i = 0; i < admit->host_count; i++) {
        const struct yw_admit_host *host = &admit->hosts[i];
        struct yw_place_host *room = &admit->rooms[i];

        YW_COPY(room->name, host->name);
        room->weight = host->weight;
        room->state = host->state;
        room->room = yw_admit_room(&host->facts);
        room->used = host->used;
        room->machines_max = YW_ADMIT_MACHINES_MAX;
        room->alone = host->facts.alone || host->no_underlay;
        room->barred = host->facts.no_capture ? captured(admit) : 0;
        room->lacks = lacks_of(host);
    }
}

/* The network, and the one that carries its copies: it goes wherever its machines are. */
static uint32_t networks_of(const struct yw_spec *spec, int network)
{
    int mirror = yw_spec_mirror_of(spec, network);

    return UINT32_C(1) << network | (mirror < 0 ? 0 : UINT32_C(1) << mirror);
}

/* One of the plan's machines, as placement sees it; `team` may be one more than the plan
 * has: all teams are alike. */
static struct yw_place_machine fill_machine(const struct yw_admit *admit,
                                            const struct yw_plan_machine *machine,
                                            int team, int *sizes, struct yw_place *place)
{
    struct yw_admit_cost cost =
        yw_admit_cost(machine->ram_mib, machine->has_disk, way_of(admit));
    struct yw_place_machine ret = {.team = team,
                                   .need = cost.machine,
                                   .kind = kind_of(sizes, machine->ram_mib),
                                   .host = YW_PLACE_NOWHERE,
                                   .wants = (machine->display ? YW_PLACE_SCREEN : 0U) |
                                            (machine->has_disk ? YW_PLACE_DISK : 0U)};
    const struct yw_spec_machine *declared = &admit->spec->machines[machine->machine];

    for (size_t i = 0; i < declared->nic_count; i++)
        ret.networks |= networks_of(admit->spec, declared->nics[i].network);
    place->first[ret.kind] = cost.first;
    return ret;
}

static int place_plan(struct yw_admit *admit, struct yw_err *err)
{
    const struct yw_plan *plan = admit->plan;
    struct yw_place *place = &admit->place;
    int sizes[YW_PLACE_KINDS_MAX] = {0};

    place->machines = yw_new_array(plan->machine_count, sizeof *place->machines);
    place->machine_count = plan->machine_count;
    for (size_t i = 0; i < plan->machine_count; i++) {
        place->machines[i] =
            fill_machine(admit, &plan->machines[i], plan->machines[i].team, sizes, place);
        if (!admit->leave || strcmp(plan->machines[i].host, admit->leave) != 0)
            place->machines[i].host = host_of(admit, plan->machines[i].host);
    }
    return yw_place_run(place, err);
}

/* Would this many teams fit if none of them existed yet? */
static bool fits(const struct yw_admit *admit, int teams)
{
    const struct yw_plan *plan = admit->plan;
    struct yw_place place = {
        .drill = plan->drill, .hosts = admit->rooms, .host_count = admit->host_count};
    int sizes[YW_PLACE_KINDS_MAX] = {0};
    size_t each = admit->spec->machine_count;

    place.machines = yw_new_array(each * (size_t)teams, sizeof *place.machines);
    for (int team = 0; team < teams; team++) {
        for (size_t i = 0; i < plan->machine_count; i++) {
            if (plan->machines[i].team == 0)
                place.machines[place.machine_count++] =
                    fill_machine(admit, &plan->machines[i], team, sizes, &place);
        }
    }
    bool ok = yw_place_run(&place, NULL) == 0;

    free(place.machines);
    yw_place_fini(&place);
    return ok;
}

static int most_teams(const struct yw_admit *admit)
{
    int least = 0, most = YW_SPEC_TEAMS_MAX;

    while (least < most) {
        int middle = (least + most + 1) / 2;

        if (fits(admit, middle))
            least = middle;
        else
            most = middle - 1;
    }
    return least;
}

static void add(struct yw_place_load *sum, const struct yw_place_load *more, int sign)
{
    sum->memory_mib += sign * more->memory_mib;
    sum->millicores += sign * more->millicores;
    sum->disk_mib += sign * more->disk_mib;
    sum->boot_ms += sign * more->boot_ms;
}

/* One team on a host of its own; all of them, as far as is known without a place. */
static void sum_needs(struct yw_admit *admit)
{
    const struct yw_place *place = &admit->place;
    uint32_t in_team = 0, in_all = 0;

    for (size_t i = 0; i < place->machine_count; i++) {
        const struct yw_place_machine *machine = &place->machines[i];
        uint32_t bit = UINT32_C(1) << machine->kind;

        add(&admit->total, &machine->need, 1);
        if ((in_all & bit) == 0)
            add(&admit->total, &place->first[machine->kind], 1);
        in_all |= bit;
        if (machine->team != 0)
            continue;
        add(&admit->team, &machine->need, 1);
        if ((in_team & bit) == 0)
            add(&admit->team, &place->first[machine->kind], 1);
        in_team |= bit;
    }
}

/* Of the machines on `host`; -1: of all. */
static int64_t sum_resets(const struct yw_admit *admit, int host)
{
    const struct yw_plan *plan = admit->plan;
    int64_t sum_mib = 0;

    for (size_t i = 0; i < plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &plan->machines[i];

        if (host < 0 || admit->place.machines[i].host == host)
            sum_mib += yw_admit_cost(machine->ram_mib, machine->has_disk, way_of(admit))
                           .reset_mib;
    }
    return sum_mib;
}

static void sum_placed(struct yw_admit *admit)
{
    admit->total = (struct yw_place_load){0};
    for (size_t i = 0; i < admit->host_count; i++) {
        add(&admit->total, &admit->place.used[i], 1);
        add(&admit->total, &admit->rooms[i].used, -1);
    }
}

/* The host with the most memory left: the others have less still. */
static int roomiest(const struct yw_admit *admit)
{
    int best = -1;
    int64_t most = 0;

    for (size_t i = 0; i < admit->host_count; i++) {
        int64_t left = admit->rooms[i].room.memory_mib - admit->place.used[i].memory_mib;

        if (admit->rooms[i].state == YW_HOST_UP && (best < 0 || left > most)) {
            best = (int)i;
            most = left;
        }
    }
    return best;
}

struct shortage {
    const char *what;
    int64_t need, left, room;
};

static struct shortage shortage_on(const struct yw_place_load *need,
                                   const struct yw_place_load *used,
                                   const struct yw_place_load *room)
{
    const struct shortage all[] = {
        {"MiB of memory", need->memory_mib, room->memory_mib - used->memory_mib,
         room->memory_mib},
        {"MiB of disk", need->disk_mib, room->disk_mib - used->disk_mib, room->disk_mib},
        {"thousandths of a core", need->millicores, room->millicores - used->millicores,
         room->millicores},
        {"ms of processor time to start in time", need->boot_ms,
         room->boot_ms - used->boot_ms, room->boot_ms},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].need > all[i].left)
            return all[i];
    }
    return (struct shortage){"place among a host's machines", 1, 0,
                             YW_ADMIT_MACHINES_MAX};
}

static void say_fit(const struct yw_admit *admit, char *ret, size_t size)
{
    bool one = admit->teams_max == 1;

    if (admit->teams_max == 0)
        (void)yw_copyf(ret, size, "not even one team fits");
    else
        (void)yw_copyf(ret, size, "at most %d team%s of this scenario fit%s",
                       admit->teams_max, one ? "" : "s", one ? "s" : "");
}

/* The first network of a placement that spans to a host to which none may. */
static void tell_span(struct yw_admit *admit)
{
    char fit[64];

    say_fit(admit, fit, sizeof fit);
    for (size_t s = 0; s < admit->place.span_count; s++) {
        const struct yw_place_span *span = &admit->place.spans[s];
        const struct yw_spec_network *network = &admit->spec->networks[span->network];

        for (size_t h = 0; h < admit->host_count; h++) {
            const struct yw_admit_host *host = &admit->hosts[h];

            if ((span->hosts >> h & 1U) == 0 ||
                (!host->facts.alone && !host->no_underlay))
                continue;
            (void)yw_copyf(
                admit->detail, sizeof admit->detail,
                "scenario.lua:%d: network \"%s\" of team '%s' would span to host '%s', "
                "which %s; %s",
                network->line, network->name, admit->plan->teams[span->team], host->name,
                host->facts.alone ? "is reached by a libvirt connection alone (a broker "
                                    "there, `run` in "
                                    "the hosts file, lets it)"
                                  : "has no \"underlay\" address in the hosts file",
                fit);
            return;
        }
    }
}

static int place_again(struct yw_admit *admit)
{
    yw_place_fini(&admit->place);
    free(admit->place.machines);
    return place_plan(admit, NULL);
}

/* Is it the hosts that stand alone, and no lack of room? Leaves things as they were. */
static bool refuse_span(struct yw_admit *admit)
{
    for (size_t i = 0; i < admit->host_count; i++)
        admit->rooms[i].alone = false;
    if (place_again(admit) == 0)
        tell_span(admit);
    for (size_t i = 0; i < admit->host_count; i++)
        admit->rooms[i].alone =
            admit->hosts[i].facts.alone || admit->hosts[i].no_underlay;
    (void)place_again(admit);
    return admit->detail[0] != '\0';
}

/* The first captured network with a machine on a host that keeps no packets. */
static void tell_capture(struct yw_admit *admit)
{
    uint32_t mask = captured(admit);
    char fit[64];

    say_fit(admit, fit, sizeof fit);
    for (size_t m = 0; m < admit->place.machine_count; m++) {
        const struct yw_place_machine *machine = &admit->place.machines[m];
        const struct yw_admit_host *host =
            machine->host < 0 ? NULL : &admit->hosts[machine->host];

        if (!host || !host->facts.no_capture || (machine->networks & mask) == 0)
            continue;
        const struct yw_spec_network *network =
            &admit->spec->networks[__builtin_ctz(machine->networks & mask)];

        (void)yw_copyf(admit->detail, sizeof admit->detail,
                       "scenario.lua:%d: network \"%s\" of team '%s' is to be captured, "
                       "and host '%s' %s; %s",
                       network->line, network->name, admit->plan->teams[machine->team],
                       host->name,
                       host->facts.alone
                           ? "is reached by a libvirt connection alone, which keeps no "
                             "packets (a broker there, `run` in the hosts file, does)"
                           : "has no dumpcap (package wireshark-common)",
                       fit);
        return;
    }
}

/* Is it that packets are to be kept, and no lack of room? Leaves things as they were. */
static bool refuse_capture(struct yw_admit *admit)
{
    if (captured(admit) == 0)
        return false;
    for (size_t i = 0; i < admit->host_count; i++)
        admit->rooms[i].barred = 0;
    if (place_again(admit) == 0)
        tell_capture(admit);
    for (size_t i = 0; i < admit->host_count; i++)
        admit->rooms[i].barred = admit->hosts[i].facts.no_capture ? captured(admit) : 0;
    (void)place_again(admit);
    return admit->detail[0] != '\0';
}

/* The first machine on a host that cannot give it what it wants. */
static void tell_want(struct yw_admit *admit)
{
    char fit[64];

    say_fit(admit, fit, sizeof fit);
    for (size_t m = 0; m < admit->place.machine_count; m++) {
        const struct yw_place_machine *at = &admit->place.machines[m];
        const struct yw_admit_host *host = at->host < 0 ? NULL : &admit->hosts[at->host];
        const struct yw_plan_machine *machine = &admit->plan->machines[m];

        if (!host || (at->wants & lacks_of(host)) == 0)
            continue;
        (void)yw_copyf(
            admit->detail, sizeof admit->detail,
            "scenario.lua:%d: machine \"%s\" of team '%s' has %s, and host '%s' "
            "is reached by a libvirt connection alone, which gives none (a "
            "broker there, `run` in the hosts file, does); %s",
            admit->spec->machines[machine->machine].line, machine->name,
            machine->team_name,
            at->wants & YW_PLACE_SCREEN ? "a screen" : "a disk of a full image",
            host->name, fit);
        return;
    }
}

/* Is it that hosts lack what machines want, and not room? Leaves things as they were. */
static bool refuse_want(struct yw_admit *admit)
{
    for (size_t i = 0; i < admit->host_count; i++)
        admit->rooms[i].lacks = 0;
    if (place_again(admit) == 0)
        tell_want(admit);
    for (size_t i = 0; i < admit->host_count; i++)
        admit->rooms[i].lacks = lacks_of(&admit->hosts[i]);
    (void)place_again(admit);
    return admit->detail[0] != '\0';
}

/* What can be done without is told before anything exists, not when it is asked for. */
static void note_lacks(struct yw_admit *admit)
{
    for (size_t m = 0; m < admit->place.machine_count; m++) {
        const struct yw_plan_machine *machine = &admit->plan->machines[m];
        const struct yw_admit_host *host = &admit->hosts[admit->place.machines[m].host];

        if (!host->facts.alone)
            continue;
        (void)yw_copyf(admit->lacks, sizeof admit->lacks,
                       "scenario.lua:%d: machine \"%s\" of team '%s' is placed on host "
                       "'%s', which is reached by a libvirt connection alone: no reset, "
                       "checkpoint or evidence of its machines there, no link that is "
                       "slowed down, and %s",
                       admit->spec->machines[machine->machine].line, machine->name,
                       machine->team_name, host->name,
                       host->facts.filters
                           ? "libvirt's clean-traffic filter instead of rules of our own"
                           : "no guard against forged addresses");
        return;
    }
}

static void note_resets(struct yw_admit *admit)
{
    for (size_t i = 0; i < admit->host_count && !admit->lacks[0]; i++) {
        int64_t left = admit->rooms[i].room.memory_mib - admit->place.used[i].memory_mib;
        int64_t need = sum_resets(admit, (int)i);

        if (need > left)
            (void)yw_copyf(
                admit->lacks, sizeof admit->lacks,
                "host '%s' has memory for its machines, but not for all of them once "
                "they were set back to a point: that takes %lld MiB more, and %lld are "
                "left; a reset that does not fit is refused",
                admit->hosts[i].name, (long long)need, (long long)above(left, 0));
    }
}

static void refuse(struct yw_admit *admit)
{
    const struct yw_plan_machine *machine = &admit->plan->machines[admit->place.failed];
    const struct yw_spec_machine *declared = &admit->spec->machines[machine->machine];
    int host = roomiest(admit);
    char fit[64];

    if (host < 0) {
        (void)yw_copyf(admit->detail, sizeof admit->detail,
                       "scenario.lua:%d: machine \"%s\" of team '%s': no host is up",
                       declared->line, machine->name, machine->team_name);
        return;
    }
    struct yw_place_load need = admit->place.machines[admit->place.failed].need;

    /* the golden memory of a kind that no machine there has yet */
    if (admit->place.used[host].memory_mib == admit->rooms[host].used.memory_mib)
        add(&need, &admit->place.first[admit->place.machines[admit->place.failed].kind],
            1);
    struct shortage is =
        shortage_on(&need, &admit->place.used[host], &admit->rooms[host].room);

    say_fit(admit, fit, sizeof fit);
    (void)yw_copyf(admit->detail, sizeof admit->detail,
                   "scenario.lua:%d: machine \"%s\" of team '%s' needs %lld %s; "
                   "host '%s' has %lld of %lld left; %s",
                   declared->line, machine->name, machine->team_name, (long long)is.need,
                   is.what, admit->hosts[host].name, (long long)above(is.left, 0),
                   (long long)is.room, fit);
}

static int check(const struct yw_admit *admit, struct yw_err *err)
{
    if (admit->host_count < 1 || admit->host_count > YW_PLACE_HOSTS_MAX)
        return yw_err_set(err, YW_EINVAL, "admission: %zu hosts; there must be 1..%d",
                          admit->host_count, YW_PLACE_HOSTS_MAX);
    return 0;
}

/* Rooms without walls: only a host that is not up takes nothing. */
static void place_anyway(struct yw_admit *admit)
{
    for (size_t i = 0; i < admit->host_count; i++) {
        struct yw_place_load *room = &admit->rooms[i].room;

        *room =
            (struct yw_place_load){room->memory_mib + ENDLESS, room->millicores + ENDLESS,
                                   room->disk_mib + ENDLESS, room->boot_ms + ENDLESS};
        admit->rooms[i].machines_max = 0;
    }
    admit->placed = place_again(admit) == 0;
}

int yw_admit_run(struct yw_admit *admit, struct yw_err *err)
{
    int code = check(admit, err);
    struct yw_err why = {0};

    if (code < 0)
        return code;
    fill_rooms(admit);
    admit->place.drill = admit->plan->drill;
    admit->place.hosts = admit->rooms;
    admit->place.host_count = admit->host_count;
    admit->place.taken = admit->taken;
    admit->place.taken_count = admit->taken_count;
    admit->place.kept = admit->kept;
    admit->place.kept_count = admit->kept_count;
    code = place_plan(admit, &why);
    if (code < 0 && code != YW_ELIMIT) {
        if (err)
            *err = why;
        return code;
    }
    admit->teams_max = most_teams(admit);
    sum_needs(admit);
    admit->reset_mib = sum_resets(admit, -1);
    admit->ok = code == 0;
    admit->placed = admit->ok;
    if (admit->ok) {
        sum_placed(admit);
        note_lacks(admit);
        note_resets(admit);
    } else if (!refuse_want(admit) && !refuse_capture(admit) && !refuse_span(admit)) {
        refuse(admit);
    }
    if (!admit->ok && admit->anyway)
        place_anyway(admit);
    return 0;
}

void yw_admit_fini(struct yw_admit *admit)
{
    if (!admit)
        return;
    free(admit->place.machines);
    yw_place_fini(&admit->place);
    free(admit->rooms);
    admit->rooms = NULL;
    admit->place.machines = NULL;
}
