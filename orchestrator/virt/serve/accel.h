/* The accelerator's verdict: proved by booting, remembered for this kernel and this boot
 * of the host. And the facts that PROBE reports. Blocking, small files; any thread. */
#ifndef YW_VIRT_ACCEL_H
#define YW_VIRT_ACCEL_H

#include "base/buf.h"
#include "model/host.h"
#include "virt/machine/embed_root.h"

#include <stdbool.h>

struct yw_accel {
    bool known;
    bool kvm; /* else TCG */
    char why[128];
};

/* What is remembered, or what needs no proof (no /dev/kvm). known = false: boot to find
 * out. */
void yw_accel_load(struct yw_accel *ret, const struct yw_embed_root *root);
void yw_accel_save(const struct yw_accel *accel, const struct yw_embed_root *root);
/* One JSON object, with what the host can give under `folder` now. */
void yw_accel_facts(struct yw_buf *out, const struct yw_host_traits *traits,
                    const char *uri, const char *libvirt, const char *qemu,
                    const char *folder);

#endif
