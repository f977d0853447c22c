/* The clocks of the law: which duties run for one incident, since when, until when, and how they
 * ended. Derived from the record each time, never stored. Basis: the packs, and the engine
 * contract of this room: a grade reached later starts its duties at the crossing; a duty that
 * was met stays met; a text without a figure ("at once", "in good time") gives no limit, only a
 * house limit, shown as such. Thread: any. */
#ifndef YW_RESPONSE_DUTY_H
#define YW_RESPONSE_DUTY_H

#include "response/calendar.h"
#include "response/incident.h"

#define YW_DUTY_CLOCKS_MAX 512
#define YW_DUTY_NEVER INT64_MAX

enum yw_duty_state {
    YW_DUTY_RUNNING,
    YW_DUTY_MET,
    YW_DUTY_OVERDUE,  /* runs on beyond its limit */
    YW_DUTY_MET_LATE, /* 迟报 */
    YW_DUTY_OMITTED,  /* the drill ended, and it was never done: 漏报 */
    YW_DUTY_OPEN      /* the drill ended before the limit */
};

struct yw_duty_clock {
    const struct yw_rule_pack *pack; /* borrowed from the rules */
    const struct yw_rule_duty *duty;
    int from;           /* party that must act */
    int to;             /* recipient; -1: all of `notify` at once, or an act */
    int64_t anchor_ms;  /* when what the text names happened */
    int64_t started_ms; /* the anchor, or the later crossing or event */
    int64_t due_ms;     /* YW_DUTY_NEVER: no figure */
    bool house;         /* the limit is the exercise's, not the law's */
    enum yw_duty_state state;
    int64_t met_ms;    /* -1 not yet */
    int64_t spread_ms; /* simultaneous: from the first receipt to the last; -1 else */
    int64_t seq;       /* event that met it; 0 none */
};

struct yw_house_limit { /* the designer's figure where the text has none */
    char duty[YW_RULES_ID_MAX];
    int64_t limit_s;
};

struct yw_exercise { /* what the exercise says. All borrowed */
    const struct yw_rules *rules;
    const struct yw_rule_org *org;
    const struct yw_calendar *calendar;
    const struct yw_house_limit *house_limits;
    size_t house_limit_count;
    const char *const *packs; /* ids that the scenario names; none: all that apply */
    size_t pack_count;
    int64_t start_local_s; /* civil time of the place at 0 ms */
};

struct yw_duty_clocks {
    struct yw_duty_clock items[YW_DUTY_CLOCKS_MAX]; /* the strictest next limit first */
    size_t count;
    bool overrun; /* there were more */
};

/* The packs of the exercise that are in force on its day and meant for its enterprise. */
bool yw_exercise_has(const struct yw_exercise *exercise, const struct yw_rule_pack *pack);
/* The least value above this one at which a test of its packs begins to hold; infinite: none. */
double yw_exercise_next_figure(const struct yw_exercise *exercise, int metric,
                               double value);
/* All clocks as they stand at now_ms. */
void yw_duty_clocks(const struct yw_exercise *exercise,
                    const struct yw_incident *incident, int64_t now_ms,
                    struct yw_duty_clocks *ret);
/* When a limit that begins at started_ms ends; YW_DUTY_NEVER: the duty has none. */
int64_t yw_duty_due(const struct yw_exercise *exercise, const struct yw_rule_duty *duty,
                    int64_t started_ms, bool *ret_house);
const char *yw_duty_state_name(enum yw_duty_state state); /* "overdue" */

/* Inside this room. When the event of a duty happened for the first time, -1 never: as it was
 * told, or as the record itself shows it (a grade that rose after the first report, a report
 * with items missing, a count of casualties that changed). */
int64_t yw_duty_event_since(const struct yw_exercise *exercise,
                            const struct yw_incident *incident,
                            const struct yw_rule_pack *pack, int event);
/* The filing counts as a report of this party. */
bool yw_duty_reports_as(const struct yw_rules *rules, const struct yw_filing *filing,
                        int party);

#endif
