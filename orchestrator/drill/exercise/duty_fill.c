/* What people enter is checked against the packs of the day, and completed: the event that comes
 * of it names only what exists, and reads by itself. */
#include "base/id.h"
#include "drill/exercise/duty.h"

#include "base/mem.h"
#include "model/pairs.h"
#include "model/words/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int fill_fn(const struct yw_duty_entry *entry, struct yw_event *event,
                    struct yw_err *err);

static const struct yw_rule_name *row(const struct yw_duty_entry *entry,
                                      enum yw_rule_kind kind, int index)
{
    return &entry->law->rules->names[kind].rows[index];
}

static int known(const struct yw_duty_entry *entry, enum yw_rule_kind kind,
                 const char *path, const char *id, struct yw_err *err)
{
    int index = yw_rule_name(entry->law->rules, kind, id);
    char meant[YW_MEANT_MAX];
    const char *near = yw_rule_name_near(entry->law->rules, kind, id);

    if (index >= 0)
        return index;
    return yw_err_set(err, YW_EINVAL, "%s: the rules have no '%s'%s", path, id,
                      yw_meant(meant, near));
}

static int check_role(const struct yw_duty_entry *entry, const char *role,
                      struct yw_err *err)
{
    const char *roles = yw_drill_state(entry->drill)->tiers[entry->tier].roles;
    size_t size = strlen(role);

    if (entry->by == YW_DUTY_BY_CONTROL || roles[0] == '\0')
        return 0;
    for (const char *at = roles; size > 0 && (at = strstr(at, role)) != NULL; at++) {
        if ((at == roles || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' '))
            return 0;
    }
    return yw_err_set(err, YW_EDENIED, "/role: expected one of %s; got '%s'", roles,
                      role);
}

static int one_of(const char *path, const char *word, const char *words,
                  struct yw_err *err)
{
    size_t size = strlen(word);

    for (const char *at = words; size > 0 && (at = strstr(at, word)) != NULL; at++) {
        if ((at == words || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' '))
            return 0;
    }
    return yw_err_set(err, YW_EINVAL, "%s: expected one of %s; got '%s'", path, words,
                      word);
}

static int fill_incident(const struct yw_duty_entry *entry, struct yw_event *event,
                         struct yw_err *err)
{
    struct yw_ev_incident_marked *p = &event->incident_marked;
    int index = yw_rule_name(entry->law->rules, YW_RULE_EVENT, p->mark);

    if (p->hidden && entry->by != YW_DUTY_BY_CONTROL)
        return yw_err_set(err, YW_EDENIED, "/hidden: only control hides a mark");
    for (int i = YW_ANCHOR_OCCURRED; i < YW_ANCHOR_COUNT; i++) {
        if (strcmp(yw_anchor_name((enum yw_anchor)i), p->mark) == 0) {
            p->says = *yw_anchor_text((enum yw_anchor)i);
            return check_role(entry, p->role, err);
        }
    }
    if (strcmp(p->mark, "contained") == 0 || strcmp(p->mark, "restored") == 0) {
        bool contained = p->mark[0] == 'c';

        YW_COPY(p->says.zh, contained ? "已控制" : "已恢复");
        YW_COPY(p->says.en, contained ? "it is contained" : "it is restored");
        return check_role(entry, p->role, err);
    }
    if (index < 0)
        return known(entry, YW_RULE_EVENT, "/mark", p->mark, err);
    p->says = row(entry, YW_RULE_EVENT, index)->text;
    return check_role(entry, p->role, err);
}

void yw_duty_say_metric(const struct yw_rules *rules,
                        struct yw_ev_metric_measured *measured)
{
    int index = yw_rule_name(rules, YW_RULE_METRIC, measured->metric);
    const struct yw_rule_name *metric = &rules->names[YW_RULE_METRIC].rows[index];
    struct yw_text *says = &measured->says;
    const char *gap = metric->unit[0] != '\0' ? " " : "";

