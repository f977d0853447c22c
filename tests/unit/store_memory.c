#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/due.h"

struct sim {
    struct yw_due due;
    struct yw_clock clock;
    struct yw_journal *journal;
    int64_t durable;
    bool append_in_callback;
};

static void on_durable(void *owner, const struct yw_event *event)
{
    struct sim *sim = owner;
    assert_int_equal(event->seq, sim->durable + 1);
    sim->durable = event->seq;
    if (sim->append_in_callback && event->seq < 5) {
        struct yw_event next;
        fixture_event(event->seq + 1, &next);
        assert_int_equal(yw_journal_append(sim->journal, &next, NULL, NULL), 0);
        assert_int_equal(sim->durable, event->seq);
    }
}

static void sim_init(struct sim *sim, uint64_t stop_after)
{
    memset(sim, 0, sizeof(*sim));
    yw_due_init(&sim->due);
    yw_clock_init_virtual(&sim->clock, 0);
    assert_int_equal(
        yw_journal_open_memory(&sim->journal, &sim->due, &sim->clock, stop_after, NULL),
        0);
    sim->journal->on_durable = on_durable;
    sim->journal->owner = sim;
}

static void sim_fini(struct sim *sim)
{
    yw_journal_close(sim->journal);
    assert_int_equal(sim->due.count, 0);
    yw_due_fini(&sim->due);
}

static void sim_append(struct sim *sim, int64_t from, int count)
{
    for (int i = 0; i < count; i++) {
        struct yw_event event;
        fixture_event(from + i, &event);
        assert_int_equal(yw_journal_append(sim->journal, &event, NULL, NULL), 0);
        assert_int_equal(event.seq, from + i);
    }
}

static void test_durable_at_the_next_run(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 0);
    sim_append(&sim, 1, 10);
    assert_int_equal(sim.durable, 0);
    (void)yw_due_run(&sim.due, 0);
    assert_int_equal(sim.durable, 10);
    sim_append(&sim, 11, 1);
    sim_fini(&sim); /* a pending one: closed without a callback */
    assert_int_equal(sim.durable, 10);
}

static void test_append_inside_a_callback(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 0);
    sim.append_in_callback = true;
    sim_append(&sim, 1, 1);
    (void)yw_due_run(&sim.due, 0);
    assert_int_equal(sim.durable, 5);
    sim_fini(&sim);
}

static int compare_event(void *arg, const struct yw_event *event)
{
    int64_t *next = arg;
    struct yw_event want;
    fixture_event(*next, &want);
    want.seq = *next;
    assert_memory_equal(event, &want, sizeof(want));
    ++*next;
    return 0;
}

static void test_a_crash_and_a_copy(void **state)
{
    (void)state;
    struct sim sim;
    struct yw_journal *copy = NULL;
    int64_t next = 1;
    sim_init(&sim, 7);
    sim_append(&sim, 1, 10);
    (void)yw_due_run(&sim.due, 0);
    assert_int_equal(sim.durable, 7);
    assert_int_equal(
        yw_journal_copy_memory(&copy, sim.journal, &sim.due, &sim.clock, NULL), 0);
    yw_journal_close(sim.journal);
    sim.journal = copy;
    copy->on_durable = on_durable;
    copy->owner = &sim;
    struct yw_event event;
    int64_t before = 0;
    fixture_event(5, &event);
    assert_int_equal(yw_journal_append(copy, &event, &before, NULL), YW_EEXIST);
    assert_int_equal(before, 5);
    sim_append(&sim, 8, 3);
    (void)yw_due_run(&sim.due, 0);
    assert_int_equal(sim.durable, 10);
    assert_int_equal(yw_journal_read(copy, 1, compare_event, &next, NULL), 0);
    assert_int_equal(next, 11);
    sim_fini(&sim);
}

static void test_same_bytes_as_on_disk(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    struct sim sim;
    struct yw_buf memory;
    struct yw_buf disk;
    sim_init(&sim, 0);
    sim_append(&sim, 1, 60);
    (void)yw_due_run(&sim.due, 0);
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    assert_int_equal(fixture_append(fixture, 60), 0);
    fixture_wait(fixture, 60);
    fixture_export(sim.journal, &memory);
    fixture_export(fixture->journal, &disk);
    assert_true(memory.size > 1000);
    assert_string_equal(memory.data, disk.data);
    assert_int_equal(yw_journal_backup(sim.journal, "/tmp/never", &err), YW_ESTATE);
    yw_buf_fini(&memory);
    yw_buf_fini(&disk);
    sim_fini(&sim);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_durable_at_the_next_run),
        T(test_append_inside_a_callback),
        T(test_a_crash_and_a_copy),
        T(test_same_bytes_as_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
