/* Attacks that go on for a while, against a controller that is there or is not; and the one who
 * stands between two machines, frame by frame. */
#include "controller/between.h"
#include "controller/lasting.h"
#include "controller/plc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOST "10.20.2.11"
#define PLC 0x0a14020bu
#define HMI 0x0a140215u
#define WORDS_MAX 20

static struct yw_plc plc;
static struct yw_lasting lasting;
static struct yw_applet_result result;
static bool cut;
static int opens, closes;

static int transact(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                    size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    (void)arg;
    if (cut || strcmp(host, HOST) != 0)
        return -1;
    return (int)yw_plc_answer(&plc, "10.20.2.66", unit, pdu, size, reply);
}

static bool reach(void *arg, const char *host)
{
    (void)arg;
    return !cut && strcmp(host, "10.20.2.99") != 0;
}

static int open_stream(void *arg, const char *host, uint16_t port)
{
    (void)arg;
    assert_string_equal(host, HOST);
    assert_int_equal(port, YW_MODBUS_PORT);
    return opens++;
}

static void close_stream(void *arg, int stream)
{
    (void)arg;
    assert_true(stream < opens);
    closes++;
}

static const struct yw_applet_io io = {
    .transact = transact, .reach = reach, .open = open_stream, .close = close_stream};

static int start(void **state)
{
    (void)state;
    yw_plc_init(&plc, 9);
    plc.bank.holding[40] = 100;
    cut = false;
    opens = closes = 0;
    return 0;
}

static bool begin(const char *line)
{
    char text[512];
    const char *argv[WORDS_MAX];
    int argc = 0;
    (void)snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word != NULL && argc < WORDS_MAX;
         word = strtok(NULL, " "))
        argv[argc++] = word;
    return yw_lasting_begin(&lasting, &io, argc, argv, 7, 1000, &result);
}

static void ramps_little_by_little(void **state)
{
    (void)state;
    assert_true(begin("modbus ramp " HOST " 1 holding 40 now 1100 10 10000"));
    assert_string_equal(result.output, "{\"began\":true,\"old\":100}");
    assert_int_equal(plc.bank.holding[40], 200);
    assert_int_equal(yw_lasting_turn(&lasting, &io, 1999), 2000);
    assert_int_equal(plc.bank.holding[40], 200);
    (void)yw_lasting_turn(&lasting, &io, 2000);
    assert_int_equal(plc.bank.holding[40], 300);
    cut = true; /* a step that does not arrive is made up for by the next */
    (void)yw_lasting_turn(&lasting, &io, 3000);
    cut = false;
    (void)yw_lasting_turn(&lasting, &io, 4000);
    assert_int_equal(plc.bank.holding[40], 500);
    assert_true(yw_lasting_turn(&lasting, &io, 60000) == INT64_MAX);
    assert_int_equal(plc.bank.holding[40], 1100);
    yw_lasting_end(&lasting, &io, &result);
    assert_int_equal(plc.bank.holding[40], 100);
    assert_string_equal(result.output, "{\"steps\":10,\"restored\":true}");
}

static void ramps_down_as_well(void **state)
{
    (void)state;
    assert_true(begin("modbus ramp " HOST " 1 holding 40 100 0 4 400"));
    assert_int_equal(plc.bank.holding[40], 75);
    (void)yw_lasting_turn(&lasting, &io, 5000);
    assert_int_equal(plc.bank.holding[40], 0);
}

