#include "virt/confine/limits.h"

#include "base/hash.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_US 100000
#define REMOVE_TRIES 20
#define REMOVE_STEP_MS 10
#define DEPTH_MAX 3 /* drill, team, machine */
#define SEARCH_DEPTH 4

static const char *const v1_names[YW_LIMITS_KINDS] = {"cpu", "memory", "blkio", "pids"};
static const char *const v2_names[YW_LIMITS_KINDS] = {"cpu", "memory", "io", "pids"};

/* ---- where our groups stand ---- */

/* Is `word` one of the words of `text`, which blanks, commas or the line's end part? */
static bool has_word(const char *text, const char *word)
{
    size_t size = strlen(word);

    while (*text && *text != '\n') {
        size_t length = strcspn(text, " ,\n");

        if (length == size && strncmp(text, word, size) == 0)
            return true;
        text += length + (text[length] == ' ' || text[length] == ',');
    }
    return false;
}

/* The next line "device place type options …" of `mounts` as its parts. */
static bool next_mount(const char **mounts, char place[256], char type[16],
                       char options[512])
{
    while (**mounts) {
        int got = sscanf(*mounts, "%*s %255s %15s %511s", place, type, options);
        const char *end = strchr(*mounts, '\n');

        *mounts = end ? end + 1 : *mounts + strlen(*mounts);
        if (got == 3 && !strchr(place, '\\')) /* no blanks in it */
            return true;
    }
    return false;
}

/* "4:memory:/a/b" → "/a/b"; "/" where the text does not say. */
static void own_group(const char *text, const char *controller,
                      char path[YW_LIMITS_PATH_MAX])
{
    strcpy(path, "/");
    for (const char *at = text; *at;) {
        const char *names = strchr(at, ':');
        const char *end = strchr(at, '\n');
        const char *group = names ? strchr(names + 1, ':') : NULL;

        if (!end || !group || group > end)
            return;
        char list[128];

        (void)snprintf(list, sizeof(list), "%.*s", (int)(group - names - 1), names + 1);
        if (has_word(list, controller) && group[1] == '/' &&
            (size_t)(end - group) < YW_LIMITS_PATH_MAX) {
            (void)snprintf(path, YW_LIMITS_PATH_MAX, "%.*s", (int)(end - group - 1),
                           group + 1);
            return;
        }
        at = end + 1;
    }
}

static void take(struct yw_limits *limits, size_t kind, const char *mount,
                 const char *group)
{
    size_t size = strlen(group);
    int length =
        snprintf(limits->base[kind], YW_LIMITS_PATH_MAX, "%s%s%s%s", mount, group,
                 size > 0 && group[size - 1] == '/' ? "" : "/", limits->name);

    if (length < 0 || length >= YW_LIMITS_PATH_MAX)
        limits->base[kind][0] = '\0';
    else
        limits->controls |= 1u << kind;
    (void)yw_copy(limits->mounts[kind], sizeof(limits->mounts[kind]), mount);
}

static void find_v2(struct yw_limits *ret, const char *mounts, const char *controllers)
{
    char place[256], type[16], options[512];

    while (next_mount(&mounts, place, type, options)) {
        if (strcmp(type, "cgroup2") != 0)
            continue;
        for (size_t i = 0; i < YW_LIMITS_KINDS; i++) {
            if (has_word(controllers, v2_names[i]))
                take(ret, i, place, "");
        }
        ret->version = 2;
        return;
    }
}

static void find_v1(struct yw_limits *ret, const char *mounts, const char *own_groups)
{
    char place[256], type[16], options[512], group[YW_LIMITS_PATH_MAX];

    while (next_mount(&mounts, place, type, options)) {
        for (size_t i = 0; i < YW_LIMITS_KINDS && strcmp(type, "cgroup") == 0; i++) {
            if (ret->base[i][0] || !has_word(options, v1_names[i]))
                continue;
            own_group(own_groups, v1_names[i], group);
            take(ret, i, place, group);
            ret->version = 1;
        }
    }
}

void yw_limits_find(struct yw_limits *ret, const char *mounts, const char *own_groups,
                    const char *v2_controllers, const char *data_dir)
{
    char text[YW_HASH_TEXT_SIZE];
    struct yw_hash hash;

    memset(ret, 0, sizeof(*ret));
    yw_hash_of(data_dir, strlen(data_dir), &hash);
    yw_hash_text(&hash, text);
    (void)snprintf(ret->name, sizeof(ret->name), "yanwu-%.8s", text);
    if (has_word(v2_controllers, "cpu") || has_word(v2_controllers, "memory"))
        find_v2(ret, mounts, v2_controllers);
    if (ret->version == 0)
        find_v1(ret, mounts, own_groups);
    yw_host_controls_text(YW_HOST_ALL_CONTROLS & ~ret->controls, ret->lacks);
}

