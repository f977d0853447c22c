#include "store/image.h"

#include "base/folder.h"
#include "base/id.h"
#include "base/mem.h"
#include "model/spec.h"
#include "store/quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK "disk.qcow2"
#define MANIFEST "manifest.json"
#define NEW ".new-"

static void path_of(const char *data_dir, const char *id, const char *name,
                    char path[YW_IMAGE_PATH_MAX])
{
    (void)snprintf(path, YW_IMAGE_PATH_MAX, "%s/images%s%s%s%s", data_dir,
                   id[0] ? "/" : "", id, name[0] ? "/" : "", name);
}

/* ---- reading ---- */

static int read_manifest(const char *data_dir, const char *id, struct yw_image *ret,
                         struct yw_err *err)
{
    char path[YW_IMAGE_PATH_MAX], text[YW_IMAGE_MANIFEST_MAX + 1];

    path_of(data_dir, id, MANIFEST, path);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return yw_err_errno(err, errno == ENOENT ? YW_ENOTFOUND : YW_EIO, errno, path);
    ssize_t size = read(fd, text, sizeof text);

    (void)close(fd);
    if (size < 0 || yw_image_decode(ret, text, (size_t)size, err) < 0 ||
        strcmp(ret->id, id) != 0) {
        (void)yw_err_set(err, YW_ECORRUPT, "%s: not a manifest of image '%s'", path, id);
        return YW_ECORRUPT;
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct yw_image *)a)->id, ((const struct yw_image *)b)->id);
}

int yw_image_list(const char *data_dir, struct yw_vec *list, struct yw_err *err)
{
    char path[YW_IMAGE_PATH_MAX];

    path_of(data_dir, "", "", path);
    DIR *dir = opendir(path);

    if (!dir)
        return errno == ENOENT ? 0 : yw_err_errno(err, YW_EIO, errno, path);
    for (struct dirent *entry = readdir(dir); entry && list->count < YW_IMAGES_MAX;
         entry = readdir(dir)) {
        struct yw_image image;

        if (yw_name_valid(entry->d_name) &&
            read_manifest(data_dir, entry->d_name, &image, NULL) == 0)
            (void)yw_vec_push(list, &image);
    }
    (void)closedir(dir);
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(struct yw_image), compare);
    return 0;
}

/* Names that are registered; *ret is *new* and borrows from the list. */
static size_t names_of(const struct yw_vec *list, const char ***ret)
{
    *ret = yw_new_array(list->count + 1, sizeof **ret);
    for (size_t i = 0; i < list->count; i++)
        (*ret)[i] = ((const struct yw_image *)yw_vec_at(list, i))->id;
    return list->count;
}

static int not_found(const char *data_dir, const char *id, struct yw_err *err)
{
    const char **names = NULL;
    struct yw_vec list;

    yw_vec_init(&list, sizeof(struct yw_image), YW_IMAGES_MAX);
    (void)yw_image_list(data_dir, &list, NULL);
    size_t count = names_of(&list, &names);
    char meant[YW_MEANT_MAX];
    const char *nearest = yw_name_nearest(id, names, count);

    (void)yw_err_set(err, YW_ENOTFOUND, "no image '%.63s' is registered%s", id,
                     yw_meant(meant, nearest));
    free(names);
    yw_vec_fini(&list);
    return YW_ENOTFOUND;
}

int yw_image_find(const char *data_dir, const char *id, struct yw_image *ret,
                  char path[YW_IMAGE_PATH_MAX], struct yw_err *err)
{
    char disk[YW_IMAGE_PATH_MAX];
    struct stat info;
    int code = yw_name_valid(id) ? read_manifest(data_dir, id, ret, err) : YW_ENOTFOUND;

    if (code == YW_ENOTFOUND)
        return not_found(data_dir, id, err);
    if (code < 0)
        return code;
    path_of(data_dir, id, DISK, disk);
    if (lstat(disk, &info) < 0 || !S_ISREG(info.st_mode) ||
        info.st_size != ret->size_bytes)
        return yw_err_set(err, YW_ECORRUPT, "image '%s': %s is not as registered", id,
                          disk);
    if (path)
        memcpy(path, disk, sizeof disk);
    return 0;
}

