#include "guest/guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void server_init(struct server *server)
{
    server->fd = -1;
    for (int i = 0; i < GUEST_CONNS_MAX; i++)
        server->conns[i].fd = -1;
}

int server_open(struct server *server, uint16_t port, int64_t idle_ms)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    server_close(server);
    server->on_open = NULL;
    server->on_close = NULL;
    server->idle_ms = idle_ms;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 64) != 0) {
        (void)close(fd);
        return -1;
    }
    server->fd = fd;
    return 0;
}

static void conn_close(struct server *server, struct conn *conn)
{
    (void)close(conn->fd);
    conn->fd = -1;
    if (server->on_close != NULL)
        server->on_close(server->guest, (int)(conn - server->conns));
}

void server_close(struct server *server)
{
    if (server->fd < 0)
        return;
    if (server->turn != NULL)
        turn_forget(server->turn, server->fd);
    server->turn = NULL;
    (void)close(server->fd);
    server->fd = -1;
    for (int i = 0; i < server->top; i++) {
        if (server->conns[i].fd >= 0)
            conn_close(server, &server->conns[i]);
    }
    server->top = 0;
}

void server_watch(struct server *server, struct turn *turn)
{
    if (server->fd < 0)
        return;
    server->turn = turn;
    server->slot = turn_hold(turn, server->fd, POLLIN);
    while (server->top > 0 && server->conns[server->top - 1].fd < 0)
        server->top--;
    for (int i = 0; i < server->top; i++) {
        struct conn *conn = &server->conns[i];
        if (conn->fd < 0)
            continue;
        /* Who does not take his answers is not read either. */
        bool writes = conn->out_size > 0 || conn->closing;
        conn->slot = turn_add(turn, conn->fd, writes ? POLLOUT : POLLIN);
        turn_wake(turn, conn->used_ms + server->idle_ms);
    }
}

/* A free place, made by closing the connection that was idle longest. */
static struct conn *make_room(struct server *server)
{
    struct conn *oldest = &server->conns[0];
    for (int i = 0; i < GUEST_CONNS_MAX; i++) {
        struct conn *conn = &server->conns[i];
        if (conn->fd < 0)
            return conn;
        if (conn->used_ms < oldest->used_ms)
            oldest = conn;
    }
    conn_close(server, oldest);
    return oldest;
}

static void accept_one(struct server *server)
{
    struct sockaddr_in from = {0};
    socklen_t size = sizeof(from);
    int on = 1;
    int fd = accept4(server->fd, (struct sockaddr *)&from, &size,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct conn *conn = make_room(server);
    int index = (int)(conn - server->conns);
    if (index >= server->top)
        server->top = index + 1;
    conn->fd = fd;
    conn->slot = -1;
    conn->closing = false;
    conn->in_size = 0;
    conn->out_size = 0;
    conn->used_ms = guest_now_ms();
    (void)inet_ntop(AF_INET, &from.sin_addr, conn->from, sizeof(conn->from));
    if (server->on_open != NULL && !server->on_open(server->guest, index)) {
        (void)close(fd);
        conn->fd = -1;
    }
}

void conn_consume(struct conn *conn, size_t size)
{
    conn->in_size -= size;
    memmove(conn->in, conn->in + size, conn->in_size);
}

size_t conn_room(const struct conn *conn)
{
    return sizeof(conn->out) - conn->out_size;
}

bool conn_put(struct conn *conn, const void *bytes, size_t size)
{
    if (size > sizeof(conn->out) - conn->out_size)
        return false;
    memcpy(conn->out + conn->out_size, bytes, size);
    conn->out_size += size;
    return true;
}

static void conn_flush(struct server *server, struct conn *conn)
{
    ssize_t done = 0;
    if (conn->out_size > 0)
        done = send(conn->fd, conn->out, conn->out_size, MSG_NOSIGNAL);
    if (done < 0 && errno != EAGAIN && errno != EINTR) {
        conn_close(server, conn);
        return;
    }
    if (done > 0) {
        conn->out_size -= (size_t)done;
        memmove(conn->out, conn->out + done, conn->out_size);
    }
    if (conn->closing && conn->out_size == 0)
        conn_close(server, conn);
}

/* False: the other side is gone. */
static bool conn_fill(struct conn *conn)
{
    ssize_t got =
        recv(conn->fd, conn->in + conn->in_size, sizeof(conn->in) - conn->in_size, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    conn->in_size += (size_t)got;
    return got > 0;
}

static void conn_act(struct server *server, struct conn *conn, short events,
                     void (*on_bytes)(void *arg, struct conn *conn), void *arg)
{
    conn->used_ms = guest_now_ms();
    if ((events & POLLOUT) == 0 && !conn_fill(conn)) {
        conn_close(server, conn);
        return;
    }
    if ((events & POLLOUT) != 0)
        conn_flush(server, conn);
    if (conn->fd < 0 || conn->closing)
        return;
    size_t before = 0;
    do { /* requests that waited for room have no bytes of their own to come any more */
        before = conn->in_size;
        on_bytes(arg, conn);
        if (conn->in_size == sizeof(conn->in) && conn->out_size == 0)
            conn->closing = true; /* a request longer than any we know */
        conn_flush(server, conn);
    } while (conn->fd >= 0 && !conn->closing && conn->out_size == 0 &&
             conn->in_size > 0 && conn->in_size < before);
}

void server_act(struct server *server, const struct turn *turn,
                void (*on_bytes)(void *arg, struct conn *conn), void *arg)
{
    int64_t now_ms = guest_now_ms();
    if (server->fd < 0)
        return;
    for (int i = 0; i < server->top; i++) {
        struct conn *conn = &server->conns[i];
        if (conn->fd < 0)
            continue;
        short events = turn_events(turn, conn->slot);
        if (events != 0)
            conn_act(server, conn, events, on_bytes, arg);
        else if (now_ms - conn->used_ms >= server->idle_ms)
            conn_close(server, conn);
    }
    if (turn_events(turn, server->slot) != 0)
        accept_one(server);
}
