/* Whole drills on two hosts: one is lost, comes back, is emptied, is given up, and the core
 * dies in between. Whatever happens, the other host's team does not notice, no machine is in
 * two places, and nothing is left over. */
#include "outcome.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "host-2"
#define SLACK 2
#define STRIDE 7 /* of the crash sweep, besides every event about hosts */

struct scene {
    struct yw_package *package;
    struct outcome whole; /* on one host */

    /* what is done to the second host, and when */
    enum yw_phase phase;
    int64_t at_ms;        /* drill time */
    uint64_t after_call;  /* of the fake of the second host; 0: any */
    uint64_t after_drain; /* cut then, so many calls of that host later; 0: at once */
    uint64_t calls_then;
    int64_t cut_ms; /* 0: it is not cut */
    bool drain, forget;
    bool carry;   /* no machine is handed over while it runs */
    int cut_host; /* 0, 1 */
    bool done, ordered;

    /* what was seen */
    int64_t cut_wall_us, lost_wall_us;
    size_t most_copies;
    size_t machines_2_at_end; /* of the second host, when the drill ended */
    size_t machines_at_end;   /* of both, running */
};

static int set_up(void **state)
{
    struct scene *scene = yw_new(sizeof *scene);

    *state = scene;
    scene->package = sim_package("tests/drills/dosing-line");
    sim_run_whole(&scene->whole, scene->package);
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    outcome_free(&scene->whole);
    yw_package_free(scene->package);
    free(scene);
    return 0;
}

static bool is_lost(const struct yw_drill_state *state)
{
    const struct yw_host_fold *host = yw_drill_host(state, HOST);

    return host != NULL && host->state == YW_HOST_LOST;
}

static struct yw_virt *cut_fake(const struct scene *scene, struct yw_rehearsal *rehearsal)
{
    return yw_rehearsal_fake_at(rehearsal, scene->cut_host);
}

static void strike(struct scene *scene, struct yw_rehearsal *rehearsal)
{
    struct yw_err err = {0};

    scene->done = true;
    scene->calls_then = yw_virt_fake_calls(cut_fake(scene, rehearsal));
    if (scene->cut_ms > 0 && scene->after_drain == 0) {
        yw_virt_fake_cut(cut_fake(scene, rehearsal), scene->cut_ms);
        scene->cut_wall_us = yw_rehearsal_wall_us(rehearsal);
    }
    if (scene->drain && yw_conductor_host_order(yw_rehearsal_conductor(rehearsal), HOST,
                                                YW_HOST_DRAIN, "control:test", &err) != 0)
        fail_msg("%s", err.text);
}

static size_t running(struct yw_rehearsal *rehearsal, int host)
{
    const struct yw_virt_world *world = yw_rehearsal_world_at(rehearsal, host);

    return yw_virt_world_common(world, world);
}

