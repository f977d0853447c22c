/* Points, evidence, freezing and files of fake machines. A point holds what a guest's
 * memory would: role, settings, addresses, remembered answers, files and the whole PLC.
 * Links stay out of it: they are cables. */
#include "virt/fake/fake_world.h"

#include "base/folder.h"
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct yw_fake_point {
    struct yw_fake_point *next;
    char name[YW_NAME_MAX];
    int64_t saved_ms;
    struct yw_fake_machine state; /* its guest's part only */
};

/* The guest's part of `from` over that of `to`, everything owned being copied. */
static void memory_copy(struct yw_fake_machine *to, const struct yw_fake_machine *from)
{
    to->serves = from->serves;
    memcpy(to->settings, from->settings, sizeof(to->settings));
    to->setting_count = from->setting_count;
    for (size_t i = 0; i < YW_SPEC_NICS_MAX; i++)
        to->nics[i].address = from->nics[i].address;
    if (from->plc) {
        to->plc = yw_new(sizeof(*to->plc));
        yw_plc_copy(to->plc, from->plc);
        to->plc->arg = to;
    }
    if (from->eng) {
        to->eng = yw_new(sizeof(*to->eng));
        *to->eng = *from->eng;
        to->eng->plc = to->plc;
        to->eng->arg = to;
    }
    if (from->rtu) {
        to->rtu = yw_new(sizeof(*to->rtu));
        *to->rtu = *from->rtu; /* it points to nothing of its own */
        to->rtu->arg = to;
    }
    to->gateway = from->gateway;
    yw_fake_fleet_copy(to, from);
    if (from->firewall) {
        to->firewall = yw_new(sizeof(*to->firewall));
        *to->firewall = *from->firewall;
    }
    memcpy(to->lasting, from->lasting, sizeof(to->lasting));
    to->pace = from->pace;
    to->upkeep = from->upkeep;
    to->next_answer = from->next_answer;
    for (size_t i = 0; i < YW_CHANNEL_MEMORY; i++) {
        to->answers[i] = from->answers[i];
        if (from->answers[i].output)
            to->answers[i].output = yw_strdup(from->answers[i].output);
    }
    for (size_t i = 0; i < YW_FAKE_FILES_MAX; i++) {
        to->files[i] = from->files[i];
        if (from->files[i].bytes) {
            to->files[i].bytes = yw_new(from->files[i].size + 1);
            memcpy(to->files[i].bytes, from->files[i].bytes, from->files[i].size);
        }
    }
}

static void memory_free(struct yw_fake_machine *machine)
{
    free(machine->plc);
    machine->plc = NULL;
    free(machine->eng);
    machine->eng = NULL;
    free(machine->rtu);
    machine->rtu = NULL;
    free(machine->firewall);
    machine->firewall = NULL;
    yw_fake_fleet_free(machine);
    for (size_t i = 0; i < YW_CHANNEL_MEMORY; i++)
        free(machine->answers[i].output);
    memset(machine->answers, 0, sizeof(machine->answers));
    for (size_t i = 0; i < YW_FAKE_FILES_MAX; i++)
        free(machine->files[i].bytes);
    memset(machine->files, 0, sizeof(machine->files));
}

static void point_free(struct yw_fake_point *point)
{
    memory_free(&point->state);
    free(point);
}

void yw_fake_memory_fini(struct yw_fake_machine *machine)
{
    while (machine->points) {
        struct yw_fake_point *point = machine->points;

        machine->points = point->next;
        point_free(point);
    }
    memory_free(machine);
}

/* Where the point hangs, or the end of the list. */
static struct yw_fake_point **point_at(struct yw_fake_machine *machine, const char *name)
{
    struct yw_fake_point **link = &machine->points;

    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    return link;
}

static void drop(struct yw_fake_machine *machine, const char *name)
{
    struct yw_fake_point **link = point_at(machine, name);
    struct yw_fake_point *point = *link;

    if (!point)
        return;
    *link = point->next;
    point_free(point);
}

