/* The operator prompt: what it shows for what is typed, within its bounds. */
#include "controller/prompt.h"

#include "controller/plc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct desk {
    struct yw_prompt prompt;
    struct yw_plc *plc;
    char role[16];
    char shown[16384];
    size_t size;
    int runs;
    char asked[256];
    bool busy;
};

static void put(void *arg, const char *bytes, size_t size)
{
    struct desk *desk = arg;
    assert_true(desk->size + size < sizeof(desk->shown));
    memcpy(desk->shown + desk->size, bytes, size);
    desk->size += size;
    desk->shown[desk->size] = '\0';
}

static bool run(void *arg, int argc, const char *const *argv)
{
    struct desk *desk = arg;
    desk->asked[0] = '\0';
    for (int i = 0; i < argc; i++) {
        strcat(desk->asked, i ? " " : "");
        strcat(desk->asked, argv[i]);
    }
    desk->runs++;
    return !desk->busy;
}

static void interfaces(void *arg, char *ret, size_t ret_size)
{
    (void)arg;
    (void)snprintf(ret, ret_size, "[{\"name\":\"eth0\"}]");
}

static const char *role(void *arg)
{
    return ((struct desk *)arg)->role;
}

static size_t own(void *arg, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX])
{
    struct desk *desk = arg;
    return desk->plc ? yw_plc_answer(desk->plc, "0.0.0.0", 0, pdu, size, reply) : 0;
}

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    const struct yw_prompt_io io = {.put = put,
                                    .run = run,
                                    .interfaces = interfaces,
                                    .role = role,
                                    .own = own,
                                    .arg = desk};
    yw_prompt_init(&desk->prompt, &io);
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    free(desk->plc);
    free(desk);
    return 0;
}

/* What is shown for these keys, alone. */
static const char *type(struct desk *desk, const char *keys)
{
    desk->size = 0;
    desk->shown[0] = '\0';
    yw_prompt_type(&desk->prompt, keys, strlen(keys));
    return desk->shown;
}

static void become_plc(struct desk *desk)
{
    static const char program[] =
        "PROGRAM t\nVAR a AT %MW40 : INT := 7; END_VAR\nEND_PROGRAM";
    struct yw_st_problem problem;
    desk->plc = calloc(1, sizeof(*desk->plc));
    yw_plc_init(desk->plc, 1);
    (void)yw_plc_load(desk->plc, program, sizeof(program) - 1, &problem);
    strcpy(desk->role, "plc");
    yw_prompt_greet(&desk->prompt, "plc1");
}

static void test_help_and_status(void **state)
{
    struct desk *desk = *state;
    assert_non_null(strstr(type(desk, "help\r"), "modbus scan CIDR"));
    assert_null(strstr(desk->shown, "own registers"));
    assert_non_null(strstr(type(desk, "status\r"), "machine, role none yet"));
    become_plc(desk);
    assert_non_null(strstr(type(desk, "help\r"), "own registers"));
    assert_non_null(strstr(type(desk, "status\r"), "plc1, role plc"));
    assert_non_null(strstr(desk->shown, "scan 0"));
    assert_non_null(strstr(type(desk, "ip\r"), "eth0"));
    assert_non_null(strstr(desk->shown, "plc1> "));
}

static void test_own_registers(void **state)
{
    struct desk *desk = *state;
    become_plc(desk);
    assert_non_null(strstr(type(desk, "modbus read holding 92 1\r"), "{\"values\":[0]}"));
    assert_int_equal(desk->runs, 0);
    assert_non_null(strstr(type(desk, "modbus read nothing 92 1\r"), "usage"));
    assert_non_null(strstr(type(desk, "modbus read holding 92 999\r"), "usage"));
}

/* Programs run beside the prompt; what is typed meanwhile is dropped. */
static void test_applets(void **state)
{
    struct desk *desk = *state;
    type(desk, "modbus read 10.20.2.11 1 holding 40 2\r");
    assert_string_equal(desk->asked, "modbus read 10.20.2.11 1 holding 40 2");
    assert_string_equal(type(desk, "ping 10.0.0.1\r"), "");
    assert_int_equal(desk->runs, 1);
    yw_prompt_answer(&desk->prompt, 0, "{\"values\":[1,\"\x1b]0;x\x07\"]}");
    assert_non_null(strstr(desk->shown, "{\"values\":[1,\"?]0;x?\"]}"));
    assert_non_null(strstr(desk->shown, "machine> "));
    yw_prompt_answer(&desk->prompt, 0, "late");
    assert_null(strstr(desk->shown, "late"));
    desk->busy = true;
    assert_non_null(strstr(type(desk, "ping 10.0.0.1\r"), "busy"));
    assert_non_null(strstr(type(desk, "ip\r"), "eth0"));
}

