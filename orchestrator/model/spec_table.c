/* A scenario at the table: nothing runs on machines, so nobody knows what a plant that
 * machines drive really does, and no points can hang on it. */
#include "model/spec.h"

bool yw_spec_driven(const struct yw_spec *spec, int plant)
{
    for (size_t m = 0; m < spec->machine_count; m++) {
        if (spec->machines[m].plant == plant)
            return true;
    }
    return false;
}

bool yw_spec_asks_machines(const struct yw_spec *spec, const struct yw_cond *cond)
{
    for (size_t i = 0; i < cond->count; i++) {
        const struct yw_cond_node *node = &cond->nodes[i];
        bool truth = node->kind == YW_COND_TAG_ABOVE || node->kind == YW_COND_TAG_BELOW ||
                     node->kind == YW_COND_LEVEL_AT_MOST ||
                     node->kind == YW_COND_LEVEL_AT_LEAST;

        if (truth && yw_spec_driven(spec, yw_spec_plant(spec, node->subject)))
            return true;
    }
    return false;
}

void yw_spec_seat(struct yw_spec *spec, bool tabletop)
{
    spec->tabletop = spec->tabletop || tabletop;
    for (size_t i = 0; i < spec->objective_count && spec->tabletop; i++) {
        struct yw_spec_objective *objective = &spec->objectives[i];

        if (yw_spec_asks_machines(spec, &objective->met_by))
            objective->points = objective->fades_to = 0;
    }
}
