#include "base/buf.h"
#include "base/mem.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x59575731 /* "YWW1" */
#define BUSY_MS 5000
#define VALUE_BYTES_MAX (1024 * 1024)

static const struct yw_migration migrations[] = {
    {1, "CREATE TABLE event ("
        "  seq INTEGER PRIMARY KEY CHECK (seq > 0),"
        "  json TEXT NOT NULL,"
        "  hash BLOB NOT NULL CHECK (length(hash) = 32),"
        "  key TEXT"
        ") STRICT;"
        "CREATE UNIQUE INDEX event_key ON event (key) WHERE key IS NOT NULL;"
        "PRAGMA application_id = 0x59575731;"
        "PRAGMA user_version = 1;"},
};
#define MIGRATIONS (sizeof(migrations) / sizeof(migrations[0]))

int yw_db_err(struct yw_err *err, sqlite3 *db, const char *what)
{
    int status = sqlite3_errcode(db);
    int code = status == SQLITE_CORRUPT || status == SQLITE_NOTADB ? YW_ECORRUPT : YW_EIO;
    return yw_err_set(err, code, "%s: %s", what, sqlite3_errmsg(db));
}

int yw_db_run(sqlite3 *db, const char *sql, struct yw_err *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return yw_db_err(err, db, "sqlite");
    return YW_OK;
}

void yw_db_close(sqlite3 *db)
{
    (void)sqlite3_close_v2(db);
}

/* The first column of the first row. */
static int query_int(sqlite3 *db, const char *sql, int64_t *ret, struct yw_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int status = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_step(stmt);
    int code = YW_OK;
    if (status == SQLITE_ROW)
        *ret = sqlite3_column_int64(stmt, 0);
    else
        code = yw_db_err(err, db, "sqlite");
    (void)sqlite3_finalize(stmt);
    return code;
}

/* What SQLite recommends for files that may have been changed by others: "Defense Against
 * The Dark Arts", section 1.1. */
static int harden(sqlite3 *db, struct yw_err *err)
{
    (void)sqlite3_extended_result_codes(db, 0);
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return yw_db_run(db,
                     "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON;"
                     "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
                     "PRAGMA synchronous = FULL;",
                     err);
}

static int open_with(sqlite3 **ret, const char *path, int flags, struct yw_err *err)
{
    sqlite3 *db = NULL;
    int status = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    int code = YW_OK;
    if (db == NULL)
        return yw_err_set(err, YW_EIO, "open: %s", sqlite3_errstr(status));
    if (status != SQLITE_OK)
        code = yw_db_err(err, db, "open");
    else
        code = harden(db, err);
    if (code != YW_OK) {
        yw_db_close(db);
        return code;
    }
    *ret = db;
    return YW_OK;
}

/* The file first, so that it and the files SQLite puts beside it are for the owner alone.
 */
static int create_private(const char *path, struct yw_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, "open");
    (void)close(fd);
    return yw_dir_sync(path, err);
}

int yw_db_open(sqlite3 **ret, const char *path, int64_t pages_max, struct yw_err *err)
{
    int code = create_private(path, err);
    if (code != YW_OK)
        return code;
    code = open_with(ret, path, SQLITE_OPEN_READWRITE, err);
    if (code != YW_OK)
        return code;
    /* A pragma takes no bound parameter; this is a number of ours. */
    char *sql = yw_strf("PRAGMA max_page_count = %lld", (long long)pages_max);
    code = yw_db_run(*ret, sql, err);
    free(sql);
    if (code != YW_OK) {
        yw_db_close(*ret);
        *ret = NULL;
    }
    return code;
}

/* "file:<path>?immutable=1" with the path's own marks escaped. *new* */
static char *immutable_uri(const char *path)
{
    struct yw_buf uri;
    yw_buf_init(&uri, strlen(path) * 3 + 64);
    yw_buf_puts(&uri, "file:");
    for (const char *at = path; *at != '\0'; at++) {
        if (strchr("?#%", *at) != NULL)
            yw_buf_printf(&uri, "%%%02x", (unsigned)(unsigned char)*at);
        else
            yw_buf_put(&uri, at, 1);
    }
    yw_buf_puts(&uri, "?immutable=1");
    return yw_buf_steal(&uri);
}

