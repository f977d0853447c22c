#include "codec/state/state_duty.h"

#include "base/mem.h"
#include "codec/order.h"
#include "codec/state/state_duty_inside.h"

#include <stdlib.h>
#include <string.h>

static const struct yw_text *party_text(const struct yw_duty_page *page, int party)
{
    return &page->law->rules->names[YW_RULE_PARTY].rows[party].text;
}

static const struct yw_event *duty_at(const struct yw_duty_page *page, size_t index)
{
    return *(struct yw_event **)yw_vec_at(&page->view->state.duties, index);
}

static bool is_control(const struct yw_duty_page *page)
{
    return page->view->audience == YW_AUDIENCE_CONTROL;
}

/* ---- clocks ---- */

static void write_clock(const struct yw_duty_page *page, const char *key,
                        const struct yw_duty_clock *clock)
{
    struct yw_writer *w = page->w;
    const struct yw_rule_duty *duty = clock->duty;

    yw_write_object(w, key);
    if (duty->act.zh[0] != '\0')
        yw_write_text(w, "act", &duty->act);
    yw_write_text(w, "anchor", yw_anchor_text(duty->anchor));
    yw_write_string(w, "article", duty->ref);
    yw_write_string(w, "confidence", yw_confidence_name(duty->confidence));
    if (clock->due_ms != YW_DUTY_NEVER)
        yw_write_int(w, "due_ms", clock->due_ms);
    yw_write_string(w, "duty", duty->id);
    if (duty->form >= 0)
        yw_write_string(w, "form",
                        page->law->rules->names[YW_RULE_FORM].rows[duty->form].id);
    yw_write_text(w, "from", party_text(page, clock->from));
    yw_write_bool(w, "house", clock->house);
    if (duty->limit_text.zh[0] != '\0')
        yw_write_text(w, "limit_text", &duty->limit_text);
    if (clock->met_ms >= 0)
        yw_write_int(w, "met_ms", clock->met_ms);
    yw_write_string(w, "pack", clock->pack->id);
    if (clock->seq > 0)
        yw_write_int(w, "seq", clock->seq);
    yw_write_int(w, "started_ms", clock->started_ms);
    yw_write_string(w, "state", yw_duty_state_name(clock->state));
    if (clock->to >= 0)
        yw_write_text(w, "to", party_text(page, clock->to));
    yw_write_end(w, '}');
}

static void write_clocks(const struct yw_duty_page *page)
{
    const struct yw_rule_name *parties = page->law->rules->names[YW_RULE_PARTY].rows;
    const struct yw_duty_clocks *clocks = &page->judged->clocks;
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < clocks->count; i++) {
        const struct yw_duty_clock *clock = &clocks->items[i];
        char key[YW_ORDER_KEY_MAX];

        (void)yw_copyf(key, sizeof key, "%.50s:%.28s:%.28s", clock->duty->id,
                       parties[clock->from].id,
                       clock->to < 0 ? "" : parties[clock->to].id);
        yw_order_add(&order, key, clock);
    }
    yw_order_sort(&order);
    yw_write_object(page->w, "clocks");
    for (size_t i = 0; i < order.count; i++)
        write_clock(page, order.entries[i].key, order.entries[i].item);
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

/* ---- faults ---- */

static void write_value(const struct yw_duty_page *page, const char *key, int metric,
                        const struct yw_rule_value *value)
{
    char text[32];

    yw_rule_value_write(value, page->law->rules, metric, text);
    if (text[0] != '\0')
        yw_write_string(page->w, key, text);
}

