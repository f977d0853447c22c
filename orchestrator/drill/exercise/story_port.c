#include "drill/exercise/story_port.h"

#include "base/log.h"
#include "base/mem.h"
#include "loop/stream.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct ask { /* one request in line */
    struct yw_buf bytes;
    int64_t deadline_ms; /* span */
    int co;
};

struct yw_story_port {
    struct yw_loop *loop; /* NULL: exchange at once */
    struct yw_due *due;
    const struct yw_clock *clock;
    struct yw_story_port_events events;
    pid_t pid;
    int fd;
    struct yw_stream *stream;
    struct ask *line;
    size_t line_count;
    bool under_way;                     /* line[0] was sent */
    struct yw_script_patience patience; /* with it */
    struct yw_due_entry entry;          /* deadline of line[0], or delivery of `reply` */
    struct yw_script_reply reply;
    struct yw_err why;
    bool ended;
};

static void advance(struct yw_story_port *port);

static void drop_first(struct yw_story_port *port)
{
    yw_buf_fini(&port->line[0].bytes);
    for (size_t i = 1; i < port->line_count; i++) {
        port->line[i - 1] = port->line[i];
    }
    port->line_count--;
    port->under_way = false;
}

static void end(struct yw_story_port *port, const struct yw_err *why)
{
    if (!port->ended) {
        port->ended = true;
        yw_due_cancel(port->due, &port->entry);
        struct yw_err copy = *why;
        port->events.on_end(port->events.owner, &copy);
    }
}

static void on_message(void *owner, const void *bytes, size_t size)
{
    struct yw_story_port *port = owner;
    struct yw_err err = {0};
    struct yw_script_reply *reply = yw_new(sizeof *reply);
    if (!port->under_way) {
        (void)yw_err_set(&err, YW_EIO, "script host: spoke without being asked");
        free(reply);
        end(port, &err);
        return;
    }
    if (yw_script_reply_unpack(reply, bytes, size, &err) != 0) {
        free(reply);
        end(port, &err);
        return;
    }
    yw_due_cancel(port->due, &port->entry);
    int co = port->line[0].co;
    drop_first(port);
    advance(port);
    port->events.on_reply(port->events.owner, co, reply);
    yw_script_reply_fini(reply);
    free(reply);
}

static void on_stream_end(void *owner, const struct yw_err *why)
{
    struct yw_story_port *port = owner;
    struct yw_err err = {0};
    (void)yw_err_set(&err, YW_EIO, "script host ended: %s",
                     why != NULL ? why->text : "closed");
    end(port, &err);
}

static void on_deadline(struct yw_due_entry *entry)
{
    struct yw_story_port *port = entry->arg;
    struct yw_err err = {0};
    int64_t left_ms = yw_script_patience_left_ms(&port->patience);
    if (left_ms > 0) {
        yw_due_add(port->due, entry, yw_clock_mono_ms(port->clock) + left_ms);
        return;
    }
    (void)yw_err_set(&err, YW_ETIMEOUT,
                     "the script is still running after %lld ms; it was stopped",
                     (long long)port->line[0].deadline_ms);
    end(port, &err);
}

/* In a simulation: the reply was fetched in exchange(); hand it over. */
static void on_deliver(struct yw_due_entry *entry)
{
    struct yw_story_port *port = entry->arg;
    if (port->why.code != 0) {
        end(port, &port->why);
        return;
    }
    struct yw_script_reply *reply = yw_new(sizeof *reply);
    *reply = port->reply;
    port->reply.spec = NULL;
    int co = port->line[0].co;
    drop_first(port);
    advance(port);
    port->events.on_reply(port->events.owner, co, reply);
    yw_script_reply_fini(reply);
    free(reply);
}

