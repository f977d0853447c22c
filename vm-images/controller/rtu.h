/* The outstation of an IEC-104 line: a list of points over the field wiring, several
 * masters, select before operate, interrogation, spontaneous events, clock; the same points
 * once more as Modbus registers. Pure: the caller brings connections, time and sensor
 * records. One thread. Large (about 400 KiB).
 *
 * Its configuration (conf.h), sensors and outputs in the order of the plant's tables:
 *   station 1                               common address, 1..65534 (1)
 *   masters "10.20.2.21, 10.20.3.0/24"      who may connect (everybody)
 *   sensor NAME LOW HIGH
 *   output NAME LOW HIGH INITIAL
 *   point 1001 M_DP_TB_1 NAME [deadband D] [scale S]
 *   point 3001 C_DC_NA_1 NAME [select 10000] [scale S]
 * NAME of a monitored point is a sensor or an output, of a command an output. Deadband in
 * engineering units (0.5 % of the range), `select` in milliseconds makes the command need
 * a selection before (0), scale is the engineering value of one raw step of scaled values
 * and of the mirror. A normalised value is a share of the greater end of the range.
 *
 * Modbus mirror, each kind from address 0 in the order of the points: M_SP, M_DP discrete
 * inputs; M_ME input registers; M_IT pairs of input registers, high word first, from 128;
 * C_SC, C_DC coils; C_SE holding registers. Registers 90 (1: run), 92 and 97 are those of
 * plc.h. A write is a command without selection and refused where that is needed.
 *
 * Telemetry: {"kind":"iec104-command"|"iec104-refused","from","type","ioa","mode","old",
 * "new"[,"why"]}, "iec104-master" with "state" connected, started, refused or gone,
 * "iec104-clock", "iec104-reset", and the mirror's "modbus-write" of plc.h. */
#ifndef YW_CONTROLLER_RTU_H
#define YW_CONTROLLER_RTU_H

#include "controller/conf.h"
#include "controller/iec104_link.h"
#include "controller/modbus.h"
#include "controller/source.h"
#include "guest/channel.h"
#include "guest/field.h"

#define YW_RTU_SCAN_MS 100
#define YW_RTU_POINTS_MAX 128
#define YW_RTU_SESSIONS_MAX 64
#define YW_RTU_ANSWERS_MAX 16 /* of one master, not yet sent; above: it is left */
#define YW_RTU_EVENTS_MAX 512 /* kept for masters that are slow; the oldest go first */
#define YW_RTU_STALE_MS 3000  /* sensors older than that are not topical */
#define YW_RTU_COUNTERS_AT 128
#define YW_RTU_SELECT_MAX_MS 600000

struct yw_rtu_tag {
    char name[YW_CONF_WORD_MAX];
    double low;
    double high;
    double value; /* sensor: last heard; output: what goes out */
};

struct yw_rtu_point {
    uint32_t address;
    const struct yw_iec104_shape *shape;
    bool of_output;
    uint16_t tag;
    uint16_t mirror; /* its address in its Modbus table */
    double deadband;
    double scale;
    int64_t select_ms; /* 0: none needed */
    /* monitored */
    double value;
    uint8_t quality;
    double told; /* last event */
    uint8_t told_quality;
    double frozen; /* counters */
    double base;   /* counters: reset to here */
    uint8_t freezes;
    /* command */
    int selected_by; /* session, -1 nobody */
    double selected;
    int64_t selected_until_ms;
};

struct yw_rtu_event {
    uint16_t point;
    uint8_t quality;
    double value;
    int64_t time_ms;
};

struct yw_rtu_session {
    bool open;
    bool closing; /* when its answers are sent */
    char from[16];
    struct yw_iec104_link link;
    struct yw_iec104_buf answers[YW_RTU_ANSWERS_MAX];
    unsigned first;
    unsigned count;
    uint64_t event;   /* the next one to send */
    int interrogated; /* next point of an interrogation; -1 none */
    uint8_t interrogation;
    uint8_t originator;
    int counted; /* the same for counters */
};

