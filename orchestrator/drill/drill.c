#include "drill/order/order.h"

#include "base/log.h"
#include "base/mem.h"
#include "drill/exercise/table.h"
#include "drill/package.h"
#include "drill/range/admit.h"
#include "drill/range/disk.h"
#include "drill/range/hosted.h"
#include "drill/range/pace.h"
#include "drill/seat/console.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void react(struct yw_drill *drill, const struct yw_event *event);

const struct yw_drill_state *yw_drill_state(const struct yw_drill *drill)
{
    return &drill->boards[0].view.state;
}

int64_t yw_drill_now(const struct yw_drill *drill)
{
    return yw_drill_clock_now(&drill->clock, yw_clock_mono_ms(drill->stage->clock));
}

void yw_drill_event(struct yw_event *event, enum yw_event_kind kind, int team,
                    const char *actor)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->team = team;
    YW_COPY(event->actor, actor);
}

int yw_drill_emit(struct yw_drill *drill, struct yw_event *event, int64_t *ret_seq,
                  struct yw_err *err)
{
    struct yw_err local = {0};
    int64_t before = 0;
    if (drill->broken) {
        return yw_err_set(err, YW_EIO, "drill '%s': the journal takes no more",
                          drill->id);
    }
    event->wall_us = yw_clock_wall_us(drill->stage->clock);
    event->drill_ms = yw_drill_now(drill);
    int code = yw_journal_append(drill->journal, event, &before, &local);
    if (ret_seq != NULL) {
        *ret_seq = code == YW_EEXIST ? before : event->seq;
    }
    if (code != 0 && code != YW_EEXIST) {
        yw_error("drill", "%s: append %s: %s", drill->id, yw_event_name(event->kind),
                 local.text);
    }
    if (code != 0 && err != NULL) {
        *err = local;
    }
    return code;
}

void yw_drill_fault(struct yw_drill *drill, const char *fmt, ...)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_PLATFORM_FAULT, -1, "core");
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(event.note.text, sizeof event.note.text, fmt, args);
    va_end(args);
    yw_warn("drill", "%s: %s", drill->id, event.note.text);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

void yw_drill_phase(struct yw_drill *drill, enum yw_phase phase, const char *actor,
                    const char *reason)
{
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_PHASE_CHANGED, -1, actor);
    event.phase_changed.phase = phase;
    YW_COPY(event.phase_changed.reason, reason);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

int64_t yw_drill_emit_clock(struct yw_drill *drill, bool running, double speed)
{
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_CLOCK_CHANGED, -1, "core");
    event.clock_changed.running = running;
    event.clock_changed.speed = speed;
    event.clock_changed.drill_ms = yw_drill_now(drill);
    (void)yw_drill_emit(drill, &event, &seq, NULL);
    return seq;
}

void yw_drill_end(struct yw_drill *drill, const char *actor, const char *reason)
{
    enum yw_phase phase = yw_drill_state(drill)->phase;
    if (phase < YW_PHASE_ENDED && !drill->closing) {
        drill->closing = true;
        yw_duty_measure_all(drill, -1);
        yw_drill_phase(drill, YW_PHASE_ENDED, actor, reason);
    }
}

/* ---- waking up ---- */

static int64_t next_due_mono(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->phase != YW_PHASE_RUNNING || !drill->clock.running) {
        return INT64_MAX;
    }
    int64_t drill_ms = drill->closing ? INT64_MAX : state->facts.length_ms;
    int64_t others[] = {yw_story_due(drill), yw_judge_due(drill), yw_respond_due(drill),
                        yw_desk_due(drill)};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        drill_ms = others[i] < drill_ms ? others[i] : drill_ms;
    }
    int64_t mono_ms = yw_drill_clock_due(&drill->clock, drill_ms);
    return drill->plant_count > 0 && drill->next_tick_ms < mono_ms ? drill->next_tick_ms
                                                                   : mono_ms;
}

void yw_drill_arm(struct yw_drill *drill)
{
    int64_t at_ms = next_due_mono(drill);
    int64_t soonest_ms = yw_clock_mono_ms(drill->stage->clock) + 1;
    /* what is overdue now waits for an event on its way to the disk: come back, do not spin */
    at_ms = at_ms < soonest_ms ? soonest_ms : at_ms;
    if (at_ms == INT64_MAX) {
        yw_due_cancel(drill->stage->due, &drill->wake);
    } else {
        yw_due_add(drill->stage->due, &drill->wake, at_ms);
    }
}

