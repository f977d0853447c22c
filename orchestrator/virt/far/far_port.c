/* A machine's port as a descriptor: bytes go between a libvirt stream and one end of a
 * socket pair, in callbacks on libvirt's event thread. What one side has not taken holds
 * up the other; nothing is buffered beyond one piece each way. */
#include "base/mem.h"
#include "virt/far/far_daemon.h"
#include "virt/machine/libvirt_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 65536

struct piece {
    char bytes[PIECE];
    size_t at, size;
};

struct pump {
    struct yw_host *host; /* borrowed */
    char uuid[YW_UUID_SIZE];
    char port[64];
    virStreamPtr stream;
    int fd;
    int watch;
    bool ended;
    pthread_mutex_t lock; /* until both sides are registered */
    struct piece in;      /* from the machine */
    struct piece out;     /* to it */
};

static void free_pump(void *arg)
{
    struct pump *pump = arg;

    (void)pthread_mutex_destroy(&pump->lock);
    free(pump);
}

/* The stream goes with the handle's end, which frees the pump. */
static void end(struct pump *pump)
{
    if (pump->ended)
        return;
    pump->ended = true;
    (void)virStreamEventRemoveCallback(pump->stream);
    (void)virStreamAbort(pump->stream);
    (void)virStreamFree(pump->stream);
    (void)close(pump->fd);
    (void)virEventRemoveHandle(pump->watch);
}

static void want(struct pump *pump)
{
    int stream = (pump->in.size == 0 ? VIR_STREAM_EVENT_READABLE : 0) |
                 (pump->out.size > 0 ? VIR_STREAM_EVENT_WRITABLE : 0);
    int socket = (pump->out.size == 0 ? VIR_EVENT_HANDLE_READABLE : 0) |
                 (pump->in.size > 0 ? VIR_EVENT_HANDLE_WRITABLE : 0);

    if (pump->ended)
        return;
    (void)virStreamEventUpdateCallback(pump->stream, stream | VIR_STREAM_EVENT_HANGUP |
                                                         VIR_STREAM_EVENT_ERROR);
    virEventUpdateHandle(pump->watch, socket);
}

static void took(struct piece *piece, size_t size)
{
    piece->at += size;
    if (piece->at == piece->size)
        piece->at = piece->size = 0;
}

static void to_socket(struct pump *pump)
{
    while (!pump->ended && pump->in.size > 0) {
        ssize_t sent = send(pump->fd, pump->in.bytes + pump->in.at,
                            pump->in.size - pump->in.at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent < 0)
            end(pump);
        else
            took(&pump->in, (size_t)sent);
    }
}

static void to_stream(struct pump *pump)
{
    while (!pump->ended && pump->out.size > 0) {
        int sent = virStreamSend(pump->stream, pump->out.bytes + pump->out.at,
                                 pump->out.size - pump->out.at);

        if (sent == -2)
            return;
        if (sent < 0)
            end(pump);
        else
            took(&pump->out, (size_t)sent);
    }
}

static void from_stream(struct pump *pump)
{
    while (!pump->ended && pump->in.size == 0) {
        int got = virStreamRecv(pump->stream, pump->in.bytes, PIECE);

        if (got == -2)
            return;
        if (got <= 0) {
            end(pump);
            return;
        }
        pump->in.size = (size_t)got;
        to_socket(pump);
    }
}

static void from_socket(struct pump *pump)
{
    while (!pump->ended && pump->out.size == 0) {
        ssize_t got = recv(pump->fd, pump->out.bytes, PIECE, MSG_DONTWAIT);

        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            end(pump);
            return;
        }
        pump->out.size = (size_t)got;
        to_stream(pump);
    }
}

static void on_stream(virStreamPtr stream, int events, void *arg)
{
    struct pump *pump = arg;

    (void)stream;
    (void)pthread_mutex_lock(&pump->lock);
    if (!pump->ended && (events & VIR_STREAM_EVENT_READABLE))
        from_stream(pump);
    if (!pump->ended && (events & VIR_STREAM_EVENT_WRITABLE))
        to_stream(pump);
    if (events & (VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP))
        end(pump);
    want(pump);
    (void)pthread_mutex_unlock(&pump->lock);
}

static void on_socket(int watch, int fd, int events, void *arg)
{
    struct pump *pump = arg;

    (void)watch;
    (void)fd;
    (void)pthread_mutex_lock(&pump->lock);
    if (!pump->ended && (events & VIR_EVENT_HANDLE_WRITABLE))
        to_socket(pump);
    if (!pump->ended && (events & (VIR_EVENT_HANDLE_READABLE | VIR_EVENT_HANDLE_HANGUP)))
        from_socket(pump);
    if (events & VIR_EVENT_HANDLE_ERROR)
        end(pump);
    want(pump);
    (void)pthread_mutex_unlock(&pump->lock);
}

static int open_stream(struct pump *pump)
{
    virDomainPtr domain =
        virDomainLookupByUUIDString(yw_host_conn(pump->host), pump->uuid);
    int status = -1;

    if (!domain)
        return -1;
    pump->stream = virStreamNew(yw_host_conn(pump->host), VIR_STREAM_NONBLOCK);
    if (pump->stream)
        status = virDomainOpenChannel(domain, pump->port, pump->stream,
                                      VIR_DOMAIN_CHANNEL_FORCE);
    (void)virDomainFree(domain);
    if (status < 0 && pump->stream)
        (void)virStreamFree(pump->stream);
    return status;
}

static int start_pump(struct pump *pump)
{
    pump->watch = virEventAddHandle(pump->fd, 0, on_socket, pump, free_pump);
    if (pump->watch < 0)
        return -1;
    if (virStreamEventAddCallback(pump->stream,
                                  VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP |
                                      VIR_STREAM_EVENT_ERROR,
                                  on_stream, pump, NULL) < 0) {
        end(pump);
        return 0;
    }
    want(pump);
    return 0;
}

/* Opening asks the daemon, which may take its time. */
static void *run_open(void *arg)
{
    struct pump *pump = arg;

    if (open_stream(pump) < 0) {
        (void)close(pump->fd);
        free_pump(pump);
        return NULL;
    }
    (void)pthread_mutex_lock(&pump->lock);
    int status = start_pump(pump);

    (void)pthread_mutex_unlock(&pump->lock);
    if (status < 0) {
        (void)virStreamAbort(pump->stream);
        (void)virStreamFree(pump->stream);
        (void)close(pump->fd);
        free_pump(pump);
    }
    return NULL;
}

int yw_far_port(struct yw_host *host, const char *uuid, const char *port, int *ret_fd,
                struct yw_err *err)
{
    pthread_t thread;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return yw_err_errno(err, YW_EIO, errno, "socket pair");
    struct pump *pump = yw_new(sizeof(*pump));

    pump->host = host;
    YW_COPY(pump->uuid, uuid);
    YW_COPY(pump->port, port);
    pump->fd = pair[1];
    (void)fcntl(pump->fd, F_SETFL, O_NONBLOCK);
    (void)pthread_mutex_init(&pump->lock, NULL);
    int status = pthread_create(&thread, NULL, run_open, pump);

    if (status != 0) {
        (void)close(pair[0]);
        (void)close(pair[1]);
        free_pump(pump);
        return yw_err_errno(err, YW_EIO, status, "thread");
    }
    (void)pthread_detach(thread);
    *ret_fd = pair[0];
    return 0;
}
