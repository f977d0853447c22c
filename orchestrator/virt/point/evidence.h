/* Memory and disk of one machine at one moment kept as files, for forensics: memory.elf, a
 * core that gdb, crash and volatility read, and of a full machine disk.qcow2, which stands
 * on nothing. They are written into a folder below the data directory that is reached
 * without following links; files and new folders belong to the owner of the folder they
 * are made in. Blocking, on threads of its own. */
#ifndef YW_VIRT_EVIDENCE_H
#define YW_VIRT_EVIDENCE_H

#include "virt/point/group.h"

/* The group has one member. Fills bytes, frozen_ms and output. Files of an
 * earlier try are written anew; after a failure there are none. */
int yw_evidence_keep(struct yw_group *group, struct yw_err *err);
/* `path` opened step by step below `base`, made where it is missing: a descriptor, or
 * YW_EINVAL when it leads elsewhere. */
int yw_evidence_folder(const char *base, const char *path, struct yw_err *err);

#endif
