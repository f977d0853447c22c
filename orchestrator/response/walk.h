/* Where a run goes from a step that ended. Inside this room. */
#ifndef YW_RESPONSE_WALK_H
#define YW_RESPONSE_WALK_H

#include "response/run.h"

bool yw_walk_good(enum yw_step_status status);
/* The step that follows, or -1: the thread is at its end. *ret_note is "" or why it goes
 * on after all. Static. */
int yw_walk_on(const struct yw_run *run, const struct yw_run_exec *exec,
               enum yw_step_status status, const char **ret_note);

struct yw_run_exec *yw_walk_exec(const struct yw_run *run, int64_t exec);
struct yw_run_thread *yw_walk_thread(const struct yw_run *run, int64_t opener,
                                     int64_t branch);
/* All threads that the execution opened have ended. *ret_failed: how many of them badly. */
bool yw_walk_joined(const struct yw_run *run, int64_t exec, int *ret_failed);

/* scope.c */
/* A value that the execution writes: its own, or its thread's. */
void yw_scope_write(struct yw_run *run, int64_t exec, const struct yw_ev_var *var);
/* For all threads: control's word. */
void yw_scope_set(struct yw_run *run, const struct yw_ev_var *var);
/* Keeps the run's own values for a rewind to this step; takes them back. */
void yw_scope_mark(struct yw_run *run, int step);
void yw_scope_restore(struct yw_run *run, int step);
/* The execution ended: what its branches wrote, in their order, is its thread's now. */
void yw_scope_close(struct yw_run *run, int64_t exec);
/* Names and values that two branches wrote differently: "a = 'x', 'y'"; "" none. */
void yw_scope_conflicts(const struct yw_run *run, int64_t exec, char *dst, size_t size);

/* question.c: what a step asks a person. */
bool yw_question_needed(const struct yw_run *run, const struct yw_run_exec *exec);
bool yw_question_settled(const struct yw_run *run, const struct yw_run_exec *exec);
void yw_question_fill(const struct yw_run *run, const struct yw_run_exec *exec,
                      int64_t drill_ms, struct yw_ev_step_asked *ret);
/* A condition that cannot be evaluated as it stands. */
bool yw_question_decides(const struct yw_run *run, const struct yw_run_exec *exec);

/* command.c */
int64_t yw_command_items(const struct yw_pb_step *step);
/* The next item's command-ordered; YW_EINVAL: it cannot be carried out so. */
int yw_command_fill(const struct yw_run *run, const struct yw_run_exec *exec,
                    struct yw_ev_command_ordered *ret, struct yw_err *err);

#endif
