#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

#include <errno.h>
#include <string.h>

static void test_set_writes_code_and_text(void **state)
{
    (void)state;
    struct yw_err err = {0};
    assert_int_equal(yw_err_set(&err, YW_EINVAL, "expected %d; got %d", 1, 2), YW_EINVAL);
    assert_int_equal(err.code, YW_EINVAL);
    assert_string_equal(err.text, "expected 1; got 2");
    assert_int_equal(yw_err_set(NULL, YW_EIO, "nobody listens"), YW_EIO);
    assert_int_equal(yw_err_prefix(NULL, "nobody listens"), YW_EIO);
}

static void test_prefix_chains_outermost_first(void **state)
{
    (void)state;
    struct yw_err err = {0};
    (void)yw_err_set(&err, YW_ENOTFOUND, "no such image");
    assert_int_equal(yw_err_prefix(&err, "define domain"), YW_ENOTFOUND);
    (void)yw_err_prefix(&err, "machine '%s'", "plc1");
    assert_string_equal(err.text, "machine 'plc1': define domain: no such image");
    assert_int_equal(err.code, YW_ENOTFOUND);
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    struct yw_err err = {0};
    char text[2 * YW_ERR_TEXT_MAX];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)yw_err_set(&err, YW_EIO, "%s", text);
    assert_int_equal(strlen(err.text), YW_ERR_TEXT_MAX - 1);
    (void)yw_err_prefix(&err, "outer");
    assert_int_equal(strlen(err.text), YW_ERR_TEXT_MAX - 1);
    assert_memory_equal(err.text, "outer: xxx", 10);
    (void)yw_err_prefix(&err, "%s", text);
    assert_int_equal(strlen(err.text), YW_ERR_TEXT_MAX - 1);
}

static void test_set_may_quote_its_own_text(void **state)
{
    (void)state;
    struct yw_err err = {0};
    (void)yw_err_set(&err, YW_EIO, "inner");
    (void)yw_err_set(&err, YW_EIO, "outer (%s)", err.text);
    assert_string_equal(err.text, "outer (inner)");
}

static void test_errno_and_names(void **state)
{
    (void)state;
    struct yw_err err = {0};
    assert_int_equal(yw_err_errno(&err, YW_EIO, ENOENT, "open x"), YW_EIO);
    assert_string_equal(err.text, "open x: No such file or directory");
    for (int code = YW_ECORRUPT; code <= YW_OK; code++)
        assert_string_not_equal(yw_code_name(code), "unknown");
    assert_string_equal(yw_code_name(YW_ETIMEOUT), "timeout");
    assert_string_equal(yw_code_name(-99), "unknown");
    assert_int_equal(yw_code_exit(YW_OK), 0);
    assert_int_equal(yw_code_exit(YW_EINVAL), 2);
    assert_int_equal(yw_code_exit(YW_ELIMIT), 2);
    assert_int_equal(yw_code_exit(YW_EIO), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_writes_code_and_text),
        cmocka_unit_test(test_prefix_chains_outermost_first),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_set_may_quote_its_own_text),
        cmocka_unit_test(test_errno_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
