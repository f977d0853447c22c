/* Watches the space under the data directory. Private to this room; loop thread. */
#ifndef YW_DRILL_DISK_H
#define YW_DRILL_DISK_H

#include "drill/conductor.h"

struct yw_drill;

struct yw_disk {
    struct yw_conductor *conductor; /* borrowed */
    const struct yw_stage *stage;   /* borrowed */
    const char *folder;             /* "" not watched */
    int64_t floor_mib;              /* 0: not watched */
    int64_t free_mib;
    bool low;
    struct yw_due_entry due;
};

void yw_disk_open(struct yw_disk *disk, struct yw_conductor *conductor,
                  const struct yw_stage *stage);
void yw_disk_close(struct yw_disk *disk);
/* May something begin that takes space? Looks anew. 0 or YW_ELIMIT. */
int yw_disk_check(struct yw_disk *disk, struct yw_err *err);
/* The journal's: without room the drill pauses, and control is told why as soon as an event
 * can say it. */
void yw_disk_room(struct yw_drill *drill, enum yw_journal_room room,
                  const struct yw_err *why);
/* YW_EIO while events of this drill wait for room. */
int yw_disk_waits(const struct yw_drill *drill, struct yw_err *err);
/* The one of this conductor. */
struct yw_disk *yw_conductor_disk(struct yw_conductor *conductor);

#endif
