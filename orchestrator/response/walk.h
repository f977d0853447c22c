/* Where a run goes: the path of ended steps read against the playbook. Inside this room.
 */
#ifndef YW_RESPONSE_WALK_H
#define YW_RESPONSE_WALK_H

#include "response/run.h"

struct yw_walk {
    int open[YW_RUN_DEPTH_MAX]; /* conditions whose branch is under way, outermost first
                                 */
    size_t depth;
    bool exception_used;
    bool failed; /* a failure that nobody handled */
};

/* Reads the whole path. YW_EINVAL: a step that the playbook does not have. */
int yw_walk_path(struct yw_walk *walk, const struct yw_run *run,
                 const struct yw_playbook *playbook);
/* Goes on from a step that ended so. `branch`: of a condition, the first step of the
 * branch taken, -1 none. Returns the next step, or -1 at the end of the run. */
int yw_walk_on(struct yw_walk *walk, const struct yw_playbook *playbook, int step,
               bool ok, int branch);

#endif