static void toggles_and_holds(void **state)
{
    (void)state;
    assert_true(begin("modbus toggle " HOST " 1 coil 3 0 1 500 2000"));
    assert_int_equal(plc.bank.coil[3], 1);
    (void)yw_lasting_turn(&lasting, &io, 1500);
    assert_int_equal(plc.bank.coil[3], 0);
    (void)yw_lasting_turn(&lasting, &io, 2000);
    assert_int_equal(plc.bank.coil[3], 1);
    assert_true(yw_lasting_turn(&lasting, &io, 9000) == INT64_MAX);
    yw_lasting_end(&lasting, &io, &result);
    assert_int_equal(plc.bank.coil[3], 0);

    assert_true(begin("modbus hold " HOST " 1 holding 40 7 1000 5000"));
    plc.bank.holding[40] = 8; /* the operator sets it back */
    (void)yw_lasting_turn(&lasting, &io, 2000);
    assert_int_equal(plc.bank.holding[40], 7);
    yw_lasting_end(&lasting, &io, &result);
    assert_int_equal(plc.bank.holding[40], 100);
}

/* Within its registers, and all of them are put back. */
static void fuzzes_and_forgets_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        plc.bank.holding[50 + i] = (uint16_t)(i + 1);
    assert_true(begin("modbus fuzz " HOST " 1 holding 51 4 100 5000"));
    (void)yw_lasting_turn(&lasting, &io, 2000);
    int changed = 0;
    for (int i = 0; i < 10; i++)
        changed += plc.bank.holding[50 + i] != i + 1;
    assert_in_range(changed, 2, 4);
    assert_int_equal(plc.bank.holding[50], 1);
    assert_int_equal(plc.bank.holding[55], 6);
    yw_lasting_end(&lasting, &io, &result);
    for (int i = 0; i < 10; i++)
        assert_int_equal(plc.bank.holding[50 + i], i + 1);
}

static void floods_at_its_rate(void **state)
{
    (void)state;
    assert_true(begin("modbus flood " HOST " 100 10000"));
    for (int64_t now = 1020; now <= 2000; now += 20)
        (void)yw_lasting_turn(&lasting, &io, now);
    assert_in_range(opens, 95, 105);
    assert_int_equal(opens - closes, YW_LASTING_OPEN_MAX);
    yw_lasting_end(&lasting, &io, &result);
    assert_int_equal(opens, closes);
}

/* ---- drill time ---- */

static struct yw_pace pace;

static const struct yw_pace *pace_of(void *arg)
{
    (void)arg;
    return &pace;
}

static void drill_time_runs_as_it_is_told(void **state)
{
    (void)state;
    yw_pace_init(&pace, 1000);
    assert_int_equal(yw_pace_now(&pace, 3000), 2000);
    yw_pace_set(&pace, 8000, 3000);
    assert_int_equal(yw_pace_now(&pace, 4000), 10000);
    assert_int_equal(yw_pace_wall(&pace, 10000), 4000);
    assert_int_equal(yw_pace_wall(&pace, 10001), 4001);
    assert_int_equal(yw_pace_wall(&pace, 5), 3000); /* long ago */
    yw_pace_set(&pace, 0, 4000);
    assert_int_equal(yw_pace_now(&pace, 99000), 10000);
    assert_true(yw_pace_wall(&pace, 10001) == INT64_MAX);
    yw_pace_set(&pace, 1, 99000);
    assert_int_equal(yw_pace_now(&pace, 199000), 10100);
}

static void only_a_whole_pace_is_understood(void **state)
{
    static const char *const bad[] = {
        "", "8000", "\n", "8,5\n", "-1\n", "1000001\n", "99999999999999999999\n"};
    uint32_t permille = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(yw_pace_read(bad[i], strlen(bad[i]), &permille));
    assert_int_equal(permille, 7);
    assert_true(yw_pace_read("0\n", 2, &permille) && permille == 0);
    assert_true(yw_pace_read("1000000\n", 8, &permille) && permille == YW_PACE_MAX);
}

/* At eight times the wall's pace a span is over in an eighth of it; a pause is no part of it; a
 * flood opens as many a second of the wall as it says. */
