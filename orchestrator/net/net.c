#include "net/net.h"

#include "base/log.h"
#include "base/mem.h"
#include "codec/technique.h"
#include "net/console.h"
#include "net/door.h"
#include "net/guard.h"
#include "net/offload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND_S 5 /* silent, half-sent and dripping requests are gone after this */
#define OWN_FILES_MAX 1024
#define CLOSE_STEPS_MAX 4
#define CLOSE_TURNS 4

/* What libwebsockets keeps per connection: one of the three. */
struct slot {
    struct yw_exchange *exchange;
    struct yw_viewer *viewer;
    struct yw_sitter *sitter;
};

static struct yw_net *net_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* The answer to a refused handshake. The library would say HTTP/1.0 at this point. */
static int refuse_upgrade(struct lws *wsi, int status, const struct yw_err *err)
{
    yw_info("net", "handshake refused: %s", err->text);
    char head[LWS_PRE + 256], *text = head + LWS_PRE;
    int size = snprintf(
        text, sizeof(head) - LWS_PRE,
        "HTTP/1.1 %d Refused\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n", status,
        status == 426 ? "Sec-WebSocket-Version: 13\r\n" : "");
    (void)lws_write(wsi, (unsigned char *)text, (size_t)size, LWS_WRITE_HTTP_HEADERS);
    return -1;
}

static int on_accepted(struct lws *wsi)
{
    struct yw_net *net = net_of(wsi);
    char address[64];
    yw_rate_address((int)lws_get_socket_fd(wsi), address);
    struct yw_rate_entry *entry = yw_rate_connect(&net->rate, address);
    lws_set_opaque_user_data(wsi, entry);
    return entry ? 0 : -1;
}

static void on_gone(struct lws *wsi)
{
    yw_rate_disconnect(&net_of(wsi)->rate, lws_get_opaque_user_data(wsi));
    lws_set_opaque_user_data(wsi, NULL);
}

static int on_request(struct lws *wsi, struct slot *slot, const char *uri)
{
    yw_exchange_free(slot->exchange);
    slot->exchange = yw_exchange_new(net_of(wsi), wsi, uri);
    return slot->exchange ? 0 : -1;
}

static int on_writeable(struct lws *wsi, struct slot *slot)
{
    if (!slot->exchange)
        return 0;
    int result = yw_exchange_write(slot->exchange);
    if (result <= 0)
        return result;
    bool close_after = slot->exchange->close_after;
    yw_exchange_free(slot->exchange);
    slot->exchange = NULL;
    return close_after || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_confirm_upgrade(const char *protocol)
{
    /* "h2c" would lead into an HTTP/2 parser that has known holes. */
    return protocol && strcasecmp(protocol, "websocket") == 0 ? 0 : -1;
}

static int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                         void *in, size_t size)
{
    struct slot *slot = user;
    switch ((int)reason) {
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return on_accepted(wsi);
    case LWS_CALLBACK_WSI_DESTROY:
        on_gone(wsi);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_confirm_upgrade(in);
    case LWS_CALLBACK_RAW_ADOPT:
    case LWS_CALLBACK_RAW_CONNECTED:
    case LWS_CALLBACK_RAW_RX:
        return -1; /* CONNECT turns a connection raw */
    case LWS_CALLBACK_HTTP:
        return on_request(wsi, slot, in);
    case LWS_CALLBACK_HTTP_BODY:
        return slot->exchange ? yw_exchange_body(slot->exchange, in, size) : -1;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return slot->exchange ? yw_exchange_complete(slot->exchange) : -1;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writeable(wsi, slot);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (slot) {
            yw_exchange_free(slot->exchange);
            slot->exchange = NULL;
        }
        return 0;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: /* no or a foreign subprotocol */
        return refuse_upgrade(wsi, 400, &(struct yw_err){.text = "no known subprotocol"});
    default:
        return 0; /* the library's other events are its own business */
    }
}

/* "/ws/v1/drills/<id>" → id, and ?since=. */
static int parse_stream_target(struct lws *wsi, char drill[YW_NAME_MAX],
                               int64_t *ret_since)
{
    static const char base[] = "/ws/v1/drills/";
    char uri[YW_HTTP_PATH_MAX], arg[64];
    if (lws_hdr_copy(wsi, uri, sizeof(uri), WSI_TOKEN_GET_URI) <= 0 ||
        strncmp(uri, base, sizeof(base) - 1) != 0 ||
        !yw_name_valid(uri + sizeof(base) - 1))
        return YW_EINVAL;
    (void)yw_copy(drill, YW_NAME_MAX, uri + sizeof(base) - 1);
    const char *since = lws_get_urlarg_by_name(wsi, "since=", arg, sizeof(arg));
    *ret_since = -1;
    if (!since)
        return 0;
    if (!since[0] || strlen(since) > 15 || since[strspn(since, "0123456789")])
        return YW_EINVAL;
    *ret_since = strtoll(since, NULL, 10);
    return 0;
}

