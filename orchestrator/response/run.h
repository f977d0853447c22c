/* One run of a playbook: a fold of its events plus the question "what next?". Pure: the
 * conductor asks, appends what it is told to, does what is durable, and asks again. Rules:
 * CACAO v2.0 and the executor rules in this room's README. Times are drill time.
 *
 *   run ── thread (0, 0) ── execution of a step ── it opens threads (exec, 0…) ── …
 *
 * A thread is a path through the graph, at one step at a time; a parallel has several
 * open, the other conditions one. It ends at an end, and when all threads of an execution
 * have ended so does the execution, and its own thread goes on. Every event carries the
 * number of its execution, for a loop comes back to a step. */
#ifndef YW_RESPONSE_RUN_H
#define YW_RESPONSE_RUN_H

#include "base/vec.h"
#include "model/event.h"
#include "response/playbook.h"

#define YW_RUN_EXECS_MAX 4096 /* executions of one run; more end it as failed */
#define YW_RUN_THREADS_MAX 64 /* at a time */
#define YW_RUN_TURNS_MAX 1000 /* of one loop */
#define YW_RUN_WRITES_MAX 1024
#define YW_RUN_MARKS_MAX (YW_PLAYBOOK_STEPS_MAX * YW_PLAYBOOK_VARS_MAX)
#define YW_SECRET_MARK "{{secret:"
#define YW_RUN_ENGINE "playbook" /* the actor of what a run does by itself */
#define YW_RUN_CALLS_MAX 8       /* playbooks that call each other */
#define YW_RUN_POLL_MS 1000
#define YW_RUN_AUTOMATIC_CEILING_MS (3600 * 1000LL)
#define YW_RUN_MANUAL_CEILING_MS (24 * 3600 * 1000LL)
#define YW_RUN_DECISION_MS (600 * 1000LL) /* deadline of a decision that names none */
#define YW_RUN_CONTROL "excon"            /* the role of exercise control */
#define YW_RUN_LEADER                                                                    \
    "leader" /* … of a tier's leader, whom the scenario may name otherwise */

struct yw_run_write {       /* a variable's value, and in which thread it holds */
    int64_t opener, branch; /* branch -1: only within the execution `opener` */
    struct yw_ev_var var;
};

struct yw_run_thread {
    int64_t opener; /* execution that opened it; 0 the run's own */
    int64_t branch;
    int next;        /* step to start; -1 at its end */
    int64_t from_ms; /* when the last one ended: delays count from here */
    int64_t cause;   /* seq of the event that brought it here */
    int64_t exec;    /* under way; 0 between steps */
    bool done, ok;
};

struct yw_run_exec { /* under way */
    int64_t exec;
    int step;
    int64_t opener, branch; /* its thread */
    int64_t seq, cause;     /* of its start; of the last event about it */
    int64_t deadline_ms, warns_ms, timeout_ms; /* 0 none */
    bool warned, late, escalated;
    bool asked, answered, confirmed;
    char role[YW_NAME_MAX], escalates[YW_NAME_MAX], confirms[YW_NAME_MAX];
    struct yw_ev_step_answered answer;
    char answered_by[YW_EVENT_ACTOR_MAX];
    unsigned evidence; /* enum yw_pb_evidence given */
    /* commands: item = target * commands + command */
    int64_t item;
    bool ordered; /* … is under way */
    struct yw_ev_command_ordered command;
    int64_t command_seq;
    int64_t targets_ok, targets_failed;
    char output[YW_EVENT_VALUE_MAX]; /* of the last that failed */
    /* branches */
    bool branched;
    int64_t turn, branched_ms;
    enum yw_step_status forced; /* by control; NONE: not */
};

struct yw_run_mark { /* a variable as it was when a step of the run's own thread began */
    int step;
    struct yw_ev_var var;
};

struct yw_run {
    const struct yw_playbook *playbook; /* borrowed */
    int64_t run;
    int team;
    char name[YW_NAME_MAX]; /* of the scenario's playbook */
    int64_t caller, caller_exec;
    int64_t started_seq, last_seq; /* last_seq: of the last event about it */
    bool active, ok, paused;
    bool with_caller; /* paused because what called it is */
    int64_t paused_ms;
    char aborted[YW_EVENT_NOTE_MAX]; /* why; "" it is not */
    bool exception_used;
    char failed_step[80], failed_cause[YW_EVENT_VALUE_MAX];
    int64_t last_exec;
    bool visited[YW_PLAYBOOK_STEPS_MAX]; /* begun in the run's own thread */
    bool handled[YW_PLAYBOOK_STEPS_MAX]; /* … when the exception handler had begun */
    struct yw_vec marks;                 /* yw_run_mark: for a rewind */
    struct yw_vec threads; /* yw_run_thread; those that open before theirs */
    struct yw_vec execs;   /* yw_run_exec */
    struct yw_vec writes;  /* yw_run_write */
};

