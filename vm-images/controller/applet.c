#include "controller/applet_inner.h"

#include "controller/modbus_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct target {
    const char *host;
    uint8_t unit;
    uint8_t function; /* of the read */
    uint16_t address;
    uint16_t count;
};

void yw_applet_say(struct applet *a, const char *format, ...)
{
    size_t used = strlen(a->out->output);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(a->out->output + used, sizeof(a->out->output) - used, format, args);
    va_end(args);
}

void yw_applet_refuse(struct applet *a, const char *text)
{
    a->out->output[0] = '\0';
    a->out->code = 1;
    yw_applet_say(a, "{\"error\":\"%s\"}", text);
}

const char *yw_applet_argument(const struct applet *a, int index)
{
    return index < a->argc ? a->argv[index] : "";
}

long yw_applet_number(const char *text, long most)
{
    long value = 0;
    if (*text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        value = value * 10 + (*text - '0');
        if (value > most)
            return -1;
    }
    return value;
}

int64_t yw_applet_drill(const struct yw_applet_io *io, int64_t now_ms)
{
    return io->pace != NULL ? yw_pace_now(io->pace(io->arg), now_ms) : now_ms;
}

int64_t yw_applet_drill_now(const struct yw_applet_io *io)
{
    return yw_applet_drill(io, io->now(io->arg));
}

bool yw_applet_address(const char *text, uint32_t *ret)
{
    uint32_t address = 0;
    for (int part = 0; part < 4; part++) {
        char digits[4] = "";
        size_t length = strcspn(text, ".");
        if (length == 0 || length > 3 || (text[length] == '.') != (part < 3))
            return false;
        memcpy(digits, text, length);
        long value = yw_applet_number(digits, 255);
        if (value < 0)
            return false;
        address = address << 8 | (uint32_t)value;
        text += length + (part < 3 ? 1 : 0);
    }
    *ret = address;
    return true;
}

static uint8_t function_of(const char *table)
{
    static const char *const tables[] = {"", "coil", "discrete", "holding", "input"};
    for (uint8_t i = YW_MODBUS_READ_COILS; i <= YW_MODBUS_READ_INPUT; i++) {
        if (strcmp(table, tables[i]) == 0)
            return i;
    }
    return 0;
}

/* HOST UNIT TABLE ADDRESS from argument 2 on. */
static bool take_target(const struct applet *a, struct target *ret)
{
    uint32_t ignored = 0;
    long unit = yw_applet_number(yw_applet_argument(a, 3), 255);
    long address = yw_applet_number(yw_applet_argument(a, 5), UINT16_MAX);
    ret->host = yw_applet_argument(a, 2);
    ret->function = function_of(yw_applet_argument(a, 4));
    if (!yw_applet_address(ret->host, &ignored) || unit < 0 || address < 0 ||
        ret->function == 0)
        return false;
    ret->unit = (uint8_t)unit;
    ret->address = (uint16_t)address;
    return true;
}

static bool judge(struct applet *a, int outcome)
{
    if (outcome == YW_MODBUS_OK)
        return true;
    char text[32] = "bad answer";
    if (outcome > 0)
        (void)snprintf(text, sizeof(text), "exception %d", outcome);
    yw_applet_refuse(a, text);
    return false;
}

static bool read_target(struct applet *a, const struct target *target,
                        uint16_t *ret_values)
{
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint8_t reply[YW_MODBUS_PDU_MAX];
    size_t size =
        yw_modbus_ask_read(target->function, target->address, target->count, pdu);
    int got = a->io->transact(a->io->arg, target->host, target->unit, pdu, size, reply);
    if (got < 0) {
        yw_applet_refuse(a, "unreachable");
        return false;
    }
    return judge(a, yw_modbus_read_values(target->function, target->count, reply,
                                          (size_t)got, ret_values));
}

static void say_values(struct applet *a, const uint16_t *values, uint16_t count)
{
    yw_applet_say(a, "[");
    for (uint16_t i = 0; i < count; i++)
        yw_applet_say(a, "%s%u", i > 0 ? "," : "", (unsigned)values[i]);
    yw_applet_say(a, "]");
}

