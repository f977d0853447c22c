#include "net/console.h"

#include "base/mem.h"
#include "net/door.h"
#include "net/rfb.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum state { WAITING, OPEN, CLOSING };

struct yw_sitter {
    struct yw_net *net;
    struct lws *wsi;
    enum state state;
    struct yw_console_target target;
    struct yw_seat seat;
    struct yw_due_entry deadline; /* of the first message, then of the close */
    char text[YW_CONSOLE_FIRST_MAX + 1];
    size_t text_size;
    bool greeted;
    struct yw_rfb rfb;
    uint8_t typed[YW_CONSOLE_READ_MAX + YW_RFB_HEAD_MAX]; /* not yet taken */
    size_t typed_size;
    char refused[128]; /* why the last wish was not granted; "" none */
    uint16_t close_code;
    char close_text[124]; /* RFC 6455 §5.5: a close frame holds 125 bytes */
};

static int64_t now_ms(const struct yw_sitter *sitter)
{
    return yw_clock_mono_ms(yw_loop_clock(sitter->net->loop));
}

static struct yw_due *due_of(const struct yw_sitter *sitter)
{
    return yw_loop_due(sitter->net->loop);
}

/* "/api/v1/drills/<id>/machines/<machine>/console" */
int yw_console_target(struct lws *wsi, struct yw_console_target *ret)
{
    static const char first[] = "/api/v1/drills/", second[] = "/machines/",
                      last[] = "/console";
    char uri[YW_HTTP_PATH_MAX], arg[YW_NAME_MAX + 16], *rest = uri + sizeof(first) - 1;

    memset(ret, 0, sizeof(*ret));
    if (lws_hdr_copy(wsi, uri, sizeof(uri), WSI_TOKEN_GET_URI) <= 0 ||
        strncmp(uri, first, sizeof(first) - 1) != 0)
        return YW_EINVAL;
    char *machine = strstr(rest, second);
    if (!machine)
        return YW_EINVAL;
    *machine = '\0';
    machine += sizeof(second) - 1;
    size_t size = strcspn(machine, "/");
    if (strcmp(machine + size, last) != 0)
        return YW_EINVAL;
    machine[size] = '\0';
    const char *value = lws_get_urlarg_by_name(wsi, "form=", arg, sizeof(arg));
    int kind = yw_virt_form_of(value ? value : "serial");
    value = lws_get_urlarg_by_name(wsi, "team=", arg, sizeof(arg));
    if (!yw_name_valid(rest) || !yw_name_valid(machine) || kind < 0 ||
        (value && (!yw_name_valid(value) || YW_COPY(ret->team, value))))
        return YW_EINVAL;
    ret->form = (enum yw_virt_form)kind;
    return YW_COPY(ret->drill, rest) || YW_COPY(ret->machine, machine) ? YW_EINVAL : 0;
}

/* ---- the end ---- */

