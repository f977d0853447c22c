/* The fold of captures: of each network the last, whether it is wanted and whether it
 * runs. What was refused is wanted no more, so that no restart orders it again. */
#include "model/fold/drill_inside.h"

#include "base/mem.h"

#include <string.h>

void yw_drill_capture_init(struct yw_drill_state *state)
{
    yw_vec_init(&state->captures, sizeof(struct yw_capture_fold),
                (size_t)YW_SPEC_NETWORKS_MAX * YW_SPEC_TEAMS_MAX);
}

void yw_drill_capture_fini(struct yw_drill_state *state)
{
    yw_vec_fini(&state->captures);
}

struct yw_capture_fold *yw_drill_capture(const struct yw_drill_state *state, int team,
                                         const char *network)
{
    for (size_t i = 0; i < state->captures.count; i++) {
        struct yw_capture_fold *fold = yw_vec_at(&state->captures, i);

        if (fold->team == team && strcmp(fold->network, network) == 0)
            return fold;
    }
    return NULL;
}

void yw_drill_capture_ordered(struct yw_drill_state *state, const struct yw_event *event)
{
    const struct yw_ev_capture_ordered *p = &event->capture_ordered;
    struct yw_capture_fold *fold = yw_drill_capture(state, event->team, p->network);

    if (p->capture > state->last_capture)
        state->last_capture = p->capture;
    if (!fold)
        fold = yw_vec_push(&state->captures, NULL);
    if (!fold) /* more networks than a plan can have: nothing stands for them */
        return;
    fold->team = event->team;
    YW_COPY(fold->network, p->network);
    fold->capture = p->capture;
    fold->wanted = p->on;
    fold->running = fold->running && !p->on;
    fold->size_mib = p->size_mib;
    fold->files = p->files;
    if (p->on)
        fold->began_us = event->wall_us;
    YW_COPY(fold->detail, p->on ? "" : p->reason);
    fold->seq = event->seq;
}

void yw_drill_capture_changed(struct yw_drill_state *state, const struct yw_event *event)
{
    const struct yw_ev_capture_changed *p = &event->capture_changed;
    struct yw_capture_fold *fold = yw_drill_capture(state, event->team, p->network);

    if (!fold || fold->capture != p->capture)
        return; /* another was ordered since */
    fold->running = p->on;
    fold->wanted = fold->wanted && p->on;
    if (p->on || !p->ok)
        YW_COPY(fold->detail, p->detail);
    fold->seq = event->seq;
}
