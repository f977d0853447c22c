/* The host's side of guest channel and field wiring against a guest that lies: this test
 * is the guest, on the other end of a unix socket. */
#include "base/mem.h"
#include "base/pack.h"
#include "loop/loop.h"
#include "virt/serve/channel.h"
#include "virt/serve/field.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
    struct yw_loop *loop;
    struct yw_channel *channel;
    struct yw_field *field;
    char dir[64];
    char path[96];
    int listener;
    int guest; /* the guest's end */
    int hellos;
    int lines;
    int ends;
    int done;
    int code;
    uint32_t exit_code;
    char output[YW_CHANNEL_OUTPUT_MAX + 1];
    int records;
};

static void on_hello(void *owner, const char *image, const char *boot_id)
{
    struct bench *bench = owner;

    assert_string_equal(image, "micro");
    assert_string_equal(boot_id, "boot");
    bench->hellos++;
}

static void on_line(void *owner, const char *text)
{
    struct bench *bench = owner;

    assert_true(strlen(text) <= YW_CHANNEL_LINE_MAX);
    bench->lines++;
}

static void on_channel_end(void *owner, const struct yw_err *why)
{
    struct bench *bench = owner;

    assert_true(why->code < 0);
    bench->ends++;
    yw_channel_close(bench->channel);
    bench->channel = NULL;
}

static void on_record(void *owner, const struct yw_field_record *record)
{
    struct bench *bench = owner;

    assert_true(isfinite(record->value[0]));
    bench->records++;
}

static void on_field_end(void *owner, const struct yw_err *why)
{
    struct bench *bench = owner;

    (void)why;
    bench->ends++;
    yw_field_close(bench->field);
    bench->field = NULL;
}

static void on_done(struct yw_channel_request *request, int code, uint32_t exit_code,
                    const char *output)
{
    struct bench *bench = request->owner;

    bench->done++;
    bench->code = code;
    bench->exit_code = exit_code;
    YW_COPY(bench->output, output);
}

static int64_t now_ms(const struct bench *bench)
{
    return yw_clock_mono_ms(yw_loop_clock(bench->loop));
}

/* Turns enough for what is under way, also when a busy machine makes each a long one. */
static void turn_for(struct bench *bench, int64_t span_ms)
{
    int64_t until = now_ms(bench) + span_ms;

    for (int i = 0; i < 10 || now_ms(bench) < until; i++)
        yw_loop_turn(bench->loop, 5);
}

/* Turns until more than `count` have come. */
static void turn_until_more(struct bench *bench, const int *counter, int count)
{
    for (int64_t end_ms = now_ms(bench) + 60000;
         *counter <= count && now_ms(bench) < end_ms;)
        yw_loop_turn(bench->loop, 5);
    assert_true(*counter > count);
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct yw_err err;

    YW_COPY(bench->dir, "/tmp/yw-channel-XXXXXX");
    assert_non_null(mkdtemp(bench->dir));
    (void)snprintf(bench->path, sizeof(bench->path), "%s/s", bench->dir);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", bench->path);
    bench->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(bench->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(bench->listener, 4), 0);
    assert_int_equal(yw_loop_open(&bench->loop, &err), 0);
    bench->guest = -1;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    yw_channel_close(bench->channel);
    yw_field_close(bench->field);
    turn_for(bench, 5);
    yw_loop_close(bench->loop);
    if (bench->guest >= 0)
        (void)close(bench->guest);
    (void)close(bench->listener);
    (void)unlink(bench->path);
    assert_int_equal(rmdir(bench->dir), 0);
    free(bench);
    return 0;
}

static void connect_channel(struct bench *bench)
{
    struct yw_channel_events events = {.on_hello = on_hello,
                                       .on_line = on_line,
                                       .on_end = on_channel_end,
                                       .owner = bench};
    struct yw_err err;

    assert_int_equal(
        yw_channel_open(&bench->channel, bench->loop, bench->path, &events, &err), 0);
    bench->guest = accept(bench->listener, NULL, NULL);
    assert_true(bench->guest >= 0);
    assert_int_equal(fcntl(bench->guest, F_SETFL, O_NONBLOCK), 0);
}

static void say_bytes(const struct bench *bench, const void *bytes, size_t size)
{
    (void)!send(bench->guest, bytes, size, MSG_NOSIGNAL);
}

/* A framed message: type, number, then a string. */
static void say(const struct bench *bench, uint8_t type, uint32_t number, bool has_code,
                const char *text, size_t text_size)
{
    struct yw_buf out;

    yw_buf_init(&out, 1 << 20);
    yw_pack_u32(&out, 9 + (has_code ? 4u : 0u) + (uint32_t)text_size);
    yw_pack_u8(&out, type);
    yw_pack_u32(&out, number);
    if (has_code)
        yw_pack_u32(&out, 0);
    yw_pack_bytes(&out, text, text_size);
    say_bytes(bench, out.data, out.size);
    yw_buf_fini(&out);
}

