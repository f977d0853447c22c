/* A drill at the table (mode "tabletop", or read so): machines have names and run nothing.
 *
 *   attack-started ─▶ said, what would be seen of it ─▶ the plant's level, if it touches one
 *                  ─▶ attack-ended
 *   link-ordered   ─▶ link-changed ─▶ the level back, once all who touched the plant are cut off
 *
 * Everything follows the plan: an attack succeeds unless its machine is cut off, an order of a
 * team is carried out. A plant that machines drive has no truth until it is safe again; it then
 * regulates itself. Loop thread; safe to repeat after a crash. */
#ifndef YW_DRILL_TABLE_H
#define YW_DRILL_TABLE_H

#include "drill/drill.h"

/* The level of a plant that an attack touched. */
#define YW_TABLE_LEVEL 2

/* What is under way of it, the attack or its undoing, is told and over. */
void yw_table_attack(struct yw_drill *drill, int team,
                     const struct yw_attack_fold *attack);
/* The machine is off its networks, or on them again. */
void yw_table_link(struct yw_drill *drill, int team, const char *machine, bool up);
/* Plants that nobody touches any more are safe. After each link-changed. */
void yw_table_settle(struct yw_drill *drill, int team);
void yw_table_resume(struct yw_drill *drill);

#endif
