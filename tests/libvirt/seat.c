#include "seat.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

bool seat_house(void)
{
    if (unshare(CLONE_NEWNET) != 0)
        return false;
    return seat_try("ip link set lo up") == 0;
}

int seat_here(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

int seat_namespace(void)
{
    int home = seat_here();

    assert_int_equal(unshare(CLONE_NEWNET), 0);
    int ns = seat_here();

    seat_sh("ip link set lo up");
    seat_enter(home);
    (void)close(home);
    return ns;
}

void seat_enter(int ns)
{
    assert_int_equal(setns(ns, CLONE_NEWNET), 0);
}

int seat_try(const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    int size = vsnprintf(line, sizeof(line), format, args);

    va_end(args);
    assert_in_range(size, 1, sizeof(line) - 1);
    return system(line); /* NOLINT(cert-env33-c): our own lines */
}

void seat_sh(const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (seat_try("%s", line) != 0)
        fail_msg("%s: failed", line);
}

static int open_raw(const char *name)
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

    assert_true(fd >= 0);
    at.sll_ifindex = (int)if_nametoindex(name);
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
    return fd;
}

void seat_open(struct seat *seat, const char *tap, const char *bridge, uint8_t last)
{
    int home = seat_here();

    memset(seat, 0, sizeof(*seat));
    memcpy(seat->mac, "\x52\x54\x00\x00\x00", 5);
    seat->mac[5] = last;
    seat->address = 0x0a140200u | last;
    seat->ns = seat_namespace();
    /* of a seat before: the kernel takes a namespace down in its own time */
    seat_sh("for i in $(seq 600); do ip link show %s >/dev/null 2>&1 || exit 0; "
            "sleep 0.1; done; exit 1",
            tap);
    seat_sh("ip link add %s type veth peer name eth0 netns /proc/%d/fd/%d", tap,
            (int)getpid(), seat->ns);
    seat_sh("ip link set %s master %s", tap, bridge);
    seat_sh("ip link set %s up", tap);
    seat_enter(seat->ns);
    seat_sh("ip link set eth0 address 52:54:00:00:00:%02x up", last);
    seat_sh("ip addr add 10.20.2.%u/24 dev eth0", last);
    seat->fd = open_raw("eth0");
    seat_enter(home);
    (void)close(home);
}

void seat_close(struct seat *seat)
{
    (void)close(seat->fd);
    (void)close(seat->ns);
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static void put_head(uint8_t *frame, const uint8_t from_mac[6], unsigned type)
{
    memset(frame, 0, SEAT_FRAME_MAX);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, from_mac, 6);
    put16(frame + 12, type);
}

