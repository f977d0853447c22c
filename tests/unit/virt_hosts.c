/* Many hosts as one: where calls go, what a lost host costs, and that no machine is believed
 * to be in two places. */
#include "virt/hosts.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EAST 0
#define WEST 1

struct bench {
    struct yw_clock clock;
    struct yw_due due;
    struct yw_virt_world *worlds[2];
    struct yw_virt *fakes[2];
    struct yw_virt *virt;
    struct yw_plan plan;
    struct yw_plan_network networks[2];
    struct yw_plan_machine machines[3];
    const struct yw_plan_machine *group[3];
    int lost[2], back[2], drains, fields, lines, losses;
    char text[512];
    char line_host[YW_NAME_MAX];
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
    int host = strcmp(notice->host, "east") == 0 ? EAST : WEST;

    assert_true(notice->host[0] != '\0');
    if (notice->kind == YW_VIRT_HOST) {
        bench->lost[host] += notice->host_state == YW_HOST_LOST;
        bench->back[host] += notice->host_state == YW_HOST_UP;
        bench->drains += notice->host_state == YW_HOST_DRAINING;
        YW_COPY(bench->text, notice->text);
    }
    bench->fields += notice->kind == YW_VIRT_FIELD;
    if (notice->kind == YW_VIRT_LINE) {
        bench->lines++;
        YW_COPY(bench->line_host, notice->host);
    }
    bench->losses += notice->kind == YW_VIRT_LOST;
}

/* Two machines on the first network, one on the second. */
static void machine_init(struct bench *bench, int index, const char *name,
                         const char *host)
{
    struct yw_plan_machine *machine = &bench->machines[index];

    YW_COPY(machine->name, name);
    YW_COPY(machine->image, "hmi");
    YW_COPY(machine->domain, name);
    YW_COPY(machine->team_name, "blue");
    YW_COPY(machine->host, host);
    yw_uuid_from(name, machine->uuid);
    machine->ram_mib = 96;
    machine->nic_count = 1;
    machine->nics[0].network = index / 2;
    machine->nics[0].prefix = 24;
    YW_COPY(machine->nics[0].mac, "52:54:00:00:00:01");
}

static void run_for(struct bench *bench, int64_t span_ms)
{
    int64_t end_ms = yw_clock_mono_ms(&bench->clock) + span_ms;

    while (yw_due_next(&bench->due) <= end_ms) {
        int64_t next = yw_due_next(&bench->due);

        if (next > yw_clock_mono_ms(&bench->clock))
            yw_clock_advance_to(&bench->clock, next);
        yw_due_run(&bench->due, yw_clock_mono_ms(&bench->clock));
    }
    yw_clock_advance_to(&bench->clock, end_ms);
}

static void open_hosts(struct bench *bench)
{
    struct yw_virt_fake_config config = {
        .clock = &bench->clock, .due = &bench->due, .run_ms = 3000, .point_ms = 500};
    struct yw_hosts_member members[2] = {
        {.name = "east", .weight = 1, .underlay = 0x0a090001, .uri = "fake:east"},
        {.name = "west", .weight = 2, .underlay = 0x0a090002, .uri = "fake:west"}};
    struct yw_err err;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            yw_virt_open_fake_on(&bench->fakes[i], bench->worlds[i], &config, &err), 0);
        members[i].virt = bench->fakes[i];
    }
    assert_int_equal(
        yw_virt_open_hosts(&bench->virt, &bench->clock, &bench->due, members, 2, &err),
        0);
    bench->virt->on_notice = on_notice;
    bench->virt->owner = bench;
}

static int setup(void **state)
{
    struct bench *bench = yw_new(sizeof(*bench));

    yw_clock_init_virtual(&bench->clock, 0);
    yw_due_init(&bench->due);
    for (int i = 0; i < 2; i++)
        bench->worlds[i] = yw_virt_world_new();
    yw_virt_world_join(bench->worlds[0], "east", bench->worlds[1], "west");
    YW_COPY(bench->plan.drill, "drill");
    bench->plan.networks = bench->networks;
    bench->plan.network_count = 2;
    bench->plan.machines = bench->machines;
    bench->plan.machine_count = 3;
    YW_COPY(bench->networks[0].bridge, "ywaaaaaa-0");
    YW_COPY(bench->networks[1].bridge, "ywaaaaaa-1");
    bench->networks[1].network = 1;
    machine_init(bench, 0, "one", "east");
    machine_init(bench, 1, "two", "east");
    machine_init(bench, 2, "three", "west");
    open_hosts(bench);
    run_for(bench, 100);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    yw_virt_close(bench->virt);
    assert_int_equal(bench->due.count, 0);
    for (int i = 0; i < 2; i++)
        yw_virt_world_free(bench->worlds[i]);
    yw_due_fini(&bench->due);
    free(bench);
    return 0;
}

