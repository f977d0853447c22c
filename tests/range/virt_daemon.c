/* Machines of libvirt daemons on far hosts (qemu+tcp, and qemu+tls with certificates):
 * their ports through streams, images sent once, a cut, a hang and a kill of a daemon with
 * machines running, none doubled; a move to the other host. Run by tests/libvirt/far.py. */
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "range/fleet.h"
#include "range/processes.h"

#include <dirent.h>
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

#define HEALED_MS 120000

static void open_daemon(struct fleet *fleet, int host, const char *scheme,
                        const char *tail)
{
    char uri[200], name[32];

    (void)snprintf(name, sizeof(name), "YW_FAR%d_ADDRESS", host);
    (void)snprintf(uri, sizeof(uri), "qemu+%s://%s/system%s", scheme, getenv(name), tail);
    fleet_open_uri(fleet, host, uri);
}

static int setup_empty(void **state)
{
    struct fleet *fleet = yw_new(sizeof(*fleet));

    fleet_init(fleet);
    *state = fleet;
    return 0;
}

static int setup(void **state)
{
    (void)setup_empty(state);
    for (int host = 1; host <= 2; host++)
        open_daemon(*state, host, "tcp", "");
    return 0;
}

static int teardown(void **state)
{
    struct fleet *fleet = *state;

    for (int host = 1; host <= 2; host++) {
        if (!fleet->hosts[host - 1].virt)
            continue;
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_SWEEP, -1), 0);
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_LIST, -1), 0);
        assert_int_not_equal(
            fleet_shell(host, "ENTER", " ip -o link | grep -E ' (yw|vnet)'"), 0);
    }
    fleet_fini(fleet);
    free(fleet);
    return 0;
}

static void wait_count(struct fleet *fleet, const int *count, int wanted)
{
    for (int64_t left = HEALED_MS; *count < wanted && left > 0; left -= 100)
        fleet_turn(fleet, 100);
    assert_int_equal(*count, wanted);
}

static void bring_up(struct fleet *fleet, int host)
{
    assert_int_equal(fleet_call(fleet, host, YW_VIRT_NETWORK_UP, -1), 0);
    assert_int_equal(fleet_call(fleet, host, YW_VIRT_NETWORK_UP, -1), 0);
    for (int i = 0; i < FLEET_MACHINES; i++) {
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_MACHINE_UP, i), 0);
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_MACHINE_SETUP, i), 0);
    }
}

/* The machines are the same ones, with what they had, and there is one of each. */
static void assert_same_machines(struct fleet *fleet, uint32_t request)
{
    char output[YW_VIRT_OUTPUT_MAX];

    for (int i = 0; i < FLEET_MACHINES; i++) {
        assert_int_equal(fleet_call(fleet, 1, YW_VIRT_MACHINE_FIND, i), 0);
        assert_int_equal(fleet_call(fleet, 1, YW_VIRT_MACHINE_UP, i), 0);
    }
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_LIST, -1), 3);
    assert_int_equal(
        fleet_run(fleet, 1, request, "modbus read 10.20.2.11 1 holding 40 1", output), 0);
    assert_non_null(strstr(output, "11100"));
}

