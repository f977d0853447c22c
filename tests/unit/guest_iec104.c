#include "controller/iec104_link.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 68 0E … as every description of the protocol prints it. */
static const uint8_t interrogation[] = {0x68, 0x0e, 0, 0, 0, 0, 100, 1,
                                        6,    0,    1, 0, 0, 0, 0,   20};

static struct yw_iec104_link master;
static struct yw_iec104_link slave;
static struct yw_iec104_out to_master;
static struct yw_iec104_out to_slave;

static int begin(void **state)
{
    (void)state;
    yw_iec104_link_init(&master, true, 0);
    yw_iec104_link_init(&slave, false, 0);
    to_master.size = 0;
    to_slave.size = 0;
    return 0;
}

/* The first frame of `from` goes to the other end. */
static enum yw_iec104_event pass(struct yw_iec104_link *to, struct yw_iec104_out *from,
                                 int64_t now_ms, struct yw_iec104_out *answer)
{
    struct yw_iec104_apdu apdu;
    int size = yw_iec104_frame(from->bytes, from->size, &apdu);
    assert_int_equal(size, 6);
    enum yw_iec104_event event = yw_iec104_link_take(to, &apdu, now_ms, answer);
    from->size -= 6;
    memmove(from->bytes, from->bytes + 6, from->size);
    return event;
}

static void start(void)
{
    yw_iec104_link_ask(&master, YW_IEC104_STARTDT, 0, &to_slave);
    assert_int_equal(pass(&slave, &to_slave, 0, &to_master), YW_IEC104_STARTED);
    assert_int_equal(pass(&master, &to_master, 0, &to_slave), YW_IEC104_STARTED);
    assert_true(master.started && slave.started);
}

static enum yw_iec104_event send(struct yw_iec104_link *from, struct yw_iec104_link *to,
                                 int64_t now_ms, struct yw_iec104_out *answer)
{
    uint8_t bytes[YW_IEC104_APDU_MAX];
    struct yw_iec104_apdu apdu;
    size_t size = yw_iec104_link_wrap(from, interrogation + 6, 10, now_ms, bytes);
    assert_int_equal(size, 16);
    assert_int_equal(yw_iec104_frame(bytes, size, &apdu), 16);
    return yw_iec104_link_take(to, &apdu, now_ms, answer);
}

static void frames_are_those_of_the_standard(void **state)
{
    (void)state;
    struct yw_iec104_apdu apdu;
    struct yw_iec104_asdu asdu;
    struct yw_iec104_object object;
    uint8_t bytes[YW_IEC104_APDU_MAX];
    const uint8_t start_act[] = {0x68, 4, 7, 0, 0, 0};
    assert_int_equal(yw_iec104_frame(interrogation, 16, &apdu), 16);
    assert_true(apdu.kind == YW_IEC104_I && apdu.sent == 0 && apdu.received == 0);
    assert_true(yw_iec104_read(apdu.asdu, apdu.asdu_size, &asdu));
    assert_int_equal(asdu.type, YW_IEC104_C_IC_NA);
    assert_int_equal(asdu.cause, YW_IEC104_ACTIVATION);
    assert_int_equal(asdu.station, 1);
    assert_true(yw_iec104_object(&asdu, 0, &object));
    assert_true(object.address == 0 && object.qualifier == 20);
    assert_false(yw_iec104_object(&asdu, 1, &object));
    assert_int_equal(yw_iec104_put_i(0, 0, interrogation + 6, 10, bytes), 16);
    assert_memory_equal(bytes, interrogation, 16);
    assert_int_equal(yw_iec104_put_u(YW_IEC104_STARTDT, bytes), 6);
    assert_memory_equal(bytes, start_act, 6);
    assert_int_equal(yw_iec104_put_s(0x1234, bytes), 6);
    assert_int_equal(yw_iec104_frame(bytes, 6, &apdu), 6);
    assert_true(apdu.kind == YW_IEC104_S && apdu.received == 0x1234);
}

