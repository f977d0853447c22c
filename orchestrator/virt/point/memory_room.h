/* Memory for setting machines back. A load writes all that a point holds into the
 * machine's memory; a copy has then pages of its own where it shared its golden machine's,
 * three times what it held. Admission counts machines as they come up, so what a load adds
 * is looked for when it is asked for. Blocking, small files of /proc; worker threads. */
#ifndef YW_VIRT_MEMORY_ROOM_H
#define YW_VIRT_MEMORY_ROOM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct yw_broker_member;
struct yw_embed_root;

/* What a load can add at most: the machine's memory beyond what its process holds of its
 * own. Pure. `own_kib` < 0: unknown, as if nothing. */
int64_t yw_memory_growth_mib(int ram_mib, int64_t own_kib);
/* "RssAnon:" of /proc/PID/status, in KiB; -1: it is not there. Pure. */
int64_t yw_memory_own_kib(const char *status);
/* 0, or YW_ELIMIT when this host has not the memory to set them all back; nothing was
 * done then. */
int yw_memory_room(const struct yw_embed_root *root,
                   const struct yw_broker_member *members, size_t count,
                   struct yw_err *err);

#endif
