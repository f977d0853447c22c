/* Events that the record itself shows, beside those that were told. */
#include "response/duty.h"

#include <string.h>

/* The first report of the enterprise to anybody outside, or NULL. */
static const struct yw_filing *first_report(const struct yw_rules *rules,
                                            const struct yw_incident *incident)
{
    const struct yw_rule_name *parties = rules->names[YW_RULE_PARTY].rows;

    for (size_t i = 0; i < incident->filing_count; i++) {
        const struct yw_filing *filing = &incident->filings[i];

        if (parties[filing->from].tier == YW_TIER_ENTERPRISE &&
            !parties[filing->to].inside)
            return filing;
    }
    return NULL;
}

static bool lacks_items(const struct yw_rules *rules, const struct yw_filing *filing)
{
    size_t count =
        filing->form >= 0 ? rules->names[YW_RULE_FORM].rows[filing->form].value_count : 0;
    uint32_t all = count == 0 ? 0 : (UINT32_C(1) << count) - 1;

    return (filing->items & all) != all;
}

/* New important fact, or items missing (网络安全事件报告管理办法 第7条). */
static int64_t supplement_since(const struct yw_exercise *exercise,
                                const struct yw_incident *incident,
                                const struct yw_rule_pack *pack)
{
    const struct yw_filing *first = first_report(exercise->rules, incident);

    if (first == NULL)
        return -1;
    if (lacks_items(exercise->rules, first))
        return first->at_ms;
    int before =
        yw_incident_grade(incident, exercise->rules, pack, exercise->org, first->at_ms);

    for (size_t i = 0; i < incident->measured_count; i++) {
        int64_t at_ms = incident->measured[i].at_ms;

        if (at_ms > first->at_ms && yw_incident_grade(incident, exercise->rules, pack,
                                                      exercise->org, at_ms) > before)
            return at_ms;
    }
    return -1;
}

/* Casualties changed after the report (生产安全事故报告和调查处理条例 第13条). */
static int64_t casualties_since(const struct yw_exercise *exercise,
                                const struct yw_incident *incident,
                                const struct yw_rule_pack *pack)
{
    const struct yw_filing *first = first_report(exercise->rules, incident);
    int counted[2] = {yw_rule_name(exercise->rules, YW_RULE_METRIC, "deaths"),
                      yw_rule_name(exercise->rules, YW_RULE_METRIC, "serious_injuries")};
    struct yw_rule_facts facts;

    (void)pack;
    if (first == NULL)
        return -1;
    yw_incident_facts(incident, first->at_ms, &facts);
    for (size_t i = 0; i < incident->measured_count; i++) {
        const struct yw_measured *row = &incident->measured[i];
        bool casualties = row->metric == counted[0] || row->metric == counted[1];

        if (casualties && row->at_ms > first->at_ms &&
            row->value.number != facts.values[row->metric].number)
            return row->at_ms;
    }
    return -1;
}

int64_t yw_duty_event_since(const struct yw_exercise *exercise,
                            const struct yw_incident *incident,
                            const struct yw_rule_pack *pack, int event)
{
    static const struct {
        const char *id;
        int64_t (*since)(const struct yw_exercise *, const struct yw_incident *,
                         const struct yw_rule_pack *);
    } shown[] = {
        {"new_important_fact_or_missing_items", supplement_since},
        {"casualty_count_changed", casualties_since},
    };
    const char *id = exercise->rules->names[YW_RULE_EVENT].rows[event].id;
    int64_t told_ms = -1;

    for (size_t i = 0; i < incident->happened_count && told_ms < 0; i++) {
        if (incident->happened[i].event == event)
            told_ms = incident->happened[i].at_ms;
    }
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        if (strcmp(shown[i].id, id) != 0)
            continue;
        int64_t since_ms = shown[i].since(exercise, incident, pack);

        if (since_ms >= 0 && (told_ms < 0 || since_ms < told_ms))
            told_ms = since_ms;
    }
    return told_ms;
}
