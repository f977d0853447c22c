/* The stream, written from the tick. lws_write() outside WRITEABLE is beside the
 * library's documented way; with 4.1.6 it is sound as long as all of these hold:
 *
 *   a  only the loop thread writes: every call rewrites the header bytes of the shared
 *      buffer
 *   b  never while lws_partial_buffered(): such a write would grow without limit and could
 *      leave without its header; the viewer is behind instead, continues from WRITEABLE
 *   c  plain WebSocket over HTTP/1.1: with TLS every message goes the documented way
 *   d  whole messages, one writer; pings, pongs and closes stay with the library
 *   e  open connections only: a viewer leaves its channel before any close
 *   f  a failed write kills the connection later, never inside the loop over the viewers
 *   g  tx_packet_size above the largest message (net.c)
 *   h  one cursor, advanced by whoever wrote the message, so none is sent twice
 *
 * A viewer:   waiting ─(first message)─▶ open ⇄ behind ──▶ closing
 */
#include "net/stream.h"

#include "base/log.h"
#include "base/mem.h"
#include "net/door.h"
#include "net/ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TICK_MS 1000

struct channel { /* one audience of one drill */
    struct yw_hub *hub;
    char drill[YW_NAME_MAX];
    enum yw_audience audience;
    int team;
    char team_name[YW_NAME_MAX];
    struct yw_viewer **viewers;
    size_t count, room;
    struct yw_ring ring;
    size_t first; /* who is served first; moves on with every message, or one is always
                     last */
    size_t at;    /* who is served next */
    size_t left;  /* viewers still to serve */
    struct yw_due_entry slice;
    int64_t last_ms;  /* when something was last sent, mono */
    int64_t empty_ms; /* since when nobody watches; INT64_MAX: somebody does */
    struct channel *next;
};

enum viewer_state { WAITING, OPEN, CLOSING };

struct yw_viewer {
    struct yw_hub *hub;
    struct lws *wsi;
    enum viewer_state state;
    char drill[YW_NAME_MAX];
    int64_t since; /* -1 none */
    char first[YW_STREAM_FIRST_MAX + 1];
    size_t first_size;
    struct yw_due_entry deadline;
    struct channel *channel;
    size_t place; /* in channel->viewers */
    struct yw_cursor at;
    bool greeted, behind, owes_ping, documented_way;
    int64_t behind_ms; /* since when it takes nothing, mono */
    uint16_t close_code;
    const char *close_text; /* static */
};

struct yw_hub {
    struct yw_net *net;
    struct channel *channels;
    size_t channel_count;
    size_t viewer_count;
    struct yw_due_entry tick;
    int64_t tick_ms;
};

static int64_t now_ms(const struct yw_hub *hub)
{
    return yw_clock_mono_ms(yw_loop_clock(hub->net->loop));
}

static struct yw_due *due_of(const struct yw_hub *hub)
{
    return yw_loop_due(hub->net->loop);
}

static long long wall_us(const struct yw_hub *hub)
{
    return (long long)yw_clock_wall_us(yw_loop_clock(hub->net->loop));
}

/* ---- viewers in and out of their channel ---- */

static void leave(struct yw_viewer *viewer)
{
    struct channel *channel = viewer->channel;
    if (!channel)
        return;
    viewer->channel = NULL;
    struct yw_viewer *last = channel->viewers[--channel->count];
    channel->viewers[viewer->place] = last;
    last->place = viewer->place;
    /* In the middle of a fan-out the one that moved could be passed over: it comes by
     * itself. */
    if (last != viewer && channel->left > 0)
        lws_callback_on_writable(last->wsi);
    if (channel->count == 0)
        channel->empty_ms = now_ms(channel->hub);
}

