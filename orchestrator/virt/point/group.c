#include "virt/point/group.h"

#include "base/mem.h"
#include "virt/machine/libvirt.h"
#include "virt/point/memory_room.h"
#include "virt/point/point.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STOP_MS 600  /* a machine that does not stop by then lets nobody else wait */
#define CONT_MS 2000 /* to run again; one that hangs does so when it answers */

int64_t yw_group_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct yw_broker_member *only_member(const struct yw_broker_job *job)
{
    struct yw_broker_member *member = yw_new(sizeof(*member));

    YW_COPY(member->uuid, job->machine.uuid);
    YW_COPY(member->domain, job->machine.domain);
    member->has_field = job->machine.has_field;
    member->ram_mib = job->machine.ram_mib;
    return member;
}

struct yw_group *yw_group_new(struct yw_gang_house *house, struct yw_host *host,
                              const struct yw_embed_root *root, struct yw_broker_job *job)
{
    struct yw_group *group = yw_new(sizeof(*group));

    atomic_init(&group->holds, 1);
    group->house = house;
    group->host = host;
    group->root = root;
    group->members = job->call.machine_count > 0 ? job->members : only_member(job);
    group->count = job->call.machine_count > 0 ? job->call.machine_count : 1;
    if (group->members == job->members)
        job->members = NULL;
    group->fd = -1;
    group->disk_fd = -1;
    group->folder_fd = -1;
    YW_COPY(group->path, job->call.path);
    group->was_running = yw_new_array(group->count + 1, sizeof(*group->was_running));
    group->bytes_before = yw_new_array(group->count + 1, sizeof(*group->bytes_before));
    group->stop_ordered = yw_new_array(group->count + 1, sizeof(*group->stop_ordered));
    YW_COPY(group->drill, job->call.drill);
    YW_COPY(group->point, job->call.point);
    group->cut = job->call.cut;
    group->deadline_ms = job->call.deadline_ms;
    return group;
}

void yw_group_release(void *arg)
{
    struct yw_group *group = arg;

    if (!group || atomic_fetch_sub(&group->holds, 1) > 1)
        return;
    if (group->fd >= 0)
        (void)close(group->fd);
    if (group->disk_fd >= 0)
        (void)close(group->disk_fd);
    if (group->folder_fd >= 0)
        (void)close(group->folder_fd);
    free(group->members);
    free(group->was_running);
    free(group->bytes_before);
    free(group->stop_ordered);
    free(group);
}

int yw_group_each(struct yw_group *group, int64_t span_ms,
                  int (*work)(void *group, size_t member, struct yw_err *err),
                  struct yw_err *err)
{
    struct yw_gang_spec spec = {.house = group->house,
                                .count = group->count,
                                .work = work,
                                .shared = group,
                                .release = yw_group_release};

    atomic_fetch_add(&group->holds, 1);
    struct yw_gang *gang = yw_gang_start(&spec);
    int code = 0;

    (void)yw_gang_wait(gang, span_ms);
    for (size_t i = 0; i < group->count && code == 0; i++) {
        code = yw_gang_result(gang, i, err);
        if (code < 0)
            (void)yw_err_prefix(err, "machine '%s'", group->members[i].domain);
    }
    yw_gang_leave(gang);
    return code;
}

static struct yw_point_machine machine_of(const struct yw_group *group, size_t at)
{
    return (struct yw_point_machine){.host = group->host,
                                     .folder = group->root->points,
                                     .uuid = group->members[at].uuid};
}

/* ---- save ---- */

static int prepare(void *arg, size_t at, struct yw_err *err)
{
    struct yw_group *group = arg;
    struct yw_point_machine machine = machine_of(group, at);
    int code = yw_point_prepare(&machine, err);

    if (code == 0)
        code = yw_point_drop(&machine, group->point, err);
    group->bytes_before[at] = yw_point_bytes(machine.folder, machine.uuid);
    return code;
}

