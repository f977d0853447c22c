/* Admission and placement of a drill's range. Private to this room. Loop thread. */
#ifndef YW_DRILL_ADMIT_H
#define YW_DRILL_ADMIT_H

#include "drill/drill.h"
#include "model/place.h"

/* Weighs an UP; range-admitted tells the outcome, and when it is good the range is
 * ordered. The command is copied. One at a time: drill->admission is NULL then. */
void yw_admit_start(struct yw_drill *drill, const struct yw_command *command);
/* Orders every machine of the host to another one: machine-placed with `from`. */
void yw_admit_leave(struct yw_drill *drill, const char *host);
void yw_admit_close(struct yw_drill *drill); /* NULL-safe */
/* The plan learns where its machines are, and which of its networks span hosts. */
void yw_admit_fold(struct yw_drill *drill, const struct yw_event *event);
void yw_admit_place(struct yw_drill *drill, int team, const char *machine,
                    const char *host, const char *from);
void yw_admit_span(struct yw_drill *drill, const struct yw_place_span *span);

#endif
