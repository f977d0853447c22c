/* Points, evidence, freezing and files on the in-memory hypervisor, and the packed form
 * of a group. */
#include "base/hash.h"
#include "base/mem.h"
#include "virt/broker_wire.h"
#include "virt/machine/domain_xml.h"
#include "virt/net/cut.h"
#include "virt/point/memory_room.h"
#include "virt/virt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ATTACKER 0
#define PLC 1
#define MACHINES 2
#define READ_DOSE "modbus read 10.20.2.11 1 holding 40 1"

static const char program[] = "PROGRAM test\n"
                              "VAR\n"
                              "  dose AT %MW40 : INT := 100;\n"
                              "  command AT %QW0 : INT;\n"
                              "END_VAR\n"
                              "  command := dose;\n"
                              "END_PROGRAM\n";

struct bench {
    struct yw_clock clock;
    struct yw_due due;
    struct yw_virt_world *world;
    struct yw_virt *virt;
    struct yw_plan plan;
    struct yw_plan_network network;
    struct yw_plan_machine machines[MACHINES];
    const struct yw_plan_machine *group[MACHINES];
    struct yw_virt_call call; /* the last one, with its results */
    int answers;
    int code;
    char text[YW_ERR_TEXT_MAX];
    int fields;
    uint32_t request;
};

static void on_done(struct yw_virt_call *call, int code, const struct yw_err *err)
{
    struct bench *bench = call->owner;

    bench->answers++;
    bench->code = code;
    if (err)
        YW_COPY(bench->text, err->text);
}

static void on_notice(void *owner, const struct yw_virt_notice *notice)
{
    struct bench *bench = owner;

    bench->fields += notice->kind == YW_VIRT_FIELD;
}

static void run_for(struct bench *bench, int64_t span_ms)
{
    int64_t end = yw_clock_mono_ms(&bench->clock) + span_ms;

    while (yw_due_next(&bench->due) <= end) {
        int64_t next = yw_due_next(&bench->due);

        if (next > yw_clock_mono_ms(&bench->clock))
            yw_clock_advance_to(&bench->clock, next);
        yw_due_run(&bench->due, yw_clock_mono_ms(&bench->clock));
    }
    yw_clock_advance_to(&bench->clock, end);
}

/* A clean call of the operation on the machine, or with -1 on the group. */
static struct yw_virt_call *prepare(struct bench *bench, enum yw_virt_op op, int machine)
{
    struct yw_virt_call *call = &bench->call;

    memset(call, 0, sizeof(*call));
    call->op = op;
    call->machine = machine >= 0 ? &bench->machines[machine] : NULL;
    call->machines = bench->group;
    call->machine_count = machine < 0 ? MACHINES : 0;
    call->network = &bench->network;
    call->plan = &bench->plan;
    call->nic = -1;
    call->deadline_ms = 1000;
    call->done = on_done;
    call->owner = bench;
    YW_COPY(call->drill, "drill");
    YW_COPY(call->point, "start");
    return call;
}

static void begin(struct bench *bench)
{
    bench->answers = 0;
    bench->text[0] = '\0';
    assert_int_equal(yw_virt_call(bench->virt, &bench->call, NULL), 0);
    assert_int_equal(bench->answers, 0);
}

static int finish(struct bench *bench)
{
    begin(bench);
    run_for(bench, 1);
    assert_int_equal(bench->answers, 1);
    return bench->code;
}

static int do_group(struct bench *bench, enum yw_virt_op op, const char *point, bool cut)
{
    struct yw_virt_call *call = prepare(bench, op, -1);

    YW_COPY(call->point, point);
    call->cut = cut;
    return finish(bench);
}

static void prepare_run(struct bench *bench, const char *line)
{
    char *copy = yw_strdup(line), *save = NULL;
    struct yw_virt_call *call = prepare(bench, YW_VIRT_RUN, ATTACKER);

    call->request = ++bench->request;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        YW_COPY(call->argv[call->argc++], word);
    free(copy);
}

