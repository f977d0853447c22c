#include "controller/engineering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAID_MAX (160 * 1024)

static struct yw_plc plc;
static struct yw_eng eng;
static char said[YW_ENG_SESSIONS_MAX][SAID_MAX];
static size_t said_size[YW_ENG_SESSIONS_MAX];
static size_t room; /* of the wire; SAID_MAX: any */
static char lines[64][YW_PLC_LINE_MAX];
static int line_count;

static const char program[] =
    "PROGRAM dosing\n"
    "VAR dose AT %MW40 : UINT := 100; pump AT %QW0 : REAL; n : INT; s : ARRAY[1..2] OF "
    "INT;\n"
    "    t : TON; END_VAR\n"
    "VAR RETAIN total : DINT; END_VAR\n"
    "VAR CONSTANT top : INT := 9; END_VAR\n"
    "n := n + 1; total := total + 1; pump := UINT_TO_REAL(dose);\n"
    "END_PROGRAM\n";

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    (void)arg;
    if (size > room)
        return false;
    assert_true(size + said_size[session] < SAID_MAX);
    memcpy(said[session] + said_size[session], bytes, size);
    said_size[session] += size;
    said[session][said_size[session]] = '\0';
    return true;
}

static void on_line(void *arg, const char *line)
{
    (void)arg;
    (void)snprintf(lines[line_count++ % 64], sizeof(lines[0]), "%s", line);
}

/* Types bytes; what is answered to them. */
static const char *feed(int session, const char *bytes, size_t size)
{
    said_size[session] = 0;
    said[session][0] = '\0';
    assert_int_equal(yw_eng_feed(&eng, session, bytes, size), (int)size);
    return said[session];
}

static const char *ask(int session, const char *command)
{
    return feed(session, command, strlen(command));
}

static void expect(int session, const char *command, const char *answer)
{
    const char *found = ask(session, command);
    if (strncmp(found, answer, strlen(answer)) != 0)
        fail_msg("%s: %s, expected %s", command, found, answer);
}

/* DOWNLOAD, EDIT, COMPARE: command and bytes. */
static const char *send(int session, const char *verb, const void *bytes, size_t size)
{
    char command[64];
    (void)snprintf(command, sizeof(command), "%s %zu\n", verb, size);
    expect(session, command, "200 send ");
    /* in pieces, as they come */
    assert_int_equal(yw_eng_feed(&eng, session, bytes, size / 2), (int)(size / 2));
    return feed(session, (const char *)bytes + size / 2, size - size / 2);
}

static void scan(int64_t now_ms)
{
    struct yw_field_record out;
    yw_plc_scan(&plc, now_ms, &out);
}

static int start(void **state)
{
    (void)state;
    struct yw_st_problem problem;
    yw_plc_init(&plc, 7);
    plc.on_line = on_line;
    yw_eng_init(&eng, &plc, program, sizeof(program) - 1);
    eng.put = put;
    room = SAID_MAX;
    line_count = 0;
    memset(said_size, 0, sizeof(said_size));
    if (yw_plc_load(&plc, program, sizeof(program) - 1, &problem) != 0)
        return -1;
    return yw_eng_open(&eng, 0, "10.20.2.66") && yw_eng_open(&eng, 1, "10.20.2.5") ? 0
                                                                                   : -1;
}

static const char *last_line(void)
{
    return line_count == 0 ? "" : lines[(line_count - 1) % 64];
}