static void no_frame_is_refused(void **state)
{
    (void)state;
    struct yw_iec104_apdu apdu;
    uint8_t bytes[300];
    memcpy(bytes, interrogation, 16);
    for (size_t size = 0; size < 16; size++)
        assert_int_equal(yw_iec104_frame(bytes, size, &apdu), 0);
    bytes[0] = 0x69;
    assert_int_equal(yw_iec104_frame(bytes, 1, &apdu), -1);
    bytes[0] = 0x68;
    for (int length = 0; length < 4; length++) {
        bytes[1] = (uint8_t)length;
        assert_int_equal(yw_iec104_frame(bytes, 16, &apdu), -1);
    }
    bytes[1] = 9; /* an I frame whose ASDU has no head */
    assert_int_equal(yw_iec104_frame(bytes, 16, &apdu), -1);
    bytes[1] = 254;
    assert_int_equal(yw_iec104_frame(bytes, 300, &apdu), -1);
    bytes[1] = 5;
    bytes[2] = 7; /* a U frame is four octets */
    assert_int_equal(yw_iec104_frame(bytes, 16, &apdu), -1);
    struct yw_iec104_buf long_one = {.size = YW_IEC104_ASDU_MAX};
    assert_int_equal(yw_iec104_put_i(0, 0, long_one.bytes, YW_IEC104_ASDU_MAX, bytes),
                     255);
    assert_int_equal(yw_iec104_put_i(0, 0, bytes, YW_IEC104_ASDU_MAX + 1, bytes), 0);
}

/* Every type, many values: what was written is read. */
static void objects_come_back(void **state)
{
    (void)state;
    unsigned seed = 7;
    const struct yw_iec104_shape *shape;
    for (size_t t = 0; (shape = yw_iec104_shape_at(t)) != NULL; t++) {
        for (int round = 0; round < 200; round++) {
            const struct yw_iec104_asdu head = {.type = shape->type,
                                                .cause = (uint8_t)(rand_r(&seed) % 64),
                                                .negative = rand_r(&seed) % 2 == 0,
                                                .originator = 9,
                                                .station = 0x1234};
            struct yw_iec104_buf out;
            struct yw_iec104_asdu asdu;
            struct yw_iec104_object in = {.address =
                                              (uint32_t)rand_r(&seed) & YW_IEC104_IOA_MAX,
                                          .pattern = (uint16_t)rand_r(&seed),
                                          .quality = 0x80,
                                          .qualifier = shape->is_command ? 0x84 : 0,
                                          .time_ms = 1700000000000 + rand_r(&seed)};
            double range = shape->value == YW_IEC104_SINGLE       ? 1
                           : shape->value == YW_IEC104_DOUBLE     ? 3
                           : shape->value == YW_IEC104_NORMALISED ? 0.9
                                                                  : 30000;
            in.value = range * (rand_r(&seed) % 1001) / 1000.0;
            if (shape->value != YW_IEC104_NORMALISED && shape->value != YW_IEC104_FLOAT)
                in.value = floor(in.value);
            yw_iec104_begin(&out, &head);
            assert_true(yw_iec104_add(&out, &in));
            assert_true(yw_iec104_read(out.bytes, out.size, &asdu));
            assert_true(asdu.cause == head.cause && asdu.negative == head.negative);
            assert_true(asdu.count == 1 && asdu.station == 0x1234);
            struct yw_iec104_object back;
            assert_true(yw_iec104_object(&asdu, 0, &back));
            assert_int_equal(back.address, in.address);
            if (shape->value != YW_IEC104_NOTHING)
                assert_true(fabs(back.value - in.value) < 0.01);
            if (shape->timed)
                assert_int_equal(back.time_ms, in.time_ms);
            assert_false(yw_iec104_read(out.bytes, out.size - 1, &asdu));
        }
    }
}

