/* The connection of a station to its controller: does what its watch says. */
#include "guest/guest.h"

#include "guest/poller.h"

#include <sys/socket.h>
#include <unistd.h>

void poller_init(struct poller *poller, struct yw_watch *watch)
{
    poller->watch = watch;
    poller->fd = -1;
    poller->slot = -1;
}

void poller_stop(struct poller *poller)
{
    if (poller->fd >= 0)
        (void)close(poller->fd);
    poller->fd = -1;
}

void poller_watch(struct poller *poller, struct turn *turn)
{
    bool connecting = poller->watch->state == YW_WATCH_CONNECTING;
    poller->slot = -1;
    if (poller->fd >= 0)
        poller->slot = turn_add(turn, poller->fd, connecting ? POLLOUT : POLLIN);
    if (poller->watch->read_count > 0 && poller->watch->plc[0] != '\0')
        turn_wake(turn, poller->watch->due_ms);
}

static bool read_socket(struct poller *poller, int64_t now_ms)
{
    uint8_t bytes[YW_MODBUS_ADU_MAX];
    int problem = 0;
    socklen_t size = sizeof(problem);
    if (poller->watch->state == YW_WATCH_CONNECTING) {
        bool ok = getsockopt(poller->fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 &&
                  problem == 0;
        yw_watch_connected(poller->watch, ok, now_ms);
        if (!ok)
            poller_stop(poller);
        return false;
    }
    ssize_t got = recv(poller->fd, bytes, sizeof(bytes), 0);
    if (got > 0)
        return yw_watch_bytes(poller->watch, bytes, (size_t)got, now_ms);
    poller_stop(poller);
    yw_watch_closed(poller->watch, now_ms);
    return false;
}

bool poller_act(struct poller *poller, const struct turn *turn)
{
    uint8_t bytes[YW_MODBUS_ADU_MAX];
    size_t size = 0;
    int64_t now_ms = guest_now_ms();
    bool whole = false;
    if (poller->fd >= 0 && turn_events(turn, poller->slot) != 0)
        whole = read_socket(poller, now_ms);
    for (;;) {
        switch (yw_watch_turn(poller->watch, now_ms, bytes, &size)) {
        case YW_WATCH_NOTHING:
            return whole;
        case YW_WATCH_CONNECT:
            poller_stop(poller);
            poller->fd = dial_start(poller->watch->plc);
            if (poller->fd < 0)
                yw_watch_connected(poller->watch, false, now_ms);
            break;
        case YW_WATCH_SEND:
            if (send(poller->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size) {
                poller_stop(poller);
                yw_watch_closed(poller->watch, now_ms);
            }
            break;
        case YW_WATCH_HANG_UP:
            poller_stop(poller);
            break;
        }
    }
}
