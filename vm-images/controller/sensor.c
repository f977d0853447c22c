/* Frames: from Ethernet to what a protocol says. Every length is checked before it is
 * believed; a frame that is not understood is nobody's. */
#include "controller/sensor.h"
#include "controller/engineering.h"
#include "controller/mqtt.h"

#include <string.h>

#define ETHERNET_SIZE 14
#define TAG_SIZE 4
#define TYPE_VLAN 0x8100
#define TYPE_ARP 0x0806
#define TYPE_IPV4 0x0800
#define ARP_SIZE 28
#define ARP_REQUEST 1
#define IPV4_SIZE 20
#define TCP_SIZE 20
#define PROTOCOL_TCP 6
#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16
#define TZSP_HEAD 4
#define TZSP_PAD 0
#define TZSP_END 1

struct segment {
    uint32_t from;
    uint32_t to;
    uint16_t from_port;
    uint16_t to_port;
    uint32_t number;
    uint8_t flags;
    const uint8_t *bytes;
    size_t size;
};

static uint16_t u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)u16(at) << 16 | u16(at + 2);
}

/* ---- Modbus ---- */

static void modbus_values(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                          const uint8_t *pdu, size_t size)
{
    uint16_t address = size >= 5 ? u16(pdu + 1) : 0;
    switch (pdu[0]) {
    case YW_MODBUS_WRITE_COIL:
    case YW_MODBUS_WRITE_REGISTER:
        if (size == 5)
            yw_sensor_written(sensor, pair, pdu[0] == YW_MODBUS_WRITE_COIL, address,
                              u16(pdu + 3));
        return;
    case YW_MODBUS_WRITE_COILS:
        for (size_t i = 0; size > 6 && i < u16(pdu + 3) && 6 + i / 8 < size; i++)
            yw_sensor_written(sensor, pair, 1, (uint32_t)(address + i),
                              pdu[6 + i / 8] >> (i % 8) & 1);
        return;
    case YW_MODBUS_WRITE_REGISTERS:
        for (size_t i = 0; size > 6 && i < u16(pdu + 3) && 7 + 2 * i < size; i++)
            yw_sensor_written(sensor, pair, 0, (uint32_t)(address + i),
                              u16(pdu + 6 + 2 * i));
        return;
    case YW_MODBUS_MASK_WRITE:
        if (size == 7)
            yw_sensor_written(sensor, pair, 0, address, u16(pdu + 5));
        return;
    case YW_MODBUS_READ_WRITE:
        for (size_t i = 0; size > 10 && i < u16(pdu + 7) && 11 + 2 * i < size; i++)
            yw_sensor_written(sensor, pair, 0, u16(pdu + 5) + (uint32_t)i,
                              u16(pdu + 10 + 2 * i));
        return;
    default:
        return;
    }
}

/* Octets used; 0 wait; -1 no such frame. Only requests are looked at. */
static int take_modbus(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                       bool request, const uint8_t *bytes, size_t size)
{
    struct yw_modbus_adu adu;
    int used = yw_modbus_frame(bytes, size, &adu);
    if (used <= 0 || adu.foreign || adu.pdu_size == 0)
        return used;
    if (request) {
        yw_sensor_function(sensor, pair, adu.pdu[0]);
        modbus_values(sensor, pair, adu.pdu, adu.pdu_size);
    }
    return used;
}

/* ---- IEC-104 ---- */

static int take_iec104(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                       bool request, const uint8_t *bytes, size_t size)
{
    struct yw_iec104_apdu apdu;
    struct yw_iec104_asdu asdu;
    struct yw_iec104_object object;
    int used = yw_iec104_frame(bytes, size, &apdu);
    if (used <= 0 || apdu.kind != YW_IEC104_I || !request)
        return used;
    if (!yw_iec104_read(apdu.asdu, apdu.asdu_size, &asdu))
        return -1;
    const struct yw_iec104_shape *shape = yw_iec104_shape(asdu.type);
    yw_sensor_function(sensor, pair, asdu.type);
    if (shape == NULL || !shape->is_command || shape->value == YW_IEC104_NOTHING)
        return used;
    for (unsigned i = 0; yw_iec104_object(&asdu, i, &object); i++)
        yw_sensor_written(sensor, pair, 2, object.address, object.value);
    return used;
}

/* ---- TCP ---- */

