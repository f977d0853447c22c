/* The programs that RUN knows, without their sockets: one and the same for the guest and
 * for the in-memory hypervisor, each bringing its own `struct yw_applet_io`.
 *
 *   modbus read HOST UNIT holding|input|coil|discrete ADDRESS COUNT   {"values":[…]}
 *   modbus write HOST UNIT holding|coil ADDRESS VALUE [VALUE…]        {"old":…,"new":…}
 *   modbus scan CIDR                      {"found":[{"address","vendor","product"}]}
 *   operate set-point VALUE               {"old":…,"new":…}, and an operator line
 *   operate stop-pump 0|1                 the same; PLC = setting "plc"
 *   ping HOST                             {"reachable":true}, code 1 when not
 *   addr                                  {"interfaces":[…]}
 *   probe SPAN_MS TARGET[,TARGET…] …      {"asked":3,"heard":["ADDRESS MAC HOW",…]}
 *     who answers in that time, asked by ARP and ICMP on every card whatever the routes
 *     say, and by TCP where TARGET is ADDRESS:PORT; MAC is "-" and HOW "tcp" then
 *   iec104 interrogate HOST STATION       {"points":[{"ioa","type","value","quality"}],
 *                                          "more":false}; more: they did not fit
 *   iec104 sweep HOST STATION FIRST LAST  the same, by reading each address
 *   iec104 command|select|operate HOST STATION TYPE IOA VALUE
 *   iec104 setpoint HOST STATION IOA VALUE  {"ioa","value","done":"executed"|"selected"};
 *     operate selects, then executes; TYPE as "C_DC_NA_1" (1 off, 2 on)
 *   iec104 reset HOST STATION, iec104 clock HOST STATION MILLISECONDS
 *   iec104 flood HOST STATION COUNT       {"sent":…,"closed":false}; interrogations
 *   iec104 block HOST SPAN_MS             {"opened":…}; takes every place of the station
 *   engineering status HOST               {"vendor","model","revision","mode","key","crc"}
 *   engineering login HOST PASSWORD       {"login":true}
 *   engineering mode HOST PASSWORD MODE   {"old","new"}
 *   engineering patch HOST PASSWORD FIND REPLACE   {"old":CRC,"new":CRC,"places":N}; takes the
 *     program up, puts REPLACE for FIND, and down again in mode program; then it runs
 *   engineering guess HOST EVERY_MS WORD…  {"password":WORD,"tries":N}; the first that opens
 *   engineering lock HOST PASSWORD NEW    {"locked":true}
 *   station fetch HOST TAG|*              {"tags","rows","bytes"}; what a historian holds
 *   station guess HOST EVERY_MS WORD…     {"password":WORD,"tries":N}
 *   station stop|start|wipe HOST PASSWORD {"done":"wipe"}
 *   modbus restart HOST UNIT              {"restarted":true}; function code 8
 *   background NAME …, halt NAME          what goes on for a while: lasting.h
 *   mqtt publish HOST USER PASSWORD TOPIC TEXT   {"published":true}
 *   mqtt listen HOST USER PASSWORD FILTER SPAN_MS [HAVING]
 *     {"messages":[{"topic","text"}],"more":false}; what holds the text HAVING
 *   mqtt replay HOST USER PASSWORD FILTER SPAN_MS [HAVING]   {"replayed":N}; listens, then
 *     publishes again all it heard
 * and in the role plc of the guest (guest/request.c), for defenders:
 *   acl LIST                              {}; who may write from now on (plc.h)
 *
 * SPAN_MS, over which something goes on, is of drill time (pace.h), every other of the wall's.
 * One line of JSON. Code 0 done, 1 {"error":"…"}, 127 no such program. Several values:
 * "old" and "new" are lists. Pure but for what `io` does; arguments are untrusted. */
#ifndef YW_CONTROLLER_APPLET_H
#define YW_CONTROLLER_APPLET_H

#include "controller/modbus.h"
#include "controller/pace.h"
#include "guest/channel.h"

#define YW_APPLET_NO_PROGRAM 127
#define YW_APPLET_LATE 124
#define YW_APPLET_BUSY 125
#define YW_APPLET_SCAN_MAX 256 /* hosts */
#define YW_APPLET_TARGETS_MAX 64
#define YW_APPLET_HEARD_MAX 64
#define YW_APPLET_SPAN_MAX_MS 10000
#define YW_APPLET_SET_POINT 40 /* holding register */
#define YW_APPLET_STOP_PUMP 1  /* coil */

struct yw_applet_target {
    uint32_t address; /* host byte order */
    uint16_t port;    /* 0: no TCP */
};

struct yw_applet_heard {
    uint32_t address;
    char mac[18]; /* "-" unknown */
    char how[8];  /* arp icmp tcp */
};

struct yw_applet_io {
    /* One Modbus transaction with port 502 of `host`. Size of the reply PDU, or -1:
     * nobody answers. */
    int (*transact)(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                    size_t size, uint8_t reply[YW_MODBUS_PDU_MAX]);
    /* Marks which of `count` addresses from `first` (host byte order) have port 502 open.
     */
    void (*sweep)(void *arg, uint32_t first, uint32_t count, bool *ret_open);
    bool (*reach)(void *arg, const char *host);
    /* Writes the JSON list of interfaces. */
    void (*interfaces)(void *arg, char *ret, size_t ret_size);
    /* Setting of CONFIGURE, NULL when there is none. Borrowed. */
    const char *(*setting)(void *arg, const char *name);
    /* Asks all targets for span_ms; who answered, at most `max`. */
    size_t (*probe)(void *arg, uint32_t span_ms, const struct yw_applet_target *targets,
                    size_t count, struct yw_applet_heard *ret, size_t max);
    /* Streams to a TCP port; open may be NULL: there are none. A number from 0 on, or -1:
     * nobody there. */
    int (*open)(void *arg, const char *host, uint16_t port);
    bool (*send)(void *arg, int stream, const void *bytes, size_t size);
    /* How many bytes came within wait_ms; 0 none, -1 closed. */
    int (*receive)(void *arg, int stream, void *bytes, size_t size, int64_t wait_ms);
    void (*close)(void *arg, int stream);
    int64_t (*now)(void *arg); /* monotonic ms */
    /* How drill time runs. Borrowed; NULL: as the wall's. */
    const struct yw_pace *(*pace)(void *arg);
    void *arg;
};

struct yw_applet_result {
    int code;
    char output[YW_CHANNEL_OUTPUT_MAX];
    char line[YW_CHANNEL_LINE_MAX]; /* telemetry to send; "" none */
};

void yw_applet_run(const struct yw_applet_io *io, int argc, const char *const *argv,
                   struct yw_applet_result *ret);

/* "10.20.2.11" to host byte order. */
bool yw_applet_address(const char *text, uint32_t *ret);

#endif
