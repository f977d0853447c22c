/* The attacker's commands of IEC 60870-5-104 against the outstation itself, in memory. */
#include "controller/applet.h"
#include "controller/rtu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 65536

static struct yw_rtu rtu;
static struct yw_applet_result result;
static uint8_t from_rtu[YW_RTU_SESSIONS_MAX][ROOM];
static size_t waiting[YW_RTU_SESSIONS_MAX];
static int64_t now_ms;
static int opened;
static bool gone[YW_RTU_SESSIONS_MAX];
static bool deaf; /* the outstation answers nothing more */

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    (void)arg;
    if (deaf || waiting[session] + size > ROOM)
        return deaf;
    memcpy(from_rtu[session] + waiting[session], bytes, size);
    waiting[session] += size;
    return true;
}

static int open_stream(void *arg, const char *host, uint16_t port)
{
    (void)arg;
    if (strcmp(host, "10.20.2.11") != 0 || port != YW_IEC104_PORT)
        return -1;
    int session = opened++ % YW_RTU_SESSIONS_MAX;
    waiting[session] = 0;
    gone[session] = false;
    return yw_rtu_open(&rtu, session, "10.20.2.66", now_ms) ? session : -1;
}

static bool send_stream(void *arg, int stream, const void *bytes, size_t size)
{
    (void)arg;
    now_ms++;
    gone[stream] = gone[stream] || yw_rtu_feed(&rtu, stream, bytes, size, now_ms) < 0 ||
                   !yw_rtu_pump(&rtu, stream, now_ms);
    return true; /* as a socket: what is lost behind it shows later */
}

static int receive(void *arg, int stream, void *bytes, size_t size, int64_t wait_ms)
{
    (void)arg;
    size_t got = waiting[stream] < size ? waiting[stream] : size;
    if (got == 0 && gone[stream])
        return -1;
    if (got == 0)
        now_ms += wait_ms;
    memcpy(bytes, from_rtu[stream], got);
    waiting[stream] -= got;
    memmove(from_rtu[stream], from_rtu[stream] + got, waiting[stream]);
    return (int)got;
}

static void close_stream(void *arg, int stream)
{
    (void)arg;
    yw_rtu_close(&rtu, stream);
}

static int64_t now(void *arg)
{
    (void)arg;
    return now_ms++;
}

static int begin(void **state)
{
    static const char text[] = "station 1\nsensor u_kv 0 20\nsensor breaker 0 1\n"
                               "output breaker_cmd 0 1 1\noutput limit 40 60 49\n"
                               "point 1001 M_DP_TB_1 breaker\n"
                               "point 2001 M_ME_TF_1 u_kv\n"
                               "point 3001 C_DC_NA_1 breaker_cmd select 10000\n"
                               "point 4001 C_SE_NC_1 limit\n";
    char problem[YW_CONF_PROBLEM_MAX];
    struct yw_field_record in = {.magic = YW_FIELD_MAGIC, .count = 2, .value = {10, 1}};
    struct yw_field_record out;
    (void)state;
    opened = 0;
    deaf = false;
    now_ms = 1000;
    yw_rtu_init(&rtu, 5);
    rtu.put = put;
    if (yw_rtu_load(&rtu, text, sizeof(text) - 1, problem) != 0)
        return -1;
    (void)yw_rtu_sense(&rtu, &in);
    yw_rtu_scan(&rtu, now_ms, now_ms, &out);
    return 0;
}

static void run(const char *line)
{
    static const struct yw_applet_io io = {.open = open_stream,
                                           .send = send_stream,
                                           .receive = receive,
                                           .close = close_stream,
                                           .now = now};
    char words[16][64];
    const char *argv[16];
    int argc = 0;
    for (const char *at = line; *at != '\0' && argc < 16; argc++) {
        size_t size = strcspn(at, " ");
        assert_true(size < sizeof(words[0]));
        memcpy(words[argc], at, size);
        words[argc][size] = '\0';
        argv[argc] = words[argc];
        at += size + (at[size] == ' ' ? 1 : 0);
    }
    memset(&result, 0, sizeof(result));
    yw_applet_run(&io, argc, argv, &result);
    for (int i = 0; i < YW_RTU_SESSIONS_MAX; i++)
        assert_false(rtu.sessions[i].open); /* every connection is closed again */
}

