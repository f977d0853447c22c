/* What a machine may send, in nftables: one table per drill in the bridge family (from
 * each tap only its own MAC, IPv4 and IPv6 link-local address, its own ARP and ND words;
 * no router advertisement, redirect, DHCP server or VLAN tag) and one in the inet family
 * (nothing between the host and a bridge of the drill, nothing routed in, out or across).
 * Both are named like the drill's bridges begin ("yw1a2b3c"), so they are found without a
 * list. Rules go by the names of taps and stand before the machine runs; they hold when
 * it is restored, reset or cut off and on again.
 *
 * Another EtherType than IP, ARP and IPv6 is bound to the MAC alone: industrial protocols
 * have their own. A machine that may spoof keeps its MAC and may say any ARP and IPv4
 * address, one that routes any IPv4 address; what makes it a router or a DHCP server is refused all the same.
 *
 * Blocking: a child process (nft) with a deadline, about 10 ms. Thread: any; one call at
 * a time per drill. */
#ifndef YW_VIRT_GUARD_H
#define YW_VIRT_GUARD_H

#include "base/buf.h"
#include "base/err.h"
#include "model/plan.h"

#include <stdbool.h>

struct yw_guard_port {
    char tap[YW_PLAN_BRIDGE_MAX];
    char mac[YW_PLAN_MAC_SIZE];
    uint32_t address; /* host byte order; 0: it may send nothing at all */
    bool spoof;
    bool routes; /* passes on IPv4 of others, as a router does */
};

/* The rules of one network as nft reads them: complete for the drill's chains, additive
 * for its ports. Pure. */
void yw_guard_rules(struct yw_buf *out, const char *drill, const char *bridge,
                    const struct yw_guard_port *ports, size_t count);
/* Puts them in force, all or nothing; again is fine. */
int yw_guard_up(const char *drill, const char *bridge, const struct yw_guard_port *ports,
                size_t count, struct yw_err *err);
/* Removes both tables; gone is fine. */
int yw_guard_down(const char *drill, struct yw_err *err);
/* Is there a table of the drill? 0 or a negative code. */
int yw_guard_find(const char *drill, bool *ret_found, struct yw_err *err);
/* Can this host do it: every kind of rule is tried and taken back in one transaction. 0
 * or YW_ENOTFOUND with what is missing. */
int yw_guard_check(struct yw_err *err);

#endif
