/* Bridges and VXLANs of ours in a network namespace of the test's own: whose they are,
 * what the host shows of itself on them, two hosts joined. */
#include "seat.h"

#include "base/mem.h"
#include "virt/net/bridge.h"

#include <linux/if_ether.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define BRIDGE "yw1a2b3c-0"
#define HOST 0xc6336401u   /* 198.51.100.1, on the host's loopback */
#define BEHIND 0xc0000202u /* 192.0.2.2, behind the host */
#define QUIET_MS 250
#define SOON_MS 60000
#define SKIP 77

static size_t count(const char *drill)
{
    struct yw_vec list;

    yw_vec_init(&list, sizeof(struct yw_bridge), 64);
    assert_int_equal(yw_bridge_list(&list, drill, NULL), 0);
    size_t found = list.count;

    yw_vec_fini(&list);
    return found;
}

static void test_whose(void **state)
{
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_bridge_up(BRIDGE, "one", &err), 0);
    assert_int_equal(yw_bridge_up(BRIDGE, "one", &err), 0); /* found */
    assert_int_equal(yw_bridge_up(BRIDGE, "two", &err), YW_EEXIST);
    assert_non_null(strstr(err.text, "drill 'one' uses it"));
    seat_sh("ip link add foreign type bridge");
    assert_int_equal(yw_bridge_up("foreign", "one", &err), YW_EEXIST);
    assert_int_equal(yw_bridge_down("foreign", &err), YW_EDENIED);
    assert_int_equal(count("one"), 1);
    assert_int_equal(count("two"), 0);
    assert_int_equal(count(""), 1);
    assert_int_equal(yw_bridge_down(BRIDGE, &err), 0);
    assert_int_equal(yw_bridge_down(BRIDGE, &err), 0); /* gone is fine */
    assert_int_equal(if_nametoindex(BRIDGE), 0);
    seat_sh("ip link del foreign");
}

/* We died after making it and before tagging it. */
static void test_untagged_is_found(void **state)
{
    char name[YW_PLAN_BRIDGE_MAX], bridge[YW_PLAN_BRIDGE_MAX];

    (void)state;
    yw_plan_prefix("one", name);
    (void)snprintf(bridge, sizeof(bridge), "%.8s-7", name);
    seat_sh("ip link add %s type bridge", bridge);
    assert_int_equal(count("one"), 1);
    assert_int_equal(count("two"), 0);
    assert_int_equal(yw_bridge_up(bridge, "one", NULL), 0);
    assert_int_equal(yw_bridge_down(bridge, NULL), 0);
    assert_int_equal(count(""), 0);
}

static void test_host_is_not_on_it(void **state)
{
    (void)state;
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    seat_sh("test -z \"$(ip -o addr show dev %s)\"", BRIDGE);
    seat_sh("ip -d link show dev %s | grep -q 'addrgenmode none'", BRIDGE);
    assert_int_equal(yw_bridge_down(BRIDGE, NULL), 0);
}

/* A host that forwards for everybody, with an address of its own and a network behind
 * it. */
static void test_host_is_deaf(void **state)
{
    struct seat seat, outside;
    uint8_t frame[SEAT_FRAME_MAX];

    (void)state;
    seat_sh("ip addr add 198.51.100.1/32 dev lo");
    seat_sh("ip link add far type bridge && ip link set far up");
    seat_open(&outside, "outside", "far", 99);
    seat_sh("ip addr add 192.0.2.1/24 dev far");
    seat_sh("ip neigh add 192.0.2.2 lladdr 52:54:00:00:00:63 dev far");
    seat_sh("echo 1 > /proc/sys/net/ipv4/ip_forward");
    int host = seat_listen(7777);

    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    seat_open(&seat, "yw1a2b3ct0n0", BRIDGE, 11);
    seat_send(&seat, frame,
              seat_arp(frame, seat.mac, seat.mac, seat.address, HOST, false, 0));
    assert_false(seat_is_answered(&seat, QUIET_MS));
    seat_send_to(&seat, BRIDGE, HOST, 1);
    assert_false(seat_receives(host, QUIET_MS));
    uint32_t mark = seat_mark();

    seat_send_to(&seat, BRIDGE, BEHIND, mark);
    assert_false(seat_hears(&outside, mark, QUIET_MS));

    /* the same with the host on the bridge: so the frames were good */
    seat_sh("ip link set %s arp on && ip addr add 10.20.2.1/24 dev %s", BRIDGE, BRIDGE);
    seat_sh("echo 0 > /proc/sys/net/ipv4/conf/%s/arp_ignore", BRIDGE);
    seat_sh("echo 1 > /proc/sys/net/ipv4/conf/%s/forwarding", BRIDGE);
    seat_send(&seat, frame,
              seat_arp(frame, seat.mac, seat.mac, seat.address, HOST, false, 0));
    assert_true(seat_is_answered(&seat, SOON_MS));
    seat_send_to(&seat, BRIDGE, HOST, 1);
    assert_true(seat_receives(host, QUIET_MS));
    mark = seat_mark();
    seat_send_to(&seat, BRIDGE, BEHIND, mark);
    assert_true(seat_hears(&outside, mark, SOON_MS));
    (void)close(host);
    seat_close(&seat);
    seat_close(&outside);
    assert_int_equal(yw_bridge_down(BRIDGE, NULL), 0);
}

