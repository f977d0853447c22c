/* The save image of libvirt's QEMU driver: a header, the machine's description as XML with
 * a cookie behind it, then the migration stream. Restoring refuses a description of
 * another name, so a clone's image is the golden one with another description in front.
 *
 *   magic[16] "LibvirtQemudSave" · u32 version 2 · u32 data size · u32 was running ·
 *   u32 compressed · u32 cookie offset (0: none) · u32 unused[14]
 *   data: XML, NUL, cookie XML, NUL
 *
 * Integers are in the byte order of the host that wrote it. (libvirt 9.0,
 * src/qemu/qemu_saveimage.h.) Blocking where files are named; any thread. */
#ifndef YW_VIRT_SAVE_IMAGE_H
#define YW_VIRT_SAVE_IMAGE_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define YW_SAVE_IMAGE_HEADER 92
#define YW_SAVE_IMAGE_DATA_MAX (1024 * 1024)

struct yw_save_image {
    uint32_t version;
    uint32_t was_running;
    uint32_t compressed;
    size_t stream_at;   /* where the migration stream begins */
    const char *xml;    /* borrowed from the bytes, NUL-terminated */
    const char *cookie; /* the same; "" none */
};

/* `bytes` holds at least the header and the data. YW_EINVAL: not such an image; YW_ELIMIT:
 * its description is above YW_SAVE_IMAGE_DATA_MAX. Pure. */
int yw_save_image_parse(const void *bytes, size_t size, struct yw_save_image *ret,
                        struct yw_err *err);
/* What stands before the stream, with another description, running. Pure. */
int yw_save_image_patch(const struct yw_save_image *image, const char *xml,
                        struct yw_buf *out, struct yw_err *err);
/* The whole file from descriptor `from` (position unchanged) as a new file at `path`,
 * mode 0600. A failure leaves no file. */
int yw_save_image_copy(int from, const char *path, const char *xml, struct yw_err *err);

#endif
