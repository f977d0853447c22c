/* The disk fails at every place in turn, is full, is slow, loses power: no event that was
 * acknowledged is ever missing, and the loop never waits. */
#include "store_faulty.h"
#include "store_fixture.h"

#include "base/mem.h"
#include "store/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COMMITS 4
#define PER_COMMIT 6
#define SWEEP_MAX 1000

static void remove_files(const struct fixture *fixture)
{
    const char *const ends[] = {"", "-wal", "-shm", "-head"};
    for (size_t i = 0; i < 4; i++) {
        char *path = yw_strf("%s%s", fixture->path, ends[i]);
        (void)unlink(path);
        free(path);
    }
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

/* Opens on a sound disk: everything acknowledged is there, and nothing that was not
 * written. */
static void expect_kept(struct fixture *fixture, int64_t acknowledged, int place)
{
    struct yw_err err = {0};
    char report[256];
    int64_t next = 1;
    if (fixture_open(fixture, report, &err) != 0)
        fail_msg("place %d: %s", place, err.text);
    if (fixture->durable < acknowledged || strstr(report, "are lost") != NULL)
        fail_msg("place %d: %lld of %lld: %s", place, (long long)fixture->durable,
                 (long long)acknowledged, report);
    assert_int_equal(yw_journal_read(fixture->journal, 1, compare_event, &next, &err), 0);
    assert_int_equal(next, fixture->durable + 1);
    assert_int_equal(fixture_append(fixture, 1), 0);
    fixture_wait(fixture, next);
    assert_int_equal(fixture->durable, next);
    fixture_close(fixture);
}

/* What is acknowledged before and after the fault. */
static int64_t run_until_broken(struct fixture *fixture)
{
    struct yw_err err = {0};
    fixture->durable = 0;
    fixture->broken = 0;
    if (yw_journal_open_limited(&fixture->journal, fixture->loop, fixture->path,
                                YW_DB_PAGES_MAX, NULL, &err) != 0) {
        assert_true(err.text[0] != '\0');
        fixture->journal = NULL;
        return 0;
    }
    fixture_listen(fixture);
    for (int i = 1; i <= COMMITS && fixture->broken == 0; i++) {
        if (fixture_append(fixture, PER_COMMIT) != 0)
            break;
        fixture_wait(fixture, i * PER_COMMIT);
    }
    int64_t acknowledged = fixture->durable;
    if (fixture->broken > 0) {
        struct yw_event event;
        fixture_event(1, &event);
        assert_int_equal(fixture->broken, 1);
        assert_int_equal(yw_journal_append(fixture->journal, &event, NULL, &err), YW_EIO);
        yw_loop_turn(fixture->loop, 0);
        assert_int_equal(fixture->durable, acknowledged);
        assert_int_equal(fixture->broken, 1);
    } else {
        assert_int_equal(acknowledged, COMMITS * PER_COMMIT);
    }
    fixture_close(fixture);
    return acknowledged;
}

static void sweep(struct fixture *fixture, bool persistent, int write_code,
                  bool short_write)
{
    struct faulty faulty;
    int place = 1;
    int broken = 0;
    for (; place < SWEEP_MAX; place++) {
        faulty_install(&faulty);
        faulty.write_code = write_code;
        faulty.short_write = short_write;
        faulty_arm(&faulty, place, persistent);
        int64_t acknowledged = run_until_broken(fixture);
        bool failed = atomic_load(&faulty.failed);
        faulty_remove(&faulty);
        broken += fixture->broken;
        fixture->broken = 0;
        expect_kept(fixture, acknowledged, place);
        remove_files(fixture);
        if (!failed)
            break;
    }
    assert_in_range(place, 20, SWEEP_MAX - 1);
    assert_true(broken > 5);
}

/* --- a full disk: nothing stops, nothing is lost --- */

static enum yw_journal_room room_now;
static int room_changes;
static struct faulty *room_of;

/* Room comes back as soon as it is said that there is none. */
static void on_room(void *owner, enum yw_journal_room room, const struct yw_err *why)
{
    (void)owner;
    assert_true((room == YW_JOURNAL_ROOM) == (why == NULL || why->text[0] == '\0'));
    assert_int_not_equal(room, room_now);
    room_now = room;
    room_changes++;
    if (room == YW_JOURNAL_NONE && room_of != NULL)
        atomic_store(&room_of->fail_at, 0);
}

/* False: it could not be opened. */
static bool run_through(struct fixture *fixture, struct faulty *faulty)
{
    struct yw_err err = {0};
    room_now = YW_JOURNAL_ROOM;
    room_changes = 0;
    room_of = faulty;
    fixture->durable = 0;
    fixture->broken = 0;
    if (yw_journal_open_limited(&fixture->journal, fixture->loop, fixture->path,
                                YW_DB_PAGES_MAX, NULL, &err) != 0) {
        fixture->journal = NULL;
        return false;
    }
    fixture_listen(fixture);
    fixture->journal->on_room = on_room;
    yw_journal_try_again(fixture->journal, 2);
    for (int i = 1; i <= COMMITS; i++) {
        assert_int_equal(fixture_append(fixture, PER_COMMIT), 0);
        fixture_wait(fixture, i * PER_COMMIT);
    }
    assert_int_equal(fixture->broken, 0);
    assert_int_equal(fixture->durable, COMMITS * PER_COMMIT);
    assert_int_equal(room_now, YW_JOURNAL_ROOM);
    fixture_close(fixture);
    return true;
}

/* The n-th write finds the disk full, and all after it until that is said. A sync that
 * fails is not of this kind: the calls of the first sweep tell writes from syncs. */
static void sweep_full(struct fixture *fixture, bool persistent, bool short_write)
{
    int place = 1;
    int waited = 0;
    for (; place < SWEEP_MAX; place++) {
        struct faulty faulty;
        faulty_install(&faulty);
        faulty.write_code = SQLITE_FULL;
        faulty.short_write = short_write;
        faulty.writes_only = true;
        faulty_arm(&faulty, place, persistent);
        bool opened = run_through(fixture, &faulty);
        bool failed = atomic_load(&faulty.failed);
        faulty_remove(&faulty);
        waited += opened && room_changes > 0;
        assert_int_equal(room_changes % 2, 0);
        expect_kept(fixture, opened ? COMMITS * PER_COMMIT : 0, place);
        remove_files(fixture);
        if (!failed)
            break;
    }
    assert_in_range(place, 10, SWEEP_MAX - 1);
    assert_true(waited > 3);
}

static void test_full_disk_once(void **state)
{
    sweep_full(*state, false, false);
}

static void test_full_disk_for_a_while(void **state)
{
    sweep_full(*state, true, true);
}

static void append_and_wait(struct fixture *fixture, int count, int64_t seq)
{
    assert_int_equal(fixture_append(fixture, count), 0);
    fixture_wait(fixture, seq);
    assert_int_equal(fixture->durable, seq);
}

static void turn_until(struct fixture *fixture, enum yw_journal_room room)
{
    for (int i = 0; i < 1000 && room_now != room; i++)
        yw_loop_turn(fixture->loop, 20);
    assert_int_equal(room_now, room);
}

/* The reserve goes first, and events with it; then they wait; then all is as it was. */
static void test_the_reserve_goes_first(void **state)
{
    struct fixture *fixture = *state;
    struct faulty faulty;
    struct yw_err err = {0};
    char *reserve = yw_strf("%s-reserve", fixture->path);
    faulty_install(&faulty);
    faulty.write_code = SQLITE_FULL;
    faulty.writes_only = true;
    room_now = YW_JOURNAL_ROOM;
    room_changes = 0;
    room_of = NULL;
    assert_int_equal(yw_journal_open(&fixture->journal, NULL, fixture->path, NULL, &err),
                     0);
    assert_int_equal(yw_journal_reserve(fixture->journal, true, &err), 0);
    assert_int_equal(yw_journal_attach(fixture->journal, fixture->loop, &err), 0);
    fixture_listen(fixture);
    fixture->journal->on_room = on_room;
    yw_journal_try_again(fixture->journal, 2);
    append_and_wait(fixture, 5, 5);
    assert_true(fixture_has_file(reserve));

    faulty_arm(&faulty, 1, false); /* once */
    append_and_wait(fixture, 5, 10);
    assert_int_equal(room_changes > 0, 1);
    turn_until(fixture, YW_JOURNAL_ROOM); /* the real disk has room for a new one */
    assert_true(fixture_has_file(reserve));

    faulty_arm(&faulty, 1, true); /* for good */
    assert_int_equal(fixture_append(fixture, 8), 0);
    turn_until(fixture, YW_JOURNAL_NONE);
    assert_false(fixture_has_file(reserve));
    for (int i = 19; i <= 20; i++) { /* more may be appended */
        struct yw_event event;
        fixture_event(i, &event);
        assert_int_equal(yw_journal_append(fixture->journal, &event, NULL, &err), 0);
    }
    for (int i = 0; i < 10; i++)
        yw_loop_turn(fixture->loop, 5);
    assert_int_equal(fixture->durable, 10);
    faulty_arm(&faulty, 0, false);
    fixture_wait(fixture, 20);
    assert_int_equal(fixture->durable, 20);
    turn_until(fixture, YW_JOURNAL_ROOM);
    assert_true(fixture_has_file(reserve));
    assert_int_equal(fixture->broken, 0);
    fixture_close(fixture);
    assert_false(fixture_has_file(reserve));
    faulty_remove(&faulty);
    expect_kept(fixture, 20, 0);
    free(reserve);
}

static void test_failing_disk_once(void **state)
{
    sweep(*state, false, SQLITE_IOERR_WRITE, true);
}

static void test_failing_disk_for_good(void **state)
{
    sweep(*state, true, SQLITE_IOERR_WRITE, false);
}

static void test_the_page_limit_makes_events_wait(void **state)
{
    struct fixture *fixture = *state;
    struct yw_err err = {0};
    assert_int_equal(yw_journal_open_limited(&fixture->journal, fixture->loop,
                                             fixture->path, 16, NULL, &err),
                     0);
    fixture_listen(fixture);
    fixture->journal->on_room = on_room;
    room_now = YW_JOURNAL_ROOM;
    room_of = NULL;
    for (int i = 1; i < 1000 && room_now == YW_JOURNAL_ROOM; i++) {
        assert_int_equal(fixture_append(fixture, 1), 0);
        while (fixture->durable < i && room_now == YW_JOURNAL_ROOM)
            yw_loop_turn(fixture->loop, 50);
    }
    assert_int_equal(room_now, YW_JOURNAL_NONE);
    assert_int_equal(fixture->broken, 0);
    int64_t acknowledged = fixture->durable;
    assert_in_range(acknowledged, 10, 500);
    fixture_close(fixture);
    expect_kept(fixture, acknowledged, 0);
}

static void test_a_slow_disk_does_not_hold_the_loop(void **state)
{
    struct fixture *fixture = *state;
    struct faulty faulty;
    struct yw_err err = {0};
    faulty_install(&faulty);
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    faulty.sync_ms = 300;
    faulty.syncs = pthread_self();
    assert_int_equal(fixture_append(fixture, 100), 0);
    fixture_wait(fixture, 100);
    assert_int_equal(fixture->durable, 100);
    assert_false(pthread_equal(faulty.syncs, pthread_self()));
    faulty.sync_ms = 0;
    fixture_close(fixture);
    faulty_remove(&faulty);
}

/* What would be on the disk if the power went now: the files as they were last synced. */
static void power_cut(const struct fixture *fixture, const char *to)
{
    const char *const ends[] = {"", "-wal"};
    for (size_t i = 0; i < 2; i++) {
        char *from = yw_strf("%s%s.synced", fixture->path, ends[i]);
        char *target = yw_strf("%s%s", to, ends[i]);
        struct yw_buf bytes;
        (void)unlink(target);
        if (fixture_has_file(from)) {
            fixture_read_file(from, &bytes);
            fixture_write_file(target, bytes.data, bytes.size);
            yw_buf_fini(&bytes);
        }
        free(from);
        free(target);
    }
}

static void test_power_is_cut_after_each_acknowledgement(void **state)
{
    struct fixture *fixture = *state;
    struct faulty faulty;
    struct yw_err err = {0};
    char copy[FIXTURE_PATH];
    (void)snprintf(copy, sizeof(copy), "%.230s/cut.db", fixture->dir);
    faulty_install(&faulty);
    faulty.shadow = true;
    assert_int_equal(fixture_open(fixture, NULL, &err), 0);
    for (int i = 1; i <= 40; i++) {
        struct yw_verify verify;
        assert_int_equal(fixture_append(fixture, 40), 0);
        fixture_wait(fixture, 40 * i);
        power_cut(fixture, copy);
        if (yw_verify_database(copy, &verify, &err) != 0 || verify.count < 40 * i)
            fail_msg("%d acknowledged, %lld kept: %s", 40 * i, (long long)verify.count,
                     err.text);
    }
    fixture_close(fixture);
    faulty_remove(&faulty);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_full_disk_once),
        T(test_full_disk_for_a_while),
        T(test_the_reserve_goes_first),
        T(test_failing_disk_once),
        T(test_failing_disk_for_good),
        T(test_the_page_limit_makes_events_wait),
        T(test_a_slow_disk_does_not_hold_the_loop),
        T(test_power_is_cut_after_each_acknowledgement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
