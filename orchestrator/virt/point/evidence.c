#include "virt/point/evidence.h"

#include "base/hash.h"
#include "base/mem.h"
#include "virt/machine/libvirt.h"
#include "virt/point/point.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_FILE "memory.elf"
#define CHUNK_BYTES (256 * 1024)
#define PARTS_MAX 16

static int open_below(int dir, const char *name, uint64_t flags, uint64_t mode)
{
    const struct open_how how = {.flags = flags | O_CLOEXEC | O_NOFOLLOW,
                                 .mode = mode,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                            RESOLVE_NO_MAGICLINKS};

    return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* The same owner as the folder it stands in: the core's user may be another than ours. */
static int inherit(int dir, int fd)
{
    struct stat seen;

    if (fstat(dir, &seen) < 0)
        return -1;
    return fchown(fd, seen.st_uid, seen.st_gid);
}

static int step_into(int dir, const char *name, struct yw_err *err)
{
    bool made = mkdirat(dir, name, 0750) == 0;
    int next = open_below(dir, name, O_RDONLY | O_DIRECTORY, 0);

    if (next < 0)
        return yw_err_errno(err, errno == ELOOP || errno == ENOTDIR ? YW_EINVAL : YW_EIO,
                            errno, name);
    if (made && inherit(dir, next) < 0) {
        int code = yw_err_errno(err, YW_EIO, errno, name);

        (void)close(next);
        return code;
    }
    return next;
}

int yw_evidence_folder(const char *base, const char *path, struct yw_err *err)
{
    size_t size = strlen(base);
    char parts[YW_VIRT_PATH_MAX], *save = NULL;
    int count = 0;

    if (strncmp(path, base, size) != 0 || path[size] != '/' ||
        YW_COPY(parts, path + size) < 0)
        return yw_err_set(err, YW_EINVAL, "'%s': must lie below %s", path, base);
    int dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0)
        return yw_err_errno(err, YW_EIO, errno, base);
    for (char *part = strtok_r(parts, "/", &save); part;
         part = strtok_r(NULL, "/", &save)) {
        int next = part[0] == '.' || ++count > PARTS_MAX
                       ? yw_err_set(err, YW_EINVAL, "'%s': no such name", part)
                       : step_into(dir, part, err);

        (void)close(dir);
        if (next < 0)
            return yw_err_prefix(err, "folder '%s'", path);
        dir = next;
    }
    return dir;
}

static int make_file(int dir, struct yw_err *err)
{
    (void)unlinkat(dir, MEMORY_FILE, 0);
    int fd = open_below(dir, MEMORY_FILE, O_RDWR | O_CREAT | O_EXCL, 0600);

    return fd < 0 ? yw_err_errno(err, YW_EIO, errno, MEMORY_FILE) : fd;
}

/* libvirt gave the file to the user of the driver while it wrote. */
static int own_file(int dir, int fd, struct yw_err *err)
{
    struct stat mine, there;

    if (fstat(fd, &mine) < 0 ||
        fstatat(dir, MEMORY_FILE, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
        mine.st_ino != there.st_ino || mine.st_dev != there.st_dev)
        return yw_err_set(err, YW_EIO, MEMORY_FILE ": was replaced while it was written");
    if (inherit(dir, fd) < 0 || fchmod(fd, 0600) < 0)
        return yw_err_errno(err, YW_EIO, errno, MEMORY_FILE);
    return 0;
}

/* The machine stands while it is written, and goes on by itself. libvirt opens the path
 * in this process, so the folder that was found stands in it as a descriptor. (The
 * monitor's own command cannot be used: libvirt 9.0 dies of its completion.) */
static int dump(void *arg, size_t at, struct yw_err *err)
{
    const struct yw_group *group = arg;
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d/" MEMORY_FILE, group->folder_fd);
    int code = yw_host_dump(group->host, group->members[at].uuid, path, err);

    if (atomic_load(&group->stop_ordered[at])) { /* an emergency stop came in between */
        struct yw_point_machine machine = {.host = group->host,
                                           .folder = group->root->points,
                                           .uuid = group->members[at].uuid};

        (void)yw_point_stop(&machine, NULL);
    }
    return code;
}

static int hash_file(int fd, char text[YW_HASH_TEXT_SIZE], int64_t *ret_bytes,
                     struct yw_err *err)
{
    char *bytes = yw_new(CHUNK_BYTES);
    struct yw_hasher hasher;
    struct yw_hash hash;
    ssize_t got = 0;

    *ret_bytes = 0;
    yw_hasher_init(&hasher);
    while ((got = pread(fd, bytes, CHUNK_BYTES, *ret_bytes)) > 0) {
        yw_hasher_add(&hasher, bytes, (size_t)got);
        *ret_bytes += got;
    }
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    free(bytes);
    return got < 0 ? yw_err_errno(err, YW_EIO, errno, MEMORY_FILE) : 0;
}

static int write_down(struct yw_group *group, struct yw_err *err)
{
    int64_t begun_ms = yw_group_now_ms();
    int code = yw_group_each(group, group->deadline_ms, dump, err);
    char text[YW_HASH_TEXT_SIZE];

    group->frozen_ms = yw_group_now_ms() - begun_ms;
    if (code == 0)
        code = own_file(group->folder_fd, group->fd, err);
    if (code == 0)
        code = hash_file(group->fd, text, &group->bytes, err);
    if (code == 0 && group->bytes == 0)
        code = yw_err_set(err, YW_EIO, MEMORY_FILE ": nothing was written");
    if (code == 0)
        (void)snprintf(group->output, sizeof(group->output),
                       "{\"files\":[{\"file\":\"" MEMORY_FILE
                       "\",\"bytes\":%lld,\"hash\":\"%s\"}]}",
                       (long long)group->bytes, text);
    return code;
}

int yw_evidence_keep(struct yw_group *group, struct yw_err *err)
{
    if (!group->root->embedded)
        return yw_err_set(err, YW_ESTATE,
                          "evidence: only of machines of the embedded driver");
    group->folder_fd = yw_evidence_folder(group->root->data, group->path, err);
    if (group->folder_fd < 0)
        return group->folder_fd;
    int code = yw_point_room(group->root->data, group->members[0].ram_mib, err);

    if (code == 0) {
        group->fd = make_file(group->folder_fd, err);
        code = group->fd < 0 ? group->fd : write_down(group, err);
    }
    if (code < 0)
        (void)unlinkat(group->folder_fd, MEMORY_FILE, 0);
    return code;
}
