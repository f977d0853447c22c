#include "virt/machine/overlay.h"

#include "virt/machine/domain_xml.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/qemu-img"
#define DEADLINE_MS 10000
#define STEP_MS 2
#define WORDS_MAX 16
#define HEAD_MAX 65536 /* of a qcow2 file: one cluster */

void yw_overlay_base(const struct yw_embed_root *root, const char *image,
                     char path[YW_OVERLAY_PATH_MAX])
{
    (void)snprintf(path, YW_OVERLAY_PATH_MAX, "%s/%.64s/disk.qcow2", root->registry,
                   image);
}

void yw_overlay_path(const struct yw_embed_root *root, const char *uuid,
                     char path[YW_OVERLAY_PATH_MAX])
{
    (void)snprintf(path, YW_OVERLAY_PATH_MAX, "%s/%.36s.disk", root->points, uuid);
}

void yw_overlay_golden(const struct yw_embed_root *root, const char *hash,
                       char path[YW_OVERLAY_PATH_MAX])
{
    (void)snprintf(path, YW_OVERLAY_PATH_MAX, "%s/%.64s.disk", root->disks, hash);
}

/* The same file by the way that golden folders are reached: names of one mount can be
 * linked and renamed, names of two cannot. */
static void by_state(const struct yw_embed_root *root, const char *path,
                     char ret[YW_OVERLAY_PATH_MAX])
{
    (void)snprintf(ret, YW_OVERLAY_PATH_MAX, "%.300s/points/%.100s", root->state,
                   path + strlen(root->points) + 1);
}

static int wait_for(pid_t pid, struct yw_err *err)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    int status = 0;

    for (int waited_ms = 0; waited_ms < DEADLINE_MS; waited_ms += STEP_MS) {
        pid_t got = waitpid(pid, &status, WNOHANG);

        if (got == pid)
            return WIFEXITED(status) && WEXITSTATUS(status) == 0
                       ? 0
                       : yw_err_set(err, YW_EIO, "qemu-img cannot make it");
        if (got < 0 && errno != EINTR)
            return yw_err_errno(err, YW_EIO, errno, "qemu-img");
        (void)nanosleep(&step, NULL);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
    return yw_err_set(err, YW_ETIMEOUT, "qemu-img: no end in %d ms", DEADLINE_MS);
}

/* `words` without the program's name, NULL-ended. */
static int image_tool(const char *const *words, struct yw_err *err)
{
    char *argv[WORDS_MAX + 2] = {NULL};
    char name[] = "qemu-img", locale[] = "LC_ALL=C";
    char *const environment[] = {locale, NULL};
    pid_t pid = 0;

    argv[0] = name;
    for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
        argv[i + 1] = (char *)(uintptr_t)words[i]; /* posix_spawn does not write to it */
    int failed = posix_spawn(&pid, PROGRAM, NULL, NULL, argv, environment);

    return failed ? yw_err_errno(err, YW_EIO, failed, PROGRAM) : wait_for(pid, err);
}

/* It belongs to its machine, or is gone. */
static int finish(const char *path, const char *uuid, int code, struct yw_err *err)
{
    unsigned uid = yw_domain_uid(uuid);

    if (code == 0 && (chown(path, uid, uid) < 0 || chmod(path, 0600) < 0))
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (code < 0)
        (void)unlink(path);
    return code < 0 ? yw_err_prefix(err, "disk") : 0;
}

int yw_overlay_make(const struct yw_embed_root *root, const char *uuid, const char *base,
                    struct yw_err *err)
{
    char path[YW_OVERLAY_PATH_MAX];
    yw_overlay_path(root, uuid, path);
    if (access(base, R_OK) < 0)
        return yw_err_set(err, YW_ENOTFOUND,
                          "%s: no such disk on this host; `yanwu image list` names those "
                          "that are registered",
                          base);
    const char *const words[] = {"create", "-q", "-f", "qcow2", "-F",
                                 "qcow2",  "-b", base, path,    NULL};

    (void)unlink(path);
    return finish(path, uuid, image_tool(words, err), err);
}

/* From the file's head: what it stands on (QEMU, docs/interop/qcow2.txt: offset at 8, size
 * at 16, big endian). */
