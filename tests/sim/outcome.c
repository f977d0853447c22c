#include "outcome.h"

#include "base/mem.h"
#include "drill/package.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EVENTS_MAX 20000
#define LANE_MAX 65536

enum lane {
    STORY,
    ATTACKS,
    PLAYBOOK,
    LINKS,
    ACTIONS,
    PLANT,
    OBJECTIVES,
    POINTS,
    FAULTS,
    LANES
};

struct reader {
    struct outcome *outcome;
    struct yw_buf lanes[YW_SPEC_TEAMS_MAX + 1][LANES]; /* the last: the whole drill */
    struct yw_view view;
    struct yw_score score;
};

static const char *const lane_names[LANES] = {"story",      "attacks", "playbook",
                                              "links",      "actions", "plant",
                                              "objectives", "points",  "faults"};

static void note(struct reader *reader, const struct yw_event *event, enum lane lane,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void note(struct reader *reader, const struct yw_event *event, enum lane lane,
                 const char *fmt, ...)
{
    char text[2048];
    va_list args;
    size_t team = event->team < 0 ? YW_SPEC_TEAMS_MAX : (size_t)event->team;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    yw_buf_printf(&reader->lanes[team][lane], "%s %s\n", yw_event_name(event->kind),
                  text);
}

static void note_story(struct reader *reader, const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_STORY_STEP:
        note(reader, event, STORY, "%lld %s %s", (long long)event->story_step.index,
             event->story_step.verb, event->story_step.subject);
        break;
    case YW_EVENT_STORY_RESULT:
        note(reader, event, STORY, "%lld %d", (long long)event->story_result.index,
             event->story_result.holds);
        break;
    case YW_EVENT_SAID:
        note(reader, event, STORY, "%d %s", event->said.hint, event->said.text.zh);
        break;
    case YW_EVENT_FAULT_ORDERED:
        note(reader, event, STORY, "befalls %s %s %s", event->fault_ordered.plant,
             event->fault_ordered.part, event->fault_ordered.fault);
        break;
    case YW_EVENT_ATTACK_STARTED:
        note(reader, event, ATTACKS, "%s #%lld %s", event->attack_started.attack,
             (long long)event->attack_started.request, event->attack_started.argv);
        break;
    case YW_EVENT_ATTACK_SKIPPED:
        note(reader, event, ATTACKS, "%s %s", event->attack_skipped.attack,
             event->attack_skipped.fact);
        break;
    case YW_EVENT_UNDO_STARTED:
        note(reader, event, ATTACKS, "%s #%lld %s", event->undo_started.attack,
             (long long)event->undo_started.request, event->undo_started.argv);
        break;
    case YW_EVENT_UNDO_ENDED:
    case YW_EVENT_ATTACK_ENDED:
        note(reader, event, ATTACKS, "%s %d %s", event->attack_ended.attack,
             event->attack_ended.ok, event->attack_ended.output);
        break;
    default:
        break;
    }
}

static void note_playbook(struct reader *reader, const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_PLAYBOOK_STARTED:
        note(reader, event, PLAYBOOK, "%s", event->playbook_started.playbook);
        break;
    case YW_EVENT_STEP_STARTED:
        note(reader, event, PLAYBOOK, "%s %s", event->step_started.step,
             event->step_started.name.en);
        break;
    case YW_EVENT_STEP_ENDED:
        note(reader, event, PLAYBOOK, "%s %s", event->step_ended.step,
             yw_step_status_name(event->step_ended.status));
        break;
    case YW_EVENT_STEP_BRANCHED:
        note(reader, event, PLAYBOOK, "%s %lld %s", event->step_branched.step,
             (long long)event->step_branched.turn, event->step_branched.first);
        break;
    case YW_EVENT_STEP_ASKED:
    case YW_EVENT_STEP_WARNED:
    case YW_EVENT_STEP_ESCALATED:
    case YW_EVENT_STEP_LATE:
        note(reader, event, PLAYBOOK, "%s", event->step_ref.step);
        break;
    case YW_EVENT_STEP_ANSWERED:
        note(reader, event, PLAYBOOK, "%s %s", event->step_answered.step,
             event->step_answered.role);
        break;
    case YW_EVENT_PLAYBOOK_ENDED:
        note(reader, event, PLAYBOOK, "%d", event->playbook_ended.ok);
        break;
    case YW_EVENT_COMMAND_ORDERED:
        note(reader, event, PLAYBOOK, "%s %lld %s %s", event->command_ordered.step,
             (long long)event->command_ordered.item, event->command_ordered.does,
             event->command_ordered.machine);
        break;
    case YW_EVENT_COMMAND_ENDED:
        note(reader, event, PLAYBOOK, "%s %lld %d", event->command_ended.step,
             (long long)event->command_ended.item, event->command_ended.ok);
        break;
    default:
        break;
    }
}

