/* The models of plants.def, and the words that their tables are written in. Inside this
 * room; others find the models by name. */
#ifndef YW_PLANT_MODELS_H
#define YW_PLANT_MODELS_H

#include "plant/plant.h"

/* Points of the register maps: raw = value / scale + offset. */
#define YW_IR(address, scale)                                                            \
    {                                                                                    \
        YW_PLANT_INPUT_REGISTER, address, scale, 0, 0                                    \
    }
#define YW_IR_FROM(address, scale, offset)                                               \
    {                                                                                    \
        YW_PLANT_INPUT_REGISTER, address, scale, offset, 0                               \
    }
#define YW_HR(address, scale)                                                            \
    {                                                                                    \
        YW_PLANT_HOLDING_REGISTER, address, scale, 0, 0                                  \
    }
#define YW_COIL(address)                                                                 \
    {                                                                                    \
        YW_PLANT_COIL, address, 1, 0, 0                                                  \
    }
#define YW_DI(address)                                                                   \
    {                                                                                    \
        YW_PLANT_DISCRETE, address, 1, 0, 0                                              \
    }
#define YW_NO_POINT                                                                      \
    {                                                                                    \
        YW_PLANT_UNMAPPED, 0, 0, 0, 0                                                    \
    }

#define YW_PLANT(symbol) extern const struct yw_plant_model symbol;
#include "plant/plants.def"
#undef YW_PLANT

static inline bool yw_is_on(double input)
{
    return input >= 0.5;
}

#endif