struct yw_rtu {
    uint16_t station;
    struct yw_sources masters;
    bool announce; /* the end of its start is still to be told */
    bool local;    /* the switch at the cabinet: commands from afar are refused */
    struct yw_rtu_tag sensors[YW_FIELD_VALUES];
    uint16_t sensor_count;
    struct yw_rtu_tag outputs[YW_FIELD_VALUES];
    uint16_t output_count;
    struct yw_rtu_point points[YW_RTU_POINTS_MAX];
    uint16_t point_count;
    struct yw_rtu_event events[YW_RTU_EVENTS_MAX];
    uint64_t event_count; /* ever */
    struct yw_rtu_session sessions[YW_RTU_SESSIONS_MAX];
    struct yw_modbus_bank bank;
    char asking[16]; /* who sent the Modbus request being answered */
    int64_t now_ms;
    int64_t wall_ms;    /* UTC of the machine */
    int64_t clock_ms;   /* what masters added to it */
    int64_t sensed_ms;  /* -1 never */
    int64_t started_ms; /* -1 not yet */
    uint32_t scans;
    /* Sends to a master; false: it does not take more, and is left. */
    bool (*put)(void *arg, int session, const void *bytes, size_t size);
    void (*line)(void *arg, const char *line); /* telemetry; may be NULL */
    void *arg;                                 /* borrowed */
};

void yw_rtu_init(struct yw_rtu *rtu, uint64_t seed);
/* Reads the configuration. -1 with a sentence: nothing may be used of it. */
int yw_rtu_load(struct yw_rtu *rtu, const char *text, size_t size,
                char problem[YW_CONF_PROBLEM_MAX]);
/* Settings "masters" and "local" ("on", "off"), at any time; other names are ignored. */
int yw_rtu_set(struct yw_rtu *rtu, const char *name, const char *value,
               char problem[YW_CONF_PROBLEM_MAX]);
bool yw_rtu_sense(struct yw_rtu *rtu, const struct yw_field_record *record);
/* One scan: points, events, the record for the field wiring. */
void yw_rtu_scan(struct yw_rtu *rtu, int64_t now_ms, int64_t wall_ms,
                 struct yw_field_record *ret);

/* Somebody connects in place `session`; false: not allowed, close it. */
bool yw_rtu_open(struct yw_rtu *rtu, int session, const char *from, int64_t now_ms);
/* Bytes of its stream: how many were used, or -1: close it. */
int yw_rtu_feed(struct yw_rtu *rtu, int session, const uint8_t *bytes, size_t size,
                int64_t now_ms);
/* Sends what waits and looks at the clocks; false: close it. */
bool yw_rtu_pump(struct yw_rtu *rtu, int session, int64_t now_ms);
void yw_rtu_close(struct yw_rtu *rtu, int session);
/* When some session has to be pumped next. */
int64_t yw_rtu_due(const struct yw_rtu *rtu);

/* The Modbus mirror; as yw_plc_answer. */
size_t yw_rtu_answer(struct yw_rtu *rtu, const char *from, const uint8_t *pdu,
                     size_t size, uint8_t reply[YW_MODBUS_PDU_MAX]);

/* rtu_point.c and rtu_mirror.c, for the other halves of the outstation */
const struct yw_rtu_tag *yw_rtu_tag(const struct yw_rtu *rtu,
                                    const struct yw_rtu_point *point);
/* Where the mirror has a point of that kind. */
enum yw_rtu_table {
    YW_RTU_DISCRETE,
    YW_RTU_INPUT,
    YW_RTU_COUNTER,
    YW_RTU_COIL,
    YW_RTU_HOLDING
};
enum yw_rtu_table yw_rtu_table(const struct yw_iec104_shape *shape);
/* The value as the point's type carries it. */
double yw_rtu_wire(const struct yw_rtu *rtu, const struct yw_rtu_point *point,
                   double value);
/* What a command of that raw value means in engineering units; false: not permitted. */
bool yw_rtu_meaning(const struct yw_rtu *rtu, const struct yw_rtu_point *point,
                    double raw, double *ret);
void yw_rtu_refresh(struct yw_rtu *rtu);
void yw_rtu_mirror(struct yw_rtu *rtu);
__attribute__((format(printf, 2, 3))) void yw_rtu_say(struct yw_rtu *rtu,
                                                      const char *format, ...);
/* rtu_act.c: one ASDU of a master; false: leave it. */
bool yw_rtu_act(struct yw_rtu *rtu, int session, const uint8_t *bytes, size_t size);

#endif
