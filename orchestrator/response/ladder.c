#include "response/ladder.h"

#include <string.h>

struct ladder {
    const struct yw_exercise *exercise;
    const struct yw_rule_pack *pack;
    const struct yw_filing *filing;
};

static const struct yw_rule_name *party_of(const struct ladder *l, int party)
{
    return &l->exercise->rules->names[YW_RULE_PARTY].rows[party];
}

static bool same_sender(const struct ladder *l, int actor, int from)
{
    if (party_of(l, actor)->tier == YW_TIER_ENTERPRISE &&
        party_of(l, from)->tier == YW_TIER_ENTERPRISE)
        return yw_rule_org_is(l->exercise->rules, l->exercise->org, actor);
    return actor == from;
}

static bool informs(const struct yw_rule_duty *duty, int party)
{
    bool found = yw_rule_list_has(&duty->inform, party);

    for (size_t i = 0; i < duty->inform_if_count; i++)
        found = found || yw_rule_list_has(&duty->inform_if[i].parties, party);
    return found;
}

/* Does the pack let `from` tell `to` itself? */
static bool direct(const struct ladder *l, int from, int to)
{
    for (size_t i = 0; i < l->pack->duty_count; i++) {
        const struct yw_rule_duty *duty = &l->pack->duties[i];

        if (same_sender(l, duty->actor, from) &&
            (yw_rule_list_has(&duty->notify, to) || informs(duty, to)))
            return true;
    }
    return false;
}

/* The parties that `from` tells by this pack, level by level. */
static void next_of(const struct ladder *l, int from, struct yw_rule_list *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < l->pack->duty_count; i++) {
        const struct yw_rule_duty *duty = &l->pack->duties[i];
        const struct yw_rule_list *levels = &party_of(l, duty->actor)->levels;

        for (size_t k = 0; k + 1 < levels->count; k++) {
            if (levels->items[k] == from && ret->count < YW_RULES_LIST_MAX)
                ret->items[ret->count++] = levels->items[k + 1];
        }
        if (!same_sender(l, duty->actor, from))
            continue;
        for (size_t k = 0; k < duty->notify.count; k++) {
            int to = duty->notify.items[k];

            if (party_of(l, to)->tier < YW_TIER_EACH && ret->count < YW_RULES_LIST_MAX &&
                !yw_rule_list_has(ret, to))
                ret->items[ret->count++] = to;
        }
    }
}

/* Is `to` above `from` on the ladder? Breadth first; each party is looked at once. */
static bool reaches(const struct ladder *l, int from, int to)
{
    int queue[YW_RULES_NAMES_MAX];
    bool seen[YW_RULES_NAMES_MAX] = {false};
    size_t head = 0, tail = 0;

    queue[tail++] = from;
    seen[from] = true;
    while (head < tail) {
        struct yw_rule_list next;

        next_of(l, queue[head++], &next);
        for (size_t i = 0; i < next.count; i++) {
            int party = next.items[i];

            if (party == to)
                return true;
            if (!seen[party]) {
                seen[party] = true;
                queue[tail++] = party;
            }
        }
    }
    return false;
}

static bool told_before(const struct ladder *l, const struct yw_incident *incident,
                        int to)
{
    for (size_t i = 0; i < incident->filing_count; i++) {
        const struct yw_filing *filing = &incident->filings[i];

        if (filing->to == to && filing->at_ms <= l->filing->at_ms &&
            same_sender(l, filing->from, l->filing->from))
            return true;
    }
    return false;
}

/* The first rung of a path to the recipient that was not told; -1 when one was, or none leads
 * there. */
static int skipped_by(const struct ladder *l, const struct yw_incident *incident)
{
    struct yw_rule_list next;
    int skipped = -1;

    next_of(l, l->filing->from, &next);
    for (size_t i = 0; i < next.count; i++) {
        int rung = next.items[i];

        if (party_of(l, rung)->inside || !reaches(l, rung, l->filing->to))
            continue;
        if (told_before(l, incident, rung))
            return -1;
        if (skipped < 0)
            skipped = rung;
    }
    return skipped;
}

int yw_ladder_skipped(const struct yw_exercise *exercise,
                      const struct yw_incident *incident, const struct yw_filing *filing,
                      const struct yw_rule_pack **ret_pack)
{
    struct ladder l = {.exercise = exercise, .filing = filing};
    int skipped = -1;

    for (size_t i = 0; i < exercise->rules->pack_count; i++) {
        l.pack = exercise->rules->packs[i];
        if (!yw_exercise_has(exercise, l.pack))
            continue;
        if (direct(&l, filing->from, filing->to))
            return -1;
        int by_pack = skipped_by(&l, incident);

        if (skipped < 0 && by_pack >= 0) {
            skipped = by_pack;
            *ret_pack = l.pack;
        }
    }
    return skipped;
}