static void an_asdu_holds_what_fits(void **state)
{
    (void)state;
    struct yw_iec104_asdu asdu;
    struct yw_iec104_buf out;
    const struct yw_iec104_object object = {.address = 1, .value = 1};
    yw_iec104_begin(&out, &(struct yw_iec104_asdu){.type = YW_IEC104_M_SP_NA});
    int count = 0;
    while (yw_iec104_add(&out, &object))
        count++;
    assert_int_equal(count, (YW_IEC104_ASDU_MAX - YW_IEC104_HEAD) / 4);
    assert_true(yw_iec104_read(out.bytes, out.size, &asdu));
    /* The same as a sequence: one address, then values. */
    const uint8_t sequence[] = {1, 0x83, 20, 0, 1, 0, 10, 0, 0, 1, 0, 1};
    assert_true(yw_iec104_read(sequence, sizeof(sequence), &asdu));
    struct yw_iec104_object last;
    assert_true(yw_iec104_object(&asdu, 2, &last));
    assert_true(last.address == 12 && last.value > 0.5);
    assert_false(yw_iec104_read(sequence, sizeof(sequence) - 1, &asdu));
}

static void times_of_the_calendar(void **state)
{
    (void)state;
    /* 2026-03-08 09:41:27.125, a Sunday. */
    const uint8_t wanted[7] = {0xf5, 0x69, 41, 9, 8 | 7 << 5, 3, 26};
    uint8_t bytes[7];
    yw_iec104_time_put(1772962887125, bytes);
    assert_memory_equal(bytes, wanted, 7);
    assert_int_equal(yw_iec104_time_get(bytes), 1772962887125);
    bytes[2] |= 0x80;
    assert_int_equal(yw_iec104_time_get(bytes), -1);
    yw_iec104_time_put(-1, bytes);
    assert_int_equal(yw_iec104_time_get(bytes), -1);
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(yw_iec104_time_get(bytes), -1);
}

static void windows_hold(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < YW_IEC104_K; i++) {
        assert_true(yw_iec104_link_room(&master));
        assert_int_equal(send(&master, &slave, i, &to_master), YW_IEC104_ASDU);
    }
    assert_false(yw_iec104_link_room(&master));
    /* After w frames the other end said so. */
    assert_int_equal(to_master.size, 6);
    assert_int_equal(pass(&master, &to_master, 20, &to_slave), YW_IEC104_QUIET);
    assert_int_equal(master.confirmed, YW_IEC104_W);
    assert_true(yw_iec104_link_room(&master));
    assert_int_equal(yw_iec104_link_due(&slave), YW_IEC104_W + YW_IEC104_T2_MS);
    assert_int_equal(
        yw_iec104_link_tick(&slave, YW_IEC104_W + YW_IEC104_T2_MS, &to_master),
        YW_IEC104_QUIET);
    assert_int_equal(to_master.size, 6);
}

static void silence_is_tested_then_ended(void **state)
{
    (void)state;
    start();
    assert_int_equal(yw_iec104_link_tick(&slave, YW_IEC104_T3_MS - 1, &to_master), 0);
    assert_int_equal(to_master.size, 0);
    assert_int_equal(yw_iec104_link_tick(&slave, YW_IEC104_T3_MS, &to_master), 0);
    assert_int_equal(to_master.bytes[2], YW_IEC104_TESTFR);
    struct yw_iec104_out spare = {.size = 0};
    assert_int_equal(pass(&master, &to_master, YW_IEC104_T3_MS, &spare), YW_IEC104_QUIET);
    assert_int_equal(spare.bytes[2], YW_IEC104_TESTFR_CON);
    assert_int_equal(pass(&slave, &spare, YW_IEC104_T3_MS + 1, &to_master),
                     YW_IEC104_QUIET);
    int64_t again = YW_IEC104_T3_MS + 1 + YW_IEC104_T3_MS;
    assert_int_equal(yw_iec104_link_tick(&slave, again, &to_master), 0);
    assert_int_equal(yw_iec104_link_tick(&slave, again + YW_IEC104_T1_MS - 1, &to_master),
                     0);
    assert_int_equal(yw_iec104_link_tick(&slave, again + YW_IEC104_T1_MS, &to_master),
                     YW_IEC104_CLOSE);
}

