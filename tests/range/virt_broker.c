/* Two real machines through the broker: up, set up, talking over real Modbus, a link cut,
 * the broker killed in the middle and the machines found again, a machine's process
 * killed, and at the end nothing left: no machine, bridge, interface, process or file. */
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "range/processes.h"
#include "virt/virt.h"

#include <dirent.h>
#include <net/if.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PLC 0
#define ATTACKER 1
#define MACHINES 2
#define UP_MS 120000
#define SKIP 77

struct bench {
    struct yw_loop *loop;
    struct yw_virt *virt;
    struct yw_virt_broker_config config;
    struct yw_plan plan;
    struct yw_plan_network network;
    struct yw_plan_machine machines[MACHINES];
    char domains[YW_PLAN_DOMAIN_MAX]; /* what the names of the machines begin with */
    char program_st[16384];
    size_t program_size;
    int fields;
    double last_output;
    int lines;
    int losses;
    int downs;
    int ups;
    struct yw_virt_proof proof; /* of the last call */
};

struct answer {
    bool came;
    int code;
    char text[YW_ERR_TEXT_MAX];
};

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct bench *bench = owner;

    switch (notice->kind) {
    case YW_VIRT_FIELD:
        bench->fields++;
        bench->last_output = notice->outputs[0];
        break;
    case YW_VIRT_LINE:
        bench->lines++;
        print_message("line: %s\n", notice->text);
        break;
    case YW_VIRT_LOST:
    case YW_VIRT_GUEST_LOST:
        bench->losses++;
        print_message("lost: %s\n", notice->text);
        break;
    case YW_VIRT_BROKER_DOWN:
        bench->downs++;
        break;
    case YW_VIRT_BROKER_UP:
    case YW_VIRT_HOST:
        bench->ups++;
        break;
    case YW_VIRT_PROGRESS:
    case YW_VIRT_CAPTURE_LOST:
        break;
    }
}

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct answer *answer = call->owner;

    answer->came = true;
    answer->code = code;
    if (err)
        YW_COPY(answer->text, err->text);
}

static void begin(struct bench *bench, struct yw_virt_call *call, struct answer *answer,
                  enum yw_virt_op op, int machine)
{
    memset(answer, 0, sizeof(*answer));
    call->op = op;
    YW_COPY(call->drill, bench->plan.drill);
    YW_COPY(call->plan_digest, "digest");
    call->plan = &bench->plan;
    call->machine = machine >= 0 ? &bench->machines[machine] : NULL;
    call->network = &bench->network;
    call->nic = -1;
    call->done = on_done;
    call->owner = answer;
    if (call->deadline_ms == 0)
        call->deadline_ms = UP_MS;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
}

static int wait_for(struct bench *bench, struct answer *answer)
{
    while (!answer->came)
        yw_loop_turn(bench->loop, 100);
    if (answer->code < 0)
        print_message("answer: %s\n", answer->text);
    return answer->code;
}

static int do_call(struct bench *bench, enum yw_virt_op op, int machine, bool up)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    call->up = up;
    if (op == YW_VIRT_MACHINE_SETUP && machine == PLC) {
        YW_COPY(call->settings[0].name, "wiring");
        YW_COPY(call->settings[0].value, "o1 o1 i0*0.1 i1*0.1");
        call->setting_count = 1;
        YW_COPY(call->file.name, "program.st");
        call->file.bytes = bench->program_st;
        call->file.size = bench->program_size;
    }
    begin(bench, call, &answer, op, machine);
    int code = wait_for(bench, &answer);

    bench->proof = call->proof;
    if (op == YW_VIRT_PROBE)
        print_message("probe: %s\n", call->output);
    if (op == YW_VIRT_LIST) {
        for (size_t i = 0; i < call->found_count; i++)
            print_message("found: %s %s\n", call->found[i].name, call->found[i].uuid);
        if (code == 0)
            code = (int)call->found_count;
        free(call->found);
    }
    free(call);
    return code;
}

static void up_both(struct bench *bench)
{
    struct yw_virt_call *calls = yw_new_array(MACHINES, sizeof(*calls));
    struct answer answers[MACHINES];

    for (int i = 0; i < MACHINES; i++)
        begin(bench, &calls[i], &answers[i], YW_VIRT_MACHINE_UP, i);
    for (int i = 0; i < MACHINES; i++)
        assert_int_equal(wait_for(bench, &answers[i]), 0);
    free(calls);
}

