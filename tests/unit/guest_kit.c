/* Every action of the attack kit, done by the attacker's own programs against the real servers,
 * its frames seen by the sensor: each family leaves the alerts that its row states. */
#include "controller/between.h"
#include "controller/engineering.h"
#include "controller/history.h"
#include "controller/lasting.h"
#include "controller/mqtt.h"
#include "controller/rtu.h"
#include "controller/sensor.h"
#include "controller/upkeep.h"
#include "model/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PLC 0x0a14020bu
#define HMI 0x0a140215u
#define RED 0x0a140242u
#define LEARN_MS 60000
#define ROOM (256 * 1024)
#define STREAMS 64
#define WORDS_MAX 20
#define PROGRAM                                                                          \
    "PROGRAM p\nVAR a AT %IW0 : UINT; q AT %QX0 : BOOL; END_VAR\nq := a > "              \
    "5;\nEND_PROGRAM\n"

static struct yw_sensor sensor;
static char told[16384]; /* the alerts' kinds, each as " kind" */
static struct yw_plc plc;
static struct yw_eng eng;
static struct yw_rtu rtu;
static struct yw_upkeep upkeep;
static struct yw_history history;
static struct yw_watch watch;
static struct yw_applet_result result;
static int64_t now_ms;
static uint16_t next_port;
static uint16_t ports[STREAMS]; /* of the attacker's end; 0 free */
static uint16_t services[STREAMS];
static uint32_t numbers[STREAMS];
static bool gone[STREAMS];
static char *said; /* by the one stream that is answered now */
static size_t said_size, taken;

static void on_line(void *arg, const char *line)
{
    char kind[64] = "";
    (void)arg;
    if (sscanf(line, "{\"kind\":\"sensor\",\"alert\":\"%60[a-z-]", kind) == 1 &&
        strlen(told) + strlen(kind) + 3 < sizeof(told))
        (void)sprintf(told + strlen(told), "%s ", kind);
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8 & 255);
    at[1] = (uint8_t)(value & 255);
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static void put_mac(uint8_t *at, uint32_t address)
{
    static const uint8_t maker[6] = {2, 0, 0, 0, 0, 0};
    memcpy(at, maker, 6);
    at[5] = (uint8_t)(address & 255);
}

/* What the mirror shows of a segment from a client to the controller. */
static void see(uint32_t from, uint16_t from_port, uint16_t to_port, uint32_t number,
                uint8_t flags, const void *payload, size_t size)
{
    uint8_t frame[1514] = {0};
    assert_true(size <= sizeof(frame) - 54);
    put_mac(frame, PLC);
    put_mac(frame + 6, from);
    put16(frame + 12, 0x0800);
    frame[14] = 0x45;
    put16(frame + 16, (unsigned)(40 + size));
    frame[23] = 6;
    put32(frame + 26, from);
    put32(frame + 30, PLC);
    put16(frame + 34, from_port);
    put16(frame + 36, to_port);
    put32(frame + 38, number);
    frame[46] = 0x50;
    frame[47] = flags;
    if (size > 0)
        memcpy(frame + 54, payload, size);
    yw_sensor_frame(&sensor, frame, 54 + size, now_ms);
}

static void see_arp(uint16_t operation, uint32_t sender, uint32_t target)
{
    uint8_t frame[42] = {0};
    put_mac(frame + 6, sender);
    put16(frame + 12, 0x0806);
    memcpy(frame + 14, "\x00\x01\x08\x00\x06\x04", 6);
    put16(frame + 20, operation);
    put_mac(frame + 22, sender);
    put32(frame + 28, sender);
    put32(frame + 38, target);
    yw_sensor_frame(&sensor, frame, sizeof(frame), now_ms);
}

/* ---- the attacker's network ---- */

static int transact_as(uint32_t from, uint8_t unit, const uint8_t *pdu, size_t size,
                       uint8_t reply[YW_MODBUS_PDU_MAX])
{
    uint8_t adu[YW_MODBUS_ADU_MAX];
    char source[16];
    size_t length = yw_modbus_wrap(1, unit, pdu, size, adu);
    uint16_t port = next_port++;
    (void)snprintf(source, sizeof(source), "%u.%u.%u.%u", from >> 24, from >> 16 & 255,
                   from >> 8 & 255, from & 255);
    see(from, port, YW_MODBUS_PORT, 0, 2, "", 0);
    see(from, port, YW_MODBUS_PORT, 1, 0x18, adu, length);
    see(from, port, YW_MODBUS_PORT, (uint32_t)(1 + length), 0x11, "", 0);
    return (int)yw_plc_answer(&plc, source, unit, pdu, size, reply);
}

