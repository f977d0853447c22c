#include "response/record.h"

#include "base/buf.h"
#include "base/mem.h"
#include "model/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls fn for each word of a list with blanks. */
static const char *next_word(const char *text, char word[YW_RULES_ID_MAX])
{
    text += strspn(text, " ");
    size_t size = strcspn(text, " ");

    if (size == 0)
        return NULL;
    (void)yw_copyf(word, YW_RULES_ID_MAX, "%.*s", (int)size, text);
    return text + size;
}

static void read_packs(struct yw_scheme *ret)
{
    YW_COPY(ret->names, ret->state->duty_plan.packs);
    ret->exercise.packs = ret->packs;
    for (char *at = ret->names; ret->exercise.pack_count < YW_SCHEME_PACKS_MAX;) {
        at += strspn(at, " ");
        if (*at == '\0')
            break;
        ret->packs[ret->exercise.pack_count++] = at;
        at += strcspn(at, " ");
        if (*at != '\0')
            *at++ = '\0';
    }
}

static void read_limits(struct yw_scheme *ret)
{
    const char *name = NULL, *value;

    ret->exercise.house_limits = ret->limits;
    while (ret->exercise.house_limit_count < YW_SCHEME_LIMITS_MAX &&
           yw_pairs_next(ret->state->duty_plan.limits, &name, &value)) {
        struct yw_house_limit *limit = &ret->limits[ret->exercise.house_limit_count++];

        (void)yw_copyf(limit->duty, sizeof limit->duty, "%.*s", YW_RULES_ID_MAX - 1,
                       name);
        limit->limit_s = strtoll(value, NULL, 10);
    }
}

bool yw_scheme_read(struct yw_scheme *ret, const struct yw_law *law,
                    const struct yw_drill_state *state)
{
    char word[YW_RULES_ID_MAX];

    memset(ret, 0, sizeof *ret);
    ret->state = state;
    if (law == NULL || !state->duty_planned)
        return false;
    ret->exercise.rules = law->rules;
    ret->exercise.calendar = law->calendar;
    ret->exercise.org = &ret->org;
    ret->exercise.start_local_s = state->duty_plan.start_local_s;
    (void)YW_COPY(ret->org.region, state->duty_plan.region);
    for (const char *at = state->duty_plan.classes; (at = next_word(at, word)) != NULL;) {
        int index = yw_rule_name(law->rules, YW_RULE_CLASS, word);

        if (index >= 0)
            ret->org.classes[index] = true;
    }
    read_packs(ret);
    read_limits(ret);
    return true;
}

/* "": there is no such file any more. */
static const char *digest_now(const struct yw_rules *rules, const char *name)
{
    const struct yw_rule_pack *pack = yw_rules_pack(rules, name);

    if (pack != NULL)
        return pack->digest;
    return strcmp(name, YW_RULES_CALENDAR) == 0 ? rules->calendar_digest
           : strcmp(name, YW_RULES_NAMES) == 0  ? rules->names_digest
                                                : "";
}

void yw_scheme_differs(const struct yw_scheme *scheme, char ret[YW_EVENT_RULES_MAX])
{
    const char *name = NULL, *digest;
    struct yw_buf names;

    yw_buf_init(&names, YW_EVENT_RULES_MAX - 1);
    while (yw_pairs_next(scheme->state->duty_plan.digests, &name, &digest)) {
        if (strcmp(digest, digest_now(scheme->exercise.rules, name)) != 0)
            yw_buf_printf(&names, "%s%s", names.size > 0 ? " " : "", name);
    }
    (void)yw_copy(ret, YW_EVENT_RULES_MAX, names.data != NULL ? names.data : "");
    yw_buf_fini(&names);
}

int64_t yw_scheme_time(const struct yw_scheme *scheme, int64_t drill_ms, int64_t wall_us)
{
    return scheme->state->duty_plan.wall ? (wall_us - scheme->state->duty_start_us) / 1000
                                         : drill_ms;
}

