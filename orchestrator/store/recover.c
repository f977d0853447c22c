#include "base/mem.h"
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recovery {
    sqlite3 *db;
    struct yw_tail *tail;
    struct yw_chain chain;
    enum yw_wal_state wal;
    struct yw_note note;
    char detail[256];
    struct yw_err *err;
};

static int refuse(struct recovery *recovery, int64_t bad_seq, const char *detail)
{
    return yw_err_set(
        recovery->err, YW_ECORRUPT,
        "record %lld is damaged: %s; nothing was changed; 'verify' reads it",
        (long long)bad_seq, detail);
}

static int take(void *arg, const struct yw_stored *stored)
{
    struct recovery *recovery = arg;
    if (yw_chain_check(&recovery->chain, stored, true, recovery->detail) != YW_OK)
        return YW_ECORRUPT;
    if (stored->seq == recovery->note.seq &&
        !yw_hash_equal(&stored->hash, &recovery->note.hash)) {
        recovery->chain.seq--; /* the bad one is this one */
        (void)snprintf(recovery->detail, sizeof(recovery->detail),
                       "it is not the one that was acknowledged");
        return YW_ECORRUPT;
    }
    return yw_tail_restore(recovery->tail, stored, recovery->err);
}

/* Everything that can be read, from the start; says which record is the first bad one. */
static int check_records(struct recovery *recovery)
{
    struct yw_err why = {0};
    int code = yw_db_quick_check(recovery->db, &why);
    if (code != YW_OK && code != YW_ECORRUPT) {
        return yw_err_set(recovery->err, code, "%s", why.text);
    }
    bool whole = code == YW_OK;
    struct yw_err read_why = {0};
    struct yw_err *err = recovery->err;
    recovery->err = &read_why;
    code = yw_db_scan(recovery->db, 1, take, recovery, &read_why);
    recovery->err = err;
    if (code != YW_OK && code != YW_ECORRUPT)
        return yw_err_set(err, code, "%s", read_why.text);
    if (code == YW_ECORRUPT)
        return refuse(recovery, recovery->chain.seq + 1,
                      recovery->detail[0] != '\0' ? recovery->detail : read_why.text);
    if (!whole)
        return refuse(recovery, recovery->chain.seq + 1, why.text);
    return YW_OK;
}

static int check(struct recovery *recovery)
{
    int version = 0;
    struct yw_err why = {0};
    int code = yw_db_version(recovery->db, &version, &why);
    if (code == YW_ECORRUPT)
        return refuse(recovery, 1, why.text);
    if (code != YW_OK)
        return yw_err_set(recovery->err, code, "%s", why.text);
    if (version > 0)
        code = check_records(recovery);
    if (code == YW_OK && recovery->wal == YW_WAL_DAMAGED)
        return refuse(
            recovery, recovery->chain.seq + 1,
            "its part of the write-ahead log is damaged, and whole commits follow");
    return code;
}

static void write_report(const struct recovery *recovery, char report[256])
{
    int64_t lost = recovery->note.seq - recovery->tail->seq;
    report[0] = '\0';
    if (lost > 0)
        (void)snprintf(report, 256,
                       "torn tail: the journal ends with record %lld; %lld acknowledged "
                       "records after it are lost",
                       (long long)recovery->tail->seq, (long long)lost);
    else if (recovery->wal == YW_WAL_TORN)
        (void)snprintf(
            report, 256,
            "torn tail: a commit after record %lld was not whole and was dropped; "
            "no acknowledged record is lost%s",
            (long long)recovery->tail->seq,
            recovery->note.seq == 0 ? " as far as can be told" : "");
    else if (recovery->note.unreadable)
        (void)snprintf(
            report, 256,
            "the note of the last acknowledged record cannot be read; the journal "
            "ends with record %lld",
            (long long)recovery->tail->seq);
}

int yw_recover(sqlite3 **ret, struct yw_tail *tail, const char *path, int64_t pages_max,
               char report[256], struct yw_err *err)
{
    struct recovery recovery = {.tail = tail, .err = err};
    int code = yw_wal_inspect(path, &recovery.wal, err);
    if (code != YW_OK)
        return code;
    yw_note_read(path, &recovery.note);
    code = yw_db_open(&recovery.db, path, pages_max, err);
    if (code == YW_ECORRUPT) {
        struct yw_err why = *err;
        return refuse(&recovery, 1, why.text);
    }
    if (code == YW_OK)
        code = check(&recovery);
    if (code == YW_OK)
        code = yw_db_trust(recovery.db, recovery.wal == YW_WAL_TORN, err);
    if (code == YW_OK)
        code = yw_db_migrate_journal(recovery.db, err);
    if (code != YW_OK) {
        yw_db_close(recovery.db);
        return code;
    }
    write_report(&recovery, report);
    *ret = recovery.db;
    return YW_OK;
}
