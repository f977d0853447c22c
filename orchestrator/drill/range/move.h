/* The move of a machine, ordered by machine-placed with `from`:
 *
 *   networks ─▶ MOVE ─ok─▶ FIND ─▶ machine-moved (live)
 *                 │ these two cannot
 *                 ├─▶ CARRY ─▶ UP as it was ─▶ machine-moved (carried) ─▶ DOWN there
 *                 │     │          └ fails ─▶ DOWN here ─▶ put back
 *                 │     └ fails ─▶ put back
 *                 │ nor that, or the machine is gone, or its host was given up
 *                 └─▶ DOWN there ─▶ UP ─▶ SETUP ─▶ machine-moved (anew)
 *
 *   put back: FIND there, or UP there as it was ─▶ machine-moved, not ok
 *
 * A carried machine is down and kept for good on its old host before the new one begins
 * (virt/point/lift.h), and the new one is down before the old one is put back; one made
 * anew follows the end of the old one, unless control has given its host up. So there is
 * one machine at most. Where a host is lost that the next step needs, the move waits for
 * it: it begins again when the host is back or given up, and so it does after a crash;
 * each step finds what was done. Private to this room. Loop thread. */
#ifndef YW_DRILL_MOVE_H
#define YW_DRILL_MOVE_H

#include "drill/drill.h"

/* Its placement is durable. One that is under way already is left alone. */
void yw_move_begin(struct yw_drill *drill, const struct yw_plan_machine *machine);

#endif