/* ---- reading the host ---- */

static char *read_text(const char *path, size_t max)
{
    char *text = yw_new(max + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t size = 0;

    while (fd >= 0 && size < max) {
        ssize_t got = read(fd, text + size, max - size);

        if (got <= 0)
            break;
        size += (size_t)got;
    }
    if (fd >= 0)
        (void)close(fd);
    text[size] = '\0';
    return text;
}

/* Ceilings are set for whole disks: of a partition its disk counts. */
static void find_device(struct yw_limits *ret, const char *data_dir)
{
    char path[96];
    struct stat info;

    if (stat(data_dir, &info) < 0 || major(info.st_dev) == 0)
        return;
    (void)snprintf(ret->device, sizeof(ret->device), "%u:%u", major(info.st_dev),
                   minor(info.st_dev));
    (void)snprintf(path, sizeof(path), "/sys/dev/block/%s/partition", ret->device);
    if (access(path, F_OK) < 0)
        return;
    (void)snprintf(path, sizeof(path), "/sys/dev/block/%s/../dev", ret->device);
    char *text = read_text(path, sizeof(ret->device) - 1);

    text[strcspn(text, "\n")] = '\0';
    YW_COPY(ret->device, text);
    free(text);
}

static bool make_folder(const char *path)
{
    return mkdir(path, 0755) == 0 || errno == EEXIST;
}

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    size_t size = strlen(text);

    if (fd < 0)
        return -1;
    ssize_t written = write(fd, text, size);
    int saved = errno;

    (void)close(fd);
    errno = saved;
    return written == (ssize_t)size ? 0 : -1;
}

static void find_v2_controllers(const char *mounts, char ret[256])
{
    char place[256], type[16], options[512], path[300];

    ret[0] = '\0';
    while (next_mount(&mounts, place, type, options)) {
        if (strcmp(type, "cgroup2") != 0)
            continue;
        (void)snprintf(path, sizeof(path), "%s/cgroup.controllers", place);
        char *text = read_text(path, 255);

        (void)yw_copy(ret, 256, text);
        free(text);
        return;
    }
}

/* A folder whose last process has just ended is busy for a moment. */
static void remove_folder(const char *path)
{
    struct timespec step = {.tv_nsec = REMOVE_STEP_MS * 1000000L};

    for (int i = 0; rmdir(path) < 0 && errno == EBUSY && i < REMOVE_TRIES; i++)
        (void)nanosleep(&step, NULL);
}

static void remove_at_once(const char *path)
{
    (void)rmdir(path);
}

/* The folder with those below it, each by `remove`; one that is in use stays. */
static void remove_tree(const char *path, int depth, void (*remove)(const char *path))
{
    DIR *dir = depth > 0 ? opendir(path) : NULL;
    char below[YW_LIMITS_PATH_MAX + 256];

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        int size = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);

        if (size > 0 && (size_t)size < sizeof(below))
            remove_tree(below, depth - 1, remove);
    }
    if (dir)
        (void)closedir(dir);
    remove(path);
}

void yw_limits_open(struct yw_limits *ret, const char *data_dir)
{
    char *mounts = read_text("/proc/self/mounts", YW_LIMITS_MOUNTS_MAX);
    char *groups = read_text("/proc/self/cgroup", 16384);
    char controllers[256];

    find_v2_controllers(mounts, controllers);
    yw_limits_find(ret, mounts, groups, controllers, data_dir);
    free(mounts);
    free(groups);
    find_device(ret, data_dir);
    for (size_t i = 0; i < YW_LIMITS_KINDS; i++) {
        bool known = i != 2 || ret->device[0]; /* disk: without its number no ceiling */

        if (ret->base[i][0] && known && make_folder(ret->base[i]))
            continue;
        ret->base[i][0] = '\0';
        ret->controls &= ~(1u << i);
    }
    yw_host_controls_text(YW_HOST_ALL_CONTROLS & ~ret->controls, ret->lacks);
    yw_limits_tidy(ret);
}

