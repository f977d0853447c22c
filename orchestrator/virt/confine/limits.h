/* How much of the host one machine, and one team, may take. A group tree of our own:
 *
 *   yanwu-<8 hex of the data directory>/<drill>/<team>/<machine's uuid>
 *
 * Teams have the same weight, so that one that burns its processors takes nothing from
 * another; a machine has a ceiling for processor, memory, disk and processes. cgroup v2
 * stands at the root of the hierarchy that this process sees; v1 below the group that this
 * process is in, each controller by itself. Where a controller is missing its ceiling is
 * missing, which is said once (yw_limits.lacks) and never fails a drill; without the
 * processor's, machines get a nicer value instead.
 *
 * What is written is decided by a pure function and then done. Blocking, small; workers of
 * the broker. */
#ifndef YW_VIRT_LIMITS_H
#define YW_VIRT_LIMITS_H

#include "base/err.h"
#include "base/id.h"
#include "model/host.h"
#include "model/plan.h"

#include <stdbool.h>
#include <stddef.h>

#define YW_LIMITS_PATH_MAX 512
#define YW_LIMITS_MOUNTS_MAX (256 * 1024) /* of /proc/self/mounts */
#define YW_LIMITS_WRITES_MAX 32
#define YW_LIMITS_KINDS 4 /* cpu, memory, io, pids: the bits of enum yw_host_control */

/* Ceilings of one machine; of a team where said so. */
#define YW_LIMITS_CPU_PERCENT 150     /* of a core: one processor and what serves it */
#define YW_LIMITS_MEMORY_MORE_MIB 256 /* beside the guest's: QEMU, translated code */
/* All guests of a team with what QEMU needs for them (it was measured as 140 percent), and
 * one machine's excess: a team that has its machines grow loses its own first. */
#define YW_LIMITS_TEAM_MEMORY_PERCENT 150
#define YW_LIMITS_IO_BYTES_S (128LL * 1024 * 1024)
#define YW_LIMITS_TEAM_IO_BYTES_S (384LL * 1024 * 1024)
#define YW_LIMITS_PIDS 512
#define YW_LIMITS_NICE 5

struct yw_limits {
    int version; /* 2, 1, 0 none */
    unsigned controls;
    /* Where our tree begins for each controller; v2: the same for all. "" none. */
    char base[YW_LIMITS_KINDS][YW_LIMITS_PATH_MAX];
    char name[32];                     /* of our tree: "yanwu-1a2b3c4d" */
    char mounts[YW_LIMITS_KINDS][256]; /* where each hierarchy begins; "" none */
    char device[24]; /* "254:0": the disk under the data directory; "" not known */
    char lacks[32];  /* "io pids": missing controllers, for people */
};

/* Pure: finds hierarchies in the text of /proc/self/mounts and our place in them from that
 * of /proc/self/cgroup. v2 is taken when it has controllers (`v2_controllers`: the text
 * of cgroup.controllers, "" none), else v1. */
void yw_limits_find(struct yw_limits *ret, const char *mounts, const char *own_groups,
                    const char *v2_controllers, const char *data_dir);
/* Reads those and tries: what cannot be created is not there. */
void yw_limits_open(struct yw_limits *ret, const char *data_dir);

struct yw_limits_place {
    char drill[YW_NAME_MAX];
    char team[YW_NAME_MAX];
    char uuid[YW_UUID_SIZE];
    int ram_mib;
    int team_mib; /* of the team's machines here together; 0: no ceiling for it */
};
struct yw_limits_write {
    char path[YW_LIMITS_PATH_MAX + 256];
    char text[64];
    bool is_folder; /* make it; text is empty */
};
/* Pure: the folders and files of one machine, in order. Count. */
size_t yw_limits_plan(const struct yw_limits *limits, const struct yw_limits_place *place,
                      struct yw_limits_write ret[YW_LIMITS_WRITES_MAX]);
/* Puts the process into its groups. 0; YW_EIO with the first write that failed, everything
 * else having been done all the same. */
int yw_limits_apply(const struct yw_limits *limits, const struct yw_limits_place *place,
                    int pid, struct yw_err *err);
/* Removes the machine's groups, and the team's and drill's that are empty then. */
void yw_limits_remove(const struct yw_limits *limits,
                      const struct yw_limits_place *place);
/* Removes all empty groups of the drill. */
void yw_limits_sweep(const struct yw_limits *limits, const char *drill);
/* Removes all empty groups of ours, and those of a daemon before this one that was in
 * another group itself. At the start and at the end. */
void yw_limits_tidy(const struct yw_limits *limits);

#endif
