#include "controller/mqtt.h"
#include "controller/sensor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HMI 0x0a140215u
#define PLC 0x0a14020bu
#define RED 0x0a140242u
#define LEARN_MS 60000

static struct yw_sensor sensor;
static char lines[64][512];
static int line_count;
static uint32_t number[3]; /* next sequence number of each client */

static void on_line(void *arg, const char *line)
{
    (void)arg;
    (void)snprintf(lines[line_count++ % 64], 512, "%s", line);
}

static int begin(void **state)
{
    static const char text[] = "learn 60\nmasters 10.20.2.21\n";
    char problem[YW_CONF_PROBLEM_MAX];
    (void)state;
    yw_sensor_init(&sensor);
    sensor.line = on_line;
    line_count = 0;
    number[0] = number[1] = number[2] = 1000;
    return yw_sensor_load(&sensor, text, sizeof(text) - 1, problem);
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i) & 255);
}

/* The mac of an address ends like it. */
static void put_mac(uint8_t *at, uint32_t address)
{
    static const uint8_t maker[6] = {0x52, 0x54, 0, 0, 0, 0};
    memcpy(at, maker, 6);
    at[5] = (uint8_t)(address & 255);
}

static size_t make_frame(uint8_t *ret, uint32_t from, uint32_t to, uint16_t from_port,
                         uint16_t to_port, uint32_t sequence, uint8_t flags,
                         const void *payload, size_t size)
{
    memset(ret, 0, 54);
    put_mac(ret, to);
    put_mac(ret + 6, from);
    ret[12] = 8;
    uint8_t *ip = ret + 14;
    ip[0] = 0x45;
    ip[2] = (uint8_t)((40 + size) >> 8);
    ip[3] = (uint8_t)((40 + size) & 255);
    ip[9] = 6;
    put32(ip + 12, from);
    put32(ip + 16, to);
    uint8_t *tcp = ip + 20;
    tcp[0] = (uint8_t)(from_port >> 8);
    tcp[1] = (uint8_t)(from_port & 255);
    tcp[2] = (uint8_t)(to_port >> 8);
    tcp[3] = (uint8_t)(to_port & 255);
    put32(tcp + 4, sequence);
    tcp[12] = 0x50;
    tcp[13] = flags;
    if (size > 0)
        memcpy(tcp + 20, payload, size);
    return 54 + size;
}

static void send_bytes(uint32_t from, uint16_t port, const void *payload, size_t size,
                       int64_t now_ms)
{
    uint8_t frame[1600];
    uint32_t *next = &number[from == HMI ? 0 : from == RED ? 1 : 2];
    size_t length = make_frame(frame, from, PLC, 40000, port, *next, 0x18, payload, size);
    *next += (uint32_t)size;
    yw_sensor_frame(&sensor, frame, length, now_ms);
}

static void read_holding(uint32_t from, int64_t now_ms)
{
    const uint8_t adu[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 40, 0, 2};
    send_bytes(from, 502, adu, sizeof(adu), now_ms);
}

static void write_register(uint32_t from, uint16_t address, uint16_t value,
                           int64_t now_ms)
{
    const uint8_t adu[] = {0,
                           1,
                           0,
                           0,
                           0,
                           6,
                           1,
                           6,
                           (uint8_t)(address >> 8),
                           (uint8_t)(address & 255),
                           (uint8_t)(value >> 8),
                           (uint8_t)(value & 255)};
    send_bytes(from, 502, adu, sizeof(adu), now_ms);
}

static void expect(int index, const char *text)
{
    assert_true(index < line_count);
    assert_string_equal(lines[index], text);
}

/* A usual day of one minute. */
static void learn(void)
{
    for (int64_t now_ms = 0; now_ms < LEARN_MS; now_ms += 1000) {
        read_holding(HMI, now_ms);
        write_register(HMI, 40, (uint16_t)(100 + now_ms / 1000), now_ms);
    }
    assert_int_equal(line_count, 0);
    read_holding(HMI, LEARN_MS + 1);
    write_register(HMI, 40, 120, LEARN_MS + 2);
    assert_int_equal(line_count, 0);
}

