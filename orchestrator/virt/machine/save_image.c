#include "virt/machine/save_image.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "LibvirtQemudSave"
#define VERSION 2

struct header {
    char magic[16];
    uint32_t version;
    uint32_t data_size;
    uint32_t was_running;
    uint32_t compressed;
    uint32_t cookie_at;
    uint32_t unused[14];
};
_Static_assert(sizeof(struct header) == YW_SAVE_IMAGE_HEADER, "as libvirt writes it");

int yw_save_image_parse(const void *bytes, size_t size, struct yw_save_image *ret,
                        struct yw_err *err)
{
    const char *data = (const char *)bytes + sizeof(struct header);
    struct header header;

    if (size < sizeof(header))
        return yw_err_set(err, YW_EINVAL, "save image: cut off");
    memcpy(&header, bytes, sizeof(header));
    if (memcmp(header.magic, MAGIC, sizeof(header.magic)) != 0)
        return yw_err_set(err, YW_EINVAL, "save image: none, or not finished");
    if (header.version != VERSION)
        return yw_err_set(err, YW_EINVAL, "save image: version %u, not %d",
                          header.version, VERSION);
    if (header.data_size > YW_SAVE_IMAGE_DATA_MAX)
        return yw_err_set(err, YW_ELIMIT, "save image: description above %d bytes",
                          YW_SAVE_IMAGE_DATA_MAX);
    if (header.data_size == 0 || header.data_size > size - sizeof(header) ||
        header.cookie_at >= header.data_size || data[header.data_size - 1] != '\0' ||
        (header.cookie_at > 0 && data[header.cookie_at - 1] != '\0'))
        return yw_err_set(err, YW_EINVAL, "save image: damaged");
    ret->version = header.version;
    ret->was_running = header.was_running;
    ret->compressed = header.compressed;
    ret->stream_at = sizeof(header) + header.data_size;
    ret->xml = data;
    ret->cookie = header.cookie_at > 0 ? data + header.cookie_at : "";
    return 0;
}

int yw_save_image_patch(const struct yw_save_image *image, const char *xml,
                        struct yw_buf *out, struct yw_err *err)
{
    size_t xml_size = strlen(xml) + 1;
    size_t cookie_size = image->cookie[0] ? strlen(image->cookie) + 1 : 0;
    struct header header = {
        .version = image->version, .was_running = 1, .compressed = image->compressed};

    if (xml_size + cookie_size > YW_SAVE_IMAGE_DATA_MAX)
        return yw_err_set(err, YW_ELIMIT, "save image: description above %d bytes",
                          YW_SAVE_IMAGE_DATA_MAX);
    memcpy(header.magic, MAGIC, sizeof(header.magic));
    header.data_size = (uint32_t)(xml_size + cookie_size);
    header.cookie_at = cookie_size > 0 ? (uint32_t)xml_size : 0;
    yw_buf_put(out, &header, sizeof(header));
    yw_buf_put(out, xml, xml_size);
    yw_buf_put(out, image->cookie, cookie_size);
    return out->overflow ? yw_err_set(err, YW_ELIMIT, "save image: too long") : 0;
}

static int read_front(int from, const char *xml, struct yw_buf *out, off_t *ret_stream_at,
                      struct yw_err *err)
{
    size_t room = YW_SAVE_IMAGE_HEADER + YW_SAVE_IMAGE_DATA_MAX;
    char *front = yw_new(room);
    struct yw_save_image image;
    ssize_t size = pread(from, front, room, 0);
    int code = size < 0 ? yw_err_errno(err, YW_EIO, errno, "save image")
                        : yw_save_image_parse(front, (size_t)size, &image, err);

    if (code == 0) {
        *ret_stream_at = (off_t)image.stream_at;
        code = yw_save_image_patch(&image, xml, out, err);
    }
    free(front);
    return code;
}

static int copy_stream(int from, off_t at, int to, struct yw_err *err)
{
    off_t end = lseek(from, 0, SEEK_END);

    while (at < end) {
        ssize_t done = copy_file_range(from, &at, to, NULL, (size_t)(end - at), 0);

        if (done < 0)
            return yw_err_errno(err, YW_EIO, errno, "save image");
        if (done == 0)
            return yw_err_set(err, YW_EIO, "save image: it became shorter");
    }
    return 0;
}

int yw_save_image_copy(int from, const char *path, const char *xml, struct yw_err *err)
{
    struct yw_buf front;
    off_t stream_at = 0;

    yw_buf_init(&front, YW_SAVE_IMAGE_HEADER + YW_SAVE_IMAGE_DATA_MAX);
    int code = read_front(from, xml, &front, &stream_at, err);
    int fd = code < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (code == 0 && fd < 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (code == 0 && write(fd, front.data, front.size) != (ssize_t)front.size)
        code = yw_err_errno(err, YW_EIO, errno ? errno : ENOSPC, path);
    if (code == 0)
        code = copy_stream(from, stream_at, fd, err);
    if (fd >= 0 && close(fd) < 0 && code == 0)
        code = yw_err_errno(err, YW_EIO, errno, path);
    if (code < 0 && fd >= 0)
        (void)unlink(path);
    yw_buf_fini(&front);
    return code;
}
