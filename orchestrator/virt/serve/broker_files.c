/* What this host keeps of drills in its own data directory, for the core that is elsewhere:
 * a folder listed, a file read piece by piece, hashed and removed. Nothing outside of
 * "drills/", no link is followed. Files are read on workers. */
#include "virt/serve/broker_serve.h"

#include "base/hash.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT "drills/"
#define READ_BYTES (256 * 1024)
#define LINE_MAX_BYTES 512

struct look { /* a worker's own: at one file */
    char data[YW_VIRT_PATH_MAX];
    char path[YW_VIRT_PATH_MAX];
    int64_t offset, task;
    char *bytes; /* owned */
    size_t size;
    char hash[YW_HASH_TEXT_SIZE];
};

/* Below the data directory, or -1 with errno. */
static int open_below(const char *data, const char *path, uint64_t flags)
{
    const struct open_how how = {.flags = flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                            RESOLVE_NO_MAGICLINKS};
    int base = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = base < 0 ? -1 : (int)syscall(SYS_openat2, base, path, &how, sizeof(how));
    int saved = errno;

    if (base >= 0)
        (void)close(base);
    errno = saved;
    return fd;
}

/* ---- a folder ---- */

static void put_line(struct yw_buf *out, const struct yw_task *task, int folder,
                     const char *name)
{
    struct stat facts;
    bool writes = yw_capture_writes(task->serve, task->job->call.path, name);

    if (name[0] == '.' || strpbrk(name, " \n") ||
        fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(facts.st_mode) || out->size + LINE_MAX_BYTES > YW_VIRT_PIECE_MAX)
        return; /* what has no room now has it when others are gone */
    yw_buf_printf(out, "%lld %lld %d %s\n", (long long)facts.st_size,
                  (long long)facts.st_mtim.tv_sec * 1000000 +
                      facts.st_mtim.tv_nsec / 1000,
                  writes ? 1 : 0, name);
}

static void list(struct yw_task *task)
{
    struct yw_virt_call *call = &task->job->call;
    int fd = open_below(task->serve->root.data, call->path, O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct yw_buf out;

    yw_buf_init(&out, YW_VIRT_PIECE_MAX);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        put_line(&out, task, fd, entry->d_name);
    if (dir)
        (void)closedir(dir);
    else if (fd >= 0)
        (void)close(fd);
    if (out.size > 0) {
        call->ret_bytes = yw_new(out.size);
        memcpy(call->ret_bytes, out.data, out.size);
        call->ret_size = out.size;
    }
    yw_buf_fini(&out);
    yw_task_answer(task, 0, NULL);
}

/* ---- a file ---- */

static int hash_whole(struct look *look, int fd, struct yw_err *err)
{
    struct yw_hasher hasher;
    struct yw_hash hash;
    int64_t at = 0;
    ssize_t got;

    yw_hasher_init(&hasher);
    while ((got = pread(fd, look->bytes, READ_BYTES, at)) > 0) {
        yw_hasher_add(&hasher, look->bytes, (size_t)got);
        at += got;
    }
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, look->hash);
    return got < 0 ? yw_err_errno(err, YW_EIO, errno, look->path) : 0;
}

static int read_piece(void *arg, struct yw_err *err)
{
    struct look *look = arg;
    struct stat facts;
    int fd = open_below(look->data, look->path, 0);

    if (fd < 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno,
                            look->path);
    int code = fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode)
                   ? yw_err_set(err, YW_EINVAL, "%s: no plain file", look->path)
                   : 0;

    look->bytes = yw_new(YW_VIRT_PIECE_MAX);
    if (code == 0) {
        ssize_t got = pread(fd, look->bytes, YW_VIRT_PIECE_MAX, look->offset);

        if (got < 0)
            code = yw_err_errno(err, YW_EIO, errno, look->path);
        else if (got == 0)
            code = hash_whole(look, fd, err);
        look->size = got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    return code;
}

static void on_read(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct look *look = arg;
    struct yw_task *task = yw_task_of(owner, look->task);

    if (!task)
        return;
    if (code == 0) {
        struct yw_virt_call *call = &task->job->call;

        call->ret_bytes = look->bytes;
        call->ret_size = look->size;
        look->bytes = NULL;
        YW_COPY(call->output, look->hash);
    }
    yw_task_answer(task, code, err);
}

static void free_look(void *arg)
{
    struct look *look = arg;

    free(look->bytes);
    free(look);
}

static void read_file(struct yw_task *task)
{
    struct look *look = yw_new(sizeof(*look));
    struct yw_job job = {
        .work = read_piece, .done = on_read, .free_arg = free_look, .arg = look};
    struct yw_err err;

    look->task = task->job->id;
    look->offset = task->job->call.offset;
    YW_COPY(look->data, task->serve->root.data);
    YW_COPY(look->path, task->job->call.path);
    job.owner = task->serve;
    YW_COPY(job.key, "files");
    int64_t ticket = yw_pool_submit(task->serve->pool, &job, &err);

    if (ticket < 0) {
        free_look(look);
        yw_task_answer(task, (int)ticket, &err);
    }
}

static void drop(struct yw_task *task)
{
    const char *path = task->job->call.path, *name = strrchr(path, '/') + 1;
    char folder[YW_VIRT_PATH_MAX];
    struct yw_err err = {0};

    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(name - path), path);
    int fd = open_below(task->serve->root.data, folder, O_DIRECTORY);

    if (fd < 0 ? errno != ENOENT : unlinkat(fd, name, 0) < 0 && errno != ENOENT)
        (void)yw_err_errno(&err, YW_EIO, errno, path);
    if (fd >= 0)
        (void)close(fd);
    /* folders that are empty now: of the kind, of the drill, of all; none that a capture is
     * about to write to */
    for (int i = 0; i < 3 && err.code == 0 && folder[0] && !task->serve->captures; i++) {
        char whole[2 * YW_VIRT_PATH_MAX];

        folder[strlen(folder) - 1] = '\0';
        (void)snprintf(whole, sizeof(whole), "%s/%s", task->serve->root.data, folder);
        (void)rmdir(whole); /* fails where something is left */
        char *up = strrchr(folder, '/');

        folder[up ? up + 1 - folder : 0] = '\0';
    }
    yw_task_answer(task, err.code, err.code ? &err : NULL);
}

bool yw_files_takes(struct yw_task *task)
{
    const struct yw_virt_call *call = &task->job->call;

    if (call->op != YW_VIRT_FILES && call->op != YW_VIRT_FILE &&
        call->op != YW_VIRT_FILE_DROP)
        return false;
    task->step = YW_TASK_WORKING;
    if (strncmp(call->path, ROOT, strlen(ROOT)) != 0 || strstr(call->path, "..") ||
        call->path[strlen(call->path) - 1] == '/')
        yw_task_fail(task, YW_EINVAL, "expected a path below " ROOT);
    else if (call->op == YW_VIRT_FILES)
        list(task);
    else if (call->op == YW_VIRT_FILE)
        read_file(task);
    else
        drop(task);
    return true;
}
