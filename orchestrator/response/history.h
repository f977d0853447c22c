/* What one run of a playbook came to: its executions, and every event about it with its sentence.
 * A fold of the run's events for whoever keeps a record of it (codec/playbook/run_record.h). Owns what
 * it holds; pure. Times: wall in microseconds, drill in milliseconds. Thread: any. */
#ifndef YW_RESPONSE_HISTORY_H
#define YW_RESPONSE_HISTORY_H

#include "base/vec.h"
#include "model/drill.h"
#include "model/event.h"

#define YW_HISTORY_EXECS_MAX 4096
#define YW_HISTORY_LINES_MAX 65536

struct yw_history_exec {
    int64_t exec, opener;
    char step[80];
    char type[24];
    enum yw_step_status status;
    int64_t started_us, ended_us; /* ended_us 0: it is under way */
    int64_t started_ms, ended_ms;
    bool late;
    bool manual; /* a person was asked */
    char asks[YW_TEXT_MAX];
    char answered_by[YW_EVENT_ACTOR_MAX], confirmed_by[YW_EVENT_ACTOR_MAX];
    char detail[YW_EVENT_NOTE_MAX];
    struct yw_vec commands; /* char *, owned: as they were carried out */
};

struct yw_history_line {
    int64_t seq, wall_us, drill_ms;
    int64_t exec; /* 0: the run */
    enum yw_event_kind kind;
    char step[80];
    char actor[YW_EVENT_ACTOR_MAX];
    char *zh, *en; /* owned */
};

struct yw_history {
    int64_t run;
    bool active, ok;
    int64_t started_us, ended_us;
    char detail[YW_EVENT_NOTE_MAX];
    struct yw_vec execs; /* struct yw_history_exec */
    struct yw_vec lines; /* struct yw_history_line */
    bool cut;            /* more than fits: the latest are left out */
};

void yw_history_init(struct yw_history *history, int64_t run);
void yw_history_fini(struct yw_history *history);
/* Events of other runs are passed over. `state`: for names in the sentences. */
void yw_history_apply(struct yw_history *history, const struct yw_event *event,
                      const struct yw_drill_state *state);

#endif
