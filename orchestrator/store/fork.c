/* The beginning of a journal as another journal: the same records, the same chain. */
#include "base/mem.h"
#include "store/inside.h"

#include <stdlib.h>
#include <unistd.h>

static int cut(sqlite3 *db, int64_t seq, struct yw_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int status =
        sqlite3_prepare_v2(db, "DELETE FROM event WHERE seq > ?1", -1, &stmt, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_bind_int64(stmt, 1, seq);
    if (status == SQLITE_OK)
        status = sqlite3_step(stmt);
    int code = status == SQLITE_DONE ? YW_OK : yw_db_err(err, db, "cut");
    (void)sqlite3_finalize(stmt);
    return code;
}

int yw_journal_fork(struct yw_journal *from, const char *path, int64_t seq,
                    struct yw_err *err)
{
    sqlite3 *db = NULL;
    int code = yw_journal_backup(from, path, err);
    if (code != YW_OK)
        return code;
    code = yw_db_open(&db, path, YW_DB_PAGES_MAX, err);
    if (code == YW_OK)
        code = yw_db_trust(db, false, err);
    if (code == YW_OK)
        code = cut(db, seq, err);
    if (db != NULL)
        yw_db_close(db);
    if (code == YW_OK)
        code = yw_dir_sync(path, err);
    if (code != YW_OK)
        (void)unlink(path);
    return code;
}
