#include "base/buf.h"
#include "base/mem.h"
#include "codec/event.h"
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

void yw_tail_init(struct yw_tail *tail)
{
    memset(tail, 0, sizeof(*tail));
    yw_map_init(&tail->keys, sizeof(int64_t), YW_JOURNAL_KEYS_MAX);
}

void yw_tail_fini(struct yw_tail *tail)
{
    if (tail != NULL)
        yw_map_fini(&tail->keys);
}

static int check_key(const struct yw_tail *tail, const char *key, int64_t *ret_seq_before,
                     struct yw_err *err)
{
    if (key[0] == '\0')
        return YW_OK;
    const int64_t *before = yw_map_get(&tail->keys, key);
    if (before != NULL) {
        if (ret_seq_before != NULL)
            *ret_seq_before = *before;
        return yw_err_set(err, YW_EEXIST, "key '%s' was used by event %lld", key,
                          (long long)*before);
    }
    if (tail->keys.count >= YW_JOURNAL_KEYS_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d idempotency keys",
                          YW_JOURNAL_KEYS_MAX);
    return YW_OK;
}

int64_t yw_tail_key(const struct yw_tail *tail, const char *key)
{
    const int64_t *seq = yw_map_get(&tail->keys, key);
    return seq == NULL ? 0 : *seq;
}

static struct yw_record *record_new(const struct yw_event *event,
                                    const struct yw_buf *json)
{
    struct yw_record *record = yw_new(sizeof(*record) + json->size + 1);
    record->event = *event;
    record->size = json->size;
    memcpy(record->json, json->data, json->size);
    return record;
}

int yw_tail_add(struct yw_tail *tail, struct yw_event *event, struct yw_record **ret,
                int64_t *ret_seq_before, struct yw_err *err)
{
    int code = check_key(tail, event->key, ret_seq_before, err);
    if (code != YW_OK)
        return code;
    int64_t seq_before = event->seq;
    event->seq = tail->seq + 1;
    struct yw_buf json;
    yw_buf_init(&json, YW_JOURNAL_RECORD_MAX);
    yw_event_encode(&json, event);
    if (json.overflow) {
        event->seq = seq_before;
        yw_buf_fini(&json);
        return yw_err_set(err, YW_ELIMIT, "an event of kind '%s' is above %d bytes",
                          yw_event_name(event->kind), YW_JOURNAL_RECORD_MAX);
    }
    struct yw_record *record = record_new(event, &json);
    yw_buf_fini(&json);
    yw_hash_chain(&tail->hash, record->json, record->size, &record->hash);
    tail->seq = event->seq;
    tail->hash = record->hash;
    if (event->key[0] != '\0')
        *(int64_t *)yw_map_put(&tail->keys, event->key) = event->seq;
    *ret = record;
    return YW_OK;
}

int yw_tail_restore(struct yw_tail *tail, const struct yw_stored *stored,
                    struct yw_err *err)
{
    if (stored->key[0] != '\0') {
        int64_t *seq = yw_map_put(&tail->keys, stored->key);
        if (seq == NULL)
            return yw_err_set(err, YW_ELIMIT, "more than %d idempotency keys",
                              YW_JOURNAL_KEYS_MAX);
        *seq = stored->seq;
    }
    tail->seq = stored->seq;
    tail->hash = stored->hash;
    return YW_OK;
}

struct yw_stored yw_record_stored(const struct yw_record *record)
{
    return (struct yw_stored){
        .seq = record->event.seq,
        .json = record->json,
        .size = record->size,
        .key = record->event.key,
        .hash = record->hash,
    };
}
