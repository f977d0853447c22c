#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "loop/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world {
    struct yw_loop *loop;
    struct yw_pool *pool;
    int done;
    int freed;
    int code;            /* of the last callback */
    int64_t cancel_next; /* the first callback cancels this one */
    int order[64];
    pthread_mutex_t lock; /* guards all below */
    int running;
    bool held; /* the parcels that wait for it go on when it is false */
    int most_running;
    int most_running_a_key;
    int running_of_key[4];
};

#define HELD (-1)

struct parcel {
    struct world *world;
    int number;
    int key;
    int sleep_ms; /* HELD: as long as the world says */
    int result;
};

static int set_up(void **state)
{
    struct world *world = yw_new(sizeof(*world));
    struct yw_err err;
    (void)pthread_mutex_init(&world->lock, NULL);
    if (yw_loop_open(&world->loop, &err) != 0 ||
        yw_pool_open(&world->pool, world->loop, 3, &err) != 0)
        return -1;
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    yw_pool_close(world->pool);
    yw_loop_close(world->loop);
    (void)pthread_mutex_destroy(&world->lock);
    free(world);
    return 0;
}

static void count_running(struct parcel *parcel, int change)
{
    struct world *world = parcel->world;
    (void)pthread_mutex_lock(&world->lock);
    world->running += change;
    world->running_of_key[parcel->key] += change;
    if (world->running > world->most_running)
        world->most_running = world->running;
    if (world->running_of_key[parcel->key] > world->most_running_a_key)
        world->most_running_a_key = world->running_of_key[parcel->key];
    (void)pthread_mutex_unlock(&world->lock);
}

static bool is_held(struct world *world)
{
    (void)pthread_mutex_lock(&world->lock);
    bool held = world->held;
    (void)pthread_mutex_unlock(&world->lock);
    return held;
}

static void hold(struct world *world, bool held)
{
    (void)pthread_mutex_lock(&world->lock);
    world->held = held;
    (void)pthread_mutex_unlock(&world->lock);
}

static void wait_running(struct world *world)
{
    for (int running = 0; running == 0; (void)usleep(1000)) {
        (void)pthread_mutex_lock(&world->lock);
        running = world->running;
        (void)pthread_mutex_unlock(&world->lock);
    }
}

static int on_work(void *arg, struct yw_err *err)
{
    struct parcel *parcel = arg;
    count_running(parcel, 1);
    while (parcel->sleep_ms == HELD && is_held(parcel->world))
        (void)usleep(1000);
    if (parcel->sleep_ms > 0)
        (void)usleep((unsigned)parcel->sleep_ms * 1000U);
    count_running(parcel, -1);
    if (parcel->result != 0)
        return yw_err_set(err, parcel->result, "parcel %d", parcel->number);
    return 0;
}

static void on_done(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct world *world = owner;
    struct parcel *parcel = arg;
    if (world->done < 64)
        world->order[world->done] = parcel->number;
    world->done++;
    world->code = code;
    assert_true(code == 0 || err->code == code);
    if (world->cancel_next > 0)
        yw_pool_cancel(world->pool, world->cancel_next);
    world->cancel_next = 0;
}

static void on_free(void *arg)
{
    struct parcel *parcel = arg;
    parcel->world->freed++;
    free(parcel);
}

static int64_t submit(struct world *world, const char *key, int64_t deadline_ms,
                      int sleep_ms, int number)
{
    struct parcel *parcel = yw_new(sizeof(*parcel));
    parcel->world = world;
    parcel->number = number;
    parcel->key = key[0] - 'a';
    parcel->sleep_ms = sleep_ms;
    struct yw_job job = {.deadline_ms = deadline_ms,
                         .work = on_work,
                         .done = on_done,
                         .free_arg = on_free,
                         .arg = parcel,
                         .owner = world};
    (void)YW_COPY(job.key, key);
    struct yw_err err;
    int64_t ticket = yw_pool_submit(world->pool, &job, &err);
    assert_true(ticket > 0);
    return ticket;
}

static void turn_until(struct world *world, const int *counter, int count)
{
    int64_t end_ms = yw_clock_mono_ms(yw_loop_clock(world->loop)) + 60000;
    while (*counter < count && yw_clock_mono_ms(yw_loop_clock(world->loop)) < end_ms)
        yw_loop_turn(world->loop, 50);
    assert_int_equal(*counter, count);
}

static void test_one_key_runs_in_order_one_at_a_time(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 20; i++)
        (void)submit(world, "a", 0, 1, i);
    assert_int_equal(world->done, 0);
    turn_until(world, &world->freed, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(world->order[i], i);
    assert_int_equal(world->most_running_a_key, 1);
}

static void test_keys_run_side_by_side(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 4; i++) {
        (void)submit(world, "a", 0, 30, i);
        (void)submit(world, "b", 0, 30, i);
        (void)submit(world, "c", 0, 30, i);
        (void)submit(world, "d", 0, 30, i);
    }
    turn_until(world, &world->freed, 16);
    assert_int_equal(world->most_running_a_key, 1);
    assert_in_range(world->most_running, 2, 3);
}

