#include "store/journal.h"

#include "base/mem.h"
#include "codec/event.h"
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

int yw_journal_append(struct yw_journal *journal, struct yw_event *event,
                      int64_t *ret_seq_before, struct yw_err *err)
{
    return journal->ops->append(journal, event, ret_seq_before, err);
}

int yw_journal_attach(struct yw_journal *journal, struct yw_loop *loop,
                      struct yw_err *err)
{
    return journal->ops->attach == NULL ? YW_OK
                                        : journal->ops->attach(journal, loop, err);
}

int yw_journal_put(struct yw_journal *journal, struct yw_event *event, struct yw_err *err)
{
    return journal->ops->put == NULL
               ? yw_err_set(err, YW_ESTATE, "the journal is open for reading only")
               : journal->ops->put(journal, event, err);
}

int64_t yw_journal_key(const struct yw_journal *journal, const char *key)
{
    return key[0] == '\0' || journal->ops->key == NULL ? 0
                                                       : journal->ops->key(journal, key);
}

void yw_journal_close(struct yw_journal *journal)
{
    if (journal != NULL)
        journal->ops->close(journal);
}

void yw_journal_head(struct yw_journal *journal, int64_t *ret_seq,
                     struct yw_hash *ret_hash)
{
    journal->ops->head(journal, ret_seq, ret_hash);
}

int yw_journal_backup(struct yw_journal *journal, const char *path, struct yw_err *err)
{
    int code = journal->ops->backup(journal, path, err);
    if (code != YW_OK)
        (void)yw_err_prefix(err, "backup to '%s'", path);
    return code;
}

struct reading {
    int (*fn)(void *arg, const struct yw_event *event);
    void *arg;
    struct yw_err *err;
};

static int read_one(void *arg, const struct yw_stored *stored)
{
    struct reading *reading = arg;
    struct yw_event event;
    struct yw_err why = {0};
    if (yw_event_decode(&event, stored->json, stored->size, &why) != YW_OK)
        return yw_err_set(reading->err, YW_ECORRUPT, "record %lld: %s",
                          (long long)stored->seq, why.text);
    return reading->fn(reading->arg, &event);
}

int yw_journal_read(struct yw_journal *journal, int64_t from_seq,
                    int (*fn)(void *arg, const struct yw_event *event), void *arg,
                    struct yw_err *err)
{
    struct reading reading = {.fn = fn, .arg = arg, .err = err};
    return journal->ops->scan(journal, from_seq, read_one, &reading, err);
}

struct export
{
    int64_t from_seq;
    struct yw_hash previous;
    int (*write)(void *arg, const char *line, size_t size);
    void *arg;
};

char *yw_export_line(const struct yw_stored *stored, const struct yw_hash *previous,
                     size_t *ret_size)
{
    char hash[YW_HASH_TEXT_SIZE];
    char prev[YW_HASH_TEXT_SIZE];
    yw_hash_text(&stored->hash, hash);
    yw_hash_text(previous, prev);
    /* The canonical text ends with its brace: the two members go before it. */
    size_t body = stored->size > 0 ? stored->size - 1 : 0;
    char *line = yw_strf("%.*s,\"hash\":\"%s\",\"prev\":\"%s\"}\n", (int)body,
                         stored->json, hash, prev);
    *ret_size = strlen(line);
    return line;
}

static int export_one(void *arg, const struct yw_stored *stored)
{
    struct export *export = arg;
    int code = YW_OK;
    if (stored->seq >= export->from_seq) {
        size_t size = 0;
        char *line = yw_export_line(stored, &export->previous, &size);
        code = export->write(export->arg, line, size);
        free(line);
    }
    export->previous = stored->hash;
    return code;
}

int yw_journal_export(struct yw_journal *journal, int64_t from_seq,
                      int (*write)(void *arg, const char *line, size_t size), void *arg,
                      struct yw_err *err)
{
    struct export export = {.from_seq = from_seq, .write = write, .arg = arg};
    /* One record earlier, for the hash that the first line continues. */
    int64_t scan_seq = from_seq > 1 ? from_seq - 1 : 1;
    return journal->ops->scan(journal, scan_seq, export_one, &export, err);
}
