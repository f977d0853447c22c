#include "controller/plc.h"

#include <string.h>

static const struct yw_plc_map maps[] = {
    /* tags: naoh_mg_l, flow_m3_h, level_m, dose_cmd_mg_l
     * outputs: dose command mg/l, dosing pump, inlet valve */
    {.plant = "water-dosing", .tags = 4, .outputs = 3, .scale = {0.1, 0.01, 0.001, 1}},
};

const struct yw_plc_map *yw_plc_map_find(const char *plant)
{
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        if (strcmp(plant, maps[i].plant) == 0)
            return &maps[i];
    }
    return NULL;
}