static int transact(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                    size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    (void)arg;
    return strcmp(host, "10.20.2.11") == 0 ? transact_as(RED, unit, pdu, size, reply)
                                           : -1;
}

/* A host that is not there is asked for, and no more. */
static void sweep(void *arg, uint32_t first, uint32_t count, bool *ret_open)
{
    (void)arg;
    for (uint32_t i = 0; i < count; i++) {
        see_arp(1, RED, first + i);
        ret_open[i] = first + i == PLC;
        if (ret_open[i])
            see(RED, next_port++, YW_MODBUS_PORT, 0, 2, "", 0);
    }
}

static bool reach(void *arg, const char *host)
{
    (void)arg;
    return host[0] != '\0';
}

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    (void)arg;
    (void)session;
    assert_true(said_size + size <= ROOM);
    memcpy(said + said_size, bytes, size);
    said_size += size;
    return true;
}

static int open_stream(void *arg, const char *host, uint16_t port)
{
    (void)arg;
    (void)host;
    int stream = 0;
    while (stream < STREAMS && ports[stream] != 0)
        stream++;
    assert_true(stream < STREAMS);
    ports[stream] = next_port++;
    services[stream] = port;
    numbers[stream] = 1;
    gone[stream] = false;
    see(RED, ports[stream], port, 0, 2, "", 0);
    said_size = taken = 0;
    if (port == YW_ENG_PORT)
        assert_true(yw_eng_open(&eng, 0, "10.20.2.66"));
    else if (port == YW_IEC104_PORT)
        assert_true(
            yw_rtu_open(&rtu, stream % YW_RTU_SESSIONS_MAX, "10.20.2.66", now_ms));
    return stream;
}

static void answer_page(const void *bytes, size_t size)
{
    char line[YW_UPKEEP_LINE_MAX];
    char page[16384] = "";
    char head[128];
    const char *type = "";
    struct yw_text_out out = {.text = page, .room = sizeof(page)};
    struct yw_http request;
    assert_int_equal(yw_http_read(bytes, size, &request), YW_HTTP_WHOLE);
    int status = yw_upkeep_is(&request)
                     ? yw_upkeep_take(&upkeep, &request, "10.20.2.66", line)
                     : yw_history_answer(&history, &watch, &request, now_ms, &out, &type);
    int length = snprintf(head, sizeof(head), "HTTP/1.1 %d -\r\n\r\n", status);
    (void)put(NULL, 0, head, (size_t)length);
    (void)put(NULL, 0, page, out.size);
}

/* ---- a broker for one client at a time, with one command to hear ---- */

static void answer_packet(const struct yw_mqtt_packet *asked)
{
    static const char command[] = "{\"id\":1}";
    struct yw_mqtt_packet answer = {.id = asked->id};
    struct yw_mqtt_packet heard = {.type = YW_MQTT_PUBLISH,
                                   .topic = "fleet/A/command",
                                   .text = (const uint8_t *)command,
                                   .text_size = sizeof(command) - 1};
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    answer.type = asked->type == YW_MQTT_CONNECT     ? YW_MQTT_CONNACK
                  : asked->type == YW_MQTT_SUBSCRIBE ? YW_MQTT_SUBACK
                  : asked->type == YW_MQTT_PINGREQ   ? YW_MQTT_PINGRESP
                                                     : YW_MQTT_PUBACK;
    if (asked->type == YW_MQTT_DISCONNECT ||
        (asked->type == YW_MQTT_PUBLISH && asked->qos == 0))
        return;
    (void)put(NULL, 0, bytes, yw_mqtt_write(&answer, bytes));
    if (asked->type == YW_MQTT_SUBSCRIBE)
        (void)put(NULL, 0, bytes, yw_mqtt_write(&heard, bytes));
}

static void answer_client(const uint8_t *bytes, size_t size)
{
    struct yw_mqtt_packet packet;
    for (size_t at = 0; at < size;) {
        int used = yw_mqtt_read(bytes + at, size - at, &packet);
        assert_true(used > 0);
        answer_packet(&packet);
        at += (size_t)used;
    }
}

