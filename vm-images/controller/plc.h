/* The soft PLC: scan cycle, register conventions, key switch, forces, write protection.
 * Pure: the caller brings time, sensor records and Modbus requests, and carries away field
 * records and logs. The guest program and the in-memory hypervisor run this very code.
 *
 * A scan: sensor values of the field wiring → input registers (raw = value / scale of the
 * tag, rounded, saturated) → Structured Text program → actuator outputs and views. `view`
 * i is what input register i shows, in engineering units.
 *
 * Registers 90..99, on every PLC: 90 mode, 91 scan time ms, 92 scan counter, 93-94 CRC-32
 * of the program (high word first), 95 alarm word, 96 first-out trip code, 97 heartbeat
 * (seconds), 98 key switch, 99 number of forces. Of them only 90 can be written over
 * Modbus. Discrete inputs 0..15 are the bits of the alarm word, 16 the key away from RUN,
 * 17 a force, 18 a bypass (register 80 of a SIS is not 0). Modes: 0 stop (outputs 0), 1
 * run, 2 program (logic halted, outputs hold), 3 remote (as run), 4 boot, which the engineering
 * port alone sets: waits for new firmware, outputs 0, every Modbus question fails. A program that fails
 * while running stops the PLC and leaves its trouble (enum yw_st_trouble +
 * YW_PLC_TRIP_LOGIC) in register 96; an endless loop is YW_ST_BUDGET_SPENT.
 *
 * The key switch has the positions of the modes. At RUN and STOP nobody changes mode,
 * program or forces over the network; at PROGRAM and REMOTE whoever reaches the machine
 * does. Turning it sets the mode. It stands at REMOTE at first, on a SIS at RUN.
 *
 * Profiles: PLC; SIS, which takes writes of holding registers only with the key away from
 * RUN (coils always: reset, proof test); REMOTE I/O, which has no program: holding register
 * i is output i, raw × the output's step, and `fallback` says when silence of every
 * Modbus client takes the outputs to 0.
 *
 * Leaving STOP is a warm start: variables take their initial values but for those declared
 * RETAIN. Large (about 180 KiB): allocate on the heap or statically. One thread. */
#ifndef YW_CONTROLLER_PLC_H
#define YW_CONTROLLER_PLC_H

#include "controller/modbus.h"
#include "controller/source.h"
#include "controller/st.h"
#include "guest/field.h"

#define YW_PLC_BYPASS 80
#define YW_PLC_MODE 90
#define YW_PLC_SCAN_TIME 91
#define YW_PLC_SCAN_COUNT 92
#define YW_PLC_CRC 93
#define YW_PLC_ALARM 95
#define YW_PLC_TRIP 96
#define YW_PLC_HEARTBEAT 97
#define YW_PLC_KEY 98
#define YW_PLC_FORCES 99
#define YW_PLC_REGISTER_LAST 99
#define YW_PLC_DI_KEY 16 /* discrete inputs behind the alarm word */
#define YW_PLC_DI_FORCE 17
#define YW_PLC_DI_BYPASS 18
#define YW_PLC_TRIP_LOGIC 100
#define YW_PLC_FORCES_MAX 32
#define YW_PLC_SOURCE_SIZE 16 /* "255.255.255.255" and NUL */
#define YW_PLC_PROBLEM_MAX 96
#define YW_PLC_PASSWORD_MAX 32 /* with the NUL */
#define YW_PLC_PASSWORD "1111" /* of the factory, as many have it */
#define YW_PLC_LINE_MAX 320

enum yw_plc_mode {
    YW_PLC_STOP,
    YW_PLC_RUN,
    YW_PLC_PROGRAM,
    YW_PLC_REMOTE,
    YW_PLC_BOOT /* no position of the key */
};
enum yw_plc_profile { YW_PLC_LOGIC, YW_PLC_SAFETY, YW_PLC_REMOTE_IO };

/* A value that somebody wrote, for the log. */
struct yw_plc_write {
    char from[YW_PLC_SOURCE_SIZE];
    struct yw_modbus_write what;
    bool refused; /* not written: the source is not on the list, or the key stands so */
};

/* A value that stands whatever the field or the program says. */
struct yw_plc_force {
    char name[2 * YW_ST_NAME_MAX]; /* as it was asked for: "%IW4", "delay.q" */
    struct yw_st_spot spot;
    uint32_t value;
};

/* Where the wires end: sensor i of the field wiring. */
struct yw_plc_terminal {
    enum yw_plc_table { YW_PLC_NOWHERE, YW_PLC_INPUT, YW_PLC_DISCRETE } table;
    uint16_t address;
    double scale, offset; /* of an input register: raw = value / scale + offset */
};

struct yw_plc_wiring {
    struct yw_plc_terminal tags[YW_FIELD_VALUES]; /* sensors, views */
    uint16_t tag_count;
    double outputs[YW_FIELD_VALUES]; /* value of one step of a remote I/O's register */
    uint16_t output_count;
    uint32_t bits; /* discrete inputs below 32 that are wired: no alarm bits */
};

