/* What the guest program's applets do, against the other machines of the fake world. The
 * names, arguments and outputs are those of vm-images/guest. */
#include "virt/fake_world.h"

#include "base/buf.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_NO_PROGRAM 127

struct applet_run {
    struct yw_fake_machine *machine;
    const struct yw_virt_call *call;
    struct yw_buf out;
    char source[16]; /* own address towards the peer, after reach_plc */
};

static int fail(struct applet_run *run, const char *text)
{
    yw_buf_clear(&run->out);
    yw_buf_printf(&run->out, "{\"error\":\"%s\"}", text);
    return 1;
}

/* The argument at index as a number within limits, or -1. */
static long number_at(const struct applet_run *run, size_t index, long least, long most)
{
    if (index >= run->call->argc)
        return -1;
    const char *text = run->call->argv[index];
    char *end = NULL;

    errno = 0;
    long value = strtol(text, &end, 10);

    if (errno != 0 || end == text || *end || value < least || value > most)
        return -1;
    return value;
}

static int address_at(const struct applet_run *run, const char *text, uint32_t *ret)
{
    struct in_addr in;

    (void)run;
    if (inet_pton(AF_INET, text, &in) != 1)
        return -1;
    *ret = ntohl(in.s_addr);
    return 0;
}

static struct yw_fake_plc *reach_plc(struct applet_run *run, const char *host)
{
    uint32_t address, source;

    if (address_at(run, host, &address) < 0)
        return NULL;
    struct yw_fake_machine *peer = yw_fake_reach(run->machine, address, &source);

    if (!peer || !peer->plc)
        return NULL;
    yw_fake_address_text(source, run->source);
    return peer->plc;
}

static int parse_table(const char *text, enum yw_fake_table *ret)
{
    static const char *const names[] = {
        [YW_FAKE_TABLE_COIL] = "coil",
        [YW_FAKE_TABLE_DISCRETE] = "discrete",
        [YW_FAKE_TABLE_HOLDING] = "holding",
        [YW_FAKE_TABLE_INPUT] = "input",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum yw_fake_table)i;
            return 0;
        }
    }
    return -1;
}

static int fail_exception(struct applet_run *run, int exception)
{
    yw_buf_clear(&run->out);
    yw_buf_printf(&run->out, "{\"error\":\"exception %d\"}", exception);
    return 1;
}

static void put_values(struct yw_buf *out, const uint16_t *values, size_t count)
{
    yw_buf_puts(out, "[");
    for (size_t i = 0; i < count; i++)
        yw_buf_printf(out, "%s%u", i ? "," : "", (unsigned)values[i]);
    yw_buf_puts(out, "]");
}

/* modbus read HOST UNIT TABLE ADDRESS COUNT */
static int modbus_read(struct applet_run *run)
{
    const struct yw_virt_call *call = run->call;
    uint16_t values[YW_FAKE_PLC_COUNT_MAX];
    enum yw_fake_table table;
    long address = number_at(run, 5, 0, 65535);
    long count = number_at(run, 6, 1, YW_FAKE_PLC_COUNT_MAX);

    if (call->argc != 7 || number_at(run, 3, 0, 255) < 0 ||
        parse_table(call->argv[4], &table) < 0 || address < 0 || count < 0)
        return fail(run, "usage: modbus read HOST UNIT TABLE ADDRESS COUNT");
    struct yw_fake_plc *plc = reach_plc(run, call->argv[2]);

    if (!plc)
        return fail(run, "connect: timeout");
    int exception = yw_fake_plc_read(plc, run->source, table, (uint16_t)address, values,
                                     (size_t)count);

    if (exception != 0)
        return fail_exception(run, exception);
    yw_buf_puts(&run->out, "{\"values\":");
    put_values(&run->out, values, (size_t)count);
    yw_buf_puts(&run->out, "}");
    return 0;
}

