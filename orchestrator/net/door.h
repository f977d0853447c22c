/* The inside of struct yw_net, for the files of this room. */
#ifndef YW_NET_DOOR_H
#define YW_NET_DOOR_H

#include "loop/pool.h"
#include "model/technique.h"
#include "net/auth.h"
#include "net/call.h"
#include "net/net.h"
#include "net/rate.h"
#include "net/static.h"
#include "net/stream.h"

#include <libwebsockets.h>

struct yw_net {
    struct lws_context *context; /* set to NULL by libwebsockets once it has gone */
    struct lws_vhost *vhost;
    struct yw_loop *loop;           /* borrowed */
    struct yw_conductor *conductor; /* borrowed */
    struct yw_net_config config;
    int port;
    bool tls;
    char host_name[64]; /* of this machine */
    struct yw_auth *auth;
    struct yw_rate rate;
    struct yw_static *files;
    struct yw_techniques techniques; /* of attacks; empty: there is no table */
    struct yw_hub *hub;
    struct yw_pool *pool;   /* work too long for a turn of the loop */
    size_t sitters;         /* at consoles */
    struct yw_call *calls;  /* newest first */
    unsigned char *scratch; /* LWS_PRE + YW_HTTP_CHUNK + framing */
};

#endif
