/* What becomes of a drill's machines when a host is lost, comes back, is emptied or given
 * up. Private to this room. Loop thread.
 *
 *   lost       its machines are lost; nothing of them is started elsewhere
 *   back       what should run there is found again; what lives elsewhere by now is removed
 *   draining   its machines move (drill/range/move.h): running on where both hosts can, else
 *              saved here and going on there, else made anew
 *   given up   (a lost host, by an order) its machines are made anew elsewhere; this order
 *              alone makes a second copy possible, and the first one is removed before
 *              anybody talks to it */
#ifndef YW_DRILL_HOSTED_H
#define YW_DRILL_HOSTED_H

#include "drill/drill.h"

/* A HOST notice. */
void yw_hosted_notice(struct yw_drill *drill, const struct yw_virt_notice *notice);
/* host-changed and machine-placed are durable. */
void yw_hosted_react(struct yw_drill *drill, const struct yw_event *event);
void yw_hosted_resume(struct yw_drill *drill);
/* Control's order for a lost host. How many machines of this drill were there. */
size_t yw_hosted_forget(struct yw_drill *drill, const char *host, const char *actor);
/* Machines that this drill has, or is about to have, on the host. */
size_t yw_hosted_machines(const struct yw_drill *drill, const char *host);
/* What the journal says of a planned machine; NULL: nothing yet. *borrowed* */
const struct yw_machine_fold *yw_hosted_machine(const struct yw_drill *drill,
                                                const struct yw_plan_machine *machine);
/* The drill has, or is about to have, machines somewhere. */
bool yw_hosted_range(const struct yw_drill *drill);
/* What a host that is back has of this drill: what does not belong there is removed. */
void yw_hosted_tidy(struct yw_drill *drill, const char *host,
                    const struct yw_virt_found *found, size_t count);

#endif
