/* The QEMU guest agent's commands and answers: exact words out, and nothing taken from a
 * guest that was not checked. */
#include "codec/guest_agent.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAYS(call, text)                                                                 \
    do {                                                                                 \
        struct yw_buf out;                                                               \
        yw_buf_init(&out, YW_GUEST_AGENT_COMMAND_MAX);                                   \
        call;                                                                            \
        assert_string_equal(out.data, (text));                                           \
        yw_buf_fini(&out);                                                               \
    } while (0)

static void test_commands(void **state)
{
    static const char *const argv[] = {"sh", "-c", "echo \"a\"\n"};

    (void)state;
    SAYS(yw_guest_agent_ping(&out), "{\"arguments\":{},\"execute\":\"guest-ping\"}");
    SAYS(yw_guest_agent_exec(&out, argv, 3),
         "{\"arguments\":{\"arg\":[\"-c\",\"echo \\\"a\\\"\\n\"],\"capture-output\":true,"
         "\"path\":\"sh\"},\"execute\":\"guest-exec\"}");
    SAYS(yw_guest_agent_exec_status(&out, 77),
         "{\"arguments\":{\"pid\":77},\"execute\":\"guest-exec-status\"}");
    SAYS(yw_guest_agent_set_time(&out, 1795000000000001),
         "{\"arguments\":{\"time\":1795000000000001000},\"execute\":\"guest-set-time\"}");
    SAYS(yw_guest_agent_open(&out, "/a\"b", "r+"),
         "{\"arguments\":{\"mode\":\"r+\",\"path\":\"/a\\\"b\"},\"execute\":"
         "\"guest-file-open\"}");
    SAYS(yw_guest_agent_seek(&out, 3, 4096),
         "{\"arguments\":{\"handle\":3,\"offset\":4096,\"whence\":\"set\"},\"execute\":"
         "\"guest-file-seek\"}");
    SAYS(yw_guest_agent_write(&out, 3, "hi\0", 3),
         "{\"arguments\":{\"buf-b64\":\"aGkA\",\"handle\":3},\"execute\":"
         "\"guest-file-write\"}");
    SAYS(yw_guest_agent_read(&out, 3, 10),
         "{\"arguments\":{\"count\":10,\"handle\":3},\"execute\":\"guest-file-read\"}");
}

static void test_numbers(void **state)
{
    static const char *const wrong[] = {"",
                                        "{",
                                        "[]",
                                        "{\"return\":-1}",
                                        "{\"return\":{\"pid\":\"7\"}}",
                                        "null",
                                        "{\"error\":{\"class\":\"GenericError\"}}",
                                        "{\"return\":{}}"};
    int64_t number = 0;
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_guest_agent_number("{\"return\":1000}", &number, &err), 0);
    assert_int_equal(number, 1000);
    assert_int_equal(yw_guest_agent_number("{\"return\":{\"pid\":42}}", &number, &err),
                     0);
    assert_int_equal(number, 42);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_true(yw_guest_agent_number(wrong[i], &number, &err) < 0);
}

static void test_an_answer_has_a_limit(void **state)
{
    char *answer = yw_new(YW_GUEST_AGENT_ANSWER_MAX + 2);
    int64_t number = 0;
    struct yw_err err;

    (void)state;
    memset(answer, ' ', YW_GUEST_AGENT_ANSWER_MAX + 1);
    memcpy(answer, "{\"return\":1}", 12);
    assert_int_equal(yw_guest_agent_number(answer, &number, &err), YW_ELIMIT);
    answer[YW_GUEST_AGENT_ANSWER_MAX] = '\0';
    assert_int_equal(yw_guest_agent_number(answer, &number, &err), 0);
    free(answer);
}

