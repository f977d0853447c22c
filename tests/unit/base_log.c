#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"

#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static void read_line(const int pipe_fd[2], char *text, size_t size)
{
    ssize_t got = read(pipe_fd[0], text, size - 1);
    assert_true(got > 0);
    text[got] = '\0';
}

static void test_text_line(void **state)
{
    const int *pipe_fd = *state;
    char text[16384];
    yw_log_setup("core", YW_LOG_INFO, false, pipe_fd[1]);
    yw_debug("base", "below the level");
    yw_info("base", "machine '%s' is up", "plc1");
    read_line(pipe_fd, text, sizeof(text));
    assert_non_null(strstr(text, "Z info core[base] machine 'plc1' is up\n"));
    assert_null(strstr(text, "below"));
}

static void test_control_bytes_are_shown(void **state)
{
    const int *pipe_fd = *state;
    char text[16384];
    yw_log_setup("core", YW_LOG_INFO, false, pipe_fd[1]);
    yw_warn("base", "a\nb\x1b[31mc\x7f\xc2\x9b 演武");
    read_line(pipe_fd, text, sizeof(text));
    assert_non_null(strstr(text, "a\\x0ab\\x1b[31mc\\x7f\\xc2\\x9b 演武\n"));
}

static void test_json_line_is_escaped(void **state)
{
    const int *pipe_fd = *state;
    char text[16384];
    yw_log_setup("core", YW_LOG_INFO, true, pipe_fd[1]);
    yw_error("base", "he said \"no\\\"\n");
    read_line(pipe_fd, text, sizeof(text));
    assert_non_null(strstr(text,
                           "\"level\":\"error\",\"process\":\"core\",\"room\":\"base\","
                           "\"text\":\"he said \\\"no\\\\\\\"\\\\x0a\"}\n"));
}

static void test_long_lines_are_cut(void **state)
{
    const int *pipe_fd = *state;
    char text[16384];
    char much[2 * YW_LOG_LINE_MAX];
    memset(much, 'y', sizeof(much) - 1);
    much[sizeof(much) - 1] = '\0';
    yw_log_setup("core", YW_LOG_INFO, false, pipe_fd[1]);
    yw_info("base", "%s", much);
    read_line(pipe_fd, text, sizeof(text));
    assert_true(strlen(text) < YW_LOG_LINE_MAX + 100);
    assert_int_equal(text[strlen(text) - 1], '\n');
}

static void test_a_failed_write_is_dropped(void **state)
{
    (void)state;
    yw_log_setup("core", YW_LOG_INFO, false, -1);
    yw_info("base", "nobody reads this");
    yw_log_setup("core", YW_LOG_INFO, false, STDERR_FILENO);
}

int main(void)
{
    int pipe_fd[2];
    if (pipe(pipe_fd) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_text_line, pipe_fd),
        cmocka_unit_test_prestate(test_control_bytes_are_shown, pipe_fd),
        cmocka_unit_test_prestate(test_json_line_is_escaped, pipe_fd),
        cmocka_unit_test_prestate(test_long_lines_are_cut, pipe_fd),
        cmocka_unit_test(test_a_failed_write_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
