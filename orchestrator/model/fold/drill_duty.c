/* Duties are kept as they were told, one event after the other: what follows from them is
 * derived by those who know the law (response/record.h), and never stored. */
#include "model/fold/drill_inside.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LEVEL_HURT 2 /* quality or production is lost */

void yw_drill_duty_init(struct yw_drill_state *state)
{
    yw_vec_init(&state->duties, sizeof(struct yw_event *), YW_DRILL_DUTIES_MAX);
    yw_vec_init(&state->office_asked, sizeof(struct yw_asked_fold), YW_DRILL_ASKED_MAX);
}

void yw_drill_duty_fini(struct yw_drill_state *state)
{
    for (size_t i = 0; i < state->duties.count; i++)
        free(*(struct yw_event **)yw_vec_at(&state->duties, i));
    yw_vec_fini(&state->duties);
    yw_vec_fini(&state->office_asked);
}

static int keep(struct yw_drill_state *state, const struct yw_event *event,
                struct yw_err *err)
{
    if (state->duties.count == state->duties.max)
        return yw_drill_corrupt(event, err, "too many duties at", event->actor);
    struct yw_event *kept = yw_new(sizeof *kept);

    *kept = *event;
    yw_vec_push(&state->duties, &kept);
    return 0;
}

static int plan_tier(struct yw_drill_state *state, const struct yw_event *event,
                     struct yw_err *err)
{
    int64_t tier = event->tier_planned.tier;

    if (tier < 0 || tier >= YW_EVENT_TIERS)
        return yw_drill_corrupt(event, err, "no such", "tier");
    state->tiers[tier] = event->tier_planned;
    state->tier_planned[tier] = true;
    return 0;
}

/* Conditions know a team that has reported, by whatever form. */
static void note_report(struct yw_drill_state *state, const struct yw_event *event)
{
    struct yw_team_fold *team = yw_drill_team(state, event->team);
    struct yw_report_fold report = {.seq = event->seq, .drill_ms = event->drill_ms};

    if (team)
        yw_drill_push_latest(&team->reports, &report);
}

int yw_drill_duty_apply(struct yw_drill_state *state, const struct yw_event *event,
                        struct yw_err *err)
{
    if (event->kind == YW_EVENT_TIER_PLANNED)
        return plan_tier(state, event, err);
    if (event->kind == YW_EVENT_DUTY_PLANNED) {
        state->duty_planned = true;
        state->duty_plan = event->duty_planned;
        state->duty_start_us = event->wall_us;
        return 0;
    }
    if (event->kind == YW_EVENT_WATCH_ASKED &&
        event->watch_asked.check > state->last_check)
        state->last_check = event->watch_asked.check;
    if (event->kind == YW_EVENT_WARNING_ISSUED &&
        event->warning_issued.warning > state->last_warning)
        state->last_warning = event->warning_issued.warning;
    int status = keep(state, event, err);

    if (status == 0 && event->kind == YW_EVENT_REPORT_SENT &&
        event->report_sent.from_tier == 0)
        note_report(state, event);
    return status;
}

/* ---- the course of the incident ---- */

static struct yw_moment moment_of(const struct yw_event *event)
{
    return (struct yw_moment){
        .seq = event->seq, .drill_ms = event->drill_ms, .wall_us = event->wall_us};
}

static bool attacks(const struct yw_team_fold *team, const char *machine)
{
    for (size_t i = 0; i < team->attacks.count; i++) {
        const struct yw_attack_fold *attack = yw_vec_at(&team->attacks, i);

        if (attack->started_seq > 0 && strcmp(attack->from, machine) == 0)
            return true;
    }
    return false;
}

static bool all_cut(const struct yw_team_fold *team)
{
    for (size_t i = 0; i < team->machines.count; i++) {
        const struct yw_machine_fold *machine = yw_vec_at(&team->machines, i);

        if (machine->link_up && attacks(team, machine->name))
            return false;
    }
    return true;
}

static void note_link(struct yw_team_fold *team, const struct yw_event *event)
{
    struct yw_course_fold *course = &team->course;
    bool attacker = attacks(team, event->link_changed.machine);

    if (!event->link_changed.up && !attacker) {
        if (course->cut_count < YW_COURSE_CUTS_MAX)
            course->cuts[course->cut_count] = moment_of(event);
        course->cut_count++;
    }
    if (!attacker || course->struck.seq == 0)
        return;
    if (!all_cut(team))
        course->contained = (struct yw_moment){0};
    else if (course->contained.seq == 0)
        course->contained = moment_of(event);
}

/* How long quality or production of one plant was lost. */
static void note_outage(struct yw_plant_fold *plant, int64_t drill_ms)
{
    bool out = plant->level >= LEVEL_HURT;

    if (out && !plant->out)
        plant->out_since_ms = drill_ms;
    else if (!out && plant->out)
        plant->out_ms += drill_ms - plant->out_since_ms;
    plant->out = out;
}

static void note_level(struct yw_team_fold *team, const struct yw_event *event)
{
    struct yw_course_fold *course = &team->course;
    bool hurt = false;

    for (size_t i = 0; i < team->plants.count; i++)
        note_outage(yw_vec_at(&team->plants, i), event->drill_ms);
    for (size_t i = 0; i < team->plants.count; i++)
        hurt =
            hurt || ((const struct yw_plant_fold *)yw_vec_at(&team->plants, i))->level >=
                        LEVEL_HURT;
    if (hurt && course->hurt.seq == 0)
        course->hurt = moment_of(event);
    if (hurt)
        course->restored = (struct yw_moment){0};
    else if (course->hurt.seq > 0 && course->restored.seq == 0)
        course->restored = moment_of(event);
}

void yw_drill_course(struct yw_drill_state *state, const struct yw_event *event)
{
    struct yw_team_fold *team = yw_drill_team(state, event->team);

    if (team == NULL)
        return;
    if (event->kind == YW_EVENT_ATTACK_ENDED && event->attack_ended.ok &&
        team->course.struck.seq == 0)
        team->course.struck = moment_of(event);
    else if (event->kind == YW_EVENT_LINK_CHANGED)
        note_link(team, event);
    else if (event->kind == YW_EVENT_PLANT_LEVEL)
        note_level(team, event);
}