static void on_turn(void *arg, struct yw_rehearsal *rehearsal)
{
    struct scene *scene = arg;
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    const struct yw_view *view = yw_conductor_view(
        conductor, yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
    size_t copies = yw_virt_world_common(yw_rehearsal_world_at(rehearsal, 0),
                                         yw_rehearsal_world_at(rehearsal, 1));
    struct yw_err err = {0};

    scene->most_copies = copies > scene->most_copies ? copies : scene->most_copies;
    if (view == NULL)
        return;
    uint64_t calls = yw_virt_fake_calls(yw_rehearsal_fake_at(rehearsal, 1));

    if (!scene->done && view->state.phase == scene->phase &&
        view->state.drill_ms >= scene->at_ms && calls >= scene->after_call)
        strike(scene, rehearsal);
    if (scene->done && scene->after_drain > 0 && scene->cut_wall_us == 0 &&
        yw_virt_fake_calls(cut_fake(scene, rehearsal)) >=
            scene->calls_then + scene->after_drain) {
        yw_virt_fake_cut(cut_fake(scene, rehearsal), scene->cut_ms);
        scene->cut_wall_us = yw_rehearsal_wall_us(rehearsal);
    }
    if (is_lost(&view->state) && scene->lost_wall_us == 0)
        scene->lost_wall_us = yw_rehearsal_wall_us(rehearsal);
    if (scene->forget && !scene->ordered && is_lost(&view->state)) {
        scene->ordered = true;
        if (yw_conductor_host_order(conductor, HOST, YW_HOST_FORGET, "control:test",
                                    &err) != 0)
            fail_msg("%s", err.text);
    }
    if (view->state.phase == YW_PHASE_RUNNING)
        scene->machines_2_at_end =
            yw_virt_world_machines(yw_rehearsal_world_at(rehearsal, 1));
    if (view->state.phase == YW_PHASE_RUNNING)
        scene->machines_at_end = running(rehearsal, 0) + running(rehearsal, 1);
}

static void start_scene(struct scene *scene)
{
    struct yw_package *package = scene->package;
    struct outcome whole = scene->whole;

    memset(scene, 0, sizeof *scene);
    scene->package = package;
    scene->whole = whole;
}

static struct yw_rehearsal *open_scene(struct scene *scene, uint64_t stop_after)
{
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    sim_config(&config, scene->package);
    config.hosts = 2;
    config.no_live = scene->carry;
    config.on_turn = on_turn;
    config.turn_arg = scene;
    config.stop_after = stop_after;
    if (yw_rehearsal_open(&rehearsal, &config, &err) != 0)
        fail_msg("%s", err.text);
    return rehearsal;
}

static void expect_empty(struct yw_rehearsal *rehearsal)
{
    for (int i = 0; i < 2; i++)
        assert_int_equal(yw_virt_world_count(yw_rehearsal_world_at(rehearsal, i)), 0);
}

static void run_to_end(struct yw_rehearsal *rehearsal)
{
    struct yw_err err = {0};

    if (yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("%s", err.text);
}

/* How often a machine of a team was told to be in a state. */
struct told {
    int team;
    enum yw_machine_state state;
    size_t count;
    size_t moved, moved_live, moved_anew, removed;
};

static int on_event(void *arg, const struct yw_event *event)
{
    struct told *told = arg;

    if (event->kind == YW_EVENT_MACHINE_STATE && event->team == told->team)
        told->count += event->machine_state.state == told->state;
    if (event->kind == YW_EVENT_MACHINE_MOVED && event->machine_moved.ok) {
        told->moved++;
        told->moved_live += strcmp(event->machine_moved.how, "live") == 0;
        told->moved_anew += strcmp(event->machine_moved.how, "anew") == 0;
    }
    told->removed += event->kind == YW_EVENT_RECONCILED &&
                     strcmp(event->reconciled.action, "removed") == 0;
    return 0;
}

static struct told told_of(struct yw_rehearsal *rehearsal, int team,
                           enum yw_machine_state state)
{
    struct told told = {.team = team, .state = state};
    struct yw_journal *journal = yw_conductor_journal(yw_rehearsal_conductor(rehearsal),
                                                      yw_rehearsal_drill(rehearsal));

    assert_int_equal(yw_journal_read(journal, 1, on_event, &told, NULL), 0);
    return told;
}

/* Which team has its machines on the second host. */
static int team_on_2(struct yw_rehearsal *rehearsal)
{
    const struct yw_view *view =
        yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                          yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
    int team = -1;

    for (int t = 0; t < 2; t++) {
        const struct yw_machine_fold *machine = yw_drill_machine(&view->state, t, "plc1");

        if (strcmp(machine->host, HOST) == 0)
            team = t;
    }
    return team;
}

static void teams_are_spread(void **state)
{
    struct scene *scene = *state;
    struct outcome outcome;

    start_scene(scene);
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal);
    assert_int_not_equal(team_on_2(rehearsal), -1);
    assert_int_equal(scene->machines_2_at_end, 3);
    assert_int_equal(scene->most_copies, 0);
    expect_empty(rehearsal);
    outcome_take(&outcome, rehearsal);
    assert_true(outcome_same(&outcome, &scene->whole, 0, "two hosts"));
    outcome_free(&outcome);
    yw_rehearsal_close(rehearsal);
}

static void a_lost_host_costs_its_team_alone(void **state)
{
    struct scene *scene = *state;
    struct outcome outcome;

    start_scene(scene);
    scene->phase = YW_PHASE_RUNNING;
    scene->at_ms = 20000;
    scene->cut_ms = 30000;
    scene->cut_host = 1;
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal);
    assert_true(scene->lost_wall_us > scene->cut_wall_us);
    assert_true(scene->lost_wall_us - scene->cut_wall_us <= 10000000);
    int team = team_on_2(rehearsal);

    assert_int_equal(told_of(rehearsal, team, YW_MACHINE_LOST).count, 3);
    assert_int_equal(told_of(rehearsal, 1 - team, YW_MACHINE_LOST).count, 0);
    /* at the start, and found again */
    assert_int_equal(told_of(rehearsal, team, YW_MACHINE_SERVING).count, 6);
    outcome_take(&outcome, rehearsal);
    assert_int_equal(outcome.points[1 - team], scene->whole.points[1 - team]);
    outcome_free(&outcome);
    assert_int_equal(scene->most_copies, 0);
    expect_empty(rehearsal);
    yw_rehearsal_close(rehearsal);
}

