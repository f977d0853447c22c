#include "response/fault.h"

#include "response/ladder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add(struct yw_faults *ret, const struct yw_fault *fault)
{
    size_t at = ret->count;

    if (ret->count == YW_FAULTS_MAX) {
        ret->overrun = true;
        return;
    }
    while (at > 0 && ret->items[at - 1].at_ms > fault->at_ms) {
        ret->items[at] = ret->items[at - 1];
        at--;
    }
    ret->items[at] = *fault;
    ret->count++;
}

static void find_late(const struct yw_duty_clocks *clocks, int64_t ended_ms,
                      struct yw_faults *ret)
{
    for (size_t i = 0; i < clocks->count; i++) {
        const struct yw_duty_clock *clock = &clocks->items[i];
        bool omitted = clock->state == YW_DUTY_OMITTED;
        struct yw_fault fault = {.code = omitted ? YW_FAULT_OMIT : YW_FAULT_LATE,
                                 .at_ms = omitted ? ended_ms : clock->met_ms,
                                 .pack = clock->pack,
                                 .duty = clock->duty,
                                 .from = clock->from,
                                 .to = clock->to,
                                 .skipped = -1,
                                 .metric = -1,
                                 .seq = clock->seq};

        if (omitted || clock->state == YW_DUTY_MET_LATE)
            add(ret, &fault);
    }
}

static bool deviates(const struct yw_rules *rules, int metric,
                     const struct yw_rule_value *said, const struct yw_rule_value *truth,
                     double tolerance)
{
    switch (rules->names[YW_RULE_METRIC].rows[metric].type) {
    case YW_METRIC_NUMBER:
    case YW_METRIC_SHARE:
        return fabs(said->number - truth->number) > tolerance * truth->number;
    case YW_METRIC_WORD:
        return !truth->known || said->value != truth->value;
    case YW_METRIC_FLAG:
        return said->value != truth->value;
    }
    return false;
}

static bool is_ours(const struct yw_rules *rules, const struct yw_filing *filing)
{
    return rules->names[YW_RULE_PARTY].rows[filing->from].tier == YW_TIER_ENTERPRISE;
}

/* One fault a metric and recipient's report; the same report to two offices is one lie. */
static bool said_before(const struct yw_incident *incident, size_t before,
                        const struct yw_claim *claim, int64_t seq)
{
    for (size_t i = 0; i < before; i++) {
        if (incident->filings[i].seq != seq)
            continue;
        for (size_t k = 0; k < incident->filings[i].claim_count; k++) {
            if (incident->filings[i].claims[k].metric == claim->metric)
                return true;
        }
    }
    return false;
}

static void find_false(const struct yw_exercise *exercise,
                       const struct yw_incident *incident, double tolerance,
                       struct yw_faults *ret)
{
    for (size_t i = 0; i < incident->filing_count; i++) {
        const struct yw_filing *filing = &incident->filings[i];
        struct yw_rule_facts truth;

        if (!is_ours(exercise->rules, filing))
            continue;
        yw_incident_facts(incident, filing->at_ms, &truth);
        for (size_t k = 0; k < filing->claim_count; k++) {
            const struct yw_claim *claim = &filing->claims[k];
            struct yw_fault fault = {.code = YW_FAULT_FALSE,
                                     .at_ms = filing->at_ms,
                                     .from = filing->from,
                                     .to = filing->to,
                                     .skipped = -1,
                                     .metric = claim->metric,
                                     .said = claim->value,
                                     .truth = truth.values[claim->metric],
                                     .seq = filing->seq};

            if (deviates(exercise->rules, claim->metric, &claim->value, &fault.truth,
                         tolerance) &&
                !said_before(incident, i, claim, filing->seq))
                add(ret, &fault);
        }
    }
}

static bool bears_on_grade(const struct yw_exercise *exercise, int metric)
{
    for (size_t i = 0; i < exercise->rules->pack_count; i++) {
        const struct yw_rule_pack *pack = exercise->rules->packs[i];

        for (size_t k = 0; k < pack->grade_count && yw_exercise_has(exercise, pack);
             k++) {
            for (size_t t = 0; t < pack->grades[k].test_count; t++) {
                if (pack->grades[k].tests[t].metric == metric)
                    return true;
            }
        }
    }
    return false;
}

static bool told(const struct yw_exercise *exercise, const struct yw_incident *incident,
                 int metric, int64_t until_ms)
{
    for (size_t i = 0; i < incident->filing_count; i++) {
        const struct yw_filing *filing = &incident->filings[i];

        if (filing->at_ms > until_ms || !is_ours(exercise->rules, filing))
            continue;
        for (size_t k = 0; k < filing->claim_count; k++) {
            if (filing->claims[k].metric == metric)
                return true;
        }
    }
    return false;
}

/* The first report made with the fact known, in which, and before which, it is not told. */
static const struct yw_filing *concealing(const struct yw_exercise *exercise,
                                          const struct yw_incident *incident,
                                          const struct yw_incident_fact *fact)
{
    for (size_t i = 0; i < incident->filing_count; i++) {
        const struct yw_filing *filing = &incident->filings[i];

        if (is_ours(exercise->rules, filing) && filing->form >= 0 &&
            filing->at_ms >= fact->at_ms)
            return told(exercise, incident, fact->metric, filing->at_ms) ? NULL : filing;
    }
    return NULL;
}

