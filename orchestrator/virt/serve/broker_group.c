/* Tasks on groups of machines: points, freezing and thawing. The work runs on pools of
 * their own; here the machines' ports are closed and opened around it. */
#include "virt/serve/broker_serve.h"

#include "base/mem.h"
#include "virt/point/evidence.h"
#include "virt/point/freeze.h"

#include <stdlib.h>
#include <string.h>

#define OWN_DEADLINE_MS 1000 /* the work ends by itself at the call's deadline */

struct yw_group_work {
    struct yw_group_work *next;
    struct yw_serve *serve;
    int64_t task_id;
    enum yw_virt_op op;
    struct yw_group *group; /* one hold */
};

static const struct yw_broker_member *member_of(const struct yw_group_work *work,
                                                size_t at)
{
    return &work->group->members[at];
}

static struct yw_served *served_of(const struct yw_group_work *work, size_t at)
{
    return yw_map_get(&work->serve->machines, member_of(work, at)->uuid);
}

/* ---- around the work ---- */

/* What the guest was asked ends: the memory that knew of it is gone. */
static void end_talks(struct yw_serve *serve, const char *uuid)
{
    for (struct yw_task *task = serve->tasks, *next; task; task = next) {
        next = task->next;
        if (task->step != YW_TASK_TALKING || !task->job->call.machine ||
            strcmp(task->job->machine.uuid, uuid) != 0)
            continue;
        yw_task_fail(task, YW_ECANCELED, "called off: the machine was set back");
        next = serve->tasks;
    }
}

/* A save that has it stand for a moment does not make it run again. */
static void order_stop(struct yw_serve *serve, const char *uuid)
{
    for (struct yw_group_work *at = serve->group_work; at; at = at->next) {
        for (size_t i = 0; i < at->group->count; i++) {
            if (strcmp(at->group->members[i].uuid, uuid) == 0)
                atomic_store(&at->group->stop_ordered[i], true);
        }
    }
}

static void begin_member(struct yw_group_work *work, size_t at)
{
    const struct yw_broker_member *member = member_of(work, at);
    struct yw_served *served = yw_task_serve_machine(
        work->serve, member->uuid, member->domain, work->group->drill, member->has_field);

    if (!served)
        return;
    served->busy++;
    if (work->op == YW_VIRT_FREEZE) {
        served->frozen = true;
        order_stop(work->serve, member->uuid);
    }
    if (work->op != YW_VIRT_POINT_LOAD)
        return;
    end_talks(work->serve, member->uuid);
    yw_served_disconnect(served);
}

static void end_member(struct yw_group_work *work, size_t at, int code)
{
    struct yw_served *served = served_of(work, at);

    if (!served)
        return;
    if (served->busy > 0)
        served->busy--;
    if (work->op == YW_VIRT_THAW && code == 0)
        served->frozen = false;
    if (work->op == YW_VIRT_POINT_LOAD && served->frozen)
        yw_served_connect(served);
    else if (work->op == YW_VIRT_POINT_LOAD)
        yw_served_revive(served);
    yw_task_look(work->serve, member_of(work, at)->uuid);
}

/* ---- reviving ---- */

static bool all_answer(struct yw_task *task)
{
    const struct yw_group *group = task->group;

    for (size_t i = 0; i < group->count; i++) {
        const struct yw_served *served =
            yw_map_get(&task->serve->machines, group->members[i].uuid);

        if (served && !served->greeted && !served->frozen)
            return false;
    }
    return true;
}

void yw_group_task_hello(struct yw_serve *serve)
{
    for (struct yw_task *task = serve->tasks, *next; task; task = next) {
        next = task->next;
        if (task->step != YW_TASK_REVIVING || !all_answer(task))
            continue;
        yw_task_answer(task, 0, NULL);
        next = serve->tasks;
    }
}

static bool is_member(const struct yw_task *task, const char *uuid)
{
    for (size_t i = 0; task->group && i < task->group->count; i++) {
        if (strcmp(task->group->members[i].uuid, uuid) == 0)
            return true;
    }
    return false;
}

