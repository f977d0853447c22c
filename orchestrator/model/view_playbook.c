/* Runs of playbooks, their steps, and the questions that they put to people. */
#include "model/view_inside.h"

#include "base/mem.h"

#include <string.h>

/* A new zeroed entry; the oldest goes when the list is full. */
static void *push_latest(struct yw_vec *vec)
{
    if (vec->count == vec->max)
        yw_vec_remove(vec, 0);
    return yw_vec_push(vec, NULL);
}

static struct yw_view_step *find_step(const struct yw_view *view, int64_t run,
                                      int64_t exec)
{
    for (size_t i = view->steps.count; i-- > 0;) {
        struct yw_view_step *step = yw_vec_at(&view->steps, i);

        if (step->run == run && step->exec == exec)
            return step;
    }
    return NULL;
}

/* The latest: a loop may ask at each of its turns. */
static struct yw_view_question *find_question(const struct yw_view *view, int64_t run,
                                              int64_t exec)
{
    for (size_t i = view->questions.count; i-- > 0;) {
        struct yw_view_question *question = yw_vec_at(&view->questions, i);

        if (question->asked.run == run && question->asked.exec == exec)
            return question;
    }
    return NULL;
}

static struct yw_view_run *find_run(const struct yw_view *view, int64_t number)
{
    for (size_t i = view->runs.count; i-- > 0;) {
        struct yw_view_run *run = yw_vec_at(&view->runs, i);

        if (run->run == number)
            return run;
    }
    return NULL;
}

static void start_run(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_playbook_started *p = &event->playbook_started;
    struct yw_view_run *run = push_latest(&view->runs);

    if (run == NULL)
        return;
    run->run = p->run;
    run->team = event->team;
    YW_COPY(run->playbook, p->playbook);
    YW_COPY(run->id, p->id);
    run->name = p->name;
    run->caller = p->caller;
    run->caller_exec = p->caller_exec;
    run->active = true;
    run->started_ms = event->drill_ms;
    run->ended_ms = -1;
}

static bool is_open(const struct yw_view_question *question)
{
    return question->state == YW_QUESTION_OPEN ||
           question->state == YW_QUESTION_CONFIRMING;
}

static void close_question(struct yw_view *view, int64_t run, int64_t exec,
                           enum yw_step_status status)
{
    struct yw_view_question *question = find_question(view, run, exec);

    if (question == NULL || !is_open(question))
        return;
    question->state =
        status == YW_STEP_SUCCESSFULLY_EXECUTED && question->answered_ms >= 0
            ? YW_QUESTION_ANSWERED
            : YW_QUESTION_CLOSED;
}

/* Those of a run whose steps this audience does not see, too. */
static void close_questions(struct yw_view *view, int64_t run)
{
    for (size_t i = 0; i < view->questions.count; i++) {
        struct yw_view_question *question = yw_vec_at(&view->questions, i);

        if (question->asked.run == run)
            close_question(view, run, question->asked.exec, YW_STEP_CANCELLED);
    }
}

static void end_step(struct yw_view *view, struct yw_view_step *step, int64_t drill_ms,
                     enum yw_step_status status, const char *detail)
{
    step->status = status;
    step->ended_ms = drill_ms;
    if (detail[0] != '\0')
        YW_COPY(step->detail, detail);
    close_question(view, step->run, step->exec, status);
}

/* What an execution opened ends with it; 0: the whole run. Branches begin after what opened
 * them, so one turn through the list meets them in order. */
static void cancel_branches(struct yw_view *view, int64_t run, int64_t opener,
                            int64_t drill_ms)
{
    for (size_t i = 0; i < view->steps.count; i++) {
        struct yw_view_step *step = yw_vec_at(&view->steps, i);
        const struct yw_view_step *above =
            opener > 0 && step->opener > 0 ? find_step(view, run, step->opener) : NULL;

        if (step->run == run && step->ended_ms < 0 &&
            (opener == 0 || step->opener == opener ||
             (above != NULL && above->status == YW_STEP_CANCELLED)))
            end_step(view, step, drill_ms, YW_STEP_CANCELLED, "");
    }
}