static void modbus_read(struct applet *a)
{
    uint16_t values[YW_MODBUS_READ_BITS_MAX];
    struct target target;
    bool known = a->argc == 7 && take_target(a, &target);
    bool bits = known && target.function <= YW_MODBUS_READ_DISCRETE;
    long count =
        yw_applet_number(yw_applet_argument(a, 6),
                         bits ? YW_MODBUS_READ_BITS_MAX : YW_MODBUS_READ_WORDS_MAX);
    if (!known || count < 1) {
        yw_applet_refuse(
            a, "usage: modbus read HOST UNIT holding|input|coil|discrete ADDRESS COUNT");
        return;
    }
    target.count = (uint16_t)count;
    if (!read_target(a, &target, values))
        return;
    yw_applet_say(a, "{\"values\":");
    say_values(a, values, target.count);
    yw_applet_say(a, "}");
}

/* Reads, writes, and tells both: what was there is evidence. */
static void write_target(struct applet *a, const struct target *target,
                         const uint16_t *values)
{
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint8_t reply[YW_MODBUS_PDU_MAX];
    uint16_t before[YW_CHANNEL_ARGS_MAX];
    bool is_coil = target->function == YW_MODBUS_READ_COILS;
    if (!read_target(a, target, before))
        return;
    size_t size =
        yw_modbus_ask_write(is_coil, target->address, values, target->count, pdu);
    int got = a->io->transact(a->io->arg, target->host, target->unit, pdu, size, reply);
    if (got < 0) {
        yw_applet_refuse(a, "unreachable");
        return;
    }
    if (!judge(a, yw_modbus_read_done(pdu[0], reply, (size_t)got)))
        return;
    if (target->count == 1) {
        yw_applet_say(a, "{\"old\":%u,\"new\":%u}", (unsigned)before[0],
                      (unsigned)values[0]);
        return;
    }
    yw_applet_say(a, "{\"old\":");
    say_values(a, before, target->count);
    yw_applet_say(a, ",\"new\":");
    say_values(a, values, target->count);
    yw_applet_say(a, "}");
}

static void modbus_write(struct applet *a)
{
    uint16_t values[YW_CHANNEL_ARGS_MAX];
    struct target target;
    bool known = a->argc >= 7 && a->argc - 6 <= YW_CHANNEL_ARGS_MAX &&
                 take_target(a, &target) &&
                 (target.function == YW_MODBUS_READ_COILS ||
                  target.function == YW_MODBUS_READ_HOLDING);
    if (!known) {
        yw_applet_refuse(
            a, "usage: modbus write HOST UNIT holding|coil ADDRESS VALUE [VALUE...]");
        return;
    }
    target.count = (uint16_t)(a->argc - 6);
    for (uint16_t i = 0; i < target.count; i++) {
        long most = target.function == YW_MODBUS_READ_COILS ? 1 : UINT16_MAX;
        long value = yw_applet_number(yw_applet_argument(a, 6 + i), most);
        if (value < 0) {
            yw_applet_refuse(a, "value out of range");
            return;
        }
        values[i] = (uint16_t)value;
    }
    write_target(a, &target, values);
}

static bool take_network(const char *text, uint32_t *ret_first, uint32_t *ret_count)
{
    char address[16] = "";
    size_t length = strcspn(text, "/");
    if (length >= sizeof(address))
        return false;
    memcpy(address, text, length);
    long prefix = text[length] == '/' ? yw_applet_number(text + length + 1, 32) : 32;
    if (prefix < 24 || !yw_applet_address(address, ret_first))
        return false;
    *ret_count = UINT32_C(1) << (32 - prefix);
    *ret_first &= UINT32_MAX - (*ret_count - 1);
    return true;
}

static void scan_one(struct applet *a, uint32_t address, bool *first)
{
    char identity[YW_MODBUS_OBJECTS][YW_MODBUS_IDENTITY_MAX];
    char host[16];
    uint8_t pdu[YW_MODBUS_PDU_MAX];
    uint8_t reply[YW_MODBUS_PDU_MAX];
    (void)snprintf(host, sizeof(host), "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
                   address >> 8 & 255, address & 255);
    size_t size = yw_modbus_ask_identity(pdu);
    int got = a->io->transact(a->io->arg, host, 255, pdu, size, reply);
    if (got < 0 || yw_modbus_read_identity(reply, (size_t)got, identity) != YW_MODBUS_OK)
        memset(identity, 0, sizeof(identity));
    /* Room for the longest entry and the end, else the rest is left out. */
    if (strlen(a->out->output) + 160 > sizeof(a->out->output))
        return;
    yw_applet_say(a, "%s{\"address\":\"%s\",\"vendor\":\"%s\",\"product\":\"%s\"}",
                  *first ? "" : ",", host, identity[YW_MODBUS_VENDOR],
                  identity[YW_MODBUS_PRODUCT_NAME]);
    *first = false;
}