int yw_db_open_read(sqlite3 **ret, const char *path, struct yw_err *err)
{
    if (access(path, R_OK) != 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, "open");
    int code = open_with(ret, path, SQLITE_OPEN_READONLY, err);
    if (code != YW_OK)
        return code;
    int64_t version = 0;
    if (query_int(*ret, "PRAGMA user_version", &version, err) == YW_OK ||
        sqlite3_errcode(*ret) != SQLITE_CANTOPEN)
        return YW_OK; /* what else is wrong shows where it is looked at */
    yw_db_close(*ret);
    /* Where we may not write, SQLite cannot make its shared memory; without a log nobody
     * is writing, and the file can be read as it is. */
    char *wal = yw_strf("%s-wal", path);
    bool has_wal = access(wal, F_OK) == 0;
    free(wal);
    if (has_wal)
        return yw_err_set(err, YW_EIO, "open: its write-ahead log cannot be read here");
    char *uri = immutable_uri(path);
    code = open_with(ret, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
    free(uri);
    return code;
}

int yw_db_trust(sqlite3 *db, bool torn, struct yw_err *err)
{
    /* The empty transaction: in 3.40 a checkpoint right after a change of mode says
     * "locked". */
    int code = yw_db_run(db,
                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "BEGIN IMMEDIATE; COMMIT;",
                         err);
    int64_t busy = 0;
    if (code == YW_OK)
        code = query_int(db,
                         torn ? "PRAGMA wal_checkpoint(TRUNCATE)"
                              : "PRAGMA wal_checkpoint(PASSIVE)",
                         &busy, err);
    /* A reader may keep a whole log where it is; a torn one must go before new frames
     * come. */
    if (code == YW_OK && busy != 0 && torn)
        code = yw_err_set(err, YW_EIO, "another process is reading; try again");
    if (code == YW_OK)
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return code;
}

int yw_db_version(sqlite3 *db, int *ret, struct yw_err *err)
{
    int64_t version = 0;
    int64_t application = 0;
    int64_t tables = 0;
    int code = query_int(db, "PRAGMA user_version", &version, err);
    if (code == YW_OK)
        code = query_int(db, "PRAGMA application_id", &application, err);
    if (code == YW_OK)
        code = query_int(db, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (code != YW_OK)
        return code;
    bool fresh = version == 0 && application == 0 && tables == 0;
    if (!fresh && (application != APPLICATION_ID || version < 1))
        return yw_err_set(err, YW_ECORRUPT, "this is not a journal of ours");
    if (version > (int64_t)MIGRATIONS)
        return yw_err_set(err, YW_ESTATE,
                          "written by a newer version (format %lld; this one knows %zu)",
                          (long long)version, MIGRATIONS);
    *ret = (int)version;
    return YW_OK;
}

static int migrate_one(sqlite3 *db, const struct yw_migration *migration,
                       struct yw_err *err)
{
    int code = yw_db_run(db, "BEGIN IMMEDIATE", err);
    if (code == YW_OK)
        code = yw_db_run(db, migration->sql, err);
    if (code == YW_OK)
        code = yw_db_run(db, "COMMIT", err);
    if (code != YW_OK) {
        (void)yw_err_prefix(err, "migration %d", migration->number);
        (void)yw_db_run(db, "ROLLBACK", NULL);
    }
    return code;
}

int yw_db_migrate(sqlite3 *db, const struct yw_migration *list, size_t count,
                  struct yw_err *err)
{
    int64_t version = 0;
    int code = query_int(db, "PRAGMA user_version", &version, err);
    for (size_t i = 0; code == YW_OK && i < count; i++) {
        if (list[i].number > version)
            code = migrate_one(db, &list[i], err);
    }
    return code;
}

int yw_db_migrate_journal(sqlite3 *db, struct yw_err *err)
{
    return yw_db_migrate(db, migrations, MIGRATIONS, err);
}

int yw_db_quick_check(sqlite3 *db, struct yw_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int status = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_step(stmt);
    int code = YW_OK;
    if (status != SQLITE_ROW) {
        code = yw_db_err(err, db, "check");
    } else {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        if (text == NULL || strcmp(text, "ok") != 0)
            code = yw_err_set(err, YW_ECORRUPT, "%s", text == NULL ? "no answer" : text);
    }
    (void)sqlite3_finalize(stmt);
    return code;
}

/* What is not of the declared type becomes an empty value: the chain refuses it. */
static struct yw_stored stored_of(sqlite3_stmt *stmt)
{
    struct yw_stored stored = {
        .seq = sqlite3_column_int64(stmt, 0), .json = "", .key = ""};
    const unsigned char *json = sqlite3_column_text(stmt, 1);
    if (json != NULL) {
        stored.json = (const char *)json;
        stored.size = (size_t)sqlite3_column_bytes(stmt, 1);
    }
    const void *hash = sqlite3_column_blob(stmt, 2);
    if (hash != NULL && sqlite3_column_bytes(stmt, 2) == YW_HASH_SIZE)
        memcpy(stored.hash.bytes, hash, YW_HASH_SIZE);
    const unsigned char *key = sqlite3_column_text(stmt, 3);
    if (key != NULL)
        stored.key = (const char *)key;
    return stored;
}

int yw_db_scan(sqlite3 *db, int64_t from_seq,
               int (*fn)(void *arg, const struct yw_stored *stored), void *arg,
               struct yw_err *err)
{
    static const char sql[] =
        "SELECT seq, json, hash, key FROM event WHERE seq >= ?1 ORDER BY seq";
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return yw_db_err(err, db, "read");
    (void)sqlite3_bind_int64(stmt, 1, from_seq);
    int code = YW_OK;
    int status = sqlite3_step(stmt);
    while (status == SQLITE_ROW && code == YW_OK) {
        struct yw_stored stored = stored_of(stmt);
        code = fn(arg, &stored);
        if (code == YW_OK)
            status = sqlite3_step(stmt);
    }
    if (code == YW_OK && status != SQLITE_DONE)
        code = yw_db_err(err, db, "read");
    (void)sqlite3_finalize(stmt);
    return code;
}

int yw_db_head(sqlite3 *db, int64_t *ret_seq, struct yw_hash *ret_hash,
               struct yw_err *err)
{
    static const char sql[] =
        "SELECT seq, json, hash, key FROM event ORDER BY seq DESC LIMIT 1";
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return yw_db_err(err, db, "read");
    int status = sqlite3_step(stmt);
    struct yw_stored stored = {0};
    if (status == SQLITE_ROW)
        stored = stored_of(stmt);
    int code = status == SQLITE_ROW || status == SQLITE_DONE ? YW_OK
                                                             : yw_db_err(err, db, "read");
    *ret_seq = stored.seq;
    *ret_hash = stored.hash;
    (void)sqlite3_finalize(stmt);
    return code;
}
