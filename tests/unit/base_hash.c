#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/hash.h"

#include <string.h>

static void expect(const struct yw_hash *hash, const char *want)
{
    char text[YW_HASH_TEXT_SIZE];
    yw_hash_text(hash, text);
    assert_string_equal(text, want);
}

static void test_known_answers(void **state)
{
    (void)state;
    struct yw_hash hash;
    /* BLAKE2b with 32 bytes of output: b2sum -l 256. */
    yw_hash_of("", 0, &hash);
    expect(&hash, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    yw_hash_of("abc", 3, &hash);
    expect(&hash, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

static void test_chain_is_the_hash_of_both(void **state)
{
    (void)state;
    struct yw_hash previous;
    struct yw_hash chained;
    struct yw_hash direct;
    yw_hash_of("abc", 3, &previous);
    yw_hash_chain(&previous, "next", 4, &chained);
    unsigned char both[YW_HASH_SIZE + 4];
    memcpy(both, previous.bytes, YW_HASH_SIZE);
    memcpy(both + YW_HASH_SIZE, "next", 4);
    yw_hash_of(both, sizeof(both), &direct);
    assert_true(yw_hash_equal(&chained, &direct));
    assert_false(yw_hash_equal(&chained, &previous));
}

static void test_text_there_and_back(void **state)
{
    (void)state;
    struct yw_hash hash;
    struct yw_hash back;
    char text[YW_HASH_TEXT_SIZE + 1];
    yw_hash_of("abc", 3, &hash);
    yw_hash_text(&hash, text);
    assert_int_equal(yw_hash_parse(text, &back), YW_OK);
    assert_true(yw_hash_equal(&hash, &back));
    text[5] = 'g';
    assert_int_equal(yw_hash_parse(text, &back), YW_EINVAL);
    text[5] = 'A';
    assert_int_equal(yw_hash_parse(text, &back), YW_EINVAL);
    text[5] = '0';
    text[64] = '0';
    text[65] = '\0';
    assert_int_equal(yw_hash_parse(text, &back), YW_EINVAL);
    text[63] = '\0';
    assert_int_equal(yw_hash_parse(text, &back), YW_EINVAL);
    assert_int_equal(yw_hash_parse("", &back), YW_EINVAL);
}

static void test_keyed_depends_on_the_key(void **state)
{
    (void)state;
    uint8_t key[32] = {1};
    struct yw_hash a;
    struct yw_hash b;
    yw_hash_keyed(key, "token", 5, &a);
    key[0] = 2;
    yw_hash_keyed(key, "token", 5, &b);
    assert_false(yw_hash_equal(&a, &b));
}

int main(void)
{
    if (yw_hash_setup() != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_chain_is_the_hash_of_both),
        cmocka_unit_test(test_text_there_and_back),
        cmocka_unit_test(test_keyed_depends_on_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
