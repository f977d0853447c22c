/* Pairs keep their order and their bound; a full buffer changes nothing. */
#include "model/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void names_stand_sorted_and_once(void **state)
{
    char pairs[64] = {0};
    const char *at = NULL, *value = NULL;

    (void)state;
    assert_int_equal(yw_pairs_count(pairs), 0);
    assert_null(yw_pairs_get(pairs, "a"));
    assert_true(yw_pairs_put(pairs, sizeof pairs, "b", "2"));
    assert_true(yw_pairs_put(pairs, sizeof pairs, "10", ""));
    assert_true(yw_pairs_put(pairs, sizeof pairs, "a", "one"));
    assert_true(yw_pairs_put(pairs, sizeof pairs, "b", "two and a half"));
    assert_true(yw_pairs_put(pairs, sizeof pairs, "a", "1"));
    assert_int_equal(yw_pairs_count(pairs), 3);
    assert_true(yw_pairs_next(pairs, &at, &value));
    assert_string_equal(at, "10");
    assert_string_equal(value, "");
    assert_true(yw_pairs_next(pairs, &at, &value));
    assert_string_equal(at, "a");
    assert_string_equal(value, "1");
    assert_true(yw_pairs_next(pairs, &at, &value));
    assert_string_equal(at, "b");
    assert_string_equal(value, "two and a half");
    assert_false(yw_pairs_next(pairs, &at, &value));
    assert_false(yw_pairs_put(pairs, sizeof pairs, "", "no name"));
}

/* "abc", "def" and the end: nine bytes. */
static void one_byte_too_many_is_refused(void **state)
{
    char fits[9] = {0}, small[8] = {0}, before[9];

    (void)state;
    assert_true(yw_pairs_put(fits, sizeof fits, "abc", "def"));
    assert_false(yw_pairs_put(small, sizeof small, "abc", "def"));
    assert_int_equal(yw_pairs_count(small), 0);
    memcpy(before, fits, sizeof fits);
    assert_false(yw_pairs_put(fits, sizeof fits, "abc", "defg"));
    assert_false(yw_pairs_put(fits, sizeof fits, "x", ""));
    assert_memory_equal(fits, before, sizeof fits);
    assert_true(yw_pairs_put(fits, sizeof fits, "abc", "de"));
    assert_string_equal(yw_pairs_get(fits, "abc"), "de");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_sorted_and_once),
        cmocka_unit_test(one_byte_too_many_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