static void test_how_a_program_ended(void **state)
{
    struct yw_guest_agent_exit ended;
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_guest_agent_exit("{\"return\":{\"exited\":false}}", &ended, &err),
                     0);
    assert_false(ended.exited);
    /* "hello\n" and "oh\0\377": what is no text is made one */
    assert_int_equal(yw_guest_agent_exit("{\"return\":{\"exited\":true,\"exitcode\":3,"
                                         "\"out-data\":\"aGVsbG8K\",\"err-data\":"
                                         "\"b2gA/w==\"}}",
                                         &ended, &err),
                     0);
    assert_true(ended.exited);
    assert_int_equal(ended.code, 3);
    assert_string_equal(ended.output, "hello\noh\?\?");
    assert_int_equal(
        yw_guest_agent_exit("{\"return\":{\"exited\":true,\"signal\":9}}", &ended, &err),
        0);
    assert_int_equal(ended.code, 137);
    assert_true(yw_guest_agent_exit("{\"return\":{\"exited\":1}}", &ended, &err) < 0);
    assert_true(yw_guest_agent_exit("{\"return\":{\"exited\":true,\"exitcode\":256}}",
                                    &ended, &err) < 0);
    assert_true(yw_guest_agent_exit(
                    "{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":\"!\"}}",
                    &ended, &err) < 0);
}

/* Longer than there is room for: cut, and still a string. */
static void test_long_output_is_cut(void **state)
{
    struct yw_guest_agent_exit ended;
    struct yw_buf answer;
    struct yw_err err;

    (void)state;
    yw_buf_init(&answer, 65536);
    yw_buf_puts(&answer, "{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":\"");
    for (size_t i = 0; i < 2000; i++)
        yw_buf_puts(&answer, "YWJj");
    yw_buf_puts(&answer, "\",\"err-data\":\"YWJj\"}}");
    assert_int_equal(yw_guest_agent_exit(answer.data, &ended, &err), 0);
    assert_int_equal(strlen(ended.output), sizeof(ended.output) - 1);
    yw_buf_fini(&answer);
}

static void test_pieces(void **state)
{
    struct yw_err err;
    char bytes[3];
    size_t size = 0;

    (void)state;
    assert_int_equal(yw_guest_agent_piece("{\"return\":{\"buf-b64\":\"aGkA\"}}", bytes, 3,
                                          &size, &err),
                     0);
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "hi\0", 3);
    assert_int_equal(
        yw_guest_agent_piece("{\"return\":{\"buf-b64\":\"\"}}", bytes, 3, &size, &err),
        0);
    assert_int_equal(size, 0);
    assert_true(yw_guest_agent_piece("{\"return\":{\"buf-b64\":\"aGkAYQ==\"}}", bytes, 3,
                                     &size, &err) < 0);
    assert_true(yw_guest_agent_piece("{\"return\":{}}", bytes, 3, &size, &err) < 0);
}

static void test_nics(void **state)
{
    static const char answer[] =
        "{\"return\":[{\"name\":\"lo\"},"
        "{\"name\":\"eth0\",\"hardware-address\":\"52:54:00:AA:00:01\"},"
        "{\"name\":\"-x\",\"hardware-address\":\"52:54:00:aa:00:02\"},"
        "{\"name\":\"a-name-beyond-16\",\"hardware-address\":\"52:54:00:aa:00:03\"}]}";
    char name[YW_GUEST_AGENT_NIC_MAX];
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_guest_agent_nic(answer, "52:54:00:aa:00:01", name, &err), 0);
    assert_string_equal(name, "eth0");
    for (char last = '2'; last <= '4'; last++) {
        char mac[] = "52:54:00:aa:00:0x";

        mac[sizeof(mac) - 2] = last;
        assert_int_equal(yw_guest_agent_nic(answer, mac, name, &err), YW_ENOTFOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_an_answer_has_a_limit),
        cmocka_unit_test(test_how_a_program_ended),
        cmocka_unit_test(test_long_output_is_cut),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_nics),
    };

    return cmocka_run_group_tests_name("codec_guest_agent", tests, NULL, NULL);
}
