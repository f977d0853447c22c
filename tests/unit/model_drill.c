/* The drill's state: what each event changes, what cannot follow, and what audiences
 * know. */
#include "model/drill.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct fold {
    struct yw_drill_state state;
    int64_t seq;
};

static struct yw_event *event_of(struct yw_event *event, enum yw_event_kind kind,
                                 int team)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->team = team;
    return event;
}

/* Appends with the next seq at 1000 ms times it. */
static int append(struct fold *f, struct yw_event *event)
{
    event->seq = f->seq + 1;
    event->drill_ms = event->seq * 1000;
    int status = yw_drill_apply(&f->state, event, NULL);

    if (status == 0)
        f->seq++;
    return status;
}

static int phase(struct fold *f, enum yw_phase to)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_PHASE_CHANGED, -1)->phase_changed.phase = to;
    return append(f, &event);
}

static void machine(struct fold *f, int team, const char *name)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_MACHINE_PLANNED, team);
    YW_COPY(event.machine_planned.machine, name);
    assert_int_equal(append(f, &event), 0);
}

/* Two teams, each with plc1, works, raise-dose, contained. */
static void begin(struct fold *f)
{
    struct yw_event event;

    memset(f, 0, sizeof *f);
    yw_drill_state_init(&f->state);
    event_of(&event, YW_EVENT_DRILL_CREATED, -1)->drill_created.team_count = 2;
    assert_int_equal(append(f, &event), 0);
    for (int i = 0; i < 2; i++) {
        event_of(&event, YW_EVENT_TEAM_ADDED, i);
        YW_COPY(event.team_added.name, i ? "slow" : "quick");
        assert_int_equal(append(f, &event), 0);
        machine(f, i, "plc1");
    }
    event_of(&event, YW_EVENT_PLANT_PLANNED, -1);
    YW_COPY(event.plant_planned.plant, "works");
    YW_COPY(event.plant_planned.model, "water-dosing");
    assert_int_equal(append(f, &event), 0);
    event_of(&event, YW_EVENT_ATTACK_PLANNED, -1);
    YW_COPY(event.attack_planned.attack, "raise-dose");
    YW_COPY(event.attack_planned.from, "plc1");
    assert_int_equal(append(f, &event), 0);
    event_of(&event, YW_EVENT_OBJECTIVE_SET, -1);
    YW_COPY(event.objective_set.objective, "contained");
    event.objective_set.points = 150;
    assert_int_equal(append(f, &event), 0);
}

static void end(struct fold *f)
{
    yw_drill_state_fini(&f->state);
}

static void test_phases(void **state)
{
    (void)state;
    struct fold f;

    begin(&f);
    assert_int_equal(phase(&f, YW_PHASE_RUNNING), YW_ECORRUPT);
    assert_int_equal(f.state.phase, YW_PHASE_PLANNED);
    assert_int_equal(phase(&f, YW_PHASE_STAGING), 0);
    assert_int_equal(phase(&f, YW_PHASE_PLANNED), 0); /* rolled back */
    assert_int_equal(phase(&f, YW_PHASE_STAGING), 0);
    assert_int_equal(phase(&f, YW_PHASE_READY), 0);
    assert_int_equal(phase(&f, YW_PHASE_PAUSED), YW_ECORRUPT);
    assert_int_equal(phase(&f, YW_PHASE_RUNNING), 0);
    assert_int_equal(phase(&f, YW_PHASE_PAUSED), 0);
    assert_int_equal(phase(&f, YW_PHASE_RUNNING), 0);
    assert_int_equal(phase(&f, YW_PHASE_ARCHIVED), YW_ECORRUPT);
    assert_int_equal(phase(&f, YW_PHASE_ENDED), 0);
    assert_int_equal(f.state.phase_seq, f.seq);
    assert_int_equal(phase(&f, YW_PHASE_ENDED), YW_ECORRUPT);
    assert_int_equal(phase(&f, YW_PHASE_RUNNING), YW_ECORRUPT);
    assert_int_equal(phase(&f, YW_PHASE_ARCHIVED), 0);
    end(&f);
}