static void test_a_daemon_is_cut_hangs_and_dies(void **state)
{
    struct fleet *fleet = *state;
    struct fleet_host *far = &fleet->hosts[0], *other = &fleet->hosts[1];
    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_PROBE, -1), 0);
    assert_true(far->progress > 0);
    bring_up(fleet, 1);
    assert_int_equal(
        fleet_run(fleet, 1, 1, "modbus write 10.20.2.11 1 holding 40 11100", output), 0);
    fleet_wait_field(fleet, 1);

    static const char *const faults[][2] = {
        {"CUT", "HEAL"}, {"STOP", "GO"}, {"KILL", "START"}};

    for (int i = 0; i < 3; i++) {
        print_message("fault: %s\n", faults[i][0]);
        far->progress = 0;
        assert_int_equal(fleet_shell(1, faults[i][0], ""), 0);
        (void)fleet_call_for(fleet, 1, YW_VIRT_LINK, FLEET_PLC, 2000);
        assert_int_equal(fleet_call_for(fleet, 2, YW_VIRT_LIST, -1, 60000), 0);
        wait_count(fleet, &far->downs, i + 1);
        assert_true(fleet_call_for(fleet, 1, YW_VIRT_LIST, -1, 2000) < 0);
        assert_int_equal(fleet_shell(1, faults[i][1], ""), 0);
        wait_count(fleet, &far->ups, i + 1);
        assert_same_machines(fleet, (uint32_t)i + 2);
        assert_int_equal(far->progress, 0);
    }
    assert_int_equal(other->downs, 0);
    assert_int_equal(far->losses, 0);
}

static void test_a_network_cannot_span(void **state)
{
    struct fleet *fleet = *state;

    assert_int_equal(fleet_span(fleet, 1, 2), YW_ESTATE);
}

/* Its programs are in a file of its own, which has to be there, too. */
static void test_a_packaged_machine(void **state)
{
    struct fleet *fleet = *state;

    YW_COPY(fleet->machines[FLEET_ATTACKER].image, "jump");
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_PROBE, -1), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_NETWORK_UP, -1), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_MACHINE_UP, FLEET_ATTACKER), 0);
}

/* The broker that speaks to the host, both of its processes. */
static void kill_broker(const struct fleet *fleet, int host)
{
    assert_true(processes(" broker ", fleet->hosts[host - 1].config.data_dir, SIGKILL) >
                0);
}

static int copies_that_run(struct fleet *fleet, int machine)
{
    int count = 0;

    for (int host = 1; host <= 2; host++) {
        struct yw_virt_call *call = yw_new(sizeof(*call));
        struct fleet_answer answer;

        fleet_begin(fleet, host, call, &answer, YW_VIRT_LIST, -1);
        assert_int_equal(fleet_wait(fleet, &answer), 0);
        for (size_t i = 0; i < call->found_count; i++)
            count += call->found[i].running &&
                     strcmp(call->found[i].uuid, fleet->machines[machine].uuid) == 0;
        free(call->found);
        free(call);
    }
    return count;
}

/* Whoever moved it is killed in between: there is one of it, and it answers where it is. */
static void kill_a_move(struct fleet *fleet, int64_t after_ms)
{
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct fleet_answer answer;
    int ups = fleet->hosts[0].ups;

    YW_COPY(call->target, fleet->hosts[1].config.uri);
    fleet_begin(fleet, 1, call, &answer, YW_VIRT_MOVE, FLEET_PLC);
    fleet_turn(fleet, after_ms);
    kill_broker(fleet, 1);
    int code = fleet_wait(fleet, &answer);

    free(call);
    wait_count(fleet, &fleet->hosts[0].ups, ups + 1);
    for (int i = 0; i < 50 && copies_that_run(fleet, FLEET_PLC) != 1; i++)
        fleet_turn(fleet, 200); /* the daemons end it between themselves */
    assert_int_equal(copies_that_run(fleet, FLEET_PLC), 1);
    bool here = fleet_call(fleet, 1, YW_VIRT_MACHINE_FIND, FLEET_PLC) == 0;
    bool there = fleet_call(fleet, 2, YW_VIRT_MACHINE_FIND, FLEET_PLC) == 0;

    print_message("move killed after %lld ms: %d; it is %s\n", (long long)after_ms, code,
                  here ? "where it was" : "where it was to go");
    assert_true(here != there);
}

