#include "virt/point/lift.h"

#include "base/hash.h"
#include "base/mem.h"
#include "virt/machine/leftover.h"
#include "virt/machine/overlay.h"
#include "virt/point/freeze.h"
#include "virt/point/point.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (1024 * 1024)

/* ---- names ---- */

static bool is_uuid(const char *text)
{
    return strlen(text) == YW_UUID_SIZE - 1 &&
           strspn(text, "0123456789abcdef-") == YW_UUID_SIZE - 1;
}

static bool begins(const char *name, const char *kind, const char **ret_rest)
{
    size_t size = strlen(kind);

    *ret_rest = name + size;
    return strncmp(name, kind, size) == 0;
}

int yw_lift_path(const struct yw_embed_root *root, const char *name,
                 char ret[YW_LIFT_PATH_MAX], struct yw_err *err)
{
    struct yw_hash hash;
    const char *rest = "";

    if (begins(name, "points/", &rest) && is_uuid(rest))
        yw_point_path(root->points, rest, ret);
    else if (begins(name, "disk/", &rest) && is_uuid(rest))
        yw_overlay_path(root, rest, ret);
    else if (begins(name, "base/", &rest) && yw_hash_parse(rest, &hash) == 0)
        yw_overlay_carried_base(root, rest, ret);
    else if (begins(name, "image/", &rest) && yw_name_valid(rest))
        yw_overlay_base(root, rest, ret);
    else
        return yw_err_set(err, YW_EINVAL, "'%.80s': no such file travels", name);
    return 0;
}

static void mark_path(const struct yw_lift *lift, char path[YW_LIFT_PATH_MAX])
{
    (void)snprintf(path, YW_LIFT_PATH_MAX, "%s/%s" YW_POINT_LIFTED, lift->root->points,
                   lift->uuid);
}

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* ---- saved ---- */

static int save_standing(const struct yw_point_machine *machine, bool was_running,
                         struct yw_err *err)
{
    int code = was_running ? yw_point_stop(machine, err) : 0;

    if (code == 0)
        code = yw_point_save(machine, YW_VIRT_CARRY_POINT, err);
    if (code < 0 && was_running)
        (void)yw_point_cont(machine, NULL);
    return code;
}

static int mark(const struct yw_lift *lift, struct yw_err *err)
{
    char path[YW_LIFT_PATH_MAX];

    mark_path(lift, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 || fsync(fd) < 0) {
        int code = yw_err_errno(err, YW_EIO, errno, path);

        if (fd >= 0)
            (void)close(fd);
        return code;
    }
    (void)close(fd);
    return 0;
}

/* The machine is there; afterwards it stands, marked. */
static int save(const struct yw_lift *lift, struct yw_err *err)
{
    struct yw_point_machine machine = {
        .host = lift->host, .folder = lift->root->points, .uuid = lift->uuid};
    char path[YW_LIFT_PATH_MAX];
    bool running = false;

    mark_path(lift, path);
    (void)unlink(path); /* of a lift that was given up */
    int code = yw_point_room(lift->root->points, lift->ram_mib, err);

    if (code == 0)
        code = yw_point_running(&machine, &running, err);
    if (code == 0)
        code = yw_point_prepare(&machine, err);
    if (code == 0)
        code = yw_point_drop(&machine, YW_VIRT_CARRY_POINT, err);
    if (code == 0)
        code = save_standing(&machine, running, err);
    if (code < 0)
        return code;
    code = mark(lift, err);
    if (code < 0 && running)
        (void)yw_point_cont(&machine, NULL);
    return code;
}

/* ---- aside ---- */

static int rename_there(const char *from, const char *to, struct yw_err *err)
{
    if (rename(from, to) < 0 && errno != ENOENT)
        return yw_err_errno(err, YW_EIO, errno, to);
    return 0;
}

/* The file of the points last: with it, all is aside. */
static int put_aside(const struct yw_lift *lift, const char *carried, struct yw_err *err)
{
    char from[YW_LIFT_PATH_MAX], to[YW_LIFT_PATH_MAX];
    int code = yw_leftover_note(lift->root, carried, lift->drill, carried, err);

    if (code == 0 && lift->has_disk) {
        yw_overlay_path(lift->root, lift->uuid, from);
        yw_overlay_path(lift->root, carried, to);
        code = rename_there(from, to, err);
    }
    yw_point_path(lift->root->points, lift->uuid, from);
    yw_point_path(lift->root->points, carried, to);
    if (code == 0)
        code = rename_there(from, to, err);
    if (code == 0)
        yw_leftover_remove(lift->root, lift->uuid); /* and the mark with it */
    return code;
}

