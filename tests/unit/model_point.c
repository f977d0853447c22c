/* Orders about points, stops and forks: what is under way, what is kept, what goes back. */
#include "model/drill.h"
#include "model/view.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static void must(struct fold *f, struct yw_event *event)
{
    assert_int_equal(append(f, event), 0);
}

static void phase(struct fold *f, enum yw_phase to)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_PHASE_CHANGED, -1)->phase_changed.phase = to;
    must(f, &event);
}

static void sample(struct fold *f, double truth)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_PLANT_SAMPLE, 0);
    YW_COPY(event.plant_sample.plant, "works");
    event.plant_sample.count = 1;
    event.plant_sample.truth[0] = truth;
    must(f, &event);
}

/* One team with plc1 and works, running. */
static void begin(struct fold *f)
{
    struct yw_event event;

    memset(f, 0, sizeof *f);
    yw_drill_state_init(&f->state);
    event_of(&event, YW_EVENT_DRILL_CREATED, -1)->drill_created.team_count = 1;
    must(f, &event);
    event_of(&event, YW_EVENT_TEAM_ADDED, 0);
    YW_COPY(event.team_added.name, "quick");
    must(f, &event);
    event_of(&event, YW_EVENT_MACHINE_PLANNED, 0);
    YW_COPY(event.machine_planned.machine, "plc1");
    must(f, &event);
    event_of(&event, YW_EVENT_PLANT_PLANNED, 0);
    YW_COPY(event.plant_planned.plant, "works");
    must(f, &event);
    phase(f, YW_PHASE_STAGING);
    phase(f, YW_PHASE_READY);
    phase(f, YW_PHASE_RUNNING);
}

static int64_t order_reset(struct fold *f, bool counted)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_RESET_ORDERED, 0);
    event.reset_ordered.reset = f->state.last_reset + 1;
    event.reset_ordered.counted = counted;
    YW_COPY(event.reset_ordered.machine, "plc1");
    must(f, &event);
    return f->seq;
}

static int end_reset(struct fold *f, int64_t order, bool ok)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_RESET_ENDED, 0)->reset_ended.ok = ok;
    event.causes[0] = order;
    return append(f, &event);
}

static void test_resets_count_when_they_succeed(void **state)
{
    struct fold f;
    struct yw_event event;

    (void)state;
    begin(&f);
    event_of(&event, YW_EVENT_QUOTA_SET, -1)->quota_set.count = 3;
    must(&f, &event);
    assert_int_equal(f.state.resets_quota, 3);
    int64_t first = order_reset(&f, true);
    int64_t second = order_reset(&f, true);
    int64_t ours = order_reset(&f, false);

    assert_int_equal(yw_drill_team(&f.state, 0)->resets, 2);
    assert_int_equal(f.state.orders.count, 3);
    assert_int_equal(end_reset(&f, second, false), 0);
    assert_int_equal(yw_drill_team(&f.state, 0)->resets, 1);
    assert_int_equal(end_reset(&f, first, true), 0);
    assert_int_equal(end_reset(&f, ours, true), 0);
    assert_int_equal(yw_drill_team(&f.state, 0)->resets, 1);
    assert_int_equal(f.state.orders.count, 0);
    assert_int_equal(f.state.last_reset, 3);
    /* an outcome comes once, and of an order */
    assert_int_equal(end_reset(&f, first, true), YW_ECORRUPT);
    yw_drill_state_fini(&f.state);
}

static int64_t order_checkpoint(struct fold *f, int64_t number)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_CHECKPOINT_ORDERED, 0);
    event.checkpoint_ordered.checkpoint = number;
    YW_COPY(event.checkpoint_ordered.label, "before");
    YW_COPY(event.checkpoint_ordered.point, "c1");
    must(f, &event);
    return f->seq;
}

static void end_checkpoint(struct fold *f, int64_t number, int64_t order, bool ok)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_CHECKPOINT_ENDED, 0);
    event.checkpoint_ended.checkpoint = number;
    event.checkpoint_ended.ok = ok;
    event.causes[0] = order;
    must(f, &event);
}

static void link_wanted(struct fold *f, bool up)
{
    struct yw_event event;

    event_of(&event, YW_EVENT_LINK_ORDERED, 0)->link_ordered.up = up;
    YW_COPY(event.link_ordered.machine, "plc1");
    must(f, &event);
}

