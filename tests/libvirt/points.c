/* Real machines through the broker: points of a group go back in memory, evidence is what
 * its hash says, an emergency stop holds also where QEMU hangs, and nothing is left.
 * YW_MACHINES=12 makes the group larger and prints what it took; with YW_ONLY=stop only
 * the emergency stop is tried, as for 60. */
#include "points.h"
#include "seat.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "model/admit.h"
#include "range/processes.h"
#include "virt/serve/capacity.h"

#include <dirent.h>
#include <fcntl.h>
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

#define UP_MS 90000
#define SKIP 77

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct bench *bench = owner;

    bench->fields += notice->kind == YW_VIRT_FIELD;
    bench->ups += notice->kind == YW_VIRT_BROKER_UP;
    if (notice->kind == YW_VIRT_LOST || notice->kind == YW_VIRT_GUEST_LOST) {
        bench->losses++;
        print_message("lost: %s %s\n", notice->uuid, notice->text);
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

int64_t points_now(const struct bench *bench)
{
    return yw_clock_mono_ms(yw_loop_clock(bench->loop));
}

void points_begin(struct bench *bench, struct yw_virt_call *call, struct answer *answer,
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

int points_wait(struct bench *bench, struct answer *answer)
{
    while (!answer->came)
        yw_loop_turn(bench->loop, 100);
    if (answer->code < 0)
        print_message("answer: %s\n", answer->text);
    return answer->code;
}

int points_call(struct bench *bench, enum yw_virt_op op, int machine)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    if (op == YW_VIRT_MACHINE_SETUP && machine != ATTACKER) {
        YW_COPY(call->settings[0].name, "plant");
        YW_COPY(call->settings[0].value, "water-dosing");
        call->setting_count = 1;
        YW_COPY(call->file.name, "program.st");
        call->file.bytes = bench->program_st;
        call->file.size = bench->program_size;
    }
    points_begin(bench, call, &answer, op, machine);
    int code = points_wait(bench, &answer);

    free(call->found);
    free(call);
    return code;
}

/* A call on the first `count` machines from `first` on. */
int points_group(struct bench *bench, enum yw_virt_op op, int first, int count, bool cut)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;
    int64_t begun = points_now(bench);

    YW_COPY(call->point, bench->point);
    call->cut = cut;
    call->machines = &bench->group[first];
    call->machine_count = (size_t)count;
    call->deadline_ms = 60000;
    points_begin(bench, call, &answer, op, -1);
    int code = points_wait(bench, &answer);

    bench->span_ms = points_now(bench) - begun;
    print_message("%s of %d: %d in %lld ms, frozen %lld ms, %lld KiB, %d by signal\n",
                  yw_virt_op_name(op), count, code, (long long)bench->span_ms,
                  (long long)call->frozen_ms, (long long)(call->bytes / 1024),
                  call->forced);
    if (op == YW_VIRT_FREEZE)
        bench->span_ms = call->forced;
    if (op == YW_VIRT_POINT_SAVE)
        assert_true(code < 0 || call->bytes > 0);
    free(call);
    return code;
}

int points_run(struct bench *bench, const char *line, int64_t deadline_ms)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    char *copy = yw_strdup(line), *save = NULL;
    struct answer answer;

    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        YW_COPY(call->argv[call->argc++], word);
    call->request = ++bench->request;
    call->deadline_ms = deadline_ms;
    points_begin(bench, call, &answer, YW_VIRT_RUN, bench->runner);
    int code = points_wait(bench, &answer);
    int exit_code = code < 0 ? code : call->exit_code;

    memcpy(bench->output, call->output, sizeof(bench->output));
    print_message("run %u: %s -> %d %s\n", call->request, line, exit_code, call->output);
    free(copy);
    free(call);
    return exit_code;
}

void points_turn(struct bench *bench, int64_t span_ms)
{
    int64_t until = points_now(bench) + span_ms;

    while (points_now(bench) < until)
        yw_loop_turn(bench->loop, 20);
}