/* At each call of the bring-up on the second host. */
static void lost_in_the_middle_of_bring_up(void **state)
{
    struct scene *scene = *state;

    for (uint64_t call = 2; call <= 9; call++) { /* the first is the probe */
        struct yw_err err = {0};

        start_scene(scene);
        scene->phase = YW_PHASE_STAGING;
        scene->after_call = call;
        scene->cut_ms = 40000;
        scene->cut_host = 1;
        struct yw_rehearsal *rehearsal = open_scene(scene, 0);
        int code = yw_rehearsal_run(rehearsal, &err);

        if (code == 0) /* all its calls had been answered by then */
            fail_msg("call %llu: nothing failed", (unsigned long long)call);
        if (strstr(err.text, HOST) == NULL)
            fail_msg("call %llu: no host in: %s", (unsigned long long)call, err.text);
        assert_int_equal(yw_virt_world_count(yw_rehearsal_world_at(rehearsal, 0)), 0);
        yw_rehearsal_linger(rehearsal, 60000); /* back, and looked through */
        expect_empty(rehearsal);
        assert_int_equal(yw_rehearsal_restart(rehearsal, &err), 0);
        run_to_end(rehearsal);
        expect_empty(rehearsal);
        yw_rehearsal_close(rehearsal);
    }
}

static void lost_while_it_is_taken_down(void **state)
{
    struct scene *scene = *state;

    start_scene(scene);
    scene->phase = YW_PHASE_ENDED;
    scene->cut_ms = 40000;
    scene->cut_host = 1;
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal); /* what the lost host has waits for it */
    assert_int_equal(yw_virt_world_count(yw_rehearsal_world_at(rehearsal, 0)), 0);
    assert_true(yw_virt_world_count(yw_rehearsal_world_at(rehearsal, 1)) > 0);
    yw_rehearsal_linger(rehearsal, 60000);
    expect_empty(rehearsal);
    yw_rehearsal_close(rehearsal);
}

static void draining_moves_all(void **state)
{
    struct scene *scene = *state;
    struct outcome outcome;

    start_scene(scene);
    scene->phase = YW_PHASE_RUNNING;
    scene->at_ms = 20000;
    scene->drain = true;
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal);
    struct told told = told_of(rehearsal, 0, YW_MACHINE_LOST);

    assert_int_equal(told.moved, 3);
    assert_int_equal(told.moved_live, 3);
    assert_int_equal(told.count + told_of(rehearsal, 1, YW_MACHINE_LOST).count, 0);
    assert_int_equal(team_on_2(rehearsal), -1);
    assert_int_equal(scene->machines_2_at_end, 0);
    assert_int_equal(scene->most_copies, 0);
    outcome_take(&outcome, rehearsal);
    assert_true(outcome_same(&outcome, &scene->whole, SLACK, "drained"));
    outcome_free(&outcome);
    expect_empty(rehearsal);
    yw_rehearsal_close(rehearsal);
}

/* What a machine had in its memory goes along: nobody loses a point. */
static void draining_carries_what_cannot_move(void **state)
{
    struct scene *scene = *state;
    struct outcome outcome;

    start_scene(scene);
    scene->phase = YW_PHASE_RUNNING;
    scene->at_ms = 20000;
    scene->drain = true;
    scene->carry = true;
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal);
    struct told told = told_of(rehearsal, 0, YW_MACHINE_LOST);

    assert_int_equal(told.moved, 3);
    assert_int_equal(told.moved_live + told.moved_anew, 0);
    assert_int_equal(told.count + told_of(rehearsal, 1, YW_MACHINE_LOST).count, 0);
    assert_int_equal(team_on_2(rehearsal), -1);
    assert_int_equal(scene->machines_2_at_end, 0);
    assert_int_equal(scene->most_copies, 0);
    outcome_take(&outcome, rehearsal);
    assert_true(outcome_same(&outcome, &scene->whole, SLACK, "carried"));
    outcome_free(&outcome);
    expect_empty(rehearsal);
    yw_rehearsal_close(rehearsal);
}

static void only_an_order_makes_them_anew(void **state)
{
    struct scene *scene = *state;

    start_scene(scene);
    scene->phase = YW_PHASE_RUNNING;
    scene->at_ms = 20000;
    scene->cut_ms = 40000;
    scene->cut_host = 1;
    scene->forget = true;
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal);
    struct told told = told_of(rehearsal, 0, YW_MACHINE_LOST);

    assert_true(scene->ordered);
    assert_int_equal(told.moved, 3);
    assert_int_equal(told.moved_live, 0);
    assert_int_equal(told.removed, 3); /* the old ones, when it was back */
    assert_int_equal(scene->most_copies, 3);
    assert_int_equal(scene->machines_2_at_end, 0);
    expect_empty(rehearsal);
    yw_rehearsal_close(rehearsal);
}