    (void)yw_copyf(says->zh, sizeof says->zh, "%s：%s%s%s", metric->text.zh,
                   measured->value, gap, metric->unit);
    (void)yw_copyf(says->en, sizeof says->en, "%s: %s%s%s", metric->text.en,
                   measured->value, gap, metric->unit);
}

static int fill_metric(const struct yw_duty_entry *entry, struct yw_event *event,
                       struct yw_err *err)
{
    struct yw_ev_metric_measured *p = &event->metric_measured;
    struct yw_rule_value value;
    int index = known(entry, YW_RULE_METRIC, "/metric", p->metric, err);

    if (index < 0)
        return index;
    int code = yw_rule_value_read(&value, entry->law->rules, index, p->value, err);

    if (code != 0)
        return yw_err_prefix(err, "/value");
    yw_duty_say_metric(entry->law->rules, p);
    return 0;
}

static int fill_fact(const struct yw_duty_entry *entry, struct yw_event *event,
                     struct yw_err *err)
{
    struct yw_ev_fact_known *p = &event->fact_known;
    int index = known(entry, YW_RULE_METRIC, "/metric", p->metric, err);

    if (index < 0)
        return index;
    const struct yw_text *text = &row(entry, YW_RULE_METRIC, index)->text;

    (void)yw_copyf(p->says.zh, sizeof p->says.zh, "看到证据：%s", text->zh);
    (void)yw_copyf(p->says.en, sizeof p->says.en, "has seen evidence of %s", text->en);
    return 0;
}

static int fill_grade(const struct yw_duty_entry *entry, struct yw_event *event,
                      struct yw_err *err)
{
    struct yw_ev_grade_given *p = &event->grade_given;
    const struct yw_rule_pack *pack = yw_rules_pack(entry->law->rules, p->pack);

    if (p->pack[0] != '\0' &&
        (pack == NULL || !yw_exercise_has(&entry->scheme->exercise, pack)))
        return yw_err_set(err, YW_EINVAL, "/pack: '%s' does not apply in this drill",
                          p->pack);
    if (p->grade < 1 || p->grade > YW_RULES_GRADES)
        return yw_err_set(err, YW_EINVAL, "/grade: 1 (一般) to 4 (特别重大); got %lld",
                          (long long)p->grade);
    p->hidden = entry->by == YW_DUTY_BY_CONTROL;
    if (p->hidden && p->reason[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "/reason: a ruling needs a reason");
    const struct yw_text *name = yw_grade_name((int)p->grade);

    (void)yw_copyf(p->says.zh, sizeof p->says.zh, "%s%s%s",
                   p->likely ? "可能达到" : "定级为", name->zh,
                   pack != NULL ? "" : "（各规则）");
    (void)yw_copyf(p->says.en, sizeof p->says.en, "%s %s",
                   p->likely ? "may become" : "grades it", name->en);
    return check_role(entry, p->role, err);
}

/* ---- reports ---- */

int64_t yw_duty_tiers(const struct yw_rules *rules, const struct yw_rule_list *parties)
{
    int64_t tiers = 0;

    for (size_t i = 0; i < parties->count; i++) {
        enum yw_tier tier = rules->names[YW_RULE_PARTY].rows[parties->items[i]].tier;

        if (tier < YW_TIER_EACH)
            tiers |= INT64_C(1) << tier;
    }
    return tiers;
}

const struct yw_event *yw_duty_report(const struct yw_drill_state *state, int64_t seq)
{
    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (event->seq == seq && event->kind == YW_EVENT_REPORT_SENT)
            return event;
    }
    return NULL;
}

