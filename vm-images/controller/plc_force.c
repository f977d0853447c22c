/* Forces: values that stand whatever the field or the program says. */
#include "controller/plc.h"

#include <stdio.h>
#include <string.h>

static struct yw_plc_force *force_of(struct yw_plc *plc, const char *name)
{
    for (uint32_t i = 0; i < plc->force_count; i++) {
        if (strcmp(plc->forces[i].name, name) == 0)
            return &plc->forces[i];
    }
    return NULL;
}

/* Inputs are not the program's to write, but the force's. */
static void put(struct yw_plc *plc, const struct yw_plc_force *force)
{
    if (force->spot.place == YW_ST_INPUT_WORD)
        plc->bank.input[force->spot.at] = (uint16_t)(force->value & UINT16_MAX);
    else if (force->spot.place == YW_ST_INPUT_BIT)
        plc->bank.discrete[force->spot.at] = force->value != 0;
    else
        yw_st_put(&plc->image, &force->spot, force->value);
}

int yw_plc_force(struct yw_plc *plc, const char *name, uint32_t value)
{
    struct yw_plc_force *force = force_of(plc, name);
    struct yw_st_spot spot;
    if (yw_st_find(&plc->program, name, &spot) != 0 || spot.constant ||
        strlen(name) >= sizeof(force->name) ||
        (force == NULL && plc->force_count == YW_PLC_FORCES_MAX))
        return -1;
    if (force == NULL)
        force = &plc->forces[plc->force_count++];
    *force = (struct yw_plc_force){.spot = spot, .value = value};
    (void)snprintf(force->name, sizeof(force->name), "%s", name);
    plc->bank.holding[YW_PLC_FORCES] = (uint16_t)plc->force_count;
    return 0;
}

/* A measurement comes back at once, not only with the next record. */
static void let_go(struct yw_plc *plc, const struct yw_plc_force *force)
{
    bool word = force->spot.place == YW_ST_INPUT_WORD;
    if (!word && force->spot.place != YW_ST_INPUT_BIT)
        return;
    put(plc, &(struct yw_plc_force){.spot = force->spot});
    for (uint16_t i = 0; i < plc->wiring.tag_count; i++) {
        const struct yw_plc_terminal *tag = &plc->wiring.tags[i];
        if (tag->table == (word ? YW_PLC_INPUT : YW_PLC_DISCRETE) &&
            tag->address == force->spot.at)
            yw_plc_put_tag(plc, i);
    }
}

bool yw_plc_unforce(struct yw_plc *plc, const char *name)
{
    bool found = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < plc->force_count; i++) {
        if (name == NULL || strcmp(plc->forces[i].name, name) == 0) {
            let_go(plc, &plc->forces[i]);
            found = true;
        } else {
            plc->forces[kept++] = plc->forces[i];
        }
    }
    plc->force_count = kept;
    plc->bank.holding[YW_PLC_FORCES] = (uint16_t)kept;
    return found;
}

/* Before the logic: what it reads. After it: what it wrote, and outputs only while it
 * runs, for a controller in STOP lets go of the plant. */
void yw_plc_apply_forces(struct yw_plc *plc, enum yw_plc_phase phase)
{
    for (uint32_t i = 0; i < plc->force_count; i++) {
        const struct yw_plc_force *force = &plc->forces[i];
        bool output = force->spot.place == YW_ST_OUTPUT_WORD ||
                      force->spot.place == YW_ST_OUTPUT_BIT;
        if (output && (phase == YW_PLC_BEFORE || !plc->bank.running))
            continue;
        put(plc, force);
    }
}
