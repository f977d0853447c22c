/* The message broker of the fake world, and its clients there: T-Boxes, the platform, and
 * who talks to it by applets. A message stands in the broker's log; machines read on from
 * where they were, an applet, for which no time passes, hears what came in its span before.
 * Rights are the broker's own (controller/topics.h). */
#include "virt/fake/fake_world.h"

#include "base/mem.h"
#include "controller/backend.h"
#include "controller/mqtt.h"
#include "controller/tbox.h"
#include "controller/topics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX 2048 /* messages */
#define SPAN_MAX_MS 120000

struct message {
    int64_t at_ms;
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
};

struct yw_fake_broker {
    struct yw_topics topics;
    int64_t now_ms;
    uint64_t count; /* ever */
    struct message log[LOG_MAX];
};

/* A client: exactly one of them. */
struct yw_fake_client {
    struct yw_tbox *tbox;       /* owned */
    struct yw_backend *backend; /* owned */
    uint64_t heard;             /* of the broker's log */
    int64_t now_ms;
};

bool yw_fake_is_fleet(const char *image)
{
    return strcmp(image, "broker") == 0 || strcmp(image, "tbox") == 0 ||
           strcmp(image, "backend") == 0;
}

static int start_client(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                        void (*line)(void *arg, const char *line),
                        char problem[YW_CONF_PROBLEM_MAX])
{
    struct yw_fake_client *client = machine->client = yw_new(sizeof(*client));

    if (strcmp(machine->image, "backend") == 0) {
        client->backend = yw_new(sizeof(*client->backend));
        return yw_backend_load(client->backend, call->file.bytes, call->file.size,
                               problem);
    }
    client->tbox = yw_new(sizeof(*client->tbox));
    client->tbox->line = line;
    client->tbox->arg = machine;
    return yw_tbox_load(client->tbox, call->file.bytes, call->file.size, problem);
}

int yw_fake_fleet_start(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                        void (*line)(void *arg, const char *line),
                        char problem[YW_CONF_PROBLEM_MAX])
{
    if (strcmp(machine->image, "broker") != 0)
        return start_client(machine, call, line, problem);
    machine->broker = yw_new(sizeof(*machine->broker));
    return yw_topics_load(&machine->broker->topics, call->file.bytes, call->file.size,
                          problem);
}

void yw_fake_fleet_free(struct yw_fake_machine *machine)
{
    free(machine->broker);
    machine->broker = NULL;
    if (machine->client) {
        free(machine->client->tbox);
        free(machine->client->backend);
    }
    free(machine->client);
    machine->client = NULL;
}

static void *copy_of(const void *from, size_t size)
{
    return from ? memcpy(yw_new(size), from, size) : NULL;
}

void yw_fake_fleet_copy(struct yw_fake_machine *to, const struct yw_fake_machine *from)
{
    to->broker = copy_of(from->broker, sizeof(*from->broker));
    to->client = copy_of(from->client, sizeof(*from->client));
    if (!to->client)
        return;
    to->client->tbox = copy_of(from->client->tbox, sizeof(*from->client->tbox));
    to->client->backend = copy_of(from->client->backend, sizeof(*from->client->backend));
    yw_fake_fleet_moved(to);
}

void yw_fake_fleet_moved(struct yw_fake_machine *machine)
{
    if (machine->client && machine->client->tbox)
        machine->client->tbox->arg = machine;
}

size_t yw_fake_fleet_bytes(const struct yw_fake_machine *machine)
{
    return (machine->broker ? sizeof(*machine->broker) : 0) +
           (machine->client && machine->client->tbox ? sizeof(struct yw_tbox) : 0) +
           (machine->client && machine->client->backend ? sizeof(struct yw_backend) : 0);
}

/* ---- the broker ---- */

static void say(struct yw_fake_broker *broker, const char *user, const char *topic,
                const char *text)
{
    if (!yw_topics_may(&broker->topics, user, true, topic))
        return; /* as mosquitto: without a word */
    struct message *message = &broker->log[broker->count++ % LOG_MAX];

    message->at_ms = broker->now_ms;
    YW_COPY(message->topic, topic);
    YW_COPY(message->text, text);
}

static uint64_t oldest(const struct yw_fake_broker *broker)
{
    return broker->count > LOG_MAX ? broker->count - LOG_MAX : 0;
}

static void hear(struct yw_fake_client *client, const struct message *message)
{
    if (client->tbox)
        yw_tbox_message(client->tbox, message->topic, message->text);
    else
        yw_backend_message(client->backend, message->topic, message->text,
                           client->now_ms);
}

static bool next(struct yw_fake_client *client, char topic[YW_MQTT_TOPIC_MAX],
                 char text[YW_MQTT_TEXT_MAX])
{
    return client->tbox ? yw_tbox_next(client->tbox, client->now_ms, topic, text)
                        : yw_backend_next(client->backend, client->now_ms, topic, text);
}

static void publish(struct yw_fake_client *client, struct yw_fake_broker *broker,
                    const char *user)
{
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];

    while (next(client, topic, text))
        say(broker, user, topic, text);
}

