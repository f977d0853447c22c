#include "base/mem.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int sync_path(const char *path, int flags, struct yw_err *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    int failed = fsync(fd) < 0 ? errno : 0;
    (void)close(fd);
    return failed == 0 ? YW_OK : yw_err_errno(err, YW_EIO, failed, path);
}

int yw_dir_sync(const char *path, struct yw_err *err)
{
    char *copy = yw_strdup(path);
    int code = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, err);
    free(copy);
    return code;
}

static int copy_into(const char *from, const char *path, struct yw_err *err)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int code = yw_db_open_read(&db, from, err);
    if (code != YW_OK)
        return code;
    int status = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &stmt, NULL);
    if (status == SQLITE_OK)
        status = sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
    if (status == SQLITE_OK)
        status = sqlite3_step(stmt);
    if (status != SQLITE_DONE)
        code = yw_db_err(err, db, "copy");
    (void)sqlite3_finalize(stmt);
    yw_db_close(db);
    return code;
}

/* The name appears only when the copy is whole, checked and on the disk. */
static int finish(const char *part, const char *path, struct yw_err *err)
{
    struct yw_verify verify;
    int code = yw_verify_database(part, &verify, err);
    if (code == YW_OK)
        code = sync_path(part, O_RDONLY, err);
    if (code != YW_OK)
        return code;
    if (renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return yw_err_errno(err, errno == EEXIST ? YW_EEXIST : YW_EIO, errno, path);
    return yw_dir_sync(path, err);
}

int yw_db_backup(const char *from, const char *path, struct yw_err *err)
{
    if (access(path, F_OK) == 0)
        return yw_err_errno(err, YW_EEXIST, EEXIST, path);
    char id[YW_ID_SIZE];
    yw_id_random(id);
    char *part = yw_strf("%s.part-%s", path, id);
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int code = fd < 0 ? yw_err_errno(err, YW_EIO, errno, part) : YW_OK;
    if (fd >= 0)
        (void)close(fd);
    if (code == YW_OK)
        code = copy_into(from, part, err);
    if (code == YW_OK)
        code = finish(part, path, err);
    if (code != YW_OK && fd >= 0)
        (void)unlink(part);
    free(part);
    return code;
}
