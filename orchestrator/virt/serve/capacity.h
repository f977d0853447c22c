/* What this machine can give now, read from the kernel: processors, available memory (the
 * control group's limit where that is lower), free disk under a folder or the nearest one
 * above it that exists. Blocking, small files; any thread. */
#ifndef YW_VIRT_CAPACITY_H
#define YW_VIRT_CAPACITY_H

#include <stdint.h>

struct yw_capacity {
    int64_t cores;
    int64_t memory_mib;
    int64_t disk_mib;
};

void yw_capacity_read(struct yw_capacity *ret, const char *folder);

#endif
