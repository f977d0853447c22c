/* The isolation proof (pure): which machines ask, what they ask for, and what their
 * answers mean. An answer is right when it comes from the MAC of a nic on one of the
 * asker's own segments, for an address of that very machine; every other answer is a
 * leak: the host, its management port, another team's twin (teams have the same
 * addresses, so only the MAC tells), the outside, a neighbour that should be isolated.
 * And one neighbour on each segment has to answer, so that the proof can fail. */
#ifndef YW_MODEL_ISOLATION_H
#define YW_MODEL_ISOLATION_H

#include "model/host.h"
#include "model/plan.h"

#include <stdbool.h>

#define YW_ISOLATION_TARGETS_MAX 48
#define YW_ISOLATION_ADDRESSES_MAX 24
#define YW_ISOLATION_DETAIL_MAX 400

/* What must not be reached. */
struct yw_isolation_world {
    uint32_t addresses[YW_ISOLATION_ADDRESSES_MAX]; /* of hosts */
    size_t address_count;
    uint32_t gateways[YW_ISOLATION_ADDRESSES_MAX];
    size_t gateway_count;
    uint16_t port; /* management: the daemon's own; 0 none */
};

struct yw_isolation_target {
    uint32_t address;
    uint16_t port; /* TCP too; 0 not */
};

struct yw_isolation_probe {
    size_t machine; /* index in the plan */
    struct yw_isolation_target targets[YW_ISOLATION_TARGETS_MAX];
    size_t count;
};

struct yw_isolation_verdict {
    bool ok;
    bool retry;  /* nothing leaked, but a neighbour was silent: ask again, for longer */
    int asked;   /* addresses */
    int reached; /* of those that must not be */
    char detail[YW_ISOLATION_DETAIL_MAX];
};

/* Adds what one host told; what is there already, or an address of the plan's own
 * machines, is left out. */
void yw_isolation_add_host(struct yw_isolation_world *world, const struct yw_plan *plan,
                           const struct yw_host_traits *traits);
/* The machines that ask: few, so that every network with a machine has one. Indices into
 * plan->machines, ascending; returns how many. `ret` has room for plan->machine_count. */
size_t yw_isolation_probers(const struct yw_plan *plan, size_t *ret);
void yw_isolation_targets(struct yw_isolation_probe *ret, const struct yw_plan *plan,
                          size_t machine, const struct yw_isolation_world *world);
/* The guest's applet: probe SPAN_MS TARGET,… …. Returns argc. */
size_t yw_isolation_argv(const struct yw_isolation_probe *probe, int span_ms,
                         char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX]);
/* `exit_code` and `output` are the applet's, from a guest: anything that does not read well
 * is no proof. */
void yw_isolation_judge(struct yw_isolation_verdict *ret, const struct yw_plan *plan,
                        const struct yw_isolation_probe *probe, int exit_code,
                        const char *output);

#endif
