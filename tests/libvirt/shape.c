/* A slower link: the kernel's own queues, measured as a ratio. */
#include "seat.h"

#include "base/mem.h"
#include "virt/net/bridge.h"
#include "virt/net/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define BRIDGE "yw1a2b3c-0"
#define FROM "yw1a2b3ct0n0"
#define TO "yw1a2b3ct1n0"
#define FRAMES 1000
#define SIZE 1400
#define SKIP 77

/* Of FRAMES sent at once, those that come within a second. */
static int arrived(const struct seat *from, const struct seat *to)
{
    uint8_t frame[SIZE] = {0};
    int count = 0;

    memset(frame, 0xff, 6);
    memcpy(frame + 6, from->mac, 6);
    memcpy(frame + 12, "\x88\xb5", 2); /* not IP: a host's firewall cuts that to length */
    for (int i = 0; i < FRAMES; i++) {
        (void)send(from->fd, frame, SIZE, 0);
        count += seat_frames(to, SIZE, 0);
    }
    count += seat_frames(to, SIZE, 1000);
    print_message("%d of %d\n", count, FRAMES);
    return count;
}

static void test_bandwidth(void **state)
{
    struct yw_shape slow = {.bandwidth_kbit = 1000}, fast = {.bandwidth_kbit = 1000000},
                    none = {0};
    struct seat from, to;
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    seat_open(&from, FROM, BRIDGE, 11);
    seat_open(&to, TO, BRIDGE, 12);
    assert_true(arrived(&from, &to) > FRAMES * 9 / 10);
    if (yw_shape_set(TO, &slow, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(yw_shape_set(TO, &slow, NULL), 0); /* again */
    int slowly = arrived(&from, &to); /* 125 kB, a burst of 16 and a queue of 32 */

    assert_in_range(slowly, 10, FRAMES / 3);
    assert_int_equal(yw_shape_set(TO, &fast, NULL), 0);
    assert_true(arrived(&from, &to) > 2 * slowly);
    seat_sh("tc qdisc show dev %s | grep -q tbf", TO);
    assert_int_equal(yw_shape_set(TO, &none, NULL), 0);
    assert_int_equal(yw_shape_set(TO, &none, NULL), 0);
    seat_sh("! tc qdisc show dev %s | grep -q tbf", TO);
    assert_true(arrived(&from, &to) > FRAMES * 9 / 10);
    seat_close(&from);
    seat_close(&to);
    assert_int_equal(yw_bridge_down(BRIDGE, NULL), 0);
}

/* What the probe says is what happens, and nothing of it is left. */
static void test_probe_is_right(void **state)
{
    struct yw_shape delay = {.delay_ms = 40}, both = {.bandwidth_kbit = 8, .delay_ms = 1};
    bool has_bandwidth, has_delay;
    struct yw_err err = {0};

    (void)state;
    yw_shape_probe(&has_bandwidth, &has_delay);
    assert_true(has_bandwidth);
    seat_sh("! ip link show | grep -q ywprobe");
    seat_sh("ip link add v0 type veth peer name v1");
    assert_int_equal(yw_shape_set("v0", &delay, &err), has_delay ? 0 : YW_ENOTFOUND);
    assert_int_equal(yw_shape_set("v0", &both, &err), has_delay ? 0 : YW_ENOTFOUND);
    if (!has_delay) /* all or nothing */
        seat_sh("! tc qdisc show dev v0 | grep -q tbf");
    assert_int_equal(yw_shape_set("none-such", &both, &err), YW_ENOTFOUND);
    seat_sh("ip link del v0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bandwidth),
        cmocka_unit_test(test_probe_is_right),
    };
    bool has_bandwidth = false, has_delay;

    if (seat_house())
        yw_shape_probe(&has_bandwidth, &has_delay);
    if (!has_bandwidth) {
        (void)fprintf(stderr, "skipped: needs root, namespaces and the tbf queue\n");
        return SKIP;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