/* Every folder of this name below the path, so many steps down. */
static void tidy_below(const char *path, const char *name, int depth)
{
    DIR *dir = opendir(path);
    char below[YW_LIMITS_PATH_MAX + 256];

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        int size = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);

        if (size < 0 || (size_t)size >= sizeof(below))
            continue;
        if (strcmp(entry->d_name, name) == 0)
            remove_tree(below, DEPTH_MAX + 1, remove_at_once);
        else if (depth > 0)
            tidy_below(below, name, depth - 1);
    }
    if (dir)
        (void)closedir(dir);
}

/* In version 1 it stands below the group that the daemon was in then. */
void yw_limits_tidy(const struct yw_limits *limits)
{
    for (size_t i = 0; i < YW_LIMITS_KINDS; i++) {
        if (limits->mounts[i][0])
            tidy_below(limits->mounts[i], limits->name,
                       limits->version == 1 ? SEARCH_DEPTH : 0);
    }
}

/* ---- what a machine gets ---- */

struct list {
    struct yw_limits_write *items;
    size_t count;
};

static void put(struct list *list, bool is_folder, const char *folder, const char *name,
                const char *text)
{
    struct yw_limits_write *write = &list->items[list->count++];

    write->is_folder = is_folder;
    (void)snprintf(write->path, sizeof(write->path), "%s%s%s", folder, name[0] ? "/" : "",
                   name);
    (void)snprintf(write->text, sizeof(write->text), "%s", text);
}

static void put_number(struct list *list, const char *folder, const char *name,
                       long long value)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%lld", value);
    put(list, false, folder, name, text);
}

static void put_io(const struct yw_limits *limits, struct list *list, const char *folder,
                   long long bytes_s)
{
    char text[64];

    if (limits->version == 2) {
        (void)snprintf(text, sizeof(text), "%.23s rbps=%lld wbps=%lld", limits->device,
                       bytes_s, bytes_s);
        put(list, false, folder, "io.max", text);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.23s %lld", limits->device, bytes_s);
    put(list, false, folder, "blkio.throttle.read_bps_device", text);
    put(list, false, folder, "blkio.throttle.write_bps_device", text);
}

static void put_cpu(const struct yw_limits *limits, struct list *list, const char *folder)
{
    char text[32];
    int quota = PERIOD_US / 100 * YW_LIMITS_CPU_PERCENT;

    if (limits->version == 2) {
        (void)snprintf(text, sizeof(text), "%d %d", quota, PERIOD_US);
        put(list, false, folder, "cpu.max", text);
        return;
    }
    put_number(list, folder, "cpu.cfs_period_us", PERIOD_US);
    put_number(list, folder, "cpu.cfs_quota_us", quota);
}

static void put_memory(const struct yw_limits *limits, struct list *list,
                       const char *folder, int64_t mib)
{
    put_number(list, folder,
               limits->version == 2 ? "memory.max" : "memory.limit_in_bytes",
               mib * 1024 * 1024);
}

static void put_machine(const struct yw_limits *limits, struct list *list, size_t kind,
                        const char *folder, int ram_mib)
{
    switch (1u << kind) {
    case YW_HOST_CPU:
        put_cpu(limits, list, folder);
        break;
    case YW_HOST_MEMORY:
        put_memory(limits, list, folder, (int64_t)ram_mib + YW_LIMITS_MEMORY_MORE_MIB);
        break;
    case YW_HOST_IO:
        put_io(limits, list, folder, YW_LIMITS_IO_BYTES_S);
        break;
    default:
        put_number(list, folder, "pids.max", YW_LIMITS_PIDS);
        break;
    }
}

/* The next folder down; in v2 its parent must hand the controllers on. */
static void descend(const struct yw_limits *limits, struct list *list, char *folder,
                    size_t size, const char *name)
{
    if (limits->version == 2) {
        char names[32], text[64] = "";

        yw_host_controls_text(limits->controls, names);
        for (char *save = NULL, *word = strtok_r(names, " ", &save); word;
             word = strtok_r(NULL, " ", &save))
            (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s+%s",
                           text[0] ? " " : "", word);
        put(list, false, folder, "cgroup.subtree_control", text);
    }
    (void)snprintf(folder + strlen(folder), size - strlen(folder), "/%s", name);
    put(list, true, folder, "", "");
}

static bool same_tree(const struct yw_limits *limits, size_t kind)
{
    for (size_t i = 0; i < kind; i++) {
        if (strcmp(limits->base[i], limits->base[kind]) == 0)
            return true;
    }
    return false;
}

/* All folders of one tree; v2 begins above ours, whose children must have controllers. */
static void put_tree(const struct yw_limits *limits, struct list *list, const char *base,
                     const struct yw_limits_place *place)
{
    const char *const names[] = {strrchr(base, '/') + 1, place->drill, place->team,
                                 place->uuid};
    char folder[YW_LIMITS_PATH_MAX + 192];

    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(base, '/') - base),
                   base);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        descend(limits, list, folder, sizeof(folder), names[i]);
}

