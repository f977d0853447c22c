#include "controller/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A message under construction. */
struct draft {
    uint8_t bytes[YW_CHANNEL_MESSAGE_MAX + 64];
    size_t size;
};

static struct yw_message message;

static void add(struct draft *draft, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        draft->bytes[draft->size++] = (uint8_t)(value >> (8 * i) & 0xff);
}

static void add_text(struct draft *draft, const char *text, size_t size)
{
    add(draft, size, 4);
    memcpy(draft->bytes + draft->size, text, size);
    draft->size += size;
}

static void begin(struct draft *draft, enum yw_channel_type type, uint32_t request)
{
    draft->size = 0;
    add(draft, type, 1);
    add(draft, request, 4);
}

static bool read_draft(const struct draft *draft)
{
    return yw_message_read(&message, draft->bytes, draft->size);
}

static void configure(struct draft *draft, uint32_t nics, uint32_t settings)
{
    begin(draft, YW_CHANNEL_CONFIGURE, 3);
    add_text(draft, "plc1", 4);
    add(draft, 1700000000000000, 8);
    add(draft, 42, 8);
    add(draft, nics, 4);
    for (uint32_t i = 0; i < nics; i++) {
        add_text(draft, "52:54:00:01:02:03", 17);
        add_text(draft, "10.20.2.11", 10);
        add(draft, 24, 4);
    }
    add_text(draft, "", 0);
    add(draft, settings, 4);
    for (uint32_t i = 0; i < settings; i++) {
        add_text(draft, "plc", 3);
        add_text(draft, "10.20.2.11", 10);
    }
}

static void configure_is_read(void **state)
{
    (void)state;
    struct draft draft;
    configure(&draft, YW_CHANNEL_NICS_MAX, YW_MESSAGE_SETTINGS_MAX);
    assert_true(read_draft(&draft));
    assert_int_equal(message.type, YW_CHANNEL_CONFIGURE);
    assert_int_equal(message.request, 3);
    assert_string_equal(message.of.configure.host, "plc1");
    assert_int_equal(message.of.configure.seed, 42);
    assert_string_equal(message.of.configure.nics[7].address, "10.20.2.11");
    assert_int_equal(message.of.configure.nics[7].prefix, 24);
    assert_string_equal(message.of.configure.settings[15].value, "10.20.2.11");
    configure(&draft, YW_CHANNEL_NICS_MAX + 1, 0);
    assert_false(read_draft(&draft));
    assert_int_equal(message.request, 3);
    configure(&draft, 0, YW_MESSAGE_SETTINGS_MAX + 1);
    assert_false(read_draft(&draft));
}

static void run(struct draft *draft, uint32_t argc, size_t length)
{
    char word[YW_CHANNEL_ARG_MAX + 1];
    memset(word, 'x', sizeof(word));
    begin(draft, YW_CHANNEL_RUN, 9);
    add(draft, argc, 4);
    for (uint32_t i = 0; i < argc; i++)
        add_text(draft, word, length);
    add(draft, 5000, 4);
}

static void run_has_limits(void **state)
{
    (void)state;
    struct draft draft;
    run(&draft, YW_CHANNEL_ARGS_MAX, 100);
    assert_true(read_draft(&draft));
    assert_int_equal(message.of.run.argc, YW_CHANNEL_ARGS_MAX);
    assert_int_equal(message.of.run.deadline_ms, 5000);
    run(&draft, YW_CHANNEL_ARGS_MAX + 1, 100);
    assert_false(read_draft(&draft));
    run(&draft, 1, YW_CHANNEL_ARG_MAX - 1);
    assert_true(read_draft(&draft));
    run(&draft, 1, YW_CHANNEL_ARG_MAX);
    assert_false(read_draft(&draft));
    run(&draft, 0, 0);
    assert_false(read_draft(&draft));
    run(&draft, 2, 4);
    draft.bytes[14] = '\0';
    assert_false(read_draft(&draft));
}

