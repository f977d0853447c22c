/* What the first bytes of a disk file say, read before any program of others sees it.
 * Source: QEMU docs/interop/qcow2.txt. Pure. */
#ifndef YW_STORE_DISK_FORMAT_H
#define YW_STORE_DISK_FORMAT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define YW_DISK_HEAD_MAX (64 * 1024) /* bytes of a file that are looked at */
#define YW_DISK_VIRTUAL_MAX (64LL * 1024 * 1024 * 1024)
#define YW_DISK_FILE_MAX (16LL * 1024 * 1024 * 1024) /* of a file that is brought in */
#define YW_DISK_CLUSTER_BITS_MIN 9
#define YW_DISK_CLUSTER_BITS_MAX 21

/* A plain qcow2: no backing file, no data file, no encryption, no snapshot, nothing else
 * that its reader must know, virtual size within its limit. YW_EDENIED says what not. */
int yw_disk_qcow2_check(const void *head, size_t size, int64_t *ret_virtual,
                        struct yw_err *err);
/* Raw bytes that are not another kind of file in disguise: a program that guesses the
 * format would be led astray. */
int yw_disk_raw_check(const void *head, size_t size, int64_t file_size,
                      struct yw_err *err);

#endif
