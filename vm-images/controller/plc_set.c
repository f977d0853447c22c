#include "controller/plc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One decimal number 0..most at *at; moves on. -1: none. */
static long take_number(const char **at, long most)
{
    if (**at < '0' || **at > '9')
        return -1;
    long value = 0;
    while (**at >= '0' && **at <= '9') {
        value = value * 10 + (*(*at)++ - '0');
        if (value > most)
            return -1;
    }
    return value;
}

static bool take_source(const char **at, struct yw_plc_source *ret)
{
    uint32_t address = 0;
    for (int i = 0; i < 4; i++) {
        if (i > 0 && *(*at)++ != '.')
            return false;
        long part = take_number(at, 255);
        if (part < 0)
            return false;
        address = address << 8 | (uint32_t)part;
    }
    long prefix = 32;
    if (**at == '/') {
        (*at)++;
        prefix = take_number(at, 32);
        if (prefix < 0)
            return false;
    }
    ret->mask = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
    ret->network = address & ret->mask;
    return true;
}

static int set_acl(struct yw_plc *plc, const char *value, char *problem)
{
    struct yw_plc_source sources[YW_PLC_SOURCES_MAX];
    uint32_t count = 0;
    const char *at = value;
    bool everybody = strcmp(value, "*") == 0 || value[0] == '\0';
    bool nobody = strcmp(value, "none") == 0;
    while (!everybody && !nobody) {
        at += strspn(at, " ,");
        if (*at == '\0')
            break;
        if (count == YW_PLC_SOURCES_MAX || !take_source(&at, &sources[count++]) ||
            strchr(" ,", *at) == NULL) {
            (void)snprintf(
                problem, YW_PLC_PROBLEM_MAX,
                "acl: expected up to %d IPv4 addresses or networks, '*' or 'none'",
                YW_PLC_SOURCES_MAX);
            return -1;
        }
    }
    plc->guarded = !everybody;
    plc->source_count = count;
    memcpy(plc->sources, sources, count * sizeof(sources[0]));
    return 0;
}

static int set_unit(struct yw_plc *plc, const char *value, char *problem)
{
    const char *at = value;
    long unit = take_number(&at, 247);
    if (unit < 1 || *at != '\0') {
        (void)snprintf(problem, YW_PLC_PROBLEM_MAX, "unit: expected 1..247");
        return -1;
    }
    plc->unit = (uint8_t)unit;
    return 0;
}

int yw_plc_set(struct yw_plc *plc, const char *name, const char *value,
               char problem[YW_PLC_PROBLEM_MAX])
{
    if (strcmp(name, "acl") == 0)
        return set_acl(plc, value, problem);
    if (strcmp(name, "unit") == 0)
        return set_unit(plc, value, problem);
    if (strcmp(name, "plant") != 0)
        return 0;
    const struct yw_plc_map *map = yw_plc_map_find(value);
    if (map == NULL) {
        (void)snprintf(problem, YW_PLC_PROBLEM_MAX, "plant: no register map for '%.32s'",
                       value);
        return -1;
    }
    plc->map = map;
    return 0;
}