static bool send_stream(void *arg, int stream, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    (void)arg;
    now_ms++;
    for (size_t done = 0; done < size;) {
        size_t piece = size - done < 1400 ? size - done : 1400;
        see(RED, ports[stream], services[stream], numbers[stream], 0x18, at + done,
            piece);
        numbers[stream] += (uint32_t)piece;
        done += piece;
    }
    int session = stream % YW_RTU_SESSIONS_MAX;
    if (services[stream] == YW_ENG_PORT)
        return yw_eng_feed(&eng, 0, bytes, size) >= 0;
    if (services[stream] == YW_IEC104_PORT) {
        gone[stream] = gone[stream] ||
                       yw_rtu_feed(&rtu, session, bytes, size, now_ms) < 0 ||
                       !yw_rtu_pump(&rtu, session, now_ms);
        return true; /* as a socket: what is lost behind it shows later */
    }
    if (services[stream] == YW_MQTT_PORT)
        answer_client(bytes, size);
    else
        answer_page(bytes, size);
    return true;
}

static int receive(void *arg, int stream, void *bytes, size_t size, int64_t wait_ms)
{
    (void)arg;
    size_t got = said_size - taken < size ? said_size - taken : size;
    bool page = services[stream] != YW_IEC104_PORT && services[stream] != YW_ENG_PORT &&
                services[stream] != YW_MQTT_PORT;
    if (got == 0 && (page || gone[stream]))
        return -1;
    now_ms += got == 0 ? wait_ms : 0;
    memcpy(bytes, said + taken, got);
    taken += got;
    return (int)got;
}

static void close_stream(void *arg, int stream)
{
    (void)arg;
    if (services[stream] == YW_ENG_PORT)
        yw_eng_close(&eng, 0);
    else if (services[stream] == YW_IEC104_PORT)
        yw_rtu_close(&rtu, stream % YW_RTU_SESSIONS_MAX);
    ports[stream] = 0;
}

static int64_t now(void *arg)
{
    (void)arg;
    return now_ms++;
}

static const struct yw_applet_io io = {.transact = transact,
                                       .sweep = sweep,
                                       .reach = reach,
                                       .open = open_stream,
                                       .send = send_stream,
                                       .receive = receive,
                                       .close = close_stream,
                                       .now = now};

/* ---- the table ---- */

struct row {
    const char *action;
    const char
        *line; /* as the scenario language makes it; '_' stands for a blank in a word */
    const char *alert; /* one that this action alone must leave */
    bool safety;       /* against a SIS */
};

static const struct row rows[] = {
    {"modbus.scan", "modbus scan 10.20.2.0/24", "sweep", false},
    {"iec104.sweep", "iec104 sweep 10.20.2.11 1 1001 1020", "new-talker", false},
    {"engineering.status", "engineering status 10.20.2.11", "new-talker", false},
    {"modbus.read", "modbus read 10.20.2.11 1 holding 0 100", "new-function", false},
    {"iec104.interrogate", "iec104 interrogate 10.20.2.11 1", "new-function", false},
    {"modbus.write", "modbus write 10.20.2.11 1 holding 40 11100", "write-from-unknown",
     false},
    {"iec104.command", "iec104 command 10.20.2.11 1 C_DC_NA_1 3001 1",
     "write-from-unknown", false},
    {"iec104.operate", "iec104 operate 10.20.2.11 1 C_DC_NA_1 3001 1", "new-write",
     false},
    {"iec104.setpoint", "iec104 setpoint 10.20.2.11 1 4001 50", "new-write", false},
    {"modbus.toggle", "background x modbus toggle 10.20.2.11 1 coil 1 0 1 200 8000",
     "write-rate", false},
    {"modbus.fuzz", "background x modbus fuzz 10.20.2.11 1 holding 50 4 200 8000",
     "write-rate", false},
    {"modbus.ramp", "background x modbus ramp 10.20.2.11 1 holding 40 now 900 20 60000",
     "write-from-unknown", false},
    {"modbus.hold", "background x modbus hold 10.20.2.11 1 holding 41 65535 1000 9000",
     "new-write", false},
    {"engineering.login", "engineering login 10.20.2.11 1111", "new-talker", false},
    {"engineering.mode", "engineering mode 10.20.2.11 1111 program", "new-talker", false},
    {"engineering.patch", "engineering patch 10.20.2.11 1111 5 6", "transfer", false},
    {"safety.bypass", "modbus write 10.20.2.11 1 holding 80 1", "write-from-unknown",
     true},
    {"aitm.stand", "background x aitm stand 10.20.2.11 10.20.2.21 0 nothing 5000",
     "address-moved", false},
    {"iec104.block", "iec104 block 10.20.2.11 500", "new-talker", false},
    {"modbus.flood", "background x modbus flood 10.20.2.11 100 3000", "flood", false},
    {"iec104.flood", "iec104 flood 10.20.2.11 1 50", "new-function", false},
    {"modbus.restart", "modbus restart 10.20.2.11 1", "new-function", false},
    {"iec104.reset", "iec104 reset 10.20.2.11 1", "new-function", false},
    {"engineering.stop", "engineering mode 10.20.2.11 1111 stop", "new-talker", false},
    {"station.fetch", "station fetch 10.20.2.11 *", "new-talker", false},
    {"station.stop", "station stop 10.20.2.11 admin", "new-talker", false},
    {"station.wipe", "station wipe 10.20.2.11 admin", "new-talker", false},
    {"engineering.boot", "engineering mode 10.20.2.11 1111 boot", "new-talker", false},
    {"engineering.guess", "engineering guess 10.20.2.11 0 0000 1234 1111", "new-talker",
     false},
    {"engineering.lock", "engineering lock 10.20.2.11 1111 mine", "new-talker", false},
    {"mqtt.listen", "mqtt listen 10.20.2.11 dev dev123 fleet/# 100", "new-function",
     false},
    {"mqtt.publish", "mqtt publish 10.20.2.11 dev dev123 fleet/B/command open",
     "write-from-unknown", false},
    {"mqtt.replay", "mqtt replay 10.20.2.11 dev dev123 fleet/+/command 100", "replay",
     false},
    {"station.guess", "station guess 10.20.2.11 0 root admin", "new-talker", false},
};

