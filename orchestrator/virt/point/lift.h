/* A machine leaves its host: saved under YW_VIRT_CARRY_POINT and ended for good, its files
 * kept aside under the uuid of yw_virt_carried, from which it begins as a copy, here or on
 * the host that they are brought to.
 *
 *   runs ─saved─▶ marked ─▶ ended ─▶ files aside
 *
 * Once the mark stands the machine does not run again from its own files: a lift that was
 * cut short goes on behind it. A mark beside a machine that runs is of a lift that was
 * given up. Blocking; worker threads. */
#ifndef YW_VIRT_LIFT_H
#define YW_VIRT_LIFT_H

#include "virt/machine/embed_root.h"
#include "virt/machine/libvirt.h"

#define YW_LIFT_PATH_MAX 512

struct yw_lift {
    struct yw_host *host; /* borrowed, as all */
    const struct yw_embed_root *root;
    const char *uuid, *domain, *drill;
    int ram_mib;
    bool has_disk;
};

/* ret_list: a line "path bytes hash" for each file; ret_bytes: of all. YW_ENOTFOUND: the
 * machine neither runs nor was it lifted. A failure leaves it as it was. */
int yw_lift_run(const struct yw_lift *lift, char *ret_list, size_t list_size,
                int64_t *ret_bytes, struct yw_err *err);
/* The files of a machine that were kept aside; none are fine. */
void yw_lift_drop(const struct yw_embed_root *root, const char *uuid);
/* Where a file that travels stands here, by its name (virt/virt.h). YW_EINVAL: no such
 * name. */
int yw_lift_path(const struct yw_embed_root *root, const char *name,
                 char ret[YW_LIFT_PATH_MAX], struct yw_err *err);

#endif
