/* The core's side of a connection: a child process, restarted when it dies or is silent.
 *
 *   down ──start──► starting ──READY──► up ──ended, or silent for a call──► down
 *                                            (started again with backoff)
 *
 * One on another host is asked every second, and says HELLO before READY; in between
 * it fetches the images that it lacks. Calls made while it is not up wait for it, within
 * their own deadline. */
#include "virt/broker_wire.h"
#include "virt/serve/broker_console.h"

#include "base/log.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "loop/process.h"
#include "loop/stream.h"
#include "virt/image_give.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKOFF_LEAST_MS 100
#define BACKOFF_MOST_MS 5000
#define READY_MS 60000 /* the first start asks QEMU for its capabilities */
/* A broker answers at a call's deadline itself; this long after it, it is held for hung.
 */
#define GRACE_MS 3000
#define PULSE_MS 1000   /* a far one is asked so often … */
#define SILENCE_MS 5000 /* … and is down after so long: lost within ten seconds */
#define PROGRESS_MS 500
#define WHY_MAX 256

struct pending {
    struct pending *next;
    struct broker *broker;
    struct yw_virt_call *call; /* NULL: given back already, only the answer is awaited */
    int64_t id;
    bool sent;
    struct yw_buf message;
    struct yw_due_entry deadline;
    struct yw_due_entry answer; /* gives a failure back in a turn of its own */
    int code;
    struct yw_err err;
};

struct broker {
    struct yw_virt virt;
    struct yw_virt_broker_config config;
    struct yw_loop *loop;
    struct yw_process *process;
    struct yw_stream *stream;
    bool up;
    bool was_up;
    int64_t backoff_ms;
    struct yw_due_entry restart;
    struct yw_due_entry ready; /* deadline of READY */
    struct yw_due_entry pulse; /* of a far one */
    struct yw_due_entry hash;  /* its images */
    int64_t heard_ms;
    int64_t progress_ms;
    struct yw_image_give *images; /* a far one's, while it starts */
    bool failed;                  /* it said why */
    char why[WHY_MAX];            /* it is down, or went down last */
    struct pending *pending;
    int64_t next_id;
    struct yw_broker_consoles consoles;
};

static int start(struct broker *broker, struct yw_err *err);

static int64_t now_ms(const struct broker *broker)
{
    return yw_clock_mono_ms(yw_loop_clock(broker->loop));
}

static void notify(struct broker *broker, enum yw_virt_notice_kind kind, const char *text)
{
    struct yw_virt_notice notice = {.kind = kind};

    YW_COPY(notice.text, text);
    if (broker->virt.on_notice)
        broker->virt.on_notice(broker->virt.owner, &notice);
}

static void forget(struct pending *pending)
{
    struct broker *broker = pending->broker;
    struct pending **link = &broker->pending;

    while (*link != pending)
        link = &(*link)->next;
    *link = pending->next;
    yw_due_cancel(yw_loop_due(broker->loop), &pending->deadline);
    yw_due_cancel(yw_loop_due(broker->loop), &pending->answer);
    yw_buf_fini(&pending->message);
    free(pending);
}

/* Gives the call back; the entry goes too unless its answer is still to come. */
static void give_back(struct pending *pending, int code, const struct yw_err *err,
                      bool keep)
{
    struct yw_virt_call *call = pending->call;
    struct yw_err copy = err ? *err : (struct yw_err){0};

    pending->call = NULL;
    if (!keep)
        forget(pending);
    if (!call)
        return;
    call->impl = NULL;
    call->done(call, code, code < 0 ? &copy : NULL);
}

static void on_answer(struct yw_due_entry *entry)
{
    struct pending *pending = entry->arg;
    struct yw_err err = pending->err;

    give_back(pending, pending->code, &err, false);
}

static void fail_later(struct pending *pending, int code, const char *text)
{
    pending->code =
        yw_err_set(&pending->err, code, "%s: %s",
                   pending->call ? yw_virt_op_name(pending->call->op) : "", text);
    yw_due_add(yw_loop_due(pending->broker->loop), &pending->answer,
               now_ms(pending->broker));
}

