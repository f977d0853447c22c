/* Pairs of short texts in one bounded buffer: name, NUL, value, NUL, …, NUL; sorted by name,
 * each name once. A zeroed buffer holds none. Plain bytes: copy with `=` or memcpy. Thread: any. */
#ifndef YW_MODEL_PAIRS_H
#define YW_MODEL_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

/* Puts the pair in its place, or a new value in place of the old one. False: no room, or the
 * name is empty; nothing is changed then. */
bool yw_pairs_put(char *pairs, size_t size, const char *name, const char *value);
/* The value, or NULL. Borrowed. */
const char *yw_pairs_get(const char *pairs, const char *name);
/* The first pair with *at NULL, then the next: sets *at and *ret_value, both borrowed. False
 * at the end. */
bool yw_pairs_next(const char *pairs, const char **at, const char **ret_value);
size_t yw_pairs_count(const char *pairs);

#endif
