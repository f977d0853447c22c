#include "cli/bench/bench_range.h"

#include "base/folder.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define READS_MAX 3 /* an agent runs four programs at once */
#define READ_AGAIN_MS 50
#define UP_MS 600000
#define CALL_MS 60000
#define READ_MS 5000
#define POINT "start"

double yw_bench_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static size_t reader_of(const struct yw_bench_range *range)
{
    return range->plan.machine_count - 1;
}

static void fail(struct yw_bench_range *range, const struct yw_err *err)
{
    if (range->failed.code == 0)
        range->failed = *err;
}

static struct yw_virt_call *call_new(struct yw_bench_range *range, enum yw_virt_op op,
                                     const struct yw_plan_machine *machine,
                                     int64_t deadline_ms)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));

    call->op = op;
    YW_COPY(call->drill, range->plan.drill);
    YW_COPY(call->plan_digest, "bench");
    call->plan = &range->plan;
    call->network = &range->network;
    call->machine = machine;
    call->how = range->how;
    call->nic = -1;
    call->deadline_ms = deadline_ms;
    return call;
}

struct one {
    bool came;
    bool called_off;
    int code;
    struct yw_err err;
};

static void on_one(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct one *one = call->owner;

    one->came = true;
    one->code = code;
    if (err)
        one->err = *err;
}

/* One call, waited for; the caller keeps it. */
static int do_call(struct yw_bench_range *range, struct yw_virt_call *call,
                   struct yw_err *err)
{
    struct one one = {0};

    call->done = on_one;
    call->owner = &one;
    int code = yw_virt_call(range->virt, call, err);

    while (code == 0 && !one.came) {
        yw_loop_turn(range->loop, 100);
        if (!one.came && !one.called_off && yw_bench_range_stopped(range)) {
            one.called_off = true;
            yw_virt_cancel(range->virt, call);
        }
    }
    if (code == 0 && one.code < 0) {
        code = one.code;
        *err = one.err;
    }
    return code;
}

int yw_bench_range_op(struct yw_bench_range *range, enum yw_virt_op op,
                      const struct yw_plan_machine *machine, struct yw_err *err)
{
    struct yw_virt_call *call = call_new(range, op, machine, UP_MS);
    int code = do_call(range, call, err);

    free(call);
    return code;
}

/* A call of a machine, not waited for. */
static int start(struct yw_bench_machine *machine, enum yw_virt_op op,
                 void (*done)(struct yw_virt_call *, int, const struct yw_err *),
                 struct yw_err *err)
{
    machine->call = call_new(machine->range, op, machine->plan, UP_MS);
    machine->call->done = done;
    machine->call->owner = machine;
    int code = yw_virt_call(machine->range->virt, machine->call, err);

    if (code < 0) {
        free(machine->call);
        machine->call = NULL;
    }
    return code;
}

static void end(struct yw_bench_machine *machine)
{
    free(machine->call);
    machine->call = NULL;
}

static void on_serves(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_bench_machine *machine = call->owner;

    end(machine);
    machine->serves = code == 0;
    if (code < 0)
        fail(machine->range, err);
}

static void on_up(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_bench_machine *machine = call->owner;
    struct yw_err failed;

    machine->range->ways[call->ret_how]++;
    if (code == 0 && call->why[0])
        yw_cli_say("%s: %s", machine->plan->name, call->why);
    end(machine);
    if (code < 0)
        fail(machine->range, err);
    else if (!machine->range->ending &&
             start(machine, YW_VIRT_MACHINE_SETUP, on_serves, &failed) < 0)
        fail(machine->range, &failed);
}

static void on_read(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_bench_machine *machine = call->owner;
    struct yw_bench_range *range = machine->range;

    (void)err; /* it is read again until the time is over */
    bool good = code == 0 && call->exit_code == 0;

    free(call);
    machine->reading = false;
    range->reads--;
    if (!good) {
        machine->next_ms = (int64_t)yw_bench_now_ms() + READ_AGAIN_MS;
        return;
    }
    if (range->answered++ == 0)
        range->first_ms = yw_bench_now_ms() - range->began_ms;
    machine->answered = true;
}