int64_t yw_scheme_at(const struct yw_scheme *scheme, const struct yw_event *event)
{
    return yw_scheme_time(scheme, event->drill_ms, event->wall_us);
}

void yw_scheme_names(const struct yw_scheme *scheme, enum yw_rule_kind kind,
                     const char *text, struct yw_rule_list *ret)
{
    char word[YW_RULES_ID_MAX];

    ret->count = 0;
    while ((text = next_word(text, word)) != NULL && ret->count < YW_RULES_LIST_MAX) {
        int index = yw_rule_name(scheme->exercise.rules, kind, word);

        if (index >= 0 && !yw_rule_list_has(ret, index))
            ret->items[ret->count++] = index;
    }
}

/* ---- events become rows ---- */

struct reading {
    const struct yw_scheme *scheme;
    struct yw_record *record;
    enum yw_audience audience;
    struct yw_period *periods;
    int64_t *zeros;
    struct yw_change *changes;
    struct yw_watch_check *checks;
    int64_t *numbers; /* of the checks */
};

static void happen(const struct reading *r, const char *name, int64_t at_ms)
{
    int event = yw_rule_name(r->scheme->exercise.rules, YW_RULE_EVENT, name);

    if (event >= 0)
        (void)yw_incident_happen(&r->record->incident,
                                 &(struct yw_happened){.at_ms = at_ms, .event = event});
}

static void anchor(const struct reading *r, const char *name, int64_t at_ms)
{
    for (int i = YW_ANCHOR_OCCURRED; i < YW_ANCHOR_COUNT; i++) {
        if (strcmp(yw_anchor_name((enum yw_anchor)i), name) == 0)
            yw_incident_anchor(&r->record->incident, (enum yw_anchor)i, at_ms);
    }
}

/* Marks are anchors and events of the packs at once. An incident that was found is one that
 * "occurred or may occur". */
static void mark(const struct reading *r, const char *name, int64_t at_ms)
{
    anchor(r, name, at_ms);
    happen(r, name, at_ms);
    if (strcmp(name, "discovered") == 0) {
        happen(r, "occurred_or_possible", at_ms);
        happen(r, "major_hazard_or_abnormal_threat_or_incident", at_ms);
    } else if (strcmp(name, "suspected_crime") == 0)
        anchor(r, "suspected_crime_identified", at_ms);
}

static void measure(const struct reading *r, const struct yw_ev_metric_measured *p,
                    int64_t at_ms)
{
    const struct yw_rules *rules = r->scheme->exercise.rules;
    struct yw_measured row = {.at_ms = at_ms,
                              .metric = yw_rule_name(rules, YW_RULE_METRIC, p->metric)};

    if (row.metric >= 0 &&
        yw_rule_value_read(&row.value, rules, row.metric, p->value, NULL) == 0)
        (void)yw_incident_measure(&r->record->incident, &row);
}

/* By the pack named, or by every pack of the exercise. */
static void grade(const struct reading *r, const char *name, int grade, bool likely,
                  int64_t at_ms)
{
    const struct yw_exercise *exercise = &r->scheme->exercise;

    for (size_t i = 0; i < exercise->rules->pack_count; i++) {
        const struct yw_rule_pack *pack = exercise->rules->packs[i];

        if (!yw_exercise_has(exercise, pack) ||
            (name[0] != '\0' && strcmp(name, pack->id) != 0))
            continue;
        (void)yw_incident_rule(
            &r->record->incident,
            &(struct yw_manual_grade){
                .at_ms = at_ms, .pack = pack, .grade = grade, .likely = likely});
    }
}

static void given(const struct reading *r, const struct yw_event *event, int64_t at_ms)
{
    const struct yw_ev_grade_given *p = &event->grade_given;

    if (!p->hidden)
        anchor(r, "graded", at_ms);
    if (p->hidden == (r->audience == YW_AUDIENCE_CONTROL))
        grade(r, p->pack, (int)p->grade, p->likely, at_ms);
}