static int on_handshake(struct lws *wsi)
{
    struct yw_err err = {0};
    char drill[YW_NAME_MAX];
    int64_t since;
    int status = yw_guard_upgrade(net_of(wsi), wsi, YW_STREAM_PROTOCOL, &err);
    if (!status && parse_stream_target(wsi, drill, &since)) {
        (void)yw_err_set(&err, YW_ENOTFOUND, "no such stream");
        status = 404;
    }
    return status ? refuse_upgrade(wsi, status, &err) : 0;
}

static int on_established(struct lws *wsi, struct slot *slot)
{
    char drill[YW_NAME_MAX];
    int64_t since;
    if (parse_stream_target(wsi, drill, &since))
        return -1;
    slot->viewer = yw_viewer_new(net_of(wsi)->hub, wsi, drill, since);
    return slot->viewer ? 0 : -1;
}

static int stream_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                           void *in, size_t size)
{
    struct slot *slot = user;
    switch ((int)reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return on_handshake(wsi);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_confirm_upgrade(in);
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(wsi, slot);
    case LWS_CALLBACK_RECEIVE:
        return slot->viewer
                   ? yw_viewer_receive(slot->viewer, in, size,
                                       lws_is_final_fragment(wsi) &&
                                           lws_remaining_packet_payload(wsi) == 0)
                   : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return slot->viewer ? yw_viewer_writeable(slot->viewer) : -1;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return slot->viewer ? yw_viewer_peer_closes(slot->viewer, in, size) : 0;
    case LWS_CALLBACK_CLOSED:
        yw_viewer_free(slot->viewer);
        slot->viewer = NULL;
        return 0;
    default:
        return 0;
    }
}

static int on_console_handshake(struct lws *wsi)
{
    struct yw_err err = {0};
    struct yw_console_target target;
    int status = yw_guard_upgrade(net_of(wsi), wsi, YW_CONSOLE_PROTOCOL, &err);
    if (!status && yw_console_target(wsi, &target)) {
        (void)yw_err_set(&err, YW_ENOTFOUND, "no such console");
        status = 404;
    }
    return status ? refuse_upgrade(wsi, status, &err) : 0;
}

static int on_console_established(struct lws *wsi, struct slot *slot)
{
    struct yw_console_target target;
    if (yw_console_target(wsi, &target))
        return -1;
    slot->sitter = yw_sitter_new(net_of(wsi), wsi, &target);
    return slot->sitter ? 0 : -1;
}

