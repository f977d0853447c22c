/* Monitors of machines that a broker before this one had questions to. QEMU gives the answer
 * of a question that was under way to whoever is connected when it has it; libvirt 9.0 takes
 * it for the answer of its own first question, does not understand it, and ends the machine.
 * So each monitor is spoken to once, until it has said all that it owes, before an embedded
 * driver is opened. Blocking: as long as the slowest that answers, at most
 * YW_SETTLE_DEADLINE_MS; a process that is stopped is not waited for. */
#ifndef YW_VIRT_SETTLE_H
#define YW_VIRT_SETTLE_H

#include "virt/machine/embed_root.h"

#define YW_SETTLE_DEADLINE_MS 5000

void yw_settle(const struct yw_embed_root *root);

#endif
