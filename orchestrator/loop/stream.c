#include "loop/stream.h"

#include "base/buf.h"
#include "base/mem.h"
#include "loop/inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#define PREFIX_SIZE 4
#define READ_SIZE 65536

struct yw_stream {
    uv_pipe_t pipe;
    struct yw_loop *loop;
    struct yw_stream_events events;
    bool raw;
    size_t message_max;
    size_t queue_max;
    bool ended;
    bool closed;
    bool held;
    bool delivering;
    struct yw_buf in;           /* framed streams: what is not delivered yet */
    struct yw_due_entry resume; /* delivery after a hold, on a turn of its own */
    char chunk[READ_SIZE];
};

struct write {
    uv_write_t request;
    struct yw_stream *stream;
    char bytes[];
};

static void end(struct yw_stream *stream, int code, const char *text)
{
    if (stream->ended || stream->closed)
        return;
    stream->ended = true;
    (void)uv_read_stop((uv_stream_t *)&stream->pipe);
    struct yw_err why = {0};
    (void)yw_err_set(&why, code, "%s", text);
    if (stream->events.on_end != NULL)
        stream->events.on_end(stream->events.owner, &why);
}

/* The owner may hold or close the stream in any of these calls. */
static void deliver(struct yw_stream *stream)
{
    if (stream->delivering)
        return;
    stream->delivering = true;
    size_t used = 0;
    bool oversized = false;
    while (!stream->closed && !stream->held && !stream->ended &&
           stream->in.size - used >= PREFIX_SIZE) {
        const unsigned char *at = (const unsigned char *)stream->in.data + used;
        size_t size = (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 |
                      (size_t)at[3] << 24;
        if (size > stream->message_max) {
            oversized = true;
            break;
        }
        if (stream->in.size - used - PREFIX_SIZE < size)
            break;
        used += PREFIX_SIZE + size;
        stream->events.on_message(stream->events.owner, at + PREFIX_SIZE, size);
    }
    yw_buf_drop(&stream->in, used);
    stream->delivering = false;
    if (oversized)
        end(stream, YW_ELIMIT, "a message above the limit");
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct yw_stream *stream = handle->data;
    *buf = uv_buf_init(stream->chunk, READ_SIZE);
}

static void on_read(uv_stream_t *handle, ssize_t size, const uv_buf_t *buf)
{
    struct yw_stream *stream = handle->data;
    if (size == 0 || stream->closed || stream->ended)
        return;
    if (size == UV_EOF) {
        end(stream, YW_EIO,
            stream->in.size > 0 ? "closed by the peer in the middle of a message"
                                : "closed by the peer");
        return;
    }
    if (size < 0) {
        end(stream, YW_EIO, uv_strerror((int)size));
        return;
    }
    if (stream->raw) {
        stream->events.on_bytes(stream->events.owner, buf->base, (size_t)size);
        return;
    }
    yw_buf_put(&stream->in, buf->base, (size_t)size);
    assert(!stream->in.overflow); /* reading stops while a whole message waits */
    deliver(stream);
}

/* Reads only once the old bytes are delivered, so that `in` never outgrows its limit. */
static void on_resume(struct yw_due_entry *entry)
{
    struct yw_stream *stream = entry->arg;
    deliver(stream);
    if (!stream->held && !stream->ended && !stream->closed &&
        uv_is_readable((uv_stream_t *)&stream->pipe))
        (void)uv_read_start((uv_stream_t *)&stream->pipe, on_alloc, on_read);
}

static void on_closed(uv_handle_t *handle)
{
    struct yw_stream *stream = handle->data;
    yw_buf_fini(&stream->in);
    free(stream);
}

static struct yw_stream *new_stream(struct yw_loop *loop, size_t queue_max,
                                    const struct yw_stream_events *events)
{
    struct yw_stream *stream = yw_new(sizeof(*stream));
    stream->loop = loop;
    stream->queue_max = queue_max;
    stream->events = *events;
    stream->resume.run = on_resume;
    stream->resume.arg = stream;
    return stream;
}

/* Takes stream and descriptor, also on failure. */
/* A plain file, or /dev/null, is no stream: the kernel cannot tell when it has more, and the
 * library would end the process for it. */
static bool can_wait(int fd)
{
    struct stat facts;
    return fstat(fd, &facts) == 0 &&
           (S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode) || isatty(fd));
}

