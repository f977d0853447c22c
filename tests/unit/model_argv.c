/* Command lines as one text and back. */
#include "model/argv.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void comes_back(const char *const *words, size_t count, const char *text)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX] = {{0}};
    char again[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX] = {{0}};
    char joined[512];

    for (size_t i = 0; i < count; i++)
        YW_COPY(argv[i], words[i]);
    assert_int_equal(yw_argv_join(joined, sizeof joined,
                                  (const char(*)[YW_SPEC_ARG_MAX])argv, count, NULL),
                     0);
    assert_string_equal(joined, text);
    assert_int_equal(yw_argv_split(joined, again), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(again[i], words[i]);
}

static void test_words_come_back(void **state)
{
    (void)state;
    comes_back((const char *const[]){"operate", "set-point", "100"}, 3,
               "operate set-point 100");
    comes_back((const char *const[]){"echo", "a b", ""}, 3, "echo 'a b' ''");
    comes_back((const char *const[]){"sh", "-c", "echo 'it'\\n > x"}, 3,
               "sh -c 'echo '\\''it'\\''\\n > x'");
    comes_back((const char *const[]){"\\", "'"}, 2, "'\\' ''\\'''");
}

static void test_limits(void **state)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX] = {"four", "five5"};
    char text[11];
    struct yw_err err = {0};

    (void)state;
    assert_int_equal(
        yw_argv_join(text, sizeof text, (const char(*)[YW_SPEC_ARG_MAX])argv, 2, &err),
        0);
    assert_int_equal(yw_argv_join(text, sizeof text - 1,
                                  (const char(*)[YW_SPEC_ARG_MAX])argv, 2, &err),
                     YW_ELIMIT);
    char many[YW_SPEC_ARGS_MAX * 2 + 3] = "";

    for (int i = 0; i <= YW_SPEC_ARGS_MAX; i++)
        (void)strcat(many, "x ");
    assert_int_equal(yw_argv_split(many, argv), YW_SPEC_ARGS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_come_back),
                                       cmocka_unit_test(test_limits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
