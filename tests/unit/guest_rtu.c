#include "controller/rtu.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define A 0
#define B 1
#define STATION 7

static const char configuration[] = "station 7\n"
                                    "sensor u_kv 0 20\n"
                                    "sensor breaker 0 1\n"
                                    "sensor energy 0 1000000\n"
                                    "output breaker_cmd 0 1 1\n"
                                    "output limit 40 60 49\n"
                                    "# what masters see\n"
                                    "point 1001 M_DP_TB_1 breaker\n"
                                    "point 1002 M_SP_NA_1 breaker_cmd\n"
                                    "point 2001 M_ME_TF_1 u_kv deadband 0.5\n"
                                    "point 2002 M_ME_NB_1 u_kv scale 0.01\n"
                                    "point 2003 M_ME_NA_1 u_kv\n"
                                    "point 2101 M_IT_NA_1 energy\n"
                                    "point 3001 C_DC_NA_1 breaker_cmd select 10000\n"
                                    "point 4001 C_SE_NC_1 limit\n"
                                    "point 4002 C_SE_NB_1 limit scale 0.01\n";

static struct yw_rtu rtu;
static struct yw_iec104_link link_of[2];
static struct yw_iec104_asdu got[2][256]; /* what each master received */
static uint8_t bytes_of[2][256][YW_IEC104_APDU_MAX];
static int count_of[2];
static char last_line[YW_CHANNEL_LINE_MAX];
static char refused_line[YW_CHANNEL_LINE_MAX];
static int64_t now_ms;

static void on_line(void *arg, const char *line)
{
    (void)arg;
    (void)snprintf(last_line, sizeof(last_line), "%s", line);
    if (strstr(line, "refused") != NULL)
        (void)snprintf(refused_line, sizeof(refused_line), "%s", line);
}

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    (void)arg;
    while (size > 0) {
        struct yw_iec104_apdu apdu;
        struct yw_iec104_out out = {.size = 0};
        int length = yw_iec104_frame(at, size, &apdu);
        assert_true(length > 0);
        enum yw_iec104_event event =
            yw_iec104_link_take(&link_of[session], &apdu, now_ms, &out);
        assert_true(event != YW_IEC104_CLOSE);
        if (event == YW_IEC104_ASDU) {
            int n = count_of[session]++ % 256;
            memcpy(bytes_of[session][n], apdu.asdu, apdu.asdu_size);
            assert_true(
                yw_iec104_read(bytes_of[session][n], apdu.asdu_size, &got[session][n]));
        }
        at += length;
        size -= (size_t)length;
    }
    return true;
}

static void scan(double kv, double breaker)
{
    struct yw_field_record in = {
        .magic = YW_FIELD_MAGIC, .count = 3, .value = {kv, breaker, 1234}};
    struct yw_field_record out;
    now_ms += 100;
    assert_true(yw_rtu_sense(&rtu, &in));
    yw_rtu_scan(&rtu, now_ms, 1700000000000 + now_ms, &out);
    assert_true(out.magic == YW_FIELD_MAGIC && out.count == 2);
    for (int i = 0; i < 2; i++) {
        if (rtu.sessions[i].open)
            assert_true(yw_rtu_pump(&rtu, i, now_ms));
    }
}

static int feed(int session, const uint8_t *bytes, size_t size)
{
    int used = yw_rtu_feed(&rtu, session, bytes, size, now_ms);
    if (used >= 0 && !yw_rtu_pump(&rtu, session, now_ms))
        return -1;
    return used;
}

static void ask_u(int session, uint8_t function)
{
    struct yw_iec104_out out = {.size = 0};
    yw_iec104_link_ask(&link_of[session], function, now_ms, &out);
    assert_int_equal(feed(session, out.bytes, out.size), (int)out.size);
}

static void connect_master(int session, const char *from)
{
    yw_iec104_link_init(&link_of[session], true, now_ms);
    count_of[session] = 0;
    assert_true(yw_rtu_open(&rtu, session, from, now_ms));
    ask_u(session, YW_IEC104_STARTDT);
    assert_true(link_of[session].started);
}