static bool talks(const struct seat *from, const struct seat *to, int wait_ms)
{
    uint8_t frame[SEAT_FRAME_MAX];
    uint32_t mark = seat_mark();

    seat_send(from, frame,
              seat_udp(frame, from->mac, from->address, to->address, 1, 2, mark));
    return seat_hears(to, mark, wait_ms);
}

/* A frame as large as a machine with this MTU sends. */
static bool talks_at_length(const struct seat *from, const struct seat *to, size_t mtu)
{
    uint8_t frame[2048] = {0};
    uint32_t mark = seat_mark();

    (void)seat_udp(frame, from->mac, from->address, to->address, 1, 2, mark);
    size_t size = seat_stretch(frame, mtu);

    seat_send(from, frame, size);
    return seat_hears_whole(to, mark, size, SOON_MS);
}

static void test_isolated_ports(void **state)
{
    static const char *const taps[] = {"yw1a2b3ct0n0", "yw1a2b3ct1n0", "yw1a2b3ct2n0"};
    struct seat seats[3];
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    for (uint8_t i = 0; i < 3; i++)
        seat_open(&seats[i], taps[i], BRIDGE, (uint8_t)(11 + i));
    assert_true(talks(&seats[0], &seats[1], SOON_MS));
    assert_int_equal(yw_bridge_port_isolate(taps[0], NULL), 0);
    assert_int_equal(yw_bridge_port_isolate(taps[1], NULL), 0);
    assert_int_equal(yw_bridge_port_isolate(taps[1], NULL), 0);
    assert_int_equal(yw_bridge_port_isolate("none-such", &err), YW_ENOTFOUND);
    assert_int_equal(yw_bridge_port_isolate("lo", &err), YW_EIO); /* no port */
    assert_false(talks(&seats[0], &seats[1], QUIET_MS));
    assert_false(talks(&seats[1], &seats[0], QUIET_MS));
    assert_true(talks(&seats[0], &seats[2], SOON_MS));
    assert_true(talks(&seats[2], &seats[1], SOON_MS));
    for (int i = 0; i < 3; i++)
        seat_close(&seats[i]);
    assert_int_equal(yw_bridge_down(BRIDGE, NULL), 0);
}

/* What the second host and its machine are in: the first is where the test lives. */
struct pair {
    int home;
    int other;
    struct seat here;
    struct seat there;
};

static void open_pair(struct pair *pair)
{
    pair->home = seat_here();
    pair->other = seat_namespace();
    seat_sh("ip link add under type veth peer name under netns /proc/%d/fd/%d",
            (int)getpid(), pair->other);
    seat_sh("ip addr add 172.31.9.1/24 dev under && ip link set under up");
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    seat_open(&pair->here, "yw1a2b3ct0n0", BRIDGE, 11);
    seat_enter(pair->other);
    seat_sh("ip addr add 172.31.9.2/24 dev under && ip link set under up");
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    seat_open(&pair->there, "yw1a2b3ct1n0", BRIDGE, 12);
    seat_enter(pair->home);
}

/* How many packets this host had to send in pieces. The columns are named in the first of
 * two lines. */
static long pieces_sent(void)
{
    char names[1024], values[1024];
    FILE *file = fopen("/proc/thread-self/net/snmp", "re");
    long count = -1;

    assert_non_null(file);
    assert_non_null(fgets(names, sizeof(names), file));
    assert_non_null(fgets(values, sizeof(values), file));
    (void)fclose(file);
    char *next_name = NULL, *next_value = NULL;
    char *name = strtok_r(names, " \n", &next_name);
    char *value = strtok_r(values, " \n", &next_value);

    while (name && value && count < 0) {
        if (strcmp(name, "FragCreates") == 0)
            count = atol(value);
        name = strtok_r(NULL, " \n", &next_name);
        value = strtok_r(NULL, " \n", &next_value);
    }
    assert_true(count >= 0);
    return count;
}

static int mtu_of(const char *name)
{
    struct ifreq ask = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    YW_COPY(ask.ifr_name, name);
    assert_int_equal(ioctl(fd, SIOCGIFMTU, &ask), 0);
    (void)close(fd);
    return ask.ifr_mtu;
}

