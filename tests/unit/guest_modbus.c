#include "controller/modbus.h"
#include "controller/modbus_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_modbus_bank bank;
static uint8_t reply[YW_MODBUS_PDU_MAX];
static struct yw_modbus_write log_of[2048];
static size_t logged;

static void wrote(void *arg, const struct yw_modbus_write *write)
{
    (void)arg;
    log_of[logged++] = *write;
}

static enum yw_modbus_exception refuse_250(void *arg, const struct yw_modbus_write *write)
{
    (void)arg;
    return write->address == 250 ? YW_MODBUS_ILLEGAL_ADDRESS : YW_MODBUS_OK;
}

static const struct yw_modbus_guard guard = {.check = refuse_250, .wrote = wrote};

static int reset(void **state)
{
    (void)state;
    memset(&bank, 0, sizeof(bank));
    logged = 0;
    for (int i = 0; i < YW_MODBUS_TABLE; i++) {
        bank.holding[i] = (uint16_t)(1000 + i);
        bank.input[i] = (uint16_t)(2000 + i);
        bank.coil[i] = i % 3 == 0;
        bank.discrete[i] = i % 2 == 0;
    }
    yw_modbus_identity_make(&bank, 1);
    return 0;
}

static size_t ask(const uint8_t *pdu, size_t size)
{
    return yw_modbus_handle(&bank, pdu, size, reply, &guard);
}