static const struct row *row_of(const char *action)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].action, action) == 0)
            return &rows[i];
    }
    fail_msg("%s: no row in this test", action);
    return NULL;
}

/* A long program, so that a block is one. */
static void load_logic(void)
{
    static char program[4096];
    struct yw_st_problem problem;
    (void)snprintf(program, sizeof(program), "(* %01500d *)\n%s", 0, PROGRAM);
    if (yw_plc_load(&plc, program, strlen(program), &problem) != 0)
        fail_msg("the program of this test: line %d", problem.line);
    yw_eng_init(&eng, &plc, program, strlen(program));
    eng.put = put;
}

/* The platform commands a car. */
static void command_car(void)
{
    static const char command[] = "{\"id\":1}";
    struct yw_mqtt_packet packet = {.type = YW_MQTT_PUBLISH,
                                    .topic = "fleet/A/command",
                                    .text = (const uint8_t *)command,
                                    .text_size = sizeof(command) - 1};
    uint8_t bytes[YW_MQTT_PACKET_MAX];
    see(HMI, next_port++, YW_MQTT_PORT, 1, 0x18, bytes, yw_mqtt_write(&packet, bytes));
}

/* A minute in which the operator station reads and sets one register. */
static void learn(void)
{
    static const uint8_t ask[] = {3, 0, 40, 0, 2};
    static const uint8_t set[] = {6, 0, 40, 0, 100};
    uint8_t reply[YW_MODBUS_PDU_MAX];
    see_arp(2, PLC, HMI);
    see_arp(2, HMI, PLC);
    see_arp(2, RED, PLC);
    (void)transact_as(HMI, 1, set, sizeof(set), reply);
    command_car();
    for (now_ms = 0; now_ms < LEARN_MS; now_ms += 1000)
        (void)transact_as(HMI, 1, ask, sizeof(ask), reply);
    now_ms = LEARN_MS + 1000;
    told[0] = '\0';
}

static int begin(void **state)
{
    static const char conf[] = "learn 60\nmasters 10.20.2.21\n";
    static const char points[] = "station 1\nsensor u_kv 0 20\nsensor breaker 0 1\n"
                                 "output breaker_cmd 0 1 1\noutput limit 40 60 49\n"
                                 "point 1001 M_DP_TB_1 breaker\n"
                                 "point 3001 C_DC_NA_1 breaker_cmd\n"
                                 "point 4001 C_SE_NC_1 limit\n";
    char problem[YW_CONF_PROBLEM_MAX];
    (void)state;
    said = said != NULL ? said : malloc(ROOM);
    memset(ports, 0, sizeof(ports));
    next_port = 40000;
    now_ms = 0;
    yw_sensor_init(&sensor);
    assert_int_equal(yw_sensor_load(&sensor, conf, sizeof(conf) - 1, problem), 0);
    sensor.line = on_line;
    yw_rtu_init(&rtu, 5);
    rtu.put = put;
    assert_int_equal(yw_rtu_load(&rtu, points, sizeof(points) - 1, problem), 0);
    yw_upkeep_init(&upkeep);
    yw_watch_init(&watch);
    return 0;
}