static void write_fault(const struct yw_duty_page *page, const char *name,
                        const struct yw_fault *fault)
{
    struct yw_writer *w = page->w;
    bool disputed;
    const char *verdict =
        yw_fault_verdict(&page->view->state, page->team, name, &disputed);

    yw_write_object(w, name);
    yw_write_int(w, "at_ms", fault->at_ms);
    yw_write_string(w, "code", yw_fault_code_name(fault->code));
    yw_write_bool(w, "disputed", disputed);
    if (fault->duty != NULL)
        yw_write_string(w, "duty", fault->duty->id);
    if (fault->from >= 0)
        yw_write_text(w, "from", party_text(page, fault->from));
    if (fault->metric >= 0)
        yw_write_text(w, "metric",
                      &page->law->rules->names[YW_RULE_METRIC].rows[fault->metric].text);
    if (fault->pack != NULL)
        yw_write_string(w, "pack", fault->pack->id);
    if (fault->code == YW_FAULT_FALSE)
        write_value(page, "said", fault->metric, &fault->said);
    if (fault->seq > 0)
        yw_write_int(w, "seq", fault->seq);
    if (fault->skipped >= 0)
        yw_write_text(w, "skipped", party_text(page, fault->skipped));
    yw_write_text(w, "text", yw_fault_text(fault->code));
    if (fault->to >= 0)
        yw_write_text(w, "to", party_text(page, fault->to));
    if (is_control(page) && fault->metric >= 0)
        write_value(page, "truth", fault->metric, &fault->truth);
    if (verdict != NULL)
        yw_write_string(w, "verdict", verdict);
    yw_write_end(w, '}');
}

/* A finding that control has served on the team, though its own eyes do not show it. */
static void write_served(const struct yw_duty_page *page, const char *name,
                         const struct yw_event *event)
{
    struct yw_writer *w = page->w;
    bool disputed;
    const char *verdict =
        yw_fault_verdict(&page->view->state, page->team, name, &disputed);
    const char *colon = strchr(name, ':');

    yw_write_object(w, name);
    yw_write_int(w, "at_ms", yw_scheme_at(page->scheme, event));
    char code[24];
    (void)yw_copyf(code, sizeof code, "%.*s", colon != NULL ? (int)(colon - name) : 0,
                   name);
    yw_write_string(w, "code", code);
    yw_write_bool(w, "disputed", disputed);
    yw_write_int(w, "seq", event->seq);
    yw_write_text(w, "text", &event->fault_ruled.says);
    yw_write_string(w, "verdict", verdict != NULL ? verdict : "");
    yw_write_end(w, '}');
}

static void write_faults(const struct yw_duty_page *page)
{
    const struct yw_faults *faults = &page->judged->faults;
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < page->view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(page, i);

        if (event->kind == YW_EVENT_FAULT_RULED && event->team == page->team)
            yw_order_add(&order, event->fault_ruled.fault, event);
    }
    for (size_t i = 0; i < faults->count; i++) {
        char name[YW_FAULT_NAME_MAX];

        yw_fault_name(page->law->rules, &faults->items[i], name);
        yw_order_add(&order, name, &faults->items[i]);
    }
    yw_order_sort(&order);
    yw_write_object(page->w, "faults");
    for (size_t i = 0; i < order.count; i++) {
        const char *item = order.entries[i].item;
        bool found = item >= (const char *)faults->items &&
                     item < (const char *)(faults->items + YW_FAULTS_MAX);

        if (found)
            write_fault(page, order.entries[i].key, order.entries[i].item);
        else
            write_served(page, order.entries[i].key, order.entries[i].item);
    }
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

/* ---- marks and grades ---- */

static void write_anchors(const struct yw_duty_page *page)
{
    static const enum yw_anchor shown[] = {
        YW_ANCHOR_ASSESSED,        YW_ANCHOR_DISCOVERED, YW_ANCHOR_GRADED,
        YW_ANCHOR_HANDLING_ENDED,  YW_ANCHOR_OCCURRED,   YW_ANCHOR_RESPONSE_ENDED,
        YW_ANCHOR_WARNING_RECEIVED};

    yw_write_object(page->w, "anchors");
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        int64_t at_ms = page->record->incident.anchors[shown[i]];

        if (at_ms < 0)
            continue;
        yw_write_object(page->w, yw_anchor_name(shown[i]));
        yw_write_int(page->w, "at_ms", at_ms);
        yw_write_text(page->w, "text", yw_anchor_text(shown[i]));
        yw_write_end(page->w, '}');
    }
    yw_write_end(page->w, '}');
}

