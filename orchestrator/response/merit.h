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

/* What conditions of a scenario measure: the spans, in seconds, then these. */
enum yw_merit_figure {
    YW_MERIT_ACCURACY = YW_MERIT_SPANS, /* share of figures told, and told right */
    YW_MERIT_COMPLETENESS,              /* share of items filled */
    YW_MERIT_COVERAGE,                  /* share of plan steps done */
    YW_MERIT_DISORDERED,                /* plan steps */
    YW_MERIT_FALSE_ISOLATIONS,          /* machines that attacked nothing, cut off */
    YW_MERIT_FAULTS,                    /* of integrity, but for dismissed ones */
    YW_MERIT_GRADE_DISTANCE,            /* of the last grade given, either way */
    YW_MERIT_PRODUCTION_LOST,           /* plant seconds */
    YW_MERIT_FIGURES
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
    int64_t grade_distance; /* given less true, of the last one given by each pack: the
                               one that is furthest off; control's */
    bool graded;            /* … and whether there is one */
    int64_t grade_seq;
    int64_t steps_done, steps_missed, steps_disordered; /* of its playbooks */
    int64_t steps_skipped; /* by control, and not missed */
    int64_t faults;        /* as those eyes see them, but for dismissed ones */
    int64_t false_isolations;
    double lost_s;                                      /* production, plant seconds */
};

struct yw_merit_graded {
    int64_t distance, seq;
};

/* The last grade that the team gave by this pack (or by all), less the true one then. False:
 * it gave none. */
bool yw_merit_grade(const struct yw_scheme *scheme, const struct yw_view *view,
                    const struct yw_record *record, int team,
                    const struct yw_rule_pack *pack, struct yw_merit_graded *ret);
void yw_merits_read(struct yw_merits *ret, const struct yw_scheme *scheme,
                    const struct yw_view *view, const struct yw_record *record,
                    const struct yw_judged *judged, int team);
const char *yw_merit_name(enum yw_merit_span span); /* "first_report" */
const struct yw_text *yw_merit_text(enum yw_merit_span span);
/* A span or a figure by its name, "first_report", "accuracy"; -1 none. */
int yw_merit_find(const char *name);
/* Names of all, with blanks between. Static. */
const char *yw_merit_all(void);
/* Its value, a span in seconds. False: there is none yet (nothing was reported, no plan ran,
 * one end of the span is open). */
bool yw_merit_value(const struct yw_merits *merits, int merit, double *ret);

#endif