static int run_line(struct bench *bench, uint32_t request, const char *line,
                    char output[YW_VIRT_OUTPUT_MAX])
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    char *copy = yw_strdup(line), *save = NULL;
    struct answer answer;

    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        YW_COPY(call->argv[call->argc++], word);
    call->request = request;
    call->deadline_ms = 60000;
    begin(bench, call, &answer, YW_VIRT_RUN, ATTACKER);
    assert_int_equal(wait_for(bench, &answer), 0);
    int exit_code = call->exit_code;

    memcpy(output, call->output, YW_VIRT_OUTPUT_MAX);
    print_message("run %u: %s -> %d %s\n", request, line, exit_code, output);
    free(copy);
    free(call);
    return exit_code;
}

static void turn_for(struct bench *bench, int64_t span_ms)
{
    int64_t until = yw_clock_mono_ms(yw_loop_clock(bench->loop)) + span_ms;

    while (yw_clock_mono_ms(yw_loop_clock(bench->loop)) < until)
        yw_loop_turn(bench->loop, 50);
}

/* Turns until so many have come. */
static void turn_until(struct bench *bench, const int *counter, int count)
{
    int64_t until = yw_clock_mono_ms(yw_loop_clock(bench->loop)) + UP_MS;

    while (*counter < count && yw_clock_mono_ms(yw_loop_clock(bench->loop)) < until)
        yw_loop_turn(bench->loop, 50);
    assert_true(*counter >= count);
}

/* The machine's process has no power: own user, seccomp, no capabilities, own mounts. */
static void assert_confined(const char *uuid)
{
    DIR *dir = opendir("/proc");
    int seen = 0;

    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[300], bytes[8192] = "", mine[64] = "", its[64] = "";

        (void)snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
        FILE *file = atoi(entry->d_name) > 0 ? fopen(path, "re") : NULL;

        if (!file)
            continue;
        size_t size = fread(bytes, 1, sizeof(bytes) - 1, file);

        (void)fclose(file);
        if (!strstr(bytes, "qemu-system") || !memmem(bytes, size, uuid, strlen(uuid)))
            continue;
        seen++;
        (void)snprintf(path, sizeof(path), "/proc/%s/status", entry->d_name);
        file = fopen(path, "re");
        assert_non_null(file);
        bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
        (void)fclose(file);
        assert_null(strstr(bytes, "Uid:\t0"));
        assert_non_null(strstr(bytes, "Seccomp:\t2"));
        assert_non_null(strstr(bytes, "NoNewPrivs:\t1"));
        assert_non_null(strstr(bytes, "CapEff:\t0000000000000000"));
        (void)snprintf(path, sizeof(path), "/proc/%s/ns/mnt", entry->d_name);
        assert_true(readlink(path, its, sizeof(its) - 1) > 0);
        assert_true(readlink("/proc/self/ns/mnt", mine, sizeof(mine) - 1) > 0);
        assert_string_not_equal(its, mine);
    }
    (void)closedir(dir);
    assert_int_equal(seen, 1);
}

static int files_in(const struct bench *bench, const char *sub)
{
    char path[400];
    int count = 0;

    (void)snprintf(path, sizeof(path), "%s/libvirt/%s", bench->config.data_dir, sub);
    DIR *dir = opendir(path);

    if (!dir)
        return 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        print_message("file: %s/%s\n", path, entry->d_name);
        count++;
    }
    (void)closedir(dir);
    return count;
}

static void machine_init(struct bench *bench, int index, const char *image,
                         uint32_t address)
{
    struct yw_plan_machine *machine = &bench->machines[index];

    (void)snprintf(machine->domain, sizeof(machine->domain), "%.40s-%s", bench->domains,
                   image);
    (void)snprintf(machine->nics[0].mac, YW_PLAN_MAC_SIZE, "52:54:00:77:00:%02x",
                   (unsigned)index + 1);
    YW_COPY(machine->name, image);
    YW_COPY(machine->team_name, "blue");
    YW_COPY(machine->image, image);
    yw_uuid_from(machine->domain, machine->uuid);
    machine->ram_mib = 96;
    machine->nic_count = 1;
    machine->nics[0].address = address;
    machine->nics[0].prefix = 24;
    machine->has_field = index == PLC;
    machine->seed = 42;
}

static void read_program(struct bench *bench)
{
    const char *source = getenv("YW_SOURCE");
    char path[400];

    (void)snprintf(path, sizeof(path), "%s/scenarios/water-dosing/files/dosing.st",
                   source ? source : ".");
    FILE *file = fopen(path, "re");

    if (!file)
        return;
    bench->program_size = fread(bench->program_st, 1, sizeof(bench->program_st), file);
    (void)fclose(file);
}

