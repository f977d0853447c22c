#include "model/view_inside.h"

#include "base/mem.h"
#include "model/words/words.h"

#include <string.h>

void yw_view_init(struct yw_view *view, enum yw_audience audience, int team)
{
    memset(view, 0, sizeof *view);
    view->audience = audience;
    view->team =
        audience == YW_AUDIENCE_TEAM || audience == YW_AUDIENCE_TIER ? team : -1;
    yw_drill_state_init(&view->state);
    yw_vec_init(&view->questions, sizeof(struct yw_view_question), YW_VIEW_QUESTIONS_MAX);
    yw_vec_init(&view->steps, sizeof(struct yw_view_step), YW_VIEW_STEPS_MAX);
    yw_vec_init(&view->runs, sizeof(struct yw_view_run), YW_VIEW_RUNS_MAX);
}

void yw_view_fini(struct yw_view *view)
{
    if (view == NULL)
        return;
    yw_drill_state_fini(&view->state);
    yw_vec_fini(&view->questions);
    yw_vec_fini(&view->steps);
    yw_vec_fini(&view->runs);
}

bool yw_view_apply(struct yw_view *view, const struct yw_event *event)
{
    if (!yw_event_visible(event, view->audience, view->team))
        return false;
    /* What does not follow was refused when it was appended; a view passes it over. */
    if (yw_drill_apply(&view->state, event, NULL) < 0)
        return false;
    yw_view_playbook_apply(view, event);
    if (yw_event_notable(event))
        view->recent[view->recent_count++ % YW_VIEW_RECENT] = *event;
    return true;
}

bool yw_view_noticed(const struct yw_view *view, int team, int64_t effect_seq,
                     int64_t *ret_seq, int64_t *ret_drill_ms)
{
    const struct yw_team_fold *fold = yw_vec_at(&view->state.teams, (size_t)team);
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < fold->reports.count; i++) {
        const struct yw_report_fold *filed = yw_vec_at(&fold->reports, i);

        if (filed->seq > effect_seq && filed->seq < first) {
            first = filed->seq;
            *ret_drill_ms = filed->drill_ms;
        }
    }
    for (size_t i = 0; i < view->questions.count; i++) {
        const struct yw_view_question *question = yw_vec_at(&view->questions, i);

        if (question->team == team && question->state == YW_QUESTION_ANSWERED &&
            question->answered_seq > effect_seq && question->answered_seq < first) {
            first = question->answered_seq;
            *ret_drill_ms = question->answered_ms;
        }
    }
    if (ret_seq != NULL)
        *ret_seq = first;
    return first != INT64_MAX;
}

const struct yw_event *yw_view_recent(const struct yw_view *view, size_t i)
{
    if (i >= view->recent_count || i >= YW_VIEW_RECENT)
        return NULL;
    return &view->recent[(view->recent_count - 1 - i) % YW_VIEW_RECENT];
}
