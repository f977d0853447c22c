/* Where the embedded driver lives. The broker enters a private mount namespace in which
 * the data and image directories stand under one short path that every machine's user can
 * reach: socket paths end at 108 bytes, and a data directory under /root is closed to
 * others. The driver asks for the system user that Debian's daemon package makes; where
 * it is missing, the namespace shows user and group files that have it, and the host's
 * stay as they are. Broker process only, before any other thread; once. */
#ifndef YW_VIRT_EMBED_ROOT_H
#define YW_VIRT_EMBED_ROOT_H

#include "base/err.h"
#include "virt/virt.h"

#include <stdbool.h>

#define YW_EMBED_PATH_MAX 320

struct yw_limits;
struct yw_host;

struct yw_embed_root {
    bool embedded;                  /* else plain paths, for a connection to a daemon */
    bool local;                     /* its machines run here: files are the same files */
    struct yw_host *far;            /* else the connection, once open; borrowed */
    bool filters;                   /* far: libvirt there has its "clean-traffic" */
    char uri[YW_EMBED_PATH_MAX];    /* what to open */
    char images[YW_EMBED_PATH_MAX]; /* vmlinux, micro.cpio.gz, full.cpio.gz */
    char sockets[64];               /* of channel and field ports */
    char points[YW_EMBED_PATH_MAX]; /* "<uuid>.qcow2", each its machine's own */
    char disks
        [YW_EMBED_PATH_MAX]; /* of golden machines, virt/machine/overlay.h: below points */
    char registry[YW_EMBED_PATH_MAX]; /* registered images, "<id>/disk.qcow2" */
    char logs[64];                    /* of machines, "<domain>.log"; "" when not ours */
    char state[YW_EMBED_PATH_MAX];    /* small files of ours: the lock, the accelerator's
                                       verdict */
    const struct yw_limits
        *limits; /* virt/confine/limits.h; borrowed; NULL: none are set */
    char data[YW_EMBED_PATH_MAX]; /* the data directory, for what the core is to find */
    int lock_fd;                  /* held while the process lives: one driver a root */
};

/* Makes directories and configuration, waits for an older process to let go of the lock.
 */
int yw_embed_root_enter(struct yw_embed_root *ret,
                        const struct yw_virt_broker_config *config, struct yw_err *err);

#endif