/* Every machine of the group runs and its monitor answers: else nothing is done to any. */
static int check_group(struct yw_virt_world *world, const struct yw_virt_call *call,
                       struct yw_err *err)
{
    if (!yw_name_valid(call->point))
        return yw_err_set(err, YW_EINVAL, "point '%s': not a name", call->point);
    for (size_t i = 0; i < call->machine_count; i++) {
        const char *domain = call->machines[i]->domain;
        struct yw_fake_machine *machine =
            yw_fake_machine_of(world, call->machines[i]->uuid);

        if (!machine || !machine->running)
            return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it does not run", domain);
        if (machine->hung)
            return yw_err_set(err, YW_ETIMEOUT, "machine '%s': QEMU does not answer",
                              domain);
        if (call->op == YW_VIRT_POINT_LOAD && !*point_at(machine, call->point))
            return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it has no point '%s'",
                              domain, call->point);
    }
    return 0;
}

static int64_t memory_bytes(const struct yw_fake_machine *machine)
{
    size_t bytes = sizeof(machine->settings) + sizeof(machine->answers);

    if (machine->plc)
        bytes += sizeof(*machine->plc);
    if (machine->rtu)
        bytes += sizeof(*machine->rtu);
    if (machine->firewall)
        bytes += sizeof(*machine->firewall);
    bytes += yw_fake_fleet_bytes(machine);
    for (size_t i = 0; i < YW_FAKE_FILES_MAX; i++)
        bytes += machine->files[i].size;
    return (int64_t)bytes;
}

int yw_fake_point_save(struct yw_virt_world *world, struct yw_virt_call *call,
                       int64_t now_ms, struct yw_err *err)
{
    int code = check_group(world, call, err);

    call->bytes = 0;
    call->frozen_ms = 0;
    for (size_t i = 0; i < call->machine_count && code == 0; i++) {
        struct yw_fake_machine *machine =
            yw_fake_machine_of(world, call->machines[i]->uuid);
        struct yw_fake_point *point = yw_new(sizeof(*point));

        drop(machine, call->point);
        YW_COPY(point->name, call->point);
        point->saved_ms = now_ms;
        memory_copy(&point->state, machine);
        point->next = machine->points;
        machine->points = point;
        call->bytes += memory_bytes(machine);
    }
    return code;
}

/* The guest's clock stood still while it was a point. */
static void remember(struct yw_fake_machine *machine, const struct yw_fake_point *point,
                     int64_t now_ms)
{
    memory_free(machine);
    memory_copy(machine, &point->state);
    machine->pace.since_ms += now_ms - point->saved_ms;
    if (!machine->plc)
        return;
    machine->plc->last_ms += now_ms - point->saved_ms;
    machine->plc->started_ms += now_ms - point->saved_ms;
}

int yw_fake_point_load(struct yw_virt_world *world, const struct yw_virt_call *call,
                       int64_t now_ms, struct yw_err *err)
{
    int code = check_group(world, call, err);

    for (size_t i = 0; i < call->machine_count && code == 0; i++) {
        struct yw_fake_machine *machine =
            yw_fake_machine_of(world, call->machines[i]->uuid);
        const struct yw_fake_point *point = *point_at(machine, call->point);

        remember(machine, point, now_ms);
        machine->attached = true;
    }
    return code;
}

static const struct yw_fake_point *source_point(struct yw_virt_world *world,
                                                const struct yw_virt_call *call)
{
    struct yw_fake_machine *source = yw_fake_machine_of(world, call->source);

    return source ? *point_at(source, call->point) : NULL;
}

int yw_fake_point_check(struct yw_virt_world *world, const struct yw_virt_call *call,
                        struct yw_err *err)
{
    if (!call->source[0] || source_point(world, call))
        return 0;
    return yw_err_set(err, YW_ENOTFOUND, "machine '%s': its source has no point '%s'",
                      call->machine->domain, call->point);
}

