/* One run of a playbook: a fold of its events plus the question "what next?". Pure: the
 * conductor asks, does (journalling the order first), appends the outcome, and asks
 * again. Rules: CACAO v2.0 and the executor rules in this room's README. Times are drill
 * time. */
#ifndef YW_RESPONSE_RUN_H
#define YW_RESPONSE_RUN_H

#include "model/event.h"
#include "response/playbook.h"

#define YW_RUN_PATH_MAX 256 /* steps of one run; more end it as failed */
#define YW_RUN_DEPTH_MAX 16 /* conditions inside branches of conditions */
#define YW_RUN_AUTOMATIC_CEILING_MS (3600 * 1000LL)
#define YW_RUN_MANUAL_CEILING_MS (24 * 3600 * 1000LL)

struct yw_run_visit { /* a step that has ended */
    char step[80];
    enum yw_step_status status;
};

struct yw_run {
    int64_t run;
    int team;
    char playbook[YW_NAME_MAX];
    bool active;
    bool ok;
    int64_t started_seq;
    /* the step under way, "" between steps */
    char step[80];
    enum yw_step_status status;
    int64_t step_ms, step_seq;
    int64_t deadline_ms, timeout_ms; /* absolute drill time; 0 none */
    bool late;
    bool answered;
    struct yw_ev_step_answered answer;
    int64_t answered_seq;
    char role[YW_NAME_MAX];
    char next[80];        /* the step to start next; "" when the run is at its end */
    int64_t next_from_ms; /* drill time at which the last step ended: delays count from
                             here */
    int64_t ended_seq;    /* of the last step-ended, 0 none */
    struct yw_run_visit path[YW_RUN_PATH_MAX];
    size_t path_count;
    bool overrun;                                /* more steps than the path holds */
    struct yw_ev_var vars[YW_PLAYBOOK_VARS_MAX]; /* changed values */
    size_t var_count;
};

enum yw_run_verb {
    YW_RUN_NOTHING, /* wait for an event, or until due_ms */
    YW_RUN_START,   /* append `event` (step-started), then ask again */
    YW_RUN_COMMAND, /* the step under way is an automatic command: do it once, then append
                       a step-ended made by yw_run_command_ended */
    YW_RUN_END_STEP, /* append `event` (step-ended) */
    YW_RUN_LATE,     /* append `event` (step-late) */
    YW_RUN_END,      /* append `event` (playbook-ended) */
};

struct yw_run_todo {
    enum yw_run_verb verb;
    int64_t due_ms;                /* drill time at which to ask again; INT64_MAX none */
    const struct yw_pb_step *step; /* borrowed from the playbook */
    char machine[YW_NAME_MAX];     /* COMMAND: substituted */
    struct yw_event
        event; /* kind, team, payload, causes filled; the caller adds the rest */
};

/* `event` is a playbook-started. */
void yw_run_init(struct yw_run *run, const struct yw_event *event);
/* Applies an event of this run (others are ignored). */
void yw_run_apply(struct yw_run *run, const struct yw_event *event);
void yw_run_next(const struct yw_run *run, const struct yw_playbook *playbook,
                 int64_t drill_ms, struct yw_run_todo *ret);
/* The step-ended event for the automatic command under way. */
void yw_run_command_ended(const struct yw_run *run, const struct yw_playbook *playbook,
                          bool ok, const char *detail, struct yw_event *ret);
/* May this role answer the step under way with these variables? 0, YW_ESTATE (no question
 * is open), YW_EDENIED (wrong role), YW_EINVAL (a variable missing, unknown or of the
 * wrong type:
 * "/vars/grade: expected one of …"). */
int yw_run_check_answer(const struct yw_run *run, const struct yw_playbook *playbook,
                        const char *step, const char *role, const struct yw_ev_var *vars,
                        size_t var_count, struct yw_err *err);
/* A variable's present value, or NULL (unknown). Borrowed. */
const char *yw_run_var(const struct yw_run *run, const struct yw_playbook *playbook,
                       const char *name);
/* A STIX 2.1 comparison expression over the run's variables. 0 and *ret_holds, with the
 * operands and result spelled out in `explain`; YW_EINVAL on a syntax error, with its
 * position. */
int yw_run_condition(const struct yw_run *run, const struct yw_playbook *playbook,
                     const char *text, bool *ret_holds, char explain[256],
                     struct yw_err *err);

#endif
