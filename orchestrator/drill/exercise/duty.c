/* Duties: what the scenario says of law, and what teams, offices, control and stories enter. What
 * follows (grades, clocks, faults) is derived from the journal by response/record.h. */
#include "drill/exercise/duty.h"

#include "base/id.h"
#include "base/mem.h"
#include "drill/law.h"
#include "model/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the scenario says ---- */

/* "2026-11-20 08:30", seconds of the local civil clock. */
static bool read_date(const char *text, int64_t *ret_s)
{
    struct yw_rule_date date;
    char day[16];
    int hour = 0, minute = 0;
    size_t size = strlen(text);

    (void)yw_copyf(day, sizeof day, "%.10s", text);
    if (!yw_calendar_parse(day, &date) || (size != 10 && size != 16))
        return false;
    if (size == 16) {
        const char *clock = text + 10;

        for (int i = 0; i < 6; i++) {
            bool digit = clock[i] >= '0' && clock[i] <= '9';

            if (i == 0 ? clock[i] != ' ' : i == 3 ? clock[i] != ':' : !digit)
                return false;
        }
        hour = (clock[1] - '0') * 10 + clock[2] - '0';
        minute = (clock[4] - '0') * 10 + clock[5] - '0';
    }
    *ret_s = yw_calendar_day(date) * 86400 + hour * 3600 + minute * 60;
    return hour < 24 && minute < 60;
}

int yw_duty_build(struct yw_drill *drill, struct yw_err *err)
{
    const struct yw_spec *spec = drill->spec;
    const struct yw_law *law = yw_conductor_law(drill->conductor);
    int64_t start_s;

    int code = yw_law_check(law, spec, err);

    if (code != 0 || !yw_law_is_named(spec))
        return code;
    if (spec->date[0] != '\0' && !read_date(spec->date, &start_s))
        code = yw_err_set(err, YW_EINVAL,
                          "scenario.lua: date: expected \"2026-11-20 08:30\"; got '%s'",
                          spec->date);
    if (code == 0) {
        drill->duties = yw_new(sizeof *drill->duties);
        drill->duties->stale = true;
        drill->duties->seats =
            yw_new_array(drill->plan->team_count, sizeof *drill->duties->seats);
    }
    return code;
}

/* What was applied can be proven: the packs named, or all there are, and what they rest on. */
static void note_digests(const struct yw_spec *spec, const struct yw_rules *rules,
                         struct yw_ev_duty_planned *p)
{
    size_t size = sizeof p->digests;

    for (size_t i = 0; i < spec->rule_count; i++)
        (void)yw_pairs_put(p->digests, size, spec->rules[i],
                           yw_rules_pack(rules, spec->rules[i])->digest);
    for (size_t i = 0; i < rules->pack_count && spec->rule_count == 0; i++)
        (void)yw_pairs_put(p->digests, size, rules->packs[i]->id,
                           rules->packs[i]->digest);
    (void)yw_pairs_put(p->digests, size, YW_RULES_CALENDAR, rules->calendar_digest);
    (void)yw_pairs_put(p->digests, size, YW_RULES_NAMES, rules->names_digest);
}

static void plan(struct yw_drill *drill, struct yw_ev_duty_planned *p)
{
    const struct yw_spec *spec = drill->spec;
    struct yw_buf packs, important;

    yw_buf_init(&packs, sizeof p->packs - 1);
    yw_buf_init(&important, sizeof p->important - 1);
    for (size_t i = 0; i < spec->rule_count; i++)
        yw_buf_printf(&packs, "%s%s", i > 0 ? " " : "", spec->rules[i]);
    for (size_t i = 0; i < spec->machine_count; i++) {
        /* everybody may read this event: a hidden machine stays out of it */
        if (spec->machines[i].important && !spec->machines[i].hidden)
            yw_buf_printf(&important, "%s%s", important.size > 0 ? " " : "",
                          spec->machines[i].name);
    }
    YW_COPY(p->packs, packs.data != NULL ? packs.data : "");
    YW_COPY(p->important, important.data != NULL ? important.data : "");
    YW_COPY(p->region, spec->region);
    YW_COPY(p->classes, spec->classes);
    note_digests(spec, yw_conductor_law(drill->conductor)->rules, p);
    p->wall = spec->wall_clock;
    p->tolerance = spec->tolerance;
    if (!read_date(spec->date, &p->start_local_s))
        p->start_local_s = yw_clock_wall_us(drill->stage->clock) / 1000000 + YW_DUTY_CHINA_S;
    for (size_t i = 0; i < spec->limit_count; i++) {
        char seconds[24];

        (void)snprintf(seconds, sizeof seconds, "%lld",
                       (long long)(spec->limits[i].within_ms / 1000));
        (void)yw_pairs_put(p->limits, sizeof p->limits, spec->limits[i].duty, seconds);
    }
    yw_buf_fini(&packs);
    yw_buf_fini(&important);
}

