#include "virt/serve/broker_work.h"

#include "base/log.h"
#include "base/mem.h"
#include "virt/confine/limits.h"
#include "virt/confine/proof.h"
#include "virt/far/far_daemon.h"
#include "virt/machine/leftover.h"
#include "virt/net/bridge.h"
#include "virt/net/shape.h"
#include "virt/point/fork.h"
#include "virt/point/freeze.h"
#include "virt/point/lift.h"
#include "virt/point/point.h"
#include "virt/serve/broker_network.h"

#include <stdlib.h>
#include <string.h>

struct yw_work *yw_work_new(enum yw_work_kind kind, struct yw_host *host,
                            const struct yw_embed_root *root)
{
    struct yw_work *work = yw_new(sizeof(*work));

    work->kind = kind;
    work->host = host;
    work->root = root;
    yw_vec_init(&work->found, sizeof(struct yw_virt_found), YW_VIRT_LIST_MAX);
    return work;
}

void yw_work_free(struct yw_work *work)
{
    if (!work)
        return;
    for (size_t i = 0; i < work->xml_count; i++)
        free(work->xml[i]);
    yw_vec_fini(&work->found);
    yw_golden_free(work->made);
    free(work->order);
    free(work->ports);
    free(work);
}

int64_t yw_work_deadline_ms(enum yw_work_kind kind)
{
    switch (kind) {
    case YW_WORK_GOLDEN:
        return 1800000; /* of a full image, whose services start with it */
    case YW_WORK_CREATE:
    case YW_WORK_MOVE:
    case YW_WORK_CLONE:
    case YW_WORK_SWEEP:
        return 60000;
    case YW_WORK_DESTROY:
        return 20000;
    case YW_WORK_LOOK:
    case YW_WORK_MEND:
    case YW_WORK_LINK:
    case YW_WORK_LIST:
    case YW_WORK_NETWORK_UP:
    case YW_WORK_NETWORK_DOWN:
    case YW_WORK_SHAPE:
    case YW_WORK_FACTS:
        break;
    }
    return 10000;
}

/* A machine that is not confined as it should be is ended, not used. */
static int prove(struct yw_work *work, struct yw_err *err)
{
    struct yw_proof_machine machine = {.uuid = work->uuid,
                                       .domain = work->domain,
                                       .drill = work->drill,
                                       .team = work->team,
                                       .ram_mib = work->ram_mib,
                                       .team_mib = work->team_mib,
                                       .adopted = work->kind == YW_WORK_LOOK};
    int code = yw_proof_take(work->root, &machine, &work->proof, err);

    if (code < 0) {
        yw_error("virt", "machine '%s': %s: ended", work->domain, work->proof.text);
        (void)yw_host_destroy(work->host, work->uuid, NULL);
    }
    return code;
}

static int begin_fork(struct yw_work *work, struct yw_err *err)
{
    if (work->running && yw_fork_is_half(work->root, work->uuid)) {
        int code = yw_host_destroy(work->host, work->uuid, err);

        if (code < 0)
            return code;
        work->running = false;
    }
    if (work->running)
        return 0;
    int code = yw_leftover_note(work->root, work->uuid, work->drill, work->domain, err);

    return code < 0 ? code : yw_fork_begin(work->root, work->uuid, work->source, err);
}

/* One that cannot be set back is ended: the next way begins anew. */
static int finish_fork(struct yw_work *work, struct yw_err *err)
{
    char carried[YW_UUID_SIZE];
    int code =
        yw_fork_load(work->host, work->root, work->uuid, work->source, work->point, err);

    yw_virt_carried(work->uuid, carried);
    if (code == 0 && strcmp(work->source, carried) == 0)
        yw_lift_drop(work->root, work->uuid);
    if (code < 0) {
        (void)yw_host_destroy(work->host, work->uuid, NULL);
        yw_point_remove(work->root->points, work->uuid);
    }
    return code;
}

/* What runs already is as good; what stands was half made by a broker that died. */
static int start_machine(struct yw_work *work, struct yw_err *err)
{
    int code = yw_host_running(work->host, work->uuid, &work->running, err);

    if (code == 0 && work->source[0])
        code = begin_fork(work, err);
    if (code < 0 || work->running)
        return code;
    if (work->kind == YW_WORK_CLONE)
        return yw_clone_start(work->host, work->root, work->golden, work->order, err);
    code = yw_host_destroy(work->host, work->uuid, err);
    if (code == 0)
        code = yw_leftover_note(work->root, work->uuid, work->drill, work->domain, err);
    if (code == 0 && work->order)
        code = yw_clone_disk(work->root, work->order, work->order->shape.disk_base, err);
    return code < 0 ? code : yw_host_create(work->host, work->uuid, work->xml[0], err);
}

