/* Work for many at once: all of it, its failures, and those that never return. */
#include "base/mem.h"
#include "loop/gang.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define ITEMS 200

struct shared {
    atomic_int holds;
    atomic_int done;
    atomic_int released;
    atomic_bool open; /* what hangs, goes on */
    size_t hangs;     /* this item */
    size_t fails;     /* this one fails */
};

static void sleep_ms(long ms)
{
    struct timespec span = {.tv_nsec = ms * 1000000L};

    (void)nanosleep(&span, NULL);
}

static int work(void *arg, size_t item, struct yw_err *err)
{
    struct shared *shared = arg;

    while (item == shared->hangs && !atomic_load(&shared->open))
        sleep_ms(1);
    atomic_fetch_add(&shared->done, 1);
    return item == shared->fails ? yw_err_set(err, YW_EIO, "item %zu", item) : 0;
}

static void release(void *arg)
{
    struct shared *shared = arg;

    atomic_fetch_add(&shared->released, 1);
}

static void wait_empty(struct yw_gang_house *house)
{
    while (atomic_load(&house->running) > 0)
        sleep_ms(1);
}

static struct yw_gang_spec spec_for(struct yw_gang_house *house, struct shared *shared)
{
    shared->hangs = shared->fails = ITEMS;
    return (struct yw_gang_spec){.house = house,
                                 .count = ITEMS,
                                 .threads = 8,
                                 .work = work,
                                 .shared = shared,
                                 .release = release};
}

static void test_all_is_done(void **state)
{
    struct yw_gang_house house = {0};
    struct shared shared = {0};
    struct yw_gang_spec spec = spec_for(&house, &shared);

    (void)state;
    assert_int_equal(yw_gang_run(&spec, 10000, NULL), 0);
    assert_int_equal(atomic_load(&shared.done), ITEMS);
    spec.count = 0;
    assert_int_equal(yw_gang_run(&spec, 10000, NULL), 0);
    wait_empty(&house);
    assert_int_equal(atomic_load(&shared.released), 2);
}

static void test_a_failure_is_told(void **state)
{
    struct yw_gang_house house = {0};
    struct shared shared = {0};
    struct yw_gang_spec spec = spec_for(&house, &shared);
    struct yw_err err;

    (void)state;
    shared.fails = 77;
    assert_int_equal(yw_gang_run(&spec, 10000, &err), YW_EIO);
    assert_string_equal(err.text, "item 77");
    assert_int_equal(atomic_load(&shared.done), ITEMS);
    wait_empty(&house);
}

/* One that hangs holds up nobody, and frees what it used when it ends after all. */
static void test_one_never_returns(void **state)
{
    struct yw_gang_house house = {0};
    struct shared shared = {0};
    struct yw_gang_spec spec = spec_for(&house, &shared);
    struct yw_err err;

    (void)state;
    shared.hangs = 3;
    struct yw_gang *gang = yw_gang_start(&spec);

    while (atomic_load(&shared.done) < ITEMS - 1)
        sleep_ms(1);
    assert_false(yw_gang_wait(gang, 200));
    assert_int_equal(atomic_load(&shared.done), ITEMS - 1);
    assert_int_equal(yw_gang_result(gang, 3, &err), YW_ETIMEOUT);
    assert_int_equal(yw_gang_result(gang, 4, &err), 0);
    yw_gang_leave(gang);
    assert_int_equal(atomic_load(&house.running), 1);
    assert_int_equal(atomic_load(&shared.released), 0);
    atomic_store(&shared.open, true);
    wait_empty(&house);
    assert_int_equal(atomic_load(&shared.released), 1);
}

/* What has not begun when the caller leaves never begins. */
static void test_the_rest_is_dropped(void **state)
{
    struct yw_gang_house house = {0};
    struct shared shared = {0};
    struct yw_gang_spec spec = spec_for(&house, &shared);

    (void)state;
    shared.hangs = 0;
    spec.threads = 1;
    struct yw_gang *gang = yw_gang_start(&spec);

    assert_false(yw_gang_wait(gang, 20));
    yw_gang_leave(gang);
    atomic_store(&shared.open, true);
    wait_empty(&house);
    assert_int_equal(atomic_load(&shared.done), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_done),
        cmocka_unit_test(test_a_failure_is_told),
        cmocka_unit_test(test_one_never_returns),
        cmocka_unit_test(test_the_rest_is_dropped),
    };

    return cmocka_run_group_tests_name("loop_gang", tests, NULL, NULL);
}
