#include "virt/machine/overlay.h"

#include "base/folder.h"
#include "base/hash.h"
#include "virt/machine/domain_xml.h"
#include "virt/point/point.h"

#include <dirent.h>
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
#define FEATURE_DATA_FILE 4
#define DEMOTE "/usr/bin/setpriv"
#define HIGH_FD 64
#define MIB (1024 * 1024)
#define CARRIED "carried-"
#define CARRIED_KEPT_S 600

void yw_overlay_base(const struct yw_embed_root *root, const char *image,
                     char path[YW_OVERLAY_PATH_MAX])
{
    (void)snprintf(path, YW_OVERLAY_PATH_MAX, "%s/%.64s/disk.qcow2", root->registry,
                   image);
}

enum yw_image_agent yw_overlay_agent(const struct yw_embed_root *root, const char *image)
{
    char path[YW_OVERLAY_PATH_MAX], text[YW_IMAGE_MANIFEST_MAX];
    enum yw_image_agent agent = YW_IMAGE_AGENT_OWN;
    struct yw_image facts;

    (void)snprintf(path, sizeof(path), "%s/%.64s/manifest.json", root->registry, image);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text));

    if (fd >= 0)
        (void)close(fd);
    if (got > 0 && yw_image_decode(&facts, text, (size_t)got, NULL) == 0)
        (void)yw_image_agent_parse(facts.agent, &agent, NULL);
    return agent;
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

static int wait_for(pid_t pid, int64_t deadline_ms, struct yw_err *err)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    int status = 0;

    for (int64_t waited_ms = 0; waited_ms < deadline_ms; waited_ms += STEP_MS) {
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
    return yw_err_set(err, YW_ETIMEOUT, "qemu-img: no end in %lld ms",
                      (long long)deadline_ms);
}

/* `words` without the program's name, NULL-ended. 0 or an errno. */
static int start(const char *program, const char *const *words,
                 const posix_spawn_file_actions_t *files, pid_t *ret_pid)
{
    char *argv[WORDS_MAX + 2] = {NULL};
    char name[] = "yanwu-image", locale[] = "LC_ALL=C";
    char *const environment[] = {locale, NULL};

    argv[0] = name;
    for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
        argv[i + 1] = (char *)(uintptr_t)words[i]; /* posix_spawn does not write to it */
    return posix_spawn(ret_pid, program, files, NULL, argv, environment);
}

static int image_tool(const char *const *words, struct yw_err *err)
{
    pid_t pid = 0;
    int failed = start(PROGRAM, words, NULL, &pid);

    return failed ? yw_err_errno(err, YW_EIO, failed, PROGRAM)
                  : wait_for(pid, DEADLINE_MS, err);
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
 * at 16, incompatible features at 72, big endian). One whose data lie in another file would
 * have that one read. */
static int read_head(int fd, char base[YW_OVERLAY_PATH_MAX], struct yw_err *err)
{
    unsigned char head[80];
    uint64_t offset = 0, features = 0;
    size_t size = 0;
    bool good = pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head);

    for (int i = 0; good && i < 8; i++) {
        offset = offset << 8 | head[8 + i];
        features = features << 8 | head[72 + i];
    }
    for (int i = 0; good && i < 4; i++)
        size = size << 8 | head[16 + i];
    if (good && (features & FEATURE_DATA_FILE))
        return yw_err_set(err, YW_EDENIED, "its data lie in another file");
    if (!good || size == 0 || size >= YW_OVERLAY_PATH_MAX || offset >= HEAD_MAX ||
        pread(fd, base, size, (off_t)offset) != (ssize_t)size)
        return yw_err_set(err, YW_ECORRUPT, "it stands on nothing");
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

static int check_head(const struct yw_embed_root *root, int fd,
                      char base[YW_OVERLAY_PATH_MAX], struct yw_err *err)
{
    int code = read_head(fd, base, err);

    if (code == 0 && !is_ours(root, base))
        code = yw_err_set(err, YW_EDENIED, "it stands on a file that is not ours");
    return code;
}

static int open_own(const struct yw_embed_root *root, const char *uuid,
                    struct yw_err *err)
{
    char path[YW_OVERLAY_PATH_MAX];

    yw_overlay_path(root, uuid, path);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? yw_err_errno(err, YW_ENOTFOUND, errno, path) : fd;
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
    int fd = open_own(root, source, err);
    int code = fd < 0 ? fd : check_head(root, fd, base, err);

    if (fd >= 0)
        (void)close(fd);
    if (code < 0)
        return yw_err_prefix(err, "disk of %s", source);
    (void)unlink(path);
    code = image_tool(copy, err);
    if (code == 0)
        code = image_tool(mark, err);
    return finish(path, uuid, code, err);
}

