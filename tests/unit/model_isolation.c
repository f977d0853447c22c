/* The isolation proof: who asks, for what, and what counts as a leak. And what a host can
 * do to a link. */
#include "model/isolation.h"
#include "model/shape.h"

#include "base/mem.h"
#include "model_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Machines of the sample: jump on it and control, plc1 and hmi1 on control. */
struct bench {
    struct yw_spec *spec;
    struct yw_plan *plan;
    struct yw_isolation_world world;
    struct yw_isolation_probe probe; /* of blue-quick's jump */
};

static const struct yw_plan_machine *machine(const struct bench *bench, int team,
                                             int index)
{
    return yw_plan_machine(bench->plan, team, index);
}

static void aim(struct bench *bench)
{
    size_t at = (size_t)(machine(bench, 0, 0) - bench->plan->machines);

    yw_isolation_targets(&bench->probe, bench->plan, at, &bench->world);
}

static void open_bench(struct bench *bench)
{
    static const char *const teams[] = {"blue-quick", "blue-slow"};
    struct yw_host_traits host = {.addresses = {0xac110002u, 0x0a14020bu, 0xac110002u},
                                  .address_count = 3,
                                  .gateway = 0xac110001u};

    memset(bench, 0, sizeof(*bench));
    bench->spec = sample_spec();
    assert_int_equal(
        yw_plan_make(&bench->plan, bench->spec, "water-1", teams, 2, 7, NULL), 0);
    bench->world.port = 8443;
    yw_isolation_add_host(&bench->world, bench->plan, &host);
    aim(bench);
}

static void close_bench(struct bench *bench)
{
    yw_plan_free(bench->plan);
    yw_spec_free(bench->spec);
}

/* The TCP port that it is asked on, 0 none; -1: it is not asked. */
static int port_of(const struct bench *bench, uint32_t address)
{
    for (size_t i = 0; i < bench->probe.count; i++) {
        if (bench->probe.targets[i].address == address)
            return bench->probe.targets[i].port;
    }
    return -1;
}

static void test_who_asks(void **state)
{
    struct bench bench;
    size_t chosen[16];

    (void)state;
    open_bench(&bench);
    /* jump of each team covers both of its networks */
    assert_int_equal(yw_isolation_probers(bench.plan, chosen), 2);
    assert_string_equal(bench.plan->machines[chosen[0]].name, "jump");
    assert_string_equal(bench.plan->machines[chosen[1]].name, "jump");
    assert_int_not_equal(bench.plan->machines[chosen[0]].team,
                         bench.plan->machines[chosen[1]].team);
    close_bench(&bench);
}

static void test_every_network_is_covered(void **state)
{
    struct bench bench;
    size_t chosen[16];

    (void)state;
    open_bench(&bench);
    bench.plan->machines[4].nic_count = 1; /* one jump loses its second card */
    bench.plan->machines[5].nic_count = 1;
    size_t count = yw_isolation_probers(bench.plan, chosen);

    for (int network = 0; network < 4; network++) {
        bool needed = false, covered = false;

        for (size_t i = 0; i < bench.plan->machine_count; i++) {
            for (size_t n = 0; n < bench.plan->machines[i].nic_count; n++)
                needed = needed || bench.plan->machines[i].nics[n].network == network;
        }
        for (size_t i = 0; i < count; i++) {
            const struct yw_plan_machine *at = &bench.plan->machines[chosen[i]];

            for (size_t n = 0; n < at->nic_count; n++)
                covered = covered || at->nics[n].network == network;
            assert_true(i == 0 || chosen[i - 1] < chosen[i]);
        }
        assert_int_equal(needed, covered);
    }
    close_bench(&bench);
}

static void test_what_is_asked(void **state)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    struct bench bench;

    (void)state;
    open_bench(&bench);
    assert_int_equal(port_of(&bench, 0xac110002u), 8443); /* host, management */
    assert_int_equal(port_of(&bench, 0xac110001u), 80);   /* its gateway */
    assert_int_equal(port_of(&bench, 0xc0000201u), 80);   /* outside */
    assert_int_equal(port_of(&bench, 0xa9fea9feu), 80);
    assert_int_equal(port_of(&bench, 0x0a140442u), 0); /* itself: another team's twin */
    assert_int_equal(port_of(&bench, 0x0a14020bu), 0); /* a neighbour, though the
                                                               host has it too */
    size_t argc = yw_isolation_argv(&bench.probe, 800, argv);

    assert_in_range(argc, 3, YW_SPEC_ARGS_MAX);
    assert_string_equal(argv[0], "probe");
    assert_string_equal(argv[1], "800");
    assert_non_null(strstr(argv[2], "10.20.4.66"));
    close_bench(&bench);
}

