/* The members of an object that is keyed by names or numbers, brought into sorted order.
 * Of entries with the same key the last one added stays. Only this room includes this
 * header. */
#ifndef YW_CODEC_ORDER_H
#define YW_CODEC_ORDER_H

#include <stddef.h>

#define YW_ORDER_KEY_MAX 112 /* "<run>:<step id>" is the longest */

struct yw_order_entry {
    char key[YW_ORDER_KEY_MAX];
    size_t added;
    const void *item; /* borrowed */
};

struct yw_order {
    struct yw_order_entry *entries;
    size_t count;
    size_t room;
};

void yw_order_init(struct yw_order *order);
void yw_order_fini(struct yw_order *order);
void yw_order_add(struct yw_order *order, const char *key, const void *item);
void yw_order_sort(struct yw_order *order);

#endif
