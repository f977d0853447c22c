/* A call of the owner becomes a part for each host it goes to; when the last part has
 * answered, the owner is answered. */
#include "base/mem.h"
#include "virt/hosts_inside.h"

#include <stdlib.h>
#include <string.h>

#define PHASE_MS 10000 /* to stop, to go on, to forget */

struct part {
    struct yw_virt_call call;
    struct yw_hosts_request *request;
    struct yw_hosts_host *host;
    bool open, dropped;
    int64_t saved_bytes; /* of a save that spans hosts */
    const struct yw_plan_machine *
        *group; /* owned: the machines of the call that are here */
    size_t group_count;
};

struct yw_hosts_request {
    struct yw_hosts_request *next;
    struct yw_hosts *hosts;
    struct yw_virt_call *call;
    struct part *parts; /* owned */
    size_t count;
    size_t open;
    int code;
    struct yw_err err;
    struct yw_due_entry answer;
    const struct yw_hosts_push *image; /* borrowed: what it waits for; NULL nothing */
    enum yw_virt_op phase;             /* of a save that spans hosts: under way */
    bool stopped;                      /* the same: somebody else froze meanwhile */
    int64_t stood_ms;                  /* the same: since then */
};

static void free_request(struct yw_hosts_request *request)
{
    struct yw_hosts_request **link = &request->hosts->requests;

    while (*link != request)
        link = &(*link)->next;
    *link = request->next;
    yw_due_cancel(request->hosts->due, &request->answer);
    for (size_t i = 0; i < request->count; i++) {
        free(request->parts[i].group);
        free(request->parts[i].call.found);
        free(request->parts[i].call.ret_bytes);
    }
    free(request->parts);
    free(request);
}

/* The whole call as the only host answered it, but for what is the owner's. */
static void take_whole(struct yw_virt_call *call, struct part *part)
{
    struct yw_virt_call kept = *call;

    *call = part->call;
    call->done = kept.done;
    call->owner = kept.owner;
    call->machines = kept.machines;
    call->machine_count = kept.machine_count;
    YW_COPY(call->host, kept.host);
    call->impl = NULL;
    part->call.found = NULL;
    part->call.ret_bytes = NULL;
}

static void merge(struct yw_virt_call *call, const struct part *part)
{
    const struct yw_virt_call *from = &part->call;

    if (from->found_count > 0) {
        call->found = yw_resize(call->found, call->found_count + from->found_count,
                                sizeof(*call->found));
        memcpy(&call->found[call->found_count], from->found,
               from->found_count * sizeof(*call->found));
        call->found_count += from->found_count;
    }
    call->bytes += part->saved_bytes > 0 ? part->saved_bytes : from->bytes;
    call->forced += from->forced;
    call->files += call->op == YW_VIRT_CAPTURE_STOP ? from->files : 0;
    if (from->frozen_ms > call->frozen_ms)
        call->frozen_ms = from->frozen_ms;
    if (!call->output[0])
        YW_COPY(call->output, from->output);
    if (!call->traits.known)
        call->traits = from->traits;
}

static void give_back(struct yw_hosts_request *request)
{
    struct yw_virt_call *call = request->call;
    struct yw_err err = request->err;
    int code = request->code;

    if (code == 0 && request->count == 1) {
        take_whole(call, &request->parts[0]);
    } else if (code == 0) {
        for (size_t i = 0; i < request->count; i++)
            merge(call, &request->parts[i]);
    }
    free_request(request);
    call->impl = NULL;
    call->done(call, code, code < 0 ? &err : NULL);
}

/* ---- one moment on several hosts ----
 *
 *   FREEZE all ─▶ POINT_SAVE all ─▶ THAW all ─▶ answered
 *      │ one cannot   │ one cannot     ▲
 *      │              └─▶ POINT_DROP all
 *      └───────────────────────────────┘
 *
 * A machine left standing, as its host was lost in between, is made to run when it is
 * found again. */

static void start_parts(struct yw_hosts_request *request);

