#include "net/http.h"

#include "base/log.h"
#include "base/mem.h"
#include "net/door.h"
#include "net/guard.h"
#include "net/offload.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_MAX 2048

int yw_http_status(int code)
{
    switch (code) {
    case YW_EINVAL:
        return 400;
    case YW_EDENIED:
        return 403;
    case YW_ENOTFOUND:
        return 404;
    case YW_EEXIST:
    case YW_ESTATE:
        return 409;
    case YW_ELIMIT:
        return 422;
    case YW_ECANCELED:
        return 503;
    case YW_ETIMEOUT:
        return 504;
    default:
        return 500;
    }
}

void yw_exchange_arg(const struct yw_exchange *exchange, const char *name, char *ret,
                     size_t size)
{
    char wanted[32];
    ret[0] = '\0';
    snprintf(wanted, sizeof(wanted), "%s=", name);
    char found[512];
    const char *value =
        lws_get_urlarg_by_name(exchange->wsi, wanted, found, sizeof(found));
    if (value)
        (void)yw_copy(ret, size, value);
}

/* The whole body has been read, or never will be. */
static bool body_done(const struct yw_exchange *exchange)
{
    return exchange->close_after || exchange->expected == 0;
}

static void answer(struct yw_exchange *exchange)
{
    exchange->answered = true;
    if (!body_done(exchange))
        return;
    lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_HTTP_CONTENT,
                    YW_HTTP_WRITE_DEADLINE_S);
    lws_callback_on_writable(exchange->wsi);
}

void yw_exchange_json(struct yw_exchange *exchange, int status, struct yw_buf *out)
{
    exchange->status = status;
    exchange->type = "application/json";
    yw_buf_fini(&exchange->out);
    exchange->out = *out;
    answer(exchange);
}

void yw_exchange_text(struct yw_exchange *exchange, const char *type, struct yw_buf *out)
{
    yw_exchange_json(exchange, 200, out);
    exchange->type = type;
}

void yw_exchange_frame(struct yw_exchange *exchange, struct yw_frame *frame)
{
    exchange->status = 200;
    exchange->type = "application/json";
    exchange->frame = frame;
    answer(exchange);
}

void yw_exchange_error(struct yw_exchange *exchange, int status, const struct yw_err *err)
{
    struct yw_buf out;
    yw_buf_init(&out, YW_HTTP_BODY_MAX);
    yw_error_encode(&out, err);
    yw_exchange_json(exchange, status, &out);
}

static int parse_method(struct yw_exchange *exchange, struct yw_err *err)
{
    exchange->allow = "GET, HEAD, POST";
    if (lws_hdr_total_length(exchange->wsi, WSI_TOKEN_GET_URI) > 0)
        exchange->method = YW_METHOD_GET;
    else if (lws_hdr_total_length(exchange->wsi, WSI_TOKEN_HEAD_URI) > 0)
        exchange->method = YW_METHOD_HEAD;
    else if (lws_hdr_total_length(exchange->wsi, WSI_TOKEN_POST_URI) > 0)
        exchange->method = YW_METHOD_POST;
    else {
        (void)yw_err_set(err, YW_EINVAL, "only GET, HEAD and POST are served");
        return 405;
    }
    return 0;
}

/* "Authorization: Bearer TOKEN" → TOKEN; "" when absent. */
static int parse_token(struct yw_exchange *exchange, char token[YW_AUTH_TOKEN_MAX + 1],
                       struct yw_err *err)
{
    char text[YW_AUTH_TOKEN_MAX + 16];
    token[0] = '\0';
    if (lws_hdr_total_length(exchange->wsi, WSI_TOKEN_HTTP_AUTHORIZATION) <= 0)
        return 0;
    if (lws_hdr_fragment_length(exchange->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, 1) > 0 ||
        lws_hdr_copy(exchange->wsi, text, sizeof(text), WSI_TOKEN_HTTP_AUTHORIZATION) <=
            0 ||
        strncasecmp(text, "Bearer ", 7) != 0 || strlen(text + 7) > YW_AUTH_TOKEN_MAX) {
        (void)yw_err_set(err, YW_EDENIED, "Authorization: expected 'Bearer' and a token");
        return 401;
    }
    snprintf(token, YW_AUTH_TOKEN_MAX + 1, "%s", text + 7);
    return 0;
}

