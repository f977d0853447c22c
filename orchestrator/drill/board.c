/* The boards: one fold an audience, encoded once and shared by all who watch. */
#include "drill/drill.h"

#include "base/log.h"
#include "base/mem.h"
#include "codec/state/state_duty.h"
#include "drill/exercise/plant_facts.h"

#include <stdlib.h>
#include <string.h>

#define TIERS (YW_EVENT_TIERS - 1) /* offices: every tier but the enterprises */

struct yw_frame *yw_frame_ref(struct yw_frame *frame)
{
    frame->refs++;
    return frame;
}

void yw_frame_unref(struct yw_frame *frame)
{
    if (frame != NULL && --frame->refs == 0) {
        free(frame->text);
        free(frame);
    }
}

static struct yw_frame *frame_new(char *text, int64_t seq, int64_t prev)
{
    struct yw_frame *frame = yw_new(sizeof *frame);
    frame->refs = 1;
    frame->seq = seq;
    frame->prev = prev;
    frame->text = text;
    frame->size = strlen(text);
    return frame;
}

static void on_board_due(struct yw_due_entry *entry)
{
    struct yw_drill *drill = entry->arg;
    for (size_t i = 0; i < drill->board_count; i++) {
        if (drill->boards[i].watchers > 0 && drill->boards[i].dirty) {
            yw_board_flush(drill, &drill->boards[i]);
        }
    }
}

void yw_board_open(struct yw_drill *drill, size_t team_count)
{
    bool offices = drill->spec == NULL || drill->spec->tier_count > 0;
    drill->board_count = team_count + 2 + (offices ? TIERS : 0);
    drill->boards = yw_new_array(drill->board_count, sizeof *drill->boards);
    drill->board_due.run = on_board_due;
    drill->board_due.arg = drill;
    for (size_t i = 0; i < drill->board_count; i++) {
        enum yw_audience audience = i == 0               ? YW_AUDIENCE_CONTROL
                                    : i == 1             ? YW_AUDIENCE_PUBLIC
                                    : i < team_count + 2 ? YW_AUDIENCE_TEAM
                                                         : YW_AUDIENCE_TIER;
        int number = audience == YW_AUDIENCE_TIER   ? (int)(i - team_count - 1)
                     : audience == YW_AUDIENCE_TEAM ? (int)i - 2
                                                    : -1;
        yw_view_init(&drill->boards[i].view, audience, number);
        yw_score_init(&drill->boards[i].score);
    }
}

void yw_board_close(struct yw_drill *drill)
{
    for (size_t i = 0; i < drill->board_count; i++) {
        yw_view_fini(&drill->boards[i].view);
        yw_score_fini(&drill->boards[i].score);
        free(drill->boards[i].text);
    }
    free(drill->boards);
}

struct yw_board *yw_board_of(const struct yw_drill *drill, enum yw_audience audience,
                             int team)
{
    for (size_t i = 0; i < drill->board_count; i++) {
        const struct yw_view *view = &drill->boards[i].view;
        bool numbered = audience == YW_AUDIENCE_TEAM || audience == YW_AUDIENCE_TIER;
        if (view->audience == audience && (!numbered || view->team == team)) {
            return &drill->boards[i];
        }
    }
    return NULL;
}

/* Checked on control's fold first: what that refuses changes nothing anywhere. */
int yw_board_fold(struct yw_drill *drill, const struct yw_event *event,
                  struct yw_err *err)
{
    if (!yw_view_apply(&drill->boards[0].view, event)) {
        return yw_drill_apply(&drill->boards[0].view.state, event, err);
    }
    yw_score_apply(&drill->boards[0].score, event);
    drill->boards[0].dirty = true;
    for (size_t i = 1; i < drill->board_count; i++) {
        struct yw_board *board = &drill->boards[i];
        if (yw_view_apply(&board->view, event)) {
            yw_score_apply(&board->score, event);
            board->dirty = true;
        }
    }
    if (!drill->replaying) {
        yw_board_arm(drill);
    }
    return 0;
}

void yw_board_arm(struct yw_drill *drill)
{
    int64_t at_ms = INT64_MAX;
    for (size_t i = 0; i < drill->board_count; i++) {
        const struct yw_board *board = &drill->boards[i];
        if (board->watchers > 0 && board->dirty &&
            board->sent_ms + YW_DRILL_BOARD_MS < at_ms) {
            at_ms = board->sent_ms + YW_DRILL_BOARD_MS;
        }
    }
    if (at_ms != INT64_MAX && !yw_due_queued(&drill->board_due)) {
        yw_due_add(drill->stage->due, &drill->board_due, at_ms);
    }
}

static char *encode(const struct yw_drill *drill, const struct yw_board *board)
{
    struct yw_hash head;
    int64_t seq = 0;
    char text[YW_HASH_TEXT_SIZE] = "";
    struct yw_buf out;
    yw_journal_head(drill->journal, &seq, &head);
    yw_hash_text(&head, text);
    struct yw_state_now now = {.drill = drill->id,
                               .head = text,
                               .wall_us = yw_clock_wall_us(drill->stage->clock),
                               .drill_ms = yw_drill_now(drill),
                               .plant_facts = yw_plant_facts,
                               .duty = yw_state_write_duty,
                               .law = yw_conductor_law(drill->conductor)};
    yw_buf_init(&out, YW_STATE_MAX);
    yw_state_encode(&out, &board->view, &board->score, &now);
    if (out.overflow) {
        yw_error("drill", "%s: the board is larger than %d bytes", drill->id,
                 YW_STATE_MAX);
    }
    return yw_buf_steal(&out);
}

void yw_board_flush(struct yw_drill *drill, struct yw_board *board)
{
    char *text = encode(drill, board);
    int64_t seq = board->view.state.seq;
    struct yw_buf patch;
    struct yw_err err = {0};
    board->dirty = false;
    board->sent_ms = yw_clock_mono_ms(drill->stage->clock);
    yw_buf_init(&patch, YW_STATE_MAX);
    if (board->text != NULL && yw_state_diff(&patch, board->text, text, &err) == 0) {
        struct yw_frame *frame = frame_new(yw_buf_steal(&patch), seq, board->text_seq);
        yw_conductor_patched(drill->conductor, drill, board, frame);
        yw_frame_unref(frame);
    }
    yw_buf_fini(&patch);
    free(board->text);
    board->text = text;
    board->text_seq = seq;
}

struct yw_frame *yw_board_snapshot(struct yw_drill *drill, struct yw_board *board)
{
    if (board->text == NULL || board->dirty) {
        yw_board_flush(drill, board);
    }
    struct yw_frame *frame = frame_new(yw_strdup(board->text), board->text_seq, -1);
    if (board->watchers == 0) {
        free(board->text);
        board->text = NULL;
    }
    return frame;
}
