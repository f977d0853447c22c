/* The board's sections about points in time of machines. */
#include "codec/state/state_inside.h"

#include "codec/order.h"

#include <stdlib.h>

void yw_state_write_checkpoints(struct yw_writer *w, const struct yw_drill_state *state)
{
    struct yw_order order;
    char number[24];

    yw_order_init(&order);
    for (size_t i = 0; i < state->checkpoints.count; i++) {
        const struct yw_checkpoint_fold *kept = yw_vec_at(&state->checkpoints, i);

        if (kept->state == YW_CHECKPOINT_ORDERED || kept->state == YW_CHECKPOINT_KEPT)
            yw_order_add(&order, yw_write_key(number, kept->checkpoint), kept);
    }
    yw_order_sort(&order);
    if (order.count > 0)
        yw_write_object(w, "checkpoints");
    for (size_t i = 0; i < order.count; i++) {
        const struct yw_checkpoint_fold *kept = order.entries[i].item;
        const struct yw_team_fold *team = yw_drill_team(state, kept->team);

        yw_write_object(w, order.entries[i].key);
        yw_write_int(w, "bytes", kept->bytes);
        yw_write_int(w, "checkpoint", kept->checkpoint);
        yw_write_int(w, "drill_ms", kept->drill_ms);
        yw_write_int(w, "frozen_ms", kept->frozen_ms);
        yw_write_bool(w, "kept", kept->state == YW_CHECKPOINT_KEPT);
        yw_write_string(w, "label", kept->label);
        yw_write_string(w, "team", team != NULL ? team->name : "");
        yw_write_end(w, '}');
    }
    if (order.count > 0)
        yw_write_end(w, '}');
    yw_order_fini(&order);
}

void yw_state_write_resets(struct yw_writer *w, const struct yw_drill_state *state,
                           const struct yw_team_fold *team)
{
    if (state->resets_quota > 0)
        yw_write_int(w, "resets_left", state->resets_quota - team->resets);
}