int yw_image_verify(const char *data_dir, const char *id, struct yw_err *err)
{
    char path[YW_IMAGE_PATH_MAX], text[YW_HASH_TEXT_SIZE];
    struct yw_image image;
    struct yw_hasher hasher;
    struct yw_hash hash;
    ssize_t got = 0;
    int code = yw_image_find(data_dir, id, &image, path, err);

    if (code < 0)
        return code;
    char *bytes = yw_new(1024 * 1024);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    yw_hasher_init(&hasher);
    while (fd >= 0 && (got = read(fd, bytes, 1024 * 1024)) > 0)
        yw_hasher_add(&hasher, bytes, (size_t)got);
    if (fd < 0 || got < 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (fd >= 0)
        (void)close(fd);
    free(bytes);
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    if (code == 0 && strcmp(text, image.blake2b) != 0)
        code = yw_err_set(err, YW_ECORRUPT,
                          "image '%s': its bytes are not those that were "
                          "registered",
                          id);
    return code;
}

static int check_memory(const struct yw_vec *list, const struct yw_spec_machine *machine,
                        struct yw_err *err)
{
    int given = machine->ram_mib > 0 ? machine->ram_mib : YW_SPEC_RAM_FULL_MIB;

    for (size_t i = 0; i < list->count; i++) {
        const struct yw_image *image = yw_vec_at(list, i);

        if (strcmp(image->id, machine->image) == 0 && image->ram_mib > given)
            return yw_err_set(err, YW_EINVAL,
                              "scenario.lua:%d: machine '%s': image '%s' needs %d MiB, "
                              "and it has %d: say ram_mib = %d",
                              machine->line, machine->name, image->id, image->ram_mib,
                              given, image->ram_mib);
    }
    return 0;
}

int yw_image_check_spec(const char *data_dir, const struct yw_vec *more,
                        const struct yw_spec *spec, struct yw_err *err)
{
    const char **names = NULL;
    struct yw_vec list;

    yw_vec_init(&list, sizeof(struct yw_image), YW_IMAGES_MAX);
    if (data_dir[0])
        (void)yw_image_list(data_dir, &list, NULL);
    for (size_t i = 0; more && i < more->count; i++)
        (void)yw_vec_push(&list, yw_vec_at(more, i));
    size_t count = names_of(&list, &names);
    int code = yw_spec_check_images(spec, names, count, err);

    for (size_t i = 0; i < spec->machine_count && code == 0; i++)
        code = check_memory(&list, &spec->machines[i], err);
    free(names);
    yw_vec_fini(&list);
    return code;
}

/* ---- writing ---- */

static int lock_registry(const char *data_dir, int *ret_fd, struct yw_err *err)
{
    char path[YW_IMAGE_PATH_MAX];

    path_of(data_dir, "", "", path);
    int code = yw_folder_make(path, 0755, err);

    if (code < 0)
        return code;
    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_fd < 0)
        return yw_err_errno(err, YW_EIO, errno, path);
    struct stat info;

    /* Somebody who may write in the data directory must not have put it there. */
    if (fstat(*ret_fd, &info) < 0 || info.st_uid != geteuid()) {
        (void)close(*ret_fd);
        return yw_err_set(err, YW_EDENIED, "%s belongs to another user", path);
    }
    if (flock(*ret_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    (void)close(*ret_fd);
    return yw_err_set(err, YW_ESTATE, "%s: another image is being added or removed",
                      path);
}

static int write_manifest(const char *folder, const struct yw_image *image,
                          struct yw_err *err)
{
    char *path = yw_strf("%s/" MANIFEST, folder);
    struct yw_buf out;

    yw_buf_init(&out, YW_IMAGE_MANIFEST_MAX);
    yw_image_encode(&out, image);
    yw_buf_puts(&out, "\n");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    bool good = fd >= 0 && !out.overflow &&
                write(fd, out.data, out.size) == (ssize_t)out.size && fsync(fd) == 0;
    int code = good ? 0 : yw_err_errno(err, YW_EIO, errno, path);

    if (fd >= 0)
        (void)close(fd);
    yw_buf_fini(&out);
    free(path);
    return code;
}

static int check_order(const char *data_dir, const struct yw_image_order *order,
                       struct yw_err *err)
{
    char path[YW_IMAGE_PATH_MAX];

    if (!yw_name_valid(order->id))
        return yw_err_set(err, YW_EINVAL,
                          "id '%.70s': lower-case letters, digits and -, at most 63",
                          order->id);
    if (order->title && order->title[0] && !yw_title_valid(order->title))
        return yw_err_set(err, YW_EINVAL,
                          "title: 1 to 64 bytes without control characters");
    if (yw_spec_is_micro(order->id))
        return yw_err_set(err, YW_EEXIST, "id '%s' is that of a micro image", order->id);
    if (order->ram_mib != 0 &&
        (order->ram_mib < YW_SPEC_RAM_MIN_MIB || order->ram_mib > YW_SPEC_RAM_MAX_MIB))
        return yw_err_set(err, YW_EINVAL, "memory: %d to %d MiB", YW_SPEC_RAM_MIN_MIB,
                          YW_SPEC_RAM_MAX_MIB);
    path_of(data_dir, order->id, "", path);
    return access(path, F_OK) < 0
               ? 0
               : yw_err_set(err, YW_EEXIST, "image '%s' is registered already",
                            order->id);
}

static void describe(const struct yw_image_order *order, struct yw_image *ret)
{
    const char *base = strrchr(order->file, '/');

    YW_COPY(ret->id, order->id);
    YW_COPY(ret->kind, "full");
    YW_COPY(ret->title, order->title ? order->title : "");
    YW_COPY(ret->added_by, order->added_by);
    YW_COPY(ret->recipe, order->recipe ? order->recipe : "");
    YW_COPY(ret->agent, yw_image_agent_name(order->agent));
    ret->ram_mib = order->ram_mib;
    ret->added_us = order->now_us;
    base = base ? base + 1 : order->file;
    YW_COPY(ret->origin, yw_utf8_valid(base, strlen(base)) ? base : "");
}

/* In a folder of its own that becomes the image's by one rename. */
static int make(const char *data_dir, const struct yw_image_order *order, int dir,
                struct yw_image *ret, struct yw_err *err)
{
    char unique[YW_ID_SIZE], folder[YW_IMAGE_PATH_MAX], final[YW_IMAGE_PATH_MAX];

    yw_id_random(unique);
    char *fresh = yw_strf(NEW "%s", unique);

    path_of(data_dir, fresh, "", folder);
    path_of(data_dir, order->id, "", final);
    char *disk = yw_strf("%s/" DISK, folder), *work = yw_strf("%s/quarantine", folder);
    int code = mkdir(folder, 0755) < 0 ? yw_err_errno(err, YW_EIO, errno, folder) : 0;

    if (code == 0)
        code = yw_quarantine_pass(order->file, order->format, work, disk, ret, err);
    if (code == 0)
        code = write_manifest(folder, ret, err);
    if (code == 0 && (rename(folder, final) < 0 || fsync(dir) < 0))
        code = yw_err_errno(err, YW_EIO, errno, final);
    if (code < 0)
        yw_folder_remove(folder);
    free(fresh);
    free(disk);
    free(work);
    return code;
}

/* What a process that was killed left behind; nobody else is at work here. */
static void sweep(const char *data_dir)
{
    char path[YW_IMAGE_PATH_MAX], folder[YW_IMAGE_PATH_MAX];

    path_of(data_dir, "", "", path);
    DIR *dir = opendir(path);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (strncmp(entry->d_name, NEW, strlen(NEW)) != 0)
            continue;
        path_of(data_dir, entry->d_name, "", folder);
        yw_folder_remove(folder);
    }
    if (dir)
        (void)closedir(dir);
}

static size_t count_of(const char *data_dir)
{
    struct yw_vec list;

    yw_vec_init(&list, sizeof(struct yw_image), YW_IMAGES_MAX);
    (void)yw_image_list(data_dir, &list, NULL);
    size_t count = list.count;

    yw_vec_fini(&list);
    return count;
}

int yw_image_add(const char *data_dir, const struct yw_image_order *order,
                 struct yw_image *ret, struct yw_err *err)
{
    int dir = -1;

    memset(ret, 0, sizeof *ret);
    int code = lock_registry(data_dir, &dir, err);

    if (code < 0)
        return code;
    sweep(data_dir);
    code = check_order(data_dir, order, err);
    if (code == 0 && count_of(data_dir) >= YW_IMAGES_MAX)
        code = yw_err_set(err, YW_ELIMIT, "more than %d images", YW_IMAGES_MAX);
    if (code == 0) {
        describe(order, ret);
        code = make(data_dir, order, dir, ret, err);
        if (code < 0)
            (void)yw_err_prefix(err, "image file '%s'", order->file);
    }
    (void)close(dir);
    return code;
}

int yw_image_remove(const char *data_dir, const char *id, struct yw_err *err)
{
    char folder[YW_IMAGE_PATH_MAX], gone[YW_IMAGE_PATH_MAX], unique[YW_ID_SIZE];
    struct yw_image image;
    int dir = -1;
    int code = yw_image_find(data_dir, id, &image, NULL, err);

    if (code < 0 && code != YW_ECORRUPT)
        return code;
    code = lock_registry(data_dir, &dir, err);
    if (code < 0)
        return code;
    yw_id_random(unique);
    char *name = yw_strf(NEW "%s", unique);

    path_of(data_dir, id, "", folder);
    path_of(data_dir, name, "", gone);
    if (rename(folder, gone) < 0)
        code = yw_err_errno(err, YW_EIO, errno, folder);
    else
        yw_folder_remove(gone);
    free(name);
    (void)close(dir);
    return code;
}