static void end_run(struct yw_view *view, const struct yw_event *event)
{
    struct yw_view_run *run = find_run(view, event->playbook_ended.run);

    cancel_branches(view, event->playbook_ended.run, 0, event->drill_ms);
    close_questions(view, event->playbook_ended.run);
    if (run == NULL)
        return;
    run->active = false;
    run->ok = event->playbook_ended.ok;
    run->ended_ms = event->drill_ms;
    YW_COPY(run->detail, event->playbook_ended.detail);
}

static void start_step(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_started *p = &event->step_started;
    struct yw_view_step *step = push_latest(&view->steps);

    if (step == NULL)
        return;
    step->run = p->run;
    step->exec = p->exec;
    step->opener = p->opener;
    step->branch = p->branch;
    step->team = event->team;
    YW_COPY(step->step, p->step);
    YW_COPY(step->type, p->type);
    step->name = p->name;
    step->status = YW_STEP_ONGOING;
    step->deadline_ms = p->deadline_ms;
    step->timeout_ms = p->timeout_ms;
    step->started_ms = event->drill_ms;
    step->ended_ms = -1;
}

static void ask(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_asked *p = &event->step_asked;
    struct yw_view_step *step = find_step(view, p->run, p->exec);
    struct yw_view_question *question = push_latest(&view->questions);

    if (question == NULL)
        return;
    question->team = event->team;
    question->asked = *p;
    question->opened_seq = event->seq;
    question->opened_ms = event->drill_ms;
    question->state = YW_QUESTION_OPEN;
    question->answered_ms = -1;
    question->paused_ms = -1;
    question->name = p->name;
    question->deadline_ms = p->deadline_ms;
    question->timeout_ms = p->timeout_ms;
    if (step != NULL)
        step->status = YW_STEP_AWAIT_USER_INPUT;
}

static void remind(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_ref *p = &event->step_ref; /* an escalation begins like it */
    struct yw_view_question *question = find_question(view, p->run, p->exec);
    struct yw_view_step *step = find_step(view, p->run, p->exec);

    if (event->kind == YW_EVENT_STEP_LATE && step != NULL)
        step->late = true;
    if (question == NULL)
        return;
    question->warned = true;
    question->late = question->late || event->kind != YW_EVENT_STEP_WARNED;
    question->escalated = question->escalated || event->kind == YW_EVENT_STEP_ESCALATED;
}

static void take_evidence(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_evidence *p = &event->step_evidence;
    struct yw_view_question *question = find_question(view, p->run, p->exec);

    if (question == NULL)
        return;
    if (question->evidence_count == YW_VIEW_EVIDENCE_MAX) {
        question->evidence_count--;
        memmove(&question->evidence[0], &question->evidence[1],
                question->evidence_count * sizeof question->evidence[0]);
    }
    struct yw_view_evidence *evidence = &question->evidence[question->evidence_count++];

    memset(evidence, 0, sizeof *evidence);
    YW_COPY(evidence->form, p->form);
    YW_COPY(evidence->name, p->name);
    YW_COPY(evidence->hash, p->hash);
    YW_COPY(evidence->text, p->text);
    YW_COPY(evidence->by, event->actor);
    evidence->bytes = p->bytes;
    evidence->drill_ms = event->drill_ms;
}

static bool needs_confirming(const struct yw_ev_step_asked *asked)
{
    return strcmp(asked->ack, "two_person") == 0 ||
           strcmp(asked->ack, "tier_leader") == 0;
}

static void answer(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_answered *p = &event->step_answered;
    struct yw_view_question *question = find_question(view, p->run, p->exec);

    if (question == NULL || question->state != YW_QUESTION_OPEN)
        return;
    question->state = needs_confirming(&question->asked) ? YW_QUESTION_CONFIRMING
                                                         : YW_QUESTION_ANSWERED;
    question->answer = *p;
    YW_COPY(question->answered_by, event->actor);
    question->answered_ms = event->drill_ms;
    question->answered_seq = event->seq;
    question->sent_back[0] = '\0';
}

static void confirm(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_confirmed *p = &event->step_confirmed;
    struct yw_view_question *question = find_question(view, p->run, p->exec);

    if (question == NULL || question->state != YW_QUESTION_CONFIRMING)
        return;
    if (p->agrees) {
        question->state = YW_QUESTION_ANSWERED;
        YW_COPY(question->confirmed_by, event->actor);
        return;
    }
    question->state = YW_QUESTION_OPEN;
    question->answered_ms = -1;
    YW_COPY(question->sent_back, p->note[0] != '\0' ? p->note : event->actor);
}