static void note_response(struct reader *reader, const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_LINK_ORDERED:
        note(reader, event, LINKS, "%s %d", event->link_ordered.machine,
             event->link_ordered.up);
        break;
    case YW_EVENT_LINK_CHANGED:
        note(reader, event, LINKS, "%s %d", event->link_changed.machine,
             event->link_changed.up);
        break;
    case YW_EVENT_ACTION_ORDERED:
        note(reader, event, ACTIONS, "%s %s #%lld", event->action_ordered.machine,
             event->action_ordered.argv, (long long)event->action_ordered.request);
        break;
    case YW_EVENT_ACTION_ENDED:
        note(reader, event, ACTIONS, "%s %d %s", event->action_ended.machine,
             event->action_ended.ok, event->action_ended.output);
        break;
    case YW_EVENT_REPORT_FILED:
        note(reader, event, ACTIONS, "%s", event->report_filed.text);
        break;
    default:
        break;
    }
}

static void note_judgement(struct reader *reader, const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_PHASE_CHANGED:
        note(reader, event, STORY, "%s", yw_phase_name(event->phase_changed.phase));
        break;
    case YW_EVENT_PLANT_LEVEL: /* a few seconds more of a fault take minutes to fade */
        if (event->plant_level.level > event->plant_level.previous)
            note(reader, event, PLANT, "%s %lld to %lld", event->plant_level.plant,
                 (long long)event->plant_level.previous,
                 (long long)event->plant_level.level);
        break;
    case YW_EVENT_OBJECTIVE_MET:
    case YW_EVENT_OBJECTIVE_LOST:
        note(reader, event, OBJECTIVES, "%s", event->objective_ref.objective);
        break;
    case YW_EVENT_STORY_FAULT:
    case YW_EVENT_PLATFORM_FAULT:
        note(reader, event, FAULTS, "%s", event->note.text);
        break;
    default:
        break;
    }
}

static void note_points(struct reader *reader, const struct yw_event *event)
{
    bool ok = false;
    const char *detail = "";
    bool program =
        event->kind == YW_EVENT_ACTION_ORDERED || event->kind == YW_EVENT_ACTION_ENDED;

    if (program)
        return; /* a lane of its own */
    if (yw_order_ended(event, &ok, &detail))
        note(reader, event, POINTS, "%d", ok);
    else if (yw_order_outcome(event->kind) != YW_EVENT_KINDS)
        note(reader, event, POINTS, "ordered");
}

static int on_event(void *arg, const struct yw_event *event)
{
    struct reader *reader = arg;
    struct outcome *outcome = reader->outcome;
    struct yw_err err = {0};

    assert_int_equal(event->seq, outcome->events + 1);
    assert_true(outcome->events < EVENTS_MAX);
    outcome->kinds[outcome->events++] = event->kind;
    for (size_t i = 0; i < YW_EVENT_CAUSES_MAX; i++)
        assert_true(event->causes[i] < event->seq);
    if (!yw_view_apply(&reader->view, event)) {
        (void)yw_drill_apply(&reader->view.state, event, &err);
        fail_msg("event %lld does not follow: %s", (long long)event->seq, err.text);
    }
    yw_score_apply(&reader->score, event);
    note_story(reader, event);
    note_playbook(reader, event);
    note_response(reader, event);
    note_judgement(reader, event);
    note_points(reader, event);
    return 0;
}

static void join(struct reader *reader)
{
    struct yw_buf text;
    struct yw_buf faults;

    yw_buf_init(&text, (size_t)1024 * 1024);
    yw_buf_init(&faults, LANE_MAX);
    for (size_t t = 0; t <= YW_SPEC_TEAMS_MAX; t++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            struct yw_buf *from = &reader->lanes[t][lane];

            assert_false(from->overflow);
            if (lane == FAULTS && from->size > 0)
                yw_buf_puts(&faults, from->data);
            else if (from->size > 0)
                yw_buf_printf(&text, "-- team %zu %s\n%s", t, lane_names[lane],
                              from->data);
            yw_buf_fini(from);
        }
    }
    assert_false(text.overflow || faults.overflow);
    reader->outcome->text = yw_buf_steal(&text);
    reader->outcome->faults = yw_buf_steal(&faults);
}

