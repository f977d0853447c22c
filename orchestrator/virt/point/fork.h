/* A machine that begins as another was at a point: it is started like any other, then
 * given a copy of the other's points and set back to that one. Its memory is laid out as
 * the other's only when it was started in the same way; else the load is refused, and the
 * next way is tried. A mark on disk tells a half-made one from one that is ready. Blocking;
 * worker threads. */
#ifndef YW_VIRT_FORK_H
#define YW_VIRT_FORK_H

#include "virt/machine/embed_root.h"
#include "virt/machine/libvirt.h"

/* Sets the mark; the machine does not run yet. YW_ENOTFOUND: the source has no points. */
int yw_fork_begin(const struct yw_embed_root *root, const char *uuid, const char *source,
                  struct yw_err *err);
bool yw_fork_is_half(const struct yw_embed_root *root, const char *uuid);
/* The machine runs; afterwards it goes on from the point, and the mark is gone. */
int yw_fork_load(struct yw_host *host, const struct yw_embed_root *root, const char *uuid,
                 const char *source, const char *point, struct yw_err *err);

#endif