static void drop_process(struct broker *broker)
{
    struct yw_due *due = yw_loop_due(broker->loop);

    yw_stream_close(broker->stream);
    yw_process_close(broker->process);
    yw_image_give_close(broker->images);
    broker->stream = NULL;
    broker->process = NULL;
    broker->images = NULL;
    yw_due_cancel(due, &broker->ready);
    yw_due_cancel(due, &broker->pulse);
    yw_due_cancel(due, &broker->hash);
}

/* The process is gone or given up: what it had been asked ends, what waits goes on
 * waiting. */
static void go_down(struct broker *broker, const char *why)
{
    if (!broker->process && !broker->stream)
        return;
    yw_warn("virt", "broker: %s; starting again in %lld ms", why,
            (long long)broker->backoff_ms);
    drop_process(broker);
    if (!broker->failed)
        YW_COPY(broker->why, why);
    yw_due_add(yw_loop_due(broker->loop), &broker->restart,
               now_ms(broker) + broker->backoff_ms);
    broker->backoff_ms = broker->backoff_ms * 2 < BACKOFF_MOST_MS ? broker->backoff_ms * 2
                                                                  : BACKOFF_MOST_MS;
    for (struct pending *at = broker->pending, *next; at; at = next) {
        next = at->next;
        if (!at->call)
            forget(at);
        else if (at->sent)
            fail_later(at, YW_EIO, "the broker ended");
    }
    bool was_up = broker->up;

    broker->up = false;
    yw_broker_consoles_end(&broker->consoles, "the broker ended");
    if (was_up) {
        notify(broker, YW_VIRT_BROKER_DOWN, why);
    }
}

static void on_deadline(struct yw_due_entry *entry)
{
    struct pending *pending = entry->arg;
    struct broker *broker = pending->broker;

    if (!pending->call) {
        go_down(broker, "no answer to a call");
        return;
    }
    struct yw_err err;
    int code = yw_err_set(&err, YW_ETIMEOUT, "%s '%s': no answer in %lld ms%s%s",
                          yw_virt_op_name(pending->call->op),
                          pending->call->machine ? pending->call->machine->domain
                                                 : pending->call->drill,
                          (long long)pending->call->deadline_ms,
                          pending->sent || !broker->why[0] ? "" : "; not connected: ",
                          pending->sent ? "" : broker->why);

    if (pending->sent)
        yw_due_add(yw_loop_due(broker->loop), entry, now_ms(broker) + GRACE_MS);
    give_back(pending, code, &err, pending->sent);
}

static void send_call(struct broker *broker, struct pending *pending)
{
    struct yw_err err;

    pending->sent = true;
    if (yw_stream_send(broker->stream, pending->message.data, pending->message.size,
                       &err) < 0)
        fail_later(pending, YW_EIO, err.text);
    yw_buf_clear(&pending->message);
}

static void on_ready(struct broker *broker)
{
    broker->up = true;
    broker->backoff_ms = BACKOFF_LEAST_MS;
    broker->why[0] = '\0';
    yw_image_give_close(broker->images);
    broker->images = NULL;
    yw_due_cancel(yw_loop_due(broker->loop), &broker->ready);
    if (broker->config.run_count > 0)
        yw_due_add(yw_loop_due(broker->loop), &broker->pulse, now_ms(broker) + PULSE_MS);
    for (struct pending *at = broker->pending; at; at = at->next) {
        if (!at->sent && at->call)
            send_call(broker, at);
    }
    if (broker->was_up)
        notify(broker, YW_VIRT_BROKER_UP, "");
    broker->was_up = true;
}

/* ---- a broker on another host ---- */

static int send_buf(struct broker *broker, struct yw_buf *message, struct yw_err *err)
{
    int code = yw_stream_send(broker->stream, message->data, message->size, err);

    yw_buf_fini(message);
    return code;
}

