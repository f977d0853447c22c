/* The in-memory hypervisor. A call acts on the world at once and is answered through the
 * due queue; so a connection closed in between leaves what a dead broker leaves: things
 * done that nobody was told of. A call made to fail did nothing; one made to hang did
 * everything. */
#include "virt/fake/fake_console.h"
#include "virt/fake/fake_world.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_MS_DEFAULT 500
#define PLENTY (1024 * 1024) /* cores, MiB */
#define LINES_MAX                                                                        \
    256 /* telemetry not yet handed over; more is dropped, as the real rate limit */

struct fake_line {
    struct fake_line *next;
    struct yw_virt_notice notice;
};

struct fake {
    struct yw_virt virt;
    struct yw_virt_fake_config config;
    struct yw_virt_world *world;
    bool owns_world;
    uint64_t calls;
    struct fake_call *calls_head;
    struct fake_line *lines_head;
    struct fake_line **lines_tail;
    size_t line_count;
    struct yw_due_entry line_entry;
    struct yw_due_entry scan_entry;
    int64_t scan_ms;
    bool down; /* as while a broker is being started again */
    struct yw_due_entry up_entry;
    struct yw_fake_consoles consoles;
};

struct fake_call {
    struct yw_due_entry entry;
    struct fake *fake;
    struct fake_call *next;
    struct yw_virt_call *call;
    bool waiting; /* for the connection to come back */
    bool stalled; /* asks a guest that is frozen */
    char *file;   /* owned: the caller's is borrowed until it returns */
    int code;
    struct yw_err err;
};

static int64_t now_ms(const struct fake *fake)
{
    return yw_clock_mono_ms(fake->config.clock);
}

static int64_t span_of(const struct fake *fake, enum yw_virt_op op)
{
    const struct yw_virt_fake_config *config = &fake->config;

    switch (op) {
    case YW_VIRT_MACHINE_UP:
        return config->up_ms;
    case YW_VIRT_MACHINE_SETUP:
        return config->setup_ms;
    case YW_VIRT_RUN:
        return config->run_ms;
    case YW_VIRT_LINK:
    case YW_VIRT_SHAPE:
        return config->link_ms;
    case YW_VIRT_POINT_SAVE:
    case YW_VIRT_POINT_LOAD:
    case YW_VIRT_EVIDENCE:
    case YW_VIRT_LIFT:
        return config->point_ms;
    case YW_VIRT_FREEZE:
    case YW_VIRT_THAW:
        return config->freeze_ms;
    case YW_VIRT_PUT:
    case YW_VIRT_GET:
        return config->run_ms;
    case YW_VIRT_CARRY:
    case YW_VIRT_CARRIED_ASK:
    case YW_VIRT_CARRIED_GET:
    case YW_VIRT_CARRIED_PUT:
    case YW_VIRT_CARRIED_END:
    case YW_VIRT_CAPTURE_START:
    case YW_VIRT_CAPTURE_STOP:
    case YW_VIRT_FILES:
    case YW_VIRT_FILE:
    case YW_VIRT_FILE_DROP:
    case YW_VIRT_POINT_DROP:
    case YW_VIRT_MOVE:
    case YW_VIRT_PING:
    case YW_VIRT_PROBE:
    case YW_VIRT_LIST:
    case YW_VIRT_NETWORK_UP:
    case YW_VIRT_NETWORK_DOWN:
    case YW_VIRT_MACHINE_DOWN:
    case YW_VIRT_MACHINE_FIND:
    case YW_VIRT_SWEEP:
        break;
    }
    return 0;
}

static void forget_results(struct yw_virt_call *call)
{
    free(call->found);
    call->found = NULL;
    call->found_count = 0;
    free(call->ret_bytes);
    call->ret_bytes = NULL;
    call->ret_size = 0;
}

static void on_answer(struct yw_due_entry *entry)
{
    struct fake_call *pending = entry->arg;
    struct fake_call **link = &pending->fake->calls_head;
    struct yw_virt_call *call = pending->call;

    while (*link != pending)
        link = &(*link)->next;
    *link = pending->next;
    call->impl = NULL;
    if (pending->code < 0) {
        forget_results(call);
    }
    call->done(call, pending->code, pending->code < 0 ? &pending->err : NULL);
    free(pending->file);
    free(pending);
}

