#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/random.h"

#include <string.h>

static void test_generator_is_xoshiro256starstar(void **state)
{
    (void)state;
    /* The reference implementation from the state {1, 2, 3, 4}. */
    struct yw_random random = {.state = {1, 2, 3, 4}};
    const uint64_t want[] = {UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
                             UINT64_C(1215971899390074240)};
    for (size_t i = 0; i < 4; i++)
        assert_true(yw_random_u64(&random) == want[i]);
}

static void test_streams_are_stable_and_apart(void **state)
{
    (void)state;
    struct yw_random a;
    struct yw_random b;
    struct yw_random c;
    yw_random_init(&a, 7, "plant");
    yw_random_init(&b, 7, "plant");
    yw_random_init(&c, 7, "story");
    assert_memory_equal(&a, &b, sizeof(a));
    assert_memory_not_equal(&a, &c, sizeof(a));
    yw_random_init(&c, 8, "plant");
    assert_memory_not_equal(&a, &c, sizeof(a));
}

static void test_below_stays_below_and_reaches_all(void **state)
{
    (void)state;
    struct yw_random random;
    unsigned seen = 0;
    yw_random_init(&random, 1, "below");
    for (int i = 0; i < 1000; i++) {
        uint64_t value = yw_random_below(&random, 6);
        assert_true(value < 6);
        seen |= 1U << value;
    }
    assert_int_equal(seen, 0x3f);
    assert_true(yw_random_below(&random, 1) == 0);
}

static void test_unit_and_gauss(void **state)
{
    (void)state;
    struct yw_random random;
    double sum = 0.0;
    double squares = 0.0;
    yw_random_init(&random, 1, "gauss");
    for (int i = 0; i < 20000; i++) {
        double unit = yw_random_unit(&random);
        assert_true(unit >= 0.0 && unit < 1.0);
        double value = yw_random_gauss(&random);
        sum += value;
        squares += value * value;
    }
    double mean = sum / 20000;
    double variance = squares / 20000 - mean * mean;
    assert_true(mean > -0.03 && mean < 0.03);
    assert_true(variance > 0.95 && variance < 1.05);
}

static void test_secrets_differ(void **state)
{
    (void)state;
    unsigned char a[16] = {0};
    unsigned char b[16] = {0};
    yw_random_secret(a, sizeof(a));
    yw_random_secret(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
    if (yw_hash_setup() != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generator_is_xoshiro256starstar),
        cmocka_unit_test(test_streams_are_stable_and_apart),
        cmocka_unit_test(test_below_stays_below_and_reaches_all),
        cmocka_unit_test(test_unit_and_gauss),
        cmocka_unit_test(test_secrets_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