#define ASK(...)                                                                         \
    ask((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void assert_reply(size_t size, const uint8_t *bytes, size_t expected)
{
    assert_int_equal(size, expected);
    assert_memory_equal(reply, bytes, expected);
}

#define EXPECT(size, ...)                                                                \
    assert_reply(size, (const uint8_t[]){__VA_ARGS__},                                   \
                 sizeof((const uint8_t[]){__VA_ARGS__}))

/* The vectors of the Modbus Application Protocol 1.1b3 use these shapes. */
static void reads_answer(void **state)
{
    (void)state;
    EXPECT(ASK(1, 0, 0, 0, 10), 1, 2, 0x49, 0x02);
    EXPECT(ASK(2, 0, 0, 0, 3), 2, 1, 0x05);
    EXPECT(ASK(3, 0, 1, 0, 2), 3, 4, 0x03, 0xe9, 0x03, 0xea);
    EXPECT(ASK(4, 0, 255, 0, 1), 4, 2, 0x08, 0xcf);
}

static void writes_answer_and_are_told(void **state)
{
    (void)state;
    EXPECT(ASK(5, 0, 1, 0xff, 0), 5, 0, 1, 0xff, 0);
    EXPECT(ASK(6, 0, 40, 0x2b, 0x5c), 6, 0, 40, 0x2b, 0x5c);
    EXPECT(ASK(15, 0, 4, 0, 10, 2, 0xcd, 0x01), 15, 0, 4, 0, 10);
    EXPECT(ASK(16, 0, 10, 0, 2, 4, 0, 1, 0, 2), 16, 0, 10, 0, 2);
    assert_int_equal(bank.coil[1], 1);
    assert_int_equal(bank.holding[40], 11100);
    assert_int_equal(bank.coil[4], 1);
    assert_int_equal(bank.coil[5], 0);
    assert_int_equal(bank.coil[12], 1);
    assert_int_equal(bank.holding[11], 2);
    assert_int_equal(logged, 14);
    assert_true(log_of[0].is_coil);
    assert_int_equal(log_of[1].old_value, 1040);
    assert_int_equal(log_of[1].new_value, 11100);
    assert_int_equal(log_of[1].function, 6);
    assert_int_equal(log_of[13].address, 11);
}

static void mask_write_follows_the_standard(void **state)
{
    (void)state;
    bank.holding[4] = 0x12;
    EXPECT(ASK(22, 0, 4, 0, 0xf2, 0, 0x25), 22, 0, 4, 0, 0xf2, 0, 0x25);
    assert_int_equal(bank.holding[4], 0x17); /* 1.1b3, 6.16 */
}

static void read_write_writes_first(void **state)
{
    (void)state;
    EXPECT(ASK(23, 0, 3, 0, 2, 0, 4, 0, 1, 2, 0xab, 0xcd), 23, 4, 0x03, 0xeb, 0xab, 0xcd);
}

static void wrong_requests_get_their_exception(void **state)
{
    (void)state;
    EXPECT(ASK(99), 0xe3, 1);
    EXPECT(ASK(0), 0x80, 1);
    EXPECT(ASK(0x83, 0, 0, 0, 1), 0x83, 1);
    EXPECT(ASK(3, 1, 0, 0, 1), 0x83, 2);       /* address 256 */
    EXPECT(ASK(3, 0, 255, 0, 2), 0x83, 2);     /* last one and one more */
    EXPECT(ASK(3, 0xff, 0xff, 0, 2), 0x83, 2); /* would wrap in 16 bits */
    EXPECT(ASK(3, 0, 0, 0, 0), 0x83, 3);
    EXPECT(ASK(3, 0, 0, 0xff, 0xff), 0x83, 3);
    EXPECT(ASK(3, 0, 0, 0), 0x83, 3);
    EXPECT(ASK(3, 0, 0, 0, 1, 0), 0x83, 3);
    EXPECT(ASK(5, 0, 1, 0x12, 0x34), 0x85, 3);
    EXPECT(ASK(16, 0, 0, 0, 2, 4, 0, 1, 0), 0x90, 3); /* says 4 bytes, has 3 */
    EXPECT(ASK(16, 0, 0, 0, 2, 3, 0, 1, 0), 0x90, 3);
    EXPECT(ASK(15, 0, 0, 0, 9, 1, 0xff), 0x8f, 3);
    EXPECT(ASK(22, 0, 0, 0, 0, 0), 0x96, 3);
    EXPECT(ASK(23, 0, 3, 0, 2, 0, 4, 0, 1, 4, 0xab, 0xcd), 0x97, 3);
    assert_int_equal(yw_modbus_handle(&bank, reply, 0, reply, &guard), 0);
    bank.failed = true;
    EXPECT(ASK(3, 0, 0, 0, 1), 0x83, 4);
    assert_int_equal(logged, 0);
}

static size_t read_of(uint8_t function, uint16_t count)
{
    return ASK(function, 0, 0, (uint8_t)(count >> 8), (uint8_t)(count & 0xff));
}

/* Each limit at the limit (illegal address, the table is smaller, or an answer) and at
 * + 1. */
static void quantities_end_at_their_limits(void **state)
{
    (void)state;
    uint8_t pdu[300] = {0};
    EXPECT(read_of(1, YW_MODBUS_READ_BITS_MAX), 0x81, 2);
    EXPECT(read_of(1, YW_MODBUS_READ_BITS_MAX + 1), 0x81, 3);
    assert_int_equal(read_of(3, YW_MODBUS_READ_WORDS_MAX), 252);
    EXPECT(read_of(3, YW_MODBUS_READ_WORDS_MAX + 1), 0x83, 3);
    memcpy(pdu, (const uint8_t[]){15, 0, 0, 1968 >> 8, 1968 & 255, 246}, 6);
    EXPECT(ask(pdu, 6 + 246), 0x8f, 2);
    memcpy(pdu, (const uint8_t[]){15, 0, 0, 1969 >> 8, 1969 & 255, 247}, 6);
    EXPECT(ask(pdu, 6 + 247), 0x8f, 3);
    memcpy(pdu, (const uint8_t[]){16, 0, 0, 0, 123, 246}, 6);
    assert_int_equal(ask(pdu, 6 + 246), 5);
    memcpy(pdu, (const uint8_t[]){16, 0, 0, 0, 124, 248}, 6);
    EXPECT(ask(pdu, 6 + 248), 0x90, 3);
    memcpy(pdu, (const uint8_t[]){23, 0, 0, 0, 125, 0, 0, 0, 121, 242}, 10);
    assert_int_equal(ask(pdu, 10 + 242), 252);
    memcpy(pdu, (const uint8_t[]){23, 0, 0, 0, 125, 0, 0, 0, 122, 244}, 10);
    EXPECT(ask(pdu, 10 + 244), 0x97, 3);
}

/* The last of several values is refused: none is written. */
static void refused_writes_change_nothing(void **state)
{
    (void)state;
    EXPECT(ASK(16, 0, 249, 0, 2, 4, 0, 1, 0, 2), 0x90, 2);
    assert_int_equal(bank.holding[249], 1249);
    assert_int_equal(logged, 0);
}

static void identity_differs_by_seed(void **state)
{
    (void)state;
    struct yw_modbus_bank other = {0};
    assert_int_equal(ASK(17), 4 + strlen(bank.identity[YW_MODBUS_PRODUCT_NAME]));
    assert_int_equal(reply[0], 17);
    EXPECT(ASK(17, 0), 0x91, 3);
    EXPECT(ASK(43, 13, 1, 0), 0xab, 1);
    EXPECT(ASK(43, 14, 5, 0), 0xab, 3);
    EXPECT(ASK(43, 14, 0, 0), 0xab, 3);
    EXPECT(ASK(43, 14, 4, 7), 0xab, 2);
    EXPECT(ASK(43, 14, 1), 0xab, 3);
    assert_true(ASK(43, 14, 1, 0) > 7);
    assert_int_equal(reply[6], 3);
    assert_true(ASK(43, 14, 3, 99) > 7); /* unknown object: from the beginning */
    assert_int_equal(reply[6], 7);
    assert_int_equal(reply[7], 0);
    yw_modbus_identity_make(&other, 2);
    assert_memory_not_equal(&other.identity, &bank.identity, sizeof(bank.identity));
    yw_modbus_identity_make(&other, 1);
    assert_memory_equal(&other.identity, &bank.identity, sizeof(bank.identity));
}

static void adus_come_split_and_joined(void **state)
{
    (void)state;
    const uint8_t two[] = {0, 7, 0, 0, 0, 6, 1, 3, 0,   40,
                           0, 1, 0, 8, 0, 1, 0, 2, 255, 17};
    struct yw_modbus_adu adu;
    for (size_t size = 0; size < 12; size++)
        assert_int_equal(yw_modbus_frame(two, size, &adu), 0);
    assert_int_equal(yw_modbus_frame(two, sizeof(two), &adu), 12);
    assert_int_equal(adu.transaction, 7);
    assert_int_equal(adu.pdu_size, 5);
    assert_false(adu.foreign);
    assert_int_equal(yw_modbus_frame(two + 12, sizeof(two) - 12, &adu), 8);
    assert_true(adu.foreign);
    assert_int_equal(adu.unit, 255);
}

static void adu_lengths_have_limits(void **state)
{
    (void)state;
    uint8_t bytes[300] = {0};
    struct yw_modbus_adu adu;
    bytes[5] = 254;
    assert_int_equal(yw_modbus_frame(bytes, sizeof(bytes), &adu), 260);
    bytes[5] = 255;
    assert_int_equal(yw_modbus_frame(bytes, sizeof(bytes), &adu), -1);
    bytes[5] = 1;
    assert_int_equal(yw_modbus_frame(bytes, sizeof(bytes), &adu), -1);
    bytes[4] = 1;
    assert_int_equal(yw_modbus_frame(bytes, sizeof(bytes), &adu), -1);
    assert_int_equal(yw_modbus_wrap(1, 1, bytes, YW_MODBUS_PDU_MAX + 1, bytes), 0);
    assert_int_equal(yw_modbus_wrap(1, 1, bytes, 0, bytes), 0);
}

static void client_and_server_agree(void **state)
{
    (void)state;
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint16_t values[125];
    const uint16_t news[3] = {1, 0, 1};
    char identity[YW_MODBUS_OBJECTS][YW_MODBUS_IDENTITY_MAX];
    size_t size = yw_modbus_ask_read(4, 5, 3, pdu);
    size = ask(pdu, size);
    assert_int_equal(yw_modbus_read_values(4, 3, reply, size, values), 0);
    assert_int_equal(values[2], 2007);
    size = ask(pdu, yw_modbus_ask_write(true, 9, news, 3, pdu));
    assert_int_equal(yw_modbus_read_done(15, reply, size), 0);
    assert_int_equal(bank.coil[11], 1);
    size = ask(pdu, yw_modbus_ask_identity(pdu));
    assert_int_equal(yw_modbus_read_identity(reply, size, identity), 0);
    assert_memory_equal(identity, bank.identity, sizeof(identity));
    size = ask(pdu, yw_modbus_ask_read(3, 256, 1, pdu));
    assert_int_equal(yw_modbus_read_values(3, 1, reply, size, values), 2);
    assert_int_equal(yw_modbus_ask_read(3, 0, 126, pdu), 0);
    assert_int_equal(yw_modbus_ask_read(5, 0, 1, pdu), 0);
    assert_int_equal(yw_modbus_ask_write(false, 0, values, 124, pdu), 0);
}

static void hostile_answers_are_refused(void **state)
{
    (void)state;
    uint16_t values[2];
    char identity[YW_MODBUS_OBJECTS][YW_MODBUS_IDENTITY_MAX];
    const uint8_t shorter[] = {3, 4, 0, 1, 0};
    const uint8_t past[] = {43, 14, 2, 0x82, 0, 0, 1, 0, 200, 'x'};
    const uint8_t quote[] = {43, 14, 2, 0x82, 0, 0, 1, 0, 3, 'a', '"', 7};
    assert_int_equal(yw_modbus_read_values(3, 2, shorter, sizeof(shorter), values), -1);
    assert_int_equal(yw_modbus_read_values(3, 2, shorter, 0, values), -1);
    assert_int_equal(yw_modbus_read_values(4, 2, shorter, sizeof(shorter), values), -1);
    assert_int_equal(yw_modbus_read_identity(past, sizeof(past), identity), -1);
    assert_int_equal(yw_modbus_read_identity(quote, sizeof(quote), identity), 0);
    assert_string_equal(identity[0], "a??");
}

/* Any bytes: an answer within bounds, and nothing outside the tables. */
static void random_bytes_are_survived(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 200000; round++) {
        uint8_t pdu[YW_MODBUS_PDU_MAX + 2];
        size_t size = (size_t)rand_r(&seed) % sizeof(pdu);
        for (size_t i = 0; i < size; i++)
            pdu[i] = (uint8_t)rand_r(&seed);
        if (size > 0 && round % 2 == 0)
            pdu[0] = (uint8_t)(pdu[0] % 24);
        logged = 0;
        size_t answered = ask(pdu, size);
        assert_true(answered <= YW_MODBUS_PDU_MAX && (size == 0) == (answered == 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_answer, reset),
        cmocka_unit_test_setup(writes_answer_and_are_told, reset),
        cmocka_unit_test_setup(mask_write_follows_the_standard, reset),
        cmocka_unit_test_setup(read_write_writes_first, reset),
        cmocka_unit_test_setup(wrong_requests_get_their_exception, reset),
        cmocka_unit_test_setup(quantities_end_at_their_limits, reset),
        cmocka_unit_test_setup(refused_writes_change_nothing, reset),
        cmocka_unit_test_setup(identity_differs_by_seed, reset),
        cmocka_unit_test_setup(adus_come_split_and_joined, reset),
        cmocka_unit_test_setup(adu_lengths_have_limits, reset),
        cmocka_unit_test_setup(client_and_server_agree, reset),
        cmocka_unit_test_setup(hostile_answers_are_refused, reset),
        cmocka_unit_test_setup(random_bytes_are_survived, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