/* The machine that a call needs connected, or an error naming it. */
static int connected(struct fake *fake, const struct yw_virt_call *call,
                     struct yw_fake_machine **ret, struct yw_err *err)
{
    struct yw_fake_machine *machine =
        yw_fake_machine_of(fake->world, call->machine->uuid);

    if (!machine || !machine->running)
        return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it does not run",
                          call->machine->domain);
    machine->attached =
        true; /* found whenever something is asked of it, as the broker does */
    *ret = machine;
    return 0;
}

static int do_find(struct fake *fake, struct yw_virt_call *call, struct yw_err *err)
{
    struct yw_fake_machine *machine =
        yw_fake_machine_of(fake->world, call->machine->uuid);

    if (!machine || !machine->running)
        return yw_err_set(err, YW_ENOTFOUND, "machine '%s': it does not run",
                          call->machine->domain);
    machine->attached = true;
    if (!call->frozen) /* left standing by a save that never ended */
        machine->frozen = false;
    return 0;
}

static int64_t or_plenty(int64_t value)
{
    return value > 0 ? value : PLENTY;
}

static int do_probe(const struct fake *fake, struct yw_virt_call *call)
{
    const struct yw_virt_fake_config *config = &fake->config;

    call->traits = (struct yw_host_traits){.known = true,
                                           .in_memory = !fake->config.weak_host,
                                           .bandwidth = !fake->config.weak_host,
                                           .delay = !fake->config.weak_host};
    YW_COPY(call->traits.mac, "none");
    (void)yw_copyf(call->output, sizeof(call->output),
                   "{\"uri\":\"fake:///\",\"accelerator\":\"none\",\"kvm_device\":false,"
                   "\"why\":\"in memory\",\"libvirt\":\"\",\"qemu\":\"\",\"cgroups\":[],"
                   "\"mac\":\"none\",\"tun\":false,\"cores\":%lld,\"memory_mib\":%lld,"
                   "\"disk_mib\":%lld}",
                   (long long)or_plenty(config->cores),
                   (long long)or_plenty(config->memory_mib),
                   (long long)or_plenty(config->disk_mib));
    return 0;
}

static int act_on_points(struct fake *fake, struct yw_virt_call *call, struct yw_err *err)
{
    struct yw_virt_world *world = fake->world;
    struct yw_fake_machine *machine = NULL;
    int code = call->machine ? connected(fake, call, &machine, err) : 0;

    if (code < 0)
        return code;
    if (call->op == YW_VIRT_POINT_SAVE)
        return yw_fake_point_save(world, call, now_ms(fake), err);
    if (call->op == YW_VIRT_POINT_LOAD)
        return yw_fake_point_load(world, call, now_ms(fake), err);
    if (call->op == YW_VIRT_POINT_DROP)
        yw_fake_point_drop(world, call);
    else if (call->op == YW_VIRT_FREEZE)
        yw_fake_freeze(world, call);
    else if (call->op == YW_VIRT_THAW)
        yw_fake_thaw(world, call);
    else if (!machine)
        return yw_err_set(err, YW_EINVAL, "no machine given");
    else if (call->op == YW_VIRT_EVIDENCE)
        return yw_fake_evidence(machine, call, err);
    else
        return call->op == YW_VIRT_PUT ? yw_fake_put(machine, call, err)
                                       : yw_fake_get(machine, call, err);
    return 0;
}

static int ask_guest(struct fake *fake, struct yw_virt_call *call, struct yw_err *err)
{
    struct yw_fake_machine *machine = NULL;
    int code = connected(fake, call, &machine, err);

    if (code == 0 && call->op == YW_VIRT_MACHINE_SETUP)
        return yw_fake_machine_setup(fake->world, call, err);
    if (code == 0)
        yw_fake_run(machine, call);
    return code;
}

/* From one host to another. */
static int act_between(struct fake *fake, struct yw_virt_call *call, struct yw_err *err)
{
    if (call->op == YW_VIRT_LIFT)
        return yw_fake_lift(fake->world, call, now_ms(fake), err);
    if (call->op == YW_VIRT_CARRY)
        return yw_err_set(err, YW_EINVAL, "one host alone carries nothing");
    if (call->op != YW_VIRT_MOVE)
        return yw_fake_file(fake->world, call, err);
    if (fake->config.no_live)
        return yw_err_set(err, YW_ESTATE, "no machine is handed over while it runs");
    return yw_fake_move(fake->world, call, err);
}

