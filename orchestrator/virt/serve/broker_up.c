/* How a machine comes to life: as a copy of a golden one, by the best way that works here,
 * else from cold. */
#include "virt/serve/broker_serve.h"

#include "base/log.h"
#include "base/mem.h"
#include "virt/machine/overlay.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_HELLO_MS 45000 /* a tenth of a second on an idle host; a storm is slow */
#define GOLDEN_AGAIN_MS 60000

void yw_up_order(struct yw_clone_order *ret, const struct yw_task *task)
{
    const struct yw_serve *serve = task->serve;
    const struct yw_broker_job *job = task->job;

    memset(ret, 0, sizeof(*ret));
    ret->machine = job->machine;
    memcpy(ret->bridges, job->bridges, sizeof(ret->bridges));
    YW_COPY(ret->drill, job->call.drill);
    YW_COPY(ret->source, job->call.source);
    YW_COPY(ret->point, job->call.point);
    YW_COPY(ret->plan_digest, job->call.plan_digest);
    (void)snprintf(ret->kernel, sizeof(ret->kernel), "%s/vmlinux", serve->root.images);
    (void)snprintf(ret->initrd, sizeof(ret->initrd), "%s/%s", serve->root.images,
                   job->machine.has_disk ? "full.cpio.gz"
                                         : yw_spec_micro_initrd(job->machine.image));
    ret->shape.kvm = task->is_probe || serve->accel.kvm;
    if (job->machine.has_disk) {
        YW_COPY(ret->shape.image, job->machine.image);
        yw_overlay_base(&serve->root, job->machine.image, ret->shape.disk_base);
        ret->shape.agent = yw_overlay_agent(&serve->root, job->machine.image);
    }
    ret->shape.clean_traffic = serve->root.filters;
    yw_clone_place(ret, &serve->root);
}

static void note_why(struct yw_task *task, const char *text)
{
    struct yw_virt_call *call = &task->job->call;
    char before[YW_VIRT_WHY_MAX];

    YW_COPY(before, call->why);
    (void)yw_copyf(call->why, sizeof(call->why), "%s%s%s: %s", before,
                   before[0] ? "; " : "", yw_virt_how_name(task->how), text);
}

static bool forced(const struct yw_task *task)
{
    return task->job->call.how != YW_VIRT_HOW_ANY;
}

/* The next way down; false: the task was answered, as no other is allowed. */
static bool next_way(struct yw_task *task, int code, const char *why)
{
    if (forced(task)) {
        struct yw_err err;

        (void)yw_err_set(&err, code, "%s: %s", yw_virt_how_name(task->how), why);
        yw_task_answer(task, code, &err);
        return false;
    }
    note_why(task, why);
    yw_warn("virt", "machine '%s': not %s: %s", task->job->machine.domain,
            yw_virt_how_name(task->how), why);
    task->how = task->how == YW_VIRT_HOW_SHARED ? YW_VIRT_HOW_SAVED : YW_VIRT_HOW_COLD;
    return true;
}

static struct yw_golden_seat *seat_of(struct yw_task *task)
{
    struct yw_clone_order *order = yw_new(sizeof(*order));
    char slot[YW_GOLDEN_SLOT_MAX];

    yw_up_order(order, task);
    yw_golden_slot(&order->shape, task->how, slot);
    struct yw_golden_seat *seat = yw_map_put(&task->serve->goldens, slot);

    if (seat && seat->step == YW_GOLDEN_BAD &&
        yw_serve_now_ms(task->serve) >= seat->again_ms)
        seat->step = YW_GOLDEN_NONE;
    if (seat && seat->step == YW_GOLDEN_NONE &&
        task->serve->builds < task->serve->boots_max) {
        struct yw_work *work = yw_task_work(task, YW_WORK_GOLDEN);

        work->task_id = 0;
        work->way = task->how;
        work->order = order;
        order = NULL;
        seat->step = YW_GOLDEN_MAKING;
        task->serve->builds++;
        if (yw_serve_submit(task->serve, work, slot) < 0) {
            seat->step = YW_GOLDEN_NONE;
            task->serve->builds--;
        }
    }
    free(order);
    return seat;
}

static void choose_first(struct yw_task *task)
{
    task->how = forced(task) ? task->job->call.how : YW_VIRT_HOW_SHARED;
    if (task->is_probe)
        task->how = YW_VIRT_HOW_COLD;
    if (task->how != YW_VIRT_HOW_COLD && task->job->machine.has_disk &&
        yw_overlay_agent(&task->serve->root, task->job->machine.image) !=
            YW_IMAGE_AGENT_OWN) {
        if (!forced(task))
            note_why(task, "its image brings a system of its own");
        task->how = YW_VIRT_HOW_COLD;
    }
    if (task->how != YW_VIRT_HOW_COLD && !task->serve->root.local) {
        if (!forced(task))
            note_why(task, "the host is another one");
        task->how = YW_VIRT_HOW_COLD;
    }
}

bool yw_up_settle(struct yw_task *task, bool *ret_may)
{
    *ret_may = false;
    if (task->how == YW_VIRT_HOW_ANY)
        choose_first(task);
    while (task->how != YW_VIRT_HOW_COLD) {
        const struct yw_golden_seat *seat = seat_of(task);

        if (!seat)
            return next_way(task, YW_ELIMIT, "too many kinds of machines");
        if (seat->step != YW_GOLDEN_BAD) {
            *ret_may = seat->step == YW_GOLDEN_READY &&
                       task->serve->clones < task->serve->clones_max;
            return true;
        }
        bool no_boot = seat->no_boot;

        if (!next_way(task, YW_EIO, seat->why))
            return false;
        if (no_boot)
            task->how = YW_VIRT_HOW_COLD;
    }
    *ret_may = task->serve->boots < task->serve->boots_max;
    return true;
}

