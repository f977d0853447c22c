#include "model/fold/drill_inside.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static void team_init(struct yw_team_fold *team, const char *name)
{
    memset(team, 0, sizeof *team);
    YW_COPY(team->name, name);
    yw_vec_init(&team->machines, sizeof(struct yw_machine_fold), YW_SPEC_MACHINES_MAX);
    yw_vec_init(&team->plants, sizeof(struct yw_plant_fold), YW_SPEC_PLANTS_MAX);
    yw_vec_init(&team->attacks, sizeof(struct yw_attack_fold), YW_SPEC_ATTACKS_MAX);
    yw_vec_init(&team->objectives, sizeof(struct yw_objective_fold),
                YW_SPEC_OBJECTIVES_MAX);
    yw_vec_init(&team->reports, sizeof(struct yw_report_fold), YW_DRILL_REPORTS_MAX);
    yw_vec_init(&team->asked, sizeof(struct yw_asked_fold), YW_DRILL_ASKED_MAX);
    yw_vec_init(&team->answered, sizeof(struct yw_answer_fold), YW_DRILL_ANSWERS_MAX);
    yw_vec_init(&team->story.results, sizeof(bool), YW_DRILL_STORY_MAX);
    yw_vec_init(&team->story.steps, sizeof(struct yw_ev_story_step), YW_DRILL_STORY_MAX);
}

static void team_fini(struct yw_team_fold *team)
{
    yw_vec_fini(&team->machines);
    yw_vec_fini(&team->plants);
    yw_vec_fini(&team->attacks);
    yw_vec_fini(&team->objectives);
    yw_vec_fini(&team->reports);
    yw_vec_fini(&team->asked);
    yw_vec_fini(&team->answered);
    yw_vec_fini(&team->story.results);
    yw_vec_fini(&team->story.steps);
}

void yw_drill_state_init(struct yw_drill_state *state)
{
    memset(state, 0, sizeof *state);
    yw_drill_clock_fold_init(state);
    yw_vec_init(&state->teams, sizeof(struct yw_team_fold), YW_SPEC_TEAMS_MAX);
    yw_vec_init(&state->actions, sizeof(struct yw_action_fold), YW_DRILL_ACTIONS_MAX);
    yw_vec_init(&state->hosts, sizeof(struct yw_host_fold), YW_DRILL_HOSTS_MAX);
    yw_vec_init(&state->spans, sizeof(struct yw_span_fold),
                (size_t)YW_SPEC_TEAMS_MAX * YW_SPEC_NETWORKS_MAX);
    yw_drill_point_init(state);
    yw_drill_console_init(state);
    yw_drill_duty_init(state);
}

void yw_drill_state_fini(struct yw_drill_state *state)
{
    if (!state)
        return;
    for (size_t i = 0; i < state->teams.count; i++)
        team_fini(yw_vec_at(&state->teams, i));
    yw_vec_fini(&state->teams);
    yw_vec_fini(&state->actions);
    yw_vec_fini(&state->hosts);
    yw_vec_fini(&state->spans);
    yw_drill_clock_fold_fini(state);
    yw_drill_point_fini(state);
    yw_drill_console_fini(state);
    yw_drill_duty_fini(state);
}

bool yw_phase_may_follow(enum yw_phase from, enum yw_phase to)
{
    switch (to) {
    case YW_PHASE_PLANNED:
        return from == YW_PHASE_STAGING;
    case YW_PHASE_STAGING:
        return from == YW_PHASE_PLANNED;
    case YW_PHASE_READY:
        return from == YW_PHASE_STAGING;
    case YW_PHASE_RUNNING:
        return from == YW_PHASE_READY || from == YW_PHASE_PAUSED;
    case YW_PHASE_PAUSED:
        return from == YW_PHASE_RUNNING;
    case YW_PHASE_ENDED:
        return from < YW_PHASE_ENDED;
    case YW_PHASE_ARCHIVED:
        return from == YW_PHASE_ENDED;
    case YW_PHASES:
        break;
    }
    return false;
}

int yw_drill_corrupt(const struct yw_event *event, struct yw_err *err, const char *what,
                     const char *name)
{
    return yw_err_set(err, YW_ECORRUPT, "event %lld (%s): %s '%s'", (long long)event->seq,
                      yw_event_name(event->kind), what, name);
}