/* ---- a copy for others ---- */

int64_t yw_overlay_mib(const struct yw_embed_root *root, const char *uuid)
{
    char base[YW_OVERLAY_PATH_MAX] = "";
    int64_t blocks = 0;
    struct stat own = {0}, below = {0};
    int fd = open_own(root, uuid, NULL);

    if (fd < 0)
        return -1;
    if (fstat(fd, &own) == 0)
        blocks += own.st_blocks;
    if (check_head(root, fd, base, NULL) == 0 && stat(base, &below) == 0)
        blocks += below.st_blocks;
    (void)close(fd);
    return blocks * 512 / MIB;
}

int yw_overlay_copy(const struct yw_embed_root *root, const char *uuid, int to,
                    struct yw_err *err)
{
    int from = open_own(root, uuid, err);

    if (from < 0)
        return yw_err_prefix(err, "disk");
    int code = yw_file_copy(from, to, err);

    (void)close(from);
    return code < 0 ? yw_err_prefix(err, "disk") : 0;
}

/* The two files as descriptors 3 and 4 of the child. */
static int give_files(posix_spawn_file_actions_t *ret, int from, int to)
{
    int failed = posix_spawn_file_actions_init(ret);

    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(ret, from, 3);
    return failed ? failed : posix_spawn_file_actions_adddup2(ret, to, 4);
}

/* qemu-img as the user who owns both files, and who can read what the disk stands on. */
static int convert_as(unsigned uid, int from, int to, int64_t deadline_ms,
                      struct yw_err *err)
{
    char user[32], group[32];
    const char *const words[] = {user,
                                 group,
                                 "--clear-groups",
                                 "--no-new-privs",
                                 PROGRAM,
                                 "convert",
                                 "-q",
                                 "-f",
                                 "qcow2",
                                 "-O",
                                 "qcow2",
                                 "/proc/self/fd/3",
                                 "/proc/self/fd/4",
                                 NULL};
    posix_spawn_file_actions_t files;
    pid_t pid = 0;

    (void)snprintf(user, sizeof(user), "--reuid=%u", uid);
    (void)snprintf(group, sizeof(group), "--regid=%u", uid);
    int failed = give_files(&files, from, to);

    if (failed == 0)
        failed = start(DEMOTE, words, &files, &pid);
    (void)posix_spawn_file_actions_destroy(&files);
    return failed ? yw_err_errno(err, YW_EIO, failed, DEMOTE)
                  : wait_for(pid, deadline_ms, err);
}

int yw_overlay_flatten(const struct yw_embed_root *root, const char *uuid, int from,
                       int to, int64_t deadline_ms, struct yw_err *err)
{
    char base[YW_OVERLAY_PATH_MAX];
    unsigned uid = yw_domain_uid(uuid);
    int code = check_head(root, from, base, err);

    if (code == 0 && (fchown(from, uid, uid) < 0 || fchown(to, uid, uid) < 0))
        code = yw_err_errno(err, YW_EIO, errno, "evidence");
    if (code < 0)
        return yw_err_prefix(err, "disk");
    /* out of the way of the child's own numbers */
    int high_from = fcntl(from, F_DUPFD_CLOEXEC, HIGH_FD);
    int high_to = fcntl(to, F_DUPFD_CLOEXEC, HIGH_FD);

    code = high_from < 0 || high_to < 0
               ? yw_err_errno(err, YW_EIO, errno, "evidence")
               : convert_as(uid, high_from, high_to, deadline_ms, err);
    if (high_from >= 0)
        (void)close(high_from);
    if (high_to >= 0)
        (void)close(high_to);
    return code < 0 ? yw_err_prefix(err, "disk") : 0;
}

/* ---- of golden machines ---- */

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

/* ---- carried from host to host ---- */

void yw_overlay_carried_base(const struct yw_embed_root *root, const char *hash,
                             char path[YW_OVERLAY_PATH_MAX])
{
    (void)snprintf(path, YW_OVERLAY_PATH_MAX, "%s/" CARRIED "%.64s.disk", root->disks,
                   hash);
}

static int hash_of(const char *path, char text[YW_HASH_TEXT_SIZE], struct yw_err *err)
{
    struct yw_hasher hasher;
    struct yw_hash hash;
    char piece[HEAD_MAX];
    FILE *file = fopen(path, "re");
    size_t got;

    if (!file)
        return yw_err_errno(err, YW_ENOTFOUND, errno, path);
    yw_hasher_init(&hasher);
    while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
        yw_hasher_add(&hasher, piece, got);
    bool good = ferror(file) == 0;

    (void)fclose(file);
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    return good ? 0 : yw_err_set(err, YW_EIO, "%s: cannot be read", path);
}

