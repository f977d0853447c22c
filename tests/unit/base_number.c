#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"
#include "base/random.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_known(void **state)
{
    static const struct {
        double number;
        int least;
        const char *text;
    } rows[] = {{0.1, 15, "0.1"},
                {0.1 + 0.2, 15, "0.30000000000000004"},
                {-1.5, 15, "-1.5"},
                {100.0, 15, "100"},
                {100.0, 1, "1e+02"},
                {1.0 / 3.0, 15, "0.3333333333333333"},
                {DBL_MAX, 15, "1.7976931348623157e+308"},
                {DBL_MIN, 15, "2.2250738585072014e-308"},
                {4.9406564584124654e-324, 15, "4.94065645841247e-324"},
                {4.9406564584124654e-324, 1, "5e-324"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[YW_NUMBER_SIZE];

        (void)yw_number_text(rows[i].number, rows[i].least, text);
        assert_string_equal(text, rows[i].text);
    }
}

/* Of any double: it reads back the same, and one digit less would not. */
static void test_shortest(void **state)
{
    struct yw_random random;

    (void)state;
    yw_random_init(&random, 1, "number");
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = yw_random_u64(&random);
        char text[YW_NUMBER_SIZE], less[YW_NUMBER_SIZE];
        double number;

        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        int digits = yw_number_text(number, 1, text);

        assert_true(strtod(text, NULL) == number);
        if (fabs(number) >= DBL_MIN)
            assert_int_equal(yw_number_text(number, DBL_DIG, less),
                             digits > DBL_DIG ? digits : DBL_DIG);
        if (digits == 1)
            continue;
        assert_true(snprintf(less, sizeof less, "%.*g", digits - 1, number) > 0);
        assert_false(strtod(less, NULL) == number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known),
                                       cmocka_unit_test(test_shortest)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
