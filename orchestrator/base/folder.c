#include "base/folder.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int yw_folder_make(const char *path, mode_t mode, struct yw_err *err)
{
    char *copy = yw_strdup(path);
    for (char *at = copy + 1; copy[0] != '\0' && *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(copy, mode);
            *at = '/';
        }
    }
    int failed = mkdir(copy, mode) != 0 && errno != EEXIST ? errno : 0;
    free(copy);
    return failed == 0 ? 0 : yw_err_errno(err, YW_EIO, failed, path);
}

int yw_folder_sync(const char *path, struct yw_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return failed == 0 ? 0 : yw_err_errno(err, YW_EIO, failed, path);
}

#define FOLDERS_OPEN 16

static int remove_one(const char *path, const struct stat *seen, int type, struct FTW *at)
{
    (void)seen;
    (void)type;
    (void)at;
    (void)remove(path);
    return 0;
}

void yw_folder_remove(const char *path)
{
    (void)nftw(path, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

int yw_file_copy(int from, int to, struct yw_err *err)
{
    off_t at = 0, end = lseek(from, 0, SEEK_END);

    if (end < 0 || ftruncate(to, end) < 0)
        return yw_err_errno(err, YW_EIO, errno, "copy of a file");
    while ((at = lseek(from, at, SEEK_DATA)) >= 0 && at < end) {
        off_t hole = lseek(from, at, SEEK_HOLE), put = at;

        while (at < hole) {
            ssize_t done = copy_file_range(from, &at, to, &put, (size_t)(hole - at), 0);

            if (done <= 0)
                return yw_err_errno(err, YW_EIO, done < 0 ? errno : EIO,
                                    "copy of a file");
        }
    }
    return 0;
}
