#include "loop/loop.h"

#include "base/log.h"
#include "base/mem.h"
#include "loop/inside.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <uv.h>

#define NS_PER_MS 1000000U
#define CLOSE_TURNS_MAX 100
#define CLOSE_CHILDREN_MS 5000

struct signal_watch {
    uv_signal_t handle;
    void (*fn)(void *arg);
    void *arg;
    struct signal_watch *next;
};

struct yw_loop {
    uv_loop_t uv;
    uv_async_t inbox_wake;
    uv_timer_t due_timer;
    uv_timer_t wait_timer;
    uv_prepare_t turn_end;
    struct yw_clock clock;
    struct yw_due due;
    bool due_running;
    pthread_mutex_t inbox_lock; /* guards the three below */
    struct yw_post *inbox_first;
    struct yw_post *inbox_last;
    size_t inbox_count;
    struct signal_watch *signals;
    size_t held;
    int dying;
    uint64_t turn_start_ns;
    uint64_t turn_idle_ns;
    uint64_t longest_turn_ns;
};

int yw_loop_err_uv(struct yw_err *err, int uv_status, const char *what)
{
    char reason[128];
    int code = uv_status == UV_ENOENT ? YW_ENOTFOUND : YW_EIO;
    return yw_err_set(err, code, "%s: %s", what,
                      uv_strerror_r(uv_status, reason, sizeof(reason)));
}

/* --- the inbox --- */

void yw_loop_post(struct yw_loop *loop, struct yw_post *post)
{
    post->next = NULL;
    (void)pthread_mutex_lock(&loop->inbox_lock);
    if (loop->inbox_last == NULL)
        loop->inbox_first = post;
    else
        loop->inbox_last->next = post;
    loop->inbox_last = post;
    loop->inbox_count++;
    /* Inside the lock: once it is let go, the loop may have taken the post and closed. */
    (void)uv_async_send(&loop->inbox_wake);
    (void)pthread_mutex_unlock(&loop->inbox_lock);
}

static struct yw_post *inbox_take(struct yw_loop *loop)
{
    (void)pthread_mutex_lock(&loop->inbox_lock);
    struct yw_post *post = loop->inbox_first;
    if (post != NULL) {
        loop->inbox_first = post->next;
        if (loop->inbox_first == NULL)
            loop->inbox_last = NULL;
        loop->inbox_count--;
    }
    (void)pthread_mutex_unlock(&loop->inbox_lock);
    return post;
}

static size_t inbox_count(struct yw_loop *loop)
{
    (void)pthread_mutex_lock(&loop->inbox_lock);
    size_t count = loop->inbox_count;
    (void)pthread_mutex_unlock(&loop->inbox_lock);
    return count;
}

void yw_loop_unpost(struct yw_loop *loop, struct yw_post *post)
{
    (void)pthread_mutex_lock(&loop->inbox_lock);
    struct yw_post *before = NULL;
    struct yw_post *at = loop->inbox_first;
    while (at != NULL && at != post) {
        before = at;
        at = at->next;
    }
    if (at != NULL) {
        if (before == NULL)
            loop->inbox_first = at->next;
        else
            before->next = at->next;
        if (loop->inbox_last == at)
            loop->inbox_last = before;
        loop->inbox_count--;
    }
    (void)pthread_mutex_unlock(&loop->inbox_lock);
}

static void on_inbox(uv_async_t *handle)
{
    struct yw_loop *loop = handle->data;
    /* Only what is there now: a post that posts again must not starve the loop. */
    size_t count = inbox_count(loop);
    for (size_t i = 0; i < count; i++) {
        struct yw_post *post = inbox_take(loop);
        if (post == NULL)
            return;
        post->run(post);
    }
    if (inbox_count(loop) > 0)
        (void)uv_async_send(&loop->inbox_wake);
}

/* --- deadlines --- */

static void on_due_timer(uv_timer_t *handle);

static void due_arm(struct yw_loop *loop)
{
    int64_t next_ms = yw_due_next(&loop->due);
    if (next_ms == INT64_MAX) {
        (void)uv_timer_stop(&loop->due_timer);
        return;
    }
    int64_t wait_ms = next_ms - yw_clock_mono_ms(&loop->clock);
    uv_update_time(&loop->uv); /* the timer counts from libuv's cached time */
    (void)uv_timer_start(&loop->due_timer, on_due_timer,
                         wait_ms < 0 ? 0 : (uint64_t)wait_ms, 0);
}

