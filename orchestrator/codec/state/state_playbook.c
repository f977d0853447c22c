/* Runs of playbooks and the questions that they put to people. */
#include "codec/state/state_inside.h"

#include "base/mem.h"
#include "codec/order.h"

#include <stdio.h>

/* A team's own affairs are not another team's, nor an office's those of the enterprises. */
static bool is_others(const struct yw_view *view, int team)
{
    if (view->audience == YW_AUDIENCE_TIER)
        return YW_TEAM_TIER(team) != view->team;
    return view->audience == YW_AUDIENCE_TEAM && team != -1 && team != view->team;
}

/* Whose it is: "team", empty where it is an office's, which has a name of its own. */
static void write_office(struct yw_writer *w, int team)
{
    if (YW_TEAM_TIER(team) > 0)
        yw_write_string(w, "office", yw_spec_tier_name(YW_TEAM_TIER(team)));
}

static const char *team_name(const struct yw_view *view, int team)
{
    const struct yw_team_fold *fold = yw_drill_team(&view->state, team);

    return fold != NULL ? fold->name : "";
}

/* {"name": "value"}, in order of names. */
static void write_vars(struct yw_writer *w, const char *key, const struct yw_ev_var *vars,
                       int64_t count)
{
    struct yw_order order;

    yw_order_init(&order);
    for (int64_t i = 0; i < count && i < YW_EVENT_VARS_MAX; i++)
        yw_order_add(&order, vars[i].name, &vars[i]);
    yw_order_sort(&order);
    yw_write_object(w, key);
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_ev_var *var = order.entries[i].item;

        yw_write_string(w, var->name, var->value);
    }
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