void yw_duty_declare(struct yw_drill *drill)
{
    struct yw_event event;

    if (drill->duties == NULL)
        return;
    yw_drill_event(&event, YW_EVENT_DUTY_PLANNED, -1, "core");
    plan(drill, &event.duty_planned);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
    for (size_t i = 0; i < drill->spec->tier_count; i++) {
        const struct yw_spec_tier *tier = &drill->spec->tiers[i];

        yw_drill_event(&event, YW_EVENT_TIER_PLANNED, -1, "core");
        event.tier_planned.tier = yw_spec_tier(tier->name);
        event.tier_planned.people = tier->people;
        event.tier_planned.receive_ms = tier->receive_ms;
        event.tier_planned.relay_ms = tier->relay_ms;
        YW_COPY(event.tier_planned.roles, tier->roles);
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
}

/* ---- what is entered ---- */

static int team_named(const struct yw_drill *drill, const char *name)
{
    const struct yw_drill_state *state = yw_drill_state(drill);

    for (size_t i = 0; i < state->teams.count; i++) {
        if (strcmp(((const struct yw_team_fold *)yw_vec_at(&state->teams, i))->name,
                   name) == 0)
            return (int)i;
    }
    return -1;
}

/* Whom it is about: of a report that it names, else as the request says. */
static int find_team(struct yw_duty_entry *entry, const struct yw_event *event,
                     struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(entry->drill);
    enum yw_event_kind kind = event->kind;
    const struct yw_event *report = NULL;

    if (entry->by == YW_DUTY_BY_TEAM)
        return 0;
    if (kind == YW_EVENT_REPORT_SENT)
        report = yw_duty_report(state, event->report_sent.relays);
    else if (kind == YW_EVENT_REPORT_RECEIVED)
        report = yw_duty_report(state, event->report_received.report);
    if (report != NULL) {
        entry->team = report->team;
        return 0;
    }
    entry->team = state->teams.count == 1 ? 0 : -1;
    if (entry->request->team[0] != '\0') {
        entry->team = team_named(entry->drill, entry->request->team);
        if (entry->team < 0)
            return yw_err_set(err, YW_ENOTFOUND, "/team: no team '%s'",
                              entry->request->team);
    }
    bool may_be_all = kind == YW_EVENT_PERIOD_CHANGED ||
                      kind == YW_EVENT_WARNING_ISSUED || kind == YW_EVENT_REPORT_SENT ||
                      kind == YW_EVENT_REPORT_RECEIVED ||
                      kind == YW_EVENT_WARNING_ANSWERED;

    return entry->team >= 0 || may_be_all
               ? 0
               : yw_err_set(err, YW_EINVAL, "/team: say which of the %zu teams",
                            state->teams.count);
}

/* Has the office dealt with this report: received it, or passed it on? */
static bool is_dealt_with(const struct yw_drill_state *state,
                          const struct yw_duty_entry *entry, enum yw_event_kind how,
                          int64_t report)
{
    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (event->kind != how)
            continue;
        if (how == YW_EVENT_REPORT_RECEIVED
                ? event->report_received.report == report &&
                      event->report_received.tier == entry->tier
                : event->report_sent.relays == report &&
                      event->report_sent.from_tier == entry->tier)
            return true;
    }
    return false;
}

/* An office that names no report means the oldest that came to it (of the team that it names)
 * and that it has not received yet; or, to pass on, received and not passed on. */
static int next_report(const struct yw_duty_entry *entry, struct yw_event *event,
                       struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(entry->drill);
    enum yw_event_kind how = event->kind;
    int team = team_named(entry->drill, entry->request->team);
    int64_t *number = how == YW_EVENT_REPORT_SENT       ? &event->report_sent.relays
                      : how == YW_EVENT_REPORT_RECEIVED ? &event->report_received.report
                                                        : NULL;

    for (size_t i = 0; number != NULL && *number == 0 && i < state->duties.count; i++) {
        const struct yw_event *came = *(struct yw_event **)yw_vec_at(&state->duties, i);
        const struct yw_ev_report_sent *p = &came->report_sent;

        if (came->kind == YW_EVENT_REPORT_SENT && p->from_tier != entry->tier &&
            (p->tiers >> entry->tier & 1) != 0 && (team < 0 || came->team == team) &&
            (how == YW_EVENT_REPORT_RECEIVED || event->report_sent.from[0] == '\0' ||
             yw_spec_has_word(p->to, event->report_sent.from)) &&
            (how == YW_EVENT_REPORT_RECEIVED ||
             is_dealt_with(state, entry, YW_EVENT_REPORT_RECEIVED, came->seq)) &&
            !is_dealt_with(state, entry, how, came->seq))
            *number = came->seq;
    }
    return number == NULL || *number > 0
               ? 0
               : yw_err_set(err, YW_ENOTFOUND, "no report waits here to be %s",
                            how == YW_EVENT_REPORT_RECEIVED ? "received" : "passed on");
}