static void an_intruder_is_told_step_by_step(void **state)
{
    (void)state;
    learn();
    read_holding(RED, LEARN_MS + 10);
    expect(0, "{\"kind\":\"sensor\",\"alert\":\"new-asset\",\"address\":\"10.20.2.66\","
              "\"mac\":\"52:54:00:00:00:42\"}");
    expect(1, "{\"kind\":\"sensor\",\"alert\":\"new-talker\",\"from\":\"10.20.2.66\","
              "\"to\":\"10.20.2.11\",\"service\":\"modbus\"}");
    expect(2, "{\"kind\":\"sensor\",\"alert\":\"new-function\",\"from\":\"10.20.2.66\","
              "\"to\":\"10.20.2.11\",\"service\":\"modbus\",\"function\":3}");
    line_count = 0;
    write_register(RED, 40, 11100, LEARN_MS + 20);
    expect(0,
           "{\"kind\":\"sensor\",\"alert\":\"write-from-unknown\",\"from\":"
           "\"10.20.2.66\",\"to\":\"10.20.2.11\",\"service\":\"modbus\",\"address\":40,"
           "\"value\":11100}");
    expect(1, "{\"kind\":\"sensor\",\"alert\":\"new-write\",\"from\":\"10.20.2.66\","
              "\"to\":\"10.20.2.11\",\"service\":\"modbus\",\"address\":40,"
              "\"value\":11100}");
    line_count = 0;
    write_register(RED, 40, 11100, LEARN_MS + 30);
    assert_int_equal(line_count, 0); /* not within ten seconds */
    write_register(RED, 40, 11100, LEARN_MS + 20 + YW_SENSOR_AGAIN_MS);
    assert_true(line_count > 0);
}

static void a_known_master_with_a_strange_value(void **state)
{
    (void)state;
    learn();
    write_register(HMI, 40, 164, LEARN_MS + 10); /* 159 was the most; a tenth is let */
    assert_int_equal(line_count, 0);
    write_register(HMI, 40, 400, LEARN_MS + 10);
    expect(0, "{\"kind\":\"sensor\",\"alert\":\"value\",\"from\":\"10.20.2.21\",\"to\":"
              "\"10.20.2.11\",\"service\":\"modbus\",\"address\":40,\"value\":400,"
              "\"low\":100,\"high\":159}");
    line_count = 0;
    write_register(HMI, 41, 1, LEARN_MS + 20);
    assert_true(strstr(lines[0], "\"alert\":\"new-write\"") != NULL);
}

static void masters_are_watched_while_learning(void **state)
{
    (void)state;
    write_register(RED, 40, 5, 10);
    assert_int_equal(line_count, 1);
    assert_true(strstr(lines[0], "write-from-unknown") != NULL);
}

static void frames_in_pieces_and_twice(void **state)
{
    (void)state;
    const uint8_t adu[] = {0, 1, 0, 0, 0, 6, 1, 6, 0, 40, 0, 9};
    learn();
    for (size_t i = 0; i < sizeof(adu); i++)
        send_bytes(HMI, 502, adu + i, 1, LEARN_MS + 10);
    assert_int_equal(line_count, 1); /* 9 is below the baseline */
    uint8_t both[24];
    memcpy(both, adu, 12);
    memcpy(both + 12, adu, 12);
    both[9] = 77;
    both[21] = 78;
    line_count = 0;
    send_bytes(HMI, 502, both, sizeof(both), LEARN_MS + 20000);
    assert_int_equal(line_count, 1); /* two new registers: one kind of one pair */
    uint8_t frame[200];
    size_t size = make_frame(frame, HMI, PLC, 40000, 502, number[0] - 24, 0x18, both, 24);
    line_count = 0;
    yw_sensor_frame(&sensor, frame, size, LEARN_MS + 40000); /* a repetition */
    assert_int_equal(line_count, 0);
    number[0] += 100; /* a loss */
    write_register(HMI, 40, 9, LEARN_MS + 60000);
    assert_int_equal(line_count, 1);
}

static void commands_of_an_outstation(void **state)
{
    (void)state;
    struct yw_iec104_buf asdu;
    uint8_t bytes[YW_IEC104_APDU_MAX];
    const struct yw_iec104_asdu head = {
        .type = YW_IEC104_C_DC_NA, .cause = YW_IEC104_ACTIVATION, .station = 1};
    yw_iec104_begin(&asdu, &head);
    (void)yw_iec104_add(&asdu, &(struct yw_iec104_object){.address = 3001, .value = 1});
    size_t size = yw_iec104_put_i(0, 0, asdu.bytes, asdu.size, bytes);
    send_bytes(RED, 2404, bytes, size, 10);
    expect(0, "{\"kind\":\"sensor\",\"alert\":\"write-from-unknown\",\"from\":"
              "\"10.20.2.66\",\"to\":\"10.20.2.11\",\"service\":\"iec104\",\"address\":"
              "3001,\"value\":1}");
    line_count = 0;
    send_bytes(RED, 2404, "GET / HTTP/1.1", 14, LEARN_MS + 10);
    assert_true(strstr(lines[line_count - 1], "malformed") != NULL);
    char list[1024];
    yw_sensor_assets(&sensor, 0, list, sizeof(list));
    assert_string_equal(list, "{\"assets\":[{\"address\":\"10.20.2.66\",\"mac\":"
                              "\"52:54:00:00:00:42\",\"serves\":[],\"asks\":["
                              "\"iec104\"]}],\"more\":false}");
}