static bool spans(const struct yw_hosts_request *request)
{
    return request->call->op == YW_VIRT_POINT_SAVE && request->count > 1;
}

static void begin_phase(struct yw_hosts_request *request, enum yw_virt_op op)
{
    request->phase = op;
    for (size_t i = 0; i < request->count; i++) {
        struct yw_virt_call *call = &request->parts[i].call;

        request->parts[i].dropped = false;
        call->op = op;
        call->cut = false;
        call->deadline_ms =
            op == YW_VIRT_POINT_SAVE ? request->call->deadline_ms : PHASE_MS;
    }
    start_parts(request);
}

/* False: all is done. */
static bool next_phase(struct yw_hosts_request *request)
{
    bool failed = request->code < 0;

    switch ((int)request->phase) {
    case YW_VIRT_FREEZE:
        begin_phase(request, failed ? YW_VIRT_THAW : YW_VIRT_POINT_SAVE);
        return true;
    case YW_VIRT_POINT_SAVE:
        if (failed)
            begin_phase(request, YW_VIRT_POINT_DROP);
        else if (!request->stopped)
            begin_phase(request, YW_VIRT_THAW);
        return failed || !request->stopped;
    case YW_VIRT_POINT_DROP:
        if (!request->stopped)
            begin_phase(request, YW_VIRT_THAW);
        return !request->stopped;
    default:
        return false;
    }
}

/* A stop by order is not undone by a save that has them stand for a moment. */
static void note_stop(struct yw_hosts *hosts, const struct yw_virt_call *call)
{
    for (struct yw_hosts_request *at = hosts->requests; at; at = at->next) {
        if (call->op == YW_VIRT_FREEZE && spans(at))
            at->stopped = true;
    }
}

static void settled(struct yw_hosts_request *request)
{
    if (spans(request)) {
        if (next_phase(request))
            return;
        for (size_t i = 0; i < request->count; i++)
            request->parts[i].call.frozen_ms =
                yw_hosts_now(request->hosts) - request->stood_ms;
    }
    give_back(request);
}

static void on_answer(struct yw_due_entry *entry)
{
    settled(entry->arg);
}

/* The host that has a machine from now on: so its notices are believed. */
static void learn(const struct part *part)
{
    const struct yw_virt_call *call = &part->call;
    struct yw_hosts *hosts = part->host->hosts;
    struct yw_hosts_host *host = part->host;

    if (!call->machine)
        return;
    if (call->op == YW_VIRT_MACHINE_DOWN) {
        const size_t *at = yw_map_get(&hosts->where, call->machine->uuid);

        if (at && &hosts->items[*at] == host)
            (void)yw_map_remove(&hosts->where, call->machine->uuid);
        return;
    }
    if (call->op == YW_VIRT_MOVE)
        host = yw_hosts_named(hosts, call->machine->host);
    else if (call->op != YW_VIRT_MACHINE_UP && call->op != YW_VIRT_MACHINE_FIND &&
             call->op != YW_VIRT_MACHINE_SETUP)
        return;
    size_t *at = host ? yw_map_put(&hosts->where, call->machine->uuid) : NULL;

    if (at)
        *at = (size_t)(host - hosts->items);
}

static void part_ended(struct part *part, int code, const struct yw_err *err)
{
    struct yw_hosts_request *request = part->request;

    part->open = false;
    request->open--;
    if (code == 0 && part->call.op == YW_VIRT_POINT_SAVE)
        part->saved_bytes = part->call.bytes;
    bool counts = !spans(request) || request->phase == YW_VIRT_FREEZE ||
                  request->phase == YW_VIRT_POINT_SAVE;

    if (code < 0 && request->code == 0 && counts) {
        request->code = code;
        request->err = *err;
        if (part->dropped)
            request->code = yw_hosts_lost_error(part->host, &request->err);
    }
}

static void on_part(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct part *part = call->owner;
    struct yw_hosts_request *request = part->request;

    if (code == 0)
        learn(part);
    part_ended(part, code, err);
    if (request->open == 0 && !yw_due_queued(&request->answer))
        settled(request);
}

