#include "virt/serve/broker_serve.h"

#include "base/log.h"
#include "base/mem.h"
#include "virt/machine/domain_xml.h"
#include "virt/machine/overlay.h"
#include "virt/point/group.h"
#include "virt/serve/broker_network.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_DEADLINE_MS 15000 /* with what the driver asks QEMU the first time */
#define PROBE_BOOT_MS 4000      /* a kernel that runs natively speaks within one second */

int64_t yw_serve_now_ms(const struct yw_serve *serve)
{
    return yw_clock_mono_ms(yw_loop_clock(serve->loop));
}

static int64_t now_ms(const struct yw_serve *serve)
{
    return yw_serve_now_ms(serve);
}

static struct yw_due *due_of(const struct yw_task *task)
{
    return yw_loop_due(task->serve->loop);
}

struct yw_task *yw_task_of(struct yw_serve *serve, int64_t id)
{
    struct yw_task *task = serve->tasks;

    while (task && (id == 0 || task->job->id != id))
        task = task->next;
    return task;
}

const char *yw_task_uuid(const struct yw_task *task)
{
    return task->job->call.machine ? task->job->machine.uuid : "";
}

struct yw_served *yw_task_served(const struct yw_task *task)
{
    return yw_map_get(&task->serve->machines, yw_task_uuid(task));
}

static void on_work_done(void *owner, void *arg, int code, const struct yw_err *err);

static int on_work(void *arg, struct yw_err *err)
{
    return yw_work_run(arg, err);
}

static void on_work_free(void *arg)
{
    struct yw_work *work = arg;
    struct yw_serve *serve = work->owner;

    if (work->late)
        serve->stuck--;
    if (work->task_id == 0 && work->kind == YW_WORK_DESTROY)
        serve->destroys--;
    yw_work_free(work);
    yw_serve_run_queue(serve);
}

/* Work on one key runs in order. Only making and ending a machine need that: a call that
 * hangs on a stopped machine must not keep it from being ended, which is what frees the
 * call. */
static const char *prefix_of(enum yw_work_kind kind)
{
    if (kind == YW_WORK_LINK || kind == YW_WORK_SHAPE)
        return "link ";
    return kind == YW_WORK_LOOK || kind == YW_WORK_MEND ? "look " : "";
}

int yw_serve_submit(struct yw_serve *serve, struct yw_work *work, const char *key)
{
    struct yw_job job = {
        .deadline_ms = yw_work_deadline_ms(work->kind),
        .work = on_work,
        .done = on_work_done,
        .free_arg = on_work_free,
        .arg = work,
        .owner = serve,
    };
    struct yw_err err;

    work->owner = serve;
    (void)snprintf(job.key, sizeof(job.key), "%s%s", prefix_of(work->kind), key);
    int64_t ticket = yw_pool_submit(serve->pool, &job, &err);

    if (ticket >= 0)
        return 0;
    yw_error("virt", "pool: %s", err.text);
    yw_work_free(work);
    return (int)ticket;
}

struct yw_work *yw_task_work(const struct yw_task *task, enum yw_work_kind kind)
{
    struct yw_serve *serve = task->serve;
    struct yw_work *work = yw_work_new(kind, serve->host, &serve->root);

    work->task_id = task->job->id;
    work->for_good = task->job->call.op == YW_VIRT_MACHINE_DOWN;
    YW_COPY(work->uuid, yw_task_uuid(task));
    YW_COPY(work->domain, task->job->machine.domain);
    YW_COPY(work->drill, task->job->call.drill);
    YW_COPY(work->team, task->job->machine.team_name);
    work->ram_mib = task->job->machine.ram_mib;
    work->team_mib = task->job->team_mib;
    YW_COPY(work->bridge, task->job->network.bridge);
    YW_COPY(work->source, task->job->call.source);
    YW_COPY(work->point, task->job->call.point);
    work->vni = task->job->network.vni;
    work->local = task->job->call.local;
    work->remote_count = task->job->call.remote_count;
    memcpy(work->remotes, task->job->call.remotes, sizeof(work->remotes));
    yw_network_fill(work, task->job);
    return work;
}

