/* Who can be reached from here? The kernel's routes would hide what a hostile user of this
 * machine could reach with frames of his own, so ARP and ICMP are asked with raw frames on
 * every card; an ICMP echo goes to the broadcast MAC, which needs no ARP answer first.
 * TCP goes the kernel's way. Runs in a child of its own: it may block. */
#include "guest/guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CARDS_MAX 8
#define ROUNDS 3
#define ECHO_ID 0x5957
#define ARP_SIZE 42
#define ECHO_SIZE 42

struct probe {
    struct card cards[CARDS_MAX];
    int card_count;
    const struct yw_applet_target *targets;
    size_t count;
    int dials[YW_APPLET_TARGETS_MAX]; /* TCP under way; -1 none */
    struct yw_applet_heard *heard;
    size_t heard_count;
    size_t max;
};

static void put32(uint8_t *at, uint32_t value)
{
    value = htonl(value);
    memcpy(at, &value, sizeof(value));
}

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return ntohl(value);
}

static void put_head(uint8_t *frame, const struct card *card, uint8_t low)
{
    memset(frame, 0, ARP_SIZE);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, card->mac, 6);
    frame[12] = 0x08;
    frame[13] = low;
}

/* For the card's own address the sender is left open (RFC 5227): then another machine that
 * has it too answers. */
static void send_arp(const struct card *card, uint32_t address)
{
    uint8_t frame[ARP_SIZE];
    put_head(frame, card, 0x06);
    memcpy(frame + 14, "\x00\x01\x08\x00\x06\x04\x00\x01", 8);
    memcpy(frame + 22, card->mac, 6);
    put32(frame + 28, address == card->address ? 0 : card->address);
    put32(frame + 38, address);
    (void)send(card->fd, frame, sizeof(frame), 0);
}

