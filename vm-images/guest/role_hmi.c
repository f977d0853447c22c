#include "guest/guest.h"

#include "controller/modbus_client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HMI_PORT 80
#define HMI_IDLE_MS 10000
#define HMI_ROUND_MS 1000
#define HMI_DEADLINE_MS 1500
#define HMI_HEAD_MAX 1536

/* One round of questions; the answers go to struct hmi. */
static const struct {
    uint8_t function;
    uint16_t address;
    uint16_t count;
    size_t at;
} questions[] = {
    {YW_MODBUS_READ_INPUT, 0, 4, offsetof(struct hmi, measured)},
    {YW_MODBUS_READ_HOLDING, 40, 2, offsetof(struct hmi, set)},
    {YW_MODBUS_READ_COILS, 0, 2, offsetof(struct hmi, command)},
    {YW_MODBUS_READ_DISCRETE, 0, 1, offsetof(struct hmi, alarm)},
    {YW_MODBUS_READ_HOLDING, YW_PLC_MODE, 8, offsetof(struct hmi, status)},
};

#define QUESTIONS ((int)(sizeof(questions) / sizeof(questions[0])))

static void hang_up(struct hmi *hmi)
{
    if (hmi->fd >= 0)
        (void)close(hmi->fd);
    hmi->fd = -1;
    hmi->step = -1;
    hmi->in_size = 0;
    hmi->next_ms = guest_now_ms() + HMI_ROUND_MS;
}

