/* What runs inside a fake machine: the controller core and the applets of the micro
 * images (vm-images/controller), with the fake world for a network. */
#include "virt/fake/fake_world.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_plc_write(void *arg, const struct yw_plc_write *write)
{
    const struct yw_fake_machine *machine = arg;
    char line[YW_CHANNEL_LINE_MAX];

    if (!machine->world->on_line || !machine->attached)
        return;
    yw_plc_write_line(write, line, sizeof(line));
    machine->world->on_line(machine->world->arg, machine, line);
}

static void on_role_line(void *arg, const char *line)
{
    const struct yw_fake_machine *machine = arg;

    if (machine->world->on_line && machine->attached)
        machine->world->on_line(machine->world->arg, machine, line);
}

/* What the image is as a controller; false: it is none. */
static bool profile_of(const char *image, enum yw_plc_profile *ret)
{
    static const struct {
        const char *image;
        enum yw_plc_profile profile;
    } rows[] = {
        {"plc", YW_PLC_LOGIC}, {"sis", YW_PLC_SAFETY}, {"remote-io", YW_PLC_REMOTE_IO}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(image, rows[i].image) == 0) {
            *ret = rows[i].profile;
            return true;
        }
    }
    return false;
}

static int refuse(struct yw_err *err, const struct yw_fake_machine *machine,
                  const char *why)
{
    return yw_err_set(err, YW_EIO, "machine '%s': start: the guest says: %s",
                      machine->domain, why);
}

static int load_plc(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                    struct yw_err *err)
{
    struct yw_st_problem problem;
    char why[512];

    for (size_t i = 0; i < machine->setting_count; i++) {
        const struct yw_virt_setting *setting = &machine->settings[i];

        if (yw_plc_set(machine->plc, setting->name, setting->value, why) != 0)
            return refuse(err, machine, why);
    }
    if (call->file.size > 0 && machine->plc->profile != YW_PLC_REMOTE_IO &&
        yw_plc_load(machine->plc, call->file.bytes, call->file.size, &problem) != 0) {
        yw_st_explain(&problem, false, why, sizeof(why));
        return refuse(err, machine, why);
    }
    return 0;
}

static int start_rtu(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                     struct yw_err *err)
{
    char problem[YW_CONF_PROBLEM_MAX] = "no configuration";

    machine->rtu = yw_new(sizeof(*machine->rtu));
    yw_rtu_init(machine->rtu, machine->seed);
    machine->rtu->put = yw_fake_stream_put;
    machine->rtu->line = on_role_line;
    machine->rtu->arg = machine;
    if (call->file.size > 0 &&
        yw_rtu_load(machine->rtu, call->file.bytes, call->file.size, problem) == 0)
        return 0;
    free(machine->rtu);
    machine->rtu = NULL;
    return refuse(err, machine, problem);
}

static int start_firewall(struct yw_fake_machine *machine,
                          const struct yw_virt_call *call, struct yw_err *err)
{
    char problem[YW_CONF_PROBLEM_MAX] = "no configuration";

    machine->firewall = yw_new(sizeof(*machine->firewall));
    if (call->file.size > 0 && yw_firewall_load(machine->firewall, call->file.bytes,
                                                call->file.size, problem) == 0)
        return 0;
    free(machine->firewall);
    machine->firewall = NULL;
    return refuse(err, machine, problem);
}

static int start_fleet(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                       struct yw_err *err)
{
    char problem[YW_CONF_PROBLEM_MAX] = "";

    if (yw_fake_fleet_start(machine, call, on_role_line, problem) == 0)
        return 0;
    yw_fake_fleet_free(machine);
    return refuse(err, machine, problem);
}

int yw_fake_start(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                  struct yw_err *err)
{
    enum yw_plc_profile profile;

    memcpy(machine->settings, call->settings, sizeof(machine->settings));
    machine->setting_count = call->setting_count;
    yw_upkeep_init(&machine->upkeep);
    if (strcmp(machine->image, "rtu") == 0)
        return start_rtu(machine, call, err);
    if (strcmp(machine->image, "firewall") == 0)
        return start_firewall(machine, call, err);
    if (yw_fake_is_fleet(machine->image))
        return start_fleet(machine, call, err);
    if (!profile_of(machine->image, &profile))
        return 0;
    machine->plc = yw_new(sizeof(*machine->plc));
    yw_plc_init_as(machine->plc, profile, machine->seed);
    machine->plc->on_write = on_plc_write;
    machine->plc->on_line = on_role_line;
    machine->plc->arg = machine;
    int code = load_plc(machine, call, err);

    if (code < 0) {
        free(machine->plc);
        machine->plc = NULL;
    } else if (profile != YW_PLC_REMOTE_IO) {
        machine->eng = yw_new(sizeof(*machine->eng));
        yw_eng_init(machine->eng, machine->plc, call->file.bytes, call->file.size);
        machine->eng->put = yw_fake_stream_put;
        machine->eng->arg = machine;
    }
    return code;
}

