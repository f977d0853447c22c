/* The disk of a machine of a full image: a qcow2 of its own over one that it shares.
 *
 *   <data>/images/<id>/disk.qcow2     registered (store/image.h), never changed
 *     └─ <points>/golden/<hash>.disk  the golden machine's, closed when that was saved
 *          └─ <points>/<uuid>.disk    a copy's own, its user's; ends with the machine
 *
 * A cold machine stands on the registered disk directly. Blocking; worker threads. */
#ifndef YW_VIRT_OVERLAY_H
#define YW_VIRT_OVERLAY_H

#include "base/err.h"
#include "base/hash.h"
#include "codec/image.h"
#include "virt/machine/embed_root.h"

#include <stdint.h>

#define YW_OVERLAY_PATH_MAX (YW_EMBED_PATH_MAX + 128)

/* What the image's manifest says; OWN where there is none, as on a host that it was
 * brought to. */
enum yw_image_agent yw_overlay_agent(const struct yw_embed_root *root, const char *image);
/* Of the registered disk of an image; nothing is looked at. */
void yw_overlay_base(const struct yw_embed_root *root, const char *image,
                     char path[YW_OVERLAY_PATH_MAX]);
void yw_overlay_path(const struct yw_embed_root *root, const char *uuid,
                     char path[YW_OVERLAY_PATH_MAX]);
/* What copies of a golden machine stand on. */
void yw_overlay_golden(const struct yw_embed_root *root, const char *hash,
                       char path[YW_OVERLAY_PATH_MAX]);
/* An empty one over `base`, of the machine's user; one that is there is made anew.
 * YW_ENOTFOUND without its base. */
int yw_overlay_make(const struct yw_embed_root *root, const char *uuid, const char *base,
                    struct yw_err *err);
/* One that is as the source's was at the point, and has a point of that name itself. The
 * source may run. */
int yw_overlay_fork(const struct yw_embed_root *root, const char *uuid,
                    const char *source, const char *point, struct yw_err *err);
/* MiB of it on disk, and of what it stands on with it; -1: the machine has none. */
int64_t yw_overlay_mib(const struct yw_embed_root *root, const char *uuid);
/* Its bytes as they lie there into an empty file. The machine stands. */
int yw_overlay_copy(const struct yw_embed_root *root, const char *uuid, int to,
                    struct yw_err *err);
/* Such a copy, and what it stands on, as one qcow2 in the empty file `to`. It is read as
 * the machine's user, whom both files are given to, because the machine may have written
 * anything into it. */
int yw_overlay_flatten(const struct yw_embed_root *root, const char *uuid, int from,
                       int to, int64_t deadline_ms, struct yw_err *err);
/* The golden machine has ended: its disk becomes `target`, for everybody to read. */
int yw_overlay_close(const struct yw_embed_root *root, const char *uuid,
                     const char *target, struct yw_err *err);
/* Shows the disk of a golden folder where copies look for it; removes it from there. */
int yw_overlay_show(const struct yw_embed_root *root, const char *hash, const char *disk,
                    struct yw_err *err);
void yw_overlay_hide(const struct yw_embed_root *root, const char *hash);
/* The disk of `uuid` becomes one that can stand on another host: what it stands on is named
 * by its contents, as "base/HASH" of virt/virt.h. base: "" when that is the registered
 * disk, which both have. */
int yw_overlay_carry(const struct yw_embed_root *root, const char *uuid,
                     char base[YW_HASH_TEXT_SIZE], struct yw_err *err);
void yw_overlay_carried_base(const struct yw_embed_root *root, const char *hash,
                             char path[YW_OVERLAY_PATH_MAX]);
/* One that is the source's, with all its points. */
int yw_overlay_take(const struct yw_embed_root *root, const char *uuid,
                    const char *source, struct yw_err *err);
/* And what nobody stands on any more of what was carried. */
void yw_overlay_remove(const struct yw_embed_root *root, const char *uuid);

#endif
