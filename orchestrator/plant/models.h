/* The models of plants.def. Inside this room; others find them by name. */
#ifndef YW_PLANT_MODELS_H
#define YW_PLANT_MODELS_H

#include "plant/plant.h"

#define YW_PLANT(symbol) extern const struct yw_plant_model symbol;
#include "plant/plants.def"
#undef YW_PLANT

#endif
