/* The host's side of the guest channel (vm-images/guest/channel.h). The guest is hostile:
 * sizes are checked before reading, answers to what was not asked are dropped, above the
 * rate the reading stops (nothing is buffered), and a malformed message ends the
 * connection.
 *
 * A request is the caller's memory until `done`. Its number is the caller's too, because
 * the guest remembers answers by number (sent again after a crash here, it still happens
 * once):
 *
 *   1          CONFIGURE
 *   2 … 17     PUT, chunk by chunk
 *   1024       START
 *   2^20 + n   RUN n of the drill
 *   2^30 + n   PING n
 *   2^31 + n   WRITE, READ: not remembered by the guest, any unused number
 *
 * Loop thread. */
#ifndef YW_VIRT_CHANNEL_H
#define YW_VIRT_CHANNEL_H

#include "base/buf.h"
#include "base/due.h"
#include "guest/channel.h"
#include "loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

#define YW_CHANNEL_NUMBER_CONFIGURE 1u
#define YW_CHANNEL_NUMBER_PUT 2u
#define YW_CHANNEL_NUMBER_START 1024u
#define YW_CHANNEL_NUMBER_RUN (1u << 20)
#define YW_CHANNEL_NUMBER_PING (1u << 30)
#define YW_CHANNEL_NUMBER_CARRY (1u << 31)
#define YW_CHANNEL_PENDING_MAX 64
#define YW_CHANNEL_QUEUE_MAX (256 * 1024)

struct yw_channel; /* open/close */

struct yw_channel_events {
    void (*on_hello)(void *owner, const char *image, const char *boot_id);
    void (*on_line)(void *owner,
                    const char *text); /* valid UTF-8, ≤ YW_CHANNEL_LINE_MAX */
    /* Ended by the machine or by what it said; the owner still closes. */
    void (*on_end)(void *owner, const struct yw_err *why);
    void *owner;
};

struct yw_channel_request {
    uint32_t number;
    enum yw_channel_type type;
    int64_t deadline_ms; /* span */
    /* code 0: exit_code and output (borrowed for the call) are valid. Not called on
     * close. */
    void (*done)(struct yw_channel_request *request, int code, uint32_t exit_code,
                 const char *output);
    void *owner;
    size_t output_size; /* in done: bytes of output, which for READ may hold any */
    struct yw_due_entry deadline;    /* the channel's own */
    struct yw_channel *channel;      /* the channel's own */
    struct yw_channel_request *next; /* the channel's own */
};

/* Connects to the machine's socket. YW_ENOTFOUND while there is none. */
int yw_channel_open(struct yw_channel **ret, struct yw_loop *loop, const char *path,
                    const struct yw_channel_events *events, struct yw_err *err);
/* The same on an open descriptor, which it takes, also on failure. */
int yw_channel_open_fd(struct yw_channel **ret, struct yw_loop *loop, int fd,
                       const struct yw_channel_events *events, struct yw_err *err);
/* `fields`: the packed fields of the type. Fails without a callback, or `done` comes
 * later. */
int yw_channel_send(struct yw_channel *channel, struct yw_channel_request *request,
                    const struct yw_buf *fields, struct yw_err *err);
void yw_channel_cancel(
    struct yw_channel_request *request);           /* forgets it, without a callback */
void yw_channel_close(struct yw_channel *channel); /* NULL-safe */
/* Messages dropped as unasked or beyond a limit. */
uint64_t yw_channel_dropped(const struct yw_channel *channel);

#endif