static int on_fail(void *arg, struct yw_err *err)
{
    (void)arg;
    return yw_err_set(err, YW_EIO, "the disk is full");
}

static void on_failed(void *owner, void *arg, int code, const struct yw_err *err)
{
    (void)arg;
    assert_int_equal(code, YW_EIO);
    assert_string_equal(err->text, "the disk is full");
    ((struct world *)owner)->done++;
}

static void test_an_error_comes_through(void **state)
{
    struct world *world = *state;
    struct yw_job job = {.key = "a", .work = on_fail, .done = on_failed, .owner = world};
    assert_true(yw_pool_submit(world->pool, &job, NULL) > 0);
    turn_until(world, &world->done, 1);
}

static void test_a_deadline_answers_and_the_late_result_is_dropped(void **state)
{
    struct world *world = *state;
    hold(world, true);
    (void)submit(world, "a", 20, HELD, 1); /* runs too long */
    wait_running(world);
    (void)submit(world, "a", 20, 0, 2); /* waits too long behind it */
    turn_until(world, &world->done, 2);
    assert_int_equal(world->code, YW_ETIMEOUT);
    assert_int_equal(world->freed,
                     1); /* the second never started; the first still runs */
    hold(world, false);
    turn_until(world, &world->freed, 2);
    yw_loop_turn(world->loop, 10);
    assert_int_equal(world->done, 2);
}

static void test_cancel_calls_back_once_and_not_from_inside(void **state)
{
    struct world *world = *state;
    hold(world, true);
    int64_t running = submit(world, "a", 0, HELD, 1);
    int64_t queued = submit(world, "a", 0, 0, 2);
    wait_running(world);
    yw_pool_cancel(world->pool, running);
    yw_pool_cancel(world->pool, queued);
    yw_pool_cancel(world->pool, queued);
    yw_pool_cancel(world->pool, 999);
    assert_int_equal(world->done, 0);
    turn_until(world, &world->done, 2);
    assert_int_equal(world->code, YW_ECANCELED);
    assert_int_equal(world->freed, 1);
    hold(world, false);
    turn_until(world, &world->freed, 2);
    assert_int_equal(world->done, 2);
    yw_pool_cancel(world->pool, running);
}

static void test_a_result_after_cancel_is_cancelled(void **state)
{
    struct world *world = *state;
    int64_t ticket = submit(world, "a", 0, 0, 1);
    (void)usleep(30000); /* done on the worker, not yet told */
    yw_pool_cancel(world->pool, ticket);
    turn_until(world, &world->freed, 1);
    assert_int_equal(world->done, 1);
    assert_int_equal(world->code, YW_ECANCELED);
}

static void test_cancel_of_one_that_is_about_to_be_told(void **state)
{
    struct world *world = *state;
    (void)submit(world, "a", 0, 0, 1);
    (void)usleep(10000);
    world->cancel_next = submit(world, "b", 0, 0, 2);
    (void)usleep(30000); /* both wait to be told, in one go */
    turn_until(world, &world->freed, 2);
    assert_int_equal(world->done, 2);
    assert_int_equal(world->code, YW_ECANCELED);
}

static void test_close_answers_everything_once(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 10; i++)
        (void)submit(world, i % 2 == 0 ? "a" : "b", i == 5 ? 1000 : 0, 20, i);
    (void)usleep(5000);
    yw_pool_close(world->pool);
    world->pool = NULL;
    assert_int_equal(world->done, 10);
    assert_int_equal(world->freed, 10);
    yw_loop_turn(world->loop, 5);
    assert_int_equal(world->done, 10);
}

static void test_limits(void **state)
{
    struct world *world = *state;
    struct yw_pool *pool = NULL;
    struct yw_err err;
    assert_int_equal(yw_pool_open(&pool, world->loop, 0, &err), YW_EINVAL);
    assert_int_equal(yw_pool_open(&pool, world->loop, YW_POOL_THREADS_MAX + 1, &err),
                     YW_EINVAL);
    (void)submit(world, "a", 0, 100, 0);
    for (int i = 1; i < YW_POOL_JOBS_MAX; i++)
        (void)submit(world, "a", 0, 0, i);
    struct yw_job job = {.key = "a", .work = on_fail};
    assert_int_equal(yw_pool_submit(world->pool, &job, &err), YW_ELIMIT);
    yw_pool_close(world->pool);
    world->pool = NULL;
    assert_int_equal(world->freed, YW_POOL_JOBS_MAX);
    yw_pool_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_key_runs_in_order_one_at_a_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_keys_run_side_by_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_error_comes_through, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_deadline_answers_and_the_late_result_is_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cancel_calls_back_once_and_not_from_inside,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_result_after_cancel_is_cancelled, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_cancel_of_one_that_is_about_to_be_told,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_close_answers_everything_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
