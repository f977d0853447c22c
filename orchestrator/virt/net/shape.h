/* A slower link: bandwidth (tbf) and delay (netem) of what an interface sends, by
 * rtnetlink. On a machine's tap that is what the machine receives, and what it sends is
 * shaped where it arrives. Not every kernel has both; ask first. Blocking, under a
 * millisecond; thread: any. */
#ifndef YW_VIRT_SHAPE_H
#define YW_VIRT_SHAPE_H

#include "base/err.h"
#include "virt/net/rtnl.h"

#include <stdbool.h>

struct yw_shape {
    int bandwidth_kbit; /* 0: as fast as it goes */
    int delay_ms;       /* 0: none */
};

/* Replaces what was set before; both 0 takes it away. YW_ENOTFOUND: the kernel lacks it,
 * or there is no such interface. */
int yw_shape_set(const char *interface, const struct yw_shape *shape, struct yw_err *err);
/* What the kernel has, tried on a tap that vanishes by itself. */
struct yw_shape_queues {
    bool tbf;   /* bandwidth */
    bool netem; /* delay */
    bool htb;   /* known, and not used: no link is shared by a team's machines */
};
void yw_shape_probe(struct yw_shape_queues *ret);
/* "tbf htb", or "none"; those that are missing with `missing`. */
void yw_shape_queues_text(const struct yw_shape_queues *queues, bool missing,
                          char text[32]);
/* The request for a delay. Pure. */
void yw_shape_delay_request(struct yw_rtnl_request *ret, int index, int delay_ms);

#endif
