/* One piece of blocking work for many things at once, on threads of its own: for what
 * must not queue behind other work, and for calls that may never return. The caller waits
 * until a deadline and goes on without those that have not ended; they keep what they use
 * alive and end by themselves. Blocking; never on a loop thread. */
#ifndef YW_LOOP_GANG_H
#define YW_LOOP_GANG_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_GANG_THREADS_MAX 64
#define YW_GANG_ITEMS_MAX 4096

/* Threads that have not ended; the owner outlives them or ends the process. */
struct yw_gang_house {
    atomic_int running;
};

struct yw_gang;

struct yw_gang_spec {
    struct yw_gang_house *house; /* borrowed */
    size_t count;                /* items, ≤ YW_GANG_ITEMS_MAX */
    int threads;                 /* at most; 0: YW_GANG_THREADS_MAX */

    int (*work)(void *shared, size_t item, struct yw_err *err);
    void *shared;                  /* one hold of it is stolen */
    void (*release)(void *shared); /* lets go of the hold, on whatever thread is last */
};

struct yw_gang *yw_gang_start(const struct yw_gang_spec *spec);
/* Until every item has ended, or the span is over. True: all. */
bool yw_gang_wait(struct yw_gang *gang, int64_t span_ms);
/* Of one item: 0, its own code, or YW_ETIMEOUT when it has not ended or not begun. */
int yw_gang_result(struct yw_gang *gang, size_t item, struct yw_err *err);
/* What has not begun never will. */
void yw_gang_leave(struct yw_gang *gang);
/* start, wait, the first failure, leave. */
int yw_gang_run(const struct yw_gang_spec *spec, int64_t span_ms, struct yw_err *err);

#endif
