/* Integrity faults, found from the record and never typed in: each with when, who and the event
 * that shows it. Basis: the codes of the rule packs (迟报 漏报 谎报 瞒报 越级 …). A fault is a
 * finding; appeals are rulings about it, kept elsewhere. Pure. Thread: any. */
#ifndef YW_RESPONSE_FAULT_H
#define YW_RESPONSE_FAULT_H

#include "response/duty.h"

#define YW_FAULTS_MAX 512
#define YW_FAULT_TOLERANCE 0.1 /* of the truth, unless the exercise says another */

enum yw_fault_code {
    YW_FAULT_LATE,          /* 迟报: filed after the limit */
    YW_FAULT_OMIT,          /* 漏报: never filed */
    YW_FAULT_FALSE,         /* 谎报: a value off the truth beyond the tolerance */
    YW_FAULT_CONCEAL,       /* 瞒报: a known fact that bears on the grade is absent */
    YW_FAULT_BYPASS,        /* 越级而未报上一级 */
    YW_FAULT_FROZEN_CHANGE, /* 重保期间擅自变更 */
    YW_FAULT_MISSED_ZERO,   /* 漏报零报告 */
    YW_FAULT_MISSED_WATCH,  /* 脱岗: a presence check not answered in time */
    YW_FAULT_COUNT
};

struct yw_fault {
    enum yw_fault_code code;
    int64_t at_ms;
    const struct yw_rule_pack *pack; /* NULL: of no single pack */
    const struct yw_rule_duty *duty; /* LATE, OMIT */
    int from, to;                    /* parties; -1 none. BYPASS: `to` was told … */
    int skipped;                     /* … before this one; -1 */
    int metric;                      /* FALSE, CONCEAL; -1 */
    struct yw_rule_value said, truth;
    int64_t seq; /* evidence; 0: that nothing came is the evidence */
};

struct yw_faults {
    struct yw_fault items[YW_FAULTS_MAX]; /* by time */
    size_t count;
    bool overrun;
};

/* What a state of alert (重保, 7×24) asks, and what came. Borrowed lists, in order of time. */
struct yw_period {
    int64_t from_ms, to_ms; /* to -1: still on */
    int64_t zero_every_ms;  /* a zero report is due at the end of each; 0 none ordered */
    bool freeze;            /* no change to important objects */
};

struct yw_change { /* of an important object */
    int64_t at_ms, seq;
};

struct yw_watch_check {
    int64_t asked_ms, limit_ms;
    int64_t answered_ms; /* -1 not */
    int64_t seq;
};

struct yw_alert {
    const struct yw_period *periods;
    const int64_t *zero_reports; /* when they came, ms */
    const struct yw_change *changes;
    const struct yw_watch_check *checks;
    size_t period_count, zero_count, change_count, check_count;
};

/* `clocks`: as they stand at now_ms. tolerance: 0 the usual one. */
void yw_faults_find(const struct yw_exercise *exercise,
                    const struct yw_incident *incident,
                    const struct yw_duty_clocks *clocks, double tolerance, int64_t now_ms,
                    struct yw_faults *ret);
/* Those of an alert, added to what is there. */
void yw_faults_alert(const struct yw_alert *alert, int64_t now_ms, struct yw_faults *ret);
const char *yw_fault_code_name(enum yw_fault_code code); /* "FROZEN_CHANGE" */
const struct yw_text *yw_fault_text(enum yw_fault_code code);

#endif
