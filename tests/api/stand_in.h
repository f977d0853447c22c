/* A conductor for tests of the door: the functions of drill/conductor.h over a few
 * numbers, with commands that take as long, fail, or publish as a test says. Its drill is
 * "drill-one" with the teams "blue-quick" and "blue-slow"; "drill-two" exists beside it
 * with the team "other". */
#ifndef YW_TESTS_API_STAND_IN_H
#define YW_TESTS_API_STAND_IN_H

#include "drill/conductor.h"

/* Words that only one audience may ever read. */
#define STAND_IN_CONTROL_SECRET "orchid-only-for-control"
#define STAND_IN_TEAM_SECRET "tulip-only-for-team-" /* + index */

/* A ruling with this many points as reason "burst COUNT BYTES GAP_MS" publishes COUNT
 * patches of about BYTES bytes to every watched board. Reason "vanish" makes drill-one
 * disappear. An action {"machine":"slow","argv":[MS]} is done after MS ms; machine
 * "broken": YW_EIO. */
struct yw_conductor *stand_in_new(struct yw_loop *loop);
void stand_in_free(struct yw_conductor *conductor);
int stand_in_watched(const struct yw_conductor *conductor);
size_t stand_in_frames(const struct yw_conductor *conductor); /* not yet given back */

#endif
