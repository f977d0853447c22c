/* A file system for SQLite that fails, crawls or forgets: it stands before the real one.
 */
#ifndef YW_TESTS_STORE_FAULTY_H
#define YW_TESTS_STORE_FAULTY_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

struct faulty {
    sqlite3_vfs vfs; /* first: SQLite's handle */
    sqlite3_vfs *real;
    atomic_int calls;   /* writes, syncs and truncations so far */
    atomic_int fail_at; /* the call that fails; 0 none */
    bool persistent;    /* and every one after it */
    int write_code;   /* what a failing write returns: SQLITE_FULL, SQLITE_IOERR_WRITE */
    bool writes_only; /* syncs and truncations neither count nor fail */
    bool short_write; /* half of it is written all the same */
    int sync_ms;      /* how long a sync takes */
    bool shadow;      /* keep <file>.synced: what a power cut would leave */
    atomic_bool failed; /* one has failed */
    pthread_t syncs;    /* the thread that synced last */
};

void faulty_install(struct faulty *faulty);
void faulty_remove(struct faulty *faulty);
void faulty_arm(struct faulty *faulty, int fail_at, bool persistent);

#endif