static void put(struct draft *draft, uint32_t offset, uint32_t total, size_t size)
{
    static char chunk[YW_CHANNEL_CHUNK_MAX + 1];
    begin(draft, YW_CHANNEL_PUT, 9);
    add_text(draft, "program.st", 10);
    add(draft, offset, 4);
    add(draft, total, 4);
    add_text(draft, chunk, size);
}

static void put_has_limits(void **state)
{
    (void)state;
    struct draft draft;
    put(&draft, 0, YW_CHANNEL_FILE_MAX, YW_CHANNEL_CHUNK_MAX);
    assert_true(read_draft(&draft));
    assert_int_equal(message.of.put.chunk_size, YW_CHANNEL_CHUNK_MAX);
    put(&draft, 0, YW_CHANNEL_FILE_MAX, YW_CHANNEL_CHUNK_MAX + 1);
    assert_false(read_draft(&draft));
    put(&draft, 0, YW_CHANNEL_FILE_MAX + 1, 10);
    assert_false(read_draft(&draft));
    put(&draft, 91, 100, 10);
    assert_false(read_draft(&draft));
    put(&draft, 0xffffffff, 100, 10);
    assert_false(read_draft(&draft));
}

static void piece(struct draft *draft, unsigned type, size_t path, int64_t offset,
                  uint32_t size)
{
    static char text[YW_CHANNEL_CHUNK_MAX + 1];
    memset(text, 'a', sizeof(text));
    begin(draft, type, 9);
    add_text(draft, text, path);
    add(draft, (uint64_t)offset, 8);
    if (type == YW_CHANNEL_WRITE)
        add_text(draft, text, size);
    else
        add(draft, size, 4);
}

static void pieces_of_files_have_limits(void **state)
{
    (void)state;
    struct draft draft;
    piece(&draft, YW_CHANNEL_WRITE, YW_CHANNEL_PATH_MAX - 1, 7, YW_CHANNEL_CHUNK_MAX);
    assert_true(read_draft(&draft));
    assert_int_equal(message.of.file.offset, 7);
    assert_int_equal(message.of.file.chunk_size, YW_CHANNEL_CHUNK_MAX);
    piece(&draft, YW_CHANNEL_WRITE, YW_CHANNEL_PATH_MAX, 0, 1);
    assert_false(read_draft(&draft));
    piece(&draft, YW_CHANNEL_WRITE, 5, 0, YW_CHANNEL_CHUNK_MAX + 1);
    assert_false(read_draft(&draft));
    piece(&draft, YW_CHANNEL_WRITE, 5, -1, 1);
    assert_false(read_draft(&draft));
    piece(&draft, YW_CHANNEL_READ, 5, 0, YW_CHANNEL_OUTPUT_MAX);
    assert_true(read_draft(&draft));
    assert_int_equal(message.of.file.most, YW_CHANNEL_OUTPUT_MAX);
    piece(&draft, YW_CHANNEL_READ, 5, 0, YW_CHANNEL_OUTPUT_MAX + 1);
    assert_false(read_draft(&draft));
}

static void small_requests_are_read(void **state)
{
    (void)state;
    struct draft draft;
    begin(&draft, YW_CHANNEL_PING, 1);
    assert_true(read_draft(&draft));
    add(&draft, 0, 1);
    assert_false(read_draft(&draft)); /* nothing may follow */
    begin(&draft, YW_CHANNEL_PING, 0);
    assert_false(read_draft(&draft)); /* requests count from 1 */
    begin(&draft, YW_CHANNEL_START, 2);
    add_text(&draft, "plc", 3);
    assert_true(read_draft(&draft));
    assert_string_equal(message.of.role, "plc");
    begin(&draft, YW_CHANNEL_LINK, 3);
    add(&draft, 1, 4);
    add(&draft, 1, 4);
    assert_true(read_draft(&draft));
    assert_true(message.of.link.up);
    begin(&draft, YW_CHANNEL_LINK, 3);
    add(&draft, YW_CHANNEL_NICS_MAX, 4);
    add(&draft, 1, 4);
    assert_false(read_draft(&draft));
    begin(&draft, (enum yw_channel_type)99, 4);
    assert_false(read_draft(&draft));
    assert_int_equal(message.request, 4);
    assert_false(yw_message_read(&message, draft.bytes, 3));
    assert_int_equal(message.request, 0);
}

