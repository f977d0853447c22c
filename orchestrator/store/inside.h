/* What the files of this room share; no other room includes it. */
#ifndef YW_STORE_INSIDE_H
#define YW_STORE_INSIDE_H

#include "base/map.h"
#include "store/journal.h"

#include <sqlite3.h>

/* --- record.c: the end of a journal, to which records are chained. Loop thread. --- */

struct yw_record {
    struct yw_record *next;
    struct yw_event event;
    struct yw_hash hash;
    size_t size;
    char json[]; /* canonical, NUL-terminated */
};

struct yw_tail {
    int64_t seq; /* the last one given */
    struct yw_hash hash;
    struct yw_map keys; /* idempotency key → int64_t seq */
};

void yw_tail_init(struct yw_tail *tail);
void yw_tail_fini(struct yw_tail *tail);
/* Numbers and chains the event (append's rules); *ret is *new*, with free(). */
int yw_tail_add(struct yw_tail *tail, struct yw_event *event, struct yw_record **ret,
                int64_t *ret_seq_before, struct yw_err *err);
/* Takes a stored record as the new end. */
int yw_tail_restore(struct yw_tail *tail, const struct yw_stored *stored,
                    struct yw_err *err);
int64_t yw_tail_key(const struct yw_tail *tail, const char *key); /* yw_journal_key */
/* The record as it will be stored. Borrowed. */
struct yw_stored yw_record_stored(const struct yw_record *record);

/* --- sqlite.c: connections --- */

#define YW_DB_PAGES_MAX 1048576 /* 4 GiB of 4 KiB pages */

struct yw_migration {
    int number; /* 1.. in order; the script ends by setting user_version to it */
    const char *sql;
};

int yw_db_err(struct yw_err *err, sqlite3 *db, const char *what);
/* Opens or creates; changes nothing in an existing file, on close neither, until
 * yw_db_trust. */
int yw_db_open(sqlite3 **ret, const char *path, int64_t pages_max, struct yw_err *err);
int yw_db_open_read(sqlite3 **ret, const char *path, struct yw_err *err);
void yw_db_close(sqlite3 *db); /* NULL-safe */
/* WAL, synchronous=FULL, and the write-ahead log written back; a torn one is emptied. */
int yw_db_trust(sqlite3 *db, bool torn, struct yw_err *err);
int yw_db_run(sqlite3 *db, const char *sql, struct yw_err *err); /* constant text only */
/* The number of its last migration; 0 for a new file. YW_ECORRUPT for another program's
 * file, YW_ESTATE for one of a newer version of ours. */
int yw_db_version(sqlite3 *db, int *ret, struct yw_err *err);
/* From the file's version to the last of the list; each in its own transaction. */
int yw_db_migrate(sqlite3 *db, const struct yw_migration *list, size_t count,
                  struct yw_err *err);
int yw_db_migrate_journal(sqlite3 *db, struct yw_err *err);
int yw_db_quick_check(sqlite3 *db, struct yw_err *err);
int yw_db_scan(sqlite3 *db, int64_t from_seq,
               int (*fn)(void *arg, const struct yw_stored *stored), void *arg,
               struct yw_err *err);
/* The last record; 0 and zeros when there is none. */
int yw_db_head(sqlite3 *db, int64_t *ret_seq, struct yw_hash *ret_hash,
               struct yw_err *err);

/* --- recover.c: from a file on disk to a journal that may go on --- */

/* Opens, checks, migrates, drops a torn tail; fills the tail. *ret_report as
 * yw_journal_open. */
int yw_recover(sqlite3 **ret, struct yw_tail *tail, const char *path, int64_t pages_max,
               char report[256], struct yw_err *err);

/* --- wal.c: SQLite's write-ahead log, looked at before SQLite silently drops its end ---
 */

enum yw_wal_state {
    YW_WAL_CLEAN,
    YW_WAL_TORN,   /* the last transaction is not whole: a crash does this */
    YW_WAL_DAMAGED /* whole transactions follow one that is not: no crash does this */
};

int yw_wal_inspect(const char *db_path, enum yw_wal_state *ret, struct yw_err *err);

/* --- note.c: the last acknowledged head, beside the database --- */

struct yw_note {
    int64_t seq; /* 0: there is none, or it cannot be read */
    struct yw_hash hash;
    bool unreadable;
};

int yw_note_open(const char *db_path, int *ret_fd, struct yw_err *err);
void yw_note_write(int fd, int64_t seq, const struct yw_hash *hash); /* best effort */
void yw_note_read(const char *db_path, struct yw_note *ret);

/* --- reserve.c: room that is given up when the disk is full. Blocking. --- */

#define YW_RESERVE_BYTES (1024 * 1024) /* a few thousand events */

/* Fine when there. With as much free beside it, so that it is not given up at once. */
int yw_reserve_make(const char *db_path, struct yw_err *err);
bool yw_reserve_give_up(const char *db_path); /* false: there was none */

/* --- backup.c --- */

int yw_db_backup(const char *from, const char *path, struct yw_err *err);
/* Syncs the directory that holds `path`. */
int yw_dir_sync(const char *path, struct yw_err *err);

/* --- disk.c --- */

/* yw_journal_open with another page limit: a full disk in a test. */
int yw_journal_open_limited(struct yw_journal **ret, struct yw_loop *loop,
                            const char *path, int64_t pages_max, char ret_report[256],
                            struct yw_err *err);

/* Looks for room so often, when the disk is full: for tests. */
void yw_journal_try_again(struct yw_journal *journal, int64_t again_ms);

/* --- verify.c --- */

/* Checks one stored record against its predecessor: number, text, chain. On failure
 * *ret_detail says what is wrong and YW_ECORRUPT is returned. */
struct yw_chain {
    int64_t seq;
    struct yw_hash hash;
};
int yw_chain_check(struct yw_chain *chain, const struct yw_stored *stored,
                   bool whole_event, char ret_detail[256]);
/* One exported line, *new*, with its newline. */
char *yw_export_line(const struct yw_stored *stored, const struct yw_hash *previous,
                     size_t *ret_size);

#endif
