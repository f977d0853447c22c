#include "virt/machine/golden.h"

#include "base/folder.h"
#include "base/mem.h"
#include "virt/machine/overlay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_LINE "yanwu golden 1\n"
#define NOTE_MAX 1024
#define CHUNK (1024 * 1024)
#define PARTS_MAX 3
#define PAGE 4096
#define EMULATOR "/usr/bin/qemu-system-x86_64"
#define CPUINFO_MAX (16 * 1024)

struct part {
    char name[16];
    int64_t size;
    char hash[YW_HASH_TEXT_SIZE];
};

static const char *const shared_parts[] = {"memory", "state", NULL};
static const char *const saved_parts[] = {"image", NULL};
static const char *const shared_disk_parts[] = {"memory", "state", "disk", NULL};
static const char *const saved_disk_parts[] = {"image", "disk", NULL};

static const char *const *parts_of(const struct yw_golden_key *key)
{
    if (key->disk)
        return key->way == YW_VIRT_HOW_SHARED ? shared_disk_parts : saved_disk_parts;
    return key->way == YW_VIRT_HOW_SHARED ? shared_parts : saved_parts;
}

void yw_golden_slot(const struct yw_domain_shape *shape, enum yw_virt_how way,
                    char slot[YW_GOLDEN_SLOT_MAX])
{
    const struct yw_plan_machine *machine = shape->machine;
    const char *image = strrchr(shape->initrd, '/');

    (void)snprintf(slot, YW_GOLDEN_SLOT_MAX, "%s-%d-%zu-%s%s-%s%.*s",
                   yw_virt_how_name(way), machine->ram_mib, machine->nic_count,
                   machine->has_field ? "f" : "", machine->display ? "d" : "",
                   image ? image + 1 : shape->initrd, (int)sizeof(shape->image),
                   shape->image);
}

/* Reads the file to its end into the hash, and into `memory_fd` (unless -1) where it is
 * not zero. */
static int take_in(int fd, int memory_fd, struct yw_hasher *hasher, int64_t *ret_size,
                   struct yw_err *err)
{
    static const char zeros[PAGE];
    char *chunk = yw_new(CHUNK);
    int64_t at = 0;
    int code = 0;
    ssize_t size;

    while ((size = pread(fd, chunk, CHUNK, at)) > 0 && code == 0) {
        yw_hasher_add(hasher, chunk, (size_t)size);
        for (ssize_t i = 0; i < size && memory_fd >= 0 && code == 0; i += PAGE) {
            size_t part = size - i < PAGE ? (size_t)(size - i) : PAGE;

            if (memcmp(chunk + i, zeros, part) != 0 &&
                pwrite(memory_fd, chunk + i, part, at + i) != (ssize_t)part)
                code = yw_err_errno(err, YW_EIO, errno, "golden memory");
        }
        at += size;
    }
    if (size < 0 && code == 0)
        code = yw_err_errno(err, YW_EIO, errno, "golden file");
    free(chunk);
    *ret_size = at;
    return code;
}

static int hash_file(const char *path, struct part *ret, struct yw_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct yw_hasher hasher;
    struct yw_hash hash;

    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    yw_hasher_init(&hasher);
    int code = take_in(fd, -1, &hasher, &ret->size, err);

    (void)close(fd);
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, ret->hash);
    return code;
}

/* The processor matters where it is passed through: its model and flags. */
static void add_processor(struct yw_hasher *hasher)
{
    char text[CPUINFO_MAX];
    FILE *file = fopen("/proc/cpuinfo", "re");

    while (file && fgets(text, sizeof(text), file)) {
        if (text[0] == '\n')
            break; /* the first is like the others */
        if (strncmp(text, "model", 5) == 0 || strncmp(text, "flags", 5) == 0)
            yw_hasher_add(hasher, text, strlen(text));
    }
    if (file)
        (void)fclose(file);
}

