/* The line to a script host. One request at a time: ask, and on_reply comes exactly once, never
 * from inside ask. With a loop it is a child process on a stream with deadlines; without one (a
 * simulation on a virtual clock) the exchange is made at once and delivered at the next turn of
 * the due queue, so that virtual time never passes while a script thinks. Loop thread. */
#ifndef YW_DRILL_STORY_PORT_H
#define YW_DRILL_STORY_PORT_H

#include "base/due.h"
#include "loop/loop.h"
#include "script/script.h"

struct yw_story_port;

struct yw_story_port_events {
    /* co: of the request, -1 for LOAD. The reply's spec may be taken. */
    void (*on_reply)(void *owner, int co, struct yw_script_reply *reply);
    /* The host died or overstayed: no more replies. `why`: "scenario.lua: still running …". */
    void (*on_end)(void *owner, const struct yw_err *why);
    void *owner;
};

int yw_story_port_open(struct yw_story_port **ret, struct yw_loop *loop,
                       struct yw_due *due, const struct yw_clock *clock,
                       const char *program, const struct yw_story_port_events *events,
                       struct yw_err *err);
/* Requests wait in line (at most YW_SCRIPT_CO_MAX + 1). Borrowed texts are packed before return. */
int yw_story_port_ask(struct yw_story_port *port, const struct yw_script_request *request,
                      struct yw_err *err);
void yw_story_port_kill(
    struct yw_story_port *port); /* for tests: on_end comes, not a reply */
void yw_story_port_close(
    struct yw_story_port *port); /* no callback afterwards. NULL-safe */

#endif
