#include "store/quarantine.h"

#include "base/folder.h"
#include "base/mem.h"
#include "store/disk_format.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/qemu-img"
#define UPLOAD "upload"
#define RESULT "result"
#define COPY_BYTES (1024 * 1024)
#define FILES_MAX 32
#define PROCESSES_MAX 64
#define CPU_SPARE_S 5

/* ---- bytes ---- */

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return -1;
        bytes += put;
        size -= (size_t)put;
    }
    return 0;
}

/* Copies to the end, at most `max` bytes; *ret_size is what it was. Hashes when asked. */
static int copy(int from, int to, int64_t max, struct yw_hasher *blake,
                struct yw_sha256 *sha, int64_t *ret_size, struct yw_err *err)
{
    char *bytes = yw_new(COPY_BYTES);
    int code = 0;

    *ret_size = 0;
    for (;;) {
        ssize_t got = read(from, bytes, COPY_BYTES);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = yw_err_errno(err, YW_EIO, errno, "read");
        if (got <= 0)
            break;
        *ret_size += got;
        if (*ret_size > max) {
            code = yw_err_set(err, YW_ELIMIT, "above %lld bytes", (long long)max);
            break;
        }
        if (write_all(to, bytes, (size_t)got) < 0) {
            code = yw_err_errno(err, YW_EIO, errno, "write");
            break;
        }
        if (blake) {
            yw_hasher_add(blake, bytes, (size_t)got);
            yw_sha256_add(sha, bytes, (size_t)got);
        }
    }
    free(bytes);
    return code;
}

/* A plain file, not a link to one, nor a device or pipe that would hold the reader. */
static int open_plain(int dir, const char *path, int *ret_fd, struct stat *info,
                      struct yw_err *err)
{
    *ret_fd =
        openat(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*ret_fd < 0)
        return errno == ELOOP || errno == ENXIO
                   ? yw_err_set(err, YW_EINVAL, "not a plain file")
                   : yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno,
                                  "open");
    if (fstat(*ret_fd, info) == 0 && S_ISREG(info->st_mode))
        return 0;
    (void)close(*ret_fd);
    *ret_fd = -1;
    return yw_err_set(err, YW_EINVAL, "not a plain file");
}

static int take_in(const char *file, int dir, struct yw_err *err)
{
    struct stat info;
    int64_t size = 0;
    int from = -1;
    int code = open_plain(AT_FDCWD, file, &from, &info, err);

    if (code < 0)
        return code;
    if (info.st_size > YW_DISK_FILE_MAX) {
        (void)close(from);
        return yw_err_set(err, YW_ELIMIT, "%lld bytes; at most %lld",
                          (long long)info.st_size, YW_DISK_FILE_MAX);
    }
    int to = openat(dir, UPLOAD, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

    if (to < 0)
        code = yw_err_errno(err, YW_EIO, errno, UPLOAD);
    if (code == 0)
        code = copy(from, to, YW_DISK_FILE_MAX, NULL, NULL, &size, err);
    if (code == 0 && geteuid() == 0 &&
        fchown(to, YW_QUARANTINE_UID, YW_QUARANTINE_UID) < 0)
        code = yw_err_errno(err, YW_EIO, errno, UPLOAD);
    if (to >= 0)
        (void)close(to);
    (void)close(from);
    return code;
}

/* What its first bytes say, before any program of others looks. */
static int check_head(int dir, const char *name, const char *format, int64_t *ret_virtual,
                      struct yw_err *err)
{
    char *head = yw_new(YW_DISK_HEAD_MAX);
    struct stat info;
    int fd = -1;
    int code = open_plain(dir, name, &fd, &info, err);
    ssize_t size = code == 0 ? pread(fd, head, YW_DISK_HEAD_MAX, 0) : -1;

    if (code == 0 && size < 0)
        code = yw_err_errno(err, YW_EIO, errno, name);
    if (code == 0 && strcmp(format, "qcow2") == 0)
        code = yw_disk_qcow2_check(head, (size_t)size, ret_virtual, err);
    else if (code == 0)
        code = yw_disk_raw_check(head, (size_t)size, info.st_size, err);
    if (code == 0 && strcmp(format, "raw") == 0)
        *ret_virtual = info.st_size;
    if (fd >= 0)
        (void)close(fd);
    free(head);
    return code;
}

/* ---- qemu-img in its cage ---- */

static void limit(int what, int64_t value)
{
    struct rlimit both = {(rlim_t)value, (rlim_t)value};

    (void)setrlimit(what, &both);
}

/* Between fork and exec; dies rather than go on with more than it should have. */
static void be_caged(int dir, int output, const char *const *argv, int64_t deadline_ms)
{
    static const char *const environment[] = {"LC_ALL=C", NULL};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)setsid();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (null < 0 || fchdir(dir) < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
        dup2(output, 2) < 0)
        _exit(126);
    (void)close_range(3, ~0u, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, YW_QUARANTINE_MEMORY_BYTES);
    limit(RLIMIT_CPU, deadline_ms / 1000 + CPU_SPARE_S);
    limit(RLIMIT_FSIZE, YW_DISK_VIRTUAL_MAX);
    limit(RLIMIT_NOFILE, FILES_MAX);
    limit(RLIMIT_NPROC, PROCESSES_MAX);
    if (geteuid() == 0 &&
        (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWNS) < 0 ||
         setgroups(0, NULL) < 0 ||
         setresgid(YW_QUARANTINE_UID, YW_QUARANTINE_UID, YW_QUARANTINE_UID) < 0 ||
         setresuid(YW_QUARANTINE_UID, YW_QUARANTINE_UID, YW_QUARANTINE_UID) < 0))
        _exit(126);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        _exit(126);
    execve(PROGRAM, (char *const *)(uintptr_t)argv,
           (char *const *)(uintptr_t)environment);
    _exit(127);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Everything it says until it ends; 0 or YW_ETIMEOUT. More than the limit is dropped. */