static int read_base(const char *path, char base[YW_OVERLAY_PATH_MAX], struct yw_err *err)
{
    unsigned char head[20];
    uint64_t offset = 0;
    size_t size = 0;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return yw_err_errno(err, YW_ENOTFOUND, errno, path);
    bool good = pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head);

    for (int i = 0; good && i < 8; i++)
        offset = offset << 8 | head[8 + i];
    for (int i = 0; good && i < 4; i++)
        size = size << 8 | head[16 + i];
    good = good && size > 0 && size < YW_OVERLAY_PATH_MAX && offset < HEAD_MAX &&
           pread(fd, base, size, (off_t)offset) == (ssize_t)size;
    (void)close(fd);
    if (!good)
        return yw_err_set(err, YW_ECORRUPT, "%s: stands on nothing", path);
    base[size] = '\0';
    return 0;
}

/* A machine that was taken may have written its disk's head itself. */
static bool is_ours(const struct yw_embed_root *root, const char *base)
{
    size_t disks = strlen(root->disks), registry = strlen(root->registry);

    return !strstr(base, "/../") &&
           ((strncmp(base, root->disks, disks) == 0 && base[disks] == '/') ||
            (strncmp(base, root->registry, registry) == 0 && base[registry] == '/'));
}

int yw_overlay_fork(const struct yw_embed_root *root, const char *uuid,
                    const char *source, const char *point, struct yw_err *err)
{
    char from[YW_OVERLAY_PATH_MAX], path[YW_OVERLAY_PATH_MAX], base[YW_OVERLAY_PATH_MAX];
    char snapshot[YW_NAME_MAX + 16];

    yw_overlay_path(root, source, from);
    yw_overlay_path(root, uuid, path);
    (void)snprintf(snapshot, sizeof(snapshot), "snapshot.name=%.63s", point);
    const char *const copy[] = {"convert", "-U",    "-f",     "qcow2", "-O",
                                "qcow2",   "-l",    snapshot, "-B",    base,
                                "-F",      "qcow2", from,     path,    NULL};
    const char *const mark[] = {"snapshot", "-c", point, path, NULL};
    int code = read_base(from, base, err);

    if (code == 0 && !is_ours(root, base))
        code = yw_err_set(err, YW_EDENIED, "%s: stands on a file that is not ours", from);
    if (code < 0)
        return yw_err_prefix(err, "disk");
    (void)unlink(path);
    code = image_tool(copy, err);
    if (code == 0)
        code = image_tool(mark, err);
    return finish(path, uuid, code, err);
}

int yw_overlay_close(const struct yw_embed_root *root, const char *uuid,
                     const char *target, struct yw_err *err)
{
    char path[YW_OVERLAY_PATH_MAX], from[YW_OVERLAY_PATH_MAX];

    yw_overlay_path(root, uuid, path);
    by_state(root, path, from);
    if (chown(from, 0, 0) < 0 || chmod(from, 0444) < 0 || rename(from, target) < 0)
        return yw_err_errno(err, YW_EIO, errno, from);
    return 0;
}

int yw_overlay_show(const struct yw_embed_root *root, const char *hash, const char *disk,
                    struct yw_err *err)
{
    char path[YW_OVERLAY_PATH_MAX], to[YW_OVERLAY_PATH_MAX];

    yw_overlay_golden(root, hash, path);
    by_state(root, path, to);
    char *slash = strrchr(to, '/');

    *slash = '\0';
    if (mkdir(to, 0711) < 0 && errno != EEXIST)
        return yw_err_errno(err, YW_EIO, errno, to);
    *slash = '/';
    if (link(disk, to) < 0 && errno != EEXIST)
        return yw_err_errno(err, YW_EIO, errno, to);
    return 0;
}

void yw_overlay_hide(const struct yw_embed_root *root, const char *hash)
{
    char path[YW_OVERLAY_PATH_MAX];

    yw_overlay_golden(root, hash, path);
    (void)unlink(path);
}

void yw_overlay_remove(const struct yw_embed_root *root, const char *uuid)
{
    char path[YW_OVERLAY_PATH_MAX];

    yw_overlay_path(root, uuid, path);
    (void)unlink(path);
}
