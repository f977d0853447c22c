#include "net/rate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void yw_rate_init(struct yw_rate *rate, const struct yw_clock *clock)
{
    *rate = (struct yw_rate){.clock = clock};
    yw_map_init(&rate->addresses, sizeof(struct yw_rate_entry), YW_RATE_ADDRESSES_MAX);
}

void yw_rate_fini(struct yw_rate *rate)
{
    yw_map_fini(&rate->addresses);
}

void yw_rate_address(int fd, char text[64])
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    memset(&peer, 0, sizeof(peer));
    strcpy(text, "unknown");
    if (getpeername(fd, (struct sockaddr *)&peer, &size))
        return;
    if (peer.ss_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, &peer, sizeof(four));
        inet_ntop(AF_INET, &four.sin_addr, text, 64);
    } else if (peer.ss_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, &peer, sizeof(six));
        if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
            inet_ntop(AF_INET, six.sin6_addr.s6_addr + 12, text, 64);
            return;
        }
        /* A household or a server has a whole /64: one entry for all of it. */
        memset(six.sin6_addr.s6_addr + 8, 0, 8);
        char net[INET6_ADDRSTRLEN];
        inet_ntop(AF_INET6, &six.sin6_addr, net, sizeof(net));
        snprintf(text, 64, "%s/64", net);
    }
}

static void refill(const struct yw_rate *rate, struct yw_rate_entry *entry)
{
    int64_t now_ms = yw_clock_mono_ms(rate->clock);
    double seconds = (double)(now_ms - entry->at_ms) / 1000.0;
    entry->at_ms = now_ms;
    entry->requests += seconds * YW_RATE_REQUESTS_PER_S;
    if (entry->requests > YW_RATE_REQUESTS_BURST)
        entry->requests = YW_RATE_REQUESTS_BURST;
    entry->refusals += seconds * YW_RATE_REFUSALS_PER_MIN / 60.0;
    if (entry->refusals > YW_RATE_REFUSALS_BURST)
        entry->refusals = YW_RATE_REFUSALS_BURST;
}

/* Addresses without sockets whose buckets have filled again say nothing: they go. */
static void forget_idle(struct yw_rate *rate)
{
    for (size_t i = rate->addresses.count; i-- > 0;) {
        struct yw_rate_entry *entry = yw_map_at(&rate->addresses, i);
        refill(rate, entry);
        if (entry->sockets == 0 && entry->requests >= YW_RATE_REQUESTS_BURST &&
            entry->refusals >= YW_RATE_REFUSALS_BURST)
            (void)yw_map_remove(&rate->addresses, yw_map_key_at(&rate->addresses, i));
    }
}

/* This machine itself: its tools, its tests, and a proxy that speaks for many. Only
 * guessing at tokens is limited then. */
static bool is_local(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::/64") == 0;
}

struct yw_rate_entry *yw_rate_connect(struct yw_rate *rate, const char *address)
{
    if (rate->sockets >= YW_RATE_SOCKETS_MAX)
        return NULL;
    struct yw_rate_entry *entry = yw_map_get(&rate->addresses, address);
    if (!entry) {
        if (rate->addresses.count >= YW_RATE_ADDRESSES_MAX)
            forget_idle(rate);
        entry = yw_map_put(&rate->addresses, address);
        if (!entry)
            return NULL;
        entry->requests = YW_RATE_REQUESTS_BURST;
        entry->refusals = YW_RATE_REFUSALS_BURST;
        entry->at_ms = yw_clock_mono_ms(rate->clock);
        entry->local = is_local(address);
    }
    if (!entry->local && entry->sockets >= YW_RATE_ADDRESS_SOCKETS_MAX)
        return NULL;
    entry->sockets++;
    rate->sockets++;
    return entry;
}

void yw_rate_disconnect(struct yw_rate *rate, struct yw_rate_entry *entry)
{
    if (!entry)
        return;
    entry->sockets--;
    rate->sockets--;
}

bool yw_rate_request(struct yw_rate *rate, struct yw_rate_entry *entry)
{
    refill(rate, entry);
    if (entry->local)
        return true;
    if (entry->requests < 1.0)
        return false;
    entry->requests -= 1.0;
    return true;
}

bool yw_rate_may_try(struct yw_rate *rate, struct yw_rate_entry *entry)
{
    refill(rate, entry);
    return entry->refusals >= 1.0;
}

void yw_rate_refused(struct yw_rate *rate, struct yw_rate_entry *entry)
{
    refill(rate, entry);
    entry->refusals -= 1.0;
    if (entry->refusals < 0.0)
        entry->refusals = 0.0;
}
