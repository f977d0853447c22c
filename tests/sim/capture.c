/* Captures on the virtual clock: ordered by the scenario, begun again after one broke off, after
 * the broker's death and after a crash, left alone after one that ended at once; and at its end
 * a drill leaves none. */
#include "outcome.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEAMS 2

struct scene {
    int64_t break_off_us; /* after the start of the drill, by wall time; -1 never */
    int64_t began_us;
    int broken;
    size_t most, least_after;
    int64_t settled_us;
    uint64_t calls; /* of the hypervisor until the drill ran */
    size_t last;    /* captures of the last turn while it ran */
    bool drained;
    bool drain;  /* the first of two hosts, once the drill runs */
    size_t here; /* … and then those on the other, at most */
};

static struct yw_package *package_with_captures(void)
{
    struct yw_package *package = sim_package("tests/drills/dosing-line");

    for (size_t i = 0; i < package->file_count; i++) {
        struct yw_package_file *file = &package->files[i];

        if (strcmp(file->path, "scenario.lua") != 0)
            continue;
        char *text = yw_new(file->size + 1);

        memcpy(text, file->bytes, file->size);
        char *at = strstr(text, "network \"control\" {");

        assert_non_null(at);
        at += strlen("network \"control\" {");
        char *changed = yw_strf("%.*s capture = true,%s", (int)(at - text), text, at);

        free(text);
        free(file->bytes);
        file->bytes = changed;
        file->size = strlen(changed);
    }
    return package;
}

static void on_turn(void *arg, struct yw_rehearsal *rehearsal)
{
    struct scene *scene = arg;
    const struct yw_view *view =
        yw_conductor_view(yw_rehearsal_conductor(rehearsal),
                          yw_rehearsal_drill(rehearsal), YW_AUDIENCE_CONTROL, -1);
    size_t running = yw_virt_world_captures(yw_rehearsal_world(rehearsal));
    int64_t now_us = yw_rehearsal_wall_us(rehearsal);

    if (!view || view->state.phase != YW_PHASE_RUNNING)
        return;
    if (scene->began_us == 0) {
        scene->began_us = now_us;
        scene->calls = yw_rehearsal_calls(rehearsal);
    }
    scene->last = running;
    if (scene->drain) {
        size_t here = yw_virt_world_captures(yw_rehearsal_world_at(rehearsal, 1));
        struct yw_err err;

        if (!scene->drained &&
            yw_conductor_host_order(yw_rehearsal_conductor(rehearsal), "host-1",
                                    YW_HOST_DRAIN, "control:test", &err) != 0)
            fail_msg("%s", err.text);
        scene->drained = true;
        scene->here = here > scene->here ? here : scene->here;
    }
    scene->most = running > scene->most ? running : scene->most;
    if (scene->break_off_us >= 0 && scene->broken == 0 &&
        now_us - scene->began_us >= scene->break_off_us) {
        yw_virt_world_end_capture(yw_rehearsal_world(rehearsal));
        scene->broken++;
        scene->settled_us = now_us + 2000000;
        scene->least_after = TEAMS + 1;
    } else if (scene->broken > 0 && now_us > scene->settled_us &&
               running < scene->least_after) {
        scene->least_after = running;
    }
}

struct counts {
    int ordered, begun, broke_off, by_core;
    char reason[YW_EVENT_NOTE_MAX]; /* of the last order */
};

static int count_one(void *arg, const struct yw_event *event)
{
    struct counts *counts = arg;

    if (event->kind == YW_EVENT_CAPTURE_ORDERED && event->capture_ordered.on) {
        counts->ordered++;
        counts->by_core += strcmp(event->actor, "core") == 0;
        YW_COPY(counts->reason, event->capture_ordered.reason);
    } else if (event->kind == YW_EVENT_CAPTURE_CHANGED && event->capture_changed.on) {
        counts->begun++;
    } else if (event->kind == YW_EVENT_CAPTURE_CHANGED && event->causes[0] == 0) {
        counts->broke_off++;
        assert_false(event->capture_changed.ok);
        assert_string_equal(event->capture_changed.detail, "it was ended on purpose");
    }
    return 0;
}

