#include "base/vec.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 8

void yw_vec_init(struct yw_vec *vec, size_t item_size, size_t max)
{
    assert(item_size > 0);
    *vec = (struct yw_vec){.item_size = item_size, .max = max};
}

void yw_vec_fini(struct yw_vec *vec)
{
    if (vec == NULL)
        return;
    free(vec->items);
    vec->items = NULL;
    vec->count = 0;
    vec->room = 0;
}

static void *slot(const struct yw_vec *vec, size_t index)
{
    return (char *)vec->items + index * vec->item_size;
}

void *yw_vec_push(struct yw_vec *vec, const void *item)
{
    if (vec->count >= vec->max)
        return NULL;
    if (vec->count == vec->room) {
        size_t room = vec->room < FIRST_ROOM ? FIRST_ROOM : vec->room * 2;
        if (room > vec->max)
            room = vec->max;
        vec->items = yw_resize(vec->items, room, vec->item_size);
        vec->room = room;
    }
    void *place = slot(vec, vec->count);
    if (item == NULL)
        memset(place, 0, vec->item_size);
    else
        memcpy(place, item, vec->item_size);
    vec->count++;
    return place;
}

void *yw_vec_at(const struct yw_vec *vec, size_t index)
{
    return index < vec->count ? slot(vec, index) : NULL;
}

void yw_vec_remove(struct yw_vec *vec, size_t index)
{
    assert(index < vec->count);
    vec->count--;
    if (index < vec->count)
        memmove(slot(vec, index), slot(vec, index + 1),
                (vec->count - index) * vec->item_size);
}

void yw_vec_clear(struct yw_vec *vec)
{
    vec->count = 0;
}
