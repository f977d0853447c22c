/* The outstation: masters on port 2404, its mirror on port 502, the field wiring. */
#include "guest/guest.h"

#include "controller/rtu.h"

#include <string.h>
#include <sys/time.h>

#define RTU_IDLE_MS 60000 /* above t1 + t3: the protocol ends silent masters itself */

struct part {
    struct yw_rtu rtu;
    struct server masters;
    int64_t next_scan_ms;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    return conn_put(&part_of(arg)->masters.conns[session], bytes, size);
}

static void tell(void *arg, const char *line)
{
    agent_line(arg, line);
}

static bool on_open(struct guest *guest, int index)
{
    struct part *part = part_of(guest);
    return yw_rtu_open(&part->rtu, index, part->masters.conns[index].from,
                       guest_now_ms());
}

static void on_close(struct guest *guest, int index)
{
    yw_rtu_close(&part_of(guest)->rtu, index);
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    char problem[YW_CONF_PROBLEM_MAX] = "";
    server_init(&part->masters);
    yw_rtu_init(&part->rtu, (uint64_t)guest->config.seed);
    part->rtu.put = put;
    part->rtu.line = tell;
    part->rtu.arg = guest;
    part->next_scan_ms = turn_calm_ms(guest_now_ms());
    guest->field_in_size = 0;
    if (file == NULL || yw_rtu_load(&part->rtu, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE,
                       file == NULL ? "missing" : problem);
        return -1;
    }
    (void)snprintf(why, why_size, "cannot listen on ports %d and %d", YW_IEC104_PORT,
                   YW_MODBUS_PORT);
    if (server_open(&guest->server, YW_MODBUS_PORT, RTU_IDLE_MS) != 0 ||
        server_open(&part->masters, YW_IEC104_PORT, RTU_IDLE_MS) != 0)
        return -1;
    part->masters.guest = guest;
    part->masters.on_open = on_open;
    part->masters.on_close = on_close;
    return 0;
}

static void stop(struct guest *guest)
{
    server_close(&part_of(guest)->masters);
}

static void watch(struct guest *guest, struct turn *turn)
{
    struct part *part = part_of(guest);
    port_watch(&guest->field, turn, false);
    server_watch(&part->masters, turn);
    server_watch(&guest->server, turn);
    turn_wake(turn, part->next_scan_ms);
    turn_wake(turn, yw_rtu_due(&part->rtu));
}

static void on_master(void *arg, struct conn *conn)
{
    struct part *part = part_of(arg);
    int index = (int)(conn - part->masters.conns);
    int used = yw_rtu_feed(&part->rtu, index, conn->in, conn->in_size, guest_now_ms());
    if (used < 0)
        conn->closing = true;
    else
        conn_consume(conn, (size_t)used);
}

static void on_mirror(void *arg, struct conn *conn)
{
    struct part *part = part_of(arg);
    struct yw_modbus_adu adu;
    int size = 0;
    while ((size = yw_modbus_frame(conn->in, conn->in_size, &adu)) > 0) {
        uint8_t reply[YW_MODBUS_PDU_MAX];
        uint8_t bytes[YW_MODBUS_ADU_MAX];
        size_t length = 0;
        if (!adu.foreign)
            length = yw_rtu_answer(&part->rtu, conn->from, adu.pdu, adu.pdu_size, reply);
        if (length > 0) {
            length = yw_modbus_wrap(adu.transaction, adu.unit, reply, length, bytes);
            if (!conn_put(conn, bytes, length))
                conn->closing = true;
        }
        conn_consume(conn, (size_t)size);
    }
    if (size < 0)
        conn->closing = true;
}

static void scan(struct guest *guest, int64_t now_ms)
{
    struct part *part = part_of(guest);
    struct yw_field_record out;
    struct timeval wall = {0};
    (void)gettimeofday(&wall, NULL);
    yw_rtu_scan(&part->rtu, now_ms, (int64_t)wall.tv_sec * 1000 + wall.tv_usec / 1000,
                &out);
    (void)port_write(&guest->field, &out, sizeof(out));
    part->next_scan_ms += YW_RTU_SCAN_MS;
    if (part->next_scan_ms <= now_ms)
        part->next_scan_ms =
            turn_calm_ms(now_ms + YW_RTU_SCAN_MS); /* a machine that slept */
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    struct yw_field_record in;
    int64_t now_ms = guest_now_ms();
    if (port_check(&guest->field, turn))
        guest->field_in_size = 0;
    while (field_read(guest, &in))
        (void)yw_rtu_sense(&part->rtu, &in);
    server_act(&part->masters, turn, on_master, guest);
    server_act(&guest->server, turn, on_mirror, guest);
    if (now_ms >= part->next_scan_ms)
        scan(guest, now_ms);
    for (int i = 0; i < part->masters.top; i++) {
        struct conn *conn = &part->masters.conns[i];
        if (conn->fd >= 0 && !conn->closing && !yw_rtu_pump(&part->rtu, i, now_ms))
            conn->closing = true;
    }
}

/* `masters LIST` and `local on|off`, for defenders. */
static bool command(struct guest *guest, uint32_t request,
                    const struct yw_message_run *run)
{
    char problem[YW_CONF_PROBLEM_MAX] = "";
    bool masters = strcmp(run->argv[0], "masters") == 0;
    if (!masters && strcmp(run->argv[0], "local") != 0)
        return false;
    if (run->argc != 2)
        request_refuse(guest, request,
                       masters ? "usage: masters LIST" : "usage: local on|off");
    else if (yw_rtu_set(&part_of(guest)->rtu, run->argv[0], run->argv[1], problem) != 0)
        request_refuse(guest, request, problem);
    else
        agent_answer(guest, request, 0, "{}");
    return true;
}

static size_t own(struct guest *guest, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX])
{
    return yw_rtu_answer(&part_of(guest)->rtu, "0.0.0.0", pdu, size, reply);
}

const struct role role_rtu = {.name = "rtu",
                              .size = sizeof(struct part),
                              .start = start,
                              .stop = stop,
                              .watch = watch,
                              .act = act,
                              .command = command,
                              .own = own};
