/* What happens by itself: offices that the system plays receive reports and pass them on, periods
 * begin and end, presence checks are made. Each is found from the fold and the time alone:
 *
 *   fold, now ─▶ what is due first ─▶ (due) its event, keyed ─▶ durable ─▶ fold ─▶ …
 *
 * so a restart finds the same, and a key that is in the journal already changes nothing. */
#include "drill/exercise/duty.h"

#include "base/mem.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct desk {
    struct yw_drill *drill;
    const struct yw_drill_state *state;
    const struct yw_law *law;
    int64_t due_ms;        /* of what comes first */
    struct yw_event event; /* … and its event; kind YW_EVENT_KINDS: nothing */
    size_t playbook;       /* … if it starts one */
};

static const struct yw_event *duty_at(const struct desk *desk, size_t index)
{
    return *(struct yw_event **)yw_vec_at(&desk->state->duties, index);
}

/* True when this comes before what was found until now; the event is then begun. */
static bool sooner(struct desk *desk, int64_t due_ms, enum yw_event_kind kind, int team,
                   const char *actor)
{
    if (due_ms >= desk->due_ms)
        return false;
    desk->due_ms = due_ms;
    yw_drill_event(&desk->event, kind, team, actor);
    return true;
}

/* ---- offices ---- */

static const struct yw_event *received(const struct desk *desk, int64_t report, int tier)
{
    for (size_t i = 0; i < desk->state->duties.count; i++) {
        const struct yw_event *event = duty_at(desk, i);

        if (event->kind == YW_EVENT_REPORT_RECEIVED &&
            event->report_received.report == report &&
            event->report_received.tier == tier)
            return event;
    }
    return NULL;
}

static bool relayed(const struct desk *desk, int64_t report, const char *from)
{
    for (size_t i = 0; i < desk->state->duties.count; i++) {
        const struct yw_event *event = duty_at(desk, i);

        if (event->kind == YW_EVENT_REPORT_SENT && event->report_sent.relays == report &&
            strcmp(event->report_sent.from, from) == 0)
            return true;
    }
    return false;
}

/* Whom the packs of the exercise want this office to tell. */
static void next_of(const struct desk *desk, const struct yw_scheme *scheme, int from,
                    struct yw_rule_list *ret)
{
    const struct yw_rule_name *parties = desk->law->rules->names[YW_RULE_PARTY].rows;

    ret->count = 0;
    for (size_t i = 0; i < desk->law->rules->pack_count; i++) {
        const struct yw_rule_pack *pack = desk->law->rules->packs[i];

        for (size_t k = 0;
             yw_exercise_has(&scheme->exercise, pack) && k < pack->duty_count; k++) {
            const struct yw_rule_duty *duty = &pack->duties[k];
            const struct yw_rule_list *levels = &parties[duty->actor].levels;

            for (size_t l = 0; l + 1 < levels->count; l++) {
                if (levels->items[l] == from && ret->count < YW_RULES_LIST_MAX &&
                    !yw_rule_list_has(ret, levels->items[l + 1]))
                    ret->items[ret->count++] = levels->items[l + 1];
            }
            for (size_t n = 0;
                 duty->actor == from && duty->when < 0 &&
                 duty->anchor == YW_ANCHOR_REPORT_RECEIVED && n < duty->notify.count;
                 n++) {
                int to = duty->notify.items[n];

                if (parties[to].tier >= parties[from].tier && to != from &&
                    parties[to].tier < YW_TIER_EACH && ret->count < YW_RULES_LIST_MAX &&
                    !yw_rule_list_has(ret, to))
                    ret->items[ret->count++] = to;
            }
        }
    }
}