static int act(struct fake *fake, struct yw_virt_call *call, struct yw_err *err)
{
    struct yw_virt_world *world = fake->world;

    switch (call->op) {
    case YW_VIRT_PROBE:
        return do_probe(fake, call);
    case YW_VIRT_LIST:
        yw_fake_list(world, call);
        return 0;
    case YW_VIRT_NETWORK_UP:
        return yw_fake_network_up(world, call, err);
    case YW_VIRT_NETWORK_DOWN:
        yw_map_remove(&world->networks, call->network->bridge);
        return 0;
    case YW_VIRT_MACHINE_UP:
        return yw_fake_machine_up(world, call, now_ms(fake), err);
    case YW_VIRT_MACHINE_SETUP:
    case YW_VIRT_RUN:
        return ask_guest(fake, call, err);
    case YW_VIRT_MACHINE_DOWN:
        yw_fake_machine_remove(world, call->machine->uuid);
        yw_fake_carried_drop(world, call->machine->uuid);
        return 0;
    case YW_VIRT_MACHINE_FIND:
        return do_find(fake, call, err);
    case YW_VIRT_LINK:
        return yw_fake_machine_link(world, call, err);
    case YW_VIRT_SHAPE:
        return yw_fake_machine_shape(world, call, err);
    case YW_VIRT_SWEEP:
        yw_fake_sweep(world, call->drill);
        return 0;
    case YW_VIRT_POINT_SAVE:
    case YW_VIRT_POINT_LOAD:
    case YW_VIRT_POINT_DROP:
    case YW_VIRT_EVIDENCE:
    case YW_VIRT_FREEZE:
    case YW_VIRT_THAW:
    case YW_VIRT_PUT:
    case YW_VIRT_GET:
        return act_on_points(fake, call, err);
    case YW_VIRT_MOVE:
    case YW_VIRT_LIFT:
    case YW_VIRT_CARRY:
    case YW_VIRT_CARRIED_ASK:
    case YW_VIRT_CARRIED_GET:
    case YW_VIRT_CARRIED_PUT:
    case YW_VIRT_CARRIED_END:
        return act_between(fake, call, err);
    case YW_VIRT_CAPTURE_START:
        return yw_fake_capture(world, call, err);
    case YW_VIRT_CAPTURE_STOP:
        yw_fake_capture_stop(world, call);
        return 0;
    case YW_VIRT_FILE: /* its captures are written where the core is */
        return yw_err_set(err, YW_ENOTFOUND, "no file '%s'", call->path);
    case YW_VIRT_FILES:
    case YW_VIRT_FILE_DROP:
    case YW_VIRT_PING:
        return 0;
    }
    return yw_err_set(err, YW_EINVAL, "no operation %d", (int)call->op);
}

static int act_for(struct fake_call *pending)
{
    struct yw_virt_call *call = pending->call;
    const char *callers = call->file.bytes;

    call->file.bytes = pending->file;
    int code = act(pending->fake, call, &pending->err);

    call->file.bytes = callers;
    return code;
}

static bool fault_strikes(const struct fake *fake)
{
    const struct yw_virt_fault *fault = &fake->config.fault;

    return fault->at_call != 0 && (fault->persistent ? fake->calls >= fault->at_call
                                                     : fake->calls == fault->at_call);
}

static const char *subject_of(const struct yw_virt_call *call)
{
    if (call->machine)
        return call->machine->domain;
    return call->network ? call->network->bridge : call->drill;
}

static bool asks_frozen_guest(struct fake *fake, const struct yw_virt_call *call)
{
    bool asks = call->op == YW_VIRT_MACHINE_SETUP || call->op == YW_VIRT_RUN ||
                call->op == YW_VIRT_PUT || call->op == YW_VIRT_GET;
    const struct yw_fake_machine *machine =
        asks ? yw_fake_machine_of(fake->world, call->machine->uuid) : NULL;

    return machine && machine->running && machine->frozen;
}

static void time_out(struct fake *fake, struct fake_call *pending)
{
    struct yw_virt_call *call = pending->call;

    pending->code = yw_err_set(&pending->err, YW_ETIMEOUT,
                               "%s '%s': no answer in %lld ms", yw_virt_op_name(call->op),
                               subject_of(call), (long long)call->deadline_ms);
    yw_due_add(fake->config.due, &pending->entry, now_ms(fake) + call->deadline_ms);
}