static int run_line(struct bench *bench, const char *line)
{
    prepare_run(bench, line);
    assert_int_equal(finish(bench), 0);
    return bench->call.exit_code;
}

static void machine_init(struct bench *bench, int index, const char *name,
                         uint32_t address)
{
    struct yw_plan_machine *machine = &bench->machines[index];

    YW_COPY(machine->name, name);
    YW_COPY(machine->image, name);
    YW_COPY(machine->domain, name);
    YW_COPY(machine->team_name, "blue");
    yw_uuid_from(name, machine->uuid);
    machine->nic_count = 1;
    machine->nics[0].address = address;
    machine->nics[0].prefix = 24;
    machine->has_field = index == PLC;
    YW_COPY(machine->nics[0].mac, "52:54:00:00:00:01");
    bench->group[index] = machine;
}

static void bring_up(struct bench *bench)
{
    prepare(bench, YW_VIRT_NETWORK_UP, -1)->machine_count = 0;
    assert_int_equal(finish(bench), 0);
    for (int i = 0; i < MACHINES; i++) {
        (void)prepare(bench, YW_VIRT_MACHINE_UP, i);
        assert_int_equal(finish(bench), 0);
        struct yw_virt_call *call = prepare(bench, YW_VIRT_MACHINE_SETUP, i);

        if (i == PLC) {
            YW_COPY(call->file.name, "program.st");
            call->file.bytes = program;
            call->file.size = strlen(program);
        }
        assert_int_equal(finish(bench), 0);
    }
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));
    struct yw_virt_fake_config config = {.scan_ms = 100};

    assert_int_equal(yw_hash_setup(), 0);
    yw_clock_init_virtual(&bench->clock, 0);
    yw_due_init(&bench->due);
    bench->world = yw_virt_world_new();
    config.clock = &bench->clock;
    config.due = &bench->due;
    bench->plan.networks = &bench->network;
    bench->plan.network_count = 1;
    YW_COPY(bench->network.bridge, "ywaaaaaa-0");
    machine_init(bench, ATTACKER, "attacker", 0x0a140242);
    machine_init(bench, PLC, "plc", 0x0a14020b);
    assert_int_equal(yw_virt_open_fake_on(&bench->virt, bench->world, &config, NULL), 0);
    bench->virt->on_notice = on_notice;
    bench->virt->owner = bench;
    bring_up(bench);
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

static void test_memory_goes_back(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "start", false), 0);
    assert_true(bench->call.bytes > 0);
    run_line(bench, "modbus write 10.20.2.11 1 holding 40 7");
    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "later", false), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(do_group(bench, YW_VIRT_POINT_LOAD, "start", false), 0);
        run_line(bench, READ_DOSE);
        assert_string_equal(bench->call.output, "{\"values\":[100]}");
        assert_int_equal(do_group(bench, YW_VIRT_POINT_LOAD, "later", false), 0);
        run_line(bench, READ_DOSE);
        assert_string_equal(bench->call.output, "{\"values\":[7]}");
    }
    assert_int_equal(do_group(bench, YW_VIRT_POINT_DROP, "start", false), 0);
    assert_int_equal(do_group(bench, YW_VIRT_POINT_DROP, "start", false), 0);
    assert_int_equal(do_group(bench, YW_VIRT_POINT_LOAD, "start", false), YW_ENOTFOUND);
    assert_string_equal(bench->text, "machine 'attacker': it has no point 'start'");
}

/* What was asked since the point was never asked: the same number is done anew. */
static void test_the_guest_forgets_requests(void **state)
{
    struct bench *bench = *state;
    const char *line = "modbus write 10.20.2.11 1 holding 40 7";

    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "start", false), 0);
    run_line(bench, line);
    assert_string_equal(bench->call.output, "{\"old\":100,\"new\":7}");
    run_line(bench, line);
    assert_string_equal(bench->call.output, "{\"old\":7,\"new\":7}");
    assert_int_equal(do_group(bench, YW_VIRT_POINT_LOAD, "start", false), 0);
    bench->request = 1;
    run_line(bench, line);
    assert_string_equal(bench->call.output, "{\"old\":100,\"new\":7}");
}