static void destroy_quietly(const struct yw_task *task)
{
    struct yw_work *work = yw_task_work(task, YW_WORK_DESTROY);
    struct yw_served *served = yw_task_served(task);

    if (served)
        yw_served_disconnect(served);
    work->task_id = 0;
    if (yw_serve_submit(task->serve, work, yw_task_uuid(task)) == 0)
        task->serve->destroys++;
}

static void on_proved(struct yw_task *task, int code, const struct yw_err *err)
{
    struct yw_serve *serve = task->serve;

    serve->proving = false;
    serve->accel.known = true;
    serve->accel.kvm = code == 0;
    if (code == 0)
        (void)snprintf(serve->accel.why, sizeof(serve->accel.why),
                       "a micro machine booted under kvm in %lld ms",
                       (long long)(now_ms(serve) - task->started_ms));
    else
        (void)snprintf(serve->accel.why, sizeof(serve->accel.why),
                       "/dev/kvm is there, but no machine boots under it: %.60s",
                       err->text);
    yw_info("virt", "accelerator: %s (%s)", serve->accel.kvm ? "kvm" : "tcg",
            serve->accel.why);
    yw_accel_save(&serve->accel, &serve->root);
    destroy_quietly(task);
}

static void send_result(struct yw_task *task, int code, const struct yw_err *err)
{
    struct yw_buf message;
    struct yw_err failed;

    yw_buf_init(&message, YW_BROKER_MESSAGE_MAX);
    yw_broker_pack_result(&message, task->job->id, &task->job->call, code,
                          code < 0 ? err : NULL);
    if (yw_stream_send(task->serve->stream, message.data, message.size, &failed) < 0)
        yw_error("virt", "result: %s", failed.text);
    yw_buf_fini(&message);
}

static void unlink_task(struct yw_task *task)
{
    struct yw_task **link = &task->serve->tasks;

    while (*link != task)
        link = &(*link)->next;
    *link = task->next;
    yw_due_cancel(due_of(task), &task->deadline);
    yw_due_cancel(due_of(task), &task->retry);
    yw_channel_cancel(&task->request);
    if (task->holds_slot)
        task->serve->boots--;
    if (task->holds_clone)
        task->serve->clones--;
}

/* The end of a task. An UP that failed takes its machine away again. */
void yw_task_answer(struct yw_task *task, int code, const struct yw_err *err)
{
    struct yw_serve *serve = task->serve;
    struct yw_err named = err ? *err : (struct yw_err){0};

    if (code < 0 && task->job->call.op == YW_VIRT_MOVE)
        yw_far_move_failed(task);
    if (code == 0)
        yw_up_tell(task);
    unlink_task(task);
    if (code < 0 && task->job->call.machine)
        (void)yw_err_prefix(&named, "machine '%s'", task->job->machine.domain);
    if (task->is_probe)
        on_proved(task, code, &named);
    else
        send_result(task, code, &named);
    if (code < 0 && task->job->call.op == YW_VIRT_MACHINE_UP && !task->is_probe &&
        task->step != YW_TASK_QUEUED)
        destroy_quietly(task);
    yw_group_release(task->group);
    yw_broker_job_free(task->job);
    free(task);
    yw_serve_run_queue(serve);
}

void yw_task_fail(struct yw_task *task, int code, const char *text)
{
    struct yw_err err;

    (void)yw_err_set(&err, code, "%s", text);
    yw_task_answer(task, code, &err);
}

static void on_deadline(struct yw_due_entry *entry)
{
    struct yw_task *task = entry->arg;
    static const char *const steps[] = {
        [YW_TASK_QUEUED] = "still waiting for others to boot",
        [YW_TASK_WORKING] = "libvirt has not answered",
        [YW_TASK_GREETING] = "the guest has not said hello",
        [YW_TASK_ENDING] = "libvirt has not ended it",
        [YW_TASK_TALKING] = "the guest has not answered",
        [YW_TASK_REVIVING] = "the guests have not answered",
    };

    yw_task_fail(task, YW_ETIMEOUT, steps[task->step]);
}

void yw_task_submit(struct yw_task *task, struct yw_work *work, const char *key)
{
    task->step = YW_TASK_WORKING;
    if (yw_serve_submit(task->serve, work, key) < 0)
        yw_task_fail(task, YW_ELIMIT, "too much work is waiting");
}

static bool talks(enum yw_virt_op op)
{
    return op == YW_VIRT_MACHINE_SETUP || op == YW_VIRT_RUN || op == YW_VIRT_PUT ||
           op == YW_VIRT_GET;
}