static void a_span_is_of_drill_time(void **state)
{
    const struct yw_applet_io paced = {.transact = transact,
                                       .reach = reach,
                                       .open = open_stream,
                                       .close = close_stream,
                                       .pace = pace_of};
    static const char *const ramp[] = {"modbus", "ramp", HOST,   "1",  "holding",
                                       "40",     "now",  "1100", "10", "80000"};
    static const char *const rush[] = {"modbus", "flood", HOST, "100", "16000"};

    (void)state;
    yw_pace_init(&pace, 0);
    yw_pace_set(&pace, 8000, 0);
    assert_true(yw_lasting_begin(&lasting, &paced, 10, ramp, 7, 1000, &result));
    assert_int_equal(plc.bank.holding[40], 200);
    (void)yw_lasting_turn(&lasting, &paced, 1999);
    assert_int_equal(plc.bank.holding[40], 200);
    assert_true(yw_lasting_turn(&lasting, &paced, 2000) <= 2000 + YW_PACE_LOOK_MS);
    assert_int_equal(plc.bank.holding[40], 300);
    yw_pace_set(&pace, 0, 2500);
    (void)yw_lasting_turn(&lasting, &paced, 60000);
    assert_int_equal(plc.bank.holding[40], 300);
    yw_pace_set(&pace, 8000, 60000);
    assert_int_equal(yw_lasting_turn(&lasting, &paced, 60450), 60500);
    assert_true(yw_lasting_turn(&lasting, &paced, 67600) == INT64_MAX);
    assert_int_equal(plc.bank.holding[40], 1100);
    yw_lasting_end(&lasting, &paced, &result);

    assert_true(yw_lasting_begin(&lasting, &paced, 5, rush, 7, 70000, &result));
    for (int64_t now = 70020; now <= 71000; now += 20)
        (void)yw_lasting_turn(&lasting, &paced, now);
    assert_in_range(opens, 95, 105);
    yw_lasting_end(&lasting, &paced, &result);
}

static void refused(const char *line, const char *why)
{
    assert_false(begin(line));
    assert_int_equal(result.code, 1);
    if (strstr(result.output, why) == NULL)
        fail_msg("%s: %s", line, result.output);
}

static void what_cannot_begin_says_so(void **state)
{
    static const char *const lines[] = {
        "modbus ramp",
        "modbus ramp " HOST " 1 holding 40 now 65536 10 10000",
        "modbus ramp " HOST " 1 holding 40 now 7 0 10000",
        "modbus ramp " HOST " 1 holding 40 now 7 1001 1800000",
        "modbus ramp " HOST " 1 holding 40 now 7 100 4999", /* steps below 50 ms */
        "modbus ramp " HOST " 1 holding 40 now 7 10 1800001",
        "modbus ramp " HOST " 1 input 40 now 7 10 1000",
        "modbus toggle " HOST " 1 coil 3 0 2 500 2000",
        "modbus toggle " HOST " 1 coil 3 0 1 49 2000",
        "modbus fuzz " HOST " 1 holding 1 101 100 1000",
        "modbus fuzz " HOST " 1 holding 65535 2 100 1000",
        "modbus flood " HOST " 1001 1000",
        "modbus flood " HOST " 0 1000",
        "aitm stand " HOST " 10.20.2.21 120001 nothing 1000",
        "aitm stand " HOST " 10.20.2.21 0 some 1000",
        "aitm stand " HOST " 0 nothing 1000",
        "opcua hold",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        refused(lines[i], "usage");
    refused("modbus hold 10.20.2.12 1 holding 40 7 1000 5000", "unreachable");
    refused("aitm stand " HOST " 10.20.2.99 0 nothing 1000", "unreachable");
    refused("modbus hold " HOST " 1 holding 92 7 1000 5000", "refused");
    assert_int_equal(plc.bank.holding[40], 100);
}

/* ---- between ---- */

static struct yw_between between;
static uint8_t out[YW_BETWEEN_FRAME_MAX];
static const uint8_t own[6] = {2, 0, 0, 0, 0, 66};
static const uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 11}, {2, 0, 0, 0, 0, 21}};

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