static int start(struct yw_stream *stream, int fd, struct yw_stream **ret,
                 struct yw_err *err)
{
    int status = uv_pipe_init(yw_loop_uv(stream->loop), &stream->pipe, 0);
    assert(status == 0);
    stream->pipe.data = stream;
    status = can_wait(fd) ? uv_pipe_open(&stream->pipe, fd) : UV_EINVAL;
    if (status < 0)
        (void)close(fd);
    else if (uv_is_readable((uv_stream_t *)&stream->pipe))
        status = uv_read_start((uv_stream_t *)&stream->pipe, on_alloc, on_read);
    if (status < 0) {
        uv_close((uv_handle_t *)&stream->pipe, on_closed);
        return yw_loop_err_uv(err, status, "open a stream");
    }
    yw_loop_hold(stream->loop);
    *ret = stream;
    return YW_OK;
}

int yw_stream_open(struct yw_stream **ret, struct yw_loop *loop, int fd,
                   size_t message_max, size_t queue_max,
                   const struct yw_stream_events *events, struct yw_err *err)
{
    assert(events->on_message != NULL && message_max <= UINT32_MAX);
    struct yw_stream *stream = new_stream(loop, queue_max, events);
    stream->message_max = message_max;
    yw_buf_init(&stream->in, message_max + PREFIX_SIZE + READ_SIZE);
    return start(stream, fd, ret, err);
}

int yw_stream_open_raw(struct yw_stream **ret, struct yw_loop *loop, int fd,
                       size_t queue_max, const struct yw_stream_events *events,
                       struct yw_err *err)
{
    assert(events->on_bytes != NULL);
    struct yw_stream *stream = new_stream(loop, queue_max, events);
    stream->raw = true;
    return start(stream, fd, ret, err);
}

int yw_stream_connect(const char *path, int *ret_fd, struct yw_err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (yw_copy(address.sun_path, sizeof(address.sun_path), path) != YW_OK)
        return yw_err_set(err, YW_EINVAL, "%s: a socket path has at most %zu bytes", path,
                          sizeof(address.sun_path) - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, "socket");
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        int saved = errno;
        (void)close(fd);
        return yw_err_errno(err, saved == ENOENT ? YW_ENOTFOUND : YW_EIO, saved, path);
    }
    *ret_fd = fd;
    return YW_OK;
}

static void on_written(uv_write_t *request, int status)
{
    struct write *write = request->data;
    struct yw_stream *stream = write->stream;
    free(write);
    if (status < 0)
        end(stream, YW_EIO, uv_strerror(status));
    else if (!stream->closed && !stream->ended && stream->events.on_drained != NULL &&
             uv_stream_get_write_queue_size((uv_stream_t *)&stream->pipe) == 0)
        stream->events.on_drained(stream->events.owner);
}

int yw_stream_send(struct yw_stream *stream, const void *bytes, size_t size,
                   struct yw_err *err)
{
    size_t prefix = stream->raw ? 0 : PREFIX_SIZE;
    if (stream->ended || stream->closed)
        return yw_err_set(err, YW_ESTATE, "the stream has ended");
    if (!stream->raw && size > stream->message_max)
        return yw_err_set(err, YW_ELIMIT,
                          "a message of %zu bytes is above the limit of %zu", size,
                          stream->message_max);
    size_t queued = uv_stream_get_write_queue_size((uv_stream_t *)&stream->pipe);
    if (queued > stream->queue_max || size + prefix > stream->queue_max - queued)
        return yw_err_set(err, YW_ELIMIT, "more than %zu bytes are unsent",
                          stream->queue_max);
    struct write *write = yw_new(sizeof(*write) + prefix + size);
    write->stream = stream;
    write->request.data = write;
    for (size_t i = 0; i < prefix; i++)
        write->bytes[i] = (char)(unsigned char)(size >> (8 * i));
    if (size > 0)
        memcpy(write->bytes + prefix, bytes, size);
    uv_buf_t buf = uv_buf_init(write->bytes, (unsigned)(prefix + size));
    int status =
        uv_write(&write->request, (uv_stream_t *)&stream->pipe, &buf, 1, on_written);
    if (status < 0) {
        free(write);
        return yw_loop_err_uv(err, status, "send");
    }
    return YW_OK;
}

void yw_stream_hold(struct yw_stream *stream, bool hold)
{
    if (stream->held == hold || stream->closed)
        return;
    stream->held = hold;
    if (stream->ended)
        return;
    if (hold) {
        (void)uv_read_stop((uv_stream_t *)&stream->pipe);
        yw_due_cancel(yw_loop_due(stream->loop), &stream->resume);
        return;
    }
    yw_due_add(yw_loop_due(stream->loop), &stream->resume,
               yw_clock_mono_ms(yw_loop_clock(stream->loop)));
}

void yw_stream_close(struct yw_stream *stream)
{
    if (stream == NULL || stream->closed)
        return;
    stream->closed = true;
    yw_due_cancel(yw_loop_due(stream->loop), &stream->resume);
    yw_loop_release(stream->loop);
    uv_close((uv_handle_t *)&stream->pipe, on_closed);
}
