/* Tasks on a daemon on another host: what it cannot do is refused before anything is done,
 * and a machine moves to another such daemon. */
#include "virt/serve/broker_serve.h"

#include "base/mem.h"
#include "virt/far/far_daemon.h"

#include <string.h>

bool yw_far_refuses(struct yw_task *task)
{
    enum yw_virt_op op = task->job->call.op;
    bool points =
        op == YW_VIRT_POINT_SAVE || op == YW_VIRT_POINT_LOAD || op == YW_VIRT_EVIDENCE;

    if (!task->serve->root.far || (!points && op != YW_VIRT_POINT_DROP))
        return false;
    if (op == YW_VIRT_POINT_DROP) /* there never was one */
        yw_task_answer(task, 0, NULL);
    else
        yw_task_fail(task, YW_ESTATE,
                     "this host is reached by a libvirt connection alone, which gives no "
                     "points and no evidence; a broker there does (`run` in the hosts "
                     "file)");
    return true;
}

void yw_far_move_start(struct yw_task *task)
{
    struct yw_serve *serve = task->serve;
    struct yw_served *served = yw_task_served(task);
    const char *target = task->job->call.target;

    if (!serve->root.far || strncmp(target, "qemu+", 5) != 0) {
        yw_task_fail(task, YW_ESTATE,
                     "only libvirt daemons hand over a running machine; both hosts need "
                     "a `uri`");
        return;
    }
    struct yw_work *work = yw_task_work(task, YW_WORK_MOVE);

    YW_COPY(work->target, target);
    if (served) /* its end here is no loss */
        yw_served_disconnect(served);
    yw_task_submit(task, work, task->job->machine.uuid);
}

void yw_far_move_failed(const struct yw_task *task)
{
    struct yw_served *served = yw_task_served(task);

    if (served)
        yw_served_connect(served);
}