static void talk(struct yw_task *task)
{
    if (task->job->call.op == YW_VIRT_MACHINE_SETUP)
        yw_task_set_up(task);
    else if (task->job->call.op == YW_VIRT_RUN)
        yw_task_run(task);
    else
        yw_task_carry(task);
}

/* The machine has spoken: that was all there is to wait for, or the talk begins. */
static void greeted(struct yw_task *task)
{
    struct yw_err err;

    if (yw_network_ports(&task->job->machine, task->serve->root.local, &err) < 0)
        yw_task_answer(task, err.code, &err);
    else if (talks(task->job->call.op))
        talk(task);
    else
        yw_task_answer(task, 0, NULL);
}

static void on_hello(void *owner, struct yw_served *served)
{
    struct yw_serve *serve = owner;

    for (struct yw_task *task = serve->tasks, *next; task; task = next) {
        next = task->next;
        if (task->step == YW_TASK_GREETING &&
            strcmp(yw_task_uuid(task), served->uuid) == 0) {
            greeted(task);
            next = serve->tasks; /* answering may have changed the list */
        }
    }
    yw_group_task_hello(serve);
}

/* What was asked is asked again when the machine is back: the guest remembers its
 * answers. */
static void on_cut(void *owner, struct yw_served *served)
{
    struct yw_serve *serve = owner;

    for (struct yw_task *task = serve->tasks; task; task = task->next) {
        if (task->step == YW_TASK_TALKING &&
            strcmp(yw_task_uuid(task), served->uuid) == 0)
            task->step = YW_TASK_GREETING;
    }
    yw_task_look(serve, served->uuid);
}

struct yw_served *yw_task_serve_machine(struct yw_serve *serve, const char *uuid,
                                        const char *domain, const char *drill,
                                        bool has_field)
{
    struct yw_served_events events = {.on_hello = on_hello,
                                      .on_cut = on_cut,
                                      .on_notice = yw_serve_notice,
                                      .owner = serve};
    struct yw_served *served = yw_map_get(&serve->machines, uuid);

    if (served)
        return served;
    served = yw_map_put(&serve->machines, uuid);
    if (!served)
        return NULL;
    YW_COPY(served->uuid, uuid);
    YW_COPY(served->domain, domain);
    YW_COPY(served->drill, drill);
    served->has_field = has_field;
    served->host = serve->host;
    yw_served_init(served, serve->loop, &serve->root, &events);
    return served;
}

/* NULL after the task was answered. */
static struct yw_served *serve_machine(struct yw_task *task)
{
    const struct yw_plan_machine *machine = &task->job->machine;
    bool known = yw_task_served(task) != NULL;
    struct yw_served *served =
        yw_task_serve_machine(task->serve, yw_task_uuid(task), machine->domain,
                              task->job->call.drill, machine->has_field);

    if (!served) {
        yw_task_fail(task, YW_ELIMIT, "too many machines");
    } else if (!known && machine->has_disk) {
        served->agent = yw_overlay_agent(&task->serve->root, machine->image);
        YW_COPY(served->image, machine->image);
    }
    return served;
}

static void greet(struct yw_task *task)
{
    struct yw_served *served = serve_machine(task);

    if (!served)
        return;
    task->step = YW_TASK_GREETING;
    yw_served_connect(served);
    if (served->greeted)
        greeted(task);
    else if (task->is_probe)
        yw_due_add(due_of(task), &task->deadline, now_ms(task->serve) + PROBE_BOOT_MS);
    else if (task->job->call.op == YW_VIRT_MACHINE_UP)
        yw_up_wait(task);
}

static void on_retry(struct yw_due_entry *entry)
{
    yw_up_silent(entry->arg, "no hello in time");
}

/* Every other task of the machine, or of the drill when `uuid` is NULL, is called off. */
static void call_off(struct yw_task *keep, const char *uuid)
{
    struct yw_serve *serve = keep->serve;

    for (struct yw_task *task = serve->tasks, *next; task; task = next) {
        next = task->next;
        bool hit = uuid ? strcmp(yw_task_uuid(task), uuid) == 0
                        : strcmp(task->job->call.drill, keep->job->call.drill) == 0;

        if (!hit || task == keep || task->job->call.op == YW_VIRT_SWEEP ||
            task->is_probe || (!uuid && task->job->call.op == YW_VIRT_MACHINE_DOWN))
            continue;
        yw_task_fail(task, YW_ECANCELED, "called off: it is being taken down");
        next = serve->tasks;
    }
}

