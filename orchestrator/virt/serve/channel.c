#include "virt/serve/channel.h"

#include "base/id.h"
#include "base/mem.h"
#include "base/pack.h"
#include "loop/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 128 /* image and boot id */
#define WINDOW_MS 1000

struct yw_channel {
    struct yw_loop *loop;
    struct yw_stream *stream;
    struct yw_channel_events events;
    struct yw_channel_request *pending;
    size_t pending_count;
    int64_t window_ms; /* start of the second that is counted */
    size_t window_messages;
    size_t window_bytes;
    struct yw_due_entry release; /* end of a hold */
    uint64_t dropped;
};

static int64_t now_ms(const struct yw_channel *channel)
{
    return yw_clock_mono_ms(yw_loop_clock(channel->loop));
}

/* Counts one message; above the rate, reading stops until the second is over. */
static void count_message(struct yw_channel *channel, size_t size)
{
    int64_t now = now_ms(channel);

    if (now - channel->window_ms >= WINDOW_MS) {
        channel->window_ms = now;
        channel->window_messages = 0;
        channel->window_bytes = 0;
    }
    channel->window_messages++;
    channel->window_bytes += size;
    if (channel->window_messages < YW_CHANNEL_RATE &&
        channel->window_bytes < YW_CHANNEL_RATE_BYTES)
        return;
    yw_stream_hold(channel->stream, true);
    yw_due_add(yw_loop_due(channel->loop), &channel->release,
               channel->window_ms + WINDOW_MS);
}

static void on_release(struct yw_due_entry *entry)
{
    struct yw_channel *channel = entry->arg;

    yw_stream_hold(channel->stream, false);
}

static void unlink_request(struct yw_channel_request *request)
{
    struct yw_channel *channel = request->channel;

    assert(channel != NULL); /* linked */
    struct yw_channel_request **link = &channel->pending;

    while (*link != request)
        link = &(*link)->next;
    *link = request->next;
    channel->pending_count--;
    yw_due_cancel(yw_loop_due(channel->loop), &request->deadline);
    request->channel = NULL;
}

static void finish(struct yw_channel_request *request, int code, uint32_t exit_code,
                   const char *output)
{
    unlink_request(request);
    request->done(request, code, exit_code, output);
}

static void on_deadline(struct yw_due_entry *entry)
{
    finish(entry->arg, YW_ETIMEOUT, 0, "");
}

static void end(struct yw_channel *channel, const struct yw_err *why)
{
    channel->events.on_end(channel->events.owner, why);
}

static void on_bad(struct yw_channel *channel, const char *what)
{
    struct yw_err why;

    (void)yw_err_set(&why, YW_EINVAL, "guest channel: %s", what);
    end(channel, &why);
}

static void on_hello(struct yw_channel *channel, struct yw_unpack *in)
{
    char image[NAME_MAX_BYTES], boot_id[NAME_MAX_BYTES];
    uint32_t version = yw_unpack_u32(in);

    yw_unpack_str(in, image, sizeof(image));
    yw_unpack_str(in, boot_id, sizeof(boot_id));
    if (!yw_unpack_done(in) || !yw_utf8_valid(image, strlen(image)) ||
        !yw_utf8_valid(boot_id, strlen(boot_id)))
        on_bad(channel, "malformed HELLO");
    else if (version != YW_CHANNEL_VERSION)
        on_bad(channel, "another version of the channel");
    else
        channel->events.on_hello(channel->events.owner, image, boot_id);
}

static void on_done(struct yw_channel *channel, uint32_t number, struct yw_unpack *in)
{
    char output[YW_CHANNEL_OUTPUT_MAX + 1];
    uint32_t exit_code = yw_unpack_u32(in);
    struct yw_channel_request *request = channel->pending;
    size_t size = 0;
    const void *bytes = yw_unpack_bytes(in, YW_CHANNEL_OUTPUT_MAX, &size);

    if (!yw_unpack_done(in) || exit_code > 255) {
        on_bad(channel, "malformed DONE");
        return;
    }
    memcpy(output, bytes, size);
    output[size] = '\0';
    while (request && request->number != number)
        request = request->next;
    bool any_bytes = request && request->type == YW_CHANNEL_READ && exit_code == 0;

    if (!any_bytes && memchr(output, '\0', size)) {
        on_bad(channel, "malformed DONE");
        return;
    }
    if (!request || (!any_bytes && !yw_utf8_valid(output, size))) {
        channel->dropped++;
        return;
    }
    request->output_size = size;
    finish(request, 0, exit_code, output);
}

