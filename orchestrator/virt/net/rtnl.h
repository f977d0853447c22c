/* rtnetlink: requests built in place and asked one at a time. Blocking, a few hundred
 * microseconds each; a socket belongs to the thread that opened it. */
#ifndef YW_VIRT_RTNL_H
#define YW_VIRT_RTNL_H

#include "base/err.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_RTNL_REQUEST_MAX 2048

struct yw_rtnl_request {
    struct nlmsghdr header;
    char bytes[YW_RTNL_REQUEST_MAX]; /* the fixed part, then attributes */
};

/* What one link message says. */
struct yw_rtnl_link {
    int index;
    int master; /* index of its bridge, 0 none */
    unsigned flags;
    bool isolated; /* as a bridge's port */
    uint8_t mac[6];
    char kind[16]; /* "bridge", "vxlan", "tun", "" */
    char name[IFNAMSIZ];
    char alias[256];
};

/* A descriptor, or a negative code. */
int yw_rtnl_open(struct yw_err *err);
/* `fixed`: the struct that follows the header for this type. */
void yw_rtnl_init(struct yw_rtnl_request *request, uint16_t type, uint16_t flags,
                  const void *fixed, size_t fixed_size);
/* The same for a link of this index; 0: named by an attribute. */
void yw_rtnl_init_link(struct yw_rtnl_request *request, uint16_t type, uint16_t flags,
                       int index);
struct rtattr *yw_rtnl_put(struct yw_rtnl_request *request, uint16_t type,
                           const void *bytes, size_t size);
void yw_rtnl_put_text(struct yw_rtnl_request *request, uint16_t type, const char *text);
/* What is put after the first and before the second lies inside it. */
struct rtattr *yw_rtnl_nest(struct yw_rtnl_request *request, uint16_t type);
void yw_rtnl_end(struct yw_rtnl_request *request, struct rtattr *nest);
/* Sends it and waits: 0, or the negative errno of the kernel. */
int yw_rtnl_ask(int fd, struct yw_rtnl_request *request);
/* One link by name: 0 with *ret filled, or a negative errno, -ENODEV when there is none.
 */
int yw_rtnl_find(int fd, const char *name, struct yw_rtnl_link *ret);
/* Calls fn for every link. 0 or a negative errno. */
int yw_rtnl_each(int fd, void (*fn)(void *arg, const struct yw_rtnl_link *link),
                 void *arg);
int yw_rtnl_delete(int fd, int index);
/* Changes the given flags (IFF_…) to the given values. */
int yw_rtnl_flags(int fd, int index, unsigned values, unsigned which);

/* The state of a bridge's port (BR_STATE_…). -ENETDOWN when the interface is down. */
int yw_rtnl_port_state(int fd, int index, uint8_t state);

#endif
