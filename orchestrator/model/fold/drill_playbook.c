/* What of playbooks the drill itself goes by: which steps began and which questions were
 * answered, for conditions and words. Runs have folds of their own (response/run.h). */
#include "model/fold/drill_inside.h"

#include "base/mem.h"

#include <string.h>

const struct yw_vec *yw_drill_asked(const struct yw_drill_state *state, int team)
{
    const struct yw_team_fold *fold = yw_drill_team(state, team);

    return fold != NULL             ? &fold->asked
           : YW_TEAM_TIER(team) > 0 ? &state->office_asked
                                    : NULL;
}

static void apply_step_started(struct yw_vec *asked_before, const struct yw_event *event)
{
    struct yw_asked_fold asked = {.run = event->step_started.run};

    YW_COPY(asked.step, event->step_started.step);
    asked.name = event->step_started.name;
    yw_drill_push_latest(asked_before, &asked);
}

/* Who is asked need not have seen the step begin. */
static void apply_step_asked(struct yw_vec *asked_before, const struct yw_event *event)
{
    const struct yw_ev_step_asked *p = &event->step_asked;
    struct yw_asked_fold fresh = {.run = p->run, .name = p->name};

    for (size_t i = asked_before->count; i-- > 0;) {
        const struct yw_asked_fold *asked = yw_vec_at(asked_before, i);

        if (asked->run == p->run && strcmp(asked->step, p->step) == 0)
            return;
    }
    YW_COPY(fresh.step, p->step);
    yw_drill_push_latest(asked_before, &fresh);
}

static int apply_step_answered(struct yw_team_fold *team, const struct yw_event *event,
                               struct yw_err *err)
{
    const struct yw_ev_step_answered *p = &event->step_answered;

    for (size_t i = team->asked.count; i-- > 0;) {
        const struct yw_asked_fold *asked = yw_vec_at(&team->asked, i);

        if (asked->run == p->run && strcmp(asked->step, p->step) == 0) {
            struct yw_answer_fold answer = {.seq = event->seq};

            YW_COPY(answer.name_en, asked->name.en);
            yw_drill_push_latest(&team->answered, &answer);
            return 0;
        }
    }
    return yw_drill_corrupt(event, err, "nobody asked", p->step);
}

int yw_drill_playbook_apply(struct yw_drill_state *state, const struct yw_event *event,
                            struct yw_err *err)
{
    struct yw_team_fold *team = yw_drill_team(state, event->team);
    struct yw_vec *asked = team != NULL ? &team->asked : &state->office_asked;

    if (!team && YW_TEAM_TIER(event->team) == 0)
        return yw_drill_corrupt(event, err, "no such", "team");
    if (event->kind == YW_EVENT_STEP_ANSWERED && team)
        return apply_step_answered(team, event, err);
    if (event->kind == YW_EVENT_STEP_STARTED)
        apply_step_started(asked, event);
    else if (event->kind == YW_EVENT_STEP_ASKED)
        apply_step_asked(asked, event);
    else if (event->kind == YW_EVENT_PLAYBOOK_STARTED &&
             event->playbook_started.run > state->last_run)
        state->last_run = event->playbook_started.run;
    return 0;
}
