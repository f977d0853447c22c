/* The links of machines cut in the kernel: the ports of their taps in our bridges pass
 * nothing, whatever QEMU does or does not do. Independent of the link that the guest sees
 * (LINK), so that taking the cut back leaves that as it was. Blocking, about a hundred
 * microseconds a tap; any thread. */
#ifndef YW_VIRT_CUT_H
#define YW_VIRT_CUT_H

#include "virt/broker_wire.h"

/* Taps that are not there are no failure. *ret_count: ports that were set. */
int yw_cut_set(const struct yw_broker_member *members, size_t count, bool cut,
               size_t *ret_count, struct yw_err *err);
/* Is this the tap of that interface? libvirt gives a tap the guest's address with a first
 * byte of fe. Pure. */
bool yw_cut_is_tap(const uint8_t tap[6], const char *mac);

#endif
