#include "model/pairs.h"

#include <string.h>

static const char *after(const char *text)
{
    return text + strlen(text) + 1;
}

bool yw_pairs_next(const char *pairs, const char **at, const char **ret_value)
{
    const char *name = *at == NULL ? pairs : after(after(*at));

    if (name[0] == '\0')
        return false;
    *at = name;
    *ret_value = after(name);
    return true;
}

const char *yw_pairs_get(const char *pairs, const char *name)
{
    const char *at = NULL, *value;

    while (yw_pairs_next(pairs, &at, &value)) {
        if (strcmp(at, name) == 0)
            return value;
    }
    return NULL;
}

size_t yw_pairs_count(const char *pairs)
{
    const char *at = NULL, *value;
    size_t count = 0;

    while (yw_pairs_next(pairs, &at, &value))
        count++;
    return count;
}

bool yw_pairs_put(char *pairs, size_t size, const char *name, const char *value)
{
    size_t name_size = strlen(name) + 1, value_size = strlen(value) + 1;
    size_t place = 0, old = 0, used = 1; /* with the NUL that ends the list */

    for (const char *at = NULL, *held; yw_pairs_next(pairs, &at, &held);) {
        size_t pair = (size_t)(after(held) - at);
        int order = strcmp(at, name);

        used += pair;
        if (order < 0)
            place += pair;
        else if (order == 0)
            old = pair;
    }
    if (name_size == 1 || used - old + name_size + value_size > size)
        return false;
    char *gap = pairs + place;

    memmove(gap + name_size + value_size, gap + old, used - place - old);
    memcpy(gap, name, name_size);
    memcpy(gap + name_size, value, value_size);
    return true;
}