static void take_claims(const struct yw_rules *rules, const char *claims,
                        struct yw_filing *filing)
{
    const char *name = NULL, *value;

    while (filing->claim_count < YW_FILING_CLAIMS_MAX &&
           yw_pairs_next(claims, &name, &value)) {
        struct yw_claim *claim = &filing->claims[filing->claim_count];

        claim->metric = yw_rule_name(rules, YW_RULE_METRIC, name);
        if (claim->metric >= 0 &&
            yw_rule_value_read(&claim->value, rules, claim->metric, value, NULL) == 0)
            filing->claim_count++;
    }
}

static void file(struct reading *r, const struct yw_event *event, int64_t at_ms)
{
    const struct yw_ev_report_sent *p = &event->report_sent;
    const struct yw_rules *rules = r->scheme->exercise.rules;
    struct yw_filing filing = {.at_ms = at_ms,
                               .from = yw_rule_name(rules, YW_RULE_PARTY, p->from),
                               .form = yw_rule_name(rules, YW_RULE_FORM, p->form),
                               .seq = event->seq};
    const char *item = NULL, *content;
    struct yw_rule_list to;

    if (strcmp(p->form, "zero_report") == 0) {
        r->zeros[r->record->alert.zero_count++] = at_ms;
        return;
    }
    while (yw_pairs_next(p->items, &item, &content)) {
        long number = strtol(item, NULL, 10);

        if (number >= 1 && number <= YW_RULES_ITEMS_MAX && content[0] != '\0')
            filing.items |= UINT32_C(1) << (number - 1);
    }
    take_claims(rules, p->claims, &filing);
    yw_scheme_names(r->scheme, YW_RULE_PARTY, p->to, &to);
    for (size_t i = 0; i < to.count && filing.from >= 0; i++) {
        filing.to = to.items[i];
        (void)yw_incident_file(&r->record->incident, &filing);
    }
    if (r->audience == YW_AUDIENCE_TIER && p->grade > 0)
        grade(r, "", (int)p->grade, false, at_ms);
}

static void change_period(struct reading *r, const struct yw_ev_period_changed *p,
                          int64_t at_ms)
{
    struct yw_alert *alert = &r->record->alert;

    for (size_t i = 0; i < alert->period_count; i++) {
        if (r->periods[i].to_ms < 0)
            r->periods[i].to_ms = at_ms; /* a new state ends the one before */
    }
    if (!p->on)
        return;
    r->periods[alert->period_count++] =
        (struct yw_period){.from_ms = at_ms,
                           .to_ms = -1,
                           .zero_every_ms = p->zero_every_ms,
                           .freeze = p->freeze};
    if (strstr(p->state, "KEYPERIOD") != NULL)
        happen(r, "key_event_declared", at_ms);
}

static void answer(struct reading *r, const struct yw_ev_watch_answered *p, int64_t at_ms)
{
    for (size_t i = 0; i < r->record->alert.check_count; i++) {
        if (r->numbers[i] == p->check && r->checks[i].answered_ms < 0)
            r->checks[i].answered_ms = at_ms;
    }
}

static void warn(const struct reading *r, int64_t at_ms)
{
    anchor(r, "warning_received", at_ms);
    happen(r, "warning_received", at_ms);
}