/* A true Modbus read of the machine, by the reader, over the bridge. */
static void read_one(struct yw_bench_machine *machine)
{
    struct yw_bench_range *range = machine->range;
    struct yw_virt_call *call =
        call_new(range, YW_VIRT_RUN, &range->plan.machines[reader_of(range)], READ_MS);
    uint32_t address = machine->plan->nics[0].address;
    static const char *const words[] = {"modbus", "read", "", "1", "holding", "0", "1"};
    struct yw_err failed;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        YW_COPY(call->argv[i], words[i]);
    (void)snprintf(call->argv[2], sizeof(call->argv[2]), "%u.%u.%u.%u", address >> 24,
                   address >> 16 & 255, address >> 8 & 255, address & 255);
    call->argc = sizeof(words) / sizeof(words[0]);
    call->request = ++range->next_request;
    call->done = on_read;
    call->owner = machine;
    machine->reading = true;
    range->reads++;
    if (yw_virt_call(range->virt, call, &failed) < 0) {
        free(call);
        machine->reading = false;
        range->reads--;
        fail(range, &failed);
    }
}

static void read_some(struct yw_bench_range *range)
{
    int64_t now_ms = (int64_t)yw_bench_now_ms();

    for (size_t i = 0; i < reader_of(range) && range->reads < READS_MAX; i++) {
        struct yw_bench_machine *machine = &range->machines[i];

        if (machine->serves && !machine->answered && !machine->reading &&
            now_ms >= machine->next_ms)
            read_one(machine);
    }
}

static int read_all(struct yw_bench_range *range, size_t wanted, double span_ms,
                    struct yw_err *err)
{
    double until_ms = yw_bench_now_ms() + span_ms;

    while (range->answered < wanted && range->failed.code == 0 &&
           yw_bench_now_ms() < until_ms && !yw_bench_range_stopped(range)) {
        read_some(range);
        yw_loop_turn(range->loop, 10);
    }
    while (range->reads > 0 && !yw_bench_range_stopped(range))
        yw_loop_turn(range->loop, 10);
    if (yw_bench_range_check(range, err) < 0)
        return err->code;
    if (range->failed.code != 0) {
        *err = range->failed;
        return err->code;
    }
    return 0;
}

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct yw_bench_range *range = owner;

    if (notice->kind == YW_VIRT_LOST || notice->kind == YW_VIRT_GUEST_LOST) {
        range->lost++;
        yw_cli_say("%s: %s", notice->uuid, notice->text);
    }
}

static void plan_machine(struct yw_bench_range *range, size_t index, const char *prefix)
{
    struct yw_plan_machine *machine = &range->plan.machines[index];
    struct yw_plan_nic *nic = &machine->nics[0];

    range->machines[index].range = range;
    range->machines[index].plan = machine;
    (void)snprintf(machine->name, sizeof(machine->name), "m%zu", index);
    (void)snprintf(machine->domain, sizeof(machine->domain), "yw-bench-m%zu", index);
    YW_COPY(machine->team_name, "bench");
    YW_COPY(machine->image, index == reader_of(range) ? "attacker" : "plc");
    char *parts = yw_strf("%s/%zu", range->plan.drill, index);

    yw_uuid_from(parts, machine->uuid);
    free(parts);
    machine->ram_mib = 96;
    machine->nic_count = 1;
    machine->seed = index + 1;
    (void)snprintf(nic->mac, sizeof(nic->mac), "52:54:00:be:00:%02x", (unsigned)index);
    (void)snprintf(nic->tap, sizeof(nic->tap), "%.8st%un0", prefix, (unsigned)index);
    nic->address = 0x0a630001u + (uint32_t)index;
    nic->prefix = 16;
}

