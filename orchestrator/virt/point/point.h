/* Named points of one machine: memory, device state and disks as internal snapshots of
 * the machine's own qcow2 file, which its process is given the first time a point is made
 * and which no guest sees. The file belongs to the machine's user. Blocking, over the
 * machine's monitor; worker threads. A machine is left standing or running as it was
 * found, unless a comment says otherwise. */
#ifndef YW_VIRT_POINT_H
#define YW_VIRT_POINT_H

#include "base/err.h"
#include "virt/virt.h"

#include <stdbool.h>
#include <stdint.h>

#define YW_POINT_DEVICES_MAX 8
#define YW_POINT_PATH_MAX 512
#define YW_POINT_HALF ".half"     /* the mark of virt/point/fork.h, beside the file */
#define YW_POINT_LIFTED ".lifted" /* the same of virt/point/lift.h */
#define YW_POINT_PART ".part"     /* behind the name of a file that is on its way here */
/* Left free on the disk of the points beyond what is asked for. */
#define YW_POINT_DISK_FLOOR_MIB 512

struct yw_host;

struct yw_point_machine {
    struct yw_host *host; /* borrowed */
    const char *folder;   /* of the points; borrowed */
    const char *uuid;     /* borrowed */
};

/* Makes the file when there is none, and gives it to the machine's process. Idempotent. */
int yw_point_prepare(const struct yw_point_machine *machine, struct yw_err *err);
/* The machine stands and has been prepared; no point of this name is there. */
int yw_point_save(const struct yw_point_machine *machine, const char *point,
                  struct yw_err *err);
/* YW_ENOTFOUND when the machine has no such point. */
int yw_point_check(const struct yw_point_machine *machine, const char *point,
                   struct yw_err *err);
/* Its links are afterwards as they were before. After a failure it stands. */
int yw_point_load(const struct yw_point_machine *machine, const char *point,
                  struct yw_err *err);
/* One that is not there is fine. */
int yw_point_drop(const struct yw_point_machine *machine, const char *point,
                  struct yw_err *err);
/* Bytes of the file on disk; 0 when there is none. */
int64_t yw_point_bytes(const char *folder, const char *uuid);
void yw_point_path(const char *folder, const char *uuid, char path[YW_POINT_PATH_MAX]);
void yw_point_remove(const char *folder, const char *uuid);
/* Room for `need_mib` more beyond the floor: 0 or YW_ELIMIT. */
int yw_point_room(const char *folder, int64_t need_mib, struct yw_err *err);

/* Does its processor run? */
int yw_point_running(const struct yw_point_machine *machine, bool *ret_running,
                     struct yw_err *err);
int yw_point_stop(const struct yw_point_machine *machine, struct yw_err *err);
int yw_point_cont(const struct yw_point_machine *machine, struct yw_err *err);

/* From the answer to query-named-block-nodes: has any of them a snapshot of this name;
 * and, as a JSON list, the nodes that take part in one. Pure. */
bool yw_point_listed(const char *answer, const char *point);
int yw_point_devices(const char *answer, char *ret_list, size_t ret_size);

#endif
