#include "virt/point/evidence.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "virt/machine/libvirt.h"
#include "virt/machine/overlay.h"
#include "virt/point/point.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_FILE "memory.elf"
#define DISK_FILE "disk.qcow2"
#define FILES_TEXT_MAX 400 /* two files; the group's output is larger */
#define CHUNK_BYTES (256 * 1024)
#define PARTS_MAX 16

static int64_t wall_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

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

static int make_file(int dir, const char *name, struct yw_err *err)
{
    (void)unlinkat(dir, name, 0);
    int fd = open_below(dir, name, O_RDWR | O_CREAT | O_EXCL, 0600);

    return fd < 0 ? yw_err_errno(err, YW_EIO, errno, name) : fd;
}

/* It was given to the user who wrote it. */
static int own_file(int dir, int fd, const char *name, struct yw_err *err)
{
    struct stat mine, there;

    if (fstat(fd, &mine) < 0 || fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
        mine.st_ino != there.st_ino || mine.st_dev != there.st_dev)
        return yw_err_set(err, YW_EIO, "%s: was replaced while it was written", name);
    if (inherit(dir, fd) < 0 || fchmod(fd, 0600) < 0)
        return yw_err_errno(err, YW_EIO, errno, name);
    return 0;
}

static int hash_file(int fd, const char *name, char text[YW_HASH_TEXT_SIZE],
                     int64_t *ret_bytes, struct yw_err *err)
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
    return got < 0 ? yw_err_errno(err, YW_EIO, errno, name) : 0;
}

/* ---- while the machine stands ---- */

/* libvirt opens the path in this process, so the folder that was found stands in it as a
 * descriptor. (The monitor's own command cannot be used: libvirt 9.0 dies of its
 * completion.) */
static int dump(const struct yw_group *group, const char *uuid, struct yw_err *err)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d/" MEMORY_FILE, group->folder_fd);
    return yw_host_dump(group->host, uuid, path, err);
}

/* An emergency stop may come in between. */
static int go_on(const struct yw_group *group, size_t at, bool was_running,
                 struct yw_err *err)
{
    struct yw_point_machine machine = {.host = group->host,
                                       .folder = group->root->points,
                                       .uuid = group->members[at].uuid};
    int code = 0;

    if (was_running && !atomic_load(&group->stop_ordered[at]))
        code = yw_host_resume(group->host, machine.uuid, err);
    if (atomic_load(&group->stop_ordered[at]))
        (void)yw_point_stop(&machine, NULL);
    return code;
}

/* Memory and disk of one moment. A machine that is made to stand has its disk's own tables
 * written out by QEMU, so the file as it lies there is whole. */
static int take(void *arg, size_t at, struct yw_err *err)
{
    struct yw_group *group = arg;
    const char *uuid = group->members[at].uuid;
    bool was_running = false;
    struct yw_err second;
    int code = yw_host_running(group->host, uuid, &was_running, err);

    if (code == 0 && was_running)
        code = yw_host_suspend(group->host, uuid, err);
    if (code < 0)
        return code;
    group->taken_us = wall_us();
    code = dump(group, uuid, err);
    if (code == 0 && group->disk_fd >= 0)
        code = yw_overlay_copy(group->root, uuid, group->disk_fd, err);
    int again = go_on(group, at, was_running, code < 0 ? &second : err);

    return code < 0 ? code : again;
}

/* ---- afterwards ---- */

static int describe(struct yw_group *group, struct yw_buf *files, int fd,
                    const char *name, struct yw_err *err)
{
    char hash[YW_HASH_TEXT_SIZE];
    int64_t bytes = 0;
    int code = own_file(group->folder_fd, fd, name, err);

    if (code == 0)
        code = hash_file(fd, name, hash, &bytes, err);
    if (code == 0 && bytes == 0)
        code = yw_err_set(err, YW_EIO, "%s: nothing was written", name);
    if (code < 0)
        return code;
    group->bytes += bytes;
    yw_buf_printf(files, "%s{\"file\":\"%s\",\"bytes\":%lld,\"hash\":\"%s\"}",
                  files->size > 0 ? "," : "", name, (long long)bytes, hash);
    return 0;
}

/* Whole by itself: what it stood on may be gone when somebody reads it. */
static int write_disk(struct yw_group *group, struct yw_buf *files, int64_t left_ms,
                      struct yw_err *err)
{
    int fd = make_file(group->folder_fd, DISK_FILE, err);

    if (fd < 0)
        return fd;
    int code = yw_overlay_flatten(group->root, group->members[0].uuid, group->disk_fd, fd,
                                  left_ms, err);

    if (code == 0)
        code = describe(group, files, fd, DISK_FILE, err);
    (void)close(fd);
    return code;
}

static int write_down(struct yw_group *group, struct yw_err *err)
{
    int64_t begun_ms = yw_group_now_ms();
    int code = yw_group_each(group, group->deadline_ms, take, err);
    struct yw_buf files;

    yw_buf_init(&files, FILES_TEXT_MAX);
    group->frozen_ms = yw_group_now_ms() - begun_ms;
    if (code == 0)
        code = describe(group, &files, group->fd, MEMORY_FILE, err);
    if (code == 0 && group->disk_fd >= 0)
        code = write_disk(group, &files, group->deadline_ms - group->frozen_ms, err);
    if (code == 0)
        (void)snprintf(group->output, sizeof(group->output),
                       "{\"taken_us\":%lld,\"files\":[%s]}", (long long)group->taken_us,
                       files.data);
    yw_buf_fini(&files);
    return code;
}

/* The copy of the disk that is made while the machine stands has no name, so that nothing
 * of it stays whatever ends. */
static int open_files(struct yw_group *group, struct yw_err *err)
{
    const char *uuid = group->members[0].uuid;
    int64_t disk_mib = yw_overlay_mib(group->root, uuid);
    int code =
        yw_point_room(group->root->data,
                      group->members[0].ram_mib + (disk_mib < 0 ? 0 : disk_mib), err);

    if (code < 0)
        return code;
    if (disk_mib >= 0) {
        group->disk_fd = make_file(group->folder_fd, DISK_FILE, err);
        if (group->disk_fd < 0)
            return group->disk_fd;
        (void)unlinkat(group->folder_fd, DISK_FILE, 0);
    }
    group->fd = make_file(group->folder_fd, MEMORY_FILE, err);
    return group->fd < 0 ? group->fd : 0;
}

int yw_evidence_keep(struct yw_group *group, struct yw_err *err)
{
    if (!group->root->embedded)
        return yw_err_set(err, YW_ESTATE,
                          "evidence: only of machines of the embedded driver");
    group->folder_fd = yw_evidence_folder(group->root->data, group->path, err);
    if (group->folder_fd < 0)
        return group->folder_fd;
    int code = open_files(group, err);

    if (code == 0)
        code = write_down(group, err);
    if (code < 0) {
        (void)unlinkat(group->folder_fd, MEMORY_FILE, 0);
        (void)unlinkat(group->folder_fd, DISK_FILE, 0);
    }
    return code;
}