int64_t yw_drill_number(int64_t *next, int64_t known)
{
    *next = (*next > known ? *next : known) + 1;
    return *next;
}

static void on_wake(struct yw_due_entry *entry)
{
    struct yw_drill *drill = entry->arg;
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (state->phase != YW_PHASE_RUNNING || drill->broken) {
        return;
    }
    int64_t mono_ms = yw_clock_mono_ms(drill->stage->clock);
    if (mono_ms >= drill->next_tick_ms) {
        yw_sense_tick(drill);
        /* absolute deadlines: a late tick does not shift the ones after it, but a long stop (a
         * suspended process) is not made up for tick by tick */
        drill->next_tick_ms += YW_DRILL_TICK_MS;
        if (drill->next_tick_ms <= mono_ms) {
            drill->next_tick_ms = mono_ms + YW_DRILL_TICK_MS;
        }
    }
    int64_t now = yw_drill_now(drill);
    yw_judge(drill, now, true);
    yw_story_judge(drill, now);
    yw_respond_poke(drill);
    yw_desk_poke(drill);
    if (now >= state->facts.length_ms) {
        yw_drill_end(drill, "core", "length reached");
    }
    yw_drill_arm(drill);
}

/* ---- events in ---- */

int yw_drill_fold(struct yw_drill *drill, const struct yw_event *event,
                  struct yw_err *err)
{
    int code = yw_board_fold(drill, event, err);
    if (code == 0 && drill->plan != NULL) {
        yw_admit_fold(drill, event);
        yw_respond_fold(drill, event);
        yw_pending_fold(drill, event);
        yw_duty_fold(drill, event);
        yw_judge(drill, event->drill_ms, false);
    }
    return code;
}

static void on_durable(void *owner, const struct yw_event *event)
{
    struct yw_drill *drill = owner;
    struct yw_err err = {0};
    if (drill->broken) {
        return;
    }
    if (yw_board_fold(drill, event, &err) != 0) {
        /* our own bug: a state that cannot be trusted scores nothing more */
        yw_error("drill", "%s: %s", drill->id, err.text);
        drill->broken = true;
        yw_pending_fail(drill, YW_ECORRUPT, err.text);
        return;
    }
    if (drill->plan == NULL) {
        return; /* archived: only what was removed afterwards is told */
    }
    yw_admit_fold(drill, event);
    yw_respond_fold(drill, event);
    yw_pending_fold(drill, event);
    yw_duty_fold(drill, event);
    react(drill, event);
    yw_judge(drill, event->drill_ms, true);
    yw_story_judge(drill, event->drill_ms);
    yw_respond_poke(drill);
    yw_desk_react(drill, event);
    yw_desk_poke(drill);
    yw_pending_react(drill, event);
    yw_drill_arm(drill);
}

static void on_broken(void *owner, const struct yw_err *err)
{
    struct yw_drill *drill = owner;
    yw_error("drill", "%s: journal: %s", drill->id, err->text);
    drill->broken = true;
    yw_due_cancel(drill->stage->due, &drill->wake);
    yw_pending_fail(drill, YW_EIO, err->text);
}

static void on_room(void *owner, enum yw_journal_room room, const struct yw_err *why)
{
    yw_disk_room(owner, room, why);
}

void yw_drill_adopt_journal(struct yw_drill *drill, struct yw_journal *journal)
{
    drill->journal = journal;
    journal->on_durable = on_durable;
    journal->on_broken = on_broken;
    journal->on_room = on_room;
    journal->owner = drill;
}

static void on_phase(struct yw_drill *drill, const struct yw_event *event)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    double speed = drill->clock.speed;
    switch (event->phase_changed.phase) {
    case YW_PHASE_RUNNING:
        (void)yw_drill_emit_clock(drill, true, speed);
        break;
    case YW_PHASE_PAUSED:
        (void)yw_drill_emit_clock(drill, false, speed);
        break;
    case YW_PHASE_ENDED:
        yw_judge(drill, event->drill_ms, true);
        yw_range_cancel(drill, "the drill was ended");
        (void)yw_drill_emit_clock(drill, false, speed);
        yw_story_close(drill);
        break;
    case YW_PHASE_READY:
        yw_sense_start(drill);
        yw_point_start(drill);
        yw_capture_start(drill);
        break;
    case YW_PHASE_PLANNED:
    case YW_PHASE_STAGING:
    case YW_PHASE_ARCHIVED:
    case YW_PHASES:
        break;
    }
    (void)state;
}

