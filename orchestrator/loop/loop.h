/* The event loop of one process: libuv behind one header.
 *
 * One thread owns all state and runs yw_loop_run. Everything here is for that thread,
 * except yw_loop_post (any thread). Rules of every request: the call returns 0 or a
 * negative code; if it fails, no callback; if it returns 0 the callback comes exactly
 * once, on the loop thread, never from inside the call. The request is the caller's
 * memory and stays put until then. */
#ifndef YW_LOOP_LOOP_H
#define YW_LOOP_LOOP_H

#include "base/clock.h"
#include "base/due.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct yw_loop; /* open/close */
struct uv_loop_s;

int yw_loop_open(struct yw_loop **ret, struct yw_err *err);
/* Closes; asserts that no timer, job, stream or process of ours is left. NULL-safe. */
void yw_loop_close(struct yw_loop *loop);
int yw_loop_run(struct yw_loop *loop); /* until yw_loop_stop */
void yw_loop_stop(struct yw_loop *loop);
/* One turn; waits at most wait_ms for something to happen. For tests and synchronous
 * verbs. */
void yw_loop_turn(struct yw_loop *loop, int wait_ms);
/* The libuv loop, for libwebsockets and libvirt, which bring their own handles. Borrowed.
 */
struct uv_loop_s *yw_loop_uv(struct yw_loop *loop);
const struct yw_clock *
yw_loop_clock(const struct yw_loop *loop); /* real clock. Borrowed */
/* Deadlines on absolute monotonic time; one libuv one-shot timer serves them all (libuv's
 * repeating timers drift: libuv issues 181, 1142). Borrowed. */
struct yw_due *yw_loop_due(struct yw_loop *loop);
/* The longest turn since the last call, ms: a turn over 20 ms is a defect. */
int64_t yw_loop_longest_turn_ms(struct yw_loop *loop);

/* The inbox: the one way from another thread into the loop. Any thread. The post is the
 * caller's memory, given back when run is called on the loop thread. */
struct yw_post {
    void (*run)(struct yw_post *post);
    void *arg;
    struct yw_post *next; /* the inbox's own */
};
void yw_loop_post(struct yw_loop *loop, struct yw_post *post);

/* Signals: calls back on the loop thread. One watcher per signal. */
int yw_loop_on_signal(struct yw_loop *loop, int signum, void (*fn)(void *arg), void *arg,
                      struct yw_err *err);

#endif
