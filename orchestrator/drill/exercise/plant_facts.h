/* The static facts of a plant model in the form that the codec writes for people. */
#ifndef YW_DRILL_PLANT_FACTS_H
#define YW_DRILL_PLANT_FACTS_H

#include "codec/state/state.h"

/* A yw_plant_facts_fn. */
bool yw_plant_facts(const char *model, struct yw_plant_facts *ret);

#endif
