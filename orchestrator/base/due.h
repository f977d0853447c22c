/* Deadlines: a queue of callbacks by absolute mono_ms, run in order of (time, insertion). It owns
 * no thread and no timer: the daemon arms one libuv timer for yw_due_next(), the simulation jumps
 * its virtual clock there. An entry is the caller's memory and stays put until it ran or was
 * cancelled. Thread: the loop thread. */
#ifndef YW_BASE_DUE_H
#define YW_BASE_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct yw_due_entry {
    int64_t at_ms;
    void (*run)(struct yw_due_entry *entry);
    void *arg;
    uint64_t order; /* the queue's own */
    size_t place;   /* the queue's own: index + 1 in the heap, 0 = not queued */
};

struct yw_due {
    struct yw_due_entry **heap;
    size_t count;
    size_t room;
    uint64_t next_order;
    void (*on_change)(struct yw_due *due); /* optional: the earliest time has changed */
    void *arg;
};

void yw_due_init(struct yw_due *due);
void yw_due_fini(struct yw_due *due); /* drops what is queued without running it */
void yw_due_add(struct yw_due *due, struct yw_due_entry *entry,
                int64_t at_ms);                                     /* re-arms */
void yw_due_cancel(struct yw_due *due, struct yw_due_entry *entry); /* NULL-safe */
bool yw_due_queued(const struct yw_due_entry *entry);
int64_t yw_due_next(const struct yw_due *due); /* INT64_MAX when empty */
/* Runs everything due at now_ms, including what that adds for now_ms. Returns how many ran. */
size_t yw_due_run(struct yw_due *due, int64_t now_ms);

#endif