static int end(const struct yw_lift *lift, struct yw_err *err)
{
    yw_freeze_kill(lift->root, lift->uuid, lift->domain);
    return yw_host_destroy(lift->host, lift->uuid, err);
}

/* ---- told ---- */

static int hash_file(const char *path, char text[YW_HASH_TEXT_SIZE], int64_t *ret_size,
                     struct yw_err *err)
{
    struct yw_hasher hasher;
    struct yw_hash hash;
    char *piece = yw_new(READ_BYTES);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 0;

    *ret_size = 0;
    yw_hasher_init(&hasher);
    while (fd >= 0 && (got = read(fd, piece, READ_BYTES)) > 0) {
        yw_hasher_add(&hasher, piece, (size_t)got);
        *ret_size += got;
    }
    int code = got < 0 ? yw_err_errno(err, YW_EIO, errno, path) : 0;

    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    if (fd >= 0)
        (void)close(fd);
    free(piece);
    return code;
}

struct told {
    const struct yw_lift *lift;
    char *list;
    size_t size;
    int64_t bytes;
};

static int tell(struct told *told, const char *kind, const char *rest, struct yw_err *err)
{
    char name[YW_VIRT_PATH_MAX], path[YW_LIFT_PATH_MAX], hash[YW_HASH_TEXT_SIZE];
    size_t used = strlen(told->list);
    int64_t bytes = 0;

    (void)snprintf(name, sizeof(name), "%s/%s", kind, rest);
    int code = yw_lift_path(told->lift->root, name, path, err);

    if (code == 0)
        code = hash_file(path, hash, &bytes, err);
    if (code < 0)
        return code;
    told->bytes += bytes;
    (void)snprintf(told->list + used, told->size - used, "%s %lld %s\n", name,
                   (long long)bytes, hash);
    return 0;
}

/* What its disk stands on comes first. */
static int tell_disk(struct told *told, const char *carried, struct yw_err *err)
{
    char base[YW_HASH_TEXT_SIZE];
    int code = yw_overlay_carry(told->lift->root, carried, base, err);

    if (code == 0 && base[0])
        code = tell(told, "base", base, err);
    return code < 0 ? code : tell(told, "disk", carried, err);
}

static int tell_all(const struct yw_lift *lift, const char *carried, char *ret_list,
                    size_t list_size, int64_t *ret_bytes, struct yw_err *err)
{
    struct told told = {.lift = lift, .list = ret_list, .size = list_size};

    ret_list[0] = '\0';
    int code = lift->has_disk ? tell_disk(&told, carried, err) : 0;

    if (code == 0)
        code = tell(&told, "points", carried, err);
    *ret_bytes = told.bytes;
    return code;
}

int yw_lift_run(const struct yw_lift *lift, char *ret_list, size_t list_size,
                int64_t *ret_bytes, struct yw_err *err)
{
    char marked[YW_LIFT_PATH_MAX], aside[YW_LIFT_PATH_MAX], carried[YW_UUID_SIZE];
    bool running = false, stands = false;
    int code = yw_host_running(lift->host, lift->uuid, &running, err);

    yw_virt_carried(lift->uuid, carried);
    mark_path(lift, marked);
    yw_point_path(lift->root->points, carried, aside);
    if (code == 0 && !running)
        code = yw_host_stands(lift->host, lift->uuid, &stands, err);
    if (code < 0)
        return code;
    if (!running && !stands && !there(marked) && !there(aside))
        return yw_err_set(err, YW_ENOTFOUND, "it does not run here");
    if (running || (stands && !there(marked)))
        code = save(lift, err);
    if (code == 0 && there(marked))
        code = end(lift, err);
    if (code == 0 && there(marked))
        code = put_aside(lift, carried, err);
    return code < 0 ? code : tell_all(lift, carried, ret_list, list_size, ret_bytes, err);
}

void yw_lift_drop(const struct yw_embed_root *root, const char *uuid)
{
    char carried[YW_UUID_SIZE];

    yw_virt_carried(uuid, carried);
    yw_leftover_remove(root, carried);
}