static void modbus_scan(struct applet *a)
{
    bool open[YW_APPLET_SCAN_MAX] = {false};
    uint32_t first = 0;
    uint32_t count = 0;
    bool is_first = true;
    if (a->argc != 3 || !take_network(yw_applet_argument(a, 2), &first, &count)) {
        yw_applet_refuse(a, "usage: modbus scan CIDR (at least /24)");
        return;
    }
    a->io->sweep(a->io->arg, first, count, open);
    yw_applet_say(a, "{\"found\":[");
    for (uint32_t i = 0; i < count; i++) {
        if (open[i])
            scan_one(a, first + i, &is_first);
    }
    yw_applet_say(a, "]}");
}

static void modbus_restart(struct applet *a)
{
    static const uint8_t pdu[] = {YW_MODBUS_DIAGNOSE, 0, 1, 0, 0};
    uint8_t reply[YW_MODBUS_PDU_MAX];
    const char *host = yw_applet_argument(a, 2);
    long unit = yw_applet_number(yw_applet_argument(a, 3), 255);
    uint32_t ignored = 0;
    if (a->argc != 4 || unit < 0 || !yw_applet_address(host, &ignored)) {
        yw_applet_refuse(a, "usage: modbus restart HOST UNIT");
        return;
    }
    int got = a->io->transact(a->io->arg, host, (uint8_t)unit, pdu, sizeof(pdu), reply);
    if (got < 0)
        yw_applet_refuse(a, "unreachable");
    else if (judge(a, got == 2 && reply[0] == (pdu[0] | 0x80) ? reply[1]
                      : got == sizeof(pdu)                    ? YW_MODBUS_OK
                                                              : -1))
        yw_applet_say(a, "{\"restarted\":true}");
}

static void modbus(struct applet *a)
{
    if (strcmp(yw_applet_argument(a, 1), "read") == 0)
        modbus_read(a);
    else if (strcmp(yw_applet_argument(a, 1), "write") == 0)
        modbus_write(a);
    else if (strcmp(yw_applet_argument(a, 1), "scan") == 0)
        modbus_scan(a);
    else if (strcmp(yw_applet_argument(a, 1), "restart") == 0)
        modbus_restart(a);
    else
        yw_applet_refuse(a, "usage: modbus read|write|scan|restart ...");
}

/* What a person does at the operator's page: the usual set-point and stop, or any value that
 * the page of this works shows. */
