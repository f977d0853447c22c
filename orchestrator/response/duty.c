#include "response/duty.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct deriving {
    const struct yw_exercise *exercise;
    const struct yw_incident *incident;
    const struct yw_rule_pack *pack;
    const struct yw_rule_duty *duty;
    int64_t now_ms;
    struct yw_duty_clocks *ret;
};

static const struct yw_rule_name *party_of(const struct deriving *d, int party)
{
    return &d->exercise->rules->names[YW_RULE_PARTY].rows[party];
}

bool yw_exercise_has(const struct yw_exercise *exercise, const struct yw_rule_pack *pack)
{
    int64_t day = exercise->start_local_s / 86400 - (exercise->start_local_s % 86400 < 0);
    bool named = exercise->pack_count == 0;

    for (size_t i = 0; i < exercise->pack_count; i++)
        named = named || strcmp(exercise->packs[i], pack->id) == 0;
    return named && yw_rule_pack_applies(pack, exercise->org, yw_calendar_date(day));
}

int64_t yw_duty_due(const struct yw_exercise *exercise, const struct yw_rule_duty *duty,
                    int64_t started_ms, bool *ret_house)
{
    *ret_house = false;
    if (duty->limit_s > 0)
        return started_ms + duty->limit_s * 1000;
    if (duty->limit_workdays > 0) {
        int64_t local_s = exercise->start_local_s + started_ms / 1000;
        int64_t end_s =
            yw_calendar_after_workdays(exercise->calendar, local_s, duty->limit_workdays);

        return (end_s - exercise->start_local_s) * 1000;
    }
    for (size_t i = 0; i < exercise->house_limit_count; i++) {
        if (strcmp(exercise->house_limits[i].duty, duty->id) == 0) {
            *ret_house = true;
            return started_ms + exercise->house_limits[i].limit_s * 1000;
        }
    }
    return YW_DUTY_NEVER;
}

bool yw_duty_reports_as(const struct yw_rules *rules, const struct yw_filing *filing,
                        int party)
{
    const struct yw_rule_name *parties = rules->names[YW_RULE_PARTY].rows;

    if (parties[party].tier == YW_TIER_ENTERPRISE)
        return parties[filing->from].tier == YW_TIER_ENTERPRISE;
    return filing->from == party;
}

static bool has_items(const struct yw_rule_duty *duty, const struct yw_filing *filing)
{
    if (duty->form >= 0 && filing->form != duty->form)
        return false;
    for (size_t i = 0; i < duty->min_item_count; i++) {
        if ((filing->items >> (duty->min_items[i] - 1) & 1) == 0)
            return false;
    }
    return true;
}

/* A party that had been told before this filing: where the first report went. */
static bool was_told(const struct deriving *d, size_t before, int to)
{
    for (size_t i = 0; i < before; i++) {
        if (d->incident->filings[i].to == to)
            return true;
    }
    return false;
}

/* The first filing of `from` to `to` since the anchor that fulfils the duty; NULL none. */
static const struct yw_filing *filed(const struct deriving *d,
                                     const struct yw_duty_clock *clock, int to)
{
    bool same_channel = party_of(d, to)->tier == YW_TIER_RELATIVE;

    for (size_t i = 0; i < d->incident->filing_count; i++) {
        const struct yw_filing *filing = &d->incident->filings[i];

        if (filing->at_ms < clock->anchor_ms || filing->at_ms > d->now_ms ||
            !yw_duty_reports_as(d->exercise->rules, filing, clock->from) ||
            !has_items(clock->duty, filing))
            continue;
        if (same_channel ? was_told(d, i, filing->to) : filing->to == to)
            return filing;
    }
    return NULL;
}

static void meet(const struct deriving *d, struct yw_duty_clock *clock)
{
    const struct yw_rule_list *notify = &clock->duty->notify;
    int64_t first_ms = INT64_MAX;

    if (notify->count == 0) {
        for (size_t i = 0; i < d->incident->act_count && clock->met_ms < 0; i++) {
            const struct yw_act *act = &d->incident->acts[i];

            if (act->at_ms >= clock->anchor_ms && act->at_ms <= d->now_ms &&
                strcmp(act->duty, clock->duty->id) == 0) {
                clock->met_ms = act->at_ms;
                clock->seq = act->seq;
            }
        }
        return;
    }
    for (size_t i = 0; i < (clock->to >= 0 ? 1 : notify->count); i++) {
        const struct yw_filing *filing =
            filed(d, clock, clock->to >= 0 ? clock->to : notify->items[i]);

        if (filing == NULL) {
            clock->met_ms = -1;
            clock->seq = 0;
            return;
        }
        if (filing->at_ms < first_ms)
            first_ms = filing->at_ms;
        if (filing->at_ms > clock->met_ms) {
            clock->met_ms = filing->at_ms;
            clock->seq = filing->seq;
        }
    }
    if (clock->to < 0)
        clock->spread_ms = clock->met_ms - first_ms;
}

