/* Work that blocks (files, SQLite, a scenario's first run), off the loop thread: on the
 * conductor's pool; in a simulation, which has no loop, at the next turn of the due queue.
 *
 * The work is the caller's and stays put from start to done. Between the two, whatever `run`
 * touches is the worker's alone. At the conductor's end, done comes with YW_ECANCELED for what
 * was not begun, and with its result for what was. */
#ifndef YW_DRILL_WORK_H
#define YW_DRILL_WORK_H

#include "base/due.h"
#include "base/err.h"

struct yw_conductor;

struct yw_work {
    int (*run)(struct yw_work *work, struct yw_err *err); /* a worker thread's */
    /* Loop thread, exactly once, never from inside start; it may free the work. */
    void (*done)(struct yw_work *work, int code, const struct yw_err *err);
    void *owner;

    /* work.c's own */
    struct yw_conductor *conductor;
    struct yw_due_entry turn;
};

/* Works with one key (at most 63 bytes) run in turn. If it fails, done does not come. */
int yw_work_start(struct yw_conductor *conductor, struct yw_work *work, const char *key,
                  struct yw_err *err);
/* Loop thread: all done callbacks have come on return. */
void yw_work_close(struct yw_conductor *conductor);

#endif