/* What the guests of machines that run again had been asked. */
static void wake_stalled(struct fake *fake)
{
    for (struct fake_call *at = fake->calls_head; at; at = at->next) {
        if (!at->stalled || asks_frozen_guest(fake, at->call))
            continue;
        at->stalled = false;
        at->code = act_for(at);
        yw_due_add(fake->config.due, &at->entry,
                   now_ms(fake) + span_of(fake, at->call->op));
    }
}

/* The call acts on the world; its answer is put on the queue. */
static void begin(struct fake *fake, struct fake_call *pending)
{
    struct yw_virt_call *call = pending->call;
    int64_t span = span_of(fake, call->op);

    bool strikes = false;

    if (call->op != YW_VIRT_PING) { /* of no interest to a sweep over the calls */
        fake->calls++;
        strikes = fault_strikes(fake);
    }

    pending->waiting = false;
    if (!strikes && asks_frozen_guest(fake, call)) {
        pending->stalled = true;
        time_out(fake, pending);
        return;
    }
    if (strikes && !fake->config.fault.hang)
        pending->code = yw_err_set(&pending->err, YW_EIO, "%s '%s': injected failure",
                                   yw_virt_op_name(call->op), subject_of(call));
    else
        pending->code = act_for(pending);
    if (span > call->deadline_ms || (strikes && fake->config.fault.hang))
        time_out(fake, pending);
    else
        yw_due_add(fake->config.due, &pending->entry, now_ms(fake) + span);
    wake_stalled(fake);
}

static int fake_start(struct yw_virt *virt, struct yw_virt_call *call, struct yw_err *err)
{
    struct fake *fake = (struct fake *)virt;
    struct fake_call *pending = yw_new(sizeof(*pending));

    (void)err;
    pending->fake = fake;
    pending->call = call;
    pending->entry.run = on_answer;
    pending->entry.arg = pending;
    pending->next = fake->calls_head;
    fake->calls_head = pending;
    call->impl = pending;
    if (call->file.size > 0) {
        pending->file = yw_new(call->file.size);
        memcpy(pending->file, call->file.bytes, call->file.size);
    }
    call->found = NULL;
    call->found_count = 0;
    call->ret_how = YW_VIRT_HOW_ANY;
    call->why[0] = '\0';
    call->ret_bytes = NULL;
    call->ret_size = 0;
    if (fake->down)
        pending->waiting = true;
    else
        begin(fake, pending);
    return 0;
}

static void fake_cancel(struct yw_virt *virt, struct yw_virt_call *call)
{
    struct fake *fake = (struct fake *)virt;
    struct fake_call *pending = call->impl;

    if (!pending)
        return;
    pending->waiting = false;
    pending->stalled = false;
    pending->code = yw_err_set(&pending->err, YW_ECANCELED, "%s '%s': cancelled",
                               yw_virt_op_name(call->op), subject_of(call));
    yw_due_add(fake->config.due, &pending->entry, now_ms(fake));
}

static void fake_field(struct yw_virt *virt, const char *uuid, const double *values,
                       size_t count)
{
    struct fake *fake = (struct fake *)virt;
    struct yw_fake_machine *machine = yw_fake_machine_of(fake->world, uuid);

    if (!machine || !machine->attached)
        return;
    yw_fake_sense(machine, values, count);
}

/* Telemetry waits for the next turn: a notice never comes from inside a call. */
static void hand_over_lines(struct yw_due_entry *entry)
{
    struct fake *fake = entry->arg;

    while (fake->lines_head) {
        struct fake_line *line = fake->lines_head;

        fake->lines_head = line->next;
        if (!fake->lines_head)
            fake->lines_tail = &fake->lines_head;
        fake->line_count--;
        if (fake->virt.on_notice)
            fake->virt.on_notice(fake->virt.owner, &line->notice);
        free(line);
    }
}

static void queue_notice(struct fake *fake, const struct yw_virt_notice *notice)
{
    if (fake->line_count >= LINES_MAX)
        return;
    struct fake_line *line = yw_new(sizeof(*line));

    line->notice = *notice;
    *fake->lines_tail = line;
    fake->lines_tail = &line->next;
    fake->line_count++;
    if (!yw_due_queued(&fake->line_entry))
        yw_due_add(fake->config.due, &fake->line_entry, now_ms(fake));
}

