/* The client's side of a console: libwebsockets on a context of its own, with the person's
 * terminal in the same poll loop. */
#include "net/client_inside.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "loop/stream.h"
#include "net/console.h"
#include "net/stream.h"

#include <fcntl.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUIET_MS 1000 /* after the end of the input: nothing more comes */
#define CLOSE_STEPS 4
#define FIRST_MAX 256
#define TYPED_MAX (128 * 1024) /* one read of the terminal */

struct talk {
    const struct yw_client *client;
    const struct yw_client_console *console;
    struct lws_context *context;
    struct lws *wsi; /* the console */
    struct yw_loop *loop;
    struct yw_stream *keys;    /* the terminal */
    struct yw_due_entry quiet; /* after the end of the input */
    struct yw_buf typed;       /* not yet on its way */
    bool greeted, seated, asked;
    bool left;   /* the person, or his input */
    bool closed; /* the other side */
    unsigned close_code;
    char why[128];
};

static void end(struct talk *talk)
{
    yw_loop_stop(talk->loop);
}

static int send_text(struct lws *wsi, const char *text)
{
    unsigned char room[LWS_PRE + FIRST_MAX];
    size_t size = strlen(text);
    memcpy(room + LWS_PRE, text, size);
    return lws_write(wsi, room + LWS_PRE, size, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

static int write_more(struct lws *wsi, struct talk *talk)
{
    unsigned char room[LWS_PRE + YW_CONSOLE_READ_MAX];
    if (!talk->greeted) {
        char first[FIRST_MAX];
        talk->greeted = true;
        (void)snprintf(first, sizeof(first), "{\"mode\":\"%s\",\"token\":\"%s\"}",
                       talk->console->view ? "view" : "type", talk->client->token);
        return send_text(wsi, first);
    }
    size_t size =
        talk->typed.size < YW_CONSOLE_READ_MAX ? talk->typed.size : YW_CONSOLE_READ_MAX;
    if (size == 0 || !talk->seated)
        return 0;
    memcpy(room + LWS_PRE, talk->typed.data, size);
    yw_buf_drop(&talk->typed, size);
    if (talk->typed.size > 0)
        lws_callback_on_writable(wsi);
    else if (talk->keys)
        yw_stream_hold(talk->keys, false);
    return lws_write(wsi, room + LWS_PRE, size, LWS_WRITE_BINARY) < 0 ? -1 : 0;
}

static void rest(struct talk *talk)
{
    yw_due_add(yw_loop_due(talk->loop), &talk->quiet,
               yw_clock_mono_ms(yw_loop_clock(talk->loop)) + QUIET_MS);
}

static int take_frame(struct lws *wsi, struct talk *talk, const char *bytes, size_t size)
{
    const struct yw_client_console *console = talk->console;
    if (yw_due_queued(&talk->quiet))
        rest(talk);
    if (lws_frame_is_binary(wsi)) {
        console->on_bytes(console->owner, bytes, size);
        return 0;
    }
    console->on_text(console->owner, bytes, size);
    talk->seated = true;
    lws_callback_on_writable(wsi);
    if (!console->take || talk->asked)
        return 0;
    talk->asked = true;
    return send_text(wsi, "{\"type\":\"take\"}");
}

static int console_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                            void *in, size_t size)
{
    struct talk *talk = lws_context_user(lws_get_context(wsi));
    (void)user;
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        (void)snprintf(talk->why, sizeof(talk->why), "%.100s",
                       in ? (const char *)in : "cannot connect");
        talk->closed = true;
        end(talk);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return write_more(wsi, talk);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return take_frame(wsi, talk, in, size);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        if (size >= 2) {
            const unsigned char *at = in;
            talk->close_code = (unsigned)(at[0] << 8 | at[1]);
            (void)snprintf(talk->why, sizeof(talk->why), "%.*s", (int)size - 2,
                           (const char *)in + 2);
        }
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        talk->closed = true;
        end(talk);
        return 0;
    default:
        return 0;
    }
}

static void on_keys(void *owner, const void *bytes, size_t size)
{
    struct talk *talk = owner;
    long kept = talk->console->on_keys(talk->console->owner, bytes, size);
    if (kept < 0) {
        talk->left = true;
        end(talk);
        return;
    }
    yw_buf_put(&talk->typed, bytes, (size_t)kept);
    if (kept > 0) { /* the next when these are on their way */
        yw_stream_hold(talk->keys, true);
        lws_callback_on_writable(talk->wsi);
    }
}

static void on_quiet(struct yw_due_entry *entry)
{
    end(entry->arg);
}

static void on_keys_end(void *owner, const struct yw_err *why)
{
    struct talk *talk = owner;
    (void)why;
    talk->left = true; /* it ends well, unless the other side is first */
    rest(talk);
}

