/* The attacker's commands of the engineering port, against the port itself. */
#include "controller/applet.h"
#include "controller/engineering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOST "10.20.2.11"
#define PROGRAM                                                                          \
    "PROGRAM p\nVAR a AT %IW0 : UINT; q AT %QX0 : BOOL; END_VAR\nq := a > "              \
    "5;\nEND_PROGRAM\n"

static struct yw_plc plc;
static struct yw_eng eng;
static struct yw_applet_result result;
static char said[256 * 1024];
static size_t said_size, taken;
static int opened;
static const char *liar; /* what a false port says instead; NULL: the true one speaks */

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    (void)arg;
    (void)session;
    assert_true(said_size + size <= sizeof(said));
    memcpy(said + said_size, bytes, size);
    said_size += size;
    return true;
}

static int open_stream(void *arg, const char *host, uint16_t port)
{
    (void)arg;
    if (strcmp(host, HOST) != 0 || port != YW_ENG_PORT)
        return -1;
    said_size = taken = 0;
    opened++;
    if (liar != NULL)
        return put(NULL, 0, liar, strlen(liar)) ? 0 : -1;
    assert_true(yw_eng_open(&eng, 0, "10.20.2.66"));
    return 0;
}

static bool send_bytes(void *arg, int stream, const void *bytes, size_t size)
{
    (void)arg;
    if (liar == NULL)
        assert_int_equal(yw_eng_feed(&eng, stream, bytes, size), (int)size);
    return true;
}

static int receive(void *arg, int stream, void *bytes, size_t size, int64_t wait_ms)
{
    size_t left = said_size - taken;
    (void)arg;
    (void)stream;
    (void)wait_ms;
    if (size > 7)
        size = 7; /* answers come in pieces */
    if (size > left)
        size = left;
    memcpy(bytes, said + taken, size);
    taken += size;
    return (int)size;
}

static void close_stream(void *arg, int stream)
{
    (void)arg;
    opened--;
    yw_eng_close(&eng, stream);
}

static int start(void **state)
{
    struct yw_st_problem problem;
    (void)state;
    yw_plc_init(&plc, 9);
    assert_int_equal(yw_plc_load(&plc, PROGRAM, strlen(PROGRAM), &problem), 0);
    yw_eng_init(&eng, &plc, PROGRAM, strlen(PROGRAM));
    eng.put = put;
    opened = 0;
    liar = NULL;
    return 0;
}

static int run(int argc, const char *const *argv)
{
    static const struct yw_applet_io io = {.open = open_stream,
                                           .send = send_bytes,
                                           .receive = receive,
                                           .close = close_stream};
    yw_applet_run(&io, argc, argv, &result);
    assert_int_equal(opened, 0);
    return result.code;
}

#define RUN(...)                                                                         \
    run((int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),                   \
        (const char *[]){__VA_ARGS__})

static void the_logic_is_changed(void **state)
{
    uint32_t before = plc.program.crc;
    (void)state;
    assert_int_equal(RUN("engineering", "patch", HOST, "1111", "a > 5", "FALSE"), 0);
    assert_int_not_equal(plc.program.crc, before);
    assert_non_null(strstr(result.output, "\"places\":1"));
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_RUN);
    assert_non_null(memmem(eng.source, eng.source_size, "q := FALSE;", 11));
    assert_int_equal(RUN("engineering", "mode", HOST, "1111", "stop"), 0);
    assert_string_equal(result.output, "{\"old\":\"run\",\"new\":\"stop\"}");
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_STOP);
    assert_int_equal(RUN("engineering", "status", HOST), 0);
    assert_non_null(
        strstr(result.output, "\"mode\":\"stop\",\"key\":\"remote\",\"crc\":\""));
}

static void the_port_refuses(void **state)
{
    uint32_t before = plc.program.crc;
    (void)state;
    assert_int_equal(RUN("engineering", "login", HOST, "2222"), 1);
    assert_string_equal(result.output, "{\"error\":\"login: 430 wrong password\"}");
    assert_int_equal(RUN("engineering", "login", HOST, "1111"), 0);
    assert_int_equal(RUN("engineering", "patch", HOST, "1111", "b > 5", "FALSE"), 1);
    assert_int_equal(RUN("engineering", "mode", HOST, "1111", "fast"), 1);
    yw_plc_turn_key(&plc, YW_PLC_RUN);
    assert_int_equal(RUN("engineering", "patch", HOST, "1111", "a > 5", "FALSE"), 1);
    assert_string_equal(result.output, "{\"error\":\"mode: 423 the key stands at run\"}");
    assert_int_equal(plc.program.crc, before);
    assert_int_equal(RUN("engineering", "status", "10.20.2.12"), 1);
    assert_string_equal(result.output, "{\"error\":\"unreachable\"}");
    assert_int_equal(RUN("engineering", "fly", HOST), 1);
    assert_int_equal(RUN("engineering", "login", HOST, "1111\nMODE stop"), 1);
    assert_non_null(strstr(result.output, "usage:"));
}

/* Logic that does not compile leaves the controller in mode program, with its own. */
static void bad_logic_is_not_taken(void **state)
{
    uint32_t before = plc.program.crc;
    (void)state;
    assert_int_equal(RUN("engineering", "patch", HOST, "1111", "a > 5", "a >"), 1);
    assert_non_null(strstr(result.output, "{\"error\":\"download: 4"));
    assert_int_equal(plc.program.crc, before);
}

/* What a false port says ends the command, and never breaks its JSON. */
static void a_liar_is_survived(void **state)
{
    static const char *const lies[] = {"",
                                       "220 hi\n",
                                       "220 hi\n211 4294967296\n",
                                       "220 hi\n211 99999999999999999999\n",
                                       "220 hi\n211 40\nmode=\"}\n",
                                       "220 hi\n4\"\\\x01\x80\n",
                                       "220 hi\n211 10\nmode=run\n\n200 ok\n"};
    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        liar = lies[i];
        (void)RUN("engineering", "patch", HOST, "1111", "a", "b");
        assert_int_equal(result.code, 1);
        assert_null(strpbrk(result.output + 10, "\\\x01\x80"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_logic_is_changed, start),
        cmocka_unit_test_setup(the_port_refuses, start),
        cmocka_unit_test_setup(bad_logic_is_not_taken, start),
        cmocka_unit_test_setup(a_liar_is_survived, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
