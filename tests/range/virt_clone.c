/* Machines as copies of golden ones: three from one golden machine each way, with names,
 * addresses and MACs of their own and answering each other; and golden machines that heal:
 * their builder killed, a file cut, an input changed, a copy refused. */
#include "base/folder.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "guest/channel.h"
#include "loop/loop.h"
#include "range/processes.h"
#include "virt/serve/channel.h"
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

#define MACHINES 3
#define UP_MS 180000
#define SKIP 77
#define SEED_SIZE (2 * YW_CHANNEL_ENTROPY)
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

struct bench {
    struct yw_loop *loop;
    struct yw_virt *virt;
    struct yw_virt_broker_config config;
    struct yw_plan plan;
    struct yw_plan_network network;
    struct yw_plan_machine machines[MACHINES];
    uint32_t request;
    int ups;
    struct yw_virt_proof golden; /* of the last that came up by up_one */
};

struct answer {
    struct yw_virt_call call;
    bool came;
    int code;
    char text[YW_ERR_TEXT_MAX];
};

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct bench *bench = owner;

    bench->ups += notice->kind == YW_VIRT_BROKER_UP;
}

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct answer *answer = call->owner;

    answer->came = true;
    answer->code = code;
    if (err)
        YW_COPY(answer->text, err->text);
}

static struct answer *begin(struct bench *bench, enum yw_virt_op op, int machine,
                            enum yw_virt_how how)
{
    struct answer *answer = yw_new(sizeof(*answer));
    struct yw_virt_call *call = &answer->call;

    call->op = op;
    YW_COPY(call->drill, bench->plan.drill);
    YW_COPY(call->plan_digest, "digest");
    call->plan = &bench->plan;
    call->machine = machine >= 0 ? &bench->machines[machine] : NULL;
    call->network = &bench->network;
    call->how = how;
    call->nic = -1;
    call->deadline_ms = UP_MS;
    call->done = on_done;
    call->owner = answer;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    return answer;
}

static int wait_for(struct bench *bench, struct answer *answer)
{
    while (!answer->came)
        yw_loop_turn(bench->loop, 100);
    if (answer->code < 0)
        print_message("answer: %s\n", answer->text);
    return answer->code;
}

static int do_op(struct bench *bench, enum yw_virt_op op, int machine)
{
    struct answer *answer = begin(bench, op, machine, YW_VIRT_HOW_ANY);
    int code = wait_for(bench, answer);

    free(answer->call.found);
    free(answer);
    return code;
}

static void up_one(struct bench *bench, int machine, enum yw_virt_how how,
                   enum yw_virt_how want, char why[YW_VIRT_WHY_MAX])
{
    struct answer *answer = begin(bench, YW_VIRT_MACHINE_UP, machine, how);

    assert_int_equal(wait_for(bench, answer), 0);
    print_message("up: %s %s\n", yw_virt_how_name(answer->call.ret_how),
                  answer->call.why);
    assert_int_equal(answer->call.ret_how, want);
    bench->golden = answer->call.golden;
    memcpy(why, answer->call.why, YW_VIRT_WHY_MAX);
    free(answer);
}

static int run(struct bench *bench, int machine, const char *line,
               char output[YW_VIRT_OUTPUT_MAX])
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer = {0};
    char *copy = yw_strdup(line), *save = NULL;

    call->op = YW_VIRT_RUN;
    YW_COPY(call->drill, bench->plan.drill);
    call->plan = &bench->plan;
    call->machine = &bench->machines[machine];
    call->deadline_ms = 60000;
    call->done = on_done;
    call->owner = &answer;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        YW_COPY(call->argv[call->argc++], word);
    call->request = ++bench->request;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    assert_int_equal(wait_for(bench, &answer), 0);
    int exit_code = call->exit_code;

    memcpy(output, call->output, YW_VIRT_OUTPUT_MAX);
    print_message("%s: %s -> %d %s\n", bench->machines[machine].name, line, exit_code,
                  output);
    free(copy);
    free(call);
    return exit_code;
}

static void down_all(struct bench *bench)
{
    for (int i = 0; i < MACHINES; i++)
        assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, i), 0);
}

