/* What a rehearsed drill came to, in a form that two runs can be compared by: per team,
 * one text a lane (story, playbook, links, actions, plant, objectives) in the order of
 * events, without times and numbers; and the points beside it. */
#ifndef YW_SIM_OUTCOME_H
#define YW_SIM_OUTCOME_H

#include "base/buf.h"
#include "drill/rehearse/rehearse.h"

struct outcome {
    char *text;   /* owned */
    char *faults; /* owned: of the platform and of stories; "" none */
    int64_t points[YW_SPEC_TEAMS_MAX];
    size_t teams;
    int64_t events;
    enum yw_event_kind *kinds; /* owned: by seq - 1 */
};

/* Reads the whole journal of the rehearsal; fails the test when it cannot be folded. */
void outcome_take(struct outcome *ret, struct yw_rehearsal *rehearsal);
void outcome_free(struct outcome *outcome);
/* False, and prints what is different, when the texts differ or the points of a team
 * differ by more than `slack`. */
bool outcome_same(const struct outcome *got, const struct outcome *expected,
                  int64_t slack, const char *what);

/* --- a rehearsal of one scenario of the repository --- */

struct yw_package *sim_package(const char *scenario); /* *new* */
void sim_config(struct yw_rehearsal_config *ret, const struct yw_package *package);
/* Runs it uncut to its end; returns the hypervisor calls that it took. */
uint64_t sim_run_whole(struct outcome *ret, const struct yw_package *package);

/* What a sweep compares with: the scenario played uncut. */
struct sim_sweep {
    struct yw_package *package;
    struct outcome whole;
    uint64_t calls;
};
/* *state is *new*, with the package and nothing played yet. */
struct sim_sweep *sim_sweep_open(void **state, const char *scenario);
/* The same, played. */
int sim_sweep_set_up(void **state, const char *scenario);
int sim_sweep_tear_down(void **state);
/* The board's document of one audience, as the conductor has it: *new*. */
char *sim_board(struct yw_rehearsal *rehearsal, enum yw_audience audience, int team);

#endif
