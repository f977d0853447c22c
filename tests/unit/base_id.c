#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/id.h"

#include <string.h>

static void test_names(void **state)
{
    (void)state;
    char text[YW_NAME_MAX + 1];
    memset(text, 'a', sizeof(text));
    text[63] = '\0';
    assert_true(yw_name_valid(text));
    text[63] = 'a';
    text[64] = '\0';
    assert_false(yw_name_valid(text));
    assert_true(yw_name_valid("plc-1"));
    assert_true(yw_name_valid("0"));
    const char *const bad[] = {"", "-a", "A", "a_b", "a.b", "a/b", "水", "a b", "a\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(yw_name_valid(bad[i]));
}

static void test_nearest(void **state)
{
    (void)state;
    const char *const names[] = {"machine", "network", "plant", "objective"};
    assert_string_equal(yw_name_nearest("machin", names, 4), "machine");
    assert_string_equal(yw_name_nearest("netwrok", names, 4), "network");
    assert_string_equal(yw_name_nearest("plan", names, 4), "plant");
    assert_null(yw_name_nearest("xyz", names, 4));
    assert_null(yw_name_nearest("", names, 4));
    assert_null(yw_name_nearest("machine", names, 0));
    char text[200];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_null(yw_name_nearest(text, names, 4));
}

static void test_random_ids_differ(void **state)
{
    (void)state;
    char a[YW_ID_SIZE];
    char b[YW_ID_SIZE];
    yw_id_random(a);
    yw_id_random(b);
    assert_int_equal(strlen(a), YW_ID_SIZE - 1);
    assert_int_equal(strspn(a, "abcdefghijklmnopqrstuvwxyz234567"), YW_ID_SIZE - 1);
    assert_string_not_equal(a, b);
}

static void test_uuid_is_stable_and_version_8(void **state)
{
    (void)state;
    char a[YW_UUID_SIZE];
    char b[YW_UUID_SIZE];
    yw_uuid_from("drill/blue/plc1", a);
    yw_uuid_from("drill/blue/plc1", b);
    assert_string_equal(a, b);
    yw_uuid_from("drill/blue/plc2", b);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 36);
    assert_int_equal(a[14], '8');
    assert_non_null(strchr("89ab", a[19]));
}

static void test_utf8(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"演武", true},
        {"\xf0\x9f\x98\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
        {"\xc0\xaf", false},         /* overlong */
        {"\xe0\x80\xaf", false},     /* overlong */
        {"\xf0\x80\x80\xaf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\x80", false},
        {"\xe6\xbc", false}, /* cut */
        {"\xff", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(yw_utf8_valid(cases[i].text, strlen(cases[i].text)),
                         cases[i].valid);
    assert_false(yw_utf8_valid("a\0b", 3));
}

static void test_titles(void **state)
{
    (void)state;
    char text[70];
    memset(text, 'x', sizeof(text));
    text[64] = '\0';
    assert_true(yw_title_valid(text));
    text[64] = 'x';
    text[65] = '\0';
    assert_false(yw_title_valid(text));
    assert_true(yw_title_valid("Blue Team 蓝队"));
    const char *const bad[] = {"",
                               " a",
                               "a ",
                               "a\tb",
                               "a\xe2\x80\x8b"
                               "b", /* zero width space */
                               "a\xe2\x80\xae"
                               "b", /* right-to-left override */
                               "\xe3\x80\x80"
                               "a", /* ideographic space */
                               "a\xef\xbb\xbf",
                               "\xff"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(yw_title_valid(bad[i]));
}

int main(void)
{
    if (yw_hash_setup() != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_random_ids_differ),
        cmocka_unit_test(test_uuid_is_stable_and_version_8),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_titles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
