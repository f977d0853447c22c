/* The fold of the drill's clock: how it goes now, and every turn it took, so that any moment
 * of wall time can be told as drill time. */
#include "model/fold/drill_inside.h"

#define US_PER_MS 1000

/* From wall_us on it is drill_ms, and time stands or runs at this speed. */
struct turn {
    int64_t wall_us, drill_ms;
    bool running;
    double speed;
};

void yw_drill_clock_fold_init(struct yw_drill_state *state)
{
    yw_drill_clock_init(&state->clock, 1.0);
    yw_vec_init(&state->clock_turns, sizeof(struct turn), YW_DRILL_CLOCK_TURNS_MAX);
}

void yw_drill_clock_fold_fini(struct yw_drill_state *state)
{
    yw_vec_fini(&state->clock_turns);
}

void yw_drill_clock_changed(struct yw_drill_state *state, const struct yw_event *event)
{
    const struct yw_ev_clock_changed *p = &event->clock_changed;
    struct turn turn = {event->wall_us, p->drill_ms, p->running, p->speed};

    yw_drill_clock_set(&state->clock, p->running, p->speed, p->drill_ms, 0);
    yw_drill_push_latest(&state->clock_turns, &turn);
}

static int64_t reached(const struct turn *turn, int64_t wall_us)
{
    double span_ms = (double)(wall_us - turn->wall_us) / US_PER_MS;

    return turn->running ? turn->drill_ms + (int64_t)(span_ms * turn->speed)
                         : turn->drill_ms;
}

int64_t yw_drill_ms_at(const struct yw_drill_state *state, int64_t wall_us)
{
    const struct turn *turns = state->clock_turns.items;
    size_t low = 0, high = state->clock_turns.count;

    while (low < high) { /* turns[low - 1] is the last one by then */
        size_t middle = low + (high - low) / 2;

        if (turns[middle].wall_us <= wall_us)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return state->clock_turns.count > 0 ? turns[0].drill_ms : 0;
    int64_t drill_ms = reached(&turns[low - 1], wall_us);

    /* between a crash and the start after it, time stood and nobody could write so */
    if (low < state->clock_turns.count &&
        turns[low].drill_ms >= turns[low - 1].drill_ms && drill_ms > turns[low].drill_ms)
        return turns[low].drill_ms;
    return drill_ms;
}
