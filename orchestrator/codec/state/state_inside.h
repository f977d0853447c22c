/* Sections of the board's document that stand in files of their own; no other room includes
 * it. Members that say nothing are left out. */
#ifndef YW_CODEC_STATE_INSIDE_H
#define YW_CODEC_STATE_INSIDE_H

#include "codec/write.h"
#include "model/view.h"

void yw_state_write_checkpoints(struct yw_writer *w, const struct yw_drill_state *state);
void yw_state_write_resets(struct yw_writer *w, const struct yw_drill_state *state,
                           const struct yw_team_fold *team);
/* state_playbook.c */
void yw_state_write_questions(struct yw_writer *w, const struct yw_view *view);
void yw_state_write_playbooks(struct yw_writer *w, const struct yw_view *view);

#endif
