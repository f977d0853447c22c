/* What a machine may send: real nftables, real frames, a namespace for each machine. */
#include "seat.h"

#include "base/mem.h"
#include "virt/net/bridge.h"
#include "virt/net/guard.h"
#include "virt/net/mirror.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DRILL "guarded"
#define QUIET_MS 120
#define SOON_MS 60000
#define BEHIND 0xc0000202u /* 192.0.2.2, behind the host */
#define HOST 0xc6336401u   /* 198.51.100.1, on the host's loopback */
#define SKIP 77

enum { PLAIN, OTHER, SPOOFER, ROUTER, MUTE, SEATS };

struct bench {
    char bridge[YW_PLAN_BRIDGE_MAX];
    struct yw_guard_port ports[SEATS];
    struct seat seats[SEATS];
};

static const uint8_t plain_local[16] = {0xfe, 0x80, 0, 0,    0,    0, 0, 0,
                                        0x50, 0x54, 0, 0xff, 0xfe, 0, 0, 11};
static const uint8_t other_local[16] = {0xfe, 0x80, 0, 0,    0,    0, 0, 0,
                                        0x50, 0x54, 0, 0xff, 0xfe, 0, 0, 12};

static void open_bench(struct bench *bench)
{
    char prefix[YW_PLAN_BRIDGE_MAX];
    struct yw_err err;

    memset(bench, 0, sizeof(*bench));
    yw_plan_prefix(DRILL, prefix);
    (void)snprintf(bench->bridge, sizeof(bench->bridge), "%.8s-0", prefix);
    assert_int_equal(yw_bridge_up(bench->bridge, DRILL, NULL), 0);
    for (int i = 0; i < SEATS; i++) {
        struct yw_guard_port *port = &bench->ports[i];

        (void)snprintf(port->tap, sizeof(port->tap), "%.8st%dn0", prefix, i);
        (void)snprintf(port->mac, sizeof(port->mac), "52:54:00:00:00:%02x", 11 + i);
        port->address = i == MUTE ? 0 : 0x0a14020bu + (uint32_t)i;
        port->spoof = i == SPOOFER;
        port->routes = i == ROUTER;
    }
    if (yw_guard_up(DRILL, bench->bridge, bench->ports, SEATS, &err) < 0)
        fail_msg("%s", err.text);
    for (int i = 0; i < SEATS; i++)
        seat_open(&bench->seats[i], bench->ports[i].tap, bench->bridge,
                  (uint8_t)(11 + i));
}

static void close_bench(struct bench *bench)
{
    for (int i = 0; i < SEATS; i++)
        seat_close(&bench->seats[i]);
    assert_int_equal(yw_bridge_down(bench->bridge, NULL), 0);
    assert_int_equal(yw_guard_down(DRILL, NULL), 0);
}

/* Does it come to the machine OTHER? */
static bool passes(const struct bench *bench, int from, const uint8_t *frame, size_t size,
                   uint32_t mark, bool expected)
{
    seat_send(&bench->seats[from], frame, size);
    return seat_hears(&bench->seats[OTHER], mark, expected ? SOON_MS : QUIET_MS);
}

/* What a machine says of itself, and the like with one word wrong. */
enum lie {
    UDP_OWN,
    ARP_OWN,
    ARP_PROBE,
    SOLICIT_OWN,
    ADVERT_OWN,
    TRUTHS,
    UDP_MAC = TRUTHS,
    UDP_ADDRESS,
    DHCP_SERVER,
    ARP_MAC,
    ARP_SAYS_MAC,
    ARP_SAYS_ADDRESS,
    ROUTER_ADVERT,
    REDIRECT,
    ADVERT_OTHER,
    LOCAL_OTHER,
    VLAN_TAG,
    LIES
};

static const char *const names[LIES] = {
    "udp own",       "arp own",           "arp probe",        "solicit own",
    "advert own",    "udp mac",           "udp address",      "dhcp server",
    "arp frame mac", "arp mac",           "arp address",      "router advert",
    "redirect",      "advert of another", "local of another", "vlan tag"};

static size_t insert_tag(uint8_t frame[SEAT_FRAME_MAX], size_t size)
{
    memmove(frame + 16, frame + 12, size - 12);
    memcpy(frame + 12, "\x81\x00\x00\x01", 4);
    return size + 4;
}

