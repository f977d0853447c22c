#include "rules_fixture.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void rules_set_up(struct rules_fixture *f)
{
    const char *root = getenv("YW_SOURCE");
    char *folder = yw_strf("%s/playbooks/rules", root != NULL ? root : ".");
    struct yw_err err = {0};

    memset(f, 0, sizeof *f);
    if (yw_rules_read(&f->rules, &f->calendar, folder, &err) < 0)
        fail_msg("%s", err.text);
    free(folder);
    f->exercise = (struct yw_exercise){
        .rules = f->rules,
        .org = &f->org,
        .calendar = &f->calendar,
        .start_local_s =
            yw_calendar_day((struct yw_rule_date){2026, 11, 21}) * 86400 + 8 * 3600};
    yw_incident_init(&f->incident);
}

void rules_tear_down(struct rules_fixture *f)
{
    yw_incident_fini(&f->incident);
    yw_rules_free(f->rules);
}

int rules_party(const struct rules_fixture *f, const char *id)
{
    int party = yw_rule_name(f->rules, YW_RULE_PARTY, id);

    assert_true(party >= 0);
    return party;
}

void rules_class(struct rules_fixture *f, const char *id)
{
    int index = yw_rule_name(f->rules, YW_RULE_CLASS, id);

    assert_true(index >= 0);
    f->org.classes[index] = true;
}

static void read_value(const struct rules_fixture *f, const char *metric,
                       const char *text, int *ret_metric, struct yw_rule_value *ret)
{
    struct yw_err err = {0};

    *ret_metric = yw_rule_name(f->rules, YW_RULE_METRIC, metric);
    assert_true(*ret_metric >= 0);
    if (yw_rule_value_read(ret, f->rules, *ret_metric, text, &err) < 0)
        fail_msg("%s", err.text);
}

void rules_measure(struct rules_fixture *f, int64_t at_ms, const char *metric,
                   const char *value)
{
    struct yw_measured row = {.at_ms = at_ms};

    read_value(f, metric, value, &row.metric, &row.value);
    assert_true(yw_incident_measure(&f->incident, &row));
}

void rules_file(struct rules_fixture *f, int64_t at_ms, const char *from, const char *to,
                const char *form, uint32_t items, const char *claims)
{
    struct yw_filing row = {.at_ms = at_ms,
                            .from = rules_party(f, from),
                            .to = rules_party(f, to),
                            .form = yw_rule_name(f->rules, YW_RULE_FORM, form),
                            .items = items,
                            .seq = ++f->seq};
    char text[256], *rest = text;

    assert_int_equal(yw_copy(text, sizeof text, claims), 0);
    for (char *claim = strsep(&rest, " "); claim != NULL && claim[0] != '\0';
         claim = strsep(&rest, " ")) {
        char *value = strchr(claim, '=');
        struct yw_claim *next = &row.claims[row.claim_count++];

        *value = '\0';
        read_value(f, claim, value + 1, &next->metric, &next->value);
    }
    assert_true(yw_incident_file(&f->incident, &row));
}

void rules_clocks(struct rules_fixture *f, int64_t now_ms)
{
    yw_duty_clocks(&f->exercise, &f->incident, now_ms, &f->clocks);
    assert_false(f->clocks.overrun);
    yw_faults_find(&f->exercise, &f->incident, &f->clocks, 0, now_ms, &f->faults);
}

const struct yw_duty_clock *rules_clock(const struct rules_fixture *f, const char *duty,
                                        const char *to)
{
    for (size_t i = 0; i < f->clocks.count; i++) {
        const struct yw_duty_clock *clock = &f->clocks.items[i];

        if (strcmp(clock->duty->id, duty) == 0 &&
            (to[0] == '\0' || clock->to == rules_party(f, to)))
            return clock;
    }
    return NULL;
}