/* What can only be done after the handling is not omitted by a drill that ends with it. */
static bool comes_after(enum yw_anchor anchor)
{
    return anchor == YW_ANCHOR_HANDLING_ENDED || anchor == YW_ANCHOR_RESPONSE_ENDED;
}

static enum yw_duty_state state_of(const struct deriving *d,
                                   const struct yw_duty_clock *clock)
{
    int64_t ended_ms = d->incident->ended_ms;

    if (clock->met_ms >= 0)
        return clock->met_ms <= clock->due_ms ? YW_DUTY_MET : YW_DUTY_MET_LATE;
    if (ended_ms < 0 || ended_ms > d->now_ms)
        return d->now_ms <= clock->due_ms ? YW_DUTY_RUNNING : YW_DUTY_OVERDUE;
    if (clock->due_ms == YW_DUTY_NEVER)
        return comes_after(clock->duty->anchor) ? YW_DUTY_OPEN : YW_DUTY_OMITTED;
    return ended_ms <= clock->due_ms ? YW_DUTY_OPEN : YW_DUTY_OMITTED;
}

static void add(const struct deriving *d, int from, int to, int64_t anchor_ms,
                int64_t started_ms)
{
    struct yw_duty_clock clock = {.pack = d->pack,
                                  .duty = d->duty,
                                  .from = from,
                                  .to = to,
                                  .anchor_ms = anchor_ms,
                                  .started_ms = started_ms,
                                  .met_ms = -1,
                                  .spread_ms = -1};

    if (d->ret->count == YW_DUTY_CLOCKS_MAX) {
        d->ret->overrun = true;
        return;
    }
    clock.due_ms = yw_duty_due(d->exercise, d->duty, started_ms, &clock.house);
    meet(d, &clock);
    clock.state = state_of(d, &clock);
    d->ret->items[d->ret->count++] = clock;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Since when the duty's own conditions hold: its grade (or its other event) and its event.
 * -1: they do not. INT64_MIN: it has none. */
static int64_t conditions_since(const struct deriving *d)
{
    const struct yw_rule_duty *duty = d->duty;
    const int bounds[2] = {duty->min_grade, duty->max_grade};
    int64_t since_ms = INT64_MIN;

    if (bounds[0] > 0 || bounds[1] > 0) {
        int64_t other_ms = -1;

        since_ms = yw_incident_graded_since(d->incident, d->exercise->rules, d->pack,
                                            d->exercise->org, bounds);
        if (duty->or_when >= 0)
            other_ms =
                yw_duty_event_since(d->exercise, d->incident, d->pack, duty->or_when);
        else if (duty->or_likely)
            other_ms = yw_incident_likely_since(d->incident, d->pack, bounds[0]);
        if (other_ms >= 0 && (since_ms < 0 || other_ms < since_ms))
            since_ms = other_ms;
        if (since_ms < 0)
            return -1;
    }
    if (duty->when >= 0) {
        int64_t when_ms =
            yw_duty_event_since(d->exercise, d->incident, d->pack, duty->when);

        return when_ms < 0 ? -1 : later(since_ms, when_ms);
    }
    return since_ms;
}

/* Adds the clocks of one anchor: one a recipient, one for all where the text wants them told
 * together, one for an act. */
static void start(const struct deriving *d, int from, const struct yw_rule_list *to,
                  int64_t anchor_ms)
{
    int64_t since_ms = conditions_since(d);
    int64_t started_ms = later(anchor_ms, since_ms);
    bool beyond =
        d->duty->window_s > 0 && started_ms > anchor_ms + d->duty->window_s * 1000;

    if (anchor_ms < 0 || since_ms == -1 || started_ms > d->now_ms || beyond)
        return;
    if (to->count == 0 || d->duty->simultaneous) {
        add(d, from, -1, anchor_ms, started_ms);
        return;
    }
    for (size_t i = 0; i < to->count; i++)
        add(d, from, to->items[i], anchor_ms, started_ms);
}

/* When `party` was first told, -1 never. */
static int64_t told_since(const struct deriving *d, int party)
{
    for (size_t i = 0; i < d->incident->filing_count; i++) {
        if (d->incident->filings[i].to == party)
            return d->incident->filings[i].at_ms;
    }
    return -1;
}

/* One level tells the next, up to the ceiling that the grade sets. */
static void climb(const struct deriving *d, const struct yw_rule_list *levels)
{
    for (size_t i = 0; i + 1 < levels->count; i++) {
        int64_t told_ms = told_since(d, levels->items[i]);
        int grade = told_ms < 0 ? 0
                                : yw_incident_grade(d->incident, d->exercise->rules,
                                                    d->pack, d->exercise->org, d->now_ms);
        int ceiling = grade > 0 ? d->duty->ceiling[grade - 1] : -1;
        struct yw_rule_list next = {.items = {levels->items[i + 1]}, .count = 1};

        if (told_ms < 0 || grade == 0)
            return;
        if (ceiling >= 0 &&
            party_of(d, levels->items[i])->tier >= party_of(d, ceiling)->tier)
            return;
        start(d, levels->items[i], &next, told_ms);
    }
}

static void derive(const struct deriving *d)
{
    const struct yw_rule_duty *duty = d->duty;
    const struct yw_rule_name *actor = party_of(d, duty->actor);

    if (duty->every_months > 0 || duty->anchor == YW_ANCHOR_NONE)
        return;
    if (actor->tier == YW_TIER_EACH) {
        climb(d, &actor->levels);
        return;
    }
    if (actor->tier == YW_TIER_ENTERPRISE &&
        !yw_rule_org_is(d->exercise->rules, d->exercise->org, duty->actor))
        return;
    int64_t anchor_ms = d->incident->anchors[duty->anchor];

    if (duty->anchor == YW_ANCHOR_REPORT_RECEIVED)
        anchor_ms = told_since(d, duty->actor);
    else if (duty->anchor == YW_ANCHOR_FACT_KNOWN && anchor_ms < 0 && duty->when >= 0)
        anchor_ms = yw_duty_event_since(d->exercise, d->incident, d->pack, duty->when);
    start(d, duty->actor, &duty->notify, anchor_ms);
}

double yw_exercise_next_figure(const struct yw_exercise *exercise, int metric,
                               double value)
{
    double next = INFINITY;

    for (size_t i = 0; i < exercise->rules->pack_count; i++) {
        const struct yw_rule_pack *pack = exercise->rules->packs[i];

        for (size_t k = 0; yw_exercise_has(exercise, pack) && k < pack->grade_count;
             k++) {
            for (size_t t = 0; t < pack->grades[k].test_count; t++) {
                const struct yw_rule_test *test = &pack->grades[k].tests[t];

                if (test->metric == metric && !test->equals && test->at_least > value &&
                    test->at_least < next)
                    next = test->at_least;
            }
        }
    }
    return next;
}

/* What runs comes first, by its limit; then what has ended, by its limit. */
static int compare(const void *left, const void *right)
{
    const struct yw_duty_clock *a = left, *b = right;
    bool a_ended = a->met_ms >= 0, b_ended = b->met_ms >= 0;

    if (a_ended != b_ended)
        return a_ended ? 1 : -1;
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms ? -1 : 1;
    if (a->started_ms != b->started_ms)
        return a->started_ms < b->started_ms ? -1 : 1;
    int order = strcmp(a->duty->id, b->duty->id);

    return order != 0 ? order : a->to - b->to;
}

void yw_duty_clocks(const struct yw_exercise *exercise,
                    const struct yw_incident *incident, int64_t now_ms,
                    struct yw_duty_clocks *ret)
{
    struct deriving d = {
        .exercise = exercise, .incident = incident, .now_ms = now_ms, .ret = ret};

    ret->count = 0;
    ret->overrun = false;
    for (size_t i = 0; i < exercise->rules->pack_count; i++) {
        d.pack = exercise->rules->packs[i];
        if (!yw_exercise_has(exercise, d.pack))
            continue;
        for (size_t k = 0; k < d.pack->duty_count; k++) {
            d.duty = &d.pack->duties[k];
            derive(&d);
        }
    }
    qsort(ret->items, ret->count, sizeof ret->items[0], compare);
}

const char *yw_duty_state_name(enum yw_duty_state state)
{
    static const char *const names[] = {"running",  "met",     "overdue",
                                        "met-late", "omitted", "open"};

    return names[state];
}