static void tell_of(struct fake *fake, enum yw_virt_notice_kind kind,
                    const struct yw_fake_machine *machine, const char *text)
{
    struct yw_virt_notice notice = {.kind = kind};

    YW_COPY(notice.uuid, machine->uuid);
    YW_COPY(notice.text, text);
    queue_notice(fake, &notice);
}

static void on_line(void *arg, const struct yw_fake_machine *machine, const char *text)
{
    tell_of(arg, YW_VIRT_LINE, machine, text);
}

static void on_lost(void *arg, const struct yw_fake_machine *machine, const char *text)
{
    tell_of(arg, YW_VIRT_LOST, machine, text);
}

static void on_capture_lost(void *arg, const char *bridge, const char *text)
{
    struct yw_virt_notice notice = {.kind = YW_VIRT_CAPTURE_LOST};

    YW_COPY(notice.bridge, bridge);
    YW_COPY(notice.text, text);
    queue_notice(arg, &notice);
}

/* A notice may start calls, and a call may remove machines: so the index is checked anew.
 */
static void on_scan(struct yw_due_entry *entry)
{
    struct fake *fake = entry->arg;

    yw_due_add(fake->config.due, entry, entry->at_ms + fake->scan_ms);
    yw_fake_consoles_check(&fake->consoles, false, "the machine has ended");
    fake->world->now_ms = now_ms(fake);
    for (size_t i = 0; i < fake->world->machines.count; i++) {
        struct yw_fake_machine *machine = yw_map_at(&fake->world->machines, i);

        if (machine->running && !machine->frozen && machine->attached)
            yw_fake_lasting_turn(machine, fake->world->now_ms);
    }
    for (size_t i = 0; i < fake->world->machines.count; i++) {
        struct yw_fake_machine *machine = yw_map_at(&fake->world->machines, i);
        struct yw_virt_notice notice = {.kind = YW_VIRT_FIELD};

        if (!machine->running || machine->frozen || !machine->attached)
            continue;
        yw_fake_fleet_turn(machine, now_ms(fake));
        if (!machine->plc && !machine->rtu && !yw_fake_fleet_wired(machine))
            continue;
        yw_fake_scan(machine, now_ms(fake), &notice);
        if (!machine->has_field || !fake->virt.on_notice)
            continue;
        YW_COPY(notice.uuid, machine->uuid);
        fake->virt.on_notice(fake->virt.owner, &notice);
    }
}

static void tell(struct fake *fake, enum yw_virt_notice_kind kind)
{
    struct yw_virt_notice notice = {.kind = kind};

    YW_COPY(notice.text, kind == YW_VIRT_BROKER_DOWN ? "the broker was cut" : "");
    if (fake->virt.on_notice)
        fake->virt.on_notice(fake->virt.owner, &notice);
}

/* The newest call stands first: what waited longest is found last. */
static struct fake_call *longest_waiting(const struct fake *fake)
{
    struct fake_call *found = NULL;

    for (struct fake_call *at = fake->calls_head; at; at = at->next) {
        if (at->waiting)
            found = at;
    }
    return found;
}

static void on_up(struct yw_due_entry *entry)
{
    struct fake *fake = entry->arg;
    struct fake_call *pending;

    fake->down = false;
    while ((pending = longest_waiting(fake)) != NULL)
        begin(fake, pending);
    tell(fake, YW_VIRT_BROKER_UP);
}

void yw_virt_fake_cut(struct yw_virt *virt, int64_t down_ms)
{
    struct fake *fake = (struct fake *)virt;

    if (fake->down)
        return;
    fake->down = true;
    for (struct fake_call *at = fake->calls_head; at; at = at->next) {
        at->stalled = false;
        at->code = yw_err_set(&at->err, YW_EIO, "the broker ended");
        yw_due_add(fake->config.due, &at->entry, now_ms(fake));
    }
    for (size_t i = 0; i < fake->world->machines.count; i++) {
        struct yw_fake_machine *machine = yw_map_at(&fake->world->machines, i);

        machine->attached = false;
    }
    yw_fake_captures_end(fake->world);
    fake->up_entry.run = on_up;
    fake->up_entry.arg = fake;
    yw_due_add(fake->config.due, &fake->up_entry, now_ms(fake) + down_ms);
    yw_fake_consoles_check(&fake->consoles, true, "the broker ended");
    tell(fake, YW_VIRT_BROKER_DOWN);
}