static struct yw_virt_call *call_new(struct bench *bench, enum yw_virt_op op,
                                     struct answer *answer)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));

    call->op = op;
    call->plan = &bench->plan;
    call->deadline_ms = 20000;
    call->nic = -1;
    call->done = on_done;
    call->owner = answer;
    YW_COPY(call->drill, "drill");
    return call;
}

/* Starts and ends it; 0 or the code, the text in *ret. */
static int ask(struct bench *bench, struct yw_virt_call *call, struct answer *ret)
{
    struct yw_err err = {0};
    int code = yw_virt_call(bench->virt, call, &err);

    if (code < 0) {
        YW_COPY(ret->text, err.text);
        return code;
    }
    assert_int_equal(ret->count, 0); /* never from inside */
    run_for(bench, 20000);
    assert_int_equal(ret->count, 1);
    return ret->code;
}

static int machine_op(struct bench *bench, enum yw_virt_op op, int index,
                      struct answer *ret)
{
    struct yw_virt_call *call = call_new(bench, op, ret);

    call->machine = &bench->machines[index];
    int code = ask(bench, call, ret);

    free(call);
    return code;
}

static void networks_up(struct bench *bench)
{
    for (int i = 0; i < 2; i++) {
        struct answer answer = {0};
        struct yw_virt_call *call = call_new(bench, YW_VIRT_NETWORK_UP, &answer);

        call->network = &bench->networks[i];
        assert_int_equal(ask(bench, call, &answer), 0);
        free(call);
    }
}

static void all_up(struct bench *bench)
{
    networks_up(bench);
    for (int i = 0; i < 3; i++) {
        struct answer answer = {0};

        assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_UP, i, &answer), 0);
        answer.count = 0;
        assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_SETUP, i, &answer), 0);
    }
}

static size_t listed(struct bench *bench)
{
    struct answer answer = {0};
    struct yw_virt_call *call = call_new(bench, YW_VIRT_LIST, &answer);

    assert_int_equal(ask(bench, call, &answer), 0);
    size_t count = call->found_count;

    free(call->found);
    free(call);
    return count;
}

static void test_each_goes_to_its_host(void **state)
{
    struct bench *bench = *state;

    all_up(bench);
    /* a bridge and two machines; a bridge and one */
    assert_int_equal(yw_virt_world_count(bench->worlds[EAST]), 3);
    assert_int_equal(yw_virt_world_count(bench->worlds[WEST]), 2);
    assert_int_equal(listed(bench), 5);
    struct answer answer = {0};
    struct yw_virt_call *call = call_new(bench, YW_VIRT_SWEEP, &answer);

    assert_int_equal(ask(bench, call, &answer), 0);
    free(call);
    assert_int_equal(listed(bench), 0);
}

static void test_unplaced_and_unknown(void **state)
{
    struct bench *bench = *state;
    struct answer answer = {0};

    bench->machines[0].host[0] = '\0';
    assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_UP, 0, &answer), YW_ESTATE);
    YW_COPY(bench->machines[0].host, "north");
    assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_UP, 0, &answer), YW_ENOTFOUND);
    assert_non_null(strstr(answer.text, "no host 'north' in the hosts file"));
}

static void test_lost_host_costs_itself_alone(void **state)
{
    struct bench *bench = *state;
    struct answer slow = {0}, fast = {0}, other = {0}, again = {0};

    all_up(bench);
    struct yw_virt_call *call = call_new(bench, YW_VIRT_RUN, &slow);

    call->machine = &bench->machines[0];
    call->request = 1;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    yw_virt_fake_cut(bench->fakes[EAST], 60000);
    run_for(bench, 100);
    assert_int_equal(slow.count, 1); /* cut, as by any broker that dies */
    assert_int_equal(bench->lost[EAST], 0);
    slow.count = 0; /* asked again: it waits, until the host is lost */
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    run_for(bench, 4000);
    assert_int_equal(slow.count, 0);
    run_for(bench, 2000);
    assert_int_equal(bench->lost[EAST], 1);
    assert_non_null(strstr(bench->text, "the broker was cut"));
    assert_int_equal(slow.count, 1);
    assert_int_equal(slow.code, YW_EIO);
    assert_non_null(strstr(slow.text, "host 'east' is lost"));
    free(call);
    assert_int_equal(machine_op(bench, YW_VIRT_LINK, 1, &fast), YW_EIO);
    assert_int_equal(fast.count, 0); /* refused at once */
    assert_int_equal(machine_op(bench, YW_VIRT_LINK, 2, &other), 0);
    assert_int_equal(bench->lost[WEST], 0);
    run_for(bench, 60000);
    assert_int_equal(bench->back[EAST], 1);
    assert_int_equal(machine_op(bench, YW_VIRT_LINK, 1, &again), 0);
}

