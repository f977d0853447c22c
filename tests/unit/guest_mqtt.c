/* Packets of MQTT as the standard has them, topics and filters, and the client that never
 * gives up. */
#include "controller/mqtt_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_bytes(const struct yw_mqtt_packet *packet, const char *bytes,
                         size_t size)
{
    uint8_t out[YW_MQTT_PACKET_MAX];

    assert_int_equal(yw_mqtt_write(packet, out), size);
    assert_memory_equal(out, bytes, size);
}

/* The examples of the standard (3.1, 3.8) and what mosquitto's clients send. */
static void packets_are_as_the_standard_has_them(void **state)
{
    static const char hello[] = "\x10\x15\x00\x04MQTT\x04\xc2\x00\x1e\x00\x02"
                                "c1\x00\x01u\x00\x02pw";
    static const char wish[] = "\x82\x08\x00\x0a\x00\x03"
                               "a/b\x01";
    static const char said[] = "\x33\x0a\x00\x03"
                               "a/b\x00\x0a"
                               "123";
    struct yw_mqtt_packet packet = {.type = YW_MQTT_CONNECT,
                                    .keep_alive_s = 30,
                                    .client = "c1",
                                    .user = "u",
                                    .password = "pw"};
    struct yw_mqtt_packet back;

    (void)state;
    expect_bytes(&packet, hello, sizeof hello - 1);
    assert_int_equal(yw_mqtt_read((const uint8_t *)hello, sizeof hello - 1, &back),
                     sizeof hello - 1);
    assert_string_equal(back.user, "u");
    assert_string_equal(back.password, "pw");
    assert_string_equal(back.client, "c1");
    assert_int_equal(back.keep_alive_s, 30);
    packet = (struct yw_mqtt_packet){
        .type = YW_MQTT_SUBSCRIBE, .id = 10, .qos = 1, .topic = "a/b"};
    expect_bytes(&packet, wish, sizeof wish - 1);
    packet = (struct yw_mqtt_packet){.type = YW_MQTT_PUBLISH,
                                     .id = 10,
                                     .qos = 1,
                                     .retain = true,
                                     .topic = "a/b",
                                     .text = (const uint8_t *)"123",
                                     .text_size = 3};
    expect_bytes(&packet, said, sizeof said - 1);
    assert_int_equal(yw_mqtt_read((const uint8_t *)said, sizeof said - 1, &back),
                     sizeof said - 1);
    assert_string_equal(back.topic, "a/b");
    assert_int_equal(back.text_size, 3);
    assert_true(back.retain);
    for (size_t i = 0; i < sizeof said - 1; i++)
        assert_int_equal(yw_mqtt_read((const uint8_t *)said, i, &back), 0);
}

static void the_longest_packet_fits_and_no_longer(void **state)
{
    uint8_t text[YW_MQTT_PACKET_MAX] = {0};
    uint8_t out[YW_MQTT_PACKET_MAX];
    uint8_t head[] = {0x30, 0x80, 0x08}; /* 1024 bytes follow */
    struct yw_mqtt_packet packet = {.type = YW_MQTT_PUBLISH, .topic = "t", .text = text};
    struct yw_mqtt_packet back;

    (void)state;
    packet.text_size = YW_MQTT_PACKET_MAX - 3 - 3;
    assert_int_equal(yw_mqtt_write(&packet, out), YW_MQTT_PACKET_MAX);
    assert_int_equal(yw_mqtt_read(out, sizeof out, &back), YW_MQTT_PACKET_MAX);
    assert_int_equal(back.text_size, packet.text_size);
    packet.text_size++;
    assert_int_equal(yw_mqtt_write(&packet, out), 0);
    assert_int_equal(yw_mqtt_read(head, sizeof head, &back), -1);
}

