/* What a machine tells: in order, at its pace, and what was lost is said. */
#include "controller/backlog.h"

#include "controller/modbus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yw_backlog backlog;
static char line[YW_CHANNEL_LINE_MAX + 1];

static int start(void **state)
{
    (void)state;
    yw_backlog_init(&backlog, 1000);
    return 0;
}

/* As long as the line of a write with the longest words. */
static void put_write(int number)
{
    char text[YW_CHANNEL_LINE_MAX];
    (void)snprintf(text, sizeof(text),
                   "{\"kind\":\"modbus-write\",\"from\":\"255.255.255.255\",\"fc\":15,"
                   "\"table\":\"coil\",\"address\":%d,\"old\":0,\"new\":1}",
                   number);
    yw_backlog_put(&backlog, text);
}

static int number_of(const char *text)
{
    const char *at = strstr(text, "\"address\":");
    return at == NULL ? -1 : (int)strtol(at + 10, NULL, 10);
}

static void test_pace(void **state)
{
    (void)state;
    int64_t now_ms = 1000;

    assert_true(yw_backlog_due(&backlog) == INT64_MAX);
    for (int i = 0; i < YW_BACKLOG_BURST + 2; i++)
        put_write(i);
    for (int i = 0; i < YW_BACKLOG_BURST; i++) {
        assert_true(yw_backlog_due(&backlog) <= now_ms);
        assert_true(yw_backlog_take(&backlog, now_ms, line));
        assert_int_equal(number_of(line), i);
    }
    for (int i = YW_BACKLOG_BURST; i < YW_BACKLOG_BURST + 2; i++) {
        assert_false(yw_backlog_take(&backlog, now_ms, line));
        int64_t due_ms = yw_backlog_due(&backlog);
        assert_true(due_ms > now_ms && due_ms <= now_ms + 1000 / YW_BACKLOG_RATE + 1);
        assert_false(yw_backlog_take(&backlog, due_ms - 1, line));
        assert_true(yw_backlog_take(&backlog, due_ms, line));
        assert_int_equal(number_of(line), i);
        now_ms = due_ms;
    }
    assert_true(yw_backlog_due(&backlog) == INT64_MAX);
    assert_false(yw_backlog_take(&backlog, now_ms + 60000, line));
}

static void test_one_request_is_told_whole(void **state)
{
    (void)state;
    int told = 0;

    for (int i = 0; i < YW_MODBUS_TABLE; i++) {
        put_write(i);
        if (yw_backlog_take(&backlog, 1000, line))
            assert_int_equal(number_of(line), told++);
    }
    while (yw_backlog_due(&backlog) != INT64_MAX) {
        assert_true(yw_backlog_take(&backlog, yw_backlog_due(&backlog), line));
        assert_int_equal(number_of(line), told++);
    }
    assert_int_equal(told, YW_MODBUS_TABLE);
}

static void test_loss_is_said_in_its_place(void **state)
{
    (void)state;
    int64_t now_ms = 1000;
    int told = 0;

    for (int i = 0; i < 1000; i++)
        put_write(i);
    while (yw_backlog_take(&backlog, now_ms, line)) {
        if (strstr(line, "dropped") != NULL)
            break;
        assert_int_equal(number_of(line), told++);
        if (told == 100)
            put_write(5000); /* behind the gap */
        now_ms = yw_backlog_due(&backlog);
    }
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "{\"kind\":\"dropped\",\"lines\":%d}",
                   1000 - told);
    assert_string_equal(line, wanted);
    assert_true(told > 200 && told < 1000);
    assert_true(yw_backlog_take(&backlog, now_ms + 1000, line));
    assert_int_equal(number_of(line), 5000);
    assert_true(yw_backlog_due(&backlog) == INT64_MAX);
}

/* Nothing comes after the flood: that lines were lost is told all the same. */
static void test_loss_is_said_at_the_end(void **state)
{
    (void)state;

    for (int i = 0; i < 1000; i++)
        put_write(i);
    for (int64_t now_ms = 1000; yw_backlog_due(&backlog) != INT64_MAX; now_ms += 50)
        (void)yw_backlog_take(&backlog, now_ms, line);
    assert_non_null(strstr(line, "\"kind\":\"dropped\""));
}

static void test_limits(void **state)
{
    (void)state;
    char text[YW_CHANNEL_LINE_MAX + 2];

    memset(text, 'x', sizeof(text));
    text[YW_CHANNEL_LINE_MAX] = '\0';
    yw_backlog_put(&backlog, text);
    assert_true(yw_backlog_take(&backlog, 1000, line));
    assert_string_equal(line, text);
    text[YW_CHANNEL_LINE_MAX] = 'x';
    text[YW_CHANNEL_LINE_MAX + 1] = '\0';
    yw_backlog_put(&backlog, text);
    yw_backlog_put(&backlog, "");
    assert_true(yw_backlog_take(&backlog, 1000, line));
    assert_string_equal(line, "{\"kind\":\"dropped\",\"lines\":1}");
    assert_true(yw_backlog_take(&backlog, 1000, line));
    assert_string_equal(line, "{\"kind\":\"dropped\",\"lines\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_pace, start),
        cmocka_unit_test_setup(test_one_request_is_told_whole, start),
        cmocka_unit_test_setup(test_loss_is_said_in_its_place, start),
        cmocka_unit_test_setup(test_loss_is_said_at_the_end, start),
        cmocka_unit_test_setup(test_limits, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