void outcome_take(struct outcome *ret, struct yw_rehearsal *rehearsal)
{
    struct reader *reader = yw_new(sizeof *reader);
    struct yw_journal *journal = yw_conductor_journal(yw_rehearsal_conductor(rehearsal),
                                                      yw_rehearsal_drill(rehearsal));
    struct yw_err err = {0};

    memset(ret, 0, sizeof *ret);
    ret->kinds = yw_new_array(EVENTS_MAX, sizeof *ret->kinds);
    reader->outcome = ret;
    yw_view_init(&reader->view, YW_AUDIENCE_CONTROL, -1);
    yw_score_init(&reader->score);
    for (size_t t = 0; t <= YW_SPEC_TEAMS_MAX; t++) {
        for (size_t lane = 0; lane < LANES; lane++)
            yw_buf_init(&reader->lanes[t][lane], LANE_MAX);
    }
    assert_non_null(journal);
    if (yw_journal_read(journal, 1, on_event, reader, &err) != 0)
        fail_msg("%s", err.text);
    join(reader);
    ret->teams = reader->score.teams.count;
    for (size_t t = 0; t < ret->teams; t++) {
        const struct yw_score_team *team = yw_vec_at(&reader->score.teams, t);

        ret->points[t] = team->points;
    }
    yw_view_fini(&reader->view);
    yw_score_fini(&reader->score);
    free(reader);
}

void outcome_free(struct outcome *outcome)
{
    free(outcome->text);
    free(outcome->faults);
    free(outcome->kinds);
}

static void print_difference(const char *got, const char *expected, const char *what)
{
    const char *line = got;

    while (*got != '\0' && *got == *expected) {
        if (*got == '\n')
            line = got + 1;
        got++;
        expected++;
    }
    print_error("%s: another outcome: %.300s\ninstead of (from there on): %.200s\n", what,
                line, expected);
}

bool outcome_same(const struct outcome *got, const struct outcome *expected,
                  int64_t slack, const char *what)
{
    bool same = strcmp(got->text, expected->text) == 0;

    if (!same)
        print_difference(got->text, expected->text, what);
    assert_int_equal(got->teams, expected->teams);
    for (size_t t = 0; t < got->teams; t++) {
        if (llabs((long long)(got->points[t] - expected->points[t])) <= slack)
            continue;
        same = false;
        print_error("%s: team %zu has %lld points instead of %lld\n", what, t,
                    (long long)got->points[t], (long long)expected->points[t]);
    }
    return same;
}

struct yw_package *sim_package(const char *scenario)
{
    struct yw_package *package = NULL;
    struct yw_err err = {0};
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", getenv("YW_SOURCE"), scenario);
    if (yw_package_load(&package, path, &err) != 0)
        fail_msg("%s", err.text);
    return package;
}

void sim_config(struct yw_rehearsal_config *ret, const struct yw_package *package)
{
    memset(ret, 0, sizeof *ret);
    ret->package = package;
    ret->seed = 1;
    (void)snprintf(ret->program, sizeof ret->program, "%s/orchestrator/cli/yanwu",
                   getenv("YW_BUILD"));
    (void)snprintf(ret->library_dir, sizeof ret->library_dir, "%s/playbooks",
                   getenv("YW_SOURCE"));
}

uint64_t sim_run_whole(struct outcome *ret, const struct yw_package *package)
{
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, package);
    if (yw_rehearsal_open(&rehearsal, &config, &err) != 0 ||
        yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
    outcome_take(ret, rehearsal);
    assert_int_equal(yw_virt_world_count(yw_rehearsal_world(rehearsal)), 0);
    uint64_t calls = yw_rehearsal_calls(rehearsal);

    yw_rehearsal_close(rehearsal);
    return calls;
}

struct sim_sweep *sim_sweep_open(void **state, const char *scenario)
{
    struct sim_sweep *sweep = yw_new(sizeof *sweep);

    sweep->package = sim_package(scenario);
    *state = sweep;
    return sweep;
}

int sim_sweep_set_up(void **state, const char *scenario)
{
    struct sim_sweep *sweep = sim_sweep_open(state, scenario);

    sweep->calls = sim_run_whole(&sweep->whole, sweep->package);
    return 0;
}

int sim_sweep_tear_down(void **state)
{
    struct sim_sweep *sweep = *state;

    outcome_free(&sweep->whole);
    yw_package_free(sweep->package);
    free(sweep);
    return 0;
}

char *sim_board(struct yw_rehearsal *rehearsal, enum yw_audience audience, int team)
{
    struct yw_frame *frame = yw_conductor_snapshot(
        yw_rehearsal_conductor(rehearsal), yw_rehearsal_drill(rehearsal), audience, team);

    assert_non_null(frame);
    char *text = yw_strdup(frame->text);
    yw_frame_unref(frame);
    return text;
}
