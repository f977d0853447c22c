/* Every check of what libwebsockets 4.1.6 lets through and we do not: one file, so that a
 * newer library can be compared with it line by line. Loop thread only. */
#ifndef YW_NET_GUARD_H
#define YW_NET_GUARD_H

#include "base/err.h"

#include <stdbool.h>

struct lws;
struct yw_net;

/* An HTTP request's head. 0, or the HTTP status that answers it, with err filled. */
int yw_guard_http(struct yw_net *net, struct lws *wsi, const char *uri,
                  struct yw_err *err);
/* A body whose size cannot be told before it comes: 411, with err filled; after it the
 * connection is of no use. 0 else. */
int yw_guard_body(struct lws *wsi, struct yw_err *err);
/* A WebSocket handshake. 0, or the HTTP status that refuses it. */
int yw_guard_upgrade(struct yw_net *net, struct lws *wsi, const char *protocol,
                     struct yw_err *err);
/* Pure parts. `hosts`: extra names, blank-separated origins
 * ("https://board.example:8443"). */
bool yw_guard_host_allowed(const char *host, const char *name, const char *origins);
bool yw_guard_origin_allowed(const char *origin, const char *host, bool tls,
                             const char *origins);
bool yw_guard_key_valid(const char *key); /* Sec-WebSocket-Key */

#endif
