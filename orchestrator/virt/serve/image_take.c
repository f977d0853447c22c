#include "virt/serve/image_take.h"

#include "base/folder.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "virt/broker_wire.h"
#include "virt/image_give.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SILENCE_MS 20000
#define SAY_MS 2000
#define IMAGE_BYTES_MAX (64ll << 30)
#define WISHES 4 /* on their way at once */
#define PATH_SIZE 512

struct offer {
    char name[YW_IMAGE_NAME_MAX];
    char hash[YW_HASH_TEXT_SIZE];
    int64_t size;
};

struct take {
    int fd;
    const char *dir;
    struct offer offers[YW_IMAGE_FILES_MAX];
    size_t count;
    char *message; /* YW_BROKER_MESSAGE_MAX */
};

/* ---- messages, blocking ---- */

static int wait_for(int fd, short what, int span_ms, struct yw_err *err)
{
    struct pollfd wanted = {.fd = fd, .events = what};
    int status = poll(&wanted, 1, span_ms);

    if (status < 0 && errno != EINTR)
        return yw_err_errno(err, YW_EIO, errno, "poll");
    return status == 0 ? yw_err_set(err, YW_ETIMEOUT, "the core is silent") : 0;
}

static int send_all(int fd, const void *bytes, size_t size, int span_ms,
                    struct yw_err *err)
{
    const char *at = bytes;

    while (size > 0) {
        int code = wait_for(fd, POLLOUT, span_ms, err);

        if (code < 0)
            return code;
        ssize_t sent = write(fd, at, size);

        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return yw_err_errno(err, YW_EIO, errno, "send");
        if (sent > 0) {
            at += sent;
            size -= (size_t)sent;
        }
    }
    return 0;
}

static int send_message(int fd, const struct yw_buf *message, int span_ms,
                        struct yw_err *err)
{
    uint8_t prefix[4];

    for (int i = 0; i < 4; i++)
        prefix[i] = (uint8_t)(message->size >> (8 * i));
    int code = send_all(fd, prefix, sizeof(prefix), span_ms, err);

    return code < 0 ? code : send_all(fd, message->data, message->size, span_ms, err);
}

