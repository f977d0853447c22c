/* The in-memory hypervisor: every operation, reachability, exactly-once runs, faults. */
#include "base/mem.h"
#include "virt/virt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ATTACKER 0
#define PLC 1
#define HMI 2
#define WALL 3
#define OUTSIDE 4

static const char program[] = "PROGRAM test\n"
                              "VAR\n"
                              "  dose AT %MW40 : INT := 100;\n"
                              "  limit AT %MW41 : INT := 1500;\n"
                              "  stop AT %MX1 : BOOL;\n"
                              "  command AT %QW0 : INT;\n"
                              "  pump AT %QX1 : BOOL;\n"
                              "END_VAR\n"
                              "  command := dose;\n"
                              "  pump := NOT stop;\n"
                              "END_PROGRAM\n";

static const char wall[] = "zone office\nzone control\n"
                           "rule deny any any from 10.20.4.67\n"
                           "rule allow office control tcp 502 to 10.20.2.11\n";

struct bench {
    struct yw_clock clock;
    struct yw_due due;
    struct yw_virt_world *world;
    struct yw_virt *virt;
    struct yw_virt_fake_config config;
    struct yw_plan plan;
    struct yw_plan_network networks[2];
    struct yw_plan_machine machines[5];
    int fields;
    int lines;
    int losses;
    struct yw_virt_notice last_field;
    char last_line[512];
};

struct answer {
    int count;
    int code;
    char text[YW_ERR_TEXT_MAX];
};

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct answer *answer = call->owner;

    answer->count++;
    answer->code = code;
    if (err)
        YW_COPY(answer->text, err->text);
}

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct bench *bench = owner;

    if (notice->kind == YW_VIRT_FIELD) {
        bench->fields++;
        bench->last_field = *notice;
    } else if (notice->kind == YW_VIRT_LINE) {
        bench->lines++;
        YW_COPY(bench->last_line, notice->text);
    } else if (notice->kind == YW_VIRT_LOST) {
        bench->losses++;
    }
}

static void machine_init(struct bench *bench, int index, const char *name, int network,
                         uint32_t address)
{
    struct yw_plan_machine *machine = &bench->machines[index];

    YW_COPY(machine->name, name);
    YW_COPY(machine->image, name);
    YW_COPY(machine->domain, name);
    YW_COPY(machine->team_name, "blue");
    yw_uuid_from(name, machine->uuid);
    machine->ram_mib = 96;
    machine->nic_count = 1;
    machine->nics[0].network = network;
    machine->nics[0].address = address;
    machine->nics[0].prefix = 24;
    machine->has_field = index == PLC;
    YW_COPY(machine->nics[0].mac, "52:54:00:00:00:01");
}

static void bench_open(struct bench *bench)
{
    struct yw_err err;

    assert_int_equal(
        yw_virt_open_fake_on(&bench->virt, bench->world, &bench->config, &err), 0);
    bench->virt->on_notice = on_notice;
    bench->virt->owner = bench;
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));

    yw_clock_init_virtual(&bench->clock, 0);
    yw_due_init(&bench->due);
    bench->world = yw_virt_world_new();
    bench->config.clock = &bench->clock;
    bench->config.due = &bench->due;
    bench->config.scan_ms = 100;
    YW_COPY(bench->plan.drill, "drill");
    bench->plan.networks = bench->networks;
    bench->plan.network_count = 2;
    bench->plan.machines = bench->machines;
    bench->plan.machine_count = 5;
    YW_COPY(bench->networks[0].bridge, "ywaaaaaa-0");
    YW_COPY(bench->networks[1].bridge, "ywaaaaaa-1");
    machine_init(bench, ATTACKER, "attacker", 0, 0x0a140242);
    machine_init(bench, PLC, "plc", 0, 0x0a14020b);
    machine_init(bench, HMI, "hmi", 0, 0x0a14020c);
    machine_init(bench, WALL, "firewall", 1, 0x0a1404fe);
    machine_init(bench, OUTSIDE, "attacker-outside", 1, 0x0a140442);
    YW_COPY(bench->machines[OUTSIDE].image, "attacker");
    bench->machines[WALL].nic_count = 2;
    bench->machines[WALL].nics[1] = bench->machines[PLC].nics[0];
    bench->machines[WALL].nics[1].address = 0x0a1402fe;
    bench->machines[OUTSIDE].gateway = 0x0a1404fe;
    bench->machines[PLC].gateway = 0x0a1402fe;
    bench_open(bench);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    yw_virt_close(bench->virt);
    assert_int_equal(bench->due.count, 0);
    yw_virt_world_free(bench->world);
    yw_due_fini(&bench->due);
    free(bench);
    return 0;
}