static const struct lws_protocols console_protocol = {
    .name = YW_CONSOLE_PROTOCOL, .callback = console_callback, .rx_buffer_size = 65536};
static const struct lws_protocols *const protocols[] = {&console_protocol, NULL};

static int start(struct talk *talk, struct yw_err *err)
{
    const struct yw_client *client = talk->client;
    struct lws_client_connect_info info;
    memset(&info, 0, sizeof(info));
    info.context = talk->context;
    info.address = client->host;
    info.host = client->authority;
    info.port = client->port;
    info.path = talk->console->path;
    info.protocol = YW_CONSOLE_PROTOCOL;
    info.local_protocol_name = YW_CONSOLE_PROTOCOL;
    info.pwsi = &talk->wsi;
    info.alpn = "http/1.1";
    if (client->tls)
        info.ssl_connection = LCCSCF_USE_SSL;
    if (client->tls && client->local)
        info.ssl_connection |=
            LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
    if (!lws_client_connect_via_info(&info) && !talk->closed)
        return yw_err_set(err, YW_EIO, "%s: cannot connect", client->authority);
    return 0;
}

/* What cannot be waited for, a file or nothing, is there at once. */
static void take_file(struct talk *talk)
{
    char *bytes = yw_new(TYPED_MAX);
    size_t size = 0;
    ssize_t got = 1;
    while (size < TYPED_MAX && got > 0) {
        got = read(talk->console->in_fd, bytes + size, TYPED_MAX - size);
        size += got > 0 ? (size_t)got : 0;
    }
    yw_buf_put(&talk->typed, bytes, size);
    free(bytes);
}

static void open_keys(struct talk *talk)
{
    struct yw_stream_events events = {
        .on_bytes = on_keys, .on_end = on_keys_end, .owner = talk};
    int fd = dup(talk->console->in_fd);
    struct yw_err err;
    if (fd >= 0 && yw_stream_open_raw(&talk->keys, talk->loop, fd, 1, &events, &err) == 0)
        return;
    take_file(talk);
    on_keys_end(talk, &err);
}

/* As the daemon's own (net.c): the library ends in several steps. */
static void close_context(struct talk *talk)
{
    yw_due_cancel(yw_loop_due(talk->loop), &talk->quiet);
    for (int i = 0; talk->context && i < CLOSE_STEPS; i++) {
        lws_context_destroy(talk->context);
        for (int turn = 0; turn < CLOSE_STEPS; turn++)
            yw_loop_turn(talk->loop, 0);
    }
    yw_stream_close(talk->keys);
    for (int turn = 0; turn < CLOSE_STEPS; turn++)
        yw_loop_turn(talk->loop, 0);
    yw_loop_close(talk->loop);
}

static int open_context(struct talk *talk, struct yw_err *err)
{
    struct lws_context_creation_info info;
    int code = yw_loop_open(&talk->loop, err);
    if (code < 0)
        return code;
    void *loops[1] = {yw_loop_uv(talk->loop)};
    memset(&info, 0, sizeof(info));
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.pprotocols = (const struct lws_protocols **)(uintptr_t)protocols;
    info.options = LWS_SERVER_OPTION_LIBUV |
                   (talk->client->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0);
    info.foreign_loops = loops;
    info.count_threads = 1;
    info.fd_limit_per_thread = 32;
    info.user = talk;
    info.pcontext = &talk->context;
    talk->context = lws_create_context(&info);
    return talk->context ? 0
                         : yw_err_set(err, YW_EIO,
                                      "libwebsockets does not start: is the package "
                                      "libwebsockets-evlib-uv installed?");
}

int yw_client_console(struct yw_client *client, const struct yw_client_console *console,
                      struct yw_err *err)
{
    struct talk *talk = yw_new(sizeof(*talk));
    int flags = fcntl(console->in_fd, F_GETFL); /* the terminal is shared with a shell */
    talk->client = client;
    talk->console = console;
    talk->quiet.run = on_quiet;
    talk->quiet.arg = talk;
    yw_buf_init(&talk->typed, TYPED_MAX);
    int code = open_context(talk, err);
    if (code == 0)
        code = start(talk, err);
    if (code == 0) {
        open_keys(talk);
        yw_loop_run(talk->loop);
    }
    bool left = talk->left && !talk->closed;
    if (talk->loop)
        close_context(talk);
    if (flags >= 0)
        (void)fcntl(console->in_fd, F_SETFL, flags);
    if (code == 0 && !left)
        code =
            yw_err_set(err,
                       talk->close_code == YW_CLOSE_DENIED     ? YW_EDENIED
                       : talk->close_code == YW_CLOSE_NO_DRILL ? YW_ENOTFOUND
                                                               : YW_EIO,
                       "console: %s", talk->why[0] ? talk->why : "the connection ended");
    yw_buf_fini(&talk->typed);
    free(talk);
    return code;
}
