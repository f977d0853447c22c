/* What clients say to a message broker. A write is a message to a topic that commands: whose
 * last level is one of the words below. */
#include "controller/sensor.h"

#include "controller/mqtt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TABLE 3 /* of yw_sensor_value */
#define HEAD_MIN 2
#define LENGTH_BYTES_MAX 4

static uint64_t hash(uint64_t from, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        from = (from ^ at[i]) * 1099511628211u; /* FNV-1a */
    return from;
}

static bool commands(const char *topic)
{
    static const char *const words[] = {"command", "cmd", "set", "control"};
    const char *slash = strrchr(topic, '/');
    const char *last = slash != NULL ? slash + 1 : topic;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(last, words[i]) == 0)
            return true;
    }
    return false;
}

/* `,"topic":"…"`; what JSON would have to escape becomes '?'. */
static void put_topic(const char *topic, char *ret, size_t ret_size)
{
    (void)snprintf(ret, ret_size, ",\"topic\":\"%s\"", topic);
    size_t at = strlen(",\"topic\":\"");
    for (size_t i = 0; topic[i] != '\0' && at + 2 < ret_size; i++, at++) {
        if (topic[i] < ' ' || topic[i] > '~' || topic[i] == '"' || topic[i] == '\\')
            ret[at] = '?';
    }
}

/* The same message that another client sent before; else it is kept, in place of the oldest. */
static void look_for_replay(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                            uint64_t message, const char *topic)
{
    char more[240];
    for (size_t i = 0; i < YW_SENSOR_MESSAGES_MAX; i++) {
        const struct yw_sensor_message *known = &sensor->messages[i];
        if (known->from == 0 || known->hash != message)
            continue;
        if (known->from != pair->from && !yw_sensor_learning(sensor)) {
            uint32_t first = known->from;
            int size =
                snprintf(more, sizeof(more), ",\"first\":\"%u.%u.%u.%u\"", first >> 24,
                         first >> 16 & 255, first >> 8 & 255, first & 255);
            put_topic(topic, more + size, sizeof(more) - (size_t)size);
            yw_sensor_tell(sensor, pair, YW_SENSOR_REPLAY, more);
        }
        return;
    }
    sensor->messages[sensor->message_count++ % YW_SENSOR_MESSAGES_MAX] =
        (struct yw_sensor_message){.from = pair->from, .hash = message};
}

static void take_publish(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                         const struct yw_mqtt_packet *packet)
{
    char more[200];
    if (!commands(packet->topic))
        return;
    uint64_t topic = hash(14695981039346656037u, packet->topic, strlen(packet->topic));
    put_topic(packet->topic, more, sizeof(more));
    yw_sensor_written_as(sensor, pair, TABLE, (uint32_t)(topic ^ topic >> 32), 0, more);
    look_for_replay(sensor, pair, hash(topic, packet->text, packet->text_size),
                    packet->topic);
}

/* Octets of the packet at the front, whatever it is; 0: its head is not all there, -1: none. */
static int packet_size(const uint8_t *bytes, size_t size)
{
    size_t length = 0;
    int type = bytes[0] >> 4;
    if (type < YW_MQTT_CONNECT || type > YW_MQTT_DISCONNECT)
        return -1;
    for (size_t i = 1; i <= LENGTH_BYTES_MAX; i++) {
        if (i >= size)
            return 0;
        length |= (size_t)(bytes[i] & 0x7f) << (7 * (i - 1));
        if (bytes[i] < 0x80)
            return length + i + 1 > YW_MQTT_PACKET_MAX ? -1 : (int)(length + i + 1);
    }
    return -1;
}

int yw_sensor_take_mqtt(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                        bool request, const uint8_t *bytes, size_t size)
{
    struct yw_mqtt_packet packet;
    int used = size < HEAD_MIN ? 0 : packet_size(bytes, size);
    if (used <= 0 || (size_t)used > size)
        return used < 0 ? -1 : 0;
    int type = bytes[0] >> 4;
    if (!request || (type != YW_MQTT_PUBLISH && type != YW_MQTT_SUBSCRIBE))
        return used;
    if (yw_mqtt_read(bytes, (size_t)used, &packet) != used)
        return -1;
    yw_sensor_function(sensor, pair, (uint8_t)type);
    if (type == YW_MQTT_PUBLISH)
        take_publish(sensor, pair, &packet);
    return used;
}