/* Where the part that the event declares goes, and its name. */
static struct yw_vec *part_list(struct yw_team_fold *team, const struct yw_event *event,
                                const char **ret_name)
{
    if (event->kind == YW_EVENT_MACHINE_PLANNED) {
        *ret_name = event->machine_planned.machine;
        return &team->machines;
    }
    if (event->kind == YW_EVENT_PLANT_PLANNED) {
        *ret_name = event->plant_planned.plant;
        return &team->plants;
    }
    if (event->kind == YW_EVENT_ATTACK_PLANNED) {
        *ret_name = event->attack_planned.attack;
        return &team->attacks;
    }
    *ret_name = event->objective_set.objective;
    return &team->objectives;
}

static int may_declare(struct yw_team_fold *team, const struct yw_event *event,
                       struct yw_err *err)
{
    const char *name;
    const struct yw_vec *list = part_list(team, event, &name);

    for (size_t i = 0; i < list->count; i++) {
        const char *known = yw_vec_at(list, i); /* folds begin with their name */

        if (known && strcmp(known, name) == 0)
            return yw_drill_corrupt(event, err, "declared before", name);
    }
    return list->count < list->max
               ? 0
               : yw_drill_corrupt(event, err, "beyond the limit", name);
}

/* The new fold, named; may_declare has said that there is room. */
static void *add_named(struct yw_team_fold *team, const struct yw_event *event)
{
    const char *name;
    char *item = yw_vec_push(part_list(team, event, &name), NULL);

    assert(item);
    yw_copy(item, YW_NAME_MAX, name);
    return item;
}

void yw_drill_push_latest(struct yw_vec *vec, const void *item)
{
    if (vec->count == vec->max)
        yw_vec_remove(vec, 0);
    yw_vec_push(vec, item);
}

static int add_team(struct yw_drill_state *state, const struct yw_event *event,
                    struct yw_err *err)
{
    const char *name = event->team_added.name;

    if (event->team != (int)state->teams.count)
        return yw_drill_corrupt(event, err, "out of order: team", name);
    struct yw_team_fold *team = yw_vec_push(&state->teams, NULL);

    if (!team)
        return yw_drill_corrupt(event, err, "beyond the limit", name);
    team_init(team, name);
    return 0;
}

static void add_machine(struct yw_team_fold *team, const struct yw_event *event)
{
    const struct yw_ev_machine_planned *p = &event->machine_planned;
    struct yw_machine_fold *machine = add_named(team, event);

    YW_COPY(machine->image, p->image);
    YW_COPY(machine->addresses, p->addresses);
    YW_COPY(machine->plant, p->plant);
    machine->hidden = p->hidden;
    machine->link_up = true;
    machine->link_wanted = true;
    machine->state_seq = event->seq;
}

static void add_plant(struct yw_team_fold *team, const struct yw_event *event)
{
    struct yw_plant_fold *plant = add_named(team, event);

    YW_COPY(plant->model, event->plant_planned.model);
    plant->time_scale = event->plant_planned.time_scale;
}

static void add_attack(struct yw_team_fold *team, const struct yw_event *event)
{
    const struct yw_ev_attack_planned *p = &event->attack_planned;
    struct yw_attack_fold *attack = add_named(team, event);

    YW_COPY(attack->technique, p->technique);
    YW_COPY(attack->from, p->from);
    YW_COPY(attack->to, p->to);
}

static void add_objective(struct yw_team_fold *team, const struct yw_event *event)
{
    const struct yw_ev_objective_set *p = &event->objective_set;
    struct yw_objective_fold *objective = add_named(team, event);

    objective->says = p->says;
    objective->points = p->points;
    objective->fades_to = p->fades_to;
    objective->over_ms = p->over_ms;
    objective->since_attack = p->since_attack;
}

static void add_part(struct yw_team_fold *team, const struct yw_event *event)
{
    if (event->kind == YW_EVENT_MACHINE_PLANNED)
        add_machine(team, event);
    else if (event->kind == YW_EVENT_PLANT_PLANNED)
        add_plant(team, event);
    else if (event->kind == YW_EVENT_ATTACK_PLANNED)
        add_attack(team, event);
    else
        add_objective(team, event);
}

/* Declares a part for the event's team, or for every team when it names none. */
static int declare(struct yw_drill_state *state, const struct yw_event *event,
                   struct yw_err *err)
{
    size_t first = event->team >= 0 ? (size_t)event->team : 0;
    size_t end = event->team >= 0 ? first + 1 : state->teams.count;
    int status = 0;

    for (size_t i = first; i < end && status == 0; i++)
        status = may_declare(yw_vec_at(&state->teams, i), event, err);
    for (size_t i = first; i < end && status == 0; i++)
        add_part(yw_vec_at(&state->teams, i), event);
    return status;
}

