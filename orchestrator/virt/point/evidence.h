/* Memory of one running machine kept as a file, for forensics: an ELF core that gdb,
 * crash and volatility read. The file is written into a folder below the data
 * directory that is reached without following links; file and new folders belong to the
 * owner of the folder they are made in. Blocking, on threads of its own. */
#ifndef YW_VIRT_EVIDENCE_H
#define YW_VIRT_EVIDENCE_H

#include "virt/point/group.h"

/* The group has one member. Fills bytes, frozen_ms and output. A file of an earlier try
 * is written anew. */
int yw_evidence_keep(struct yw_group *group, struct yw_err *err);
/* `path` opened step by step below `base`, made where it is missing: a descriptor, or
 * YW_EINVAL when it leads elsewhere. */
int yw_evidence_folder(const char *base, const char *path, struct yw_err *err);

#endif