static void bring_down(struct yw_task *task)
{
    struct yw_served *served = yw_task_served(task);

    task->step = YW_TASK_WORKING; /* so that nothing below starts it again */
    call_off(task, yw_task_uuid(task));
    if (served)
        yw_served_disconnect(served);
    yw_task_submit(task, yw_task_work(task, YW_WORK_DESTROY), yw_task_uuid(task));
}

static void sweep(struct yw_task *task)
{
    struct yw_serve *serve = task->serve;

    for (size_t i = serve->machines.count; i > 0; i--) {
        struct yw_served *served = yw_map_at(&serve->machines, i - 1);

        if (strcmp(served->drill, task->job->call.drill) == 0)
            yw_served_disconnect(served);
    }
    yw_task_submit(task, yw_task_work(task, YW_WORK_SWEEP), "sweep");
}

static void prove_accelerator(struct yw_serve *serve)
{
    struct yw_broker_job *job = yw_new(sizeof(*job));
    char name[YW_NAME_MAX];

    serve->proving = true;
    job->id = --serve->next_own_id;
    job->call.op = YW_VIRT_MACHINE_UP;
    job->call.machine = &job->machine;
    job->call.network = &job->network;
    job->call.deadline_ms = PROBE_DEADLINE_MS;
    YW_COPY(job->call.drill, YW_BROKER_PROBE_DRILL);
    YW_COPY(job->call.plan_digest, "none");
    (void)snprintf(name, sizeof(name), "probe/%lld", (long long)now_ms(serve));
    YW_COPY(job->machine.domain, "yw-" YW_BROKER_PROBE_DRILL);
    YW_COPY(job->machine.name, YW_BROKER_PROBE_DRILL);
    yw_uuid_from(name, job->machine.uuid);
    job->machine.ram_mib = 96;
    yw_task_start(serve, job);
}

static void start_queued(struct yw_task *task)
{
    if (task->job->call.op == YW_VIRT_PROBE) {
        yw_task_submit(task, yw_task_work(task, YW_WORK_FACTS), "facts");
        return;
    }
    if (task->job->call.op == YW_VIRT_SWEEP) {
        sweep(task);
        return;
    }
    yw_up_start(task);
}

static bool may_start(const struct yw_serve *serve, const struct yw_task *task)
{
    if (task->step != YW_TASK_QUEUED)
        return false;
    if (task->job->call.op ==
        YW_VIRT_SWEEP) /* or it would miss what is just being made */
        return serve->destroys == 0;
    if (!serve->accel.known)
        return false;
    return true;
}

void yw_serve_run_queue(struct yw_serve *serve)
{
    struct yw_task *task = serve->tasks;
    bool waiting = false;

    while (task) {
        waiting = waiting ||
                  (task->step == YW_TASK_QUEUED && task->job->call.op != YW_VIRT_SWEEP);
        bool may = may_start(serve, task);

        if (may && task->job->call.op == YW_VIRT_MACHINE_UP &&
            !yw_up_settle(task, &may)) {
            task = serve->tasks; /* it was answered */
            continue;
        }
        if (!may) {
            task = task->next;
            continue;
        }
        start_queued(task);
        task = serve->tasks; /* starting may have answered, and so changed the list */
    }
    if (waiting && !serve->accel.known && !serve->proving)
        prove_accelerator(serve);
}

static void give_found(struct yw_task *task, struct yw_work *work)
{
    struct yw_virt_call *call = &task->job->call;

    call->found_count = work->found.count;
    call->found = yw_new_array(work->found.count + 1, sizeof(*call->found));
    if (work->found.count > 0)
        memcpy(call->found, work->found.items, work->found.count * sizeof(*call->found));
}

/* Connected, but nothing is expected of it. */
static void find_frozen(struct yw_task *task)
{
    struct yw_served *served = serve_machine(task);

    if (!served)
        return;
    served->frozen = true;
    yw_served_connect(served);
    yw_task_answer(task, 0, NULL);
}

