/* The upkeep page of operator stations and historians: one account for all of it, weak by design
 * as such pages are: the password of the factory is "admin", it travels in clear, and a wrong one
 * costs nothing. Pure.
 *
 *   POST /upkeep   password=…&do=login|start|stop|wipe, or do=password&new=…
 *
 * stop: the station answers nothing but this page until start. wipe: what it kept and what it was
 * told to show is gone; only a new start of the machine brings it back. */
#ifndef YW_CONTROLLER_UPKEEP_H
#define YW_CONTROLLER_UPKEEP_H

#include "controller/http.h"

#define YW_UPKEEP_PASSWORD "admin"
#define YW_UPKEEP_PASSWORD_MAX 32 /* with the NUL */
#define YW_UPKEEP_LINE_MAX 192

struct yw_upkeep {
    char password[YW_UPKEEP_PASSWORD_MAX];
    enum { YW_UPKEEP_RUNS, YW_UPKEEP_STOPPED, YW_UPKEEP_WIPED } state;
};

void yw_upkeep_init(struct yw_upkeep *upkeep);
/* Is the request for this page? */
bool yw_upkeep_is(const struct yw_http *request);
/* Does it: the status of the answer. `line` is telemetry: {"kind":"upkeep","from","do","done"}. */
int yw_upkeep_take(struct yw_upkeep *upkeep, const struct yw_http *request,
                   const char *from, char line[YW_UPKEEP_LINE_MAX]);

#endif
