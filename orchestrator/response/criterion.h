/* What conditions of a scenario ask of the law: was it reported in time, graded right, how well
 * did the team do? Spans and limits are judged as soon as they are known; what rests on the truth
 * (a grade, figures of reports, faults) and on the whole course (plan steps) only once the drill
 * has ended, so that no team can try answers out on its points. Pure. Thread: any. */
#ifndef YW_RESPONSE_CRITERION_H
#define YW_RESPONSE_CRITERION_H

#include "model/cond.h"
#include "response/merit.h"

struct yw_criterion_ground { /* of one team, in control's eyes. Borrowed */
    const struct yw_scheme *scheme;
    const struct yw_view *view;
    const struct yw_record *record;
    const struct yw_judged *judged;
    const struct yw_merits *merits;
    int team;
    bool ended;
};

/* `node` is of a kind of the law. */
bool yw_criterion_holds(const struct yw_criterion_ground *ground,
                        const struct yw_cond_node *node,
                        int64_t causes[YW_COND_CAUSES_MAX]);
/* What the condition names, the law has: duties, packs, merits. YW_EINVAL says what would be
 * right. */
int yw_criterion_check(const struct yw_rules *rules, const struct yw_cond *cond,
                       struct yw_err *err);

#endif