static void everybody_may_read(void **state)
{
    (void)state;
    assert_memory_equal(said[0], "220 ", 4);
    scan(0);
    expect(0, "read total\r\n", "200 DINT 1\r\n");
    expect(0, "READ %MW40\n", "200 UINT 100\r\n");
    expect(0, "READ t.et\n", "200 TIME T#0ms\r\n");
    expect(0, "READ nothing\n", "404 ");
    assert_non_null(
        strstr(ask(0, "STATUS\n"), "mode=run\nkey=remote\nprogram=dosing\ncrc="));
    const char *vars = ask(0, "VARS\n");
    assert_non_null(strstr(vars, "\ntotal DINT 1 RETAIN\n"));
    assert_non_null(strstr(vars, "\ns[2] INT 0\n"));
    assert_non_null(strstr(vars, "\nt FUNCTION_BLOCK\n"));
    const char *text = ask(0, "UPLOAD\n");
    assert_memory_equal(text, "211 ", 4);
    assert_string_equal(strstr(text, "\r\n") + 2, program);
    assert_non_null(
        strstr(last_line(), "\"kind\":\"plc-upload\",\"from\":\"10.20.2.66\""));
    expect(0, "NOISE\n", "400 ");
    expect(0, "READ\n", "400 READ takes 1");
    assert_string_equal(ask(0, "\n\r\n   \n"), "");
    assert_int_equal(yw_eng_feed(&eng, 0, "QUIT\n", 5), -1);
}

static void writing_needs_password_and_key(void **state)
{
    (void)state;
    char why[YW_PLC_PROBLEM_MAX];
    static const char *const needs[] = {"MODE stop\n", "DOWNLOAD 10\n", "EDIT 10\n",
                                        "FORCE n 1\n", "UNFORCE ALL\n", "PASSWORD x\n"};
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        expect(0, needs[i], "430 LOGIN first");
    expect(0, "WRITE n 4\n", "430 ");
    assert_string_equal(last_line(), "{\"kind\":\"plc-refused\",\"from\":\"10.20.2.66\","
                                     "\"command\":\"WRITE\"}");
    expect(0, "LOGIN 1112\n", "430 wrong");
    assert_string_equal(last_line(),
                        "{\"kind\":\"plc-login\",\"from\":\"10.20.2.66\",\"ok\":false}");
    expect(0, "LOGIN 1111\n", "200 ");
    expect(1, "MODE stop\n", "430 "); /* of one session only */
    assert_int_equal(yw_plc_set(&plc, "key", "run", why), 0);
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        expect(0, needs[i], "423 the key stands at run");
    assert_int_equal(yw_plc_set(&plc, "key", "remote", why), 0);
    assert_int_equal(yw_plc_set(&plc, "acl", "10.20.2.5", why), 0);
    expect(0, "MODE stop\n", "403 ");
    assert_int_equal(yw_plc_set(&plc, "acl", "*", why), 0);
    expect(0, "PASSWORD swordfish\n", "200 ");
    expect(1, "LOGIN 1111\n", "430 ");
    expect(1, "LOGIN swordfish\n", "200 ");
}

static void modes_are_told_with_old_and_new(void **state)
{
    (void)state;
    expect(0, "LOGIN 1111\n", "200 ");
    expect(0, "MODE program\n", "200 program");
    assert_string_equal(last_line(),
                        "{\"kind\":\"plc-mode\",\"from\":\"10.20.2.66\",\"old\":"
                        "\"run\",\"new\":\"program\"}");
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_PROGRAM);
    expect(0, "MODE fast\n", "400 ");
}

static void values_are_written_and_forced(void **state)
{
    (void)state;
    expect(0, "LOGIN 1111\n", "200 ");
    expect(0, "WRITE dose 250\n", "200 was 100");
    assert_string_equal(last_line(),
                        "{\"kind\":\"plc-write\",\"from\":\"10.20.2.66\",\"name\":"
                        "\"dose\",\"old\":\"100\",\"new\":\"250\"}");
    scan(0);
    assert_true(plc.output[0] == 250);
    expect(0, "WRITE dose 70000\n", "400 expected a value of type UINT");
    expect(0, "WRITE dose (*\",*)7\n", "200 "); /* a remark in a value … */
    assert_null(strstr(last_line(), "(*"));     /* … does not reach the log */
    expect(0, "WRITE top 3\n", "404 ");
    expect(0, "WRITE %IW0 3\n", "403 ");
    expect(0, "WRITE %MW93 3\n", "403 ");
    expect(0, "WRITE %MD89 3\n", "403 ");
    expect(0, "FORCE %QW0 12.5\n", "200 was 250.0");
    scan(100);
    assert_true(plc.output[0] == 12.5);
    assert_non_null(strstr(ask(0, "FORCES\n"), "%QW0 REAL 12.5\n"));
    expect(0, "UNFORCE %QW1\n", "404 ");
    expect(0, "UNFORCE %QW0\n", "200 ");
    scan(200);
    assert_true(plc.output[0] == 7);
    expect(0, "FORCE n -3\n", "200 ");
    scan(300);
    expect(0, "READ n\n", "200 INT -3");
    expect(0, "UNFORCE all\n", "200 ");
}