/* What a file of the guest begins with. */
static void read_start(struct bench *bench, int machine, const char *path, size_t size,
                       char *bytes)
{
    struct answer answer = {0};
    struct yw_virt_call *call = &answer.call;

    call->op = YW_VIRT_GET;
    YW_COPY(call->drill, bench->plan.drill);
    call->plan = &bench->plan;
    call->machine = &bench->machines[machine];
    YW_COPY(call->path, path);
    call->deadline_ms = 60000;
    call->done = on_done;
    call->owner = &answer;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    assert_int_equal(wait_for(bench, &answer), 0);
    assert_true(call->ret_size >= size);
    memcpy(bytes, call->ret_bytes, size);
    free(call->ret_bytes);
}

/* What is sent to a guest goes on, and of its random bytes a line is kept (YW_SEEDS). */
int __real_yw_channel_send(struct yw_channel *channel, struct yw_channel_request *request,
                           const struct yw_buf *fields, struct yw_err *err);
int __wrap_yw_channel_send(struct yw_channel *channel, struct yw_channel_request *request,
                           const struct yw_buf *fields, struct yw_err *err);

int __wrap_yw_channel_send(struct yw_channel *channel, struct yw_channel_request *request,
                           const struct yw_buf *fields, struct yw_err *err)
{
    static const char name[] = YW_CHANNEL_ENTROPY_SETTING;
    const char *seeds = getenv("YW_SEEDS");
    const char *at = request->type == YW_CHANNEL_CONFIGURE && seeds
                         ? memmem(fields->data, fields->size, name, strlen(name))
                         : NULL;
    FILE *file = at ? fopen(seeds, "ae") : NULL;

    if (file) {
        (void)fprintf(file, "%.*s\n", SEED_SIZE, at + strlen(name) + 4); /* its size */
        (void)fclose(file);
    }
    return __real_yw_channel_send(channel, request, fields, err);
}

/* Each machine is told random bytes that no other was told. */
static void check_seeds(const struct bench *bench)
{
    char path[400], seeds[2 * MACHINES][SEED_SIZE + 2];
    size_t count = 0;

    (void)snprintf(path, sizeof(path), "%s/seeds", bench->config.data_dir);
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    while (count < 2 * MACHINES &&
           fgets(seeds[count], sizeof(seeds[count]), file) != NULL) {
        assert_int_equal(strspn(seeds[count], "0123456789abcdef"), SEED_SIZE);
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(seeds[i], seeds[count]);
        count++;
    }
    (void)fclose(file);
    assert_true(count >= MACHINES);
}

/* Two of one golden machine, which had the same random numbers ahead of them: the kernel of
 * each has taken all that it was told, and as of then its own boot id, which stays. */
static void check_random(struct bench *bench)
{
    char bits[2][3], boots[2][36], again[36], bytes[2][32];

    check_seeds(bench);
    for (int copy = 0; copy < 2; copy++) {
        read_start(bench, 1 + copy, "/proc/sys/kernel/random/entropy_avail", 3,
                   bits[copy]);
        assert_memory_equal(bits[copy], "256", 3);
        read_start(bench, 1 + copy, BOOT_ID, sizeof(boots[0]), boots[copy]);
        read_start(bench, 1 + copy, BOOT_ID, sizeof(again), again);
        assert_memory_equal(again, boots[copy], sizeof(again));
        read_start(bench, 1 + copy, "/dev/urandom", sizeof(bytes[0]), bytes[copy]);
    }
    assert_memory_not_equal(boots[0], boots[1], sizeof(boots[0]));
    assert_memory_not_equal(bytes[0], bytes[1], sizeof(bytes[0]));
}

/* Each is itself, and the first, which is an attacker, reads the others. */
static void check_each(struct bench *bench)
{
    char output[YW_VIRT_OUTPUT_MAX], line[80];

    for (int i = 0; i < MACHINES; i++)
        assert_int_equal(do_op(bench, YW_VIRT_MACHINE_SETUP, i), 0);
    for (int i = 0; i < MACHINES; i++) {
        (void)snprintf(line, sizeof(line), "\"address\":\"10.20.2.%d\"", i + 1);
        assert_int_equal(run(bench, i, "addr", output), 0);
        assert_non_null(strstr(output, bench->machines[i].nics[0].mac));
        assert_non_null(strstr(output, line));
    }
    for (int i = 1; i < MACHINES; i++) {
        (void)snprintf(line, sizeof(line), "modbus read 10.20.2.%d 1 holding 0 1", i + 1);
        assert_int_equal(run(bench, 0, line, output), 0);
    }
}

