/* The reporting ladder: who tells whom by the duties of a pack. Inside this room. */
#ifndef YW_RESPONSE_LADDER_H
#define YW_RESPONSE_LADDER_H

#include "response/duty.h"

/* The next level that should have been told before `filing` went to a higher one, and the pack
 * whose ladder it is; -1: nothing was skipped. A recipient that any pack names for this sender
 * directly is never a bypass. */
int yw_ladder_skipped(const struct yw_exercise *exercise,
                      const struct yw_incident *incident, const struct yw_filing *filing,
                      const struct yw_rule_pack **ret_pack);

#endif