static void run_to(struct bench *bench, int64_t mono_ms)
{
    while (yw_due_next(&bench->due) <= mono_ms) {
        int64_t next = yw_due_next(&bench->due);

        if (next > yw_clock_mono_ms(&bench->clock))
            yw_clock_advance_to(&bench->clock, next);
        yw_due_run(&bench->due, yw_clock_mono_ms(&bench->clock));
    }
    if (mono_ms > yw_clock_mono_ms(&bench->clock))
        yw_clock_advance_to(&bench->clock, mono_ms);
}

/* One call, run to its end. The call is the caller's; its result code is returned. */
static int finish(struct bench *bench, struct yw_virt_call *call, struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    call->owner = answer;
    call->done = on_done;
    if (call->deadline_ms == 0)
        call->deadline_ms = 1000;
    YW_COPY(call->drill, "drill");
    call->plan = &bench->plan;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    assert_int_equal(answer->count, 0);
    for (int i = 0; i < 10000 && answer->count == 0; i++)
        run_to(bench, yw_clock_mono_ms(&bench->clock) + 1);
    assert_int_equal(answer->count, 1);
    return answer->code;
}

static int do_machine(struct bench *bench, enum yw_virt_op op, int index)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    call->op = op;
    call->machine = &bench->machines[index];
    call->nic = -1;
    if (op == YW_VIRT_MACHINE_SETUP && index == HMI) {
        call->setting_count = 1;
        YW_COPY(call->settings[0].name, "plc");
        YW_COPY(call->settings[0].value, "10.20.2.11");
    }
    if (op == YW_VIRT_MACHINE_SETUP && index == PLC) {
        YW_COPY(call->file.name, "program.st");
        call->file.bytes = program;
        call->file.size = strlen(program);
    }
    if (op == YW_VIRT_MACHINE_SETUP && index == WALL) {
        YW_COPY(call->file.name, "role.conf");
        call->file.bytes = wall;
        call->file.size = strlen(wall);
    }
    int code = finish(bench, call, &answer);

    free(call);
    return code;
}

static int do_link(struct bench *bench, int index, bool up)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    call->op = YW_VIRT_LINK;
    call->machine = &bench->machines[index];
    call->nic = -1;
    call->up = up;
    int code = finish(bench, call, &answer);

    free(call);
    return code;
}

static int do_network(struct bench *bench, enum yw_virt_op op, int index)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    call->op = op;
    call->network = &bench->networks[index];
    int code = finish(bench, call, &answer);

    free(call);
    return code;
}

/* Runs a line split at spaces; gives the exit code, the output in `output`. */
static int run_line(struct bench *bench, int index, uint32_t request, const char *line,
                    char output[YW_VIRT_OUTPUT_MAX])
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    char *copy = yw_strdup(line), *save = NULL;
    struct answer answer;

    call->op = YW_VIRT_RUN;
    call->machine = &bench->machines[index];
    call->request = request;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        YW_COPY(call->argv[call->argc++], word);
    assert_int_equal(finish(bench, call, &answer), 0);
    int exit_code = call->exit_code;

    memcpy(output, call->output, YW_VIRT_OUTPUT_MAX);
    free(copy);
    free(call);
    return exit_code;
}

static void bring_up(struct bench *bench)
{
    assert_int_equal(do_network(bench, YW_VIRT_NETWORK_UP, 0), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_UP, i), 0);
        assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_SETUP, i), 0);
    }
}

