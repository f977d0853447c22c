/* Processors of many machines stopped and started, also where QEMU does not answer: then
 * its process gets a signal. Blocking, on threads of its own; one thread for a QEMU that
 * hangs stays until it answers or ends. */
#ifndef YW_VIRT_FREEZE_H
#define YW_VIRT_FREEZE_H

#include "virt/point/group.h"

#define YW_FREEZE_ANSWER_MS 350 /* for the monitors to answer, all at once */

/* Links first where group->cut. What is gone is no failure; the rest is done whatever one
 * of them says. Fills group->frozen_ms and ->forced. */
int yw_freeze_group(struct yw_group *group, struct yw_err *err);
int yw_thaw_group(struct yw_group *group, struct yw_err *err);

/* The machine's process, found by the driver's pid file and looked at: its own user, its
 * uuid on the command line. Sends the signal; YW_ENOTFOUND when there is none. */
int yw_freeze_signal(const struct yw_embed_root *root, const char *uuid,
                     const char *domain, int signum, struct yw_err *err);
/* Ends the process, also a stopped one, and waits until it is dead; none is fine. */
void yw_freeze_kill(const struct yw_embed_root *root, const char *uuid,
                    const char *domain);

#endif