/* A frame of an end to us, as the other's. */
static size_t segment(uint8_t *frame, int from, const uint8_t *adu, size_t size)
{
    memset(frame, 0, 54);
    memcpy(frame, own, 6);
    memcpy(frame + 6, macs[from], 6);
    put16(frame + 12, 0x0800);
    frame[14] = 0x45;
    put16(frame + 16, (unsigned)(40 + size));
    frame[22] = 64;
    frame[23] = 6;
    put32(frame + 26, from == 0 ? PLC : HMI);
    put32(frame + 30, from == 0 ? HMI : PLC);
    put16(frame + 34, from == 0 ? 502 : 40000);
    put16(frame + 36, from == 0 ? 40000 : 502);
    frame[46] = 0x50;
    frame[47] = 0x18;
    memcpy(frame + 54, adu, size);
    return 54 + size;
}

static uint32_t folded(const uint8_t *bytes, size_t size, uint32_t total)
{
    for (size_t i = 0; i < size; i++)
        total += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return total;
}

static void learn(int end)
{
    uint8_t frame[YW_BETWEEN_ARP_SIZE] = {0};
    memcpy(frame, own, 6);
    memcpy(frame + 6, macs[end], 6);
    put16(frame + 12, 0x0806);
    memcpy(frame + 14, "\x00\x01\x08\x00\x06\x04\x00\x02", 8);
    memcpy(frame + 22, macs[end], 6);
    put32(frame + 28, end == 0 ? PLC : HMI);
    put32(frame + 38, 0x0a140242);
    assert_int_equal(yw_between_frame(&between, frame, sizeof(frame), 0, out), 0);
    assert_true(between.known[end]);
}

static int stand(void **state)
{
    static const uint32_t ends[2] = {PLC, HMI};
    (void)state;
    yw_between_init(&between, own, 0x0a140242, ends);
    learn(0);
    learn(1);
    return 0;
}

/* Reads register 0 through us; the value that arrives. -1: nothing does. */
static int read_through(uint16_t transaction, uint16_t truth, int64_t now_ms)
{
    uint8_t frame[200];
    uint8_t ask[] = {0, 0, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1};
    uint8_t answer[] = {0, 0, 0, 0, 0, 5, 1, 4, 2, 0, 0};
    put16(ask, transaction);
    put16(answer, transaction);
    put16(answer + 9, truth);
    size_t size = segment(frame, 1, ask, sizeof(ask));
    if (yw_between_frame(&between, frame, size, now_ms, out) == 0)
        return -1;
    assert_memory_equal(out, macs[0], 6);
    assert_memory_equal(out + 6, own, 6);
    assert_memory_equal(out + 54, ask, sizeof(ask));
    size = segment(frame, 0, answer, sizeof(answer));
    if (yw_between_frame(&between, frame, size, now_ms, out) == 0)
        return -1;
    assert_memory_equal(out, macs[1], 6);
    /* The check sum fits what it carries. */
    assert_int_equal(
        folded(out + 34, size - 34, folded(out + 26, 8, 6 + (uint32_t)size - 34)),
        0xffff);
    return out[54 + 9] << 8 | out[54 + 10];
}

static void old_answers_in_place_of_true_ones(void **state)
{
    (void)state;
    between.replay_from_ms = 3000;
    assert_int_equal(read_through(1, 10, 1000), 10);
    assert_int_equal(read_through(2, 11, 2000), 11);
    assert_int_equal(read_through(3, 99, 3000), 10);
    assert_int_equal(read_through(4, 99, 4000), 11);
    assert_int_equal(read_through(5, 99, 5000), 10);
    assert_int_equal(between.changed, 3);
}

static void without_replay_all_is_true(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 200; i++)
        assert_int_equal(read_through(i, i, i * 1000), i);
    assert_int_equal(between.changed, 0);
}

