/* The journal: one ordered, append-only, hash-chained list of events per drill; a SQLite
 * file per drill (<data>/drills/<id>/journal.db), WAL, synchronous=FULL, STRICT tables.
 *
 * Loop thread only, but for the commit thread inside. Appends are grouped: all that is
 * queued when a commit ends goes into the next one. When the disk is full, the journal
 * gives up its reserve; when that is used up, too, events wait and the commit is tried
 * again until there is room: nothing is lost. After a commit that failed otherwise
 * nothing more is acknowledged: every waiting and later append fails with YW_EIO and
 * `on_broken` is called once. */
#ifndef YW_STORE_JOURNAL_H
#define YW_STORE_JOURNAL_H

#include "base/err.h"
#include "base/hash.h"
#include "loop/loop.h"
#include "model/event.h"

struct yw_journal;

/* One durable event as it is stored: its number, its canonical JSON and its hash. */
struct yw_stored {
    int64_t seq;
    const char *json;
    size_t size;
    const char *key; /* idempotency key, "" none */
    struct yw_hash hash;
};

#define YW_JOURNAL_RECORD_MAX (16 * 1024) /* bytes of canonical JSON of one event */
#define YW_JOURNAL_QUEUE_MAX 8192         /* appends not yet durable */
#define YW_JOURNAL_KEYS_MAX 1000000       /* idempotency keys of one drill */

/* What a kind of journal does; the functions below are for everybody else. */
struct yw_journal_ops {
    int (*append)(struct yw_journal *journal, struct yw_event *event,
                  int64_t *ret_seq_before, struct yw_err *err);
    /* The stored bytes of the durable events from `from_seq` on, in order, until fn
     * returns non-zero (which is returned). Borrowed for the call. */
    int (*scan)(struct yw_journal *journal, int64_t from_seq,
                int (*fn)(void *arg, const struct yw_stored *stored), void *arg,
                struct yw_err *err);
    void (*head)(struct yw_journal *journal, int64_t *ret_seq, struct yw_hash *ret_hash);
    int (*backup)(struct yw_journal *journal, const char *path, struct yw_err *err);
    int64_t (*key)(const struct yw_journal *journal,
                   const char *key); /* NULL: no appends */
    int (*put)(struct yw_journal *journal, struct yw_event *event, struct yw_err *err);
    int (*attach)(struct yw_journal *journal, struct yw_loop *loop,
                  struct yw_err *err); /* NULL: needs no loop */
    void (*close)(struct yw_journal *journal);
};

enum yw_journal_room {
    YW_JOURNAL_ROOM,    /* as it should be */
    YW_JOURNAL_RESERVE, /* the disk is full; the reserve was given up, events still go */
    YW_JOURNAL_NONE,    /* events wait */
};

struct yw_journal {
    const struct yw_journal_ops *ops;
    /* Set by the owner: called on the loop thread for each event once it is durable, in
     * order, never from inside append. */
    void (*on_durable)(void *owner, const struct yw_event *event);
    void (*on_broken)(void *owner, const struct yw_err *err);
    /* It changed; `why` without ROOM. May be NULL. */
    void (*on_room)(void *owner, enum yw_journal_room room, const struct yw_err *why);
    void *owner;
};

/* Takes a copy; sets event->seq (numbers are given at once, in order) and later calls
 * on_durable for it. YW_EEXIST when event->key was used before: *ret_seq_before (may be
 * NULL) says by which event (durable or queued), nothing is appended. YW_ELIMIT for a
 * record, a queue or a number of keys above its limit: no number is used up. YW_EIO once
 * the journal is broken. */
int yw_journal_append(struct yw_journal *journal, struct yw_event *event,
                      int64_t *ret_seq_before, struct yw_err *err);
/* The event, durable or queued, that used this idempotency key; 0: none. */
int64_t yw_journal_key(const struct yw_journal *journal, const char *key);
/* Reads durable events from `from_seq` on, in order, until fn returns non-zero (which is
 * returned). Synchronous: start-up, verify, export, tests. */
int yw_journal_read(struct yw_journal *journal, int64_t from_seq,
                    int (*fn)(void *arg, const struct yw_event *event), void *arg,
                    struct yw_err *err);
/* Makes what is queued durable, but calls back no more: whoever opens the journal next
 * reads it. Not from inside a callback of this journal. NULL-safe. */
void yw_journal_close(struct yw_journal *journal);