void yw_duty_say_report(const struct yw_rules *rules, struct yw_ev_report_sent *report)
{
    int form = yw_rule_name(rules, YW_RULE_FORM, report->form);
    int from = yw_rule_name(rules, YW_RULE_PARTY, report->from);
    const struct yw_rule_name *parties = rules->names[YW_RULE_PARTY].rows;
    struct yw_buf zh, en;
    struct yw_rule_list to;
    struct yw_scheme scheme = {.exercise = {.rules = rules}};

    yw_scheme_names(&scheme, YW_RULE_PARTY, report->to, &to);
    yw_buf_init(&zh, YW_TEXT_MAX - 1);
    yw_buf_init(&en, YW_TEXT_MAX - 1);
    if (report->from_tier > 0 && from >= 0) {
        yw_buf_printf(&zh, "（由%s）", parties[from].text.zh);
        yw_buf_printf(&en, "(by %s) ", parties[from].text.en);
    }
    yw_buf_printf(&zh, "%s → ",
                  form >= 0 ? rules->names[YW_RULE_FORM].rows[form].text.zh : "报告");
    yw_buf_printf(&en, "%s → ",
                  form >= 0 ? rules->names[YW_RULE_FORM].rows[form].text.en : "report");
    for (size_t i = 0; i < to.count; i++) {
        yw_buf_printf(&zh, "%s%s", i > 0 ? "、" : "", parties[to.items[i]].text.zh);
        yw_buf_printf(&en, "%s%s", i > 0 ? ", " : "", parties[to.items[i]].text.en);
    }
    YW_COPY(report->says.zh, zh.data);
    YW_COPY(report->says.en, en.data);
    yw_buf_fini(&zh);
    yw_buf_fini(&en);
}

static int check_items(const struct yw_duty_entry *entry, int form, const char *items,
                       struct yw_err *err)
{
    const char *name = NULL, *content;
    size_t most = form >= 0 ? row(entry, YW_RULE_FORM, form)->value_count : 0;

    while (yw_pairs_next(items, &name, &content)) {
        char *end = NULL;
        long number = strtol(name, &end, 10);

        if (*end != '\0' || number < 1 || (size_t)number > most)
            return yw_err_set(err, YW_EINVAL, "/items/%s: the form has items 1 to %zu",
                              name, most);
    }
    return 0;
}

static int check_claims(const struct yw_duty_entry *entry, const char *claims,
                        struct yw_err *err)
{
    const char *name = NULL, *text;

    while (yw_pairs_next(claims, &name, &text)) {
        struct yw_rule_value value;
        int metric = known(entry, YW_RULE_METRIC, "/claims", name, err);

        if (metric < 0)
            return metric;
        if (yw_rule_value_read(&value, entry->law->rules, metric, text, err) != 0)
            return yw_err_prefix(err, "/claims");
    }
    return 0;
}

/* Of the offices of a tier the one that the report came to; "" when it came to several. */
static void name_office(const struct yw_duty_entry *entry, struct yw_ev_report_sent *p)
{
    const struct yw_event *report =
        yw_duty_report(yw_drill_state(entry->drill), p->relays);
    struct yw_rule_list to = {0};
    int found = 0;

    if (report != NULL)
        yw_scheme_names(entry->scheme, YW_RULE_PARTY, report->report_sent.to, &to);
    for (size_t i = 0; i < to.count; i++) {
        const struct yw_rule_name *party = row(entry, YW_RULE_PARTY, to.items[i]);

        if ((int)party->tier != entry->tier)
            continue;
        if (++found > 1)
            p->from[0] = '\0';
        else
            YW_COPY(p->from, party->id);
    }
}

/* What is passed on stands as it was told, as far as the office says nothing else. */
static void take_over(const struct yw_duty_entry *entry, struct yw_ev_report_sent *p)
{
    const struct yw_event *report =
        yw_duty_report(yw_drill_state(entry->drill), p->relays);

    if (report == NULL || entry->tier == 0 || p->form[0] != '\0' || p->items[0] != '\0' ||
        p->claims[0] != '\0')
        return;
    YW_COPY(p->form, report->report_sent.form);
    memcpy(p->items, report->report_sent.items, sizeof p->items);
    memcpy(p->claims, report->report_sent.claims, sizeof p->claims);
    p->grade = p->grade > 0 ? p->grade : report->report_sent.grade;
}

