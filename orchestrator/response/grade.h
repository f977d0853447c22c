/* What an incident is graded by a pack: pure, from metrics. Packs never share a grade. Basis:
 * the packs' own criteria; "at least" includes the number (以上含本数); any one test suffices.
 * Harm that meets no test is 一般 (1), unless the pack gives figures for that grade too. Thread: any. */
#ifndef YW_RESPONSE_GRADE_H
#define YW_RESPONSE_GRADE_H

#include "base/err.h"
#include "response/rules.h"

struct yw_rule_value {
    bool known;
    double number; /* NUMBER, SHARE (0..1) */
    int value;     /* WORD: index of its value; FLAG: 0 or 1 */
};

struct yw_rule_facts {
    struct yw_rule_value values[YW_RULES_NAMES_MAX]; /* by metric */
};

struct yw_graded {
    int grade;                       /* 0: no harm known, or the pack grades nothing */
    const struct yw_rule_grade *row; /* that decided; NULL for harm below all tests */
    const struct yw_rule_test *test;
};

/* Reads "1200000", "0.3", "serious", "true" as the metric wants it. YW_EINVAL: "deaths:
 * expected a number of at least 0; got 'many'". */
int yw_rule_value_read(struct yw_rule_value *ret, const struct yw_rules *rules,
                       int metric, const char *text, struct yw_err *err);
/* The other way: "1200000", "serious", "true"; "" when not known. */
void yw_rule_value_write(const struct yw_rule_value *value, const struct yw_rules *rules,
                         int metric, char ret[32]);
bool yw_rule_test_holds(const struct yw_rule_test *test,
                        const struct yw_rule_facts *facts, const struct yw_rule_org *org);
void yw_grade_find(const struct yw_rules *rules, const struct yw_rule_pack *pack,
                   const struct yw_rule_facts *facts, const struct yw_rule_org *org,
                   struct yw_graded *ret);
/* "一般" / "ordinary" …; grade 1..4. Borrowed, static. */
const struct yw_text *yw_grade_name(int grade);

#endif
