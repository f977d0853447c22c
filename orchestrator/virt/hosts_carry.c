/* What many hosts do and one cannot: a machine's files brought from one to the other, and
 * an image brought to where a machine of it is about to be made.
 *
 *   CARRY  LIFT on the old host ─▶ its files, one after the other ─▶ answered
 *   image  joined by every MACHINE_UP that waits for it, brought at most once
 *
 * A lift is repeated as often as it takes: whatever ends in between, the machine is down
 * and its files are on the old host until MACHINE_DOWN removes them there. */
#include "base/mem.h"
#include "virt/hosts_ship.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIFT_MS 60000
#define FILES_MAX 3

struct file {
    char path[YW_VIRT_PATH_MAX];
    char hash[YW_HASH_TEXT_SIZE];
    int64_t size;
};

struct yw_hosts_carry {
    struct yw_hosts_carry *next;
    struct yw_hosts *hosts;
    struct yw_virt_call *call;
    struct yw_hosts_host *from, *to;
    struct yw_virt_call lift;
    bool lifting;
    struct file files[FILES_MAX];
    size_t count, at;
    struct yw_ship *ship; /* under way */
    struct yw_due_entry deadline;
    struct yw_due_entry answer;
    int code;
    struct yw_err err;
};

struct yw_hosts_push {
    struct yw_hosts_push *next;
    struct yw_hosts *hosts;
    struct yw_hosts_host *host;
    char image[YW_NAME_MAX];
    struct yw_ship *ship;
};

/* ---- CARRY ---- */

static void on_answer(struct yw_due_entry *entry)
{
    struct yw_hosts_carry *carry = entry->arg;
    struct yw_hosts_carry **link = &carry->hosts->carries;
    struct yw_virt_call *call = carry->call;
    struct yw_err err = carry->err;
    int code = carry->code;

    while (*link != carry)
        link = &(*link)->next;
    *link = carry->next;
    yw_due_cancel(carry->hosts->due, &carry->deadline);
    call->bytes = 0;
    for (size_t i = 0; i < carry->count; i++)
        call->bytes += carry->files[i].size;
    free(carry);
    call->impl = NULL;
    call->done(call, code, code < 0 ? &err : NULL);
}

static void finish(struct yw_hosts_carry *carry, int code, const struct yw_err *err)
{
    if (carry->code == 0 && code < 0) {
        carry->code = code;
        carry->err = *err;
    }
    if (!carry->lifting && !carry->ship && !yw_due_queued(&carry->answer))
        yw_due_add(carry->hosts->due, &carry->answer, yw_hosts_now(carry->hosts));
}

static void ship_next(struct yw_hosts_carry *carry);

static void on_shipped(void *owner, int code, const struct yw_err *err)
{
    struct yw_hosts_carry *carry = owner;

    carry->ship = NULL;
    if (code < 0 || carry->code < 0) {
        finish(carry, code, err);
        return;
    }
    carry->at++;
    ship_next(carry);
}

static void ship_next(struct yw_hosts_carry *carry)
{
    if (carry->at == carry->count) {
        finish(carry, 0, NULL);
        return;
    }
    const struct file *file = &carry->files[carry->at];
    struct yw_ship_order order = {.from = carry->from,
                                  .fd = -1,
                                  .to = carry->to,
                                  .size = file->size,
                                  .done = on_shipped,
                                  .owner = carry};

    YW_COPY(order.path, file->path);
    YW_COPY(order.hash, file->hash);
    YW_COPY(order.drill, carry->call->drill);
    (void)snprintf(order.what, sizeof(order.what), "machine %s",
                   carry->call->machine->domain);
    carry->ship = yw_ship_start(carry->hosts, &order);
}

/* "path bytes hash" in each line. */
static int read_list(struct yw_hosts_carry *carry, const char *list, struct yw_err *err)
{
    const char *at = list;

    while (*at) {
        struct file *file = &carry->files[carry->count];
        long long size = 0;
        int used = 0;

        if (carry->count == FILES_MAX ||
            sscanf(at, "%250s %lld %64s\n%n", file->path, &size, file->hash, &used) !=
                3 ||
            used == 0 || size < 0)
            return yw_err_set(err, YW_EINVAL, "host '%s' names files that cannot be",
                              carry->from->member.name);
        file->size = size;
        carry->count++;
        at += used;
    }
    return carry->count > 0 ? 0
                            : yw_err_set(err, YW_EINVAL, "host '%s' names no files",
                                         carry->from->member.name);
}

static void on_lifted(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_hosts_carry *carry = call->owner;
    struct yw_err why;

    carry->lifting = false;
    if (code == 0 && carry->code == 0)
        code = read_list(carry, call->output, &why);
    else if (code < 0)
        why = *err;
    if (code < 0 && carry->from->lost)
        code = yw_hosts_lost_error(carry->from, &why);
    if (code < 0 || carry->code < 0)
        finish(carry, code, &why);
    else
        ship_next(carry);
}

static void stop(struct yw_hosts_carry *carry, int code, const char *text)
{
    struct yw_err err;

    (void)yw_err_set(&err, code, "carry '%s': %s", carry->call->machine->domain, text);
    if (carry->lifting)
        yw_virt_cancel(carry->from->member.virt, &carry->lift);
    if (carry->ship)
        yw_ship_cancel(carry->ship);
    finish(carry, code, &err);
}

