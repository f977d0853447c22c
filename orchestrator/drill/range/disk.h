/* Watches the space under the data directory. Private to this room; loop thread. */
#ifndef YW_DRILL_DISK_H
#define YW_DRILL_DISK_H

#include "drill/conductor.h"

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
/* The one of this conductor. */
struct yw_disk *yw_conductor_disk(struct yw_conductor *conductor);

#endif