/* The largest list fits what the channel carries. */
static void test_argv_limit(void **state)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    struct yw_isolation_probe probe = {.count = YW_ISOLATION_TARGETS_MAX};
    size_t targets = 0;

    (void)state;
    for (size_t i = 0; i < probe.count; i++)
        probe.targets[i] = (struct yw_isolation_target){0xfffffff0u, 65535};
    size_t argc = yw_isolation_argv(&probe, 10000, argv);

    assert_in_range(argc, 3, YW_SPEC_ARGS_MAX);
    for (size_t i = 2; i < argc; i++) {
        assert_in_range(strlen(argv[i]), 1, YW_SPEC_ARG_MAX - 1);
        for (const char *at = argv[i]; at; at = strchr(at + 1, ','))
            targets++;
    }
    assert_int_equal(targets, YW_ISOLATION_TARGETS_MAX);
}

static void judge(struct bench *bench, struct yw_isolation_verdict *ret,
                  const char *heard)
{
    char *output = yw_strf("{\"asked\":%zu,\"heard\":[%s]}", bench->probe.count, heard);

    yw_isolation_judge(ret, bench->plan, &bench->probe, 0, output);
    free(output);
}

static void test_verdicts(void **state)
{
    struct yw_isolation_verdict verdict;
    struct bench bench;
    char line[512];

    (void)state;
    open_bench(&bench);
    const char *plc = machine(&bench, 0, 1)->nics[0].mac;
    const char *theirs = machine(&bench, 1, 1)->nics[0].mac;

    (void)snprintf(line, sizeof(line), "\"10.20.2.11 %s arp\",\"10.20.2.11 %s icmp\"",
                   plc, plc);
    judge(&bench, &verdict, line);
    assert_true(verdict.ok);
    assert_int_equal(verdict.reached, 0);
    assert_int_equal(verdict.asked, bench.probe.count);

    judge(&bench, &verdict, "");
    assert_false(verdict.ok);
    assert_true(verdict.retry);
    assert_non_null(strstr(verdict.detail, "nothing is proved"));

    (void)snprintf(line, sizeof(line),
                   "\"10.20.2.11 %s arp\",\"172.17.0.2 02:42:ac:11:00:02 arp\"", plc);
    judge(&bench, &verdict, line);
    assert_false(verdict.ok);
    assert_false(verdict.retry);
    assert_int_equal(verdict.reached, 1);
    assert_string_equal(verdict.detail,
                        "reached 172.17.0.2 by arp, answered by 02:42:ac:11:00:02");

    (void)snprintf(line, sizeof(line), "\"10.20.2.11 %s arp\"", theirs);
    judge(&bench, &verdict, line);
    assert_int_equal(verdict.reached, 1);
    assert_non_null(strstr(verdict.detail, "of blue-slow/plc1"));

    (void)snprintf(line, sizeof(line), "\"10.20.2.11 %s arp\",\"192.0.2.1 - tcp\"", plc);
    judge(&bench, &verdict, line);
    assert_int_equal(verdict.reached, 1);
    /* a neighbour that answers for an address that is not his */
    (void)snprintf(line, sizeof(line), "\"192.0.2.1 %s arp\"", plc);
    judge(&bench, &verdict, line);
    assert_int_equal(verdict.reached, 1);
    close_bench(&bench);
}

static void test_nonsense_proves_nothing(void **state)
{
    static const char *const outputs[] = {
        "",
        "{\"error\":\"no such program\"}",
        "{\"asked\":1,\"heard\":[]}",
        "{\"asked\":99999999999,\"heard\":[]}",
    };
    struct yw_isolation_verdict verdict;
    struct bench bench;

    (void)state;
    open_bench(&bench);
    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        yw_isolation_judge(&verdict, bench.plan, &bench.probe, 0, outputs[i]);
        assert_false(verdict.ok);
        assert_true(verdict.detail[0] != '\0');
    }
    judge(&bench, &verdict, "\"10.20.2.11\"");
    assert_false(verdict.ok);
    judge(&bench, &verdict, "\"10.20.2.999 52:54:00:00:00:01 arp\"");
    assert_false(verdict.ok);
    judge(&bench, &verdict, "\"10.20.2.11 52:54:00:00:00:01 arp");
    assert_false(verdict.ok);
    close_bench(&bench);
}

