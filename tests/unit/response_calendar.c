/* Days: leap years, month ends, holidays and the Saturdays that are worked for them. */
#include "response/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int64_t day_of(const char *text)
{
    struct yw_rule_date date;

    if (!yw_calendar_parse(text, &date))
        fail_msg("%s", text);
    return yw_calendar_day(date);
}

static void test_known_days(void **state)
{
    (void)state;
    assert_int_equal(day_of("1970-01-01"), 0);
    assert_int_equal(day_of("2000-03-01"), 11017);
    assert_int_equal(day_of("2026-11-21"), 20778);
    assert_int_equal(day_of("2024-02-29") + 1, day_of("2024-03-01"));
    assert_int_equal(day_of("2100-02-28") + 1, day_of("2100-03-01"));
}

static void test_there_and_back(void **state)
{
    (void)state;
    for (int64_t day = day_of("1899-12-30"); day < day_of("2401-01-02"); day++)
        assert_int_equal(yw_calendar_day(yw_calendar_date(day)), day);
}

static void test_what_is_no_day(void **state)
{
    static const char *const bad[] = {"2026-02-29", "2026-04-31",  "2026-00-10",
                                      "2026-13-01", "2026-1-01",   "2026/01/01",
                                      "",           "2026-01-011", "0000-01-01",
                                      "2026-01-00", "+026-01-01"};
    struct yw_rule_date date;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (yw_calendar_parse(bad[i], &date))
            fail_msg("'%s' was taken", bad[i]);
    }
}

static void test_week(void **state)
{
    static struct yw_calendar calendar;

    (void)state;
    assert_true(yw_calendar_works(&calendar, day_of("2026-11-20")));  /* Friday */
    assert_false(yw_calendar_works(&calendar, day_of("2026-11-21"))); /* Saturday */
    assert_false(yw_calendar_works(&calendar, day_of("2026-11-22")));
    assert_true(yw_calendar_works(&calendar, day_of("2026-11-23")));
    assert_false(yw_calendar_works(&calendar, -5)); /* 1969-12-27, Saturday */
}

static void test_workdays_over_a_holiday(void **state)
{
    static struct yw_calendar calendar;
    int64_t friday_s = day_of("2026-11-20") * 86400 + 23 * 3600;

    (void)state;
    assert_true(yw_calendar_add(&calendar, day_of("2026-11-23"), false));
    assert_true(yw_calendar_add(&calendar, day_of("2026-11-22"), true));
    assert_int_equal(yw_calendar_after_workdays(&calendar, friday_s, 1),
                     (day_of("2026-11-22") + 1) * 86400);
    assert_int_equal(yw_calendar_after_workdays(&calendar, friday_s, 2),
                     (day_of("2026-11-24") + 1) * 86400);
    assert_true(yw_calendar_add(&calendar, day_of("2026-11-23"), true));
    assert_int_equal(yw_calendar_after_workdays(&calendar, friday_s, 2),
                     (day_of("2026-11-23") + 1) * 86400);
}

static void test_list_has_a_limit(void **state)
{
    static struct yw_calendar calendar;

    (void)state;
    for (int64_t day = YW_CALENDAR_DAYS_MAX; day > 0; day--)
        assert_true(yw_calendar_add(&calendar, day, false));
    assert_false(yw_calendar_add(&calendar, 0, false));
    assert_true(yw_calendar_add(&calendar, 1, true));
    for (size_t i = 1; i < calendar.count; i++)
        assert_true(calendar.days[i - 1].day < calendar.days[i].day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_days),
                                       cmocka_unit_test(test_there_and_back),
                                       cmocka_unit_test(test_what_is_no_day),
                                       cmocka_unit_test(test_week),
                                       cmocka_unit_test(test_workdays_over_a_holiday),
                                       cmocka_unit_test(test_list_has_a_limit)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