static void make_base(const struct yw_domain_shape *shape, const char *versions,
                      char base[YW_HASH_TEXT_SIZE])
{
    struct stat emulator = {0};
    struct yw_hasher hasher;
    struct yw_hash hash;
    char facts[256];

    (void)stat(EMULATOR, &emulator);
    (void)snprintf(facts, sizeof(facts), "%s %lld %lld %d %d", versions,
                   (long long)emulator.st_size, (long long)emulator.st_mtime,
                   access("/dev/vhost-net", F_OK) == 0, shape->kvm);
    yw_hasher_init(&hasher);
    yw_hasher_add(&hasher, facts, strlen(facts));
    if (shape->kvm)
        add_processor(&hasher);
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, base);
}

/* A registered disk is never changed, so its file's marks say whether it is the same. */
static int add_disk(struct yw_hasher *hasher, const char *path, struct yw_err *err)
{
    struct stat facts;
    char text[128];

    if (stat(path, &facts) < 0)
        return yw_err_errno(err, YW_ENOTFOUND, errno, path);
    (void)snprintf(text, sizeof(text), "%llu %lld %lld.%09ld",
                   (unsigned long long)facts.st_ino, (long long)facts.st_size,
                   (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
    yw_hasher_add(hasher, text, strlen(text));
    return 0;
}

int yw_golden_key_make(const struct yw_domain_shape *shape, enum yw_virt_how way,
                       const char *versions, struct yw_golden_key *ret,
                       struct yw_err *err)
{
    const char *const images[] = {shape->kernel, shape->initrd};
    struct yw_hasher hasher;
    struct yw_hash hash;

    ret->way = way;
    ret->disk = shape->machine->has_disk;
    yw_golden_slot(shape, way, ret->slot);
    make_base(shape, versions, ret->base);
    yw_hasher_init(&hasher);
    yw_hasher_add(&hasher, ret->base, sizeof(ret->base));
    yw_hasher_add(&hasher, ret->slot, strlen(ret->slot));
    for (size_t i = 0; i < 2; i++) {
        struct part image;
        int code = hash_file(images[i], &image, err);

        if (code < 0)
            return code;
        yw_hasher_add(&hasher, image.hash, sizeof(image.hash));
    }
    if (ret->disk) {
        int code = add_disk(&hasher, shape->disk_base, err);

        if (code < 0)
            return code;
    }
    char *xml = yw_domain_xml(shape);

    yw_hasher_add(&hasher, xml, strlen(xml));
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, ret->hash);
    free(xml);
    return 0;
}

static void path_of(const struct yw_embed_root *root, const char *prefix,
                    const char *name, char path[YW_GOLDEN_PATH_MAX])
{
    (void)snprintf(path, YW_GOLDEN_PATH_MAX, "%s/golden/%s%s", root->state, prefix, name);
}

/* A folder of files, without what we never make: folders in it. */
static void remove_folder(const char *path)
{
    DIR *dir = opendir(path);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        (void)closedir(dir);
    if (rmdir(path) < 0)
        (void)unlink(path);
}

/* base and slot of a golden machine; false: not to be read. */
static bool read_note(const char *dir, char base[YW_HASH_TEXT_SIZE],
                      char slot[YW_GOLDEN_SLOT_MAX], struct part parts[PARTS_MAX],
                      size_t *ret_count)
{
    char path[YW_GOLDEN_PATH_MAX + 16], first[32] = "";

    (void)snprintf(path, sizeof(path), "%s/golden", dir);
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    bool good = fgets(first, sizeof(first), file) && strcmp(first, FIRST_LINE) == 0 &&
                fscanf(file, "base %64s\nslot %95s\n", base, slot) == 2;

    *ret_count = 0;
    while (good && *ret_count < PARTS_MAX) {
        struct part *part = &parts[*ret_count];
        long long size = 0;

        if (fscanf(file, "file %15s %lld %64s\n", part->name, &size, part->hash) != 3)
            break;
        part->size = size;
        ++*ret_count;
    }
    (void)fclose(file);
    return good;
}

static int damaged(const char *dir, const char *what, struct yw_err *err)
{
    remove_folder(dir);
    return yw_err_set(err, YW_ECORRUPT, "golden image: %s: damaged, removed", what);
}

/* Opens a part and checks it; into `memory_fd` unless -1. */
static int open_part(const char *dir, const struct part *part, int memory_fd, int *ret_fd,
                     struct yw_err *err)
{
    char path[YW_GOLDEN_PATH_MAX + 16], text[YW_HASH_TEXT_SIZE];
    struct yw_hasher hasher;
    struct yw_hash hash;
    int64_t size = 0;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, part->name);
    *ret_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*ret_fd < 0)
        return damaged(dir, part->name, err);
    yw_hasher_init(&hasher);
    int code = take_in(*ret_fd, memory_fd, &hasher, &size, err);

    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    if (code < 0)
        return code;
    if (size != part->size || strcmp(text, part->hash) != 0)
        return damaged(dir, part->name, err);
    return 0;
}

