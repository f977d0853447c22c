/* Bridges through rtnetlink: an embedded connection has no virNetwork*. A bridge of ours
 * carries the interface alias "yanwu:<drill>"; nothing else is ever touched. It has no
 * address and no way to the host's IP stack. Blocking, a few hundred microseconds;
 * thread: any. */
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
 * interface of this name is somebody else's. */
int yw_bridge_up(const char *name, const char *drill, struct yw_err *err);
/* Removes it; one that is gone is fine, one that is not ours is YW_EDENIED. */
int yw_bridge_down(const char *name, struct yw_err *err);
/* Appends every bridge of ours to `list` (of struct yw_bridge), of one drill or ("") all.
 */
int yw_bridge_list(struct yw_vec *list, const char *drill, struct yw_err *err);

#endif