static void plan_all(struct yw_bench_range *range, size_t machines)
{
    char prefix[YW_PLAN_BRIDGE_MAX], id[YW_ID_SIZE];
    struct yw_plan *plan = &range->plan;

    plan->machine_count = machines + 1;
    plan->machines = yw_new_array(plan->machine_count, sizeof(*plan->machines));
    range->machines = yw_new_array(plan->machine_count, sizeof(*range->machines));
    plan->networks = &range->network;
    plan->network_count = 1;
    plan->team_count = 1;
    YW_COPY(plan->teams[0], "bench");
    yw_id_random(id);
    (void)snprintf(plan->drill, sizeof(plan->drill), "bench-%.8s", id);
    yw_plan_prefix(plan->drill, prefix);
    (void)snprintf(range->network.bridge, sizeof(range->network.bridge), "%.8s-0",
                   prefix);
    for (size_t i = 0; i < plan->machine_count; i++)
        plan_machine(range, i, prefix);
}

static int probe(struct yw_bench_range *range, struct yw_err *err)
{
    struct yw_virt_call *call = call_new(range, YW_VIRT_PROBE, NULL, UP_MS);
    int code = do_call(range, call, err);

    range->kvm = code == 0 && strstr(call->output, "\"accelerator\":\"kvm\"");
    free(call);
    return code;
}

int yw_bench_range_connect(struct yw_bench_range *range, struct yw_err *err)
{
    int code = yw_loop_open(&range->loop, err);

    if (code == 0)
        code = yw_virt_open_broker(&range->virt, range->loop, &range->config, err);
    if (code < 0)
        return code;
    range->virt->on_notice = on_notice;
    range->virt->owner = range;
    return 0;
}

int yw_bench_range_open(struct yw_bench_range *range, const struct yw_cli *cli,
                        size_t machines, enum yw_virt_how how, struct yw_err *err)
{
    memset(range, 0, sizeof(*range));
    range->cli = cli;
    range->how = how;
    range->lock_fd = -1;
    int code = yw_folder_make(cli->data_dir, 0755, err);

    if (code == 0)
        code = yw_bench_range_tidy(cli, err);
    if (code < 0)
        return code;
    plan_all(range, machines);
    code = yw_bench_range_begin(range, err);
    if (code == 0)
        code = probe(range, err);
    return code < 0 ? code : yw_bench_range_op(range, YW_VIRT_NETWORK_UP, NULL, err);
}

int yw_bench_range_reader(struct yw_bench_range *range, struct yw_err *err)
{
    struct yw_plan_machine *reader = &range->plan.machines[reader_of(range)];
    int code = yw_bench_range_op(range, YW_VIRT_MACHINE_UP, reader, err);

    return code < 0 ? code : yw_bench_range_op(range, YW_VIRT_MACHINE_SETUP, reader, err);
}

int yw_bench_range_up(struct yw_bench_range *range, struct yw_err *err)
{
    int code = 0;

    range->began_ms = yw_bench_now_ms();
    for (size_t i = 0; i < reader_of(range) && code == 0; i++)
        code = start(&range->machines[i], YW_VIRT_MACHINE_UP, on_up, err);
    return code < 0 ? code : read_all(range, reader_of(range), UP_MS, err);
}

int yw_bench_range_read(struct yw_bench_range *range, size_t *ret_answered,
                        struct yw_err *err)
{
    size_t wanted = range->answered;

    range->answered = 0;
    for (size_t i = 0; i < reader_of(range); i++)
        range->machines[i].answered = false;
    int code = read_all(range, wanted, CALL_MS, err);

    *ret_answered = range->answered;
    return code;
}

