/* Reads what this host gives (model/host.h) from /proc, /sys and the kernel. Broker process,
 * or the doctor as root; blocking, small; any thread. */
#ifndef YW_VIRT_HOST_FACTS_H
#define YW_VIRT_HOST_FACTS_H

#include "model/host.h"
#include "virt/confine/limits.h"
#include "virt/serve/accel.h"

void yw_host_traits_read(struct yw_host_traits *ret, const struct yw_accel *accel,
                         const struct yw_limits *limits);

#endif