int yw_golden_memory_new(int64_t size, int *ret_fd, struct yw_err *err)
{
    int fd = memfd_create("yanwu-golden", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0 || ftruncate(fd, size) < 0) {
        int code = yw_err_errno(err, YW_EIO, errno, "golden memory");

        if (fd >= 0)
            (void)close(fd);
        return code;
    }
    *ret_fd = fd;
    return 0;
}

static int load_shared(const char *dir, const struct part parts[PARTS_MAX],
                       struct yw_golden *golden, struct yw_err *err)
{
    int fd = -1;
    int code = yw_golden_memory_new(parts[0].size, &golden->memory_fd, err);

    if (code == 0)
        code = open_part(dir, &parts[0], golden->memory_fd, &fd, err);
    if (fd >= 0)
        (void)close(fd);
    if (code == 0 && fcntl(golden->memory_fd, F_ADD_SEALS,
                           F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
        code = yw_err_errno(err, YW_EIO, errno, "seal golden memory");
    return code < 0 ? code : open_part(dir, &parts[1], -1, &golden->image_fd, err);
}

static int load_disk(const struct yw_embed_root *root, const char *dir,
                     const struct part *part, struct yw_golden *golden,
                     struct yw_err *err)
{
    char path[YW_GOLDEN_PATH_MAX + 16];
    int fd = -1;
    int code = open_part(dir, part, -1, &fd, err);

    if (fd >= 0)
        (void)close(fd);
    if (code < 0)
        return code;
    (void)snprintf(path, sizeof(path), "%s/%s", dir, part->name);
    yw_overlay_golden(root, golden->key.hash, golden->disk);
    return yw_overlay_show(root, golden->key.hash, path, err);
}

int yw_golden_load(const struct yw_embed_root *root, const struct yw_golden_key *key,
                   struct yw_golden **ret, struct yw_err *err)
{
    char dir[YW_GOLDEN_PATH_MAX], base[YW_HASH_TEXT_SIZE], slot[YW_GOLDEN_SLOT_MAX];
    const char *const *names = parts_of(key);
    struct part parts[PARTS_MAX];
    size_t count = 0;

    path_of(root, "", key->hash, dir);
    if (access(dir, F_OK) < 0)
        return yw_err_set(err, YW_ENOTFOUND, "no golden image");
    if (!read_note(dir, base, slot, parts, &count))
        return damaged(dir, "note", err);
    for (size_t i = 0; names[i]; i++) {
        if (i >= count || strcmp(parts[i].name, names[i]) != 0)
            return damaged(dir, "note", err);
    }
    struct yw_golden *golden = yw_new(sizeof(*golden));

    golden->key = *key;
    golden->memory_fd = -1;
    golden->image_fd = -1;
    int code = key->way == YW_VIRT_HOW_SHARED
                   ? load_shared(dir, parts, golden, err)
                   : open_part(dir, &parts[0], -1, &golden->image_fd, err);

    if (code == 0 && key->disk)
        code = load_disk(root, dir, &parts[count - 1], golden, err);
    if (code < 0)
        yw_golden_free(golden);
    else
        *ret = golden;
    return code;
}

void yw_golden_free(struct yw_golden *golden)
{
    if (!golden)
        return;
    if (golden->memory_fd >= 0)
        (void)close(golden->memory_fd);
    if (golden->image_fd >= 0)
        (void)close(golden->image_fd);
    free(golden);
}

int yw_golden_draft(const struct yw_embed_root *root, const struct yw_golden_key *key,
                    char path[YW_GOLDEN_PATH_MAX], struct yw_err *err)
{
    path_of(root, "", "", path);
    int code = yw_folder_make(path, 0700, err);

    if (code < 0)
        return code;
    path_of(root, "draft-", key->hash, path);
    remove_folder(path);
    return mkdir(path, 0700) < 0 ? yw_err_errno(err, YW_EIO, errno, path) : 0;
}

static int sync_path(const char *path, struct yw_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int code = 0;

    if (fd < 0 || fsync(fd) < 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (fd >= 0)
        (void)close(fd);
    return code;
}

static int write_note(const char *draft, const struct yw_golden_key *key,
                      struct yw_err *err)
{
    const char *const *names = parts_of(key);
    char path[YW_GOLDEN_PATH_MAX + 16];
    struct yw_buf text;
    int code = 0;

    yw_buf_init(&text, NOTE_MAX);
    yw_buf_printf(&text, FIRST_LINE "base %s\nslot %s\n", key->base, key->slot);
    for (size_t i = 0; names[i] && code == 0; i++) {
        struct part part;

        (void)snprintf(path, sizeof(path), "%s/%s", draft, names[i]);
        code = hash_file(path, &part, err);
        if (code == 0)
            code = sync_path(path, err);
        if (code == 0)
            yw_buf_printf(&text, "file %s %lld %s\n", names[i], (long long)part.size,
                          part.hash);
    }
    (void)snprintf(path, sizeof(path), "%s/golden", draft);
    FILE *file = code == 0 ? fopen(path, "we") : NULL;

    if (code == 0 && !file)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (file && fwrite(text.data, 1, text.size, file) != text.size)
        code = yw_err_set(err, YW_EIO, "%s: cannot write", path);
    if (file && fclose(file) != 0 && code == 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    yw_buf_fini(&text);
    return code < 0 ? code : sync_path(path, err);
}

static void prune(const struct yw_embed_root *root, const struct yw_golden_key *key)
{
    char top[YW_GOLDEN_PATH_MAX], path[YW_GOLDEN_PATH_MAX];

    path_of(root, "", "", top);
    DIR *dir = opendir(top);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char base[YW_HASH_TEXT_SIZE] = "", slot[YW_GOLDEN_SLOT_MAX] = "";
        struct part parts[PARTS_MAX];
        size_t count = 0;

        if (entry->d_name[0] == '.' || strncmp(entry->d_name, "draft-", 6) == 0 ||
            strcmp(entry->d_name, key->hash) == 0 || strlen(entry->d_name) > 64)
            continue;
        path_of(root, "", entry->d_name, path);
        if (!read_note(path, base, slot, parts, &count) || strcmp(base, key->base) != 0 ||
            strcmp(slot, key->slot) == 0) {
            remove_folder(path);
            yw_overlay_hide(root, entry->d_name);
        }
    }
    if (dir)
        (void)closedir(dir);
}

int yw_golden_keep(const struct yw_embed_root *root, const struct yw_golden_key *key,
                   struct yw_err *err)
{
    char draft[YW_GOLDEN_PATH_MAX], path[YW_GOLDEN_PATH_MAX], top[YW_GOLDEN_PATH_MAX];

    path_of(root, "draft-", key->hash, draft);
    path_of(root, "", key->hash, path);
    path_of(root, "", "", top);
    int code = write_note(draft, key, err);

    if (code == 0)
        code = sync_path(draft, err);
    if (code < 0)
        return code;
    remove_folder(path);
    if (rename(draft, path) < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    prune(root, key);
    return sync_path(top, err);
}

void yw_golden_sweep(const struct yw_embed_root *root)
{
    char path[YW_GOLDEN_PATH_MAX];

    path_of(root, "", "", path);
    DIR *dir = opendir(path);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (strncmp(entry->d_name, "draft-", 6) != 0 || strlen(entry->d_name) > 70)
            continue;
        path_of(root, "", entry->d_name, path);
        remove_folder(path);
    }
    if (dir)
        (void)closedir(dir);
}

int yw_golden_memory_write(int memory_fd, int64_t size, const char *path,
                           struct yw_err *err)
{
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct yw_hasher unused;
    int64_t seen = 0;

    if (to < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    yw_hasher_init(&unused);
    int code = ftruncate(to, size) < 0 ? yw_err_errno(err, YW_EIO, errno, path)
                                       : take_in(memory_fd, to, &unused, &seen, err);

    if (close(to) < 0 && code == 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    return code;
}
