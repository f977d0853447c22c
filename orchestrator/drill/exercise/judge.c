/* What the state of the drill means: objectives met or lost, playbooks to start. */
#include "drill/drill.h"

#include "base/mem.h"

#include <string.h>

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Drill time from which an objective fades for this team. */
static int64_t since_of(const struct yw_drill *drill, int team,
                        const struct yw_spec_objective *objective, int64_t now_ms)
{
    if (objective->since < 0) {
        return 0;
    }
    const struct yw_attack_fold *attack = yw_drill_attack(
        yw_drill_state(drill), team, drill->spec->attacks[objective->since].name);
    return attack != NULL && attack->effect_seq > 0 ? attack->effect_ms : now_ms;
}

static void emit_objective(struct yw_drill *drill, int team,
                           const struct yw_spec_objective *objective,
                           const struct yw_cond_result *result)
{
    struct yw_event event;
    yw_drill_event(&event,
                   result->holds ? YW_EVENT_OBJECTIVE_MET : YW_EVENT_OBJECTIVE_LOST, team,
                   "core");
    YW_COPY(event.objective_ref.objective, objective->name);
    event.objective_ref.since_ms = since_of(drill, team, objective, yw_drill_now(drill));
    struct yw_buf why;
    yw_buf_init(&why, sizeof event.objective_ref.why - 1);
    yw_cond_describe(&objective->met_by, &why);
    YW_COPY(event.objective_ref.why, why.data != NULL ? why.data : "");
    yw_buf_fini(&why);
    memcpy(event.causes, result->causes, sizeof event.causes);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static int64_t judge_objective(struct yw_drill *drill, int team, size_t index,
                               int64_t drill_ms, bool emit)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_spec_objective *objective = &drill->spec->objectives[index];
    const struct yw_objective_fold *fold =
        yw_drill_objective(state, team, objective->name);
    struct yw_drill_team *mine = &drill->teams[team];
    if (fold == NULL || fold->state != YW_OBJECTIVE_OPEN ||
        mine->objective_emitted[index]) {
        return INT64_MAX;
    }
    struct yw_cond_result result;
    struct yw_cond_scene scene;
    struct yw_duty_ask ask;
    yw_duty_scene(drill, team, drill_ms, &ask, &scene);
    yw_cond_eval(&objective->met_by, &mine->objective_watch[index], &scene, &result);
    if (emit && (result.holds || result.lost)) {
        mine->objective_emitted[index] = true;
        emit_objective(drill, team, objective, &result);
        return INT64_MAX;
    }
    return result.recheck_ms;
}

static int64_t judge_playbook(struct yw_drill *drill, int team, size_t index,
                              int64_t drill_ms, bool emit)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_spec_playbook *playbook = &drill->spec->playbooks[index];
    struct yw_drill_team *mine = &drill->teams[team];
    if (playbook->office[0] != '\0' || mine->playbook_emitted[index] ||
        state->phase != YW_PHASE_RUNNING ||
        yw_respond_started(drill, team, playbook->name)) {
        return INT64_MAX;
    }
    struct yw_cond_result result;
    struct yw_cond_scene scene;
    struct yw_duty_ask ask;
    yw_duty_scene(drill, team, drill_ms, &ask, &scene);
    yw_cond_eval(&playbook->starts_on, &mine->playbook_watch[index], &scene, &result);
    if (!emit || !result.holds) {
        return result.recheck_ms;
    }
    mine->playbook_emitted[index] = true;
    struct yw_event event;
    struct yw_err err = {0};
    if (yw_respond_start(drill, team, index, "core", "", &event, &err) != 0) {
        yw_drill_fault(drill, "%s", err.text);
        return INT64_MAX;
    }
    memcpy(event.causes, result.causes, sizeof event.causes);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
    return INT64_MAX;
}

void yw_judge(struct yw_drill *drill, int64_t drill_ms, bool emit)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    int64_t due_ms = INT64_MAX;
    if (state->teams.count < drill->plan->team_count || state->phase < YW_PHASE_RUNNING ||
        state->phase == YW_PHASE_ARCHIVED) {
        drill->judge_due_ms = due_ms;
        return;
    }
    for (size_t t = 0; t < drill->plan->team_count; t++) {
        for (size_t i = 0; i < drill->spec->objective_count; i++) {
            due_ms = earlier(due_ms, judge_objective(drill, (int)t, i, drill_ms, emit));
        }
        for (size_t i = 0; i < drill->spec->playbook_count; i++) {
            due_ms = earlier(due_ms, judge_playbook(drill, (int)t, i, drill_ms, emit));
        }
    }
    drill->judge_due_ms = due_ms;
}

int64_t yw_judge_due(const struct yw_drill *drill)
{
    return drill->judge_due_ms;
}
