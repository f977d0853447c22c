/* Controllers: PLC, SIS and remote I/O. Modbus on port 502, of those with a program the
 * engineering port too, and the field wiring. */
#include "guest/guest.h"

#include "controller/conf.h"
#include "controller/engineering.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PLC_IDLE_MS 60000
#define ENG_IDLE_MS 300000 /* who watches does not ask every minute */
#define PLC_PROGRAM "program.st"
#define PLC_RETAIN "/retain" /* in the machine's memory, as long as it is on */

struct part {
    struct yw_plc plc;
    struct yw_eng eng;
    struct server engineers;
    int64_t next_scan_ms;
};

static struct part *part_of(struct guest *guest)
{
    return guest->part;
}

static void on_write(void *arg, const struct yw_plc_write *write)
{
    char line[YW_CHANNEL_LINE_MAX];
    yw_plc_write_line(write, line, sizeof(line));
    agent_line(arg, line);
}

static void on_line(void *arg, const char *line)
{
    agent_line(arg, line);
}

static bool put(void *arg, int session, const void *bytes, size_t size)
{
    return conn_put(&part_of(arg)->engineers.conns[session], bytes, size);
}

static bool on_open(struct guest *guest, int index)
{
    struct part *part = part_of(guest);
    return yw_eng_open(&part->eng, index, part->engineers.conns[index].from);
}

static void on_close(struct guest *guest, int index)
{
    yw_eng_close(&part_of(guest)->eng, index);
}