static uint16_t sum_of(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void send_echo(const struct card *card, uint32_t address)
{
    uint8_t frame[ECHO_SIZE];
    uint8_t *ip = frame + 14;
    uint8_t *icmp = frame + 34;
    put_head(frame, card, 0x00);
    ip[0] = 0x45;
    ip[3] = ECHO_SIZE - 14;
    ip[8] = 64;
    ip[9] = IPPROTO_ICMP;
    put32(ip + 12, card->address);
    put32(ip + 16, address);
    uint16_t sum = htons(sum_of(ip, 20));
    memcpy(ip + 10, &sum, 2);
    icmp[0] = 8;
    icmp[4] = ECHO_ID >> 8;
    icmp[5] = ECHO_ID & 0xff;
    sum = htons(sum_of(icmp, 8));
    memcpy(icmp + 2, &sum, 2);
    (void)send(card->fd, frame, sizeof(frame), 0);
}

static void note(struct probe *probe, uint32_t address, const uint8_t *mac,
                 const char *how)
{
    struct yw_applet_heard entry = {.address = address, .mac = "-"};
    bool asked = false;
    if (mac != NULL)
        (void)snprintf(entry.mac, sizeof(entry.mac), "%02x:%02x:%02x:%02x:%02x:%02x",
                       mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    (void)snprintf(entry.how, sizeof(entry.how), "%s", how);
    for (size_t i = 0; i < probe->count; i++)
        asked = asked || probe->targets[i].address == address;
    for (size_t i = 0; i < probe->heard_count; i++) {
        if (memcmp(&probe->heard[i], &entry, sizeof(entry)) == 0)
            return;
    }
    if (asked && probe->heard_count < probe->max)
        probe->heard[probe->heard_count++] = entry;
}

static void take_frame(struct probe *probe, const uint8_t *frame, size_t size)
{
    if (size < ARP_SIZE || frame[12] != 0x08)
        return;
    if (frame[13] == 0x06 && frame[21] == 2) /* ARP: an answer */
        note(probe, get32(frame + 28), frame + 22, "arp");
    else if (frame[13] == 0x00 && frame[14] == 0x45 && frame[23] == IPPROTO_ICMP &&
             frame[34] == 0 && frame[38] == ECHO_ID >> 8 &&
             frame[39] == (ECHO_ID & 0xff)) /* an echo of ours */
        note(probe, get32(frame + 26), frame + 6, "icmp");
}

static void read_card(struct probe *probe, const struct card *card)
{
    for (int i = 0; i < 256; i++) {
        struct sockaddr_ll from = {0};
        socklen_t from_size = sizeof(from);
        uint8_t frame[256];
        ssize_t got = recvfrom(card->fd, frame, sizeof(frame), 0,
                               (struct sockaddr *)&from, &from_size);
        if (got <= 0)
            return;
        if (from.sll_pkttype != PACKET_OUTGOING)
            take_frame(probe, frame, (size_t)got);
    }
}

static void dial(struct probe *probe, size_t index)
{
    const struct yw_applet_target *target = &probe->targets[index];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(target->port)};
    to.sin_addr.s_addr = htonl(target->address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 &&
        errno != EINPROGRESS) {
        if (errno == ECONNREFUSED)
            note(probe, target->address, NULL, "tcp");
        (void)close(fd);
        fd = -1;
    }
    probe->dials[index] = fd;
}

/* Accepted or refused: both are an answer. */
static void end_dial(struct probe *probe, size_t index)
{
    int problem = 0;
    socklen_t size = sizeof(problem);
    (void)getsockopt(probe->dials[index], SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem == 0 || problem == ECONNREFUSED)
        note(probe, probe->targets[index].address, NULL, "tcp");
    (void)close(probe->dials[index]);
    probe->dials[index] = -1;
}

static void wait_turn(struct probe *probe, int64_t until_ms)
{
    struct pollfd fds[CARDS_MAX + YW_APPLET_TARGETS_MAX];
    size_t owners[CARDS_MAX + YW_APPLET_TARGETS_MAX];
    for (int64_t left_ms = until_ms - guest_now_ms(); left_ms > 0;
         left_ms = until_ms - guest_now_ms()) {
        nfds_t count = 0;
        for (int i = 0; i < probe->card_count; i++)
            fds[count++] = (struct pollfd){.fd = probe->cards[i].fd, .events = POLLIN};
        for (size_t i = 0; i < probe->count; i++) {
            owners[count] = i;
            if (probe->dials[i] >= 0)
                fds[count++] = (struct pollfd){.fd = probe->dials[i], .events = POLLOUT};
        }
        if (poll(fds, count, (int)left_ms) <= 0)
            continue;
        for (nfds_t i = 0; i < count; i++) {
            if (fds[i].revents != 0 && i < (nfds_t)probe->card_count)
                read_card(probe, &probe->cards[i]);
            else if (fds[i].revents != 0)
                end_dial(probe, owners[i]);
        }
    }
}

size_t probe_run(void *arg, uint32_t span_ms, const struct yw_applet_target *targets,
                 size_t count, struct yw_applet_heard *ret, size_t max)
{
    struct probe probe = {.targets = targets, .count = count, .heard = ret, .max = max};
    /* the last question has half of the time for its answer */
    static const int quarters[ROUNDS] = {1, 2, 4};
    int64_t start_ms = guest_now_ms();
    (void)arg;
    for (int i = 0; i < CARDS_MAX; i++)
        probe.card_count += card_open(&probe.cards[probe.card_count], i);
    for (size_t i = 0; i < count; i++) {
        probe.dials[i] = -1;
        if (targets[i].port != 0)
            dial(&probe, i);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int c = 0; c < probe.card_count; c++) {
            for (size_t i = 0; i < count; i++) {
                send_arp(&probe.cards[c], targets[i].address);
                if (targets[i].address != probe.cards[c].address)
                    send_echo(&probe.cards[c], targets[i].address);
            }
        }
        wait_turn(&probe, start_ms + (int64_t)span_ms * quarters[round] / 4);
    }
    return probe.heard_count; /* sockets end with the child */
}