static int read_all(int fd, void *bytes, size_t size, struct yw_err *err)
{
    char *at = bytes;

    while (size > 0) {
        int code = wait_for(fd, POLLIN, SILENCE_MS, err);

        if (code < 0)
            return code;
        ssize_t got = read(fd, at, size);

        if (got == 0)
            return yw_err_set(err, YW_EIO, "the core has gone");
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return yw_err_errno(err, YW_EIO, errno, "read");
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
    return 0;
}

static int read_message(struct take *take, enum yw_broker_message type,
                        struct yw_unpack *ret, struct yw_err *err)
{
    uint8_t prefix[4];
    int code = read_all(take->fd, prefix, sizeof(prefix), err);
    size_t size = 0;

    for (int i = 0; i < 4; i++)
        size |= (size_t)prefix[i] << (8 * i);
    if (code == 0 && size > YW_BROKER_MESSAGE_MAX)
        return yw_err_set(err, YW_ELIMIT, "a message above %d bytes",
                          YW_BROKER_MESSAGE_MAX);
    if (code == 0)
        code = read_all(take->fd, take->message, size, err);
    if (code < 0)
        return code;
    yw_unpack_init(ret, take->message, size);
    return yw_unpack_u8(ret) == type
               ? 0
               : yw_err_set(err, YW_EINVAL, "the core says something else");
}

void yw_broker_say_failed(int fd, const struct yw_err *why)
{
    struct yw_buf message;
    struct yw_err err;

    yw_buf_init(&message, YW_BROKER_MESSAGE_MAX);
    yw_pack_u8(&message, YW_BROKER_FAILED);
    yw_pack_str(&message, why->text);
    (void)send_message(fd, &message, SAY_MS, &err);
    yw_buf_fini(&message);
}

static int greet(struct take *take, struct yw_err *err)
{
    struct yw_unpack in;
    struct yw_buf hello;

    yw_buf_init(&hello, 256);
    yw_broker_pack_build(&hello, YW_BROKER_HELLO);
    int code = send_message(take->fd, &hello, SILENCE_MS, err);

    yw_buf_fini(&hello);
    if (code == 0)
        code = read_message(take, YW_BROKER_IMAGE_HAVE, &in, err);
    if (code < 0)
        return code;
    take->count = yw_unpack_count(&in, YW_IMAGE_FILES_MAX);
    for (size_t i = 0; i < take->count; i++) {
        struct offer *offer = &take->offers[i];
        struct yw_hash hash;

        yw_unpack_str(&in, offer->name, sizeof(offer->name));
        offer->size = yw_unpack_i64(&in);
        yw_unpack_str(&in, offer->hash, sizeof(offer->hash));
        if (!in.failed &&
            (!yw_image_name_valid(offer->name) || yw_hash_parse(offer->hash, &hash) < 0 ||
             offer->size < 0 || offer->size > IMAGE_BYTES_MAX))
            in.failed = true;
    }
    return yw_unpack_done(&in) ? 0 : yw_err_set(err, YW_EINVAL, "malformed offer");
}

/* ---- one file ---- */

static void path_of(const struct take *take, const char *name, const char *suffix,
                    char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s%s", take->dir, name, suffix);
}

static int64_t size_of(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 ? (int64_t)facts.st_size : -1;
}

static int wish(struct take *take, size_t index, int64_t offset, struct yw_err *err)
{
    struct yw_buf message;

    yw_buf_init(&message, 64);
    yw_pack_u8(&message, YW_BROKER_IMAGE_WANT);
    yw_pack_u32(&message, (uint32_t)index);
    yw_pack_i64(&message, offset);
    int code = send_message(take->fd, &message, SILENCE_MS, err);

    yw_buf_fini(&message);
    return code;
}

/* Writes the next piece, which must be the one at `offset`. */
static int take_piece(struct take *take, size_t index, int file, int64_t *offset,
                      struct yw_err *err)
{
    struct yw_unpack in;
    size_t size = 0;
    int code = read_message(take, YW_BROKER_IMAGE_PUT, &in, err);

    if (code < 0)
        return code;
    uint32_t which = yw_unpack_u32(&in);
    int64_t at = yw_unpack_i64(&in);
    const void *bytes = yw_unpack_bytes(&in, YW_IMAGE_PIECE_MAX, &size);

    if (!yw_unpack_done(&in) || which != index || at != *offset || size == 0)
        return yw_err_set(err, YW_EINVAL, "not the piece that was asked for");
    if (pwrite(file, bytes, size, at) != (ssize_t)size)
        return yw_err_errno(err, YW_EIO, errno, "write");
    *offset += (int64_t)size;
    return 0;
}

static int fetch(struct take *take, size_t index, int file, struct yw_err *err)
{
    struct stat facts;
    int64_t all = take->offers[index].size;

    if (fstat(file, &facts) < 0)
        return yw_err_errno(err, YW_EIO, errno, "stat");
    int64_t got = facts.st_size - facts.st_size % YW_IMAGE_PIECE_MAX, wished = got;
    int code = 0;

    if (got > all)
        got = wished = 0;
    while (code == 0 && got < all) {
        while (code == 0 && wished < all && wished < got + WISHES * YW_IMAGE_PIECE_MAX) {
            code = wish(take, index, wished, err);
            wished += YW_IMAGE_PIECE_MAX;
        }
        if (code == 0)
            code = take_piece(take, index, file, &got, err);
    }
    if (code == 0 && (ftruncate(file, all) < 0 || fsync(file) < 0))
        code = yw_err_errno(err, YW_EIO, errno, "write");
    return code;
}

static int check_hash(struct take *take, const struct offer *offer, int file,
                      struct yw_err *err)
{
    struct yw_hasher hasher;
    struct yw_hash hash;
    char text[YW_HASH_TEXT_SIZE];
    ssize_t got;

    yw_hasher_init(&hasher);
    for (int64_t at = 0;
         (got = pread(file, take->message, YW_BROKER_MESSAGE_MAX, at)) > 0; at += got)
        yw_hasher_add(&hasher, take->message, (size_t)got);
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    if (got < 0)
        return yw_err_errno(err, YW_EIO, errno, "read");
    return strcmp(text, offer->hash) == 0
               ? 0
               : yw_err_set(err, YW_EIO, "came with another hash; it is fetched again");
}

static int fetch_file(struct take *take, size_t index, const char *whole,
                      struct yw_err *err)
{
    const struct offer *offer = &take->offers[index];
    char part[PATH_SIZE];

    path_of(take, offer->hash, ".part", part);
    int file = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    if (file < 0)
        return yw_err_errno(err, YW_EIO, errno, part);
    yw_info("virt", "fetching image '%s', %lld bytes", offer->name,
            (long long)offer->size);
    int code = fetch(take, index, file, err);

    if (code == 0) {
        code = check_hash(take, offer, file, err);
        if (code < 0)
            (void)unlink(part);
    }
    (void)close(file);
    if (code == 0 && rename(part, whole) < 0)
        code = yw_err_errno(err, YW_EIO, errno, whole);
    return code;
}

static int link_name(struct take *take, const struct offer *offer, const char *whole,
                     struct yw_err *err)
{
    char name[PATH_SIZE], fresh[PATH_SIZE];
    struct stat now, wanted;

    path_of(take, offer->name, "", name);
    path_of(take, offer->name, ".new", fresh);
    if (stat(name, &now) == 0 && stat(whole, &wanted) == 0 && now.st_ino == wanted.st_ino)
        return 0;
    (void)unlink(fresh);
    if (link(whole, fresh) < 0 || rename(fresh, name) < 0)
        return yw_err_errno(err, YW_EIO, errno, name);
    return 0;
}

/* Bytes that no name of the offer stands for. */
static void drop_old(struct take *take)
{
    DIR *list = opendir(take->dir);

    for (struct dirent *entry = list ? readdir(list) : NULL; entry;
         entry = readdir(list)) {
        char path[PATH_SIZE], text[YW_HASH_TEXT_SIZE];
        struct yw_hash hash;
        bool wanted = false;

        if (YW_COPY(text, entry->d_name) < 0 || yw_hash_parse(text, &hash) < 0)
            continue;
        for (size_t i = 0; i < take->count; i++)
            wanted = wanted || strcmp(take->offers[i].hash, text) == 0;
        path_of(take, entry->d_name, "", path);
        if (!wanted)
            (void)unlink(path);
    }
    if (list)
        (void)closedir(list);
}

int yw_image_take(int fd, const char *dir, struct yw_err *err)
{
    struct take *take = yw_new(sizeof(*take));

    take->fd = fd;
    take->dir = dir;
    take->message = yw_new(YW_BROKER_MESSAGE_MAX);
    int code = yw_folder_make(dir, 0755, err);

    if (code == 0)
        code = greet(take, err);
    for (size_t i = 0; i < take->count && code == 0; i++) {
        const struct offer *offer = &take->offers[i];
        char whole[PATH_SIZE];

        path_of(take, offer->hash, "", whole);
        if (size_of(whole) != offer->size)
            code = fetch_file(take, i, whole, err);
        if (code == 0)
            code = link_name(take, offer, whole, err);
        if (code < 0)
            (void)yw_err_prefix(err, "image '%s'", offer->name);
    }
    if (code == 0)
        drop_old(take);
    free(take->message);
    free(take);
    return code;
}
