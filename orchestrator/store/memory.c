/* The journal of simulations: the same numbers, bytes and hashes, durable when `due`
 * runs. */
#include "base/mem.h"
#include "base/vec.h"
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 10000000

struct kept {
    char *json;
    char *key;
    size_t size;
    struct yw_hash hash;
};

struct memory {
    struct yw_journal journal; /* first: the handle */
    struct yw_tail tail;
    struct yw_vec durable; /* struct kept, by seq - 1 */
    struct yw_record *pending;
    struct yw_record **pending_end;
    size_t pending_count;
    uint64_t stop_after;
    bool deaf;
    int64_t commit_ms;
    struct yw_due *due;
    const struct yw_clock *clock;
    struct yw_due_entry entry;
};

static struct memory *memory_of(struct yw_journal *journal)
{
    return (struct memory *)(void *)journal;
}

static void keep(struct memory *memory, const struct yw_stored *stored)
{
    struct kept kept = {.size = stored->size, .hash = stored->hash};
    kept.json = yw_strndup(stored->json, stored->size);
    kept.key = yw_strdup(stored->key);
    (void)yw_vec_push(&memory->durable, &kept);
}

static void commit(struct memory *memory)
{
    struct yw_record *next = NULL;
    struct yw_record *first = memory->pending;

    memory->pending = NULL;
    memory->pending_end = &memory->pending;
    for (struct yw_record *record = first; record != NULL; record = next) {
        next = record->next;
        memory->pending_count--;
        struct yw_stored stored = yw_record_stored(record);
        keep(memory, &stored);
        bool last = (uint64_t)stored.seq == memory->stop_after;
        if (memory->journal.on_durable != NULL && !(memory->deaf && last))
            memory->journal.on_durable(memory->journal.owner, &record->event);
        free(record);
    }
}

/* What is appended meanwhile is durable in the next commit. */
static void on_due(struct yw_due_entry *entry)
{
    struct memory *memory = entry->arg;

    commit(memory);
    while (memory->pending != NULL && memory->commit_ms == 0)
        commit(memory);
}

static int memory_append(struct yw_journal *journal, struct yw_event *event,
                         int64_t *ret_seq_before, struct yw_err *err)
{
    struct memory *memory = memory_of(journal);
    if (memory->pending_count >= YW_JOURNAL_QUEUE_MAX || memory->tail.seq >= RECORDS_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d events are waiting",
                          YW_JOURNAL_QUEUE_MAX);
    struct yw_record *record = NULL;
    int code = yw_tail_add(&memory->tail, event, &record, ret_seq_before, err);
    if (code != YW_OK)
        return code;
    if (memory->stop_after > 0 && (uint64_t)memory->tail.seq > memory->stop_after) {
        free(record); /* the crash: taken, and never heard of again */
        return YW_OK;
    }
    *memory->pending_end = record;
    memory->pending_end = &record->next;
    memory->pending_count++;
    if (!yw_due_queued(&memory->entry))
        yw_due_add(memory->due, &memory->entry,
                   yw_clock_mono_ms(memory->clock) + memory->commit_ms);
    return YW_OK;
}

static int memory_put(struct yw_journal *journal, struct yw_event *event,
                      struct yw_err *err)
{
    struct memory *memory = memory_of(journal);
    struct yw_record *record = NULL;
    int code = yw_tail_add(&memory->tail, event, &record, NULL, err);
    if (code != YW_OK)
        return code;
    struct yw_stored stored = yw_record_stored(record);
    keep(memory, &stored);
    free(record);
    return YW_OK;
}

static int memory_scan(struct yw_journal *journal, int64_t from_seq,
                       int (*fn)(void *arg, const struct yw_stored *stored), void *arg,
                       struct yw_err *err)
{
    (void)err;
    struct memory *memory = memory_of(journal);
    size_t first = from_seq > 1 ? (size_t)(from_seq - 1) : 0;
    for (size_t i = first; i < memory->durable.count; i++) {
        const struct kept *kept = yw_vec_at(&memory->durable, i);
        struct yw_stored stored = {.seq = (int64_t)i + 1,
                                   .json = kept->json,
                                   .size = kept->size,
                                   .key = kept->key,
                                   .hash = kept->hash};
        int code = fn(arg, &stored);
        if (code != 0)
            return code;
    }
    return YW_OK;
}