/* ---- which hosts ---- */

static bool touches(const struct yw_virt_call *call,
                    const struct yw_plan_machine *machine)
{
    int network = (int)(call->network - call->plan->networks);

    for (size_t i = 0; i < machine->nic_count; i++) {
        if (machine->nics[i].network == network ||
            strcmp(machine->nics[i].mirror, call->network->bridge) == 0)
            return true;
    }
    return false;
}

/* Marks the hosts of a network: where its machines are. */
static void network_hosts(struct yw_hosts *hosts, const struct yw_virt_call *call,
                          bool *ret)
{
    for (size_t i = 0; i < call->plan->machine_count; i++) {
        const struct yw_plan_machine *machine = &call->plan->machines[i];

        if (!touches(call, machine))
            continue;
        struct yw_hosts_host *host = yw_hosts_named(hosts, machine->host);

        if (host)
            ret[host - hosts->items] = true;
    }
}

static bool is_group(const struct yw_virt_call *call)
{
    return call->machine_count > 0 && call->machines;
}

static int one_host(struct yw_hosts *hosts, const char *name, const char *what, bool *ret,
                    struct yw_err *err)
{
    struct yw_hosts_host *host = yw_hosts_named(hosts, name);

    if (!name[0])
        return yw_err_set(err, YW_ESTATE, "machine '%s' is placed on no host", what);
    if (!host)
        return yw_err_set(err, YW_ENOTFOUND, "no host '%s' in the hosts file (%s)", name,
                          what);
    ret[host - hosts->items] = true;
    return 0;
}

/* Where the machine is: on its way to another host it is still on the old one. Where it is
 * to be: for what makes it or finds it there. */
static const char *home(const struct yw_hosts *hosts, enum yw_virt_op op,
                        const struct yw_plan_machine *machine)
{
    const size_t *at = yw_map_get(&hosts->where, machine->uuid);

    if (!at || op == YW_VIRT_MACHINE_UP || op == YW_VIRT_MACHINE_FIND)
        return machine->host;
    return hosts->items[*at].member.name;
}

static int choose(struct yw_hosts *hosts, const struct yw_virt_call *call, bool *ret,
                  struct yw_err *err)
{
    int code = 0;

    if (call->host[0])
        return one_host(hosts, call->host, yw_virt_op_name(call->op), ret, err);
    if (call->machine)
        return one_host(hosts, home(hosts, call->op, call->machine),
                        call->machine->domain, ret, err);
    for (size_t i = 0; is_group(call) && code == 0 && i < call->machine_count; i++)
        code =
            one_host(hosts, call->machines[i]->host, call->machines[i]->domain, ret, err);
    if (is_group(call))
        return code;
    if (call->network && call->plan &&
        (call->op == YW_VIRT_NETWORK_UP || call->op == YW_VIRT_NETWORK_DOWN ||
         call->op == YW_VIRT_CAPTURE_START || call->op == YW_VIRT_CAPTURE_STOP)) {
        network_hosts(hosts, call, ret);
        return 0;
    }
    for (size_t i = 0; i < hosts->count; i++)
        ret[i] = true;
    return 0;
}

/* Of a group of which one is lost nothing is done, or there would be half a point. */
static bool all_or_none(enum yw_virt_op op)
{
    return op == YW_VIRT_POINT_SAVE || op == YW_VIRT_POINT_LOAD;
}

/* What goes on without the lost ones: 0, or the error that ends the call. */
static int pass_over_lost(struct yw_hosts *hosts, struct yw_virt_call *call, bool *chosen,
                          struct yw_err *err)
{
    size_t alive = 0, lost = 0;

    for (size_t i = 0; i < hosts->count; i++) {
        alive += chosen[i] && !hosts->items[i].lost;
        lost += chosen[i] && hosts->items[i].lost;
    }
    bool sweeps = call->op == YW_VIRT_SWEEP || call->op == YW_VIRT_LIST ||
                  call->op == YW_VIRT_PROBE || call->op == YW_VIRT_NETWORK_DOWN;

