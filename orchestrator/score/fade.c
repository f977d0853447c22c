/* Fading: the sooner an objective is met, the more it brings. */
#include "score/score.h"

#define OVER_MAX_MS 100000000000LL /* three years: keeps the product within 64 bits */

static int64_t bound(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

int64_t yw_score_fade(int64_t points, int64_t fades_to, int64_t over_ms,
                      int64_t elapsed_ms)
{
    points = bound(points, -YW_SCORE_POINTS_MAX, YW_SCORE_POINTS_MAX);
    fades_to = bound(fades_to, -YW_SCORE_POINTS_MAX, YW_SCORE_POINTS_MAX);
    over_ms = bound(over_ms, 0, OVER_MAX_MS);
    if (over_ms == 0 || elapsed_ms <= 0)
        return points;
    if (elapsed_ms >= over_ms)
        return fades_to;
    /* floor(x + 1/2) of x = points − (points − fades_to)·elapsed/over, in integers */
    int64_t twice = 2 * (points * over_ms - (points - fades_to) * elapsed_ms) + over_ms;
    int64_t whole = twice / (2 * over_ms);

    return twice % (2 * over_ms) < 0 ? whole - 1 : whole;
}