/* The whole table, so that a new arrow is a decision. */
static void test_phase_table(void **state)
{
    (void)state;
    static const char *const table[YW_PHASES] = {
        /* from      to: planned staging ready running paused ended archived */
        [YW_PHASE_PLANNED] = ".S...E.",  [YW_PHASE_STAGING] = "P.R..E.",
        [YW_PHASE_READY] = "...R.E.",    [YW_PHASE_RUNNING] = "....PE.",
        [YW_PHASE_PAUSED] = "...R.E.",   [YW_PHASE_ENDED] = "......A",
        [YW_PHASE_ARCHIVED] = ".......",
    };

    for (int from = 0; from < YW_PHASES; from++) {
        for (int to = 0; to < YW_PHASES; to++)
            assert_int_equal(yw_phase_may_follow((enum yw_phase)from, (enum yw_phase)to),
                             table[from][to] != '.');
    }
}

static void test_refused_changes_nothing(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    machine(&f, 1, "jump"); /* only the second team has it */
    event_of(&event, YW_EVENT_MACHINE_PLANNED, -1);
    YW_COPY(event.machine_planned.machine, "jump");
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    assert_null(yw_drill_machine(&f.state, 0, "jump"));
    assert_int_equal(f.state.seq, f.seq);
    event_of(&event, YW_EVENT_MACHINE_PLANNED, 2);
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    event_of(&event, YW_EVENT_TEAM_ADDED, 3);
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    event_of(&event, YW_EVENT_DRILL_CREATED, -1);
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    event_of(&event, YW_EVENT_PLANT_LEVEL, 0);
    YW_COPY(event.plant_level.plant, "nowhere");
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    event_of(&event, YW_EVENT_RULING, 7);
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    event_of(&event, YW_EVENT_RULING, 0)->seq = f.seq; /* not after the last */
    assert_int_equal(yw_drill_apply(&f.state, &event, NULL), YW_ECORRUPT);
    end(&f);
}

static void test_first_is_created(void **state)
{
    (void)state;
    struct fold f = {0};
    struct yw_event event;

    yw_drill_state_init(&f.state);
    event_of(&event, YW_EVENT_TEAM_ADDED, 0);
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    yw_drill_state_fini(&f.state);
    yw_drill_state_fini(NULL);
}

static void link(struct fold *f, enum yw_event_kind kind, bool up)
{
    struct yw_event event;

    event_of(&event, kind, 0);
    if (kind == YW_EVENT_LINK_ORDERED) {
        YW_COPY(event.link_ordered.machine, "plc1");
        event.link_ordered.up = up;
    } else {
        YW_COPY(event.link_changed.machine, "plc1");
        event.link_changed.up = up;
    }
    assert_int_equal(append(f, &event), 0);
}

static void test_links(void **state)
{
    (void)state;
    struct fold f;

    begin(&f);
    const struct yw_machine_fold *plc = yw_drill_machine(&f.state, 0, "plc1");

    assert_true(plc->link_up && plc->link_wanted);
    link(&f, YW_EVENT_LINK_ORDERED, false);
    assert_true(plc->link_up && !plc->link_wanted);
    link(&f, YW_EVENT_LINK_ORDERED, true); /* changed our mind while it is under way */
    link(&f, YW_EVENT_LINK_CHANGED, false);
    assert_true(!plc->link_up && plc->link_wanted);
    link(&f, YW_EVENT_LINK_CHANGED, true);
    assert_true(plc->link_up && plc->link_wanted);
    assert_int_equal(plc->link_seq, f.seq);
    assert_true(yw_drill_machine(&f.state, 1, "plc1")->link_seq == 0);
    end(&f);
}