static void test_machine_needs_its_bridge(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_UP, PLC), YW_EIO);
    assert_int_equal(yw_virt_world_count(bench->world), 0);
}

static void test_up_and_down_leave_nothing(void **state)
{
    struct bench *bench = *state;

    bring_up(bench);
    bring_up(bench);
    assert_int_equal(yw_virt_world_count(bench->world), 4);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_DOWN, i), 0);
        assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_DOWN, i), 0);
    }
    assert_int_equal(do_network(bench, YW_VIRT_NETWORK_DOWN, 0), 0);
    assert_int_equal(yw_virt_world_count(bench->world), 0);
}

static void test_attack_reaches_the_controller(void **state)
{
    struct bench *bench = *state;
    char output[YW_VIRT_OUTPUT_MAX];
    double sensors[4] = {1.0, 36.0, 2.5, 100.0};

    bring_up(bench);
    yw_virt_field(bench->virt, bench->machines[PLC].uuid, sensors, 4);
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 300);
    assert_true(bench->fields >= 2);
    assert_true(bench->last_field.outputs[0] > 99.0 &&
                bench->last_field.outputs[0] < 101.0);

    assert_int_equal(run_line(bench, ATTACKER, 1,
                              "modbus write 10.20.2.11 1 holding 40 11100", output),
                     0);
    assert_string_equal(output, "{\"old\":100,\"new\":11100}");
    assert_int_equal(bench->lines, 1);
    assert_non_null(strstr(bench->last_line, "\"from\":\"10.20.2.66\""));
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 300);
    assert_true(bench->last_field.outputs[0] > 11099.0);
    assert_int_equal(bench->last_field.view_count, 4);
}

static void test_run_happens_once(void **state)
{
    struct bench *bench = *state;
    const char *line = "modbus write 10.20.2.11 1 holding 40 7";
    char first[YW_VIRT_OUTPUT_MAX], again[YW_VIRT_OUTPUT_MAX];

    bring_up(bench);
    assert_int_equal(run_line(bench, ATTACKER, 1, line, first), 0);
    assert_int_equal(run_line(bench, ATTACKER, 1, line, again), 0);
    assert_string_equal(first, again);
    assert_int_equal(bench->lines, 1);
    run_line(bench, ATTACKER, 2, line, again);
    assert_string_equal(again, "{\"old\":7,\"new\":7}");
}

static void test_answers_outlive_the_connection(void **state)
{
    struct bench *bench = *state;
    const char *line = "modbus write 10.20.2.11 1 holding 40 7";
    char output[YW_VIRT_OUTPUT_MAX];

    bring_up(bench);
    assert_int_equal(run_line(bench, ATTACKER, 1, line, output), 0);
    yw_virt_close(bench->virt);
    bench_open(bench);
    /* found because something is asked of it */
    assert_int_equal(run_line(bench, ATTACKER, 1, line, output), 0);
    assert_string_equal(output, "{\"old\":100,\"new\":7}");
}

static void test_cut_link_isolates(void **state)
{
    struct bench *bench = *state;
    char output[YW_VIRT_OUTPUT_MAX];

    bring_up(bench);
    assert_int_equal(run_line(bench, ATTACKER, 1, "ping 10.20.2.11", output), 0);
    assert_int_equal(do_link(bench, ATTACKER, false), 0);
    assert_int_equal(run_line(bench, ATTACKER, 2, "ping 10.20.2.11", output), 1);
    assert_non_null(strstr(output, "\"error\""));
    assert_int_equal(
        run_line(bench, ATTACKER, 3, "modbus read 10.20.2.11 1 holding 40 1", output), 1);
    assert_int_equal(do_link(bench, ATTACKER, true), 0);
    assert_int_equal(
        run_line(bench, ATTACKER, 4, "modbus read 10.20.2.11 1 holding 40 2", output), 0);
    assert_string_equal(output, "{\"values\":[100,1500]}");
}