static void on_pulse(struct yw_due_entry *entry)
{
    struct broker *broker = entry->arg;
    struct yw_buf message;
    struct yw_err err;

    int64_t silent_ms = now_ms(broker) - broker->heard_ms;

    if (silent_ms > SILENCE_MS) {
        char why[64];

        (void)snprintf(why, sizeof(why), "the host is silent: last heard %lld ms ago",
                       (long long)silent_ms);
        go_down(broker, why);
        return;
    }
    yw_buf_init(&message, 16);
    yw_pack_u8(&message, YW_BROKER_PING);
    if (send_buf(broker, &message, &err) < 0)
        go_down(broker, err.text);
    else
        yw_due_add(yw_loop_due(broker->loop), entry, now_ms(broker) + PULSE_MS);
}

static void on_hash(struct yw_due_entry *entry)
{
    struct broker *broker = entry->arg;
    struct yw_buf message;
    struct yw_err err;
    int status = yw_image_give_step(broker->images, &err);

    if (status == 0) {
        /* Not in this turn: others have something to do as well. */
        yw_due_add(yw_loop_due(broker->loop), entry, now_ms(broker) + 1);
        return;
    }
    yw_buf_init(&message, YW_BROKER_MESSAGE_MAX);
    if (status > 0)
        yw_image_give_offer(broker->images, &message);
    if (status < 0 || send_buf(broker, &message, &err) < 0)
        go_down(broker, err.text);
}

static void on_hello(struct broker *broker, struct yw_unpack *in)
{
    struct yw_err err;
    int code = yw_broker_unpack_build(in, &err);

    if (code == 0 && (broker->config.run_count == 0 || broker->images))
        code = yw_err_set(&err, YW_EINVAL, "malformed message");
    if (code == 0)
        code = yw_image_give_open(&broker->images, broker->config.images_dir, &err);
    if (code < 0)
        go_down(broker, err.text);
    else
        yw_due_add(yw_loop_due(broker->loop), &broker->hash, now_ms(broker));
}

static void tell_progress(struct broker *broker)
{
    int64_t all = 0, given = yw_image_given(broker->images, &all);
    char text[96];

    if (given < all && now_ms(broker) - broker->progress_ms < PROGRESS_MS)
        return;
    broker->progress_ms = now_ms(broker);
    (void)snprintf(text, sizeof(text), "images: %lld of %lld KiB sent",
                   (long long)given / 1024, (long long)all / 1024);
    notify(broker, YW_VIRT_PROGRESS, text);
}

static void on_want(struct broker *broker, struct yw_unpack *in)
{
    struct yw_buf message;
    struct yw_err err;

    yw_buf_init(&message, YW_BROKER_MESSAGE_MAX);
    int code = broker->images ? yw_image_give_piece(broker->images, in, &message, &err)
                              : yw_err_set(&err, YW_EINVAL, "malformed message");

    if (code == 0)
        code = yw_stream_send(broker->stream, message.data, message.size, &err);
    yw_buf_fini(&message);
    if (code < 0) {
        go_down(broker, err.text);
        return;
    }
    yw_due_add(yw_loop_due(broker->loop), &broker->ready, now_ms(broker) + READY_MS);
    tell_progress(broker);
}

static void on_failed(struct broker *broker, struct yw_unpack *in)
{
    yw_unpack_str(in, broker->why, sizeof(broker->why));
    broker->failed = true;
    go_down(broker, broker->why);
    broker->failed = false;
}

static int on_result(struct broker *broker, struct yw_unpack *in)
{
    int64_t id = yw_unpack_i64(in);
    struct pending *pending = broker->pending;
    struct yw_err err = {0};
    int code = 0;

    while (pending && pending->id != id)
        pending = pending->next;
    if (!pending)
        return in->failed ? YW_EINVAL : 0;
    if (!pending->call) {
        forget(pending);
        return 0;
    }
    if (yw_broker_unpack_result(in, pending->call, &code, &err) < 0)
        return YW_EINVAL;
    give_back(pending, code, &err, false);
    return 0;
}