/* An emergency stop may come in between, and while it goes on. */
static int cont(void *arg, size_t at, struct yw_err *err)
{
    struct yw_group *group = arg;
    struct yw_point_machine machine = machine_of(group, at);

    if (!group->was_running[at] || atomic_load(&group->stop_ordered[at]))
        return 0;
    int code = yw_point_cont(&machine, err);

    if (code == 0 && atomic_load(&group->stop_ordered[at]))
        code = yw_point_stop(&machine, err);
    return code;
}

static int stop(void *arg, size_t at, struct yw_err *err)
{
    struct yw_group *group = arg;
    struct yw_point_machine machine = machine_of(group, at);
    bool running = false;
    int code = yw_point_running(&machine, &running, err);

    if (code < 0 || !running)
        return code;
    group->was_running[at] = true;
    code = yw_point_stop(&machine, err);
    if (code == 0 && atomic_load(&group->left))
        (void)cont(group, at, NULL);
    return code;
}

static int save(void *arg, size_t at, struct yw_err *err)
{
    const struct yw_group *group = arg;
    struct yw_point_machine machine = machine_of(group, at);

    return yw_point_save(&machine, group->point, err);
}

static int drop(void *arg, size_t at, struct yw_err *err)
{
    const struct yw_group *group = arg;
    struct yw_point_machine machine = machine_of(group, at);
    int code = yw_point_drop(&machine, group->point, err);

    return code == YW_ENOTFOUND ? 0 : code; /* the machine is gone, and its points */
}

static int64_t left_ms(const struct yw_group *group, int64_t begun_ms)
{
    int64_t left = group->deadline_ms - (yw_group_now_ms() - begun_ms);

    return left > 0 ? left : 0;
}

static int check_room(const struct yw_group *group, struct yw_err *err)
{
    int64_t need_mib = 0;

    for (size_t i = 0; i < group->count; i++)
        need_mib += group->members[i].ram_mib;
    return yw_point_room(group->root->points, need_mib, err);
}

int yw_group_save(struct yw_group *group, struct yw_err *err)
{
    int64_t begun_ms = yw_group_now_ms();
    int code = check_room(group, err);

    if (code == 0)
        code = yw_group_each(group, group->deadline_ms / 2, prepare, err);
    if (code < 0)
        return code;
    int64_t frozen_at = yw_group_now_ms();

    code = yw_group_each(group, STOP_MS, stop, err);
    if (code == 0)
        code = yw_group_each(group, left_ms(group, begun_ms), save, err);
    if (code < 0)
        atomic_store(&group->left, true);
    struct yw_err second;
    int again = yw_group_each(group, CONT_MS, cont, code < 0 ? &second : err);

    group->frozen_ms = yw_group_now_ms() - frozen_at;
    code = code < 0 ? code : again;
    if (code < 0)
        (void)yw_group_each(group, CONT_MS, drop, &second);
    for (size_t i = 0; i < group->count && code == 0; i++)
        group->bytes += yw_point_bytes(group->root->points, group->members[i].uuid) -
                        group->bytes_before[i];
    return code;
}

/* ---- load, drop ---- */

static int check(void *arg, size_t at, struct yw_err *err)
{
    const struct yw_group *group = arg;
    struct yw_point_machine machine = machine_of(group, at);

    return yw_point_check(&machine, group->point, err);
}

static int load(void *arg, size_t at, struct yw_err *err)
{
    const struct yw_group *group = arg;
    struct yw_point_machine machine = machine_of(group, at);

    return yw_point_load(&machine, group->point, err);
}

int yw_group_load(struct yw_group *group, struct yw_err *err)
{
    int code = yw_group_each(group, group->deadline_ms / 2, check, err);

    if (code == 0)
        code = yw_memory_room(group->root, group->members, group->count, err);
    return code < 0 ? code : yw_group_each(group, group->deadline_ms, load, err);
}

int yw_group_drop(struct yw_group *group, struct yw_err *err)
{
    return yw_group_each(group, group->deadline_ms, drop, err);
}
