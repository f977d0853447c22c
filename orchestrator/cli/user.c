#include "cli/user.h"

#include "base/folder.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH_MAX 16
#define PORT_FREE 1024 /* from here on nobody needs a capability */
#define DATA_MODE (S_ISVTX | S_IRWXG)

int yw_user_find(struct yw_user *ret, const char *name, struct yw_err *err)
{
    const char *wanted = name[0] != '\0' ? name : YW_USER_NAME;
    const struct passwd *entry = getpwnam(wanted);

    memset(ret, 0, sizeof *ret);
    if (YW_COPY(ret->name, wanted) < 0)
        return yw_err_set(err, YW_ELIMIT, "user: longer than %zu bytes",
                          sizeof ret->name - 1);
    if (entry != NULL) {
        ret->uid = entry->pw_uid;
        ret->gid = entry->pw_gid;
        return 0;
    }
    if (name[0] != '\0')
        return yw_err_set(err, YW_EINVAL, "user: no such user: '%s'", name);
    YW_COPY(ret->name, "65533");
    ret->uid = YW_USER_NOBODY;
    ret->gid = YW_USER_NOBODY;
    return 0;
}

/* ---- the data directory ---- */

static int give(const struct yw_user *user, int dir, const char *name, int depth,
                struct yw_err *err);

static int give_inside(const struct yw_user *user, int fd, int depth, struct yw_err *err)
{
    DIR *dir = fdopendir(fd);
    const struct dirent *entry;
    int code = 0;

    if (dir == NULL) {
        (void)close(fd);
        return yw_err_errno(err, YW_EIO, errno, "opendir");
    }
    while (code == 0 && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            code = give(user, dirfd(dir), entry->d_name, depth + 1, err);
    }
    (void)closedir(dir);
    return code;
}

/* Follows no link and leaves alone what has a second name: the user that owned the place
 * before must not be given a file from elsewhere. */
static int give(const struct yw_user *user, int dir, const char *name, int depth,
                struct yw_err *err)
{
    struct stat info;

    if (depth > DEPTH_MAX)
        return yw_err_set(err, YW_ELIMIT, "%s: more than %d folders deep", name,
                          DEPTH_MAX);
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT || errno == ELOOP || errno == ENXIO
                   ? 0
                   : yw_err_errno(err, YW_EIO, errno, name);
    int code = 0;

    if (fstat(fd, &info) < 0)
        code = yw_err_errno(err, YW_EIO, errno, name);
    bool wanted = code == 0 && (S_ISDIR(info.st_mode) ||
                                (S_ISREG(info.st_mode) && info.st_nlink == 1));

    if (wanted && (info.st_uid != user->uid || info.st_gid != user->gid) &&
        fchown(fd, user->uid, user->gid) < 0)
        code = yw_err_errno(err, YW_EIO, errno, name);
    if (code == 0 && S_ISDIR(info.st_mode))
        return give_inside(user, fd, depth, err);
    (void)close(fd);
    return code;
}

int yw_user_own(const struct yw_user *user, const char *data_dir, struct yw_err *err)
{
    static const char *const theirs[] = {"drills", "api.json", "tokens.jsonl", "lock"};
    struct stat info;

    (void)yw_folder_make(data_dir, 0755, NULL);
    int dir = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0)
        return yw_err_errno(err, YW_EIO, errno, data_dir);
    /* A daemon that serves it has all that is its own. */
    int lock = openat(dir, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);

    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0) {
        (void)close(lock);
        (void)close(dir);
        return 0;
    }
    int code = 0;

    /* Sticky: what is in it can be renamed and removed by its own owner alone, and
     * libvirt/ and images/ are there before anybody can put another in its place. */
    if (fstat(dir, &info) < 0 || fchown(dir, 0, user->gid) < 0 ||
        fchmod(dir, (info.st_mode & 0777) | DATA_MODE) < 0 ||
        (mkdirat(dir, "libvirt", 0755) < 0 && errno != EEXIST) ||
        (mkdirat(dir, "images", 0755) < 0 && errno != EEXIST) ||
        (mkdirat(dir, "drills", 0750) < 0 && errno != EEXIST))
        code = yw_err_errno(err, YW_EIO, errno, data_dir);
    if (code == 0 && fstatat(dir, "libvirt", &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        (!S_ISDIR(info.st_mode) || info.st_uid != 0))
        code = yw_err_set(err, YW_EDENIED, "%s/libvirt: expected a folder of root's",
                          data_dir);
    for (size_t i = 0; code == 0 && i < sizeof theirs / sizeof theirs[0]; i++)
        code = give(user, dir, theirs[i], 0, err);
    if (lock >= 0)
        (void)close(lock);
    (void)close(dir);
    return code == 0
               ? 0
               : yw_err_prefix(err, "hand the data directory to user %s", user->name);
}

/* ---- becoming the user ---- */

/* Nothing but listening on a low port. */
static int keep_listening(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {0};

    sets[0].effective = sets[0].permitted = 1U << CAP_NET_BIND_SERVICE;
    return (int)syscall(SYS_capset, &head, sets);
}

int yw_user_become(const struct yw_user *user, int port, struct yw_err *err)
{
    bool low = port > 0 && port < PORT_FREE;

    if (user->uid == 0)
        return 0;
    if ((low && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) || setgroups(0, NULL) < 0 ||
        setresgid(user->gid, user->gid, user->gid) < 0 ||
        setresuid(user->uid, user->uid, user->uid) < 0 || (low && keep_listening() < 0) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        /* The change of user cleared it; what watches a daemon reads its /proc. */
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0) {
        (void)yw_err_errno(err, YW_EDENIED, errno, "give up root");
        return yw_err_prefix(err, "user %s", user->name);
    }
    return 0;
}