static void say_hello(const struct bench *bench, uint32_t version)
{
    struct yw_buf out;

    yw_buf_init(&out, 1024);
    yw_pack_u32(&out, 1 + 4 + 4 + 9 + 8);
    yw_pack_u8(&out, YW_CHANNEL_HELLO);
    yw_pack_u32(&out, 0);
    yw_pack_u32(&out, version);
    yw_pack_str(&out, "micro");
    yw_pack_str(&out, "boot");
    say_bytes(bench, out.data, out.size);
    yw_buf_fini(&out);
}

static void ask_for(struct bench *bench, struct yw_channel_request *request,
                    uint32_t number, int64_t deadline_ms)
{
    struct yw_err err;

    memset(request, 0, sizeof(*request));
    request->number = number;
    request->type = YW_CHANNEL_PING;
    request->deadline_ms = deadline_ms;
    request->done = on_done;
    request->owner = bench;
    assert_int_equal(yw_channel_send(bench->channel, request, NULL, &err), 0);
}

static void ask(struct bench *bench, struct yw_channel_request *request, uint32_t number)
{
    ask_for(bench, request, number, 60000);
}

static void test_hello_in_pieces(void **state)
{
    struct bench *bench = *state;
    const char hello[] = "\x1a\0\0\0\x01\0\0\0\0\x01\0\0\0\x05\0\0\0micro\x04\0\0\0boot";

    connect_channel(bench);
    for (size_t i = 0; i < sizeof(hello) - 1; i++) {
        say_bytes(bench, hello + i, 1);
        turn_for(bench, 2);
    }
    assert_int_equal(bench->hellos, 1);
    say_hello(bench, YW_CHANNEL_VERSION + 1);
    turn_for(bench, 20);
    assert_int_equal(bench->hellos, 1);
    assert_int_equal(bench->ends, 1);
}

static void test_only_what_was_asked_is_answered(void **state)
{
    struct bench *bench = *state;
    struct yw_channel_request request;

    connect_channel(bench);
    ask(bench, &request, 7);
    say(bench, YW_CHANNEL_DONE, 8, true, "no", 2);
    say(bench, YW_CHANNEL_DONE, 7, true, "yes", 3);
    say(bench, YW_CHANNEL_DONE, 7, true, "again", 5);
    turn_for(bench, 20);
    assert_int_equal(bench->done, 1);
    assert_int_equal(bench->code, 0);
    assert_string_equal(bench->output, "yes");
    assert_int_equal(yw_channel_dropped(bench->channel), 2);
    assert_int_equal(bench->ends, 0);
}

static void test_silence_ends_at_the_deadline(void **state)
{
    struct bench *bench = *state;
    struct yw_channel_request request, twice;

    connect_channel(bench);
    ask_for(bench, &request, 7, 100);
    memset(&twice, 0, sizeof(twice));
    twice.number = 7;
    assert_int_equal(yw_channel_send(bench->channel, &twice, NULL, NULL), YW_EEXIST);
    turn_for(bench, 150);
    assert_int_equal(bench->done, 1);
    assert_int_equal(bench->code, YW_ETIMEOUT);
    say(bench, YW_CHANNEL_DONE, 7, true, "late", 4);
    turn_for(bench, 20);
    assert_int_equal(bench->done, 1);
}

static void test_limits(void **state)
{
    struct bench *bench = *state;
    char text[YW_CHANNEL_OUTPUT_MAX + 1];
    struct yw_channel_request request;

    memset(text, 'x', sizeof(text));
    connect_channel(bench);
    say(bench, YW_CHANNEL_LINE, 0, false, text, YW_CHANNEL_LINE_MAX);
    ask(bench, &request, 1);
    say(bench, YW_CHANNEL_DONE, 1, true, text, YW_CHANNEL_OUTPUT_MAX);
    turn_for(bench, 20);
    assert_int_equal(bench->lines, 1);
    assert_int_equal(bench->done, 1);
    say(bench, YW_CHANNEL_LINE, 0, false, text, YW_CHANNEL_LINE_MAX + 1);
    turn_for(bench, 20);
    assert_int_equal(bench->ends, 1);
    (void)close(bench->guest);

    connect_channel(bench);
    ask(bench, &request, 1);
    say(bench, YW_CHANNEL_DONE, 1, true, text, YW_CHANNEL_OUTPUT_MAX + 1);
    turn_for(bench, 20);
    assert_int_equal(bench->ends, 2);
    assert_int_equal(bench->done, 1);
}

