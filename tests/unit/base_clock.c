#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"

static void test_real_clock_moves(void **state)
{
    (void)state;
    struct yw_clock clock;
    yw_clock_init_real(&clock);
    int64_t before_ms = yw_clock_mono_ms(&clock);
    assert_true(yw_clock_mono_ms(&clock) >= before_ms);
    assert_true(yw_clock_wall_us(&clock) > INT64_C(1700000000000000));
}

static void test_virtual_clock_is_stepped(void **state)
{
    (void)state;
    struct yw_clock clock;
    yw_clock_init_virtual(&clock, 1000000);
    assert_int_equal(yw_clock_mono_ms(&clock), 0);
    yw_clock_advance_to(&clock, 250);
    assert_int_equal(yw_clock_mono_ms(&clock), 250);
    assert_int_equal(yw_clock_wall_us(&clock), 1250000);
    yw_clock_advance_to(&clock, 100);
    assert_int_equal(yw_clock_mono_ms(&clock), 250);
}

static void test_drill_clock_pauses_and_changes_speed(void **state)
{
    (void)state;
    struct yw_drill_clock clock;
    yw_drill_clock_init(&clock, 1.0);
    assert_int_equal(yw_drill_clock_now(&clock, 5000), 0);
    assert_int_equal(yw_drill_clock_due(&clock, 1), INT64_MAX);
    yw_drill_clock_set(&clock, true, 1.0, 0, 1000);
    assert_int_equal(yw_drill_clock_now(&clock, 999), 0);
    assert_int_equal(yw_drill_clock_now(&clock, 3000), 2000);
    yw_drill_clock_set(&clock, false, 1.0, 2000, 3000);
    assert_int_equal(yw_drill_clock_now(&clock, 9000), 2000);
    yw_drill_clock_set(&clock, true, 10.0, 3000, 10000);
    assert_int_equal(yw_drill_clock_now(&clock, 10000), 3000);
    assert_int_equal(yw_drill_clock_now(&clock, 10100), 4000);
}

static void test_due_has_come_when_it_is_told(void **state)
{
    (void)state;
    const double speeds[] = {0.001, 0.3, 0.7, 1.0, 1.1, 2.3, 7.3, 59.9, 1000.0};
    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
        struct yw_drill_clock clock;
        yw_drill_clock_init(&clock, speeds[i]);
        yw_drill_clock_set(&clock, true, speeds[i], 0, 77);
        for (int64_t drill_ms = 0; drill_ms < 5000; drill_ms++) {
            int64_t mono_ms = yw_drill_clock_due(&clock, drill_ms);
            assert_true(yw_drill_clock_now(&clock, mono_ms) >= drill_ms);
            if (mono_ms > 77)
                assert_true(yw_drill_clock_now(&clock, mono_ms - 1) < drill_ms);
        }
        assert_int_equal(yw_drill_clock_due(&clock, -5), 77);
    }
}

static void test_formats(void **state)
{
    (void)state;
    char text[32];
    yw_clock_format_utc(INT64_C(1795248000123456), text);
    assert_string_equal(text, "2026-11-21T08:00:00.123Z");
    yw_clock_format_utc(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    yw_clock_format_utc(INT64_MAX, text);
    assert_string_equal(text, "0000-00-00T00:00:00.000Z");
    yw_clock_format_drill(754999, text);
    assert_string_equal(text, "00:12:34");
    yw_clock_format_drill(INT64_C(360000000), text);
    assert_string_equal(text, "100:00:00");
    yw_clock_format_drill(INT64_MIN, text);
    assert_int_equal(text[0], '-');
}

static void test_spans(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"90s", 90000}, {"5m", 300000},   {"1h30m", 5400000},    {"250ms", 250},
        {"0s", 0},      {"1d", 86400000}, {"1m30s500ms", 90500}, {"366d", 31622400000}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t ms = -1;
        assert_int_equal(yw_clock_parse_span(good[i].text, &ms), YW_OK);
        assert_int_equal(ms, good[i].ms);
    }
    const char *const bad[] = {"",     "5",      "m",     "5 m",
                               "-5m",  "5x",     "30m1h", "1.5h",
                               "367d", "366d1s", "5m5m",  "99999999999999999999s"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t ms = -1;
        assert_int_equal(yw_clock_parse_span(bad[i], &ms), YW_EINVAL);
        assert_int_equal(ms, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_clock_moves),
        cmocka_unit_test(test_virtual_clock_is_stepped),
        cmocka_unit_test(test_drill_clock_pauses_and_changes_speed),
        cmocka_unit_test(test_due_has_come_when_it_is_told),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
