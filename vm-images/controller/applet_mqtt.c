/* The commands of the broker's protocol (mqtt.h), for who has an account there, whose ever
 * it is: one connection each, over the streams of yw_applet_io. */
#include "controller/applet_inner.h"

#include "controller/mqtt.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_MS 5000
#define SPAN_MAX_MS 120000
#define HEARD_MAX 64
#define PING_EVERY_MS 20000
#define SLICE_MS YW_PACE_LOOK_MS /* of listening: drill time may run otherwise by then */
#define ENTRY_MAX 160            /* of the output */

struct heard {
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
};

struct mqtt {
    struct applet *a;
    int stream;
    size_t in_size;
    uint8_t in[YW_MQTT_PACKET_MAX];
    size_t count;
    struct heard heard[HEARD_MAX];
};

static bool put(struct mqtt *m, const struct yw_mqtt_packet *packet)
{
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    size_t size = yw_mqtt_write(packet, bytes);
    return size > 0 && m->a->io->send(m->a->io->arg, m->stream, bytes, size);
}

/* The next packet within wait_ms, whose text is borrowed until the next call: 1, 0 none
 * came, -1 the connection is over. */
static int take(struct mqtt *m, int64_t wait_ms, size_t *used, struct yw_mqtt_packet *ret)
{
    const struct yw_applet_io *io = m->a->io;
    m->in_size -= *used;
    memmove(m->in, m->in + *used, m->in_size);
    *used = 0;
    int64_t end_ms = io->now(io->arg) + wait_ms;
    for (;;) {
        int size = yw_mqtt_read(m->in, m->in_size, ret);
        if (size != 0) {
            *used = size > 0 ? (size_t)size : 0;
            return size > 0 ? 1 : -1;
        }
        int64_t left_ms = end_ms - io->now(io->arg);
        if (left_ms <= 0)
            return 0;
        int got = io->receive(io->arg, m->stream, m->in + m->in_size,
                              sizeof(m->in) - m->in_size, left_ms);
        if (got < 0)
            return -1;
        m->in_size += (size_t)got;
    }
}

/* Waits for the answer of that type; its code, -1: none came. */
static int await(struct mqtt *m, enum yw_mqtt_type type)
{
    struct yw_mqtt_packet packet;
    size_t used = 0;
    int code = -1;
    while (code < 0 && take(m, ANSWER_MS, &used, &packet) == 1) {
        if (packet.type == type)
            code = packet.code;
    }
    m->in_size -= used;
    memmove(m->in, m->in + used, m->in_size);
    return code;
}

/* HOST USER PASSWORD from argument 2 on. */
static bool log_in(struct mqtt *m)
{
    const struct yw_applet_io *io = m->a->io;
    struct yw_mqtt_packet hello = {.type = YW_MQTT_CONNECT, .keep_alive_s = 60};
    (void)snprintf(hello.user, sizeof(hello.user), "%.63s", yw_applet_argument(m->a, 3));
    (void)snprintf(hello.password, sizeof(hello.password), "%.63s",
                   yw_applet_argument(m->a, 4));
    m->stream = io->open(io->arg, yw_applet_argument(m->a, 2), YW_MQTT_PORT);
    if (m->stream < 0 || !put(m, &hello)) {
        yw_applet_refuse(m->a, "unreachable");
        return false;
    }
    int code = await(m, YW_MQTT_CONNACK);
    if (code != 0)
        yw_applet_refuse(m->a, code < 0 ? "no answer" : "not authorised");
    return code == 0;
}

static bool publish(struct mqtt *m, const char *topic, const char *text)
{
    struct yw_mqtt_packet packet = {.type = YW_MQTT_PUBLISH,
                                    .qos = 1,
                                    .id = 1,
                                    .text = (const uint8_t *)text,
                                    .text_size = strlen(text)};
    (void)snprintf(packet.topic, sizeof(packet.topic), "%.127s", topic);
    if (put(m, &packet) && await(m, YW_MQTT_PUBACK) >= 0)
        return true;
    yw_applet_refuse(m->a, "not acknowledged");
    return false;
}

static void do_publish(struct mqtt *m)
{
    if (publish(m, yw_applet_argument(m->a, 5), yw_applet_argument(m->a, 6)))
        yw_applet_say(m->a, "{\"published\":true}");
}

static void keep(struct mqtt *m, const struct yw_mqtt_packet *packet, const char *having)
{
    char text[YW_MQTT_TEXT_MAX];
    yw_mqtt_text(packet, text, sizeof(text));
    if (m->count == HEARD_MAX || strstr(text, having) == NULL)
        return;
    struct heard *heard = &m->heard[m->count++];
    memcpy(heard->topic, packet->topic, sizeof(heard->topic));
    memcpy(heard->text, text, sizeof(heard->text));
}