static void ask(struct hmi *hmi)
{
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint8_t bytes[YW_MODBUS_ADU_MAX];
    size_t size =
        yw_modbus_ask_read(questions[hmi->step].function, questions[hmi->step].address,
                           questions[hmi->step].count, pdu);
    size = yw_modbus_wrap((uint16_t)hmi->step, 1, pdu, size, bytes);
    if (send(hmi->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
        hang_up(hmi);
}

static void begin_round(struct guest *guest)
{
    struct hmi *hmi = &guest->hmi;
    const char *plc = guest_setting(guest, "plc");
    int64_t now_ms = guest_now_ms();
    hmi->next_ms = now_ms + HMI_ROUND_MS;
    hmi->deadline_ms = now_ms + HMI_DEADLINE_MS;
    if (plc == NULL)
        return;
    hmi->step = 0;
    if (hmi->fd >= 0) {
        ask(hmi);
        return;
    }
    hmi->fd = dial_start(plc);
    hmi->connecting = true;
    if (hmi->fd < 0)
        hang_up(hmi);
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    memset(&guest->hmi, 0, sizeof(guest->hmi));
    guest->hmi.fd = -1;
    guest->hmi.step = -1;
    guest->hmi.slot = -1;
    (void)snprintf(why, why_size, "cannot listen on port %d", HMI_PORT);
    return server_open(&guest->server, HMI_PORT, HMI_IDLE_MS);
}

static void watch(struct guest *guest, struct turn *turn)
{
    struct hmi *hmi = &guest->hmi;
    server_watch(&guest->server, turn);
    hmi->slot = -1;
    if (hmi->fd >= 0)
        hmi->slot = turn_add(turn, hmi->fd, hmi->connecting ? POLLOUT : POLLIN);
    turn_wake(turn, hmi->step >= 0 ? hmi->deadline_ms : hmi->next_ms);
}

static void take_answer(struct hmi *hmi, const struct yw_modbus_adu *adu)
{
    uint16_t values[8];
    int outcome =
        yw_modbus_read_values(questions[hmi->step].function, questions[hmi->step].count,
                              adu->pdu, adu->pdu_size, values);
    if (outcome == YW_MODBUS_OK)
        memcpy((char *)hmi + questions[hmi->step].at, values,
               questions[hmi->step].count * sizeof(values[0]));
    if (outcome < 0) {
        hang_up(hmi);
        return;
    }
    if (++hmi->step < QUESTIONS) {
        ask(hmi);
        return;
    }
    hmi->step = -1;
    hmi->fresh_ms = guest_now_ms();
}

static void poll_plc(struct hmi *hmi)
{
    struct yw_modbus_adu adu;
    if (hmi->connecting) {
        int problem = 0;
        socklen_t size = sizeof(problem);
        hmi->connecting = false;
        if (getsockopt(hmi->fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0 ||
            problem != 0)
            hang_up(hmi);
        else
            ask(hmi);
        return;
    }
    ssize_t got =
        recv(hmi->fd, hmi->in + hmi->in_size, sizeof(hmi->in) - hmi->in_size, 0);
    if (got <= 0 || hmi->step < 0) {
        hang_up(hmi);
        return;
    }
    hmi->in_size += (size_t)got;
    int size = yw_modbus_frame(hmi->in, hmi->in_size, &adu);
    if (size == 0 && hmi->in_size < sizeof(hmi->in))
        return;
    if (size <= 0 || adu.foreign || adu.transaction != hmi->step) {
        hang_up(hmi);
        return;
    }
    take_answer(hmi, &adu);
    hmi->in_size = 0;
}

static void put_text(struct conn *conn, const char *text)
{
    if (!conn_put(conn, text, strlen(text)))
        conn->closing = true;
}

static void answer_page(struct guest *guest, struct conn *conn, bool chinese, bool values)
{
    char page[12000];
    char head[200];
    size_t size =
        values ? page_values(&guest->hmi, chinese, guest_now_ms(), page, sizeof(page))
               : page_write(chinese, page, sizeof(page));
    (void)snprintf(head, sizeof(head),
                   "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                   "Content-Length: %zu\r\nCache-Control: no-store\r\n"
                   "Connection: close\r\n\r\n",
                   size);
    put_text(conn, head);
    if (!conn_put(conn, page, size))
        conn->closing = true;
}

/* The value of a form field that is a plain number, as text for the applet. */
static bool form_number(const char *body, const char *field, char ret[8])
{
    const char *at = strstr(body, field);
    if (at == NULL)
        return false;
    at += strlen(field);
    size_t length = strspn(at, "0123456789");
    if (length == 0 || length > 5)
        return false;
    memcpy(ret, at, length);
    ret[length] = '\0';
    return true;
}

/* The form does what the applet `operate` does, in a child: the page never waits for the
 * PLC. */
static void answer_form(struct guest *guest, struct conn *conn, const char *body,
                        bool chinese)
{
    struct yw_message_run run = {.argc = 3, .deadline_ms = 5000};
    char value[8];
    bool stop = form_number(body, "stop=", value);
    bool known = stop || form_number(body, "dose=", value);
    (void)snprintf(run.argv[0], sizeof(run.argv[0]), "operate");
    (void)snprintf(run.argv[1], sizeof(run.argv[1]), stop ? "stop-pump" : "set-point");
    (void)snprintf(run.argv[2], sizeof(run.argv[2]), "%s", known ? value : "");
    if (!known) {
        put_text(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                       "Connection: close\r\n\r\n");
        return;
    }
    if (!job_start(guest, 0, &run)) {
        put_text(conn, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
                       "Connection: close\r\n\r\n");
        return;
    }
    put_text(conn, chinese ? "HTTP/1.1 303 See Other\r\nLocation: /zh\r\n"
                           : "HTTP/1.1 303 See Other\r\nLocation: /en\r\n");
    put_text(conn, "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

static size_t body_size(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");
    return at == NULL ? 0 : strtoul(at + strlen("\r\ncontent-length:"), NULL, 10);
}

static void on_request(void *arg, struct conn *conn)
{
    struct guest *guest = arg;
    char text[sizeof(conn->in) + 1];
    memcpy(text, conn->in, conn->in_size);
    text[conn->in_size] = '\0';
    char *body = strstr(text, "\r\n\r\n");
    if (conn->closing || (body == NULL && conn->in_size < HMI_HEAD_MAX))
        return;
    conn->closing = true;
    if (body == NULL)
        return;
    body[0] = '\0';
    body += 4;
    size_t wanted = body_size(text);
    if (wanted < sizeof(conn->in) - HMI_HEAD_MAX && strlen(body) < wanted) {
        conn->closing = false;
        return;
    }
    bool chinese = strncmp(text, "GET /en", 7) != 0 && strncmp(text, "POST /en", 8) != 0;
    if (strncmp(text, "POST /", 6) == 0)
        answer_form(guest, conn, body, chinese);
    else if (strncmp(text, "GET /", 5) == 0)
        answer_page(guest, conn, chinese, strncmp(text + 7, "/values", 7) == 0);
    conn->in_size = 0;
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct hmi *hmi = &guest->hmi;
    int64_t now_ms = guest_now_ms();
    server_act(&guest->server, turn, on_request, guest);
    if (hmi->fd >= 0 && turn_events(turn, hmi->slot) != 0)
        poll_plc(hmi);
    else if (hmi->step >= 0 && now_ms >= hmi->deadline_ms)
        hang_up(hmi);
    if (hmi->step < 0 && now_ms >= hmi->next_ms)
        begin_round(guest);
}

const struct role role_hmi = {.name = "hmi", .start = start, .watch = watch, .act = act};
