#include "net/guard.h"

#include "net/door.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HEADER_MAX 512

/* One header, exactly once. False: absent, repeated, or too long; then *ret_seen tells
 * which. */
static bool header_once(struct lws *wsi, enum lws_token_indexes token,
                        char text[HEADER_MAX], bool *ret_seen)
{
    text[0] = '\0';
    *ret_seen = lws_hdr_total_length(wsi, token) > 0;
    if (!*ret_seen || lws_hdr_fragment_length(wsi, token, 1) > 0)
        return false;
    return lws_hdr_copy(wsi, text, HEADER_MAX, token) > 0;
}

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* Calls `match` for each blank-separated origin until one answers true. */
static bool any_origin(const char *origins, const char *wanted,
                       bool (*match)(const char *origin, size_t size, const char *wanted))
{
    for (const char *at = origins; *at;) {
        size_t size = strcspn(at, " ");
        if (size > 0 && match(at, size, wanted))
            return true;
        at += size + strspn(at + size, " ");
    }
    return false;
}

static bool origin_is(const char *origin, size_t size, const char *wanted)
{
    return strlen(wanted) == size && strncasecmp(origin, wanted, size) == 0;
}

static bool origin_names(const char *origin, size_t size, const char *host)
{
    const char *end = origin + size;
    const char *name = strstr(origin, "://");
    if (!name || name + 3 > end)
        return false;
    name += 3;
    size_t name_size = strcspn(name, ": /");
    return strlen(host) == name_size && strncasecmp(name, host, name_size) == 0;
}

/* DNS rebinding needs a name that an attacker owns: addresses, localhost, the machine's
 * own name and the names of allowed origins are none. */
bool yw_guard_host_allowed(const char *host, const char *name, const char *origins)
{
    char bare[HEADER_MAX];
    const char *port;
    if (strlen(host) >= sizeof(bare))
        return false;
    if (host[0] == '[') {
        size_t size = strcspn(host, "]");
        if (!host[size])
            return false;
        snprintf(bare, sizeof(bare), "%.*s", (int)size - 1, host + 1);
        port = host + size + 1;
        if (!strchr(bare, ':') || !is_address(bare))
            return false;
    } else {
        size_t size = strcspn(host, ":");
        snprintf(bare, sizeof(bare), "%.*s", (int)size, host);
        port = host + size;
    }
    if (port[0] && (port[0] != ':' || strlen(port) > 6 || !port[1] ||
                    port[1 + strspn(port + 1, "0123456789")]))
        return false;
    return is_address(bare) || strcasecmp(bare, "localhost") == 0 ||
           (name[0] && strcasecmp(bare, name) == 0) ||
           any_origin(origins, bare, origin_names);
}

bool yw_guard_origin_allowed(const char *origin, const char *host, bool tls,
                             const char *origins)
{
    char own[HEADER_MAX + 16];
    snprintf(own, sizeof(own), "%s://%s", tls ? "https" : "http", host);
    return strcasecmp(origin, own) == 0 || any_origin(origins, origin, origin_is);
}

