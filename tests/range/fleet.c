#include "range/fleet.h"

#include "base/id.h"
#include "base/mem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FIELD_MS 60000
#define CALL_MS 120000
#define SKIP 77

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct fleet_host *host = owner;

    switch (notice->kind) {
    case YW_VIRT_FIELD:
        host->fields++;
        host->last_output = notice->outputs[0];
        break;
    case YW_VIRT_LINE:
        host->lines++;
        break;
    case YW_VIRT_LOST:
    case YW_VIRT_GUEST_LOST:
        host->losses++;
        print_message("lost: %s\n", notice->text);
        break;
    case YW_VIRT_BROKER_DOWN:
        host->downs++;
        YW_COPY(host->why, notice->text);
        print_message("down: %s\n", notice->text);
        break;
    case YW_VIRT_BROKER_UP:
        host->ups++;
        break;
    case YW_VIRT_HOST:
        break;
    case YW_VIRT_PROGRESS:
    case YW_VIRT_CAPTURE_LOST:
        host->progress++;
        break;
    }
}

void fleet_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct fleet_answer *answer = call->owner;

    answer->came = true;
    answer->code = code;
    if (err)
        YW_COPY(answer->text, err->text);
}

void fleet_begin(struct fleet *fleet, int host, struct yw_virt_call *call,
                 struct fleet_answer *answer, enum yw_virt_op op, int machine)
{
    memset(answer, 0, sizeof(*answer));
    call->op = op;
    YW_COPY(call->drill, FLEET_DRILL);
    YW_COPY(call->plan_digest, "digest");
    call->plan = &fleet->plan;
    call->machine = machine >= 0 ? &fleet->machines[machine] : NULL;
    call->network = &fleet->network;
    call->nic = -1;
    call->done = fleet_done;
    call->owner = answer;
    if (call->deadline_ms == 0)
        call->deadline_ms = CALL_MS;
    assert_int_equal(yw_virt_call(fleet->hosts[host - 1].virt, call, NULL), 0);
}

int fleet_wait(struct fleet *fleet, struct fleet_answer *answer)
{
    while (!answer->came)
        yw_loop_turn(fleet->loop, 100);
    if (answer->code < 0)
        print_message("answer: %s\n", answer->text);
    return answer->code;
}

int fleet_call_for(struct fleet *fleet, int host, enum yw_virt_op op, int machine,
                   int64_t deadline_ms)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct fleet_answer answer;

    call->deadline_ms = deadline_ms;
    call->up = true;
    if (op == YW_VIRT_MACHINE_SETUP && machine == FLEET_PLC) {
        YW_COPY(call->settings[0].name, "wiring");
        YW_COPY(call->settings[0].value, "o1 o1 i0*0.1 i1*0.1");
        call->setting_count = 1;
        YW_COPY(call->file.name, "program.st");
        call->file.bytes = fleet->program_st;
        call->file.size = fleet->program_size;
    }
    fleet_begin(fleet, host, call, &answer, op, machine);
    int code = fleet_wait(fleet, &answer);

    if (op == YW_VIRT_PROBE)
        print_message("host %d: %s\n", host, call->output);
    if (op == YW_VIRT_LIST && code == 0) {
        for (size_t i = 0; i < call->found_count; i++)
            print_message("host %d has %s %s\n", host, call->found[i].name,
                          call->found[i].uuid);
        code = (int)call->found_count;
    }
    free(call->found);
    free(call);
    return code;
}

int fleet_call(struct fleet *fleet, int host, enum yw_virt_op op, int machine)
{
    return fleet_call_for(fleet, host, op, machine, CALL_MS);
}

static uint32_t underlay(int host)
{
    return 0x0a63000au + (uint32_t)host;
}

int fleet_span(struct fleet *fleet, int host, int other)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct fleet_answer answer;

    fleet->network.vni = 4242;
    call->local = underlay(host);
    call->remotes[0] = underlay(other);
    call->remote_count = 1;
    fleet_begin(fleet, host, call, &answer, YW_VIRT_NETWORK_UP, -1);
    int code = fleet_wait(fleet, &answer);

    free(call);
    return code;
}

int fleet_run(struct fleet *fleet, int host, uint32_t request, const char *line,
              char output[YW_VIRT_OUTPUT_MAX])
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    char *copy = yw_strdup(line), *save = NULL;
    struct fleet_answer answer;

    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        YW_COPY(call->argv[call->argc++], word);
    call->request = request;
    call->deadline_ms = 60000;
    fleet_begin(fleet, host, call, &answer, YW_VIRT_RUN, FLEET_ATTACKER);
    int code = fleet_wait(fleet, &answer);

    if (code == 0)
        code = call->exit_code;
    memcpy(output, call->output, YW_VIRT_OUTPUT_MAX);
    print_message("run %u: %s -> %d %s\n", request, line, code, output);
    free(copy);
    free(call);
    return code;
}

void fleet_turn(struct fleet *fleet, int64_t span_ms)
{
    int64_t until = yw_clock_mono_ms(yw_loop_clock(fleet->loop)) + span_ms;

    while (yw_clock_mono_ms(yw_loop_clock(fleet->loop)) < until)
        yw_loop_turn(fleet->loop, 50);
}