static void on_clock(struct yw_drill *drill, const struct yw_event *event)
{
    int64_t mono_ms = yw_clock_mono_ms(drill->stage->clock);
    yw_drill_clock_set(&drill->clock, event->clock_changed.running,
                       event->clock_changed.speed, event->clock_changed.drill_ms,
                       mono_ms);
    yw_pace_changed(drill);
    if (drill->clock.running) {
        drill->next_tick_ms = mono_ms + YW_DRILL_TICK_MS;
        yw_story_start(drill);
    }
}

static void on_range_state(struct yw_drill *drill, const struct yw_event *event)
{
    enum yw_phase phase = yw_drill_state(drill)->phase;
    if (!event->range_state.up) {
        if (event->range_state.ok) {
            yw_drill_phase(drill, YW_PHASE_ARCHIVED, "core", "range is down");
        }
    } else if (phase == YW_PHASE_STAGING) { /* else it was ended meanwhile */
        yw_drill_phase(drill, event->range_state.ok ? YW_PHASE_READY : YW_PHASE_PLANNED,
                       "core", event->range_state.detail);
    } else if (event->range_state.ok && phase < YW_PHASE_ENDED) { /* of a fork */
        yw_sense_start(drill);
        yw_range_relink(drill);
        yw_point_start(drill);
        yw_capture_start(drill);
    }
}

static void on_action_ordered(struct yw_drill *drill, const struct yw_event *event)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    for (size_t i = 0; i < state->actions.count; i++) {
        const struct yw_action_fold *action = yw_vec_at(&state->actions, i);
        if (action != NULL && action->seq == event->seq) {
            yw_range_action(drill, action);
        }
    }
}

/* What each kind sets in motion. The rest only changes the state. */
static void react(struct yw_drill *drill, const struct yw_event *event)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (event->kind == YW_EVENT_PHASE_CHANGED) {
        on_phase(drill, event);
    } else if (event->kind == YW_EVENT_CLOCK_CHANGED) {
        on_clock(drill, event);
    } else if (event->kind == YW_EVENT_RANGE_ORDERED) {
        yw_range_go(drill, event->range_ordered.up);
    } else if (event->kind == YW_EVENT_RANGE_STATE) {
        on_range_state(drill, event);
    } else if (event->kind == YW_EVENT_LINK_ORDERED) {
        yw_range_link(drill, event->team, event->link_ordered.machine,
                      event->link_ordered.up);
    } else if (event->kind == YW_EVENT_LINK_CHANGED && drill->spec->tabletop) {
        yw_table_settle(drill, event->team);
    } else if (event->kind == YW_EVENT_GUEST_LINE) {
        yw_duty_line(drill, event);
    } else if (event->kind == YW_EVENT_ATTACK_STARTED ||
               event->kind == YW_EVENT_UNDO_STARTED) {
        const struct yw_attack_fold *attack = yw_drill_attack(
            state, event->team,
            event->kind == YW_EVENT_ATTACK_STARTED ? event->attack_started.attack
                                                   : event->undo_started.attack);
        if (attack != NULL) {
            yw_range_attack(drill, event->team, attack);
        }
    } else if (event->kind == YW_EVENT_ACTION_ORDERED ||
               event->kind == YW_EVENT_EXEC_ORDERED) {
        on_action_ordered(drill, event);
    } else if (event->kind == YW_EVENT_THAW_ENDED && !state->stopped &&
               state->phase == YW_PHASE_PAUSED) {
        yw_drill_phase(drill, YW_PHASE_RUNNING, "core", "the emergency stop is undone");
    }
    yw_order_react(drill, event);
    yw_hosted_react(drill, event);
    yw_story_react(drill, event);
}

/* ---- making one ---- */

