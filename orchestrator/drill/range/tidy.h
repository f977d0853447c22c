/* Private to this room. Loop thread. */
#ifndef YW_DRILL_TIDY_H
#define YW_DRILL_TIDY_H

#include "drill/drill.h"

/* Looks through a host that answers again. */
void yw_tidy_start(struct yw_conductor *conductor, const char *host);
/* The conductor ends: what is under way ends without it. */
void yw_tidy_drop(struct yw_virt *virt, void *tidy);

/* conductor.c */
struct yw_virt *yw_conductor_virt(const struct yw_conductor *conductor);
void yw_conductor_tidying(struct yw_conductor *conductor, void *tidy, bool begins);

#endif
