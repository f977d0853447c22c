/* Clocks. Three kinds of time, never mixed, each named in the variable:
 *   wall_us   UTC, microseconds since 1970; may step; for records and people only
 *   mono_ms   monotonic milliseconds of this boot (or of a virtual clock); for deadlines
 *   drill_ms  milliseconds of the drill clock; pauses, jumps and runs at a speed
 * A `struct yw_clock` is the source of the first two, real or virtual (stepped by hand: sim,
 * rehearsal). A `struct yw_drill_clock` is a pure value: the third as a function of mono_ms. */
#ifndef YW_BASE_CLOCK_H
#define YW_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct yw_clock {
    bool is_virtual;
    int64_t virtual_mono_ms;
    int64_t virtual_wall_us; /* wall time at virtual_mono_ms == 0 */
};

void yw_clock_init_real(struct yw_clock *clock);
void yw_clock_init_virtual(struct yw_clock *clock, int64_t wall_us);
void yw_clock_advance_to(struct yw_clock *clock,
                         int64_t mono_ms); /* virtual only; never back */
int64_t yw_clock_mono_ms(const struct yw_clock *clock);
int64_t yw_clock_wall_us(const struct yw_clock *clock);

#define YW_CLOCK_SPEED_MAX 1000.0

struct yw_drill_clock {
    bool running;
    double speed;          /* drill ms per mono ms, > 0 */
    int64_t base_drill_ms; /* drill time at base_mono_ms */
    int64_t base_mono_ms;
};

void yw_drill_clock_init(struct yw_drill_clock *clock, double speed);
int64_t yw_drill_clock_now(const struct yw_drill_clock *clock, int64_t mono_ms);
/* From mono_ms on, when it is drill_ms: stands, or runs at this speed. */
void yw_drill_clock_set(struct yw_drill_clock *clock, bool running, double speed,
                        int64_t drill_ms, int64_t mono_ms);
/* When (mono_ms) drill time reaches drill_ms; INT64_MAX while paused. */
int64_t yw_drill_clock_due(const struct yw_drill_clock *clock, int64_t drill_ms);

/* "2026-11-21T08:00:00.000Z" into text[32]. */
void yw_clock_format_utc(int64_t wall_us, char text[32]);
/* "00:12:34" (hours grow past 99) of a drill time. */
void yw_clock_format_drill(int64_t drill_ms, char text[32]);
/* "90s" "5m" "1h30m" "250ms" → ms. 0, or YW_EINVAL when it is none of these or beyond a year. */
int yw_clock_parse_span(const char *text, int64_t *ret_ms);

#endif
