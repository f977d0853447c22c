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

static int set_acl(struct yw_plc *plc, const char *value, char *problem)
{
    if (yw_sources_read(&plc->sources, value))
        return 0;
    (void)snprintf(problem, YW_PLC_PROBLEM_MAX,
                   "acl: expected up to %d IPv4 addresses or networks, '*' or 'none'",
                   YW_SOURCES_MAX);
    return -1;
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