struct yw_run_todo {
    bool append;    /* append `event`, then ask again */
    int64_t due_ms; /* else: drill time at which to ask again; INT64_MAX none */
    struct yw_event
        event; /* kind, team, payload, causes filled; the caller adds the rest */
};

/* `event` is a playbook-started. */
void yw_run_init(struct yw_run *run, const struct yw_playbook *playbook,
                 const struct yw_event *event);
void yw_run_fini(struct yw_run *run);
/* Marks an event of this run as control's own where the playbook's marking keeps it from the team
 * that runs it (TLP:RED). What people are asked, and that it is over, reaches them all the same. */
void yw_run_conceal(const struct yw_run *run, struct yw_event *event);
/* The number of the run that the event is about; 0: about none. */
int64_t yw_run_of(const struct yw_event *event);
/* Applies an event of this run (others are ignored). */
void yw_run_apply(struct yw_run *run, const struct yw_event *event);
void yw_run_next(const struct yw_run *run, int64_t drill_ms, struct yw_run_todo *ret);

/* An execution under way, or NULL. Borrowed until the next apply. */
const struct yw_run_exec *yw_run_exec(const struct yw_run *run, int64_t exec);
const struct yw_pb_step *yw_run_step(const struct yw_run *run,
                                     const struct yw_run_exec *exec);
/* The command-ended of the command under way. `output`: what a program wrote, or why it
 * failed. */
void yw_run_command_ended(const struct yw_run *run, const struct yw_run_exec *exec,
                          bool ok, const char *output, struct yw_event *ret);
/* The step-ended of a playbook-action. `called`: the run that it called, NULL: it could
 * not be called, as `detail` says. */
void yw_run_called_ended(const struct yw_run *run, const struct yw_run_exec *exec,
                         const struct yw_run *called, const char *detail,
                         struct yw_event *ret);
/* The playbook-started of what a playbook-action calls; the caller adds run and id. */
void yw_run_call(const struct yw_run *run, const struct yw_run_exec *exec,
                 struct yw_event *ret);

/* The open question at this step (exec 0: whichever execution), or NULL: YW_ESTATE. */
const struct yw_run_exec *yw_run_question(const struct yw_run *run, const char *step,
                                          int64_t exec, struct yw_err *err);
/* May this role answer with these variables? 0, YW_EDENIED (wrong role), YW_ESTATE
 * (answered already; evidence is missing), YW_EINVAL (a variable missing, unknown or of
 * the wrong type: "/vars/grade: expected one of …"). */
int yw_run_check_answer(const struct yw_run *run, const struct yw_run_exec *exec,
                        const struct yw_ev_step_answered *answer, struct yw_err *err);
/* May this role, as this actor, confirm the answer? */
int yw_run_check_confirm(const struct yw_run *run, const struct yw_run_exec *exec,
                         const char *role, const char *actor, struct yw_err *err);
/* May it give evidence of this form? */
int yw_run_check_evidence(const struct yw_run *run, const struct yw_run_exec *exec,
                          const char *role, const char *form, struct yw_err *err);
/* May control do this? YW_EINVAL, YW_ESTATE. */
int yw_run_check_control(const struct yw_run *run,
                         const struct yw_ev_playbook_controlled *order,
                         struct yw_err *err);
/* The bit of a form of evidence by name; 0: there is none. */
unsigned yw_pb_evidence_of(const char *form);

/* A variable's present value as the execution (NULL: the run's own thread) sees it, or
 * NULL (unknown). Borrowed. */
const char *yw_run_var(const struct yw_run *run, const struct yw_run_exec *exec,
                       const char *name);
/* Its declared type, NULL: it is not declared. */
const char *yw_run_var_type(const struct yw_run *run, const struct yw_run_exec *exec,
                            const char *name);
/* Replaces `__name__:value` once, from left to right; values are not looked through
 * again. A constant "secret:NAME" becomes the mark {{secret:NAME}}, which the effect alone
 * resolves; nobody's value can make such a mark. 0, or YW_EINVAL with the reason. */
int yw_run_substitute(const struct yw_run *run, const struct yw_run_exec *exec,
                      const char *text, char *dst, size_t dst_size, struct yw_err *err);
/* A condition over these variables (response/condition.c). 0 and *ret_holds, with the
 * operands and result spelled out in `explain`; YW_EINVAL when it cannot be evaluated,
 * with the position. What real files write is read; strict: only what the STIX grammar
 * has. */
int yw_run_condition(const struct yw_run *run, const struct yw_run_exec *exec,
                     const char *text, bool *ret_holds, char explain[256],
                     struct yw_err *err);
int yw_run_condition_strict(const struct yw_run *run, const char *text, bool *ret_holds,
                            char explain[256], struct yw_err *err);
/* Is it one by the grammar, whatever its variables are? 0 or YW_EINVAL with the position. */
int yw_run_condition_check(const char *text, bool strict, struct yw_err *err);

#endif
