#include "base/clock.h"

#include "base/err.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MS_PER_YEAR (INT64_C(366) * 24 * 3600 * 1000)

void yw_clock_init_real(struct yw_clock *clock)
{
    *clock = (struct yw_clock){.is_virtual = false};
}

void yw_clock_init_virtual(struct yw_clock *clock, int64_t wall_us)
{
    *clock = (struct yw_clock){.is_virtual = true, .virtual_wall_us = wall_us};
}

void yw_clock_advance_to(struct yw_clock *clock, int64_t mono_ms)
{
    assert(clock->is_virtual);
    if (mono_ms > clock->virtual_mono_ms)
        clock->virtual_mono_ms = mono_ms;
}

int64_t yw_clock_mono_ms(const struct yw_clock *clock)
{
    if (clock->is_virtual)
        return clock->virtual_mono_ms;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t yw_clock_wall_us(const struct yw_clock *clock)
{
    if (clock->is_virtual)
        return clock->virtual_wall_us + clock->virtual_mono_ms * 1000;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void yw_drill_clock_init(struct yw_drill_clock *clock, double speed)
{
    assert(speed > 0.0 && speed <= YW_CLOCK_SPEED_MAX);
    *clock = (struct yw_drill_clock){.speed = speed};
}

int64_t yw_drill_clock_now(const struct yw_drill_clock *clock, int64_t mono_ms)
{
    if (!clock->running || mono_ms <= clock->base_mono_ms)
        return clock->base_drill_ms;
    double passed = (double)(mono_ms - clock->base_mono_ms) * clock->speed;
    return clock->base_drill_ms + (int64_t)floor(passed);
}

void yw_drill_clock_set(struct yw_drill_clock *clock, bool running, double speed,
                        int64_t drill_ms, int64_t mono_ms)
{
    *clock = (struct yw_drill_clock){.running = running,
                                     .speed = speed,
                                     .base_drill_ms = drill_ms,
                                     .base_mono_ms = mono_ms};
}

int64_t yw_drill_clock_due(const struct yw_drill_clock *clock, int64_t drill_ms)
{
    if (!clock->running)
        return INT64_MAX;
    if (drill_ms <= clock->base_drill_ms)
        return clock->base_mono_ms;
    double wait = ceil((double)(drill_ms - clock->base_drill_ms) / clock->speed);
    if (wait >= (double)(INT64_MAX - clock->base_mono_ms))
        return INT64_MAX;
    int64_t mono_ms = clock->base_mono_ms + (int64_t)wait;
    /* Rounding may land one short or one late: the deadline is the first ms at which it
     * has come. */
    if (yw_drill_clock_now(clock, mono_ms) < drill_ms)
        mono_ms++;
    else if (yw_drill_clock_now(clock, mono_ms - 1) >= drill_ms)
        mono_ms--;
    return mono_ms;
}

void yw_clock_format_utc(int64_t wall_us, char text[32])
{
    int64_t ms = wall_us / 1000 - (wall_us % 1000 < 0 ? 1 : 0);
    int64_t rest_ms = ms % 1000;
    if (rest_ms < 0)
        rest_ms += 1000;
    time_t second = (time_t)((ms - rest_ms) / 1000);
    struct tm tm;
    if (gmtime_r(&second, &tm) == NULL || tm.tm_year + 1900 > 9999 ||
        tm.tm_year < -1900) {
        (void)snprintf(text, 32, "0000-00-00T00:00:00.000Z");
        return;
    }
    char day[24];
    (void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(text, 32, "%s.%03dZ", day, (int)rest_ms);
}

void yw_clock_format_drill(int64_t drill_ms, char text[32])
{
    const char *sign = drill_ms < 0 ? "-" : "";
    uint64_t whole = drill_ms < 0 ? 0U - (uint64_t)drill_ms : (uint64_t)drill_ms;
    whole /= 1000;
    (void)snprintf(
        text, 32, "%s%02llu:%02llu:%02llu", sign, (unsigned long long)(whole / 3600),
        (unsigned long long)(whole / 60 % 60), (unsigned long long)(whole % 60));
}

/* The unit at *text, moved behind it; its rank keeps units falling and single ("1h30m").
 */
static int64_t unit_ms(const char **text, int *ret_rank)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"ms", 1}, {"m", 60000}, {"s", 1000}};
    static const int ranks[] = {5, 4, 1, 3, 2};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t size = strlen(units[i].name);
        if (strncmp(*text, units[i].name, size) == 0) {
            *text += size;
            *ret_rank = ranks[i];
            return units[i].ms;
        }
    }
    return 0;
}

int yw_clock_parse_span(const char *text, int64_t *ret_ms)
{
    int64_t sum = 0;
    int last_rank = 6;
    if (*text == '\0')
        return YW_EINVAL;
    while (*text != '\0') {
        if (!isdigit((unsigned char)*text))
            return YW_EINVAL;
        int64_t number = 0;
        for (; isdigit((unsigned char)*text); text++) {
            number = number * 10 + (*text - '0');
            if (number > MS_PER_YEAR)
                return YW_EINVAL;
        }
        int rank = 0;
        int64_t unit = unit_ms(&text, &rank);
        if (unit == 0 || rank >= last_rank || number > MS_PER_YEAR / unit)
            return YW_EINVAL;
        last_rank = rank;
        sum += number * unit;
        if (sum > MS_PER_YEAR)
            return YW_EINVAL;
    }
    *ret_ms = sum;
    return YW_OK;
}
