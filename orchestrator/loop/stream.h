/* A local byte stream (socketpair, unix socket, pipe) with length-prefixed messages: how
 * our processes talk. A message is u32 little-endian size + that many bytes. Every size
 * is bounded; a prefix above the limit closes the stream. Loop thread. */
#ifndef YW_LOOP_STREAM_H
#define YW_LOOP_STREAM_H

#include "loop/loop.h"

struct yw_stream;

struct yw_stream_events {
    /* One whole message; bytes are borrowed for the call. NULL for raw streams. */
    void (*on_message)(void *owner, const void *bytes, size_t size);
    /* Raw streams only (yw_stream_open_raw): whatever arrived. */
    void (*on_bytes)(void *owner, const void *bytes, size_t size);
    /* Everything that was sent is in the kernel. May be NULL. */
    void (*on_drained)(void *owner);
    /* Closed by the peer, by an error or by an oversized prefix; the stream sends and
     * reads no more; the owner still calls yw_stream_close. */
    void (*on_end)(void *owner, const struct yw_err *why);
    void *owner;
};

/* Takes the descriptor (stolen also on failure). message_max and queue_max in bytes: a
 * send that would hold more than queue_max unsent bytes fails with YW_ELIMIT. */
int yw_stream_open(struct yw_stream **ret, struct yw_loop *loop, int fd,
                   size_t message_max, size_t queue_max,
                   const struct yw_stream_events *events, struct yw_err *err);
int yw_stream_open_raw(struct yw_stream **ret, struct yw_loop *loop, int fd,
                       size_t queue_max, const struct yw_stream_events *events,
                       struct yw_err *err);
/* Connects to a unix socket (non-blocking connect done at once or failed). */
int yw_stream_connect(const char *path, int *ret_fd, struct yw_err *err);
int yw_stream_send(struct yw_stream *stream, const void *bytes, size_t size,
                   struct yw_err *err);
/* Stop and resume reading: backpressure instead of buffering. */
void yw_stream_hold(struct yw_stream *stream, bool hold);
/* No callback afterwards; what the kernel has not taken yet is lost. NULL-safe. */
void yw_stream_close(struct yw_stream *stream);

#endif