static int check_from(const struct yw_duty_entry *entry, struct yw_ev_report_sent *p,
                      struct yw_err *err)
{
    if (p->from[0] == '\0' && entry->tier == 0)
        YW_COPY(p->from, "enterprise");
    if (p->from[0] == '\0')
        name_office(entry, p);
    if (p->from[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "/from: say which office reports");
    int from = known(entry, YW_RULE_PARTY, "/from", p->from, err);

    if (from < 0)
        return from;
    if ((int)row(entry, YW_RULE_PARTY, from)->tier != entry->tier)
        return yw_err_set(err, YW_EDENIED, "/from: '%s' is not of this tier", p->from);
    p->from_tier = entry->tier;
    return 0;
}

static int check_relay(const struct yw_duty_entry *entry,
                       const struct yw_ev_report_sent *p, struct yw_err *err)
{
    const struct yw_event *report =
        yw_duty_report(yw_drill_state(entry->drill), p->relays);

    if (entry->tier == 0)
        return p->relays == 0 ? 0
                              : yw_err_set(err, YW_EINVAL,
                                           "/relays: an enterprise reports, it does "
                                           "not pass on");
    if (report == NULL || (report->report_sent.tiers >> entry->tier & 1) == 0)
        return yw_err_set(err, YW_ENOTFOUND, "/relays: no report %lld came here",
                          (long long)p->relays);
    return 0;
}

static int fill_report(const struct yw_duty_entry *entry, struct yw_event *event,
                       struct yw_err *err)
{
    struct yw_ev_report_sent *p = &event->report_sent;
    struct yw_rule_list to;

    take_over(entry, p);
    int form =
        p->form[0] == '\0' ? -1 : known(entry, YW_RULE_FORM, "/form", p->form, err);
    int code = p->form[0] != '\0' && form < 0 ? form : check_relay(entry, p, err);

    if (code == 0)
        code = check_from(entry, p, err);
    if (code == 0)
        code = check_items(entry, form, p->items, err);
    if (code == 0)
        code = check_claims(entry, p->claims, err);
    if (code == 0)
        code = check_role(entry, p->role, err);
    if (code != 0)
        return code;
    if (p->grade < 0 || p->grade > YW_RULES_GRADES)
        return yw_err_set(err, YW_EINVAL, "/grade: 0 (not told) to 4; got %lld",
                          (long long)p->grade);
    yw_scheme_names(entry->scheme, YW_RULE_PARTY, p->to, &to);
    for (const char *at = p->to; *at != '\0'; at += strcspn(at, " ")) {
        char word[YW_RULES_ID_MAX];

        at += strspn(at, " ");
        (void)yw_copyf(word, sizeof word, "%.*s", (int)strcspn(at, " "), at);
        if (word[0] != '\0' && known(entry, YW_RULE_PARTY, "/to", word, err) < 0)
            return YW_EINVAL;
    }
    if (to.count == 0)
        return yw_err_set(err, YW_EINVAL, "/to: a report goes to somebody");
    p->tiers = yw_duty_tiers(entry->law->rules, &to) | INT64_C(1) << entry->tier;
    yw_duty_say_report(entry->law->rules, p);
    return 0;
}

static int fill_receipt(const struct yw_duty_entry *entry, struct yw_event *event,
                        struct yw_err *err)
{
    struct yw_ev_report_received *p = &event->report_received;
    const struct yw_drill_state *state = yw_drill_state(entry->drill);
    const struct yw_event *report = yw_duty_report(state, p->report);