static const char *name_in(const char *folder, const char *path)
{
    size_t size = strlen(folder);

    return strncmp(path, folder, size) == 0 && path[size] == '/' ? path + size + 1 : NULL;
}

/* The disk first: what is carried and no disk stands on may be removed at any time. */
int yw_overlay_carry(const struct yw_embed_root *root, const char *uuid,
                     char base[YW_HASH_TEXT_SIZE], struct yw_err *err)
{
    char path[YW_OVERLAY_PATH_MAX], now[YW_OVERLAY_PATH_MAX],
        by_hash[YW_OVERLAY_PATH_MAX];
    char from[YW_OVERLAY_PATH_MAX], to[YW_OVERLAY_PATH_MAX];
    int fd = open_own(root, uuid, err);
    int code = fd < 0 ? fd : check_head(root, fd, now, err);
    const char *name = code == 0 ? name_in(root->disks, now) : NULL;

    base[0] = '\0';
    if (fd >= 0)
        (void)close(fd);
    if (code < 0 || !name)
        return code < 0 ? yw_err_prefix(err, "disk") : 0;
    if (strncmp(name, CARRIED, strlen(CARRIED)) == 0) {
        (void)snprintf(base, YW_HASH_TEXT_SIZE, "%.64s", name + strlen(CARRIED));
        return 0;
    }
    code = hash_of(now, base, err);
    yw_overlay_carried_base(root, base, by_hash);
    yw_overlay_path(root, uuid, path);
    const char *const words[] = {"rebase", "-q", "-u",    "-f", "qcow2", "-F",
                                 "qcow2",  "-b", by_hash, path, NULL};

    if (code == 0)
        code = image_tool(words, err);
    by_state(root, now, from);
    by_state(root, by_hash, to);
    if (code == 0 && link(from, to) < 0 && errno != EEXIST)
        code = yw_err_errno(err, YW_EIO, errno, to);
    return code;
}

int yw_overlay_take(const struct yw_embed_root *root, const char *uuid,
                    const char *source, struct yw_err *err)
{
    char path[YW_OVERLAY_PATH_MAX], base[YW_OVERLAY_PATH_MAX];
    int from = open_own(root, source, err), to = -1;
    int code = from < 0 ? from : check_head(root, from, base, err);

    yw_overlay_path(root, uuid, path);
    if (code == 0)
        to = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (code == 0)
        code =
            to < 0 ? yw_err_errno(err, YW_EIO, errno, path) : yw_file_copy(from, to, err);
    if (from >= 0)
        (void)close(from);
    if (to >= 0)
        (void)close(to);
    return finish(path, uuid, code, err);
}

static bool stood_on(const struct yw_embed_root *root, const char *base)
{
    DIR *dir = opendir(root->points);
    bool found = false;

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && !found;
         entry = readdir(dir)) {
        char path[YW_OVERLAY_PATH_MAX], now[YW_OVERLAY_PATH_MAX];

        if (!strstr(entry->d_name, ".disk"))
            continue;
        (void)snprintf(path, sizeof(path), "%s/%.100s", root->points, entry->d_name);
        int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

        found = fd >= 0 && read_head(fd, now, NULL) == 0 && strcmp(now, base) == 0;
        if (fd >= 0)
            (void)close(fd);
    }
    if (dir)
        (void)closedir(dir);
    return found;
}

/* One that has just come waits for its disk. */
static void remove_carried(const struct yw_embed_root *root)
{
    DIR *dir = opendir(root->disks);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char path[YW_OVERLAY_PATH_MAX];
        struct stat seen;

        if (strncmp(entry->d_name, CARRIED, strlen(CARRIED)) != 0)
            continue;
        (void)snprintf(path, sizeof(path), "%s/%.100s", root->disks, entry->d_name);
        if (stat(path, &seen) == 0 && time(NULL) - seen.st_ctime > CARRIED_KEPT_S &&
            !stood_on(root, path))
            (void)unlink(path);
    }
    if (dir)
        (void)closedir(dir);
}

void yw_overlay_remove(const struct yw_embed_root *root, const char *uuid)
{
    char path[YW_OVERLAY_PATH_MAX + 8];

    yw_overlay_path(root, uuid, path);
    bool had = unlink(path) == 0;

    (void)strncat(path, YW_POINT_PART, sizeof(path) - strlen(path) - 1);
    (void)unlink(path);
    if (had)
        remove_carried(root);
}
