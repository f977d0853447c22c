#include "virt/machine/embed_root.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PLACE "/run/yanwu"
#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 20
/* Debian reserves this number for the user; see its base-passwd list. */
#define DRIVER_USER "libvirt-qemu"
#define DRIVER_USER_ID "64055"
#define ACCOUNTS_MAX (1024 * 1024)

static const char qemu_conf[] = "user = \"+" DRIVER_USER_ID "\"\n"
                                "group = \"+" DRIVER_USER_ID "\"\n"
                                "dynamic_ownership = 1\n"
                                "remember_owner = 0\n"
                                "seccomp_sandbox = 1\n"
                                "namespaces = [ \"mount\" ]\n"
                                "cgroup_controllers = [ ]\n"
                                "max_core = 0\n"
                                "max_processes = 512\n"
                                "dump_guest_core = 0\n"
                                "max_files = 1024\n"
                                "stdio_handler = \"file\"\n"
                                "capability_filters = [ "
                                "\"cpu-unavailable-features\" ]\n";

static int make_dir(const char *path, mode_t mode, struct yw_err *err)
{
    if (mkdir(path, mode) < 0 && errno != EEXIST)
        return yw_err_errno(err, YW_EIO, errno, path);
    return 0;
}

static int make_dirs(const char *path, struct yw_err *err)
{
    char part[YW_EMBED_PATH_MAX];

    if (YW_COPY(part, path) < 0)
        return yw_err_set(err, YW_ELIMIT, "path above %d bytes", YW_EMBED_PATH_MAX - 1);
    for (char *at = part + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        int code = make_dir(part, 0755, err);

        if (code < 0)
            return code;
        *at = '/';
    }
    return make_dir(part, 0755, err);
}

static int write_file(const char *path, const char *bytes, size_t size,
                      struct yw_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    ssize_t written = write(fd, bytes, size);
    int saved = errno;

    (void)close(fd);
    if (written != (ssize_t)size)
        return yw_err_errno(err, YW_EIO, written < 0 ? saved : ENOSPC, path);
    return 0;
}

/* A test may put lines before ours, of which the first counts, to see that a machine which
 * is not confined is refused: nothing can be had by it. */
static int write_conf(const char *path, struct yw_err *err)
{
    const char *before = getenv("YW_TEST_QEMU_CONF");
    char *text = yw_strf("%s%s%s", before ? before : "", before ? "\n" : "", qemu_conf);
    int code = write_file(path, text, strlen(text), err);

    free(text);
    return code;
}

static int take_lock(struct yw_embed_root *root, struct yw_err *err)
{
    char path[YW_EMBED_PATH_MAX + 16];

    (void)snprintf(path, sizeof(path), "%s/broker.lock", root->state);
    root->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (root->lock_fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    for (int waited_ms = 0; flock(root->lock_fd, LOCK_EX | LOCK_NB) < 0;
         waited_ms += LOCK_STEP_MS) {
        struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};

        if (waited_ms >= LOCK_WAIT_MS)
            return yw_err_set(err, YW_ESTATE, "%s: another broker holds it", path);
        (void)nanosleep(&step, NULL);
    }
    return 0;
}

static int bind_to(const char *source, const char *target, struct yw_err *err)
{
    if (mount(source, target, NULL, MS_BIND, NULL) < 0) {
        (void)yw_err_errno(err, YW_EIO, errno, "bind mount");
        return yw_err_prefix(err, "%s", source);
    }
    return 0;
}

/* Shows `original` with one more line in this namespace. */
static int extend(const char *original, const char *name, const char *line,
                  struct yw_err *err)
{
    char path[64];
    char *bytes = yw_new(ACCOUNTS_MAX + 256);
    int fd = open(original, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, bytes, ACCOUNTS_MAX);
    int code = 0;

