/* A list of IPv4 networks: who may do something. Pure. */
#ifndef YW_CONTROLLER_SOURCE_H
#define YW_CONTROLLER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#define YW_SOURCES_MAX 16 /* entries of a list */

struct yw_sources {
    struct {
        uint32_t network; /* host byte order */
        uint32_t mask;
    } entries[YW_SOURCES_MAX];
    uint32_t count;
    bool in_force; /* else everybody may */
};

/* "10.20.2.20, 10.20.3.0/24"; "*" or "" everybody, "none" nobody. False: no such list, or
 * too long; nothing changed. */
bool yw_sources_read(struct yw_sources *ret, const char *text);
/* May the IPv4 address `from`? What is no address may only when everybody may. */
bool yw_sources_allow(const struct yw_sources *sources, const char *from);

#endif
