/* What is on record of one enterprise's incident: a fold of events, kept in order. Times are
 * milliseconds of the clock that the exercise counts in (drill or wall); -1: has not happened.
 * Pure; caller-owned; free with yw_incident_fini. Thread: any. */
#ifndef YW_RESPONSE_INCIDENT_H
#define YW_RESPONSE_INCIDENT_H

#include "response/grade.h"

#define YW_INCIDENT_ROWS_MAX 4096 /* of one kind */
#define YW_FILING_CLAIMS_MAX 16

struct yw_measured { /* the truth, as the drill measures it or control enters it */
    int64_t at_ms;
    int metric;
    struct yw_rule_value value;
};

struct yw_incident_fact { /* `metric` was seen by the enterprise (evidence opened) */
    int64_t at_ms;
    int metric;
};

struct yw_happened { /* a named event of a pack's `when` */
    int64_t at_ms;
    int event;
};

struct yw_claim {
    int metric;
    struct yw_rule_value value;
};

struct yw_filing { /* a report that arrived; one row a recipient */
    int64_t at_ms;
    int from, to;   /* parties */
    int form;       /* -1 none */
    uint32_t items; /* bit n - 1: item n of the form is filled */
    struct yw_claim claims[YW_FILING_CLAIMS_MAX];
    size_t claim_count;
    int64_t seq; /* event that it stands in */
};

struct yw_act { /* a duty that asks for an act was done */
    int64_t at_ms;
    char duty[YW_RULES_ID_MAX];
    int64_t seq;
};

struct
    yw_manual_grade { /* control's ruling beside the figures, with a reason on record */
    int64_t at_ms;
    const struct yw_rule_pack *pack; /* borrowed */
    int grade;
    bool likely; /* it may become so; it is not graded so yet */
};

struct yw_incident {
    int64_t anchors[YW_ANCHOR_COUNT];
    int64_t ended_ms; /* the drill is over */
    struct yw_measured *measured;
    struct yw_incident_fact *facts;
    struct yw_happened *happened;
    struct yw_filing *filings;
    struct yw_act *acts;
    struct yw_manual_grade *manual;
    size_t measured_count, fact_count, happened_count, filing_count, act_count,
        manual_count;
};

void yw_incident_init(struct yw_incident *incident);
void yw_incident_fini(struct yw_incident *incident); /* NULL-safe */
/* Only the first time counts. */
void yw_incident_anchor(struct yw_incident *incident, enum yw_anchor anchor,
                        int64_t at_ms);
/* The row is copied. False: the list is full, and nothing changed. Times may not run back. */
bool yw_incident_measure(struct yw_incident *incident, const struct yw_measured *row);
bool yw_incident_know(struct yw_incident *incident, const struct yw_incident_fact *row);
bool yw_incident_happen(struct yw_incident *incident, const struct yw_happened *row);
bool yw_incident_file(struct yw_incident *incident, const struct yw_filing *row);
bool yw_incident_act(struct yw_incident *incident, const struct yw_act *row);
bool yw_incident_rule(struct yw_incident *incident, const struct yw_manual_grade *row);

/* The metrics as they stood at that time. */
void yw_incident_facts(const struct yw_incident *incident, int64_t at_ms,
                       struct yw_rule_facts *ret);
/* The grade by this pack at that time: a ruling of control's, once there is one, else the
 * figures. */
int yw_incident_grade(const struct yw_incident *incident, const struct yw_rules *rules,
                      const struct yw_rule_pack *pack, const struct yw_rule_org *org,
                      int64_t at_ms);
/* When the grade was at least `least` and at most `most` (0: no bound) for the first time, or
 * -1. */
int64_t yw_incident_graded_since(const struct yw_incident *incident,
                                 const struct yw_rules *rules,
                                 const struct yw_rule_pack *pack,
                                 const struct yw_rule_org *org, const int bounds[2]);

/* When it was first held likely to reach that grade, or -1. */
int64_t yw_incident_likely_since(const struct yw_incident *incident,
                                 const struct yw_rule_pack *pack, int least);

#endif