static void test_bad_prefix_and_bad_text(void **state)
{
    struct bench *bench = *state;
    static const char *const bad[] = {
        "\x01\x20\0\0",            /* 8193 bytes are to come */
        "\xff\xff\xff\xff",        /* 4 GiB */
        "\0\0\0\0",                /* nothing */
        "\x05\0\0\0\x63\0\0\0\0",  /* unknown type */
        "\x05\0\0\0\x01\0\0\0\0",  /* HELLO without fields */
        "\x05\0\0\0\x02\x01\0\0\0" /* DONE without fields */
    };
    static const size_t sizes[] = {4, 4, 4, 9, 9, 9};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        connect_channel(bench);
        say_bytes(bench, bad[i], sizes[i]);
        turn_for(bench, 20);
        assert_int_equal(bench->ends, i + 1);
        (void)close(bench->guest);
    }
    connect_channel(bench);
    say(bench, YW_CHANNEL_LINE, 0, false, "\xc0\xaf", 2);
    turn_for(bench, 20);
    assert_int_equal(bench->lines, 0);
    assert_int_equal(yw_channel_dropped(bench->channel), 1);
}

static void test_a_flood_is_not_read(void **state)
{
    struct bench *bench = *state;

    connect_channel(bench);
    int64_t start_ms = now_ms(bench);
    for (int i = 0; i < 10 * YW_CHANNEL_RATE; i++)
        say(bench, YW_CHANNEL_LINE, 0, false, "x", 1);
    turn_until_more(bench, &bench->lines, YW_CHANNEL_RATE / 2);
    turn_until_more(bench, &bench->lines, YW_CHANNEL_RATE);
    assert_in_range(now_ms(bench) - start_ms, 900, 60000);
    assert_true(bench->lines <=
                YW_CHANNEL_RATE * ((now_ms(bench) - start_ms) / 1000 + 1));
    assert_int_equal(bench->ends, 0);
}

static void connect_field(struct bench *bench)
{
    struct yw_field_events events = {
        .on_record = on_record, .on_end = on_field_end, .owner = bench};
    struct yw_err err;

    assert_int_equal(
        yw_field_open(&bench->field, bench->loop, bench->path, &events, &err), 0);
    bench->guest = accept(bench->listener, NULL, NULL);
    assert_true(bench->guest >= 0);
    assert_int_equal(fcntl(bench->guest, F_SETFL, O_NONBLOCK), 0);
}

static void test_field_records(void **state)
{
    struct bench *bench = *state;
    struct yw_field_record record = {.magic = YW_FIELD_MAGIC, .count = 1, .views = 1};
    double values[2] = {1.5, -2.5};

    connect_field(bench);
    say_bytes(bench, &record, 100);
    turn_for(bench, 10);
    say_bytes(bench, (const char *)&record + 100, sizeof(record) - 100);
    turn_for(bench, 10);
    assert_int_equal(bench->records, 1);
    record.value[0] = NAN;
    say_bytes(bench, &record, sizeof(record));
    record.value[0] = 0.0;
    record.view[0] = INFINITY;
    say_bytes(bench, &record, sizeof(record));
    turn_for(bench, 10);
    assert_int_equal(bench->records, 1);
    yw_field_send(bench->field, values, 2);
    turn_for(bench, 10);
    assert_int_equal(recv(bench->guest, &record, sizeof(record), 0), sizeof(record));
    assert_int_equal(record.count, 2);
    assert_true(record.value[1] < -2.4);
    record.count = YW_FIELD_VALUES + 1;
    say_bytes(bench, &record, sizeof(record));
    turn_for(bench, 10);
    assert_int_equal(bench->ends, 1);
}

static void test_field_flood(void **state)
{
    struct bench *bench = *state;
    struct yw_field_record record = {.magic = YW_FIELD_MAGIC, .count = 1};

    connect_field(bench);
    int64_t start_ms = now_ms(bench);
    for (int i = 0; i < 3 * YW_FIELD_RATE; i++) {
        say_bytes(bench, &record, sizeof(record));
        if (i % 50 == 0)
            yw_loop_turn(bench->loop, 5);
    }
    turn_until_more(bench, &bench->records, YW_FIELD_RATE / 2);
    turn_for(bench, 200);
    assert_true(bench->records <=
                YW_FIELD_RATE * ((now_ms(bench) - start_ms) / 1000 + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hello_in_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_what_was_asked_is_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_silence_ends_at_the_deadline, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_prefix_and_bad_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_flood_is_not_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_field_records, setup, teardown),
        cmocka_unit_test_setup_teardown(test_field_flood, setup, teardown),
    };

    return cmocka_run_group_tests_name("virt_channel", tests, NULL, NULL);
}
