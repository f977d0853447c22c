/* Machines from golden ones (virt/machine/golden.h), and golden ones themselves. Everything here
 * blocks and is for workers of the broker; what hangs in libvirt hangs here.
 *
 * SHARED  the copy maps the golden memory privately and takes the device state (0.4 MB)
 *         from a descriptor: 0.3 s of processor time, 28 MiB of memory of its own
 * SAVED   libvirt restores the golden save image under another description
 *
 * Either way the copy runs when the call returns, with the golden machine's addresses
 * until it is configured over its channel. It greets who connects, or answers a PING. */
#ifndef YW_VIRT_CLONE_H
#define YW_VIRT_CLONE_H

#include "virt/machine/golden.h"
#include "virt/machine/libvirt.h"

/* All that describes a machine, in one piece: for a worker that outlives the call. */
struct yw_clone_order {
    struct yw_plan_machine machine;
    char bridges[YW_SPEC_NICS_MAX][YW_PLAN_BRIDGE_MAX];
    char drill[YW_NAME_MAX];
    char plan_digest[YW_HASH_TEXT_SIZE];
    char source[YW_UUID_SIZE]; /* begins as that machine was at the point; "" anew */
    char point[YW_NAME_MAX];
    char kernel[YW_EMBED_PATH_MAX + 16];
    char initrd[YW_EMBED_PATH_MAX + 16];
    struct yw_domain_shape shape; /* borrows from the above: copy with yw_clone_copy */
};

void yw_clone_copy(struct yw_clone_order *ret, const struct yw_clone_order *order);
/* Points the shape at its own order and names the machine's sockets. */
void yw_clone_place(struct yw_clone_order *order, const struct yw_embed_root *root);

/* The disk of the order's machine, when its image has one: over `base`, or as it was at
 * the source's point. */
int yw_clone_disk(const struct yw_embed_root *root, const struct yw_clone_order *order,
                  const char *base, struct yw_err *err);
/* Starts a copy. One that runs already is ended first: it may be half made. */
int yw_clone_start(struct yw_host *host, const struct yw_embed_root *root,
                   const struct yw_golden *golden, const struct yw_clone_order *order,
                   struct yw_err *err);
/* The golden machine for this order: from disk, or booted and saved. *new*. *ret_no_boot:
 * it failed because the machine never spoke, so that no other way will do better. */
int yw_clone_golden(struct yw_host *host, const struct yw_embed_root *root,
                    const struct yw_clone_order *order, enum yw_virt_how way,
                    struct yw_golden **ret, bool *ret_no_boot, struct yw_err *err);

#endif
