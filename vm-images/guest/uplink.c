#include "guest/uplink.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void uplink_init(struct uplink *uplink, struct yw_mqtt_client *client,
                 void (*on_message)(void *arg, const char *topic, const char *text),
                 void *arg)
{
    *uplink = (struct uplink){
        .client = client, .fd = -1, .slot = -1, .on_message = on_message, .arg = arg};
}

void uplink_stop(struct uplink *uplink)
{
    if (uplink->fd >= 0)
        (void)close(uplink->fd);
    uplink->fd = -1;
}

static void lose(struct uplink *uplink)
{
    uplink_stop(uplink);
    yw_mqtt_client_closed(uplink->client, guest_now_ms());
}

void uplink_watch(struct uplink *uplink, struct turn *turn)
{
    bool connecting = uplink->client->state == YW_MQTT_CONNECTING;
    bool waits = uplink->client->out_size > 0;
    uplink->slot = -1;
    if (uplink->fd >= 0)
        uplink->slot =
            turn_add(turn, uplink->fd,
                     (short)(connecting ? POLLOUT : POLLIN | (waits ? POLLOUT : 0)));
    if (uplink->client->host[0] != '\0')
        turn_wake(turn, uplink->client->due_ms);
}

void uplink_flush(struct uplink *uplink)
{
    if (uplink->fd < 0 || uplink->client->state == YW_MQTT_CONNECTING ||
        uplink->client->out_size == 0)
        return;
    ssize_t done =
        send(uplink->fd, uplink->client->out, uplink->client->out_size, MSG_NOSIGNAL);
    if (done > 0)
        yw_mqtt_client_sent(uplink->client, (size_t)done);
    else if (errno != EAGAIN && errno != EINTR)
        lose(uplink);
}

static void read_socket(struct uplink *uplink)
{
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    int problem = 0;
    socklen_t size = sizeof(problem);
    if (uplink->client->state == YW_MQTT_CONNECTING) {
        bool ok = getsockopt(uplink->fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 &&
                  problem == 0;
        yw_mqtt_client_connected(uplink->client, ok, guest_now_ms());
        if (!ok)
            uplink_stop(uplink);
        return;
    }
    ssize_t got = recv(uplink->fd, bytes, sizeof(bytes), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 ||
        !yw_mqtt_client_bytes(uplink->client, bytes, (size_t)got, guest_now_ms(),
                              uplink->on_message, uplink->arg))
        lose(uplink);
}

void uplink_act(struct uplink *uplink, const struct turn *turn)
{
    if (uplink->fd >= 0 && turn_events(turn, uplink->slot) != 0)
        read_socket(uplink);
    for (;;) {
        switch (yw_mqtt_client_turn(uplink->client, guest_now_ms())) {
        case YW_MQTT_NOTHING:
            uplink_flush(uplink);
            return;
        case YW_MQTT_DIAL:
            uplink_stop(uplink);
            uplink->fd = dial_begin(uplink->client->host, YW_MQTT_PORT);
            if (uplink->fd < 0)
                yw_mqtt_client_connected(uplink->client, false, guest_now_ms());
            break;
        case YW_MQTT_HANG_UP:
            uplink_stop(uplink);
            break;
        }
    }
}