/* An image without the program says nothing at all: then the exit code is what there is. */
static void test_who_cannot_probe_says_why(void **state)
{
    struct yw_isolation_verdict verdict;
    struct bench bench;

    (void)state;
    open_bench(&bench);
    yw_isolation_judge(&verdict, bench.plan, &bench.probe, 127, "");
    assert_false(verdict.ok);
    assert_false(verdict.retry);
    assert_non_null(strstr(verdict.detail, "exit code 127"));
    assert_non_null(strstr(verdict.detail, "build it anew"));
    /* an answer of a program that failed is none */
    char *output = yw_strf("{\"asked\":%zu,\"heard\":[\"10.20.2.11 %s arp\"]}",
                           bench.probe.count, machine(&bench, 0, 1)->nics[0].mac);

    yw_isolation_judge(&verdict, bench.plan, &bench.probe, 0, output);
    assert_true(verdict.ok);
    yw_isolation_judge(&verdict, bench.plan, &bench.probe, 1, output);
    assert_false(verdict.ok);
    free(output);
    close_bench(&bench);
}

/* A promiscuous machine is a neighbour, an isolated one is a leak. */
static void test_isolated_ports(void **state)
{
    struct yw_isolation_verdict verdict;
    struct bench bench;
    char line[256];

    (void)state;
    open_bench(&bench);
    for (size_t i = 0; i < bench.plan->machine_count; i++) {
        for (size_t n = 0; n < bench.plan->machines[i].nic_count; n++)
            bench.plan->machines[i].nics[n].isolated =
                strcmp(bench.plan->machines[i].name, "plc1") != 0;
    }
    aim(&bench);
    (void)snprintf(line, sizeof(line), "\"10.20.2.11 %s arp\"",
                   machine(&bench, 0, 1)->nics[0].mac);
    judge(&bench, &verdict, line);
    assert_true(verdict.ok);
    assert_int_equal(port_of(&bench, 0x0a140215u), 0); /* the isolated hmi is asked for */
    (void)snprintf(line, sizeof(line), "\"10.20.2.21 %s arp\"",
                   machine(&bench, 0, 2)->nics[0].mac);
    judge(&bench, &verdict, line);
    assert_int_equal(verdict.reached, 1);
    close_bench(&bench);
}

static void test_shape(void **state)
{
    struct yw_host_traits none = {.known = true}, tbf = {.bandwidth = true},
                          all = {.bandwidth = true, .delay = true},
                          memory = {.in_memory = true};
    struct yw_spec *spec = sample_spec();
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_shape_check(spec, &none, &err), 0);
    spec->networks[0].bandwidth_kbit = 2000;
    assert_int_equal(yw_shape_check(spec, &tbf, &err), 0);
    assert_int_equal(yw_shape_check(spec, &none, &err), YW_ELIMIT);
    assert_non_null(
        strstr(err.text, "scenario.lua:7: network 'it': bandwidth 2000 kbit"));
    spec->networks[1].delay_ms = 40;
    assert_int_equal(yw_shape_check(spec, &all, &err), 0);
    assert_int_equal(yw_shape_check(spec, &memory, &err), 0);
    assert_int_equal(yw_shape_check(spec, &tbf, &err), YW_ELIMIT);
    assert_string_equal(
        err.text, "scenario.lua:8: network 'control': delay 40 ms: the host's kernel "
                  "has no netem queue; it can do bandwidth only");
    yw_spec_free(spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_asks),
        cmocka_unit_test(test_every_network_is_covered),
        cmocka_unit_test(test_what_is_asked),
        cmocka_unit_test(test_argv_limit),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_nonsense_proves_nothing),
        cmocka_unit_test(test_who_cannot_probe_says_why),
        cmocka_unit_test(test_isolated_ports),
        cmocka_unit_test(test_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
