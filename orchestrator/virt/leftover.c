#include "virt/leftover.h"

#include "base/id.h"
#include "base/mem.h"
#include "virt/point.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
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
    return good ? 0 : yw_err_set(err, YW_EIO, "%s: cannot write", path);
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

void yw_leftover_remove(const struct yw_embed_root *root, const char *uuid)
{
    /* the note last: until then a sweep finds the rest */
    static const char *const suffixes[] = {".agent", ".field", ".serial",
                                           ".vnc",   ".image", NOTE};
    char path[PATH_SIZE];
    struct note note;

    path_of(root, uuid, NOTE, path);
    if (read_note(path, &note) && root->logs[0]) {
        char log[PATH_SIZE];

        (void)snprintf(log, sizeof(log), "%s/%s.log", root->logs, note.domain);
        (void)unlink(log);
    }
    yw_point_remove(root->points, uuid);
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
