#include "controller/source.h"

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

static bool take_address(const char **at, uint32_t *ret)
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
    *ret = address;
    return true;
}

static bool take_entry(const char **at, struct yw_sources *list)
{
    uint32_t address = 0;
    long prefix = 32;
    if (list->count == YW_SOURCES_MAX || !take_address(at, &address))
        return false;
    if (**at == '/') {
        (*at)++;
        prefix = take_number(at, 32);
    }
    if (prefix < 0 || strchr(" ,", **at) == NULL)
        return false;
    uint32_t mask = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
    list->entries[list->count].mask = mask;
    list->entries[list->count].network = address & mask;
    list->count++;
    return true;
}

bool yw_sources_read(struct yw_sources *ret, const char *text)
{
    struct yw_sources list = {.in_force = true};
    if (strcmp(text, "*") == 0 || text[0] == '\0') {
        *ret = (struct yw_sources){.in_force = false};
        return true;
    }
    if (strcmp(text, "none") != 0) {
        for (const char *at = text + strspn(text, " ,"); *at != '\0';
             at += strspn(at, " ,")) {
            if (!take_entry(&at, &list))
                return false;
        }
    }
    *ret = list;
    return true;
}

bool yw_sources_allow(const struct yw_sources *sources, const char *from)
{
    uint32_t address = 0;
    const char *at = from;
    if (!sources->in_force)
        return true;
    if (!take_address(&at, &address) || *at != '\0')
        return false;
    for (uint32_t i = 0; i < sources->count; i++) {
        if ((address & sources->entries[i].mask) == sources->entries[i].network)
            return true;
    }
    return false;
}