/* A team sees the link of a hidden machine change without knowing the machine. */
static void test_audience_gaps(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    event_of(&event, YW_EVENT_LINK_CHANGED, 0);
    YW_COPY(event.link_changed.machine, "jump");
    assert_int_equal(append(&f, &event), 0);
    event_of(&event, YW_EVENT_OBJECTIVE_MET, 0);
    YW_COPY(event.objective_ref.objective, "never-heard-of");
    assert_int_equal(append(&f, &event), 0);
    f.seq += 10; /* gaps in seq are fine */
    link(&f, YW_EVENT_LINK_CHANGED, false);
    assert_false(yw_drill_machine(&f.state, 0, "plc1")->link_wanted); /* no order seen */
    end(&f);
}

static void attack(struct fold *f, bool ok)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_ATTACK_STARTED, 0);
    YW_COPY(event.attack_started.attack, "raise-dose");
    YW_COPY(event.attack_started.machine, "plc1");
    event.attack_started.request = 5;
    assert_int_equal(append(f, &event), 0);
    event_of(&event, YW_EVENT_ATTACK_ENDED, 0)->attack_ended.ok = ok;
    YW_COPY(event.attack_ended.attack, "raise-dose");
    assert_int_equal(append(f, &event), 0);
    assert_int_equal(append(f, &event), YW_ECORRUPT); /* ended is ended */
}

static void test_attacks(void **state)
{
    (void)state;
    struct fold f;

    begin(&f);
    const struct yw_attack_fold *raise = yw_drill_attack(&f.state, 0, "raise-dose");

    attack(&f, false);
    assert_int_equal(raise->state, YW_ATTACK_FAILED);
    assert_int_equal(raise->effect_seq, 0);
    attack(&f, true);
    int64_t effect = f.seq;

    assert_int_equal(raise->state, YW_ATTACK_DONE);
    assert_int_equal(raise->effect_seq, effect);
    assert_int_equal(raise->effect_ms, effect * 1000);
    attack(&f, true); /* a repeat does not move the first effect */
    assert_int_equal(raise->effect_seq, effect);
    assert_int_equal(yw_drill_machine(&f.state, 0, "plc1")->requests, 5);
    end(&f);
}

static void test_actions(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    for (int i = 1; i <= 2; i++) {
        event_of(&event, YW_EVENT_ACTION_ORDERED, 1)->action_ordered.action = i;
        YW_COPY(event.action_ordered.machine, "plc1");
        event.action_ordered.request = 10 - i;
        assert_int_equal(append(&f, &event), 0);
    }
    assert_int_equal(f.state.actions.count, 2);
    assert_int_equal(f.state.last_action, 2);
    assert_int_equal(yw_drill_machine(&f.state, 1, "plc1")->requests, 9);
    event_of(&event, YW_EVENT_ACTION_ENDED, 1)->action_ended.action = 1;
    assert_int_equal(append(&f, &event), 0);
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    assert_int_equal(f.state.actions.count, 1);
    const struct yw_action_fold *left = yw_vec_at(&f.state.actions, 0);

    assert_int_equal(left->action, 2);
    assert_int_equal(left->team, 1);
    end(&f);
}

static int story(struct fold *f, int64_t index, const char *verb)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_STORY_STEP, 0)->story_step.index = index;
    YW_COPY(event.story_step.verb, verb);
    return append(f, &event);
}

static int result(struct fold *f, int64_t index, bool holds)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_STORY_RESULT, 0)->story_result.index = index;
    event.story_result.holds = holds;
    return append(f, &event);
}

static void test_story(void **state)
{
    (void)state;
    struct fold f;

    begin(&f);
    const struct yw_story_fold *fold = &yw_drill_team(&f.state, 0)->story;

    assert_int_equal(result(&f, 1, true), YW_ECORRUPT);
    assert_int_equal(story(&f, 2, "say"), YW_ECORRUPT);
    assert_int_equal(story(&f, 1, "say"), 0);
    assert_int_equal(story(&f, 2, "wait_for"), 0); /* say needs no result of its own */
    assert_true(fold->waiting);
    assert_int_equal(result(&f, 1, true), YW_ECORRUPT);
    assert_int_equal(result(&f, 2, false), 0);
    assert_int_equal(result(&f, 2, false), YW_ECORRUPT);
    assert_false(fold->waiting);
    assert_int_equal(fold->results.count, 2);
    assert_true(*(bool *)yw_vec_at(&fold->results, 0));
    assert_false(*(bool *)yw_vec_at(&fold->results, 1));
    assert_int_equal(story(&f, 3, "end"), 0);
    assert_true(fold->finished && !fold->waiting);
    assert_int_equal(story(&f, 4, "say"), YW_ECORRUPT);
    assert_int_equal(fold->steps.count, 3);
    assert_int_equal(yw_drill_team(&f.state, 1)->story.index, 0);
    end(&f);
}