static void branch(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_branched *p = &event->step_branched;
    struct yw_view_step *step = find_step(view, p->run, p->exec);

    if (step == NULL)
        return;
    step->turn = p->turn;
    step->status = YW_STEP_ONGOING;
    YW_COPY(step->detail, p->detail);
}

/* A run's clocks stand while it is paused. */
static void shift(struct yw_view *view, struct yw_view_run *run, int64_t span_ms)
{
    for (size_t i = 0; i < view->steps.count; i++) {
        struct yw_view_step *step = yw_vec_at(&view->steps, i);

        if (step->run != run->run || step->ended_ms >= 0)
            continue;
        step->deadline_ms += step->deadline_ms > 0 ? span_ms : 0;
        step->timeout_ms += step->timeout_ms > 0 ? span_ms : 0;
    }
}

/* Those of people, who need not see the run itself. */
static void pause_questions(struct yw_view *view, int64_t run, int64_t drill_ms)
{
    for (size_t i = 0; i < view->questions.count; i++) {
        struct yw_view_question *question = yw_vec_at(&view->questions, i);

        if (question->asked.run == run && is_open(question) && question->paused_ms < 0)
            question->paused_ms = drill_ms;
    }
}

static void resume_questions(struct yw_view *view, int64_t run, int64_t drill_ms)
{
    for (size_t i = 0; i < view->questions.count; i++) {
        struct yw_view_question *question = yw_vec_at(&view->questions, i);
        int64_t span_ms = drill_ms - question->paused_ms;

        if (question->asked.run != run || question->paused_ms < 0)
            continue;
        question->paused_ms = -1;
        question->deadline_ms += question->deadline_ms > 0 ? span_ms : 0;
        question->timeout_ms += question->timeout_ms > 0 ? span_ms : 0;
    }
}

static void control(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_playbook_controlled *p = &event->playbook_controlled;
    struct yw_view_run *run = find_run(view, p->run);

    if (strcmp(p->verb, "rewind") == 0) {
        cancel_branches(view, p->run, 0, event->drill_ms);
        close_questions(view, p->run);
    } else if (strcmp(p->verb, "pause") == 0) {
        pause_questions(view, p->run, event->drill_ms);
    } else if (strcmp(p->verb, "resume") == 0) {
        resume_questions(view, p->run, event->drill_ms);
    }
    if (run == NULL)
        return;
    if (strcmp(p->verb, "pause") == 0 && !run->paused) {
        run->paused = true;
        run->paused_ms = event->drill_ms;
    } else if (strcmp(p->verb, "resume") == 0 && run->paused) {
        run->paused = false;
        shift(view, run, event->drill_ms - run->paused_ms);
    }
}

static void end_execution(struct yw_view *view, const struct yw_event *event)
{
    const struct yw_ev_step_ended *p = &event->step_ended;
    struct yw_view_step *step = find_step(view, p->run, p->exec);

    cancel_branches(view, p->run, p->exec, event->drill_ms);
    if (step != NULL)
        end_step(view, step, event->drill_ms, p->status, p->detail);
    else
        close_question(view, p->run, p->exec, p->status);
}

void yw_view_playbook_apply(struct yw_view *view, const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_PLAYBOOK_STARTED:
        start_run(view, event);
        break;
    case YW_EVENT_STEP_STARTED:
        start_step(view, event);
        break;
    case YW_EVENT_STEP_BRANCHED:
        branch(view, event);
        break;
    case YW_EVENT_STEP_ASKED:
        ask(view, event);
        break;
    case YW_EVENT_STEP_WARNED:
    case YW_EVENT_STEP_LATE:
    case YW_EVENT_STEP_ESCALATED:
        remind(view, event);
        break;
    case YW_EVENT_STEP_EVIDENCE:
        take_evidence(view, event);
        break;
    case YW_EVENT_STEP_ANSWERED:
        answer(view, event);
        break;
    case YW_EVENT_STEP_CONFIRMED:
        confirm(view, event);
        break;
    case YW_EVENT_STEP_ENDED:
        end_execution(view, event);
        break;
    case YW_EVENT_PLAYBOOK_CONTROLLED:
        control(view, event);
        break;
    case YW_EVENT_PLAYBOOK_ENDED:
        end_run(view, event);
        break;
    default:
        break;
    }
}