/* A POST says JSON and carries its idempotency key: what a foreign page's form cannot do.
 */
static int parse_post(struct yw_exchange *exchange, struct yw_err *err)
{
    struct lws *wsi = exchange->wsi;
    char text[128];
    if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_TYPE) <= 0 ||
        strncasecmp(text, "application/json", 16) != 0 || (text[16] && text[16] != ';')) {
        (void)yw_err_set(err, YW_EINVAL, "Content-Type: expected application/json");
        return 415;
    }
    static const char name[] = "idempotency-key:";
    int size = lws_hdr_custom_length(wsi, name, sizeof(name) - 1);
    if (size <= 0 || size > YW_HTTP_KEY_MAX) {
        (void)yw_err_set(err, YW_EINVAL, "Idempotency-Key: expected 1 to %d characters",
                         YW_HTTP_KEY_MAX);
        return 400;
    }
    if (lws_hdr_custom_copy(wsi, exchange->key, sizeof(exchange->key), name,
                            sizeof(name) - 1) < 0)
        exchange->key[0] = '\0';
    for (const char *at = exchange->key; *at; at++)
        if (*at <= ' ' || *at > '~') {
            (void)yw_err_set(err, YW_EINVAL, "Idempotency-Key: expected printable ASCII");
            return 400;
        }
    return 0;
}

static int check_size(struct yw_exchange *exchange, struct yw_err *err)
{
    size_t max = exchange->route ? exchange->route->body_max : 0;
    if (exchange->expected > max) {
        (void)yw_err_set(err, YW_ELIMIT, "body: %zu bytes; at most %zu are accepted",
                         exchange->expected, max);
        return 413;
    }
    yw_buf_fini(&exchange->body);
    yw_buf_init(&exchange->body, max);
    return 0;
}

static int answer_file(struct yw_exchange *exchange, struct yw_err *err)
{
    const struct yw_static_file *file =
        yw_static_find(exchange->net->files, exchange->path);
    if (!file || strncmp(exchange->path, "/api/", 5) == 0) {
        (void)yw_err_set(err, YW_ENOTFOUND, "%s: no such page", exchange->path);
        return 404;
    }
    if (exchange->method == YW_METHOD_POST) {
        exchange->allow = "GET, HEAD";
        (void)yw_err_set(err, YW_EINVAL, "%s: a file is only read", exchange->path);
        return 405;
    }
    char seen[64];
    bool same = lws_hdr_copy(exchange->wsi, seen, sizeof(seen),
                             WSI_TOKEN_HTTP_IF_NONE_MATCH) > 0 &&
                strcmp(seen, file->etag) == 0;
    exchange->status = same ? 304 : 200;
    exchange->type = file->type;
    exchange->cache =
        file->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    (void)YW_COPY(exchange->etag, file->etag);
    exchange->file = file;
    answer(exchange);
    return 0;
}

/* 0: go on (or answered); else the status of the error. */
static int begin(struct yw_exchange *exchange, const char *uri, struct yw_err *err)
{
    struct lws *wsi = exchange->wsi;
    char length[16], token[YW_AUTH_TOKEN_MAX + 1];
    if (lws_hdr_copy(wsi, length, sizeof(length), WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0)
        exchange->expected = strtoul(length, NULL, 10);
    int status = yw_guard_http(exchange->net, wsi, uri, err);
    if (status) {
        exchange->close_after =
            true; /* what follows on this connection cannot be trusted */
        return status;
    }
    struct yw_err unmeasured = {0};
    int body = yw_guard_body(wsi, &unmeasured);
    exchange->close_after = body != 0;
    status = parse_method(exchange, err);
    if (!status && YW_COPY(exchange->path, uri)) {
        (void)yw_err_set(err, YW_ELIMIT, "target: more than %d bytes",
                         YW_HTTP_PATH_MAX - 1);
        status = 414;
    }
    if (status)
        return status;
    exchange->route = yw_route_find(exchange->method, exchange->path, exchange->parts,
                                    &exchange->allow);
    if (!exchange->route && exchange->allow) {
        (void)yw_err_set(err, YW_EINVAL, "%s: allowed are %s", exchange->path,
                         exchange->allow);
        return 405;
    }
    if (!exchange->route && !body)
        return answer_file(exchange, err);
    /* who asks comes before what is wrong with it */
    if (exchange->route && ((status = parse_token(exchange, token, err)) ||
                            (status = yw_route_authorize(exchange, token, err))))
        return status;
    if (body) {
        *err = unmeasured;
        return body;
    }
    if (exchange->method == YW_METHOD_POST && (status = parse_post(exchange, err)))
        return status;
    return check_size(exchange, err);
}

static void on_deadline(struct yw_due_entry *entry)
{
    struct yw_exchange *exchange = entry->arg;
    lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
}

static void dispatch(struct yw_exchange *exchange)
{
    struct yw_err err = {0};
    int code = 0;
    yw_due_cancel(yw_loop_due(exchange->net->loop), &exchange->deadline);
    if (exchange->method == YW_METHOD_POST && yw_call_repeat(exchange, &code, &err)) {
        if (code)
            yw_exchange_error(exchange, yw_http_status(code), &err);
        return;
    }
    code = exchange->route->handle(exchange, &err);
    if (code && !exchange->answered)
        yw_exchange_error(exchange, yw_http_status(code), &err);
    else if (!exchange->answered)
        lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT,
                        0); /* up and down take minutes */
}

