#include "virt/point/fork.h"

#include "base/folder.h"
#include "virt/machine/domain_xml.h"
#include "virt/point/point.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_uuid(const char *text)
{
    return strlen(text) == YW_UUID_SIZE - 1 &&
           strspn(text, "0123456789abcdef-") == YW_UUID_SIZE - 1;
}

static void mark_path(const struct yw_embed_root *root, const char *uuid,
                      char path[YW_POINT_PATH_MAX])
{
    (void)snprintf(path, YW_POINT_PATH_MAX, "%s/%s" YW_POINT_HALF, root->points, uuid);
}

int yw_fork_begin(const struct yw_embed_root *root, const char *uuid, const char *source,
                  struct yw_err *err)
{
    char path[YW_POINT_PATH_MAX];

    if (!is_uuid(source))
        return yw_err_set(err, YW_EINVAL, "source '%s': not a uuid", source);
    yw_point_path(root->points, source, path);
    if (access(path, R_OK) < 0)
        return yw_err_set(err, YW_ENOTFOUND, "its source has no points");
    mark_path(root, uuid, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    (void)close(fd);
    return 0;
}

bool yw_fork_is_half(const struct yw_embed_root *root, const char *uuid)
{
    char path[YW_POINT_PATH_MAX];

    mark_path(root, uuid, path);
    return access(path, F_OK) == 0;
}

static int copy_points(const struct yw_embed_root *root, const char *uuid,
                       const char *source, struct yw_err *err)
{
    char path[YW_POINT_PATH_MAX];
    unsigned uid = yw_domain_uid(uuid);

    yw_point_path(root->points, source, path);
    int from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (from < 0)
        return yw_err_errno(err, YW_ENOTFOUND, errno, "its source's points");
    yw_point_path(root->points, uuid, path);
    int to = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    int code =
        to < 0 ? yw_err_errno(err, YW_EIO, errno, path) : yw_file_copy(from, to, err);

    if (code == 0 && fchown(to, uid, uid) < 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (to >= 0)
        (void)close(to);
    (void)close(from);
    return code;
}

int yw_fork_load(struct yw_host *host, const struct yw_embed_root *root, const char *uuid,
                 const char *source, const char *point, struct yw_err *err)
{
    struct yw_point_machine machine = {
        .host = host, .folder = root->points, .uuid = uuid};
    char path[YW_POINT_PATH_MAX];
    int64_t mib = yw_point_bytes(root->points, source) / (1024 * 1024);
    int code = yw_point_room(root->points, mib, err);

    if (code == 0)
        code = copy_points(root, uuid, source, err);
    if (code == 0)
        code = yw_point_prepare(&machine, err);
    if (code == 0)
        code = yw_point_check(&machine, point, err);
    if (code == 0)
        code = yw_point_load(&machine, point, err);
    if (code < 0)
        return yw_err_prefix(err, "copy of another machine");
    mark_path(root, uuid, path);
    (void)unlink(path);
    return 0;
}