static void orders_and_reports_are_kept(void **state)
{
    static const uint8_t order[] = {0, 9, 0, 0, 0, 6, 1, 6, 0, 40, 0, 100};
    uint8_t frame[200];
    (void)state;
    size_t size = segment(frame, 1, order, sizeof(order));
    assert_int_equal(yw_between_frame(&between, frame, size, 0, out), size);
    between.drop = YW_BETWEEN_COMMANDS;
    assert_int_equal(yw_between_frame(&between, frame, size, 0, out), 0);
    assert_int_equal(read_through(1, 10, 1000), 10);
    between.drop = YW_BETWEEN_REPORTS;
    assert_int_equal(yw_between_frame(&between, frame, size, 0, out), size);
    assert_int_equal(read_through(2, 10, 1000), -1);
    assert_int_equal(between.dropped, 2);
}

static void tells_each_that_we_are_the_other(void **state)
{
    uint8_t arp[YW_BETWEEN_ARP_SIZE];
    (void)state;
    yw_between_tell(&between, 1, false, arp); /* to the station: the controller is here */
    assert_memory_equal(arp, macs[1], 6);
    assert_memory_equal(arp + 22, own, 6);
    assert_int_equal(arp[31], 11);
    yw_between_tell(&between, 1, true, arp);
    assert_memory_equal(arp + 22, macs[0], 6);
    assert_memory_equal(arp + 6, own, 6);
    /* Who asks for the other is told at once. */
    put16(arp + 20, 1);
    memcpy(arp + 22, macs[1], 6);
    put32(arp + 28, HMI);
    put32(arp + 38, PLC);
    assert_int_equal(yw_between_frame(&between, arp, sizeof(arp), 0, out),
                     YW_BETWEEN_ARP_SIZE);
    assert_memory_equal(out + 22, own, 6);
    assert_int_equal(out[31], 11);
}

/* Frames of others, cut or wrong, go nowhere; nothing reads beyond them. */
static void strange_frames_go_nowhere(void **state)
{
    static const uint8_t ask[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
    uint8_t frame[200];
    (void)state;
    size_t size = segment(frame, 1, ask, sizeof(ask));
    for (size_t cut_at = 0; cut_at < size; cut_at++)
        assert_int_equal(yw_between_frame(&between, frame, cut_at, 0, out), 0);
    frame[29] = 99; /* another sender */
    assert_int_equal(yw_between_frame(&between, frame, size, 0, out), 0);
    size = segment(frame, 1, ask, sizeof(ask));
    frame[0] = 4; /* not for us */
    assert_int_equal(yw_between_frame(&between, frame, size, 0, out), 0);
    size = segment(frame, 1, ask, sizeof(ask));
    frame[46] = 0xf0; /* a head longer than the segment */
    assert_int_equal(yw_between_frame(&between, frame, size, 0, out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ramps_little_by_little, start),
        cmocka_unit_test_setup(ramps_down_as_well, start),
        cmocka_unit_test_setup(toggles_and_holds, start),
        cmocka_unit_test_setup(fuzzes_and_forgets_nothing, start),
        cmocka_unit_test_setup(floods_at_its_rate, start),
        cmocka_unit_test_setup(drill_time_runs_as_it_is_told, start),
        cmocka_unit_test_setup(only_a_whole_pace_is_understood, start),
        cmocka_unit_test_setup(a_span_is_of_drill_time, start),
        cmocka_unit_test_setup(what_cannot_begin_says_so, start),
        cmocka_unit_test_setup(old_answers_in_place_of_true_ones, stand),
        cmocka_unit_test_setup(without_replay_all_is_true, stand),
        cmocka_unit_test_setup(orders_and_reports_are_kept, stand),
        cmocka_unit_test_setup(tells_each_that_we_are_the_other, stand),
        cmocka_unit_test_setup(strange_frames_go_nowhere, stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