struct yw_plc {
    struct yw_modbus_bank bank;
    struct yw_st_program program;
    struct yw_st_image image;
    double output[YW_ST_OUTPUTS];
    double sensed[YW_FIELD_VALUES]; /* what the wires carried last, forces or not */
    struct yw_plc_wiring wiring;
    struct yw_sources sources; /* who may write */
    enum yw_plc_profile profile;
    enum yw_plc_mode key;
    struct yw_plc_force forces[YW_PLC_FORCES_MAX];
    uint32_t force_count;
    char password[YW_PLC_PASSWORD_MAX]; /* of the engineering port */
    bool loaded;
    bool asked; /* over Modbus, since the last scan */
    uint8_t unit;
    uint32_t scan;
    int64_t last_ms;
    int64_t started_ms;
    int64_t asked_ms;
    int64_t scan_ms;              /* from scan to scan; 0: as the program says */
    int64_t fallback_ms;          /* 0: outputs of a remote I/O hold */
    struct yw_st_problem problem; /* why the logic stopped; trouble OK when it did not */
    /* Told of every value written and every refusal. May be NULL; arg borrowed. */
    void (*on_write)(void *arg, const struct yw_plc_write *write);
    /* The same of what is no register: mode, key, program, forces. One JSON object. */
    void (*on_line)(void *arg, const char *line);
    void *arg;
    char asking[YW_PLC_SOURCE_SIZE]; /* who sent the request being answered */
};

/* Mode STOP, no program, identity from the seed. */
void yw_plc_init(struct yw_plc *plc, uint64_t seed);
/* The same as a SIS or as remote I/O, which runs at once. */
void yw_plc_init_as(struct yw_plc *plc, enum yw_plc_profile profile, uint64_t seed);
/* The whole state of another, which may be gone afterwards; a plain assignment would keep
 * pointers into it. on_write, on_line and arg come with it. */
void yw_plc_copy(struct yw_plc *plc, const struct yw_plc *from);

/* A setting of CONFIGURE. 0, or -1 with a sentence in `problem`.
 *   wiring    where the wires end, in their order: "o1 o0.01 i0*0.1 i4*0.1+1000 d2 -":
 *             outputs (o, value of a step of a remote I/O's register), input registers with
 *             scale and offset, discrete inputs, nothing. At first that of water-dosing
 *   wiring+   more of it
 *   acl       who may write: "10.20.2.20, 10.20.3.0/24"; "*" everybody (at first), "none"
 *   unit      Modbus unit, 1..247 (at first 1)
 *   key       stop, run, program, remote
 *   password  of the engineering port, 1..31 letters and digits
 *   scan      ms from scan to scan, 10..1000, whatever the program says
 *   fallback  ms without a Modbus request until a remote I/O lets go; 0 never (at first)
 * Other names are accepted and ignored: settings are shared by all roles. */
int yw_plc_set(struct yw_plc *plc, const char *name, const char *value,
               char problem[YW_PLC_PROBLEM_MAX]);
/* Settings as lines of a role's configuration (conf.h): "key program". */
int yw_plc_configure(struct yw_plc *plc, const char *text, size_t size,
                     char problem[YW_PLC_PROBLEM_MAX]);

/* Compiles, sets initial values and goes to RUN. On -1 the PLC is in STOP without
 * program, and answers reads and writes with DEVICE_FAILURE. */
int yw_plc_load(struct yw_plc *plc, const char *source, size_t size,
                struct yw_st_problem *ret_problem);
/* Puts a verified program in the place of ours, with the values that it begins with;
 * located ones take their initial values when `located`. The mode stays; forces of names
 * that are gone end. */
void yw_plc_install(struct yw_plc *plc, const struct yw_st_program *program,
                    const struct yw_st_image *image, bool located);
/* Milliseconds from scan to scan. */
int64_t yw_plc_scan_ms(const struct yw_plc *plc);
/* The retained values of another life of this controller; false: none for us. */
bool yw_plc_retain(struct yw_plc *plc, const uint8_t *bytes, size_t size);

/* May the network change mode, program and forces? */
bool yw_plc_unlocked(const struct yw_plc *plc);
void yw_plc_set_mode(struct yw_plc *plc, enum yw_plc_mode mode);
void yw_plc_turn_key(struct yw_plc *plc, enum yw_plc_mode position);
const char *yw_plc_mode_name(enum yw_plc_mode mode); /* "stop", "run", … */
int yw_plc_mode_find(const char *name);              /* or -1 */

/* Forces a variable or address. -1: no such name, a constant, or too many. */
int yw_plc_force(struct yw_plc *plc, const char *name, uint32_t value);
/* False: it was not forced. NULL: all, true when there was one. */
bool yw_plc_unforce(struct yw_plc *plc, const char *name);

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
/* {"kind":"plc-…","from":…, and what `more` says: ",\"old\":…". */
void yw_plc_tell(const struct yw_plc *plc, const char *kind, const char *from,
                 const char *more) __attribute__((nonnull));

/* plc_wiring.c: reads terminals and adds them; false: not understood, nothing added. */
bool yw_plc_wire(struct yw_plc_wiring *wiring, const char *text);
/* Sensor i to its register; and the value that its register shows. */
void yw_plc_put_tag(struct yw_plc *plc, uint16_t i);
double yw_plc_view(const struct yw_plc *plc, uint16_t i);
#define YW_PLC_WATER "o1 o1 o1 i0*0.1 i1*0.01 i2*0.001 i3*1"

/* For plc_force.c and plc.c. */
enum yw_plc_phase { YW_PLC_BEFORE, YW_PLC_AFTER };
void yw_plc_apply_forces(struct yw_plc *plc, enum yw_plc_phase phase);

#endif
