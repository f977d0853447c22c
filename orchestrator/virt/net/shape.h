/* A slower link: bandwidth (tbf) and delay (netem) of what an interface sends, by
 * rtnetlink. On a machine's tap that is what the machine receives, and what it sends is
 * shaped where it arrives. Not every kernel has both; ask first. Blocking, under a
 * millisecond; thread: any. */
#ifndef YW_VIRT_SHAPE_H
#define YW_VIRT_SHAPE_H

#include "base/err.h"

#include <stdbool.h>

struct yw_shape {
    int bandwidth_kbit; /* 0: as fast as it goes */
    int delay_ms;       /* 0: none */
};

/* Replaces what was set before; both 0 takes it away. YW_ENOTFOUND: the kernel lacks it,
 * or there is no such interface. */
int yw_shape_set(const char *interface, const struct yw_shape *shape, struct yw_err *err);
/* Tries both on a tap that vanishes by itself. */
void yw_shape_probe(bool *ret_bandwidth, bool *ret_delay);

#endif