/* Reads, writes and reports both. */
static int write_values(struct applet_run *run, struct yw_fake_plc *plc,
                        enum yw_fake_table table, uint16_t address,
                        const uint16_t *values, size_t count)
{
    uint16_t before[YW_FAKE_PLC_COUNT_MAX];
    int exception = yw_fake_plc_read(plc, run->source, table, address, before, count);

    if (exception == 0)
        exception = yw_fake_plc_write(plc, run->source, table, address, values, count);
    if (exception != 0)
        return fail_exception(run, exception);
    yw_buf_puts(&run->out, "{\"old\":");
    if (count == 1) {
        yw_buf_printf(&run->out, "%u,\"new\":%u", (unsigned)before[0],
                      (unsigned)values[0]);
    } else {
        put_values(&run->out, before, count);
        yw_buf_puts(&run->out, ",\"new\":");
        put_values(&run->out, values, count);
    }
    yw_buf_puts(&run->out, "}");
    return 0;
}

/* modbus write HOST UNIT TABLE ADDRESS VALUE [VALUE …] */
static int modbus_write(struct applet_run *run)
{
    const struct yw_virt_call *call = run->call;
    uint16_t values[YW_SPEC_ARGS_MAX];
    enum yw_fake_table table;
    long address = number_at(run, 5, 0, 65535);

    if (call->argc < 7 || number_at(run, 3, 0, 255) < 0 ||
        parse_table(call->argv[4], &table) < 0 || address < 0 ||
        (table != YW_FAKE_TABLE_HOLDING && table != YW_FAKE_TABLE_COIL))
        return fail(run, "usage: modbus write HOST UNIT holding|coil ADDRESS VALUE...");
    for (size_t i = 6; i < call->argc; i++) {
        long value = number_at(run, i, 0, table == YW_FAKE_TABLE_COIL ? 1 : 65535);

        if (value < 0)
            return fail(run, "value out of range");
        values[i - 6] = (uint16_t)value;
    }
    struct yw_fake_plc *plc = reach_plc(run, call->argv[2]);

    if (!plc)
        return fail(run, "connect: timeout");
    return write_values(run, plc, table, (uint16_t)address, values, call->argc - 6);
}

/* modbus scan CIDR */
static int modbus_scan(struct applet_run *run)
{
    char text[YW_SPEC_ARG_MAX];
    uint32_t network;
    bool first = true;

    if (run->call->argc != 3)
        return fail(run, "usage: modbus scan CIDR");
    YW_COPY(text, run->call->argv[2]);
    char *slash = strchr(text, '/');
    long prefix = slash ? strtol(slash + 1, NULL, 10) : 32;

    if (slash)
        *slash = '\0';
    if (address_at(run, text, &network) < 0 || prefix < 16 || prefix > 32)
        return fail(run, "usage: modbus scan CIDR");
    uint32_t mask = 0xffffffffu << (32 - prefix);

    yw_buf_puts(&run->out, "{\"found\":[");
    for (size_t i = 0; i < run->machine->world->machines.count; i++) {
        struct yw_fake_machine *peer = yw_map_at(&run->machine->world->machines, i);
        uint32_t source;

        for (size_t k = 0; k < peer->nic_count; k++) {
            uint32_t address = peer->nics[k].address;

            if (!peer->plc || (address & mask) != (network & mask) ||
                yw_fake_reach(run->machine, address, &source) != peer)
                continue;
            yw_fake_address_text(address, text);
            yw_buf_printf(&run->out,
                          "%s{\"address\":\"%s\",\"vendor\":\"%s\",\"product\":\"%s\"}",
                          first ? "" : ",", text, yw_fake_plc_vendor(peer->plc),
                          yw_fake_plc_product(peer->plc));
            first = false;
        }
    }
    yw_buf_puts(&run->out, "]}");
    return 0;
}

static int applet_modbus(struct applet_run *run)
{
    const char *verb = run->call->argc > 1 ? run->call->argv[1] : "";

    if (strcmp(verb, "read") == 0)
        return modbus_read(run);
    if (strcmp(verb, "write") == 0)
        return modbus_write(run);
    if (strcmp(verb, "scan") == 0)
        return modbus_scan(run);
    return fail(run, "usage: modbus read|write|scan ...");
}

/* operate set-point VALUE | operate stop-pump 0|1: what a person does at the operator's
 * page. */