static void crash_at(struct scene *scene, uint64_t n, bool carry)
{
    struct yw_err err = {0};

    start_scene(scene);
    scene->phase = YW_PHASE_RUNNING;
    scene->at_ms = 5000;
    scene->drain = true;
    scene->carry = carry;
    struct yw_rehearsal *rehearsal = open_scene(scene, n);
    int code = yw_rehearsal_run(rehearsal, &err);

    assert_int_equal(code, YW_ECANCELED);
    if (yw_rehearsal_restart(rehearsal, &err) != 0 ||
        yw_rehearsal_run(rehearsal, &err) != 0)
        fail_msg("stopped after %llu: %s", (unsigned long long)n, err.text);
    if (scene->most_copies != 0)
        fail_msg("stopped after %llu: %zu machines were in two places",
                 (unsigned long long)n, scene->most_copies);
    for (int i = 0; i < 2; i++) {
        if (yw_virt_world_count(yw_rehearsal_world_at(rehearsal, i)) != 0)
            fail_msg("stopped after %llu: something is left over", (unsigned long long)n);
    }
    yw_rehearsal_close(rehearsal);
}

static bool is_about_hosts(enum yw_event_kind kind)
{
    return kind == YW_EVENT_MACHINE_PLACED || kind == YW_EVENT_MACHINE_MOVED ||
           kind == YW_EVENT_HOST_CHANGED || kind == YW_EVENT_RANGE_ADMITTED;
}

static void sweep_crashes(struct scene *scene, bool carry)
{
    struct outcome whole;
    size_t crashes = 0;

    start_scene(scene);
    scene->phase = YW_PHASE_RUNNING;
    scene->at_ms = 5000;
    scene->drain = true;
    scene->carry = carry;
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal);
    outcome_take(&whole, rehearsal);
    yw_rehearsal_close(rehearsal);
    for (int64_t n = 1; n < whole.events && n < 400; n++) {
        bool near = is_about_hosts(whole.kinds[n - 1]) ||
                    (n < whole.events && is_about_hosts(whole.kinds[n]));

        if (near || (!carry && n < 120 && n % STRIDE == 0)) {
            crash_at(scene, (uint64_t)n, carry);
            crashes++;
        }
    }
    assert_true(crashes > 10);
    outcome_free(&whole);
}

static void the_core_dies(void **state)
{
    sweep_crashes(*state, false);
}

static void the_core_dies_while_it_carries(void **state)
{
    sweep_crashes(*state, true);
}

/* Either end is cut off at each of its calls of the move: one of each machine is left, with
 * what it had, and it is found again. */
static void cut_while_it_carries(struct scene *scene, int host, uint64_t call)
{
    start_scene(scene);
    scene->phase = YW_PHASE_RUNNING;
    scene->at_ms = 20000;
    scene->drain = true;
    scene->carry = true;
    scene->cut_host = host;
    scene->cut_ms = 15000;
    scene->after_drain = call;
    struct yw_rehearsal *rehearsal = open_scene(scene, 0);

    run_to_end(rehearsal);
    struct told told = told_of(rehearsal, 0, YW_MACHINE_LOST);

    if (scene->most_copies != 0 || told.moved_anew != 0)
        fail_msg("host %d, call %llu: %zu twice, %zu anew", host + 1,
                 (unsigned long long)call, scene->most_copies, told.moved_anew);
    assert_true(scene->cut_wall_us > 0);
    assert_int_equal(scene->machines_at_end, 6);
    expect_empty(rehearsal);
    yw_rehearsal_close(rehearsal);
}

static void an_end_is_lost_while_it_carries(void **state)
{
    for (int host = 0; host < 2; host++) {
        for (uint64_t call = 1; call <= 12; call++)
            cut_while_it_carries(*state, host, call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(teams_are_spread),
        cmocka_unit_test(a_lost_host_costs_its_team_alone),
        cmocka_unit_test(lost_in_the_middle_of_bring_up),
        cmocka_unit_test(lost_while_it_is_taken_down),
        cmocka_unit_test(draining_moves_all),
        cmocka_unit_test(only_an_order_makes_them_anew),
        cmocka_unit_test(the_core_dies),
        cmocka_unit_test(draining_carries_what_cannot_move),
        cmocka_unit_test(the_core_dies_while_it_carries),
        cmocka_unit_test(an_end_is_lost_while_it_carries),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
