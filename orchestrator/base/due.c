#include "base/due.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_ROOM 32

void yw_due_init(struct yw_due *due)
{
    *due = (struct yw_due){0};
}

void yw_due_fini(struct yw_due *due)
{
    if (due == NULL)
        return;
    for (size_t i = 0; i < due->count; i++)
        due->heap[i]->place = 0;
    free(due->heap);
    due->heap = NULL;
    due->count = 0;
    due->room = 0;
}

static bool before(const struct yw_due_entry *a, const struct yw_due_entry *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void place_at(struct yw_due *due, size_t index, struct yw_due_entry *entry)
{
    due->heap[index] = entry;
    entry->place = index + 1;
}

static void sift_up(struct yw_due *due, size_t index)
{
    struct yw_due_entry *entry = due->heap[index];
    while (index > 0 && before(entry, due->heap[(index - 1) / 2])) {
        place_at(due, index, due->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    place_at(due, index, entry);
}

static void sift_down(struct yw_due *due, size_t index)
{
    struct yw_due_entry *entry = due->heap[index];
    for (;;) {
        size_t child = index * 2 + 1;
        if (child >= due->count)
            break;
        if (child + 1 < due->count && before(due->heap[child + 1], due->heap[child]))
            child++;
        if (!before(due->heap[child], entry))
            break;
        place_at(due, index, due->heap[child]);
        index = child;
    }
    place_at(due, index, entry);
}

static void take_out(struct yw_due *due, struct yw_due_entry *entry)
{
    size_t index = entry->place - 1;
    assert(index < due->count && due->heap[index] == entry);
    entry->place = 0;
    due->count--;
    if (index == due->count)
        return;
    struct yw_due_entry *moved = due->heap[due->count];
    place_at(due, index, moved);
    sift_up(due, index);
    sift_down(due, moved->place - 1);
}

static void tell_change(struct yw_due *due, int64_t old_next)
{
    if (due->on_change != NULL && yw_due_next(due) != old_next)
        due->on_change(due);
}

void yw_due_add(struct yw_due *due, struct yw_due_entry *entry, int64_t at_ms)
{
    int64_t old_next = yw_due_next(due);
    if (entry->place != 0)
        take_out(due, entry);
    if (due->count == due->room) {
        due->room = due->room == 0 ? FIRST_ROOM : due->room * 2;
        due->heap = yw_resize(due->heap, due->room, sizeof(struct yw_due_entry *));
    }
    entry->at_ms = at_ms;
    entry->order = due->next_order++;
    due->heap[due->count] = entry;
    due->count++;
    sift_up(due, due->count - 1);
    tell_change(due, old_next);
}

void yw_due_cancel(struct yw_due *due, struct yw_due_entry *entry)
{
    if (entry == NULL || entry->place == 0)
        return;
    int64_t old_next = yw_due_next(due);
    take_out(due, entry);
    tell_change(due, old_next);
}

bool yw_due_queued(const struct yw_due_entry *entry)
{
    return entry->place != 0;
}

int64_t yw_due_next(const struct yw_due *due)
{
    return due->count == 0 ? INT64_MAX : due->heap[0]->at_ms;
}

size_t yw_due_run(struct yw_due *due, int64_t now_ms)
{
    size_t ran = 0;
    while (due->count > 0 && due->heap[0]->at_ms <= now_ms) {
        struct yw_due_entry *entry = due->heap[0];
        int64_t old_next = entry->at_ms;
        take_out(due, entry);
        tell_change(due, old_next);
        entry->run(entry);
        ran++;
    }
    return ran;
}