    if (report == NULL || (report->report_sent.tiers >> entry->tier & 1) == 0 ||
        report->report_sent.from_tier == entry->tier)
        return yw_err_set(err, YW_ENOTFOUND, "/report: no report %lld came here",
                          (long long)p->report);
    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *before = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (before->kind == YW_EVENT_REPORT_RECEIVED &&
            before->report_received.report == p->report &&
            before->report_received.tier == entry->tier)
            return yw_err_set(err, YW_ESTATE, "/report: received already");
    }
    p->tier = entry->tier;
    p->tiers = INT64_C(1) << entry->tier | INT64_C(1) << report->report_sent.from_tier;
    event->causes[0] = p->report;
    return check_role(entry, p->role, err);
}

static int fill_act(const struct yw_duty_entry *entry, struct yw_event *event,
                    struct yw_err *err)
{
    struct yw_ev_duty_done *p = &event->duty_done;
    const struct yw_rule_duty *duty = yw_rules_duty(entry->law->rules, p->duty, NULL);

    if (duty == NULL || duty->notify.count > 0)
        return yw_err_set(err, YW_EINVAL, "/duty: '%s' is no duty that asks for an act",
                          p->duty);
    p->says = duty->act.zh[0] != '\0' ? duty->act : duty->note;
    return check_role(entry, p->role, err);
}

/* ---- states of alert, watches, warnings ---- */

static bool is_state(const struct yw_rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->pack_count; i++) {
        for (size_t k = 0; k < rules->packs[i]->state_count; k++) {
            if (strcmp(rules->packs[i]->states[k].id, id) == 0)
                return true;
        }
    }
    return false;
}

static int fill_period(const struct yw_duty_entry *entry, struct yw_event *event,
                       struct yw_err *err)
{
    struct yw_ev_period_changed *p = &event->period_changed;

    if (!is_state(entry->law->rules, p->state))
        return yw_err_set(err, YW_EINVAL, "/state: no rule pack has a state '%s'",
                          p->state);
    if (p->zero_every_ms < 0 || p->check_every_ms < 0 ||
        (p->zero_every_ms > 0 && p->zero_every_ms < 1000))
        return yw_err_set(err, YW_EINVAL, "/zero_every_ms: a second at least, or 0");
    if (p->check_every_ms > 0 &&
        (p->check_limit_ms < 1000 || p->check_limit_ms >= p->check_every_ms))
        return yw_err_set(err, YW_EINVAL,
                          "/check_limit_ms: a second at least, and less than "
                          "check_every_ms");
    (void)yw_copyf(p->says.zh, sizeof p->says.zh, p->on ? "进入状态 %s" : "解除状态 %s",
                   p->state);
    (void)yw_copyf(p->says.en, sizeof p->says.en,
                   p->on ? "State %s is declared" : "State %s is over", p->state);
    event->team = -1;
    return 0;
}

static int fill_check(const struct yw_duty_entry *entry, struct yw_event *event,
                      struct yw_err *err)
{
    struct yw_ev_watch_asked *p = &event->watch_asked;

    if (p->limit_ms == 0)
        p->limit_ms = YW_DUTY_CHECK_MS;
    if (p->limit_ms < 1000)
        return yw_err_set(err, YW_EINVAL, "/limit_ms: a second at least");
    p->check = yw_drill_number(&entry->drill->duties->next_check,
                               yw_drill_state(entry->drill)->last_check);
    return 0;
}

static int fill_presence(const struct yw_duty_entry *entry, struct yw_event *event,
                         struct yw_err *err)
{
    struct yw_ev_watch_answered *p = &event->watch_answered;
    const struct yw_drill_state *state = yw_drill_state(entry->drill);
    const struct yw_event *asked = NULL;

    if (p->officer[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "/officer: who is on watch");
    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *before = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (before->team != entry->team)
            continue;
        if (before->kind == YW_EVENT_WATCH_ASKED && before->watch_asked.check == p->check)
            asked = before;
        if (before->kind == YW_EVENT_WATCH_ANSWERED &&
            before->watch_answered.check == p->check)
            return yw_err_set(err, YW_ESTATE, "/check: answered already");
    }
    if (asked == NULL)
        return yw_err_set(err, YW_ENOTFOUND, "/check: no presence check %lld was made",
                          (long long)p->check);
    event->causes[0] = asked->seq;
    return 0;
}