static int apply_phase(struct yw_drill_state *state, const struct yw_event *event,
                       struct yw_err *err)
{
    enum yw_phase phase = event->phase_changed.phase;

    if (!yw_phase_may_follow(state->phase, phase))
        return yw_drill_corrupt(event, err, "cannot follow phase",
                                yw_phase_name(state->phase));
    state->phase = phase;
    state->phase_seq = event->seq;
    if (phase == YW_PHASE_ENDED) {
        state->ended_ms = event->drill_ms;
        state->ended_us = event->wall_us;
    }
    yw_drill_point_phase(state, phase);
    return 0;
}

static int apply_machine_state(struct yw_drill_state *state, const struct yw_event *event,
                               struct yw_err *err)
{
    const struct yw_ev_machine_state *p = &event->machine_state;
    struct yw_machine_fold *machine = yw_drill_machine(state, event->team, p->machine);

    if (!machine)
        return yw_drill_corrupt(event, err, "no such machine", p->machine);
    machine->state = p->state;
    machine->state_seq = event->seq;
    return 0;
}

static int apply_link_ordered(struct yw_drill_state *state, const struct yw_event *event,
                              struct yw_err *err)
{
    const struct yw_ev_link_ordered *p = &event->link_ordered;
    struct yw_machine_fold *machine = yw_drill_machine(state, event->team, p->machine);

    if (!machine)
        return yw_drill_corrupt(event, err, "no such machine", p->machine);
    machine->link_wanted = p->up;
    machine->link_ordered_seq = event->seq;
    return 0;
}

/* A team sees the link of a hidden machine change without knowing the machine: passed
 * over. */
static void apply_link_changed(struct yw_drill_state *state, const struct yw_event *event)
{
    const struct yw_ev_link_changed *p = &event->link_changed;
    struct yw_machine_fold *machine = yw_drill_machine(state, event->team, p->machine);

    if (!machine)
        return;
    machine->link_up = p->up;
    machine->link_seq = event->seq;
    if (machine->link_ordered_seq == 0)
        machine->link_wanted = p->up; /* an audience that does not see orders */
}

static int apply_story_step(struct yw_team_fold *team, const struct yw_event *event,
                            struct yw_err *err)
{
    struct yw_story_fold *story = &team->story;
    const struct yw_ev_story_step *p = &event->story_step;

    if (p->index != story->index + 1 || story->finished)
        return yw_drill_corrupt(event, err, "out of order: story verb", p->verb);
    if (story->steps.count == story->steps.max)
        return yw_drill_corrupt(event, err, "story too long at", p->verb);
    if (story->waiting) {
        /* say, hint and attack have no result of their own: done when the next step
         * begins */
        bool holds = true;

        yw_vec_push(&story->results, &holds);
    }
    yw_vec_push(&story->steps, p);
    story->index = p->index;
    story->step = *p;
    story->step_ms = event->drill_ms;
    story->step_seq = event->seq;
    story->finished = strcmp(p->verb, "end") == 0;
    story->waiting = !story->finished;
    return 0;
}

static int apply_story_result(struct yw_team_fold *team, const struct yw_event *event,
                              struct yw_err *err)
{
    struct yw_story_fold *story = &team->story;

    if (!story->waiting || event->story_result.index != story->index)
        return yw_drill_corrupt(event, err, "no such step under way in the story of",
                                team->name);
    yw_vec_push(&story->results, &event->story_result.holds);
    story->waiting = false;
    return 0;
}

/* Of one team, or of all when the script itself is at fault. */
static void apply_story_fault(struct yw_drill_state *state, const struct yw_event *event)
{
    for (size_t i = 0; i < state->teams.count; i++) {
        struct yw_team_fold *team = yw_vec_at(&state->teams, i);

        if (event->team < 0 || event->team == (int)i)
            team->story.faulted = true;
    }
}

/* So that a story resumed after a crash does not say the same thing twice. */
static void apply_said(struct yw_drill_state *state, const struct yw_event *event)
{
    struct yw_team_fold *team = yw_drill_team(state, event->team);

    if (team)
        team->story.said_for = event->causes[0];
}

void yw_drill_note_request(struct yw_machine_fold *machine, int64_t request)
{
    if (machine && request > machine->requests)
        machine->requests = request;
}

static int apply_plant(struct yw_drill_state *state, const struct yw_event *event,
                       struct yw_err *err)
{
    const char *name = event->kind == YW_EVENT_PLANT_SAMPLE ? event->plant_sample.plant
                       : event->kind == YW_EVENT_PLANT_VIEW ? event->plant_view.plant
                                                            : event->plant_level.plant;
    struct yw_plant_fold *plant = yw_drill_plant(state, event->team, name);

