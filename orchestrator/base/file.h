/* Whole small files. Blocking; any thread. */
#ifndef YW_BASE_FILE_H
#define YW_BASE_FILE_H

#include "base/err.h"

#include <stddef.h>

/* All bytes of the file, *new*, with a NUL behind them that does not count. YW_ENOTFOUND, YW_EIO,
 * YW_ELIMIT above `most` bytes; the error names the path. */
int yw_file_read(const char *path, size_t most, char **ret, size_t *ret_size,
                 struct yw_err *err);

/* The file holds these bytes and no others, synced; never through a link. YW_EIO. */
int yw_file_write(const char *path, const char *bytes, size_t size, struct yw_err *err);

#endif
