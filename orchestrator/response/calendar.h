/* Days of a place: civil dates, and which days people work. Pure. Times are seconds of the local
 * civil clock since 1970-01-01T00:00 (no daylight saving: China has none since 1991). A year
 * without an official list knows Saturdays and Sundays only. Thread: any. */
#ifndef YW_RESPONSE_CALENDAR_H
#define YW_RESPONSE_CALENDAR_H

#include "response/rules.h"

#define YW_CALENDAR_DAYS_MAX 512
#define YW_CALENDAR_YEARS_MAX 32
#define YW_CALENDAR_WORKDAYS_MAX 3650

struct yw_calendar_day { /* departs from the week */
    int64_t day;         /* days since 1970-01-01 */
    bool works;
};

struct yw_calendar {
    struct yw_calendar_day days[YW_CALENDAR_DAYS_MAX]; /* sorted */
    size_t count;
    int years[YW_CALENDAR_YEARS_MAX]; /* with an official list */
    size_t year_count;
};

/* Days since 1970-01-01, and back. Years 1..9999. */
int64_t yw_calendar_day(struct yw_rule_date date);
struct yw_rule_date yw_calendar_date(int64_t day);
/* "2026-02-28". False: not a date, or not of that form. */
bool yw_calendar_parse(const char *text, struct yw_rule_date *ret);
void yw_calendar_format(struct yw_rule_date date, char ret[16]);
/* Keeps the list sorted; a day that stands there already is replaced. False: it is full. */
bool yw_calendar_add(struct yw_calendar *calendar, int64_t day, bool works);
bool yw_calendar_works(const struct yw_calendar *calendar, int64_t day);
bool yw_calendar_knows(const struct yw_calendar *calendar, int year);
/* The end (24:00) of the count-th working day after the day of local_s: that day itself is not
 * counted. */
int64_t yw_calendar_after_workdays(const struct yw_calendar *calendar, int64_t local_s,
                                   int64_t count);

#endif
