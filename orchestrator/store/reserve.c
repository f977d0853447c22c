/* A file beside the database that is given up when the disk is full: what must be said then
 * still fits. */
#include "base/mem.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char *reserve_path(const char *db_path)
{
    return yw_strf("%s-reserve", db_path);
}

int yw_reserve_make(const char *db_path, struct yw_err *err)
{
    char *path = reserve_path(db_path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int failed = fd < 0 ? errno : posix_fallocate(fd, 0, YW_RESERVE_BYTES);
    struct statvfs info;
    if (failed == 0 && fstatvfs(fd, &info) == 0 &&
        (uint64_t)info.f_bavail * info.f_frsize < YW_RESERVE_BYTES)
        failed = ENOSPC;
    if (fd >= 0)
        (void)close(fd);
    if (failed != 0)
        (void)unlink(path);
    free(path);
    return failed == 0 ? YW_OK : yw_err_errno(err, YW_EIO, failed, "the reserve");
}

bool yw_reserve_give_up(const char *db_path)
{
    char *path = reserve_path(db_path);
    bool was = unlink(path) == 0;
    free(path);
    return was;
}