static const char edited[] = "PROGRAM dosing\n"
                             "VAR more : INT := 5; n : INT; dose AT %MW40 : UINT := 900; "
                             "pump AT %QW0 : REAL; END_VAR\n"
                             "VAR RETAIN total : DINT; END_VAR\n"
                             "n := n + 1; total := total + 1; pump := 1.0;\n"
                             "END_PROGRAM\n";

static void an_edit_has_no_bump(void **state)
{
    (void)state;
    uint32_t crc = plc.program.crc;
    for (int i = 0; i < 5; i++)
        scan(i * 100);
    expect(0, "LOGIN 1111\n", "200 ");
    expect(0, "FORCE n 40\n", "200 ");
    const char *answer = send(0, "EDIT", edited, sizeof(edited) - 1);
    assert_memory_equal(answer, "200 dosing ", 11);
    assert_non_null(strstr(last_line(), "\"kind\":\"plc-edit\""));
    assert_int_not_equal(plc.program.crc, crc);
    assert_int_equal(plc.bank.holding[YW_PLC_MODE], YW_PLC_RUN);
    scan(500);
    expect(0, "READ total\n", "200 DINT 6");
    expect(0, "READ n\n", "200 INT 40"); /* the force followed its variable */
    expect(0, "READ dose\n", "200 UINT 100");
    expect(0, "READ more\n", "200 INT 5");
    assert_true(plc.output[0] == 1);
    const char *text = ask(0, "UPLOAD\n");
    assert_string_equal(strstr(text, "\r\n") + 2, edited);
    /* A mistake changes nothing. */
    crc = plc.program.crc;
    answer = send(0, "EDIT", "PROGRAM p\n x := 1; END_PROGRAM", 30);
    assert_string_equal(answer, "422 line 2, column 2: unknown name 'x'\r\n");
    assert_int_equal(plc.program.crc, crc);
}

static void a_download_starts_afresh(void **state)
{
    (void)state;
    static uint8_t packed[YW_ST_PACK_MAX];
    struct yw_st_problem problem;
    for (int i = 0; i < 5; i++)
        scan(i * 100);
    expect(0, "LOGIN 1111\n", "200 ");
    expect(0, "DOWNLOAD 10\n", "409 MODE program first");
    expect(0, "MODE program\n", "200 ");
    expect(0, "DOWNLOAD 0\n", "413 ");
    expect(0, "DOWNLOAD 65537\n", "413 ");
    expect(0, "DOWNLOAD 10000000\n", "413 ");
    expect(0, "DOWNLOAD x\n", "413 ");
    assert_memory_equal(send(0, "DOWNLOAD", edited, sizeof(edited) - 1), "200 ", 4);
    expect(0, "READ total\n", "200 DINT 5"); /* retained */
    expect(0, "READ n\n", "200 INT 0");
    expect(0, "READ dose\n", "200 UINT 900"); /* its initial value */
    /* Compiled elsewhere: no text to show for it. */
    assert_int_equal(yw_st_compile(&eng.next, program, sizeof(program) - 1, &problem), 0);
    size_t size = yw_st_pack(&eng.next, packed, sizeof(packed));
    assert_memory_equal(send(0, "DOWNLOAD", packed, size), "200 dosing ", 11);
    assert_non_null(strstr(last_line(), "\"compiled\":true"));
    expect(0, "UPLOAD\n", "404 ");
    const char *image = ask(0, "IMAGE\n");
    assert_memory_equal(strstr(image, "\r\n") + 2, packed, size);
    packed[size - 1] ^= 1;
    assert_memory_equal(send(0, "DOWNLOAD", packed, size), "422 ", 4);
    expect(0, "MODE run\n", "200 ");
    scan(600);
    assert_true(plc.output[0] == 100);
}

