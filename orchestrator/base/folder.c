#include "base/folder.h"

#include "base/mem.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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