/* Of another machine, the oldest first, so that the order stays. */
static void copy_points(struct yw_fake_machine *to, const struct yw_fake_point *from)
{
    if (!from)
        return;
    copy_points(to, from->next);
    struct yw_fake_point *point = yw_new(sizeof(*point));

    YW_COPY(point->name, from->name);
    point->saved_ms = from->saved_ms;
    memory_copy(&point->state, &from->state);
    point->next = to->points;
    to->points = point;
}

void yw_fake_point_fork(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                        int64_t now_ms)
{
    char carried[YW_UUID_SIZE];

    if (!call->source[0])
        return;
    remember(machine, source_point(machine->world, call), now_ms);
    yw_virt_carried(machine->uuid, carried);
    if (strcmp(call->source, carried) != 0)
        return;
    const struct yw_fake_machine *source = yw_fake_machine_of(machine->world, carried);

    copy_points(machine, source->points);
    drop(machine, YW_VIRT_CARRY_POINT);
    yw_fake_machine_remove(machine->world, carried);
}

/* ---- machines that leave and come ---- */

/* The record of `from` under another uuid, with its memory and points; it does not run. */
static struct yw_fake_machine *copy_record(struct yw_virt_world *world,
                                           const struct yw_fake_machine *from,
                                           const char *uuid)
{
    struct yw_fake_machine copy = *from, *to;

    yw_fake_machine_remove(world, uuid);
    copy.plc = NULL;
    copy.eng = NULL;
    copy.points = NULL;
    copy.world = world;
    copy.running = false;
    copy.attached = false;
    YW_COPY(copy.uuid, uuid);
    memory_copy(&copy, from);
    copy_points(&copy, from->points);
    to = yw_map_put(&world->machines, uuid);
    if (!to) {
        yw_fake_memory_fini(&copy);
        return NULL;
    }
    *to = copy;
    if (to->plc)
        to->plc->arg = to;
    if (to->eng)
        to->eng->arg = to;
    return to;
}

static void tell_lifted(struct yw_virt_call *call, const char *carried)
{
    struct yw_hash hash;
    char text[YW_HASH_TEXT_SIZE];

    yw_hash_of(carried, strlen(carried), &hash);
    yw_hash_text(&hash, text);
    call->bytes = (int64_t)strlen(carried);
    (void)snprintf(call->output, sizeof(call->output), "points/%s %zu %s\n", carried,
                   strlen(carried), text);
}

int yw_fake_lift(struct yw_virt_world *world, struct yw_virt_call *call, int64_t now_ms,
                 struct yw_err *err)
{
    struct yw_fake_machine *machine = yw_fake_machine_of(world, call->machine->uuid);
    char carried[YW_UUID_SIZE];

    yw_virt_carried(call->machine->uuid, carried);
    if (machine && machine->running) {
        struct yw_virt_call save = {.op = YW_VIRT_POINT_SAVE,
                                    .point = YW_VIRT_CARRY_POINT,
                                    .machines = &call->machine,
                                    .machine_count = 1};
        int code = yw_fake_point_save(world, &save, now_ms, err);

        if (code < 0)
            return code;
        /* putting may move every record */
        struct yw_fake_machine kept = *machine;

        if (!copy_record(world, &kept, carried))
            return yw_err_set(err, YW_ELIMIT, "too many machines");
        yw_fake_machine_remove(world, call->machine->uuid);
    } else if (!yw_fake_machine_of(world, carried)) {
        return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it does not run",
                          call->machine->domain);
    }
    tell_lifted(call, carried);
    return 0;
}

static const struct yw_fake_machine *lifted_elsewhere(struct yw_virt_world *world,
                                                      const char *carried)
{
    const struct yw_fake_machine *found = NULL;

    for (struct yw_virt_world *at = world->next; at && at != world && !found;
         at = at->next)
        found = yw_fake_machine_of(at, carried);
    return found;
}

