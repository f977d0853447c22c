#include "response/merit.h"

#include <stdlib.h>
#include <string.h>

struct judging {
    struct yw_merits *ret;
    const struct yw_scheme *scheme;
    const struct yw_view *view;
    const struct yw_record *record;
    const struct yw_judged *judged;
    const struct yw_team_fold *fold;
    int team;
};

static const struct yw_event *duty_at(const struct judging *j, size_t index)
{
    return *(struct yw_event **)yw_vec_at(&j->view->state.duties, index);
}

static bool is_ours(const struct judging *j, const struct yw_event *event)
{
    return event->team == j->team;
}

static struct yw_moment moment_of(const struct yw_event *event)
{
    return (struct yw_moment){
        .seq = event->seq, .drill_ms = event->drill_ms, .wall_us = event->wall_us};
}

/* The first event of the team that marks this; seq 0 none. */
static struct yw_moment marked(const struct judging *j, const char *mark)
{
    for (size_t i = 0; i < j->view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(j, i);

        if (is_ours(j, event) && event->kind == YW_EVENT_INCIDENT_MARKED &&
            strcmp(event->incident_marked.mark, mark) == 0)
            return moment_of(event);
    }
    return (struct yw_moment){0};
}

static struct yw_moment first_of(const struct judging *j, enum yw_event_kind kind)
{
    for (size_t i = 0; i < j->view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(j, i);

        if (is_ours(j, event) && event->kind == kind &&
            (kind != YW_EVENT_GRADE_GIVEN || !event->grade_given.hidden))
            return moment_of(event);
    }
    return (struct yw_moment){0};
}

/* The first report of the enterprise (tier 0) to an office, or the first that one passed on. */
static struct yw_moment reported(const struct judging *j, bool relay)
{
    for (size_t i = 0; i < j->view->state.duties.count; i++) {
        const struct yw_event *event = duty_at(j, i);
        const struct yw_ev_report_sent *p = &event->report_sent;

        if (is_ours(j, event) && event->kind == YW_EVENT_REPORT_SENT &&
            strcmp(p->form, "zero_report") != 0 && (p->relays > 0) == relay &&
            (relay || (p->tiers & ~INT64_C(1)) != 0))
            return moment_of(event);
    }
    return (struct yw_moment){0};
}

/* What machines and plants showed, else what was said of it. */
static struct yw_moment either(struct yw_moment shown, struct yw_moment said)
{
    return shown.seq > 0 ? shown : said;
}

static void span(const struct judging *j, enum yw_merit_span which, struct yw_moment from,
                 struct yw_moment to)
{
    struct yw_merit *merit = &j->ret->spans[which];

    *merit = (struct yw_merit){.span_ms = -1, .from_seq = from.seq, .to_seq = to.seq};
    if (from.seq == 0 || to.seq == 0)
        return;
    merit->span_ms = yw_scheme_time(j->scheme, to.drill_ms, to.wall_us) -
                     yw_scheme_time(j->scheme, from.drill_ms, from.wall_us);
    if (merit->span_ms < 0) /* first aid before anybody knew what it was */
        merit->span_ms = 0;
}

static void read_spans(const struct judging *j)
{
    const struct yw_course_fold *course = &j->fold->course;
    struct yw_moment discovered = marked(j, "discovered");
    struct yw_moment first = reported(j, false);
    struct yw_moment struck = either(course->struck, marked(j, "occurred"));

    struck = either(struck, first_of(j, YW_EVENT_METRIC_MEASURED));
    span(j, YW_MERIT_DETECT, struck, discovered);
    span(j, YW_MERIT_CONTAIN, struck, either(course->contained, marked(j, "contained")));
    span(j, YW_MERIT_RESTORE, struck,
         course->hurt.seq > 0 ? course->restored : marked(j, "restored"));
    span(j, YW_MERIT_GRADE, discovered, first_of(j, YW_EVENT_GRADE_GIVEN));
    span(j, YW_MERIT_FIRST_REPORT, discovered, first);
    span(j, YW_MERIT_RELAY, first, reported(j, true));
}