/* The tiers that a warning is for, as bits: enterprises unless it says otherwise. */
static int read_recipients(const struct yw_duty_entry *entry,
                           struct yw_ev_warning_issued *p, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(entry->drill);
    char word[YW_NAME_MAX];

    if (p->to[strspn(p->to, " ")] == '\0')
        YW_COPY(p->to, yw_tier_name(YW_TIER_ENTERPRISE));
    p->tiers = entry->tier > 0 ? INT64_C(1) << entry->tier : 0;
    for (const char *at = p->to + strspn(p->to, " "); *at != '\0';
         at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");

        (void)yw_copyf(word, sizeof word, "%.*s", (int)size, at);
        int tier = yw_spec_tier(word);

        if (tier < 0 || (tier > 0 && !state->tier_planned[tier]))
            return yw_err_set(
                err, YW_EINVAL,
                "/to: expected enterprise, or offices of this exercise; got "
                "'%s'",
                word);
        p->tiers |= INT64_C(1) << tier;
        at += size;
    }
    return 0;
}

static int fill_warning(const struct yw_duty_entry *entry, struct yw_event *event,
                        struct yw_err *err)
{
    struct yw_ev_warning_issued *p = &event->warning_issued;
    int code = one_of("/level", p->level, "blue yellow orange red", err);

    if (code == 0 && p->source[0] != '\0') {
        int source = known(entry, YW_RULE_PARTY, "/source", p->source, err);

        code = source < 0 ? source : 0;
    }
    if (code != 0)
        return code;
    if (p->title.zh[0] == '\0' && p->title.en[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "/title: a warning says what it warns of");
    if (p->title.zh[0] == '\0')
        YW_COPY(p->title.zh, p->title.en);
    if (p->title.en[0] == '\0')
        YW_COPY(p->title.en, p->title.zh);
    if (p->due_ms < 0)
        return yw_err_set(err, YW_EINVAL, "/due_ms: not below 0");
    if ((code = read_recipients(entry, p, err)) != 0)
        return code;
    p->warning = yw_drill_number(&entry->drill->duties->next_warning,
                                 yw_drill_state(entry->drill)->last_warning);
    return 0;
}

static int fill_warning_answer(const struct yw_duty_entry *entry, struct yw_event *event,
                               struct yw_err *err)
{
    struct yw_ev_warning_answered *p = &event->warning_answered;
    const struct yw_drill_state *state = yw_drill_state(entry->drill);
    int code = one_of("/answer", p->answer, "receipt self-check rectification", err);

    if (code != 0)
        return code;
    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *before = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (before->kind != YW_EVENT_WARNING_ISSUED ||
            before->warning_issued.warning != p->warning ||
            !yw_spec_has_word(before->warning_issued.to,
                              yw_tier_name((enum yw_tier)entry->tier)) ||
            (entry->tier == 0 && before->team >= 0 && before->team != entry->team))
            continue;
        p->tier = entry->tier;
        p->tiers = before->warning_issued.tiers;
        if (entry->tier > 0) { /* between offices */
            p->tiers &= ~INT64_C(1);
            event->team = before->team;
        }
        event->causes[0] = before->seq;
        return check_role(entry, p->role, err);
    }
    return yw_err_set(err, YW_ENOTFOUND, "/warning: no warning %lld came here",
                      (long long)p->warning);
}

/* ---- faults ---- */

/* A fault that stands in the record now, as control sees it. */
static bool finds_fault(const struct yw_duty_entry *entry, const char *name,
                        struct yw_text *ret_says)
{
    struct yw_judged *judged = yw_new(sizeof *judged);
    struct yw_record record;
    int64_t now_ms = yw_scheme_time(entry->scheme, yw_drill_now(entry->drill),
                                    yw_clock_wall_us(entry->drill->stage->clock));
    bool found = false;