static void says(const char *line, int code, const char *output)
{
    run(line);
    assert_string_equal(result.output, output);
    assert_int_equal(result.code, code);
}

static void looking(void **state)
{
    (void)state;
    says("iec104 interrogate 10.20.2.11 1", 0,
         "{\"points\":[{\"ioa\":1001,\"type\":\"M_DP_NA_1\",\"value\":2,\"quality\":0},"
         "{\"ioa\":2001,\"type\":\"M_ME_NC_1\",\"value\":10,\"quality\":0}],"
         "\"more\":false}");
    says("iec104 sweep 10.20.2.11 1 1990 2010", 0,
         "{\"points\":[{\"ioa\":2001,\"type\":\"M_ME_NC_1\",\"value\":10,\"quality\":0}],"
         "\"more\":false}");
    says("iec104 interrogate 10.20.2.11 2", 1, "{\"error\":\"refused\"}");
    says("iec104 interrogate 10.20.2.12 1", 1, "{\"error\":\"unreachable\"}");
    says("iec104 sweep 10.20.2.11 1 1 600", 1,
         "{\"error\":\"usage: iec104 sweep HOST STATION FIRST LAST (at most 512)\"}");
}

static void acting(void **state)
{
    (void)state;
    says("iec104 command 10.20.2.11 1 C_DC_NA_1 3001 1", 1, "{\"error\":\"refused\"}");
    assert_true(rtu.outputs[0].value > 0.5);
    says("iec104 operate 10.20.2.11 1 C_DC_NA_1 3001 1", 0,
         "{\"ioa\":3001,\"value\":1,\"done\":\"executed\"}");
    assert_true(rtu.outputs[0].value < 0.5);
    says("iec104 select 10.20.2.11 1 C_DC_NA_1 3001 2", 0,
         "{\"ioa\":3001,\"value\":2,\"done\":\"selected\"}");
    assert_true(rtu.outputs[0].value < 0.5);
    says("iec104 setpoint 10.20.2.11 1 4001 47.5", 0,
         "{\"ioa\":4001,\"value\":47.5,\"done\":\"executed\"}");
    assert_true(rtu.outputs[1].value < 47.6);
    says("iec104 setpoint 10.20.2.11 1 4002 47.5", 1, "{\"error\":\"unknown object\"}");
    says("iec104 setpoint 10.20.2.11 9 4001 47.5", 1, "{\"error\":\"unknown station\"}");
    says("iec104 clock 10.20.2.11 1 1600000000000", 0,
         "{\"ioa\":0,\"value\":0,\"done\":\"executed\"}");
    assert_true(rtu.clock_ms != 0);
}

static void stopping(void **state)
{
    (void)state;
    says("iec104 flood 10.20.2.11 1 500", 0, "{\"sent\":500,\"closed\":false}");
    run("iec104 block 10.20.2.11 500");
    assert_int_equal(result.code, 0);
    assert_true(opened > YW_RTU_SESSIONS_MAX);
    says("iec104 reset 10.20.2.11 1", 0, "{\"ioa\":0,\"value\":0,\"done\":\"executed\"}");
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {"iec104",
                                        "iec104 reset",
                                        "iec104 command 10.20.2.11 1 C_XX 1 1",
                                        "iec104 command 10.20.2.11 1 M_SP_NA_1 1 1",
                                        "iec104 setpoint 10.20.2.11 1 0 5",
                                        "iec104 setpoint 10.20.2.11 1 4001 nan",
                                        "iec104 flood 10.20.2.11 1 0",
                                        "iec104 block 10.20.2.11 999999",
                                        "iec104 clock 10.20.2.11 1 x",
                                        "iec104 interrogate 10.20.2 1",
                                        "iec104 interrogate 10.20.2.11 70000"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        run(lines[i]);
        assert_int_equal(result.code, 1);
        assert_true(strncmp(result.output, "{\"error\":", 9) == 0);
    }
}

static void silence_ends(void **state)
{
    (void)state;
    deaf = true;
    says("iec104 interrogate 10.20.2.11 1", 1, "{\"error\":\"no STARTDT confirmation\"}");
    assert_true(now_ms < 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(looking, begin),
        cmocka_unit_test_setup(acting, begin),
        cmocka_unit_test_setup(stopping, begin),
        cmocka_unit_test_setup(nonsense_is_refused, begin),
        cmocka_unit_test_setup(silence_ends, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