/* Who answers there on the port of Modbus. */
static struct yw_fake_machine *peer_at(struct yw_fake_machine *machine, const char *host,
                                       char source[16])
{
    uint32_t address, from;

    if (!yw_applet_address(host, &address))
        return NULL;
    struct yw_fake_machine *peer = yw_fake_call(machine, address, YW_MODBUS_PORT, &from);

    if (peer)
        yw_fake_address_text(from, source);
    return peer;
}

static int transact(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                    size_t size, uint8_t reply[YW_MODBUS_PDU_MAX])
{
    char source[16];
    struct yw_fake_machine *peer = peer_at(arg, host, source);

    uint32_t from, address;
    int between = 0;

    if (!peer || (!peer->plc && !peer->rtu))
        return -1;
    if (yw_applet_address(source, &from) && yw_applet_address(host, &address) &&
        yw_fake_lasting_between(peer, from, address, pdu, size, reply, &between))
        return between;
    size_t answer = peer->plc ? yw_plc_answer(peer->plc, source, unit, pdu, size, reply)
                              : yw_rtu_answer(peer->rtu, source, pdu, size, reply);

    return answer > 0 ? (int)answer : -1;
}

static void sweep(void *arg, uint32_t first, uint32_t count, bool *ret_open)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t source;
        const struct yw_fake_machine *peer =
            yw_fake_call(arg, first + i, YW_MODBUS_PORT, &source);

        ret_open[i] = peer && (peer->plc || peer->rtu);
    }
}

static bool reach(void *arg, const char *host)
{
    char source[16];

    return peer_at(arg, host, source) != NULL;
}

static void interfaces(void *arg, char *ret, size_t ret_size)
{
    yw_fake_interfaces(arg, ret, ret_size);
}

void yw_fake_interfaces(const struct yw_fake_machine *machine, char *ret, size_t ret_size)
{
    struct yw_buf out;

    yw_buf_init(&out, ret_size - 1);
    yw_buf_puts(&out, "[");
    for (size_t i = 0; i < machine->nic_count; i++) {
        const struct yw_fake_nic *nic = &machine->nics[i];
        char text[16];

        yw_fake_address_text(nic->address, text);
        yw_buf_printf(&out,
                      "%s{\"name\":\"eth%zu\",\"mac\":\"%s\",\"address\":\"%s\","
                      "\"prefix\":%d,\"up\":%s}",
                      i ? "," : "", i, nic->mac, text, nic->prefix,
                      nic->up ? "true" : "false");
    }
    yw_buf_puts(&out, "]");
    (void)yw_copy(ret, ret_size, out.data);
    yw_buf_fini(&out);
}

/* Who has this address, on the first card that leads there. */
static bool hear(struct yw_fake_machine *machine, uint32_t address,
                 struct yw_applet_heard *ret)
{
    uint32_t source;
    const struct yw_fake_machine *peer = yw_fake_reach(machine, address, &source);

    memset(ret, 0, sizeof(*ret));
    ret->address = address;
    YW_COPY(ret->how, "arp");
    if (machine->world->leak != 0 && address == machine->world->leak) {
        YW_COPY(ret->mac, "02:00:00:00:00:01");
        return true;
    }
    for (size_t i = 0; peer && peer != machine && i < peer->nic_count; i++) {
        if (peer->nics[i].address == address)
            YW_COPY(ret->mac, peer->nics[i].mac);
    }
    return peer && peer != machine;
}

static size_t probe(void *arg, uint32_t span_ms, const struct yw_applet_target *targets,
                    size_t count, struct yw_applet_heard *ret, size_t max)
{
    size_t heard = 0;

    (void)span_ms;
    for (size_t i = 0; i < count && heard < max; i++)
        heard += hear(arg, targets[i].address, &ret[heard]);
    return heard;
}

static const char *setting_of(void *arg, const char *name)
{
    const struct yw_fake_machine *machine = arg;

    for (size_t i = 0; i < machine->setting_count; i++) {
        if (strcmp(machine->settings[i].name, name) == 0)
            return machine->settings[i].value;
    }
    return NULL;
}

