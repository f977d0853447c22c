/* The manifest of a registered image, and what qemu-img says of a file. Pure. */
#ifndef YW_CODEC_IMAGE_H
#define YW_CODEC_IMAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"

#include <stddef.h>
#include <stdint.h>

#define YW_IMAGE_MANIFEST_MAX 8192
#define YW_IMAGE_INFO_MAX (64 * 1024) /* of qemu-img's answer */
#define YW_IMAGE_TEXT_MAX 128

/* What speaks for a machine of the image inside it. One with our own boots as our recipes'
 * do, from our kernel, with its file system on the whole disk; the others boot by
 * themselves, as a computer would. */
enum yw_image_agent { YW_IMAGE_AGENT_OWN, YW_IMAGE_AGENT_QEMU, YW_IMAGE_AGENT_NONE };
#define YW_IMAGE_AGENT_SIZE 8

const char *
yw_image_agent_name(enum yw_image_agent agent); /* "yanwu", "qemu-ga", "none" */
int yw_image_agent_parse(const char *name, enum yw_image_agent *ret, struct yw_err *err);

struct yw_image {
    char agent[YW_IMAGE_AGENT_SIZE];
    char id[YW_NAME_MAX];
    char kind[8];                  /* "full": has a disk; "micro": kernel and initramfs */
    char title[YW_IMAGE_TEXT_MAX]; /* for people; may be "" */
    char origin[YW_IMAGE_TEXT_MAX]; /* name of the file it came from, for people */
    char added_by[YW_NAME_MAX];
    int64_t added_us; /* UTC */
    int64_t size_bytes;
    int64_t virtual_bytes;
    int ram_mib;                     /* that a machine of it needs; 0: what any has */
    char recipe[YW_HASH_TEXT_SIZE];  /* hash of what it was built from; "" brought in */
    char blake2b[YW_HASH_TEXT_SIZE]; /* of our own file; hex */
    char sha256[YW_HASH_TEXT_SIZE];
};

void yw_image_encode(struct yw_buf *out, const struct yw_image *image);
int yw_image_decode(struct yw_image *ret, const char *text, size_t size,
                    struct yw_err *err);
/* `qemu-img info --output=json` of a file that may be used: of this format, of no other
 * file, not encrypted, with no snapshot. A member that is not known is refused: what a
 * newer program tells may be the very thing to be afraid of. *ret_virtual: bytes. */
int yw_image_info_check(const char *text, size_t size, const char *format,
                        int64_t *ret_virtual, struct yw_err *err);

#endif