static void test_a_checkpoint_takes_the_plant_back(void **state)
{
    struct fold f;
    struct yw_event event;

    (void)state;
    begin(&f);
    link_wanted(&f, false);
    int64_t order = order_checkpoint(&f, 1);

    assert_null(yw_drill_point(&f.state, 0, "c1"));
    sample(&f, 12.5);
    int64_t saved_ms = f.seq * 1000;

    end_checkpoint(&f, 1, order, true);
    const struct yw_checkpoint_fold *kept = yw_drill_point(&f.state, 0, "c1");

    assert_non_null(kept);
    assert_int_equal(kept->drill_ms, order * 1000);
    assert_int_equal(kept->links.count, 1);
    assert_false(((struct yw_link_fold *)yw_vec_at(&kept->links, 0))->up);
    link_wanted(&f, true);
    sample(&f, 99);
    event_of(&event, YW_EVENT_CHECKPOINT_RESTORE_ORDERED, 0)->checkpoint_ref.checkpoint =
        1;
    must(&f, &event);
    int64_t back = f.seq;

    event_of(&event, YW_EVENT_CHECKPOINT_RESTORED, 0);
    event.checkpoint_restored.checkpoint = 1;
    event.checkpoint_restored.ok = true;
    event.checkpoint_restored.back_ms = kept->drill_ms;
    event.causes[0] = back;
    must(&f, &event);
    const struct yw_plant_fold *plant = yw_drill_plant(&f.state, 0, "works");

    assert_true(plant->sample.truth[0] == 12.5);
    assert_int_equal(f.seq * 1000 - plant->back_ms, saved_ms);
    assert_int_equal(yw_drill_team(&f.state, 0)->back_ms, order * 1000);
    assert_int_equal(f.state.drill_ms, f.seq * 1000); /* drill time goes on */
    assert_int_equal(f.state.orders.count, 0);
    yw_drill_state_fini(&f.state);
}

static void test_a_failed_or_dropped_checkpoint_is_no_point(void **state)
{
    struct fold f;
    struct yw_event event;

    (void)state;
    begin(&f);
    end_checkpoint(&f, 1, order_checkpoint(&f, 1), false);
    assert_null(yw_drill_point(&f.state, 0, "c1"));
    end_checkpoint(&f, 2, order_checkpoint(&f, 2), true);
    assert_non_null(yw_drill_point(&f.state, 0, "c1"));
    event_of(&event, YW_EVENT_CHECKPOINT_DROP_ORDERED, 0)->checkpoint_ref.checkpoint = 2;
    must(&f, &event);
    event.causes[0] = f.seq;
    event.kind = YW_EVENT_CHECKPOINT_DROPPED;
    event.checkpoint_dropped =
        (struct yw_ev_checkpoint_dropped){.checkpoint = 2, .ok = true};
    must(&f, &event);
    assert_null(yw_drill_point(&f.state, 0, "c1"));
    /* many: those that nobody can go back to make room */
    for (int64_t n = 3; n < 3 + 2 * YW_DRILL_CHECKPOINTS_MAX; n++)
        end_checkpoint(&f, n, order_checkpoint(&f, n), false);
    assert_int_equal(f.state.checkpoints.count, YW_DRILL_CHECKPOINTS_MAX);
    yw_drill_state_fini(&f.state);
}

static void test_a_stop_holds_until_it_is_undone(void **state)
{
    struct fold f;
    struct yw_event event;

    (void)state;
    begin(&f);
    event_of(&event, YW_EVENT_STOP_ORDERED, -1);
    YW_COPY(event.stop_ordered.reason, "smoke");
    must(&f, &event);
    int64_t stop = f.seq;

    phase(&f, YW_PHASE_PAUSED);
    assert_true(f.state.stopped);
    event_of(&event, YW_EVENT_STOP_ENDED, -1)->stop_ended.ok = true;
    event.causes[0] = stop;
    must(&f, &event);
    assert_true(f.state.stopped);
    event_of(&event, YW_EVENT_THAW_ORDERED, -1);
    must(&f, &event);
    int64_t thaw = f.seq;

    event_of(&event, YW_EVENT_THAW_ENDED, -1)->stop_ended.ok = false;
    event.causes[0] = thaw;
    must(&f, &event);
    assert_true(f.state.stopped);
    event_of(&event, YW_EVENT_THAW_ORDERED, -1);
    must(&f, &event);
    thaw = f.seq;
    event_of(&event, YW_EVENT_THAW_ENDED, -1)->stop_ended.ok = true;
    event.causes[0] = thaw;
    must(&f, &event);
    assert_false(f.state.stopped);
    assert_int_equal(f.state.orders.count, 0);
    yw_drill_state_fini(&f.state);
}