static int console_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                            void *in, size_t size)
{
    struct slot *slot = user;
    switch ((int)reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return on_console_handshake(wsi);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_confirm_upgrade(in);
    case LWS_CALLBACK_ESTABLISHED:
        return on_console_established(wsi, slot);
    case LWS_CALLBACK_RECEIVE:
        return slot->sitter
                   ? yw_sitter_receive(slot->sitter, in, size,
                                       lws_is_final_fragment(wsi) &&
                                           lws_remaining_packet_payload(wsi) == 0)
                   : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return slot->sitter ? yw_sitter_writeable(slot->sitter) : -1;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return slot->sitter ? yw_sitter_peer_closes(slot->sitter) : 0;
    case LWS_CALLBACK_CLOSED:
        yw_sitter_free(slot->sitter);
        slot->sitter = NULL;
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols http_protocol = {
    .name = "http",
    .callback = http_callback,
    .per_session_data_size = sizeof(struct slot),
    .rx_buffer_size = 16384,
    .tx_packet_size = YW_HTTP_CHUNK + 4096,
};
static const struct lws_protocols stream_protocol = {
    .name = YW_STREAM_PROTOCOL,
    .callback = stream_callback,
    .per_session_data_size = sizeof(struct slot),
    .rx_buffer_size = YW_STREAM_FIRST_MAX,
    .tx_packet_size =
        YW_STREAM_MESSAGE_MAX + 64, /* else every message is cut and parked */
};
static const struct lws_protocols console_protocol = {
    .name = YW_CONSOLE_PROTOCOL,
    .callback = console_callback,
    .per_session_data_size = sizeof(struct slot),
    .rx_buffer_size = YW_CONSOLE_READ_MAX,
    .tx_packet_size = YW_CONSOLE_WRITE_MAX + 64,
};
static const struct lws_protocols *const protocols[] = {&http_protocol, &stream_protocol,
                                                        &console_protocol, NULL};

static const struct lws_retry_bo idle_policy = {
    .secs_since_valid_ping = 20,
    .secs_since_valid_hangup = 30,
};

/* On every answer, the library's own among them. */
static const struct lws_protocol_vhost_options header_opener = {
    NULL, NULL, "cross-origin-opener-policy:", "same-origin"};
static const struct lws_protocol_vhost_options header_resource = {
    &header_opener, NULL, "cross-origin-resource-policy:", "same-origin"};
static const struct lws_protocol_vhost_options header_referrer = {
    &header_resource, NULL, "referrer-policy:", "no-referrer"};
static const struct lws_protocol_vhost_options header_sniff = {
    &header_referrer, NULL, "x-content-type-options:", "nosniff"};
static const struct lws_protocol_vhost_options header_frame = {
    &header_sniff, NULL, "x-frame-options:", "DENY"};
static const struct lws_protocol_vhost_options headers = {
    &header_frame, NULL, "content-security-policy:",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"};
static const struct lws_protocol_vhost_options headers_tls = {
    &headers, NULL, "strict-transport-security:", "max-age=31536000"};

static void emit_log(int level, const char *line)
{
    size_t size = strcspn(line, "\n");
    if (level == LLL_ERR)
        yw_warn("net", "libwebsockets: %.*s", (int)size, line);
    else
        yw_debug("net", "libwebsockets: %.*s", (int)size, line);
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "localhost") == 0;
}

static int check_config(const struct yw_net_config *config, struct yw_err *err)
{
    bool tls = config->tls_cert[0] || config->tls_key[0];
    if (tls && (!config->tls_cert[0] || !config->tls_key[0]))
        return yw_err_set(err, YW_EINVAL, "TLS needs both a certificate and a key");
    if (!is_loopback(config->address) && !tls && !config->insecure_plain)
        return yw_err_set(
            err, YW_EDENIED,
            "address %s: anything beyond loopback needs a TLS certificate and key, "
            "or --insecure-plain",
            config->address);
    if (config->port < 0 || config->port > 65535)
        return yw_err_set(err, YW_EINVAL, "port %d: expected 0 to 65535", config->port);
    return 0;
}

/* Binds once ourselves: the library does not say why it could not. */
static int probe_port(const struct yw_net_config *config, struct yw_err *err)
{
    struct sockaddr_storage at;
    socklen_t size;
    memset(&at, 0, sizeof(at));
    const char *text =
        strcmp(config->address, "localhost") == 0 ? "127.0.0.1" : config->address;
    struct sockaddr_in four = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)config->port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)config->port)};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
        size = sizeof(four);
        memcpy(&at, &four, size);
    } else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
        size = sizeof(six);
        memcpy(&at, &six, size);
    } else {
        return yw_err_set(err, YW_EINVAL, "address '%s': expected an IP address", text);
    }
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    if (fd < 0)
        return yw_err_errno(err, YW_EIO, errno, "socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    int failed = bind(fd, (struct sockaddr *)&at, size) ? errno : 0;
    close(fd);
    if (failed)
        return yw_err_set(err, failed == EADDRINUSE ? YW_EEXIST : YW_EIO,
                          "%s port %d: %s", text, config->port, strerror(failed));
    return 0;
}

/* Connections may take all descriptors but these, which journals, brokers and scripts need.
 * libwebsockets asks for the limit once, and closes at once what it accepts beyond it;
 * without that, a connection that cannot be accepted would keep the loop turning. */
static struct lws_context *create_within(const struct lws_context_creation_info *info)
{
    struct rlimit all = {0};
    bool known = getrlimit(RLIMIT_NOFILE, &all) == 0;
    rlim_t own = all.rlim_cur / 4 < OWN_FILES_MAX ? all.rlim_cur / 4 : OWN_FILES_MAX;
    struct rlimit less = {.rlim_cur = all.rlim_cur - own, .rlim_max = all.rlim_max};

    if (known)
        (void)setrlimit(RLIMIT_NOFILE, &less);
    struct lws_context *context = lws_create_context(info);

    if (known)
        (void)setrlimit(RLIMIT_NOFILE, &all);
    return context;
}

static int open_context(struct yw_net *net, struct yw_err *err)
{
    void *loops[1] = {yw_loop_uv(net->loop)};
    struct lws_context_creation_info info;
    memset(&info, 0, sizeof(info));
    const char *address = net->config.address;
    bool any = strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
    bool six = strchr(address, ':') != NULL;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (six ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6) |
                   (net->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0);
    info.foreign_loops = loops;
    info.count_threads = 1;
    info.user = net;
    info.pcontext = &net->context;
    info.server_string = "yanwu";
    info.max_http_header_data = 8192;
    info.port = net->config.port;
    info.iface = any ? NULL : strcmp(address, "localhost") == 0 ? "127.0.0.1" : address;
    info.vhost_name = "yanwu";
    info.pprotocols = (const struct lws_protocols **)(uintptr_t)protocols;
    info.headers = net->tls ? &headers_tls : &headers;
    info.timeout_secs = SECOND_S;
    info.timeout_secs_ah_idle = SECOND_S;
    info.keepalive_timeout = SECOND_S;
    info.retry_and_idle_policy = &idle_policy;
    info.alpn = "http/1.1";
    if (net->tls) {
        info.ssl_cert_filepath = net->config.tls_cert;
        info.ssl_private_key_filepath = net->config.tls_key;
    }
    net->context = create_within(&info);
    if (!net->context)
        return yw_err_set(err, YW_EIO,
                          "libwebsockets does not start: is the package "
                          "libwebsockets-evlib-uv installed?");
    net->vhost = lws_create_vhost(net->context, &info);
    if (!net->vhost)
        return yw_err_set(err, YW_EIO, "cannot serve on %s port %d%s", address,
                          net->config.port,
                          net->tls ? " with this certificate and key" : "");
    net->port = lws_get_vhost_listen_port(net->vhost);
    return 0;
}