static bool take_operation(const struct applet *a, struct target *ret, long *ret_value)
{
    static const struct {
        const char *verb;
        bool coil;
        int address; /* -1: the next word */
    } rows[] = {{"set-point", false, YW_APPLET_SET_POINT},
                {"stop-pump", true, YW_APPLET_STOP_PUMP},
                {"register", false, -1},
                {"coil", true, -1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int more = rows[i].address < 0 ? 1 : 0;
        if (strcmp(rows[i].verb, yw_applet_argument(a, 1)) != 0 || a->argc != 3 + more)
            continue;
        long address = more == 0 ? rows[i].address
                                 : yw_applet_number(yw_applet_argument(a, 2), UINT16_MAX);
        *ret_value = yw_applet_number(yw_applet_argument(a, 2 + more),
                                      rows[i].coil ? 1 : UINT16_MAX);
        *ret = (struct target){
            .unit = 1,
            .function = rows[i].coil ? YW_MODBUS_READ_COILS : YW_MODBUS_READ_HOLDING,
            .address = (uint16_t)address,
            .count = 1,
        };
        return address >= 0 && *ret_value >= 0;
    }
    return false;
}

static void operate(struct applet *a)
{
    struct target target = {0};
    long value = 0;
    uint32_t ignored = 0;
    if (!take_operation(a, &target, &value)) {
        yw_applet_refuse(a, "usage: operate set-point VALUE | operate stop-pump 0|1 | "
                            "operate register ADDRESS VALUE | operate coil ADDRESS 0|1");
        return;
    }
    target.host = a->io->setting(a->io->arg, "plc");
    if (target.host == NULL || !yw_applet_address(target.host, &ignored)) {
        yw_applet_refuse(a, "setting plc is no address");
        return;
    }
    uint16_t wanted = (uint16_t)value;
    write_target(a, &target, &wanted);
    (void)snprintf(a->out->line, sizeof(a->out->line),
                   "{\"kind\":\"operator\",\"action\":\"%s\",\"value\":%ld,\"done\":%s}",
                   yw_applet_argument(a, 1), value, a->out->code == 0 ? "true" : "false");
}

static void ping(struct applet *a)
{
    uint32_t ignored = 0;
    if (a->argc != 2 || !yw_applet_address(yw_applet_argument(a, 1), &ignored))
        yw_applet_refuse(a, "usage: ping HOST");
    else if (a->io->reach(a->io->arg, yw_applet_argument(a, 1)))
        yw_applet_say(a, "{\"reachable\":true}");
    else
        yw_applet_refuse(a, "unreachable");
}

static void addr(struct applet *a)
{
    char list[YW_CHANNEL_OUTPUT_MAX / 2];
    a->io->interfaces(a->io->arg, list, sizeof(list));
    yw_applet_say(a, "{\"interfaces\":%s}", list);
}

/* "10.20.2.11" or "10.20.2.11:502". */
static bool take_probe_target(const char *text, size_t length,
                              struct yw_applet_target *ret)
{
    char host[24] = "";
    if (length >= sizeof(host))
        return false;
    memcpy(host, text, length);
    char *colon = strchr(host, ':');
    long port = colon != NULL ? yw_applet_number(colon + 1, UINT16_MAX) : 0;
    if (colon != NULL)
        *colon = '\0';
    ret->port = (uint16_t)port;
    return port >= (colon != NULL ? 1 : 0) && yw_applet_address(host, &ret->address);
}

/* False: not a list of targets, or more than fit. */
static bool take_probe_list(const char *text, struct yw_applet_target *targets,
                            size_t *count)
{
    for (;;) {
        size_t length = strcspn(text, ",");
        if (*count == YW_APPLET_TARGETS_MAX ||
            !take_probe_target(text, length, &targets[*count]))
            return false;
        (*count)++;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

static void probe(struct applet *a)
{
    struct yw_applet_target targets[YW_APPLET_TARGETS_MAX];
    struct yw_applet_heard heard[YW_APPLET_HEARD_MAX];
    long span_ms = yw_applet_number(yw_applet_argument(a, 1), YW_APPLET_SPAN_MAX_MS);
    bool good = a->argc >= 3 && span_ms >= 1;
    size_t count = 0;
    for (int i = 2; i < a->argc && good; i++)
        good = take_probe_list(a->argv[i], targets, &count);
    if (!good) {
        yw_applet_refuse(
            a, "usage: probe SPAN_MS ADDRESS[:PORT][,ADDRESS...] ... (at most 64)");
        return;
    }
    size_t answers = a->io->probe(a->io->arg, (uint32_t)span_ms, targets, count, heard,
                                  YW_APPLET_HEARD_MAX);
    yw_applet_say(a, "{\"asked\":%u,\"heard\":[", (unsigned)count);
    for (size_t i = 0; i < answers; i++) {
        uint32_t from = heard[i].address;
        yw_applet_say(a, "%s\"%u.%u.%u.%u %s %s\"", i > 0 ? "," : "", from >> 24,
                      from >> 16 & 255, from >> 8 & 255, from & 255, heard[i].mac,
                      heard[i].how);
    }
    yw_applet_say(a, "]}");
}

void yw_applet_run(const struct yw_applet_io *io, int argc, const char *const *argv,
                   struct yw_applet_result *ret)
{
    static const struct {
        const char *name;
        void (*run)(struct applet *a);
    } applets[] = {
        {"modbus", modbus},
        {"operate", operate},
        {"ping", ping},
        {"addr", addr},
        {"probe", probe},
        {"iec104", yw_applet_iec104},
        {"engineering", yw_applet_engineering},
        {"mqtt", yw_applet_mqtt},
        {"station", yw_applet_station},
    };
    struct applet a = {io, argc, argv, ret};
    ret->code = 0;
    ret->output[0] = '\0';
    ret->line[0] = '\0';
    for (size_t i = 0; i < sizeof(applets) / sizeof(applets[0]); i++) {
        if (strcmp(yw_applet_argument(&a, 0), applets[i].name) == 0) {
            applets[i].run(&a);
            return;
        }
    }
    yw_applet_refuse(&a, "no such program");
    ret->code = YW_APPLET_NO_PROGRAM;
}
