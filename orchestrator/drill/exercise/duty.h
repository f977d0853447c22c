/* What the files about duties share. Private to this room; loop thread. */
#ifndef YW_DRILL_EXERCISE_DUTY_H
#define YW_DRILL_EXERCISE_DUTY_H

#include "drill/drill.h"
#include "response/record.h"

#define YW_DUTY_ROOM 64 /* events kept free for what the core itself must tell */
#define YW_DUTY_CHINA_S (8 * 3600) /* ahead of UTC, all year */
#define YW_DUTY_CHECK_MS (5 * 60 * 1000) /* of a presence check by hand */

#define YW_DUTY_MEMOS_MAX 64 /* conditions of the law whose answer is kept, of a team */

struct yw_duty_memo { /* of a condition: kind, subject and number tell it from others */
    struct yw_cond_node node;
    bool holds;
    int64_t causes[YW_COND_CAUSES_MAX];
};

struct yw_duty_seat { /* what is known of one team until something happens to it */
    struct yw_duty_memo *memos; /* owned */
    size_t memo_count;
    double told[YW_SPEC_MEASURES_MAX];      /* last measured, as it was emitted … */
    int64_t told_seq[YW_SPEC_MEASURES_MAX]; /* … in that event; 0 not by this process */
    double next[YW_SPEC_MEASURES_MAX];      /* it is told from here on; 0 not known */
};

struct yw_duties {
    int64_t
        board_ms; /* the next limit, in the clock of the exercise: boards change then */
    int64_t desk_ms; /* drill time of what an office or a period does next */
    bool stale;      /* both are to be found anew */
    int64_t next_check, next_warning; /* highest numbers given out */
    bool desk_emitted;                /* an event of the desk's is not yet durable */
    struct yw_duty_seat *seats;       /* owned: of the teams */
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
void yw_duty_say_metric(const struct yw_rules *rules,
                        struct yw_ev_metric_measured *measured);
/* The sentence's part about a report: what went to whom. */
void yw_duty_say_report(const struct yw_rules *rules, struct yw_ev_report_sent *report);

#endif
