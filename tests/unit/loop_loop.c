#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static int open_loop(void **state)
{
    struct yw_loop *loop = NULL;
    struct yw_err err;
    if (yw_loop_open(&loop, &err) != YW_OK)
        return -1;
    *state = loop;
    return 0;
}

static int close_loop(void **state)
{
    yw_loop_close(*state);
    return 0;
}

struct tick {
    struct yw_due_entry entry;
    struct yw_loop *loop;
    int64_t ran_ms;
    int left;
};

static void on_tick(struct yw_due_entry *entry)
{
    struct tick *tick = entry->arg;
    tick->ran_ms = yw_clock_mono_ms(yw_loop_clock(tick->loop));
    if (--tick->left > 0)
        yw_due_add(yw_loop_due(tick->loop), entry, entry->at_ms + 10);
    else
        yw_loop_stop(tick->loop);
}

static void test_deadlines_never_early_and_without_drift(void **state)
{
    struct yw_loop *loop = *state;
    int64_t start_ms = yw_clock_mono_ms(yw_loop_clock(loop));
    struct tick tick = {.entry = {.run = on_tick}, .loop = loop, .left = 10};
    tick.entry.arg = &tick;
    yw_due_add(yw_loop_due(loop), &tick.entry, start_ms + 10);
    assert_int_equal(yw_loop_run(loop), YW_OK);
    assert_int_equal(tick.left, 0);
    assert_int_equal(tick.entry.at_ms, start_ms + 100);
    assert_true(tick.ran_ms >= tick.entry.at_ms);
}

static void test_an_earlier_deadline_overtakes(void **state)
{
    struct yw_loop *loop = *state;
    int64_t now_ms = yw_clock_mono_ms(yw_loop_clock(loop));
    struct tick late = {.entry = {.run = on_tick}, .loop = loop, .left = 1};
    struct tick soon = {.entry = {.run = on_tick}, .loop = loop, .left = 1};
    late.entry.arg = &late;
    soon.entry.arg = &soon;
    yw_due_add(yw_loop_due(loop), &late.entry, now_ms + 60000);
    yw_due_add(yw_loop_due(loop), &soon.entry, now_ms + 5);
    (void)yw_loop_run(loop);
    assert_int_equal(soon.left, 0);
    assert_int_equal(late.left, 1);
    yw_due_cancel(yw_loop_due(loop), &late.entry);
}

static void test_a_turn_waits_no_longer_than_told(void **state)
{
    struct yw_loop *loop = *state;
    int64_t start_ms = yw_clock_mono_ms(yw_loop_clock(loop));
    yw_loop_turn(loop, 0);
    yw_loop_turn(loop, 20);
    int64_t passed_ms = yw_clock_mono_ms(yw_loop_clock(loop)) - start_ms;
    assert_in_range(passed_ms, 15, 60000);
}

#define THREADS 4
#define POSTS 500

struct mail {
    struct yw_post post;
    struct yw_loop *loop;
    int thread;
    int number;
    int *last; /* by thread; loop thread only */
    int *count;
};

static void on_mail(struct yw_post *post)
{
    struct mail *mail = post->arg;
    assert_int_equal(mail->number, mail->last[mail->thread] + 1);
    mail->last[mail->thread] = mail->number;
    if (++*mail->count == THREADS * POSTS)
        yw_loop_stop(mail->loop);
}

static void *post_all(void *arg)
{
    struct mail *mails = arg;
    for (int i = 0; i < POSTS; i++)
        yw_loop_post(mails[i].loop, &mails[i].post);
    return NULL;
}

static void test_posts_arrive_once_and_in_order(void **state)
{
    struct yw_loop *loop = *state;
    static struct mail mails[THREADS][POSTS];
    pthread_t threads[THREADS];
    int last[THREADS] = {-1, -1, -1, -1};
    int count = 0;
    for (int t = 0; t < THREADS; t++) {
        for (int i = 0; i < POSTS; i++) {
            struct mail *mail = &mails[t][i];
            *mail = (struct mail){.loop = loop,
                                  .thread = t,
                                  .number = i,
                                  .last = last,
                                  .count = &count,
                                  .post = {.run = on_mail}};
            mail->post.arg = mail;
        }
    }
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, post_all, mails[t]), 0);
    (void)yw_loop_run(loop);
    for (int t = 0; t < THREADS; t++)
        (void)pthread_join(threads[t], NULL);
    assert_int_equal(count, THREADS * POSTS);
}

static void on_signal(void *arg)
{
    yw_loop_stop(arg);
}

static void test_signals_and_one_watcher_each(void **state)
{
    struct yw_loop *loop = *state;
    struct yw_err err = {0};
    assert_int_equal(yw_loop_on_signal(loop, SIGUSR1, on_signal, loop, &err), YW_OK);
    assert_int_equal(yw_loop_on_signal(loop, SIGUSR1, on_signal, loop, &err), YW_EEXIST);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    (void)yw_loop_run(loop);
    assert_int_equal(yw_loop_on_signal(loop, 4096, on_signal, loop, &err), YW_EIO);
}

static void on_slow(struct yw_due_entry *entry)
{
    struct tick *tick = entry->arg;
    (void)usleep(30000);
    yw_loop_stop(tick->loop);
}

static void test_a_slow_turn_shows_and_waiting_does_not(void **state)
{
    struct yw_loop *loop = *state;
    yw_loop_turn(loop, 400);
    assert_true(yw_loop_longest_turn_ms(loop) < 400);
    struct tick tick = {.entry = {.run = on_slow, .arg = &tick}, .loop = loop};
    yw_due_add(yw_loop_due(loop), &tick.entry, 0);
    (void)yw_loop_run(loop);
    assert_true(yw_loop_longest_turn_ms(loop) >= 29);
    assert_int_equal(yw_loop_longest_turn_ms(loop), 0);
}

static void test_close_takes_null(void **state)
{
    (void)state;
    yw_loop_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_deadlines_never_early_and_without_drift,
                                        open_loop, close_loop),
        cmocka_unit_test_setup_teardown(test_an_earlier_deadline_overtakes, open_loop,
                                        close_loop),
        cmocka_unit_test_setup_teardown(test_a_turn_waits_no_longer_than_told, open_loop,
                                        close_loop),
        cmocka_unit_test_setup_teardown(test_posts_arrive_once_and_in_order, open_loop,
                                        close_loop),
        cmocka_unit_test_setup_teardown(test_signals_and_one_watcher_each, open_loop,
                                        close_loop),
        cmocka_unit_test_setup_teardown(test_a_slow_turn_shows_and_waiting_does_not,
                                        open_loop, close_loop),
        cmocka_unit_test(test_close_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
