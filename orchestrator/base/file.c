#include "base/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int yw_file_read(const char *path, size_t most, char **ret, size_t *ret_size,
                 struct yw_err *err)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, path);
    char *bytes = yw_new(most + 2);
    size_t size = fread(bytes, 1, most + 1, file);
    int code = 0;

    if (ferror(file) != 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    else if (size > most)
        code = yw_err_set(err, YW_ELIMIT, "%s: above %zu bytes", path, most);
    (void)fclose(file);
    if (code < 0) {
        free(bytes);
        return code;
    }
    *ret = bytes;
    *ret_size = size;
    return 0;
}

int yw_file_write(const char *path, const char *bytes, size_t size, struct yw_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return yw_err_errno(err, YW_EIO, errno, path);
    }
    size_t put = 0;
    int failed = 0;
    while (put < size && failed == 0) {
        ssize_t n = write(fd, bytes + put, size - put);
        failed = n < 0 ? errno : 0;
        put += n < 0 ? 0 : (size_t)n;
    }
    if (failed == 0 && fsync(fd) != 0) {
        failed = errno;
    }
    close(fd);
    return failed == 0 ? 0 : yw_err_errno(err, YW_EIO, failed, path);
}