struct yw_exchange *yw_exchange_new(struct yw_net *net, struct lws *wsi, const char *uri)
{
    struct yw_exchange *exchange = yw_new(sizeof(*exchange));
    *exchange = (struct yw_exchange){.net = net, .wsi = wsi, .team = -1};
    exchange->deadline.run = on_deadline;
    exchange->deadline.arg = exchange;
    yw_buf_init(&exchange->out, 0);
    yw_buf_init(&exchange->body, 0);
    struct yw_err err = {0};
    int status = begin(exchange, uri, &err);
    if (status && exchange->expected > YW_HTTP_CREATE_MAX)
        exchange->close_after = true; /* too much to read to its end for a refusal */
    if (status)
        yw_exchange_error(exchange, status, &err);
    if (exchange->expected > 0) {
        struct yw_due *due = yw_loop_due(net->loop);
        int64_t now_ms = yw_clock_mono_ms(yw_loop_clock(net->loop));
        yw_due_add(due, &exchange->deadline, now_ms + YW_HTTP_BODY_DEADLINE_MS);
    } else if (!exchange->answered) {
        dispatch(exchange);
    }
    return exchange;
}

void yw_exchange_free(struct yw_exchange *exchange)
{
    if (!exchange)
        return;
    yw_due_cancel(yw_loop_due(exchange->net->loop), &exchange->deadline);
    if (exchange->call)
        yw_call_forget(exchange->call, exchange);
    if (exchange->offload)
        yw_offload_forget(exchange->offload);
    yw_buf_fini(&exchange->body);
    yw_buf_fini(&exchange->out);
    yw_frame_unref(exchange->frame);
    free(exchange);
}

int yw_exchange_body(struct yw_exchange *exchange, const void *bytes, size_t size)
{
    if (exchange->close_after)
        return 0; /* nobody reads it: the answer is on its way, then the end */
    if (size > exchange->expected)
        return -1;
    exchange->expected -= size;
    if (!exchange->answered)
        yw_buf_put(&exchange->body, bytes, size);
    return 0;
}

int yw_exchange_complete(struct yw_exchange *exchange)
{
    if (exchange->close_after)
        return 0;
    if (exchange->expected > 0)
        return -1;
    yw_due_cancel(yw_loop_due(exchange->net->loop), &exchange->deadline);
    if (exchange->answered)
        answer(exchange);
    else
        dispatch(exchange);
    return 0;
}

static int add(struct lws *wsi, const char *name, const char *value, unsigned char **at,
               unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value),
                                       at, end);
}

static void body_of(const struct yw_exchange *exchange, const char **ret,
                    size_t *ret_size)
{
    if (exchange->file) {
        *ret = exchange->file->bytes;
        *ret_size = exchange->file->size;
    } else if (exchange->frame) {
        *ret = exchange->frame->text;
        *ret_size = exchange->frame->size;
    } else {
        *ret = exchange->out.data;
        *ret_size = exchange->out.size;
    }
}

static bool has_body(const struct yw_exchange *exchange)
{
    return exchange->method != YW_METHOD_HEAD && exchange->status != 304;
}

