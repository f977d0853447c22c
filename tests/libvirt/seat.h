/* Machines without machines: a network namespace each, one veth whose host side bears a
 * tap's name and stands in a bridge. The process lives in a namespace of its own, so that
 * nothing of the host's is seen or left. Needs root. */
#ifndef YW_TEST_SEAT_H
#define YW_TEST_SEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAT_FRAME_MAX 256

struct seat {
    int ns; /* its network namespace */
    int fd; /* raw frames of its interface */
    uint8_t mac[6];
    uint32_t address; /* host byte order */
};

/* Enters a namespace of its own; false: not allowed, skip. */
bool seat_house(void);
/* A new empty namespace; the caller stays where it is. */
int seat_namespace(void);
/* Runs the rest of the process in it until called with another. */
void seat_enter(int ns);
int seat_here(void); /* descriptor of the present namespace */
/* Runs `ip`-like shell lines, asserting success. */
void seat_sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
int seat_try(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* `last`: last byte of the MAC 52:54:00:00:00:xx and of the address 10.20.2.x. */
void seat_open(struct seat *seat, const char *tap, const char *bridge, uint8_t last);
void seat_close(struct seat *seat);

/* Frames; each carries the number `mark` at its end. Size. */
size_t seat_udp(uint8_t frame[SEAT_FRAME_MAX], const uint8_t from_mac[6], uint32_t from,
                uint32_t to, uint16_t from_port, uint16_t to_port, uint32_t mark);
/* Makes one of seat_udp as long as this MTU, its frame in a buffer of 14 bytes more: what a
 * host hands on it cuts to the length that its header tells. Size. */
size_t seat_stretch(uint8_t *frame, size_t mtu);
size_t seat_arp(uint8_t frame[SEAT_FRAME_MAX], const uint8_t from_mac[6],
                const uint8_t says_mac[6], uint32_t says, uint32_t asks, bool reply,
                uint32_t mark);
/* ICMPv6 of this type from `from` (16 bytes), with `target` (16 bytes) in its body. */
size_t seat_icmp6(uint8_t frame[SEAT_FRAME_MAX], const uint8_t from_mac[6],
                  const uint8_t from[16], uint8_t type, const uint8_t target[16],
                  uint32_t mark);
void seat_send(const struct seat *seat, const uint8_t *frame, size_t size);
/* A frame with this mark comes within wait_ms, and is so long. */
bool seat_hears_whole(const struct seat *seat, uint32_t mark, size_t whole, int wait_ms);
bool seat_hears(const struct seat *seat, uint32_t mark, int wait_ms);
/* How many frames of this size come within wait_ms. */
int seat_frames(const struct seat *seat, size_t size, int wait_ms);
/* Any frame that is an ARP answer or an ICMP echo reply comes. */
bool seat_is_answered(const struct seat *seat, int wait_ms);
/* To the MAC of the bridge itself, port 7777: what a guest may learn or guess. */
void seat_send_to(const struct seat *seat, const char *bridge, uint32_t to,
                  uint32_t mark);
/* A UDP socket of the present namespace; has it received something? */
int seat_listen(uint16_t port);
bool seat_receives(int fd, int wait_ms);
uint32_t seat_mark(void); /* a new one each time */

#endif
