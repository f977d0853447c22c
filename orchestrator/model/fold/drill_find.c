/* Looking things up in the drill's state. */
#include "model/drill.h"

#include <stddef.h>
#include <string.h>

struct yw_team_fold *yw_drill_team(const struct yw_drill_state *state, int team)
{
    return team < 0 ? NULL : yw_vec_at(&state->teams, (size_t)team);
}

/* Every fold in these lists begins with its name. */
_Static_assert(offsetof(struct yw_machine_fold, name) == 0, "name first");
_Static_assert(offsetof(struct yw_plant_fold, name) == 0, "name first");
_Static_assert(offsetof(struct yw_attack_fold, name) == 0, "name first");
_Static_assert(offsetof(struct yw_objective_fold, name) == 0, "name first");

static void *by_name(const struct yw_vec *vec, const char *name)
{
    for (size_t i = 0; i < vec->count; i++) {
        void *item = yw_vec_at(vec, i);

        if (strcmp((const char *)item, name) == 0)
            return item;
    }
    return NULL;
}

struct yw_machine_fold *yw_drill_machine(const struct yw_drill_state *state, int team,
                                         const char *name)
{
    const struct yw_team_fold *fold = yw_drill_team(state, team);

    return fold ? by_name(&fold->machines, name) : NULL;
}

struct yw_plant_fold *yw_drill_plant(const struct yw_drill_state *state, int team,
                                     const char *name)
{
    const struct yw_team_fold *fold = yw_drill_team(state, team);

    return fold ? by_name(&fold->plants, name) : NULL;
}

struct yw_attack_fold *yw_drill_attack(const struct yw_drill_state *state, int team,
                                       const char *name)
{
    const struct yw_team_fold *fold = yw_drill_team(state, team);

    return fold ? by_name(&fold->attacks, name) : NULL;
}

struct yw_objective_fold *yw_drill_objective(const struct yw_drill_state *state, int team,
                                             const char *name)
{
    const struct yw_team_fold *fold = yw_drill_team(state, team);

    return fold ? by_name(&fold->objectives, name) : NULL;
}
