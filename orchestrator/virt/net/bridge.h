/* Bridges through rtnetlink: an embedded connection has no virNetwork*. A bridge of ours
 * carries the interface alias "yanwu:<drill>"; nothing else is ever touched. The host is
 * not on it: no address of either family, no ARP, no route back (strict reverse-path
 * check), no IPv6, no forwarding; virt/net/guard.h closes the same ways a second time.
 * Blocking, a few hundred microseconds; thread: any. */
#ifndef YW_VIRT_BRIDGE_H
#define YW_VIRT_BRIDGE_H

#include "base/err.h"
#include "base/vec.h"
#include "model/plan.h"

#include <stdbool.h>

struct yw_bridge {
    char name[YW_PLAN_BRIDGE_MAX];
    char drill[YW_NAME_MAX];
};

/* Creates it or finds it, tagged with the drill, and sets it up. YW_EEXIST when an
 * interface of this name is somebody else's, or of another drill. */
int yw_bridge_up(const char *name, const char *drill, struct yw_err *err);
/* Removes it and its VXLAN; one that is gone is fine, one that is not ours is YW_EDENIED.
 */
int yw_bridge_down(const char *name, struct yw_err *err);
/* Appends every bridge of ours to `list` (of struct yw_bridge), of one drill or ("") all,
 * and every VXLAN of ours whose bridge is gone. */
int yw_bridge_list(struct yw_vec *list, const char *drill, struct yw_err *err);

/* Makes a port isolated from other isolated ports, if it is not yet, and looks again.
 * YW_ENOTFOUND: there is no such interface. */
int yw_bridge_port_isolate(const char *tap, struct yw_err *err);
/* The host's own IPv6 says nothing more on this port: the kernel gives a tap an address of the
 * host, and asks for routers with it, once it is up. No such interface: nothing. */
void yw_bridge_port_hush(const char *tap);

/* A network that spans hosts: the bridge gets one VXLAN port ("yw1a2b3cv12" for bridge
 * "yw1a2b3c-12") that floods to every other host. Underlay addresses are IPv4 in host
 * byte order. Machines on such a network are given an MTU of YW_VXLAN_MTU, which an
 * underlay of 1500 carries in one piece; what is larger all the same, of a machine that was
 * there before the network spanned, goes through in pieces. Ports that are isolated from each other stay so on one host only: the VXLAN is an ordinary port. */
#define YW_VXLAN_REMOTES_MAX 64
#define YW_VXLAN_PORT 4789
#define YW_VXLAN_MTU 1450
#define YW_VXLAN_PORT_MTU 1500
struct yw_vxlan {
    uint32_t vni;            /* 1 … 2^24 - 1, the same on every host */
    uint32_t local;          /* this host's address on the underlay */
    const uint32_t *remotes; /* borrowed; every other host of the network */
    size_t remote_count;     /* 1 … YW_VXLAN_REMOTES_MAX */
    uint16_t port;           /* UDP; 0: YW_VXLAN_PORT */
};
/* The bridge must be there and ours. Idempotent: one with other values is made anew. */
int yw_bridge_vxlan_up(const char *bridge, const struct yw_vxlan *vxlan,
                       struct yw_err *err);
/* One that is gone is fine. */
int yw_bridge_vxlan_down(const char *bridge, struct yw_err *err);
/* Its name, for a bridge. */
void yw_bridge_vxlan_name(const char *bridge, char name[YW_PLAN_BRIDGE_MAX]);

/* For vxlan.c. */
struct yw_rtnl_link;
bool yw_bridge_is_ours(const struct yw_rtnl_link *link);
int yw_bridge_tag(int fd, int index, const char *drill); /* 0 or a negative errno */

#endif
