/* The passive sensor of a control network: reads copied frames, learns who speaks how, and
 * tells what is new. Ethernet, ARP, IPv4, TCP, Modbus/TCP, IEC-104 and MQTT; everything else is
 * counted as an asset and passed over. Pure; all memory is in one struct, every table has
 * its limit, a full one says so once. Frames are hostile.
 *
 * Configuration (conf.h): learn SECONDS (60: what happens before is the baseline),
 * masters "10.20.2.21, …" (who may write; everybody).
 *
 * Telemetry: {"kind":"sensor","alert":KIND,"from","to"[,…]}, KIND one of
 *   new-asset           address, mac; not while learning
 *   address-moved       an address answers with another mac: was, is
 *   new-talker          a pair with its service that was not in the baseline
 *   new-function        a function code or type of that pair that was not; MQTT: that it
 *                       publishes (3) or subscribes (8)
 *   write-from-unknown  a write by somebody who is not on the list of masters
 *   new-write           a register, object or topic never written while learning; of topics
 *                       count those that command (sensor_mqtt.c)
 *   replay              a command in the words of another client's: topic, first
 *   value               written outside the values of the baseline: low, high, value
 *   sweep               one source asks for many addresses or ports: from, targets
 *   flood               connections to a service faster than in the baseline: rate, in 1 s
 *   write-rate          writes faster than in the baseline: rate, in 10 s
 *   transfer            a block on the engineering port: bytes
 *   malformed           no such frame of its protocol
 *   full                which table
 * The same alert of the same pair or address is told again after 10 s at the earliest. */
#ifndef YW_CONTROLLER_SENSOR_H
#define YW_CONTROLLER_SENSOR_H

#include "controller/conf.h"
#include "controller/iec104.h"
#include "controller/modbus.h"
#include "controller/source.h"

#define YW_SENSOR_ASSETS_MAX 256
#define YW_SENSOR_PAIRS_MAX 512
#define YW_SENSOR_FUNCTIONS_MAX 1024
#define YW_SENSOR_VALUES_MAX 1024
#define YW_SENSOR_STREAMS_MAX 64
#define YW_SENSOR_SOURCES_MAX 64
#define YW_SENSOR_SWEEP_TARGETS 16 /* of one source in 10 s */
#define YW_SENSOR_MESSAGES_MAX 256 /* commands to a broker that are remembered */
#define YW_SENSOR_CARRY 1024       /* octets of an unfinished frame that a stream keeps */
#define YW_SENSOR_AGAIN_MS 10000
#define YW_SENSOR_LEARN_S 60
#define YW_SENSOR_TZSP_PORT 37008 /* copies that come over UDP */

enum yw_sensor_service {
    YW_SENSOR_OTHER,
    YW_SENSOR_MODBUS,
    YW_SENSOR_IEC104,
    YW_SENSOR_MQTT,
    YW_SENSOR_SERVICES
};

enum yw_sensor_alert {
    YW_SENSOR_NEW_ASSET,
    YW_SENSOR_ADDRESS_MOVED,
    YW_SENSOR_NEW_TALKER,
    YW_SENSOR_NEW_FUNCTION,
    YW_SENSOR_WRITE_FROM_UNKNOWN,
    YW_SENSOR_NEW_WRITE,
    YW_SENSOR_VALUE,
    YW_SENSOR_SWEEP,
    YW_SENSOR_FLOOD,
    YW_SENSOR_WRITE_RATE,
    YW_SENSOR_TRANSFER,
    YW_SENSOR_REPLAY,
    YW_SENSOR_MALFORMED,
    YW_SENSOR_FULL,
    YW_SENSOR_ALERTS
};

struct yw_sensor_asset {
    uint32_t address; /* host byte order */
    uint8_t mac[6];
    bool serves[YW_SENSOR_SERVICES];
    bool asks[YW_SENSOR_SERVICES];
    int64_t seen_ms;
    int64_t moved_ms; /* when it was told last that it moved, plus 1; 0 never */
};

/* How often something happens in a window, and how often at most while learning. */
struct yw_sensor_rate {
    int64_t since_ms;
    uint32_t count;
    uint32_t most;
};

/* Whom a machine asks for. */
struct yw_sensor_source {
    uint32_t address; /* 0 free */
    bool usual;       /* it swept while learning */
    int64_t since_ms;
    size_t count;
    uint64_t targets[YW_SENSOR_SWEEP_TARGETS]; /* address and port */
};

struct yw_sensor_pair {
    uint32_t from; /* the client */
    uint32_t to;
    enum yw_sensor_service service;
    int64_t told_ms[YW_SENSOR_ALERTS]; /* 0 never */
    uint64_t frames;
    struct yw_sensor_rate opened; /* connections */
    struct yw_sensor_rate written;
    struct yw_sensor_rate moved; /* octets to the engineering port */
};