static size_t say(uint8_t frame[SEAT_FRAME_MAX], const struct seat *me,
                  const struct seat *you, enum lie lie, uint32_t mark)
{
    const uint8_t *local = me->mac[5] == 11 ? plain_local : other_local;

    switch (lie) {
    case UDP_OWN:
        return seat_udp(frame, me->mac, me->address, you->address, 1, 2, mark);
    case ARP_OWN:
        return seat_arp(frame, me->mac, me->mac, me->address, you->address, true, mark);
    case ARP_PROBE:
        return seat_arp(frame, me->mac, me->mac, 0, me->address, false, mark);
    case SOLICIT_OWN:
        return seat_icmp6(frame, me->mac, local, 135, other_local, mark);
    case ADVERT_OWN:
        return seat_icmp6(frame, me->mac, local, 136, local, mark);
    case UDP_MAC:
        return seat_udp(frame, you->mac, me->address, you->address, 1, 2, mark);
    case UDP_ADDRESS:
        return seat_udp(frame, me->mac, 0x0a1402feu, you->address, 1, 2, mark);
    case DHCP_SERVER:
        return seat_udp(frame, me->mac, me->address, 0xffffffffu, 67, 68, mark);
    case ARP_MAC:
        return seat_arp(frame, you->mac, me->mac, me->address, you->address, true, mark);
    case ARP_SAYS_MAC:
        return seat_arp(frame, me->mac, you->mac, me->address, you->address, true, mark);
    case ARP_SAYS_ADDRESS:
        return seat_arp(frame, me->mac, me->mac, 0x0a1402feu, you->address, true, mark);
    case ROUTER_ADVERT:
        return seat_icmp6(frame, me->mac, local, 134, local, mark);
    case REDIRECT:
        return seat_icmp6(frame, me->mac, local, 137, local, mark);
    case ADVERT_OTHER:
        return seat_icmp6(frame, me->mac, plain_local, 136,
                          (const uint8_t *)"\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01",
                          mark);
    case LOCAL_OTHER:
        return seat_icmp6(frame, me->mac, other_local, 135, other_local, mark);
    case VLAN_TAG:
        return insert_tag(
            frame, seat_udp(frame, me->mac, me->address, you->address, 1, 2, mark));
    case LIES:
        break;
    }
    return 0;
}

/* Sends each of them; `bits` has one for each that shall come through. */
static void expect(const struct bench *bench, int from, uint32_t bits)
{
    for (enum lie lie = 0; lie < LIES; lie++) {
        uint8_t frame[SEAT_FRAME_MAX];
        uint32_t mark = seat_mark();
        bool wanted = (bits >> lie & 1) != 0;
        size_t size = say(frame, &bench->seats[from], &bench->seats[OTHER], lie, mark);

        if (passes(bench, from, frame, size, mark, wanted) != wanted)
            fail_msg("%s: %s", names[lie], wanted ? "dropped" : "came through");
    }
}

#define ALL_TRUTHS ((1u << TRUTHS) - 1)
#define ALL ((1u << LIES) - 1)

static void test_only_the_truth(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench);
    expect(&bench, PLAIN, ALL_TRUTHS);
    assert_int_equal(yw_guard_down(DRILL, NULL), 0);
    expect(&bench, PLAIN, ALL); /* so the frames were good and the rules did it */
    close_bench(&bench);
}

static void test_spoofer(void **state)
{
    uint32_t ipv4 = 1u << UDP_OWN | 1u << ARP_OWN | 1u << ARP_PROBE;
    struct bench bench;

    (void)state;
    open_bench(&bench);
    expect(&bench, SPOOFER, ipv4 | 1u << UDP_ADDRESS | 1u << ARP_SAYS_ADDRESS);
    close_bench(&bench);
}

/* Packets of others pass a router, their addresses in ARP do not. */
static void test_router(void **state)
{
    uint32_t ipv4 = 1u << UDP_OWN | 1u << ARP_OWN | 1u << ARP_PROBE;
    struct bench bench;

    (void)state;
    open_bench(&bench);
    expect(&bench, ROUTER, ipv4 | 1u << UDP_ADDRESS);
    close_bench(&bench);
}