/* A piece of work of this task is done well. */
static void go_on(struct yw_task *task, struct yw_work *work)
{
    struct yw_serve *serve = task->serve;

    switch (work->kind) {
    case YW_WORK_CREATE:
    case YW_WORK_CLONE:
        yw_up_created(task, work);
        greet(task);
        yw_task_look(serve, work->uuid); /* it may have ended before we listened */
        return;
    case YW_WORK_DESTROY:
        if (task->step == YW_TASK_ENDING) {
            yw_up_ended(task);
            return;
        }
        yw_look_forget(serve, work->uuid);
        break;
    case YW_WORK_LOOK:
    case YW_WORK_MEND:
        if (work->proof.read)
            task->job->call.proof = work->proof;
        if (task->job->call.op == YW_VIRT_MACHINE_FIND && work->stands &&
            !task->job->call.frozen && work->kind == YW_WORK_LOOK) {
            yw_task_submit(task, yw_task_work(task, YW_WORK_MEND), yw_task_uuid(task));
        } else if (task->job->call.op == YW_VIRT_MACHINE_FIND && task->job->call.frozen &&
                   (work->running || work->stands)) {
            find_frozen(task);
        } else if (work->running || (work->stands && work->kind == YW_WORK_LOOK)) {
            greet(task); /* one that stands speaks when it runs again */
        } else {
            yw_look_forget(serve, work->uuid);
            yw_task_fail(task, YW_ENOTFOUND, "it does not run");
        }
        return;
    case YW_WORK_LIST:
        give_found(task, work);
        break;
    case YW_WORK_SWEEP:
        yw_look_forget_drill(serve, work->drill);
        break;
    case YW_WORK_FACTS:
        yw_task_give_facts(task, work);
        break;
    case YW_WORK_LINK:
    case YW_WORK_NETWORK_UP:
        YW_COPY(task->job->call.why, work->why);
        break;
    case YW_WORK_MOVE:
        yw_look_forget(serve, work->uuid);
        break;
    case YW_WORK_SHAPE:
    case YW_WORK_NETWORK_DOWN:
    case YW_WORK_GOLDEN:
        break;
    }
    yw_task_answer(task, 0, NULL);
}

static void on_work_done(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct yw_serve *serve = owner;
    struct yw_work *work = arg;
    struct yw_task *task = yw_task_of(serve, work->task_id);

    if (code == YW_ETIMEOUT) {
        work->late = true;
        if (++serve->stuck >= YW_BROKER_STUCK_MAX) {
            yw_error("virt", "libvirt holds %d workers; starting over", serve->stuck);
            yw_loop_stop(serve->loop);
        }
    }
    if (work->kind == YW_WORK_GOLDEN)
        yw_up_golden(serve, work, code, err);
    else if (task && code < 0 && work->kind == YW_WORK_CLONE)
        yw_up_refused(task, code, err);
    else if (task && code < 0)
        yw_task_answer(task, code, err);
    else if (task)
        go_on(task, work);
    else if (code == 0 && (work->kind == YW_WORK_LOOK || work->kind == YW_WORK_MEND))
        yw_look_done(serve, work);
    else if (code == 0 && work->kind == YW_WORK_DESTROY)
        yw_look_forget(serve, work->uuid);
}

/* Its agent answers, and FIND expects of it what we do. */
static bool is_as_known(struct yw_task *task)
{
    struct yw_served *served = yw_task_served(task);
    bool find = task->job->call.op == YW_VIRT_MACHINE_FIND;
    bool same = served && (!find || served->frozen == task->job->call.frozen);

    if (served && find)
        served->frozen = task->job->call.frozen;
    return same && served->greeted;
}

static void look_for(struct yw_task *task)
{
    struct yw_work *work = yw_task_work(task, YW_WORK_LOOK);

    work->prove = task->job->call.op == YW_VIRT_MACHINE_FIND;
    yw_task_submit(task, work, yw_task_uuid(task));
}

static enum yw_work_kind network_work(const struct yw_task *task)
{
    return task->job->call.op == YW_VIRT_NETWORK_UP ? YW_WORK_NETWORK_UP
                                                    : YW_WORK_NETWORK_DOWN;
}

