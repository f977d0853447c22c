/* Admission: what a drill will need, and whether the hosts can carry it, known before
 * anything exists. Pure. The figures were measured on micro machines under TCG; they stand
 * in yw_admit_cost alone, and what PROBE tells of a host goes before them. Any thread. */
#ifndef YW_MODEL_ADMIT_H
#define YW_MODEL_ADMIT_H

#include "base/buf.h"
#include "base/err.h"
#include "model/place.h"
#include "model/plan.h"

#include <stdbool.h>

/* Kept for the host itself: never given to machines. */
#define YW_ADMIT_MEMORY_KEPT_MIB 512
#define YW_ADMIT_DISK_KEPT_MIB 1024
#define YW_ADMIT_CORES_GIVEN 80    /* percent, steadily: the rest is for what people do */
#define YW_ADMIT_STORM_MS 150000   /* a bring-up may take this long at most */
#define YW_ADMIT_POINTS 1          /* of each machine: where a reset goes back to */
#define YW_ADMIT_MACHINES_MAX 1000 /* of one host */

enum yw_admit_way { /* how machines come to be */
                    YW_ADMIT_COLD,
                    YW_ADMIT_SAVED,
                    YW_ADMIT_SHARED,
                    YW_ADMIT_WAYS
};
const char *yw_admit_way_name(enum yw_admit_way way);
int yw_admit_way_of(const char *name); /* or -1 */

/* What PROBE tells of a host. */
struct yw_host_facts {
    int64_t cores;
    int64_t memory_mib; /* available now */
    int64_t disk_mib;   /* free now, under the data directory */
    enum yw_admit_way way;
    bool alone;      /* its connection lets no network span to it */
    bool filters;    /* `alone`: libvirt there filters what machines send */
    bool no_capture; /* it keeps no packets of networks */
};

struct yw_admit_host {
    char name[YW_NAME_MAX];
    int weight;
    enum yw_host_state state;
    struct yw_host_facts facts;
    struct yw_place_load used; /* promised to other drills and not yet in the facts */
    bool no_underlay;          /* no address for networks that span */
};

/* What one machine costs: `first` once a host for all machines of its image. `reset_mib`
 * is what it holds beyond that once it was set back to a point: pages of its own where it
 * shared its golden machine's. Not promised at admission; a reset is refused where it
 * would not fit. */
struct yw_admit_cost {
    struct yw_place_load machine;
    struct yw_place_load first;
    int64_t reset_mib;
};
struct yw_admit_cost yw_admit_cost(int ram_mib, bool has_disk, enum yw_admit_way way);
/* What a host with these facts may give to machines. */
struct yw_place_load yw_admit_room(const struct yw_host_facts *facts);

struct yw_admit {
    /* in, all borrowed */
    const struct yw_spec *spec;
    const struct yw_plan *plan; /* machines with a `host` stay there */
    const struct yw_admit_host *hosts;
    size_t host_count;
    const uint32_t *taken; /* vnis of other drills */
    size_t taken_count;
    const struct yw_place_span *kept; /* of this drill, from before */
    size_t kept_count;
    const char *leave; /* machines on this host are placed anew; NULL: none */
    bool anyway;       /* place also what does not fit, as if there were room */
    /* out */
    bool ok;
    bool placed;                    /* `place` holds: ok, or anyway and some host is up */
    char detail[YW_EVENT_NOTE_MAX]; /* not ok: what is short, with the scenario's line */
    char lacks[YW_EVENT_NOTE_MAX];  /* ok: what its machines go without, with the line of
                                       the first; "" nothing */
    int teams_max;                  /* of this scenario on these hosts when empty of it */
    struct yw_place_load team;      /* one team alone */
    struct yw_place_load total;     /* all, shared memory once (ok: once a host) */
    int64_t reset_mib;              /* more, once every machine was set back */
    struct yw_place place;          /* ok: where each of plan->machines goes */
    struct yw_place_host *rooms;    /* *new* */
};

/* Always answers in `ok`; an error is input that cannot be (YW_EINVAL). */
int yw_admit_run(struct yw_admit *admit, struct yw_err *err);
void yw_admit_fini(struct yw_admit *admit); /* NULL-safe */

#endif