static void make_relay(struct desk *desk, const struct yw_event *report, int tier,
                       int from, const struct yw_rule_list *to)
{
    const struct yw_rule_name *parties = desk->law->rules->names[YW_RULE_PARTY].rows;
    struct yw_event *event = &desk->event;
    struct yw_buf names;

    event->report_sent = report->report_sent;
    event->report_sent.relays = report->seq;
    event->report_sent.from_tier = tier;
    event->report_sent.text[0] = '\0';
    YW_COPY(event->report_sent.role, "system");
    YW_COPY(event->report_sent.from, parties[from].id);
    yw_buf_init(&names, sizeof event->report_sent.to - 1);
    for (size_t i = 0; i < to->count; i++)
        yw_buf_printf(&names, "%s%s", i > 0 ? " " : "", parties[to->items[i]].id);
    YW_COPY(event->report_sent.to, names.data != NULL ? names.data : "");
    yw_buf_fini(&names);
    event->report_sent.tiers = yw_duty_tiers(desk->law->rules, to) | INT64_C(1) << tier;
    yw_duty_say_report(desk->law->rules, &event->report_sent);
    event->causes[0] = report->seq;
    (void)yw_copyf(event->key, sizeof event->key, "desk-relay-%lld-%.40s",
                   (long long)report->seq, parties[from].id);
}

/* One office that a report came to: it receives, then it passes on. */
static void serve(struct desk *desk, const struct yw_scheme *scheme,
                  const struct yw_event *report, int party)
{
    const struct yw_rule_name *row = &desk->law->rules->names[YW_RULE_PARTY].rows[party];
    int tier = (int)row->tier;
    const struct yw_ev_tier_planned *plan =
        &desk->state->tiers[tier < YW_EVENT_TIERS ? tier : 0];
    const struct yw_event *receipt;
    struct yw_rule_list next;
    char actor[YW_EVENT_ACTOR_MAX];

    if (tier <= 0 || tier >= YW_EVENT_TIERS || !desk->state->tier_planned[tier] ||
        plan->people)
        return;
    receipt = received(desk, report->seq, tier);
    (void)yw_copyf(actor, sizeof actor, "desk:%s", yw_tier_name(row->tier));
    if (receipt == NULL) {
        if (sooner(desk, report->drill_ms + plan->receive_ms, YW_EVENT_REPORT_RECEIVED,
                   report->team, actor)) {
            desk->event.report_received = (struct yw_ev_report_received){
                .report = report->seq,
                .tier = tier,
                .tiers = INT64_C(1) << tier | INT64_C(1) << report->report_sent.from_tier,
                .role = "system"};
            desk->event.causes[0] = report->seq;
            (void)yw_copyf(desk->event.key, sizeof desk->event.key,
                           "desk-receipt-%lld-%d", (long long)report->seq, tier);
        }
        return;
    }
    if (plan->relay_ms == 0 || strcmp(report->report_sent.form, "zero_report") == 0 ||
        relayed(desk, report->seq, row->id))
        return;
    next_of(desk, scheme, party, &next);
    if (next.count > 0 && sooner(desk, receipt->drill_ms + plan->relay_ms,
                                 YW_EVENT_REPORT_SENT, report->team, actor))
        make_relay(desk, report, tier, party, &next);
}

/* A report that comes to an office starts the office's own playbooks, once for each team. */
static void find_playbooks(struct desk *desk, const struct yw_event *report)
{
    const struct yw_ev_report_sent *p = &report->report_sent;
    const struct yw_drill *drill = desk->drill;

    for (size_t i = 0; i < drill->spec->playbook_count; i++) {
        const struct yw_spec_playbook *playbook = &drill->spec->playbooks[i];
        int tier = playbook->office[0] != '\0' ? yw_spec_tier(playbook->office) : 0;
        char key[YW_EVENT_KEY_MAX];

        (void)yw_copyf(key, sizeof key, "office-%.40s-%d", playbook->name, report->team);
        if (tier <= 0 || p->from_tier == tier || (p->tiers >> tier & 1) == 0 ||
            strcmp(p->form, "zero_report") == 0 || report->team < 0 ||
            yw_journal_key(drill->journal, key) > 0 ||
            drill->runs.count >= YW_DRILL_RUNS_MAX ||
            !sooner(desk, report->drill_ms, YW_EVENT_PLAYBOOK_STARTED, report->team,
                    "core"))
            continue;
        desk->playbook = i;
        desk->event.causes[0] = report->seq;
        YW_COPY(desk->event.key, key);
    }
}