static void test_story_fault(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    event_of(&event, YW_EVENT_STORY_FAULT, 1);
    assert_int_equal(append(&f, &event), 0);
    assert_false(yw_drill_team(&f.state, 0)->story.faulted);
    assert_true(yw_drill_team(&f.state, 1)->story.faulted);
    event_of(&event, YW_EVENT_STORY_FAULT, -1);
    assert_int_equal(append(&f, &event), 0);
    assert_true(yw_drill_team(&f.state, 0)->story.faulted);
    end(&f);
}

static void test_answers_by_name(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    event_of(&event, YW_EVENT_PLAYBOOK_STARTED, 0)->playbook_started.run = 4;
    assert_int_equal(append(&f, &event), 0);
    assert_int_equal(f.state.last_run, 4);
    event_of(&event, YW_EVENT_STEP_STARTED, 0)->step_started.run = 4;
    YW_COPY(event.step_started.step, "action--1");
    YW_COPY(event.step_started.name.en, "Assess the alarm");
    assert_int_equal(append(&f, &event), 0);
    event_of(&event, YW_EVENT_STEP_ANSWERED, 0)->step_answered.run = 5;
    YW_COPY(event.step_answered.step, "action--1");
    assert_int_equal(append(&f, &event), YW_ECORRUPT); /* another run */
    event.step_answered.run = 4;
    assert_int_equal(append(&f, &event), 0);
    const struct yw_answer_fold *answer =
        yw_vec_at(&yw_drill_team(&f.state, 0)->answered, 0);

    assert_string_equal(answer->name_en, "Assess the alarm");
    assert_int_equal(answer->seq, f.seq);
    end(&f);
}

static void test_plants(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    const struct yw_plant_fold *works = yw_drill_plant(&f.state, 1, "works");

    event_of(&event, YW_EVENT_PLANT_SAMPLE, 1)->plant_sample.truth[0] = 130;
    YW_COPY(event.plant_sample.plant, "works");
    assert_int_equal(append(&f, &event), 0);
    assert_true(works->sampled && works->sample.truth[0] == 130);
    for (int level = 5; level >= 1; level -= 4) {
        event_of(&event, YW_EVENT_PLANT_LEVEL, 1)->plant_level.level = level;
        YW_COPY(event.plant_level.plant, "works");
        YW_COPY(event.plant_level.tag, "naoh_mg_l");
        assert_int_equal(append(&f, &event), 0);
    }
    assert_int_equal(works->level, 1);
    assert_int_equal(works->worst_level, 5);
    assert_int_equal(works->level_seq, f.seq);
    assert_string_equal(works->level_tag, "naoh_mg_l");
    assert_int_equal(yw_drill_plant(&f.state, 0, "works")->worst_level, 0);
    end(&f);
}

static void test_objectives_settle_once(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    event_of(&event, YW_EVENT_OBJECTIVE_MET, 0)->objective_ref.since_ms = 2000;
    YW_COPY(event.objective_ref.objective, "contained");
    YW_COPY(event.objective_ref.why, "any of: isolated(jump)");
    assert_int_equal(append(&f, &event), 0);
    const struct yw_objective_fold *contained =
        yw_drill_objective(&f.state, 0, "contained");

    assert_int_equal(contained->met_seq, f.seq);
    assert_int_equal(contained->since_ms, 2000);
    event.kind = YW_EVENT_OBJECTIVE_LOST;
    assert_int_equal(append(&f, &event), 0);
    assert_int_equal(contained->state, YW_OBJECTIVE_MET);
    assert_int_equal(yw_drill_objective(&f.state, 1, "contained")->state,
                     YW_OBJECTIVE_OPEN);
    end(&f);
}