static int setup(void **state)
{
    char problem[YW_CONF_PROBLEM_MAX] = "";
    (void)state;
    now_ms = 1000;
    yw_rtu_init(&rtu, 5);
    rtu.put = put;
    rtu.line = on_line;
    if (yw_rtu_load(&rtu, configuration, sizeof(configuration) - 1, problem) != 0) {
        fprintf(stderr, "%s\n", problem);
        return -1;
    }
    scan(10, 1);
    connect_master(A, "10.20.2.21");
    count_of[A] = 0; /* the end of its start */
    return 0;
}

/* Sends one command; cause ACTIVATION unless told. */
static int send_asdu(int session, const struct yw_iec104_asdu *head,
                     const struct yw_iec104_object *object)
{
    struct yw_iec104_buf asdu;
    uint8_t bytes[YW_IEC104_APDU_MAX];
    yw_iec104_begin(&asdu, head);
    assert_true(yw_iec104_add(&asdu, object));
    size_t size =
        yw_iec104_link_wrap(&link_of[session], asdu.bytes, asdu.size, now_ms, bytes);
    count_of[session] = 0;
    return feed(session, bytes, size);
}

static void act(int session, uint8_t type, uint32_t address, double value,
                uint8_t qualifier)
{
    const struct yw_iec104_asdu head = {
        .type = type, .cause = YW_IEC104_ACTIVATION, .originator = 3, .station = STATION};
    const struct yw_iec104_object object = {
        .address = address, .value = value, .qualifier = qualifier, .time_ms = 5};
    assert_true(send_asdu(session, &head, &object) >= 0);
}

static void expect(int session, int index, uint8_t type, uint8_t cause, bool negative)
{
    assert_true(index < count_of[session]);
    assert_int_equal(got[session][index].type, type);
    assert_int_equal(got[session][index].cause, cause);
    assert_int_equal(got[session][index].negative, negative);
    assert_int_equal(got[session][index].station, STATION);
}

static double value_at(int session, int index, unsigned which, uint32_t address)
{
    struct yw_iec104_object object;
    assert_true(yw_iec104_object(&got[session][index], which, &object));
    assert_int_equal(object.address, address);
    return object.value;
}

static void interrogation_tells_every_point(void **state)
{
    (void)state;
    act(A, YW_IEC104_C_IC_NA, 0, 0, 20);
    expect(A, 0, 100, YW_IEC104_ACTIVATION_CON, false);
    expect(A, 1, YW_IEC104_M_DP_NA, YW_IEC104_INTERROGATED, false);
    assert_true(fabs(value_at(A, 1, 0, 1001) - 2) < 1e-9);
    expect(A, 2, YW_IEC104_M_SP_NA, YW_IEC104_INTERROGATED, false);
    expect(A, 3, YW_IEC104_M_ME_NC, YW_IEC104_INTERROGATED, false);
    assert_true(fabs(value_at(A, 3, 0, 2001) - 10) < 1e-6);
    assert_true(fabs(value_at(A, 4, 0, 2002) - 1000) < 1e-6);
    assert_true(fabs(value_at(A, 5, 0, 2003) - 0.5) < 1e-4);
    expect(A, 6, 100, YW_IEC104_TERMINATION, false);
    assert_int_equal(got[A][6].originator, 3);
    assert_int_equal(count_of[A], 7);
    act(A, YW_IEC104_C_IC_NA, 0, 0, 21); /* a group */
    expect(A, 0, 100, YW_IEC104_ACTIVATION_CON, true);
}

static void changes_come_by_themselves(void **state)
{
    (void)state;
    count_of[A] = 0;
    scan(10.4, 1); /* within the dead band of 2001 */
    for (int i = 0; i < count_of[A]; i++)
        assert_true(got[A][i].type != YW_IEC104_M_ME_TF);
    count_of[A] = 0;
    scan(10.6, 0);
    expect(A, 0, YW_IEC104_M_DP_TB, YW_IEC104_SPONTANEOUS, false);
    struct yw_iec104_object object;
    assert_true(yw_iec104_object(&got[A][0], 0, &object));
    assert_true(object.address == 1001 && fabs(object.value - 1) < 1e-9);
    assert_int_equal(object.time_ms, 1700000000000 + now_ms);
    expect(A, 1, YW_IEC104_M_ME_TF, YW_IEC104_SPONTANEOUS, false);
    assert_true(fabs(value_at(A, 1, 0, 2001) - 10.6) < 1e-5);
}