static int console_open(struct yw_virt *virt, struct yw_virt_console *console,
                        struct yw_err *err)
{
    struct fake *fake = (struct fake *)virt;

    if (fake->down)
        return yw_err_set(err, YW_ESTATE, "console: the broker is being started");
    return yw_fake_console_open(&fake->consoles, console, err);
}

static void console_send(struct yw_virt *virt, struct yw_virt_console *console,
                         const void *bytes, size_t size)
{
    (void)virt;
    yw_fake_console_send(console, bytes, size);
}

static void console_took(struct yw_virt *virt, struct yw_virt_console *console,
                         size_t size)
{
    (void)virt;
    yw_fake_console_took(console, size);
}

static void console_close(struct yw_virt *virt, struct yw_virt_console *console)
{
    (void)virt;
    yw_fake_console_close(console);
}

static void fake_close(struct yw_virt *virt)
{
    struct fake *fake = (struct fake *)virt;

    yw_fake_consoles_drop(&fake->consoles);
    yw_due_cancel(fake->config.due, &fake->scan_entry);
    yw_due_cancel(fake->config.due, &fake->up_entry);
    yw_due_cancel(fake->config.due, &fake->line_entry);
    while (fake->calls_head) {
        struct fake_call *pending = fake->calls_head;

        fake->calls_head = pending->next;
        yw_due_cancel(fake->config.due, &pending->entry);
        forget_results(pending->call);
        pending->call->impl = NULL;
        free(pending->file);
        free(pending);
    }
    while (fake->lines_head) {
        struct fake_line *line = fake->lines_head;

        fake->lines_head = line->next;
        free(line);
    }
    for (size_t i = 0; i < fake->world->machines.count; i++) {
        struct yw_fake_machine *machine = yw_map_at(&fake->world->machines, i);

        machine->attached = false;
    }
    fake->world->on_line = NULL;
    fake->world->on_lost = NULL;
    fake->world->on_capture_lost = NULL;
    if (fake->owns_world)
        yw_virt_world_free(fake->world);
    free(fake);
}

static const struct yw_virt_ops fake_ops = {
    .call = fake_start,
    .cancel = fake_cancel,
    .field = fake_field,
    .close = fake_close,
    .console_open = console_open,
    .console_send = console_send,
    .console_took = console_took,
    .console_close = console_close,
};

int yw_virt_open_fake_on(struct yw_virt **ret, struct yw_virt_world *world,
                         const struct yw_virt_fake_config *config, struct yw_err *err)
{
    if (world->on_line)
        return yw_err_set(err, YW_ESTATE, "fake: the world has a connection already");
    struct fake *fake = yw_new(sizeof(*fake));

    fake->virt.ops = &fake_ops;
    fake->config = *config;
    fake->world = world;
    fake->lines_tail = &fake->lines_head;
    fake->line_entry.run = hand_over_lines;
    fake->line_entry.arg = fake;
    fake->scan_entry.run = on_scan;
    fake->scan_entry.arg = fake;
    fake->scan_ms = config->scan_ms > 0 ? config->scan_ms : SCAN_MS_DEFAULT;
    fake->consoles.world = world;
    fake->consoles.clock = config->clock;
    fake->consoles.due = config->due;
    world->on_line = on_line;
    world->on_lost = on_lost;
    world->on_capture_lost = on_capture_lost;
    YW_COPY(world->data_dir, config->data_dir);
    world->arg = fake;
    yw_due_add(config->due, &fake->scan_entry, now_ms(fake) + fake->scan_ms);
    *ret = &fake->virt;
    return 0;
}

int yw_virt_open_fake(struct yw_virt **ret, const struct yw_virt_fake_config *config,
                      struct yw_err *err)
{
    struct yw_virt_world *world = yw_virt_world_new();
    int code = yw_virt_open_fake_on(ret, world, config, err);

    if (code < 0)
        yw_virt_world_free(world);
    else
        ((struct fake *)*ret)->owns_world = true;
    return code;
}

uint64_t yw_virt_fake_calls(const struct yw_virt *virt)
{
    const struct fake *fake = (const struct fake *)virt;

    return fake->calls;
}
