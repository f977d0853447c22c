/* What the broker does on worker threads: one blocking piece of work, with everything it
 * needs and everything it found. Private to the broker process. */
#ifndef YW_VIRT_BROKER_WORK_H
#define YW_VIRT_BROKER_WORK_H

#include "base/vec.h"
#include "virt/machine/clone.h"
#include "virt/machine/embed_root.h"
#include "virt/machine/libvirt.h"
#include "virt/net/guard.h"
#include "virt/net/shape.h"
#include "virt/serve/capacity.h"

enum yw_work_kind {
    YW_WORK_CREATE,  /* note, then create and start */
    YW_WORK_CLONE,   /* the same from a golden machine */
    YW_WORK_GOLDEN,  /* find or make a golden machine */
    YW_WORK_DESTROY, /* end, then remove its files */
    YW_WORK_LOOK,    /* does it run? */
    YW_WORK_MEND,    /* make it run that stands, then look */
    YW_WORK_LINK,
    YW_WORK_LIST,
    YW_WORK_NETWORK_UP,
    YW_WORK_NETWORK_DOWN,
    YW_WORK_SHAPE,
    YW_WORK_MOVE,
    YW_WORK_SWEEP,
    YW_WORK_FACTS,
};

struct yw_work {
    enum yw_work_kind kind;
    struct yw_host *host;             /* borrowed; outlives the pool */
    const struct yw_embed_root *root; /* borrowed; the same */
    int64_t task_id;                  /* 0: nobody waits */
    char uuid[YW_UUID_SIZE];
    char domain[YW_PLAN_DOMAIN_MAX];
    char drill[YW_NAME_MAX];
    char team[YW_NAME_MAX]; /* of the machine: its share of the host */
    int ram_mib, team_mib;
    char bridge[YW_PLAN_BRIDGE_MAX];
    char source[YW_UUID_SIZE]; /* CREATE, CLONE: to be a copy of, at `point`; "" none */
    char point[YW_NAME_MAX];
    uint32_t vni, local; /* NETWORK_UP: it spans hosts; 0: it does not */
    uint32_t remotes[YW_VIRT_REMOTES_MAX];
    size_t remote_count;
    struct yw_guard_port *ports; /* owned: NETWORK_UP */
    size_t port_count;
    char tap[YW_PLAN_BRIDGE_MAX]; /* SHAPE */
    struct yw_shape shape;        /* SHAPE */
    char target[YW_VIRT_URI_MAX]; /* MOVE */
    char *xml[YW_SPEC_NICS_MAX];  /* owned: one domain, or the interfaces to change */
    size_t xml_count;
    struct yw_clone_order *order;   /* owned: CLONE, GOLDEN */
    const struct yw_golden *golden; /* borrowed; outlives the pool: CLONE */
    enum yw_virt_how way;           /* GOLDEN: SHARED or SAVED */
    bool for_good;                  /* DESTROY: also what was kept aside of it */
    bool late;                      /* its deadline has passed: the loop's own mark */
    void *owner;

    /* found */
    bool running;               /* LOOK; CREATE, CLONE: it ran already */
    struct yw_golden *made;     /* GOLDEN: owned until taken */
    bool no_boot;               /* GOLDEN: it failed because the machine never spoke */
    bool stands;                /* it is there, but its processor does not run */
    bool prove;                 /* LOOK: a machine of another broker, found now */
    struct yw_virt_proof proof; /* CREATE, LOOK */
    struct yw_vec found;        /* of struct yw_virt_found */
    char libvirt[32];
    char qemu[32];
    struct yw_capacity capacity; /* FACTS of a daemon on another host */
    bool bandwidth;              /* FACTS: links can be slowed down */
    bool delay;                  /* FACTS: … and made late */
    bool guard;                  /* FACTS: rules can be put in force, tried */
    char why[YW_VIRT_WHY_MAX];   /* NETWORK_UP: what it is without */
};

/* *new* */
struct yw_work *yw_work_new(enum yw_work_kind kind, struct yw_host *host,
                            const struct yw_embed_root *root);
void yw_work_free(struct yw_work *work); /* NULL-safe */
int yw_work_run(struct yw_work *work, struct yw_err *err);
int64_t yw_work_deadline_ms(enum yw_work_kind kind);

#endif
