/* The board's files, read once at start into memory: no path from outside ever reaches
 * the file system, and no file call blocks the loop. */
#ifndef YW_NET_STATIC_H
#define YW_NET_STATIC_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define YW_STATIC_FILES_MAX 256
#define YW_STATIC_FILE_MAX (4 * 1024 * 1024)
#define YW_STATIC_TOTAL_MAX (32 * 1024 * 1024)
#define YW_STATIC_PATH_MAX 200
#define YW_STATIC_DEPTH_MAX 8

struct yw_static_file {
    char path[YW_STATIC_PATH_MAX]; /* "/index.html" */
    const char *type;              /* static */
    char etag[40];                 /* with its quotes */
    bool immutable;                /* the name carries a hash of the content */
    char *bytes;
    size_t size;
};

struct yw_static;

/* dir "": no files. Hidden files, links and special files are left out. */
int yw_static_open(struct yw_static **ret, const char *dir, struct yw_err *err);
void yw_static_close(struct yw_static *files); /* NULL-safe */
/* "/" is "/index.html". NULL: no such file. Borrowed. */
const struct yw_static_file *yw_static_find(const struct yw_static *files,
                                            const char *path);

#endif
