/* A drill from what its folder holds: after a restart, and a fork.
 *
 *   load (a worker's: journal, package, the scenario's first run, playbooks, plan)
 *     ─▶ fold (loop thread, in slices, so that a long journal holds nobody up) ─▶ take
 *
 * The drill is the revival's until it is taken. */
#ifndef YW_DRILL_REVIVE_H
#define YW_DRILL_REVIVE_H

#include "drill/drill.h"

struct yw_revival {
    struct yw_conductor *conductor;
    struct yw_drill *drill; /* NULL once it is taken */
    /* read from the journal before it can be folded */
    char teams[YW_SPEC_TEAMS_MAX][YW_NAME_MAX];
    size_t team_count;
    int64_t seed;
    bool tabletop;
    bool archived;
    bool declared; /* all first events are there: the clock-changed that closes them */
    struct yw_ev_drill_forked forked;

    void (*folded)(struct yw_revival *revival, int code, const struct yw_err *err);
    void *owner;
    int64_t next; /* seq of the event that is folded next */
    struct yw_due_entry slice;
};

void yw_revival_init(struct yw_revival *revival, struct yw_conductor *conductor,
                     const char *id);
/* Any thread. The drill has its journal, and may have its package and spec already; what it has
 * not is read from its folder. YW_ECANCELED: it never came to be, its first events are not all
 * there. */
int yw_revival_load(struct yw_revival *revival, struct yw_err *err);
/* `folded` comes once, never from inside, unless fini comes first. */
void yw_revival_fold(struct yw_revival *revival);
/* All at once, for a drill that nobody waits beside. */
int yw_revival_fold_all(struct yw_revival *revival, struct yw_err *err);
/* The drill is the conductor's, and goes on. *borrowed* */
struct yw_drill *yw_revival_take(struct yw_revival *revival);
void yw_revival_fini(struct yw_revival *revival);

#endif
