#include "virt/hosts.h"

#include "base/mem.h"
#include "virt/hosts_inside.h"

#include <stdlib.h>
#include <string.h>

#define PING_DEADLINE_MS 30000 /* then the broker is held for hung */
#define MACHINES_MAX 65536

int64_t yw_hosts_now(const struct yw_hosts *hosts)
{
    return yw_clock_mono_ms(hosts->clock);
}

struct yw_hosts_host *yw_hosts_named(struct yw_hosts *hosts, const char *name)
{
    for (size_t i = 0; i < hosts->count; i++) {
        if (strcmp(hosts->items[i].member.name, name) == 0)
            return &hosts->items[i];
    }
    return NULL;
}

int yw_hosts_lost_error(const struct yw_hosts_host *host, struct yw_err *err)
{
    return yw_err_set(err, YW_EIO, "host '%s' is lost: %s", host->member.name, host->why);
}

bool yw_hosts_is_daemon(const struct yw_hosts_host *host)
{
    return strncmp(host->member.uri, "qemu+", strlen("qemu+")) == 0;
}

void yw_virt_hosts_images(struct yw_virt *virt, yw_hosts_find_image *find,
                          const void *arg)
{
    struct yw_hosts *hosts = (struct yw_hosts *)virt;

    hosts->find_image = find;
    hosts->find_arg = arg;
}

static enum yw_host_state state_of(const struct yw_hosts_host *host)
{
    if (host->lost)
        return YW_HOST_LOST;
    return host->draining ? YW_HOST_DRAINING : YW_HOST_UP;
}

static void pass_on(struct yw_hosts_host *host, const struct yw_virt_notice *notice)
{
    struct yw_virt *virt = &host->hosts->virt;
    struct yw_virt_notice copy = *notice;

    YW_COPY(copy.host, host->member.name);
    if (virt->on_notice)
        virt->on_notice(virt->owner, &copy);
}

static void tell(struct yw_hosts_host *host)
{
    struct yw_virt_notice notice = {.kind = YW_VIRT_HOST, .host_state = state_of(host)};

    YW_COPY(notice.text, host->lost ? host->why : "");
    host->since_ms = yw_hosts_now(host->hosts);
    pass_on(host, &notice);
}

static void on_silent(struct yw_due_entry *entry)
{
    struct yw_hosts_host *host = entry->arg;

    if (host->lost)
        return;
    host->lost = true;
    if (!host->why[0])
        YW_COPY(host->why, "it does not answer");
    yw_hosts_drop(host);
    tell(host);
}

/* Lost at most this long from now, unless it answers; an earlier end stays. */
static void lose_in(struct yw_hosts_host *host, int64_t span_ms)
{
    int64_t at_ms = yw_hosts_now(host->hosts) + span_ms;

    if (!yw_due_queued(&host->silent) || host->silent.at_ms > at_ms)
        yw_due_add(host->hosts->due, &host->silent, at_ms);
}

static void answered(struct yw_hosts_host *host)
{
    yw_due_cancel(host->hosts->due, &host->silent);
    host->why[0] = '\0';
    if (!host->lost)
        return;
    host->lost = false;
    tell(host);
}

static void on_pong(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_hosts_host *host = call->owner;

    host->pinging = false;
    if (code == 0)
        answered(host);
    else
        YW_COPY(host->why, err->text);
    yw_due_add(host->hosts->due, &host->next_ping,
               yw_hosts_now(host->hosts) + YW_HOSTS_PING_MS);
}

static void ping(struct yw_hosts_host *host, int64_t patience_ms)
{
    struct yw_err err;

    memset(host->ping, 0, sizeof(*host->ping));
    host->ping->op = YW_VIRT_PING;
    host->ping->deadline_ms = PING_DEADLINE_MS;
    host->ping->done = on_pong;
    host->ping->owner = host;
    lose_in(host, patience_ms);
    host->pinging = true;
    if (yw_virt_call(host->member.virt, host->ping, &err) == 0)
        return;
    host->pinging = false;
    YW_COPY(host->why, err.text);
    yw_due_add(host->hosts->due, &host->next_ping,
               yw_hosts_now(host->hosts) + YW_HOSTS_PING_MS);
}

static void on_next_ping(struct yw_due_entry *entry)
{
    ping(entry->arg, YW_HOSTS_SILENT_MS);
}

/* Of a machine that this host no longer has, or that nobody placed here. */
static bool is_stale(const struct yw_hosts_host *host,
                     const struct yw_virt_notice *notice)
{
    const size_t *at = yw_map_get(&host->hosts->where, notice->uuid);

    return !at || &host->hosts->items[*at] != host;
}

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct yw_hosts_host *host = owner;

    switch (notice->kind) {
    case YW_VIRT_BROKER_DOWN:
        YW_COPY(host->why, notice->text);
        lose_in(host, YW_VIRT_HOST_LOST_MS);
        break;
    case YW_VIRT_BROKER_UP:
        answered(host);
        break;
    case YW_VIRT_FIELD:
    case YW_VIRT_LINE:
    case YW_VIRT_LOST:
    case YW_VIRT_GUEST_LOST:
        if (is_stale(host, notice))
            return;
        break;
    case YW_VIRT_PROGRESS:
    case YW_VIRT_CAPTURE_LOST:
        break;
    case YW_VIRT_HOST:
        return; /* hosts of hosts there are none */
    }
    pass_on(host, notice);
}