static bool is_same(const struct yw_sensor_stream *stream, const struct segment *segment)
{
    return stream->from == segment->from && stream->to == segment->to &&
           stream->from_port == segment->from_port && stream->to_port == segment->to_port;
}

/* Its stream; the one seen longest ago makes room. */
static struct yw_sensor_stream *stream_for(struct yw_sensor *sensor,
                                           const struct segment *segment)
{
    struct yw_sensor_stream *oldest = &sensor->streams[0];
    for (int i = 0; i < YW_SENSOR_STREAMS_MAX; i++) {
        struct yw_sensor_stream *stream = &sensor->streams[i];
        if (is_same(stream, segment))
            return stream;
        if (stream->seen_ms < oldest->seen_ms)
            oldest = stream;
    }
    *oldest = (struct yw_sensor_stream){.from = segment->from,
                                        .to = segment->to,
                                        .from_port = segment->from_port,
                                        .to_port = segment->to_port,
                                        .next = segment->number};
    return oldest;
}

static int (*const takers[YW_SENSOR_SERVICES])(struct yw_sensor *sensor,
                                               struct yw_sensor_pair *pair, bool request,
                                               const uint8_t *bytes, size_t size) = {
    [YW_SENSOR_MODBUS] = take_modbus,
    [YW_SENSOR_IEC104] = take_iec104,
    [YW_SENSOR_MQTT] = yw_sensor_take_mqtt};

static void work_off(struct yw_sensor *sensor, struct yw_sensor_stream *stream,
                     struct yw_sensor_pair *pair, bool request)
{
    size_t at = 0;
    int used = 1;
    while (at < stream->size && used > 0) {
        used = takers[pair->service](sensor, pair, request, stream->bytes + at,
                                     stream->size - at);
        at += used > 0 ? (size_t)used : 0;
    }
    pair->frames++;
    if (used < 0) {
        if (!stream->lost)
            yw_sensor_tell(sensor, pair, YW_SENSOR_MALFORMED, "");
        at = stream->size;
        stream->lost = true;
    } else if (at > 0) {
        stream->lost = false;
    }
    stream->size -= at;
    memmove(stream->bytes, stream->bytes + at, stream->size);
}

/* In order, as the tap of a network gives them: a repetition is dropped, a gap drops what
 * was begun. */
static void take_payload(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                         bool request, const struct segment *segment)
{
    struct yw_sensor_stream *stream = stream_for(sensor, segment);
    size_t at = 0;
    int32_t ahead = (int32_t)(segment->number - stream->next);
    stream->seen_ms = sensor->now_ms + 1;
    if (ahead < 0)
        return;
    if (ahead > 0) {
        stream->size = 0;
        stream->lost = true;
    }
    stream->next = segment->number + (uint32_t)segment->size;
    while (at < segment->size) {
        size_t room = sizeof(stream->bytes) - stream->size;
        size_t piece = segment->size - at < room ? segment->size - at : room;
        if (piece == 0) { /* no frame of ours is that long */
            stream->size = 0;
            stream->lost = true;
            return;
        }
        memcpy(stream->bytes + stream->size, segment->bytes + at, piece);
        stream->size += piece;
        at += piece;
        work_off(sensor, stream, pair, request);
    }
}

/* No protocol of ours: who opens connections, and what goes to the engineering port. */
static void take_other(struct yw_sensor *sensor, const struct segment *segment,
                       bool opens)
{
    bool engineering = segment->to_port == YW_ENG_PORT && segment->size > 0;
    if (!opens && !engineering)
        return;
    struct yw_sensor_pair *pair =
        yw_sensor_pair(sensor, segment->from, segment->to, YW_SENSOR_OTHER);
    if (pair == NULL)
        return;
    if (opens)
        yw_sensor_opened(sensor, pair);
    if (engineering)
        yw_sensor_moved(sensor, pair, segment->size);
}

static enum yw_sensor_service service_of(uint16_t port)
{
    return port == YW_MODBUS_PORT   ? YW_SENSOR_MODBUS
           : port == YW_IEC104_PORT ? YW_SENSOR_IEC104
           : port == YW_MQTT_PORT   ? YW_SENSOR_MQTT
                                    : YW_SENSOR_OTHER;
}