/* A kernel that a copy has no use for would be written to its memory at every reset. */
static void check_no_kernel(struct bench *bench)
{
    for (int i = 0; i < MACHINES; i++) {
        char path[400], line[16384] = "", *at = line;
        int pid = 0;

        (void)snprintf(path, sizeof(path), "%s/libvirt/run/qemu/%s.pid",
                       bench->config.data_dir, bench->machines[i].domain);
        FILE *file = fopen(path, "re");

        assert_non_null(file);
        assert_int_equal(fscanf(file, "%d", &pid), 1);
        (void)fclose(file);
        (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
        file = fopen(path, "re");
        assert_non_null(file);
        size_t size = fread(line, 1, sizeof(line) - 2, file);

        (void)fclose(file);
        assert_in_range(size, 100, sizeof(line) - 3); /* all of it was read */
        for (; *at; at += strlen(at) + 1)
            assert_string_not_equal(at, "-kernel");
    }
}

static void three_of_one(struct bench *bench, enum yw_virt_how how)
{
    struct answer *answers[MACHINES];

    for (int i = 0; i < MACHINES; i++)
        answers[i] = begin(bench, YW_VIRT_MACHINE_UP, i, how);
    for (int i = 0; i < MACHINES; i++) {
        assert_int_equal(wait_for(bench, answers[i]), 0);
        assert_int_equal(answers[i]->call.ret_how, how);
        assert_string_equal(answers[i]->call.why, "");
        free(answers[i]);
    }
    struct answer *again = begin(bench, YW_VIRT_MACHINE_UP, 0, how);

    assert_int_equal(wait_for(bench, again), 0);
    assert_int_equal(again->call.ret_how, YW_VIRT_HOW_ANY); /* it runs already */
    free(again);
    check_no_kernel(bench);
    check_each(bench);
    check_random(bench);
    down_all(bench);
}

static void test_three_copies_each_way(void **state)
{
    three_of_one(*state, YW_VIRT_HOW_SHARED);
    three_of_one(*state, YW_VIRT_HOW_SAVED);
}

/* The folder of golden machines: the name of one whose name begins so; "" none. */
static int golden_named(struct bench *bench, const char *prefix, const char *part,
                        char path[512])
{
    char top[400];
    int found = 0;

    (void)snprintf(top, sizeof(top), "%s/libvirt/golden", bench->config.data_dir);
    DIR *dir = opendir(top);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char at[512];

        if (entry->d_name[0] == '.' ||
            strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        (void)snprintf(at, sizeof(at), "%s/%.80s/%s", top, entry->d_name, part);
        if (access(at, F_OK) < 0)
            continue;
        memcpy(path, at, sizeof(at));
        found++;
    }
    if (dir)
        (void)closedir(dir);
    return found;
}

static void kill_broker(struct bench *bench)
{
    int ups = bench->ups;

    (void)processes(" broker ", bench->config.data_dir, SIGKILL);
    while (bench->ups == ups)
        yw_loop_turn(bench->loop, 100);
}

static void test_a_killed_builder_heals(void **state)
{
    struct bench *bench = *state;
    struct answer *answer = begin(bench, YW_VIRT_MACHINE_UP, 0, YW_VIRT_HOW_SHARED);
    char path[512], why[YW_VIRT_WHY_MAX];

    while (golden_named(bench, "draft-", "", path) == 0 && !answer->came)
        yw_loop_turn(bench->loop, 50);
    assert_false(answer->came);
    kill_broker(bench);
    assert_int_equal(wait_for(bench, answer), YW_EIO);
    free(answer);
    assert_int_equal(golden_named(bench, "draft-", "", path), 0);
    up_one(bench, 0, YW_VIRT_HOW_SHARED, YW_VIRT_HOW_SHARED, why);
    assert_int_equal(golden_named(bench, "", "memory", path), 1);
    /* the machine that all copies are copies of was confined too; told once */
    assert_true(bench->golden.read && bench->golden.ok);
    assert_int_equal(bench->golden.seccomp, 2);
    assert_true(bench->golden.uid >= 0x70000000u);
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
    up_one(bench, 0, YW_VIRT_HOW_SHARED, YW_VIRT_HOW_SHARED, why);
    assert_false(bench->golden.read);
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
}

static void test_a_cut_file_heals(void **state)
{
    struct bench *bench = *state;
    char path[512], why[YW_VIRT_WHY_MAX];
    struct stat whole;

    up_one(bench, 0, YW_VIRT_HOW_SHARED, YW_VIRT_HOW_SHARED, why);
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
    assert_int_equal(golden_named(bench, "", "memory", path), 1);
    assert_int_equal(truncate(path, 4096), 0);
    kill_broker(bench); /* it holds the memory that it has read */
    up_one(bench, 0, YW_VIRT_HOW_ANY, YW_VIRT_HOW_SHARED, why);
    assert_string_equal(why, "");
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
    assert_int_equal(stat(path, &whole), 0);
    assert_int_equal(whole.st_size, 96 * 1024 * 1024);
}

/* The same program; the kernel skips zeros behind an archive. */
static void change_images(struct bench *bench)
{
    char *command =
        yw_strf("truncate -s +512 %s/micro.cpio.gz", bench->config.images_dir);

    assert_int_equal(system(command), 0);
    free(command);
}

static void test_another_input_makes_another(void **state)
{
    struct bench *bench = *state;
    char before[512], after[512], why[YW_VIRT_WHY_MAX];

    up_one(bench, 0, YW_VIRT_HOW_SHARED, YW_VIRT_HOW_SHARED, why);
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
    assert_int_equal(golden_named(bench, "", "memory", before), 1);
    change_images(bench);
    kill_broker(bench);
    up_one(bench, 0, YW_VIRT_HOW_SHARED, YW_VIRT_HOW_SHARED, why);
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
    assert_int_equal(golden_named(bench, "", "memory", after), 1);
    assert_string_not_equal(before, after);
}

/* Puts text in place of a golden device state, with the note saying so. */
static void forge_state(struct bench *bench)
{
    char path[512], note[1024], *line;
    char text[] = "no device state at all";
    char hash_text[YW_HASH_TEXT_SIZE];
    struct yw_hash hash;

    assert_int_equal(golden_named(bench, "", "state", path), 1);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, sizeof(text), file), sizeof(text));
    assert_int_equal(fclose(file), 0);
    yw_hash_of(text, sizeof(text), &hash);
    yw_hash_text(&hash, hash_text);
    assert_int_equal(golden_named(bench, "", "state", path), 1);
    memcpy(strrchr(path, '/'), "/golden", sizeof("/golden"));
    file = fopen(path, "r+e");
    assert_non_null(file);
    note[fread(note, 1, sizeof(note) - 1, file)] = '\0';
    line = strstr(note, "file state ");
    assert_non_null(line);
    rewind(file);
    (void)fprintf(file, "%.*sfile state %zu %s\n", (int)(line - note), note, sizeof(text),
                  hash_text);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(ftruncate(fileno(file), ftell(file)), 0);
    assert_int_equal(fclose(file), 0);
}

