/* What conditions of a scenario ask of the law is derived from the record as control sees it, and
 * the answer kept until something happens that could change it: plants are sampled often, and the
 * record is long. */
#include "drill/exercise/duty.h"

#include "base/mem.h"
#include "response/criterion.h"

#include <stdlib.h>
#include <string.h>

static bool is_same(const struct yw_cond_node *a, const struct yw_cond_node *b)
{
    return a->kind == b->kind && a->number == b->number &&
           strcmp(a->subject, b->subject) == 0;
}

/* Free of all memory: the standing of a team is large, and asked for seldom. */
static bool derive(const struct yw_drill *drill, int team,
                   const struct yw_cond_node *node, int64_t causes[YW_COND_CAUSES_MAX])
{
    const struct yw_view *view = &drill->boards[0].view;
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    struct yw_judged *judged = yw_new(sizeof *judged);
    bool ended = view->state.phase >= YW_PHASE_ENDED, holds = false;
    struct yw_merits merits;
    struct yw_record record;

    if (yw_scheme_read(scheme, yw_conductor_law(drill->conductor), &view->state)) {
        int64_t now_ms = yw_scheme_time(scheme, yw_drill_now(drill),
                                        yw_clock_wall_us(drill->stage->clock));
        struct yw_criterion_ground ground = {.scheme = scheme,
                                             .view = view,
                                             .record = &record,
                                             .judged = judged,
                                             .merits = &merits,
                                             .team = team,
                                             .ended = ended};

        yw_record_read(&record, scheme, view, team);
        yw_record_judge(&record, scheme, ended ? record.incident.ended_ms : now_ms,
                        judged);
        yw_merits_read(&merits, scheme, view, &record, judged, team);
        holds = yw_criterion_holds(&ground, node, causes);
        yw_record_fini(&record);
    }
    free(judged);
    free(scheme);
    return holds;
}

static bool judge(void *arg, const struct yw_cond_node *node,
                  int64_t causes[YW_COND_CAUSES_MAX])
{
    const struct yw_duty_ask *ask = arg;
    struct yw_duty_seat *seat = &ask->drill->duties->seats[ask->team];
    struct yw_duty_memo *memo = NULL;

    if (seat->memos == NULL)
        seat->memos = yw_new_array(YW_DUTY_MEMOS_MAX, sizeof *seat->memos);
    for (size_t i = 0; i < seat->memo_count; i++) {
        memo = &seat->memos[i];
        if (is_same(&memo->node, node)) {
            memcpy(causes, memo->causes, sizeof memo->causes);
            return memo->holds;
        }
    }
    bool holds = derive(ask->drill, ask->team, node, causes);

    if (seat->memo_count < YW_DUTY_MEMOS_MAX) {
        memo = &seat->memos[seat->memo_count++];
        memo->node = *node;
        memo->holds = holds;
        memcpy(memo->causes, causes, sizeof memo->causes);
    }
    return holds;
}

static void forget(struct yw_duty_seat *seat)
{
    seat->memo_count = 0;
    memset(seat->next, 0, sizeof seat->next);
}

void yw_duty_fold(struct yw_drill *drill, const struct yw_event *event)
{
    bool bears =
        (event->kind >= YW_EVENT_DUTY_PLANNED && event->kind <= YW_EVENT_CHANGE_FROZEN) ||
        event->kind == YW_EVENT_PHASE_CHANGED || event->kind == YW_EVENT_LINK_CHANGED ||
        event->kind == YW_EVENT_PLANT_LEVEL || event->kind == YW_EVENT_ATTACK_ENDED;

    for (size_t t = 0; drill->duties != NULL && bears && t < drill->plan->team_count;
         t++) {
        if (event->team < 0 || (size_t)event->team == t)
            forget(&drill->duties->seats[t]);
    }
}

void yw_duty_scene(struct yw_drill *drill, int team, int64_t drill_ms,
                   struct yw_duty_ask *ask, struct yw_cond_scene *ret)
{
    const struct yw_drill_state *state = yw_drill_state(drill);

    *ask = (struct yw_duty_ask){.drill = drill, .team = team};
    *ret = (struct yw_cond_scene){.state = state,
                                  .team = team,
                                  .drill_ms = drill_ms,
                                  .ended = state->phase >= YW_PHASE_ENDED,
                                  .judge = drill->duties != NULL ? judge : NULL,
                                  .arg = ask};
}