/* There is no way to write, and no shell. */
static void test_what_it_does_not_do(void **state)
{
    static const char *const lines[] = {
        "modbus write 10.20.2.11 1 holding 40 1\r",
        "operate set-point 1\r",
        "sh\r",
        "acl none\r",
        "$(ip)\r",
        "modbus\r",
    };
    struct desk *desk = *state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_non_null(strstr(type(desk, lines[i]), "unknown command"));
    assert_int_equal(desk->runs, 0);
    assert_non_null(strstr(type(desk, "a b c d e f g h i\r"), "too many words"));
}

static void test_editing(void **state)
{
    struct desk *desk = *state;
    type(desk, "stxtus\x1b[D\x1b[D\x1b[D\x7f"
               "a\r\n");
    assert_non_null(strstr(desk->shown, "role none yet"));
    type(desk, "nonsense\x15ip\r");
    assert_non_null(strstr(desk->shown, "eth0"));
    type(desk, "\x1b[A\x1b[A\r"); /* status */
    assert_non_null(strstr(desk->shown, "role none yet"));
    type(desk, "\x1b[A\x1b[A\x1b[B\x1b[B\x1b[B\r");
    assert_null(strstr(desk->shown, "role none yet"));
    type(desk, "rubbish\x03");
    assert_int_equal(desk->prompt.size, 0);
    type(desk, "tatus\x01s\x05\r");
    assert_non_null(strstr(desk->shown, "role none yet"));
    for (int i = 0; i < 2 * YW_PROMPT_HISTORY; i++)
        type(desk, "ip\r");
    for (int i = 0; i < 3 * YW_PROMPT_HISTORY; i++)
        type(desk, "\x1b[A");
    assert_int_equal(desk->prompt.back, YW_PROMPT_HISTORY);
}

static void test_a_line_ends_at_its_limit(void **state)
{
    struct desk *desk = *state;
    for (int i = 0; i < YW_PROMPT_LINE_MAX; i++)
        type(desk, "x");
    assert_int_equal(desk->prompt.size, YW_PROMPT_LINE_MAX);
    assert_string_equal(type(desk, "x"), "\a");
    assert_int_equal(desk->prompt.size, YW_PROMPT_LINE_MAX);
    assert_int_equal(strlen(desk->prompt.line), YW_PROMPT_LINE_MAX);
}

static void test_log(void **state)
{
    struct desk *desk = *state;
    char text[16];
    assert_non_null(strstr(type(desk, "log\r"), "nothing yet"));
    for (int i = 0; i < YW_PROMPT_LOG + 1; i++) {
        (void)snprintf(text, sizeof(text), "event %02d", i);
        yw_prompt_note(&desk->prompt, text);
    }
    type(desk, "log\r");
    assert_null(strstr(desk->shown, "event 00"));
    assert_non_null(strstr(desk->shown, "event 01\r\n"));
    assert_non_null(strstr(desk->shown, "event 16\r\n"));
}

/* Any bytes whatever: it stays within its memory (the sanitizers watch). */
static void test_noise(void **state)
{
    struct desk *desk = *state;
    uint32_t seed = 1;
    become_plc(desk);
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525u + 1013904223u;
        char key = (char)(seed >> 24);
        desk->size = 0;
        yw_prompt_type(&desk->prompt, &key, 1);
        if (desk->prompt.waiting)
            yw_prompt_answer(&desk->prompt, 0, "{}");
        assert_true(desk->prompt.at <= desk->prompt.size);
        assert_true(desk->prompt.size <= YW_PROMPT_LINE_MAX);
    }
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(test_help_and_status),
        ROW(test_own_registers),
        ROW(test_applets),
        ROW(test_what_it_does_not_do),
        ROW(test_editing),
        ROW(test_a_line_ends_at_its_limit),
        ROW(test_log),
        ROW(test_noise),
    };
    return cmocka_run_group_tests_name("guest_prompt", tests, NULL, NULL);
}