/* Turns until so many have come. */
static void points_await(struct bench *bench, const int *counter, int count)
{
    for (int64_t until = points_now(bench) + UP_MS;
         *counter < count && points_now(bench) < until;)
        yw_loop_turn(bench->loop, 20);
    assert_true(*counter >= count);
}

static void machine_init(struct bench *bench, int index)
{
    struct yw_plan_machine *machine = &bench->machines[index];
    const char *image = index == ATTACKER ? "attacker" : "plc";

    (void)snprintf(machine->domain, sizeof(machine->domain), "%.40s-%d", bench->domains,
                   index);
    (void)snprintf(machine->nics[0].mac, YW_PLAN_MAC_SIZE, "52:54:00:78:00:%02x",
                   (unsigned)index + 1);
    (void)snprintf(machine->nics[0].tap, YW_PLAN_BRIDGE_MAX, "%.8st%dn0", bench->prefix,
                   index);
    (void)snprintf(machine->name, sizeof(machine->name), "%s%d", image, index);
    YW_COPY(machine->team_name, "blue");
    YW_COPY(machine->image, image);
    yw_uuid_from(machine->domain, machine->uuid);
    machine->ram_mib = 96;
    machine->nic_count = 1;
    machine->nics[0].address = 0x0a140264 + (uint32_t)index; /* 10.20.2.100 … */
    machine->nics[0].prefix = 24;
    machine->has_field = index != ATTACKER;
    machine->seed = 42 + (uint64_t)index;
    bench->group[index] = machine;
}

static void read_program(struct bench *bench)
{
    const char *source = getenv("YW_SOURCE");
    char path[400];

    (void)snprintf(path, sizeof(path), "%s/scenarios/water-dosing/files/dosing.st",
                   source ? source : ".");
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    bench->program_size = fread(bench->program_st, 1, sizeof(bench->program_st), file);
    (void)fclose(file);
}

static void bring_up(struct bench *bench)
{
    struct yw_virt_call *calls = yw_new_array(MACHINES_MAX, sizeof(*calls));
    struct answer *answers = yw_new_array(MACHINES_MAX, sizeof(*answers));

    assert_int_equal(points_call(bench, YW_VIRT_NETWORK_UP, -1), 0);
    for (int i = 0; i < bench->count; i++)
        points_begin(bench, &calls[i], &answers[i], YW_VIRT_MACHINE_UP, i);
    for (int i = 0; i < bench->count; i++)
        assert_int_equal(points_wait(bench, &answers[i]), 0);
    for (int i = 0; i < bench->count; i++)
        assert_int_equal(points_call(bench, YW_VIRT_MACHINE_SETUP, i), 0);
    free(calls);
    free(answers);
}

static void points_path(const struct bench *bench, int machine, char path[400])
{
    (void)snprintf(path, 400, "%s/libvirt/points/%s.qcow2", bench->config.data_dir,
                   bench->machines[machine].uuid);
}

bool points_listed(const struct bench *bench, int machine, const char *point)
{
    char path[400], command[500], line[256], word[YW_NAME_MAX + 2];
    bool seen = false;

    points_path(bench, machine, path);
    (void)snprintf(word, sizeof(word), " %s ", point);
    (void)snprintf(command, sizeof(command), "qemu-img snapshot -U -l %s", path);
    FILE *pipe = popen(command, "re");

    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe))
        seen = seen || strstr(line, word);
    assert_int_equal(pclose(pipe), 0);
    return seen;
}

/* The independent reader of the format sees the point, and the file is the machine's. */
static void assert_point_file(const struct bench *bench, int machine, bool listed)
{
    char path[400];
    struct stat found;

    points_path(bench, machine, path);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_true(found.st_uid >= 0x70000000u);
    assert_int_equal(points_listed(bench, machine, "start"), listed);
}

/* The broker's look at this host (-Wl,--wrap), with little memory while a file says so. */
#define TIGHT "tight"
#define TIGHT_MIB (YW_ADMIT_MEMORY_KEPT_MIB + 100)

void __real_yw_capacity_read(struct yw_capacity *ret, const char *folder);
void __wrap_yw_capacity_read(struct yw_capacity *ret, const char *folder);