static void test_a_fork_begins_with_nothing_under_way(void **state)
{
    struct fold f;
    struct yw_event event;

    (void)state;
    begin(&f);
    end_checkpoint(&f, 1, order_checkpoint(&f, 1), true);
    (void)order_checkpoint(&f, 2);
    event_of(&event, YW_EVENT_MACHINE_STATE, 0)->machine_state.state = YW_MACHINE_SERVING;
    YW_COPY(event.machine_state.machine, "plc1");
    must(&f, &event);
    event_of(&event, YW_EVENT_DRILL_FORKED, -1);
    YW_COPY(event.drill_forked.from, "other");
    must(&f, &event);
    assert_string_equal(f.state.forked.from, "other");
    assert_int_equal(f.state.orders.count, 0);
    assert_null(yw_drill_point(&f.state, 0, "c1"));
    assert_int_equal(yw_drill_machine(&f.state, 0, "plc1")->state, YW_MACHINE_PLANNED);
    assert_true(yw_drill_machine(&f.state, 0, "plc1")->requests >= 1000);
    yw_drill_state_fini(&f.state);
}

static void test_programs_of_control_are_actions(void **state)
{
    struct fold f;
    struct yw_event event;

    (void)state;
    begin(&f);
    event_of(&event, YW_EVENT_EXEC_ORDERED, 0)->exec_ordered.action = 5;
    event.exec_ordered.request = 9;
    YW_COPY(event.exec_ordered.machine, "plc1");
    must(&f, &event);
    const struct yw_action_fold *action = yw_vec_at(&f.state.actions, 0);

    assert_true(action->control);
    assert_int_equal(f.state.last_action, 5);
    assert_int_equal(yw_drill_machine(&f.state, 0, "plc1")->requests, 9);
    event_of(&event, YW_EVENT_EXEC_ENDED, 0)->exec_ended.action = 5;
    must(&f, &event);
    assert_int_equal(f.state.actions.count, 0);
    assert_int_equal(append(&f, &event), YW_ECORRUPT);
    yw_drill_state_fini(&f.state);
}

/* What names a hidden machine, or says why at length, is control's. */
static void test_who_sees(void **state)
{
    struct yw_event event;

    (void)state;
    event_of(&event, YW_EVENT_RESET_ORDERED, 0);
    assert_true(yw_event_visible(&event, YW_AUDIENCE_TEAM, 0));
    assert_false(yw_event_visible(&event, YW_AUDIENCE_TEAM, 1));
    assert_false(yw_event_visible(&event, YW_AUDIENCE_PUBLIC, -1));
    event.reset_ordered.hidden = true;
    assert_false(yw_event_visible(&event, YW_AUDIENCE_TEAM, 0));
    event_of(&event, YW_EVENT_CHECKPOINT_RESTORED, 0);
    assert_false(yw_event_visible(&event, YW_AUDIENCE_TEAM, 0));
    event.checkpoint_restored.ok = true;
    assert_true(yw_event_visible(&event, YW_AUDIENCE_TEAM, 0));
    event_of(&event, YW_EVENT_STOP_ORDERED, -1);
    assert_true(yw_event_visible(&event, YW_AUDIENCE_PUBLIC, -1));
    event_of(&event, YW_EVENT_EXEC_ORDERED, 0);
    assert_false(yw_event_visible(&event, YW_AUDIENCE_TEAM, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resets_count_when_they_succeed),
        cmocka_unit_test(test_a_checkpoint_takes_the_plant_back),
        cmocka_unit_test(test_a_failed_or_dropped_checkpoint_is_no_point),
        cmocka_unit_test(test_a_stop_holds_until_it_is_undone),
        cmocka_unit_test(test_a_fork_begins_with_nothing_under_way),
        cmocka_unit_test(test_programs_of_control_are_actions),
        cmocka_unit_test(test_who_sees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
