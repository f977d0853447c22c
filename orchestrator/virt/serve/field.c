#include "virt/serve/field.h"

#include "base/mem.h"
#include "loop/stream.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNSENT_MAX (4 * sizeof(struct yw_field_record))
#define WINDOW_MS 1000

struct yw_field {
    struct yw_loop *loop;
    struct yw_stream *stream;
    struct yw_field_events events;
    struct yw_field_record in;
    size_t in_size;
    uint32_t sent;
    bool ended;
    int64_t window_ms;
    size_t window_records;
    struct yw_due_entry release;
};

static void count_record(struct yw_field *field)
{
    int64_t now = yw_clock_mono_ms(yw_loop_clock(field->loop));

    if (now - field->window_ms >= WINDOW_MS) {
        field->window_ms = now;
        field->window_records = 0;
    }
    if (++field->window_records < YW_FIELD_RATE)
        return;
    yw_stream_hold(field->stream, true);
    yw_due_add(yw_loop_due(field->loop), &field->release, field->window_ms + WINDOW_MS);
}

static void on_release(struct yw_due_entry *entry)
{
    struct yw_field *field = entry->arg;

    yw_stream_hold(field->stream, false);
}

static bool finite_all(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return false;
    }
    return true;
}

/* False when the stream is out of step. */
static bool take_record(struct yw_field *field)
{
    const struct yw_field_record *record = &field->in;

    if (record->magic != YW_FIELD_MAGIC || record->count > YW_FIELD_VALUES ||
        record->views > YW_FIELD_VALUES)
        return false;
    count_record(field);
    if (field->window_records > YW_FIELD_RATE ||
        !finite_all(record->value, record->count) ||
        !finite_all(record->view, record->views))
        return true;
    field->events.on_record(field->events.owner, record);
    return true;
}

static void on_bytes(void *owner, const void *bytes, size_t size)
{
    struct yw_field *field = owner;
    const char *at = bytes;

    while (size > 0 && !field->ended) {
        size_t part = sizeof(field->in) - field->in_size;

        if (part > size)
            part = size;
        memcpy((char *)&field->in + field->in_size, at, part);
        field->in_size += part;
        at += part;
        size -= part;
        if (field->in_size < sizeof(field->in))
            break;
        field->in_size = 0;
        if (!take_record(field)) {
            struct yw_err why;

            field->ended = true;
            (void)yw_err_set(&why, YW_EINVAL, "field port: out of step");
            field->events.on_end(field->events.owner, &why);
            return;
        }
    }
}

static void on_end(void *owner, const struct yw_err *why)
{
    struct yw_field *field = owner;

    if (field->ended)
        return;
    field->ended = true;
    field->events.on_end(field->events.owner, why);
}

int yw_field_open(struct yw_field **ret, struct yw_loop *loop, const char *path,
                  const struct yw_field_events *events, struct yw_err *err)
{
    int fd = -1;
    int code = yw_stream_connect(path, &fd, err);

    return code < 0 ? code : yw_field_open_fd(ret, loop, fd, events, err);
}

int yw_field_open_fd(struct yw_field **ret, struct yw_loop *loop, int fd,
                     const struct yw_field_events *events, struct yw_err *err)
{
    struct yw_field *field = yw_new(sizeof(*field));
    struct yw_stream_events stream_events = {
        .on_bytes = on_bytes, .on_end = on_end, .owner = field};

    field->loop = loop;
    field->events = *events;
    field->release.run = on_release;
    field->release.arg = field;
    int code =
        yw_stream_open_raw(&field->stream, loop, fd, UNSENT_MAX, &stream_events, err);
    if (code < 0) {
        free(field);
        return code;
    }
    *ret = field;
    return 0;
}

void yw_field_send(struct yw_field *field, const double *values, size_t count)
{
    struct yw_field_record record = {.magic = YW_FIELD_MAGIC, .scan = ++field->sent};

    assert(count <= YW_FIELD_VALUES);
    record.count = (uint16_t)count;
    memcpy(record.value, values, count * sizeof(*values));
    (void)yw_stream_send(field->stream, &record, sizeof(record), NULL);
}

void yw_field_close(struct yw_field *field)
{
    if (!field)
        return;
    yw_due_cancel(yw_loop_due(field->loop), &field->release);
    yw_stream_close(field->stream);
    free(field);
}
