#include "controller/mqtt.h"

#include <string.h>

#define HEAD_MAX 5         /* type and four bytes of length */
#define CONNECT_CLEAN 0x02 /* flags of CONNECT, 3.1.2.3 */
#define CONNECT_WILL 0x04
#define CONNECT_PASSWORD 0x40
#define CONNECT_USER 0x80

/* What is left of a packet. */
struct reader {
    const uint8_t *at;
    size_t size;
    bool bad;
};

static uint8_t take_byte(struct reader *in)
{
    if (in->size < 1) {
        in->bad = true;
        return 0;
    }
    in->size--;
    return *in->at++;
}

static uint16_t take_number(struct reader *in)
{
    unsigned high = take_byte(in);
    return (uint16_t)(high << 8 | take_byte(in));
}

/* A string without NUL that has room. */
static void take_string(struct reader *in, char *ret, size_t ret_size)
{
    size_t size = take_number(in);
    if (in->bad || size > in->size || size >= ret_size || memchr(in->at, 0, size)) {
        in->bad = true;
        return;
    }
    memcpy(ret, in->at, size);
    ret[size] = '\0';
    in->at += size;
    in->size -= size;
}

/* The remaining length (2.2.3): bytes of the head, 0 more are needed, -1 malformed. */
static int read_head(const uint8_t *bytes, size_t size, size_t *ret_length)
{
    size_t length = 0;
    for (size_t i = 1; i < HEAD_MAX; i++) {
        if (i >= size)
            return 0;
        length |= (size_t)(bytes[i] & 0x7f) << 7 * (i - 1);
        if ((bytes[i] & 0x80) == 0) {
            *ret_length = length;
            return length + i + 1 > YW_MQTT_PACKET_MAX ? -1 : (int)i + 1;
        }
    }
    return -1;
}

static void read_connect(struct reader *in, struct yw_mqtt_packet *ret)
{
    char word[YW_MQTT_WORD_MAX] = "";
    take_string(in, word, sizeof(word));
    if (strcmp(word, "MQTT") != 0 || take_byte(in) != 4)
        in->bad = true;
    uint8_t flags = take_byte(in);
    ret->keep_alive_s = take_number(in);
    take_string(in, ret->client, sizeof(ret->client));
    if ((flags & CONNECT_WILL) != 0)
        in->bad = true;
    if ((flags & CONNECT_USER) != 0)
        take_string(in, ret->user, sizeof(ret->user));
    if ((flags & CONNECT_PASSWORD) != 0)
        take_string(in, ret->password, sizeof(ret->password));
}

static void read_publish(struct reader *in, uint8_t flags, struct yw_mqtt_packet *ret)
{
    ret->qos = flags >> 1 & 3;
    ret->retain = (flags & 1) != 0;
    take_string(in, ret->topic, sizeof(ret->topic));
    if (ret->qos > 0)
        ret->id = take_number(in);
    if (ret->qos == 3 || (ret->qos > 0 && ret->id == 0) || ret->topic[0] == '\0' ||
        strpbrk(ret->topic, "+#") != NULL)
        in->bad = true;
    ret->text = in->at;
    ret->text_size = in->size;
    in->size = 0;
}

/* The first filter; further ones are walked over. */
static void read_subscribe(struct reader *in, struct yw_mqtt_packet *ret)
{
    char other[YW_MQTT_TOPIC_MAX] = "";
    ret->id = take_number(in);
    take_string(in, ret->topic, sizeof(ret->topic));
    ret->qos = take_byte(in);
    while (!in->bad && in->size > 0) {
        take_string(in, other, sizeof(other));
        (void)take_byte(in);
    }
    if (ret->qos > 2 || ret->id == 0 || ret->topic[0] == '\0')
        in->bad = true;
}

static void read_suback(struct reader *in, struct yw_mqtt_packet *ret)
{
    ret->id = take_number(in);
    ret->code = take_byte(in);
    in->at += in->size;
    in->size = 0;
}

static void read_body(struct reader *in, uint8_t flags, struct yw_mqtt_packet *ret)
{
    if (ret->type != YW_MQTT_PUBLISH &&
        flags != (ret->type == YW_MQTT_SUBSCRIBE ? 2 : 0)) {
        in->bad = true;
        return;
    }
    switch (ret->type) {
    case YW_MQTT_CONNECT:
        read_connect(in, ret);
        return;
    case YW_MQTT_CONNACK:
        (void)take_byte(in);
        ret->code = take_byte(in);
        return;
    case YW_MQTT_PUBLISH:
        read_publish(in, flags, ret);
        return;
    case YW_MQTT_PUBACK:
        ret->id = take_number(in);
        return;
    case YW_MQTT_SUBSCRIBE:
        read_subscribe(in, ret);
        return;
    case YW_MQTT_SUBACK:
        read_suback(in, ret);
        return;
    case YW_MQTT_PINGREQ:
    case YW_MQTT_PINGRESP:
    case YW_MQTT_DISCONNECT:
        return;
    }
    in->bad = true;
}