    if (!plant)
        return yw_drill_corrupt(event, err, "no such plant", name);
    if (event->kind == YW_EVENT_PLANT_SAMPLE) {
        plant->sampled = true;
        plant->sample = event->plant_sample;
        plant->sample_ms = event->drill_ms;
        plant->sample_seq = event->seq;
        plant->fault_count = 0;
    } else if (event->kind == YW_EVENT_PLANT_VIEW) {
        plant->viewed = true;
        plant->view = event->plant_view;
    } else {
        plant->level = event->plant_level.level;
        if (plant->level > plant->worst_level)
            plant->worst_level = plant->level;
        plant->level_seq = event->seq;
        plant->level_ms = event->drill_ms;
        YW_COPY(plant->level_tag, event->plant_level.tag);
    }
    return 0;
}

static int apply_fault(struct yw_drill_state *state, const struct yw_event *event,
                       struct yw_err *err)
{
    struct yw_team_fold *team = yw_drill_team(state, event->team);
    struct yw_plant_fold *plant =
        yw_drill_plant(state, event->team, event->fault_ordered.plant);

    if (!team || !plant)
        return yw_drill_corrupt(event, err, "no such plant", event->fault_ordered.plant);
    if (plant->fault_count < YW_PLANT_FOLD_FAULTS_MAX)
        plant->faults[plant->fault_count++] = event->fault_ordered;
    team->story.said_for = event->causes[0];
    return 0;
}

static int apply_action_ordered(struct yw_drill_state *state,
                                const struct yw_event *event, struct yw_err *err)
{
    const struct yw_ev_action_ordered *p = &event->action_ordered;
    struct yw_action_fold action = {.action = p->action,
                                    .team = event->team,
                                    .request = p->request,
                                    .seq = event->seq};

    YW_COPY(action.machine, p->machine);
    YW_COPY(action.argv, p->argv);
    if (!yw_vec_push(&state->actions, &action))
        return yw_drill_corrupt(event, err, "too many actions under way at", p->machine);
    if (p->action > state->last_action)
        state->last_action = p->action;
    yw_drill_note_request(yw_drill_machine(state, event->team, p->machine), p->request);
    return 0;
}

static int apply_action_ended(struct yw_drill_state *state, const struct yw_event *event,
                              struct yw_err *err)
{
    for (size_t i = 0; i < state->actions.count; i++) {
        const struct yw_action_fold *action = yw_vec_at(&state->actions, i);

        if (action->action == event->action_ended.action) {
            yw_vec_remove(&state->actions, i);
            return 0;
        }
    }
    return yw_drill_corrupt(event, err, "no such action under way on",
                            event->action_ended.machine);
}

/* Objectives are the teams' and the control room's; the public hears only that one was
 * met. */
static void apply_objective(struct yw_drill_state *state, const struct yw_event *event)
{
    const struct yw_ev_objective_ref *p = &event->objective_ref;
    struct yw_objective_fold *objective =
        yw_drill_objective(state, event->team, p->objective);

    if (!objective || objective->state != YW_OBJECTIVE_OPEN)
        return;
    if (event->kind == YW_EVENT_OBJECTIVE_MET) {
        objective->state = YW_OBJECTIVE_MET;
        objective->met_ms = event->drill_ms;
        objective->met_seq = event->seq;
    } else {
        objective->state = YW_OBJECTIVE_LOST;
    }
    objective->since_ms = p->since_ms;
    YW_COPY(objective->why, p->why);
}

static void apply_report(struct yw_team_fold *team, const struct yw_event *event)
{
    struct yw_report_fold report = {.seq = event->seq, .drill_ms = event->drill_ms};

    yw_drill_push_latest(&team->reports, &report);
}

static int apply_created(struct yw_drill_state *state, const struct yw_event *event,
                         struct yw_err *err)
{
    if (state->created)
        return yw_drill_corrupt(event, err, "created before",
                                event->drill_created.scenario);
    state->created = true;
    state->facts = event->drill_created;
    return 0;
}

static void apply_range(struct yw_drill_state *state, const struct yw_event *event)
{
    state->range_pending = event->kind == YW_EVENT_RANGE_ORDERED;
    state->range_up_wanted = state->range_pending && event->range_ordered.up;
}

/* Kinds that belong to one team. */
static int apply_team(struct yw_drill_state *state, const struct yw_event *event,
                      struct yw_err *err)
{
    struct yw_team_fold *team = yw_drill_team(state, event->team);