static int applet_operate(struct applet_run *run)
{
    struct yw_fake_machine *machine = run->machine;
    const char *verb = run->call->argc == 3 ? run->call->argv[1] : "";
    bool stop = strcmp(verb, "stop-pump") == 0;
    long value = number_at(run, 2, 0, stop ? 1 : 65535);
    char line[YW_CHANNEL_LINE_MAX];

    if ((!stop && strcmp(verb, "set-point") != 0) || value < 0)
        return fail(run, "usage: operate set-point VALUE | operate stop-pump 0|1");
    struct yw_fake_plc *plc = reach_plc(run, machine->target);

    if (!plc)
        return fail(run, "connect: timeout");
    if (machine->world->on_line && machine->attached) {
        snprintf(line, sizeof(line),
                 "{\"kind\":\"operator\",\"action\":\"%s\",\"value\":%ld}", verb, value);
        machine->world->on_line(machine->world->arg, machine, line);
    }
    return write_values(run, plc, stop ? YW_FAKE_TABLE_COIL : YW_FAKE_TABLE_HOLDING,
                        stop ? 1 : 40, &(uint16_t){(uint16_t)value}, 1);
}

static int applet_ping(struct applet_run *run)
{
    uint32_t address, source;

    if (run->call->argc != 2 || address_at(run, run->call->argv[1], &address) < 0)
        return fail(run, "usage: ping HOST");
    if (!yw_fake_reach(run->machine, address, &source))
        return fail(run, "unreachable");
    yw_buf_puts(&run->out, "{\"reachable\":true}");
    return 0;
}

static int applet_addr(struct applet_run *run)
{
    yw_buf_puts(&run->out, "{\"interfaces\":[");
    for (size_t i = 0; i < run->machine->nic_count; i++) {
        const struct yw_fake_nic *nic = &run->machine->nics[i];
        char text[16];

        yw_fake_address_text(nic->address, text);
        yw_buf_printf(&run->out,
                      "%s{\"name\":\"eth%zu\",\"mac\":\"%s\",\"address\":\"%s\","
                      "\"prefix\":%d,\"up\":%s}",
                      i ? "," : "", i, nic->mac, text, nic->prefix,
                      nic->up ? "true" : "false");
    }
    yw_buf_puts(&run->out, "]}");
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct applet_run *run);
} applets[] = {
    {"modbus", applet_modbus},
    {"operate", applet_operate},
    {"ping", applet_ping},
    {"addr", applet_addr},
};

static struct yw_fake_answer *remembered(struct yw_fake_machine *machine,
                                         uint32_t request)
{
    for (size_t i = 0; i < YW_CHANNEL_MEMORY; i++) {
        if (request != 0 && machine->answers[i].request == request)
            return &machine->answers[i];
    }
    return NULL;
}

static struct yw_fake_answer *act(struct yw_fake_machine *machine,
                                  struct yw_virt_call *call)
{
    struct applet_run run = {.machine = machine, .call = call};
    struct yw_fake_answer *answer = &machine->answers[machine->next_answer];
    int exit_code = EXIT_NO_PROGRAM;

    yw_buf_init(&run.out, YW_CHANNEL_OUTPUT_MAX - 1);
    machine->next_answer = (machine->next_answer + 1) % YW_CHANNEL_MEMORY;
    for (size_t i = 0; i < sizeof(applets) / sizeof(applets[0]); i++) {
        if (call->argc > 0 && strcmp(call->argv[0], applets[i].name) == 0)
            exit_code = applets[i].run(&run);
    }
    if (exit_code == EXIT_NO_PROGRAM)
        yw_buf_puts(&run.out, "{\"error\":\"no such program\"}");
    free(answer->output);
    answer->request = call->request;
    answer->exit_code = exit_code;
    answer->output = yw_buf_steal(&run.out);
    yw_buf_fini(&run.out);
    return answer;
}

void yw_fake_run(struct yw_fake_machine *machine, struct yw_virt_call *call)
{
    struct yw_fake_answer *answer = remembered(machine, call->request);

    if (!answer)
        answer = act(machine, call);
    call->exit_code = answer->exit_code;
    YW_COPY(call->output, answer->output);
}