static void test_mute(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench);
    expect(&bench, MUTE, 0);
    close_bench(&bench);
}

/* PLAIN says it to OTHER: the listener hears it, once, or not at all. */
static void expect_copy(const struct bench *bench, const struct seat *listener,
                        bool wanted)
{
    const struct seat *me = &bench->seats[PLAIN], *you = &bench->seats[OTHER];
    uint8_t frame[SEAT_FRAME_MAX];
    uint32_t mark = seat_mark();
    size_t size = seat_udp(frame, me->mac, me->address, you->address, 1, 2, mark);

    seat_send(me, frame, size);
    assert_true(seat_hears(you, mark, SOON_MS));
    assert_int_equal(seat_hears(listener, mark, wanted ? SOON_MS : QUIET_MS), wanted);
    assert_int_equal(seat_frames(listener, size, QUIET_MS), 0);
}

/* What one machine says comes once to the bridge of copies, also when it was made anew;
 * what the listener there says comes nowhere. */
static void test_copies(void **state)
{
    struct yw_guard_port port = {.mac = "52:54:00:00:00:63"};
    struct yw_plan_machine machine = {.name = "plain", .nic_count = 1};
    struct seat listener;
    struct bench bench;
    char prefix[YW_PLAN_BRIDGE_MAX], bridge[YW_PLAN_BRIDGE_MAX];

    (void)state;
    open_bench(&bench);
    yw_plan_prefix(DRILL, prefix);
    (void)snprintf(bridge, sizeof(bridge), "%.8s-1", prefix);
    (void)snprintf(port.tap, sizeof(port.tap), "%.8st9n1", prefix);
    YW_COPY(machine.nics[0].tap, bench.ports[PLAIN].tap);
    YW_COPY(machine.nics[0].mirror, bridge);
    assert_int_equal(yw_bridge_up(bridge, DRILL, NULL), 0);
    assert_int_equal(yw_guard_up(DRILL, bridge, &port, 1, NULL), 0);
    seat_open(&listener, port.tap, bridge, 99);
    expect_copy(&bench, &listener, false);
    for (int round = 0; round < 2; round++) {
        struct yw_err err = {0};

        if (yw_mirror_up(DRILL, &machine, &err) < 0 ||
            yw_mirror_up(DRILL, &machine, &err) < 0)
            fail_msg("%s", err.text);
        expect_copy(&bench, &listener, true);
        seat_close(&bench.seats[PLAIN]);
        (void)seat_try("ip link del %s 2>/dev/null", bench.ports[PLAIN].tap);
        seat_open(&bench.seats[PLAIN], bench.ports[PLAIN].tap, bench.bridge, 11);
    }
    struct seat mute = bench.seats[MUTE];

    bench.seats[MUTE] = listener; /* from the bridge of copies nothing comes anywhere */
    expect(&bench, MUTE, 0);
    bench.seats[MUTE] = mute;
    seat_close(&listener);
    yw_mirror_down(DRILL);
    assert_int_equal(yw_bridge_down(bridge, NULL), 0);
    close_bench(&bench);
    seat_sh("test -z \"$(nft list tables)\"");
}

/* A second network, the first again, and a machine that comes back: nothing is lost. */
static void test_rules_hold(void **state)
{
    struct yw_guard_port more = {.mac = "52:54:00:00:00:77", .address = 0x0a140377u};
    struct bench bench;
    char prefix[YW_PLAN_BRIDGE_MAX], bridge[YW_PLAN_BRIDGE_MAX];

    (void)state;
    open_bench(&bench);
    yw_plan_prefix(DRILL, prefix);
    (void)snprintf(bridge, sizeof(bridge), "%.8s-1", prefix);
    (void)snprintf(more.tap, sizeof(more.tap), "%.8st9n1", prefix);
    assert_int_equal(yw_guard_up(DRILL, bridge, &more, 1, NULL), 0);
    assert_int_equal(yw_guard_up(DRILL, bench.bridge, bench.ports, SEATS, NULL), 0);
    seat_close(&bench.seats[PLAIN]);
    (void)seat_try("ip link del %s 2>/dev/null", bench.ports[PLAIN].tap);
    seat_open(&bench.seats[PLAIN], bench.ports[PLAIN].tap, bench.bridge, 11);
    expect(&bench, PLAIN, ALL_TRUTHS);
    close_bench(&bench);
}

