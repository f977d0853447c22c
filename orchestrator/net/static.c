#include "net/static.h"

#include "base/hash.h"
#include "base/mem.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct yw_static {
    struct yw_static_file *files;
    size_t count;
    size_t total;
};

static const struct {
    const char *ending;
    const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(dot, types[i].ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}

/* "uplot.3f9c2a1b.js": eight or more hex digits between two dots. */
static bool carries_hash(const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        size_t digits = 0;
        while (isxdigit((unsigned char)dot[1 + digits]))
            digits++;
        if (digits >= 8 && dot[1 + digits] == '.')
            return true;
    }
    return false;
}

static int read_bytes(int fd, struct yw_static_file *file, const char *path,
                      struct yw_err *err)
{
    file->bytes = yw_new(file->size + 1);
    size_t have = 0;
    while (have < file->size) {
        ssize_t got = read(fd, file->bytes + have, file->size - have);
        if (got <= 0)
            return yw_err_set(err, YW_EIO, "%s: cannot read it whole", path);
        have += (size_t)got;
    }
    struct yw_hash hash;
    char hex[YW_HASH_TEXT_SIZE];
    yw_hash_of(file->bytes, file->size, &hash);
    yw_hash_text(&hash, hex);
    snprintf(file->etag, sizeof(file->etag), "\"%.32s\"", hex);
    return 0;
}

static int add_file(struct yw_static *files, int fd, const char *path, struct yw_err *err)
{
    struct stat facts;
    if (fstat(fd, &facts))
        return yw_err_errno(err, YW_EIO, errno, path);
    if (!S_ISREG(facts.st_mode))
        return 0;
    if (files->count == YW_STATIC_FILES_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d files", YW_STATIC_FILES_MAX);
    if (facts.st_size > YW_STATIC_FILE_MAX ||
        files->total + (size_t)facts.st_size > YW_STATIC_TOTAL_MAX)
        return yw_err_set(err, YW_ELIMIT, "%s: larger than %d bytes, or %d in all", path,
                          YW_STATIC_FILE_MAX, YW_STATIC_TOTAL_MAX);
    struct yw_static_file *file = &files->files[files->count];
    if (YW_COPY(file->path, path))
        return yw_err_set(err, YW_ELIMIT, "%s: its path is too long", path);
    file->size = (size_t)facts.st_size;
    file->type = type_of(path);
    file->immutable = carries_hash(path);
    files->count++;
    files->total += file->size;
    return read_bytes(fd, file, path, err);
}

static int add_folder(struct yw_static *files, int fd, const char *path, int depth,
                      struct yw_err *err);

static int add_entry(struct yw_static *files, int folder, const char *path,
                     const char *name, int depth, struct yw_err *err)
{
    struct stat facts;
    if (name[0] == '.' || fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW))
        return 0;
    bool is_folder = S_ISDIR(facts.st_mode);
    if (!is_folder && !S_ISREG(facts.st_mode))
        return 0;
    char *inner = yw_strf("%s/%s", path, name);
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int code = 0;
    if (fd < 0)
        code = yw_err_errno(err, YW_EIO, errno, inner);
    else if (is_folder)
        code = add_folder(files, fd, inner, depth + 1, err);
    else {
        code = add_file(files, fd, inner, err);
        close(fd);
    }
    free(inner);
    return code;
}

/* Takes fd. */
static int add_folder(struct yw_static *files, int fd, const char *path, int depth,
                      struct yw_err *err)
{
    DIR *folder = depth <= YW_STATIC_DEPTH_MAX ? fdopendir(fd) : NULL;
    if (!folder) {
        close(fd);
        return yw_err_set(err, YW_ELIMIT, "%s: cannot be read, or deeper than %d", path,
                          YW_STATIC_DEPTH_MAX);
    }
    int code = 0;
    for (struct dirent *entry; code == 0 && (entry = readdir(folder));)
        code = add_entry(files, dirfd(folder), path, entry->d_name, depth, err);
    closedir(folder);
    return code;
}

int yw_static_open(struct yw_static **ret, const char *dir, struct yw_err *err)
{
    struct yw_static *files = yw_new(sizeof(*files));
    files->files = yw_new_array(YW_STATIC_FILES_MAX, sizeof(*files->files));
    int code = 0;
    if (dir[0]) {
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            code = yw_err_errno(err, YW_ENOTFOUND, errno, dir);
        else
            code = add_folder(files, fd, "", 0, err);
    }
    if (code) {
        yw_static_close(files);
        return yw_err_prefix(err, "board files");
    }
    *ret = files;
    return 0;
}

void yw_static_close(struct yw_static *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++)
        free(files->files[i].bytes);
    free(files->files);
    free(files);
}

const struct yw_static_file *yw_static_find(const struct yw_static *files,
                                            const char *path)
{
    if (strcmp(path, "/") == 0)
        path = "/index.html";
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->files[i].path, path) == 0)
            return &files->files[i];
    return NULL;
}