static void send_field(struct yw_virt *virt, const char *uuid, const double *values,
                       size_t count)
{
    struct yw_hosts *hosts = (struct yw_hosts *)virt;
    const size_t *at = yw_map_get(&hosts->where, uuid);

    if (at && !hosts->items[*at].lost)
        yw_virt_field(hosts->items[*at].member.virt, uuid, values, count);
}

/* ---- consoles: the host that had the machine at the opening keeps it ---- */

static int open_console(struct yw_virt *virt, struct yw_virt_console *console,
                        struct yw_err *err)
{
    struct yw_hosts *hosts = (struct yw_hosts *)virt;
    const size_t *at = yw_map_get(&hosts->where, console->uuid);

    if (!at)
        return yw_err_set(err, YW_ENOTFOUND, "console: no host has this machine");
    if (hosts->items[*at].lost)
        return yw_hosts_lost_error(&hosts->items[*at], err);
    console->via = hosts->items[*at].member.virt;
    return yw_virt_console_open(console->via, console, err);
}

static void send_console(struct yw_virt *virt, struct yw_virt_console *console,
                         const void *bytes, size_t size)
{
    (void)virt;
    console->via->ops->console_send(console->via, console, bytes, size);
}

static void took_console(struct yw_virt *virt, struct yw_virt_console *console,
                         size_t size)
{
    (void)virt;
    console->via->ops->console_took(console->via, console, size);
}

static void close_console(struct yw_virt *virt, struct yw_virt_console *console)
{
    (void)virt;
    console->via->ops->console_close(console->via, console);
}

static size_t list_hosts(const struct yw_virt *virt, struct yw_virt_host *ret, size_t max)
{
    const struct yw_hosts *hosts = (const struct yw_hosts *)virt;
    size_t count = hosts->count < max ? hosts->count : max;

    for (size_t i = 0; i < count; i++) {
        const struct yw_hosts_host *host = &hosts->items[i];

        ret[i] = (struct yw_virt_host){.weight = host->member.weight,
                                       .state = state_of(host),
                                       .no_underlay = host->member.underlay == 0,
                                       .since_ms = host->since_ms};
        YW_COPY(ret[i].name, host->member.name);
        YW_COPY(ret[i].detail, host->lost ? host->why : "");
    }
    return count;
}

static int drain(struct yw_virt *virt, const char *name, bool on, struct yw_err *err)
{
    struct yw_hosts_host *host = yw_hosts_named((struct yw_hosts *)virt, name);

    if (!host)
        return yw_err_set(err, YW_ENOTFOUND, "no host '%s' in the hosts file", name);
    if (host->draining == on)
        return 0;
    host->draining = on;
    tell(host);
    return 0;
}

static void close_all(struct yw_virt *virt)
{
    struct yw_hosts *hosts = (struct yw_hosts *)virt;

    for (size_t i = 0; i < hosts->count; i++) {
        struct yw_hosts_host *host = &hosts->items[i];

        yw_due_cancel(hosts->due, &host->silent);
        yw_due_cancel(hosts->due, &host->next_ping);
        yw_virt_close(host->member.virt);
        free(host->ping);
    }
    yw_hosts_carry_forget(hosts);
    yw_hosts_forget(hosts);
    yw_map_fini(&hosts->where);
    free(hosts->items);
    free(hosts);
}

static const struct yw_virt_ops ops = {
    .call = yw_hosts_call,
    .cancel = yw_hosts_cancel,
    .field = send_field,
    .close = close_all,
    .hosts = list_hosts,
    .drain = drain,
    .console_open = open_console,
    .console_send = send_console,
    .console_took = took_console,
    .console_close = close_console,
};

static int check(const struct yw_hosts_member *members, size_t count, struct yw_err *err)
{
    if (count < 1 || count > YW_HOSTS_MAX)
        return yw_err_set(err, YW_EINVAL, "%zu hosts; there must be 1..%d", count,
                          YW_HOSTS_MAX);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(members[i].name, members[k].name) == 0)
                return yw_err_set(err, YW_EINVAL, "host '%s' is named twice",
                                  members[i].name);
        }
    }
    return 0;
}

static void open_host(struct yw_hosts *hosts, size_t index,
                      const struct yw_hosts_member *member)
{
    struct yw_hosts_host *host = &hosts->items[index];

    host->hosts = hosts;
    host->member = *member;
    host->draining = member->drain;
    host->since_ms = yw_hosts_now(hosts);
    host->ping = yw_new(sizeof(*host->ping));
    host->silent.run = on_silent;
    host->silent.arg = host;
    host->next_ping.run = on_next_ping;
    host->next_ping.arg = host;
    member->virt->on_notice = on_notice;
    member->virt->owner = host;
}

int yw_virt_open_hosts(struct yw_virt **ret, const struct yw_clock *clock,
                       struct yw_due *due, const struct yw_hosts_member *members,
                       size_t count, struct yw_err *err)
{
    int code = check(members, count, err);

    if (code < 0) {
        for (size_t i = 0; i < count; i++)
            yw_virt_close(members[i].virt);
        return code;
    }
    struct yw_hosts *hosts = yw_new(sizeof(*hosts));

    hosts->virt.ops = &ops;
    hosts->clock = clock;
    hosts->due = due;
    hosts->count = count;
    hosts->items = yw_new_array(count, sizeof(*hosts->items));
    yw_map_init(&hosts->where, sizeof(size_t), MACHINES_MAX);
    for (size_t i = 0; i < count; i++)
        open_host(hosts, i, &members[i]);
    for (size_t i = 0; i < count; i++)
        ping(&hosts->items[i], YW_HOSTS_FIRST_MS);
    *ret = &hosts->virt;
    return 0;
}