/* A connection that is beyond help: it goes, but not now (rule f). */
static void kill_later(struct yw_viewer *viewer)
{
    leave(viewer);
    viewer->state = CLOSING;
    lws_set_timeout(viewer->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static void on_close(struct yw_due_entry *entry)
{
    struct yw_viewer *viewer = entry->arg;
    lws_close_reason(viewer->wsi, viewer->close_code,
                     (unsigned char *)(uintptr_t)viewer->close_text,
                     strlen(viewer->close_text));
    lws_set_timeout(viewer->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

/* A close with a code and a reason, in the next turn. A callback's result of -1 would be
 * the usual way, but Debian's build with libuv closes twice then, and the close frame is
 * never sent. */
static void close_with(struct yw_viewer *viewer, uint16_t code, const char *text)
{
    leave(viewer);
    viewer->state = CLOSING;
    viewer->close_code = code;
    viewer->close_text = text;
    viewer->deadline.run = on_close;
    yw_due_add(due_of(viewer->hub), &viewer->deadline, now_ms(viewer->hub) + 1);
}

static void fall_behind(struct yw_viewer *viewer)
{
    if (!viewer->behind)
        viewer->behind_ms = now_ms(viewer->hub);
    viewer->behind = true;
    lws_callback_on_writable(viewer->wsi);
}

static int send_to(struct yw_viewer *viewer, struct yw_message *message)
{
    assert(!lws_partial_buffered(viewer->wsi)); /* rule b */
    int sent =
        lws_write(viewer->wsi, message->bytes + LWS_PRE, message->size, LWS_WRITE_TEXT);
    return sent < 0 ? -1 : 0;
}

/* From the tick: everything new, as long as the socket takes it. */
static void advance(struct yw_viewer *viewer)
{
    if (viewer->behind)
        return;
    if (viewer->documented_way) {
        fall_behind(viewer);
        return;
    }
    const struct yw_ring *ring = &viewer->channel->ring;
    for (struct yw_message *message; (message = yw_ring_next(ring, &viewer->at));) {
        if (lws_partial_buffered(viewer->wsi))
            break;
        if (send_to(viewer, message)) {
            kill_later(viewer);
            return;
        }
        yw_cursor_took(&viewer->at, message);
    }
    if (!yw_ring_reached(ring, &viewer->at))
        fall_behind(viewer);
}

static void serve_slice(struct channel *channel)
{
    for (size_t k = 0; k < YW_STREAM_SLICE && channel->left > 0; k++) {
        if (channel->count == 0) {
            channel->left = 0;
            return;
        }
        channel->left--;
        if (channel->at >= channel->count)
            channel->at = 0;
        advance(channel->viewers[channel->at++]);
    }
    if (channel->left > 0) /* the next turn, not this one: others want the loop too */
        yw_due_add(due_of(channel->hub), &channel->slice, now_ms(channel->hub) + 1);
}

static void on_slice(struct yw_due_entry *entry)
{
    serve_slice(entry->arg);
}

static void serve_all(struct channel *channel)
{
    channel->first = channel->count ? (channel->first + 1) % channel->count : 0;
    channel->at = channel->first;
    channel->left = channel->count;
    channel->last_ms = now_ms(channel->hub);
    serve_slice(channel);
}

/* ---- channels ---- */

static struct channel *find_channel(const struct yw_hub *hub, const char *drill,
                                    enum yw_audience audience, int team)
{
    for (struct channel *at = hub->channels; at; at = at->next)
        if (at->audience == audience && at->team == team && strcmp(at->drill, drill) == 0)
            return at;
    return NULL;
}

static struct channel *open_channel(struct yw_hub *hub, const char *drill,
                                    const struct yw_caller *caller,
                                    enum yw_audience audience, int team)
{
    if (hub->channel_count >= YW_STREAM_CHANNELS_MAX)
        return NULL;
    struct channel *channel = yw_new(sizeof(*channel));
    channel->hub = hub;
    (void)YW_COPY(channel->drill, drill);
    (void)YW_COPY(channel->team_name, caller->team);
    channel->audience = audience;
    channel->team = team;
    yw_ring_init(&channel->ring);
    channel->slice.run = on_slice;
    channel->slice.arg = channel;
    channel->last_ms = now_ms(hub);
    channel->empty_ms = now_ms(hub);
    channel->next = hub->channels;
    hub->channels = channel;
    hub->channel_count++;
    yw_conductor_watch(hub->net->conductor, drill, audience, team, 1);
    return channel;
}

static void close_channel(struct channel *channel)
{
    struct yw_hub *hub = channel->hub;
    assert(channel->count == 0);
    for (struct channel **at = &hub->channels; *at; at = &(*at)->next)
        if (*at == channel) {
            *at = channel->next;
            break;
        }
    hub->channel_count--;
    yw_conductor_watch(hub->net->conductor, channel->drill, channel->audience,
                       channel->team, -1);
    yw_due_cancel(due_of(hub), &channel->slice);
    yw_ring_fini(&channel->ring);
    free(channel->viewers);
    free(channel);
}

static struct yw_message *current_snapshot(struct channel *channel)
{
    if (channel->ring.snapshot)
        return channel->ring.snapshot;
    struct yw_frame *frame = yw_conductor_snapshot(
        channel->hub->net->conductor, channel->drill, channel->audience, channel->team);
    if (!frame)
        return NULL;
    channel->ring.snapshot = yw_message_snapshot(frame);
    yw_frame_unref(frame);
    return channel->ring.snapshot;
}

static void on_patch(void *owner, const char *drill, enum yw_audience audience, int team,
                     struct yw_frame *patch)
{
    struct yw_hub *hub = owner;
    struct channel *channel = find_channel(hub, drill, audience, team);
    if (!channel)
        return;
    struct yw_message *message = yw_message_patch(patch);
    if (!message) {
        yw_warn("net", "%s: a patch larger than %d bytes became a snapshot", drill,
                YW_STREAM_MESSAGE_MAX);
        yw_ring_broke(&channel->ring);
        return; /* the next one does not fit the chain, and brings a snapshot */
    }
    yw_ring_push(&channel->ring, message);
    serve_all(channel);
}

/* ---- one viewer ---- */

static void enter(struct yw_viewer *viewer, struct channel *channel)
{
    if (channel->count == channel->room) {
        channel->room = channel->room ? channel->room * 2 : 16;
        channel->viewers =
            yw_resize(channel->viewers, channel->room, sizeof(struct yw_viewer *));
    }
    viewer->channel = channel;
    viewer->place = channel->count;
    channel->viewers[channel->count++] = viewer;
    channel->empty_ms = INT64_MAX;
    viewer->state = OPEN;
    yw_ring_resume(&channel->ring, &viewer->at, viewer->since);
    fall_behind(viewer); /* hello and what it lacks go out from WRITEABLE */
}

static void join(struct yw_viewer *viewer, const struct yw_caller *caller)
{
    struct yw_hub *hub = viewer->hub;
    struct yw_conductor *conductor = hub->net->conductor;
    enum yw_audience audience = caller->role == YW_ROLE_CONTROL ? YW_AUDIENCE_CONTROL
                                : caller->role == YW_ROLE_TEAM  ? YW_AUDIENCE_TEAM
                                : caller->role == YW_ROLE_TIER  ? YW_AUDIENCE_TIER
                                                                : YW_AUDIENCE_PUBLIC;
    int team = -1;
    if (!yw_conductor_view(conductor, viewer->drill, YW_AUDIENCE_PUBLIC, -1)) {
        close_with(viewer, YW_CLOSE_NO_DRILL, "no such drill");
        return;
    }
    if (audience == YW_AUDIENCE_TEAM) {
        if (strcmp(caller->drill, viewer->drill) == 0)
            team = yw_conductor_team(conductor, viewer->drill, caller->team);
        if (team < 0) {
            close_with(viewer, YW_CLOSE_BAD_TOKEN, "this token belongs to another drill");
            return;
        }
    }
    if (audience == YW_AUDIENCE_TIER) {
        if (strcmp(caller->drill, viewer->drill) == 0)
            team = yw_spec_tier(caller->team);
        if (!yw_conductor_view(conductor, viewer->drill, audience, team)) {
            close_with(viewer, YW_CLOSE_BAD_TOKEN, "this token belongs to another drill");
            return;
        }
    }
    struct channel *channel = find_channel(hub, viewer->drill, audience, team);
    if (!channel)
        channel = open_channel(hub, viewer->drill, caller, audience, team);
    if (!channel) {
        close_with(viewer, YW_CLOSE_MANY, "too many boards");
        return;
    }
    enter(viewer, channel);
}

/* The client's one message: {"token":"…"} or {}. */
static void take_first(struct yw_viewer *viewer)
{
    struct yw_net *net = viewer->hub->net;
    struct yw_rate_entry *entry = lws_get_opaque_user_data(viewer->wsi);
    char token[YW_AUTH_TOKEN_MAX + 1];
    struct yw_caller caller = {.role = YW_ROLE_PUBLIC};
    yw_due_cancel(due_of(viewer->hub), &viewer->deadline);
    int code =
        yw_json_get(viewer->first, viewer->first_size, "/token", token, sizeof(token));
    bool object = viewer->first[strspn(viewer->first, " \t\r\n")] == '{';
    if (!object || (code && code != YW_ENOTFOUND)) {
        close_with(viewer, LWS_CLOSE_STATUS_POLICY_VIOLATION,
                   "expected a JSON object with a token, or {}");
        return;
    }
    if (code == 0 && entry && !yw_rate_may_try(&net->rate, entry)) {
        close_with(viewer, YW_CLOSE_MANY, "too many wrong tokens");
        return;
    }
    if (code == 0 && !yw_auth_check(net->auth, token, &caller)) {
        if (entry)
            yw_rate_refused(&net->rate, entry);
        close_with(viewer, YW_CLOSE_BAD_TOKEN, "no such token");
        return;
    }
    join(viewer, &caller);
}

int yw_viewer_receive(struct yw_viewer *viewer, const char *bytes, size_t size,
                      bool whole)
{
    if (viewer->state == CLOSING)
        return 0;
    if (viewer->state == OPEN) {
        close_with(viewer, LWS_CLOSE_STATUS_POLICY_VIOLATION,
                   "this stream has one direction");
        return 0;
    }
    if (lws_frame_is_binary(viewer->wsi)) {
        close_with(viewer, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "expected text");
        return 0;
    }
    if (viewer->first_size + size + lws_remaining_packet_payload(viewer->wsi) >
        YW_STREAM_FIRST_MAX) {
        close_with(viewer, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
        return 0;
    }
    memcpy(viewer->first + viewer->first_size, bytes, size);
    viewer->first_size += size;
    if (whole)
        take_first(viewer);
    return 0;
}

static void on_slow(struct yw_due_entry *entry)
{
    close_with(entry->arg, YW_CLOSE_SLOW, "no message in time");
}

struct yw_viewer *yw_viewer_new(struct yw_hub *hub, struct lws *wsi, const char *drill,
                                int64_t since)
{
    if (hub->viewer_count >= YW_STREAM_VIEWERS_MAX)
        return NULL;
    struct yw_viewer *viewer = yw_new(sizeof(*viewer));
    viewer->hub = hub;
    viewer->wsi = wsi;
    viewer->since = since;
    (void)YW_COPY(viewer->drill, drill);
    viewer->documented_way = lws_is_ssl(wsi);
    viewer->deadline.run = on_slow;
    viewer->deadline.arg = viewer;
    yw_due_add(due_of(hub), &viewer->deadline, now_ms(hub) + YW_STREAM_FIRST_MS);
    /* Auto-tuning would give a viewer that never reads up to 3.8 MB of kernel memory. */
    int bytes = YW_STREAM_SEND_BUFFER;
    (void)setsockopt((int)lws_get_socket_fd(wsi), SOL_SOCKET, SO_SNDBUF, &bytes,
                     sizeof(bytes));
    hub->viewer_count++;
    return viewer;
}

void yw_viewer_free(struct yw_viewer *viewer)
{
    if (!viewer)
        return;
    leave(viewer);
    yw_due_cancel(due_of(viewer->hub), &viewer->deadline);
    viewer->hub->viewer_count--;
    free(viewer);
}

static const char *audience_name(enum yw_audience audience)
{
    switch (audience) {
    case YW_AUDIENCE_CONTROL:
        return "control";
    case YW_AUDIENCE_TEAM:
        return "team";
    case YW_AUDIENCE_TIER:
        return "tier";
    case YW_AUDIENCE_PUBLIC:
        return "public";
    }
    return "public";
}

/* A message for one viewer alone. */
static int send_own(struct yw_viewer *viewer, const struct yw_buf *text)
{
    struct yw_message *message = yw_message_new(text, 0, 0);
    int result = send_to(viewer, message);
    yw_message_unref(message);
    return result;
}

static int greet(struct yw_viewer *viewer)
{
    const struct channel *channel = viewer->channel;
    struct yw_buf text;
    yw_buf_init(&text, 1024);
    yw_buf_printf(&text,
                  "{\"audience\":\"%s\",\"drill\":", audience_name(channel->audience));
    yw_json_string(&text, channel->drill);
    yw_buf_puts(&text, ",\"team\":");
    if (channel->audience == YW_AUDIENCE_TEAM || channel->audience == YW_AUDIENCE_TIER)
        yw_json_string(&text, channel->team_name);
    else
        yw_buf_puts(&text, "null");
    yw_buf_printf(&text, ",\"type\":\"hello\",\"version\":\"%s\",\"wall_us\":%lld}",
                  YW_VERSION, wall_us(viewer->hub));
    viewer->greeted = true;
    int result = send_own(viewer, &text);
    yw_buf_fini(&text);
    return result;
}

static void ping_text(const struct yw_hub *hub, struct yw_buf *text)
{
    yw_buf_init(text, 128);
    yw_buf_printf(text, "{\"type\":\"ping\",\"wall_us\":%lld}", wall_us(hub));
}

static int send_ping(struct yw_viewer *viewer)
{
    struct yw_buf text;
    ping_text(viewer->hub, &text);
    viewer->owes_ping = false;
    int result = send_own(viewer, &text);
    yw_buf_fini(&text);
    return result;
}

static int send_snapshot(struct yw_viewer *viewer)
{
    struct yw_message *snapshot = current_snapshot(viewer->channel);
    if (!snapshot) {
        close_with(viewer, YW_CLOSE_NO_DRILL, "the drill has gone");
        return 0;
    }
    yw_cursor_jumped(&viewer->at, &viewer->channel->ring);
    return send_to(viewer, snapshot);
}

/* One message a callback; more follow in the next. */
int yw_viewer_writeable(struct yw_viewer *viewer)
{
    if (viewer->state != OPEN || lws_partial_buffered(viewer->wsi))
        return 0;
    viewer->behind_ms = now_ms(viewer->hub); /* it took what was there */
    int result = 0;
    const struct yw_ring *ring = &viewer->channel->ring;
    struct yw_message *message = NULL;
    if (!viewer->greeted) {
        result = greet(viewer);
    } else if ((message = yw_ring_next(ring, &viewer->at)) != NULL) {
        result = send_to(viewer, message);
        yw_cursor_took(&viewer->at, message);
    } else if (viewer->at.needs_snapshot) {
        result = send_snapshot(viewer);
    } else if (viewer->owes_ping) {
        result = send_ping(viewer);
    }
    if (result < 0) {
        leave(viewer);
        return -1;
    }
    if (viewer->state != OPEN)
        return 0;
    viewer->behind = !yw_ring_reached(ring, &viewer->at);
    if (viewer->behind || viewer->owes_ping)
        lws_callback_on_writable(viewer->wsi);
    return 0;
}

int yw_viewer_peer_closes(struct yw_viewer *viewer, const char *payload, size_t size)
{
    leave(viewer);
    viewer->state = CLOSING;
    yw_due_cancel(due_of(viewer->hub), &viewer->deadline);
    /* The library would echo what RFC 6455 §7.4 does not allow. */
    unsigned code =
        size >= 2 ? (unsigned)((unsigned char)payload[0] << 8 | (unsigned char)payload[1])
                  : 0;
    return size == 1 || (size >= 2 && (code < 1000 || code >= 5000)) ? -1 : 0;
}

/* ---- the second's tick: silence, viewers that take nothing, channels without viewers
 * ---- */

static void ping_viewers(struct channel *channel)
{
    struct yw_buf text;
    ping_text(channel->hub, &text);
    struct yw_message *ping = yw_message_new(&text, 0, 0);
    for (size_t i = channel->count; i-- > 0;) {
        struct yw_viewer *viewer = channel->viewers[i];
        if (viewer->behind || lws_partial_buffered(viewer->wsi))
            continue;
        if (viewer->documented_way) {
            viewer->owes_ping = true;
            lws_callback_on_writable(viewer->wsi);
        } else if (send_to(viewer, ping)) {
            kill_later(viewer);
        }
    }
    yw_message_unref(ping);
    yw_buf_fini(&text);
    channel->last_ms = now_ms(channel->hub);
}

static void drop_choked(struct channel *channel, int64_t now)
{
    for (size_t i = channel->count; i-- > 0;) {
        struct yw_viewer *viewer = channel->viewers[i];
        if (viewer->behind && now - viewer->behind_ms > YW_STREAM_CHOKED_MS) {
            yw_info("net", "%s: a viewer took nothing for %d s", channel->drill,
                    YW_STREAM_CHOKED_MS / 1000);
            kill_later(viewer);
        }
    }
}

static void on_tick(struct yw_due_entry *entry)
{
    struct yw_hub *hub = entry->arg;
    int64_t now = now_ms(hub);
    for (struct channel *channel = hub->channels, *next; channel; channel = next) {
        next = channel->next;
        drop_choked(channel, now);
        if (channel->count > 0 && now - channel->last_ms >= YW_STREAM_PING_MS)
            ping_viewers(channel);
        if (channel->count == 0 && now - channel->empty_ms > YW_STREAM_LINGER_MS)
            close_channel(channel);
    }
    hub->tick_ms += TICK_MS;
    if (hub->tick_ms <= now) /* the process was stopped: no burst of missed ticks */
        hub->tick_ms = now + TICK_MS;
    yw_due_add(due_of(hub), &hub->tick, hub->tick_ms);
}

int yw_hub_open(struct yw_hub **ret, struct yw_net *net, struct yw_err *err)
{
    (void)err;
    struct yw_hub *hub = yw_new(sizeof(*hub));
    hub->net = net;
    hub->tick.run = on_tick;
    hub->tick.arg = hub;
    hub->tick_ms = now_ms(hub) + TICK_MS;
    yw_due_add(due_of(hub), &hub->tick, hub->tick_ms);
    yw_conductor_on_patch(net->conductor, on_patch, hub);
    *ret = hub;
    return 0;
}

void yw_hub_close(struct yw_hub *hub)
{
    if (!hub)
        return;
    assert(hub->viewer_count == 0);
    yw_conductor_on_patch(hub->net->conductor, NULL, NULL);
    yw_due_cancel(due_of(hub), &hub->tick);
    while (hub->channels)
        close_channel(hub->channels);
    free(hub);
}
