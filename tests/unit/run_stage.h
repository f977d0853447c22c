/* A playbook and its run on a stage, stepped by hand: ask, append, apply, ask again. A graph comes
 * from lines; "a>b" is on_completion, "a+b" on_success, "a-b" on_failure. */
#ifndef YW_TESTS_RUN_STAGE_H
#define YW_TESTS_RUN_STAGE_H

#include "response/run.h"

#define STEPS_MAX 32
#define LOG_MAX 20000

struct stage {
    struct yw_pb_step steps[STEPS_MAX];
    struct yw_pb_var vars[8];
    struct yw_pb_command commands[STEPS_MAX];
    char targets[STEPS_MAX][4][96];
    struct yw_playbook playbook;
    struct yw_run run;
    int64_t seq;
    int64_t drill_ms;
    const char
        *failing; /* machine on which commands fail; "" none, NULL nobody answers */
    size_t heard; /* commands that were due to end, so far */
    size_t fails_at, hangs_at; /* the n-th of them fails, or is never heard of; 0 none */
    int64_t hung;              /* seq of its order */
    struct yw_event *log;
    size_t count;
};

int stage_var(struct stage *s, const char *name, const char *type, const char *value);
struct yw_pb_step *stage_at(struct stage *s, const char *id);
struct yw_pb_step *stage_add(struct stage *s, enum yw_pb_type type, const char *id);
void stage_init(struct stage *s);
struct yw_pb_step *stage_manual(struct stage *s, const char *id);
/* One command, of every target, or of the machine that it names itself. */
struct yw_pb_step *stage_command(struct stage *s, const char *id,
                                 enum yw_pb_command_kind kind, const char *machine);
/* "start>a" "a+b" "a-c": which step follows which. */
void stage_wire(struct stage *s, const char *line);
void stage_branch(struct stage *s, const char *from, const char *value, const char *to);
void stage_open_run(struct stage *s);
void stage_fini(struct stage *s);
void stage_append(struct stage *s, const struct yw_event *event);
const struct yw_run_exec *stage_under_way(const struct stage *s, const char *id);
const struct yw_run_exec *stage_must(const struct stage *s, const char *id);
/* The first command that waits ends; false: none does. */
bool stage_end_command(struct stage *s);
/* Does everything that needs nobody; returns when it is to be asked again. */
int64_t stage_go(struct stage *s);
void stage_start(struct stage *s);
struct yw_event stage_said(struct stage *s, enum yw_event_kind kind, const char *id,
                           const char *actor);
/* name = NULL: no variables. 0 or the code of the refusal. */
int stage_try_answer(struct stage *s, const char *id, const char *role, bool ok,
                     const char *name, const char *value);
void stage_answer(struct stage *s, const char *id, const char *name, const char *value);
struct yw_event stage_order(struct stage *s, const char *verb, const char *id);
void stage_control(struct stage *s, const char *verb, const char *id, bool ok);
/* How the step ended the last time; NONE: it did not. */
enum yw_step_status stage_status_of(const struct stage *s, const char *id);
const char *stage_detail_of(const struct stage *s, const char *id);
size_t stage_count_of(const struct stage *s, enum yw_event_kind kind);
void stage_assert_ended(const struct stage *s, bool ok);

#endif
