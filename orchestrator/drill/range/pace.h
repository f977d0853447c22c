/* Attacks that go on for a span of drill time (controller/pace.h): the machines that they run on
 * are told how fast drill time runs, before they begin and whenever it changes. Nothing about it
 * is journalled: it follows from the clock, and is told again. Loop thread. */
#ifndef YW_DRILL_RANGE_PACE_H
#define YW_DRILL_RANGE_PACE_H

#include "drill/drill.h"

bool yw_pace_counts(const struct yw_spec_attack *attack);
/* How much longer than others its program may take to answer, on the wall: its span at the pace
 * of now, and room for a pause. 0: it answers when it has begun. */
int64_t yw_pace_wait_ms(const struct yw_drill *drill, const struct yw_spec_attack *attack);
void yw_pace_tell(struct yw_drill *drill, const struct yw_plan_machine *machine);
/* Tells all on which one of these attacks has begun. */
void yw_pace_changed(struct yw_drill *drill);

#endif
