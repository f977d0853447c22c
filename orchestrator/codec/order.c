#include "codec/order.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void yw_order_init(struct yw_order *order)
{
    *order = (struct yw_order){0};
}

void yw_order_fini(struct yw_order *order)
{
    free(order->entries);
    *order = (struct yw_order){0};
}

void yw_order_add(struct yw_order *order, const char *key, const void *item)
{
    if (order->count == order->room) {
        order->room = order->room == 0 ? 8 : order->room * 2;
        order->entries = yw_resize(order->entries, order->room, sizeof *order->entries);
    }
    struct yw_order_entry *entry = &order->entries[order->count];

    *entry = (struct yw_order_entry){.added = order->count++, .item = item};
    (void)YW_COPY(entry->key, key);
}

static int compare(const void *a, const void *b)
{
    const struct yw_order_entry *left = a;
    const struct yw_order_entry *right = b;
    int by_key = strcmp(left->key, right->key);

    if (by_key != 0)
        return by_key;
    return left->added < right->added ? -1 : left->added > right->added;
}

void yw_order_sort(struct yw_order *order)
{
    size_t kept = 0;

    if (order->count > 1)
        qsort(order->entries, order->count, sizeof *order->entries, compare);
    for (size_t i = 0; i < order->count; i++) {
        if (i + 1 < order->count &&
            strcmp(order->entries[i].key, order->entries[i + 1].key) == 0)
            continue;
        if (kept != i)
            order->entries[kept] = order->entries[i];
        kept++;
    }
    order->count = kept;
}