static void on_due_change(struct yw_due *due)
{
    struct yw_loop *loop = due->arg;
    if (!loop->due_running)
        due_arm(loop);
}

static void on_due_timer(uv_timer_t *handle)
{
    struct yw_loop *loop = handle->data;
    loop->due_running = true;
    (void)yw_due_run(&loop->due, yw_clock_mono_ms(&loop->clock));
    loop->due_running = false;
    due_arm(loop);
}

/* --- turns --- */

/* A turn is what happens between two waits; libuv counts the waiting as idle time. */
static void turn_begin(struct yw_loop *loop)
{
    loop->turn_start_ns = uv_hrtime();
    loop->turn_idle_ns = uv_metrics_idle_time(&loop->uv);
}

static void turn_measure(struct yw_loop *loop)
{
    uint64_t passed = uv_hrtime() - loop->turn_start_ns;
    uint64_t idle = uv_metrics_idle_time(&loop->uv) - loop->turn_idle_ns;
    if (passed > idle && passed - idle > loop->longest_turn_ns)
        loop->longest_turn_ns = passed - idle;
    turn_begin(loop);
}

static void on_turn_end(uv_prepare_t *handle)
{
    turn_measure(handle->data);
}

static void run(struct yw_loop *loop, uv_run_mode mode)
{
    turn_begin(loop);
    (void)uv_run(&loop->uv, mode);
    turn_measure(loop);
}

int yw_loop_run(struct yw_loop *loop)
{
    run(loop, UV_RUN_DEFAULT);
    return YW_OK;
}

void yw_loop_stop(struct yw_loop *loop)
{
    uv_stop(&loop->uv);
}

static void on_wait_timer(uv_timer_t *handle)
{
    (void)handle;
}

void yw_loop_turn(struct yw_loop *loop, int wait_ms)
{
    /* libuv runs what is due and still waits afterwards; but then something has happened.
     */
    bool due_now = yw_due_next(&loop->due) <= yw_clock_mono_ms(&loop->clock);
    if (wait_ms <= 0 || due_now) {
        run(loop, UV_RUN_NOWAIT);
        return;
    }
    uv_update_time(&loop->uv);
    (void)uv_timer_start(&loop->wait_timer, on_wait_timer, (uint64_t)wait_ms, 0);
    run(loop, UV_RUN_ONCE);
    (void)uv_timer_stop(&loop->wait_timer);
}

int64_t yw_loop_longest_turn_ms(struct yw_loop *loop)
{
    uint64_t longest_ns = loop->longest_turn_ns;
    loop->longest_turn_ns = 0;
    return (int64_t)(longest_ns / NS_PER_MS);
}

/* --- signals --- */

static void on_signal(uv_signal_t *handle, int signum)
{
    (void)signum;
    struct signal_watch *watch = handle->data;
    watch->fn(watch->arg);
}

static void on_signal_closed(uv_handle_t *handle)
{
    free(handle->data);
}

int yw_loop_on_signal(struct yw_loop *loop, int signum, void (*fn)(void *arg), void *arg,
                      struct yw_err *err)
{
    for (struct signal_watch *at = loop->signals; at != NULL; at = at->next) {
        if (at->handle.signum == signum)
            return yw_err_set(err, YW_EEXIST, "signal %d is watched already", signum);
    }
    struct signal_watch *watch = yw_new(sizeof(*watch));
    watch->fn = fn;
    watch->arg = arg;
    int status = uv_signal_init(&loop->uv, &watch->handle);
    if (status < 0) {
        free(watch);
        return yw_loop_err_uv(err, status, "watch a signal");
    }
    watch->handle.data = watch;
    status = uv_signal_start(&watch->handle, on_signal, signum);
    if (status < 0) {
        uv_close((uv_handle_t *)&watch->handle, on_signal_closed);
        return yw_loop_err_uv(err, status, "watch a signal");
    }
    watch->next = loop->signals;
    loop->signals = watch;
    return YW_OK;
}

/* --- life --- */

