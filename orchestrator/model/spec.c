#include "model/spec.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct yw_spec *yw_spec_new(void)
{
    return yw_new(sizeof(struct yw_spec));
}

void yw_spec_free(struct yw_spec *spec)
{
    free(spec);
}

/* Every part of a spec begins with its name. */
static int find(const void *items, size_t count, size_t size, const char *name)
{
    const char *item = items;

    for (size_t i = 0; i < count; i++, item += size) {
        if (strcmp(item, name) == 0)
            return (int)i;
    }
    return -1;
}

#define FIND(spec, list, count, name)                                                    \
    find((spec)->list, (spec)->count, sizeof(spec)->list[0], (name))

int yw_spec_machine(const struct yw_spec *spec, const char *name)
{
    return FIND(spec, machines, machine_count, name);
}

int yw_spec_plant(const struct yw_spec *spec, const char *name)
{
    return FIND(spec, plants, plant_count, name);
}

int yw_spec_attack(const struct yw_spec *spec, const char *name)
{
    return FIND(spec, attacks, attack_count, name);
}

int yw_spec_objective(const struct yw_spec *spec, const char *name)
{
    return FIND(spec, objectives, objective_count, name);
}

int yw_spec_network(const struct yw_spec *spec, const char *name)
{
    return FIND(spec, networks, network_count, name);
}

void yw_spec_address_text(uint32_t address, char text[16])
{
    snprintf(text, 16, "%u.%u.%u.%u", (unsigned)(address >> 24), (address >> 16) & 255U,
             (address >> 8) & 255U, address & 255U);
}

int yw_spec_address_parse(const char *text, uint32_t *ret)
{
    uint32_t address = 0;

    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        int digits = 0;

        for (; *text >= '0' && *text <= '9'; text++) {
            if (++digits > 3 || (digits == 2 && value == 0))
                return YW_EINVAL; /* "010" is octal to some: refused */
            value = value * 10 + (unsigned)(*text - '0');
        }
        if (digits == 0 || value > 255)
            return YW_EINVAL;
        address = address << 8 | value;
        if (*text++ != (part < 3 ? '.' : '\0'))
            return YW_EINVAL;
    }
    *ret = address;
    return 0;
}