static void on_close(struct yw_due_entry *entry)
{
    struct yw_sitter *sitter = entry->arg;
    lws_close_reason(sitter->wsi, sitter->close_code, (unsigned char *)sitter->close_text,
                     strlen(sitter->close_text));
    lws_set_timeout(sitter->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

/* In the next turn, as the stream does it and for its reasons (net/stream.c). */
static void close_with(struct yw_sitter *sitter, uint16_t code, const char *text)
{
    if (sitter->state == CLOSING)
        return;
    sitter->state = CLOSING;
    sitter->close_code = code;
    (void)yw_copyf(sitter->close_text, sizeof(sitter->close_text), "%s", text);
    yw_seat_close(&sitter->seat, text);
    sitter->deadline.run = on_close;
    yw_due_add(due_of(sitter), &sitter->deadline, now_ms(sitter) + 1);
}

static uint16_t close_code(int code)
{
    switch (code) {
    case YW_EDENIED:
        return YW_CLOSE_DENIED;
    case YW_ENOTFOUND:
        return YW_CLOSE_NO_DRILL;
    case YW_ELIMIT:
        return YW_CLOSE_MANY;
    case YW_ESTATE:
        return YW_CLOSE_STATE;
    default:
        return YW_CLOSE_ENDED;
    }
}

/* ---- typing ---- */

static void refuse(struct yw_sitter *sitter, const struct yw_err *err)
{
    (void)yw_copyf(sitter->refused, sizeof(sitter->refused), "%s", err->text);
    lws_callback_on_writable(sitter->wsi);
}

/* What found no room is tried again on news, and nothing more is read until then. */
static void type_waiting(struct yw_sitter *sitter)
{
    struct yw_err err;
    if (sitter->typed_size == 0)
        return;
    for (size_t done = 0; done < sitter->typed_size;) {
        size_t part = sitter->typed_size - done;
        part = part < YW_SEAT_TYPE_MAX ? part : YW_SEAT_TYPE_MAX;
        int code = yw_seat_type(&sitter->seat, sitter->typed + done, part, &err);
        if (code == YW_ELIMIT) {
            memmove(sitter->typed, sitter->typed + done, sitter->typed_size - done);
            sitter->typed_size -= done;
            return;
        }
        done += part; /* a watcher's keys go nowhere */
    }
    sitter->typed_size = 0;
    lws_rx_flow_control(sitter->wsi, 1);
}

static void take_typed(struct yw_sitter *sitter, const char *bytes, size_t size)
{
    long kept = (long)size;
    if (size > YW_CONSOLE_READ_MAX || sitter->typed_size > 0) {
        close_with(sitter, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "too much at once");
        return;
    }
    if (sitter->target.form == YW_VIRT_VNC)
        kept = yw_rfb_filter(&sitter->rfb, !sitter->seat.has_keys, (const uint8_t *)bytes,
                             size, sitter->typed, sizeof(sitter->typed));
    else
        memcpy(sitter->typed, bytes, size);
    if (kept < 0) {
        close_with(sitter, LWS_CLOSE_STATUS_POLICY_VIOLATION,
                   "this is not the protocol of a screen");
        return;
    }
    sitter->typed_size = (size_t)kept;
    type_waiting(sitter);
    if (sitter->typed_size > 0)
        lws_rx_flow_control(sitter->wsi, 0);
}

static void on_news(struct yw_seat *seat)
{
    struct yw_sitter *sitter = seat->owner;
    if (sitter->state == OPEN)
        lws_callback_on_writable(sitter->wsi);
}

/* ---- text messages ---- */

/* Which team's machine, and for whom. */
static int fill_seat(struct yw_sitter *sitter, const struct yw_caller *caller,
                     struct yw_err *err)
{
    const struct yw_console_target *target = &sitter->target;
    struct yw_conductor *conductor = sitter->net->conductor;
    struct yw_seat *seat = &sitter->seat;
    const struct yw_view *view =
        yw_conductor_view(conductor, target->drill, YW_AUDIENCE_CONTROL, -1);
    if (!view)
        return yw_err_set(err, YW_ENOTFOUND, "no drill '%s'", target->drill);
    if (caller->role == YW_ROLE_TIER)
        return yw_err_set(err, YW_EDENIED, "an office has no machines");
    if (caller->role == YW_ROLE_TEAM && strcmp(caller->drill, target->drill) != 0)
        return yw_err_set(err, YW_EDENIED, "this token belongs to another drill");
    const char *own = caller->role == YW_ROLE_TEAM ? caller->team : "";
    const char *team = target->team[0] ? target->team : own;
    if (!team[0] && view->state.teams.count == 1)
        seat->team = 0;
    else
        seat->team = yw_conductor_team(conductor, target->drill, team);
    if (seat->team < 0)
        return team[0] ? yw_err_set(err, YW_ENOTFOUND, "no team '%s'", team)
                       : yw_err_set(err, YW_EINVAL, "team: whose machine is missing");
    seat->party = own[0] ? yw_conductor_team(conductor, target->drill, own) : -1;
    if (own[0] && seat->party < 0)
        return yw_err_set(err, YW_EDENIED, "this token's team is not in the drill");
    (void)YW_COPY(seat->drill, target->drill);
    (void)YW_COPY(seat->machine, target->machine);
    seat->form = target->form;
    if (own[0])
        (void)yw_copyf(seat->actor, sizeof(seat->actor), "team:%s", own);
    else
        (void)YW_COPY(seat->actor, "control");
    seat->on_news = on_news;
    seat->owner = sitter;
    return 0;
}

static void take_first(struct yw_sitter *sitter)
{
    struct yw_net *net = sitter->net;
    struct yw_rate_entry *entry = lws_get_opaque_user_data(sitter->wsi);
    char token[YW_AUTH_TOKEN_MAX + 1], mode[8] = "view";
    struct yw_caller caller = {.role = YW_ROLE_PUBLIC};
    struct yw_err err = {0};
    yw_due_cancel(due_of(sitter), &sitter->deadline);
    if (yw_json_get(sitter->text, sitter->text_size, "/token", token, sizeof(token))) {
        close_with(sitter, YW_CLOSE_BAD_TOKEN, "a token is needed");
        return;
    }
    if (entry && !yw_rate_may_try(&net->rate, entry)) {
        close_with(sitter, YW_CLOSE_MANY, "too many wrong tokens");
        return;
    }
    if (!yw_auth_check(net->auth, token, &caller)) {
        if (entry)
            yw_rate_refused(&net->rate, entry);
        close_with(sitter, YW_CLOSE_BAD_TOKEN, "no such token");
        return;
    }
    (void)yw_json_get(sitter->text, sitter->text_size, "/mode", mode, sizeof(mode));
    sitter->seat.wants_keys = strcmp(mode, "type") == 0;
    int code = fill_seat(sitter, &caller, &err);
    if (code == 0)
        code = yw_seat_open(net->conductor, &sitter->seat, &err);
    if (code) {
        close_with(sitter, close_code(code), err.text);
        return;
    }
    sitter->state = OPEN;
    lws_callback_on_writable(sitter->wsi);
}

static void take_wish(struct yw_sitter *sitter)
{
    char type[16] = "";
    struct yw_err err = {0};
    (void)yw_json_get(sitter->text, sitter->text_size, "/type", type, sizeof(type));
    if (strcmp(type, "yield") == 0)
        yw_seat_yield(&sitter->seat);
    else if (strcmp(type, "take") != 0)
        close_with(sitter, LWS_CLOSE_STATUS_POLICY_VIOLATION, "unknown message");
    else if (yw_seat_take(&sitter->seat, &err))
        refuse(sitter, &err);
}

static void take_text(struct yw_sitter *sitter, const char *bytes, size_t size,
                      bool whole)
{
    if (sitter->text_size + size > YW_CONSOLE_FIRST_MAX) {
        close_with(sitter, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
        return;
    }
    memcpy(sitter->text + sitter->text_size, bytes, size);
    sitter->text_size += size;
    if (!whole)
        return;
    sitter->text[sitter->text_size] = '\0';
    if (sitter->state == WAITING)
        take_first(sitter);
    else
        take_wish(sitter);
    sitter->text_size = 0;
}

int yw_sitter_receive(struct yw_sitter *sitter, const char *bytes, size_t size,
                      bool whole)
{
    if (sitter->state == CLOSING)
        return 0;
    if (!lws_frame_is_binary(sitter->wsi))
        take_text(sitter, bytes, size, whole);
    else if (sitter->state == OPEN)
        take_typed(sitter, bytes, size);
    else
        close_with(sitter, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "expected text");
    return 0;
}

/* ---- to the viewer ---- */

static void write_state(struct yw_sitter *sitter, struct yw_buf *out)
{
    struct yw_seat *seat = &sitter->seat;
    if (!sitter->greeted)
        yw_buf_printf(out, "{\"console\":%lld,\"form\":\"%s\",\"idle_ms\":%lld,",
                      (long long)seat->number, yw_virt_form_name(seat->form),
                      (long long)seat->idle_ms);
    else
        yw_buf_puts(out, "{");
    yw_buf_printf(out, "\"mode\":\"%s\",\"type\":\"%s\",\"typist\":",
                  seat->has_keys ? "type" : "view", sitter->greeted ? "state" : "hello");
    yw_json_string(out, seat->typist);
    yw_buf_puts(out, "}");
    sitter->greeted = true;
    seat->changed = false;
}

static int send_text(struct yw_sitter *sitter)
{
    unsigned char room[LWS_PRE + 1024];
    struct yw_buf text;
    yw_buf_init(&text, 1000);
    if (sitter->refused[0]) {
        yw_buf_puts(&text, "{\"type\":\"refused\",\"why\":");
        yw_json_string(&text, sitter->refused);
        yw_buf_puts(&text, "}");
        sitter->refused[0] = '\0';
    } else {
        write_state(sitter, &text);
    }
    memcpy(room + LWS_PRE, text.data, text.size);
    int sent = lws_write(sitter->wsi, room + LWS_PRE, text.size, LWS_WRITE_TEXT);
    yw_buf_fini(&text);
    return sent < 0 ? -1 : 0;
}

static int send_shown(struct yw_sitter *sitter)
{
    unsigned char room[LWS_PRE + YW_CONSOLE_WRITE_MAX];
    size_t size = yw_seat_read(&sitter->seat, room + LWS_PRE, YW_CONSOLE_WRITE_MAX);
    if (size == 0)
        return 0;
    if (lws_write(sitter->wsi, room + LWS_PRE, size, LWS_WRITE_BINARY) < 0)
        return -1;
    lws_callback_on_writable(sitter->wsi);
    return 0;
}

/* One message a callback; more follow in the next. */
int yw_sitter_writeable(struct yw_sitter *sitter)
{
    struct yw_seat *seat = &sitter->seat;
    if (sitter->state != OPEN || lws_partial_buffered(sitter->wsi))
        return 0;
    type_waiting(sitter);
    if (!sitter->greeted || sitter->refused[0] || seat->changed) {
        lws_callback_on_writable(sitter->wsi);
        return send_text(sitter);
    }
    if (seat->ended) {
        close_with(sitter, close_code(seat->why.code), seat->why.text);
        return 0;
    }
    return send_shown(sitter);
}

/* ---- one viewer ---- */

static void on_slow(struct yw_due_entry *entry)
{
    close_with(entry->arg, YW_CLOSE_SLOW, "no message in time");
}

struct yw_sitter *yw_sitter_new(struct yw_net *net, struct lws *wsi,
                                const struct yw_console_target *target)
{
    if (net->sitters >= YW_CONSOLE_SITTERS_MAX)
        return NULL;
    struct yw_sitter *sitter = yw_new(sizeof(*sitter));
    sitter->net = net;
    sitter->wsi = wsi;
    sitter->target = *target;
    sitter->deadline.run = on_slow;
    sitter->deadline.arg = sitter;
    yw_due_add(due_of(sitter), &sitter->deadline, now_ms(sitter) + YW_CONSOLE_FIRST_MS);
    int bytes = YW_CONSOLE_SEND_BUFFER;
    (void)setsockopt((int)lws_get_socket_fd(wsi), SOL_SOCKET, SO_SNDBUF, &bytes,
                     sizeof(bytes));
    net->sitters++;
    return sitter;
}

void yw_sitter_free(struct yw_sitter *sitter)
{
    if (!sitter)
        return;
    yw_due_cancel(due_of(sitter), &sitter->deadline);
    yw_seat_close(&sitter->seat, "closed");
    sitter->net->sitters--;
    free(sitter);
}

int yw_sitter_peer_closes(struct yw_sitter *sitter)
{
    sitter->state = CLOSING;
    yw_due_cancel(due_of(sitter), &sitter->deadline);
    yw_seat_close(&sitter->seat, "closed");
    return 0;
}