static void test_a_group_saves_all_or_none(void **state)
{
    struct bench *bench = *state;

    yw_virt_world_kill(bench->world, bench->machines[PLC].uuid);
    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "start", false), YW_ENOTFOUND);
    struct yw_virt_call *call = prepare(bench, YW_VIRT_POINT_LOAD, -1);

    call->machine_count = 1; /* the attacker, which runs */
    assert_int_equal(finish(bench), YW_ENOTFOUND);
    assert_string_equal(bench->text, "machine 'attacker': it has no point 'start'");
    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "../etc", false), YW_EINVAL);
}

static void test_links_are_not_memory(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "start", false), 0);
    (void)prepare(bench, YW_VIRT_LINK, ATTACKER);
    assert_int_equal(finish(bench), 0); /* down */
    assert_int_equal(do_group(bench, YW_VIRT_POINT_LOAD, "start", false), 0);
    assert_int_equal(run_line(bench, "ping 10.20.2.11"), 1);
}

static void test_frozen_machines_stand(void **state)
{
    struct bench *bench = *state;

    run_for(bench, 300);
    assert_true(bench->fields >= 2);
    yw_virt_world_hang(bench->world, bench->machines[PLC].uuid);
    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", true), 0);
    assert_int_equal(bench->call.forced, 1);
    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", true), 0);
    assert_int_equal(bench->call.forced, 0);
    assert_int_equal(yw_virt_world_frozen(bench->world), 2);
    int fields = bench->fields;

    run_for(bench, 500);
    assert_int_equal(bench->fields, fields);
    prepare_run(bench, READ_DOSE);
    begin(bench);
    run_for(bench, 999);
    assert_int_equal(bench->answers, 0);
    run_for(bench, 1);
    assert_int_equal(bench->code, YW_ETIMEOUT);
    assert_int_equal(do_group(bench, YW_VIRT_THAW, "", true), 0);
    assert_int_equal(yw_virt_world_frozen(bench->world), 0);
    assert_int_equal(run_line(bench, READ_DOSE), 0);
    run_for(bench, 300);
    assert_true(bench->fields >= fields + 2);
}

static void test_a_thawed_guest_answers_what_it_was_asked(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call thaw;

    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", false), 0);
    memcpy(&thaw, prepare(bench, YW_VIRT_THAW, -1), sizeof(thaw));
    prepare_run(bench, READ_DOSE);
    begin(bench);
    run_for(bench, 100);
    assert_int_equal(yw_virt_call(bench->virt, &thaw, NULL), 0);
    run_for(bench, 1);
    assert_int_equal(bench->answers, 2);
    assert_string_equal(bench->call.output, "{\"values\":[100]}");
}

static void test_thawed_links_are_as_wanted(void **state)
{
    struct bench *bench = *state;

    (void)prepare(bench, YW_VIRT_LINK, ATTACKER);
    assert_int_equal(finish(bench), 0); /* down, and so it stays */
    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", true), 0);
    assert_int_equal(do_group(bench, YW_VIRT_THAW, "", true), 0);
    assert_int_equal(run_line(bench, "ping 10.20.2.11"), 1);
    prepare(bench, YW_VIRT_LINK, ATTACKER)->up = true;
    assert_int_equal(finish(bench), 0);
    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", true), 0);
    assert_int_equal(do_group(bench, YW_VIRT_THAW, "", false), 0);
    assert_int_equal(run_line(bench, "ping 10.20.2.11"), 1); /* cut still */
    assert_int_equal(do_group(bench, YW_VIRT_THAW, "", true), 0);
    assert_int_equal(run_line(bench, "ping 10.20.2.11"), 0);
}