static void selection_before_operation(void **state)
{
    (void)state;
    act(A, YW_IEC104_C_DC_NA, 3001, 1, 0); /* not selected */
    expect(A, 0, 46, YW_IEC104_ACTIVATION_CON, true);
    assert_string_equal(refused_line,
                        "{\"kind\":\"iec104-refused\",\"from\":\"10.20.2.21\",\"type\":"
                        "\"C_DC_NA_1\",\"ioa\":3001,\"mode\":\"execute\",\"old\":1,"
                        "\"new\":0,\"why\":\"not selected\"}");
    act(A, YW_IEC104_C_DC_NA, 3001, 1, YW_IEC104_SELECT);
    expect(A, 0, 46, YW_IEC104_ACTIVATION_CON, false);
    assert_true(rtu.outputs[0].value > 0.5);
    act(A, YW_IEC104_C_DC_NA, 3001, 2, 0); /* another value than selected */
    expect(A, 0, 46, YW_IEC104_ACTIVATION_CON, true);
    act(A, YW_IEC104_C_DC_NA, 3001, 1, 0);
    expect(A, 0, 46, YW_IEC104_ACTIVATION_CON, false);
    expect(A, 1, 46, YW_IEC104_TERMINATION, false);
    assert_true(rtu.outputs[0].value < 0.5);
    assert_string_equal(last_line,
                        "{\"kind\":\"iec104-command\",\"from\":\"10.20.2.21\",\"type\":"
                        "\"C_DC_NA_1\",\"ioa\":3001,\"mode\":\"execute\",\"old\":1,"
                        "\"new\":0}");
    act(A, YW_IEC104_C_DC_NA, 3001, 1, 0); /* a selection is used up */
    expect(A, 0, 46, YW_IEC104_ACTIVATION_CON, true);
}

static void selections_end(void **state)
{
    (void)state;
    connect_master(B, "10.20.2.66");
    act(A, YW_IEC104_C_DC_NA, 3001, 1, YW_IEC104_SELECT);
    act(B, YW_IEC104_C_DC_NA, 3001, 1, YW_IEC104_SELECT); /* it is A's */
    expect(B, 0, 46, YW_IEC104_ACTIVATION_CON, true);
    now_ms += 9999;
    act(B, YW_IEC104_C_DC_NA, 3001, 1, 0);
    expect(B, 0, 46, YW_IEC104_ACTIVATION_CON, true);
    now_ms += 1;
    act(A, YW_IEC104_C_DC_NA, 3001, 1, 0); /* too late */
    expect(A, 0, 46, YW_IEC104_ACTIVATION_CON, true);
    act(B, YW_IEC104_C_DC_NA, 3001, 1, YW_IEC104_SELECT);
    expect(B, 0, 46, YW_IEC104_ACTIVATION_CON, false);
    const struct yw_iec104_asdu cancel = {
        .type = 46, .cause = YW_IEC104_DEACTIVATION, .station = STATION};
    assert_true(send_asdu(B, &cancel, &(struct yw_iec104_object){.address = 3001}) >= 0);
    expect(B, 0, 46, YW_IEC104_DEACTIVATION_CON, false);
    act(B, YW_IEC104_C_DC_NA, 3001, 1, YW_IEC104_SELECT);
    yw_rtu_close(&rtu, B); /* who goes selects nothing any more */
    act(A, YW_IEC104_C_DC_NA, 3001, 1, YW_IEC104_SELECT);
    expect(A, 0, 46, YW_IEC104_ACTIVATION_CON, false);
    assert_true(rtu.outputs[0].value > 0.5);
}

