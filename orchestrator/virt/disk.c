#include "virt/disk.h"

#include "virt/domain_xml.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/qemu-img"
#define DEADLINE_MS 10000
#define STEP_MS 2

void yw_disk_base(const struct yw_embed_root *root, const char *image,
                  char path[YW_DISK_PATH_MAX])
{
    (void)snprintf(path, YW_DISK_PATH_MAX, "%s/%.64s/disk.qcow2", root->registry, image);
}

void yw_disk_path(const struct yw_embed_root *root, const char *uuid,
                  char path[YW_DISK_PATH_MAX])
{
    (void)snprintf(path, YW_DISK_PATH_MAX, "%s/%.36s.disk", root->points, uuid);
}

void yw_disk_golden(const struct yw_embed_root *root, const char *hash,
                    char path[YW_DISK_PATH_MAX])
{
    (void)snprintf(path, YW_DISK_PATH_MAX, "%s/%.64s.disk", root->disks, hash);
}

/* The same file by the way that golden folders are reached: names of one mount can be
 * linked and renamed, names of two cannot. */
static void by_state(const struct yw_embed_root *root, const char *path,
                     char ret[YW_DISK_PATH_MAX])
{
    (void)snprintf(ret, YW_DISK_PATH_MAX, "%.300s/points/%.100s", root->state,
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

static int create(const char *path, const char *base, struct yw_err *err)
{
    char name[] = "qemu-img", verb[] = "create", quiet[] = "-q", as[] = "-f",
         over[] = "-F", on[] = "-b", format[] = "qcow2";
    char from[YW_DISK_PATH_MAX], to[YW_DISK_PATH_MAX];
    char *const argv[] = {name,   verb, quiet, as, format, over,
                          format, on,   from,  to, NULL};
    char locale[] = "LC_ALL=C";
    char *const environment[] = {locale, NULL};
    pid_t pid = 0;

    (void)snprintf(from, sizeof(from), "%s", base);
    (void)snprintf(to, sizeof(to), "%s", path);
    int failed = posix_spawn(&pid, PROGRAM, NULL, NULL, argv, environment);

    return failed ? yw_err_errno(err, YW_EIO, failed, PROGRAM) : wait_for(pid, err);
}

int yw_disk_make(const struct yw_embed_root *root, const char *uuid, const char *base,
                 struct yw_err *err)
{
    char path[YW_DISK_PATH_MAX];
    unsigned uid = yw_domain_uid(uuid);

    yw_disk_path(root, uuid, path);
    if (access(base, R_OK) < 0)
        return yw_err_set(err, YW_ENOTFOUND,
                          "%s: no such disk on this host; `yanwu image list` names those "
                          "that are registered",
                          base);
    (void)unlink(path);
    int code = create(path, base, err);

    if (code == 0 && (chown(path, uid, uid) < 0 || chmod(path, 0600) < 0))
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (code < 0)
        (void)unlink(path);
    return code < 0 ? yw_err_prefix(err, "disk") : 0;
}

int yw_disk_close(const struct yw_embed_root *root, const char *uuid, const char *target,
                  struct yw_err *err)
{
    char path[YW_DISK_PATH_MAX], from[YW_DISK_PATH_MAX];

    yw_disk_path(root, uuid, path);
    by_state(root, path, from);
    if (chown(from, 0, 0) < 0 || chmod(from, 0444) < 0 || rename(from, target) < 0)
        return yw_err_errno(err, YW_EIO, errno, from);
    return 0;
}

int yw_disk_show(const struct yw_embed_root *root, const char *hash, const char *disk,
                 struct yw_err *err)
{
    char path[YW_DISK_PATH_MAX], to[YW_DISK_PATH_MAX];

    yw_disk_golden(root, hash, path);
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

void yw_disk_hide(const struct yw_embed_root *root, const char *hash)
{
    char path[YW_DISK_PATH_MAX];

    yw_disk_golden(root, hash, path);
    (void)unlink(path);
}

void yw_disk_remove(const struct yw_embed_root *root, const char *uuid)
{
    char path[YW_DISK_PATH_MAX];

    yw_disk_path(root, uuid, path);
    (void)unlink(path);
}
