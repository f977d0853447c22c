/* How well a team did by the record: spans between two events, how whole and how true its
 * reports were, how far its grade was off, which steps of its plans it took. Derived from the
 * fold at each look; every figure names the events that it comes from. Pure. Thread: any. */
#ifndef YW_RESPONSE_MERIT_H
#define YW_RESPONSE_MERIT_H

#include "response/record.h"

enum yw_merit_span {
    YW_MERIT_CONTAIN,      /* from the first effect until every attacker was cut off */
    YW_MERIT_DETECT,       /* from the first effect until the incident was found */
    YW_MERIT_FIRST_REPORT, /* from then until the first report to anybody outside */
    YW_MERIT_GRADE,        /* from then until the team graded it */
    YW_MERIT_RELAY,        /* from the first report until an office passed one on */
    YW_MERIT_RESTORE,      /* from the first effect until the plants were well again */
    YW_MERIT_SPANS
};

struct yw_merit {
    int64_t span_ms; /* in the clock of the exercise; -1: not both ends are known */
    int64_t from_seq, to_seq; /* the events; 0 none */
};

struct yw_merits {
    struct yw_merit spans[YW_MERIT_SPANS];
    int64_t items, items_filled; /* of all the enterprise's reports on forms with items */
    int64_t claims,
        claims_true;        /* and of their figures, with what was left out: control's */
    int64_t first_seq;      /* the first of those reports; 0 none */
    int64_t grade_distance; /* given less true, of the last one given; control's */
    bool graded;            /* … and whether there is one */
    int64_t grade_seq;
    int64_t steps_done, steps_missed, steps_disordered; /* of its playbooks */
    double lost_s;                                      /* production, plant seconds */
};

void yw_merits_read(struct yw_merits *ret, const struct yw_scheme *scheme,
                    const struct yw_view *view, const struct yw_record *record,
                    const struct yw_judged *judged, int team);
const char *yw_merit_name(enum yw_merit_span span); /* "first_report" */
const struct yw_text *yw_merit_text(enum yw_merit_span span);

#endif