static void write_fields(struct yw_writer *w, const struct yw_ev_step_asked *asked)
{
    char number[24];

    yw_write_object(w, "fields");
    for (int64_t i = 0; i < asked->field_count && i < YW_EVENT_VARS_MAX; i++) {
        yw_write_object(w, yw_write_key(number, i)); /* fewer than ten: in order */
        yw_write_string(w, "name", asked->fields[i].name);
        yw_write_string(w, "type", asked->fields[i].value);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
}

static void write_evidence(struct yw_writer *w, const struct yw_view_question *question)
{
    char number[24];

    if (question->evidence_count == 0)
        return;
    yw_write_object(w, "evidence");
    for (size_t i = 0; i < question->evidence_count; i++) {
        const struct yw_view_evidence *evidence = &question->evidence[i];

        yw_write_object(w, yw_write_key(number, (int64_t)i));
        yw_write_string(w, "by", evidence->by);
        yw_write_int(w, "bytes", evidence->bytes);
        yw_write_int(w, "drill_ms", evidence->drill_ms);
        yw_write_string(w, "form", evidence->form);
        yw_write_string(w, "hash", evidence->hash);
        yw_write_string(w, "name", evidence->name);
        yw_write_string(w, "text", evidence->text);
        yw_write_end(w, '}');
    }
    yw_write_end(w, '}');
}

static void write_answer(struct yw_writer *w, const struct yw_view_question *question)
{
    if (question->answered_ms < 0)
        return;
    write_vars(w, "answer", question->answer.vars, question->answer.var_count);
    yw_write_string(w, "answered_by", question->answered_by);
    yw_write_int(w, "answered_ms", question->answered_ms);
    yw_write_bool(w, "answered_ok", question->answer.ok);
}

static void write_question(struct yw_writer *w, const struct yw_view *view,
                           const char *key, const struct yw_view_question *question)
{
    static const char *const states[] = {
        [YW_QUESTION_OPEN] = "open",
        [YW_QUESTION_CONFIRMING] = "confirming",
        [YW_QUESTION_ANSWERED] = "answered",
        [YW_QUESTION_CLOSED] = "closed",
    };
    const struct yw_ev_step_asked *asked = &question->asked;

    yw_write_object(w, key);
    yw_write_string(w, "ack", asked->ack);
    write_answer(w, question);
    yw_write_text(w, "asks", &asked->asks);
    write_vars(w, "choices", asked->choices, asked->choice_count);
    if (question->confirmed_by[0] != '\0')
        yw_write_string(w, "confirmed_by", question->confirmed_by);
    if (asked->confirms[0] != '\0')
        yw_write_string(w, "confirms", asked->confirms);
    yw_write_int(w, "deadline_ms", question->deadline_ms);
    yw_write_bool(w, "escalated", question->escalated);
    if (asked->escalates[0] != '\0')
        yw_write_string(w, "escalates", asked->escalates);
    write_evidence(w, question);
    yw_write_int(w, "exec", asked->exec);
    write_fields(w, asked);
    yw_write_bool(w, "late", question->late);
    yw_write_text(w, "name", &question->name);
    if (asked->evidence[0] != '\0')
        yw_write_string(w, "needs", asked->evidence);
    write_office(w, question->team);
    yw_write_int(w, "opened_ms", question->opened_ms);
    if (question->paused_ms >= 0)
        yw_write_int(w, "paused_ms", question->paused_ms);
    yw_write_string(w, "role", asked->role);
    yw_write_int(w, "run", asked->run);
    if (question->sent_back[0] != '\0')
        yw_write_string(w, "sent_back", question->sent_back);
    yw_write_string(w, "state", states[question->state]);
    yw_write_string(w, "step", asked->step);
    yw_write_string(w, "team", team_name(view, question->team));
    yw_write_int(w, "timeout_ms", question->timeout_ms);
    yw_write_bool(w, "warned", question->warned);
    yw_write_end(w, '}');
}

void yw_state_write_questions(struct yw_writer *w, const struct yw_view *view)
{
    struct yw_order order;
    char key[YW_ORDER_KEY_MAX];

    yw_order_init(&order);
    for (size_t i = 0; i < view->questions.count; i++) {
        const struct yw_view_question *question = yw_vec_at(&view->questions, i);

        if (is_others(view, question->team))
            continue;
        /* by when it was put: a loop asks the same more than once */
        (void)snprintf(key, sizeof key, "%lld:%lld", (long long)question->asked.run,
                       (long long)question->opened_seq);
        yw_order_add(&order, key, question);
    }
    yw_order_sort(&order);
    yw_write_object(w, "questions");
    for (size_t i = 0; i < order.count; i++)
        write_question(w, view, order.entries[i].key, order.entries[i].item);
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

static void write_step(struct yw_writer *w, const char *key,
                       const struct yw_view_step *step)
{
    yw_write_object(w, key);
    yw_write_int(w, "branch", step->branch);
    if (step->deadline_ms > 0)
        yw_write_int(w, "deadline_ms", step->deadline_ms);
    if (step->detail[0] != '\0')
        yw_write_string(w, "detail", step->detail);
    if (step->ended_ms >= 0)
        yw_write_int(w, "ended_ms", step->ended_ms);
    yw_write_int(w, "exec", step->exec);
    yw_write_bool(w, "late", step->late);
    yw_write_text(w, "name", &step->name);
    yw_write_int(w, "opener", step->opener);
    yw_write_int(w, "started_ms", step->started_ms);
    yw_write_string(w, "status", yw_step_status_name(step->status));
    yw_write_string(w, "step", step->step);
    if (step->timeout_ms > 0)
        yw_write_int(w, "timeout_ms", step->timeout_ms);
    if (step->turn > 0)
        yw_write_int(w, "turn", step->turn);
    yw_write_string(w, "type", step->type);
    yw_write_end(w, '}');
}

static void write_steps(struct yw_writer *w, const struct yw_view *view, int64_t run)
{
    struct yw_order order;
    char number[24];

    yw_order_init(&order);
    for (size_t i = 0; i < view->steps.count; i++) {
        const struct yw_view_step *step = yw_vec_at(&view->steps, i);

        if (step->run == run)
            yw_order_add(&order, yw_write_key(number, step->exec), step);
    }
    yw_order_sort(&order);
    yw_write_object(w, "steps");
    for (size_t i = 0; i < order.count; i++)
        write_step(w, order.entries[i].key, order.entries[i].item);
    yw_write_end(w, '}');
    yw_order_fini(&order);
}

static void write_run(struct yw_writer *w, const struct yw_view *view, const char *key,
                      const struct yw_view_run *run)
{
    yw_write_object(w, key);
    yw_write_bool(w, "active", run->active);
    if (run->caller > 0)
        yw_write_int(w, "caller", run->caller);
    if (run->detail[0] != '\0')
        yw_write_string(w, "detail", run->detail);
    if (run->ended_ms >= 0)
        yw_write_int(w, "ended_ms", run->ended_ms);
    yw_write_string(w, "id", run->id);
    yw_write_text(w, "name", &run->name);
    write_office(w, run->team);
    yw_write_bool(w, "ok", run->ok);
    yw_write_bool(w, "paused", run->paused);
    yw_write_string(w, "playbook", run->playbook);
    yw_write_int(w, "run", run->run);
    yw_write_int(w, "started_ms", run->started_ms);
    write_steps(w, view, run->run);
    yw_write_string(w, "team", team_name(view, run->team));
    yw_write_end(w, '}');
}

void yw_state_write_playbooks(struct yw_writer *w, const struct yw_view *view)
{
    struct yw_order order;
    char number[24];

    yw_order_init(&order);
    for (size_t i = 0; i < view->runs.count; i++) {
        const struct yw_view_run *run = yw_vec_at(&view->runs, i);

        if (!is_others(view, run->team))
            yw_order_add(&order, yw_write_key(number, run->run), run);
    }
    yw_order_sort(&order);
    yw_write_object(w, "playbooks");
    for (size_t i = 0; i < order.count; i++)
        write_run(w, view, order.entries[i].key, order.entries[i].item);
    yw_write_end(w, '}');
    yw_order_fini(&order);
}
