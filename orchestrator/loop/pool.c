#include "loop/pool.h"

#include "base/mem.h"
#include "loop/inside.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A task's way. Left of the bar under pool->lock, right of it on the loop thread:
 *
 *   QUEUED ──► RUNNING ──► FINISHED │ answered ──► freed
 *      └──── cancel, deadline, close ──► REMOVED │ answered ──► freed
 *
 * A running task that is answered early (deadline, cancel) keeps its argument until it is
 * FINISHED; its result is dropped. */
enum task_state { TASK_QUEUED, TASK_RUNNING, TASK_FINISHED, TASK_REMOVED };

struct task {
    struct yw_job job;
    int64_t ticket;
    struct yw_pool *pool;
    enum task_state state; /* pool->lock */
    struct task *next;     /* pool->lock: in the queue, then in the finished list */
    int code;              /* the worker's, read after FINISHED */
    struct yw_err err;
    bool answered; /* loop thread, as is all below */
    bool canceled;
    struct yw_due_entry early; /* the deadline, or the turn after a cancel */
    struct task *live_next;
    struct task *live_previous;
};

struct worker {
    pthread_t thread;
    struct yw_pool *pool;
    const struct task *running; /* pool->lock */
};

struct yw_pool {
    struct yw_loop *loop;
    struct worker workers[YW_POOL_THREADS_MAX];
    int threads;
    pthread_mutex_t lock; /* guards the six below */
    pthread_cond_t wake;
    struct task *queue;
    struct task **queue_end;
    struct task *finished;
    struct task **finished_end;
    bool posted;
    bool stopping;
    struct yw_post post;
    struct task *live; /* loop thread, as is all below */
    size_t live_count;
    int64_t last_ticket;
};

/* --- worker threads --- */

static bool key_running(const struct yw_pool *pool, const char *key)
{
    for (int i = 0; i < pool->threads; i++) {
        if (pool->workers[i].running != NULL &&
            strcmp(pool->workers[i].running->job.key, key) == 0)
            return true;
    }
    return false;
}

static void unlink_queued(struct yw_pool *pool, struct task **link)
{
    struct task *task = *link;
    *link = task->next;
    if (task->next == NULL)
        pool->queue_end = link;
    task->next = NULL;
}

/* The first task whose key is free: what stands before it with the same key would be
 * first. */
static struct task *take_runnable(struct yw_pool *pool)
{
    for (struct task **link = &pool->queue; *link != NULL; link = &(*link)->next) {
        struct task *task = *link;
        if (!key_running(pool, task->job.key)) {
            unlink_queued(pool, link);
            return task;
        }
    }
    return NULL;
}