static void set_points(void **state)
{
    (void)state;
    act(A, YW_IEC104_C_SE_NC, 4001, 48.5, 0);
    expect(A, 0, 50, YW_IEC104_ACTIVATION_CON, false);
    assert_true(fabs(rtu.outputs[1].value - 48.5) < 1e-6);
    act(A, YW_IEC104_C_SE_NB, 4002, 4750, 0);
    expect(A, 1, 49, YW_IEC104_TERMINATION, false);
    assert_true(fabs(rtu.outputs[1].value - 47.5) < 1e-6);
    act(A, YW_IEC104_C_SE_NC, 4001, 61, 0); /* out of range */
    expect(A, 0, 50, YW_IEC104_ACTIVATION_CON, true);
    act(A, YW_IEC104_C_SE_NC, 4001, NAN, 0);
    expect(A, 0, 50, YW_IEC104_ACTIVATION_CON, true);
    assert_true(fabs(rtu.outputs[1].value - 47.5) < 1e-6);
    act(A, YW_IEC104_C_SE_TC, 4001, 49, 0); /* with a time */
    expect(A, 0, 63, YW_IEC104_ACTIVATION_CON, false);
    const struct yw_iec104_asdu test = {.type = YW_IEC104_C_SE_NC,
                                        .cause = YW_IEC104_ACTIVATION,
                                        .test = true,
                                        .station = STATION};
    (void)send_asdu(A, &test, &(struct yw_iec104_object){.address = 4001, .value = 50});
    expect(A, 0, 50, YW_IEC104_ACTIVATION_CON, false);
    assert_true(got[A][0].test && fabs(rtu.outputs[1].value - 49) < 1e-6);
}

static void what_is_unknown_is_said_so(void **state)
{
    (void)state;
    act(A, YW_IEC104_C_DC_NA, 9, 1, 0);
    expect(A, 0, 46, YW_IEC104_UNKNOWN_OBJECT, true);
    act(A, YW_IEC104_C_SC_NA, 3001, 1, 0); /* it is a double command */
    expect(A, 0, 45, YW_IEC104_UNKNOWN_OBJECT, true);
    act(A, YW_IEC104_M_SP_NA, 1002, 1, 0);
    expect(A, 0, 1, YW_IEC104_UNKNOWN_TYPE, true);
    struct yw_iec104_asdu head = {
        .type = YW_IEC104_C_DC_NA, .cause = YW_IEC104_SPONTANEOUS, .station = STATION};
    const struct yw_iec104_object object = {.address = 3001, .value = 1};
    (void)send_asdu(A, &head, &object);
    expect(A, 0, 46, YW_IEC104_UNKNOWN_CAUSE, true);
    head.cause = YW_IEC104_ACTIVATION;
    head.station = STATION + 1;
    (void)send_asdu(A, &head, &object);
    assert_int_equal(got[A][0].cause, YW_IEC104_UNKNOWN_STATION);
    assert_true(got[A][0].negative && got[A][0].station == STATION + 1);
    head.station = YW_IEC104_BROADCAST; /* no command is for all */
    (void)send_asdu(A, &head, &object);
    assert_int_equal(got[A][0].cause, YW_IEC104_UNKNOWN_STATION);
    head.type = YW_IEC104_C_IC_NA;
    (void)send_asdu(A, &head, &(struct yw_iec104_object){.qualifier = 20});
    expect(A, 0, 100, YW_IEC104_ACTIVATION_CON, false);
}