int yw_fake_file(struct yw_virt_world *world, struct yw_virt_call *call,
                 struct yw_err *err)
{
    const char *slash = strchr(call->path, '/');
    const char *carried = slash ? slash + 1 : "";
    const struct yw_fake_machine *from = NULL;

    call->bytes = 0;
    call->exit_code = strncmp(call->path, "image/", strlen("image/")) == 0;
    switch ((int)call->op) {
    case YW_VIRT_CARRIED_GET:
        if (!yw_fake_machine_of(world, carried))
            return yw_err_set(err, YW_ENOTFOUND, "'%s' is not here", call->path);
        call->ret_bytes = yw_strdup(carried);
        call->ret_size = strlen(carried);
        return 0;
    case YW_VIRT_CARRIED_END:
        from = lifted_elsewhere(world, carried);
        if (!from)
            return yw_err_set(err, YW_ECORRUPT, "'%s' came from nowhere", call->path);
        return copy_record(world, from, carried)
                   ? 0
                   : yw_err_set(err, YW_ELIMIT, "too many machines");
    default:
        return 0;
    }
}

void yw_fake_carried_drop(struct yw_virt_world *world, const char *uuid)
{
    char carried[YW_UUID_SIZE];

    yw_virt_carried(uuid, carried);
    yw_fake_machine_remove(world, carried);
}

void yw_fake_point_drop(struct yw_virt_world *world, const struct yw_virt_call *call)
{
    for (size_t i = 0; i < call->machine_count; i++) {
        struct yw_fake_machine *machine =
            yw_fake_machine_of(world, call->machines[i]->uuid);

        if (machine)
            drop(machine, call->point);
    }
}

static void freeze(struct yw_fake_machine *machine, struct yw_virt_call *call)
{
    if (call->cut)
        machine->cut = true;
    if (machine->hung && !machine->frozen)
        call->forced++;
    machine->frozen = true;
}

void yw_fake_freeze(struct yw_virt_world *world, struct yw_virt_call *call)
{
    call->forced = 0;
    call->frozen_ms = 0;
    for (size_t i = 0; i < call->machine_count; i++) {
        struct yw_fake_machine *machine =
            yw_fake_machine_of(world, call->machines[i]->uuid);

        if (machine && machine->running)
            freeze(machine, call);
    }
}

void yw_fake_thaw(struct yw_virt_world *world, const struct yw_virt_call *call)
{
    for (size_t i = 0; i < call->machine_count; i++) {
        struct yw_fake_machine *machine =
            yw_fake_machine_of(world, call->machines[i]->uuid);

        if (!machine)
            continue;
        machine->frozen = false;
        if (call->cut)
            machine->cut = false;
    }
}

size_t yw_virt_world_frozen(const struct yw_virt_world *world)
{
    size_t count = 0;

    for (size_t i = 0; i < world->machines.count; i++) {
        const struct yw_fake_machine *machine = yw_map_at(&world->machines, i);

        count += machine->running && machine->frozen;
    }
    return count;
}

void yw_virt_world_hang(struct yw_virt_world *world, const char *uuid)
{
    struct yw_fake_machine *machine = yw_fake_machine_of(world, uuid);

    if (machine)
        machine->hung = true;
}

/* The registers of a PLC, or else the name of the machine: what there is of memory. */
static const void *memory_image(const struct yw_fake_machine *machine, size_t *ret_size)
{
    *ret_size = machine->plc ? sizeof(machine->plc->bank) : strlen(machine->name);
    return machine->plc ? (const void *)&machine->plc->bank : (const void *)machine->name;
}

int yw_fake_evidence(struct yw_fake_machine *machine, struct yw_virt_call *call,
                     struct yw_err *err)
{
    char path[YW_VIRT_PATH_MAX + 16], text[YW_HASH_TEXT_SIZE];
    struct yw_hash hash;
    size_t size;