static void test_range_and_clock(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    event_of(&event, YW_EVENT_RANGE_ORDERED, -1)->range_ordered.up = true;
    assert_int_equal(append(&f, &event), 0);
    assert_true(f.state.range_pending && f.state.range_up_wanted);
    event_of(&event, YW_EVENT_RANGE_STATE, -1)->range_state.up = true;
    assert_int_equal(append(&f, &event), 0);
    assert_false(f.state.range_pending || f.state.range_up_wanted);
    event_of(&event, YW_EVENT_CLOCK_CHANGED, -1)->clock_changed.running = true;
    event.clock_changed.speed = 10;
    event.clock_changed.drill_ms = 5000;
    assert_int_equal(append(&f, &event), 0);
    assert_int_equal(yw_drill_clock_now(&f.state.clock, 100), 6000);
    end(&f);
}

/* Wall time of the turn, and what the clock said then. */
static void turn(struct fold *f, int64_t wall_s, int64_t drill_s, bool running,
                 double speed)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_CLOCK_CHANGED, -1)->wall_us = wall_s * 1000000;
    event.clock_changed.running = running;
    event.clock_changed.speed = speed;
    event.clock_changed.drill_ms = drill_s * 1000;
    assert_int_equal(append(f, &event), 0);
}

static void test_wall_time_told_as_drill_time(void **state)
{
    static const int64_t rows[][2] = {
        {50, 0},    {100, 0},   /* not begun */
        {101, 1},   {160, 60},  /* as fast as the wall's */
        {161, 60},  {399, 60},  /* a pause */
        {400, 60},  {410, 160}, /* ten times as fast */
        {450, 460}, {999, 460}, /* a crash after 40 s, the start at 1000 */
        {1001, 462}};
    struct fold f;

    (void)state;
    begin(&f);
    assert_int_equal(yw_drill_ms_at(&f.state, 50000000), 0);
    turn(&f, 100, 0, true, 1);
    turn(&f, 160, 60, false, 1);
    turn(&f, 400, 60, true, 10);
    turn(&f, 1000, 460, true, 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(yw_drill_ms_at(&f.state, rows[i][0] * 1000000),
                         rows[i][1] * 1000);
    for (int i = 0; i < YW_DRILL_CLOCK_TURNS_MAX; i++)
        turn(&f, 2000 + i, 500, false, 1);
    assert_int_equal(yw_drill_ms_at(&f.state, 50000000), 500000); /* the rest forgotten */
    end(&f);
}

static void test_lists_keep_the_latest(void **state)
{
    (void)state;
    struct fold f;
    struct yw_event event;

    begin(&f);
    for (int i = 0; i < YW_DRILL_REPORTS_MAX + 1; i++) {
        event_of(&event, YW_EVENT_REPORT_FILED, 0);
        assert_int_equal(append(&f, &event), 0);
    }
    const struct yw_vec *reports = &yw_drill_team(&f.state, 0)->reports;
    const struct yw_report_fold *last = yw_vec_at(reports, reports->count - 1);

    assert_int_equal(reports->count, YW_DRILL_REPORTS_MAX);
    assert_int_equal(last->seq, f.seq);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phases),
        cmocka_unit_test(test_phase_table),
        cmocka_unit_test(test_refused_changes_nothing),
        cmocka_unit_test(test_first_is_created),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_audience_gaps),
        cmocka_unit_test(test_attacks),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_story),
        cmocka_unit_test(test_story_fault),
        cmocka_unit_test(test_answers_by_name),
        cmocka_unit_test(test_plants),
        cmocka_unit_test(test_objectives_settle_once),
        cmocka_unit_test(test_range_and_clock),
        cmocka_unit_test(test_wall_time_told_as_drill_time),
        cmocka_unit_test(test_lists_keep_the_latest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