/* A call on the first `count` machines. *ret_forced may be NULL. */
static int do_group(struct yw_bench_range *range, enum yw_virt_op op, size_t count,
                    size_t *ret_forced, struct yw_err *err)
{
    const struct yw_plan_machine **group = yw_new_array(count, sizeof(*group));
    struct yw_virt_call *call = call_new(range, op, NULL, CALL_MS);

    for (size_t i = 0; i < count; i++)
        group[i] = &range->plan.machines[i];
    call->machines = group;
    call->machine_count = count;
    call->cut = op == YW_VIRT_FREEZE || op == YW_VIRT_THAW;
    YW_COPY(call->point, POINT);
    int code = do_call(range, call, err);

    if (ret_forced)
        *ret_forced = (size_t)call->forced;
    free(call);
    free(group);
    return code;
}

/* Until the first `count` machines have answered once more. */
static int read_again(struct yw_bench_range *range, size_t count, struct yw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        range->answered -= range->machines[i].answered;
        range->machines[i].answered = false;
    }
    return read_all(range, range->answered + count, CALL_MS, err);
}

static int reset_some(struct yw_bench_range *range, size_t count, double *ret_ms,
                      struct yw_err *err)
{
    double began_ms = yw_bench_now_ms();
    int code = do_group(range, YW_VIRT_POINT_LOAD, count, NULL, err);

    if (code == 0)
        code = read_again(range, count, err);
    *ret_ms = yw_bench_now_ms() - began_ms;
    return code;
}

int yw_bench_range_reset(struct yw_bench_range *range, struct yw_bench_figures *ret,
                         struct yw_err *err)
{
    size_t all = reader_of(range);
    struct yw_bench_cost before, after;

    if (do_group(range, YW_VIRT_POINT_SAVE, all, NULL, err) < 0)
        return yw_err_prefix(err, "point");
    int code = reset_some(range, 1, &ret->reset_ms, err);

    yw_bench_cost_read(range, 0, all, &before);
    if (code == 0)
        code = reset_some(range, all, &ret->reset_all_ms, err);
    yw_bench_cost_read(range, 0, all, &after);
    ret->reset_cpu_ms = (double)(after.cpu_ms - before.cpu_ms) / (double)all;
    ret->reset_pss_mib = (double)after.pss_kib / 1024.0 / (double)all;
    return code;
}

int yw_bench_range_stop(struct yw_bench_range *range, struct yw_bench_figures *ret,
                        struct yw_err *err)
{
    double began_ms = yw_bench_now_ms();

    ret->stop_count = range->plan.machine_count;
    int code = do_group(range, YW_VIRT_FREEZE, ret->stop_count, &ret->stop_forced, err);

    ret->stop_ms = yw_bench_now_ms() - began_ms;
    if (code < 0)
        return yw_err_prefix(err, "stop");
    began_ms = yw_bench_now_ms();
    code = do_group(range, YW_VIRT_THAW, ret->stop_count, NULL, err);
    if (code == 0)
        code = read_again(range, reader_of(range), err);
    ret->thaw_ms = yw_bench_now_ms() - began_ms;
    return code < 0 ? yw_err_prefix(err, "thaw") : 0;
}

static void on_down(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct yw_bench_machine *machine = call->owner;

    end(machine);
    machine->serves = false;
    if (code < 0)
        fail(machine->range, err);
}

int yw_bench_range_down(struct yw_bench_range *range, struct yw_err *err)
{
    size_t under_way = 1;
    int code = 0;

    for (size_t i = 0; i < reader_of(range) && code == 0; i++)
        code = start(&range->machines[i], YW_VIRT_MACHINE_DOWN, on_down, err);
    while (code == 0 && under_way > 0) {
        code = yw_bench_range_check(range, err);
        under_way = 0;
        for (size_t i = 0; i < reader_of(range); i++)
            under_way += range->machines[i].call != NULL;
        if (under_way > 0)
            yw_loop_turn(range->loop, 10);
    }
    if (code == 0 && range->failed.code != 0) {
        *err = range->failed;
        code = err->code;
    }
    return code;
}