static void take(struct reading *r, const struct yw_event *event)
{
    struct yw_alert *alert = &r->record->alert;
    int64_t at_ms = yw_scheme_at(r->scheme, event);
    struct yw_incident_fact fact = {.at_ms = at_ms};
    struct yw_act act = {.at_ms = at_ms, .seq = event->seq};

    switch ((int)event->kind) {
    case YW_EVENT_INCIDENT_MARKED:
        mark(r, event->incident_marked.mark, at_ms);
        break;
    case YW_EVENT_METRIC_MEASURED:
        measure(r, &event->metric_measured, at_ms);
        break;
    case YW_EVENT_FACT_KNOWN:
        fact.metric = yw_rule_name(r->scheme->exercise.rules, YW_RULE_METRIC,
                                   event->fact_known.metric);
        if (fact.metric >= 0)
            (void)yw_incident_know(&r->record->incident, &fact);
        break;
    case YW_EVENT_GRADE_GIVEN:
        given(r, event, at_ms);
        break;
    case YW_EVENT_REPORT_SENT:
        file(r, event, at_ms);
        break;
    case YW_EVENT_DUTY_DONE:
        YW_COPY(act.duty, event->duty_done.duty);
        (void)yw_incident_act(&r->record->incident, &act);
        break;
    case YW_EVENT_PERIOD_CHANGED:
        change_period(r, &event->period_changed, at_ms);
        break;
    case YW_EVENT_WATCH_ASKED:
        r->numbers[alert->check_count] = event->watch_asked.check;
        r->checks[alert->check_count++] =
            (struct yw_watch_check){.asked_ms = at_ms,
                                    .limit_ms = event->watch_asked.limit_ms,
                                    .answered_ms = -1,
                                    .seq = event->seq};
        break;
    case YW_EVENT_WATCH_ANSWERED:
        answer(r, &event->watch_answered, at_ms);
        break;
    case YW_EVENT_WARNING_ISSUED:
        if ((event->warning_issued.tiers & 1) != 0) /* else for offices alone */
            warn(r, at_ms);
        break;
    case YW_EVENT_CHANGE_FROZEN:
        r->changes[alert->change_count++] =
            (struct yw_change){.at_ms = at_ms, .seq = event->seq};
        break;
    default:
        break;
    }
}

void yw_record_read(struct yw_record *ret, const struct yw_scheme *scheme,
                    const struct yw_view *view, int team)
{
    const struct yw_drill_state *state = scheme->state;
    size_t most = state->duties.count + 1;
    struct reading r = {.scheme = scheme,
                        .record = ret,
                        .audience = view->audience,
                        .periods = yw_new_array(most, sizeof *r.periods),
                        .zeros = yw_new_array(most, sizeof *r.zeros),
                        .changes = yw_new_array(most, sizeof *r.changes),
                        .checks = yw_new_array(most, sizeof *r.checks),
                        .numbers = yw_new_array(most, sizeof *r.numbers)};

    memset(ret, 0, sizeof *ret);
    ret->audience = view->audience;
    ret->number = view->team;
    yw_incident_init(&ret->incident);
    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (event->team < 0 || event->team == team)
            take(&r, event);
    }
    if (state->phase >= YW_PHASE_ENDED)
        ret->incident.ended_ms = yw_scheme_time(scheme, state->ended_ms, state->ended_us);
    free(r.numbers);
    ret->alert.periods = r.periods;
    ret->alert.zero_reports = r.zeros;
    ret->alert.changes = r.changes;
    ret->alert.checks = r.checks;
}

void yw_record_fini(struct yw_record *record)
{
    if (record == NULL)
        return;
    yw_incident_fini(&record->incident);
    free((void *)(uintptr_t)record->alert.periods);
    free((void *)(uintptr_t)record->alert.zero_reports);
    free((void *)(uintptr_t)record->alert.changes);
    free((void *)(uintptr_t)record->alert.checks);
}

/* Whose it is: a party's, or of the enterprise without one. */
static bool tells(const struct yw_record *record, const struct yw_rules *rules, int from)
{
    int tier = from < 0 ? 0 : (int)rules->names[YW_RULE_PARTY].rows[from].tier;

    return record->audience == YW_AUDIENCE_CONTROL ||
           (record->audience == YW_AUDIENCE_TEAM ? tier == 0 : tier == record->number);
}

