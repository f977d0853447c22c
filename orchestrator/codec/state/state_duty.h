/* The board's section "duty": clocks of the law, reports, faults, watches, warnings, merits, as
 * one audience may see them. Derived at each writing (response/record.h). */
#ifndef YW_CODEC_STATE_DUTY_H
#define YW_CODEC_STATE_DUTY_H

#include "codec/state/state.h"

/* For yw_state_now.duty. Nothing is written for the public, and without rules. */
void yw_state_write_duty(struct yw_writer *w, const struct yw_view *view,
                         const struct yw_state_now *now);

#endif