static unsigned sum_of(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

size_t seat_udp(uint8_t frame[SEAT_FRAME_MAX], const uint8_t from_mac[6], uint32_t from,
                uint32_t to, uint16_t from_port, uint16_t to_port, uint32_t mark)
{
    uint8_t *ip = frame + 14;

    put_head(frame, from_mac, ETH_P_IP);
    ip[0] = 0x45;
    put16(ip + 2, 20 + 8 + 4);
    ip[8] = 64;
    ip[9] = IPPROTO_UDP;
    put32(ip + 12, from);
    put32(ip + 16, to);
    put16(ip + 10, sum_of(ip, 20));
    put16(ip + 20, from_port);
    put16(ip + 22, to_port);
    put16(ip + 24, 8 + 4);
    put32(ip + 28, mark);
    return 14 + 20 + 8 + 4;
}

size_t seat_stretch(uint8_t *frame, size_t mtu)
{
    uint8_t *ip = frame + 14;

    put16(ip + 2, (unsigned)mtu);
    put16(ip + 10, 0);
    put16(ip + 10, sum_of(ip, 20));
    put16(ip + 24, (unsigned)mtu - 20);
    return 14 + mtu;
}

size_t seat_arp(uint8_t frame[SEAT_FRAME_MAX], const uint8_t from_mac[6],
                const uint8_t says_mac[6], uint32_t says, uint32_t asks, bool reply,
                uint32_t mark)
{
    uint8_t *arp = frame + 14;

    put_head(frame, from_mac, ETH_P_ARP);
    memcpy(arp, "\x00\x01\x08\x00\x06\x04", 6);
    put16(arp + 6, reply ? 2 : 1);
    memcpy(arp + 8, says_mac, 6);
    put32(arp + 14, says);
    put32(arp + 24, asks);
    put32(arp + 28, mark); /* behind it, in the padding */
    return 14 + 32;
}

size_t seat_icmp6(uint8_t frame[SEAT_FRAME_MAX], const uint8_t from_mac[6],
                  const uint8_t from[16], uint8_t type, const uint8_t target[16],
                  uint32_t mark)
{
    uint8_t *ip = frame + 14;

    put_head(frame, from_mac, ETH_P_IPV6);
    ip[0] = 0x60;
    put16(ip + 4, 8 + 16 + 4);
    ip[6] = IPPROTO_ICMPV6;
    ip[7] = 255;
    memcpy(ip + 8, from, 16);
    memcpy(ip + 24, "\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
    ip[40] = type;
    memcpy(ip + 48, target, 16);
    put32(ip + 64, mark);
    return 14 + 40 + 8 + 16 + 4;
}

void seat_send(const struct seat *seat, const uint8_t *frame, size_t size)
{
    assert_int_equal(send(seat->fd, frame, size, 0), (ssize_t)size);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The next frame that came from outside; 0: none in time. */
static size_t next_frame(const struct seat *seat, uint8_t *bytes, size_t size,
                         int64_t until_ms)
{
    for (int64_t left = until_ms - now_ms(); left >= 0; left = until_ms - now_ms()) {
        struct pollfd fd = {.fd = seat->fd, .events = POLLIN};
        struct sockaddr_ll from = {0};
        socklen_t from_size = sizeof(from);

        if (poll(&fd, 1, (int)left) <= 0)
            return 0;
        ssize_t got = recvfrom(seat->fd, bytes, size, 0, (struct sockaddr *)(void *)&from,
                               &from_size);

        if (got > 0 && from.sll_pkttype != PACKET_OUTGOING)
            return (size_t)got;
    }
    return 0;
}

bool seat_hears_whole(const struct seat *seat, uint32_t mark, size_t whole, int wait_ms)
{
    int64_t until_ms = now_ms() + wait_ms;
    uint8_t bytes[2048], wanted[4];
    size_t size;

    put32(wanted, mark);
    while ((size = next_frame(seat, bytes, sizeof(bytes), until_ms)) > 0) {
        if (memmem(bytes, size, wanted, sizeof(wanted)))
            return whole == 0 || size == whole;
    }
    return false;
}

bool seat_hears(const struct seat *seat, uint32_t mark, int wait_ms)
{
    return seat_hears_whole(seat, mark, 0, wait_ms);
}

int seat_frames(const struct seat *seat, size_t size, int wait_ms)
{
    int64_t until_ms = now_ms() + wait_ms;
    uint8_t bytes[2048];
    int count = 0;
    size_t got;

    while ((got = next_frame(seat, bytes, sizeof(bytes), until_ms)) > 0)
        count += got == size;
    return count;
}

bool seat_is_answered(const struct seat *seat, int wait_ms)
{
    int64_t until_ms = now_ms() + wait_ms;
    uint8_t bytes[2048];
    size_t size;

    while ((size = next_frame(seat, bytes, sizeof(bytes), until_ms)) > 0) {
        if (size >= 42 && bytes[12] == 0x08 && bytes[13] == 0x06 && bytes[21] == 2)
            return true;
        if (size >= 42 && bytes[12] == 0x08 && bytes[13] == 0x00 &&
            bytes[23] == IPPROTO_ICMP && bytes[34] == 0)
            return true;
    }
    return false;
}

uint32_t seat_mark(void)
{
    static uint32_t last = 0x59a70000u;

    return ++last;
}

static void read_mac(const char *name, uint8_t mac[6])
{
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)yw_copy(request.ifr_name, sizeof(request.ifr_name), name);
    assert_int_equal(ioctl(fd, SIOCGIFHWADDR, &request), 0);
    memcpy(mac, request.ifr_hwaddr.sa_data, 6);
    (void)close(fd);
}

int seat_listen(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
    return fd;
}

bool seat_receives(int fd, int wait_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    char bytes[64];

    return poll(&poll_fd, 1, wait_ms) == 1 && recv(fd, bytes, sizeof(bytes), 0) > 0;
}

void seat_send_to(const struct seat *seat, const char *bridge, uint32_t to, uint32_t mark)
{
    uint8_t frame[SEAT_FRAME_MAX];
    size_t size = seat_udp(frame, seat->mac, seat->address, to, 1000, 7777, mark);

    read_mac(bridge, frame);
    seat_send(seat, frame, size);
}