static void nonsense_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"\x30\xff\xff\xff\xff\x7f", 6},  /* five bytes of length */
        {"\x00\x00", 2},                  /* type 0 */
        {"\x36\x05\x00\x01t\x00\x01", 7}, /* QoS 3 */
        {"\x32\x05\x00\x01t\x00\x00", 7}, /* id 0 */
        {"\x30\x05\x00\x03"               /* a topic with a wildcard */
         "a/#",
         7},
        {"\x30\x04\x00\x09" /* a topic beyond the end */
         "ab",
         6},
        {"\x30\x05\x00\x03" /* a NUL in a topic */
         "a\x00"
         "b",
         7},
        {"\x80\x06\x00\x01\x00\x01t\x00", 8},           /* flags of SUBSCRIBE */
        {"\xc0\x01\x00", 3},                            /* a ping with a body */
        {"\x10\x0c\x00\x04MQIsdp\x03\x02\x00\x00", 14}, /* not 3.1.1 */
    };
    struct yw_mqtt_packet back;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (yw_mqtt_read((const uint8_t *)rows[i].bytes, rows[i].size, &back) != -1)
            fail_msg("row %zu was read", i);
    }
}

static void filters_fit_as_the_standard_says(void **state)
{
    static const struct {
        const char *filter, *topic;
        bool fits;
    } rows[] = {
        {"a/b", "a/b", true},
        {"a/b", "a/c", false},
        {"a/b", "a", false},
        {"a", "a/b", false},
        {"+/b", "a/b", true},
        {"a/+", "a/b", true},
        {"a/+", "a", false},
        {"a/+", "a/", true},
        {"+", "/a", false},
        {"/+", "/a", true},
        {"+/+", "/a", true},
        {"a/#", "a/b/c", true},
        {"a/#", "a", true},
        {"#", "a/b", true},
        {"#", "$SYS/x", false},
        {"+/x", "$SYS/x", false},
        {"$SYS/#", "$SYS/x", true},
        {"a/b/", "a/b", false},
        {"fleet/+/command", "fleet/v1/command", true},
        {"fleet/+/command", "fleet/v1/telemetry", false},
        {"fleet/+/command", "fleet/v1/x/command", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (yw_mqtt_fits(rows[i].filter, rows[i].topic) != rows[i].fits)
            fail_msg("%s against %s", rows[i].filter, rows[i].topic);
    }
}

/* ---- the client ---- */

struct heard {
    int count;
    char topic[YW_MQTT_TOPIC_MAX];
    char text[YW_MQTT_TEXT_MAX];
};

static void on_message(void *arg, const char *topic, const char *text)
{
    struct heard *heard = arg;

    heard->count++;
    (void)strcpy(heard->topic, topic);
    (void)strcpy(heard->text, text);
}

/* What the client wants to send next, which is then sent. */
static enum yw_mqtt_type sends(struct yw_mqtt_client *client, struct yw_mqtt_packet *ret)
{
    int size = yw_mqtt_read(client->out, client->out_size, ret);

    assert_true(size > 0);
    yw_mqtt_client_sent(client, (size_t)size);
    return ret->type;
}

static bool hears(struct yw_mqtt_client *client, struct heard *heard, int64_t now_ms,
                  const struct yw_mqtt_packet *packet)
{
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    size_t size = yw_mqtt_write(packet, bytes);
    bool good = true;

    assert_true(size > 0);
    for (size_t i = 0; i < size && good; i++) /* in the smallest pieces */
        good = yw_mqtt_client_bytes(client, bytes + i, 1, now_ms, on_message, heard);
    return good;
}

static struct yw_mqtt_client *client_new(void)
{
    struct yw_mqtt_client *client = calloc(1, sizeof *client);

    (void)strcpy(client->host, "10.20.4.30");
    (void)strcpy(client->id, "tbox");
    (void)strcpy(client->user, "tbox");
    (void)strcpy(client->password, "secret");
    (void)strcpy(client->filter, "fleet/+/command");
    return client;
}

static void greet(struct yw_mqtt_client *client, struct heard *heard, int64_t now_ms)
{
    const struct yw_mqtt_packet yes = {.type = YW_MQTT_CONNACK};
    const struct yw_mqtt_packet done = {.type = YW_MQTT_SUBACK, .id = 1};
    struct yw_mqtt_packet packet;

    assert_int_equal(yw_mqtt_client_turn(client, now_ms), YW_MQTT_DIAL);
    assert_int_equal(yw_mqtt_client_turn(client, now_ms), YW_MQTT_NOTHING);
    yw_mqtt_client_connected(client, true, now_ms);
    assert_int_equal(sends(client, &packet), YW_MQTT_CONNECT);
    assert_string_equal(packet.password, "secret");
    assert_false(yw_mqtt_client_publish(client, "a", "b"));
    assert_true(hears(client, heard, now_ms, &yes));
    assert_int_equal(sends(client, &packet), YW_MQTT_SUBSCRIBE);
    assert_string_equal(packet.topic, "fleet/+/command");
    assert_true(hears(client, heard, now_ms, &done));
    assert_int_equal(client->state, YW_MQTT_READY);
}

static void the_client_speaks_and_hears(void **state)
{
    const struct yw_mqtt_packet order = {.type = YW_MQTT_PUBLISH,
                                         .topic = "fleet/v1/command",
                                         .text = (const uint8_t *)"stop\n",
                                         .text_size = 5};
    struct yw_mqtt_client *client = client_new();
    struct yw_mqtt_packet packet;
    struct heard heard = {0};

    (void)state;
    greet(client, &heard, 1000);
    assert_true(hears(client, &heard, 1100, &order));
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.topic, "fleet/v1/command");
    assert_string_equal(heard.text, "stop?");
    assert_true(yw_mqtt_client_publish(client, "fleet/v1/telemetry", "{}"));
    assert_int_equal(sends(client, &packet), YW_MQTT_PUBLISH);
    assert_string_equal(packet.topic, "fleet/v1/telemetry");
    assert_int_equal(packet.qos, 0);
    free(client);
}