static bool acknowledged(const struct desk *desk, const struct yw_event *warning,
                         int tier)
{
    for (size_t i = 0; i < desk->state->duties.count; i++) {
        const struct yw_event *event = duty_at(desk, i);

        if (event->kind == YW_EVENT_WARNING_ANSWERED &&
            event->warning_answered.warning == warning->warning_issued.warning &&
            event->warning_answered.tier == tier)
            return true;
    }
    return false;
}

/* Offices that act by themselves acknowledge a warning that is for them. */
static void find_warnings(struct desk *desk)
{
    for (size_t i = 0; i < desk->state->duties.count * YW_EVENT_TIERS; i++) {
        const struct yw_event *event = duty_at(desk, i / YW_EVENT_TIERS);
        const struct yw_ev_warning_issued *p = &event->warning_issued;
        int tier = (int)(i % YW_EVENT_TIERS);
        const char *name = yw_tier_name((enum yw_tier)tier);
        const struct yw_ev_tier_planned *plan = &desk->state->tiers[tier];
        char actor[YW_EVENT_ACTOR_MAX];

        (void)yw_copyf(actor, sizeof actor, "desk:%s", name);
        if (event->kind != YW_EVENT_WARNING_ISSUED || tier == 0 ||
            !desk->state->tier_planned[tier] || plan->people ||
            !yw_spec_has_word(p->to, name) || acknowledged(desk, event, tier) ||
            !sooner(desk, event->drill_ms + plan->receive_ms, YW_EVENT_WARNING_ANSWERED,
                    event->team, actor))
            continue;
        desk->event.warning_answered =
            (struct yw_ev_warning_answered){.warning = p->warning,
                                            .answer = "receipt",
                                            .tier = tier,
                                            .tiers = p->tiers & ~INT64_C(1),
                                            .role = "system"};
        desk->event.causes[0] = event->seq;
        (void)yw_copyf(desk->event.key, sizeof desk->event.key, "desk-warning-%lld-%d",
                       (long long)p->warning, tier);
    }
}

static void find_reports(struct desk *desk)
{
    struct yw_scheme *scheme = yw_new(sizeof *scheme);

    if (!yw_scheme_read(scheme, desk->law, desk->state)) {
        free(scheme);
        return;
    }
    for (size_t i = 0; i < desk->state->duties.count; i++) {
        const struct yw_event *event = duty_at(desk, i);
        struct yw_rule_list to;

        if (event->kind != YW_EVENT_REPORT_SENT)
            continue;
        find_playbooks(desk, event);
        yw_scheme_names(scheme, YW_RULE_PARTY, event->report_sent.to, &to);
        for (size_t k = 0; k < to.count; k++)
            serve(desk, scheme, event, to.items[k]);
    }
    free(scheme);
}

/* ---- periods and presence checks ---- */

static const struct yw_event *by_key(const struct desk *desk, const char *key)
{
    for (size_t i = 0; i < desk->state->duties.count; i++) {
        const struct yw_event *event = duty_at(desk, i);

        if (strcmp(event->key, key) == 0)
            return event;
    }
    return NULL;
}

static void find_period(struct desk *desk, const struct yw_spec_period *period, bool on)
{
    int64_t due_ms = on ? period->from_ms : period->to_ms;
    char key[YW_EVENT_KEY_MAX];

    (void)yw_copyf(key, sizeof key, "period-%.40s-%s", period->name, on ? "on" : "off");
    if ((!on && period->to_ms == 0) || by_key(desk, key) != NULL ||
        !sooner(desk, due_ms, YW_EVENT_PERIOD_CHANGED, -1, "core"))
        return;
    struct yw_ev_period_changed *p = &desk->event.period_changed;

    YW_COPY(desk->event.key, key);
    YW_COPY(p->state, period->state);
    p->on = on;
    if (on) {
        p->freeze = period->freeze;
        p->zero_every_ms = period->zero_every_ms;
        p->check_every_ms = period->check_every_ms;
        p->check_limit_ms = period->check_limit_ms;
    }
    (void)yw_copyf(p->says.zh, sizeof p->says.zh, on ? "进入状态 %s" : "解除状态 %s",
                   p->state);
    (void)yw_copyf(p->says.en, sizeof p->says.en,
                   on ? "State %s is declared" : "State %s is over", p->state);
}