static int start_handles(struct yw_loop *loop)
{
    int status = uv_async_init(&loop->uv, &loop->inbox_wake, on_inbox);
    if (status < 0)
        return status;
    (void)uv_timer_init(&loop->uv, &loop->due_timer);
    (void)uv_timer_init(&loop->uv, &loop->wait_timer);
    (void)uv_prepare_init(&loop->uv, &loop->turn_end);
    loop->inbox_wake.data = loop;
    loop->due_timer.data = loop;
    loop->wait_timer.data = loop;
    loop->turn_end.data = loop;
    return uv_prepare_start(&loop->turn_end, on_turn_end);
}

int yw_loop_open(struct yw_loop **ret, struct yw_err *err)
{
    struct yw_loop *loop = yw_new(sizeof(*loop));
    int status = uv_loop_init(&loop->uv);
    if (status < 0) {
        free(loop);
        return yw_loop_err_uv(err, status, "open the event loop");
    }
    (void)uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME);
    status = start_handles(loop);
    if (status < 0) {
        (void)uv_loop_close(&loop->uv);
        free(loop);
        return yw_loop_err_uv(err, status, "open the event loop");
    }
    (void)pthread_mutex_init(&loop->inbox_lock, NULL);
    yw_clock_init_real(&loop->clock);
    yw_due_init(&loop->due);
    loop->due.on_change = on_due_change;
    loop->due.arg = loop;
    *ret = loop;
    return YW_OK;
}

static void wait_for_children(struct yw_loop *loop)
{
    int64_t end_ms = yw_clock_mono_ms(&loop->clock) + CLOSE_CHILDREN_MS;
    while (loop->dying > 0 && yw_clock_mono_ms(&loop->clock) < end_ms)
        yw_loop_turn(loop, 10);
}

static void close_handles(struct yw_loop *loop)
{
    while (loop->signals != NULL) {
        struct signal_watch *watch = loop->signals;
        loop->signals = watch->next;
        uv_close((uv_handle_t *)&watch->handle, on_signal_closed);
    }
    uv_close((uv_handle_t *)&loop->inbox_wake, NULL);
    uv_close((uv_handle_t *)&loop->due_timer, NULL);
    uv_close((uv_handle_t *)&loop->wait_timer, NULL);
    uv_close((uv_handle_t *)&loop->turn_end, NULL);
}

static void name_leftover(uv_handle_t *handle, void *arg)
{
    (void)arg;
    yw_error("loop", "left open at the end: %s", uv_handle_type_name(handle->type));
}

void yw_loop_close(struct yw_loop *loop)
{
    if (loop == NULL)
        return;
    wait_for_children(loop);
    yw_loop_turn(loop, 0);
    if (loop->dying > 0) {
        /* A child that the kernel will not let die: leave its handle rather than our
         * data. */
        yw_warn("loop", "%d children have not ended", loop->dying);
        return;
    }
    assert(loop->held == 0);
    assert(loop->due.count == 0);
    assert(inbox_count(loop) == 0);
    close_handles(loop);
    int status = UV_EBUSY;
    for (int i = 0; status == UV_EBUSY && i < CLOSE_TURNS_MAX; i++) {
        (void)uv_run(&loop->uv, UV_RUN_NOWAIT);
        status = uv_loop_close(&loop->uv);
    }
    if (status != 0)
        uv_walk(&loop->uv, name_leftover, NULL);
    assert(status == 0);
    yw_due_fini(&loop->due);
    (void)pthread_mutex_destroy(&loop->inbox_lock);
    free(loop);
}

struct uv_loop_s *yw_loop_uv(struct yw_loop *loop)
{
    return &loop->uv;
}

const struct yw_clock *yw_loop_clock(const struct yw_loop *loop)
{
    return &loop->clock;
}

struct yw_due *yw_loop_due(struct yw_loop *loop)
{
    return &loop->due;
}

void yw_loop_hold(struct yw_loop *loop)
{
    loop->held++;
}

void yw_loop_release(struct yw_loop *loop)
{
    assert(loop->held > 0);
    loop->held--;
}

void yw_loop_dying_add(struct yw_loop *loop, int change)
{
    loop->dying += change;
    assert(loop->dying >= 0);
}
