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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define BRIDGE "yw1a2b3c-0"
#define FROM "yw1a2b3ct0n0"
#define TO "yw1a2b3ct1n0"
#define FRAMES 1000
#define SIZE 1400
#define SKIP 77

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of FRAMES sent at once, those that come within a second of the last; that took *ret_ms. */
static int arrived(const struct seat *from, const struct seat *to, int64_t *ret_ms)
{
    uint8_t frame[SIZE] = {0};
    int64_t start_ms = now_ms();
    int count = 0;

    memset(frame, 0xff, 6);
    memcpy(frame + 6, from->mac, 6);
    memcpy(frame + 12, "\x88\xb5", 2); /* not IP: a host's firewall cuts that to length */
    for (int i = 0; i < FRAMES; i++) {
        (void)send(from->fd, frame, SIZE, 0);
        count += seat_frames(to, SIZE, 0);
    }
    count += seat_frames(to, SIZE, 1000);
    *ret_ms = now_ms() - start_ms;
    print_message("%d of %d\n", count, FRAMES);
    return count;
}

static void test_bandwidth(void **state)
{
    struct yw_shape slow = {.bandwidth_kbit = 1000}, fast = {.bandwidth_kbit = 1000000},
                    none = {0};
    struct seat from, to;
    struct yw_err err;
    int64_t took_ms;

    (void)state;
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    seat_open(&from, FROM, BRIDGE, 11);
    seat_open(&to, TO, BRIDGE, 12);
    assert_true(arrived(&from, &to, &took_ms) > FRAMES * 9 / 10);
    if (yw_shape_set(TO, &slow, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(yw_shape_set(TO, &slow, NULL), 0); /* again */
    int slowly = arrived(&from, &to, &took_ms);

    /* 125 kB a second, a burst of 16 and a queue of 32; as much again for a late clock */
    assert_in_range(slowly, 10, 2 * (48000 + 125 * took_ms) / SIZE);
    assert_int_equal(yw_shape_set(TO, &fast, NULL), 0);
    assert_true(arrived(&from, &to, &took_ms) > slowly);
    seat_sh("tc qdisc show dev %s | grep -q tbf", TO);
    assert_int_equal(yw_shape_set(TO, &none, NULL), 0);
    assert_int_equal(yw_shape_set(TO, &none, NULL), 0);
    seat_sh("! tc qdisc show dev %s | grep -q tbf", TO);
    assert_true(arrived(&from, &to, &took_ms) > FRAMES * 9 / 10);
    seat_close(&from);
    seat_close(&to);
    assert_int_equal(yw_bridge_down(BRIDGE, NULL), 0);
}

/* Where the kernel has the queue, a late link is late: nothing comes before its time. */
static void test_delay(void **state)
{
    struct yw_shape late = {.delay_ms = 3000};
    struct yw_shape_queues queues;
    uint8_t frame[SEAT_FRAME_MAX];
    struct seat from, to;

    (void)state;
    yw_shape_probe(&queues);
    if (!queues.netem) {
        print_message("no netem queue here: refused, see the probe\n");
        return;
    }
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    seat_open(&from, FROM, BRIDGE, 11);
    seat_open(&to, TO, BRIDGE, 12);
    assert_int_equal(yw_shape_set(TO, &late, NULL), 0);
    uint32_t mark = seat_mark();
    size_t size = seat_udp(frame, from.mac, from.address, to.address, 1000, 7777, mark);

    seat_send(&from, frame, size);
    assert_false(seat_hears(&to, mark, 200));
    assert_true(seat_hears(&to, mark, 60000));
    seat_close(&from);
    seat_close(&to);
    assert_int_equal(yw_bridge_down(BRIDGE, NULL), 0);
}

/* What the probe says is what happens, and nothing of it is left. */
static void test_probe_is_right(void **state)
{
    struct yw_shape delay = {.delay_ms = 40}, both = {.bandwidth_kbit = 8, .delay_ms = 1};
    struct yw_shape_queues queues;
    struct yw_err err = {0};

    (void)state;
    yw_shape_probe(&queues);
    assert_true(queues.tbf);
    bool has_delay = queues.netem;

    seat_sh("ip link add h0 type dummy || ip link add h0 type veth peer name h1");
    assert_int_equal(seat_try("tc qdisc add dev h0 root htb 2>/dev/null") == 0,
                     queues.htb);
    seat_sh("ip link del h0");
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
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_probe_is_right),
    };
    struct yw_shape_queues queues = {0};

    if (seat_house())
        yw_shape_probe(&queues);
    if (!queues.tbf) {
        (void)fprintf(stderr, "skipped: needs root, namespaces and the tbf queue\n");
        return SKIP;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
