/* The blocking client of our own verbs: one request a connection, libwebsockets on a
 * context of its own with its own poll loop. */
#include "base/buf.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "codec/request/request.h"
#include "net/client_inside.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (256 * 1024 * 1024) /* of an answer: a long journal */
#define CHUNK 16384
#define CONNECT_S 10
#define ANSWER_S 3600 /* up of a large range */

struct request {
    const char *method, *token, *key, *body;
    size_t body_size, body_sent;
    unsigned status;
    struct yw_buf answer;
    bool ended, complete;
    char trouble[256];
};

static int add(struct lws *wsi, const char *name, const char *value, unsigned char **at,
               unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value),
                                       at, end);
}

static int append_headers(struct lws *wsi, struct request *request, unsigned char **at,
                          size_t room)
{
    unsigned char *end = *at + room;
    int bad = 0;
    if (request->token[0]) {
        char *value = yw_strf("Bearer %s", request->token);
        bad |= add(wsi, "authorization:", value, at, end);
        free(value);
    }
    if (strcmp(request->method, "POST") != 0)
        return bad ? -1 : 0;
    char digits[24];
    snprintf(digits, sizeof(digits), "%zu", request->body_size);
    bad |= add(wsi, "content-type:", "application/json", at, end);
    bad |= add(wsi, "content-length:", digits, at, end);
    bad |= add(wsi, "idempotency-key:", request->key, at, end);
    if (request->body_size > 0) {
        lws_client_http_body_pending(wsi, 1);
        lws_callback_on_writable(wsi);
    }
    return bad ? -1 : 0;
}

static int write_body(struct lws *wsi, struct request *request)
{
    size_t left = request->body_size - request->body_sent;
    if (left == 0)
        return 0;
    unsigned char room[LWS_PRE + CHUNK];
    size_t piece = left > CHUNK ? CHUNK : left;
    memcpy(room + LWS_PRE, request->body + request->body_sent, piece);
    bool last = piece == left;
    if (last)
        lws_client_http_body_pending(wsi, 0);
    if (lws_write(wsi, room + LWS_PRE, piece,
                  last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)piece)
        return -1;
    request->body_sent += piece;
    if (!last)
        lws_callback_on_writable(wsi);
    return 0;
}

static int read_more(struct lws *wsi)
{
    char room[LWS_PRE + CHUNK], *at = room + LWS_PRE;
    int size = CHUNK;
    return lws_http_client_read(wsi, &at, &size) < 0 ? -1 : 0;
}

