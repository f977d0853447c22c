#include "response/calendar.h"

#include <stdio.h>
#include <string.h>

#define DAY_S INT64_C(86400)

/* Days from the epoch by 400-year eras that begin on 1 March: Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms". */
int64_t yw_calendar_day(struct yw_rule_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = year / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year =
        (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct yw_rule_date yw_calendar_date(int64_t day)
{
    int64_t shifted = day + 719468;
    int64_t era = shifted / 146097;
    int64_t in_era = shifted - era * 146097;
    int64_t of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t of_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int64_t civil = month < 10 ? month + 3 : month - 9;

    return (struct yw_rule_date){.year = (int)(of_era + era * 400 + (civil <= 2)),
                                 .month = (int)civil,
                                 .day = (int)(of_year - (153 * month + 2) / 5 + 1)};
}

bool yw_calendar_parse(const char *text, struct yw_rule_date *ret)
{
    static const char shape[] = "dddd-dd-dd";
    struct yw_rule_date date;

    if (strlen(text) != sizeof shape - 1)
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (shape[i] == 'd' ? !digit : text[i] != shape[i])
            return false;
    }
    if (sscanf(text, "%4d-%2d-%2d", &date.year, &date.month, &date.day) != 3 ||
        date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1)
        return false;
    struct yw_rule_date same = yw_calendar_date(yw_calendar_day(date));

    if (same.day != date.day || same.month != date.month)
        return false;
    *ret = date;
    return true;
}

void yw_calendar_format(struct yw_rule_date date, char ret[16])
{
    (void)snprintf(ret, 16, "%04u-%02u-%02u", (unsigned)date.year % 10000,
                   (unsigned)date.month % 100, (unsigned)date.day % 100);
}

static size_t place_of(const struct yw_calendar *calendar, int64_t day)
{
    size_t low = 0, high = calendar->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (calendar->days[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool yw_calendar_add(struct yw_calendar *calendar, int64_t day, bool works)
{
    size_t at = place_of(calendar, day);
    struct yw_calendar_day *days = calendar->days;

    if (at < calendar->count && days[at].day == day) {
        days[at].works = works;
        return true;
    }
    if (calendar->count == YW_CALENDAR_DAYS_MAX)
        return false;
    memmove(&days[at + 1], &days[at], (calendar->count - at) * sizeof *days);
    days[at] = (struct yw_calendar_day){day, works};
    calendar->count++;
    return true;
}

bool yw_calendar_works(const struct yw_calendar *calendar, int64_t day)
{
    size_t at = place_of(calendar, day);

    if (at < calendar->count && calendar->days[at].day == day)
        return calendar->days[at].works;
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0: Monday */

    return weekday < 5;
}

bool yw_calendar_knows(const struct yw_calendar *calendar, int year)
{
    for (size_t i = 0; i < calendar->year_count; i++) {
        if (calendar->years[i] == year)
            return true;
    }
    return false;
}

int64_t yw_calendar_after_workdays(const struct yw_calendar *calendar, int64_t local_s,
                                   int64_t count)
{
    int64_t day = local_s / DAY_S - (local_s % DAY_S < 0);

    while (count > 0) {
        day++;
        count -= yw_calendar_works(calendar, day);
    }
    return (day + 1) * DAY_S;
}
