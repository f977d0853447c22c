/* A view: what one audience knows, the fold of the events it may see. Everything a screen
 * shows comes from here (and from the score, folded over the same events), so what an
 * audience may not see is not in the memory its JSON is written from. Pure. */
#ifndef YW_MODEL_VIEW_H
#define YW_MODEL_VIEW_H

#include "model/drill.h"

#define YW_VIEW_RECENT 50
#define YW_VIEW_QUESTIONS_MAX 512
#define YW_VIEW_STEPS_MAX 2048
#define YW_VIEW_RUNS_MAX 256 /* lists beyond their limit forget the oldest entry */

#define YW_VIEW_EVIDENCE_MAX 8 /* of a question; the oldest goes */

enum yw_question_state {
    YW_QUESTION_OPEN,
    YW_QUESTION_CONFIRMING, /* answered; somebody else must confirm it */
    YW_QUESTION_ANSWERED,
    YW_QUESTION_CLOSED
};

struct yw_view_evidence {
    char form[16];
    char name[YW_NAME_MAX];
    char hash[YW_HASH_TEXT_SIZE];
    int64_t bytes;
    char text[YW_EVENT_VALUE_MAX]; /* as far as it fits */
    char by[YW_EVENT_ACTOR_MAX];
    int64_t drill_ms;
};

struct yw_view_question { /* a step that asked a person */
    int team;
    struct yw_ev_step_asked asked;
    struct yw_text name;             /* of the step */
    int64_t deadline_ms, timeout_ms; /* of the step; 0 none */
    int64_t paused_ms; /* drill time since which its run, and they, stand still; -1 they go on */
    int64_t opened_seq, opened_ms;
    enum yw_question_state state;
    bool warned, late, escalated;
    struct yw_view_evidence evidence[YW_VIEW_EVIDENCE_MAX];
    size_t evidence_count;
    struct yw_ev_step_answered answer;
    char answered_by[YW_EVENT_ACTOR_MAX];
    int64_t answered_ms, answered_seq;
    char confirmed_by[YW_EVENT_ACTOR_MAX];
    char sent_back[YW_EVENT_VALUE_MAX]; /* why the last answer was; "" it was not */
};

struct yw_view_step { /* one execution of a playbook step */
    int64_t run, exec;
    int64_t opener, branch, turn; /* turn: of a loop, so far */
    int team;
    char step[80];
    char type[24];
    struct yw_text name;
    enum yw_step_status status;
    bool late;
    int64_t deadline_ms, timeout_ms;
    int64_t started_ms, ended_ms;    /* ended_ms -1 while it runs */
    char detail[YW_EVENT_VALUE_MAX]; /* how it ended, or how it was decided */
};

struct yw_view_run {
    int64_t run;
    int team;
    char playbook[YW_NAME_MAX];
    char id[80];
    struct yw_text name;
    int64_t caller, caller_exec;
    bool active, ok;
    bool paused;
    int64_t paused_ms;
    char detail[YW_EVENT_VALUE_MAX]; /* how it ended */
    int64_t started_ms, ended_ms;
};

struct yw_view {
    enum yw_audience audience;
    int team; /* TEAM, and TIER: the tier's number */
    struct yw_drill_state state;
    struct yw_event recent[YW_VIEW_RECENT]; /* ring of events worth showing to people */
    size_t recent_count;                    /* ever pushed */
    struct yw_vec questions;                /* yw_view_question */
    struct yw_vec steps;                    /* yw_view_step */
    struct yw_vec runs;                     /* yw_view_run */
};

void yw_view_init(struct yw_view *view, enum yw_audience audience, int team);
void yw_view_fini(struct yw_view *view); /* NULL-safe */
/* False when this audience may not see the event: nothing was changed. */
bool yw_view_apply(struct yw_view *view, const struct yw_event *event);
/* The team's first report or answer after an attack took effect: it knew by then. False:
 * there was none. `ret_seq` may be NULL. */
bool yw_view_noticed(const struct yw_view *view, int team, int64_t effect_seq,
                     int64_t *ret_seq, int64_t *ret_drill_ms);
/* The i-th newest of the recent events, or NULL. */
const struct yw_event *yw_view_recent(const struct yw_view *view, size_t i);

#endif
