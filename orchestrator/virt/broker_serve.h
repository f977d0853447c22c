/* Inside the broker process: calls as tasks. Private to broker_task.c, broker_talk.c and
 * broker_main.c; loop thread. */
#ifndef YW_VIRT_BROKER_SERVE_H
#define YW_VIRT_BROKER_SERVE_H

#include "base/map.h"
#include "loop/pool.h"
#include "loop/stream.h"
#include "virt/accel.h"
#include "virt/broker_wire.h"
#include "virt/broker_work.h"
#include "virt/limits.h"
#include "virt/served.h"

#define YW_BROKER_THREADS 6
#define YW_BROKER_STUCK_MAX 3 /* workers held beyond their deadline: start over */
#define YW_BROKER_PROBE_DRILL "accelerator-probe"

/* A call's way:
 *
 *   UP      queued ─slot─► working ─created─► greeting ─HELLO─► answered
 *                             ▲                  │ half its time, or the machine ends
 *                             └──── ending ◄─────┘ (once)
 *   FIND    working ─it runs─► greeting ─HELLO─► answered
 *   SETUP   as FIND, then talking: CONFIGURE, PUT …, START ─► answered
 *   RUN     as FIND, then talking ─► answered; a cut channel: greeting, asked again
 *   PROBE   queued ─accelerator known─► working ─► answered
 *   SWEEP   queued ─nothing of the drill is being created─► working ─► answered
 *   others  working ─► answered
 *
 * At its deadline a call is answered with YW_ETIMEOUT, wherever it is. */
enum yw_task_step {
    YW_TASK_QUEUED,
    YW_TASK_WORKING,
    YW_TASK_GREETING,
    YW_TASK_ENDING,
    YW_TASK_TALKING,
};

struct yw_serve;

struct yw_task {
    struct yw_task *next;
    struct yw_serve *serve;
    struct yw_broker_job *job; /* owned */
    enum yw_task_step step;
    int attempt;
    bool holds_slot;
    bool is_probe; /* the broker's own: proves the accelerator */
    int64_t started_ms;
    struct yw_due_entry deadline;
    struct yw_due_entry retry;
    struct yw_channel_request request;
    size_t part; /* SETUP: how far */
};

struct yw_serve {
    struct yw_loop *loop;
    struct yw_stream *stream;
    struct yw_pool *pool;
    struct yw_host *host;
    struct yw_embed_root root;
    struct yw_limits limits;
    struct yw_map machines; /* struct yw_served by uuid */
    struct yw_task *tasks;  /* in order of arrival */
    struct yw_accel accel;
    bool proving;
    int boots;
    int boots_max;
    int stuck;
    int destroys;        /* under way for nobody */
    int64_t next_own_id; /* negative: tasks of the broker's own */
};

void yw_serve_notice(void *owner, const struct yw_virt_notice *notice);
/* Takes the job. */
void yw_task_start(struct yw_serve *serve, struct yw_broker_job *job);
void yw_task_cancel(struct yw_serve *serve, int64_t id);
/* A machine's process ended, says the driver; or its channel, then it is looked at. */
void yw_task_look(struct yw_serve *serve, const char *uuid);
/* The end of a task; frees it. An UP that failed takes its machine away again. */
void yw_task_answer(struct yw_task *task, int code, const struct yw_err *err);
void yw_task_fail(struct yw_task *task, int code, const char *text);
struct yw_served *yw_task_served(const struct yw_task *task); /* borrowed; NULL: none */
/* The next message of a SETUP; a RUN. Either may end the task. */
void yw_task_set_up(struct yw_task *task);
void yw_task_run(struct yw_task *task);
void yw_task_drop_all(struct yw_serve *serve);

#endif
