/* Inside the broker process: calls as tasks. Private to broker_task.c, broker_talk.c and
 * broker_main.c; loop thread. */
#ifndef YW_VIRT_BROKER_SERVE_H
#define YW_VIRT_BROKER_SERVE_H

#include "base/map.h"
#include "loop/gang.h"
#include "loop/pool.h"
#include "loop/stream.h"
#include "virt/broker_wire.h"
#include "virt/confine/limits.h"
#include "virt/serve/accel.h"
#include "virt/serve/broker_work.h"
#include "virt/serve/served.h"

#define YW_BROKER_THREADS 6
#define YW_BROKER_POINT_THREADS 3
#define YW_BROKER_STOP_THREADS 3
#define YW_BROKER_STUCK_MAX 3 /* workers held beyond their deadline: start over */
#define YW_BROKER_PROBE_DRILL "accelerator-probe"

/* A call's way:
 *
 *   UP      queued ─slot─► working ─created─► greeting ─HELLO─► answered
 *             ▲  │ no golden    │ refused          │ half its time, or the machine ends
 *             │  ▼              ▼                  ▼
 *             └──┴── next way ──┴──────────── ending (cold: once)
 *   FIND    working ─it runs─► greeting ─HELLO─► answered
 *   SETUP   as FIND, then talking: CONFIGURE, PUT …, START ─► answered
 *   RUN     as FIND, then talking ─► answered; a cut channel: greeting, asked again
 *   PROBE   queued ─accelerator known─► working ─► answered
 *   SWEEP   queued ─nothing of the drill is being created─► working ─► answered
 *   LOAD    working ─memory is back─► reviving ─every agent answers─► answered
 *   others  working ─► answered
 *
 * At its deadline a call is answered with YW_ETIMEOUT, wherever it is. */
enum yw_task_step {
    YW_TASK_QUEUED,
    YW_TASK_WORKING,
    YW_TASK_GREETING,
    YW_TASK_ENDING,
    YW_TASK_TALKING,
    YW_TASK_REVIVING,
};

struct yw_serve;
struct yw_group;

struct yw_task {
    struct yw_task *next;
    struct yw_serve *serve;
    struct yw_broker_job *job; /* owned */
    enum yw_task_step step;
    int attempt;
    bool holds_slot;
    bool is_probe; /* the broker's own: proves the accelerator */
    int64_t started_ms;
    enum yw_virt_how how;     /* UP: the way that is being tried */
    bool holds_clone;         /* one of the copies that are made at once */
    struct yw_golden *golden; /* UP: what it is a copy of; borrowed; NULL none */
    struct yw_due_entry deadline;
    struct yw_due_entry retry;
    struct yw_channel_request request;
    size_t part;            /* SETUP: how far */
    struct yw_group *group; /* one hold; of a group's task */
};

enum yw_golden_step { YW_GOLDEN_NONE, YW_GOLDEN_MAKING, YW_GOLDEN_READY, YW_GOLDEN_BAD };

/* A golden machine as the loop knows it, by slot. */
struct yw_golden_seat {
    enum yw_golden_step step;
    struct yw_golden *golden;  /* READY: owned, as long as the process */
    char why[YW_VIRT_WHY_MAX]; /* BAD */
    bool no_boot;              /* BAD: no way will do better */
    int64_t again_ms;          /* BAD: tried again from here on */
};

struct yw_consoles;
struct yw_capture;

struct yw_serve {
    struct yw_capture *captures; /* broker_capture.c's list */
    struct yw_consoles *consoles;
    struct yw_loop *loop;
    struct yw_stream *stream;
    struct yw_pool *pool;
    struct yw_pool *points; /* groups: their work waits for threads of its own */
    struct yw_pool *stops;  /* freezing and thawing, which wait for nothing else */
    struct yw_gang_house gangs;
    struct yw_host *host;
    struct yw_embed_root root;
    struct yw_limits limits;
    struct yw_map machines;           /* struct yw_served by uuid */
    struct yw_task *tasks;            /* in order of arrival */
    struct yw_group_work *group_work; /* under way */
    struct yw_accel accel;
    struct yw_map goldens; /* struct yw_golden_seat by slot */
    int builds;            /* golden machines that are being made */
    int clones;            /* copies that are being made */
    int clones_max;
    bool proving;
    int boots;
    int boots_max;
    int stuck;
    int destroys;     /* under way for nobody */
    bool far;         /* started from another host */
    int fd;           /* of the stream, for a last word */
    int64_t heard_ms; /* of its core */
    struct yw_due_entry silence;
    uint32_t next_carry; /* numbers of WRITE and READ */
    int64_t next_own_id; /* negative: tasks of the broker's own */
};