bool yw_guard_key_valid(const char *key)
{
    if (strlen(key) != 24 || key[22] != '=' || key[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++)
        if (!isalnum((unsigned char)key[i]) && key[i] != '+' && key[i] != '/')
            return false;
    return true;
}

static int refuse(struct yw_err *err, int status, int code, const char *text)
{
    (void)yw_err_set(err, code, "%s", text);
    return status;
}

/* What both kinds of request must have: version, one allowed Host, a clean target, no
 * foreign Origin. */
static int guard_head(struct yw_net *net, struct lws *wsi, const char *uri,
                      struct yw_err *err)
{
    char host[HEADER_MAX], text[HEADER_MAX];
    bool seen;
    if (!header_once(wsi, WSI_TOKEN_HTTP, text, &seen) || strcmp(text, "HTTP/1.1") != 0)
        return refuse(err, 505, YW_EINVAL, "only HTTP/1.1 is spoken here");
    if (!header_once(wsi, WSI_TOKEN_HOST, host, &seen))
        return refuse(err, 400, YW_EINVAL, "Host: expected exactly one");
    if (!yw_guard_host_allowed(host, net->host_name, net->config.origins))
        return refuse(err, 421, YW_EDENIED, "Host: this name is not served here");
    if (!yw_utf8_valid(uri, strlen(uri)))
        return refuse(err, 400, YW_EINVAL, "target: expected UTF-8");
    for (const char *at = uri; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return refuse(err, 400, YW_EINVAL,
                          "target: control characters are not allowed");
    if (!header_once(wsi, WSI_TOKEN_ORIGIN, text, &seen) && seen)
        return refuse(err, 403, YW_EDENIED, "Origin: expected at most one");
    if (seen && !yw_guard_origin_allowed(text, host, net->tls, net->config.origins))
        return refuse(err, 403, YW_EDENIED, "Origin: not allowed");
    struct yw_rate_entry *entry = lws_get_opaque_user_data(wsi);
    if (entry && !yw_rate_request(&net->rate, entry))
        return refuse(err, 429, YW_ELIMIT, "too many requests from this address");
    return 0;
}

static int count_methods(struct lws *wsi)
{
    static const enum lws_token_indexes methods[] = {
        WSI_TOKEN_GET_URI,     WSI_TOKEN_HEAD_URI,  WSI_TOKEN_POST_URI,
        WSI_TOKEN_OPTIONS_URI, WSI_TOKEN_PATCH_URI, WSI_TOKEN_PUT_URI,
        WSI_TOKEN_DELETE_URI,  WSI_TOKEN_CONNECT,
    };
    int count = 0;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        count += lws_hdr_total_length(wsi, methods[i]) > 0;
    return count;
}

int yw_guard_http(struct yw_net *net, struct lws *wsi, const char *uri,
                  struct yw_err *err)
{
    int status = guard_head(net, wsi, uri, err);
    if (status)
        return status;
    if (count_methods(wsi) != 1)
        return refuse(err, 400, YW_EINVAL, "expected exactly one method");
    char length[HEADER_MAX];
    bool seen;
    bool once = header_once(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, &seen);
    if (seen && (!once || strlen(length) > 9 || length[strspn(length, "0123456789")]))
        return refuse(err, 400, YW_EINVAL, "Content-Length: expected one number");
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) <= 0 && seen &&
        strcmp(length, "0") != 0)
        return refuse(err, 400, YW_EINVAL, "a body is accepted with POST only");
    return 0;
}

int yw_guard_body(struct lws *wsi, struct yw_err *err)
{
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return refuse(err, 411, YW_EINVAL,
                      "Transfer-Encoding: not accepted, send Content-Length");
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0 &&
        lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
        return refuse(err, 411, YW_EINVAL, "Content-Length: missing");
    return 0;
}

int yw_guard_upgrade(struct yw_net *net, struct lws *wsi, const char *protocol,
                     struct yw_err *err)
{
    char text[HEADER_MAX];
    bool seen;
    if (count_methods(wsi) != 1 || lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0 ||
        lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_GET_URI) <= 0)
        return refuse(err, 405, YW_EINVAL, "a WebSocket begins with GET");
    int status = guard_head(net, wsi, text, err);
    if (status)
        return status;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
        lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return refuse(err, 400, YW_EINVAL, "a WebSocket begins without a body");
    if (!header_once(wsi, WSI_TOKEN_UPGRADE, text, &seen) ||
        strcasecmp(text, "websocket") != 0)
        return refuse(err, 400, YW_EINVAL, "Upgrade: expected websocket, once");
    if (!header_once(wsi, WSI_TOKEN_KEY, text, &seen) || !yw_guard_key_valid(text))
        return refuse(err, 400, YW_EINVAL,
                      "Sec-WebSocket-Key: expected 16 bytes in base64");
    if (!header_once(wsi, WSI_TOKEN_VERSION, text, &seen) || strcmp(text, "13") != 0)
        return refuse(err, 426, YW_EINVAL, "Sec-WebSocket-Version: expected 13");
    if (!header_once(wsi, WSI_TOKEN_PROTOCOL, text, &seen) ||
        strcmp(text, protocol) != 0) {
        (void)yw_err_set(err, YW_EINVAL, "Sec-WebSocket-Protocol: expected %s", protocol);
        return 400;
    }
    return 0;
}