static void counters_freeze(void **state)
{
    (void)state;
    act(A, YW_IEC104_C_CI_NA, 0, 0, 2 << 6 | 5); /* freeze and reset */
    expect(A, 0, 101, YW_IEC104_ACTIVATION_CON, false);
    expect(A, 1, 101, YW_IEC104_TERMINATION, false);
    act(A, YW_IEC104_C_RD_NA, 2001, 0, 0);
    expect(A, 0, 102, YW_IEC104_UNKNOWN_CAUSE, true);
    const struct yw_iec104_asdu read = {
        .type = 102, .cause = YW_IEC104_REQUESTED, .station = STATION};
    (void)send_asdu(A, &read, &(struct yw_iec104_object){.address = 2001});
    expect(A, 0, YW_IEC104_M_ME_NC, YW_IEC104_REQUESTED, false);
    act(A, YW_IEC104_C_CI_NA, 0, 0, 5);
    expect(A, 0, 101, YW_IEC104_ACTIVATION_CON, false);
    expect(A, 1, YW_IEC104_M_IT_NA, YW_IEC104_COUNTED, false);
    assert_true(fabs(value_at(A, 1, 0, 2101)) < 1e-9); /* since the reset */
    expect(A, 2, 101, YW_IEC104_TERMINATION, false);
}

static void clock_test_and_reset(void **state)
{
    (void)state;
    const struct yw_iec104_asdu clock = {
        .type = 103, .cause = YW_IEC104_ACTIVATION, .station = STATION};
    (void)send_asdu(A, &clock, &(struct yw_iec104_object){.time_ms = 1600000000000});
    expect(A, 0, 103, YW_IEC104_ACTIVATION_CON, false);
    scan(15, 1);
    struct yw_iec104_object object;
    assert_true(yw_iec104_object(&got[A][1], 0, &object));
    assert_int_equal(object.time_ms, 1600000000000 + 100);
    (void)send_asdu(A, &clock, &(struct yw_iec104_object){.time_ms = -1});
    expect(A, 0, 103, YW_IEC104_ACTIVATION_CON, true);
    const struct yw_iec104_asdu test = {
        .type = 104, .cause = YW_IEC104_ACTIVATION, .station = STATION};
    (void)send_asdu(A, &test, &(struct yw_iec104_object){.pattern = 0x55aa});
    expect(A, 0, 104, YW_IEC104_ACTIVATION_CON, false);
    assert_true(yw_iec104_object(&got[A][0], 0, &object) && object.pattern == 0x55aa);
    const struct yw_iec104_asdu reset = {
        .type = 105, .cause = YW_IEC104_ACTIVATION, .station = STATION};
    assert_int_equal(send_asdu(A, &reset, &(struct yw_iec104_object){.qualifier = 1}),
                     -1);
    expect(A, 0, 105, YW_IEC104_ACTIVATION_CON, false);
    assert_string_equal(last_line,
                        "{\"kind\":\"iec104-reset\",\"from\":\"10.20.2.21\",\"what\":1}");
    yw_rtu_close(&rtu, A);
    yw_iec104_link_init(&link_of[A], true, now_ms);
    count_of[A] = 0;
    assert_true(yw_rtu_open(&rtu, A, "10.20.2.21", now_ms));
    ask_u(A, YW_IEC104_STARTDT);
    expect(A, 0, YW_IEC104_M_EI_NA, YW_IEC104_INITIALISED, false);
}

static void a_switch_and_a_list_of_masters(void **state)
{
    (void)state;
    char problem[YW_CONF_PROBLEM_MAX] = "";
    assert_int_equal(yw_rtu_set(&rtu, "local", "on", problem), 0);
    act(A, YW_IEC104_C_SE_NC, 4001, 48.5, 0);
    expect(A, 0, 50, YW_IEC104_ACTIVATION_CON, true);
    assert_true(strstr(refused_line, "\"why\":\"local\"") != NULL);
    assert_int_equal(yw_rtu_set(&rtu, "local", "maybe", problem), -1);
    assert_string_equal(problem, "local: expected on or off");
    assert_int_equal(yw_rtu_set(&rtu, "masters", "10.20.2.21", problem), 0);
    assert_false(yw_rtu_open(&rtu, B, "10.20.2.66", now_ms));
    assert_string_equal(
        last_line,
        "{\"kind\":\"iec104-master\",\"from\":\"10.20.2.66\",\"state\":\"refused\"}");
}

