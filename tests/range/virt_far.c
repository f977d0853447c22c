/* Brokers that run on far hosts, over a line that can be cut: images travel once, two
 * machines on two hosts talk through a VXLAN, a host that is cut off is shown and found
 * again with its machine, and another build is refused. Run by tests/libvirt/far.py. */
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "range/fleet.h"

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

#define HEALED_MS 60000

static int setup(void **state)
{
    struct fleet *fleet = yw_new(sizeof(*fleet));

    fleet_init(fleet);
    fleet_open_far(fleet, 1, "DIAL");
    fleet_open_far(fleet, 2, "ENTER");
    *state = fleet;
    return 0;
}

static int teardown(void **state)
{
    struct fleet *fleet = *state;

    for (int host = 1; host <= 2; host++) {
        (void)fleet_shell(host, "HEAL", "");
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_SWEEP, -1), 0);
        assert_int_equal(fleet_call(fleet, host, YW_VIRT_LIST, -1), 0);
        assert_int_not_equal(
            fleet_shell(host, "ENTER", " ip -o link | grep -E ' (yw|vnet)'"), 0);
    }
    fleet_fini(fleet);
    free(fleet);
    return 0;
}

static void bring_up(struct fleet *fleet)
{
    const int hosts[FLEET_MACHINES] = {1, 2};

    assert_int_equal(fleet_span(fleet, 1, 2), 0);
    assert_int_equal(fleet_span(fleet, 2, 1), 0);
    for (int i = 0; i < FLEET_MACHINES; i++) {
        assert_int_equal(fleet_call(fleet, hosts[i], YW_VIRT_MACHINE_UP, i), 0);
        assert_int_equal(fleet_call(fleet, hosts[i], YW_VIRT_MACHINE_SETUP, i), 0);
    }
}

static void wait_ups(struct fleet *fleet, int host, int ups)
{
    for (int64_t left = HEALED_MS; fleet->hosts[host - 1].ups < ups && left > 0;
         left -= 100)
        fleet_turn(fleet, 100);
    assert_int_equal(fleet->hosts[host - 1].ups, ups);
}

static void test_two_hosts_are_one_range(void **state)
{
    struct fleet *fleet = *state;
    char output[YW_VIRT_OUTPUT_MAX];

    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_PROBE, -1), 0);
    assert_int_equal(fleet_call(fleet, 2, YW_VIRT_PROBE, -1), 0);
    assert_true(fleet->hosts[0].progress > 0);
    assert_int_equal(fleet_shell(1, "ENTER", " test -s $YW_FAR1_DATA/images/vmlinux"), 0);
    bring_up(fleet);
    assert_int_equal(
        fleet_run(fleet, 2, 1, "modbus write 10.20.2.11 1 holding 40 11100", output), 0);
    assert_int_equal(
        fleet_run(fleet, 2, 2, "modbus read 10.20.2.11 1 holding 40 1", output), 0);
    assert_non_null(strstr(output, "11100"));

    /* Cut: shown in time, the other goes on, nobody hangs. */
    int64_t before = fleet->hosts[0].fields, start = 0;
    struct yw_clock clock = *yw_loop_clock(fleet->loop);

    assert_true(before > 0);
    assert_int_equal(fleet_shell(1, "CUT", ""), 0);
    start = yw_clock_mono_ms(&clock);
    assert_int_equal(fleet_call_for(fleet, 1, YW_VIRT_MACHINE_FIND, FLEET_PLC, 3000),
                     YW_ETIMEOUT);
    assert_int_equal(fleet_run(fleet, 2, 3, "addr", output), 0);
    assert_int_equal(fleet_run(fleet, 2, 4, "ping 10.20.2.11", output), 1);
    while (fleet->hosts[0].downs == 0)
        fleet_turn(fleet, 100);
    print_message("shown after %lld ms\n", (long long)(yw_clock_mono_ms(&clock) - start));
    assert_int_equal(fleet->hosts[1].downs, 0);

    /* Healed: the same machine, with what it had in its registers. */
    assert_int_equal(fleet_shell(1, "HEAL", ""), 0);
    fleet->hosts[0].progress = 0;
    wait_ups(fleet, 1, 1);
    assert_int_equal(fleet->hosts[0].progress, 0); /* no image travelled again */
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_MACHINE_FIND, FLEET_PLC), 0);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_MACHINE_UP, FLEET_PLC), 0);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_LIST, -1), 2);
    assert_int_equal(
        fleet_run(fleet, 2, 5, "modbus read 10.20.2.11 1 holding 40 1", output), 0);
    assert_non_null(strstr(output, "11100"));
}

/* The broker there stands still without an end to its connection. */
static void test_a_hung_broker_is_replaced(void **state)
{
    struct fleet *fleet = *state;

    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_PROBE, -1), 0);
    assert_int_equal(
        fleet_shell(1, "ENTER",
                    " sh -c 'for p in /proc/[0-9]*; do grep -qs -- --stdio $p/cmdline && "
                    "[ \"$(cut -d\" \" -f1 $p/comm)\" = range_virt_far ] && kill -STOP "
                    "${p#/proc/}; done; true'"),
        0);
    while (fleet->hosts[0].downs == 0)
        fleet_turn(fleet, 100);
    assert_int_equal(fleet_call_for(fleet, 2, YW_VIRT_LIST, -1, 10000), 0);
    assert_int_equal(
        fleet_shell(1, "ENTER",
                    " sh -c 'for p in /proc/[0-9]*; do grep -qs -- --stdio $p/cmdline && "
                    "kill -CONT ${p#/proc/}; done; true'"),
        0);
    wait_ups(fleet, 1, 1);
    assert_int_equal(fleet_call(fleet, 1, YW_VIRT_LIST, -1), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_hosts_are_one_range, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_hung_broker_is_replaced, setup, teardown),
    };

    yw_log_setup("range_virt_far", YW_LOG_INFO, false, STDERR_FILENO);
    if (argc > 1 && strcmp(argv[1], "broker") == 0)
        return yw_broker_run(argc - 1, argv + 1);
    assert_int_equal(yw_hash_setup(), 0);
    int status = fleet_check();

    return status ? status : cmocka_run_group_tests_name("virt_far", tests, NULL, NULL);
}