struct yw_drill *yw_drill_new(struct yw_conductor *conductor,
                              const struct yw_stage *stage, const char *id)
{
    struct yw_drill *drill = yw_new(sizeof *drill);
    drill->conductor = conductor;
    drill->stage = stage;
    YW_COPY(drill->id, id);
    drill->wake.run = on_wake;
    drill->wake.arg = drill;
    yw_drill_clock_init(&drill->clock, 1.0);
    yw_vec_init(&drill->runs, sizeof(void *), YW_DRILL_RUNS_MAX);
    yw_vec_init(&drill->called, sizeof(struct yw_playbook *), YW_PACKAGE_CALLED_MAX);
    yw_vec_init(&drill->pending, sizeof(struct yw_drill_pending), YW_DRILL_PENDING_MAX);
    yw_vec_init(&drill->fetches, sizeof(struct yw_fetch *), YW_PLACE_HOSTS_MAX);
    yw_vec_init(&drill->begun, sizeof(int64_t), YW_DRILL_ORDERS_MAX);
    yw_vec_init(&drill->adopted, YW_PLAN_DOMAIN_MAX, YW_VIRT_LIST_MAX);
    yw_vec_init(&drill->outcomes, sizeof(struct yw_drill_outcome), YW_DRILL_OUTCOMES_MAX);
    return drill;
}

static void add_limit(void *arg, const char *plant, const char *tag, double number)
{
    struct yw_drill *drill = arg;
    int index = yw_spec_plant(drill->spec, plant);
    const struct yw_plant_model *model =
        index < 0 ? NULL : yw_plant_model_find(drill->spec->plants[index].model);
    if (model == NULL ||
        drill->limit_count == sizeof drill->limits / sizeof drill->limits[0]) {
        return;
    }
    int found = yw_process_tag(model->name, tag);
    if (found >= 0) {
        struct yw_drill_limit *limit = &drill->limits[drill->limit_count++];
        YW_COPY(limit->plant, plant);
        limit->tag = found;
        limit->number = number;
    }
}

static void build_team(struct yw_drill *drill, struct yw_drill_team *team)
{
    for (size_t i = 0; i < drill->spec->objective_count; i++) {
        yw_cond_watch_init(&team->objective_watch[i]);
    }
    for (size_t i = 0; i < drill->spec->playbook_count; i++) {
        yw_cond_watch_init(&team->playbook_watch[i]);
    }
}

static int build_plants(struct yw_drill *drill, struct yw_err *err)
{
    const struct yw_spec *spec = drill->spec;
    drill->plant_count = spec->plant_count * drill->plan->team_count;
    drill->plants = yw_new_array(drill->plant_count + 1, sizeof *drill->plants);
    for (size_t i = 0; i < drill->plant_count; i++) {
        struct yw_drill_plant *plant = &drill->plants[i];
        plant->team = (int)(i / spec->plant_count);
        plant->plant = (int)(i % spec->plant_count);
        const struct yw_spec_plant *declared = &spec->plants[plant->plant];
        const struct yw_plant_model *model = yw_plant_model_find(declared->model);
        if (model == NULL) {
            return yw_err_set(err, YW_EINVAL, "plant '%s': no model '%s'", declared->name,
                              declared->model);
        }
        /* every team meets the same plant: the noise differs by plant, not by team */
        plant->model = yw_plant_new(model, drill->plan->seed + (uint64_t)plant->plant);
        for (size_t k = 0; k < model->input_count; k++) {
            plant->inputs[k] = model->inputs[k].initial;
        }
        yw_plant_control(plant->model, !yw_sense_wire(drill, plant));
    }
    return 0;
}

/* A fork's machines are copies of the other drill's, and know its hardware addresses (or
 * those of the drill that this one was forked from). */
static int build_origin(struct yw_drill *drill, const char *const *teams,
                        size_t team_count, uint64_t seed, struct yw_err *err)
{
    struct yw_plan *macs = NULL;
    int code = yw_plan_make(&drill->origin, drill->spec, drill->forked.from, teams,
                            team_count, seed, err);
    if (code == 0) {
        code = yw_plan_make(&macs, drill->spec, drill->forked.macs_of, teams, team_count,
                            seed, err);
    }
    if (code == 0) {
        yw_plan_take_macs(drill->plan, macs);
    }
    yw_plan_free(macs);
    return code;
}

