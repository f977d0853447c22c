#include "virt/machine/leftover.h"

#include "base/id.h"
#include "base/mem.h"
#include "virt/machine/overlay.h"
#include "virt/point/point.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTE ".note"
#define PATH_SIZE 512

struct note {
    char drill[YW_NAME_MAX];
    char domain[YW_PLAN_DOMAIN_MAX];
};

static void path_of(const struct yw_embed_root *root, const char *uuid,
                    const char *suffix, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s%s", root->sockets, uuid, suffix);
}

#define SCREEN_DIR ".vnc"
#define SCREEN_SOCKET "/s"

static void screen_path(const struct yw_embed_root *root, const char *uuid,
                        const char *suffix, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s%s", root->points, uuid, suffix);
}

void yw_leftover_screen(const struct yw_embed_root *root, const char *uuid,
                        char path[YW_DOMAIN_PATH_MAX])
{
    char whole[PATH_SIZE];

    screen_path(root, uuid, SCREEN_DIR SCREEN_SOCKET, whole);
    if (yw_copy(path, YW_DOMAIN_PATH_MAX, whole) < 0)
        path[0] = '\0';
}

static int make_screen_dir(const struct yw_embed_root *root, const char *uuid,
                           struct yw_err *err)
{
    char path[PATH_SIZE];
    unsigned uid = yw_domain_uid(uuid);

    screen_path(root, uuid, SCREEN_DIR, path);
    if ((mkdir(path, 0700) < 0 && errno != EEXIST) || lchown(path, uid, uid) < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    return 0;
}

int yw_leftover_note(const struct yw_embed_root *root, const char *uuid,
                     const char *drill, const char *domain, struct yw_err *err)
{
    char path[PATH_SIZE];

    path_of(root, uuid, NOTE, path);
    FILE *file = fopen(path, "we");

    if (!file)
        return yw_err_errno(err, YW_EIO, errno, path);
    bool good = fprintf(file, "%s\n%s\n", drill, domain) > 0;

    good = fclose(file) == 0 && good;
    return good ? make_screen_dir(root, uuid, err)
                : yw_err_set(err, YW_EIO, "%s: cannot write", path);
}

static bool read_note(const char *path, struct note *ret)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    bool good = fscanf(file, "%63s\n%63s\n", ret->drill, ret->domain) == 2 &&
                yw_name_valid(ret->drill) && !strchr(ret->domain, '/');

    (void)fclose(file);
    return good;
}

/* Of a machine's user, who may have put anything into it but folders' worth of it. */
static void remove_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (unlinkat(fd, entry->d_name, 0) < 0 && errno == EISDIR)
            (void)unlinkat(fd, entry->d_name, AT_REMOVEDIR);
    }
    if (dir)
        (void)closedir(dir);
    (void)rmdir(path);
}

void yw_leftover_remove(const struct yw_embed_root *root, const char *uuid)
{
    /* the note last: until then a sweep finds the rest */
    static const char *const suffixes[] = {".agent", ".field", ".serial", ".image", NOTE};
    char path[PATH_SIZE];
    struct note note;

    path_of(root, uuid, NOTE, path);
    if (read_note(path, &note) && root->logs[0]) {
        char log[PATH_SIZE];

        (void)snprintf(log, sizeof(log), "%s/%s.log", root->logs, note.domain);
        (void)unlink(log);
    }
    yw_point_remove(root->points, uuid);
    screen_path(root, uuid, SCREEN_DIR, path);
    remove_folder(path);
    yw_overlay_remove(root, uuid);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        path_of(root, uuid, suffixes[i], path);
        (void)unlink(path);
    }
}

void yw_leftover_sweep(const struct yw_embed_root *root, const char *drill)
{
    DIR *dir = opendir(root->sockets);

    if (!dir)
        return;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[PATH_SIZE], uuid[YW_UUID_SIZE];
        struct note note;

        if (strlen(entry->d_name) != YW_UUID_SIZE - 1 + strlen(NOTE) ||
            strcmp(entry->d_name + YW_UUID_SIZE - 1, NOTE) != 0)
            continue;
        (void)snprintf(uuid, sizeof(uuid), "%.36s", entry->d_name);
        path_of(root, uuid, NOTE, path);
        if (read_note(path, &note) && strcmp(note.drill, drill) == 0)
            yw_leftover_remove(root, uuid);
    }
    (void)closedir(dir);
}

#define STATUS_HEAD_MAX 4096
#define STATUS_SUFFIX ".xml"

/* "<domstatus state='paused' reason='starting up' pid='0'>" near the beginning. */
static bool unbegun(const char *path)
{
    char head[STATUS_HEAD_MAX];
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    head[fread(head, 1, sizeof(head) - 1, file)] = '\0';
    (void)fclose(file);
    char *status = strstr(head, "<domstatus ");
    char *end = status ? strchr(status, '>') : NULL;

    if (!end)
        return false;
    *end = '\0';
    return strstr(status, " pid='0'") != NULL;
}

/* The driver may have been killed between starting the process and noting its number. */
static void end_process(const char *pid_path, const char *domain)
{
    char path[64], line[STATUS_HEAD_MAX], guest[YW_PLAN_DOMAIN_MAX + 16];
    FILE *file = fopen(pid_path, "re");
    int pid = 0;

    if (!file)
        return;
    if (fscanf(file, "%d", &pid) != 1)
        pid = 0;
    (void)fclose(file);
    (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
    (void)snprintf(guest, sizeof(guest), "guest=%s,", domain);
    file = pid > 1 ? fopen(path, "re") : NULL;
    if (!file)
        return;
    size_t size = fread(line, 1, sizeof(line), file);

    (void)fclose(file);
    if (memmem(line, size, guest, strlen(guest)))
        (void)kill(pid, SIGKILL);
}

void yw_leftover_unbegun(const struct yw_embed_root *root)
{
    char dir_path[PATH_SIZE];

    (void)snprintf(dir_path, sizeof(dir_path), "%s/run/qemu", root->state);
    DIR *dir = opendir(dir_path);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char path[PATH_SIZE + 300], domain[YW_PLAN_DOMAIN_MAX];
        size_t size = strlen(entry->d_name);

        if (size <= strlen(STATUS_SUFFIX) ||
            size - strlen(STATUS_SUFFIX) >= sizeof(domain) ||
            strcmp(entry->d_name + size - strlen(STATUS_SUFFIX), STATUS_SUFFIX) != 0)
            continue;
        (void)snprintf(domain, sizeof(domain), "%.*s",
                       (int)(size - strlen(STATUS_SUFFIX)), entry->d_name);
        (void)snprintf(path, sizeof(path), "%s/%s", dir_path, entry->d_name);
        if (!unbegun(path))
            continue;
        (void)unlink(path);
        (void)snprintf(path, sizeof(path), "%s/%s.pid", dir_path, domain);
        end_process(path, domain);
        (void)unlink(path);
    }
    if (dir)
        (void)closedir(dir);
}
