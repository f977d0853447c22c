/* Looking at machines: whether one runs, stands or has ended, and forgetting those that
 * are gone. */
#include "virt/serve/broker_serve.h"

#include "base/mem.h"

#include <string.h>

void yw_task_look(struct yw_serve *serve, const char *uuid)
{
    struct yw_served *served = yw_map_get(&serve->machines, uuid);

    if (!served || !served->wanted)
        return;
    struct yw_work *work = yw_work_new(YW_WORK_LOOK, serve->host, &serve->root);

    YW_COPY(work->uuid, uuid);
    (void)yw_serve_submit(serve, work, uuid);
}

void yw_look_forget(struct yw_serve *serve, const char *uuid)
{
    struct yw_served *served = yw_map_get(&serve->machines, uuid);

    if (!served || served->wanted)
        return;
    yw_served_fini(served);
    yw_map_remove(&serve->machines, uuid);
}

void yw_look_forget_drill(struct yw_serve *serve, const char *drill)
{
    for (size_t i = serve->machines.count; i > 0; i--) {
        struct yw_served *served = yw_map_at(&serve->machines, i - 1);

        if (strcmp(served->drill, drill) == 0)
            yw_look_forget(serve, yw_map_key_at(&serve->machines, i - 1));
    }
}

/* Left standing by a save that never ended: it is made to run, and looked at again. One
 * that stands then has been given up by its accelerator. */
static void mend(struct yw_serve *serve, const char *uuid)
{
    struct yw_served *served = yw_map_get(&serve->machines, uuid);
    struct yw_work *work = yw_work_new(YW_WORK_MEND, serve->host, &serve->root);

    served->mending = true;
    YW_COPY(work->uuid, uuid);
    (void)yw_serve_submit(serve, work, uuid);
}

/* Looked at because something hinted that it ended. */
void yw_look_done(struct yw_serve *serve, const struct yw_work *work)
{
    struct yw_served *served = yw_map_get(&serve->machines, work->uuid);
    struct yw_virt_notice notice = {.kind = YW_VIRT_LOST};
    bool booting = false;

    if (served && work->kind == YW_WORK_MEND)
        served->mending = false;
    if (!served || !served->wanted || work->running)
        return;
    if (work->stands && (served->frozen || served->busy > 0 || served->mending))
        return;
    if (work->stands && work->kind == YW_WORK_LOOK) {
        mend(serve, work->uuid);
        return;
    }
    yw_served_disconnect(served);
    for (struct yw_task *task = serve->tasks, *next; task; task = next) {
        next = task->next;
        if (task->step != YW_TASK_GREETING || strcmp(yw_task_uuid(task), work->uuid) != 0)
            continue;
        booting = booting || task->job->call.op == YW_VIRT_MACHINE_UP;
        if (task->job->call.op == YW_VIRT_MACHINE_UP && !task->is_probe)
            yw_up_silent(task, "the machine has ended");
        else
            yw_task_fail(task, YW_EIO, "the machine has ended");
        next = serve->tasks;
    }
    if (booting)
        return;
    YW_COPY(notice.uuid, work->uuid);
    YW_COPY(notice.text, "the machine's process has ended");
    yw_serve_notice(serve, &notice);
    yw_group_task_lost(serve, work->uuid);
}