static const char *far_word(int host, const char *what)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "YW_FAR%d_%s", host, what);
    const char *value = getenv(name);

    assert_non_null(value);
    return value;
}

int fleet_shell(int host, const char *what, const char *tail)
{
    char *command = yw_strf("%s%s", far_word(host, what), tail);
    int status = system(command);

    free(command);
    return status;
}

static void open_host(struct fleet *fleet, int number)
{
    struct fleet_host *host = &fleet->hosts[number - 1];
    const char *images = getenv("YW_IMAGES");
    struct yw_err err;

    host->fleet = fleet;
    if (host->config.run_count > 0)
        YW_COPY(host->config.data_dir, far_word(number, "DATA"));
    else
        (void)snprintf(host->config.data_dir, sizeof(host->config.data_dir), "%s/here%d",
                       getenv("YW_FAR_PLACE"), number);
    YW_COPY(host->config.images_dir, images ? images : "");
    int code = yw_virt_open_broker(&host->virt, fleet->loop, &host->config, &err);

    if (code < 0)
        print_message("%s\n", err.text);
    assert_int_equal(code, 0);
    host->virt->on_notice = on_notice;
    host->virt->owner = host;
}

void fleet_open_far(struct fleet *fleet, int number, const char *how)
{
    struct fleet_host *host = &fleet->hosts[number - 1];
    char *copy = yw_strdup(far_word(number, how)), *save = NULL;

    host->config.run_count = 0;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        YW_COPY(host->config.run[host->config.run_count++], word);
    assert_true(readlink("/proc/self/exe", host->config.run[host->config.run_count++],
                         sizeof(host->config.run[0]) - 1) > 0);
    free(copy);
    open_host(fleet, number);
}

void fleet_open_uri(struct fleet *fleet, int number, const char *uri)
{
    struct fleet_host *host = &fleet->hosts[number - 1];

    YW_COPY(host->config.uri, uri);
    assert_true(readlink("/proc/self/exe", host->config.program,
                         sizeof(host->config.program) - 1) > 0);
    open_host(fleet, number);
}

static void machine_init(struct fleet *fleet, int index, const char *image,
                         uint32_t address)
{
    struct yw_plan_machine *machine = &fleet->machines[index];

    (void)snprintf(machine->domain, sizeof(machine->domain), "yw-fleet-%s", image);
    (void)snprintf(machine->nics[0].mac, YW_PLAN_MAC_SIZE, "52:54:00:78:00:%02x",
                   (unsigned)index + 1);
    YW_COPY(machine->name, image);
    YW_COPY(machine->team_name, "blue");
    YW_COPY(machine->image, image);
    yw_uuid_from(machine->domain, machine->uuid);
    machine->ram_mib = 96;
    machine->nic_count = 1;
    machine->nics[0].address = address;
    machine->nics[0].prefix = 24;
    machine->has_field = index == FLEET_PLC;
    machine->seed = 42;
}

static void read_program(struct fleet *fleet)
{
    const char *source = getenv("YW_SOURCE");
    char path[400];

    (void)snprintf(path, sizeof(path), "%s/scenarios/water-dosing/files/dosing.st",
                   source ? source : ".");
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    fleet->program_size = fread(fleet->program_st, 1, sizeof(fleet->program_st), file);
    (void)fclose(file);
}

void fleet_init(struct fleet *fleet)
{
    struct yw_err err;

    memset(fleet, 0, sizeof(*fleet));
    YW_COPY(fleet->network.bridge, "ywf1ee70-0");
    YW_COPY(fleet->plan.drill, FLEET_DRILL);
    fleet->plan.networks = &fleet->network;
    fleet->plan.network_count = 1;
    fleet->plan.machines = fleet->machines;
    fleet->plan.machine_count = FLEET_MACHINES;
    machine_init(fleet, FLEET_PLC, "plc", 0x0a14020b);
    machine_init(fleet, FLEET_ATTACKER, "attacker", 0x0a140242);
    read_program(fleet);
    (void)signal(SIGPIPE,
                 SIG_IGN); /* as the daemon: a broker may end while it is written to */
    assert_int_equal(yw_loop_open(&fleet->loop, &err), 0);
}

void fleet_fini(struct fleet *fleet)
{
    for (int i = 0; i < FLEET_HOSTS_MAX; i++)
        yw_virt_close(fleet->hosts[i].virt);
    fleet_turn(fleet, 300);
    yw_loop_close(fleet->loop);
}

void fleet_wait_field(struct fleet *fleet, int host)
{
    const struct fleet_host *from = &fleet->hosts[host - 1];

    for (int64_t left = FIELD_MS; from->fields == 0 && left > 0; left -= 100)
        fleet_turn(fleet, 100);
    assert_true(from->fields > 0);
}

int fleet_check(void)
{
    const char *images = getenv("YW_IMAGES");
    char kernel[400];

    (void)snprintf(kernel, sizeof(kernel), "%s/vmlinux", images ? images : "");
    if (geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0 &&
        access(kernel, R_OK) == 0)
        return 0;
    print_message("needs root, /dev/net/tun and machine images\n");
    return SKIP;
}