/* The last grade that the team itself gave by this pack; 0 none. */
static int64_t given(const struct yw_duty_page *page, const char *pack)
{
    int64_t grade = 0;

    for (size_t i = 0; i < page->view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(page, i);

        if (event->kind == YW_EVENT_GRADE_GIVEN && event->team == page->team &&
            !event->grade_given.hidden && !event->grade_given.likely &&
            (event->grade_given.pack[0] == '\0' ||
             strcmp(event->grade_given.pack, pack) == 0))
            grade = event->grade_given.grade;
    }
    return grade;
}

static void write_grades(const struct yw_duty_page *page)
{
    const struct yw_rules *rules = page->law->rules;

    yw_write_object(page->w, "grades");
    for (size_t i = 0; i < rules->pack_count; i++) {
        const struct yw_rule_pack *pack = rules->packs[i];
        int64_t said = given(page, pack->id);
        int grade = yw_incident_grade(&page->record->incident, rules, pack,
                                      &page->scheme->org, page->now_ms);

        if (!yw_exercise_has(&page->scheme->exercise, pack) || (grade == 0 && said == 0))
            continue;
        yw_write_object(page->w, pack->id);
        if (said > 0)
            yw_write_int(page->w, "given", said);
        yw_write_int(page->w, "grade", grade);
        if (grade > 0)
            yw_write_text(page->w, "name", yw_grade_name(grade));
        yw_write_end(page->w, '}');
    }
    yw_write_end(page->w, '}');
}

/* ---- merits ---- */

static void write_merits(const struct yw_duty_page *page)
{
    struct yw_writer *w = page->w;
    struct yw_merits merits;
    const struct yw_course_fold *course =
        &yw_drill_team(&page->view->state, page->team)->course;

    yw_merits_read(&merits, page->scheme, page->view, page->record, page->judged,
                   page->team);
    yw_write_object(w, "merits");
    if (is_control(page)) {
        yw_write_int(w, "claims", merits.claims);
        yw_write_int(w, "claims_true", merits.claims_true);
        yw_write_int(w, "false_isolations", course->cut_count);
        yw_write_array(w, "false_isolations_seqs");
        for (int64_t i = 0; i < course->cut_count && i < YW_COURSE_CUTS_MAX; i++)
            yw_write_int(w, NULL, course->cuts[i].seq);
        yw_write_end(w, ']');
        yw_write_int(w, "faults", merits.faults);
        if (merits.graded) {
            yw_write_int(w, "grade_distance", merits.grade_distance);
            yw_write_int(w, "grade_seq", merits.grade_seq);
        }
    }
    yw_write_int(w, "items", merits.items);
    yw_write_int(w, "items_filled", merits.items_filled);
    if (merits.first_seq > 0)
        yw_write_int(w, "items_seq", merits.first_seq);
    if (is_control(page))
        yw_write_double(w, "production_lost_s", merits.lost_s);
    yw_write_object(w, "spans");
    for (int i = 0; i < YW_MERIT_SPANS; i++) {
        const struct yw_merit *merit = &merits.spans[i];

        if (merit->span_ms < 0)
            continue;
        yw_write_object(w, yw_merit_name((enum yw_merit_span)i));
        yw_write_int(w, "from_seq", merit->from_seq);
        yw_write_int(w, "ms", merit->span_ms);
        yw_write_text(w, "text", yw_merit_text((enum yw_merit_span)i));
        yw_write_int(w, "to_seq", merit->to_seq);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
    yw_write_int(w, "steps_disordered", merits.steps_disordered);
    yw_write_int(w, "steps_done", merits.steps_done);
    yw_write_int(w, "steps_missed", merits.steps_missed);
    yw_write_int(w, "steps_skipped", merits.steps_skipped);
    yw_write_end(w, '}');
}

/* ---- teams ---- */

static void write_team(struct yw_duty_page *page, const char *name)
{
    yw_record_read(page->record, page->scheme, page->view, page->team);
    yw_record_judge(page->record, page->scheme, page->now_ms, page->judged);
    yw_write_object(page->w, name);
    write_anchors(page);
    yw_state_write_checks(page);
    write_clocks(page);
    write_faults(page);
    write_grades(page);
    if (page->view->audience != YW_AUDIENCE_TIER)
        write_merits(page);
    yw_state_write_reports(page);
    yw_state_write_warnings(page);
    yw_write_end(page->w, '}');
    yw_record_fini(page->record);
}

static void write_teams(struct yw_duty_page *page)
{
    const struct yw_vec *teams = &page->view->state.teams;
    struct yw_order order;

    yw_order_init(&order);
    for (size_t i = 0; i < teams->count; i++) {
        const struct yw_team_fold *team = yw_vec_at(teams, i);

        if (page->view->audience != YW_AUDIENCE_TEAM || page->view->team == (int)i)
            yw_order_add(&order, team->name, team);
    }
    yw_order_sort(&order);
    yw_write_object(page->w, "teams");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_team_fold *team = order.entries[i].item;

        page->team = (int)(team - (const struct yw_team_fold *)yw_vec_at(teams, 0));
        write_team(page, team->name);
    }
    yw_write_end(page->w, '}');
    yw_order_fini(&order);
}