static int listen_to(int fd, struct yw_buf *out, int64_t end_ms, struct yw_err *err)
{
    char bytes[4096];

    for (;;) {
        int64_t left = end_ms - now_ms();
        struct pollfd wanted = {fd, POLLIN, 0};

        if (left <= 0 || poll(&wanted, 1, (int)left) == 0)
            return yw_err_set(err, YW_ETIMEOUT, "qemu-img did not end in time");
        ssize_t got = read(fd, bytes, sizeof bytes);

        if (got == 0)
            return 0;
        if (got > 0)
            yw_buf_put(out, bytes, (size_t)got);
        else if (errno != EINTR)
            return yw_err_errno(err, YW_EIO, errno, "qemu-img");
    }
}

static int end_of(pid_t pid, int code, const struct yw_buf *out, struct yw_err *err)
{
    int status = 0;

    (void)kill(-pid, SIGKILL); /* it has ended, or should; nothing of it stays */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (code < 0)
        return code;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return yw_err_set(err, YW_EIO, PROGRAM ": cannot be run (package qemu-utils)");
    return yw_err_set(err, YW_EDENIED, "qemu-img refuses it: %.*s",
                      (int)strcspn(out->size > 0 ? out->data : "it broke off", "\n"),
                      out->size > 0 ? out->data : "it broke off");
}

static int run_caged(int dir, const char *const *argv, int64_t deadline_ms,
                     struct yw_buf *out, struct yw_err *err)
{
    int pipes[2];

    if (pipe2(pipes, O_CLOEXEC) < 0)
        return yw_err_errno(err, YW_EIO, errno, "pipe");
    (void)fflush(NULL);
    pid_t pid = fork();

    if (pid == 0)
        be_caged(dir, pipes[1], argv, deadline_ms);
    (void)close(pipes[1]);
    if (pid < 0) {
        (void)close(pipes[0]);
        return yw_err_errno(err, YW_EIO, errno, "fork");
    }
    int code = listen_to(pipes[0], out, now_ms() + deadline_ms, err);

    (void)close(pipes[0]);
    return end_of(pid, code, out, err);
}

static int examine(int dir, const char *name, const char *format, int64_t virtual_bytes,
                   struct yw_err *err)
{
    const char *const argv[] = {PROGRAM, "info", "--output=json", "-f", format,
                                name,    NULL};
    int64_t told = 0;
    struct yw_buf out;