static void take_segment(struct yw_sensor *sensor, const struct segment *segment)
{
    enum yw_sensor_service to = service_of(segment->to_port);
    enum yw_sensor_service from = service_of(segment->from_port);
    bool request = to != YW_SENSOR_OTHER;
    bool opens = (segment->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    if (opens)
        yw_sensor_asked_for(sensor, segment->from, segment->to, segment->to_port);
    if (!request && from == YW_SENSOR_OTHER) {
        take_other(sensor, segment, opens);
        return;
    }
    struct yw_sensor_pair *pair =
        yw_sensor_pair(sensor, request ? segment->from : segment->to,
                       request ? segment->to : segment->from, request ? to : from);
    if (pair == NULL)
        return;
    if (opens)
        yw_sensor_opened(sensor, pair);
    if ((segment->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0) {
        struct yw_sensor_stream *stream = stream_for(sensor, segment);
        stream->size = 0;
        stream->lost = false;
        stream->seen_ms = sensor->now_ms + 1;
        stream->next = segment->number + (uint32_t)segment->size +
                       ((segment->flags & TCP_SYN) != 0 ? 1 : 0);
        return;
    }
    if (segment->size > 0)
        take_payload(sensor, pair, request, segment);
}

/* ---- below TCP ---- */

static void take_ipv4(struct yw_sensor *sensor, const uint8_t *ethernet,
                      const uint8_t *bytes, size_t size)
{
    if (size < IPV4_SIZE || bytes[0] >> 4 != 4)
        return;
    size_t head = (size_t)(bytes[0] & 15) * 4;
    size_t total = u16(bytes + 2);
    if (head < IPV4_SIZE || total < head || total > size)
        return;
    yw_sensor_asset(sensor, u32(bytes + 12), ethernet + 6);
    bool fragment = (u16(bytes + 6) & 0x3fff) != 0;
    if (bytes[9] != PROTOCOL_TCP || fragment || total - head < TCP_SIZE)
        return;
    const uint8_t *tcp = bytes + head;
    size_t tcp_head = (size_t)(tcp[12] >> 4) * 4;
    if (tcp_head < TCP_SIZE || tcp_head > total - head)
        return;
    const struct segment segment = {.from = u32(bytes + 12),
                                    .to = u32(bytes + 16),
                                    .from_port = u16(tcp),
                                    .to_port = u16(tcp + 2),
                                    .number = u32(tcp + 4),
                                    .flags = tcp[13],
                                    .bytes = tcp + tcp_head,
                                    .size = total - head - tcp_head};
    take_segment(sensor, &segment);
}

/* Who says that an address is his; of requests and answers alike. */
static void take_arp(struct yw_sensor *sensor, const uint8_t *bytes, size_t size)
{
    static const uint8_t ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4};
    if (size < ARP_SIZE || memcmp(bytes, ethernet_ipv4, sizeof(ethernet_ipv4)) != 0)
        return;
    yw_sensor_asset(sensor, u32(bytes + 14), bytes + 8);
    if (u16(bytes + 6) == ARP_REQUEST)
        yw_sensor_asked_for(sensor, u32(bytes + 14), u32(bytes + 24), 0);
}

void yw_sensor_frame(struct yw_sensor *sensor, const uint8_t *bytes, size_t size,
                     int64_t now_ms)
{
    size_t at = ETHERNET_SIZE;
    sensor->now_ms = now_ms;
    if (sensor->started_ms < 0)
        sensor->started_ms = now_ms;
    if (size < ETHERNET_SIZE)
        return;
    sensor->frames++;
    uint16_t type = u16(bytes + 12);
    if (type == TYPE_VLAN && size >= ETHERNET_SIZE + TAG_SIZE) {
        type = u16(bytes + 16);
        at += TAG_SIZE;
    }
    if (type == TYPE_ARP)
        take_arp(sensor, bytes + at, size - at);
    else if (type == TYPE_IPV4)
        take_ipv4(sensor, bytes, bytes + at, size - at);
}

void yw_sensor_tzsp(struct yw_sensor *sensor, const uint8_t *bytes, size_t size,
                    int64_t now_ms)
{
    size_t at = TZSP_HEAD;
    if (size < TZSP_HEAD || bytes[0] != 1 || u16(bytes + 2) != 1)
        return; /* not version 1, not Ethernet */
    while (at < size && bytes[at] != TZSP_END) {
        if (bytes[at] == TZSP_PAD)
            at++;
        else if (at + 1 < size)
            at += 2 + (size_t)bytes[at + 1];
        else
            return;
    }
    if (at < size)
        yw_sensor_frame(sensor, bytes + at + 1, size - at - 1, now_ms);
}
