#include "controller/mqtt_client.h"

#include <stdio.h>
#include <string.h>

bool yw_mqtt_client_read(struct yw_mqtt_client *client, const struct yw_conf_line *line)
{
    if (strcmp(line->words[0], "broker") == 0 && line->count == 2 &&
        strlen(line->words[1]) < sizeof(client->host)) {
        (void)snprintf(client->host, sizeof(client->host), "%.15s", line->words[1]);
        return true;
    }
    if (strcmp(line->words[0], "account") != 0 || line->count != 3)
        return false;
    memcpy(client->user, line->words[1], sizeof(client->user));
    memcpy(client->password, line->words[2], sizeof(client->password));
    return true;
}

static bool put(struct yw_mqtt_client *client, const struct yw_mqtt_packet *packet)
{
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    size_t size = yw_mqtt_write(packet, bytes);
    if (size == 0 || size > sizeof(client->out) - client->out_size)
        return false;
    memcpy(client->out + client->out_size, bytes, size);
    client->out_size += size;
    return true;
}

static void begin(struct yw_mqtt_client *client, enum yw_mqtt_state state, int64_t due_ms)
{
    client->state = state;
    client->due_ms = due_ms;
    client->asked = false;
}

void yw_mqtt_client_closed(struct yw_mqtt_client *client, int64_t now_ms)
{
    client->losses += client->state == YW_MQTT_READY;
    client->in_size = 0;
    client->out_size = 0;
    begin(client, YW_MQTT_WAITING, now_ms + YW_MQTT_AGAIN_MS);
}

enum yw_mqtt_action yw_mqtt_client_turn(struct yw_mqtt_client *client, int64_t now_ms)
{
    static const struct yw_mqtt_packet ping = {.type = YW_MQTT_PINGREQ};
    if (client->host[0] == '\0' || now_ms < client->due_ms)
        return YW_MQTT_NOTHING;
    if (client->state == YW_MQTT_WAITING) {
        begin(client, YW_MQTT_CONNECTING, now_ms + YW_MQTT_DEADLINE_MS);
        return YW_MQTT_DIAL;
    }
    if (client->state == YW_MQTT_READY && !client->asked) {
        client->asked = true;
        client->due_ms = now_ms + YW_MQTT_DEADLINE_MS;
        if (put(client, &ping))
            return YW_MQTT_NOTHING;
    }
    yw_mqtt_client_closed(client, now_ms);
    return YW_MQTT_HANG_UP;
}

void yw_mqtt_client_connected(struct yw_mqtt_client *client, bool ok, int64_t now_ms)
{
    struct yw_mqtt_packet hello = {.type = YW_MQTT_CONNECT,
                                   .keep_alive_s = YW_MQTT_KEEP_ALIVE_S};
    if (client->state != YW_MQTT_CONNECTING)
        return;
    (void)snprintf(hello.client, sizeof(hello.client), "%s", client->id);
    memcpy(hello.user, client->user, sizeof(hello.user));
    memcpy(hello.password, client->password, sizeof(hello.password));
    if (ok && put(client, &hello))
        begin(client, YW_MQTT_GREETING, now_ms + YW_MQTT_DEADLINE_MS);
    else
        yw_mqtt_client_closed(client, now_ms);
}

void yw_mqtt_client_sent(struct yw_mqtt_client *client, size_t size)
{
    client->out_size -= size;
    memmove(client->out, client->out + size, client->out_size);
}

static void ready(struct yw_mqtt_client *client, int64_t now_ms)
{
    begin(client, YW_MQTT_READY, now_ms + YW_MQTT_KEEP_ALIVE_S * 500);
}

static bool on_greeted(struct yw_mqtt_client *client, uint8_t code, int64_t now_ms)
{
    struct yw_mqtt_packet wish = {.type = YW_MQTT_SUBSCRIBE, .id = 1};
    client->refused = code;
    if (client->state != YW_MQTT_GREETING || code != 0)
        return false;
    if (client->filter[0] == '\0') {
        ready(client, now_ms);
        return true;
    }
    memcpy(wish.topic, client->filter, sizeof(wish.topic));
    begin(client, YW_MQTT_SUBSCRIBING, now_ms + YW_MQTT_DEADLINE_MS);
    return put(client, &wish);
}

/* False: a broker does not say that here. */
static bool take(struct yw_mqtt_client *client, const struct yw_mqtt_packet *packet,
                 int64_t now_ms)
{
    if (packet->type == YW_MQTT_CONNACK)
        return on_greeted(client, packet->code, now_ms);
    if (packet->type == YW_MQTT_SUBACK && client->state == YW_MQTT_SUBSCRIBING) {
        client->refused = packet->code == YW_MQTT_REFUSED ? packet->code : 0;
        ready(client, now_ms);
        return client->refused == 0;
    }
    if (packet->type == YW_MQTT_PINGRESP && client->state == YW_MQTT_READY) {
        ready(client, now_ms);
        return true;
    }
    return false;
}

/* We subscribe at QoS 0, so a broker has nothing to be acknowledged. */
static bool is_message(const struct yw_mqtt_client *client,
                       const struct yw_mqtt_packet *packet)
{
    return packet->type == YW_MQTT_PUBLISH && packet->qos == 0 &&
           client->state >= YW_MQTT_SUBSCRIBING;
}

bool yw_mqtt_client_bytes(
    struct yw_mqtt_client *client, const uint8_t *bytes, size_t size, int64_t now_ms,
    void (*on_message)(void *arg, const char *topic, const char *text), void *arg)
{
    struct yw_mqtt_packet packet;
    char text[YW_MQTT_TEXT_MAX];
    while (size > 0) {
        size_t part = sizeof(client->in) - client->in_size;
        if (part > size)
            part = size;
        memcpy(client->in + client->in_size, bytes, part);
        client->in_size += part;
        bytes += part;
        size -= part;
        int used = 0;
        while ((used = yw_mqtt_read(client->in, client->in_size, &packet)) > 0) {
            if (is_message(client, &packet)) {
                yw_mqtt_text(&packet, text, sizeof(text));
                on_message(arg, packet.topic, text);
            } else if (!take(client, &packet, now_ms)) {
                return false;
            }
            client->in_size -= (size_t)used;
            memmove(client->in, client->in + used, client->in_size);
        }
        if (used < 0)
            return false;
    }
    return true;
}

bool yw_mqtt_client_publish(struct yw_mqtt_client *client, const char *topic,
                            const char *text)
{
    struct yw_mqtt_packet packet = {.type = YW_MQTT_PUBLISH,
                                    .text = (const uint8_t *)text,
                                    .text_size = strlen(text)};
    (void)snprintf(packet.topic, sizeof(packet.topic), "%s", topic);
    return client->state == YW_MQTT_READY && put(client, &packet);
}