/* Its broker, when it is reached and knows the account. */
static struct yw_fake_broker *broker_of(struct yw_fake_machine *machine,
                                        const struct yw_mqtt_client *own)
{
    uint32_t address, source;

    if (!yw_applet_address(own->host, &address))
        return NULL;
    const struct yw_fake_machine *peer =
        yw_fake_call(machine, address, YW_MQTT_PORT, &source);

    return peer && peer->broker &&
                   yw_accounts_match(&peer->broker->topics.accounts, own->user,
                                     own->password)
               ? peer->broker
               : NULL;
}

void yw_fake_fleet_turn(struct yw_fake_machine *machine, int64_t now_ms)
{
    struct yw_fake_client *client = machine->client;

    if (machine->broker)
        machine->broker->now_ms = now_ms;
    if (!client)
        return;
    const struct yw_mqtt_client *own =
        client->tbox ? &client->tbox->client : &client->backend->client;
    struct yw_fake_broker *broker = broker_of(machine, own);

    client->now_ms = now_ms;
    if (!broker)
        return;
    if (client->heard < oldest(broker) || client->heard > broker->count)
        client->heard = broker->count; /* it was away, and nothing waits for it */
    while (client->heard < broker->count) {
        const struct message *message = &broker->log[client->heard++ % LOG_MAX];

        if (!yw_mqtt_fits(own->filter, message->topic) ||
            !yw_topics_may(&broker->topics, own->user, false, message->topic))
            continue;
        hear(client, message);
        publish(client, broker, own->user);
    }
    publish(client, broker, own->user);
}

/* ---- the field and the operator ---- */

bool yw_fake_fleet_wired(const struct yw_fake_machine *machine)
{
    return machine->client && machine->client->tbox;
}

bool yw_fake_fleet_scan(struct yw_fake_machine *machine, struct yw_field_record *ret)
{
    if (!yw_fake_fleet_wired(machine))
        return false;
    yw_tbox_scan(machine->client->tbox, machine->client->now_ms, ret);
    return true;
}

void yw_fake_fleet_sense(struct yw_fake_machine *machine,
                         const struct yw_field_record *record)
{
    if (yw_fake_fleet_wired(machine))
        (void)yw_tbox_sense(machine->client->tbox, record);
}

bool yw_fake_fleet_run(struct yw_fake_machine *machine, int argc, const char *const *argv,
                       struct yw_applet_result *ret)
{
    if (!machine->client || !machine->client->backend || argc == 0 ||
        strcmp(argv[0], YW_BACKEND_OPERATE) != 0)
        return false;
    yw_backend_run(machine->client->backend, argc, argv, ret);
    return true;
}

/* ---- who talks to it by an applet ---- */

static void answer(struct yw_buf *out, const struct yw_mqtt_packet *packet)
{
    uint8_t bytes[YW_MQTT_PACKET_MAX];

    yw_buf_put(out, bytes, yw_mqtt_write(packet, bytes));
}

static void recall(const struct yw_fake_broker *broker, const char *user,
                   const char *filter, struct yw_buf *out)
{
    for (uint64_t i = oldest(broker); i < broker->count; i++) {
        const struct message *message = &broker->log[i % LOG_MAX];
        struct yw_mqtt_packet packet = {.type = YW_MQTT_PUBLISH,
                                        .text = (const uint8_t *)message->text,
                                        .text_size = strlen(message->text)};

        if (broker->now_ms - message->at_ms > SPAN_MAX_MS ||
            !yw_mqtt_fits(filter, message->topic) ||
            !yw_topics_may(&broker->topics, user, false, message->topic))
            continue;
        YW_COPY(packet.topic, message->topic);
        answer(out, &packet);
    }
}

bool yw_fake_broker_feed(struct yw_fake_broker *broker, char user[YW_NAME_MAX],
                         const void *bytes, size_t size, struct yw_buf *out)
{
    struct yw_mqtt_packet packet;
    char text[YW_MQTT_TEXT_MAX];

    if (yw_mqtt_read(bytes, size, &packet) != (int)size) /* applets send them whole */
        return false;
    struct yw_mqtt_packet reply = {.id = packet.id};
    bool known =
        packet.type == YW_MQTT_CONNECT &&
        yw_accounts_match(&broker->topics.accounts, packet.user, packet.password);

    if (packet.type != YW_MQTT_CONNECT && user[0] == '\0')
        return false;
    if (packet.type == YW_MQTT_CONNECT) {
        reply.type = YW_MQTT_CONNACK;
        reply.code = known ? 0 : 5;
        (void)snprintf(user, YW_NAME_MAX, "%s", known ? packet.user : "");
        answer(out, &reply);
        return known;
    }
    if (packet.type == YW_MQTT_SUBSCRIBE) {
        reply.type = YW_MQTT_SUBACK;
        answer(out, &reply);
        recall(broker, user, packet.topic, out);
    } else if (packet.type == YW_MQTT_PUBLISH) {
        yw_mqtt_text(&packet, text, sizeof(text));
        say(broker, user, packet.topic, text);
        reply.type = YW_MQTT_PUBACK;
        answer(out, &reply);
    } else {
        reply.type = YW_MQTT_PINGRESP;
        answer(out, &reply);
    }
    return true;
}
