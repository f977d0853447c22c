#include "guest/guest.h"

#include <string.h>

#define PLC_IDLE_MS 60000
#define PLC_PROGRAM "program.st"

static void on_write(void *arg, const struct yw_plc_write *write)
{
    char line[YW_CHANNEL_LINE_MAX];
    yw_plc_write_line(write, line, sizeof(line));
    agent_line(arg, line);
}

static int load_program(struct guest *guest, char *why, size_t why_size)
{
    for (int i = 0; i < GUEST_FILES_MAX; i++) {
        const struct file *file = &guest->files[i];
        struct yw_st_problem problem;
        if (strcmp(file->name, PLC_PROGRAM) != 0)
            continue;
        if (file->size != file->total) {
            (void)snprintf(why, why_size, "%s: not complete", PLC_PROGRAM);
            return -1;
        }
        if (yw_plc_load(&guest->plc, file->bytes, file->size, &problem) != 0) {
            size_t used = (size_t)snprintf(why, why_size, "%s: ", PLC_PROGRAM);
            yw_st_explain(&problem, false, why + used, why_size - used);
            return -1;
        }
    }
    return 0;
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    char problem[YW_PLC_PROBLEM_MAX];
    yw_plc_init(&guest->plc, (uint64_t)guest->config.seed);
    guest->plc.on_write = on_write;
    guest->plc.arg = guest;
    guest->next_scan_ms = guest_now_ms();
    guest->field_in_size = 0;
    for (uint32_t i = 0; i < guest->config.setting_count; i++) {
        const struct yw_message_setting *setting = &guest->config.settings[i];
        if (yw_plc_set(&guest->plc, setting->name, setting->value, problem) != 0) {
            (void)snprintf(why, why_size, "%s", problem);
            return -1;
        }
    }
    if (load_program(guest, why, why_size) != 0)
        return -1;
    (void)snprintf(why, why_size, "cannot listen on port %d", YW_MODBUS_PORT);
    return server_open(&guest->server, YW_MODBUS_PORT, PLC_IDLE_MS);
}

static void watch(struct guest *guest, struct turn *turn)
{
    port_watch(&guest->field, turn, false);
    server_watch(&guest->server, turn);
    turn_wake(turn, guest->next_scan_ms);
}

static void on_bytes(void *arg, struct conn *conn)
{
    struct guest *guest = arg;
    struct yw_modbus_adu adu;
    int size = 0;
    while ((size = yw_modbus_frame(conn->in, conn->in_size, &adu)) > 0) {
        uint8_t reply[YW_MODBUS_PDU_MAX];
        uint8_t bytes[YW_MODBUS_ADU_MAX];
        size_t length = 0;
        if (!adu.foreign)
            length = yw_plc_answer(&guest->plc, conn->from, adu.unit, adu.pdu,
                                   adu.pdu_size, reply);
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

static void act(struct guest *guest, const struct turn *turn)
{
    int64_t now_ms = guest_now_ms();
    if (port_check(&guest->field, turn))
        guest->field_in_size = 0;
    struct yw_field_record in;
    while (field_read(guest, &in))
        (void)yw_plc_sense(&guest->plc, &in);
    server_act(&guest->server, turn, on_bytes, guest);
    if (now_ms < guest->next_scan_ms)
        return;
    struct yw_field_record out;
    yw_plc_scan(&guest->plc, now_ms, &out);
    (void)port_write(&guest->field, &out, sizeof(out));
    guest->next_scan_ms += YW_PLC_SCAN_MS;
    if (guest->next_scan_ms <= now_ms)
        guest->next_scan_ms = now_ms + YW_PLC_SCAN_MS; /* a machine that slept */
}

/* `acl LIST` changes who may write while it runs. */
static bool command(struct guest *guest, uint32_t request,
                    const struct yw_message_run *run)
{
    char problem[YW_PLC_PROBLEM_MAX];
    if (strcmp(run->argv[0], "acl") != 0)
        return false;
    if (run->argc != 2)
        request_refuse(guest, request, "usage: acl LIST");
    else if (yw_plc_set(&guest->plc, "acl", run->argv[1], problem) != 0)
        request_refuse(guest, request, problem);
    else
        agent_answer(guest, request, 0, "{}");
    return true;
}

static size_t own(struct guest *guest, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX])
{
    return yw_plc_answer(&guest->plc, "0.0.0.0", 0, pdu, size, reply);
}

const struct role role_plc = {.name = "plc",
                              .start = start,
                              .watch = watch,
                              .act = act,
                              .command = command,
                              .own = own};
