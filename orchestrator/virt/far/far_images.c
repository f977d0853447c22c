/* A pool of type dir for each set of images, named by the set's hash, so that a set that
 * is there is never written to again. A volume counts once "<name>.done" stands beside it:
 * libvirt cannot rename one. */
#include "base/hash.h"
#include "base/mem.h"
#include "model/spec.h"
#include "virt/far/far_daemon.h"
#include "virt/machine/libvirt_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (256 * 1024)
#define SET_TEXT 16
#define TELL_BYTES (4 * 1024 * 1024)
#define XML_MAX 1024
#define PATH_SIZE 512

struct sending {
    struct yw_host *host;
    virStoragePoolPtr pool;
    const char *images_dir;
    void (*told)(void *arg, const char *text);
    void *arg;
    char piece[PIECE];
};

/* Those that were built here; NULL at the end. */
static const char *next_image(const struct sending *sending, size_t *index)
{
    const char *name;

    while ((name = yw_spec_micro_file((*index)++))) {
        char path[PATH_SIZE];

        (void)snprintf(path, sizeof(path), "%s/%s", sending->images_dir, name);
        if (*index <= YW_SPEC_MICRO_NEEDED || access(path, F_OK) == 0)
            return name;
    }
    return NULL;
}

static int open_image(const struct sending *sending, const char *name, int64_t *ret_size,
                      struct yw_err *err)
{
    char path[PATH_SIZE];
    struct stat facts;

    (void)snprintf(path, sizeof(path), "%s/%s", sending->images_dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &facts) < 0) {
        int code = yw_err_errno(err, YW_EIO, errno, path);

        if (fd >= 0)
            (void)close(fd);
        return code;
    }
    *ret_size = facts.st_size;
    return fd;
}

/* Of all images, names and bytes. */
static int hash_set(struct sending *sending, char text[YW_HASH_TEXT_SIZE],
                    struct yw_err *err)
{
    struct yw_hasher hasher;
    struct yw_hash hash;

    size_t index = 0;
    const char *name;

    yw_hasher_init(&hasher);
    while ((name = next_image(sending, &index))) {
        int64_t size = 0;
        int fd = open_image(sending, name, &size, err);
        ssize_t got;

        if (fd < 0)
            return fd;
        yw_hasher_add(&hasher, name, strlen(name) + 1);
        yw_hasher_add(&hasher, &size, sizeof(size));
        while ((got = read(fd, sending->piece, PIECE)) > 0)
            yw_hasher_add(&hasher, sending->piece, (size_t)got);
        (void)close(fd);
        if (got < 0)
            return yw_err_errno(err, YW_EIO, errno, name);
    }
    yw_hasher_end(&hasher, &hash);
    yw_hash_text(&hash, text);
    text[SET_TEXT] = '\0';
    return 0;
}

static int open_pool(struct sending *sending, const char *set, const char *dir,
                     struct yw_err *err)
{
    virConnectPtr conn = yw_host_conn(sending->host);
    char name[64], xml[XML_MAX];

    (void)snprintf(name, sizeof(name), "yanwu-%s", set);
    sending->pool = virStoragePoolLookupByName(conn, name);
    if (sending->pool && virStoragePoolIsActive(sending->pool) == 1) {
        (void)virStoragePoolRefresh(sending->pool, 0);
        return 0;
    }
    if (sending->pool)
        return virStoragePoolCreate(sending->pool, 0) < 0
                   ? yw_host_fail(err, "start image pool")
                   : 0;
    /* `name` and `dir` are of our own letters: nothing to escape. */
    (void)snprintf(xml, sizeof(xml),
                   "<pool type='dir'><name>%s</name><target><path>%s</path>"
                   "<permissions><mode>0755</mode></permissions></target></pool>",
                   name, dir);
    sending->pool =
        virStoragePoolCreateXML(conn, xml, VIR_STORAGE_POOL_CREATE_WITH_BUILD);
    return sending->pool ? 0 : yw_host_fail(err, "create image pool");
}

static bool there(const struct sending *sending, const char *name, int64_t size)
{
    char done[64];
    virStorageVolInfo info;

    (void)snprintf(done, sizeof(done), "%s.done", name);
    virStorageVolPtr mark = virStorageVolLookupByName(sending->pool, done);
    virStorageVolPtr volume =
        mark ? virStorageVolLookupByName(sending->pool, name) : NULL;
    bool whole = volume && virStorageVolGetInfo(volume, &info) == 0 &&
                 info.capacity == (unsigned long long)size;

    if (volume)
        (void)virStorageVolFree(volume);
    if (mark)
        (void)virStorageVolFree(mark);
    return whole;
}

