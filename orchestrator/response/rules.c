#include "response/rules.h"

#include "base/id.h"

#include <stdlib.h>
#include <string.h>

static void names_fini(struct yw_rule_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->rows[i].values);
    free(names->rows);
}

void yw_rule_pack_free(struct yw_rule_pack *pack)
{
    if (pack == NULL)
        return;
    free(pack->grades);
    free(pack->duties);
    free(pack->commands);
    free(pack->states);
    free(pack->cadences);
    free(pack);
}

void yw_rules_free(struct yw_rules *rules)
{
    if (rules == NULL)
        return;
    for (size_t i = 0; i < YW_RULE_KINDS; i++)
        names_fini(&rules->names[i]);
    for (size_t i = 0; i < rules->pack_count; i++)
        yw_rule_pack_free(rules->packs[i]);
    free(rules);
}

int yw_rule_name(const struct yw_rules *rules, enum yw_rule_kind kind, const char *id)
{
    const struct yw_rule_names *names = &rules->names[kind];

    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->rows[i].id, id) == 0)
            return (int)i;
    }
    return -1;
}

const char *yw_rule_name_near(const struct yw_rules *rules, enum yw_rule_kind kind,
                              const char *id)
{
    const struct yw_rule_names *names = &rules->names[kind];
    const char *all[YW_RULES_NAMES_MAX];

    for (size_t i = 0; i < names->count; i++)
        all[i] = names->rows[i].id;
    const char *near = yw_name_nearest(id, all, names->count);

    return near != NULL ? near : "";
}

const struct yw_rule_pack *yw_rules_pack(const struct yw_rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->pack_count; i++) {
        if (strcmp(rules->packs[i]->id, id) == 0)
            return rules->packs[i];
    }
    return NULL;
}

const struct yw_rule_duty *yw_rules_duty(const struct yw_rules *rules, const char *id,
                                         const struct yw_rule_pack **ret_pack)
{
    for (size_t i = 0; i < rules->pack_count; i++) {
        for (size_t k = 0; k < rules->packs[i]->duty_count; k++) {
            if (strcmp(rules->packs[i]->duties[k].id, id) != 0)
                continue;
            if (ret_pack != NULL)
                *ret_pack = rules->packs[i];
            return &rules->packs[i]->duties[k];
        }
    }
    return NULL;
}

bool yw_rule_list_has(const struct yw_rule_list *list, int item)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == item)
            return true;
    }
    return false;
}

static int compare_dates(struct yw_rule_date a, struct yw_rule_date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

static bool any_class(const struct yw_rule_org *org, const struct yw_rule_list *classes)
{
    for (size_t i = 0; i < classes->count; i++) {
        if (org->classes[classes->items[i]])
            return true;
    }
    return false;
}

bool yw_rule_pack_applies(const struct yw_rule_pack *pack, const struct yw_rule_org *org,
                          struct yw_rule_date day)
{
    bool here = pack->region_count == 0;

    if (pack->from.year != 0 && compare_dates(day, pack->from) < 0)
        return false;
    if (pack->to.year != 0 && compare_dates(day, pack->to) > 0)
        return false;
    for (size_t i = 0; i < pack->region_count; i++)
        here = here || strcmp(pack->regions[i], org->region) == 0;
    return here && (pack->classes.count == 0 || any_class(org, &pack->classes));
}

bool yw_rule_org_is(const struct yw_rules *rules, const struct yw_rule_org *org,
                    int party)
{
    const struct yw_rule_name *row = &rules->names[YW_RULE_PARTY].rows[party];

    if (row->tier != YW_TIER_ENTERPRISE)
        return false;
    if (row->only_class >= 0 && !org->classes[row->only_class])
        return false;
    return !any_class(org, &row->unless);
}

static const char *const confidences[] = {"high", "medium", "unverified"};
static const char *const anchors[] = {"none",
                                      "occurred",
                                      "discovered",
                                      "graded",
                                      "assessed",
                                      "report_received",
                                      "fact_known",
                                      "suspected_crime_identified",
                                      "warning_received",
                                      "handling_ended",
                                      "response_ended"};
static const char *const tiers[] = {"enterprise", "county", "city",     "province",
                                    "ministry",   "each",   "relative", "outside"};
static const char *const kinds[] = {"parties", "metrics", "classes",   "events",
                                    "forms",   "effects", "activities"};

#define NAME_OF(table, index)                                                            \
    ((size_t)(index) < sizeof(table) / sizeof *(table) ? (table)[index] : NULL)

const char *yw_confidence_name(enum yw_confidence confidence)
{
    return NAME_OF(confidences, confidence);
}

const char *yw_anchor_name(enum yw_anchor anchor)
{
    return NAME_OF(anchors, anchor);
}

const char *yw_tier_name(enum yw_tier tier)
{
    return NAME_OF(tiers, tier);
}

const char *yw_rule_kind_name(enum yw_rule_kind kind)
{
    return NAME_OF(kinds, kind);
}

const struct yw_text *yw_confidence_text(enum yw_confidence confidence)
{
    static const struct yw_text texts[] = {{"高（已核对原文）", "high (text read)"},
                                           {"中（二手来源）", "medium (second-hand)"},
                                           {"未核实", "unverified"}};

    return &texts[confidence];
}

const struct yw_text *yw_anchor_text(enum yw_anchor anchor)
{
    static const struct yw_text texts[YW_ANCHOR_COUNT] = {
        {"无", "none"},
        {"事件发生", "it happened"},
        {"发现或获知", "it was found or learned of"},
        {"定级", "it was graded"},
        {"研判结束", "the assessment ended"},
        {"收到下级报告", "the level below reported"},
        {"知悉新情况", "the fact became known"},
        {"发现涉嫌违法犯罪", "a crime was suspected"},
        {"收到预警", "the warning arrived"},
        {"处置结束", "the handling ended"},
        {"响应结束", "the response was stood down"}};

    return &texts[anchor];
}
