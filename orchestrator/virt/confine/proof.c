#include "virt/confine/proof.h"

#include "base/log.h"
#include "base/mem.h"
#include "virt/confine/limits.h"
#include "virt/machine/domain_xml.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/qemu-system-x86_64"
#define PID_TEXT_MAX 16

/* Up to max bytes and no more. *ret_size is what there was; a longer file is refused. */
static int read_at(int dir, const char *name, char *bytes, size_t max, size_t *ret_size,
                   struct yw_err *err)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    size_t size = 0;

    if (fd < 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, name);
    for (;;) {
        ssize_t got = read(fd, bytes + size, max + 1 - size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int saved = errno;

            (void)close(fd);
            return yw_err_errno(err, saved == ESRCH ? YW_ENOTFOUND : YW_EIO, saved, name);
        }
        size += (size_t)got;
        if (got == 0 || size > max)
            break;
    }
    (void)close(fd);
    if (size > max)
        return yw_err_set(err, YW_ELIMIT, "%s: above %zu bytes", name, max);
    *ret_size = size;
    return 0;
}

static int read_link(int dir, const char *name, char *text, size_t size,
                     struct yw_err *err)
{
    ssize_t got = readlinkat(dir, name, text, size - 1);

    if (got < 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, name);
    text[got] = '\0';
    return (size_t)got < size - 1
               ? 0
               : yw_err_set(err, YW_ELIMIT, "%s: link above %zu bytes", name, size - 2);
}

/* ---- which process ---- */

static int read_pid(const struct yw_embed_root *root, const char *domain, int *ret,
                    struct yw_err *err)
{
    char path[YW_EMBED_PATH_MAX + YW_PLAN_DOMAIN_MAX + 32], text[PID_TEXT_MAX + 1];
    size_t size = 0;
    char *end = NULL;

    (void)snprintf(path, sizeof(path), "%s/%s.pid",
                   root->embedded ? "/run/yanwu/libvirt/run/qemu" : "/run/libvirt/qemu",
                   domain);
    int code = read_at(AT_FDCWD, path, text, sizeof(text) - 1, &size, err);

    if (code < 0)
        return code;
    text[size] = '\0';
    text[strcspn(text, "\n")] = '\0';
    errno = 0;
    long pid = strtol(text, &end, 10);

    if (text[0] < '1' || text[0] > '9' || *end != '\0' || errno != 0 || pid > INT32_MAX)
        return yw_err_set(err, YW_EINVAL, "%s: no process id in it", path);
    *ret = (int)pid;
    return 0;
}

/* The file that is executed, not what the process says of itself. */
static int check_program(int dir, const struct yw_confine_want *want, struct yw_err *err)
{
    char link[YW_CONFINE_LINK_MAX];
    char *bytes = yw_new(YW_CONFINE_CMDLINE_MAX + 1);
    size_t size = 0;
    int code = read_link(dir, "exe", link, sizeof(link), err);

    if (code == 0 && strcmp(link, PROGRAM) != 0 &&
        strcmp(link, PROGRAM " (deleted)") != 0)
        code = yw_err_set(err, YW_EINVAL, "the process runs %.80s, not QEMU", link);
    if (code == 0)
        code = read_at(dir, "cmdline", bytes, YW_CONFINE_CMDLINE_MAX, &size, err);
    if (code == 0)
        code = yw_confine_cmdline_check(bytes, size, want, err);
    free(bytes);
    return code;
}

int yw_proof_find(const struct yw_embed_root *root, const struct yw_confine_want *want,
                  int *ret_pid, int *ret_dir, struct yw_err *err)
{
    char path[32];
    int code = read_pid(root, want->domain, ret_pid, err);

    if (code < 0)
        return code;
    (void)snprintf(path, sizeof(path), "/proc/%d", *ret_pid);
    *ret_dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_dir < 0)
        return yw_err_errno(err, YW_ENOTFOUND, errno, path);
    code = check_program(*ret_dir, want, err);
    if (code < 0)
        (void)close(*ret_dir);
    return code;
}

/* ---- reading ---- */

static int read_status(int dir, struct yw_confine_facts *facts, struct yw_err *err)
{
    char *text = yw_new(YW_CONFINE_STATUS_MAX + 1);
    size_t size = 0;
    int code = read_at(dir, "status", text, YW_CONFINE_STATUS_MAX, &size, err);

    if (code == 0)
        code = yw_confine_status_parse(text, size, &facts->status, err);
    free(text);
    return code;
}

static int read_namespaces(int dir, struct yw_confine_facts *facts, struct yw_err *err)
{
    char link[64];
    int code = read_link(dir, "ns/mnt", link, sizeof(link), err);

    if (code == 0)
        code = yw_confine_namespace_parse(link, &facts->mount_ns, err);
    if (code == 0)
        code = read_link(AT_FDCWD, "/proc/self/ns/mnt", link, sizeof(link), err);
    return code < 0 ? code : yw_confine_namespace_parse(link, &facts->our_mount_ns, err);
}