/* Hears for the span of drill time; false: refused, or the connection ended. */
static bool listen(struct mqtt *m, const char *filter, long span_ms, const char *having)
{
    static const struct yw_mqtt_packet ping = {.type = YW_MQTT_PINGREQ};
    const struct yw_applet_io *io = m->a->io;
    struct yw_mqtt_packet wish = {.type = YW_MQTT_SUBSCRIBE, .id = 1};
    struct yw_mqtt_packet packet;
    int64_t end_ms = yw_applet_drill_now(io) + span_ms;
    int64_t ping_ms = io->now(io->arg) + PING_EVERY_MS;
    size_t used = 0;
    (void)snprintf(wish.topic, sizeof(wish.topic), "%.127s", filter);
    if (!put(m, &wish))
        return false;
    while (yw_applet_drill_now(io) < end_ms) {
        int came = take(m, SLICE_MS, &used, &packet);
        bool quiet = came == 0 && io->now(io->arg) >= ping_ms;
        if (came < 0 || (quiet && !put(m, &ping)))
            return false;
        if (came != 0 || quiet)
            ping_ms = io->now(io->arg) + PING_EVERY_MS;
        if (came == 0)
            continue;
        if (packet.type == YW_MQTT_SUBACK && packet.code == YW_MQTT_REFUSED)
            return false;
        if (packet.type == YW_MQTT_PUBLISH)
            keep(m, &packet, having);
    }
    m->in_size -= used;
    memmove(m->in, m->in + used, m->in_size);
    return true;
}

/* As text inside JSON, cut. */
static void say_text(struct applet *a, const char *text)
{
    char plain[ENTRY_MAX];
    size_t size = 0;
    for (; *text != '\0' && size + 2 < sizeof(plain); text++) {
        if (*text == '"' || *text == '\\')
            plain[size++] = '\\';
        plain[size++] = *text;
    }
    plain[size] = '\0';
    yw_applet_say(a, "\"%s\"", plain);
}

/* FILTER SPAN_MS [HAVING] from argument 5 on. */
static bool hear(struct mqtt *m)
{
    long span_ms = yw_applet_number(yw_applet_argument(m->a, 6), SPAN_MAX_MS);
    if (span_ms < 1) {
        yw_applet_refuse(m->a, "a span is from 1 to 120000 ms");
        return false;
    }
    if (listen(m, yw_applet_argument(m->a, 5), span_ms, yw_applet_argument(m->a, 7)))
        return true;
    yw_applet_refuse(m->a, "not let listen");
    return false;
}

static void do_listen(struct mqtt *m)
{
    size_t said = 0;
    if (!hear(m))
        return;
    yw_applet_say(m->a, "{\"messages\":[");
    for (; said < m->count &&
           strlen(m->a->out->output) + 3 * ENTRY_MAX < sizeof(m->a->out->output);
         said++) {
        yw_applet_say(m->a, "%s{\"topic\":", said > 0 ? "," : "");
        say_text(m->a, m->heard[said].topic);
        yw_applet_say(m->a, ",\"text\":");
        say_text(m->a, m->heard[said].text);
        yw_applet_say(m->a, "}");
    }
    yw_applet_say(m->a, "],\"more\":%s}", said < m->count ? "true" : "false");
}

/* Says again what it heard. What it said itself comes back, and is not taken. */
static void do_replay(struct mqtt *m)
{
    if (!hear(m))
        return;
    for (size_t i = 0; i < m->count; i++) {
        if (!publish(m, m->heard[i].topic, m->heard[i].text))
            return;
    }
    if (m->count == 0)
        yw_applet_refuse(m->a, "nothing heard");
    else
        yw_applet_say(m->a, "{\"replayed\":%u}", (unsigned)m->count);
}

/* A topic or a filter: visible, and no longer than ours are. */
static bool is_topic(const char *topic)
{
    for (const char *at = topic; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~')
            return false;
    }
    return topic[0] != '\0' && strlen(topic) < YW_MQTT_TOPIC_MAX;
}

void yw_applet_mqtt(struct applet *a)
{
    static const struct {
        const char *verb;
        int least;
        int most;
        void (*run)(struct mqtt *m);
    } verbs[] = {{"publish", 7, 7, do_publish},
                 {"listen", 7, 8, do_listen},
                 {"replay", 7, 8, do_replay}};
    uint32_t ignored = 0;
    size_t verb = 0;
    while (verb < 3 && strcmp(verbs[verb].verb, yw_applet_argument(a, 1)) != 0)
        verb++;
    if (verb == 3 || a->argc < verbs[verb].least || a->argc > verbs[verb].most ||
        !yw_applet_address(yw_applet_argument(a, 2), &ignored) || a->io->open == NULL ||
        !is_topic(yw_applet_argument(a, 5))) {
        yw_applet_refuse(a, "usage: mqtt publish HOST USER PASSWORD TOPIC TEXT | "
                            "listen|replay HOST USER PASSWORD FILTER SPAN_MS [HAVING]");
        return;
    }
    struct mqtt m; /* 42 KiB */
    memset(&m, 0, sizeof(m));
    m.a = a;
    if (log_in(&m))
        verbs[verb].run(&m);
    if (m.stream >= 0)
        a->io->close(a->io->arg, m.stream);
}