void yw_group_task_lost(struct yw_serve *serve, const char *uuid)
{
    for (struct yw_task *task = serve->tasks, *next; task; task = next) {
        next = task->next;
        if (task->step != YW_TASK_REVIVING || !is_member(task, uuid))
            continue;
        yw_task_fail(task, YW_EIO, "a machine of the group has ended");
        next = serve->tasks;
    }
}

/* ---- the work ---- */

static int on_work(void *arg, struct yw_err *err)
{
    struct yw_group_work *work = arg;

    if (work->op == YW_VIRT_POINT_SAVE)
        return yw_group_save(work->group, err);
    if (work->op == YW_VIRT_POINT_LOAD)
        return yw_group_load(work->group, err);
    if (work->op == YW_VIRT_EVIDENCE)
        return yw_evidence_keep(work->group, err);
    if (work->op == YW_VIRT_POINT_DROP)
        return yw_group_drop(work->group, err);
    return work->op == YW_VIRT_FREEZE ? yw_freeze_group(work->group, err)
                                      : yw_thaw_group(work->group, err);
}

static void finish(struct yw_task *task, const struct yw_group_work *work, int code,
                   const struct yw_err *err)
{
    struct yw_virt_call *call = &task->job->call;

    call->frozen_ms = work->group->frozen_ms;
    call->bytes = work->group->bytes;
    call->forced = work->group->forced;
    YW_COPY(call->output, work->group->output);
    if (code < 0) {
        yw_task_answer(task, code, err);
    } else if (work->op == YW_VIRT_POINT_LOAD) {
        task->step = YW_TASK_REVIVING;
        yw_group_task_hello(task->serve);
    } else {
        yw_task_answer(task, 0, NULL);
    }
}

static void on_done(void *owner, void *arg, int code, const struct yw_err *err)
{
    struct yw_serve *serve = owner;
    struct yw_group_work *work = arg;
    struct yw_task *task = yw_task_of(serve, work->task_id);

    for (size_t i = 0; i < work->group->count; i++)
        end_member(work, i, code);
    if (task)
        finish(task, work, code, err);
}

static void on_free(void *arg)
{
    struct yw_group_work *work = arg;
    struct yw_group_work **link = &work->serve->group_work;

    while (*link != work)
        link = &(*link)->next;
    *link = work->next;
    yw_group_release(work->group);
    free(work);
}

void yw_group_task_start(struct yw_task *task)
{
    struct yw_serve *serve = task->serve;
    const struct yw_virt_call *call = &task->job->call;
    bool points = call->op != YW_VIRT_FREEZE && call->op != YW_VIRT_THAW;
    struct yw_err err;

    if (points && call->op != YW_VIRT_EVIDENCE && !yw_name_valid(call->point)) {
        yw_task_fail(task, YW_EINVAL, "a point needs a name of a-z, 0-9 and -");
        return;
    }
    struct yw_group_work *work = yw_new(sizeof(*work));
    struct yw_job job = {.deadline_ms = call->deadline_ms + OWN_DEADLINE_MS,
                         .work = on_work,
                         .done = on_done,
                         .free_arg = on_free,
                         .arg = work,
                         .owner = serve};

    work->serve = serve;
    work->next = serve->group_work;
    serve->group_work = work;
    work->task_id = task->job->id;
    work->op = call->op;
    work->group = yw_group_new(&serve->gangs, serve->host, &serve->root, task->job);
    atomic_fetch_add(&work->group->holds, 1);
    task->group = work->group;
    task->step = YW_TASK_WORKING;
    YW_COPY(job.key, call->drill);
    for (size_t i = 0; i < work->group->count; i++)
        begin_member(work, i);
    if (yw_pool_submit(points ? serve->points : serve->stops, &job, &err) >= 0)
        return;
    for (size_t i = 0; i < work->group->count; i++)
        end_member(work, i, YW_ELIMIT);
    on_free(work);
    yw_task_answer(task, YW_ELIMIT, &err);
}