/* A board that is not built is no reason to keep people from the API. */
static int open_board(struct yw_net *net, struct yw_err *err)
{
    struct yw_err why = {0};
    int code = yw_static_open(&net->files, net->config.board_dir, &why);
    if (code == YW_ENOTFOUND) {
        yw_warn("net", "%s: only the API is served", why.text);
        return yw_static_open(&net->files, "", err);
    }
    if (code && err)
        *err = why;
    return code;
}

static int open_parts(struct yw_net *net, struct yw_err *err)
{
    int code = yw_auth_open(&net->auth, net->config.data_dir, err);
    if (!code)
        code = open_board(net, err);
    if (!code)
        code = yw_hub_open(&net->hub, net, err);
    if (!code)
        code = yw_pool_open(&net->pool, net->loop, YW_OFFLOAD_THREADS, err);
    if (!code)
        code = open_context(net, err);
    if (code)
        return code;
    char url[128];
    bool six = strchr(net->config.address, ':') != NULL;
    const char *address = net->config.address;
    if (strcmp(address, "0.0.0.0") == 0)
        address = "127.0.0.1";
    else if (strcmp(address, "::") == 0)
        address = "::1";
    snprintf(url, sizeof(url), "%s://%s%s%s:%d", net->tls ? "https" : "http",
             six ? "[" : "", address, six ? "]" : "", net->port);
    return yw_auth_publish(net->auth, url, net->config.keeper_pid, err);
}

/* Read once, and not in a turn of the loop. Without it the daemon does all but layers. */
static void read_techniques(struct yw_net *net)
{
    struct yw_err err = {0};
    if (!net->config.techniques[0])
        yw_techniques_init(&net->techniques);
    else if (yw_techniques_read(&net->techniques, net->config.techniques, &err))
        yw_warn("net", "no layers of techniques: %s", err.text);
}

int yw_net_open(struct yw_net **ret, struct yw_loop *loop, struct yw_conductor *conductor,
                const struct yw_net_config *config, struct yw_err *err)
{
    int code = check_config(config, err);
    if (!code)
        code = probe_port(config, err);
    if (code)
        return code;
    lws_set_log_level(LLL_ERR | LLL_WARN, emit_log);
    struct yw_net *net = yw_new(sizeof(*net));
    net->loop = loop;
    net->conductor = conductor;
    net->config = *config;
    net->tls = config->tls_cert[0];
    net->scratch = yw_new(LWS_PRE + YW_HTTP_CHUNK + 4096);
    if (gethostname(net->host_name, sizeof(net->host_name) - 1))
        net->host_name[0] = '\0';
    yw_rate_init(&net->rate, yw_loop_clock(loop));
    read_techniques(net);
    code = open_parts(net, err);
    if (code) {
        yw_net_close(net);
        return code;
    }
    yw_info("net", "serving on %s port %d", config->address, net->port);
    *ret = net;
    return 0;
}

int yw_net_port(const struct yw_net *net)
{
    return net->port;
}

const char *yw_net_control_token(const struct yw_net *net)
{
    return yw_auth_control(net->auth);
}

/* On a loop that is not its own the library ends in several steps: it closes its handles,
 * the loop runs their close callbacks, and a second call frees what is left. */
static void close_context(struct yw_net *net)
{
    for (int i = 0; net->context && i < CLOSE_STEPS_MAX; i++) {
        lws_context_destroy(net->context);
        for (int turn = 0; turn < CLOSE_TURNS; turn++)
            yw_loop_turn(net->loop, 0);
    }
}

void yw_net_close(struct yw_net *net)
{
    if (!net)
        return;
    close_context(net);
    yw_call_close_all(net);
    yw_pool_close(net->pool);
    yw_hub_close(net->hub);
    yw_static_close(net->files);
    yw_auth_close(net->auth);
    yw_rate_fini(&net->rate);
    yw_techniques_fini(&net->techniques);
    free(net->scratch);
    free(net);
}
