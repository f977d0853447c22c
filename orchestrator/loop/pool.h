/* The keyed worker pool: blocking work (SQLite, files, libvirt) off the loop thread.
 *
 * Jobs with one key run in order, one at a time; different keys run side by side on at
 * most `threads` threads. Its own threads, not libuv's shared four. A job's deadline: the
 * callback comes with YW_ETIMEOUT and the worker drops the late result; `free_arg` then
 * runs on the loop thread after the worker has let go. So a job owns its argument, never
 * the caller's request; in a callback with YW_ETIMEOUT or YW_ECANCELED the worker may
 * still be writing to it. */
#ifndef YW_LOOP_POOL_H
#define YW_LOOP_POOL_H

#include "loop/loop.h"

struct yw_pool;

#define YW_POOL_THREADS_MAX 16
#define YW_POOL_KEY_MAX 64
#define YW_POOL_JOBS_MAX 4096 /* not finished; one more is refused with YW_ELIMIT */

struct yw_job {
    char key[YW_POOL_KEY_MAX];
    int64_t deadline_ms;                        /* from now; 0 = none */
    int (*work)(void *arg, struct yw_err *err); /* on a worker thread */
    void (*done)(void *owner, void *arg, int code,
                 const struct yw_err *err); /* loop thread */
    void (*free_arg)(void *arg); /* loop thread, after work and done; may be NULL */
    void *arg;                   /* stolen by the job */
    void *owner;                 /* borrowed by done */
};

int yw_pool_open(struct yw_pool **ret, struct yw_loop *loop, int threads,
                 struct yw_err *err);
/* Waits for running jobs, cancels queued ones (YW_ECANCELED). NULL-safe. */
void yw_pool_close(struct yw_pool *pool);
/* Copies *job. Returns a ticket > 0, or a negative code. */
int64_t yw_pool_submit(struct yw_pool *pool, const struct yw_job *job,
                       struct yw_err *err);
/* The callback comes with YW_ECANCELED unless it has come already. */
void yw_pool_cancel(struct yw_pool *pool, int64_t ticket);

#endif