void __wrap_yw_capacity_read(struct yw_capacity *ret, const char *folder)
{
    char path[400];

    __real_yw_capacity_read(ret, folder);
    (void)snprintf(path, sizeof(path), "%s/" TIGHT, folder);
    if (access(path, F_OK) == 0)
        ret->memory_mib = TIGHT_MIB;
}

static void make_tight(const struct bench *bench, bool on)
{
    char path[400];

    (void)snprintf(path, sizeof(path), "%s/libvirt/points/" TIGHT,
                   bench->config.data_dir);
    if (on)
        assert_true(close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == 0);
    else
        assert_int_equal(unlink(path), 0);
}

/* Copies would come to have pages of their own; those that have them already may. */
static void test_a_load_needs_memory(struct bench *bench)
{
    assert_int_equal(points_group(bench, YW_VIRT_POINT_SAVE, 0, bench->count, false), 0);
    assert_int_equal(
        points_run(bench, "modbus write 10.20.2.101 1 holding 40 123", 60000), 0);
    make_tight(bench, true);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false),
                     YW_ELIMIT);
    make_tight(bench, false);
    points_run(bench, READ_DOSE, 60000);
    assert_string_equal(bench->output, "{\"values\":[123]}"); /* it was left alone */
    assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false), 0);
    make_tight(bench, true);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false), 0);
    make_tight(bench, false);
    assert_int_equal(bench->losses, 0);
}

static void test_points_go_back(struct bench *bench)
{
    points_run(bench, READ_DOSE, 60000);
    char before[64];

    YW_COPY(before, bench->output);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_SAVE, 0, bench->count, false), 0);
    assert_point_file(bench, PLC, true);
    assert_int_equal(
        points_run(bench, "modbus write 10.20.2.101 1 holding 40 11100", 60000), 0);
    points_run(bench, READ_DOSE, 60000);
    assert_string_equal(bench->output, "{\"values\":[11100]}");
    /* one machine alone: the others go on */
    assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, PLC, 1, false), 0);
    points_run(bench, READ_DOSE, 60000);
    assert_string_equal(bench->output, before);
    /* the same number again after the attacker went back: it forgot the answer */
    uint32_t number = bench->request;

    points_run(bench, "modbus write 10.20.2.101 1 holding 40 7", 60000);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false), 0);
    bench->request = number;
    points_run(bench, READ_DOSE, 60000);
    assert_string_equal(bench->output, before);
    bench->fields = 0;
    points_await(bench, &bench->fields, 3);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_SAVE, 0, bench->count, false), 0);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_DROP, 0, bench->count, false), 0);
    assert_point_file(bench, PLC, false);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_DROP, 0, bench->count, false), 0);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_LOAD, 0, bench->count, false),
                     YW_ENOTFOUND);
    assert_int_equal(bench->losses, 0);
}

static void test_evidence(struct bench *bench)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    char command[700], hash[80] = "", elsewhere[YW_VIRT_PATH_MAX];
    struct answer answer;

    (void)snprintf(call->path, sizeof(call->path), "%.200s/evidence/one",
                   bench->config.data_dir);
    points_begin(bench, call, &answer, YW_VIRT_EVIDENCE, PLC);
    assert_int_equal(points_wait(bench, &answer), 0);
    print_message("evidence: %s, stood %lld ms\n", call->output,
                  (long long)call->frozen_ms);
    assert_true(call->bytes > 96 * 1024 * 1024);
    (void)snprintf(command, sizeof(command),
                   "b2sum -l 256 %s/memory.elf && readelf -h %s/memory.elf > /dev/null",
                   call->path, call->path);
    FILE *pipe = popen(command, "re");

    assert_non_null(pipe);
    assert_int_equal(fscanf(pipe, "%64s", hash), 1);
    assert_int_equal(pclose(pipe), 0);
    assert_non_null(strstr(call->output, hash));
    assert_int_equal(points_run(bench, "ping 10.20.2.101", 60000), 0);
    /* nothing outside of the data directory, also not through a link */
    (void)snprintf(elsewhere, sizeof(elsewhere), "%.200s/evidence/link",
                   bench->config.data_dir);
    assert_int_equal(symlink("/tmp", elsewhere), 0);
    (void)snprintf(call->path, sizeof(call->path), "%.220s/two", elsewhere);
    points_begin(bench, call, &answer, YW_VIRT_EVIDENCE, PLC);
    assert_int_equal(points_wait(bench, &answer), YW_EINVAL);
    YW_COPY(call->path, "/tmp/yw-lp-elsewhere");
    points_begin(bench, call, &answer, YW_VIRT_EVIDENCE, PLC);
    assert_int_equal(points_wait(bench, &answer), YW_EINVAL);
    free(call);
}

