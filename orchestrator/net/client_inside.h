/* What the files of the client share. */
#ifndef YW_NET_CLIENT_INSIDE_H
#define YW_NET_CLIENT_INSIDE_H

#include "net/net.h"

struct lws_context;

struct yw_client {
    struct lws_context *context;
    char host[256];
    char authority[300]; /* host:port as the Host header says it */
    int port;
    bool tls;
    bool local; /* of this machine: its certificate may be self-signed */
    char token[128];
};

#endif