static void on_line(struct yw_channel *channel, struct yw_unpack *in)
{
    char text[YW_CHANNEL_LINE_MAX + 1];

    yw_unpack_str(in, text, sizeof(text));
    if (!yw_unpack_done(in))
        on_bad(channel, "malformed LINE");
    else if (!yw_utf8_valid(text, strlen(text)))
        channel->dropped++;
    else
        channel->events.on_line(channel->events.owner, text);
}

static void on_message(void *owner, const void *bytes, size_t size)
{
    struct yw_channel *channel = owner;
    struct yw_unpack in;

    count_message(channel, size);
    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);
    uint32_t number = yw_unpack_u32(&in);

    if (in.failed)
        on_bad(channel, "short message");
    else if (type == YW_CHANNEL_HELLO && number == 0)
        on_hello(channel, &in);
    else if (type == YW_CHANNEL_DONE && number != 0)
        on_done(channel, number, &in);
    else if (type == YW_CHANNEL_LINE && number == 0)
        on_line(channel, &in);
    else
        on_bad(channel, "unknown message");
}

static void on_end(void *owner, const struct yw_err *why)
{
    end(owner, why);
}

int yw_channel_open(struct yw_channel **ret, struct yw_loop *loop, const char *path,
                    const struct yw_channel_events *events, struct yw_err *err)
{
    int fd = -1;
    int code = yw_stream_connect(path, &fd, err);

    return code < 0 ? code : yw_channel_open_fd(ret, loop, fd, events, err);
}

int yw_channel_open_fd(struct yw_channel **ret, struct yw_loop *loop, int fd,
                       const struct yw_channel_events *events, struct yw_err *err)
{
    struct yw_channel *channel = yw_new(sizeof(*channel));
    struct yw_stream_events stream_events = {
        .on_message = on_message, .on_end = on_end, .owner = channel};

    channel->loop = loop;
    channel->events = *events;
    channel->release.run = on_release;
    channel->release.arg = channel;
    int code = yw_stream_open(&channel->stream, loop, fd, YW_CHANNEL_MESSAGE_MAX,
                              YW_CHANNEL_QUEUE_MAX, &stream_events, err);
    if (code < 0) {
        free(channel);
        return code;
    }
    *ret = channel;
    return 0;
}

int yw_channel_send(struct yw_channel *channel, struct yw_channel_request *request,
                    const struct yw_buf *fields, struct yw_err *err)
{
    struct yw_buf message;

    if (channel->pending_count >= YW_CHANNEL_PENDING_MAX)
        return yw_err_set(err, YW_ELIMIT, "more than %d requests under way",
                          YW_CHANNEL_PENDING_MAX);
    for (const struct yw_channel_request *at = channel->pending; at; at = at->next) {
        if (at->number == request->number)
            return yw_err_set(err, YW_EEXIST, "request %u is under way", request->number);
    }
    yw_buf_init(&message, YW_CHANNEL_MESSAGE_MAX);
    yw_pack_u8(&message, (uint8_t)request->type);
    yw_pack_u32(&message, request->number);
    if (fields)
        yw_buf_put(&message, fields->data, fields->size);
    int code = message.overflow || (fields && fields->overflow)
                   ? yw_err_set(err, YW_ELIMIT, "a request above %d bytes",
                                YW_CHANNEL_MESSAGE_MAX)
                   : yw_stream_send(channel->stream, message.data, message.size, err);

    yw_buf_fini(&message);
    if (code < 0)
        return code;
    request->channel = channel;
    request->next = channel->pending;
    channel->pending = request;
    channel->pending_count++;
    request->deadline.run = on_deadline;
    request->deadline.arg = request;
    yw_due_add(yw_loop_due(channel->loop), &request->deadline,
               now_ms(channel) + request->deadline_ms);
    return 0;
}

void yw_channel_cancel(struct yw_channel_request *request)
{
    if (request->channel)
        unlink_request(request);
}

void yw_channel_close(struct yw_channel *channel)
{
    if (!channel)
        return;
    while (channel->pending)
        unlink_request(channel->pending);
    yw_due_cancel(yw_loop_due(channel->loop), &channel->release);
    yw_stream_close(channel->stream);
    free(channel);
}

uint64_t yw_channel_dropped(const struct yw_channel *channel)
{
    return channel->dropped;
}
