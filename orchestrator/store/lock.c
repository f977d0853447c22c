#include "base/mem.h"
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
#define HOLDER_MAX 128

/* The first line of a small file, "" when it cannot be read. */
static void read_line(int fd, char text[HOLDER_MAX])
{
    ssize_t size = pread(fd, text, HOLDER_MAX - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

static void boot_id(char text[HOLDER_MAX])
{
    text[0] = '\0';
    int fd = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    read_line(fd, text);
    (void)close(fd);
}

static int write_holder(int fd, struct yw_err *err)
{
    char boot[HOLDER_MAX];
    boot_id(boot);
    if (ftruncate(fd, 0) < 0)
        return yw_err_errno(err, YW_EIO, errno, "empty the lock file");
    char *text = yw_strf("boot %s pid %ld\n", boot, (long)getpid());
    size_t size = strlen(text);
    ssize_t written = pwrite(fd, text, size, 0);
    free(text);
    if (written != (ssize_t)size)
        return yw_err_set(err, YW_EIO, "the lock file cannot be written");
    return YW_OK;
}

static int refuse(int fd, const char *data_dir, struct yw_err *err)
{
    char holder[HOLDER_MAX];
    char boot[HOLDER_MAX];
    read_line(fd, holder);
    boot_id(boot);
    long pid = 0;
    const char *at = strstr(holder, " pid ");
    if (at != NULL)
        pid = strtol(at + 5, NULL, 10);
    return yw_err_set(err, YW_EEXIST, "data directory '%s' is in use by process %ld (%s)",
                      data_dir, pid, holder);
}

int yw_store_lock(const char *data_dir, int *ret_fd, struct yw_err *err)
{
    char *path = yw_strf("%s/lock", data_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int saved = errno;
    free(path);
    if (fd < 0)
        return yw_err_errno(err, saved == ENOENT ? YW_ENOTFOUND : YW_EIO, saved,
                            data_dir);
    int code = YW_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        code = errno == EWOULDBLOCK ? refuse(fd, data_dir, err)
                                    : yw_err_errno(err, YW_EIO, errno, "flock");
    else
        code = write_holder(fd, err);
    if (code != YW_OK) {
        (void)close(fd);
        return code;
    }
    *ret_fd = fd;
    return YW_OK;
}