static void advance(struct yw_story_port *port)
{
    if (port->under_way || port->line_count == 0 || port->ended) {
        return;
    }
    port->under_way = true;
    struct ask *ask = &port->line[0];
    port->entry.arg = port;
    if (port->loop == NULL) {
        port->why.code = 0;
        (void)yw_script_exchange_packed(port->pid, port->fd, ask->bytes.data,
                                        ask->bytes.size, &port->reply, ask->deadline_ms,
                                        &port->why);
        port->entry.run = on_deliver;
        yw_due_add(port->due, &port->entry, yw_clock_mono_ms(port->clock));
        return;
    }
    struct yw_err err = {0};
    yw_script_patience_start(&port->patience, port->pid, ask->deadline_ms);
    port->entry.run = on_deadline;
    yw_due_add(port->due, &port->entry, yw_clock_mono_ms(port->clock) + ask->deadline_ms);
    if (yw_stream_send(port->stream, ask->bytes.data, ask->bytes.size, &err) != 0) {
        yw_warn("drill", "script host: %s", err.text);
    }
}

int yw_story_port_open(struct yw_story_port **ret, struct yw_loop *loop,
                       struct yw_due *due, const struct yw_clock *clock,
                       const char *program, const struct yw_story_port_events *events,
                       struct yw_err *err)
{
    struct yw_story_port *port = yw_new(sizeof *port);
    port->loop = loop;
    port->due = due;
    port->clock = clock;
    port->events = *events;
    port->line = yw_new_array(YW_SCRIPT_CO_MAX + 1, sizeof *port->line);
    int code = yw_script_spawn(program, &port->pid, &port->fd, err);
    if (code != 0) {
        free(port->line);
        free(port);
        return code;
    }
    if (loop != NULL) {
        struct yw_stream_events stream = {
            .on_message = on_message, .on_end = on_stream_end, .owner = port};
        int fd = port->fd;
        port->fd = -1;
        code = yw_stream_open(&port->stream, loop, fd, YW_SCRIPT_MESSAGE_MAX,
                              (size_t)2 * YW_SCRIPT_MESSAGE_MAX, &stream, err);
        if (code != 0) {
            yw_story_port_close(port);
            return code;
        }
    }
    *ret = port;
    return 0;
}

int yw_story_port_ask(struct yw_story_port *port, const struct yw_script_request *request,
                      struct yw_err *err)
{
    if (port->ended) {
        return yw_err_set(err, YW_EIO, "script host has ended");
    }
    if (port->line_count == YW_SCRIPT_CO_MAX + 1) {
        return yw_err_set(err, YW_ELIMIT, "script host: too many requests in line");
    }
    struct ask *ask = &port->line[port->line_count];
    yw_buf_init(&ask->bytes, YW_SCRIPT_MESSAGE_MAX);
    ask->co = request->ask == YW_SCRIPT_LOAD ? -1 : request->co;
    ask->deadline_ms =
        request->ask == YW_SCRIPT_LOAD ? YW_SCRIPT_LOAD_MS : YW_SCRIPT_RESUME_MS;
    yw_script_request_pack(&ask->bytes, request);
    if (ask->bytes.overflow) {
        yw_buf_fini(&ask->bytes);
        return yw_err_set(err, YW_ELIMIT, "scenario: more than %d bytes",
                          YW_SCRIPT_MESSAGE_MAX);
    }
    port->line_count++;
    advance(port);
    return 0;
}

void yw_story_port_kill(struct yw_story_port *port)
{
    (void)kill(port->pid, SIGKILL);
    if (port->loop == NULL && !port->ended) {
        (void)yw_err_set(&port->why, YW_EIO, "script host ended: killed");
        port->entry.run = on_deliver;
        port->entry.arg = port;
        port->under_way = true;
        yw_due_add(port->due, &port->entry, yw_clock_mono_ms(port->clock));
    }
}

void yw_story_port_close(struct yw_story_port *port)
{
    if (port == NULL) {
        return;
    }
    port->ended = true;
    yw_due_cancel(port->due, &port->entry);
    yw_script_reply_fini(&port->reply);
    while (port->line_count > 0) {
        drop_first(port);
    }
    yw_stream_close(port->stream);
    yw_script_end(port->pid, port->fd);
    free(port->line);
    free(port);
}