/* The drill time of a period's n-th check of a team: somewhere in the n-th stretch, such that
 * it can be answered within it. The drill's seed decides. */
static int64_t check_time(const struct desk *desk, const struct yw_event *period,
                          int team, int64_t number)
{
    const struct yw_ev_period_changed *p = &period->period_changed;
    struct yw_random random;
    char stream[64];

    (void)snprintf(stream, sizeof stream, "watch-%lld-%d-%lld", (long long)period->seq,
                   team, (long long)number);
    yw_random_init(&random, (uint64_t)desk->state->planned.seed, stream);
    return period->drill_ms + number * p->check_every_ms +
           (int64_t)yw_random_below(&random,
                                    (uint64_t)(p->check_every_ms - p->check_limit_ms));
}

static void find_checks(struct desk *desk, const struct yw_event *period, int team)
{
    const struct yw_ev_period_changed *p = &period->period_changed;
    int64_t made = 0;

    for (size_t i = 0; i < desk->state->duties.count; i++) {
        const struct yw_event *event = duty_at(desk, i);

        made += event->kind == YW_EVENT_WATCH_ASKED && event->team == team &&
                event->causes[0] == period->seq;
    }
    if (!sooner(desk, check_time(desk, period, team, made), YW_EVENT_WATCH_ASKED, team,
                "core"))
        return;
    desk->event.watch_asked.limit_ms = p->check_limit_ms;
    desk->event.causes[0] = period->seq;
    (void)yw_copyf(desk->event.key, sizeof desk->event.key, "watch-%lld-%d-%lld",
                   (long long)period->seq, team, (long long)made);
}

static void find_watch(struct desk *desk)
{
    const struct yw_event *period = NULL;

    for (size_t i = 0; i < desk->state->duties.count; i++) {
        if (duty_at(desk, i)->kind == YW_EVENT_PERIOD_CHANGED)
            period = duty_at(desk, i);
    }
    if (period == NULL || !period->period_changed.on ||
        period->period_changed.check_every_ms == 0)
        return;
    for (size_t t = 0; t < desk->state->teams.count; t++)
        find_checks(desk, period, (int)t);
}

static void find(struct yw_drill *drill, struct desk *desk)
{
    memset(desk, 0, sizeof *desk);
    desk->drill = drill;
    desk->state = yw_drill_state(drill);
    desk->law = yw_conductor_law(drill->conductor);
    desk->due_ms = INT64_MAX;
    desk->event.kind = YW_EVENT_KINDS;
    if (desk->state->duties.count + 1 >= YW_DRILL_DUTIES_MAX)
        return;
    find_reports(desk);
    find_warnings(desk);
    for (size_t i = 0; i < drill->spec->period_count; i++) {
        find_period(desk, &drill->spec->periods[i], true);
        find_period(desk, &drill->spec->periods[i], false);
    }
    find_watch(desk);
}

/* ---- limits ---- */

/* When a clock of control's board passes its limit next, in the clock of the exercise. */
static int64_t next_limit(struct yw_drill *drill)
{
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    struct yw_judged *judged = yw_new(sizeof *judged);
    const struct yw_drill_state *state = yw_drill_state(drill);
    int64_t next_ms = INT64_MAX;

    for (size_t t = 0;
         yw_scheme_read(scheme, yw_conductor_law(drill->conductor), state) &&
         t < state->teams.count;
         t++) {
        int64_t now_ms = yw_scheme_time(scheme, yw_drill_now(drill),
                                        yw_clock_wall_us(drill->stage->clock));
        struct yw_record record;

        yw_record_read(&record, scheme, &drill->boards[0].view, (int)t);
        yw_record_judge(&record, scheme, now_ms, judged);
        for (size_t i = 0; i < judged->clocks.count; i++) {
            int64_t due_ms = judged->clocks.items[i].due_ms;

            if (judged->clocks.items[i].met_ms < 0 && due_ms >= now_ms &&
                due_ms < next_ms)
                next_ms = due_ms;
        }
        yw_record_fini(&record);
    }
    free(judged);
    free(scheme);
    return next_ms;
}

