/* What the files of this room share; no other room includes it. Loop thread. */
#ifndef YW_LOOP_INSIDE_H
#define YW_LOOP_INSIDE_H

#include "loop/loop.h"

#include <stdint.h>

/* Counts what has been opened on the loop and not closed: at yw_loop_close it must be
 * zero. */
void yw_loop_hold(struct yw_loop *loop);
void yw_loop_release(struct yw_loop *loop);
/* Children that were told to die and are not reaped yet: yw_loop_close waits for them. */
void yw_loop_dying_add(struct yw_loop *loop, int change);
/* Takes a post back; nothing happens when it has run already. */
void yw_loop_unpost(struct yw_loop *loop, struct yw_post *post);
/* "<what>: <libuv's text>" with a code of ours. */
int yw_loop_err_uv(struct yw_err *err, int uv_status, const char *what);

#endif
