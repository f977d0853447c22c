/* The stream: hello, snapshot, patches. Viewers of one audience share every byte: a
 * message is framed once, with room for the WebSocket header before it, and kept in a
 * ring; a viewer is a cursor into that ring. One that fell behind gets what it missed
 * from the ring, or a fresh snapshot. Loop thread only.
 *
 * Messages leave from the tick (not from LWS_CALLBACK_SERVER_WRITEABLE), which saves four
 * epoll_ctl a message; the rules that make this safe stand at the top of stream.c. */
#ifndef YW_NET_STREAM_H
#define YW_NET_STREAM_H

#include "base/due.h"
#include "codec/state/state.h"
#include "net/net.h"

#define YW_STREAM_PROTOCOL "yanwu.v1"
#define YW_STREAM_RING 64 /* messages kept per audience */
#define YW_STREAM_RING_BYTES (2 * 1024 * 1024)
#define YW_STREAM_MESSAGE_MAX (YW_STATE_MAX + 256)
#define YW_STREAM_FIRST_MAX 512   /* bytes of the client's only message */
#define YW_STREAM_FIRST_MS 5000   /* for it to arrive */
#define YW_STREAM_PING_MS 5000    /* silence before a ping message */
#define YW_STREAM_CHOKED_MS 30000 /* a viewer that takes nothing is dropped */
#define YW_STREAM_LINGER_MS 30000 /* a ring without viewers is kept for resumes */
#define YW_STREAM_SEND_BUFFER (128 * 1024) /* SO_SNDBUF: what a stalled viewer costs */
#define YW_STREAM_SLICE 1000               /* viewers served in one loop turn */
#define YW_STREAM_CHANNELS_MAX 1024
#define YW_STREAM_VIEWERS_MAX 16384

#define YW_CLOSE_BAD_TOKEN 4401
#define YW_CLOSE_NO_DRILL 4404
#define YW_CLOSE_SLOW 4408
#define YW_CLOSE_MANY 4429

struct lws;
struct yw_hub;
struct yw_viewer;

int yw_hub_open(struct yw_hub **ret, struct yw_net *net, struct yw_err *err);
void yw_hub_close(struct yw_hub *hub); /* after the last viewer has gone. NULL-safe */

/* What libwebsockets calls back for; results are its. */
struct yw_viewer *yw_viewer_new(struct yw_hub *hub, struct lws *wsi, const char *drill,
                                int64_t since);
void yw_viewer_free(struct yw_viewer *viewer); /* CLOSED. NULL-safe */
int yw_viewer_receive(struct yw_viewer *viewer, const char *bytes, size_t size,
                      bool whole);
int yw_viewer_writeable(struct yw_viewer *viewer);
int yw_viewer_peer_closes(struct yw_viewer *viewer, const char *payload, size_t size);

#endif