static void prefixes_have_limits(void **state)
{
    (void)state;
    static uint8_t bytes[YW_MESSAGE_PREFIX + YW_CHANNEL_MESSAGE_MAX];
    const uint8_t most[4] = {YW_CHANNEL_MESSAGE_MAX & 255, YW_CHANNEL_MESSAGE_MAX >> 8};
    const uint8_t more[4] = {(YW_CHANNEL_MESSAGE_MAX + 1) & 255,
                             (YW_CHANNEL_MESSAGE_MAX + 1) >> 8};
    memcpy(bytes, most, 4);
    assert_int_equal(yw_message_frame(bytes, 3), 0);
    assert_int_equal(yw_message_frame(bytes, sizeof(bytes) - 1), 0);
    assert_int_equal(yw_message_frame(bytes, sizeof(bytes)), sizeof(bytes));
    memcpy(bytes, more, 4);
    assert_int_equal(yw_message_frame(bytes, sizeof(bytes)), -1);
    memcpy(bytes, (const uint8_t[]){4, 0, 0, 0}, 4);
    assert_int_equal(yw_message_frame(bytes, sizeof(bytes)), -1);
    memcpy(bytes, (const uint8_t[]){255, 255, 255, 255}, 4);
    assert_int_equal(yw_message_frame(bytes, sizeof(bytes)), -1);
}

static void answers_are_built_and_cut(void **state)
{
    (void)state;
    static char text[YW_CHANNEL_OUTPUT_MAX + 10];
    struct yw_message_bytes out;
    yw_message_done(&out, 7, 124, "ab");
    const uint8_t done[] = {15, 0, 0, 0, 2, 7, 0, 0,   0,  124,
                            0,  0, 0, 2, 0, 0, 0, 'a', 'b'};
    assert_int_equal(out.size, sizeof(done));
    assert_memory_equal(out.bytes, done, sizeof(done));
    memset(text, 'x', sizeof(text) - 1);
    yw_message_done(&out, 7, 0, text);
    assert_int_equal(out.size, 4 + 5 + 8 + YW_CHANNEL_OUTPUT_MAX);
    /* A sequence of three bytes across the limit goes as a whole. */
    memcpy(text + YW_CHANNEL_LINE_MAX - 1, "加", 3);
    yw_message_line(&out, text);
    assert_int_equal(out.size, 4 + 5 + 4 + YW_CHANNEL_LINE_MAX - 1);
    yw_message_hello(&out, "plc", "boot");
    assert_int_equal(out.size, 4 + 5 + 4 + 4 + 3 + 4 + 4);
    assert_int_equal(yw_message_frame(out.bytes, out.size), out.size);
}

/* Every cut and many mutations of good messages: refused or read, never out of bounds. */
static void mutations_are_survived(void **state)
{
    (void)state;
    struct draft good;
    unsigned seed = 3;
    for (int kind = 0; kind < 3; kind++) {
        if (kind == 0)
            configure(&good, 2, 2);
        else if (kind == 1)
            run(&good, 5, 8);
        else
            put(&good, 0, 64, 64);
        for (size_t size = 0; size < good.size; size++)
            assert_false(yw_message_read(&message, good.bytes, size));
        for (int round = 0; round < 50000; round++) {
            struct draft bad = {.size = good.size};
            memcpy(bad.bytes, good.bytes, good.size);
            for (int i = 0; i <= round % 3; i++)
                bad.bytes[(size_t)rand_r(&seed) % bad.size] = (uint8_t)rand_r(&seed);
            (void)read_draft(&bad);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configure_is_read),
        cmocka_unit_test(run_has_limits),
        cmocka_unit_test(put_has_limits),
        cmocka_unit_test(pieces_of_files_have_limits),
        cmocka_unit_test(small_requests_are_read),
        cmocka_unit_test(prefixes_have_limits),
        cmocka_unit_test(answers_are_built_and_cut),
        cmocka_unit_test(mutations_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