/* A tap of the drill that no rule knows says nothing at all. */
static void test_unknown_tap(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench);
    assert_int_equal(yw_guard_down(DRILL, NULL), 0);
    assert_int_equal(yw_guard_up(DRILL, bench.bridge, &bench.ports[OTHER], 1, NULL), 0);
    expect(&bench, PLAIN, 0);
    close_bench(&bench);
}

/* The rules alone, on a bridge where the kernel's own switches are turned the wrong way.
 */
static void test_host_and_beyond(void **state)
{
    struct seat outside;
    struct bench bench;
    int host = seat_listen(7777);

    (void)state;
    seat_sh("ip addr add 198.51.100.1/32 dev lo");
    seat_sh("ip link add far type bridge && ip link set far up");
    seat_open(&outside, "outside", "far", 99);
    seat_sh("ip addr add 192.0.2.1/24 dev far");
    seat_sh("ip neigh add 192.0.2.2 lladdr 52:54:00:00:00:63 dev far");
    seat_sh("echo 1 > /proc/sys/net/ipv4/ip_forward");
    open_bench(&bench);
    seat_sh("ip link set %s arp on && ip addr add 10.20.2.1/24 dev %s", bench.bridge,
            bench.bridge);
    seat_sh("echo 1 > /proc/sys/net/ipv4/conf/%s/forwarding", bench.bridge);
    for (int open = 0; open < 2; open++) {
        uint32_t mark = seat_mark();

        seat_send_to(&bench.seats[PLAIN], bench.bridge, HOST, 1);
        assert_int_equal(seat_receives(host, open ? SOON_MS : QUIET_MS), open);
        seat_send_to(&bench.seats[PLAIN], bench.bridge, BEHIND, mark);
        assert_int_equal(seat_hears(&outside, mark, open ? SOON_MS : QUIET_MS), open);
        mark = seat_mark();
        seat_send_to(&outside, "far", bench.seats[PLAIN].address, mark);
        assert_int_equal(seat_hears(&bench.seats[PLAIN], mark, open ? SOON_MS : QUIET_MS),
                         open);
        assert_int_equal(yw_guard_down(DRILL, NULL), 0);
    }
    (void)close(host);
    seat_close(&outside);
    close_bench(&bench);
}

/* Where the host runs bridged packets through its firewall, those inside still pass. */
static void test_bridge_netfilter(void **state)
{
    struct bench bench;

    (void)state;
    if (access("/proc/sys/net/bridge/bridge-nf-call-iptables", W_OK) != 0)
        skip();
    seat_sh("echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables");
    open_bench(&bench);
    expect(&bench, PLAIN, ALL_TRUTHS);
    close_bench(&bench);
}

static void test_nothing_left(void **state)
{
    struct bench bench;
    bool found = false;

    (void)state;
    assert_int_equal(yw_guard_check(NULL), 0);
    open_bench(&bench);
    assert_int_equal(yw_guard_find(DRILL, &found, NULL), 0);
    assert_true(found);
    assert_int_equal(yw_guard_find("another", &found, NULL), 0);
    assert_false(found);
    close_bench(&bench);
    assert_int_equal(yw_guard_find(DRILL, &found, NULL), 0);
    assert_false(found);
    assert_int_equal(yw_guard_down(DRILL, NULL), 0);
    seat_sh("test -z \"$(nft list tables)\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_truth),  cmocka_unit_test(test_spoofer),
        cmocka_unit_test(test_rules_hold),      cmocka_unit_test(test_unknown_tap),
        cmocka_unit_test(test_host_and_beyond), cmocka_unit_test(test_bridge_netfilter),
        cmocka_unit_test(test_router),          cmocka_unit_test(test_mute),
        cmocka_unit_test(test_copies),          cmocka_unit_test(test_nothing_left),
    };
    struct yw_err err = {0};

    if (!seat_house() || yw_guard_check(&err) < 0) {
        (void)fprintf(stderr,
                      "skipped: needs root, network namespaces and nftables: %s\n",
                      err.text);
        return SKIP;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