    for (size_t i = 0; lost > 0 && i < hosts->count; i++) {
        if (!chosen[i] || !hosts->items[i].lost)
            continue;
        if (alive == 0 || all_or_none(call->op) || call->op == YW_VIRT_NETWORK_UP)
            return yw_hosts_lost_error(&hosts->items[i], err);
        if (sweeps) {
            chosen[i] = false;
            (void)yw_copyf(
                call->output + strlen(call->output),
                sizeof(call->output) - strlen(call->output), "%s%s",
                call->output[0] ? ", " : "lost: ", hosts->items[i].member.name);
        }
    }
    return 0;
}

static void fill_span(struct yw_hosts *hosts, struct part *part)
{
    struct yw_virt_call *call = &part->call;
    bool members[YW_HOSTS_MAX] = {false};

    call->local = part->host->member.underlay;
    call->remote_count = 0;
    network_hosts(hosts, call, members);
    for (size_t i = 0; i < hosts->count; i++) {
        if (members[i] && &hosts->items[i] != part->host &&
            call->remote_count < YW_VIRT_REMOTES_MAX)
            call->remotes[call->remote_count++] = hosts->items[i].member.underlay;
    }
}

static void fill_group(struct part *part, const struct yw_virt_call *call)
{
    part->group = yw_new_array(call->machine_count, sizeof(*part->group));
    for (size_t i = 0; i < call->machine_count; i++) {
        if (strcmp(home(part->host->hosts, call->op, call->machines[i]),
                   part->host->member.name) == 0)
            part->group[part->group_count++] = call->machines[i];
    }
    part->call.machines = part->group;
    part->call.machine_count = part->group_count;
}

static void fill_part(struct yw_hosts_request *request, struct yw_hosts_host *host)
{
    struct part *part = &request->parts[request->count++];

    part->request = request;
    part->host = host;
    part->call = *request->call;
    part->call.done = on_part;
    part->call.owner = part;
    part->call.impl = NULL;
    part->call.found = NULL;
    part->call.found_count = 0;
    part->call.ret_bytes = NULL;
    if (part->call.op == YW_VIRT_NETWORK_UP && part->call.network->vni != 0)
        fill_span(request->hosts, part);
    if (part->call.op == YW_VIRT_MOVE) {
        const struct yw_hosts_host *to =
            yw_hosts_named(request->hosts, part->call.machine->host);

        YW_COPY(part->call.target, to ? to->member.uri : "");
    }
    if (is_group(request->call) && !request->call->host[0])
        fill_group(part, request->call);
}

static void start_parts(struct yw_hosts_request *request)
{
    request->open = request->count;
    for (size_t i = 0; i < request->count; i++) {
        struct part *part = &request->parts[i];
        struct yw_err err = {0};
        int code = 0;

        part->open = true;
        if (part->host->lost)
            code = yw_hosts_lost_error(part->host, &err);
        else
            code = yw_virt_call(part->host->member.virt, &part->call, &err);
        if (code < 0)
            part_ended(part, code, &err);
    }
    if (request->open == 0)
        yw_due_add(request->hosts->due, &request->answer, yw_hosts_now(request->hosts));
}

/* A network that spans needs an address on the underlay at each end. */
static int check_underlay(const struct yw_hosts *hosts, const struct yw_virt_call *call,
                          const bool *chosen, struct yw_err *err)
{
    if (call->op != YW_VIRT_NETWORK_UP || !call->network || call->network->vni == 0)
        return 0;
    for (size_t i = 0; i < hosts->count; i++) {
        if (chosen[i] && hosts->items[i].member.underlay == 0)
            return yw_err_set(err, YW_EINVAL,
                              "bridge '%s' spans to host '%s', which has no \"underlay\" "
                              "address in the hosts file",
                              call->network->bridge, hosts->items[i].member.name);
    }
    return 0;
}

