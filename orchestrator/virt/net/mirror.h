/* Copies of what a machine says, for a sensor that must not speak: an nftables chain at
 * the ingress of its tap (family netdev, table named as in guard.h) duplicates every frame
 * into a bridge that carries copies alone. What the sensor says on that bridge, guard.h
 * refuses. Copies are taken where a frame comes in, so each is copied once and a forged
 * one too; of a network that spans hosts the bridge of copies spans them as well.
 *
 * A chain goes with its tap: set again after each start of a machine. Blocking: a child
 * process (nft), about 10 ms; thread: any. */
#ifndef YW_VIRT_MIRROR_H
#define YW_VIRT_MIRROR_H

#include "base/err.h"
#include "model/plan.h"

/* Every card of the machine whose network is copied. Again is fine. YW_ENOTFOUND: no nft;
 * YW_EIO: the host's kernel lacks nft_dup_netdev, or there is no such tap or bridge. */
int yw_mirror_up(const char *drill, const struct yw_plan_machine *machine,
                 struct yw_err *err);
/* Removes the drill's table; gone is fine, and so is a kernel that cannot have one. */
void yw_mirror_down(const char *drill);

#endif
