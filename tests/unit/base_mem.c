#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void test_new_memory_is_zero(void **state)
{
    (void)state;
    unsigned char *bytes = yw_new_array(10, 10);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(bytes[i], 0);
    bytes = yw_resize(bytes, 200, 1);
    assert_non_null(bytes);
    free(bytes);
    free(yw_new(0));
}

static void test_texts(void **state)
{
    (void)state;
    assert_null(yw_strdup(NULL));
    char *text = yw_strf("%s-%d", "plc", 7);
    assert_string_equal(text, "plc-7");
    free(text);
    text = yw_strndup("abcdef", 3);
    assert_string_equal(text, "abc");
    free(text);
}

static void test_copy_fits_or_says_so(void **state)
{
    (void)state;
    char dst[8];
    assert_int_equal(YW_COPY(dst, "1234567"), YW_OK);
    assert_string_equal(dst, "1234567");
    assert_int_equal(YW_COPY(dst, "12345678"), YW_ELIMIT);
    assert_string_equal(dst, "1234567");
}

static void test_copy_cuts_between_characters(void **state)
{
    (void)state;
    char dst[6];
    assert_int_equal(YW_COPY(dst, "演武"), YW_ELIMIT); /* 3 + 3 bytes */
    assert_string_equal(dst, "演");
    char tiny[2];
    assert_int_equal(YW_COPY(tiny, "演"), YW_ELIMIT);
    assert_string_equal(tiny, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_memory_is_zero),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_copy_fits_or_says_so),
        cmocka_unit_test(test_copy_cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
