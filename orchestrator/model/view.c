#include "model/view.h"

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

/* A new zeroed entry; the oldest goes when the list is full. */
static void *push_latest(struct yw_vec *vec)
{
    if (vec->count == vec->max)
        yw_vec_remove(vec, 0);
    return yw_vec_push(vec, NULL);
}

/* The newest execution of a step in a run, or NULL: loops run a step more than once. */
static struct yw_view_step *find_step(const struct yw_view *view, int64_t run,
                                      const char *id)
{
    for (size_t i = view->steps.count; i-- > 0;) {
        struct yw_view_step *step = yw_vec_at(&view->steps, i);

        if (step != NULL && step->run == run && strcmp(step->step, id) == 0)
            return step;
    }
    return NULL;
}

static struct yw_view_question *find_question(const struct yw_view *view, int64_t run,
                                              const char *id)
{
    for (size_t i = view->questions.count; i-- > 0;) {
        struct yw_view_question *question = yw_vec_at(&view->questions, i);

        if (question != NULL && question->asked.run == run &&
            strcmp(question->asked.step, id) == 0)
            return question;
    }
    return NULL;
}

static struct yw_view_run *find_run(const struct yw_view *view, int64_t number)
{
    for (size_t i = view->runs.count; i-- > 0;) {
        struct yw_view_run *run = yw_vec_at(&view->runs, i);

        if (run != NULL && run->run == number)
            return run;
    }
    return NULL;
}

static void start_run(struct yw_view *view, const struct yw_event *event)
{
    struct yw_view_run *run = push_latest(&view->runs);

    if (run == NULL)
        return;
    run->run = event->playbook_started.run;
    run->team = event->team;
    YW_COPY(run->playbook, event->playbook_started.playbook);
    run->name = event->playbook_started.name;
    run->active = true;
    run->started_ms = event->drill_ms;
    run->ended_ms = -1;
}

static void end_run(struct yw_view *view, const struct yw_event *event)
{
    struct yw_view_run *run = find_run(view, event->playbook_ended.run);

    if (run == NULL)
        return;
    run->active = false;
    run->ok = event->playbook_ended.ok;
    run->ended_ms = event->drill_ms;
}

bool yw_step_asks(const struct yw_ev_step_started *step)
{
    return step->role[0] != '\0' || step->asks.en[0] != '\0' || step->field_count > 0;
}

static void start_step(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_started *p = &event->step_started;
    struct yw_view_step *step = push_latest(&view->steps);

    if (step != NULL) {
        step->run = p->run;
        step->team = event->team;
        YW_COPY(step->step, p->step);
        YW_COPY(step->type, p->type);
        step->name = p->name;
        step->status = yw_step_asks(p) ? YW_STEP_AWAIT_USER_INPUT : YW_STEP_ONGOING;
        step->started_ms = event->drill_ms;
        step->ended_ms = -1;
    }
    if (!yw_step_asks(p))
        return;
    struct yw_view_question *question = push_latest(&view->questions);

    if (question == NULL)
        return;
    question->team = event->team;
    question->asked = *p;
    question->opened_seq = event->seq;
    question->opened_ms = event->drill_ms;
    question->state = YW_QUESTION_OPEN;
    question->answered_ms = -1;
}

static void end_step(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_ended *p = &event->step_ended;
    struct yw_view_step *step = find_step(view, p->run, p->step);
    struct yw_view_question *question = find_question(view, p->run, p->step);

    if (step != NULL) {
        step->status = p->status;
        step->ended_ms = event->drill_ms;
    }
    if (question != NULL && question->state == YW_QUESTION_OPEN)
        question->state = YW_QUESTION_CLOSED;
}

static void late_step(struct yw_view *view, const struct yw_event *event)
{
    struct yw_view_question *question =
        find_question(view, event->step_late.run, event->step_late.step);

    if (question != NULL)
        question->late = true;
}

static void answer_step(struct yw_view *view, const struct yw_event *event)
{
    struct yw_view_question *question =
        find_question(view, event->step_answered.run, event->step_answered.step);

    if (question == NULL || question->state != YW_QUESTION_OPEN)
        return;
    question->state = YW_QUESTION_ANSWERED;
    question->answer = event->step_answered;
    YW_COPY(question->answered_by, event->actor);
    question->answered_ms = event->drill_ms;
    question->answered_seq = event->seq;
}

bool yw_view_apply(struct yw_view *view, const struct yw_event *event)
{
    if (!yw_event_visible(event, view->audience, view->team))
        return false;
    /* What does not follow was refused when it was appended; a view passes it over. */
    if (yw_drill_apply(&view->state, event, NULL) < 0)
        return false;
    if (event->kind == YW_EVENT_PLAYBOOK_STARTED)
        start_run(view, event);
    else if (event->kind == YW_EVENT_PLAYBOOK_ENDED)
        end_run(view, event);
    else if (event->kind == YW_EVENT_STEP_STARTED)
        start_step(view, event);
    else if (event->kind == YW_EVENT_STEP_ENDED)
        end_step(view, event);
    else if (event->kind == YW_EVENT_STEP_LATE)
        late_step(view, event);
    else if (event->kind == YW_EVENT_STEP_ANSWERED)
        answer_step(view, event);
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