/* What the middle says by ARP reaches the mirror. */
static void stand_between(void)
{
    static struct yw_between between;
    static const uint32_t ends[2] = {PLC, HMI};
    uint8_t own[6];
    uint8_t frame[YW_BETWEEN_ARP_SIZE];
    put_mac(own, RED);
    yw_between_init(&between, own, RED, ends);
    put_mac(between.mac[0], PLC);
    put_mac(between.mac[1], HMI);
    for (int end = 0; end < 2; end++) {
        yw_between_tell(&between, end, false, frame);
        yw_sensor_frame(&sensor, frame, sizeof(frame), now_ms);
    }
}

static void do_lasting(int argc, const char *const *argv)
{
    static struct yw_lasting lasting;
    if (!yw_lasting_begin(&lasting, &io, argc - 2, argv + 2, 3, now_ms, &result))
        fail_msg("%s.%s: %s", argv[2], argv[3], result.output);
    if (lasting.kind == YW_LASTING_STAND)
        stand_between();
    for (int i = 0; i < 600; i++) {
        now_ms += 20;
        (void)yw_lasting_turn(&lasting, &io, now_ms);
    }
    yw_lasting_end(&lasting, &io, &result);
    assert_int_equal(result.code, 0);
}

static void attack(const struct row *row)
{
    char text[256];
    const char *argv[WORDS_MAX];
    int argc = 0;
    (void)begin(NULL);
    yw_plc_init_as(&plc, row->safety ? YW_PLC_SAFETY : YW_PLC_LOGIC, 9);
    load_logic();
    learn();
    if (row->safety)
        yw_plc_turn_key(&plc, YW_PLC_PROGRAM);
    (void)snprintf(text, sizeof(text), "%s", row->line);
    for (char *word = strtok(text, " "); word != NULL && argc < WORDS_MAX;
         word = strtok(NULL, " "))
        argv[argc++] = word;
    if (strcmp(argv[0], "background") == 0) {
        do_lasting(argc, argv);
        return;
    }
    yw_applet_run(&io, argc, argv, &result);
    if (result.code != 0)
        fail_msg("%s: %s", row->action, result.output);
}

static bool was_told(const char *seen, const char *kind)
{
    char word[64];
    (void)snprintf(word, sizeof(word), "%s ", kind);
    for (const char *at = seen; (at = strstr(at, word)) != NULL; at++) {
        if (at == seen || at[-1] == ' ')
            return true;
    }
    return false;
}

static void every_action_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        attack(&rows[i]);
        if (!was_told(told, rows[i].alert))
            fail_msg("%s: no %s among: %s", rows[i].action, rows[i].alert, told);
    }
}

static void every_family_leaves_its_alerts(void **state)
{
    (void)state;
    const struct yw_kit_family *family;
    for (size_t f = 0; (family = yw_kit_family(f)) != NULL; f++) {
        char action[YW_NAME_MAX];
        char kind[YW_NAME_MAX];
        static char all[8 * sizeof(told)];
        all[0] = '\0';
        for (size_t i = 0; yw_spec_word(family->actions, i, action); i++) {
            attack(row_of(action));
            strncat(all, told, sizeof(all) - strlen(all) - 1);
        }
        for (size_t i = 0; yw_spec_word(family->alerts, i, kind); i++) {
            if (!was_told(all, kind))
                fail_msg("%s: no %s among: %s", family->name, kind, all);
        }
    }
}

/* A quiet minute more of the same operator is no alert. */
static void the_usual_is_not_told(void **state)
{
    static const uint8_t ask[] = {3, 0, 40, 0, 2};
    static const uint8_t set[] = {6, 0, 40, 0, 100};
    uint8_t reply[YW_MODBUS_PDU_MAX];
    (void)state;
    yw_plc_init(&plc, 9);
    load_logic();
    learn();
    for (int i = 0; i < 60; i++, now_ms += 1000)
        (void)transact_as(HMI, 1, ask, sizeof(ask), reply);
    (void)transact_as(HMI, 1, set, sizeof(set), reply);
    assert_string_equal(told, "");
}

static int finish(void **state)
{
    (void)state;
    free(said);
    said = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_action_is_seen, begin, finish),
        cmocka_unit_test_setup_teardown(every_family_leaves_its_alerts, begin, finish),
        cmocka_unit_test_setup_teardown(the_usual_is_not_told, begin, finish)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