void yw_up_start(struct yw_task *task)
{
    struct yw_serve *serve = task->serve;
    struct yw_clone_order *order = yw_new(sizeof(*order));
    bool cold = task->how == YW_VIRT_HOW_COLD || task->how == YW_VIRT_HOW_ANY;
    struct yw_work *work = yw_task_work(task, cold ? YW_WORK_CREATE : YW_WORK_CLONE);

    yw_up_order(order, task);
    if (cold) {
        task->holds_slot = !task->is_probe;
        serve->boots += task->holds_slot;
        work->xml[0] = yw_domain_xml(&order->shape);
        work->xml_count = 1;
        work->order = order;
    } else {
        task->holds_clone = true;
        serve->clones++;
        work->order = order;
        task->golden = seat_of(task)->golden;
        work->golden = task->golden;
    }
    yw_task_submit(task, work, task->job->machine.uuid);
}

void yw_up_created(struct yw_task *task, const struct yw_work *work)
{
    task->job->call.proof = work->proof;
    task->job->call.ret_how = work->running ? YW_VIRT_HOW_ANY : task->how;
    if (task->holds_clone) {
        /* what is left is the guest's: the next copy may be made */
        task->holds_clone = false;
        task->serve->clones--;
        yw_serve_run_queue(task->serve);
    }
}

static bool is_copy(const struct yw_task *task)
{
    return task->how == YW_VIRT_HOW_SHARED || task->how == YW_VIRT_HOW_SAVED;
}

void yw_up_tell(struct yw_task *task)
{
    if (!task->golden)
        return;
    task->job->call.golden = task->golden->proof;
    task->golden->proof.read = false;
}

void yw_up_wait(struct yw_task *task)
{
    int64_t now_ms = yw_serve_now_ms(task->serve);
    int64_t half_ms = (task->deadline.at_ms - now_ms) / 2;

    if (is_copy(task) && forced(task))
        return;
    if (is_copy(task) && half_ms > COPY_HELLO_MS)
        half_ms = COPY_HELLO_MS;
    if (is_copy(task) || task->attempt == 0)
        yw_due_add(yw_loop_due(task->serve->loop), &task->retry, now_ms + half_ms);
}

static void give_slots_back(struct yw_task *task)
{
    if (task->holds_slot)
        task->serve->boots--;
    if (task->holds_clone)
        task->serve->clones--;
    task->holds_slot = false;
    task->holds_clone = false;
}

void yw_up_refused(struct yw_task *task, int code, const struct yw_err *err)
{
    if (!is_copy(task) || code == YW_ETIMEOUT) {
        yw_task_answer(task, code, err);
        return;
    }
    give_slots_back(task);
    if (!next_way(task, code, err->text))
        return;
    task->step = YW_TASK_QUEUED;
    yw_serve_run_queue(task->serve);
}

void yw_up_silent(struct yw_task *task, const char *why)
{
    struct yw_served *served = yw_task_served(task);

    yw_due_cancel(yw_loop_due(task->serve->loop), &task->retry);
    if (is_copy(task)) {
        if (!next_way(task, YW_EIO, why))
            return;
    } else {
        if (task->attempt > 0) {
            yw_task_fail(task, YW_EIO, why);
            return;
        }
        yw_warn("virt", "machine '%s': %s, trying once more", task->job->machine.domain,
                why);
        task->attempt++;
    }
    if (served)
        yw_served_disconnect(served);
    give_slots_back(task);
    task->step = YW_TASK_ENDING;
    if (yw_serve_submit(task->serve, yw_task_work(task, YW_WORK_DESTROY),
                        task->job->machine.uuid) < 0)
        yw_task_fail(task, YW_ELIMIT, "too much work is waiting");
}

void yw_up_ended(struct yw_task *task)
{
    task->step = YW_TASK_QUEUED;
    yw_serve_run_queue(task->serve);
}

void yw_up_golden(struct yw_serve *serve, struct yw_work *work, int code,
                  const struct yw_err *err)
{
    char slot[YW_GOLDEN_SLOT_MAX];

    yw_golden_slot(&work->order->shape, work->way, slot);
    struct yw_golden_seat *seat = yw_map_get(&serve->goldens, slot);

    assert(seat && seat->step == YW_GOLDEN_MAKING);
    serve->builds--;
    if (code == 0) {
        seat->step = YW_GOLDEN_READY;
        seat->golden = work->made;
        work->made = NULL;
        yw_info("virt", "golden machine %s is ready", slot);
    } else {
        seat->step = YW_GOLDEN_BAD;
        /* at its deadline the worker still writes to the work */
        seat->no_boot = code != YW_ETIMEOUT && work->no_boot;
        seat->again_ms = yw_serve_now_ms(serve) + GOLDEN_AGAIN_MS;
        YW_COPY(seat->why, err->text);
        yw_warn("virt", "golden machine %s: %s", slot, err->text);
    }
    yw_serve_run_queue(serve);
}

void yw_up_close(struct yw_serve *serve)
{
    for (size_t i = 0; i < serve->goldens.count; i++) {
        struct yw_golden_seat *seat = yw_map_at(&serve->goldens, i);

        yw_golden_free(seat->golden);
    }
    yw_map_fini(&serve->goldens);
}
