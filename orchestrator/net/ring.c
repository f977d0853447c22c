#include "net/ring.h"

#include "base/mem.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

struct yw_message *yw_message_new(const struct yw_buf *text, int64_t seq, int64_t prev)
{
    struct yw_message *message = yw_new(sizeof(*message) + LWS_PRE + text->size);
    *message =
        (struct yw_message){.refs = 1, .seq = seq, .prev = prev, .size = text->size};
    memcpy(message->bytes + LWS_PRE, text->data, text->size);
    return message;
}

void yw_message_unref(struct yw_message *message)
{
    if (message && --message->refs == 0)
        free(message);
}

struct yw_message *yw_message_patch(const struct yw_frame *frame)
{
    struct yw_buf text;
    yw_buf_init(&text, YW_STREAM_MESSAGE_MAX);
    yw_buf_puts(&text, "{\"merge\":");
    yw_buf_put(&text, frame->text, frame->size);
    yw_buf_printf(&text, ",\"prev\":%lld,\"seq\":%lld,\"type\":\"patch\"}",
                  (long long)frame->prev, (long long)frame->seq);
    struct yw_message *message =
        text.overflow ? NULL : yw_message_new(&text, frame->seq, frame->prev);
    yw_buf_fini(&text);
    return message;
}

struct yw_message *yw_message_snapshot(const struct yw_frame *frame)
{
    struct yw_buf text;
    yw_buf_init(&text, YW_STREAM_MESSAGE_MAX);
    yw_buf_printf(&text, "{\"seq\":%lld,\"state\":", (long long)frame->seq);
    yw_buf_put(&text, frame->text, frame->size);
    yw_buf_puts(&text, ",\"type\":\"snapshot\"}");
    struct yw_message *message =
        text.overflow ? NULL : yw_message_new(&text, frame->seq, -1);
    yw_buf_fini(&text);
    return message;
}

void yw_ring_init(struct yw_ring *ring)
{
    *ring = (struct yw_ring){.oldest = 1};
}

static struct yw_message *at(const struct yw_ring *ring, int64_t number)
{
    return ring->messages[number % YW_STREAM_RING];
}

static bool empty(const struct yw_ring *ring)
{
    return ring->oldest > ring->newest;
}

static void drop_oldest(struct yw_ring *ring)
{
    struct yw_message **place = &ring->messages[ring->oldest++ % YW_STREAM_RING];
    ring->bytes -= (*place)->size;
    yw_message_unref(*place);
    *place = NULL;
}

void yw_ring_fini(struct yw_ring *ring)
{
    while (!empty(ring))
        drop_oldest(ring);
    yw_message_unref(ring->snapshot);
}

void yw_ring_push(struct yw_ring *ring, struct yw_message *message)
{
    while (!empty(ring) && (ring->newest - ring->oldest + 1 >= YW_STREAM_RING ||
                            ring->bytes + message->size > YW_STREAM_RING_BYTES))
        drop_oldest(ring);
    ring->newest++;
    ring->messages[ring->newest % YW_STREAM_RING] = message;
    ring->bytes += message->size;
    yw_ring_broke(ring); /* its snapshot is older than the newest state now */
}

void yw_ring_broke(struct yw_ring *ring)
{
    yw_message_unref(ring->snapshot);
    ring->snapshot = NULL;
}

struct yw_message *yw_ring_next(const struct yw_ring *ring, struct yw_cursor *cursor)
{
    while (!cursor->needs_snapshot && cursor->number < ring->newest) {
        struct yw_message *message = NULL;
        if (cursor->number + 1 >= ring->oldest)
            message = at(ring, cursor->number + 1);
        if (message && message->prev == cursor->seq)
            return message;
        if (!message || message->seq > cursor->seq)
            cursor->needs_snapshot = true;
        else
            cursor->number++; /* its snapshot was younger than this message */
    }
    return NULL;
}

bool yw_ring_reached(const struct yw_ring *ring, const struct yw_cursor *cursor)
{
    return !cursor->needs_snapshot && cursor->number >= ring->newest;
}

void yw_ring_resume(const struct yw_ring *ring, struct yw_cursor *cursor, int64_t since)
{
    int64_t found = -1;
    *cursor = (struct yw_cursor){.needs_snapshot = true};
    if (since < 0)
        return;
    for (int64_t n = ring->oldest; n <= ring->newest && found < 0; n++)
        if (at(ring, n)->prev == since)
            found = n - 1;
    bool at_end = !empty(ring) ? at(ring, ring->newest)->seq == since
                               : ring->snapshot && ring->snapshot->seq == since;
    if (found >= 0 || at_end)
        *cursor =
            (struct yw_cursor){.number = found >= 0 ? found : ring->newest, .seq = since};
}

void yw_cursor_took(struct yw_cursor *cursor, const struct yw_message *message)
{
    cursor->number++;
    cursor->seq = message->seq;
}

void yw_cursor_jumped(struct yw_cursor *cursor, const struct yw_ring *ring)
{
    *cursor = (struct yw_cursor){.number = ring->newest, .seq = ring->snapshot->seq};
}
