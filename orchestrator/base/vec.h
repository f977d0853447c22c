/* A bounded vector of equal items, stored by value. `max` is a hard limit: push returns NULL at
 * max + 1. Pointers into it are borrowed until the next push. Thread: one at a time. */
#ifndef YW_BASE_VEC_H
#define YW_BASE_VEC_H

#include <stddef.h>

struct yw_vec {
    void *items;
    size_t count;
    size_t room;
    size_t max;
    size_t item_size;
};

void yw_vec_init(struct yw_vec *vec, size_t item_size, size_t max);
void yw_vec_fini(struct yw_vec *vec); /* NULL-safe; does not finish the items */
void *yw_vec_push(struct yw_vec *vec,
                  const void *item); /* item NULL: zeroed; NULL at the limit */
void *yw_vec_at(const struct yw_vec *vec, size_t index); /* NULL beyond the end */
void yw_vec_remove(struct yw_vec *vec, size_t index);    /* keeps the order */
void yw_vec_clear(struct yw_vec *vec);

#endif
