/* The applets' own words, for their files only. */
#ifndef YW_CONTROLLER_APPLET_INNER_H
#define YW_CONTROLLER_APPLET_INNER_H

#include "controller/applet.h"

struct applet {
    const struct yw_applet_io *io;
    int argc;
    const char *const *argv;
    struct yw_applet_result *out;
};

__attribute__((format(printf, 2, 3))) void yw_applet_say(struct applet *a,
                                                         const char *format, ...);
/* Code 1; `text` is one of ours, never input: no escaping. */
void yw_applet_refuse(struct applet *a, const char *text);
const char *yw_applet_argument(const struct applet *a, int index); /* "" beyond the end */
long yw_applet_number(const char *text, long most); /* decimal, 0..most; -1 otherwise */
/* Drill time at a wall time, and at this moment. */
int64_t yw_applet_drill(const struct yw_applet_io *io, int64_t now_ms);
int64_t yw_applet_drill_now(const struct yw_applet_io *io);

void yw_applet_iec104(struct applet *a);
void yw_applet_engineering(struct applet *a);
void yw_applet_mqtt(struct applet *a);
void yw_applet_station(struct applet *a);

#endif