static void keep_told(const struct yw_record *record, const struct yw_rules *rules,
                      struct yw_judged *ret)
{
    bool control = record->audience == YW_AUDIENCE_CONTROL;
    size_t clocks = 0, faults = 0;

    for (size_t i = 0; i < ret->clocks.count; i++) {
        if (tells(record, rules, ret->clocks.items[i].from))
            ret->clocks.items[clocks++] = ret->clocks.items[i];
    }
    ret->clocks.count = clocks;
    for (size_t i = 0; i < ret->faults.count; i++) {
        const struct yw_fault *fault = &ret->faults.items[i];
        bool of_truth = fault->code == YW_FAULT_FALSE || fault->code == YW_FAULT_CONCEAL;

        if (tells(record, rules, fault->from) && (control || !of_truth))
            ret->faults.items[faults++] = *fault;
    }
    ret->faults.count = faults;
}

void yw_record_judge(const struct yw_record *record, const struct yw_scheme *scheme,
                     int64_t now_ms, struct yw_judged *ret)
{
    int64_t ended_ms = record->incident.ended_ms;
    int64_t until_ms = ended_ms >= 0 && ended_ms < now_ms ? ended_ms : now_ms;

    yw_duty_clocks(&scheme->exercise, &record->incident, now_ms, &ret->clocks);
    yw_faults_find(&scheme->exercise, &record->incident, &ret->clocks,
                   scheme->state->duty_plan.tolerance, now_ms, &ret->faults);
    yw_faults_alert(&record->alert, until_ms, &ret->faults);
    keep_told(record, scheme->exercise.rules, ret);
}

void yw_fault_name(const struct yw_rules *rules, const struct yw_fault *fault,
                   char ret[YW_FAULT_NAME_MAX])
{
    const char *what =
        fault->duty != NULL   ? fault->duty->id
        : fault->metric >= 0  ? rules->names[YW_RULE_METRIC].rows[fault->metric].id
        : fault->skipped >= 0 ? rules->names[YW_RULE_PARTY].rows[fault->skipped].id
                              : "";
    bool one_of_several =
        fault->duty != NULL && fault->duty->notify.count > 1 && fault->to >= 0;

    /* what did not come has no event: the recipient, or the moment, tells one from another; as
     * the recipient does where one report is late for several */
    if (fault->seq > 0 && one_of_several)
        (void)yw_copyf(ret, YW_FAULT_NAME_MAX, "%s:%s:%lld:%.32s",
                       yw_fault_code_name(fault->code), what, (long long)fault->seq,
                       rules->names[YW_RULE_PARTY].rows[fault->to].id);
    else if (fault->seq > 0)
        (void)yw_copyf(ret, YW_FAULT_NAME_MAX, "%s:%s:%lld",
                       yw_fault_code_name(fault->code), what, (long long)fault->seq);
    else if (fault->to >= 0)
        (void)yw_copyf(ret, YW_FAULT_NAME_MAX, "%s:%s:%.40s",
                       yw_fault_code_name(fault->code), what,
                       rules->names[YW_RULE_PARTY].rows[fault->to].id);
    else
        (void)yw_copyf(ret, YW_FAULT_NAME_MAX, "%s:%s:t%lld",
                       yw_fault_code_name(fault->code), what,
                       fault->duty != NULL ? 0LL : (long long)fault->at_ms);
}

const char *yw_fault_verdict(const struct yw_drill_state *state, int team,
                             const char *name, bool *ret_disputed)
{
    const char *verdict = NULL;

    *ret_disputed = false;
    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (event->team != team)
            continue;
        if (event->kind == YW_EVENT_FAULT_DISPUTED &&
            strcmp(event->fault_disputed.fault, name) == 0)
            *ret_disputed = true;
        else if (event->kind == YW_EVENT_FAULT_RULED &&
                 strcmp(event->fault_ruled.fault, name) == 0)
            verdict = event->fault_ruled.verdict;
    }
    return verdict;
}
