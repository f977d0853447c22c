#include "response/incident.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void yw_incident_init(struct yw_incident *incident)
{
    *incident = (struct yw_incident){.ended_ms = -1};
    for (size_t i = 0; i < YW_ANCHOR_COUNT; i++)
        incident->anchors[i] = -1;
}

void yw_incident_fini(struct yw_incident *incident)
{
    if (incident == NULL)
        return;
    free(incident->measured);
    free(incident->facts);
    free(incident->happened);
    free(incident->filings);
    free(incident->acts);
    free(incident->manual);
}

void yw_incident_anchor(struct yw_incident *incident, enum yw_anchor anchor,
                        int64_t at_ms)
{
    if (incident->anchors[anchor] < 0)
        incident->anchors[anchor] = at_ms;
}

/* Doubles from 16 on. `rows` is the list, NULL when it is full. */
static void *room_for(void *rows, size_t count, size_t size)
{
    bool grows = count == 0 || (count >= 16 && (count & (count - 1)) == 0);

    if (count == YW_INCIDENT_ROWS_MAX)
        return NULL;
    return grows ? yw_resize(rows, count == 0 ? 16 : 2 * count, size) : rows;
}

#define APPEND(list, counter, row)                                                       \
    do {                                                                                 \
        void *rows_ = room_for(incident->list, incident->counter, sizeof *(row));        \
        if (rows_ != NULL) {                                                             \
            incident->list = rows_;                                                      \
            incident->list[incident->counter++] = *(row);                                \
            added = true;                                                                \
        }                                                                                \
    } while (0)

bool yw_incident_measure(struct yw_incident *incident, const struct yw_measured *row)
{
    bool added = false;

    APPEND(measured, measured_count, row);
    return added;
}

bool yw_incident_know(struct yw_incident *incident, const struct yw_incident_fact *row)
{
    bool added = false;

    APPEND(facts, fact_count, row);
    return added;
}

bool yw_incident_happen(struct yw_incident *incident, const struct yw_happened *row)
{
    bool added = false;

    APPEND(happened, happened_count, row);
    return added;
}

bool yw_incident_file(struct yw_incident *incident, const struct yw_filing *row)
{
    bool added = false;

    APPEND(filings, filing_count, row);
    return added;
}

bool yw_incident_act(struct yw_incident *incident, const struct yw_act *row)
{
    bool added = false;

    APPEND(acts, act_count, row);
    return added;
}

bool yw_incident_rule(struct yw_incident *incident, const struct yw_manual_grade *row)
{
    bool added = false;

    APPEND(manual, manual_count, row);
    return added;
}

void yw_incident_facts(const struct yw_incident *incident, int64_t at_ms,
                       struct yw_rule_facts *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < incident->measured_count; i++) {
        const struct yw_measured *row = &incident->measured[i];

        if (row->at_ms <= at_ms)
            ret->values[row->metric] = row->value;
    }
}

/* By the figures alone. A pack without criteria says nothing but that there is an incident. */
static int measured_grade(const struct yw_incident *incident,
                          const struct yw_rules *rules, const struct yw_rule_pack *pack,
                          const struct yw_rule_org *org,
                          const struct yw_rule_facts *facts, int64_t at_ms)
{
    int64_t discovered_ms = incident->anchors[YW_ANCHOR_DISCOVERED];
    struct yw_graded graded;

    if (pack->grade_count == 0)
        return discovered_ms >= 0 && discovered_ms <= at_ms ? 1 : 0;
    yw_grade_find(rules, pack, facts, org, &graded);
    return graded.grade;
}

int yw_incident_grade(const struct yw_incident *incident, const struct yw_rules *rules,
                      const struct yw_rule_pack *pack, const struct yw_rule_org *org,
                      int64_t at_ms)
{
    struct yw_rule_facts facts;
    int ruled = -1;

    for (size_t i = 0; i < incident->manual_count; i++) {
        const struct yw_manual_grade *row = &incident->manual[i];

        if (row->pack == pack && !row->likely && row->at_ms <= at_ms)
            ruled = row->grade;
    }
    if (ruled >= 0)
        return ruled;
    yw_incident_facts(incident, at_ms, &facts);
    return measured_grade(incident, rules, pack, org, &facts, at_ms);
}

static bool within(int grade, const int bounds[2])
{
    return grade > 0 && grade >= bounds[0] && (bounds[1] == 0 || grade <= bounds[1]);
}

/* When control first ruled a grade within the bounds; *ret_first: when it first ruled at all. */
static int64_t ruled_since(const struct yw_incident *incident,
                           const struct yw_rule_pack *pack, const int bounds[2],
                           int64_t *ret_first)
{
    int64_t since_ms = -1;

    *ret_first = INT64_MAX;
    for (size_t i = 0; i < incident->manual_count; i++) {
        const struct yw_manual_grade *row = &incident->manual[i];

        if (row->pack != pack || row->likely)
            continue;
        if (*ret_first == INT64_MAX)
            *ret_first = row->at_ms;
        if (since_ms < 0 && within(row->grade, bounds))
            since_ms = row->at_ms;
    }
    return since_ms;
}

/* The figures change the grade only where something was measured, and until control rules. */
int64_t yw_incident_graded_since(const struct yw_incident *incident,
                                 const struct yw_rules *rules,
                                 const struct yw_rule_pack *pack,
                                 const struct yw_rule_org *org, const int bounds[2])
{
    int64_t discovered_ms = incident->anchors[YW_ANCHOR_DISCOVERED], first_ms;
    int64_t ruled_ms = ruled_since(incident, pack, bounds, &first_ms);
    struct yw_rule_facts facts = {0};

    if (pack->grade_count == 0)
        return discovered_ms >= 0 && discovered_ms < first_ms && within(1, bounds)
                   ? discovered_ms
                   : ruled_ms;
    for (size_t i = 0; i < incident->measured_count; i++) {
        const struct yw_measured *row = &incident->measured[i];
        bool more = i + 1 < incident->measured_count &&
                    incident->measured[i + 1].at_ms == row->at_ms;

        if (row->at_ms >= first_ms)
            break;
        facts.values[row->metric] = row->value;
        if (!more &&
            within(measured_grade(incident, rules, pack, org, &facts, row->at_ms),
                   bounds))
            return row->at_ms;
    }
    return ruled_ms;
}

int64_t yw_incident_likely_since(const struct yw_incident *incident,
                                 const struct yw_rule_pack *pack, int least)
{
    for (size_t i = 0; i < incident->manual_count; i++) {
        const struct yw_manual_grade *row = &incident->manual[i];

        if (row->pack == pack && row->likely && row->grade >= least)
            return row->at_ms;
    }
    return -1;
}