void yw_serve_notice(void *owner, const struct yw_virt_notice *notice);
/* Takes the job. */
void yw_task_start(struct yw_serve *serve, struct yw_broker_job *job);
void yw_task_cancel(struct yw_serve *serve, int64_t id);
/* A machine's process ended, says the driver; or its channel, then it is looked at. */
void yw_task_look(struct yw_serve *serve, const char *uuid);
/* broker_look.c: what a look found; and a machine, or all of a drill, that are no longer
 * wanted. */
void yw_look_done(struct yw_serve *serve, const struct yw_work *work);
void yw_look_forget(struct yw_serve *serve, const char *uuid);
void yw_look_forget_drill(struct yw_serve *serve, const char *drill);
const char *yw_task_uuid(const struct yw_task *task); /* borrowed; "" without a machine */
/* The end of a task; frees it. An UP that failed takes its machine away again. */
void yw_task_answer(struct yw_task *task, int code, const struct yw_err *err);
void yw_task_fail(struct yw_task *task, int code, const char *text);
struct yw_served *yw_task_served(const struct yw_task *task); /* borrowed; NULL: none */
/* The next message of a SETUP; a RUN. Either may end the task. */
void yw_task_set_up(struct yw_task *task);
void yw_task_run(struct yw_task *task);
void yw_task_carry(struct yw_task *task);        /* PUT, GET: the next piece */
void yw_task_change_links(struct yw_task *task); /* broker_network.c */
void yw_task_drop_all(struct yw_serve *serve);

/* A daemon on another host (virt/far/far_daemon.h). True: the task was answered, as such a
 * connection cannot do it. */
bool yw_far_refuses(struct yw_task *task);
void yw_far_move_start(struct yw_task *task);
void yw_far_move_failed(const struct yw_task *task); /* it runs on here */
void yw_task_give_facts(struct yw_task *task, const struct yw_work *work);

/* broker_task.c, for broker_up.c. Submitting steals the work; both return after the task
 * was answered when there is no room. */
struct yw_work *yw_task_work(const struct yw_task *task, enum yw_work_kind kind);
int yw_serve_submit(struct yw_serve *serve, struct yw_work *work, const char *key);
void yw_task_submit(struct yw_task *task, struct yw_work *work, const char *key);
void yw_serve_run_queue(struct yw_serve *serve);
int64_t yw_serve_now_ms(const struct yw_serve *serve);

/* broker_up.c: how a machine comes to life. */
void yw_up_order(struct yw_clone_order *ret, const struct yw_task *task);
/* What a queued UP waits for. *ret_may: it may start now. False: it was answered. */
bool yw_up_settle(struct yw_task *task, bool *ret_may);
void yw_up_start(struct yw_task *task);
/* It is created; the wait for its HELLO has a limit of its own. */
void yw_up_created(struct yw_task *task, const struct yw_work *work);
void yw_up_wait(struct yw_task *task);
void yw_up_tell(struct yw_task *task); /* it is up: how its golden machine was confined */
/* It was refused, or does not speak: the next way, or again. May answer the task. */
void yw_up_refused(struct yw_task *task, int code, const struct yw_err *err);
void yw_up_silent(struct yw_task *task, const char *why);
void yw_up_ended(struct yw_task *task); /* the machine that did not speak is gone */
void yw_up_golden(struct yw_serve *serve, struct yw_work *work, int code,
                  const struct yw_err *err);
void yw_up_close(struct yw_serve *serve);
/* Operations on groups, and evidence (broker_group.c). */
void yw_group_task_start(struct yw_task *task);
/* A machine's agent answers, or the machine is gone. May answer tasks. */
void yw_group_task_hello(struct yw_serve *serve);
void yw_group_task_lost(struct yw_serve *serve, const char *uuid);
/* Captures of networks (broker_capture.c). True: the task is theirs, it may be answered. One
 * that takes networks away ends their captures first, and is not theirs. */
bool yw_capture_takes(struct yw_task *task);
void yw_capture_close(struct yw_serve *serve);
/* May a capture still change or remove this file of a folder below the data directory? */
bool yw_capture_writes(const struct yw_serve *serve, const char *folder,
                       const char *name);
/* What this host keeps (broker_files.c). True: the task is theirs, it may be answered. */
bool yw_files_takes(struct yw_task *task);
/* Machines that leave, and files that travel (broker_carry.c). True: the task is theirs, it
 * may be answered. */
bool yw_carry_takes(struct yw_task *task);
/* For broker_group.c. The machine's record, made on first use; NULL: too many. */
struct yw_served *yw_task_serve_machine(struct yw_serve *serve, const char *uuid,
                                        const char *domain, const char *drill,
                                        bool has_field);
struct yw_task *yw_task_of(struct yw_serve *serve, int64_t id);

#endif
