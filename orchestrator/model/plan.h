/* The plan: what will exist, computed from spec, teams and seed alone (pure): names,
 * uuids, MACs, addresses, order, digest. The same inputs give the same plan on every
 * machine. */
#ifndef YW_MODEL_PLAN_H
#define YW_MODEL_PLAN_H

#include "base/err.h"
#include "base/hash.h"
#include "model/spec.h"

#define YW_PLAN_BRIDGE_MAX 16 /* IFNAMSIZ */
#define YW_PLAN_MAC_SIZE 18
#define YW_PLAN_DOMAIN_MAX 64

struct yw_plan_network {
    int team;
    int network;                     /* index in the spec */
    char bridge[YW_PLAN_BRIDGE_MAX]; /* "yw<6 hex of drill>-<n>" */
    uint32_t vni; /* it spans hosts: from placement, no part of the digest. 0: one host */
};

struct yw_plan_nic {
    /* The bridge that gets copies of what this one says; "" none. */
    char mirror[YW_PLAN_BRIDGE_MAX];
    int network; /* index in plan->networks */
    char mac[YW_PLAN_MAC_SIZE];
    uint32_t address;
    int prefix;
    char tap[YW_PLAN_BRIDGE_MAX]; /* on the host: "yw<6 hex>t<machine>n<nic>" */
    bool isolated;                /* from other isolated nics of its network */
    bool spoof;                   /* may send under addresses of others */
    bool routes;                  /* passes on packets of others: IPv4, never ARP */
    int bandwidth_kbit;           /* towards the machine; 0 as fast as it goes */
    int delay_ms;                 /* likewise */
};

struct yw_plan_machine {
    int team;
    int machine;                     /* index in the spec */
    char domain[YW_PLAN_DOMAIN_MAX]; /* "yw-<8 hex>-<team>-<machine>", libvirt name */
    char uuid[YW_UUID_SIZE];
    char name[YW_NAME_MAX];
    char team_name[YW_NAME_MAX];
    char image[YW_NAME_MAX];
    int ram_mib;
    bool has_disk; /* of a full image: registered under its name */
    struct yw_plan_nic nics[YW_SPEC_NICS_MAX];
    size_t nic_count;
    uint32_t gateway; /* the firewall on one of its networks; 0 none */
    bool has_field;   /* second port: field wiring */
    bool display;     /* video and VNC */
    /* Where it is: from placement, not from the scenario, so no part of the digest. "" not
     * placed yet, or the only host. */
    char host[YW_NAME_MAX];
    uint64_t seed; /* the machine's own: identity, noise */
};

struct yw_plan {
    char drill[YW_NAME_MAX];
    uint64_t seed;
    char teams[YW_SPEC_TEAMS_MAX][YW_NAME_MAX];
    size_t team_count;
    struct yw_plan_network *networks; /* bring-up order */
    size_t network_count;
    struct yw_plan_machine *machines; /* bring-up order */
    size_t machine_count;
    struct yw_hash digest; /* over all of the above, packed */
};

/* Teams are names (yw_name_valid), unique, 1..YW_SPEC_TEAMS_MAX. *ret is *new*. */
int yw_plan_make(struct yw_plan **ret, const struct yw_spec *spec, const char *drill,
                 const char *const *teams, size_t team_count, uint64_t seed,
                 struct yw_err *err);
void yw_plan_free(struct yw_plan *plan); /* NULL-safe */
/* "yw1a2b3c": what the names of a drill's interfaces and tables begin with. */
void yw_plan_prefix(const char *drill, char prefix[YW_PLAN_BRIDGE_MAX]);
const struct yw_plan_machine *yw_plan_machine(const struct yw_plan *plan, int team,
                                              int machine);

/* Gives the machines the hardware addresses of the same machines of another plan of the
 * same spec and teams: guests that are copies know them. */
void yw_plan_take_macs(struct yw_plan *plan, const struct yw_plan *from);

#endif