/* Opens or creates. Checks (write-ahead log, quick_check, chain), migrates by number,
 * drops a torn tail and says so in *ret_report (may be NULL; "" when clean), and refuses
 * damage inside with YW_ECORRUPT and the first bad seq in the text; a refused file is
 * left as it was found. Beside the file stands <path>-head, the last acknowledged number
 * and hash: SQLite drops a torn log in silence, so only this note can tell how much is
 * missing.
 *
 * Without a loop it is any one thread's, reads and takes events by yw_journal_put alone,
 * until yw_journal_attach, on the loop thread, gives it its commit thread. */
int yw_journal_open(struct yw_journal **ret, struct yw_loop *loop, const char *path,
                    char ret_report[256], struct yw_err *err);
/* Fine when it is. */
int yw_journal_attach(struct yw_journal *journal, struct yw_loop *loop,
                      struct yw_err *err);
/* Appends, durable on return; on_durable is not called. Blocking, before attach. */
int yw_journal_put(struct yw_journal *journal, struct yw_event *event,
                   struct yw_err *err);
/* Keeps room beside the file, until it is closed, for when the disk is full; or gives up what
 * a crash left of it. Blocking, before attach. Failing, the journal is as good as it is
 * without. */
int yw_journal_reserve(struct yw_journal *journal, bool keep, struct yw_err *err);
/* Read-only, also while a daemon writes. No appends. */
int yw_journal_open_read(struct yw_journal **ret, const char *path, struct yw_err *err);
/* An exported NDJSON file, verified as a whole before it is read. No appends. */
int yw_journal_open_exported(struct yw_journal **ret, const char *path,
                             struct yw_err *err);
/* In memory, for simulations: durable at the next run of `due`. Kept by *ret until close.
 * `stop_after`: appends after that many are never acknowledged (crash sweep); 0 = no
 * limit. */
int yw_journal_open_memory(struct yw_journal **ret, struct yw_due *due,
                           const struct yw_clock *clock, uint64_t stop_after,
                           struct yw_err *err);
/* What is appended is durable after so much time, as on a disk, with what was appended since. */
void yw_journal_memory_slow(struct yw_journal *journal, int64_t commit_ms);
/* Appends after the event with this number are never acknowledged. */
void yw_journal_memory_stop(struct yw_journal *journal, uint64_t stop_after);
/* Makes the crash come a little earlier: the last event is durable, and on_durable is not
 * called for it, so nothing that it orders begins. */
void yw_journal_memory_deaf(struct yw_journal *journal);
/* A memory journal that starts with the durable events of another (after a "crash"). */
int yw_journal_copy_memory(struct yw_journal **ret, struct yw_journal *from,
                           struct yw_due *due, const struct yw_clock *clock,
                           struct yw_err *err);
/* The same with the first `seq` of them. */
int yw_journal_fork_memory(struct yw_journal **ret, struct yw_journal *from, int64_t seq,
                           struct yw_due *due, const struct yw_clock *clock,
                           struct yw_err *err);

/* The head: count and hash of the last durable record. */
void yw_journal_head(struct yw_journal *journal, int64_t *ret_seq,
                     struct yw_hash *ret_hash);
/* A consistent copy while running (VACUUM INTO), verified, then given its name: a `path`
 * that exists is refused with YW_EEXIST. Blocking, any thread: call from a worker or a
 * verb. */
int yw_journal_backup(struct yw_journal *journal, const char *path, struct yw_err *err);

/* Its first `seq` records as a new journal at `path`, which must not exist: record for
 * record and hash for hash. Blocking, any thread. */
int yw_journal_fork(struct yw_journal *from, const char *path, int64_t seq,
                    struct yw_err *err);

/* NDJSON: one line a record, {"actor":…,…,"hash":"…","prev":"…"}: the canonical event
 * with two more members. The hash is BLAKE2b-256(previous hash bytes || canonical JSON of
 * the event without "hash" and "prev"); the first previous hash is 32 zero bytes. */
int yw_journal_export(struct yw_journal *journal, int64_t from_seq,
                      int (*write)(void *arg, const char *line, size_t size), void *arg,
                      struct yw_err *err);

struct yw_verify {
    int64_t count;    /* good records */
    int64_t bad_seq;  /* first bad record, 0 none */
    int64_t bad_line; /* of an exported file, 0 none */
    struct yw_hash head;
    char detail[256]; /* what is wrong with it */
};
/* 0 when all is well; YW_ECORRUPT with *ret filled when a record is bad; else cannot be
 * read. */
int yw_verify_database(const char *path, struct yw_verify *ret, struct yw_err *err);
int yw_verify_file(const char *path, struct yw_verify *ret, struct yw_err *err);

/* One daemon a data directory: flock on <dir>/lock with the boot id and pid inside.
 * YW_EEXIST names the holder. */
int yw_store_lock(const char *data_dir, int *ret_fd, struct yw_err *err);

#endif