static int may_enter(const struct yw_duty_entry *entry, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(entry->drill);
    enum yw_event_kind kind = entry->request->event.kind;
    bool after = kind == YW_EVENT_FAULT_DISPUTED || kind == YW_EVENT_FAULT_RULED;

    if (entry->drill->duties == NULL)
        return yw_err_set(err, YW_ESTATE, "drill '%s': its scenario names no rules",
                          entry->drill->id);
    if ((entry->request->noun->by & entry->by) == 0)
        return yw_err_set(err, YW_EDENIED, "a %s is not entered by %s",
                          entry->request->noun->name,
                          entry->by == YW_DUTY_BY_TEAM   ? "a team"
                          : entry->by == YW_DUTY_BY_TIER ? "an office"
                                                         : "control");
    if (state->phase != YW_PHASE_RUNNING && !(after && state->phase == YW_PHASE_ENDED))
        return yw_err_set(err, YW_ESTATE, "drill '%s' is %s: nothing is entered now (%s)",
                          entry->drill->id, yw_phase_name(state->phase),
                          entry->request->noun->name);
    if (state->duties.count + YW_DUTY_ROOM >= YW_DRILL_DUTIES_MAX)
        return yw_err_set(err, YW_ELIMIT, "drill '%s' has %zu events of duties already",
                          entry->drill->id, state->duties.count);
    return 0;
}

static int enter(struct yw_duty_entry *entry, struct yw_event *event, int64_t *ret_seq,
                 struct yw_err *err)
{
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    char actor[YW_EVENT_ACTOR_MAX], key[YW_EVENT_KEY_MAX];
    int64_t cause = event->causes[0];
    int code = may_enter(entry, err);

    YW_COPY(actor, event->actor);
    YW_COPY(key, event->key);
    *event = entry->request->event;
    YW_COPY(event->actor, actor);
    YW_COPY(event->key, key);
    event->causes[0] = cause;
    entry->law = yw_conductor_law(entry->drill->conductor);
    entry->scheme = scheme;
    if (code == 0 && entry->tier > 0)
        code = next_report(entry, event, err);
    if (code == 0)
        code = find_team(entry, event, err);
    if (code == 0) {
        event->team = entry->team;
        (void)yw_scheme_read(scheme, entry->law, yw_drill_state(entry->drill));
        code = yw_duty_fill(entry, event, err);
    }
    if (code == 0) {
        /* what it will be compared with stands before it in the journal */
        if (event->kind == YW_EVENT_REPORT_SENT || event->kind == YW_EVENT_GRADE_GIVEN)
            yw_duty_measure_all(entry->drill, entry->team);
        code = yw_drill_emit(entry->drill, event, ret_seq, err);
    }
    free(scheme);
    return code;
}

int yw_duty_command(struct yw_drill *drill, struct yw_command *command,
                    struct yw_err *err)
{
    struct yw_duty_entry entry = {.drill = drill,
                                  .request = command->duty,
                                  .by = command->tier > 0    ? YW_DUTY_BY_TIER
                                        : command->team >= 0 ? YW_DUTY_BY_TEAM
                                                             : YW_DUTY_BY_CONTROL,
                                  .team = command->team,
                                  .tier = command->tier};
    struct yw_event event = {.kind = command->duty->event.kind};

    YW_COPY(event.actor, command->actor);
    YW_COPY(event.key, command->key);
    return enter(&entry, &event, &command->ret_seq, err);
}

int yw_duty_tell(struct yw_drill *drill, int team, const struct yw_script_verb *verb,
                 int64_t step_seq, struct yw_err *err)
{
    struct yw_request_duty request;
    const struct yw_duty_noun *noun = yw_duty_noun_find(verb->subject, NULL);
    struct yw_duty_entry entry = {
        .drill = drill, .request = &request, .by = YW_DUTY_BY_CONTROL, .team = team};
    struct yw_event event = {.kind = YW_EVENT_KINDS, .causes = {step_seq}};
    struct yw_buf body;

    if (noun == NULL)
        return yw_err_set(err, YW_EINVAL, "scenario.lua:%d: enter: no noun '%s'",
                          verb->line, verb->subject);
    yw_buf_init(&body, YW_REQUEST_BYTES_MAX);
    int code = yw_request_duty_body(&body, noun, verb->vars, verb->var_count, err);

    if (code == 0)
        code = yw_request_duty_decode(&request, noun, body.data, body.size, err);
    yw_buf_fini(&body);
    if (code == 0) {
        YW_COPY(event.actor, "story");
        (void)yw_copyf(event.key, sizeof event.key, "story-%d-%lld", team,
                       (long long)step_seq);
        /* a story is its team's own: it speaks of that team */
        if (request.team[0] == '\0' && noun->kind != YW_EVENT_PERIOD_CHANGED)
            YW_COPY(request.team, drill->plan->teams[team]);
        code = enter(&entry, &event, NULL, err);
    }
    if (code == YW_EEXIST)
        code = 0;
    return code == 0 ? 0
                     : (yw_err_prefix(err, "scenario.lua:%d: enter", verb->line), code);
}

void yw_duty_close(struct yw_drill *drill)
{
    for (size_t t = 0; drill->duties != NULL && t < drill->plan->team_count; t++)
        free(drill->duties->seats[t].memos);
    if (drill->duties != NULL)
        free(drill->duties->seats);
    free(drill->duties);
}