static void run(struct scene *scene, struct counts *ret, uint64_t cut_after,
                uint64_t stop_after)
{
    struct yw_package *package = package_with_captures();
    struct yw_rehearsal_config config;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_err err = {0};

    memset(ret, 0, sizeof *ret);
    sim_config(&config, package);
    config.on_turn = on_turn;
    config.turn_arg = scene;
    config.cut_broker_after = cut_after;
    config.stop_after = stop_after;
    config.hosts = scene->drain ? 2 : 0;
    assert_int_equal(yw_rehearsal_open(&rehearsal, &config, &err), 0);
    int code = yw_rehearsal_run(rehearsal, &err);

    if (yw_rehearsal_crashed(rehearsal)) {
        assert_int_equal(yw_rehearsal_restart(rehearsal, &err), 0);
        code = yw_rehearsal_run(rehearsal, &err);
    }
    if (code != 0)
        fail_msg("%s", err.text);
    assert_int_equal(
        yw_journal_read(yw_conductor_journal(yw_rehearsal_conductor(rehearsal),
                                             yw_rehearsal_drill(rehearsal)),
                        1, count_one, ret, &err),
        0);
    assert_int_equal(yw_virt_world_captures(yw_rehearsal_world(rehearsal)), 0);
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
}

static void the_scenario_begins_them(void **state)
{
    struct scene scene = {.break_off_us = -1};
    struct counts counts;

    (void)state;
    run(&scene, &counts, 0, 0);
    assert_int_equal(scene.most, TEAMS);
    assert_int_equal(counts.ordered, TEAMS);
    assert_int_equal(counts.begun, TEAMS);
    assert_int_equal(counts.by_core, TEAMS);
}

static void one_that_broke_off_is_begun_again(void **state)
{
    struct scene scene = {.break_off_us = 20 * 1000000};
    struct counts counts;

    (void)state;
    run(&scene, &counts, 0, 0);
    assert_int_equal(counts.broke_off, 1);
    assert_int_equal(counts.ordered, TEAMS + 1);
    assert_int_equal(counts.begun, TEAMS + 1);
    assert_string_equal(counts.reason, "it was ended on purpose");
    assert_int_equal(scene.least_after, TEAMS);
}

static void one_that_ends_at_once_is_left_alone(void **state)
{
    struct scene scene = {.break_off_us = 0};
    struct counts counts;

    (void)state;
    run(&scene, &counts, 0, 0);
    assert_int_equal(counts.broke_off, 1);
    assert_int_equal(counts.ordered, TEAMS);
    assert_int_equal(scene.least_after, TEAMS - 1);
}

static void a_broker_that_dies_takes_none_for_long(void **state)
{
    struct scene whole = {.break_off_us = -1}, scene = whole;
    struct counts counts;

    (void)state;
    run(&whole, &counts, 0, 0);
    run(&scene, &counts, whole.calls + 1, 0);
    assert_int_equal(counts.ordered, 2 * TEAMS);
    assert_int_equal(scene.last, TEAMS);
    assert_string_equal(counts.reason, "the virt broker was started again");
}

static void one_follows_its_machines(void **state)
{
    struct scene scene = {.break_off_us = -1, .drain = true};
    struct counts counts;

    (void)state;
    run(&scene, &counts, 0, 0);
    assert_true(scene.drained);
    assert_true(counts.ordered > TEAMS);
    assert_string_equal(counts.reason, "a machine has moved");
    assert_int_equal(scene.here, TEAMS);
}

/* At the outcome of the orders and around: whatever was durable, each team's runs in the end. */
static void a_crash_loses_none(void **state)
{
    (void)state;
    for (uint64_t n = 55; n < 90; n += 5) {
        struct scene scene = {.break_off_us = -1};
        struct counts counts;

        run(&scene, &counts, 0, n);
        assert_int_equal(scene.most, TEAMS);
        assert_true(counts.begun >= TEAMS && counts.broke_off == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scenario_begins_them),
        cmocka_unit_test(one_that_broke_off_is_begun_again),
        cmocka_unit_test(one_that_ends_at_once_is_left_alone),
        cmocka_unit_test(a_broker_that_dies_takes_none_for_long),
        cmocka_unit_test(one_follows_its_machines),
        cmocka_unit_test(a_crash_loses_none),
    };

    return cmocka_run_group_tests_name("sim_capture", tests, NULL, NULL);
}
