#include "store_faulty.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file {
    sqlite3_file base; /* first: SQLite's handle */
    struct faulty *faulty;
    char *path;
    sqlite3_file *real;
};

static struct file *file_of(sqlite3_file *base)
{
    return (struct file *)(void *)base;
}

/* True when this call is one of those that fail. */
static bool strikes(struct faulty *faulty)
{
    int call = atomic_fetch_add(&faulty->calls, 1) + 1;
    int fail_at = atomic_load(&faulty->fail_at);
    bool hit = fail_at > 0 && (call == fail_at || (faulty->persistent && call > fail_at));
    if (hit)
        atomic_store(&faulty->failed, true);
    return hit;
}

static int on_close(sqlite3_file *base)
{
    struct file *file = file_of(base);
    int status = file->real->pMethods == NULL ? SQLITE_OK
                                              : file->real->pMethods->xClose(file->real);
    free(file->real);
    free(file->path);
    return status;
}

static int on_read(sqlite3_file *base, void *bytes, int size, sqlite3_int64 at)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xRead(file->real, bytes, size, at);
}

static int on_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 at)
{
    struct file *file = file_of(base);
    if (!strikes(file->faulty))
        return file->real->pMethods->xWrite(file->real, bytes, size, at);
    if (file->faulty->short_write)
        (void)file->real->pMethods->xWrite(file->real, bytes, size / 2, at);
    return file->faulty->write_code;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct file *file = file_of(base);
    if (!file->faulty->writes_only && strikes(file->faulty))
        return SQLITE_IOERR_TRUNCATE;
    return file->real->pMethods->xTruncate(file->real, size);
}

static void keep_shadow(const char *path)
{
    char *name = yw_strf("%s.synced", path);
    FILE *from = fopen(path, "re");
    FILE *to = fopen(name, "we");
    char chunk[4096];
    size_t size = from == NULL ? 0 : fread(chunk, 1, sizeof(chunk), from);
    while (to != NULL && size > 0) {
        (void)fwrite(chunk, 1, size, to);
        size = fread(chunk, 1, sizeof(chunk), from);
    }
    if (to != NULL)
        (void)fclose(to);
    if (from != NULL)
        (void)fclose(from);
    free(name);
}

static int on_sync(sqlite3_file *base, int flags)
{
    struct file *file = file_of(base);
    if (!file->faulty->writes_only && strikes(file->faulty))
        return SQLITE_IOERR_FSYNC;
    file->faulty->syncs = pthread_self();
    if (file->faulty->sync_ms > 0)
        (void)usleep((unsigned)file->faulty->sync_ms * 1000U);
    int status = file->real->pMethods->xSync(file->real, flags);
    if (status == SQLITE_OK && file->faulty->shadow && file->path != NULL)
        keep_shadow(file->path);
    return status;
}

static int on_file_size(sqlite3_file *base, sqlite3_int64 *ret)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xFileSize(file->real, ret);
}

static int on_lock(sqlite3_file *base, int level)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xLock(file->real, level);
}

static int on_unlock(sqlite3_file *base, int level)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xUnlock(file->real, level);
}

static int on_check_lock(sqlite3_file *base, int *ret)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xCheckReservedLock(file->real, ret);
}

static int on_control(sqlite3_file *base, int op, void *arg)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xFileControl(file->real, op, arg);
}

static int on_sector_size(sqlite3_file *base)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xSectorSize(file->real);
}

static int on_traits(sqlite3_file *base)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xDeviceCharacteristics(file->real);
}

static int on_shm_map(sqlite3_file *base, int page, int size, int extend,
                      void volatile **ret)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xShmMap(file->real, page, size, extend, ret);
}

static int on_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void on_shm_barrier(sqlite3_file *base)
{
    struct file *file = file_of(base);
    file->real->pMethods->xShmBarrier(file->real);
}

static int on_shm_unmap(sqlite3_file *base, int remove)
{
    struct file *file = file_of(base);
    return file->real->pMethods->xShmUnmap(file->real, remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_file_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_lock,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_traits,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap,
};

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                   int *ret_flags)
{
    struct faulty *faulty = (struct faulty *)(void *)vfs;
    struct file *file = file_of(base);
    file->faulty = faulty;
    file->real = yw_new((size_t)faulty->real->szOsFile);
    file->base.pMethods = NULL;
    int status = faulty->real->xOpen(faulty->real, name, file->real, flags, ret_flags);
    if (status != SQLITE_OK) {
        (void)on_close(base);
        return status;
    }
    file->path = yw_strdup(name);
    file->base.pMethods = &methods;
    return SQLITE_OK;
}

void faulty_install(struct faulty *faulty)
{
    memset(faulty, 0, sizeof(*faulty));
    faulty->real = sqlite3_vfs_find(NULL);
    faulty->vfs = *faulty->real;
    faulty->vfs.pNext = NULL;
    faulty->vfs.zName = "faulty";
    faulty->vfs.szOsFile = sizeof(struct file);
    faulty->vfs.xOpen = on_open;
    faulty->write_code = SQLITE_FULL;
    (void)sqlite3_vfs_register(&faulty->vfs, 1);
}

void faulty_remove(struct faulty *faulty)
{
    (void)sqlite3_vfs_register(faulty->real, 1);
    (void)sqlite3_vfs_unregister(&faulty->vfs);
}

void faulty_arm(struct faulty *faulty, int fail_at, bool persistent)
{
    faulty->persistent = persistent;
    atomic_store(&faulty->calls, 0);
    atomic_store(&faulty->failed, false);
    atomic_store(&faulty->fail_at, fail_at);
}