static void stale_sensors_are_not_topical(void **state)
{
    (void)state;
    struct yw_field_record out;
    now_ms += YW_RTU_STALE_MS + 1;
    yw_rtu_scan(&rtu, now_ms, now_ms, &out);
    count_of[A] = 0;
    assert_true(yw_rtu_pump(&rtu, A, now_ms));
    struct yw_iec104_object object;
    assert_true(yw_iec104_object(&got[A][0], 0, &object));
    assert_int_equal(object.quality, YW_IEC104_NOT_TOPICAL);
    scan(25, 1); /* beyond its range */
    bool found = false;
    for (int i = 0; i < count_of[A]; i++) {
        if (got[A][i].type == YW_IEC104_M_ME_TF &&
            yw_iec104_object(&got[A][i], 0, &object))
            found = object.quality == YW_IEC104_OVERFLOW;
    }
    assert_true(found);
}

static int answer(const char *from, uint8_t function, uint16_t address, uint16_t value,
                  uint8_t *reply)
{
    const uint8_t pdu[] = {function, (uint8_t)(address >> 8), (uint8_t)(address & 255),
                           (uint8_t)(value >> 8), (uint8_t)(value & 255)};
    return (int)yw_rtu_answer(&rtu, from, pdu, sizeof(pdu), reply);
}

static void registers_mirror_the_points(void **state)
{
    (void)state;
    uint8_t reply[YW_MODBUS_PDU_MAX];
    assert_int_equal(answer("10.20.2.66", 4, 0, 2, reply), 6);
    assert_int_equal(reply[2] << 8 | reply[3], 10000); /* 10 kV by 0.001 */
    assert_int_equal(reply[4] << 8 | reply[5], 1000);
    assert_int_equal(answer("10.20.2.66", 4, YW_RTU_COUNTERS_AT, 2, reply), 6);
    assert_int_equal(reply[4] << 8 | reply[5], 1234);
    assert_int_equal(answer("10.20.2.66", 6, 1, 4850, reply), 5);
    assert_true(fabs(rtu.outputs[1].value - 48.5) < 1e-9);
    assert_string_equal(last_line,
                        "{\"kind\":\"modbus-write\",\"from\":\"10.20.2.66\",\"fc\":6,"
                        "\"table\":\"holding\",\"address\":1,\"old\":4900,\"new\":4850}");
    assert_int_equal(answer("10.20.2.66", 6, 1, 100, reply), 2);
    assert_int_equal(reply[1], YW_MODBUS_ILLEGAL_VALUE);
    assert_int_equal(answer("10.20.2.66", 5, 0, 0, reply), 2); /* wants a selection */
    assert_int_equal(reply[1], YW_MODBUS_ILLEGAL_FUNCTION);
    assert_int_equal(answer("10.20.2.66", 6, 70, 1, reply), 2);
    assert_int_equal(reply[1], YW_MODBUS_ILLEGAL_ADDRESS);
    assert_true(rtu.outputs[0].value > 0.5);
}

static void a_master_that_does_not_read_loses_the_oldest(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * YW_RTU_EVENTS_MAX; i++) {
        struct yw_field_record in = {
            .magic = YW_FIELD_MAGIC, .count = 3, .value = {10, i % 2, 0}};
        struct yw_field_record out;
        assert_true(yw_rtu_sense(&rtu, &in));
        yw_rtu_scan(&rtu, now_ms, now_ms, &out);
    }
    count_of[A] = 0;
    assert_true(yw_rtu_pump(&rtu, A, now_ms));
    assert_true(count_of[A] <= YW_IEC104_K);
    /* k frames are out and nobody acknowledges: left after t1. */
    link_of[A].received = 0;
    assert_true(yw_rtu_due(&rtu) <= now_ms + YW_IEC104_T1_MS);
    bool alive = true;
    for (int i = 0; i < 200 && alive; i++)
        alive = yw_rtu_pump(&rtu, A, now_ms += 100);
    assert_false(alive);
}

static void refuse_text(const char *text, const char *wanted)
{
    static struct yw_rtu other;
    char problem[YW_CONF_PROBLEM_MAX] = "";
    yw_rtu_init(&other, 1);
    assert_int_equal(yw_rtu_load(&other, text, strlen(text), problem), -1);
    assert_string_equal(problem, wanted);
}