struct yw_sensor_function {
    uint16_t pair;
    uint8_t code;
};

struct yw_sensor_value {
    uint16_t pair;
    uint8_t table; /* Modbus: 0 register, 1 coil; IEC-104: 2; MQTT: 3 */
    uint32_t address;
    double low;
    double high;
};

struct yw_sensor_message {
    uint32_t from; /* who said it first; 0 free */
    uint64_t hash; /* of its topic and text */
};

struct yw_sensor_stream {
    uint32_t from;
    uint32_t to;
    uint16_t from_port;
    uint16_t to_port;
    uint32_t next; /* sequence number */
    int64_t seen_ms;
    bool lost; /* out of step: waits for a segment that begins a frame */
    size_t size;
    uint8_t bytes[YW_SENSOR_CARRY];
};

struct yw_sensor {
    int64_t learn_ms;
    struct yw_sources masters;
    int64_t started_ms; /* -1: at the first frame */
    int64_t now_ms;
    uint64_t frames;
    struct yw_sensor_asset assets[YW_SENSOR_ASSETS_MAX];
    size_t asset_count;
    struct yw_sensor_pair pairs[YW_SENSOR_PAIRS_MAX];
    size_t pair_count;
    struct yw_sensor_function functions[YW_SENSOR_FUNCTIONS_MAX];
    size_t function_count;
    struct yw_sensor_value values[YW_SENSOR_VALUES_MAX];
    size_t value_count;
    struct yw_sensor_source sources[YW_SENSOR_SOURCES_MAX];
    struct yw_sensor_message messages[YW_SENSOR_MESSAGES_MAX];
    size_t message_count; /* ever kept */
    struct yw_sensor_stream streams[YW_SENSOR_STREAMS_MAX];
    bool full[4]; /* told already: assets, pairs, functions, values */
    void (*line)(void *arg, const char *line);
    void *arg; /* borrowed */
};

void yw_sensor_init(struct yw_sensor *sensor);
int yw_sensor_load(struct yw_sensor *sensor, const char *text, size_t size,
                   char problem[YW_CONF_PROBLEM_MAX]);
/* One Ethernet frame, without its check sum. */
void yw_sensor_frame(struct yw_sensor *sensor, const uint8_t *bytes, size_t size,
                     int64_t now_ms);
/* A datagram of YW_SENSOR_TZSP_PORT: a header, tagged fields, then a frame. */
void yw_sensor_tzsp(struct yw_sensor *sensor, const uint8_t *bytes, size_t size,
                    int64_t now_ms);
/* {"assets":[{"address","mac","serves":[…],"asks":[…]}],"more":false}, at most ret_size
 * with the NUL; from asset `from` on. */
void yw_sensor_assets(const struct yw_sensor *sensor, size_t from, char *ret,
                      size_t ret_size);

/* sensor_learn.c: what the protocols say, for sensor.c */
struct yw_sensor_pair *yw_sensor_pair(struct yw_sensor *sensor, uint32_t from,
                                      uint32_t to, enum yw_sensor_service service);
void yw_sensor_function(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                        uint8_t code);
void yw_sensor_written(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                       uint8_t table, uint32_t address, double value);
/* The same, in words of the caller's: "" or `,"name":value`. */
void yw_sensor_written_as(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                          uint8_t table, uint32_t address, double value,
                          const char *more);
void yw_sensor_tell(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                    enum yw_sensor_alert alert, const char *more);
void yw_sensor_asset(struct yw_sensor *sensor, uint32_t address, const uint8_t mac[6]);
bool yw_sensor_learning(const struct yw_sensor *sensor);
__attribute__((format(printf, 3, 4))) void yw_sensor_say(struct yw_sensor *sensor,
                                                         enum yw_sensor_alert alert,
                                                         const char *format, ...);

/* sensor_mqtt.c: octets used of the stream between a client and a broker; 0 wait, -1 no such
 * frame. `request`: from the client */
int yw_sensor_take_mqtt(struct yw_sensor *sensor, struct yw_sensor_pair *pair,
                        bool request, const uint8_t *bytes, size_t size);

/* sensor_rate.c: what happens too often */
void yw_sensor_asked_for(struct yw_sensor *sensor, uint32_t from, uint32_t to,
                         uint16_t port);
void yw_sensor_opened(struct yw_sensor *sensor, struct yw_sensor_pair *pair);
void yw_sensor_wrote(struct yw_sensor *sensor, struct yw_sensor_pair *pair);
void yw_sensor_moved(struct yw_sensor *sensor, struct yw_sensor_pair *pair, size_t size);

#endif