/* QEMU itself refuses the copy: the next way is taken, and the answer says why. */
static void test_a_refused_copy_goes_the_next_way(void **state)
{
    struct bench *bench = *state;
    char why[YW_VIRT_WHY_MAX];

    up_one(bench, 0, YW_VIRT_HOW_SHARED, YW_VIRT_HOW_SHARED, why);
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
    forge_state(bench);
    kill_broker(bench);
    struct answer *forced = begin(bench, YW_VIRT_MACHINE_UP, 0, YW_VIRT_HOW_SHARED);

    assert_int_equal(wait_for(bench, forced), YW_EIO);
    assert_non_null(strstr(forced->text, "shared: "));
    free(forced);
    up_one(bench, 0, YW_VIRT_HOW_ANY, YW_VIRT_HOW_SAVED, why);
    assert_non_null(strstr(why, "shared: "));
    up_one(bench, 1, YW_VIRT_HOW_COLD, YW_VIRT_HOW_COLD, why);
    assert_string_equal(why, "");
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 0), 0);
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 1), 0);
}

/* The driver of a host with a will of its own: it takes no machine with arguments that are
 * not libvirt's, and no save image. In the broker, which is this program. */
struct yw_host;

int __real_yw_host_create_paused(struct yw_host *host, const char *uuid, const char *xml,
                                 struct yw_err *err);