static void a_comparison_shows_the_lines(void **state)
{
    (void)state;
    const char *answer = send(0, "COMPARE", program, sizeof(program) - 1);
    assert_non_null(strstr(answer, "program=same\ntext=same\nlines=0\n"));
    static char remarked[sizeof(program) + 20];
    (void)snprintf(remarked, sizeof(remarked), "(* mine *)\n%s", program);
    answer = send(0, "COMPARE", remarked, strlen(remarked));
    assert_non_null(
        strstr(answer, "program=same\ntext=differs\nlines=1\n+1 (* mine *)\n"));
    answer = send(0, "COMPARE", edited, sizeof(edited) - 1);
    assert_non_null(strstr(answer, "program=differs\ntext=differs\n"));
    assert_non_null(
        strstr(answer, "\n+4 n := n + 1; total := total + 1; pump := 1.0;\n"));
}

static void one_transfer_at_a_time(void **state)
{
    (void)state;
    expect(0, "COMPARE 100\n", "200 ");
    expect(1, "UPLOAD\n", "423 ");
    expect(1, "READ n\n", "200 ");
    yw_eng_close(&eng, 0); /* in the middle */
    expect(1, "COMPARE 3\n", "200 ");
    assert_memory_equal(ask(1, "abcREAD n\n"), "211 ", 4);
    /* A slow taker is sent the rest later, and not heard meanwhile. */
    room = 4;
    said_size[1] = 0;
    assert_int_equal(yw_eng_feed(&eng, 1, "UPLOAD\nREAD n\n", 14), 7);
    assert_true(yw_eng_sending(&eng, 1));
    assert_int_equal(yw_eng_feed(&eng, 1, "READ n\n", 7), 0);
    room = SAID_MAX;
    yw_eng_pump(&eng, 1);
    assert_false(yw_eng_sending(&eng, 1));
    assert_string_equal(said[1], program);
    expect(1, "READ n\n", "200 ");
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    char command[YW_ENG_COMMAND_MAX + 3];
    memset(command, 'a', sizeof(command));
    command[YW_ENG_COMMAND_MAX] = '\n';
    command[YW_ENG_COMMAND_MAX + 1] = '\0';
    expect(0, command, "400 HELP");
    command[YW_ENG_COMMAND_MAX] = 'a';
    command[YW_ENG_COMMAND_MAX + 1] = '\n';
    command[YW_ENG_COMMAND_MAX + 2] = '\0';
    expect(0, command, "400 a command has at most");
    expect(0, "READ n\n", "200 ");
    assert_false(yw_eng_open(&eng, YW_ENG_SESSIONS_MAX, "1.2.3.4"));
    assert_int_equal(yw_eng_feed(&eng, 5, "HELP\n", 5), -1); /* not open */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(everybody_may_read, start),
        cmocka_unit_test_setup(writing_needs_password_and_key, start),
        cmocka_unit_test_setup(modes_are_told_with_old_and_new, start),
        cmocka_unit_test_setup(values_are_written_and_forced, start),
        cmocka_unit_test_setup(an_edit_has_no_bump, start),
        cmocka_unit_test_setup(a_download_starts_afresh, start),
        cmocka_unit_test_setup(a_comparison_shows_the_lines, start),
        cmocka_unit_test_setup(one_transfer_at_a_time, start),
        cmocka_unit_test_setup(what_is_too_long_is_refused, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