static void who_does_not_acknowledge_is_left(void **state)
{
    (void)state;
    start();
    assert_int_equal(send(&slave, &master, 5, &to_slave), YW_IEC104_ASDU);
    assert_int_equal(yw_iec104_link_due(&slave), 5 + YW_IEC104_T1_MS);
    assert_int_equal(yw_iec104_link_tick(&slave, 4 + YW_IEC104_T1_MS, &to_master), 0);
    assert_int_equal(yw_iec104_link_tick(&slave, 5 + YW_IEC104_T1_MS, &to_master),
                     YW_IEC104_CLOSE);
}

static void faults_close(void **state)
{
    (void)state;
    struct yw_iec104_apdu apdu = {.kind = YW_IEC104_I};
    assert_int_equal(yw_iec104_link_take(&slave, &apdu, 0, &to_master), YW_IEC104_CLOSE);
    start();
    apdu.sent = 1; /* 0 was lost */
    assert_int_equal(yw_iec104_link_take(&slave, &apdu, 0, &to_master), YW_IEC104_CLOSE);
    apdu = (struct yw_iec104_apdu){.kind = YW_IEC104_S, .received = 1};
    assert_int_equal(yw_iec104_link_take(&slave, &apdu, 0, &to_master), YW_IEC104_CLOSE);
    apdu = (struct yw_iec104_apdu){.kind = YW_IEC104_U, .function = 0x0f};
    assert_int_equal(yw_iec104_link_take(&slave, &apdu, 0, &to_master), YW_IEC104_CLOSE);
}

/* 2^15 numbers and once around. */
static void numbers_wrap(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 0x8000 + 40; i++) {
        to_master.size = 0;
        assert_int_equal(send(&master, &slave, i, &to_master), YW_IEC104_ASDU);
        if (to_master.size > 0)
            assert_int_equal(pass(&master, &to_master, i, &to_slave), YW_IEC104_QUIET);
        assert_true(yw_iec104_link_room(&master));
        assert_int_equal(yw_iec104_link_tick(&master, i, &to_slave), YW_IEC104_QUIET);
    }
    assert_int_equal(slave.received, 40);
}

static void stop_and_go(void **state)
{
    (void)state;
    start();
    assert_int_equal(send(&master, &slave, 1, &to_master), YW_IEC104_ASDU);
    yw_iec104_link_ask(&master, YW_IEC104_STOPDT, 2, &to_slave);
    assert_int_equal(pass(&slave, &to_slave, 2, &to_master), YW_IEC104_STOPPED);
    assert_int_equal(to_master.size, 12); /* what was unacknowledged, then the answer */
    assert_int_equal(pass(&master, &to_master, 2, &to_slave), YW_IEC104_QUIET);
    assert_int_equal(pass(&master, &to_master, 2, &to_slave), YW_IEC104_STOPPED);
    assert_false(yw_iec104_link_room(&slave));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_of_the_standard),
        cmocka_unit_test(no_frame_is_refused),
        cmocka_unit_test(objects_come_back),
        cmocka_unit_test(an_asdu_holds_what_fits),
        cmocka_unit_test(times_of_the_calendar),
        cmocka_unit_test_setup(windows_hold, begin),
        cmocka_unit_test_setup(silence_is_tested_then_ended, begin),
        cmocka_unit_test_setup(who_does_not_acknowledge_is_left, begin),
        cmocka_unit_test_setup(faults_close, begin),
        cmocka_unit_test_setup(numbers_wrap, begin),
        cmocka_unit_test_setup(stop_and_go, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
