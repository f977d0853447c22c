#include "controller/between.h"

#include <string.h>

#define ETHERNET_SIZE 14
#define TYPE_ARP 0x0806
#define TYPE_IPV4 0x0800
#define ARP_REQUEST 1
#define ARP_REPLY 2
#define IPV4_SIZE 20
#define TCP_SIZE 20
#define UDP_SIZE 8
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

static uint16_t u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)u16(at) << 16 | u16(at + 2);
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8 & 255);
    at[1] = (uint8_t)(value & 255);
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

int yw_between_drop_find(const char *name)
{
    static const char *const names[] = {"nothing", "commands", "reports", "all"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}

void yw_between_init(struct yw_between *between, const uint8_t own[6],
                     uint32_t own_address, const uint32_t address[2])
{
    memset(between, 0, sizeof(*between));
    memcpy(between->own, own, 6);
    between->own_address = own_address;
    memcpy(between->address, address, sizeof(between->address));
    between->replay_from_ms = INT64_MAX;
}

/* ---- ARP ---- */

struct arp {
    uint16_t operation;
    const uint8_t *to; /* MAC of the frame */
    const uint8_t *sender;
    uint32_t sender_address;
    const uint8_t *target;
    uint32_t target_address;
};

static void put_arp(const struct yw_between *between, const struct arp *arp,
                    uint8_t ret[YW_BETWEEN_ARP_SIZE])
{
    static const uint8_t ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4};
    memcpy(ret, arp->to, 6);
    memcpy(ret + 6, between->own, 6); /* a bridge knows whose port this is */
    put16(ret + 12, TYPE_ARP);
    memcpy(ret + 14, ethernet_ipv4, 6);
    put16(ret + 20, arp->operation);
    memcpy(ret + 22, arp->sender, 6);
    put32(ret + 28, arp->sender_address);
    memcpy(ret + 32, arp->target, 6);
    put32(ret + 38, arp->target_address);
}

void yw_between_ask(const struct yw_between *between, int end,
                    uint8_t ret[YW_BETWEEN_ARP_SIZE])
{
    static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
    static const uint8_t none[6] = {0};
    const struct arp arp = {.operation = ARP_REQUEST,
                            .to = all,
                            .sender = between->own,
                            .sender_address = between->own_address,
                            .target = none,
                            .target_address = between->address[end]};
    put_arp(between, &arp, ret);
}

void yw_between_tell(const struct yw_between *between, int end, bool truth,
                     uint8_t ret[YW_BETWEEN_ARP_SIZE])
{
    const struct arp arp = {.operation = ARP_REPLY,
                            .to = between->mac[end],
                            .sender = truth ? between->mac[1 - end] : between->own,
                            .sender_address = between->address[1 - end],
                            .target = between->mac[end],
                            .target_address = between->address[end]};
    put_arp(between, &arp, ret);
}

/* Learns who is where; an end that asks for the other is told at once. */
static size_t take_arp(struct yw_between *between, const uint8_t *frame, size_t size,
                       uint8_t *ret)
{
    static const uint8_t ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4};
    if (size < YW_BETWEEN_ARP_SIZE || memcmp(frame + 14, ethernet_ipv4, 6) != 0 ||
        memcmp(frame + 22, between->own, 6) == 0 || (frame[22] & 1) != 0)
        return 0;
    for (int end = 0; end < 2; end++) {
        if (u32(frame + 28) != between->address[end])
            continue;
        memcpy(between->mac[end], frame + 22, 6);
        between->known[end] = true;
        if (u16(frame + 20) != ARP_REQUEST ||
            u32(frame + 38) != between->address[1 - end])
            return 0;
        yw_between_tell(between, end, false, ret);
        return YW_BETWEEN_ARP_SIZE;
    }
    return 0;
}

/* ---- check sums ---- */

static uint32_t sum(const uint8_t *bytes, size_t size, uint32_t start)
{
    for (; size > 1; size -= 2, bytes += 2)
        start += u16(bytes);
    return size > 0 ? start + (uint32_t)(bytes[0] << 8) : start;
}

static uint16_t fold(uint32_t total)
{
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)(~total & 0xffff);
}

