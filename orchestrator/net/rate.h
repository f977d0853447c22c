/* Limits per address: an IPv4 address, or an IPv6 /64. The Debian build of libwebsockets
 * has no peer limits, so the table is ours. Loop thread only. */
#ifndef YW_NET_RATE_H
#define YW_NET_RATE_H

#include "base/clock.h"
#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_RATE_ADDRESSES_MAX 4096
#define YW_RATE_SOCKETS_MAX 16384 /* of all addresses */
#define YW_RATE_ADDRESS_SOCKETS_MAX 2048
#define YW_RATE_REQUESTS_BURST 2000 /* requests and handshakes at once */
#define YW_RATE_REQUESTS_PER_S 500
#define YW_RATE_REFUSALS_BURST 20 /* wrong tokens at once */
#define YW_RATE_REFUSALS_PER_MIN 30

struct yw_rate_entry {
    int sockets;
    bool local;      /* loopback: only the limit of wrong tokens holds */
    double requests; /* left in the bucket */
    double refusals;
    int64_t at_ms; /* when the buckets were last filled, mono */
};

struct yw_rate {
    const struct yw_clock *clock; /* borrowed */
    struct yw_map addresses;      /* struct yw_rate_entry */
    int sockets;
};

void yw_rate_init(struct yw_rate *rate, const struct yw_clock *clock);
void yw_rate_fini(struct yw_rate *rate);
/* The address of the peer of a socket as the key of its entry: "192.0.2.7",
 * "2001:db8:1:2::/64". */
void yw_rate_address(int fd, char text[64]);
/* A socket was accepted. NULL: refused. The entry stays until the matching disconnect. */
struct yw_rate_entry *yw_rate_connect(struct yw_rate *rate, const char *address);
void yw_rate_disconnect(struct yw_rate *rate,
                        struct yw_rate_entry *entry); /* NULL-safe */
/* One more request or handshake; false: too many. */
bool yw_rate_request(struct yw_rate *rate, struct yw_rate_entry *entry);
/* Whether tokens of this address are still looked at; a wrong one counts. */
bool yw_rate_may_try(struct yw_rate *rate, struct yw_rate_entry *entry);
void yw_rate_refused(struct yw_rate *rate, struct yw_rate_entry *entry);

#endif