    yw_record_read(&record, entry->scheme, &entry->drill->boards[0].view, entry->team);
    yw_record_judge(&record, entry->scheme, now_ms, judged);
    for (size_t i = 0; i < judged->faults.count && !found; i++) {
        char id[YW_FAULT_NAME_MAX];

        yw_fault_name(entry->law->rules, &judged->faults.items[i], id);
        found = strcmp(id, name) == 0;
        if (found)
            *ret_says = *yw_fault_text(judged->faults.items[i].code);
    }
    yw_record_fini(&record);
    free(judged);
    return found;
}

static int fill_dispute(const struct yw_duty_entry *entry, struct yw_event *event,
                        struct yw_err *err)
{
    struct yw_ev_fault_disputed *p = &event->fault_disputed;
    struct yw_text says;

    if (p->reason[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "/reason: a dispute needs a reason");
    if (!finds_fault(entry, p->fault, &says))
        return yw_err_set(err, YW_ENOTFOUND, "/fault: no fault '%s' was found", p->fault);
    (void)yw_copyf(p->says.zh, sizeof p->says.zh, "对“%s”提出异议", says.zh);
    (void)yw_copyf(p->says.en, sizeof p->says.en, "disputes “%s”", says.en);
    return check_role(entry, p->role, err);
}

static int fill_verdict(const struct yw_duty_entry *entry, struct yw_event *event,
                        struct yw_err *err)
{
    struct yw_ev_fault_ruled *p = &event->fault_ruled;
    struct yw_text says;
    int code = one_of("/verdict", p->verdict, "served upheld dismissed", err);

    if (code != 0)
        return code;
    if (p->reason[0] == '\0')
        return yw_err_set(err, YW_EINVAL, "/reason: a ruling needs a reason");
    if (!finds_fault(entry, p->fault, &says))
        return yw_err_set(err, YW_ENOTFOUND, "/fault: no fault '%s' was found", p->fault);
    (void)yw_copyf(p->says.zh, sizeof p->says.zh, "“%s”%s", says.zh,
                   p->verdict[0] == 's'   ? "告知"
                   : p->verdict[0] == 'u' ? "维持"
                                          : "撤销");
    (void)yw_copyf(p->says.en, sizeof p->says.en, "“%s” is %s", says.en, p->verdict);
    return 0;
}

int yw_duty_fill(const struct yw_duty_entry *entry, struct yw_event *event,
                 struct yw_err *err)
{
    static const struct {
        enum yw_event_kind kind;
        fill_fn *fill;
    } fills[] = {
        {YW_EVENT_INCIDENT_MARKED, fill_incident},
        {YW_EVENT_METRIC_MEASURED, fill_metric},
        {YW_EVENT_FACT_KNOWN, fill_fact},
        {YW_EVENT_GRADE_GIVEN, fill_grade},
        {YW_EVENT_REPORT_SENT, fill_report},
        {YW_EVENT_REPORT_RECEIVED, fill_receipt},
        {YW_EVENT_DUTY_DONE, fill_act},
        {YW_EVENT_PERIOD_CHANGED, fill_period},
        {YW_EVENT_WATCH_ASKED, fill_check},
        {YW_EVENT_WATCH_ANSWERED, fill_presence},
        {YW_EVENT_WARNING_ISSUED, fill_warning},
        {YW_EVENT_WARNING_ANSWERED, fill_warning_answer},
        {YW_EVENT_FAULT_DISPUTED, fill_dispute},
        {YW_EVENT_FAULT_RULED, fill_verdict},
    };

    for (size_t i = 0; i < sizeof fills / sizeof fills[0]; i++) {
        if (fills[i].kind == event->kind)
            return fills[i].fill(entry, event, err);
    }
    return yw_err_set(err, YW_EINVAL, "%s is not entered", yw_event_name(event->kind));
}