static void test_files(struct bench *bench)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    char *bytes = yw_new(YW_VIRT_FILE_MAX);
    struct answer answer;

    for (size_t i = 0; i < YW_VIRT_FILE_MAX; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    for (int piece = 0; piece < 2; piece++) {
        YW_COPY(call->path, "/tmp.bin");
        call->offset = piece * YW_VIRT_FILE_MAX;
        call->file.bytes = bytes;
        call->file.size = piece == 0 ? YW_VIRT_FILE_MAX : 5000;
        points_begin(bench, call, &answer, YW_VIRT_PUT, ATTACKER);
        assert_int_equal(points_wait(bench, &answer), 0);
    }
    for (int piece = 0; piece < 3; piece++) {
        static const size_t sizes[] = {YW_VIRT_FILE_MAX, 5000, 0};

        call->offset = piece * YW_VIRT_FILE_MAX;
        call->file.size = 0;
        points_begin(bench, call, &answer, YW_VIRT_GET, ATTACKER);
        assert_int_equal(points_wait(bench, &answer), 0);
        assert_int_equal(call->ret_size, sizes[piece]);
        assert_memory_equal(call->ret_bytes, bytes, sizes[piece]);
        free(call->ret_bytes);
    }
    YW_COPY(call->path, "/none");
    points_begin(bench, call, &answer, YW_VIRT_GET, ATTACKER);
    assert_int_equal(points_wait(bench, &answer), YW_EIO);
    free(bytes);
    free(call);
}

/* Copies on a bridge of their own, from a point of the first two: same addresses, older
 * memory, and neither knows of the other. */
static void test_a_fork(struct bench *bench)
{
    int first = bench->count;

    points_run(bench, READ_DOSE, 60000);
    char before[64];

    YW_COPY(before, bench->output);
    assert_int_equal(points_group(bench, YW_VIRT_POINT_SAVE, 0, 2, false), 0);
    assert_int_equal(points_run(bench, "modbus write 10.20.2.101 1 holding 40 55", 60000),
                     0);
    bench->network.bridge[9] = '1';
    assert_int_equal(points_call(bench, YW_VIRT_NETWORK_UP, -1), 0);
    for (int i = 0; i < 2; i++) {
        struct yw_virt_call *call = yw_new(sizeof(*call));
        struct answer answer;
        int64_t begun = points_now(bench);

        machine_init(bench, first + i);
        bench->machines[first + i].nics[0] = bench->machines[i].nics[0];
        bench->machines[first + i].nics[0].tap[8] = 'f';
        bench->machines[first + i].has_field = bench->machines[i].has_field;
        YW_COPY(call->source, bench->machines[i].uuid);
        YW_COPY(call->point, "start");
        points_begin(bench, call, &answer, YW_VIRT_MACHINE_UP, first + i);
        assert_int_equal(points_wait(bench, &answer), 0);
        print_message("fork: %s in %lld ms; %s\n", yw_virt_how_name(call->ret_how),
                      (long long)(points_now(bench) - begun), call->why);
        free(call);
    }
    bench->network.bridge[9] = '0';
    points_run(bench, READ_DOSE, 60000);
    assert_string_equal(bench->output, "{\"values\":[55]}");
    bench->runner = first + ATTACKER;
    points_run(bench, READ_DOSE, 60000);
    assert_string_equal(bench->output, before);
    bench->runner = ATTACKER;
    for (int i = 0; i < 2; i++)
        assert_int_equal(points_call(bench, YW_VIRT_MACHINE_DOWN, first + i), 0);
}