static int read_oom(int dir, struct yw_confine_facts *facts, struct yw_err *err)
{
    char text[16];
    size_t size = 0;
    int fd = openat(dir, "oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd >= 0) {
        int length = snprintf(text, sizeof(text), "%d", YW_CONFINE_OOM_SCORE);

        (void)!write(fd, text, (size_t)length); /* what is read back decides */
        (void)close(fd);
    }
    int code = read_at(dir, "oom_score_adj", text, sizeof(text) - 1, &size, err);

    text[code == 0 ? size : 0] = '\0';
    facts->oom_score_adj = (int)strtol(text, NULL, 10);
    return code;
}

/* "unconfined" or a label; a kernel without such a module has no file or refuses. */
static void read_mac(int dir, struct yw_confine_facts *facts)
{
    char text[YW_VIRT_MAC_MAX];
    size_t size = 0;

    if (read_at(dir, "attr/current", text, sizeof(text) - 1, &size, NULL) == 0) {
        text[size] = '\0';
        text[strcspn(text, "\n")] = '\0';
        YW_COPY(facts->mac, text);
    }
}

static int read_links(int dir, const struct yw_confine_want *want,
                      struct yw_confine_facts *facts, struct yw_err *err)
{
    int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    int seen = 0, code = 0;

    if (!list) {
        code = yw_err_errno(err, YW_EIO, errno, "fd");
        if (fd >= 0)
            (void)close(fd);
        return code;
    }
    for (struct dirent *entry = readdir(list); entry && code == 0;
         entry = readdir(list)) {
        char link[YW_CONFINE_LINK_MAX];

        if (entry->d_name[0] == '.')
            continue;
        if (++seen > YW_CONFINE_FDS_MAX) {
            code =
                yw_err_set(err, YW_ELIMIT, "more than %d open files", YW_CONFINE_FDS_MAX);
            break;
        }
        code = read_link(dirfd(list), entry->d_name, link, sizeof(link), err);
        if (code == YW_ENOTFOUND)
            code = 0; /* closed since */
        else if (code == 0 && !facts->foreign_link[0] &&
                 !yw_confine_link_known(want, link))
            YW_COPY(facts->foreign_link, link);
    }
    (void)closedir(list);
    return code;
}

static int look(int dir, const struct yw_confine_want *want, bool adopted,
                struct yw_virt_proof *ret, struct yw_err *err)
{
    struct yw_confine_facts *facts = yw_new(sizeof(*facts));
    int code = read_oom(dir, facts, err);

    if (code == 0)
        code = read_status(dir, facts, err);
    if (code == 0)
        code = read_namespaces(dir, facts, err);
    if (code == 0 && !adopted)
        code = read_links(dir, want, facts, err);
    read_mac(dir, facts);
    if (code == 0)
        code = yw_confine_judge(facts, want, ret, err);
    else
        (void)yw_err_prefix(err, "confinement cannot be read");
    free(facts);
    return code;
}

int yw_proof_child(int pid, const struct yw_confine_want *want, struct yw_err *err)
{
    struct yw_virt_proof proof;
    char path[32];

    (void)snprintf(path, sizeof(path), "/proc/%d", pid);
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0)
        return yw_err_errno(err, YW_ENOTFOUND, errno, path);
    int code = look(dir, want, false, &proof, err);

    (void)close(dir);
    return code;
}

static void want_init(struct yw_confine_want *want, const struct yw_embed_root *root,
                      const char *uuid, const char *domain)
{
    *want =
        (struct yw_confine_want){.uuid = uuid,
                                 .domain = domain,
                                 .uid = yw_domain_uid(uuid),
                                 .own_mount_ns = true,
                                 .shared = {root->images, root->registry, root->disks},
                                 .own = {root->state, root->sockets, root->points}};
    if (!root->embedded) {
        want->own[3] = "/var/log/libvirt/qemu";
        want->own[4] = "/run/libvirt/qemu";
        want->own[5] = "/var/lib/libvirt/qemu";
    }
}

static void limit(const struct yw_embed_root *root,
                  const struct yw_proof_machine *machine, int pid)
{
    struct yw_limits_place place;
    struct yw_err err;

    if (!root->limits || !machine->team[0]) /* the probe of the accelerator has none */
        return;
    YW_COPY(place.drill, machine->drill);
    YW_COPY(place.team, machine->team);
    YW_COPY(place.uuid, machine->uuid);
    place.ram_mib = machine->ram_mib;
    place.team_mib = machine->team_mib;
    if (yw_limits_apply(root->limits, &place, pid, &err) < 0)
        yw_warn("virt", "machine '%s': a ceiling is not set: %s", machine->domain,
                err.text);
}

int yw_proof_take(const struct yw_embed_root *root,
                  const struct yw_proof_machine *machine, struct yw_virt_proof *ret,
                  struct yw_err *err)
{
    struct yw_confine_want want;
    int dir = -1, pid = 0;

    memset(ret, 0, sizeof(*ret));
    want_init(&want, root, machine->uuid, machine->domain);
    int code = root->local ? yw_proof_find(root, &want, &pid, &dir, err) : YW_ENOTFOUND;

    if (code == YW_ENOTFOUND && !root->embedded) {
        YW_COPY(ret->text, "its process is on another host and cannot be read here");
        return 0;
    }
    if (code < 0)
        return yw_err_prefix(err, "confinement cannot be read");
    limit(root, machine, pid);
    code = look(dir, &want, machine->adopted, ret, err);
    (void)close(dir);
    return code;
}
