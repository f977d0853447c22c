/* What the files about duties share. Private to this room; loop thread. */
#ifndef YW_DRILL_EXERCISE_DUTY_H
#define YW_DRILL_EXERCISE_DUTY_H

#include "drill/drill.h"
#include "response/record.h"

#define YW_DUTY_ROOM 64 /* events kept free for what the core itself must tell */
#define YW_DUTY_CHECK_MS (5 * 60 * 1000) /* of a presence check by hand */

struct yw_duties {
    int64_t
        board_ms; /* the next limit, in the clock of the exercise: boards change then */
    int64_t desk_ms; /* drill time of what an office or a period does next */
    bool stale;      /* both are to be found anew */
    int64_t next_check, next_warning; /* highest numbers given out */
    bool desk_emitted;                /* an event of the desk's is not yet durable */
};

/* Who enters something: a team, an office, or control. */
struct yw_duty_entry {
    struct yw_drill *drill;
    const struct yw_law *law;
    const struct yw_scheme *scheme;
    const struct yw_request_duty *request;
    int by;   /* YW_DUTY_BY_… */
    int team; /* the actor's, or whom it is about; -1 all */
    int tier; /* the actor's, 0 an enterprise */
};

/* duty_fill.c: checks what was entered and makes the event of it. */
int yw_duty_fill(const struct yw_duty_entry *entry, struct yw_event *event,
                 struct yw_err *err);
/* The report with this number, or NULL. Borrowed. */
const struct yw_event *yw_duty_report(const struct yw_drill_state *state, int64_t seq);
/* The bits of these parties' tiers. */
int64_t yw_duty_tiers(const struct yw_rules *rules, const struct yw_rule_list *parties);
/* The sentence's part about a report: what went to whom. */
void yw_duty_say_report(const struct yw_rules *rules, struct yw_ev_report_sent *report);

#endif
