/* Playbook runs of a drill. Private to this room.
 *
 *   poke ─▶ yw_run_next ─▶ emit ─▶ durable ─▶ fold ─▶ effects of what is durable ─▶ poke …
 *
 * respond.c has the runs and playbooks that call playbooks, effect.c what commands do to
 * machines, task.c what people and exercise control say. Loop thread. */
#ifndef YW_DRILL_RESPOND_H
#define YW_DRILL_RESPOND_H

#include "drill/drill.h"

struct yw_drill_effect { /* a command-ordered without its command-ended */
    int64_t exec;
    int64_t seq;   /* of the command-ordered */
    int64_t order; /* seq of the order to a machine that it gave; 0 not durable yet */
    bool emitted;  /* that order is on its way */
    bool over, ok; /* the machine's answer is there */
    char detail[YW_EVENT_OUTPUT_MAX];
};

struct yw_drill_run {
    struct yw_run run;
    int in_flight;       /* events about it that are not durable yet */
    int64_t engine_exec; /* execution that ours among them is about; 0 the run, -1 none */
    struct yw_vec busy;  /* int64_t: executions with people's words in flight */
    struct yw_vec effects; /* struct yw_drill_effect */
    int64_t due_ms;
};

/* respond.c */
struct yw_drill_run *yw_respond_run(const struct yw_drill *drill, int64_t number);
/* Emits an event about the run. `exec`: ours, about this execution (0: the run), or -1:
 * somebody's word. */
int yw_respond_emit(struct yw_drill *drill, struct yw_drill_run *run,
                    struct yw_event *event, int64_t exec, int64_t *ret_seq,
                    struct yw_err *err);
/* Does somebody's word, or an end of it, travel to the journal? */
bool yw_respond_busy(const struct yw_drill_run *run, int64_t exec);

/* task.c: number, id, name and what is given to every playbook of a team. */
void yw_respond_name(struct yw_drill *drill, int team, const struct yw_playbook *playbook,
                     struct yw_event *event);

/* effect.c */
void yw_effect_fold(struct yw_drill_run *run, const struct yw_event *event);
void yw_effect_go(struct yw_drill *drill, struct yw_drill_run *run);

#endif