int yw_drill_build(struct yw_drill *drill, const char *const *teams, size_t team_count,
                   uint64_t seed, struct yw_err *err)
{
    const struct yw_spec *spec = drill->spec;
    int code = yw_plan_make(&drill->plan, spec, drill->id, teams, team_count, seed, err);
    if (code == 0 && drill->forked.from[0] != '\0') {
        code = build_origin(drill, teams, team_count, seed, err);
    }
    for (size_t i = 0; code == 0 && i < spec->playbook_count; i++) {
        code =
            yw_package_playbook(&drill->playbooks[i], drill->package,
                                drill->stage->library_dir, &spec->playbooks[i], err);
        if (code == 0 && (code = yw_playbook_check_given(
                              drill->playbooks[i], spec->playbooks[i].vars, err)) != 0) {
            (void)yw_err_prefix(err, "scenario.lua:%d: playbook '%s'",
                                spec->playbooks[i].line, spec->playbooks[i].name);
        }
    }
    if (code == 0) {
        code =
            yw_package_called(&drill->called, drill->package, drill->stage->library_dir,
                              drill->playbooks, spec->playbook_count, err);
    }
    if (code == 0) {
        code = build_plants(drill, err);
    }
    if (code == 0) {
        code = yw_duty_build(drill, err);
    }
    if (code != 0) {
        return code;
    }
    drill->teams = yw_new_array(team_count, sizeof *drill->teams);
    for (size_t i = 0; i < team_count; i++) {
        build_team(drill, &drill->teams[i]);
    }
    for (size_t i = 0; i < spec->objective_count; i++) {
        yw_cond_each_limit(&spec->objectives[i].met_by, add_limit, drill);
    }
    for (size_t i = 0; i < spec->playbook_count; i++) {
        yw_cond_each_limit(&spec->playbooks[i].starts_on, add_limit, drill);
    }
    yw_board_open(drill, team_count);
    return 0;
}

/* The journal was folded: go on where it stopped. The clock stands at the last event: time in
 * which nobody ran the drill does not count. */
void yw_drill_resume(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    int64_t mono_ms = yw_clock_mono_ms(drill->stage->clock);
    yw_drill_clock_set(&drill->clock, false, state->clock.speed, state->drill_ms,
                       mono_ms);
    drill->next_action = state->last_action;
    drill->next_run = state->last_run;
    drill->closing = state->phase >= YW_PHASE_ENDED;

    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_RECOVERED, -1, "core");
    (void)yw_copyf(event.note.text, sizeof event.note.text, "resumed after event %lld",
                   (long long)state->seq);
    (void)yw_drill_emit(drill, &event, NULL, NULL);

    yw_console_resume(drill);
    yw_sense_resume(drill);
    if (state->phase == YW_PHASE_RUNNING) {
        /* also when the crash came between phase-changed and clock-changed */
        (void)yw_drill_emit_clock(drill, true, state->clock.speed);
    } else if (state->clock.running) {
        (void)yw_drill_emit_clock(drill, false, state->clock.speed);
    }
    yw_range_resume(drill);
    yw_hosted_resume(drill);
    yw_respond_poke(drill);
    yw_desk_poke(drill);
    yw_drill_arm(drill);
}

void yw_drill_free(struct yw_drill *drill)
{
    if (drill == NULL) {
        return;
    }
    yw_due_cancel(drill->stage->due, &drill->wake);
    yw_due_cancel(drill->stage->due, &drill->board_due);
    yw_due_cancel(drill->stage->due, &drill->range.again);
    yw_due_cancel(drill->stage->due, &drill->script_again);
    yw_pending_fail(drill, YW_ECANCELED, "the daemon is stopping");
    yw_story_close(drill);
    yw_console_close(drill);
    yw_range_close(drill);
    yw_capture_fetch_close(drill);
    yw_admit_close(drill);
    yw_journal_close(drill->journal);
    yw_board_close(drill);
    for (size_t i = 0; i < drill->plant_count; i++) {
        yw_plant_free(drill->plants[i].model);
    }
    yw_respond_free(drill);
    for (size_t i = 0; i < YW_SPEC_PLAYBOOKS_MAX; i++) {
        yw_playbook_free(drill->playbooks[i]);
    }
    yw_vec_fini(&drill->pending);
    yw_vec_fini(&drill->outcomes);
    yw_vec_fini(&drill->adopted);
    yw_vec_fini(&drill->begun);
    yw_duty_close(drill);
    free(drill->plants);
    free(drill->teams);
    yw_plan_free(drill->plan);
    yw_plan_free(drill->origin);
    yw_spec_free(drill->spec);
    yw_package_free(drill->package);
    free(drill);
}