static int bits(uint32_t set)
{
    int count = 0;

    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

static void read_reports(const struct judging *j)
{
    const struct yw_rules *rules = j->scheme->exercise.rules;
    const struct yw_incident *incident = &j->record->incident;
    int64_t last_seq = 0;

    for (size_t i = 0; i < incident->filing_count; i++) {
        const struct yw_filing *filing = &incident->filings[i];
        bool ours =
            rules->names[YW_RULE_PARTY].rows[filing->from].tier == YW_TIER_ENTERPRISE;

        if (!ours || filing->seq == last_seq || filing->form < 0)
            continue;
        last_seq = filing->seq;
        if (j->ret->first_seq == 0)
            j->ret->first_seq = filing->seq;
        j->ret->items +=
            (int64_t)rules->names[YW_RULE_FORM].rows[filing->form].value_count;
        j->ret->items_filled += bits(filing->items);
        j->ret->claims += (int64_t)filing->claim_count;
        j->ret->claims_true += (int64_t)filing->claim_count;
    }
    for (size_t i = 0; i < j->judged->faults.count; i++) {
        enum yw_fault_code code = j->judged->faults.items[i].code;

        if (code == YW_FAULT_FALSE)
            j->ret->claims_true--;
        else if (code == YW_FAULT_CONCEAL)
            j->ret->claims++;
    }
}

static bool gives_grade(const struct yw_event *event, int team, const char *pack)
{
    const struct yw_ev_grade_given *p = &event->grade_given;

    return event->kind == YW_EVENT_GRADE_GIVEN && event->team == team && !p->hidden &&
           !p->likely && (p->pack[0] == '\0' || strcmp(p->pack, pack) == 0);
}

bool yw_merit_grade(const struct yw_scheme *scheme, const struct yw_view *view,
                    const struct yw_record *record, int team,
                    const struct yw_rule_pack *pack, struct yw_merit_graded *ret)
{
    const struct yw_vec *duties = &view->state.duties;

    for (size_t i = duties->count; i-- > 0;) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(duties, i);

        if (!gives_grade(event, team, pack->id))
            continue;
        ret->seq = event->seq;
        ret->distance =
            event->grade_given.grade -
            yw_incident_grade(&record->incident, scheme->exercise.rules, pack,
                              scheme->exercise.org, yw_scheme_at(scheme, event));
        return true;
    }
    return false;
}

/* Of the packs that it was graded by, the one that is furthest off. */
static void read_grade(const struct judging *j)
{
    const struct yw_exercise *exercise = &j->scheme->exercise;

    for (size_t i = 0; i < exercise->rules->pack_count; i++) {
        const struct yw_rule_pack *pack = exercise->rules->packs[i];
        struct yw_merit_graded graded;

        if (pack->grade_count == 0 || !yw_exercise_has(exercise, pack) ||
            !yw_merit_grade(j->scheme, j->view, j->record, j->team, pack, &graded))
            continue;
        if (!j->ret->graded || llabs(graded.distance) > llabs(j->ret->grade_distance)) {
            j->ret->grade_distance = graded.distance;
            j->ret->grade_seq = graded.seq;
        }
        j->ret->graded = true;
    }
}

/* A question answered while one that was asked before it, in the same run, still waited. */
static bool is_disordered(const struct judging *j, size_t index)
{
    const struct yw_view_question *question = yw_vec_at(&j->view->questions, index);

    for (size_t i = 0; i < index && question->answered_seq > 0; i++) {
        const struct yw_view_question *before = yw_vec_at(&j->view->questions, i);

        /* what was asked at one moment, in branches side by side, has no order */
        if (before->asked.run == question->asked.run &&
            before->opened_ms < question->opened_ms &&
            (before->answered_seq == 0 || before->answered_seq > question->answered_seq))
            return true;
    }
    return false;
}

static void read_steps(const struct judging *j)
{
    for (size_t i = 0; i < j->view->steps.count; i++) {
        const struct yw_view_step *step = yw_vec_at(&j->view->steps, i);
        bool over = j->view->state.phase >= YW_PHASE_ENDED || step->ended_ms >= 0;

        if (step->team != j->team)
            continue;
        if (step->status == YW_STEP_SUCCESSFULLY_EXECUTED)
            j->ret->steps_done++;
        else if (step->status == YW_STEP_SKIPPED)
            j->ret->steps_skipped++;
        else if (over)
            j->ret->steps_missed++;
    }
    for (size_t i = 0; i < j->view->questions.count; i++) {
        const struct yw_view_question *question = yw_vec_at(&j->view->questions, i);

        if (question->team == j->team && is_disordered(j, i))
            j->ret->steps_disordered++;
    }
}