/* A router between two zones: only what its rules say passes, and only while it stands. */
static void test_firewall_routes_by_its_rules(void **state)
{
    struct bench *bench = *state;
    const char *read = "modbus read 10.20.2.11 1 holding 40 1";
    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(do_network(bench, YW_VIRT_NETWORK_UP, 1), 0);
    bring_up(bench);
    for (int i = WALL; i <= OUTSIDE; i++) {
        assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_UP, i), 0);
        assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_SETUP, i), 0);
    }
    assert_int_equal(run_line(bench, OUTSIDE, 1, read, output), 0);
    assert_string_equal(output, "{\"values\":[100]}");
    assert_int_equal(run_line(bench, OUTSIDE, 2, "engineering status 10.20.2.11", output),
                     1);
    assert_int_equal(run_line(bench, OUTSIDE, 3, "modbus scan 10.20.2.0/24", output), 0);
    assert_non_null(strstr(output, "\"address\":\"10.20.2.11\""));
    assert_int_equal(do_link(bench, WALL, false), 0);
    assert_int_equal(run_line(bench, OUTSIDE, 4, read, output), 1);
    assert_int_equal(do_link(bench, WALL, true), 0);
    bench->machines[OUTSIDE].nics[0].address = 0x0a140443; /* whom a rule refuses */
    assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_DOWN, OUTSIDE), 0);
    assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_UP, OUTSIDE), 0);
    assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_SETUP, OUTSIDE), 0);
    assert_int_equal(run_line(bench, OUTSIDE, 5, read, output), 1);
}

static void test_operator_acts_through_the_hmi(void **state)
{
    struct bench *bench = *state;
    char output[YW_VIRT_OUTPUT_MAX];

    bring_up(bench);
    assert_int_equal(run_line(bench, HMI, 1, "operate set-point 90", output), 0);
    assert_int_equal(bench->lines, 2);
    assert_int_equal(run_line(bench, HMI, 2, "operate stop-pump 1", output), 0);
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 300);
    assert_true(bench->last_field.outputs[1] < 0.5);
    assert_int_equal(run_line(bench, HMI, 3, "operate stop-pump 2", output), 1);
    assert_int_equal(run_line(bench, HMI, 4, "reboot", output), 127);
}

static void says(struct bench *bench, int machine, uint32_t request, const char *line,
                 int code, const char *part)
{
    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(run_line(bench, machine, request, line, output), code);
    if (!strstr(output, part))
        fail_msg("%s: %s", line, output);
}

/* Truth moves; the station, beyond the man in the middle, goes on seeing what was. */
static void test_the_middle_freezes_the_view(void **state)
{
    struct bench *bench = *state;
    const char *read = "modbus read 10.20.2.11 1 holding 40 1";
    const char *begin = "background stand aitm stand 10.20.2.11 10.20.2.12 1000 commands "
                        "600000";

    bring_up(bench);
    says(bench, ATTACKER, 1, begin, 0, "\"began\":true");
    says(bench, ATTACKER, 2, begin, 1, "already under way");
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 2000);
    says(bench, ATTACKER, 3, "modbus write 10.20.2.11 1 holding 40 7", 0, "\"new\":7");
    says(bench, ATTACKER, 4, read, 0, "[7]");
    says(bench, HMI, 1, read, 0, "[100]");
    says(bench, HMI, 2, "operate set-point 100", 1, "unreachable");
    says(bench, ATTACKER, 5, "halt stand", 0, "\"restored\":true");
    says(bench, HMI, 3, read, 0, "[7]");
    says(bench, HMI, 4, "operate set-point 100", 0, "\"new\":100");
    says(bench, ATTACKER, 6, "halt stand", 1, "no such program under way");
}