/* Of TCP or UDP over IPv4; `at` is where it stands within the segment. */
static void put_check_sum(const uint8_t *ip, uint8_t *segment, size_t size, size_t at)
{
    put16(segment + at, 0);
    uint32_t total = sum(ip + 12, 8, (uint32_t)ip[9] + (uint32_t)size);
    uint16_t check = fold(sum(segment, size, total));
    put16(segment + at, check == 0 && ip[9] == PROTOCOL_UDP ? 0xffff : check);
}

/* ---- Modbus ---- */

static bool is_command(uint8_t function)
{
    return function == YW_MODBUS_WRITE_COIL || function == YW_MODBUS_WRITE_REGISTER ||
           function == YW_MODBUS_WRITE_COILS || function == YW_MODBUS_WRITE_REGISTERS ||
           function == YW_MODBUS_MASK_WRITE || function == YW_MODBUS_READ_WRITE;
}

/* True: the order must not arrive. */
static bool take_request(struct yw_between *between, uint16_t port, const uint8_t *bytes,
                         size_t size)
{
    struct yw_modbus_adu adu;
    int used = 0;
    for (size_t at = 0; at < size; at += (size_t)used) {
        used = yw_modbus_frame(bytes + at, size - at, &adu);
        if (used <= 0)
            return false;
        if (adu.foreign || adu.pdu_size < 1)
            continue;
        if (is_command(adu.pdu[0]) && (between->drop & YW_BETWEEN_COMMANDS) != 0)
            return true;
        if (adu.pdu_size != 5 || adu.pdu[0] > YW_MODBUS_READ_INPUT)
            continue;
        struct yw_between_ask *ask =
            &between->asks[between->next_ask++ % YW_BETWEEN_ASKS_MAX];
        *ask = (struct yw_between_ask){.port = port,
                                       .transaction = adu.transaction,
                                       .what = {.unit = adu.unit,
                                                .function = adu.pdu[0],
                                                .address = u16(adu.pdu + 1),
                                                .count = u16(adu.pdu + 3)}};
    }
    return false;
}

static struct yw_between_ask *asked(struct yw_between *between, uint16_t port,
                                    const struct yw_modbus_adu *adu)
{
    for (int i = 0; i < YW_BETWEEN_ASKS_MAX; i++) {
        struct yw_between_ask *ask = &between->asks[i];
        if (ask->port == port && port != 0 && ask->transaction == adu->transaction &&
            ask->what.unit == adu->unit && ask->what.function == adu->pdu[0])
            return ask;
    }
    return NULL;
}

static struct yw_between_trace *
trace_of(struct yw_between *between, const struct yw_between_question *what, uint8_t size)
{
    for (uint32_t i = 0; i < between->trace_count; i++) {
        struct yw_between_trace *trace = &between->traces[i];
        if (memcmp(&trace->what, what, sizeof(*what)) == 0)
            return trace->size == size ? trace : NULL;
    }
    if (between->trace_count == YW_BETWEEN_TRACES_MAX)
        return NULL;
    struct yw_between_trace *trace = &between->traces[between->trace_count++];
    trace->what = *what;
    trace->size = size;
    trace->kept = 0;
    trace->played = 0;
    return trace;
}

/* An answer with values: kept while we look on, replaced by an old one later. True: changed.
 * What is asked for the first time then is kept, and stands still from then on. */
static bool take_answer(struct yw_between *between, struct yw_between_ask *ask,
                        uint8_t *pdu, size_t size, int64_t now_ms)
{
    struct yw_between_question what = ask->what;
    ask->port = 0;
    struct yw_between_trace *trace = trace_of(between, &what, (uint8_t)size);
    if (trace == NULL)
        return false;
    if (now_ms < between->replay_from_ms || trace->kept == 0) {
        if (trace->kept < YW_BETWEEN_SAMPLES_MAX)
            memcpy(trace->samples[trace->kept++], pdu, size);
        return false;
    }
    memcpy(pdu, trace->samples[trace->played++ % trace->kept], size);
    return true;
}