static void write_packs(const struct yw_duty_page *page)
{
    const struct yw_rules *rules = page->law->rules;
    struct yw_writer *w = page->w;

    yw_write_object(w, "packs");
    for (size_t i = 0; i < rules->pack_count; i++) {
        const struct yw_rule_pack *pack = rules->packs[i];

        if (!yw_exercise_has(&page->scheme->exercise, pack))
            continue;
        yw_write_object(w, pack->id);
        yw_write_string(w, "confidence", yw_confidence_name(pack->confidence));
        yw_write_string(w, "digest", pack->digest);
        yw_write_string(w, "docno", pack->docno);
        yw_write_bool(w, "grades", pack->grade_count > 0);
        yw_write_text(w, "title", &pack->title);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
}

/* Rule files that are not those that the drill began with. */
static void write_differs(const struct yw_duty_page *page)
{
    char differs[YW_EVENT_RULES_MAX];

    yw_scheme_differs(page->scheme, differs);
    if (differs[0] != '\0')
        yw_write_string(page->w, "differs", differs);
}

void yw_state_write_duty(struct yw_writer *w, const struct yw_view *view,
                         const struct yw_state_now *now)
{
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    struct yw_duty_page page = {.w = w, .view = view, .law = now->law, .scheme = scheme};

    if (view->audience != YW_AUDIENCE_PUBLIC &&
        yw_scheme_read(scheme, now->law, &view->state)) {
        page.judged = yw_new(sizeof *page.judged);
        page.record = yw_new(sizeof *page.record);
        page.now_ms = yw_scheme_time(scheme, now->drill_ms, now->wall_us);
        yw_write_object(w, "duty");
        write_differs(&page);
        yw_state_write_forms(&page);
        yw_state_write_metrics(&page);
        yw_write_int(w, "now_ms", page.now_ms);
        write_packs(&page);
        yw_state_write_parties(&page);
        yw_state_write_period(&page);
        yw_write_int(w, "start_local_s", scheme->exercise.start_local_s);
        write_teams(&page);
        yw_state_write_tiers(&page);
        yw_write_bool(w, "wall", view->state.duty_plan.wall);
        yw_write_end(w, '}');
        free(page.judged);
        free(page.record);
    }
    free(scheme);
}