/* ---- a message broker ---- */

static void publish(uint32_t from, const char *topic, const char *text, int64_t now_ms)
{
    struct yw_mqtt_packet packet = {.type = YW_MQTT_PUBLISH,
                                    .text = (const uint8_t *)text,
                                    .text_size = strlen(text)};
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    (void)snprintf(packet.topic, sizeof(packet.topic), "%s", topic);
    size_t size = yw_mqtt_write(&packet, bytes);
    assert_true(size > 0);
    send_bytes(from, YW_MQTT_PORT, bytes, size, now_ms);
}

static bool told(const char *text)
{
    for (int i = 0; i < line_count && i < 64; i++) {
        if (strstr(lines[i], text) != NULL)
            return true;
    }
    return false;
}

/* The platform commands a car, which reports. */
static void learn_fleet(void)
{
    publish(HMI, "fleet/A/command", "{\"id\":1}", 10);
    publish(HMI, "fleet/A/telemetry", "{\"v\":1}", 20);
    assert_int_equal(line_count, 0);
}

static void a_broker_is_watched(void **state)
{
    (void)state;
    learn_fleet();
    publish(HMI, "fleet/A/command", "{\"id\":2}", LEARN_MS + 20);
    publish(HMI, "fleet/A/command", "{\"id\":2}", LEARN_MS + 30);
    publish(HMI, "fleet/B/telemetry", "{\"v\":2}", LEARN_MS + 40);
    assert_int_equal(line_count, 0); /* the usual, and again by the same */
    publish(RED, "fleet/A/telemetry", "{\"v\":3}", LEARN_MS + 50);
    assert_true(told("\"alert\":\"new-talker\",\"from\":\"10.20.2.66\",\"to\":"
                     "\"10.20.2.11\",\"service\":\"mqtt\"}"));
    assert_true(told("\"alert\":\"new-function\"") && !told("write"));
    line_count = 0;
    publish(RED, "fleet/A/command", "{\"id\":3}", LEARN_MS + 60);
    assert_true(told("\"alert\":\"write-from-unknown\"") &&
                told("\"alert\":\"new-write\"") && !told("replay"));
    publish(RED, "fleet/A/command", "{\"id\":2}", LEARN_MS + 70);
    assert_true(
        told("{\"kind\":\"sensor\",\"alert\":\"replay\",\"from\":\"10.20.2.66\",\"to\":"
             "\"10.20.2.11\",\"service\":\"mqtt\",\"first\":\"10.20.2.21\",\"topic\":"
             "\"fleet/A/command\"}"));
}

/* Topics are strangers' words; what is no packet is told, what we do not need is passed over. */
static void a_broker_and_hostile_clients(void **state)
{
    (void)state;
    uint8_t head[5] = {0x30, 0xff, 0xff, 0x7f, 0};
    const uint8_t unsubscribe[] = {0xa2, 5, 0, 1, 0, 1, 'a'};
    learn_fleet();
    send_bytes(HMI, YW_MQTT_PORT, unsubscribe, sizeof(unsubscribe), LEARN_MS + 5);
    assert_int_equal(line_count, 0);
    publish(RED, "a\"\\\x01/set", "x", LEARN_MS + 10);
    assert_true(told(",\"topic\":\"a?\?\?/set\"}"));
    line_count = 0;
    send_bytes(RED, YW_MQTT_PORT, head, sizeof(head), LEARN_MS + 20);
    assert_true(told("malformed"));
    for (int i = 0; i < 3 * YW_SENSOR_MESSAGES_MAX; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%d", i);
        publish(HMI, "fleet/A/command", text, LEARN_MS + 100 + i);
    }
    line_count = 0;
    publish(RED, "fleet/A/command", "0", LEARN_MS + 30000); /* it made room */
    assert_false(told("replay"));
    publish(RED, "fleet/A/command", "767", LEARN_MS + 60000);
    assert_true(told("replay"));
}