    yw_buf_init(&out, YW_IMAGE_INFO_MAX);
    int code = run_caged(dir, argv, YW_QUARANTINE_INFO_MS, &out, err);

    if (code == 0 && out.overflow)
        code = yw_err_set(err, YW_ELIMIT, "qemu-img says more than %d bytes",
                          YW_IMAGE_INFO_MAX);
    if (code == 0)
        code = yw_image_info_check(out.data, out.size, format, &told, err);
    if (code == 0 && (told != virtual_bytes || told > YW_DISK_VIRTUAL_MAX))
        code = yw_err_set(err, YW_ELIMIT, "its disk would have %lld bytes; at most %lld",
                          (long long)told, YW_DISK_VIRTUAL_MAX);
    yw_buf_fini(&out);
    return code;
}

static int convert(int dir, const char *format, struct yw_err *err)
{
    const char *const argv[] = {
        PROGRAM, "convert", "-f", format,
        "-O",    "qcow2",   "-o", "compat=1.1,cluster_size=65536,lazy_refcounts=off",
        UPLOAD,  RESULT,    NULL};
    struct yw_buf out;

    yw_buf_init(&out, YW_IMAGE_INFO_MAX);
    int code = run_caged(dir, argv, YW_QUARANTINE_CONVERT_MS, &out, err);

    yw_buf_fini(&out);
    return code;
}

/* ---- out of it ---- */

static int take_out(int dir, const char *target, struct yw_image *ret, struct yw_err *err)
{
    struct yw_hasher blake;
    struct yw_sha256 sha;
    struct yw_hash hash;
    struct stat info;
    int from = -1;
    int code = open_plain(dir, RESULT, &from, &info, err);

    if (code < 0)
        return code;
    int to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

    yw_hasher_init(&blake);
    yw_sha256_init(&sha);
    if (to < 0)
        code = yw_err_errno(err, YW_EIO, errno, target);
    if (code == 0)
        code = copy(from, to, YW_DISK_VIRTUAL_MAX, &blake, &sha, &ret->size_bytes, err);
    if (code == 0 && fsync(to) < 0)
        code = yw_err_errno(err, YW_EIO, errno, target);
    if (to >= 0)
        (void)close(to);
    (void)close(from);
    yw_hasher_end(&blake, &hash);
    yw_hash_text(&hash, ret->blake2b);
    yw_sha256_end(&sha, ret->sha256);
    return code;
}

static int pass(const char *file, const char *format, int dir, const char *target,
                struct yw_image *ret, struct yw_err *err)
{
    int64_t result_virtual = 0;
    int code = take_in(file, dir, err);

    if (code == 0)
        code = check_head(dir, UPLOAD, format, &ret->virtual_bytes, err);
    if (code == 0)
        code = examine(dir, UPLOAD, format, ret->virtual_bytes, err);
    if (code == 0)
        code = convert(dir, format, err);
    if (code == 0)
        code = check_head(dir, RESULT, "qcow2", &result_virtual, err);
    if (code == 0 && result_virtual != ret->virtual_bytes)
        code = yw_err_set(err, YW_EIO, "the conversion changed its size");
    return code == 0 ? take_out(dir, target, ret, err) : code;
}

int yw_quarantine_pass(const char *file, const char *format, const char *folder,
                       const char *target, struct yw_image *ret, struct yw_err *err)
{
    int code = 0;

    if (strcmp(format, "qcow2") != 0 && strcmp(format, "raw") != 0)
        return yw_err_set(err, YW_EINVAL, "format '%.20s': qcow2 or raw is needed",
                          format);
    if (mkdir(folder, 0700) < 0)
        return yw_err_errno(err, YW_EIO, errno, folder);
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (dir < 0 ||
        (geteuid() == 0 && fchown(dir, YW_QUARANTINE_UID, YW_QUARANTINE_UID) < 0))
        code = yw_err_errno(err, YW_EIO, errno, folder);
    if (code == 0)
        code = pass(file, format, dir, target, ret, err);
    if (dir >= 0)
        (void)close(dir);
    yw_folder_remove(folder);
    if (code < 0)
        (void)unlink(target);
    return code;
}
