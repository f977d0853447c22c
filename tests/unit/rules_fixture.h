/* The shipped rule packs, and an incident to fill by names. */
#ifndef YW_TESTS_RULES_FIXTURE_H
#define YW_TESTS_RULES_FIXTURE_H

#include "codec/rules/rules.h"
#include "response/fault.h"

struct rules_fixture {
    struct yw_rules *rules;
    struct yw_calendar calendar;
    struct yw_rule_org org;
    struct yw_exercise exercise;
    struct yw_incident incident;
    struct yw_duty_clocks clocks;
    struct yw_faults faults;
    int64_t seq;
};

/* Starts at 2026-11-21T08:00 local. Fails the test when the packs do not load. */
void rules_set_up(struct rules_fixture *f);
void rules_tear_down(struct rules_fixture *f);
int rules_party(const struct rules_fixture *f, const char *id);
void rules_class(struct rules_fixture *f, const char *id);
void rules_measure(struct rules_fixture *f, int64_t at_ms, const char *metric,
                   const char *value);
/* items: bits of the form's items; claims: "metric=value metric=value". */
void rules_file(struct rules_fixture *f, int64_t at_ms, const char *from, const char *to,
                const char *form, uint32_t items, const char *claims);
void rules_clocks(struct rules_fixture *f, int64_t now_ms); /* clocks and faults */
/* The clock of that duty to that party ("" any); NULL when there is none. */
const struct yw_duty_clock *rules_clock(const struct rules_fixture *f, const char *duty,
                                        const char *to);

#endif