static void test_whole_life(void **state)
{
    struct bench *bench = *state;
    char first[YW_VIRT_OUTPUT_MAX], again[YW_VIRT_OUTPUT_MAX];
    double sensors[4] = {1.0, 36.0, 2.5, 100.0};

    assert_int_equal(do_call(bench, YW_VIRT_PROBE, -1, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_NETWORK_UP, -1, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_NETWORK_UP, -1, false), 0);
    up_both(bench);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_SETUP, PLC, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_SETUP, ATTACKER, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_LIST, -1, false), 3);
    assert_confined(bench->machines[PLC].uuid);
    assert_confined(bench->machines[ATTACKER].uuid);
    yw_virt_field(bench->virt, bench->machines[PLC].uuid, sensors, 4);
    turn_until(bench, &bench->fields, 3);

    assert_int_equal(run_line(bench, 1, "ping 10.20.2.11", first), 0);
    assert_int_equal(
        run_line(bench, 2, "modbus write 10.20.2.11 1 holding 40 11100", first), 0);
    turn_until(bench, &bench->lines, 1);

    /* The broker dies; the machines do not, and what was done is not done again. */
    bench->fields = 0;
    assert_true(processes("broker", bench->config.data_dir, SIGKILL) >= 1);
    while (bench->ups == 0)
        yw_loop_turn(bench->loop, 100);
    assert_int_equal(bench->downs, 1);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_FIND, PLC, false), 0);
    /* looked at again, by a broker that did not start it */
    assert_true(bench->proof.read && bench->proof.ok);
    assert_int_equal(bench->proof.seccomp, 2);
    /* the attacker is not looked for first: a run finds its machine by itself */
    assert_int_equal(
        run_line(bench, 2, "modbus write 10.20.2.11 1 holding 40 11100", again), 0);
    assert_string_equal(first, again);
    turn_until(bench, &bench->fields, 3);

    assert_int_equal(do_call(bench, YW_VIRT_LINK, ATTACKER, false), 0);
    assert_int_equal(run_line(bench, 3, "ping 10.20.2.11", first), 1);
    assert_int_equal(do_call(bench, YW_VIRT_LINK, ATTACKER, true), 0);
    assert_int_equal(run_line(bench, 4, "ping 10.20.2.11", first), 0);

    assert_int_equal(processes("qemu-system", bench->machines[PLC].uuid, SIGKILL), 1);
    turn_until(bench, &bench->losses, 1);
    assert_int_equal(bench->losses, 1);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_FIND, PLC, false), YW_ENOTFOUND);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_UP, PLC, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_DOWN, PLC, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_DOWN, PLC, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_SWEEP, -1, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_SWEEP, -1, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_LIST, -1, false), 0);
}

static void assert_nothing_left(struct bench *bench)
{
    assert_int_equal(if_nametoindex(bench->network.bridge), 0);
    assert_int_equal(processes("qemu-system", bench->domains, 0), 0);
    assert_int_equal(files_in(bench, "run-yanwu"), 0);
    assert_int_equal(files_in(bench, "log/qemu"), 0);
}

static int do_for(struct bench *bench, enum yw_virt_op op, int machine,
                  int64_t deadline_ms)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    call->deadline_ms = deadline_ms;
    begin(bench, call, &answer, op, machine);
    int code = wait_for(bench, &answer);

    free(call);
    return code;
}

/* A hung machine costs its own calls and nobody else's, and still goes down. */
static void test_a_stopped_machine_holds_up_nobody(void **state)
{
    struct bench *bench = *state;
    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(do_call(bench, YW_VIRT_NETWORK_UP, -1, false), 0);
    up_both(bench);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_SETUP, ATTACKER, false), 0);
    assert_int_equal(processes("qemu-system", bench->machines[PLC].uuid, SIGSTOP), 1);
    assert_int_equal(do_for(bench, YW_VIRT_LINK, PLC, 2000), YW_ETIMEOUT);
    assert_int_equal(do_for(bench, YW_VIRT_MACHINE_SETUP, PLC, 2000), YW_ETIMEOUT);
    assert_int_equal(run_line(bench, 1, "addr", output), 0);
    assert_int_equal(bench->downs, 0);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_DOWN, PLC, false), 0);
    assert_int_equal(do_call(bench, YW_VIRT_MACHINE_DOWN, ATTACKER, false), 0);
}

/* A machine that ends while it boots is tried once more, then the call fails and names
 * it. */
/* The process ends first, its files go after it. */
static void expect_nothing_left(struct bench *bench)
{
    for (int i = 0; i < 600 && (processes("qemu-system", bench->domains, 0) > 0 ||
                                files_in(bench, "run-yanwu") > 0);
         i++)
        turn_for(bench, 100);
    assert_int_equal(processes("qemu-system", bench->domains, 0), 0);
    assert_int_equal(files_in(bench, "run-yanwu"), 0);
}

static void test_a_machine_that_never_speaks(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    assert_int_equal(do_call(bench, YW_VIRT_NETWORK_UP, -1, false), 0);
    begin(bench, call, &answer, YW_VIRT_MACHINE_UP, PLC);
    assert_int_equal(wait_for(bench, &answer), YW_EIO);
    assert_non_null(strstr(answer.text, bench->machines[PLC].domain));
    free(call);
    expect_nothing_left(bench);
}