int __wrap_yw_host_create_paused(struct yw_host *host, const char *uuid, const char *xml,
                                 struct yw_err *err);
int __real_yw_host_restore(struct yw_host *host, const char *path, struct yw_err *err);
int __wrap_yw_host_restore(struct yw_host *host, const char *path, struct yw_err *err);

static bool refuses(const char *what)
{
    const char *refused = getenv("YW_REFUSE");

    return refused && strstr(refused, what);
}

int __wrap_yw_host_create_paused(struct yw_host *host, const char *uuid, const char *xml,
                                 struct yw_err *err)
{
    if (refuses("arguments") && strstr(xml, "qemu:commandline"))
        return yw_err_set(err, YW_EIO, "custom arguments are not allowed");
    return __real_yw_host_create_paused(host, uuid, xml, err);
}

int __wrap_yw_host_restore(struct yw_host *host, const char *path, struct yw_err *err)
{
    if (refuses("images"))
        return yw_err_set(err, YW_EIO, "save images are not allowed");
    return __real_yw_host_restore(host, path, err);
}

static void refuse(struct bench *bench, const char *what)
{
    assert_int_equal(setenv("YW_REFUSE", what, 1), 0);
    kill_broker(bench); /* the next one knows */
}

/* One way after the other, and each says why it was not taken: those words are what the
 * journal holds (drill/range/range.c). */
static void test_a_host_that_refuses(void **state)
{
    struct bench *bench = *state;
    char why[YW_VIRT_WHY_MAX];

    refuse(bench, "arguments");
    up_one(bench, 1, YW_VIRT_HOW_ANY, YW_VIRT_HOW_SAVED, why);
    assert_string_equal(why, "shared: custom arguments are not allowed");
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 1), 0);
    refuse(bench, "arguments images");
    up_one(bench, 1, YW_VIRT_HOW_ANY, YW_VIRT_HOW_COLD, why);
    assert_string_equal(why, "shared: custom arguments are not allowed; "
                             "saved: save images are not allowed");
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 1), 0);
    refuse(bench, "nothing");
    up_one(bench, 1, YW_VIRT_HOW_ANY, YW_VIRT_HOW_SHARED, why);
    assert_string_equal(why, "");
    assert_int_equal(do_op(bench, YW_VIRT_MACHINE_DOWN, 1), 0);
}