void yw_hosts_image_came(struct yw_hosts *hosts, const struct yw_hosts_push *push,
                         int code, const struct yw_err *err)
{
    for (struct yw_hosts_request *at = hosts->requests, *next; at; at = next) {
        next = at->next;
        if (at->image != push)
            continue;
        at->image = NULL;
        if (code < 0 && at->code == 0) {
            at->code = code;
            at->err = *err;
            (void)yw_err_prefix(&at->err, "image '%s'", at->call->machine->image);
        }
        if (at->code == 0)
            start_parts(at);
        else if (!yw_due_queued(&at->answer))
            yw_due_add(hosts->due, &at->answer, yw_hosts_now(hosts));
    }
}

/* A machine with a disk waits until its host has the image. */
static int begin(struct yw_hosts_request *request, struct yw_err *err)
{
    const struct yw_virt_call *call = request->call;
    struct yw_hosts_push *push = NULL;
    int code = 0;

    if (call->op == YW_VIRT_MACHINE_UP && call->machine->has_disk && request->count == 1)
        code = yw_hosts_push_image(request->hosts, request->parts[0].host,
                                   call->machine->image, &push, err);
    request->image = push;
    request->stood_ms = yw_hosts_now(request->hosts);
    if (code == 0 && spans(request))
        begin_phase(request, YW_VIRT_FREEZE);
    else if (code == 0 && !push)
        start_parts(request);
    return code;
}

int yw_hosts_call(struct yw_virt *virt, struct yw_virt_call *call, struct yw_err *err)
{
    struct yw_hosts *hosts = (struct yw_hosts *)virt;
    bool chosen[YW_HOSTS_MAX] = {false};

    call->output[0] = '\0';
    call->found = NULL;
    call->found_count = 0;
    note_stop(hosts, call);
    if (call->op == YW_VIRT_CARRY)
        return yw_hosts_carry_start(hosts, call, err);
    int code = choose(hosts, call, chosen, err);

    if (code == 0)
        code = pass_over_lost(hosts, call, chosen, err);
    if (code == 0)
        code = check_underlay(hosts, call, chosen, err);
    if (code < 0)
        return code;
    struct yw_hosts_request *request = yw_new(sizeof(*request));

    request->hosts = hosts;
    request->call = call;
    request->next = hosts->requests;
    hosts->requests = request;
    request->answer.run = on_answer;
    request->answer.arg = request;
    request->parts = yw_new_array(hosts->count, sizeof(*request->parts));
    for (size_t i = 0; i < hosts->count; i++) {
        if (chosen[i])
            fill_part(request, &hosts->items[i]);
    }
    call->impl = request;
    code = begin(request, err);
    if (code < 0) {
        call->impl = NULL;
        free_request(request);
    }
    return code;
}

void yw_hosts_cancel(struct yw_virt *virt, struct yw_virt_call *call)
{
    struct yw_hosts *hosts = (struct yw_hosts *)virt;

    if (call->op == YW_VIRT_CARRY) {
        yw_hosts_carry_cancel(call);
        return;
    }
    struct yw_hosts_request *request = call->impl;

    if (request && request->image) { /* the image itself goes on for others */
        request->image = NULL;
        request->code = yw_err_set(&request->err, YW_ECANCELED, "cancelled");
        yw_due_add(hosts->due, &request->answer, yw_hosts_now(hosts));
    }
    for (size_t i = 0; request && i < request->count; i++) {
        if (request->parts[i].open)
            yw_virt_cancel(request->parts[i].host->member.virt, &request->parts[i].call);
    }
}

void yw_hosts_drop(struct yw_hosts_host *host)
{
    for (struct yw_hosts_request *at = host->hosts->requests; at; at = at->next) {
        for (size_t i = 0; i < at->count; i++) {
            struct part *part = &at->parts[i];

            if (part->host == host && part->open && !part->dropped) {
                part->dropped = true;
                yw_virt_cancel(host->member.virt, &part->call);
            }
        }
    }
}

void yw_hosts_forget(struct yw_hosts *hosts)
{
    while (hosts->requests) {
        hosts->requests->call->impl = NULL;
        free_request(hosts->requests);
    }
}