static void test_short_cut_is_no_loss(void **state)
{
    struct bench *bench = *state;

    yw_virt_fake_cut(bench->fakes[WEST], 4000);
    run_for(bench, 30000);
    assert_int_equal(bench->lost[WEST] + bench->back[WEST], 0);
}

static struct yw_virt_call *group_call(struct bench *bench, enum yw_virt_op op,
                                       struct answer *answer)
{
    struct yw_virt_call *call = call_new(bench, op, answer);

    for (int i = 0; i < 3; i++)
        bench->group[i] = &bench->machines[i];
    call->machines = bench->group;
    call->machine_count = 3;
    YW_COPY(call->point, "lunch");
    return call;
}

static void assert_frozen(const struct bench *bench, size_t east, size_t west)
{
    assert_int_equal(yw_virt_world_frozen(bench->worlds[EAST]), east);
    assert_int_equal(yw_virt_world_frozen(bench->worlds[WEST]), west);
}

/* Every machine stands before the first is saved, and until the last one is. */
static void test_a_point_that_spans_is_one_moment(void **state)
{
    struct bench *bench = *state;
    struct answer answer = {0}, stop = {0};

    all_up(bench);
    struct yw_virt_call *call = group_call(bench, YW_VIRT_POINT_SAVE, &answer);

    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    run_for(bench, 300);
    assert_frozen(bench, 2, 1);
    assert_int_equal(answer.count, 0);
    run_for(bench, 1000);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.code, 0);
    assert_true(call->frozen_ms >= 500 && call->bytes > 0);
    assert_frozen(bench, 0, 0);

    /* A stop in between is not undone by it. */
    struct yw_virt_call *freeze = group_call(bench, YW_VIRT_FREEZE, &stop);

    answer.count = 0;
    assert_int_equal(yw_virt_call(bench->virt, call, NULL), 0);
    run_for(bench, 300);
    assert_int_equal(ask(bench, freeze, &stop), 0);
    assert_int_equal(answer.code, 0);
    assert_frozen(bench, 2, 1);
    free(call);
    free(freeze);
}

static void test_a_point_that_spans_is_all_or_none(void **state)
{
    struct bench *bench = *state;
    struct answer answer = {0}, load = {0};

    all_up(bench);
    yw_virt_world_kill(bench->worlds[WEST], bench->machines[2].uuid);
    struct yw_virt_call *call = group_call(bench, YW_VIRT_POINT_SAVE, &answer);

    assert_int_equal(ask(bench, call, &answer), YW_ENOTFOUND);
    assert_frozen(bench, 0, 0);
    free(call);
    call = group_call(bench, YW_VIRT_POINT_LOAD, &load);
    call->machine_count = 2; /* those in the east, which had been saved */
    assert_int_equal(ask(bench, call, &load), YW_ENOTFOUND);
    free(call);
}

static void test_sweep_passes_over_the_lost(void **state)
{
    struct bench *bench = *state;
    struct answer answer = {0};

    all_up(bench);
    yw_virt_fake_cut(bench->fakes[WEST], 600000);
    run_for(bench, 6000);
    struct yw_virt_call *call = call_new(bench, YW_VIRT_SWEEP, &answer);

    assert_int_equal(ask(bench, call, &answer), 0);
    assert_string_equal(call->output, "lost: west");
    free(call);
    assert_int_equal(yw_virt_world_count(bench->worlds[EAST]), 0);
    assert_int_equal(yw_virt_world_count(bench->worlds[WEST]), 2);
}

static int save_all(struct bench *bench, struct answer *answer)
{
    const struct yw_plan_machine *group[3] = {&bench->machines[0], &bench->machines[2],
                                              &bench->machines[1]};
    struct yw_virt_call *call = call_new(bench, YW_VIRT_POINT_SAVE, answer);

    call->machines = group;
    call->machine_count = 3;
    YW_COPY(call->point, "start");
    int code = ask(bench, call, answer);

    free(call);
    return code;
}