static void on_message(void *owner, const void *bytes, size_t size)
{
    struct broker *broker = owner;
    struct yw_virt_notice notice = {0};
    struct yw_unpack in;
    struct yw_err err;
    int code = 0;

    broker->heard_ms = now_ms(broker);
    yw_unpack_init(&in, bytes, size);
    uint8_t type = yw_unpack_u8(&in);

    switch ((enum yw_broker_message)type) {
    case YW_BROKER_READY:
        if (yw_broker_unpack_build(&in, &err) < 0)
            go_down(broker, err.text);
        else
            on_ready(broker);
        break;
    case YW_BROKER_HELLO:
        on_hello(broker, &in);
        break;
    case YW_BROKER_IMAGE_WANT:
        on_want(broker, &in);
        break;
    case YW_BROKER_FAILED:
        on_failed(broker, &in);
        break;
    case YW_BROKER_PONG:
        break;
    case YW_BROKER_RESULT:
        code = on_result(broker, &in);
        break;
    case YW_BROKER_NOTICE:
        code = yw_broker_unpack_notice(&in, &notice);
        if (code == 0 && !broker->up) /* images are on their way */
            yw_due_add(yw_loop_due(broker->loop), &broker->ready,
                       now_ms(broker) + READY_MS);
        if (code == 0 && broker->virt.on_notice)
            broker->virt.on_notice(broker->virt.owner, &notice);
        break;
    case YW_BROKER_CONSOLE_DATA:
    case YW_BROKER_CONSOLE_TOOK:
    case YW_BROKER_CONSOLE_END:
        code = yw_broker_console_message(&broker->consoles, (enum yw_broker_message)type,
                                         &in);
        break;
    case YW_BROKER_CALL:
    case YW_BROKER_CANCEL:
    case YW_BROKER_FIELD:
    case YW_BROKER_IMAGE_HAVE:
    case YW_BROKER_IMAGE_PUT:
    case YW_BROKER_PING:
    case YW_BROKER_CONSOLE_OPEN:
    case YW_BROKER_CONSOLE_CLOSE:
    default:
        code = YW_EINVAL;
        break;
    }
    if (code < 0)
        go_down(broker, "malformed message");
}

static void on_end(void *owner, const struct yw_err *why)
{
    go_down(owner, why->text);
}

static void on_exit_process(void *owner, int status, int term_signal)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "exit %d, signal %d", status, term_signal);
    go_down(owner, text);
}

static void on_restart(struct yw_due_entry *entry)
{
    struct broker *broker = entry->arg;
    struct yw_err err;

    if (start(broker, &err) < 0) {
        yw_error("virt", "broker: %s", err.text);
        yw_due_add(yw_loop_due(broker->loop), entry, now_ms(broker) + BACKOFF_MOST_MS);
    }
}

static void on_not_ready(struct yw_due_entry *entry)
{
    go_down(entry->arg, "not ready in time");
}

void yw_virt_broker_command(const struct yw_virt_broker_config *config,
                            struct yw_virt_broker_command *ret)
{
    size_t argc = 0;

    (void)snprintf(ret->boots, sizeof(ret->boots), "%d", config->boots_at_once);
    for (size_t i = 0; i < config->run_count; i++)
        ret->argv[argc++] = config->run[i];
    if (config->run_count == 0)
        ret->argv[argc++] = config->program;
    ret->argv[argc++] = "broker";
    ret->argv[argc++] = config->run_count > 0 ? "--stdio" : config->uri;
    ret->argv[argc++] = config->data_dir;
    if (config->run_count == 0)
        ret->argv[argc++] = config->images_dir;
    ret->argv[argc++] = ret->boots;
    ret->argv[argc] = NULL;
}

static int start_child(struct broker *broker, int fd, struct yw_err *err)
{
    struct yw_virt_broker_command command;
    struct yw_process_spec spec = {
        .argv = command.argv,
        .control_fd = fd,
        .control_is_stdio = broker->config.run_count > 0,
        .output_fd = -1,
        .keep_stderr = true,
        .new_session = true, /* Ctrl-C is for the core: the broker ends with its socket */
        .on_exit = on_exit_process,
        .owner = broker,
    };

    yw_virt_broker_command(&broker->config, &command);
    return yw_process_start(&broker->process, broker->loop, &spec, err);
}

