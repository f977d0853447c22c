#include "loop/gang.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define STACK_BYTES (512 * 1024)

struct item {
    bool ended;
    int code;
    struct yw_err err;
};

struct yw_gang {
    struct yw_gang_spec spec;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;  /* the next item to begin */
    size_t ended; /* items */
    int holds;    /* the caller and the threads */
    struct item *items;
};

static void let_go(struct yw_gang *gang)
{
    (void)pthread_mutex_lock(&gang->lock);
    int holds = --gang->holds;

    (void)pthread_mutex_unlock(&gang->lock);
    if (holds > 0)
        return;
    if (gang->spec.release)
        gang->spec.release(gang->spec.shared);
    (void)pthread_cond_destroy(&gang->changed);
    (void)pthread_mutex_destroy(&gang->lock);
    free(gang->items);
    free(gang);
}

static bool take_item(struct yw_gang *gang, size_t *ret)
{
    (void)pthread_mutex_lock(&gang->lock);
    bool any = gang->next < gang->spec.count;

    if (any)
        *ret = gang->next++;
    (void)pthread_mutex_unlock(&gang->lock);
    return any;
}

static void *run(void *arg)
{
    struct yw_gang *gang = arg;
    struct yw_gang_house *house = gang->spec.house;
    size_t at;

    while (take_item(gang, &at)) {
        struct yw_err err = {0};
        int code = gang->spec.work(gang->spec.shared, at, &err);

        (void)pthread_mutex_lock(&gang->lock);
        gang->items[at].ended = true;
        gang->items[at].code = code;
        gang->items[at].err = err;
        gang->ended++;
        (void)pthread_cond_signal(&gang->changed);
        (void)pthread_mutex_unlock(&gang->lock);
    }
    let_go(gang);
    atomic_fetch_sub(&house->running, 1);
    return NULL;
}

static bool start_thread(struct yw_gang *gang)
{
    pthread_attr_t attributes;
    pthread_t thread;

    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_mutex_lock(&gang->lock);
    gang->holds++;
    (void)pthread_mutex_unlock(&gang->lock);
    atomic_fetch_add(&gang->spec.house->running, 1);
    bool started = pthread_create(&thread, &attributes, run, gang) == 0;

    (void)pthread_attr_destroy(&attributes);
    if (started)
        return true;
    atomic_fetch_sub(&gang->spec.house->running, 1);
    let_go(gang);
    return false;
}

struct yw_gang *yw_gang_start(const struct yw_gang_spec *spec)
{
    struct yw_gang *gang = yw_new(sizeof(*gang));
    pthread_condattr_t attributes;
    size_t threads = spec->threads > 0 ? (size_t)spec->threads : YW_GANG_THREADS_MAX;

    assert(spec->count <= YW_GANG_ITEMS_MAX && spec->house && spec->work);
    gang->spec = *spec;
    gang->holds = 1;
    gang->items = yw_new_array(spec->count + 1, sizeof(*gang->items));
    (void)pthread_mutex_init(&gang->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&gang->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    for (size_t i = 0; i < threads && i < spec->count; i++) {
        if (!start_thread(gang))
            break; /* those that run take all; with none the wait times out */
    }
    return gang;
}

bool yw_gang_wait(struct yw_gang *gang, int64_t span_ms)
{
    struct timespec until;
    int status = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += span_ms / 1000;
    until.tv_nsec += span_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_mutex_lock(&gang->lock);
    while (gang->ended < gang->spec.count && status == 0)
        status = pthread_cond_timedwait(&gang->changed, &gang->lock, &until);
    bool all = gang->ended == gang->spec.count;

    (void)pthread_mutex_unlock(&gang->lock);
    return all;
}

int yw_gang_result(struct yw_gang *gang, size_t item, struct yw_err *err)
{
    assert(item < gang->spec.count);
    (void)pthread_mutex_lock(&gang->lock);
    const struct item at = gang->items[item];

    (void)pthread_mutex_unlock(&gang->lock);
    if (!at.ended)
        return yw_err_set(err, YW_ETIMEOUT, "no answer in time");
    if (at.code < 0 && err)
        *err = at.err;
    return at.code;
}

void yw_gang_leave(struct yw_gang *gang)
{
    (void)pthread_mutex_lock(&gang->lock);
    gang->next = gang->spec.count;
    (void)pthread_mutex_unlock(&gang->lock);
    let_go(gang);
}

int yw_gang_run(const struct yw_gang_spec *spec, int64_t span_ms, struct yw_err *err)
{
    struct yw_gang *gang = yw_gang_start(spec);
    int code = 0;

    (void)yw_gang_wait(gang, span_ms);
    for (size_t i = 0; i < spec->count && code == 0; i++)
        code = yw_gang_result(gang, i, err);
    yw_gang_leave(gang);
    return code;
}
