#include "score/score.h"

#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void yw_score_init(struct yw_score *score)
{
    yw_vec_init(&score->lines, sizeof(struct yw_score_line), YW_SCORE_LINES_MAX);
    yw_vec_init(&score->teams, sizeof(struct yw_score_team), YW_SPEC_TEAMS_MAX);
    yw_vec_init(&score->objectives, sizeof(struct yw_score_objective),
                (size_t)YW_SPEC_TEAMS_MAX * YW_SPEC_OBJECTIVES_MAX);
}

void yw_score_fini(struct yw_score *score)
{
    if (!score)
        return;
    yw_vec_fini(&score->lines);
    yw_vec_fini(&score->teams);
    yw_vec_fini(&score->objectives);
}

static struct yw_score_team *team_of(struct yw_score *score, int team)
{
    return team < 0 ? NULL : yw_vec_at(&score->teams, (size_t)team);
}

static struct yw_score_objective *find_objective(struct yw_score *score, int team,
                                                 const char *name)
{
    for (size_t i = 0; i < score->objectives.count; i++) {
        struct yw_score_objective *objective = yw_vec_at(&score->objectives, i);

        if (objective->team == team && strcmp(objective->name, name) == 0)
            return objective;
    }
    return NULL;
}

static void set_objective(struct yw_score *score, int team,
                          const struct yw_ev_objective_set *set)
{
    struct yw_score_objective objective = {.team = team,
                                           .points = set->points,
                                           .fades_to = set->fades_to,
                                           .over_ms = set->over_ms};

    YW_COPY(objective.name, set->objective);
    if (team_of(score, team) && !find_objective(score, team, set->objective))
        yw_vec_push(&score->objectives, &objective);
}

/* For the event's team, or for every team when it names none. */
static void apply_objective_set(struct yw_score *score, const struct yw_event *event)
{
    if (event->team >= 0) {
        set_objective(score, event->team, &event->objective_set);
        return;
    }
    for (size_t i = 0; i < score->teams.count; i++)
        set_objective(score, (int)i, &event->objective_set);
}

static void add_line(struct yw_score *score, const struct yw_event *event,
                     struct yw_score_line *line)
{
    struct yw_score_team *team = team_of(score, event->team);

    assert(team != NULL); /* the callers have looked */
    line->team = event->team;
    line->drill_ms = event->drill_ms;
    line->causes[0] = event->seq;
    memcpy(line->causes + 1, event->causes, sizeof event->causes);
    if (!yw_vec_push(&score->lines, line))
        return;
    team->points += line->points;
    yw_score_rank(score->teams.items, score->teams.count);
}

/* The time is named only where it decides the points. */
static void say_met(const struct yw_score_objective *objective, int64_t elapsed_ms,
                    int64_t points, struct yw_text *ret)
{
    char elapsed[32];

    if (objective->over_ms == 0) {
        snprintf(ret->zh, sizeof ret->zh, "达成，得 %lld 分（满分 %lld 分）",
                 (long long)points, (long long)objective->points);
        snprintf(ret->en, sizeof ret->en, "met, %lld of %lld", (long long)points,
                 (long long)objective->points);
        return;
    }
    yw_clock_format_drill(elapsed_ms > 0 ? elapsed_ms : 0, elapsed);
    snprintf(ret->zh, sizeof ret->zh, "用时 %s 达成，得 %lld 分（满分 %lld 分）", elapsed,
             (long long)points, (long long)objective->points);
    snprintf(ret->en, sizeof ret->en, "met after %s, %lld of %lld", elapsed,
             (long long)points, (long long)objective->points);
}

static void apply_objective(struct yw_score *score, const struct yw_event *event)
{
    const struct yw_ev_objective_ref *ref = &event->objective_ref;
    struct yw_score_objective *objective =
        find_objective(score, event->team, ref->objective);
    struct yw_score_line line = {.source = YW_SCORE_OBJECTIVE};

    if (!objective || objective->settled)
        return;
    objective->settled = true;
    YW_COPY(line.subject, ref->objective);
    if (event->kind == YW_EVENT_OBJECTIVE_LOST) {
        snprintf(line.reason.zh, sizeof line.reason.zh, "未达成，0 分（满分 %lld 分）",
                 (long long)objective->points);
        snprintf(line.reason.en, sizeof line.reason.en, "lost, 0 of %lld",
                 (long long)objective->points);
        add_line(score, event, &line);
        return;
    }
    int64_t elapsed_ms = event->drill_ms - ref->since_ms;

    line.points = yw_score_fade(objective->points, objective->fades_to,
                                objective->over_ms, elapsed_ms);
    say_met(objective, elapsed_ms, line.points, &line.reason);
    add_line(score, event, &line);
}

static void apply_ruling(struct yw_score *score, const struct yw_event *event)
{
    struct yw_score_line line = {.source = YW_SCORE_RULING};

    if (!team_of(score, event->team))
        return;
    /* a referee's own words: one language, shown in both */
    YW_COPY(line.reason.zh, event->ruling.reason);
    YW_COPY(line.reason.en, event->ruling.reason);
    line.points = yw_score_fade(event->ruling.points, 0, 0, 0);
    add_line(score, event, &line);
}

void yw_score_apply(struct yw_score *score, const struct yw_event *event)
{
    if (event->kind == YW_EVENT_TEAM_ADDED) {
        yw_vec_push(&score->teams, NULL);
        yw_score_rank(score->teams.items, score->teams.count);
    } else if (event->kind == YW_EVENT_OBJECTIVE_SET) {
        apply_objective_set(score, event);
    } else if (event->kind == YW_EVENT_OBJECTIVE_MET ||
               event->kind == YW_EVENT_OBJECTIVE_LOST) {
        apply_objective(score, event);
    } else if (event->kind == YW_EVENT_RULING) {
        apply_ruling(score, event);
    }
}
