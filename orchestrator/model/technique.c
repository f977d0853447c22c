#include "model/technique.h"

#include <string.h>

#define TECHNIQUES_MAX 4096

void yw_techniques_init(struct yw_techniques *table)
{
    *table = (struct yw_techniques){0};
    yw_vec_init(&table->list, sizeof(struct yw_technique), TECHNIQUES_MAX);
}

void yw_techniques_fini(struct yw_techniques *table)
{
    if (table != NULL)
        yw_vec_fini(&table->list);
}

bool yw_techniques_add(struct yw_techniques *table, const struct yw_technique *technique)
{
    size_t at = table->list.count;

    if (yw_vec_push(&table->list, technique) == NULL)
        return false;
    struct yw_technique *all = table->list.items;

    for (; at > 0 && strcmp(all[at - 1].id, technique->id) > 0; at--)
        all[at] = all[at - 1];
    all[at] = *technique;
    if (at == 0 || strcmp(all[at - 1].id, technique->id) != 0)
        return true;
    yw_vec_remove(&table->list, at);
    return false;
}

const struct yw_technique *yw_techniques_find(const struct yw_techniques *table,
                                              const char *id)
{
    const struct yw_technique *renamed = NULL;

    for (size_t i = 0; i < table->list.count; i++) {
        const struct yw_technique *technique = yw_vec_at(&table->list, i);

        if (strcmp(technique->id, id) == 0)
            return technique;
        if (strcmp(technique->now, id) == 0)
            renamed = technique;
    }
    return renamed;
}
