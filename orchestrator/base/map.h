/* A bounded map from string keys to values stored by value, iterated in insertion order (so that
 * every output is deterministic). Values stay at their address until removed. */
#ifndef YW_BASE_MAP_H
#define YW_BASE_MAP_H

#include <stddef.h>

struct yw_map {
    struct yw_map_entry **entries; /* in insertion order */
    struct yw_map_entry **buckets;
    size_t count;
    size_t room;
    size_t bucket_count;
    size_t max;
    size_t value_size;
};

void yw_map_init(struct yw_map *map, size_t value_size, size_t max);
void yw_map_fini(struct yw_map *map); /* NULL-safe; does not finish the values */
void *yw_map_get(const struct yw_map *map, const char *key); /* NULL when absent */
void *yw_map_put(struct yw_map *map,
                 const char *key); /* existing or new zeroed; NULL at limit */
int yw_map_remove(struct yw_map *map, const char *key); /* 0 or YW_ENOTFOUND */
const char *yw_map_key_at(const struct yw_map *map, size_t index);
void *yw_map_at(const struct yw_map *map, size_t index);

#endif