static void a_silent_broker_is_left_and_tried_again(void **state)
{
    const struct yw_mqtt_packet pong = {.type = YW_MQTT_PINGRESP};
    const struct yw_mqtt_packet no = {.type = YW_MQTT_CONNACK, .code = 5};
    struct yw_mqtt_client *client = client_new();
    struct yw_mqtt_packet packet;
    struct heard heard = {0};
    int64_t at = 0;

    (void)state;
    greet(client, &heard, at);
    for (int i = 0; i < 3; i++) { /* it answers pings */
        at = client->due_ms;
        assert_int_equal(yw_mqtt_client_turn(client, at), YW_MQTT_NOTHING);
        assert_int_equal(sends(client, &packet), YW_MQTT_PINGREQ);
        assert_true(hears(client, &heard, at, &pong));
    }
    at = client->due_ms;
    assert_int_equal(yw_mqtt_client_turn(client, at), YW_MQTT_NOTHING);
    assert_int_equal(sends(client, &packet), YW_MQTT_PINGREQ);
    assert_int_equal(yw_mqtt_client_turn(client, at + YW_MQTT_DEADLINE_MS),
                     YW_MQTT_HANG_UP);
    assert_int_equal(client->losses, 1);
    at = client->due_ms;
    assert_int_equal(yw_mqtt_client_turn(client, at - 1), YW_MQTT_NOTHING);
    assert_int_equal(yw_mqtt_client_turn(client, at), YW_MQTT_DIAL);
    yw_mqtt_client_connected(client, true, at);
    assert_int_equal(sends(client, &packet), YW_MQTT_CONNECT);
    assert_false(hears(client, &heard, at, &no));
    assert_int_equal(client->refused, 5);
    yw_mqtt_client_closed(client, at);
    greet(client, &heard, client->due_ms);
    free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_as_the_standard_has_them),
        cmocka_unit_test(the_longest_packet_fits_and_no_longer),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(filters_fit_as_the_standard_says),
        cmocka_unit_test(the_client_speaks_and_hears),
        cmocka_unit_test(a_silent_broker_is_left_and_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