/* The sandbox is off on purpose: the machine runs, is found out, and is no more. */
static void test_an_unconfined_machine_is_refused(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    assert_int_equal(do_call(bench, YW_VIRT_NETWORK_UP, -1, false), 0);
    call->how = YW_VIRT_HOW_COLD;
    begin(bench, call, &answer, YW_VIRT_MACHINE_UP, PLC);
    assert_int_equal(wait_for(bench, &answer), YW_EDENIED);
    assert_non_null(strstr(answer.text, bench->machines[PLC].domain));
    assert_non_null(strstr(answer.text, "not confined: no seccomp filter"));
    free(call);
    expect_nothing_left(bench);
    (void)unsetenv("YW_TEST_QEMU_CONF");
}

/* Names of this run: another may be under way. */
static void name_all(struct bench *bench)
{
    char id[YW_ID_SIZE], prefix[YW_PLAN_BRIDGE_MAX];

    yw_id_random(id);
    (void)snprintf(bench->plan.drill, sizeof(bench->plan.drill), "range-%.8s", id);
    (void)snprintf(bench->domains, sizeof(bench->domains), "yw-range-%.8s", id);
    yw_plan_prefix(bench->plan.drill, prefix);
    (void)snprintf(bench->network.bridge, sizeof(bench->network.bridge), "%.8s-0",
                   prefix);
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    const char *images = *state ? *state : getenv("YW_IMAGES");
    struct yw_err err;

    YW_COPY(bench->config.data_dir, "/tmp/yw-range-XXXXXX");
    assert_non_null(mkdtemp(bench->config.data_dir));
    YW_COPY(bench->config.images_dir, images ? images : "");
    assert_true(readlink("/proc/self/exe", bench->config.program,
                         sizeof(bench->config.program) - 1) > 0);
    name_all(bench);
    bench->plan.networks = &bench->network;
    bench->plan.network_count = 1;
    bench->plan.machines = bench->machines;
    bench->plan.machine_count = MACHINES;
    machine_init(bench, PLC, "plc", 0x0a14020b);
    machine_init(bench, ATTACKER, "attacker", 0x0a140242);
    read_program(bench);
    assert_int_equal(yw_loop_open(&bench->loop, &err), 0);
    assert_int_equal(yw_virt_open_broker(&bench->virt, bench->loop, &bench->config, &err),
                     0);
    bench->virt->on_notice = on_notice;
    bench->virt->owner = bench;
    *state = bench;
    return 0;
}

static int setup_unconfined(void **state)
{
    assert_int_equal(setenv("YW_TEST_QEMU_CONF", "seccomp_sandbox = 0", 1), 0);
    return setup(state);
}

/* Images whose kernel finds no program to run: it panics and the machine ends. */
static int setup_without_guest(void **state)
{
    char dir[] = "/tmp/yw-images-XXXXXX";

    assert_non_null(mkdtemp(dir));
    char *command = yw_strf("cp %s/vmlinux %s && : | gzip > %s/micro.cpio.gz",
                            getenv("YW_IMAGES"), dir, dir);

    assert_int_equal(system(command), 0);
    free(command);
    *state = dir;
    return setup(state);
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    bool own_images = strncmp(bench->config.images_dir, "/tmp/yw-images-", 15) == 0;
    char *command = yw_strf("rm -rf %s %s", bench->config.data_dir,
                            own_images ? bench->config.images_dir : "");

    (void)do_call(bench, YW_VIRT_SWEEP, -1, false); /* also after a failure */
    assert_nothing_left(bench);
    yw_virt_close(bench->virt);
    turn_for(bench, 300);
    yw_loop_close(bench->loop);
    assert_int_equal(system(command), 0);
    free(command);
    free(bench);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole_life, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stopped_machine_holds_up_nobody, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_unconfined_machine_is_refused,
                                        setup_unconfined, teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_that_never_speaks,
                                        setup_without_guest, teardown),
    };
    const char *images = getenv("YW_IMAGES");
    char kernel[400];

    yw_log_setup("range_virt_broker", YW_LOG_INFO, false, STDERR_FILENO);
    if (argc > 1 && strcmp(argv[1], "broker") == 0)
        return yw_broker_run(argc - 1, argv + 1);
    assert_int_equal(yw_hash_setup(), 0);
    (void)snprintf(kernel, sizeof(kernel), "%s/vmlinux", images ? images : "");
    if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) < 0 ||
        access(kernel, R_OK) < 0) {
        print_message("needs root, /dev/net/tun and machine images\n");
        return SKIP;
    }
    return cmocka_run_group_tests_name("virt_broker", tests, NULL, NULL);
}