static void load_retained(struct yw_plc *plc)
{
    uint8_t bytes[YW_ST_RETAIN_MAX];
    int fd = open(PLC_RETAIN, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
    if (fd >= 0)
        (void)close(fd);
    if (size > 0)
        (void)yw_plc_retain(plc, bytes, (size_t)size);
}

static void save_retained(const struct yw_plc *plc)
{
    uint8_t bytes[YW_ST_RETAIN_MAX];
    size_t size = 0;
    if (plc->loaded)
        size = yw_st_retain_save(&plc->program, &plc->image, bytes, sizeof(bytes));
    int fd =
        size > 0 ? open(PLC_RETAIN, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    (void)!write(fd, bytes, size); /* half a file has a wrong checksum */
    (void)close(fd);
}

static int load_program(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    const struct file *file = NULL;
    struct yw_st_problem problem;
    for (int i = 0; i < GUEST_FILES_MAX; i++) {
        if (strcmp(guest->files[i].name, PLC_PROGRAM) == 0)
            file = &guest->files[i];
    }
    yw_eng_init(&part->eng, &part->plc, file != NULL ? file->bytes : NULL,
                file != NULL ? file->size : 0);
    part->eng.put = put;
    part->eng.arg = guest;
    if (file == NULL)
        return 0;
    if (file->size != file->total) {
        (void)snprintf(why, why_size, "%s: not complete", PLC_PROGRAM);
        return -1;
    }
    if (yw_plc_load(&part->plc, file->bytes, file->size, &problem) != 0) {
        size_t used = (size_t)snprintf(why, why_size, "%s: ", PLC_PROGRAM);
        yw_st_explain(&problem, false, why + used, why_size - used);
        return -1;
    }
    load_retained(&part->plc);
    return 0;
}

static int configure(struct guest *guest, struct yw_plc *plc, char *why, size_t why_size)
{
    char problem[YW_PLC_PROBLEM_MAX];
    const struct file *file = guest_file(guest, YW_CONF_FILE);
    for (uint32_t i = 0; i < guest->config.setting_count; i++) {
        const struct yw_message_setting *setting = &guest->config.settings[i];
        if (yw_plc_set(plc, setting->name, setting->value, problem) != 0) {
            (void)snprintf(why, why_size, "%s", problem);
            return -1;
        }
    }
    if (file != NULL && yw_plc_configure(plc, file->bytes, file->size, problem) != 0) {
        (void)snprintf(why, why_size, "%s: %s", YW_CONF_FILE, problem);
        return -1;
    }
    return 0;
}

static enum yw_plc_profile profile_of(const struct guest *guest)
{
    if (guest->role == &role_sis)
        return YW_PLC_SAFETY;
    return guest->role == &role_remote_io ? YW_PLC_REMOTE_IO : YW_PLC_LOGIC;
}

static int start(struct guest *guest, char *why, size_t why_size)
{
    struct part *part = part_of(guest);
    bool programmed = profile_of(guest) != YW_PLC_REMOTE_IO;
    server_init(&part->engineers);
    yw_plc_init_as(&part->plc, profile_of(guest), (uint64_t)guest->config.seed);
    part->plc.on_write = on_write;
    part->plc.on_line = on_line;
    part->plc.arg = guest;
    part->next_scan_ms = turn_calm_ms(guest_now_ms());
    guest->field_in_size = 0;
    if (configure(guest, &part->plc, why, why_size) != 0 ||
        (programmed && load_program(guest, why, why_size) != 0))
        return -1;
    (void)snprintf(why, why_size, "cannot listen on ports %d and %d", YW_MODBUS_PORT,
                   YW_ENG_PORT);
    if (server_open(&guest->server, YW_MODBUS_PORT, PLC_IDLE_MS) != 0)
        return -1;
    if (programmed && server_open(&part->engineers, YW_ENG_PORT, ENG_IDLE_MS) != 0)
        return -1;
    part->engineers.guest = guest;
    part->engineers.on_open = on_open;
    part->engineers.on_close = on_close;
    return 0;
}

static void stop(struct guest *guest)
{
    server_close(&part_of(guest)->engineers);
    save_retained(&part_of(guest)->plc);
}

static void watch(struct guest *guest, struct turn *turn)
{
    struct part *part = part_of(guest);
    port_watch(&guest->field, turn, false);
    server_watch(&guest->server, turn);
    server_watch(&part->engineers, turn);
    turn_wake(turn, part->next_scan_ms);
}

/* Requests that came together wait when their answers find no room. */
static void on_request(void *arg, struct conn *conn)
{
    struct part *part = part_of(arg);
    struct yw_modbus_adu adu;
    int size = 0;
    while (conn_room(conn) >= YW_MODBUS_ADU_MAX &&
           (size = yw_modbus_frame(conn->in, conn->in_size, &adu)) > 0) {
        uint8_t reply[YW_MODBUS_PDU_MAX];
        uint8_t bytes[YW_MODBUS_ADU_MAX];
        size_t length = 0;
        if (!adu.foreign)
            length = yw_plc_answer(&part->plc, conn->from, adu.unit, adu.pdu,
                                   adu.pdu_size, reply);
        if (length > 0) {
            length = yw_modbus_wrap(adu.transaction, adu.unit, reply, length, bytes);
            (void)conn_put(conn, bytes, length);
        }
        conn_consume(conn, (size_t)size);
    }
    if (size < 0)
        conn->closing = true;
}

static void on_command(void *arg, struct conn *conn)
{
    struct part *part = part_of(arg);
    int index = (int)(conn - part->engineers.conns);
    yw_eng_pump(&part->eng, index);
    if (conn_room(conn) < YW_ENG_REPLY_MAX)
        return;
    int used = yw_eng_feed(&part->eng, index, (const char *)conn->in, conn->in_size);
    if (used < 0)
        conn->closing = true;
    else
        conn_consume(conn, (size_t)used);
}

static void act(struct guest *guest, const struct turn *turn)
{
    struct part *part = part_of(guest);
    int64_t now_ms = guest_now_ms();
    if (port_check(&guest->field, turn))
        guest->field_in_size = 0;
    struct yw_field_record in;
    while (field_read(guest, &in))
        (void)yw_plc_sense(&part->plc, &in);
    server_act(&guest->server, turn, on_request, guest);
    server_act(&part->engineers, turn, on_command, guest);
    if (now_ms < part->next_scan_ms)
        return;
    struct yw_field_record out;
    int64_t scan_ms = yw_plc_scan_ms(&part->plc);
    yw_plc_scan(&part->plc, now_ms, &out);
    (void)port_write(&guest->field, &out, sizeof(out));
    part->next_scan_ms += scan_ms;
    if (part->next_scan_ms <= now_ms)
        part->next_scan_ms = turn_calm_ms(now_ms + scan_ms); /* a machine that slept */
}

/* `acl LIST` changes who may write while it runs, `key POSITION` turns the key. */
static bool command(struct guest *guest, uint32_t request,
                    const struct yw_message_run *run)
{
    char problem[YW_PLC_PROBLEM_MAX];
    if (strcmp(run->argv[0], "acl") != 0 && strcmp(run->argv[0], "key") != 0)
        return false;
    if (run->argc != 2)
        request_refuse(guest, request, "usage: acl LIST, key POSITION");
    else if (yw_plc_set(&part_of(guest)->plc, run->argv[0], run->argv[1], problem) != 0)
        request_refuse(guest, request, problem);
    else
        agent_answer(guest, request, 0, "{}");
    return true;
}

static size_t own(struct guest *guest, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX])
{
    return yw_plc_answer(&part_of(guest)->plc, "0.0.0.0", 0, pdu, size, reply);
}

#define CONTROLLER(image)                                                                \
    {                                                                                    \
        .name = (image), .size = sizeof(struct part), .start = start, .stop = stop,      \
        .watch = watch, .act = act, .command = command, .own = own                       \
    }

const struct role role_plc = CONTROLLER("plc");
const struct role role_sis = CONTROLLER("sis");
const struct role role_remote_io = CONTROLLER("remote-io");
