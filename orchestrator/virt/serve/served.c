#include "virt/serve/served.h"

#include "base/log.h"
#include "base/mem.h"
#include "loop/stream.h"
#include "virt/far/far_daemon.h"
#include "virt/machine/libvirt.h"
#include "virt/serve/foreign.h"

#include <stdio.h>
#include <string.h>

#define CONNECT_LEAST_MS 50
#define CONNECT_MOST_MS 2000
#define PING_EVERY_MS 5000
#define PING_SKIPS                                                                       \
    5 /* one program serves both ports: who is heard there need not be asked */
#define HELLO_MS 300 /* a copy may have missed that somebody connected: it is asked */
#define PING_DEADLINE_MS 15000 /* an emulated machine beside others that boot is slow */
#define REVIVE_PING_MS 500
#define PING_NUMBERS (1u << 29)

static void go(struct yw_served *served, struct yw_due_entry *entry, int64_t span_ms)
{
    yw_due_add(yw_loop_due(served->loop), entry,
               yw_clock_mono_ms(yw_loop_clock(served->loop)) + span_ms);
}

static void report(struct yw_served *served, enum yw_virt_notice_kind kind,
                   const char *text)
{
    struct yw_virt_notice notice = {.kind = kind};

    YW_COPY(notice.uuid, served->uuid);
    YW_COPY(notice.text, text);
    served->events.on_notice(served->events.owner, &notice);
}

static void guest_lost(struct yw_served *served, const char *text)
{
    if (served->frozen || served->busy > 0)
        return;
    if (!served->told_lost)
        report(served, YW_VIRT_GUEST_LOST, text);
    served->told_lost = true;
}

/* HELLO came, or the answer to a PING, which is as good. */
static void greeted(struct yw_served *served)
{
    served->greeted = true;
    served->reviving = false;
    served->told_lost = false;
    yw_patience_heard(&served->patience);
    served->backoff_ms = CONNECT_LEAST_MS;
    if (!served->ping_sent)
        go(served, &served->ping_due, PING_EVERY_MS);
    served->events.on_hello(served->events.owner, served);
}

/* Not in time, that is. Who answers later is slow; who stands by order cannot; and who
 * greets meanwhile was asked in vain. */
static void missed(struct yw_served *served)
{
    bool late = served->channel && yw_channel_dropped(served->channel) != served->dropped;

    if (served->ping_greets)
        return;
    if (served->heard || late || served->frozen || served->busy > 0) {
        yw_patience_heard(&served->patience);
        return;
    }
    int64_t waited_ms = yw_patience_waited_ms(served->root, served->uuid, served->domain);

    if (yw_patience_missed(&served->patience, PING_DEADLINE_MS, waited_ms))
        guest_lost(served, "the agent does not answer");
}

static void on_pong(struct yw_channel_request *request, int code, uint32_t exit_code,
                    const char *output)
{
    struct yw_served *served = request->owner;

    (void)exit_code;
    (void)output;
    served->ping_sent = false;
    if (!served->greeted) {
        if (code == 0)
            greeted(served);
        else
            go(served, &served->ping_due, served->reviving ? 0 : HELLO_MS);
        return;
    }
    if (code < 0) {
        missed(served);
        go(served, &served->ping_due, 0);
        return;
    }
    yw_patience_heard(&served->patience);
    served->told_lost = false;
    go(served, &served->ping_due, PING_EVERY_MS);
}

static void on_ping_due(struct yw_due_entry *entry)
{
    struct yw_served *served = entry->arg;

    if (!served->channel || served->ping_sent)
        return;
    if (served->frozen) {
        go(served, entry, PING_EVERY_MS);
        return;
    }
    if (served->greeted && served->heard && served->skipped < PING_SKIPS) {
        served->heard = false;
        served->skipped++;
        yw_patience_heard(&served->patience);
        go(served, entry, PING_EVERY_MS);
        return;
    }
    served->heard = false;
    served->skipped = 0;
    served->ping_greets = !served->greeted;
    served->dropped = yw_channel_dropped(served->channel);
    served->ping.number = YW_CHANNEL_NUMBER_PING + served->next_ping++ % PING_NUMBERS;
    served->ping.type = YW_CHANNEL_PING;
    served->ping.deadline_ms = served->reviving ? REVIVE_PING_MS : PING_DEADLINE_MS;
    served->ping.done = on_pong;
    served->ping.owner = served;
    if (yw_channel_send(served->channel, &served->ping, NULL, NULL) == 0)
        served->ping_sent = true;
    else
        go(served, entry, PING_EVERY_MS);
}

static void on_hello(void *owner, const char *image, const char *boot_id)
{
    struct yw_served *served = owner;

    (void)image;
    (void)boot_id;
    greeted(served);
}

static void on_line(void *owner, const char *text)
{
    report(owner, YW_VIRT_LINE, text);
}

static void connect_later(struct yw_served *served)
{
    if (!served->wanted || yw_due_queued(&served->connect))
        return;
    go(served, &served->connect, served->backoff_ms);
    served->backoff_ms = served->backoff_ms * 2 < CONNECT_MOST_MS ? served->backoff_ms * 2
                                                                  : CONNECT_MOST_MS;
}