static void soil_boards(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->board_count; i++)
        drill->boards[i].dirty = true;
    yw_board_arm(drill);
}

void yw_desk_react(struct yw_drill *drill, const struct yw_event *event)
{
    if (drill->duties == NULL)
        return;
    bool of_duties =
        event->kind >= YW_EVENT_DUTY_PLANNED && event->kind <= YW_EVENT_CHANGE_FROZEN;

    if (of_duties || event->kind == YW_EVENT_PHASE_CHANGED ||
        event->kind == YW_EVENT_PLAYBOOK_STARTED) {
        drill->duties->stale = true;
        drill->duties->desk_emitted = false;
    }
}

static int emit(struct desk *desk)
{
    struct yw_drill *drill = desk->drill;
    struct yw_err err = {0};

    if (desk->event.kind == YW_EVENT_WATCH_ASKED)
        desk->event.watch_asked.check =
            yw_drill_number(&drill->duties->next_check, desk->state->last_check);
    if (desk->event.kind == YW_EVENT_PLAYBOOK_STARTED &&
        yw_respond_office(drill, desk->playbook, desk->event.team, &desk->event, &err) !=
            0) {
        yw_drill_fault(drill, "%s", err.text);
        return YW_ESTATE;
    }
    return yw_drill_emit(drill, &desk->event, NULL, NULL);
}

void yw_desk_poke(struct yw_drill *drill)
{
    struct yw_duties *duties = drill->duties;
    const struct yw_drill_state *state = yw_drill_state(drill);

    if (duties == NULL || drill->broken || state->phase != YW_PHASE_RUNNING ||
        duties->desk_emitted)
        return;
    int64_t now_ms = yw_drill_now(drill);
    struct yw_scheme scheme = {.state = state};
    int64_t clock_ms =
        yw_scheme_time(&scheme, now_ms, yw_clock_wall_us(drill->stage->clock));

    if (!duties->stale && now_ms < duties->desk_ms && clock_ms <= duties->board_ms)
        return;
    if (clock_ms > duties->board_ms)
        soil_boards(drill);
    struct desk *desk = yw_new(sizeof *desk);

    find(drill, desk);
    duties->desk_ms = desk->due_ms;
    duties->board_ms = next_limit(drill);
    duties->stale = false;
    if (desk->due_ms <= now_ms) {
        int code = emit(desk);

        /* told already: what is on its way to the disk makes the desk look again */
        duties->desk_emitted = code == 0 || code == YW_EEXIST;
    }
    free(desk);
}

int64_t yw_desk_due(const struct yw_drill *drill)
{
    const struct yw_duties *duties = drill->duties;
    const struct yw_drill_state *state = yw_drill_state(drill);

    if (duties == NULL || duties->desk_emitted)
        return INT64_MAX;
    if (duties->stale)
        return 0;
    int64_t board_ms = duties->board_ms;

    if (board_ms == INT64_MAX)
        return duties->desk_ms;
    if (state->duty_plan.wall) { /* as drill time at the speed of now */
        struct yw_scheme scheme = {.state = state};
        int64_t wall_ms = yw_scheme_time(&scheme, yw_drill_now(drill),
                                         yw_clock_wall_us(drill->stage->clock));

        board_ms = yw_drill_now(drill) +
                   (int64_t)((double)(board_ms - wall_ms) * drill->clock.speed);
    }
    return board_ms + 1 < duties->desk_ms ? board_ms + 1 : duties->desk_ms;
}