static void faults_name_their_line(void **state)
{
    (void)state;
    refuse_text("station 0", "line 1: expected station, masters, sensor, output or "
                             "point, got 'station'");
    refuse_text("\n\nsensor a 1 0", "line 3: expected numbers that rise, got '0'");
    refuse_text("sensor a 0 1\npoint 1 M_XX a",
                "line 2: no type for a point, got 'M_XX'");
    refuse_text("point 1 M_SP_NA_1 a", "line 1: no such sensor or output, got 'a'");
    refuse_text("sensor a 0 1\npoint 1 C_SC_NA_1 a",
                "line 2: no such sensor or output, got 'a'");
    refuse_text("sensor a 0 1\npoint 1 M_SP_NA_1 a\npoint 1 M_SP_NA_1 a",
                "line 3: this address has a point, got '1'");
    refuse_text("sensor a 0 1\npoint 1 M_SP_NA_1 a deadband x",
                "line 2: expected deadband, scale or select with a number, got "
                "'deadband'");
    refuse_text("sensor \"a 0 1", "line 1: too long");
    static char many[YW_RTU_POINTS_MAX * 40 + 100];
    size_t used = (size_t)snprintf(many, sizeof(many), "sensor a 0 1\n");
    for (int i = 0; i <= YW_RTU_POINTS_MAX; i++)
        used += (size_t)snprintf(many + used, sizeof(many) - used,
                                 "point %d M_SP_NA_1 a\n", i + 1);
    refuse_text(many, "line 130: at most 128 points");
}

/* Any sequence of frames keeps the outputs inside their ranges and the answers well
 * formed (put checks them). */
static void no_sequence_leaves_the_ranges(void **state)
{
    (void)state;
    unsigned seed = 99;
    static const uint8_t types[] = {45, 46, 48, 49,  50,  58, 59,
                                    61, 62, 63, 100, 101, 103};
    for (int i = 0; i < 20000; i++) {
        const struct yw_iec104_asdu head = {
            .type = types[(size_t)rand_r(&seed) % sizeof(types)],
            .cause =
                rand_r(&seed) % 5 == 0 ? YW_IEC104_DEACTIVATION : YW_IEC104_ACTIVATION,
            .station = STATION};
        const struct yw_iec104_object object = {
            .address = (uint32_t[]){0, 3001, 4001, 4002, 2001}[rand_r(&seed) % 5],
            .value = rand_r(&seed) % 100,
            .qualifier = rand_r(&seed) % 2 == 0 ? YW_IEC104_SELECT : 0,
            .time_ms = 1};
        if (!yw_iec104_link_room(&link_of[A]) || send_asdu(A, &head, &object) < 0) {
            yw_rtu_close(&rtu, A);
            connect_master(A, "10.20.2.21");
        }
        scan(rand_r(&seed) % 20, rand_r(&seed) % 2);
        for (int k = 0; k < rtu.output_count; k++)
            assert_true(rtu.outputs[k].value >= rtu.outputs[k].low &&
                        rtu.outputs[k].value <= rtu.outputs[k].high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(interrogation_tells_every_point, setup),
        cmocka_unit_test_setup(changes_come_by_themselves, setup),
        cmocka_unit_test_setup(selection_before_operation, setup),
        cmocka_unit_test_setup(selections_end, setup),
        cmocka_unit_test_setup(set_points, setup),
        cmocka_unit_test_setup(what_is_unknown_is_said_so, setup),
        cmocka_unit_test_setup(counters_freeze, setup),
        cmocka_unit_test_setup(clock_test_and_reset, setup),
        cmocka_unit_test_setup(a_switch_and_a_list_of_masters, setup),
        cmocka_unit_test_setup(stale_sensors_are_not_topical, setup),
        cmocka_unit_test_setup(registers_mirror_the_points, setup),
        cmocka_unit_test_setup(a_master_that_does_not_read_loses_the_oldest, setup),
        cmocka_unit_test(faults_name_their_line),
        cmocka_unit_test_setup(no_sequence_leaves_the_ranges, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