static void close_channel(struct yw_served *served)
{
    yw_due_cancel(yw_loop_due(served->loop), &served->ping_due);
    if (served->ping_sent)
        yw_channel_cancel(&served->ping);
    served->ping_sent = false;
    yw_channel_close(served->channel);
    served->channel = NULL;
    served->greeted = false;
}

static void on_channel_end(void *owner, const struct yw_err *why)
{
    struct yw_served *served = owner;

    close_channel(served);
    if (why->code == YW_EINVAL || why->code == YW_ELIMIT)
        guest_lost(served, why->text);
    served->events.on_cut(served->events.owner, served);
    connect_later(served);
}

static void on_record(void *owner, const struct yw_field_record *record)
{
    struct yw_served *served = owner;
    struct yw_virt_notice notice = {.kind = YW_VIRT_FIELD};

    served->heard = true;
    YW_COPY(notice.uuid, served->uuid);
    notice.output_count = record->count;
    notice.view_count = record->views;
    memcpy(notice.outputs, record->value, record->count * sizeof(double));
    memcpy(notice.views, record->view, record->views * sizeof(double));
    served->events.on_notice(served->events.owner, &notice);
}

static void on_field_end(void *owner, const struct yw_err *why)
{
    struct yw_served *served = owner;

    (void)why;
    yw_field_close(served->field);
    served->field = NULL;
    connect_later(served);
}

/* A descriptor to a port, through a socket here or a stream from there; or negative. */
static int connect_port(const struct yw_served *served, const char *port)
{
    char path[YW_DOMAIN_PATH_MAX];
    int fd = -1, code;

    if (served->root->far) {
        (void)snprintf(path, sizeof(path), "org.yanwu.%s.0", port);
        code = yw_far_port(served->root->far, served->uuid, path, &fd, NULL);
    } else {
        (void)snprintf(path, sizeof(path), "%s/%s.%s", served->root->sockets,
                       served->uuid, port);
        code = yw_stream_connect(path, &fd, NULL);
    }
    return code < 0 ? code : fd;
}

static int ask_agent(void *arg, const char *uuid, const char *command, char **ret_answer,
                     struct yw_err *err)
{
    return yw_host_agent(arg, uuid, command, ret_answer, err);
}

static int ask_running(void *arg, const char *uuid, bool *ret_running, struct yw_err *err)
{
    return yw_host_running(arg, uuid, ret_running, err);
}

static int connect_agent(const struct yw_served *served)
{
    struct yw_foreign foreign = {.ask = served->agent == YW_IMAGE_AGENT_QEMU ? ask_agent
                                                                             : NULL,
                                 .runs = ask_running,
                                 .arg = served->host};
    int fd = -1;

    if (served->agent == YW_IMAGE_AGENT_OWN)
        return connect_port(served, "agent");
    YW_COPY(foreign.uuid, served->uuid);
    YW_COPY(foreign.image, served->image);
    int code = yw_foreign_open(&foreign, &fd, NULL);

    return code < 0 ? code : fd;
}

static void open_channel(struct yw_served *served)
{
    struct yw_channel_events events = {.on_hello = on_hello,
                                       .on_line = on_line,
                                       .on_end = on_channel_end,
                                       .owner = served};
    int fd = connect_agent(served);

    if (fd < 0 ||
        yw_channel_open_fd(&served->channel, served->loop, fd, &events, NULL) < 0)
        served->channel = NULL;
    else
        go(served, &served->ping_due, served->reviving ? 0 : HELLO_MS);
}

static void open_field(struct yw_served *served)
{
    struct yw_field_events events = {
        .on_record = on_record, .on_end = on_field_end, .owner = served};
    int fd = connect_port(served, "field");

    if (fd < 0 || yw_field_open_fd(&served->field, served->loop, fd, &events, NULL) < 0)
        served->field = NULL;
}

static void on_connect(struct yw_due_entry *entry)
{
    struct yw_served *served = entry->arg;

    if (!served->channel)
        open_channel(served);
    if (!served->field && served->has_field)
        open_field(served);
    if (!served->channel || (served->has_field && !served->field))
        connect_later(served);
}

void yw_served_init(struct yw_served *served, struct yw_loop *loop,
                    const struct yw_embed_root *root,
                    const struct yw_served_events *events)
{
    served->loop = loop;
    served->root = root;
    served->events = *events;
    served->connect.run = on_connect;
    served->connect.arg = served;
    served->ping_due.run = on_ping_due;
    served->ping_due.arg = served;
    served->backoff_ms = CONNECT_LEAST_MS;
    /* Numbers go on over the life of a machine, also past a restart of this process. */
    served->next_ping =
        (uint32_t)(yw_clock_wall_us(yw_loop_clock(loop)) / 1000000 % PING_NUMBERS);
}

void yw_served_connect(struct yw_served *served)
{
    served->wanted = true;
    served->backoff_ms = CONNECT_LEAST_MS;
    if (!served->channel || (served->has_field && !served->field))
        go(served, &served->connect, 0);
}

void yw_served_revive(struct yw_served *served)
{
    yw_served_disconnect(served);
    served->reviving = true;
    yw_served_connect(served);
}

void yw_served_disconnect(struct yw_served *served)
{
    served->wanted = false;
    yw_due_cancel(yw_loop_due(served->loop), &served->connect);
    close_channel(served);
    yw_field_close(served->field);
    served->field = NULL;
}

void yw_served_fini(struct yw_served *served)
{
    yw_served_disconnect(served);
}
