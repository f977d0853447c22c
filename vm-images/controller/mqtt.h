/* MQTT 3.1.1 (OASIS standard, 2014): packets read and written, by either end. Pure; what
 * comes in is hostile. Bounded: a packet that is longer than YW_MQTT_PACKET_MAX is malformed
 * to us. QoS 0 and 1; no will. */
#ifndef YW_CONTROLLER_MQTT_H
#define YW_CONTROLLER_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_MQTT_PORT 1883
#define YW_MQTT_PACKET_MAX 1024
#define YW_MQTT_TOPIC_MAX 128 /* with the NUL */
#define YW_MQTT_WORD_MAX 64   /* client, user, password; with the NUL */
#define YW_MQTT_TEXT_MAX 512  /* of a message that we send or keep; with the NUL */
#define YW_MQTT_REFUSED 0x80  /* code of SUBACK */

enum yw_mqtt_type {
    YW_MQTT_CONNECT = 1,
    YW_MQTT_CONNACK = 2, /* code 0; 4 wrong user or password, 5 not authorised */
    YW_MQTT_PUBLISH = 3,
    YW_MQTT_PUBACK = 4,
    YW_MQTT_SUBSCRIBE = 8,
    YW_MQTT_SUBACK = 9,
    YW_MQTT_PINGREQ = 12,
    YW_MQTT_PINGRESP = 13,
    YW_MQTT_DISCONNECT = 14,
};

struct yw_mqtt_packet {
    enum yw_mqtt_type type;
    int qos;      /* PUBLISH: 0..2 as it came, 0 or 1 to write; SUBSCRIBE: wished */
    bool retain;  /* PUBLISH */
    uint16_t id;  /* PUBLISH above QoS 0, PUBACK, SUBSCRIBE, SUBACK */
    uint8_t code; /* CONNACK; SUBACK: of the first filter */
    uint16_t keep_alive_s;
    char client[YW_MQTT_WORD_MAX]; /* CONNECT, as the next two; "" none */
    char user[YW_MQTT_WORD_MAX];
    char password[YW_MQTT_WORD_MAX];
    char topic[YW_MQTT_TOPIC_MAX]; /* PUBLISH; SUBSCRIBE: the first filter */
    const uint8_t *text;           /* PUBLISH: borrowed, any bytes */
    size_t text_size;
};

/* Bytes of the packet at the front; 0: not all there yet, -1: malformed, too long, or a
 * type that neither end of ours speaks. */
int yw_mqtt_read(const uint8_t *bytes, size_t size, struct yw_mqtt_packet *ret);
/* Bytes written; 0: it does not fit. */
size_t yw_mqtt_write(const struct yw_mqtt_packet *packet,
                     uint8_t ret[YW_MQTT_PACKET_MAX]);
/* Does a topic match a filter with + and #? One that begins with $ fits no wildcard at the
 * first level (4.7.2). */
bool yw_mqtt_fits(const char *filter, const char *topic);
/* A message as text: what is not printable ASCII becomes '?', the rest is cut. */
void yw_mqtt_text(const struct yw_mqtt_packet *packet, char *ret, size_t ret_size);

#endif