static bool take_answers(struct yw_between *between, uint16_t port, uint8_t *bytes,
                         size_t size, int64_t now_ms)
{
    struct yw_modbus_adu adu;
    bool changed = false;
    int used = 0;
    for (size_t at = 0; at < size; at += (size_t)used) {
        used = yw_modbus_frame(bytes + at, size - at, &adu);
        if (used <= 0)
            return changed;
        if (adu.foreign || adu.pdu_size < 1 || (adu.pdu[0] & 0x80) != 0)
            continue;
        struct yw_between_ask *ask = asked(between, port, &adu);
        if (ask != NULL)
            changed |= take_answer(between, ask, bytes + at + YW_MODBUS_MBAP_SIZE,
                                   adu.pdu_size, now_ms);
    }
    return changed;
}

/* ---- what goes through ---- */

/* False: it is dropped. */
static bool take_tcp(struct yw_between *between, int from, uint8_t *ip, size_t head,
                     size_t total, int64_t now_ms)
{
    uint8_t *tcp = ip + head;
    size_t tcp_size = total - head;
    size_t tcp_head = tcp_size >= TCP_SIZE ? (size_t)(tcp[12] >> 4) * 4 : 0;
    if (tcp_head < TCP_SIZE || tcp_head > tcp_size)
        return false;
    uint8_t *payload = tcp + tcp_head;
    size_t size = tcp_size - tcp_head;
    bool order = from == 1 && u16(tcp + 2) == YW_MODBUS_PORT;
    bool report = from == 0 && u16(tcp) == YW_MODBUS_PORT;
    if (size > 0 && order && take_request(between, u16(tcp), payload, size))
        return false;
    if (size > 0 && report && (between->drop & YW_BETWEEN_REPORTS) != 0)
        return false;
    if (size > 0 && report)
        between->changed += take_answers(between, u16(tcp + 2), payload, size, now_ms);
    put_check_sum(ip, tcp, tcp_size, 16);
    return true;
}

static bool take_ip(struct yw_between *between, int from, uint8_t *ip, size_t size,
                    int64_t now_ms)
{
    size_t head = (size_t)(ip[0] & 15) * 4;
    size_t total = u16(ip + 2);
    bool fragment = (u16(ip + 6) & 0x3fff) != 0;
    if (head < IPV4_SIZE || total < head || total > size)
        return false;
    if (ip[9] == PROTOCOL_TCP && !fragment)
        return take_tcp(between, from, ip, head, total, now_ms);
    if (ip[9] == PROTOCOL_UDP && !fragment && total - head >= UDP_SIZE)
        put_check_sum(ip, ip + head, total - head, 6);
    return true;
}

static size_t pass_on(struct yw_between *between, const uint8_t *frame, size_t size,
                      int64_t now_ms, uint8_t *ret)
{
    const uint8_t *ip = frame + ETHERNET_SIZE;
    if (size < ETHERNET_SIZE + IPV4_SIZE || size > YW_BETWEEN_FRAME_MAX ||
        ip[0] >> 4 != 4 || memcmp(frame, between->own, 6) != 0)
        return 0;
    int from = u32(ip + 12) == between->address[0] ? 0 : 1;
    if (u32(ip + 12) != between->address[from] ||
        u32(ip + 16) != between->address[1 - from] || !between->known[1 - from])
        return 0;
    memcpy(ret, frame, size);
    memcpy(ret, between->mac[1 - from], 6);
    memcpy(ret + 6, between->own, 6);
    if (!take_ip(between, from, ret + ETHERNET_SIZE, size - ETHERNET_SIZE, now_ms)) {
        between->dropped++;
        return 0;
    }
    between->forwarded++;
    return size;
}

size_t yw_between_frame(struct yw_between *between, const uint8_t *frame, size_t size,
                        int64_t now_ms, uint8_t ret[YW_BETWEEN_FRAME_MAX])
{
    if (size < ETHERNET_SIZE)
        return 0;
    if (u16(frame + 12) == TYPE_ARP)
        return take_arp(between, frame, size, ret);
    if (u16(frame + 12) == TYPE_IPV4)
        return pass_on(between, frame, size, now_ms, ret);
    return 0;
}