size_t yw_limits_plan(const struct yw_limits *limits, const struct yw_limits_place *place,
                      struct yw_limits_write ret[YW_LIMITS_WRITES_MAX])
{
    struct list list = {.items = ret};

    for (size_t i = 0; i < YW_LIMITS_KINDS; i++) {
        char team[YW_LIMITS_PATH_MAX + 192], leaf[YW_LIMITS_PATH_MAX + 256];

        if (!limits->base[i][0])
            continue;
        if (!same_tree(limits, i))
            put_tree(limits, &list, limits->base[i], place);
        (void)snprintf(team, sizeof(team), "%s/%s/%s", limits->base[i], place->drill,
                       place->team);
        (void)snprintf(leaf, sizeof(leaf), "%s/%s", team, place->uuid);
        if (1u << i == YW_HOST_IO)
            put_io(limits, &list, team, YW_LIMITS_TEAM_IO_BYTES_S);
        if (1u << i == YW_HOST_MEMORY && place->team_mib > 0)
            put_memory(limits, &list, team,
                       (int64_t)place->team_mib * YW_LIMITS_TEAM_MEMORY_PERCENT / 100 +
                           YW_LIMITS_MEMORY_MORE_MIB);
        put_machine(limits, &list, i, leaf, place->ram_mib);
    }
    return list.count;
}

/* ---- doing it ---- */

static void leaf_of(const struct yw_limits *limits, size_t kind,
                    const struct yw_limits_place *place,
                    char path[YW_LIMITS_PATH_MAX + 256])
{
    (void)snprintf(path, YW_LIMITS_PATH_MAX + 256, "%s/%s/%s/%s", limits->base[kind],
                   place->drill, place->team, place->uuid);
}

int yw_limits_apply(const struct yw_limits *limits, const struct yw_limits_place *place,
                    int pid, struct yw_err *err)
{
    struct yw_limits_write *writes = yw_new_array(YW_LIMITS_WRITES_MAX, sizeof(*writes));
    size_t count = yw_limits_plan(limits, place, writes);
    char path[YW_LIMITS_PATH_MAX + 256], file[YW_LIMITS_PATH_MAX + 288], text[16];
    int code = 0;

    for (size_t i = 0; i < count; i++) {
        bool good = writes[i].is_folder ? make_folder(writes[i].path)
                                        : write_text(writes[i].path, writes[i].text) == 0;

        if (!good && code == 0)
            code = yw_err_errno(err, YW_EIO, errno, writes[i].path);
    }
    (void)snprintf(text, sizeof(text), "%d", pid);
    for (size_t i = 0; i < YW_LIMITS_KINDS; i++) {
        if (!limits->base[i][0] || same_tree(limits, i))
            continue;
        leaf_of(limits, i, place, path);
        (void)snprintf(file, sizeof(file), "%s/cgroup.procs", path);
        if (write_text(file, text) < 0 && code == 0)
            code = yw_err_errno(err, YW_EIO, errno, file);
    }
    if ((limits->controls & YW_HOST_CPU) == 0)
        (void)setpriority(PRIO_PROCESS, (id_t)pid, YW_LIMITS_NICE);
    free(writes);
    return code;
}

void yw_limits_remove(const struct yw_limits *limits, const struct yw_limits_place *place)
{
    char path[YW_LIMITS_PATH_MAX + 256];

    for (size_t i = 0; i < YW_LIMITS_KINDS; i++) {
        if (!limits->base[i][0] || same_tree(limits, i))
            continue;
        leaf_of(limits, i, place, path);
        remove_folder(path);
        for (int up = 0; up < DEPTH_MAX; up++) { /* those that are empty now */
            *strrchr(path, '/') = '\0';
            (void)rmdir(path);
        }
    }
}

void yw_limits_sweep(const struct yw_limits *limits, const char *drill)
{
    char path[YW_LIMITS_PATH_MAX + 80];

    for (size_t i = 0; i < YW_LIMITS_KINDS; i++) {
        if (!limits->base[i][0] || same_tree(limits, i))
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", limits->base[i], drill);
        remove_tree(path, DEPTH_MAX, remove_folder);
        (void)rmdir(limits->base[i]);
    }
}