static void memory_head(struct yw_journal *journal, int64_t *ret_seq,
                        struct yw_hash *ret_hash)
{
    struct memory *memory = memory_of(journal);
    *ret_seq = (int64_t)memory->durable.count;
    memset(ret_hash, 0, sizeof(*ret_hash));
    if (memory->durable.count > 0) {
        const struct kept *last = yw_vec_at(&memory->durable, memory->durable.count - 1);
        *ret_hash = last->hash;
    }
}

static int memory_backup(struct yw_journal *journal, const char *path, struct yw_err *err)
{
    (void)journal;
    (void)path;
    return yw_err_set(err, YW_ESTATE, "a journal in memory has no file to copy");
}

static void memory_close(struct yw_journal *journal)
{
    struct memory *memory = memory_of(journal);
    yw_due_cancel(memory->due, &memory->entry);
    journal->on_durable = NULL;
    while (memory->pending != NULL)
        commit(memory); /* keeps what was pending; nobody is told */
    for (size_t i = 0; i < memory->durable.count; i++) {
        struct kept *kept = yw_vec_at(&memory->durable, i);
        free(kept->json);
        free(kept->key);
    }
    yw_vec_fini(&memory->durable);
    yw_tail_fini(&memory->tail);
    free(memory);
}

static int64_t memory_key(const struct yw_journal *journal, const char *key)
{
    const struct memory *memory = (const struct memory *)(const void *)journal;
    return yw_tail_key(&memory->tail, key);
}

static const struct yw_journal_ops memory_ops = {
    .append = memory_append,
    .scan = memory_scan,
    .head = memory_head,
    .backup = memory_backup,
    .key = memory_key,
    .put = memory_put,
    .close = memory_close,
};

int yw_journal_open_memory(struct yw_journal **ret, struct yw_due *due,
                           const struct yw_clock *clock, uint64_t stop_after,
                           struct yw_err *err)
{
    (void)err;
    struct memory *memory = yw_new(sizeof(*memory));
    memory->journal.ops = &memory_ops;
    yw_tail_init(&memory->tail);
    yw_vec_init(&memory->durable, sizeof(struct kept), RECORDS_MAX);
    memory->pending_end = &memory->pending;
    memory->stop_after = stop_after;
    memory->due = due;
    memory->clock = clock;
    memory->entry.run = on_due;
    memory->entry.arg = memory;
    *ret = &memory->journal;
    return YW_OK;
}

void yw_journal_memory_stop(struct yw_journal *journal, uint64_t stop_after)
{
    memory_of(journal)->stop_after = stop_after;
}

void yw_journal_memory_slow(struct yw_journal *journal, int64_t commit_ms)
{
    memory_of(journal)->commit_ms = commit_ms;
}

void yw_journal_memory_deaf(struct yw_journal *journal)
{
    memory_of(journal)->deaf = true;
}

struct copy {
    struct memory *to;
    int64_t last;
    struct yw_err *err;
};

static int copy_one(void *arg, const struct yw_stored *stored)
{
    struct copy *copy = arg;
    if (stored->seq > copy->last)
        return YW_OK;
    int code = yw_tail_restore(&copy->to->tail, stored, copy->err);
    if (code == YW_OK)
        keep(copy->to, stored);
    return code;
}

int yw_journal_fork_memory(struct yw_journal **ret, struct yw_journal *from, int64_t seq,
                           struct yw_due *due, const struct yw_clock *clock,
                           struct yw_err *err)
{
    struct yw_journal *journal = NULL;
    int code = yw_journal_open_memory(&journal, due, clock, 0, err);
    if (code != YW_OK)
        return code;
    struct copy copy = {.to = memory_of(journal), .last = seq, .err = err};
    code = from->ops->scan(from, 1, copy_one, &copy, err);
    if (code != YW_OK) {
        yw_journal_close(journal);
        return code;
    }
    *ret = journal;
    return YW_OK;
}

int yw_journal_copy_memory(struct yw_journal **ret, struct yw_journal *from,
                           struct yw_due *due, const struct yw_clock *clock,
                           struct yw_err *err)
{
    return yw_journal_fork_memory(ret, from, INT64_MAX, due, clock, err);
}