static void machine_init(struct bench *bench, int index, const char *prefix)
{
    struct yw_plan_machine *machine = &bench->machines[index];

    (void)snprintf(machine->name, sizeof(machine->name), "m%d", index);
    (void)snprintf(machine->domain, sizeof(machine->domain), "%.20s-m%d",
                   bench->plan.drill, index);
    (void)snprintf(machine->nics[0].mac, YW_PLAN_MAC_SIZE, "52:54:00:77:01:%02x",
                   (unsigned)index + 1);
    (void)snprintf(machine->nics[0].tap, YW_PLAN_BRIDGE_MAX, "%.8st%dn0", prefix, index);
    YW_COPY(machine->team_name, "blue");
    YW_COPY(machine->image, index == 0 ? "attacker" : "plc");
    yw_uuid_from(machine->domain, machine->uuid);
    machine->ram_mib = 96;
    machine->nic_count = 1;
    machine->nics[0].address = 0x0a140201u + (uint32_t)index;
    machine->nics[0].prefix = 24;
    machine->seed = 42;
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    char id[YW_ID_SIZE], prefix[YW_PLAN_BRIDGE_MAX];
    struct yw_err err;

    YW_COPY(bench->config.data_dir, "/tmp/yw-clone-XXXXXX");
    assert_non_null(mkdtemp(bench->config.data_dir));
    char *seeds = yw_strf("%s/seeds", bench->config.data_dir);

    assert_int_equal(setenv("YW_SEEDS", seeds, 1), 0);
    free(seeds);
    (void)snprintf(bench->config.images_dir, sizeof(bench->config.images_dir),
                   "%.200s/images", bench->config.data_dir);
    char *command =
        yw_strf("mkdir %s && cp %s/vmlinux %s/micro.cpio.gz %s", bench->config.images_dir,
                getenv("YW_IMAGES"), getenv("YW_IMAGES"), bench->config.images_dir);

    assert_int_equal(system(command), 0);
    free(command);
    assert_true(readlink("/proc/self/exe", bench->config.program,
                         sizeof(bench->config.program) - 1) > 0);
    yw_id_random(id);
    (void)snprintf(bench->plan.drill, sizeof(bench->plan.drill), "clone-%.8s", id);
    yw_plan_prefix(bench->plan.drill, prefix);
    (void)snprintf(bench->network.bridge, sizeof(bench->network.bridge), "%.8s-0",
                   prefix);
    bench->plan.networks = &bench->network;
    bench->plan.network_count = 1;
    bench->plan.machines = bench->machines;
    bench->plan.machine_count = MACHINES;
    for (int i = 0; i < MACHINES; i++)
        machine_init(bench, i, prefix);
    assert_int_equal(yw_loop_open(&bench->loop, &err), 0);
    assert_int_equal(yw_virt_open_broker(&bench->virt, bench->loop, &bench->config, &err),
                     0);
    bench->virt->on_notice = on_notice;
    bench->virt->owner = bench;
    *state = bench;
    return do_op(bench, YW_VIRT_NETWORK_UP, -1);
}

static int files_left(const struct bench *bench)
{
    char path[400];
    int count = 0;

    (void)snprintf(path, sizeof(path), "%s/libvirt/run-yanwu", bench->config.data_dir);
    DIR *dir = opendir(path);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        print_message("file: %s/%s\n", path, entry->d_name);
        count++;
    }
    if (dir)
        (void)closedir(dir);
    return count;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    struct answer *list;
    size_t found;

    (void)do_op(bench, YW_VIRT_SWEEP, -1);
    list = begin(bench, YW_VIRT_LIST, -1, YW_VIRT_HOW_ANY);
    assert_int_equal(wait_for(bench, list), 0);
    found = list->call.found_count;
    free(list->call.found);
    free(list);
    assert_int_equal(found, 0);
    assert_int_equal(files_left(bench), 0);
    assert_int_equal(if_nametoindex(bench->network.bridge), 0);
    yw_virt_close(bench->virt);
    for (int i = 0; i < 5; i++)
        yw_loop_turn(bench->loop, 100);
    yw_loop_close(bench->loop);
    yw_folder_remove(bench->config.data_dir);
    free(bench);
    return 0;
}

int main(int argc, char **argv)
{
    /* one broker for all: each test leaves the golden machines as it found them, or says
     * what it did to them */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_killed_builder_heals),
        cmocka_unit_test(test_three_copies_each_way),
        cmocka_unit_test(test_a_cut_file_heals),
        cmocka_unit_test(test_another_input_makes_another),
        cmocka_unit_test(test_a_host_that_refuses),
        cmocka_unit_test(test_a_refused_copy_goes_the_next_way),
    };
    const char *images = getenv("YW_IMAGES");
    char kernel[400];

    yw_log_setup("range_virt_clone", YW_LOG_INFO, false, STDERR_FILENO);
    if (argc > 1 && strcmp(argv[1], "broker") == 0)
        return yw_broker_run(argc - 1, argv + 1);
    assert_int_equal(yw_hash_setup(), 0);
    (void)snprintf(kernel, sizeof(kernel), "%s/vmlinux", images ? images : "");
    if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) < 0 ||
        access(kernel, R_OK) < 0) {
        print_message("needs root, /dev/net/tun and machine images\n");
        return SKIP;
    }
    return cmocka_run_group_tests_name("virt_clone", tests, setup, teardown);
}
