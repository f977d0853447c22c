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

bool yw_spec_is_router(const struct yw_spec_machine *machine)
{
    return strcmp(machine->image, "firewall") == 0;
}

/* The address of `to` on the first network of both that has one; 0: none. */
static uint32_t shared_address(const struct yw_spec_machine *from,
                               const struct yw_spec_machine *to)
{
    for (size_t i = 0; i < from->nic_count; i++) {
        for (size_t k = 0; k < to->nic_count; k++) {
            if (from->nics[i].network == to->nics[k].network && to->nics[k].address != 0)
                return to->nics[k].address;
        }
    }
    return 0;
}

uint32_t yw_spec_gateway(const struct yw_spec *spec,
                         const struct yw_spec_machine *machine)
{
    for (size_t n = 0; n < machine->nic_count && !yw_spec_is_router(machine); n++) {
        struct yw_spec_machine card = {.nic_count = 1, .nics = {machine->nics[n]}};

        for (size_t m = 0; m < spec->machine_count; m++) {
            uint32_t address = yw_spec_is_router(&spec->machines[m])
                                   ? shared_address(&card, &spec->machines[m])
                                   : 0;

            if (address != 0)
                return address;
        }
    }
    return 0;
}

uint32_t yw_spec_way(const struct yw_spec *spec, int from, int to)
{
    const struct yw_spec_machine *a = &spec->machines[from], *b = &spec->machines[to];
    uint32_t address = shared_address(a, b);

    for (size_t m = 0; m < spec->machine_count && address == 0; m++) {
        const struct yw_spec_machine *wall = &spec->machines[m];

        if (yw_spec_is_router(wall) && shared_address(a, wall) != 0)
            address = shared_address(wall, b);
    }
    return address;
}

int yw_spec_mirror_of(const struct yw_spec *spec, int network)
{
    for (size_t i = 0; i < spec->network_count; i++) {
        if (spec->networks[i].mirror && spec->networks[i].mirrored == network)
            return (int)i;
    }
    return -1;
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
