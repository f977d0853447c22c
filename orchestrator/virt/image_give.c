#include "virt/image_give.h"

#include "base/hash.h"
#include "base/mem.h"
#include "virt/broker_wire.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_BYTES (1024 * 1024)

struct file {
    char name[YW_IMAGE_NAME_MAX];
    int fd;
    int64_t size;
    char hash[YW_HASH_TEXT_SIZE];
};

struct yw_image_give {
    struct file files[YW_IMAGE_FILES_MAX];
    size_t count;
    size_t hashing; /* the file */
    int64_t at;     /* how far in it */
    struct yw_hasher hasher;
    int64_t given;
    char piece[YW_IMAGE_PIECE_MAX];
};

bool yw_image_name_valid(const char *name)
{
    size_t size = strlen(name);

    if (size == 0 || size >= YW_IMAGE_NAME_MAX || name[0] == '.')
        return false;
    for (const char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
            return false;
    }
    return true;
}

/* Disks of full images are built in the same folder. A host gets one when a machine there
 * has it (virt/hosts_ship.h). */
static bool is_disk(const char *name)
{
    const char *end = strrchr(name, '.');

    return end && strcmp(end, ".qcow2") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static int add_file(struct yw_image_give *give, int dir_fd, const char *name,
                    struct yw_err *err)
{
    struct stat facts;

    if (!yw_image_name_valid(name) || is_disk(name) ||
        fstatat(dir_fd, name, &facts, 0) < 0 || !S_ISREG(facts.st_mode))
        return 0;
    if (give->count == YW_IMAGE_FILES_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d images", YW_IMAGE_FILES_MAX);
    struct file *file = &give->files[give->count];

    file->fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0)
        return yw_err_errno(err, YW_EIO, errno, name);
    give->count++;
    YW_COPY(file->name, name);
    file->size = facts.st_size;
    return 0;
}

int yw_image_give_open(struct yw_image_give **ret, const char *dir, struct yw_err *err)
{
    DIR *list = opendir(dir);
    int code = 0;

    if (!list)
        return yw_err_errno(err, YW_ENOTFOUND, errno, dir);
    struct yw_image_give *give = yw_new(sizeof(*give));

    for (struct dirent *entry = readdir(list); entry && code == 0; entry = readdir(list))
        code = add_file(give, dirfd(list), entry->d_name, err);
    (void)closedir(list);
    if (code < 0) {
        yw_image_give_close(give);
        return yw_err_prefix(err, "%s", dir);
    }
    qsort(give->files, give->count, sizeof(give->files[0]), by_name);
    yw_hasher_init(&give->hasher);
    *ret = give;
    return 0;
}

void yw_image_give_close(struct yw_image_give *give)
{
    if (!give)
        return;
    for (size_t i = 0; i < give->count; i++)
        (void)close(give->files[i].fd);
    free(give);
}

int yw_image_give_step(struct yw_image_give *give, struct yw_err *err)
{
    for (int64_t done = 0; give->hashing < give->count && done < STEP_BYTES;) {
        struct file *file = &give->files[give->hashing];
        ssize_t got = pread(file->fd, give->piece, sizeof(give->piece), give->at);

        if (got < 0)
            return yw_err_errno(err, YW_EIO, errno, file->name);
        yw_hasher_add(&give->hasher, give->piece, (size_t)got);
        give->at += got;
        done += got;
        if (got > 0 && give->at < file->size)
            continue;
        struct yw_hash hash;

        yw_hasher_end(&give->hasher, &hash);
        yw_hash_text(&hash, file->hash);
        yw_hasher_init(&give->hasher);
        file->size = give->at;
        give->at = 0;
        give->hashing++;
    }
    return give->hashing == give->count;
}

void yw_image_give_offer(const struct yw_image_give *give, struct yw_buf *out)
{
    yw_pack_u8(out, YW_BROKER_IMAGE_HAVE);
    yw_pack_u32(out, (uint32_t)give->count);
    for (size_t i = 0; i < give->count; i++) {
        yw_pack_str(out, give->files[i].name);
        yw_pack_i64(out, give->files[i].size);
        yw_pack_str(out, give->files[i].hash);
    }
}

int yw_image_give_piece(struct yw_image_give *give, struct yw_unpack *in,
                        struct yw_buf *out, struct yw_err *err)
{
    uint32_t index = yw_unpack_u32(in);
    int64_t offset = yw_unpack_i64(in);

    if (!yw_unpack_done(in) || index >= give->count || offset < 0 ||
        offset > give->files[index].size)
        return yw_err_set(err, YW_EINVAL, "a wish for an image that does not exist");
    ssize_t got = pread(give->files[index].fd, give->piece, sizeof(give->piece), offset);

    if (got < 0)
        return yw_err_errno(err, YW_EIO, errno, give->files[index].name);
    give->given += got;
    yw_pack_u8(out, YW_BROKER_IMAGE_PUT);
    yw_pack_u32(out, index);
    yw_pack_i64(out, offset);
    yw_pack_bytes(out, give->piece, (size_t)got);
    return 0;
}

int64_t yw_image_given(const struct yw_image_give *give, int64_t *ret_all)
{
    *ret_all = 0;
    for (size_t i = 0; i < give->count; i++)
        *ret_all += give->files[i].size;
    return give->given;
}