static void test_a_stop_holds(struct bench *bench)
{
    const char *hung = bench->machines[PLC].uuid;

    assert_int_equal(processes("qemu-system", hung, SIGSTOP), 1);
    assert_int_equal(points_group(bench, YW_VIRT_FREEZE, 0, bench->count, true), 0);
    assert_int_equal(bench->span_ms, 1); /* by signal */
    bench->fields = 0;
    assert_int_equal(points_run(bench, "addr", 1000), YW_ETIMEOUT);
    points_turn(bench, 500);
    assert_int_equal(bench->fields, 0);
    assert_int_equal(points_group(bench, YW_VIRT_THAW, 0, bench->count, true), 0);
    assert_int_equal(points_run(bench, "ping 10.20.2.101", 60000), 0);
    points_await(bench, &bench->fields, 1);
    assert_int_equal(bench->losses, 0);
}

void points_kill_broker(struct bench *bench)
{
    int ups = bench->ups;
    int64_t begun = points_now(bench);

    assert_true(processes("broker", bench->config.data_dir, SIGKILL) >= 1);
    while (bench->ups == ups)
        yw_loop_turn(bench->loop, 100);
    print_message("broker back: %lld ms\n", (long long)(points_now(bench) - begun));
}

int points_find(struct bench *bench, int machine, bool frozen)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    call->frozen = frozen;
    call->deadline_ms = 10000;
    points_begin(bench, call, &answer, YW_VIRT_MACHINE_FIND, machine);
    int code = points_wait(bench, &answer);

    free(call);
    return code;
}

/* What was stopped by order stands also for a broker that comes after; what stands for
 * no reason is made to run. */
static void test_a_stop_outlives_the_broker(struct bench *bench, bool hangs)
{
    if (hangs)
        assert_int_equal(processes("qemu-system", bench->machines[PLC].uuid, SIGSTOP), 1);
    assert_int_equal(points_group(bench, YW_VIRT_FREEZE, 0, bench->count, true), 0);
    points_kill_broker(bench);
    for (int i = 0; i < bench->count; i++)
        assert_int_equal(points_find(bench, i, true), 0);
    bench->fields = 0;
    points_turn(bench, 700);
    assert_int_equal(bench->fields, 0);
    assert_int_equal(points_run(bench, "addr", 500), YW_ETIMEOUT);
    if (!hangs)
        assert_int_equal(points_find(bench, PLC, false), 0);
    assert_int_equal(points_group(bench, YW_VIRT_THAW, 0, bench->count, true), 0);
    assert_int_equal(points_run(bench, "ping 10.20.2.101", 60000), 0);
    assert_int_equal(bench->losses, 0);
}

static int files_in(const struct bench *bench, const char *sub)
{
    char path[400];
    int count = 0;

    (void)snprintf(path, sizeof(path), "%s/libvirt/%s", bench->config.data_dir, sub);
    DIR *dir = opendir(path);

    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        print_message("file: %s/%s\n", path, entry->d_name);
        count++;
    }
    (void)closedir(dir);
    return count;
}

static void test_nothing_is_left(struct bench *bench)
{
    assert_int_equal(points_group(bench, YW_VIRT_POINT_SAVE, 0, bench->count, false), 0);
    assert_int_equal(points_group(bench, YW_VIRT_FREEZE, 0, bench->count, true), 0);
    assert_int_equal(processes("qemu-system", bench->machines[PLC].uuid, SIGSTOP), 1);
    int64_t begun = points_now(bench);

    assert_int_equal(points_call(bench, YW_VIRT_MACHINE_DOWN, PLC), 0);
    print_message("down of a stopped machine: %lld ms\n",
                  (long long)(points_now(bench) - begun));
    begun = points_now(bench);
    assert_int_equal(points_call(bench, YW_VIRT_SWEEP, -1), 0);
    print_message("sweep: %lld ms\n", (long long)(points_now(bench) - begun));
    assert_int_equal(processes("qemu-system", bench->domains, 0), 0);
    assert_int_equal(files_in(bench, "run-yanwu"), 0);
    assert_int_equal(files_in(bench, "points"), 0);
    assert_int_equal(if_nametoindex(bench->network.bridge), 0);
}

