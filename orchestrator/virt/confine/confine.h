/* Is a machine's process confined as it should be (security.md §3)? Pure: texts of its
 * /proc directory in, a verdict out; virt/confine/proof.c reads them. Every text is bounded, and
 * what cannot be read as expected is a failure, never a pass. Thread: any. */
#ifndef YW_VIRT_CONFINE_H
#define YW_VIRT_CONFINE_H

#include "base/err.h"
#include "virt/virt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_CONFINE_STATUS_MAX 16384  /* of /proc/PID/status */
#define YW_CONFINE_CMDLINE_MAX 65536 /* of /proc/PID/cmdline */
#define YW_CONFINE_LINK_MAX 512      /* of one link in /proc/PID/fd */
#define YW_CONFINE_FDS_MAX 2048      /* above what qemu.conf lets it open */
#define YW_CONFINE_GROUPS_MAX 32
#define YW_CONFINE_PLACES_MAX 8
/* A machine is ended before anything of ours when the host runs out of memory. */
#define YW_CONFINE_OOM_SCORE 400

struct yw_confine_want {
    const char *uuid;   /* borrowed */
    const char *domain; /* borrowed */
    unsigned uid;       /* of this machine alone; its group has the same number */
    bool own_mount_ns;
    bool no_filter; /* seccomp is not asked for: a program that brings none */
    /* Folders whose files may be open: in `shared` any, in `own` only those whose name
     * or a folder below has the machine's uuid or domain in it. Borrowed; NULL-ended. */
    const char *shared[YW_CONFINE_PLACES_MAX];
    const char *own[YW_CONFINE_PLACES_MAX];
};

struct yw_confine_status {
    unsigned uid[4]; /* real, effective, saved, file system */
    unsigned gid[4];
    unsigned groups[YW_CONFINE_GROUPS_MAX];
    size_t group_count;
    uint64_t cap_inh, cap_prm, cap_eff, cap_bnd, cap_amb;
    int no_new_privs;
    int seccomp; /* 2: a filter */
};

/* From /proc/PID/status. Each line must stand there exactly once. 0, YW_EINVAL or
 * YW_ELIMIT. */
int yw_confine_status_parse(const char *text, size_t size, struct yw_confine_status *ret,
                            struct yw_err *err);
/* Is this /proc/PID/cmdline that of the machine: QEMU's own guest= and -uuid words? 0 or
 * YW_EINVAL. */
int yw_confine_cmdline_check(const char *bytes, size_t size,
                             const struct yw_confine_want *want, struct yw_err *err);
/* May the process hold this open? The text of one link in /proc/PID/fd. */
bool yw_confine_link_known(const struct yw_confine_want *want, const char *link);
/* "mnt:[4026532185]" → the number. 0 or YW_EINVAL. */
int yw_confine_namespace_parse(const char *link, uint64_t *ret, struct yw_err *err);

/* All that was read of one process. */
struct yw_confine_facts {
    struct yw_confine_status status;
    uint64_t mount_ns, our_mount_ns;
    int oom_score_adj;
    char mac[YW_VIRT_MAC_MAX]; /* label; "" where the kernel has none */
    char
        foreign_link[YW_CONFINE_LINK_MAX]; /* the first open file that is not known; "" */
};
/* Fills the proof. 0, or YW_EDENIED with the first thing that is wrong, which also stands
 * in ret->text. Bounding set: with no_new_privs, no capabilities and a user of its own it
 * cannot be used, and the driver leaves it full; so it is not judged. */
int yw_confine_judge(const struct yw_confine_facts *facts,
                     const struct yw_confine_want *want, struct yw_virt_proof *ret,
                     struct yw_err *err);

#endif