static void test_find_knows_what_was_ordered(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", false), 0);
    prepare(bench, YW_VIRT_MACHINE_FIND, PLC)->frozen = true;
    assert_int_equal(finish(bench), 0);
    assert_int_equal(yw_virt_world_frozen(bench->world), 2);
    (void)prepare(bench, YW_VIRT_MACHINE_FIND, PLC);
    assert_int_equal(finish(bench), 0);
    assert_int_equal(yw_virt_world_frozen(bench->world), 1);
}

static void test_evidence_is_what_its_hash_says(void **state)
{
    struct bench *bench = *state;
    char folder[] = "/tmp/yw-evidence-XXXXXX", path[64], text[YW_HASH_TEXT_SIZE];
    char *bytes = yw_new(1024 * 1024);
    struct yw_hash hash;

    assert_non_null(mkdtemp(folder));
    struct yw_virt_call *call = prepare(bench, YW_VIRT_EVIDENCE, PLC);

    (void)snprintf(call->path, sizeof(call->path), "%s/plc", folder);
    assert_int_equal(finish(bench), 0);
    (void)snprintf(path, sizeof(path), "%s/plc/memory.raw", folder);
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t size = fread(bytes, 1, 1024 * 1024, file);

    (void)fclose(file);
    assert_true(size > 1000);
    assert_int_equal(bench->call.bytes, size);
    yw_hash_of(bytes, size, &hash);
    yw_hash_text(&hash, text);
    assert_non_null(strstr(bench->call.output, text));
    (void)unlink(path);
    *strrchr(path, '/') = '\0';
    (void)rmdir(path);
    assert_int_equal(rmdir(folder), 0);
    free(bytes);
    YW_COPY(prepare(bench, YW_VIRT_EVIDENCE, PLC)->path, "relative");
    assert_int_equal(finish(bench), YW_EINVAL);
}

static int put(struct bench *bench, int64_t offset, const char *text)
{
    struct yw_virt_call *call = prepare(bench, YW_VIRT_PUT, ATTACKER);

    YW_COPY(call->path, "/root/note");
    call->offset = offset;
    call->file.bytes = text;
    call->file.size = strlen(text);
    return finish(bench);
}

static void assert_file(struct bench *bench, int64_t offset, const char *text)
{
    struct yw_virt_call *call = prepare(bench, YW_VIRT_GET, ATTACKER);

    YW_COPY(call->path, "/root/note");
    call->offset = offset;
    assert_int_equal(finish(bench), 0);
    assert_int_equal(bench->call.ret_size, strlen(text));
    assert_memory_equal(bench->call.ret_bytes, text, strlen(text));
    free(bench->call.ret_bytes);
}

static void test_files_go_in_and_out(void **state)
{
    struct bench *bench = *state;

    YW_COPY(prepare(bench, YW_VIRT_GET, ATTACKER)->path, "/root/note");
    assert_int_equal(finish(bench), YW_EIO);
    assert_int_equal(put(bench, 0, "one two"), 0);
    assert_int_equal(put(bench, 7, " three"), 0);
    assert_file(bench, 0, "one two three");
    assert_file(bench, 8, "three");
    assert_file(bench, 99, "");
    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "start", false), 0);
    assert_int_equal(put(bench, 0, "new"), 0);
    assert_file(bench, 0, "new");
    assert_int_equal(put(bench, 9, "hole"), YW_EIO);
    assert_int_equal(do_group(bench, YW_VIRT_POINT_LOAD, "start", false), 0);
    assert_file(bench, 0, "one two three");
}

static void test_nothing_stays_after_a_sweep(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "start", false), 0);
    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", true), 0);
    (void)prepare(bench, YW_VIRT_SWEEP, -1);
    assert_int_equal(finish(bench), 0);
    assert_int_equal(yw_virt_world_count(bench->world), 0);
    assert_int_equal(do_group(bench, YW_VIRT_FREEZE, "", true), 0);
    assert_int_equal(do_group(bench, YW_VIRT_THAW, "", true), 0);
    bring_up(bench);
    assert_int_equal(do_group(bench, YW_VIRT_POINT_LOAD, "start", false), YW_ENOTFOUND);
}