    if (size < 0)
        code = yw_err_errno(err, YW_EIO, errno, original);
    if (fd >= 0)
        (void)close(fd);
    (void)snprintf(path, sizeof(path), PLACE "/%s", name);
    if (code == 0) {
        strcpy(bytes + size, line);
        code = write_file(path, bytes, (size_t)size + strlen(line), err);
    }
    free(bytes);
    return code < 0 ? code : bind_to(path, original, err);
}

static int show_user(struct yw_err *err)
{
    if (getpwnam(DRIVER_USER))
        return 0;
    int code = extend("/etc/passwd", "passwd",
                      DRIVER_USER ":x:" DRIVER_USER_ID ":" DRIVER_USER_ID
                                  "::/nonexistent:/usr/sbin/nologin\n",
                      err);

    return code < 0 ? code
                    : extend("/etc/group", "group",
                             DRIVER_USER ":x:" DRIVER_USER_ID ":\n", err);
}

static int enter_namespace(struct yw_err *err)
{
    if (unshare(CLONE_NEWNS) < 0)
        return yw_err_errno(err, YW_EDENIED, errno, "private mount namespace");
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return yw_err_errno(err, YW_EIO, errno, "private mount namespace");
    int code = make_dir(PLACE, 0755, err);

    if (code < 0)
        return code;
    if (mount("yanwu", PLACE, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=4m") < 0)
        return yw_err_errno(err, YW_EIO, errno, PLACE);
    return 0;
}

/* The driver asks QEMU anew what it can do, a second each time and many times a machine,
 * as long as QEMU has KVM and the driver's user may not open it. So here everybody may:
 * the only processes in this namespace are ours and the machines, whose user ids nobody
 * else knows. */
static int show_kvm(struct yw_err *err)
{
    struct stat host;

    if (stat("/dev/kvm", &host) < 0 || !S_ISCHR(host.st_mode))
        return 0;
    if (mknod(PLACE "/kvm", S_IFCHR | 0666, host.st_rdev) < 0 ||
        chmod(PLACE "/kvm", 0666) < 0)
        return yw_err_errno(err, YW_EIO, errno, PLACE "/kvm");
    return bind_to(PLACE "/kvm", "/dev/kvm", err);
}

static int place_dir(const char *source, const char *target, struct yw_err *err)
{
    int code = make_dir(target, 0755, err);

    return code < 0 ? code : bind_to(source, target, err);
}

/* Made here if need be, as the data directory's owner would make it. */
static int place_registry(const struct yw_virt_broker_config *config, struct yw_err *err)
{
    char path[YW_EMBED_PATH_MAX];
    struct stat owner;

    (void)snprintf(path, sizeof(path), "%s/images", config->data_dir);
    if (stat(config->data_dir, &owner) < 0)
        return yw_err_errno(err, YW_EIO, errno, config->data_dir);
    if (mkdir(path, 0755) == 0)
        (void)!chown(path, owner.st_uid, owner.st_gid);
    return place_dir(path, PLACE "/registry", err);
}

/* File by file: the directory they stand in may be closed to the machines' users. One that
 * is not needed may not have been built here. */
static int place_image(const char *dir, const char *name, bool needed, struct yw_err *err)
{
    char source[YW_EMBED_PATH_MAX], target[64];

    (void)snprintf(source, sizeof(source), "%s/%s", dir, name);
    (void)snprintf(target, sizeof(target), PLACE "/images/%s", name);
    if (!needed && access(source, F_OK) < 0)
        return 0;
    int code = write_file(target, "", 0, err);

    return code < 0 ? code : bind_to(source, target, err);
}

static int place_all(const struct yw_virt_broker_config *config, const char *root_dir,
                     const char *socket_dir, const char *points_dir, struct yw_err *err)
{
    int code = make_dir(PLACE "/images", 0755, err);

    if (code == 0)
        code = place_dir(root_dir, PLACE "/libvirt", err);
    if (code == 0)
        code = place_dir(socket_dir, PLACE "/run", err);
    if (code == 0)
        code = place_dir(points_dir, PLACE "/points", err);
    if (code == 0)
        code = place_registry(config, err);
    for (size_t i = 0; yw_spec_micro_file(i) && code == 0; i++)
        code = place_image(config->images_dir, yw_spec_micro_file(i),
                           i < YW_SPEC_MICRO_NEEDED, err);
    return code < 0 ? code : place_image(config->images_dir, "full.cpio.gz", false, err);
}

static int enter_embedded(struct yw_embed_root *ret,
                          const struct yw_virt_broker_config *config, struct yw_err *err)
{
    char socket_dir[YW_EMBED_PATH_MAX + 16], etc[YW_EMBED_PATH_MAX + 16],
        conf[YW_EMBED_PATH_MAX + 32];

    (void)snprintf(socket_dir, sizeof(socket_dir), "%s/run-yanwu", ret->state);
    (void)snprintf(etc, sizeof(etc), "%s/etc", ret->state);
    (void)snprintf(conf, sizeof(conf), "%s/qemu.conf", etc);
    int code = make_dir(socket_dir, 0700, err);

    if (code == 0)
        code = make_dirs(etc, err);
    if (code == 0)
        code = write_conf(conf, err);
    if (code == 0)
        code = enter_namespace(err);
    if (code == 0)
        code = place_all(config, ret->state, socket_dir, ret->points, err);
    if (code == 0)
        code = show_user(err);
    if (code == 0)
        code = show_kvm(err);
    if (code < 0)
        return code;
    ret->embedded = true;
    ret->local = true;
    YW_COPY(ret->uri, "qemu:///embed?root=" PLACE "/libvirt");
    YW_COPY(ret->images, PLACE "/images");
    YW_COPY(ret->sockets, PLACE "/run");
    YW_COPY(ret->points, PLACE "/points");
    YW_COPY(ret->disks, PLACE "/points/golden");
    YW_COPY(ret->registry, PLACE "/registry");
    YW_COPY(ret->logs, PLACE "/libvirt/log/qemu");
    YW_COPY(ret->state, PLACE "/libvirt");
    return 0;
}

/* A path below 108 bytes with the name of a socket added. */
static int plain_paths(struct yw_embed_root *ret,
                       const struct yw_virt_broker_config *config, struct yw_err *err)
{
    int size = snprintf(ret->sockets, sizeof(ret->sockets), "%s/run-yanwu", ret->state);

    if (size < 0 || (size_t)size >= sizeof(ret->sockets))
        return yw_err_set(err, YW_ELIMIT, "data directory %s: path above %zu bytes",
                          config->data_dir,
                          sizeof(ret->sockets) - sizeof("/libvirt/run-yanwu"));
    const char *host = strstr(config->uri, "://");

    ret->local = host && host[3] == '/' && strncmp(config->uri, "qemu:", 5) == 0;
    YW_COPY(ret->uri, config->uri);
    YW_COPY(ret->images, config->images_dir);
    (void)snprintf(ret->disks, sizeof(ret->disks), "%.300s/golden", ret->points);
    (void)snprintf(ret->registry, sizeof(ret->registry), "%.300s/images",
                   config->data_dir);
    return make_dir(ret->sockets, 0700, err);
}

int yw_embed_root_enter(struct yw_embed_root *ret,
                        const struct yw_virt_broker_config *config, struct yw_err *err)
{
    memset(ret, 0, sizeof(*ret));
    YW_COPY(ret->data, config->data_dir);
    (void)snprintf(ret->state, sizeof(ret->state), "%s/libvirt", config->data_dir);
    int code = make_dirs(ret->state, err);

    if (code == 0)
        code = take_lock(ret, err);
    (void)snprintf(ret->points, sizeof(ret->points), "%.300s/points", ret->state);
    if (code == 0)
        code = make_dir(ret->points, 0711, err); /* the machines' users pass through */
    if (code == 0)
        code = config->uri[0] ? plain_paths(ret, config, err)
                              : enter_embedded(ret, config, err);
    return code < 0 ? yw_err_prefix(err, "broker") : 0;
}