static void test_groups_part_by_host(void **state)
{
    struct bench *bench = *state;
    struct answer whole = {0}, half = {0};

    all_up(bench);
    assert_int_equal(save_all(bench, &whole), 0);
    yw_virt_fake_cut(bench->fakes[WEST], 600000);
    run_for(bench, 6000);
    uint64_t calls = yw_virt_fake_calls(bench->fakes[EAST]);

    assert_int_equal(save_all(bench, &half), YW_EIO);
    assert_non_null(strstr(half.text, "host 'west' is lost"));
    assert_true(calls == yw_virt_fake_calls(bench->fakes[EAST])); /* no half a point */
}

static void test_freeze_goes_on_without_the_lost(void **state)
{
    struct bench *bench = *state;
    const struct yw_plan_machine *group[3] = {&bench->machines[0], &bench->machines[1],
                                              &bench->machines[2]};
    struct answer answer = {0};

    all_up(bench);
    yw_virt_fake_cut(bench->fakes[WEST], 600000);
    run_for(bench, 6000);
    struct yw_virt_call *call = call_new(bench, YW_VIRT_FREEZE, &answer);

    call->machines = group;
    call->machine_count = 3;
    assert_int_equal(ask(bench, call, &answer), YW_EIO);
    free(call);
    assert_int_equal(yw_virt_world_frozen(bench->worlds[EAST]), 2);
}

static void test_a_moved_machine_is_in_one_place(void **state)
{
    struct bench *bench = *state;
    struct answer no_bridge = {0}, answer = {0}, there = {0}, gone = {0};

    all_up(bench);
    YW_COPY(bench->machines[0].host, "west");
    struct yw_virt_call *call = call_new(bench, YW_VIRT_MOVE, &no_bridge);

    call->machine = &bench->machines[0];
    YW_COPY(call->host, "east");
    assert_int_equal(ask(bench, call, &no_bridge), YW_EIO);
    bench->networks[0].vni = 5;
    networks_up(bench); /* also where the machine will be */
    call->owner = &answer;
    assert_int_equal(ask(bench, call, &answer), 0);
    free(call);
    assert_true(yw_virt_world_has(bench->worlds[WEST], bench->machines[0].uuid));
    assert_false(yw_virt_world_has(bench->worlds[EAST], bench->machines[0].uuid));
    assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_FIND, 0, &there), 0);
    yw_virt_world_kill(bench->worlds[WEST], bench->machines[0].uuid);
    run_for(bench, 100);
    assert_int_equal(bench->losses, 1);
    /* the old host knows nothing of it, and is not asked */
    assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_FIND, 0, &gone), YW_ENOTFOUND);
}

static void test_what_an_old_host_says_is_dropped(void **state)
{
    struct bench *bench = *state;
    struct answer find = {0};

    all_up(bench);
    YW_COPY(bench->machines[0].host, "west"); /* given up and made again elsewhere */
    assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_FIND, 0, &find), YW_ENOTFOUND);
    bench->networks[0].vni = 5;
    networks_up(bench);
    struct answer up = {0};

    assert_int_equal(machine_op(bench, YW_VIRT_MACHINE_UP, 0, &up), 0);
    yw_virt_world_kill(bench->worlds[EAST], bench->machines[0].uuid);
    run_for(bench, 100);
    assert_int_equal(bench->losses, 0);
    yw_virt_world_kill(bench->worlds[WEST], bench->machines[0].uuid);
    run_for(bench, 100);
    assert_int_equal(bench->losses, 1);
}

static void test_hosts_and_draining(void **state)
{
    struct bench *bench = *state;
    struct yw_virt_host hosts[3];

    assert_int_equal(yw_virt_hosts(bench->virt, hosts, 3), 2);
    assert_string_equal(hosts[1].name, "west");
    assert_int_equal(hosts[1].weight, 2);
    assert_false(hosts[1].no_underlay);
    assert_int_equal(yw_virt_drain(bench->virt, "west", true, NULL), 0);
    assert_int_equal(bench->drains, 1);
    yw_virt_hosts(bench->virt, hosts, 3);
    assert_int_equal(hosts[1].state, YW_HOST_DRAINING);
    assert_int_equal(yw_virt_drain(bench->virt, "north", true, NULL), YW_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_goes_to_its_host, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unplaced_and_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lost_host_costs_itself_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_short_cut_is_no_loss, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_point_that_spans_is_one_moment, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_point_that_spans_is_all_or_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_sweep_passes_over_the_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(test_groups_part_by_host, setup, teardown),
        cmocka_unit_test_setup_teardown(test_freeze_goes_on_without_the_lost, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_moved_machine_is_in_one_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_an_old_host_says_is_dropped, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_hosts_and_draining, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