static void find_concealed(const struct yw_exercise *exercise,
                           const struct yw_incident *incident, struct yw_faults *ret)
{
    bool found[YW_RULES_NAMES_MAX] = {false};

    for (size_t i = 0; i < incident->fact_count; i++) {
        const struct yw_incident_fact *fact = &incident->facts[i];
        const struct yw_filing *filing = concealing(exercise, incident, fact);
        struct yw_rule_facts truth;

        if (filing == NULL || found[fact->metric] ||
            !bears_on_grade(exercise, fact->metric))
            continue;
        yw_incident_facts(incident, filing->at_ms, &truth);
        if (!truth.values[fact->metric].known)
            continue;
        found[fact->metric] = true;
        add(ret, &(struct yw_fault){.code = YW_FAULT_CONCEAL,
                                    .at_ms = filing->at_ms,
                                    .from = filing->from,
                                    .to = filing->to,
                                    .skipped = -1,
                                    .metric = fact->metric,
                                    .truth = truth.values[fact->metric],
                                    .seq = filing->seq});
    }
}

static void find_bypass(const struct yw_exercise *exercise,
                        const struct yw_incident *incident, struct yw_faults *ret)
{
    for (size_t i = 0; i < incident->filing_count; i++) {
        const struct yw_filing *filing = &incident->filings[i];
        const struct yw_rule_pack *pack = NULL;
        int skipped = yw_ladder_skipped(exercise, incident, filing, &pack);

        if (skipped >= 0)
            add(ret, &(struct yw_fault){.code = YW_FAULT_BYPASS,
                                        .at_ms = filing->at_ms,
                                        .pack = pack,
                                        .from = filing->from,
                                        .to = filing->to,
                                        .skipped = skipped,
                                        .metric = -1,
                                        .seq = filing->seq});
    }
}

void yw_faults_find(const struct yw_exercise *exercise,
                    const struct yw_incident *incident,
                    const struct yw_duty_clocks *clocks, double tolerance, int64_t now_ms,
                    struct yw_faults *ret)
{
    bool ended = incident->ended_ms >= 0 && incident->ended_ms <= now_ms;

    ret->count = 0;
    ret->overrun = false;
    find_late(clocks, ended ? incident->ended_ms : now_ms, ret);
    find_false(exercise, incident, tolerance > 0 ? tolerance : YW_FAULT_TOLERANCE, ret);
    find_concealed(exercise, incident, ret);
    find_bypass(exercise, incident, ret);
}

static void add_plain(struct yw_faults *ret, enum yw_fault_code code, int64_t at_ms,
                      int64_t seq)
{
    add(ret, &(struct yw_fault){.code = code,
                                .at_ms = at_ms,
                                .from = -1,
                                .to = -1,
                                .skipped = -1,
                                .metric = -1,
                                .seq = seq});
}

static bool zero_between(const struct yw_alert *alert, int64_t after_ms, int64_t until_ms)
{
    for (size_t i = 0; i < alert->zero_count; i++) {
        if (alert->zero_reports[i] > after_ms && alert->zero_reports[i] <= until_ms)
            return true;
    }
    return false;
}

void yw_faults_alert(const struct yw_alert *alert, int64_t now_ms, struct yw_faults *ret)
{
    for (size_t i = 0; i < alert->period_count; i++) {
        const struct yw_period *period = &alert->periods[i];
        int64_t to_ms =
            period->to_ms >= 0 && period->to_ms < now_ms ? period->to_ms : now_ms;

        for (int64_t due_ms = period->from_ms + period->zero_every_ms;
             period->zero_every_ms > 0 && due_ms <= to_ms;
             due_ms += period->zero_every_ms) {
            if (!zero_between(alert, due_ms - period->zero_every_ms, due_ms))
                add_plain(ret, YW_FAULT_MISSED_ZERO, due_ms, 0);
        }
        for (size_t k = 0; k < alert->change_count && period->freeze; k++) {
            int64_t at_ms = alert->changes[k].at_ms;

            if (at_ms >= period->from_ms && at_ms <= to_ms)
                add_plain(ret, YW_FAULT_FROZEN_CHANGE, at_ms, alert->changes[k].seq);
        }
    }
    for (size_t i = 0; i < alert->check_count; i++) {
        const struct yw_watch_check *check = &alert->checks[i];
        int64_t due_ms = check->asked_ms + check->limit_ms;
        bool late = check->answered_ms < 0 || check->answered_ms > due_ms;

        if (late && due_ms < now_ms)
            add_plain(ret, YW_FAULT_MISSED_WATCH, due_ms, check->seq);
    }
}

const char *yw_fault_code_name(enum yw_fault_code code)
{
    static const char *const names[YW_FAULT_COUNT] = {
        "LATE",   "OMIT",          "FALSE",       "CONCEAL",
        "BYPASS", "FROZEN_CHANGE", "MISSED_ZERO", "MISSED_WATCH"};

    return names[code];
}

const struct yw_text *yw_fault_text(enum yw_fault_code code)
{
    static const struct yw_text texts[YW_FAULT_COUNT] = {
        {"迟报", "reported late"},
        {"漏报", "not reported"},
        {"谎报", "false report"},
        {"瞒报", "fact concealed"},
        {"越级而未报上一级", "a level of the ladder skipped"},
        {"重保期间擅自变更", "change during a freeze"},
        {"漏报零报告", "zero report missed"},
        {"脱岗", "presence check missed"}};

    return &texts[code];
}
