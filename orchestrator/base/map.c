#include "base/map.h"

#include "base/err.h"
#include "base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 16

struct yw_map_entry {
    struct yw_map_entry *next; /* in the bucket */
    uint64_t hash;
    char *key;
    _Alignas(max_align_t) unsigned char value[];
};

/* FNV-1a. The order of buckets never shows, and every map is bounded, so no key is
 * secret. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = key; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    return hash;
}

void yw_map_init(struct yw_map *map, size_t value_size, size_t max)
{
    *map = (struct yw_map){.value_size = value_size, .max = max};
}

void yw_map_fini(struct yw_map *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->count; i++) {
        free(map->entries[i]->key);
        free(map->entries[i]);
    }
    free(map->entries);
    free(map->buckets);
    yw_map_init(map, map->value_size, map->max);
}

static struct yw_map_entry *find(const struct yw_map *map, const char *key, uint64_t hash)
{
    if (map->bucket_count == 0)
        return NULL;
    struct yw_map_entry *entry = map->buckets[hash % map->bucket_count];
    while (entry != NULL && (entry->hash != hash || strcmp(entry->key, key) != 0))
        entry = entry->next;
    return entry;
}

void *yw_map_get(const struct yw_map *map, const char *key)
{
    struct yw_map_entry *entry = find(map, key, hash_of(key));
    return entry == NULL ? NULL : entry->value;
}

static void grow(struct yw_map *map)
{
    if (map->count == map->room) {
        map->room = map->room == 0 ? FIRST_BUCKETS : map->room * 2;
        map->entries = yw_resize(map->entries, map->room, sizeof(struct yw_map_entry *));
    }
    if (map->count < map->bucket_count)
        return;
    size_t count = map->bucket_count == 0 ? FIRST_BUCKETS : map->bucket_count * 2;
    free(map->buckets);
    map->buckets = yw_new_array(count, sizeof(struct yw_map_entry *));
    map->bucket_count = count;
    for (size_t i = 0; i < map->count; i++) {
        struct yw_map_entry *entry = map->entries[i];
        entry->next = map->buckets[entry->hash % count];
        map->buckets[entry->hash % count] = entry;
    }
}

void *yw_map_put(struct yw_map *map, const char *key)
{
    uint64_t hash = hash_of(key);
    struct yw_map_entry *entry = find(map, key, hash);
    if (entry != NULL)
        return entry->value;
    if (map->count >= map->max)
        return NULL;
    grow(map);
    entry = yw_new(sizeof(*entry) + map->value_size);
    entry->hash = hash;
    entry->key = yw_strdup(key);
    entry->next = map->buckets[hash % map->bucket_count];
    map->buckets[hash % map->bucket_count] = entry;
    map->entries[map->count++] = entry;
    return entry->value;
}

int yw_map_remove(struct yw_map *map, const char *key)
{
    struct yw_map_entry *entry = find(map, key, hash_of(key));
    if (entry == NULL)
        return YW_ENOTFOUND;
    struct yw_map_entry **link = &map->buckets[entry->hash % map->bucket_count];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    size_t index = 0;
    while (map->entries[index] != entry)
        index++;
    map->count--;
    memmove(&map->entries[index], &map->entries[index + 1],
            (map->count - index) * sizeof(struct yw_map_entry *));
    free(entry->key);
    free(entry);
    return YW_OK;
}

const char *yw_map_key_at(const struct yw_map *map, size_t index)
{
    assert(index < map->count);
    return map->entries[index]->key;
}

void *yw_map_at(const struct yw_map *map, size_t index)
{
    assert(index < map->count);
    return map->entries[index]->value;
}
