/* From the journal to the law: what a drill's fold says of one team's incident, as the engines
 * of this room want it. Everything here is derived again at every look, nothing is stored.
 *
 * Whoever looks sees what they may know: control has the truth (metrics as measured, its own
 * rulings); a team grades by its own word; an office by what it was told. Pure. Thread: any. */
#ifndef YW_RESPONSE_RECORD_H
#define YW_RESPONSE_RECORD_H

#include "model/view.h"
#include "response/fault.h"

#define YW_SCHEME_LIMITS_MAX 32
#define YW_SCHEME_PACKS_MAX 32
#define YW_FAULT_NAME_MAX (YW_EVENT_RULE_MAX * 2)

struct yw_law { /* of the installation */
    const struct yw_rules *rules;
    const struct yw_calendar *calendar;
};

/* What the scenario says of law. Points into itself: do not copy. */
struct yw_scheme {
    struct yw_exercise exercise;
    struct yw_rule_org org;
    struct yw_house_limit limits[YW_SCHEME_LIMITS_MAX];
    char names[YW_EVENT_RULES_MAX];
    const char *packs[YW_SCHEME_PACKS_MAX];
    const struct yw_drill_state *state; /* borrowed */
};

/* False: the drill has no rules, or the installation none. */
bool yw_scheme_read(struct yw_scheme *ret, const struct yw_law *law,
                    const struct yw_drill_state *state);
/* What was applied when the drill began, and what is here now: names of packs (and "names.json",
 * "calendar.json") with another content, with blanks between; "" none. */
void yw_scheme_differs(const struct yw_scheme *scheme, char ret[YW_EVENT_RULES_MAX]);
/* The time of an event, and now, in the clock that the exercise counts in. */
int64_t yw_scheme_at(const struct yw_scheme *scheme, const struct yw_event *event);
int64_t yw_scheme_time(const struct yw_scheme *scheme, int64_t drill_ms, int64_t wall_us);
/* Indexes of the names in `text`, with blanks between; unknown ones are passed over. */
void yw_scheme_names(const struct yw_scheme *scheme, enum yw_rule_kind kind,
                     const char *text, struct yw_rule_list *ret);

struct yw_record {             /* of one team */
    enum yw_audience audience; /* whose eyes: TIER with the tier's number */
    int number;
    struct yw_incident incident;
    struct yw_alert alert; /* its lists are owned */
};

/* `team`: whose incident. Free with yw_record_fini. */
void yw_record_read(struct yw_record *ret, const struct yw_scheme *scheme,
                    const struct yw_view *view, int team);
void yw_record_fini(struct yw_record *record); /* NULL-safe */

/* Clocks and faults of one team as they stand, as far as those eyes can tell: a team its own,
 * an office those of its tier; who does not have the truth finds nobody false. */
struct yw_judged {
    struct yw_duty_clocks clocks;
    struct yw_faults faults;
};
void yw_record_judge(const struct yw_record *record, const struct yw_scheme *scheme,
                     int64_t now_ms, struct yw_judged *ret);

/* The name that a fault is disputed and ruled on by: "LATE:CQ.LADDER.1:17". */
void yw_fault_name(const struct yw_rules *rules, const struct yw_fault *fault,
                   char ret[YW_FAULT_NAME_MAX]);
/* How the last ruling stands: NULL none, "served", "upheld", "dismissed". Borrowed. */
const char *yw_fault_verdict(const struct yw_drill_state *state, int team,
                             const char *name, bool *ret_disputed);

#endif
