/* Placement: which host each machine goes to. Pure, and the same for the same inputs: hosts
 * are told apart by name, so their order does not matter.
 *
 * A team goes on one host where it fits, the least loaded for its weight. A team too large
 * for any host is split along its networks, so that as few of them as possible span hosts.
 * Hosts that no network may span to get whole teams only, and in a split what needs none.
 * What is placed stays; lost and draining hosts take nothing new. Any thread. */
#ifndef YW_MODEL_PLACE_H
#define YW_MODEL_PLACE_H

#include "base/err.h"
#include "base/id.h"
#include "model/event.h"
#include "model/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_PLACE_HOSTS_MAX 64 /* bits of yw_place_span.hosts */
#define YW_PLACE_MACHINES_MAX 65536
#define YW_PLACE_TEAMS_MAX 1024
#define YW_PLACE_WEIGHT_MAX 1000
#define YW_PLACE_NOWHERE (-1)

/* What something needs or a host has. */
struct yw_place_load {
    int64_t memory_mib;
    int64_t millicores; /* thousandths of a core, steadily */
    int64_t disk_mib;
    int64_t
        boot_ms; /* processor time until it serves; a host's: of all cores, in the time
                        that a bring-up may take */
};

struct yw_place_host {
    char name[YW_NAME_MAX]; /* unique */
    int weight;             /* 1..YW_PLACE_WEIGHT_MAX: its share of the load */
    enum yw_host_state state;
    struct yw_place_load room; /* what it may give in all */
    struct yw_place_load used; /* by others than these machines */
    uint32_t kinds;            /* bit per image kind whose golden memory is in `used` */
    int64_t machines_max;      /* how many more it may hold; 0: no limit */
    bool alone;      /* no network may span to it: whole teams, as far as can be */
    unsigned lacks;  /* of enum yw_place_want: no machine that wants it may come to it */
    uint32_t barred; /* bit per network of which no machine may come to it */
};

enum yw_place_want { /* bits */
                     YW_PLACE_SCREEN = 1,
                     YW_PLACE_DISK = 2, /* of a full image */
};

struct yw_place_machine {
    int team;                  /* 0.. */
    unsigned wants;            /* of enum yw_place_want */
    uint32_t networks;         /* bit per network of the team */
    struct yw_place_load need; /* of this machine alone */
    int kind;                  /* image kind, 0.. < YW_PLACE_KINDS_MAX */
    int host; /* in: where it is, or YW_PLACE_NOWHERE; out: the same, or its place */
};
#define YW_PLACE_KINDS_MAX 32

struct yw_place_span { /* a team's network with machines on several hosts */
    int team;
    int network;
    uint32_t vni;   /* 1..2^24-1, unique among the spans and not among the taken */
    uint64_t hosts; /* bit per host */
};

struct yw_place {
    /* in, all borrowed */
    const char *drill; /* vnis come from it */
    const struct yw_place_host *hosts;
    size_t host_count;
    struct yw_place_machine *machines; /* `host` is written */
    size_t machine_count;
    /* What the first machine of an image kind needs on a host beyond its own `need`: the
     * golden memory, shared by all that follow. */
    struct yw_place_load first[YW_PLACE_KINDS_MAX];
    const uint32_t *taken; /* vnis of other drills */
    size_t taken_count;
    const struct yw_place_span
        *kept; /* of an earlier run of this drill: keep their vni */
    size_t kept_count;
    /* out */
    struct yw_place_load *used;  /* *new*, per host: with these machines */
    struct yw_place_span *spans; /* *new*, by team and network */
    size_t span_count;
    size_t failed;  /* after YW_ELIMIT: the first machine without a place */
    uint64_t steps; /* comparisons made: for a bound that no clock disturbs */
};

/* 0; YW_ELIMIT when a machine fits nowhere (`used` then says what is left, places of the
 * others are written but mean nothing); YW_EINVAL for input that cannot be. */
int yw_place_run(struct yw_place *place, struct yw_err *err);
void yw_place_fini(struct yw_place *place); /* NULL-safe; the borrowed stays */

#endif