    if (call->path[0] != '/')
        return yw_err_set(err, YW_EINVAL, "path '%s': must be absolute", call->path);
    int code = yw_folder_make(call->path, 0750, err);

    if (code < 0)
        return code;
    const void *bytes = memory_image(machine, &size);

    (void)snprintf(path, sizeof(path), "%s/memory.raw", call->path);
    FILE *file = fopen(path, "we");

    if (!file)
        return yw_err_errno(err, YW_EIO, errno, path);
    bool good = fwrite(bytes, 1, size, file) == size;

    if (fclose(file) != 0 || !good)
        return yw_err_set(err, YW_EIO, "%s: cannot write", path);
    yw_hash_of(bytes, size, &hash);
    yw_hash_text(&hash, text);
    call->bytes = (int64_t)size;
    call->frozen_ms = 0;
    (void)snprintf(
        call->output, sizeof(call->output),
        "{\"files\":[{\"file\":\"memory.raw\",\"bytes\":%zu,\"hash\":\"%s\"}]}", size,
        text);
    return 0;
}

/* The file, or with `make` a free place for it; NULL when there is none. */
static struct yw_fake_file *file_of(struct yw_fake_machine *machine, const char *path,
                                    bool make)
{
    struct yw_fake_file *empty = NULL;

    for (size_t i = 0; i < YW_FAKE_FILES_MAX; i++) {
        struct yw_fake_file *file = &machine->files[i];

        if (file->path[0] && strcmp(file->path, path) == 0)
            return file;
        if (!file->path[0] && !empty)
            empty = file;
    }
    if (!make || !empty)
        return NULL;
    YW_COPY(empty->path, path);
    return empty;
}

static int refuse(const struct yw_fake_machine *machine, const char *path,
                  const char *why, struct yw_err *err)
{
    return yw_err_set(err, YW_EIO, "machine '%s': the guest says: %s: %s",
                      machine->domain, path, why);
}

int yw_fake_put(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                struct yw_err *err)
{
    size_t offset = (size_t)call->offset;

    if (call->path[0] != '/')
        return refuse(machine, call->path, "must be absolute", err);
    struct yw_fake_file *file = file_of(machine, call->path, call->offset == 0);

    if (!file)
        return refuse(machine, call->path, "no such file, or no room", err);
    if (offset == 0)
        file->size = 0;
    if (offset > file->size || offset > YW_FAKE_FILE_MAX ||
        call->file.size > YW_FAKE_FILE_MAX - offset)
        return refuse(machine, call->path, "beyond its end, or no room", err);
    char *bytes = yw_new(offset + call->file.size + 1);

    if (offset > 0)
        memcpy(bytes, file->bytes, offset);
    if (call->file.size > 0)
        memcpy(bytes + offset, call->file.bytes, call->file.size);
    free(file->bytes);
    file->bytes = bytes;
    file->size = offset + call->file.size;
    uint32_t permille = 0;

    if (strcmp(call->path, YW_CHANNEL_PACE_FILE) == 0 &&
        yw_pace_read(file->bytes, file->size, &permille))
        yw_pace_set(&machine->pace, permille, machine->world->now_ms);
    return 0;
}

int yw_fake_get(struct yw_fake_machine *machine, struct yw_virt_call *call,
                struct yw_err *err)
{
    const struct yw_fake_file *file = file_of(machine, call->path, false);
    size_t offset = (size_t)call->offset;

    if (!file)
        return refuse(machine, call->path, "no such file", err);
    size_t size = offset < file->size ? file->size - offset : 0;

    if (size > YW_VIRT_FILE_MAX)
        size = YW_VIRT_FILE_MAX;
    call->ret_bytes = yw_new(size + 1);
    call->ret_size = size;
    if (size > 0)
        memcpy(call->ret_bytes, file->bytes + offset, size);
    return 0;
}
