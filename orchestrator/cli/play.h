/* The scripted players of rehearsal.lua on a drill of a daemon: every verb of theirs is one
 * request with their team's token, as people would make it. Blocking. */
#ifndef YW_CLI_PLAY_H
#define YW_CLI_PLAY_H

#include "cli/exercise.h"

#include <signal.h>

/* Until the drill has ended or *stop is set. */
int yw_play(struct yw_exercise *exercise, const struct yw_scenario *scenario,
            uint64_t seed, const volatile sig_atomic_t *stop, struct yw_err *err);

#endif