/* Copies in another drill, on bridges of their own, from a point of the first. */
static void test_a_drill_is_forked(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(do_group(bench, YW_VIRT_POINT_SAVE, "start", false), 0);
    run_line(bench, "modbus write 10.20.2.11 1 holding 40 7");
    YW_COPY(bench->network.bridge, "ywbbbbbb-0");
    prepare(bench, YW_VIRT_NETWORK_UP, -1)->machine_count = 0;
    assert_int_equal(finish(bench), 0);
    for (int i = 0; i < MACHINES; i++) {
        char source[YW_UUID_SIZE];

        memcpy(source, bench->machines[i].uuid, sizeof(source));
        yw_uuid_from(i == PLC ? "plc2" : "attacker2", bench->machines[i].uuid);
        YW_COPY(prepare(bench, YW_VIRT_MACHINE_UP, i)->source, source);
        YW_COPY(bench->call.point, "never");
        assert_int_equal(finish(bench), YW_ENOTFOUND);
        YW_COPY(prepare(bench, YW_VIRT_MACHINE_UP, i)->source, source);
        assert_int_equal(finish(bench), 0);
    }
    run_line(bench, READ_DOSE);
    assert_string_equal(bench->call.output, "{\"values\":[100]}");
    assert_int_equal(yw_virt_world_count(bench->world), 6);
}

static struct yw_broker_job *pack_and_unpack(const struct yw_virt_call *call)
{
    struct yw_unpack in;
    struct yw_buf out;

    yw_buf_init(&out, YW_BROKER_MESSAGE_MAX);
    yw_broker_pack_call(&out, 1, call);
    assert_false(out.overflow);
    yw_unpack_init(&in, out.data, out.size);
    assert_int_equal(yw_unpack_u8(&in), YW_BROKER_CALL);
    struct yw_broker_job *job = yw_broker_unpack_call(&in);

    yw_buf_fini(&out);
    return job;
}

static void test_a_group_is_packed(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call *call = prepare(bench, YW_VIRT_POINT_SAVE, -1);
    const struct yw_plan_machine **many =
        yw_new_array(YW_VIRT_GROUP_MAX + 1, sizeof(*many));

    YW_COPY(call->path, "/data/evidence");
    call->offset = 4096;
    call->cut = true;
    call->frozen = true;
    struct yw_broker_job *job = pack_and_unpack(call);

    assert_non_null(job);
    assert_int_equal(job->call.machine_count, MACHINES);
    assert_string_equal(job->call.point, "start");
    assert_string_equal(job->call.path, "/data/evidence");
    assert_int_equal(job->call.offset, 4096);
    assert_true(job->call.cut && job->call.frozen);
    assert_string_equal(job->members[PLC].uuid, bench->machines[PLC].uuid);
    assert_string_equal(job->members[PLC].domain, "plc");
    assert_true(job->members[PLC].has_field && !job->members[ATTACKER].has_field);
    assert_string_equal(job->members[PLC].bridges[0], "ywaaaaaa-0");
    assert_string_equal(job->members[PLC].macs[0], "52:54:00:00:00:01");
    yw_broker_job_free(job);
    for (size_t i = 0; i <= YW_VIRT_GROUP_MAX; i++)
        many[i] = &bench->machines[PLC];
    call->machines = many;
    call->machine_count = YW_VIRT_GROUP_MAX;
    job = pack_and_unpack(call);
    assert_non_null(job);
    yw_broker_job_free(job);
    call->machine_count = YW_VIRT_GROUP_MAX + 1;
    assert_null(pack_and_unpack(call));
    call->machine_count = 0;
    call->offset = -1;
    assert_null(pack_and_unpack(call));
    free(many);
}