/* A connected descriptor to a new broker process, or a negative code. */
static int connect_child(struct broker *broker, struct yw_err *err)
{
    int pair[2];

    if (broker->config.spawn) {
        int fd = -1;
        int code = broker->config.spawn(broker->config.spawn_arg, &fd, err);

        return code < 0 ? code : fd;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return yw_err_errno(err, YW_EIO, errno, "socket pair");
    int code = start_child(broker, pair[1], err);

    (void)close(pair[1]);
    if (code < 0)
        (void)close(pair[0]);
    return code < 0 ? code : pair[0];
}

static int start(struct broker *broker, struct yw_err *err)
{
    struct yw_stream_events events = {
        .on_message = on_message, .on_end = on_end, .owner = broker};
    int fd = connect_child(broker, err);

    if (fd < 0)
        return yw_err_prefix(err, "start broker");
    int code = yw_stream_open(&broker->stream, broker->loop, fd, YW_BROKER_MESSAGE_MAX,
                              YW_BROKER_QUEUE_MAX, &events, err);

    if (code < 0) {
        yw_process_close(broker->process);
        broker->process = NULL;
        broker->stream = NULL;
        return yw_err_prefix(err, "start broker");
    }
    yw_due_add(yw_loop_due(broker->loop), &broker->ready, now_ms(broker) + READY_MS);
    return 0;
}

static int broker_call(struct yw_virt *virt, struct yw_virt_call *call,
                       struct yw_err *err)
{
    struct broker *broker = (struct broker *)virt;
    struct pending *pending = yw_new(sizeof(*pending));

    if (call->file.size > yw_virt_piece_max(call->op) ||
        call->setting_count > YW_VIRT_SETTINGS_MAX || call->argc > YW_SPEC_ARGS_MAX ||
        call->machine_count > YW_VIRT_GROUP_MAX) {
        free(pending);
        return yw_err_set(err, YW_ELIMIT,
                          "%s: file, settings, arguments or machines above the limit",
                          yw_virt_op_name(call->op));
    }
    call->found = NULL;
    call->found_count = 0;
    call->ret_how = YW_VIRT_HOW_ANY;
    call->why[0] = '\0';
    call->ret_bytes = NULL;
    call->ret_size = 0;
    call->impl = pending;
    pending->broker = broker;
    pending->call = call;
    pending->id = ++broker->next_id;
    pending->next = broker->pending;
    broker->pending = pending;
    pending->deadline.run = on_deadline;
    pending->deadline.arg = pending;
    pending->answer.run = on_answer;
    pending->answer.arg = pending;
    yw_buf_init(&pending->message, YW_BROKER_MESSAGE_MAX);
    yw_broker_pack_call(&pending->message, pending->id, call);
    yw_due_add(yw_loop_due(broker->loop), &pending->deadline,
               now_ms(broker) + call->deadline_ms);
    if (broker->up)
        send_call(broker, pending);
    return 0;
}

static void broker_cancel(struct yw_virt *virt, struct yw_virt_call *call)
{
    struct broker *broker = (struct broker *)virt;
    struct pending *pending = call->impl;

    if (!pending || pending->call != call)
        return;
    if (pending->sent && broker->up) {
        struct yw_buf message;

        yw_buf_init(&message, 64);
        yw_pack_u8(&message, YW_BROKER_CANCEL);
        yw_pack_i64(&message, pending->id);
        (void)yw_stream_send(broker->stream, message.data, message.size, NULL);
        yw_buf_fini(&message);
    }
    fail_later(pending, YW_ECANCELED, "cancelled");
}

static void broker_field(struct yw_virt *virt, const char *uuid, const double *values,
                         size_t count)
{
    struct broker *broker = (struct broker *)virt;
    struct yw_buf message;

    if (!broker->up)
        return;
    yw_buf_init(&message, 512);
    yw_broker_pack_field(&message, uuid, values, count);
    (void)yw_stream_send(broker->stream, message.data, message.size, NULL);
    yw_buf_fini(&message);
}

static struct yw_stream *stream_of(const struct broker *broker)
{
    return broker->up ? broker->stream : NULL;
}

static int console_open(struct yw_virt *virt, struct yw_virt_console *console,
                        struct yw_err *err)
{
    struct broker *broker = (struct broker *)virt;

    return yw_broker_console_open(&broker->consoles, stream_of(broker), console, err);
}

static void console_send(struct yw_virt *virt, struct yw_virt_console *console,
                         const void *bytes, size_t size)
{
    yw_broker_console_send(((struct broker *)virt)->stream, console, bytes, size);
}

static void console_took(struct yw_virt *virt, struct yw_virt_console *console,
                         size_t size)
{
    yw_broker_console_took(((struct broker *)virt)->stream, console, size);
}

static void console_close(struct yw_virt *virt, struct yw_virt_console *console)
{
    struct broker *broker = (struct broker *)virt;

    yw_broker_console_close(&broker->consoles, stream_of(broker), console);
}

static void broker_close(struct yw_virt *virt)
{
    struct broker *broker = (struct broker *)virt;

    while (broker->pending)
        forget(broker->pending); // NOLINT(clang-analyzer-unix.Malloc): unlinks the first
    yw_broker_consoles_drop(&broker->consoles);
    yw_due_cancel(yw_loop_due(broker->loop), &broker->restart);
    drop_process(broker);
    free(broker);
}

static const struct yw_virt_ops broker_ops = {
    .call = broker_call,
    .cancel = broker_cancel,
    .field = broker_field,
    .close = broker_close,
    .console_open = console_open,
    .console_send = console_send,
    .console_took = console_took,
    .console_close = console_close,
};

static int check_images(const struct yw_virt_broker_config *config, struct yw_err *err)
{
    for (size_t i = 0; i < YW_SPEC_MICRO_NEEDED; i++) {
        char path[sizeof(config->images_dir) + 16];

        (void)snprintf(path, sizeof(path), "%s/%s", config->images_dir,
                       yw_spec_micro_file(i));
        if (access(path, R_OK) < 0) {
            (void)yw_err_errno(err, YW_ENOTFOUND, errno, path);
            (void)yw_err_prefix(err, "machine images");
            return YW_ENOTFOUND;
        }
    }
    return 0;
}

static int check_far(const struct yw_virt_broker_config *config, struct yw_err *err)
{
    if (config->uri[0] != '\0')
        return yw_err_set(err, YW_EINVAL,
                          "a host has either `run` (a broker there) or `uri` (a libvirt "
                          "daemon there), not both");
    /* ssh joins its words with blanks and a shell takes them apart again. */
    if (config->data_dir[0] != '/' || strpbrk(config->data_dir, " \t'\"\\$`;&|<>()*?"))
        return yw_err_set(err, YW_EINVAL,
                          "data directory '%s' of a far host: an absolute path of plain "
                          "characters is needed",
                          config->data_dir);
    return check_images(config, err);
}

/* Said here, where someone reads it, and not by a process that starts again and again. */
int yw_virt_check_host(const struct yw_virt_broker_config *config, struct yw_err *err)
{
    if (config->run_count > 0)
        return check_far(config, err);
    if (config->uri[0] == '\0' && geteuid() != 0)
        return yw_err_set(err, YW_EINVAL,
                          "real machines need root; start it as root, or play without "
                          "machines with --connect fake:");
    if (config->uri[0] == '\0' && access("/dev/net/tun", R_OK | W_OK) < 0)
        return yw_err_set(err, YW_EINVAL,
                          "real machines need /dev/net/tun, and this host has none (%s); "
                          "play without machines with --connect fake:",
                          strerror(errno));
    return check_images(config, err);
}

int yw_virt_open_broker(struct yw_virt **ret, struct yw_loop *loop,
                        const struct yw_virt_broker_config *config, struct yw_err *err)
{
    int checked =
        config->spawn && config->run_count == 0 ? 0 : yw_virt_check_host(config, err);

    if (checked < 0)
        return checked;
    struct broker *broker = yw_new(sizeof(*broker));

    broker->virt.ops = &broker_ops;
    broker->config = *config;
    broker->loop = loop;
    broker->backoff_ms = BACKOFF_LEAST_MS;
    broker->restart.run = on_restart;
    broker->restart.arg = broker;
    broker->ready.run = on_not_ready;
    broker->ready.arg = broker;
    broker->pulse.run = on_pulse;
    broker->pulse.arg = broker;
    broker->hash.run = on_hash;
    broker->hash.arg = broker;
    int code = start(broker, err);

    if (code < 0) {
        free(broker);
        return code;
    }
    *ret = &broker->virt;
    return 0;
}