static virStorageVolPtr make_volume(const struct sending *sending, const char *name,
                                    int64_t size, struct yw_err *err)
{
    virStorageVolPtr old = virStorageVolLookupByName(sending->pool, name);
    char xml[XML_MAX];

    if (old) {
        (void)virStorageVolDelete(old, 0);
        (void)virStorageVolFree(old);
    }
    (void)snprintf(xml, sizeof(xml),
                   "<volume><name>%s</name><capacity>%lld</capacity><target>"
                   "<format type='raw'/><permissions><mode>0644</mode></permissions>"
                   "</target></volume>",
                   name, (long long)size);
    virStorageVolPtr volume = virStorageVolCreateXML(sending->pool, xml, 0);

    if (!volume)
        (void)yw_host_fail(err, "create volume");
    return volume;
}

static int send_bytes(struct sending *sending, virStreamPtr stream, int fd, int64_t size,
                      struct yw_err *err)
{
    int64_t sent = 0, told = 0;
    ssize_t got;

    while ((got = read(fd, sending->piece, PIECE)) > 0) {
        for (ssize_t at = 0; at < got;) {
            int part = virStreamSend(stream, sending->piece + at, (size_t)(got - at));

            if (part < 0)
                return yw_host_fail(err, "upload");
            at += part;
        }
        sent += got;
        if (sent - told >= TELL_BYTES || sent == size) {
            char text[96];

            told = sent;
            (void)snprintf(text, sizeof(text), "images: %lld of %lld KiB sent",
                           (long long)sent / 1024, (long long)size / 1024);
            sending->told(sending->arg, text);
        }
    }
    if (got < 0)
        return yw_err_errno(err, YW_EIO, errno, "image");
    return virStreamFinish(stream) < 0 ? yw_host_fail(err, "upload") : 0;
}

static int upload(struct sending *sending, const char *name, int fd, int64_t size,
                  struct yw_err *err)
{
    virStorageVolPtr volume = make_volume(sending, name, size, err);
    virStreamPtr stream = volume ? virStreamNew(yw_host_conn(sending->host), 0) : NULL;
    int code = volume ? 0 : YW_EIO;

    if (volume && (!stream || virStorageVolUpload(volume, stream, 0,
                                                  (unsigned long long)size, 0) < 0))
        code = yw_host_fail(err, "upload");
    if (code == 0) {
        code = send_bytes(sending, stream, fd, size, err);
        if (code < 0)
            (void)virStreamAbort(stream);
    }
    if (stream)
        (void)virStreamFree(stream);
    if (volume)
        (void)virStorageVolFree(volume);
    if (code == 0) {
        char done[64];

        (void)snprintf(done, sizeof(done), "%s.done", name);
        volume = make_volume(sending, done, 1, err);
        code = volume ? 0 : YW_EIO;
        if (volume)
            (void)virStorageVolFree(volume);
    }
    return code;
}

static int send_all(struct sending *sending, struct yw_err *err)
{
    const char *name;
    size_t index = 0;
    int code = 0;

    while (code == 0 && (name = next_image(sending, &index))) {
        int64_t size = 0;
        int fd = open_image(sending, name, &size, err);

        if (fd < 0)
            return fd;
        if (!there(sending, name, size))
            code = upload(sending, name, fd, size, err);
        (void)close(fd);
        if (code < 0)
            (void)yw_err_prefix(err, "image '%s'", name);
    }
    return code;
}

int yw_far_images(struct yw_host *host, const char *images_dir, char *ret_dir,
                  size_t ret_size, void (*told)(void *arg, const char *text), void *arg,
                  struct yw_err *err)
{
    struct sending *sending = yw_new(sizeof(*sending));
    char set[YW_HASH_TEXT_SIZE];

    sending->host = host;
    sending->images_dir = images_dir;
    sending->told = told;
    sending->arg = arg;
    int code = hash_set(sending, set, err);

    if (code == 0)
        code = yw_copyf(ret_dir, ret_size, "%s%s", YW_FAR_IMAGES, set) < 0
                   ? yw_err_set(err, YW_ELIMIT, "image path too long")
                   : 0;
    if (code == 0)
        code = open_pool(sending, set, ret_dir, err);
    if (code == 0)
        code = send_all(sending, err);
    if (sending->pool)
        (void)virStoragePoolFree(sending->pool);
    free(sending);
    return code;
}
