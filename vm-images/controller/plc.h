/* The soft PLC: scan cycle, register conventions, write protection. Pure: the caller
 * brings time, sensor records and Modbus requests, and carries away field records and
 * write logs. The guest program and the in-memory hypervisor run this very code.
 *
 * A scan: sensor values of the field wiring → input registers (raw = value / scale of the
 * tag, rounded, saturated) → Structured Text program → actuator outputs and views. `view`
 * i is what input register i shows, in engineering units.
 *
 * Registers 90..99, on every PLC: 90 mode, 91 scan time ms, 92 scan counter, 93-94 CRC-32
 * of the program (high word first), 95 alarm word, 96 first-out trip code, 97 heartbeat
 * (seconds), 98-99 spare. Of them only 90 can be written over Modbus. Discrete inputs
 * 0..15 are the bits of the alarm word. Modes: 0 stop (outputs 0), 1 run, 2 program
 * (logic halted, outputs hold), 3 remote (as run). A program that fails while running
 * stops the PLC and leaves its trouble (enum yw_st_trouble + YW_PLC_TRIP_LOGIC) in
 * register 96.
 *
 * Large (about 80 KiB): allocate on the heap or statically. One thread. */
#ifndef YW_CONTROLLER_PLC_H
#define YW_CONTROLLER_PLC_H

#include "controller/modbus.h"
#include "controller/source.h"
#include "controller/st.h"
#include "guest/field.h"

#define YW_PLC_SCAN_MS 100
#define YW_PLC_MODE 90
#define YW_PLC_SCAN_TIME 91
#define YW_PLC_SCAN_COUNT 92
#define YW_PLC_CRC 93
#define YW_PLC_ALARM 95
#define YW_PLC_TRIP 96
#define YW_PLC_HEARTBEAT 97
#define YW_PLC_SPARE_LAST 99
#define YW_PLC_TRIP_LOGIC 100
#define YW_PLC_SOURCE_SIZE 16 /* "255.255.255.255" and NUL */
#define YW_PLC_PROBLEM_MAX 96

enum yw_plc_mode { YW_PLC_STOP, YW_PLC_RUN, YW_PLC_PROGRAM, YW_PLC_REMOTE };

/* A value that somebody wrote, for the log. */
struct yw_plc_write {
    char from[YW_PLC_SOURCE_SIZE];
    struct yw_modbus_write what;
    bool refused; /* not written: the source is not on the list */
};

struct yw_plc {
    struct yw_modbus_bank bank;
    struct yw_st_program program;
    struct yw_st_image image;
    double output[YW_ST_OUTPUTS];
    const struct yw_plc_map *map;
    struct yw_sources sources; /* who may write */
    bool loaded;
    uint8_t unit;
    uint32_t scan;
    int64_t last_ms;
    int64_t started_ms;
    struct yw_st_problem problem; /* why the logic stopped; trouble OK when it did not */
    /* Told of every value written and every refusal. May be NULL; arg borrowed. */
    void (*on_write)(void *arg, const struct yw_plc_write *write);
    void *arg;
    char asking[YW_PLC_SOURCE_SIZE]; /* who sent the request being answered */
};

/* Mode STOP, no program, identity from the seed, map of plant "water-dosing". */
void yw_plc_init(struct yw_plc *plc, uint64_t seed);
/* The whole state of another, which may be gone afterwards; a plain assignment would keep
 * pointers into it. on_write and arg come with it. */
void yw_plc_copy(struct yw_plc *plc, const struct yw_plc *from);

/* A setting of CONFIGURE. 0, or -1 with a sentence in `problem`.
 *   plant  name of the register map ("water-dosing")
 *   acl    who may write: "10.20.2.20, 10.20.3.0/24"; "*" everybody (at first), "none"
 *   unit   Modbus unit, 1..247 (at first 1)
 * Other names are accepted and ignored: settings are shared by all roles. */
int yw_plc_set(struct yw_plc *plc, const char *name, const char *value,
               char problem[YW_PLC_PROBLEM_MAX]);

/* Compiles, sets initial values and goes to RUN. On -1 the PLC is in STOP without
 * program, and answers reads and writes with DEVICE_FAILURE. */
int yw_plc_load(struct yw_plc *plc, const char *source, size_t size,
                struct yw_st_problem *ret_problem);

/* Sensor values from the field wiring; false: refused (magic, counts, not finite). */
bool yw_plc_sense(struct yw_plc *plc, const struct yw_field_record *record);

/* One scan at a monotonic time; fills the record for the field wiring. */
void yw_plc_scan(struct yw_plc *plc, int64_t now_ms, struct yw_field_record *ret);

/* Answers one request PDU that came from IPv4 address `from` for `unit`; 0: silence.
 * Units 0, 255 and our own are answered, others with exception 11. */
size_t yw_plc_answer(struct yw_plc *plc, const char *from, uint8_t unit,
                     const uint8_t *pdu, size_t size, uint8_t reply[YW_MODBUS_PDU_MAX]);

/* The write as one telemetry line: {"kind":"modbus-write",…}. */
void yw_plc_write_line(const struct yw_plc_write *write, char *ret, size_t ret_size);

/* Register map of a plant: how tags become input registers. */
struct yw_plc_map {
    const char *plant;
    uint16_t tags;    /* sensors = views = input registers 0.. */
    uint16_t outputs; /* actuator outputs */
    double scale[YW_FIELD_VALUES];
};

const struct yw_plc_map *yw_plc_map_find(const char *plant); /* NULL: unknown */

#endif
