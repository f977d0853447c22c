#include "base/file.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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
