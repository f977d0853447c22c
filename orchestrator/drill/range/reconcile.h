/* What hypervisors have, against what the journals say: at start, after a broker was started
 * again, and when a host is back.
 *
 *   of a drill under way      adopted, each object once; its own recovery finds its machines, or
 *                             says which are lost, and sets right what is unlike its journal
 *   … that has no range,      removed: a roll-back, or a take-down, had not come to its end
 *   or is archived
 *   of a drill that is not    left alone, and said in the log: another data directory may own
 *   here                      it
 *
 * Each with a reconciled event in the journal of its drill. Private to this room; loop
 * thread. */
#ifndef YW_DRILL_RECONCILE_H
#define YW_DRILL_RECONCILE_H

#include "drill/drill.h"

/* Of one host, or ("") of all. A host that was `away` may have copies of machines that were
 * made anew elsewhere: they go. */
void yw_reconcile_start(struct yw_conductor *conductor, const char *host, bool away);
/* A broker, or its host, went away: what it has is told again when it is back. */
void yw_reconcile_forget(struct yw_drill *drill);
/* The conductor ends: what is under way ends without it. */
void yw_reconcile_drop(struct yw_virt *virt, void *call);

/* conductor.c */
struct yw_virt *yw_conductor_virt(const struct yw_conductor *conductor);
void yw_conductor_reconciling(struct yw_conductor *conductor, void *call, bool begins);

#endif
