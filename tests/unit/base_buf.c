#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static void test_grows_and_stays_terminated(void **state)
{
    (void)state;
    struct yw_buf buf;
    yw_buf_init(&buf, 10000);
    assert_string_equal(buf.data, "");
    for (int i = 0; i < 1000; i++)
        yw_buf_printf(&buf, "%d,", i % 10);
    assert_int_equal(buf.size, 2000);
    assert_int_equal(strlen(buf.data), 2000);
    assert_false(buf.overflow);
    yw_buf_fini(&buf);
    yw_buf_fini(NULL);
}

static void test_the_limit_is_exact(void **state)
{
    (void)state;
    struct yw_buf buf;
    yw_buf_init(&buf, 5);
    yw_buf_puts(&buf, "12345");
    assert_false(buf.overflow);
    assert_string_equal(buf.data, "12345");
    yw_buf_put(&buf, "6", 1);
    assert_true(buf.overflow);
    assert_string_equal(buf.data, "12345");
    yw_buf_clear(&buf);
    assert_false(buf.overflow);
    yw_buf_printf(&buf, "%06d", 1);
    assert_true(buf.overflow);
    assert_int_equal(buf.size, 0);
    yw_buf_fini(&buf);
}

static void test_after_an_overflow_nothing_is_added(void **state)
{
    (void)state;
    struct yw_buf buf;
    yw_buf_init(&buf, 5);
    yw_buf_puts(&buf, "too long");
    yw_buf_puts(&buf, "ok");
    assert_true(buf.overflow);
    assert_string_equal(buf.data, "");
    yw_buf_fini(&buf);
}

static void test_drop_and_steal(void **state)
{
    (void)state;
    struct yw_buf buf;
    yw_buf_init(&buf, 100);
    yw_buf_put(&buf, "ab\0cd", 5);
    yw_buf_drop(&buf, 3);
    assert_int_equal(buf.size, 2);
    assert_string_equal(buf.data, "cd");
    char *text = yw_buf_steal(&buf);
    assert_string_equal(text, "cd");
    free(text);
    assert_int_equal(buf.size, 0);
    yw_buf_puts(&buf, "again");
    assert_string_equal(buf.data, "again");
    yw_buf_drop(&buf, 99);
    assert_string_equal(buf.data, "");
    yw_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_and_stays_terminated),
        cmocka_unit_test(test_the_limit_is_exact),
        cmocka_unit_test(test_after_an_overflow_nothing_is_added),
        cmocka_unit_test(test_drop_and_steal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