static void moved_addresses(void **state)
{
    (void)state;
    uint8_t arp[42] = {0};
    memset(arp, 0xff, 6);
    put_mac(arp + 6, PLC);
    arp[12] = 8;
    arp[13] = 6;
    memcpy(arp + 14, "\0\1\x08\0\6\4\0\2", 8);
    put_mac(arp + 22, PLC);
    put32(arp + 28, PLC);
    yw_sensor_frame(&sensor, arp, sizeof(arp), 10);
    assert_int_equal(line_count, 0);
    put_mac(arp + 22, RED); /* now he says that he is the controller */
    yw_sensor_frame(&sensor, arp, sizeof(arp), 20);
    expect(0,
           "{\"kind\":\"sensor\",\"alert\":\"address-moved\",\"address\":\"10.20.2.11\","
           "\"mac\":\"52:54:00:00:00:42\",\"was\":\"52:54:00:00:00:0b\"}");
    for (int i = 0; i < 100; i++) { /* the controller answers too */
        put_mac(arp + 22, i % 2 == 0 ? PLC : RED);
        yw_sensor_frame(&sensor, arp, sizeof(arp), 20 + i);
    }
    assert_int_equal(line_count, 1);
    put_mac(arp + 22, PLC);
    yw_sensor_frame(&sensor, arp, sizeof(arp), 20 + YW_SENSOR_AGAIN_MS);
    assert_int_equal(line_count, 2);
}

static void copies_over_udp(void **state)
{
    (void)state;
    const uint8_t adu[] = {0, 1, 0, 0, 0, 6, 1, 6, 0, 40, 0, 9};
    uint8_t copy[200] = {1, 0, 0, 1, 0, 10, 1, 7, 1};
    size_t size = make_frame(copy + 9, RED, PLC, 40000, 502, 5, 0x18, adu, sizeof(adu));
    yw_sensor_tzsp(&sensor, copy, 9 + size, 10);
    assert_true(line_count == 1 && strstr(lines[0], "write-from-unknown") != NULL);
    line_count = 0;
    copy[3] = 2; /* no Ethernet */
    yw_sensor_tzsp(&sensor, copy, 9 + size, 10000000);
    assert_int_equal(line_count, 0);
}

/* 100 000 strangers: the tables fill up, each says so once, and what was learned stays. */
static void memory_is_bounded(void **state)
{
    (void)state;
    learn();
    for (uint32_t i = 0; i < 100000; i++) {
        const uint8_t adu[] = {0, 1, 0, 0, 0, 6, 1, 6, 0, 40, 0, 9};
        uint8_t frame[200];
        size_t size = make_frame(frame, 0x0a150000u + i, PLC, 40000, 502, i, 0x18, adu,
                                 sizeof(adu));
        yw_sensor_frame(&sensor, frame, size, LEARN_MS + i);
    }
    assert_int_equal(sensor.asset_count, YW_SENSOR_ASSETS_MAX);
    assert_int_equal(sensor.pair_count, YW_SENSOR_PAIRS_MAX);
    assert_true(sensor.full[0] && sensor.full[1]);
    line_count = 0;
    write_register(HMI, 40, 400, LEARN_MS + 200000);
    assert_true(line_count == 1 && strstr(lines[0], "\"alert\":\"value\"") != NULL);
}

static void faults_name_their_line(void **state)
{
    (void)state;
    char problem[YW_CONF_PROBLEM_MAX] = "";
    assert_int_equal(yw_sensor_load(&sensor, "learn 5\nmaster x", 16, problem), -1);
    assert_string_equal(problem,
                        "line 2: expected learn SECONDS or masters LIST, got 'master'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_intruder_is_told_step_by_step, begin),
        cmocka_unit_test_setup(a_known_master_with_a_strange_value, begin),
        cmocka_unit_test_setup(masters_are_watched_while_learning, begin),
        cmocka_unit_test_setup(frames_in_pieces_and_twice, begin),
        cmocka_unit_test_setup(commands_of_an_outstation, begin),
        cmocka_unit_test_setup(a_broker_is_watched, begin),
        cmocka_unit_test_setup(a_broker_and_hostile_clients, begin),
        cmocka_unit_test_setup(moved_addresses, begin),
        cmocka_unit_test_setup(copies_over_udp, begin),
        cmocka_unit_test_setup(memory_is_bounded, begin),
        cmocka_unit_test_setup(faults_name_their_line, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