static void hand_over(struct yw_pool *pool, struct task *task)
{
    task->state = TASK_FINISHED;
    task->next = NULL;
    *pool->finished_end = task;
    pool->finished_end = &task->next;
    if (!pool->posted) {
        pool->posted = true;
        yw_loop_post(pool->loop, &pool->post);
    }
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct yw_pool *pool = worker->pool;
    (void)pthread_mutex_lock(&pool->lock);
    for (;;) {
        struct task *task = take_runnable(pool);
        if (task == NULL) {
            if (pool->stopping)
                break;
            (void)pthread_cond_wait(&pool->wake, &pool->lock);
            continue;
        }
        task->state = TASK_RUNNING;
        worker->running = task;
        (void)pthread_mutex_unlock(&pool->lock);
        task->code = task->job.work(task->job.arg, &task->err);
        (void)pthread_mutex_lock(&pool->lock);
        worker->running = NULL;
        hand_over(pool, task);
        /* A key has become free: somebody may wait for it. */
        (void)pthread_cond_broadcast(&pool->wake);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* --- loop thread --- */

static void task_free(struct task *task)
{
    struct yw_pool *pool = task->pool;
    yw_due_cancel(yw_loop_due(pool->loop), &task->early);
    if (task->live_next != NULL)
        task->live_next->live_previous = task->live_previous;
    if (task->live_previous != NULL)
        task->live_previous->live_next = task->live_next;
    else
        pool->live = task->live_next;
    pool->live_count--;
    if (task->job.free_arg != NULL)
        task->job.free_arg(task->job.arg);
    free(task);
}

static void answer(struct task *task, int code, const struct yw_err *err)
{
    if (task->answered)
        return;
    task->answered = true;
    if (task->job.done != NULL)
        task->job.done(task->job.owner, task->job.arg, code, err);
}

static void answer_early(struct task *task)
{
    struct yw_err err = {0};
    int code = task->canceled ? yw_err_set(&err, YW_ECANCELED, "cancelled")
                              : yw_err_set(&err, YW_ETIMEOUT, "no answer within %lld ms",
                                           (long long)task->job.deadline_ms);
    answer(task, code, &err);
}

/* Out of the queue, so that no worker takes it; false when a worker has it. */
static bool remove_queued(struct task *task)
{
    struct yw_pool *pool = task->pool;
    (void)pthread_mutex_lock(&pool->lock);
    if (task->state == TASK_QUEUED) {
        struct task **link = &pool->queue;
        while (*link != task)
            link = &(*link)->next;
        unlink_queued(pool, link);
        task->state = TASK_REMOVED;
    }
    bool removed = task->state == TASK_REMOVED;
    (void)pthread_mutex_unlock(&pool->lock);
    return removed;
}

static void on_early(struct yw_due_entry *entry)
{
    struct task *task = entry->arg;
    bool removed = remove_queued(task);
    answer_early(task);
    if (removed)
        task_free(task);
}

static void finish(struct task *task)
{
    yw_due_cancel(yw_loop_due(task->pool->loop), &task->early);
    if (task->canceled)
        answer_early(task);
    else
        answer(task, task->code, &task->err);
    task_free(task);
}

static struct task *take_finished(struct yw_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    struct task *task = pool->finished;
    if (task != NULL) {
        pool->finished = task->next;
        if (pool->finished == NULL)
            pool->finished_end = &pool->finished;
    } else {
        pool->posted = false;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return task;
}

static void on_finished(struct yw_post *post)
{
    struct yw_pool *pool = post->arg;
    struct task *task = take_finished(pool);
    while (task != NULL) {
        finish(task);
        task = take_finished(pool);
    }
}

int64_t yw_pool_submit(struct yw_pool *pool, const struct yw_job *job, struct yw_err *err)
{
    assert(job->work != NULL && memchr(job->key, '\0', sizeof(job->key)) != NULL);
    if (pool->stopping)
        return yw_err_set(err, YW_ESTATE, "the worker pool is closing");
    if (pool->live_count >= YW_POOL_JOBS_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d jobs are waiting",
                          YW_POOL_JOBS_MAX);
    struct task *task = yw_new(sizeof(*task));
    task->job = *job;
    task->pool = pool;
    task->ticket = ++pool->last_ticket;
    task->early.run = on_early;
    task->early.arg = task;
    task->live_next = pool->live;
    if (pool->live != NULL)
        pool->live->live_previous = task;
    pool->live = task;
    pool->live_count++;
    if (job->deadline_ms > 0)
        yw_due_add(yw_loop_due(pool->loop), &task->early,
                   yw_clock_mono_ms(yw_loop_clock(pool->loop)) + job->deadline_ms);
    int64_t ticket = task->ticket;
    (void)pthread_mutex_lock(&pool->lock);
    *pool->queue_end = task;
    pool->queue_end = &task->next;
    (void)pthread_cond_signal(&pool->wake);
    (void)pthread_mutex_unlock(&pool->lock);
    return ticket;
}

void yw_pool_cancel(struct yw_pool *pool, int64_t ticket)
{
    struct task *task = pool->live;
    while (task != NULL && task->ticket != ticket)
        task = task->live_next;
    if (task == NULL || task->answered)
        return;
    (void)remove_queued(task);
    task->canceled = true;
    yw_due_add(yw_loop_due(pool->loop), &task->early,
               yw_clock_mono_ms(yw_loop_clock(pool->loop)));
}

/* --- life --- */

/* Signals belong to the loop thread: workers start with all of them blocked. */
static int start_worker(struct worker *worker)
{
    sigset_t all;
    sigset_t old;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&worker->thread, NULL, work, worker);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return failed;
}

int yw_pool_open(struct yw_pool **ret, struct yw_loop *loop, int threads,
                 struct yw_err *err)
{
    if (threads < 1 || threads > YW_POOL_THREADS_MAX)
        return yw_err_set(err, YW_EINVAL, "worker threads: expected 1 to %d; got %d",
                          YW_POOL_THREADS_MAX, threads);
    struct yw_pool *pool = yw_new(sizeof(*pool));
    pool->loop = loop;
    pool->queue_end = &pool->queue;
    pool->finished_end = &pool->finished;
    pool->post.run = on_finished;
    pool->post.arg = pool;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->wake, NULL);
    yw_loop_hold(loop);
    /* The workers read `threads` under the lock: all of them are there when one may work.
     */
    (void)pthread_mutex_lock(&pool->lock);
    int failed = 0;
    for (int i = 0; i < threads && failed == 0; i++) {
        pool->workers[i].pool = pool;
        failed = start_worker(&pool->workers[i]);
        if (failed == 0)
            pool->threads++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (failed != 0) {
        yw_pool_close(pool);
        return yw_err_errno(err, YW_EIO, failed, "start a worker thread");
    }
    *ret = pool;
    return YW_OK;
}

void yw_pool_close(struct yw_pool *pool)
{
    if (pool == NULL)
        return;
    for (struct task *task = pool->live; task != NULL; task = task->live_next) {
        if (remove_queued(task))
            task->canceled = true;
    }
    (void)pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    (void)pthread_cond_broadcast(&pool->wake);
    (void)pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->threads; i++)
        (void)pthread_join(pool->workers[i].thread, NULL);
    yw_loop_unpost(pool->loop, &pool->post);
    on_finished(&pool->post);
    while (pool->live != NULL)
        finish(pool->live); /* removed from the queue: answered as cancelled */
    yw_loop_release(pool->loop);
    (void)pthread_cond_destroy(&pool->wake);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}