/* What machines are told to send fits the underlay whole; what they send beyond it comes
 * through as well, and their bridge stays what it was. */
static void check_lengths(const struct pair *pair)
{
    long pieces = pieces_sent();

    assert_true(talks_at_length(&pair->here, &pair->there, YW_VXLAN_MTU));
    assert_int_equal(pieces_sent(), pieces);
    assert_true(talks_at_length(&pair->here, &pair->there, YW_VXLAN_MTU + 1));
    assert_true(pieces_sent() > pieces);
    assert_true(talks_at_length(&pair->there, &pair->here, YW_VXLAN_PORT_MTU));
    assert_int_equal(mtu_of("yw1a2b3cv0"), YW_VXLAN_PORT_MTU);
    assert_int_equal(mtu_of(BRIDGE), YW_VXLAN_PORT_MTU);
}

static void test_vxlan_joins_hosts(void **state)
{
    const uint32_t one = 0xac1f0901u, two = 0xac1f0902u;
    struct yw_vxlan from_one = {
        .vni = 4711, .local = one, .remotes = &two, .remote_count = 1};
    struct yw_vxlan from_two = {
        .vni = 4711, .local = two, .remotes = &one, .remote_count = 1};
    struct yw_err err = {0};
    struct pair pair;

    (void)state;
    open_pair(&pair);
    assert_false(talks(&pair.here, &pair.there, QUIET_MS));
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &from_one, &err), 0);
    if (yw_bridge_vxlan_up(BRIDGE, &from_one, &err) < 0)
        fail_msg("%s", err.text);
    seat_enter(pair.other);
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &from_two, &err), 0);
    seat_enter(pair.home);
    assert_true(talks(&pair.here, &pair.there, SOON_MS));
    check_lengths(&pair);
    from_one.vni = 4712; /* another network: not heard */
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &from_one, &err), 0);
    assert_false(talks(&pair.here, &pair.there, QUIET_MS));
    assert_int_equal(yw_bridge_vxlan_down(BRIDGE, &err), 0);
    assert_int_equal(yw_bridge_vxlan_down(BRIDGE, &err), 0);
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &from_one, &err), 0);
    assert_int_equal(yw_bridge_down(BRIDGE, &err), 0); /* and its VXLAN */
    assert_int_equal(if_nametoindex("yw1a2b3cv0"), 0);
    seat_close(&pair.here);
    seat_close(&pair.there);
    (void)close(pair.other);
    (void)close(pair.home);
}

static void test_vxlan_alone_is_found(void **state)
{
    const uint32_t two = 0xac1f0902u;
    struct yw_vxlan vxlan = {
        .vni = 1, .local = 0x7f000001u, .remotes = &two, .remote_count = 1};

    (void)state;
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &vxlan, NULL), 0);
    assert_int_equal(count("one"), 1);
    seat_sh("ip link del %s", BRIDGE); /* by somebody else */
    assert_int_equal(count("one"), 1);
    assert_int_equal(yw_bridge_down("yw1a2b3cv0", NULL), 0);
    assert_int_equal(count(""), 0);
}

static void test_vxlan_limits(void **state)
{
    const uint32_t two = 0xac1f0902u;
    struct yw_vxlan vxlan = {
        .vni = 0, .local = 0x7f000001u, .remotes = &two, .remote_count = 1};
    struct yw_err err;

    (void)state;
    assert_int_equal(yw_bridge_up(BRIDGE, "one", NULL), 0);
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &vxlan, &err), YW_EINVAL);
    vxlan.vni = 1u << 24;
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &vxlan, &err), YW_EINVAL);
    vxlan.vni = 1;
    vxlan.remote_count = YW_VXLAN_REMOTES_MAX + 1;
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &vxlan, &err), YW_EINVAL);
    vxlan.remote_count = 0;
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &vxlan, &err), YW_EINVAL);
    assert_int_equal(yw_bridge_down(BRIDGE, &err), 0);
    vxlan.remote_count = 1;
    assert_int_equal(yw_bridge_vxlan_up(BRIDGE, &vxlan, &err), YW_EIO); /* no bridge */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whose),
        cmocka_unit_test(test_untagged_is_found),
        cmocka_unit_test(test_host_is_not_on_it),
        cmocka_unit_test(test_host_is_deaf),
        cmocka_unit_test(test_isolated_ports),
        cmocka_unit_test(test_vxlan_joins_hosts),
        cmocka_unit_test(test_vxlan_alone_is_found),
        cmocka_unit_test(test_vxlan_limits),
    };

    if (!seat_house()) {
        (void)fprintf(stderr, "skipped: needs root and network namespaces\n");
        return SKIP;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