static void end(struct lws *wsi, struct request *request, bool complete)
{
    request->ended = true;
    request->complete = complete;
    lws_cancel_service(lws_get_context(wsi));
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                    void *in, size_t size)
{
    struct request *request = lws_get_opaque_user_data(wsi);
    (void)user;
    if (!request)
        return 0;
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        snprintf(request->trouble, sizeof(request->trouble), "%.200s",
                 in ? (const char *)in : "cannot connect");
        end(wsi, request, false);
        return 0;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return append_headers(wsi, request, in, size);
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
        return write_body(wsi, request);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        request->status = lws_http_client_http_response(wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return read_more(wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        yw_buf_put(&request->answer, in, size);
        return request->answer.overflow ? -1 : 0;
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        end(wsi, request, true);
        return 0;
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        if (!request->ended)
            end(wsi, request, false);
        lws_set_opaque_user_data(wsi, NULL);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols http_protocol = {.name = "http", .callback = callback};
static const struct lws_protocols *const protocols[] = {&http_protocol, NULL};

static void quiet(int level, const char *line)
{
    (void)level;
    yw_debug("net", "client: %.*s", (int)strcspn(line, "\n"), line);
}

/* "http://127.0.0.1:8080", "https://[::1]:8443/". */
static int parse_url(struct yw_client *client, const char *url, struct yw_err *err)
{
    const char *at = url;
    if (strncmp(at, "http://", 7) == 0)
        at += 7;
    else if (strncmp(at, "https://", 8) == 0) {
        at += 8;
        client->tls = true;
    } else {
        return yw_err_set(err, YW_EINVAL, "url '%s': expected http:// or https://", url);
    }
    size_t size = strcspn(at, "/");
    if (size == 0 || size >= sizeof(client->host) || (at[size] && at[size + 1]))
        return yw_err_set(err, YW_EINVAL, "url '%s': expected a host and a port", url);
    snprintf(client->authority, sizeof(client->authority), "%.*s", (int)size, at);
    bool six = at[0] == '[';
    size_t host_size = six ? strcspn(at + 1, "]") : strcspn(at, ":/");
    snprintf(client->host, sizeof(client->host), "%.*s", (int)host_size, at + six);
    const char *rest = six ? strchr(client->authority, ']') : client->authority;
    const char *port = rest ? strchr(rest, ':') : NULL;
    client->port = port ? atoi(port + 1) : client->tls ? 443 : 80;
    if (client->port < 1 || client->port > 65535)
        return yw_err_set(err, YW_EINVAL, "url '%s': expected a port from 1 to 65535",
                          url);
    return 0;
}

int yw_client_open(struct yw_client **ret, const char *url, const char *token,
                   struct yw_err *err)
{
    struct yw_client *client = yw_new(sizeof(*client));
    int code = parse_url(client, url, err);
    if (!code && token && YW_COPY(client->token, token))
        code = yw_err_set(err, YW_EINVAL, "token: too long");
    if (code) {
        free(client);
        return code;
    }
    lws_set_log_level(LLL_ERR | LLL_WARN, quiet);
    struct lws_context_creation_info info;
    memset(&info, 0, sizeof(info));
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.pprotocols = (const struct lws_protocols **)(uintptr_t)protocols;
    info.options = client->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0;
    info.timeout_secs = ANSWER_S;
    info.connect_timeout_secs = CONNECT_S;
    info.fd_limit_per_thread = 32;
    info.alpn = "http/1.1";
    client->context = lws_create_context(&info);
    if (!client->context) {
        free(client);
        return yw_err_set(err, YW_EIO, "libwebsockets does not start");
    }
    *ret = client;
    return 0;
}

int yw_client_open_local(struct yw_client **ret, const char *data_dir, struct yw_err *err)
{
    char *path = yw_strf("%s/api.json", data_dir);
    FILE *file = fopen(path, "re");
    char text[4096], url[256], token[128];
    if (!file) {
        int code =
            errno == ENOENT
                ? yw_err_set(err, YW_ENOTFOUND,
                             "no daemon has run on this data directory: no %s", path)
                : yw_err_errno(err, YW_EIO, errno, path);
        free(path);
        return code;
    }
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    int code = 0;
    if (yw_json_get(text, size, "/url", url, sizeof(url)) ||
        yw_json_get(text, size, "/control", token, sizeof(token)))
        code = yw_err_set(err, YW_ECORRUPT, "%s: expected url and control", path);
    free(path);
    if (!code)
        code = yw_client_open(ret, url, token, err);
    if (!code)
        (*ret)->local = true;
    return code;
}

void yw_client_close(struct yw_client *client)
{
    if (!client)
        return;
    lws_context_destroy(client->context);
    free(client);
}

static int code_of(const char *name)
{
    for (int code = -1; code >= YW_ECORRUPT; code--)
        if (strcmp(yw_code_name(code), name) == 0)
            return code;
    return YW_EIO;
}

/* The error document as our own error. */
static int answer_error(const struct request *request, struct yw_err *err)
{
    const char *text = request->answer.data ? request->answer.data : "";
    size_t size = request->answer.size;
    char name[32] = "", path[256] = "", message[YW_ERR_TEXT_MAX] = "";
    (void)yw_json_get(text, size, "/error/code", name, sizeof(name));
    (void)yw_json_get(text, size, "/error/path", path, sizeof(path));
    (void)yw_json_get(text, size, "/error/message", message, sizeof(message));
    if (!message[0])
        return yw_err_set(err, YW_EIO, "the daemon answered %u", request->status);
    return yw_err_set(err, code_of(name), "%s%s%.900s", path, path[0] ? ": " : "",
                      message);
}

static int run(struct yw_client *client, struct request *request, const char *path,
               struct yw_err *err)
{
    struct lws_client_connect_info info;
    memset(&info, 0, sizeof(info));
    info.context = client->context;
    info.address = client->host;
    info.host = client->authority;
    info.port = client->port;
    info.path = path;
    info.method = request->method;
    info.local_protocol_name = "http";
    info.alpn = "http/1.1";
    info.opaque_user_data = request;
    if (client->tls)
        info.ssl_connection = LCCSCF_USE_SSL;
    if (client->tls && client->local)
        info.ssl_connection |=
            LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
    struct lws *wsi = NULL;
    info.pwsi = &wsi;
    if (!lws_client_connect_via_info(&info) && !request->ended)
        return yw_err_set(err, YW_EIO, "%s: cannot connect", client->authority);
    while (!request->ended)
        if (lws_service(client->context, 0) < 0)
            break;
    if (wsi)
        lws_set_opaque_user_data(wsi, NULL); /* it may end after the request has gone */
    if (request->answer.overflow)
        return yw_err_set(err, YW_ELIMIT, "the answer is larger than %d bytes", BODY_MAX);
    if (!request->complete)
        return yw_err_set(err, YW_EIO, "%s: %s", client->authority,
                          request->trouble[0] ? request->trouble
                                              : "the connection ended before the answer");
    return request->status >= 200 && request->status < 300 ? 0
                                                           : answer_error(request, err);
}

/* A refusal speaks for itself; what went wrong on the way says which way it was. */
static int name_request(const struct request *request, const char *path,
                        struct yw_err *err)
{
    if (request->status >= 400 && request->status < 500)
        return err ? err->code : YW_EIO;
    return yw_err_prefix(err, "%s %s", request->method, path);
}

int yw_client_fetch(struct yw_client *client, const char *path, struct yw_buf *ret,
                    struct yw_err *err)
{
    struct request request = {
        .method = "GET", .token = client->token, .key = "", .body = ""};
    yw_buf_init(&request.answer, BODY_MAX);
    int code = run(client, &request, path, err);
    if (code) {
        yw_buf_fini(&request.answer);
        return name_request(&request, path, err);
    }
    *ret = request.answer;
    return 0;
}

int yw_client_call(struct yw_client *client, const char *method, const char *path,
                   const char *token, const char *key, const char *body, char **ret_body,
                   struct yw_err *err)
{
    char random[YW_ID_SIZE];
    yw_id_random(random);
    bool post = strcmp(method, "POST") == 0;
    struct request request = {
        .method = method,
        .token = token ? token : client->token,
        .key = key ? key : random,
        .body = post ? body ? body : "{}" : "",
    };
    request.body_size = strlen(request.body);
    yw_buf_init(&request.answer, BODY_MAX);
    int code = run(client, &request, path, err);
    if (!code && ret_body) {
        char *text = yw_buf_steal(&request.answer);
        *ret_body = text ? text : yw_strdup("");
    }
    yw_buf_fini(&request.answer);
    if (code)
        (void)name_request(&request, path, err); /* which has no code without err */
    return code;
}