int yw_mqtt_read(const uint8_t *bytes, size_t size, struct yw_mqtt_packet *ret)
{
    size_t length = 0;
    memset(ret, 0, sizeof(*ret));
    if (size == 0)
        return 0;
    int head = read_head(bytes, size, &length);
    if (head <= 0)
        return head;
    if (size < (size_t)head + length)
        return 0;
    struct reader in = {.at = bytes + head, .size = length};
    ret->type = (enum yw_mqtt_type)(bytes[0] >> 4);
    read_body(&in, bytes[0] & 0x0f, ret);
    return in.bad || in.size > 0 ? -1 : head + (int)length;
}

/* ---- writing ---- */

struct writer {
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    size_t size;
    bool full;
};

static void put(struct writer *out, const void *bytes, size_t size)
{
    if (size > sizeof(out->bytes) - out->size) {
        out->full = true;
        return;
    }
    if (size > 0)
        memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

static void put_byte(struct writer *out, unsigned byte)
{
    uint8_t one = (uint8_t)byte;
    put(out, &one, 1);
}

static void put_number(struct writer *out, unsigned number)
{
    put_byte(out, number >> 8 & 0xff);
    put_byte(out, number & 0xff);
}

static void put_string(struct writer *out, const char *text)
{
    put_number(out, (unsigned)strlen(text));
    put(out, text, strlen(text));
}

static void write_connect(struct writer *out, const struct yw_mqtt_packet *packet)
{
    bool named = packet->user[0] != '\0';
    put_string(out, "MQTT");
    put_byte(out, 4);
    put_byte(out, CONNECT_CLEAN | (named ? CONNECT_USER | CONNECT_PASSWORD : 0));
    put_number(out, packet->keep_alive_s);
    put_string(out, packet->client);
    if (named) {
        put_string(out, packet->user);
        put_string(out, packet->password);
    }
}

/* What follows the head; the flags of the head come back. */
static unsigned write_body(struct writer *out, const struct yw_mqtt_packet *packet)
{
    switch (packet->type) {
    case YW_MQTT_CONNECT:
        write_connect(out, packet);
        return 0;
    case YW_MQTT_CONNACK:
        put_number(out, packet->code);
        return 0;
    case YW_MQTT_PUBLISH:
        put_string(out, packet->topic);
        if (packet->qos > 0)
            put_number(out, packet->id);
        put(out, packet->text, packet->text_size);
        return (unsigned)packet->qos << 1 | (packet->retain ? 1u : 0u);
    case YW_MQTT_PUBACK:
        put_number(out, packet->id);
        return 0;
    case YW_MQTT_SUBSCRIBE:
        put_number(out, packet->id);
        put_string(out, packet->topic);
        put_byte(out, (unsigned)packet->qos);
        return 2;
    case YW_MQTT_SUBACK:
        put_number(out, packet->id);
        put_byte(out, packet->code);
        return 0;
    case YW_MQTT_PINGREQ:
    case YW_MQTT_PINGRESP:
    case YW_MQTT_DISCONNECT:
        return 0;
    }
    out->full = true;
    return 0;
}

size_t yw_mqtt_write(const struct yw_mqtt_packet *packet, uint8_t ret[YW_MQTT_PACKET_MAX])
{
    struct writer out = {.size = 0};
    unsigned flags = write_body(&out, packet);
    size_t head = out.size < 128 ? 2 : 3;
    if (out.full || head + out.size > YW_MQTT_PACKET_MAX)
        return 0;
    ret[0] = (uint8_t)((unsigned)packet->type << 4 | flags);
    ret[1] = (uint8_t)(head == 2 ? out.size : (out.size & 0x7f) | 0x80);
    if (head == 3)
        ret[2] = (uint8_t)(out.size >> 7);
    memcpy(ret + head, out.bytes, out.size);
    return head + out.size;
}

/* ---- topics ---- */

bool yw_mqtt_fits(const char *filter, const char *topic)
{
    if (topic[0] == '$' && (filter[0] == '+' || filter[0] == '#'))
        return false;
    while (*filter != '\0') {
        size_t wanted = strcspn(filter, "/");
        size_t there = strcspn(topic, "/");
        if (filter[0] == '#')
            return true;
        if (!(wanted == 1 && filter[0] == '+') &&
            (wanted != there || strncmp(filter, topic, wanted) != 0))
            return false;
        filter += wanted;
        topic += there;
        if (strcmp(filter, "/#") == 0 && *topic == '\0')
            return true; /* the parent level as well, 4.7.1.2 */
        if (*filter != *topic)
            return false;
        if (*filter == '\0')
            return true;
        filter++;
        topic++;
        if (*filter == '\0')
            return *topic == '\0';
    }
    return false;
}

void yw_mqtt_text(const struct yw_mqtt_packet *packet, char *ret, size_t ret_size)
{
    size_t size = packet->text_size < ret_size - 1 ? packet->text_size : ret_size - 1;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = packet->text[i];
        ret[i] = byte >= ' ' && byte <= '~' ? (char)byte : '?';
    }
    ret[size] = '\0';
}