static int create(struct yw_work *work, struct yw_err *err)
{
    int code = start_machine(work, err);
    char carried[YW_UUID_SIZE];

    yw_virt_carried(work->uuid, carried);
    if (code == 0 && work->running && strcmp(work->source, carried) == 0)
        yw_lift_drop(work->root, work->uuid);
    if (code == 0 && work->running)
        YW_COPY(work->proof.text, "it ran already: proved when it was started");
    if (code == 0 && !work->running)
        code = prove(work, err);
    if (code == 0 && !work->running && work->source[0])
        code = finish_fork(work, err);
    if (code == 0 && work->order)
        code = yw_network_copies(work, err);
    return code;
}

static int look(struct yw_work *work, struct yw_err *err)
{
    int code = yw_host_running(work->host, work->uuid, &work->running, err);

    if (code == 0 && !work->running)
        code = yw_host_stands(work->host, work->uuid, &work->stands, err);
    return code == 0 && work->prove && (work->running || work->stands) ? prove(work, err)
                                                                       : code;
}

static int destroy(struct yw_work *work, struct yw_err *err)
{
    yw_freeze_kill(work->root, work->uuid, work->domain); /* it may be stopped */
    int code = yw_host_destroy(work->host, work->uuid, err);

    if (code < 0)
        return code;
    yw_leftover_remove(work->root, work->uuid);
    if (work->for_good)
        yw_lift_drop(work->root, work->uuid);
    if (work->root->limits && work->team[0]) {
        struct yw_limits_place place;

        YW_COPY(place.drill, work->drill);
        YW_COPY(place.team, work->team);
        YW_COPY(place.uuid, work->uuid);
        yw_limits_remove(work->root->limits, &place);
    }
    return 0;
}

static int change_links(struct yw_work *work, struct yw_err *err)
{
    int code = 0;

    for (size_t i = 0; i < work->xml_count && code == 0; i++)
        code = yw_host_update(work->host, work->uuid, work->xml[i], err);
    return code;
}

static int list(struct yw_work *work, struct yw_err *err)
{
    int code = yw_network_list(work, err);

    return code < 0 ? code : yw_host_list(work->host, work->drill, &work->found, err);
}

/* All at once: what collects ended processes may take its time, then for all together. */
static void kill_all(const struct yw_work *work)
{
    for (size_t i = 0; i < work->found.count; i++) {
        const struct yw_virt_found *found = yw_vec_at(&work->found, i);

        if (!found->is_network)
            yw_freeze_kill(work->root, found->uuid, found->name);
    }
}

/* Everything is tried; the first failure is reported. Machines go before their bridges.
 */
static int sweep(struct yw_work *work, struct yw_err *err)
{
    struct yw_err first = {0}, each;
    int code = list(work, err);

    if (code < 0)
        return code;
    kill_all(work);
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < work->found.count; i++) {
            const struct yw_virt_found *found = yw_vec_at(&work->found, i);

            if (found->is_network != (pass == 1))
                continue;
            code = found->is_network ? yw_network_remove(work, found->name, &each)
                                     : yw_host_destroy(work->host, found->uuid, &each);
            if (code < 0 && first.code == 0) {
                first = each;
                (void)yw_err_prefix(&first, "'%s'", found->name);
            }
        }
    }
    code = yw_network_sweep(work, &each);
    if (code < 0 && first.code == 0)
        first = each;
    if (first.code != 0) {
        if (err)
            *err = first;
        return first.code;
    }
    yw_leftover_sweep(work->root, work->drill);
    if (work->root->limits)
        yw_limits_sweep(work->root->limits, work->drill);
    return 0;
}

static int facts(struct yw_work *work, struct yw_err *err)
{
    int code = yw_host_versions(work->host, work->libvirt, work->qemu, err);

    if (code == 0 && work->root->far)
        return yw_far_capacity(work->host, &work->capacity, err);
    struct yw_shape_queues queues;

    yw_shape_probe(&queues);
    work->bandwidth = queues.tbf;
    work->delay = queues.netem;
    work->guard = yw_guard_check(NULL) == 0;
    return code;
}

int yw_work_run(struct yw_work *work, struct yw_err *err)
{
    switch (work->kind) {
    case YW_WORK_CREATE:
    case YW_WORK_CLONE:
        return create(work, err);
    case YW_WORK_GOLDEN:
        return yw_clone_golden(work->host, work->root, work->order, work->way,
                               &work->made, &work->no_boot, err);
    case YW_WORK_DESTROY:
        return destroy(work, err);
    case YW_WORK_LOOK:
        return look(work, err);
    case YW_WORK_MEND:
        (void)yw_host_resume(work->host, work->uuid, NULL);
        return look(work, err);
    case YW_WORK_LINK:
        return change_links(work, err);
    case YW_WORK_LIST:
        return list(work, err);
    case YW_WORK_NETWORK_UP:
        return yw_network_up(work, err);
    case YW_WORK_NETWORK_DOWN:
        return yw_network_down(work, err);
    case YW_WORK_SHAPE:
        return yw_network_shape(work, err);
    case YW_WORK_MOVE:
        return yw_far_move(work->host, work->uuid, work->target, err);
    case YW_WORK_SWEEP:
        return sweep(work, err);
    case YW_WORK_FACTS:
        return facts(work, err);
    }
    return yw_err_set(err, YW_EINVAL, "no such work");
}