/* A ruling may have taken one away. */
static void count_faults(const struct judging *j)
{
    for (size_t i = 0; i < j->judged->faults.count; i++) {
        char name[YW_FAULT_NAME_MAX];
        bool disputed;

        yw_fault_name(j->scheme->exercise.rules, &j->judged->faults.items[i], name);
        const char *verdict = yw_fault_verdict(&j->view->state, j->team, name, &disputed);

        j->ret->faults += verdict == NULL || strcmp(verdict, "dismissed") != 0;
    }
}

void yw_merits_read(struct yw_merits *ret, const struct yw_scheme *scheme,
                    const struct yw_view *view, const struct yw_record *record,
                    const struct yw_judged *judged, int team)
{
    struct judging j = {.ret = ret,
                        .scheme = scheme,
                        .view = view,
                        .record = record,
                        .judged = judged,
                        .fold = yw_drill_team(&view->state, team),
                        .team = team};

    memset(ret, 0, sizeof *ret);
    read_spans(&j);
    read_reports(&j);
    read_grade(&j);
    read_steps(&j);
    count_faults(&j);
    ret->false_isolations = j.fold->course.cut_count;
    for (size_t i = 0; i < j.fold->plants.count; i++)
        ret->lost_s +=
            ((const struct yw_plant_fold *)yw_vec_at(&j.fold->plants, i))->sample.lost_s;
}

static const char *const names[YW_MERIT_FIGURES] = {
    "contain",          "detect",   "first_report",   "grade",          "relay",
    "restore",          "accuracy", "completeness",   "coverage",       "disordered",
    "false_isolations", "faults",   "grade_distance", "production_lost"};

const char *yw_merit_name(enum yw_merit_span span)
{
    return names[span];
}

int yw_merit_find(const char *name)
{
    for (int i = 0; i < YW_MERIT_FIGURES; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}

const char *yw_merit_all(void)
{
    return "contain detect first_report grade relay restore accuracy completeness "
           "coverage disordered false_isolations faults grade_distance production_lost";
}

static bool share(int64_t part, int64_t whole, double *ret)
{
    if (whole > 0)
        *ret = (double)part / (double)whole;
    return whole > 0;
}

bool yw_merit_value(const struct yw_merits *merits, int merit, double *ret)
{
    int64_t distance = merits->grade_distance;

    if (merit < YW_MERIT_SPANS) {
        *ret = (double)merits->spans[merit].span_ms / 1000;
        return merits->spans[merit].span_ms >= 0;
    }
    switch ((enum yw_merit_figure)merit) {
    case YW_MERIT_ACCURACY:
        return share(merits->claims_true, merits->claims, ret);
    case YW_MERIT_COMPLETENESS:
        return share(merits->items_filled, merits->items, ret);
    case YW_MERIT_COVERAGE:
        return share(merits->steps_done, merits->steps_done + merits->steps_missed, ret);
    case YW_MERIT_DISORDERED:
        *ret = (double)merits->steps_disordered;
        return true;
    case YW_MERIT_FALSE_ISOLATIONS:
        *ret = (double)merits->false_isolations;
        return true;
    case YW_MERIT_FAULTS:
        *ret = (double)merits->faults;
        return true;
    case YW_MERIT_GRADE_DISTANCE:
        *ret = (double)(distance < 0 ? -distance : distance);
        return merits->graded;
    case YW_MERIT_PRODUCTION_LOST:
        *ret = merits->lost_s;
        return true;
    case YW_MERIT_FIGURES:
        break;
    }
    return false;
}

const struct yw_text *yw_merit_text(enum yw_merit_span span)
{
    static const struct yw_text texts[YW_MERIT_SPANS] = {
        {"控制用时", "time to contain"},      {"发现用时", "time to detect"},
        {"首报用时", "time to first report"}, {"定级用时", "time to grade"},
        {"转报用时", "time to relay"},        {"恢复用时", "time to restore"}};

    return &texts[span];
}