static void dispatch(struct yw_task *task)
{
    switch (task->job->call.op) {
    case YW_VIRT_PROBE:
    case YW_VIRT_MACHINE_UP:
        if (task->is_probe)
            yw_up_start(task);
        else
            yw_serve_run_queue(task->serve);
        break;
    case YW_VIRT_LIST:
        yw_task_submit(task, yw_task_work(task, YW_WORK_LIST), "list");
        break;
    case YW_VIRT_NETWORK_UP:
    case YW_VIRT_NETWORK_DOWN:
        yw_task_submit(task, yw_task_work(task, network_work(task)),
                       task->job->network.bridge);
        break;
    case YW_VIRT_MACHINE_DOWN:
        bring_down(task);
        break;
    case YW_VIRT_MACHINE_FIND:
    case YW_VIRT_MACHINE_SETUP:
    case YW_VIRT_RUN:
    case YW_VIRT_PUT:
    case YW_VIRT_GET:
        if (is_as_known(task))
            greeted(task);
        else
            look_for(task);
        break;
    case YW_VIRT_LINK:
        yw_task_change_links(task);
        break;
    case YW_VIRT_SHAPE:
        yw_task_submit(task, yw_task_work(task, YW_WORK_SHAPE), yw_task_uuid(task));
        break;
    case YW_VIRT_SWEEP:
        call_off(task, NULL);
        yw_serve_run_queue(task->serve);
        break;
    case YW_VIRT_POINT_SAVE:
    case YW_VIRT_POINT_LOAD:
    case YW_VIRT_POINT_DROP:
    case YW_VIRT_EVIDENCE:
    case YW_VIRT_FREEZE:
    case YW_VIRT_THAW:
        yw_group_task_start(task);
        break;
    case YW_VIRT_MOVE:
        yw_far_move_start(task);
        break;
    case YW_VIRT_PING:
        yw_task_answer(task, 0, NULL);
        break;
    case YW_VIRT_CAPTURE_START: /* taken already */
    case YW_VIRT_CAPTURE_STOP:
    case YW_VIRT_FILES:
    case YW_VIRT_FILE:
    case YW_VIRT_FILE_DROP:
    case YW_VIRT_CARRY:
    case YW_VIRT_LIFT:
    case YW_VIRT_CARRIED_ASK:
    case YW_VIRT_CARRIED_GET:
    case YW_VIRT_CARRIED_PUT:
    case YW_VIRT_CARRIED_END:
        break;
    }
}

static bool needs_machine(enum yw_virt_op op)
{
    return op == YW_VIRT_MACHINE_UP || op == YW_VIRT_MACHINE_SETUP ||
           op == YW_VIRT_MACHINE_DOWN || op == YW_VIRT_MACHINE_FIND ||
           op == YW_VIRT_LINK || op == YW_VIRT_RUN || op == YW_VIRT_SHAPE ||
           op == YW_VIRT_MOVE || op == YW_VIRT_LIFT;
}

void yw_task_start(struct yw_serve *serve, struct yw_broker_job *job)
{
    struct yw_task *task = yw_new(sizeof(*task));
    struct yw_task **link = &serve->tasks;

    while (*link)
        link = &(*link)->next;
    *link = task;
    task->serve = serve;
    task->job = job;
    task->is_probe = job->id < 0;
    task->step = task->is_probe ? YW_TASK_WORKING : YW_TASK_QUEUED;
    task->started_ms = now_ms(serve);
    task->deadline.run = on_deadline;
    task->deadline.arg = task;
    task->retry.run = on_retry;
    task->retry.arg = task;
    yw_due_add(yw_loop_due(serve->loop), &task->deadline,
               now_ms(serve) + job->call.deadline_ms);
    if (needs_machine(job->call.op) && !job->call.machine)
        yw_task_fail(task, YW_EINVAL, "no machine given");
    else if (!yw_far_refuses(task) && !yw_capture_takes(task) && !yw_files_takes(task) &&
             !yw_carry_takes(task))
        dispatch(task);
}

void yw_task_cancel(struct yw_serve *serve, int64_t id)
{
    struct yw_task *task = id > 0 ? yw_task_of(serve, id) : NULL;

    if (task)
        yw_task_fail(task, YW_ECANCELED, "cancelled");
}

void yw_task_drop_all(struct yw_serve *serve)
{
    while (serve->tasks) {
        struct yw_task *task = serve->tasks;

        unlink_task(task);
        yw_group_release(task->group);
        yw_broker_job_free(task->job);
        free(task);
    }
}