/* It keeps its memory: a register has what was written to it on the other host. */
static void test_a_machine_moves(void **state)
{
    struct fleet *fleet = *state;
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct fleet_answer answer;
    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_PROBE, -1), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_PROBE, -1), 0);
    bring_up(fleet, 1);
    assert_int_equal(
        fleet_run(fleet, 1, 1, "modbus write 10.20.2.11 1 holding 40 11100", output), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_NETWORK_UP, -1), 0);

    /* To where no daemon answers: refused, and it goes on here. */
    YW_COPY(call->target, "qemu+tcp://10.99.0.99/system");
    call->deadline_ms = 90000;
    fleet_begin(fleet, 1, call, &answer, YW_VIRT_MOVE, FLEET_PLC);
    assert_int_equal(fleet_wait(fleet, &answer), YW_ESTATE);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_MACHINE_FIND, FLEET_PLC), 0);
    kill_a_move(fleet, 150);
    for (int i = 0; i < FLEET_MACHINES; i++) {
        if (fleet_call(fleet, 2, YW_VIRT_MACHINE_FIND, i) == 0)
            continue; /* the move that was killed came to its end */
        memset(call, 0, sizeof(*call));
        YW_COPY(call->target, fleet->hosts[1].config.uri);
        fleet_begin(fleet, 1, call, &answer, YW_VIRT_MOVE, i);
        assert_int_equal(fleet_wait(fleet, &answer), 0);
        assert_int_equal(fleet_call(fleet, 2, YW_VIRT_MACHINE_FIND, i), 0);
    }
    free(call);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_LIST, -1), 1);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_LIST, -1), 3);
    assert_int_equal(
        fleet_run(fleet, 2, 2, "modbus read 10.20.2.11 1 holding 40 1", output), 0);
    assert_non_null(strstr(output, "11100"));
    assert_int_equal(fleet->hosts[0].losses, 0);
}

/* Certificates: who signed it is not enough, the name decides. */
static void test_certificates(void **state)
{
    struct fleet *fleet = *state;
    struct yw_virt_call *call = yw_new(sizeof(*call));
    struct fleet_answer answer;
    char tail[200];

    (void)snprintf(tail, sizeof(tail), "?pkipath=%s/wrong", getenv("YW_FAR_PKI"));
    open_daemon(fleet, 1, "tls", tail);
    (void)snprintf(tail, sizeof(tail), "?pkipath=%s/good", getenv("YW_FAR_PKI"));
    open_daemon(fleet, 2, "tls", tail);
    call->deadline_ms = 8000;
    fleet_begin(fleet, 1, call, &answer, YW_VIRT_LIST, -1);
    assert_int_equal(fleet_wait(fleet, &answer), YW_ETIMEOUT);
    assert_non_null(strstr(answer.text, "certificate"));
    free(call);
    yw_virt_close(fleet->hosts[0].virt);
    fleet->hosts[0].virt = NULL;

    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_PROBE, -1), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_NETWORK_UP, -1), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_MACHINE_UP, FLEET_ATTACKER), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_MACHINE_SETUP, FLEET_ATTACKER), 0);
    assert_int_equal(fleet_run(fleet, 2, 1, "addr", output), 0);
    assert_non_null(strstr(output, "10.20.2.66"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tcp[] = {
        cmocka_unit_test_setup_teardown(test_a_daemon_is_cut_hangs_and_dies, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_network_cannot_span, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_packaged_machine, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_machine_moves, setup, teardown),
    };
    const struct CMUnitTest tls[] = {
        cmocka_unit_test_setup_teardown(test_certificates, setup_empty, teardown),
    };

    yw_log_setup("range_virt_daemon", YW_LOG_INFO, false, STDERR_FILENO);
    if (argc > 1 && strcmp(argv[1], "broker") == 0)
        return yw_broker_run(argc - 1, argv + 1);
    assert_int_equal(yw_hash_setup(), 0);
    int status = fleet_check();

    if (status)
        return status;
    return argc > 1 && strcmp(argv[1], "tls") == 0
               ? cmocka_run_group_tests_name("virt_daemon_tls", tls, NULL, NULL)
               : cmocka_run_group_tests_name("virt_daemon", tcp, NULL, NULL);
}