    if (!team)
        return yw_drill_corrupt(event, err, "no such", "team");
    if (event->kind == YW_EVENT_STORY_STEP)
        return apply_story_step(team, event, err);
    if (event->kind == YW_EVENT_STORY_RESULT)
        return apply_story_result(team, event, err);
    apply_report(team, event);
    return 0;
}

static int apply_drill(struct yw_drill_state *state, const struct yw_event *event,
                       struct yw_err *err)
{
    switch ((int)event->kind) {
    case YW_EVENT_DRILL_CREATED:
        return apply_created(state, event, err);
    case YW_EVENT_DRILL_PLANNED:
        state->planned = event->drill_planned;
        return 0;
    case YW_EVENT_TEAM_ADDED:
        return add_team(state, event, err);
    case YW_EVENT_PHASE_CHANGED:
        return apply_phase(state, event, err);
    case YW_EVENT_CLOCK_CHANGED:
        yw_drill_clock_changed(state, event);
        return 0;
    case YW_EVENT_RANGE_ORDERED:
    case YW_EVENT_RANGE_STATE:
        apply_range(state, event);
        return 0;
    case YW_EVENT_MACHINE_STATE:
        return apply_machine_state(state, event, err);
    case YW_EVENT_LINK_ORDERED:
        return apply_link_ordered(state, event, err);
    case YW_EVENT_LINK_CHANGED:
        apply_link_changed(state, event);
        return 0;
    case YW_EVENT_FAULT_ORDERED:
        return apply_fault(state, event, err);
    case YW_EVENT_STORY_FAULT:
        apply_story_fault(state, event);
        return 0;
    case YW_EVENT_ACTION_ORDERED:
        return apply_action_ordered(state, event, err);
    case YW_EVENT_ACTION_ENDED:
        return apply_action_ended(state, event, err);
    case YW_EVENT_OBJECTIVE_MET:
    case YW_EVENT_OBJECTIVE_LOST:
        apply_objective(state, event);
        return 0;
    case YW_EVENT_SAID:
        apply_said(state, event);
        return 0;
    case YW_EVENT_HOST_CHECKED:
        YW_COPY(state->host_weak, event->host_checked.weak);
        return 0;
    case YW_EVENT_WAY_CHOSEN:
        YW_COPY(state->way, event->way_chosen.how);
        return 0;
    case YW_EVENT_DISK_STATE:
        state->disk_low = !event->disk_state.ok;
        return 0;
    case YW_EVENT_OVERRIDDEN:
        YW_COPY(state->override, event->overridden.reason);
        return 0;
    default:
        assert(!"a kind that event.def gives to the drill");
        return 0;
    }
}

static int apply_nothing(struct yw_drill_state *state, const struct yw_event *event,
                         struct yw_err *err)
{
    (void)state;
    (void)event;
    (void)err;
    return 0;
}

/* The last word of a row in event.def says who folds it. */
#define FOLD_ATTACK yw_drill_attack_apply
#define FOLD_CONSOLE yw_drill_console_apply
#define FOLD_DRILL apply_drill
#define FOLD_DUTY yw_drill_duty_apply
#define FOLD_HOST yw_drill_host_apply
#define FOLD_NOTHING apply_nothing
#define FOLD_PLAYBOOK yw_drill_playbook_apply
#define FOLD_PLAN declare
#define FOLD_PLANT apply_plant
#define FOLD_POINT yw_drill_point_apply
#define FOLD_TEAM apply_team

typedef int fold_fn(struct yw_drill_state *state, const struct yw_event *event,
                    struct yw_err *err);
static fold_fn *const folds[YW_EVENT_KINDS] = {
#define YW_EVENT(NAME, wire, payload, audience, fold) [YW_EVENT_##NAME] = FOLD_##fold,
#include "model/event.def"
#undef YW_EVENT
};

int yw_drill_apply(struct yw_drill_state *state, const struct yw_event *event,
                   struct yw_err *err)
{
    assert((unsigned)event->kind < YW_EVENT_KINDS);
    if (event->seq <= state->seq)
        return yw_drill_corrupt(event, err, "out of order: does not follow",
                                "the event before");
    if (!state->created && event->kind != YW_EVENT_DRILL_CREATED)
        return yw_drill_corrupt(event, err, "comes before", "drill-created");
    if (event->team >= 0 && event->kind != YW_EVENT_TEAM_ADDED &&
        !yw_drill_team(state, event->team))
        return yw_drill_corrupt(event, err, "no such", "team");
    int status = folds[event->kind](state, event, err);

    if (status < 0)
        return status;
    yw_drill_course(state, event);
    state->seq = event->seq;
    state->drill_ms = event->drill_ms;
    return 0;
}
