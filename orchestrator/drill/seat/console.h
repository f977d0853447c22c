/* What the drill does for the consoles of its machines (seat.h). Private to this
 * room. Loop thread. */
#ifndef YW_DRILL_CONSOLE_H
#define YW_DRILL_CONSOLE_H

#include "drill/drill.h"

struct yw_seat;

int yw_drill_sit(struct yw_drill *drill, struct yw_seat *seat, struct yw_err *err);
char *yw_drill_folder(const struct yw_drill *drill); /* *new*; NULL: it keeps no files */
void yw_console_resume(struct yw_drill *drill);      /* after a restart */
void yw_console_close(struct yw_drill *drill);       /* before the drill is freed */

#endif