static void test_results_are_packed(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_call *call = prepare(bench, YW_VIRT_GET, PLC);
    struct yw_virt_call back = {.op = YW_VIRT_GET};
    struct yw_unpack in;
    struct yw_buf out;
    struct yw_err err;
    int code = 1;

    call->ret_bytes = yw_strdup("one\ntwo");
    call->ret_size = 7;
    call->frozen_ms = 250;
    call->bytes = 5000000000;
    call->forced = 3;
    yw_buf_init(&out, YW_BROKER_MESSAGE_MAX);
    yw_broker_pack_result(&out, 1, call, 0, NULL);
    yw_unpack_init(&in, out.data, out.size);
    (void)yw_unpack_u8(&in);
    (void)yw_unpack_i64(&in);
    assert_int_equal(yw_broker_unpack_result(&in, &back, &code, &err), 0);
    assert_int_equal(code, 0);
    assert_int_equal(back.ret_size, 7);
    assert_memory_equal(back.ret_bytes, "one\ntwo", 7);
    assert_int_equal(back.frozen_ms, 250);
    assert_int_equal(back.bytes, 5000000000);
    assert_int_equal(back.forced, 3);
    free(back.ret_bytes);
    free(call->ret_bytes);
    yw_buf_fini(&out);
}

static void test_links_and_taps_are_read(void **state)
{
    const uint8_t tap[6] = {0xfe, 0x54, 0, 0x12, 0x34, 0x56};
    bool up[YW_SPEC_NICS_MAX];
    size_t count = 0;

    (void)state;
    assert_int_equal(
        yw_domain_links_parse("<domain><devices><interface type='bridge'/><disk/>"
                              "<interface><link state='down'/></interface>"
                              "<interface><link state='up'/></interface>"
                              "</devices></domain>",
                              up, &count),
        0);
    assert_int_equal(count, 3);
    assert_true(up[0] && !up[1] && up[2]);
    assert_int_equal(yw_domain_links_parse("<domain/>", up, &count), YW_EINVAL);
    assert_int_equal(yw_domain_links_parse("<domain", up, &count), YW_EINVAL);
    assert_true(yw_cut_is_tap(tap, "52:54:00:12:34:56"));
    assert_false(yw_cut_is_tap(tap, "52:54:00:12:34:57"));
    assert_false(yw_cut_is_tap(tap, "52:54:00"));
}

static void test_a_load_adds_what_is_not_its_own(void **state)
{
    (void)state;
    assert_int_equal(yw_memory_own_kib("Name:\tqemu\nRssAnon:\t   29696 kB\nRssFile:\t"
                                       "   9000 kB\n"),
                     29696);
    assert_int_equal(yw_memory_own_kib("Name:\tRssAnon: 5\nVmRSS: 7 kB\n"), -1);
    assert_int_equal(yw_memory_own_kib(""), -1);
    assert_int_equal(yw_memory_growth_mib(96, 29696), 67);
    assert_int_equal(yw_memory_growth_mib(96, 96 * 1024), 0);
    assert_int_equal(yw_memory_growth_mib(96, 1024 * 1024), 0);
    assert_int_equal(yw_memory_growth_mib(96, -1), 96);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_load_adds_what_is_not_its_own),
        cmocka_unit_test_setup_teardown(test_memory_goes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_guest_forgets_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_group_saves_all_or_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_links_are_not_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_frozen_machines_stand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_thawed_guest_answers_what_it_was_asked,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_thawed_links_are_as_wanted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_find_knows_what_was_ordered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_evidence_is_what_its_hash_says, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_files_go_in_and_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_stays_after_a_sweep, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_drill_is_forked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_group_is_packed, setup, teardown),
        cmocka_unit_test(test_links_and_taps_are_read),
        cmocka_unit_test_setup_teardown(test_results_are_packed, setup, teardown),
    };

    return cmocka_run_group_tests_name("virt_point", tests, NULL, NULL);
}