static int write_head(struct yw_exchange *exchange)
{
    struct lws *wsi = exchange->wsi;
    unsigned char *start = exchange->net->scratch + LWS_PRE, *at = start,
                  *end = at + HEAD_MAX;
    const char *bytes;
    size_t size;
    char digits[24];
    body_of(exchange, &bytes, &size);
    snprintf(digits, sizeof(digits), "%zu", size);
    int bad = lws_add_http_header_status(wsi, (unsigned)exchange->status, &at, end);
    bad |= add(wsi, "content-type:", exchange->type, &at, end);
    bad |= add(wsi, "cache-control:", exchange->cache ? exchange->cache : "no-store", &at,
               end);
    if (exchange->produce)
        bad |= add(wsi, "transfer-encoding:", "chunked", &at, end);
    else if (exchange->status != 304)
        bad |= add(wsi, "content-length:", digits, &at, end);
    if (exchange->etag[0])
        bad |= add(wsi, "etag:", exchange->etag, &at, end);
    if (exchange->status == 401)
        bad |= add(wsi, "www-authenticate:", "Bearer", &at, end);
    if (exchange->status == 405)
        bad |= add(wsi, "allow:", exchange->allow, &at, end);
    if (exchange->status == 429)
        bad |= add(wsi, "retry-after:", "2", &at, end);
    if (exchange->close_after)
        bad |= add(wsi, "connection:", "close", &at, end);
    if (bad || lws_finalize_http_header(wsi, &at, end))
        return -1;
    size_t total = (size_t)(at - start);
    return lws_write(wsi, start, total, LWS_WRITE_HTTP_HEADERS) < (int)total ? -1 : 0;
}

/* The next piece of a body that is made as it goes, as one chunk (RFC 9112 §7.1). */
static int write_chunk(struct yw_exchange *exchange)
{
    struct yw_err err = {0};
    yw_buf_clear(&exchange->out);
    int more = exchange->produce(exchange, &err);
    if (more < 0 || exchange->out.overflow) {
        yw_warn("net", "%s: cut short: %s", exchange->path, err.text);
        return -1;
    }
    struct yw_buf piece;
    yw_buf_init(&piece, YW_HTTP_ANSWER_MAX + LWS_PRE + 64);
    static const char room[LWS_PRE];
    yw_buf_put(&piece, room, sizeof(room));
    if (exchange->out.size > 0) {
        yw_buf_printf(&piece, "%zx\r\n", exchange->out.size);
        yw_buf_put(&piece, exchange->out.data, exchange->out.size);
        yw_buf_puts(&piece, "\r\n");
    }
    if (!more)
        yw_buf_puts(&piece, "0\r\n\r\n");
    size_t size = piece.size - LWS_PRE;
    int sent = size == 0 ? 0
                         : lws_write(exchange->wsi, (unsigned char *)piece.data + LWS_PRE,
                                     size, LWS_WRITE_HTTP);
    yw_buf_fini(&piece);
    if (sent < (int)size)
        return -1;
    return more ? 0 : 1;
}

static int write_piece(struct yw_exchange *exchange)
{
    if (exchange->produce)
        return write_chunk(exchange);
    const char *bytes;
    size_t size;
    body_of(exchange, &bytes, &size);
    size_t piece = size - exchange->sent;
    if (piece > YW_HTTP_CHUNK)
        piece = YW_HTTP_CHUNK;
    bool last = exchange->sent + piece == size;
    if (piece > 0) {
        memcpy(exchange->net->scratch + LWS_PRE, bytes + exchange->sent, piece);
        if (lws_write(exchange->wsi, exchange->net->scratch + LWS_PRE, piece,
                      last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)piece)
            return -1;
    }
    exchange->sent += piece;
    return last ? 1 : 0;
}

int yw_exchange_write(struct yw_exchange *exchange)
{
    if (!exchange->answered || !body_done(exchange) ||
        lws_partial_buffered(exchange->wsi))
        return 0;
    int result = 0;
    if (!exchange->head_sent) {
        if (write_head(exchange))
            return -1;
        exchange->head_sent = true;
        result = has_body(exchange) ? 0 : 1;
    } else {
        result = write_piece(exchange);
    }
    if (result == 0) {
        lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_HTTP_CONTENT,
                        YW_HTTP_WRITE_DEADLINE_S);
        lws_callback_on_writable(exchange->wsi);
    }
    return result;
}
