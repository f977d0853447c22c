/* What one audience is sent: messages framed once and shared, the last of them in a ring, and
 * cursors into it. A patch follows the state whose seq is its `prev`; a cursor that no message
 * of the ring follows needs a snapshot. Pure; loop thread. */
#ifndef YW_NET_RING_H
#define YW_NET_RING_H

#include "codec/state/state.h"
#include "net/stream.h"

struct yw_message { /* one framed text */
    int refs;
    int64_t seq, prev;
    size_t size;
    unsigned char bytes[]; /* LWS_PRE of room, then the text */
};

struct yw_ring {
    struct yw_message *messages[YW_STREAM_RING]; /* number n at n % YW_STREAM_RING */
    int64_t oldest, newest;                      /* numbers; empty when oldest > newest */
    size_t bytes;
    struct yw_message *snapshot; /* of the state after `newest`; NULL none; owned */
};

struct yw_cursor {
    int64_t number; /* of the last message it has */
    int64_t seq;    /* of the state it has */
    bool needs_snapshot;
};

/* *new*: copies the text. */
struct yw_message *yw_message_new(const struct yw_buf *text, int64_t seq, int64_t prev);
/* *new*, or NULL: larger than YW_STREAM_MESSAGE_MAX. */
struct yw_message *yw_message_patch(const struct yw_frame *frame);
struct yw_message *yw_message_snapshot(const struct yw_frame *frame);
void yw_message_unref(struct yw_message *message); /* NULL-safe */

void yw_ring_init(struct yw_ring *ring);
void yw_ring_fini(struct yw_ring *ring);
/* The message is *stolen*; the oldest go until YW_STREAM_RING and YW_STREAM_RING_BYTES hold. */
void yw_ring_push(struct yw_ring *ring, struct yw_message *message);
/* A state that no message tells: who needs a snapshot gets a new one, and the next message finds
 * nobody whom it follows. */
void yw_ring_broke(struct yw_ring *ring);
/* What comes next for the cursor, borrowed. NULL: it has everything, or needs a snapshot. */
struct yw_message *yw_ring_next(const struct yw_ring *ring, struct yw_cursor *cursor);
bool yw_ring_reached(const struct yw_ring *ring, const struct yw_cursor *cursor);
/* Where a viewer of the state `since` stands: in the ring, at its end, or nowhere. */
void yw_ring_resume(const struct yw_ring *ring, struct yw_cursor *cursor, int64_t since);
void yw_cursor_took(struct yw_cursor *cursor, const struct yw_message *message);
void yw_cursor_jumped(struct yw_cursor *cursor, const struct yw_ring *ring);

#endif