/* `acl LIST` changes who may write to the PLC while it runs, `key POSITION` turns it. */
static bool run_own(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                    struct yw_applet_result *ret)
{
    char why[YW_PLC_PROBLEM_MAX] = "usage: acl LIST, key POSITION";
    const char *name = call->argc > 0 ? call->argv[0] : "";

    if (!machine->plc || (strcmp(name, "acl") != 0 && strcmp(name, "key") != 0))
        return false;
    if (call->argc == 2 && yw_plc_set(machine->plc, name, call->argv[1], why) == 0) {
        ret->code = 0;
        (void)snprintf(ret->output, sizeof(ret->output), "{}");
    } else {
        ret->code = 1;
        (void)snprintf(ret->output, sizeof(ret->output), "{\"error\":\"%s\"}", why);
    }
    return true;
}

struct yw_fake_streams *yw_fake_io(struct yw_fake_machine *machine,
                                   struct yw_applet_io *ret)
{
    *ret = (struct yw_applet_io){
        .transact = transact,
        .sweep = sweep,
        .reach = reach,
        .interfaces = interfaces,
        .setting = setting_of,
        .probe = probe,
        .open = yw_fake_stream_open,
        .send = yw_fake_stream_send,
        .receive = yw_fake_stream_receive,
        .close = yw_fake_stream_close,
        .now = yw_fake_stream_now,
        .arg = machine,
    };
    machine->streams = yw_fake_streams_new(0);
    return machine->streams;
}

void yw_fake_io_end(struct yw_fake_machine *machine, struct yw_fake_streams *streams)
{
    machine->streams = NULL;
    yw_fake_streams_free(streams);
}

void yw_fake_applet(struct yw_fake_machine *machine, int argc, const char *const *argv,
                    struct yw_applet_result *ret)
{
    struct yw_applet_io io;
    struct yw_fake_streams *streams = yw_fake_io(machine, &io);

    memset(ret, 0, sizeof(*ret));
    yw_applet_run(&io, argc, argv, ret);
    yw_fake_io_end(machine, streams);
}

static void run(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                struct yw_applet_result *ret)
{
    const char *argv[YW_SPEC_ARGS_MAX + 1] = {0};

    for (size_t i = 0; i < call->argc; i++)
        argv[i] = call->argv[i];
    memset(ret, 0, sizeof(*ret));
    if (!run_own(machine, call, ret) &&
        !yw_fake_fleet_run(machine, (int)call->argc, argv, ret) &&
        !yw_fake_lasting_run(machine, (int)call->argc, argv, ret))
        yw_fake_applet(machine, (int)call->argc, argv, ret);
    if (ret->line[0] && machine->world->on_line && machine->attached)
        machine->world->on_line(machine->world->arg, machine, ret->line);
}

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
                                  const struct yw_virt_call *call)
{
    struct yw_fake_answer *answer = &machine->answers[machine->next_answer];
    struct yw_applet_result *result = yw_new(sizeof(*result));

    machine->next_answer = (machine->next_answer + 1) % YW_CHANNEL_MEMORY;
    run(machine, call, result);
    free(answer->output);
    answer->request = call->request;
    answer->exit_code = result->code;
    answer->output = yw_strdup(result->output);
    free(result);
    return answer;
}

void yw_fake_run(struct yw_fake_machine *machine, struct yw_virt_call *call)
{
    const struct yw_fake_answer *answer = remembered(machine, call->request);

    if (!answer)
        answer = act(machine, call);
    call->exit_code = answer->exit_code;
    YW_COPY(call->output, answer->output);
}

void yw_fake_scan(struct yw_fake_machine *machine, int64_t now_ms,
                  struct yw_virt_notice *ret)
{
    struct yw_field_record record;

    if (machine->rtu)
        yw_rtu_scan(machine->rtu, now_ms, now_ms, &record);
    else if (!yw_fake_fleet_scan(machine, &record))
        yw_plc_scan(machine->plc, now_ms, &record);
    ret->output_count = record.count;
    ret->view_count = record.views;
    memcpy(ret->outputs, record.value, record.count * sizeof(double));
    memcpy(ret->views, record.view, record.views * sizeof(double));
}

void yw_fake_sense(struct yw_fake_machine *machine, const double *values, size_t count)
{
    struct yw_field_record record = {.magic = YW_FIELD_MAGIC, .count = (uint16_t)count};

    memcpy(record.value, values, count * sizeof(*values));
    yw_fake_fleet_sense(machine, &record);
    if (!machine->plc && !machine->rtu)
        return;
    if (machine->rtu)
        (void)yw_rtu_sense(machine->rtu, &record);
    else
        (void)yw_plc_sense(machine->plc, &record);
}