/* Between scans it goes on by itself, a cut does not end it, halting puts things back. */
static void test_an_attack_goes_on_by_itself(void **state)
{
    struct bench *bench = *state;
    const char *read = "modbus read 10.20.2.11 1 holding 40 1";

    bring_up(bench);
    says(bench, ATTACKER, 1,
         "background creep modbus ramp 10.20.2.11 1 holding 40 now 1100 10 10000", 0,
         "\"old\":100");
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 3500);
    assert_int_equal(do_link(bench, ATTACKER, false), 0);
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 2000);
    says(bench, HMI, 1, read, 0, "[500]");
    assert_int_equal(do_link(bench, ATTACKER, true), 0);
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 20000);
    says(bench, HMI, 2, read, 0, "[1100]");
    says(bench, ATTACKER, 2, "halt creep", 0, "\"steps\":10,\"restored\":true");
    says(bench, HMI, 3, read, 0, "[100]");
}

static void test_a_dead_machine_is_noticed(void **state)
{
    struct bench *bench = *state;

    bring_up(bench);
    yw_virt_world_kill(bench->world, bench->machines[PLC].uuid);
    run_to(bench, yw_clock_mono_ms(&bench->clock) + 1);
    assert_int_equal(bench->losses, 1);
    assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_FIND, PLC), YW_ENOTFOUND);
    assert_int_equal(do_machine(bench, YW_VIRT_MACHINE_UP, PLC), 0);
}

static void test_list_and_sweep(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer;

    bring_up(bench);
    call->op = YW_VIRT_LIST;
    assert_int_equal(finish(bench, call, &answer), 0);
    assert_int_equal(call->found_count, 4);
    assert_true(call->found[0].is_network);
    assert_string_equal(call->found[2].name, "plc");
    assert_string_equal(call->found[2].drill, "drill");
    free(call->found);
    memset(call, 0, sizeof(*call));
    call->op = YW_VIRT_SWEEP;
    assert_int_equal(finish(bench, call, &answer), 0);
    assert_int_equal(yw_virt_world_count(bench->world), 0);
    free(call);
}

/* The n-th call fails or hangs, for every n of a bring-up: the text names the object, and
 * a sweep leaves nothing. */
static void test_every_call_may_fail(void **state)
{
    struct bench *bench = *state;

    for (int mode = 0; mode < 2; mode++) {
        for (uint64_t n = 1; n <= 3; n++) {
            struct yw_virt_call *call = yw_new(sizeof(*call));
            struct answer answer;

            yw_virt_close(bench->virt);
            bench->config.fault = (struct yw_virt_fault){.at_call = n, .hang = mode == 1};
            bench_open(bench);
            int codes[3] = {do_network(bench, YW_VIRT_NETWORK_UP, 0),
                            do_machine(bench, YW_VIRT_MACHINE_UP, PLC), 0};
            call->op = YW_VIRT_LIST;
            codes[2] = finish(bench, call, &answer);
            assert_int_equal(codes[n - 1], mode == 1 ? YW_ETIMEOUT : YW_EIO);
            if (codes[2] == 0)
                free(call->found);
            memset(call, 0, sizeof(*call));
            call->op = YW_VIRT_SWEEP;
            assert_int_equal(finish(bench, call, &answer), 0);
            assert_int_equal(yw_virt_world_count(bench->world), 0);
            assert_int_equal(yw_virt_fake_calls(bench->virt), 4);
            free(call);
        }
    }
}

static void test_cancel_and_close(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct answer answer = {0};

    call->op = YW_VIRT_LIST;
    call->done = on_done;
    call->owner = &answer;
    call->deadline_ms = 10;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    yw_virt_cancel(bench->virt, call);
    assert_int_equal(answer.count, 0);
    run_to(bench, 1);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.code, YW_ECANCELED);
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    yw_virt_close(bench->virt);
    bench_open(bench);
    run_to(bench, 50);
    assert_int_equal(answer.count, 1);
    free(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_machine_needs_its_bridge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_up_and_down_leave_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attack_reaches_the_controller, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_run_happens_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers_outlive_the_connection, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cut_link_isolates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_firewall_routes_by_its_rules, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_operator_acts_through_the_hmi, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_middle_freezes_the_view, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_attack_goes_on_by_itself, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_dead_machine_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_list_and_sweep, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_call_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel_and_close, setup, teardown),
    };

    return cmocka_run_group_tests_name("virt_fake", tests, NULL, NULL);
}