static void on_deadline(struct yw_due_entry *entry)
{
    stop(entry->arg, YW_ETIMEOUT, "not there in time");
}

void yw_hosts_carry_cancel(struct yw_virt_call *call)
{
    if (call->impl)
        stop(call->impl, YW_ECANCELED, "cancelled");
}

static void begin_lift(struct yw_hosts_carry *carry)
{
    struct yw_virt_call *lift = &carry->lift;
    struct yw_err err;

    lift->op = YW_VIRT_LIFT;
    YW_COPY(lift->drill, carry->call->drill);
    YW_COPY(lift->plan_digest, carry->call->plan_digest);
    lift->machine = carry->call->machine;
    lift->plan = carry->call->plan;
    lift->deadline_ms = LIFT_MS;
    lift->done = on_lifted;
    lift->owner = carry;
    carry->lifting = true;
    int code = yw_virt_call(carry->from->member.virt, lift, &err);

    if (code < 0) {
        carry->lifting = false;
        finish(carry, code, &err);
    }
}

/* Only between brokers of ours: what is refused here was not begun. */
static int check_hosts(const struct yw_hosts_host *from, const struct yw_hosts_host *to,
                       struct yw_err *err)
{
    if (!from || !to || from == to)
        return yw_err_set(err, YW_EINVAL, "carry: from which host to which?");
    if (from->lost || to->lost)
        return yw_hosts_lost_error(from->lost ? from : to, err);
    if (yw_hosts_is_daemon(from) || yw_hosts_is_daemon(to))
        return yw_err_set(err, YW_ESTATE,
                          "host '%s' is reached by a libvirt connection alone, from and "
                          "to which no saved machine is carried",
                          (yw_hosts_is_daemon(from) ? from : to)->member.name);
    return 0;
}

int yw_hosts_carry_start(struct yw_hosts *hosts, struct yw_virt_call *call,
                         struct yw_err *err)
{
    struct yw_hosts_host *from = yw_hosts_named(hosts, call->host);
    struct yw_hosts_host *to =
        call->machine ? yw_hosts_named(hosts, call->machine->host) : NULL;
    int code = check_hosts(from, to, err);

    if (code < 0)
        return code;
    struct yw_hosts_carry *carry = yw_new(sizeof(*carry));

    carry->hosts = hosts;
    carry->call = call;
    carry->from = from;
    carry->to = to;
    carry->deadline.run = on_deadline;
    carry->deadline.arg = carry;
    carry->answer.run = on_answer;
    carry->answer.arg = carry;
    carry->next = hosts->carries;
    hosts->carries = carry;
    call->impl = carry;
    yw_due_add(hosts->due, &carry->deadline, yw_hosts_now(hosts) + call->deadline_ms);
    begin_lift(carry);
    return 0;
}

/* ---- images ---- */

static void on_pushed(void *owner, int code, const struct yw_err *err)
{
    struct yw_hosts_push *push = owner;
    struct yw_hosts *hosts = push->hosts;
    struct yw_hosts_push **link = &hosts->pushes;

    while (*link != push)
        link = &(*link)->next;
    *link = push->next;
    yw_hosts_image_came(hosts, push, code, err);
    free(push);
}

int yw_hosts_push_image(struct yw_hosts *hosts, struct yw_hosts_host *host,
                        const char *image, struct yw_hosts_push **ret, struct yw_err *err)
{
    struct yw_hosts_image found = {.fd = -1};

    *ret = NULL;
    if (!hosts->find_image || yw_hosts_is_daemon(host))
        return 0;
    for (struct yw_hosts_push *at = hosts->pushes; at && !*ret; at = at->next) {
        if (at->host == host && strcmp(at->image, image) == 0)
            *ret = at;
    }
    if (*ret)
        return 0;
    int code = hosts->find_image(hosts->find_arg, image, &found, err);

    if (code < 0)
        return code;
    struct yw_hosts_push *push = yw_new(sizeof(*push));
    struct yw_ship_order order = {
        .fd = found.fd, .to = host, .size = found.size, .done = on_pushed, .owner = push};

    push->hosts = hosts;
    push->host = host;
    YW_COPY(push->image, image);
    (void)snprintf(order.path, sizeof(order.path), "image/%s", image);
    YW_COPY(order.hash, found.hash);
    (void)snprintf(order.what, sizeof(order.what), "image %s", image);
    push->next = hosts->pushes;
    hosts->pushes = push;
    push->ship = yw_ship_start(hosts, &order);
    *ret = push;
    return 0;
}

void yw_hosts_carry_forget(struct yw_hosts *hosts)
{
    while (hosts->carries) {
        struct yw_hosts_carry *carry = hosts->carries;

        hosts->carries = carry->next;
        yw_due_cancel(hosts->due, &carry->deadline);
        yw_due_cancel(hosts->due, &carry->answer);
        yw_ship_drop(carry->ship);
        carry->call->impl = NULL;
        free(carry);
    }
    while (hosts->pushes) {
        struct yw_hosts_push *push = hosts->pushes;

        hosts->pushes = push->next;
        yw_ship_drop(push->ship);
        free(push);
    }
}