static void test_all(void **state)
{
    struct bench *bench = *state;

    const char *only = getenv("YW_ONLY");

    bring_up(bench);
    if (only && strcmp(only, "stop") == 0) {
        test_a_stop_holds(bench);
        return;
    }
    if (only && strcmp(only, "memory") == 0) {
        test_a_load_needs_memory(bench);
        return;
    }
    if (only && strcmp(only, "midway") == 0) {
        points_killed_midway(bench);
        return;
    }
    test_a_load_needs_memory(bench);
    test_points_go_back(bench);
    test_evidence(bench);
    test_files(bench);
    test_a_fork(bench);
    test_a_stop_holds(bench);
    test_a_stop_outlives_the_broker(bench, false);
    test_a_stop_outlives_the_broker(bench, true);
    points_of_one_moment(bench);
    points_cut_cables(bench);
    points_killed_midway(bench);
    test_nothing_is_left(bench);
}

/* Names of this run: another may be under way. */
static void name_all(struct bench *bench)
{
    char id[YW_ID_SIZE];

    yw_id_random(id);
    (void)snprintf(bench->plan.drill, sizeof(bench->plan.drill), "points-%.8s", id);
    (void)snprintf(bench->domains, sizeof(bench->domains), "yw-points-%.8s", id);
    yw_plan_prefix(bench->plan.drill, bench->prefix);
    (void)snprintf(bench->network.bridge, sizeof(bench->network.bridge), "%.8s-0",
                   bench->prefix);
    YW_COPY(bench->point, "start");
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    const char *count = getenv("YW_MACHINES"), *images = getenv("YW_IMAGES");
    char folder[] = "/tmp/yw-lp-XXXXXX";
    struct yw_err err;

    bench->count = count ? atoi(count) : 4;
    assert_in_range(bench->count, 2, MACHINES_MAX - 2);
    assert_non_null(mkdtemp(folder));
    YW_COPY(bench->config.data_dir, folder);
    YW_COPY(bench->config.images_dir, images ? images : "images");
    assert_true(readlink("/proc/self/exe", bench->config.program,
                         sizeof(bench->config.program) - 1) > 0);
    name_all(bench);
    bench->plan.networks = &bench->network;
    bench->plan.network_count = 1;
    bench->plan.machines = bench->machines;
    bench->plan.machine_count = (size_t)bench->count;
    for (int i = 0; i < bench->count; i++)
        machine_init(bench, i);
    read_program(bench);
    assert_int_equal(yw_loop_open(&bench->loop, &err), 0);
    if (yw_virt_open_broker(&bench->virt, bench->loop, &bench->config, &err) < 0) {
        print_message("%s\n", err.text);
        return -1;
    }
    bench->virt->on_notice = on_notice;
    bench->virt->owner = bench;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    char command[320];

    (void)points_call(bench, YW_VIRT_SWEEP, -1);
    yw_virt_close(bench->virt);
    points_turn(bench, 300);
    yw_loop_close(bench->loop);
    (void)snprintf(command, sizeof(command), "rm -rf %s", bench->config.data_dir);
    assert_int_equal(system(command), 0);
    free(bench);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
    };

    yw_log_setup("libvirt_points", YW_LOG_INFO, false, STDERR_FILENO);
    if (argc > 1 && strcmp(argv[1], "broker") == 0)
        return yw_broker_run(argc - 1, argv + 1);
    if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) < 0)
        return SKIP;
    if (yw_hash_setup() < 0 || !seat_house())
        return yw_hash_setup() < 0 ? 1 : SKIP;
    return cmocka_run_group_tests_name("libvirt_points", tests, setup, teardown);
}
