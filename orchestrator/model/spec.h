/* The spec: what a scenario's declare stage says, checked and typed. A value owned by one
 * holder; made by the script room (in its jailed process), sent packed, read by plan and
 * drill. */
#ifndef YW_MODEL_SPEC_H
#define YW_MODEL_SPEC_H

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "model/cond.h"
#include "model/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_SPEC_NETWORKS_MAX 32
#define YW_SPEC_PLANTS_MAX 16
#define YW_SPEC_MACHINES_MAX 64
#define YW_SPEC_NICS_MAX 8
#define YW_SPEC_POINTS_MAX 512     /* of all outstations */
#define YW_SPEC_CONTROLS_MAX 256   /* of all stations */
#define YW_SPEC_MASTERS_MAX 8      /* of one machine */
#define YW_SPEC_STATEMENTS_MAX 512 /* of all machines */
#define YW_SPEC_STATEMENT_MAX 120
#define YW_SPEC_ATTACKS_MAX 128
#define YW_SPEC_OBJECTIVES_MAX 128
#define YW_SPEC_PLAYBOOKS_MAX 32
#define YW_SPEC_GIVEN_MAX 6 /* variables given to a playbook, beside drill and team */
#define YW_SPEC_GIVEN_SIZE 2048
#define YW_SPEC_RULES_MAX 16
#define YW_SPEC_ARGS_MAX 16
#define YW_SPEC_ARG_MAX 128
#define YW_SPEC_PATH_MAX 128
#define YW_SPEC_TEAMS_MAX 64
#define YW_SPEC_TIERS_MAX 5
#define YW_SPEC_LIMITS_MAX 32
#define YW_SPEC_PERIODS_MAX 8
#define YW_SPEC_MEASURES_MAX 32
#define YW_SPEC_WIRES_MAX 8            /* machines wired to one plant */
#define YW_SPEC_LIST_MAX 256           /* words with blanks between */
#define YW_SPEC_BANDWIDTH_MIN 8        /* kbit/s */
#define YW_SPEC_BANDWIDTH_MAX 10000000 /* kbit/s */
#define YW_SPEC_RAM_FULL_MIB 256 /* of a machine with a disk that says nothing */
#define YW_SPEC_RAM_MIN_MIB 128
#define YW_SPEC_RAM_MAX_MIB 16384
#define YW_SPEC_DELAY_MAX_MS 10000

struct yw_spec_network {
    char name[YW_NAME_MAX];
    uint32_t address; /* host byte order; network address of the cidr */
    int prefix;       /* 8..30 */
    char zone[YW_NAME_MAX];
    bool isolated;      /* its machines reach promiscuous ones only */
    bool capture;       /* its packets are kept from the start */
    int bandwidth_kbit; /* of each machine's link, towards it; 0 as fast as it goes */
    int64_t delay_ms;   /* likewise; 0 none */
    bool mirror;        /* it only carries copies of what passes another, and has no
                           addresses: "mirror-NAME" */
    int mirrored;       /* of which */
    int line;           /* in scenario.lua, for messages; 0 unknown */
};

struct yw_spec_plant {
    char name[YW_NAME_MAX];
    char model[YW_NAME_MAX]; /* a row of plant/plants.def */
    double time_scale;       /* 1..120 */
    int line;
};

struct yw_spec_nic {
    int network;      /* index */
    uint32_t address; /* host byte order, whole address */
};

struct yw_spec_machine {
    char name[YW_NAME_MAX];
    char image[YW_NAME_MAX]; /* registered image id: "plc", "hmi", "attacker" */
    struct yw_spec_nic nics[YW_SPEC_NICS_MAX];
    size_t nic_count;
    int plant; /* field wiring: index of a plant, -1 none */
    /* Which wires are its own (model/spec_wiring.c): */
    char senses[YW_SPEC_LIST_MAX];  /* tags, its inputs in their order; "" all */
    char drives[YW_SPEC_LIST_MAX];  /* inputs of the plant that follow its outputs */
    char trips[YW_SPEC_LIST_MAX];   /* inputs that lose their power when it says 0 */
    char key[YW_NAME_MAX];          /* position of the key switch; "" as delivered */
    char password[YW_NAME_MAX];     /* of the engineering port; "" as delivered */
    int64_t scan_ms;                /* from scan to scan; 0 as the program says */
    int64_t pace_ms;                /* between rounds of a poller; 0 the usual */
    int64_t learn_ms;               /* sensor: its baseline; 0 the usual */
    char program[YW_SPEC_PATH_MAX]; /* under the scenario's folder; "" none */
    int serves;                     /* hmi: index of the controller it watches, -1 none */
    bool hidden;                    /* from teams and public */
    bool display;                   /* video and VNC beside the serial console */
    bool console;                   /* its team may open its consoles */
    bool promiscuous;               /* reached by all on isolated networks */
    bool spoof;     /* may send under addresses of others: ARP and IPv4, never MAC */
    bool important; /* not to be changed in a freeze */
    int station;  /* rtu: its common address; 0 the first */
    int ram_mib;  /* of a full image; 0: YW_SPEC_RAM_FULL_MIB */
    int masters[YW_SPEC_MASTERS_MAX]; /* rtu, sensor: machines that may command */
    size_t master_count;              /* 0: everybody */
    int line;
};

/* A line of what a role is told: "allow it control tcp 502", "ops:summer24". */
enum yw_spec_statement_kind {
    YW_SPEC_FORWARD, /* firewall: a rule */
    YW_SPEC_ACCOUNT, /* firewall, jump, broker: user:password */
    YW_SPEC_TOPIC,   /* broker: user read|write|readwrite topic */
    YW_SPEC_STATEMENT_KINDS
};

struct yw_spec_statement {
    int machine;
    enum yw_spec_statement_kind kind;
    char text[YW_SPEC_STATEMENT_MAX]; /* no control characters */
    int line;
};

/* One of the points of an outstation. */
struct yw_spec_point {
    int machine;
    int address;            /* of the information object, 1..16777215 */
    char type[YW_NAME_MAX]; /* "M_ME_TF_1" */
    char tag[YW_NAME_MAX];  /* of its plant: a tag, or an input */
    double deadband;        /* engineering units; -1 the usual */
    double scale;           /* engineering value of one raw step; 0 the usual */
    int64_t select_ms;      /* commands: how long a selection holds; 0 none needed */
    int line;
};

/* What an operator can set at a station: raw = value / scale + offset, 0..65535. */
struct yw_spec_control {
    int machine;
    int holding, coil; /* address in the controller; -1: it is the other one */
    struct yw_text says;
    char unit[YW_NAME_MAX];
    double scale, offset;
    double low, high; /* engineering units; equal: what the register holds */
    int line;
};

struct yw_spec_attack {
    char name[YW_NAME_MAX];
    char technique[16]; /* ATT&CK for ICS id */
    int from;           /* machine index */
    int to;             /* machine index, -1 none */
    /* run on `from` through its guest channel */
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    size_t argc;
    char needs[YW_SPEC_LIST_MAX];    /* facts; it is left out while one is not known */
    char produces[YW_SPEC_LIST_MAX]; /* facts that are known once it took effect */
    int line;
};

struct yw_spec_objective {
    char name[YW_NAME_MAX];
    struct yw_text says;
    int points;      /* 0..100000, when met at once */
    int fades_to;    /* ≤ points, when met `over_ms` after `since`, or later */
    int64_t over_ms; /* 0: does not fade */
    int since;       /* attack index whose effect starts the fading; -1: drill start */
    struct yw_cond met_by;
    int line;
};

struct yw_spec_playbook {
    char name[YW_NAME_MAX];
    char file[YW_SPEC_PATH_MAX]; /* under files/, else under the library playbooks/ */
    char vars[YW_SPEC_GIVEN_SIZE]; /* model/pairs.h: values of its external variables */
    bool lenient; /* from elsewhere: what it gets wrong is put right as it is read */
    char office[YW_NAME_MAX]; /* tier whose own it is: a report that comes there starts it */
    struct yw_cond starts_on; /* … else this does */
    int line;
};

/* A level of the reporting ladder: enterprise, county, city, province or ministry. */
struct yw_spec_tier {
    char name[YW_NAME_MAX];
    bool people;                  /* played by people; else it acts by itself */
    int64_t receive_ms;           /* so long after a report came */
    int64_t relay_ms;             /* and so long after that it tells the next */
    char roles[YW_SPEC_LIST_MAX]; /* that may act; "" any */
    char leader[YW_NAME_MAX];     /* the role that confirms as its leader; "" leader */
    int line;
};

/* The house's own limit of a duty that the law sets no figure for. */
struct yw_spec_limit {
    char name[YW_NAME_MAX];
    char duty[YW_NAME_MAX];
    int64_t within_ms;
    int line;
};

/* A state of alert of a rule pack: 重保, 7×24 watch. */
struct yw_spec_period {
    char name[YW_NAME_MAX];
    char state[YW_NAME_MAX];
    int64_t from_ms, to_ms; /* drill time; to 0: until the drill ends */
    int64_t zero_every_ms;  /* 0: no zero reports */
    int64_t check_every_ms; /* a presence check in each, at random; 0 none */
    int64_t check_limit_ms;
    bool freeze;
    int line;
};

/* A reading of measures alone: plant seconds during which quality or production was lost. */
#define YW_SPEC_OUTAGE "outage_s"

/* A tag of a plant, or one of its integrals. */
struct yw_spec_reading {
    int plant; /* index */
    char tag[YW_NAME_MAX];
};

/* A figure of the incident that the drill measures: from the truth of a plant to a metric of
 * the rule packs. It never falls. */
struct yw_spec_measure {
    char name[YW_NAME_MAX];
    char metric[YW_NAME_MAX];
    struct yw_spec_reading from;
    double factor;       /* the metric is so many times the reading … */
    double above, below; /* … or `counts`, once it was beyond; NaN: no such bound */
    double counts;
    int line;
};

struct yw_spec {
    char id[YW_NAME_MAX];
    struct yw_text title;
    char sector[YW_NAME_MAX];
    bool tabletop; /* mode "tabletop": no range */
    bool hostile;  /* people in it may attack the host: a strong one is needed */
    int64_t length_ms;
    int resets; /* a team may take its machines back so often */
    char rules[YW_SPEC_RULES_MAX][YW_NAME_MAX];
    size_t rule_count;
    char region[8];                 /* ISO 3166-2; "" not said */
    char classes[YW_SPEC_LIST_MAX]; /* of the enterprise, as the packs name them */
    char date[YW_NAME_MAX];         /* "2026-11-20 08:30" where it happens; "" now */
    bool wall_clock;                /* duties count wall time */
    double tolerance;               /* of figures in reports; 0 the usual */
    struct yw_spec_tier tiers[YW_SPEC_TIERS_MAX];
    size_t tier_count;
    struct yw_spec_limit limits[YW_SPEC_LIMITS_MAX];
    size_t limit_count;
    struct yw_spec_period periods[YW_SPEC_PERIODS_MAX];
    size_t period_count;
    struct yw_spec_measure measures[YW_SPEC_MEASURES_MAX];
    size_t measure_count;
    struct yw_spec_network networks[YW_SPEC_NETWORKS_MAX];
    size_t network_count;
    struct yw_spec_plant plants[YW_SPEC_PLANTS_MAX];
    size_t plant_count;
    struct yw_spec_machine machines[YW_SPEC_MACHINES_MAX];
    size_t machine_count;
    struct yw_spec_point points[YW_SPEC_POINTS_MAX];
    size_t point_count;
    struct yw_spec_control controls[YW_SPEC_CONTROLS_MAX];
    size_t control_count;
    struct yw_spec_statement statements[YW_SPEC_STATEMENTS_MAX];
    size_t statement_count;
    struct yw_spec_attack attacks[YW_SPEC_ATTACKS_MAX];
    size_t attack_count;
    struct yw_spec_objective objectives[YW_SPEC_OBJECTIVES_MAX];
    size_t objective_count;
    struct yw_spec_playbook playbooks[YW_SPEC_PLAYBOOKS_MAX];
    size_t playbook_count;
};

struct yw_spec *yw_spec_new(void);       /* heap: it is large */
void yw_spec_free(struct yw_spec *spec); /* NULL-safe */
/* Everything that holds between parts: addresses inside their network and used once,
 * networks and machines declared, names unique, conditions naming things that exist. The
 * message begins with "scenario.lua:<line>: " and says what would be right. */
int yw_spec_check(const struct yw_spec *spec, struct yw_err *err);
/* The images of the machines, among those that are registered (`ids`, borrowed) and the
 * micro ones: "scenario.lua:<line>: machine 'plc1': no image 'plcc' is registered; did
 * you mean 'plc'?" */
int yw_spec_check_images(const struct yw_spec *spec, const char *const *ids, size_t count,
                         struct yw_err *err);
/* The index-th id of the micro images, which every installation has; NULL at the end. */
const char *yw_spec_micro_image(size_t index);
bool yw_spec_is_micro(const char *image);
/* Of a micro image: the file that it boots from; those that carry packaged programs have
 * one of their own, "firewall.cpio.gz". Static. */
const char *yw_spec_micro_initrd(const char *image);
/* The index-th of all files that they boot from, each once; NULL at the end. The first
 * YW_SPEC_MICRO_NEEDED, kernel and agent, stand in every installation. */
const char *yw_spec_micro_file(size_t index);
#define YW_SPEC_MICRO_NEEDED 2
#define YW_SPEC_MICRO_IMAGES 14
#define YW_SPEC_IMAGES_MAX 256 /* registered ones that are looked at */
void yw_spec_pack(struct yw_buf *out, const struct yw_spec *spec);
int yw_spec_unpack(struct yw_spec *ret, const void *bytes, size_t size,
                   struct yw_err *err);
/* Tiers, limits and periods; part of yw_spec_check (spec_duty.c). */
int yw_spec_check_duty(const struct yw_spec *spec, struct yw_err *err);
void yw_spec_pack_duty(struct yw_buf *out, const struct yw_spec *spec);
struct yw_unpack;
void yw_spec_unpack_duty(struct yw_unpack *in, struct yw_spec *spec);
/* What a measure makes of a reading: 0 when nothing is to be told of it. */
double yw_spec_measured(const struct yw_spec_measure *measure, double reading);
/* 0 enterprise … 4 ministry, or -1. */
int yw_spec_tier(const char *name);
const char *yw_spec_tier_name(int tier); /* NULL beyond the end */
/* Word `index` of a list of words; false beyond its end. */
bool yw_spec_word(const char *list, size_t index, char ret[YW_NAME_MAX]);
bool yw_spec_has_word(const char *list, const char *word);
/* Several machines may be wired to one plant (spec_wiring.c): one that names no wires drives
 * every input that no other claims, and shows every tag; the others name theirs. One that
 * names only what it senses drives nothing. */
bool yw_spec_leads(const struct yw_spec_machine *machine);
int yw_spec_check_wiring(const struct yw_spec *spec, struct yw_err *err);
/* At the table (spec_table.c). Is the plant driven by a machine? */
bool yw_spec_driven(const struct yw_spec *spec, int plant);
/* Does the condition ask for what only such a plant could tell? alarm() follows the plan. */
bool yw_spec_asks_machines(const struct yw_spec *spec, const struct yw_cond *cond);
/* How the spec, as it was loaded, is to be played: `tabletop` reads it as if its mode said so.
 * At the table objectives that ask for machines give no points; a drill does not set them. */
void yw_spec_seat(struct yw_spec *spec, bool tabletop);
/* What roles want of each other's fields; part of yw_spec_check (spec_role.c). */
int yw_spec_check_roles(const struct yw_spec *spec, struct yw_err *err);
/* The index of the network that carries copies of this one, or -1. */
int yw_spec_mirror_of(const struct yw_spec *spec, int network);
/* A firewall: packets between its networks go through it. */
bool yw_spec_is_router(const struct yw_spec_machine *machine);
/* The first firewall on the first of the machine's networks that has one; 0: none, or it
 * is one itself. */
uint32_t yw_spec_gateway(const struct yw_spec *spec,
                         const struct yw_spec_machine *machine);
/* The address under which `from` reaches `to`: on a network of both, else behind a
 * firewall between them; 0: there is no way. */
uint32_t yw_spec_way(const struct yw_spec *spec, int from, int to);
/* Index by name, or -1. */
int yw_spec_machine(const struct yw_spec *spec, const char *name);
int yw_spec_plant(const struct yw_spec *spec, const char *name);
int yw_spec_attack(const struct yw_spec *spec, const char *name);
int yw_spec_objective(const struct yw_spec *spec, const char *name);
int yw_spec_network(const struct yw_spec *spec, const char *name);
/* "10.20.2.11" into text[16]. */
void yw_spec_address_text(uint32_t address, char text[16]);
int yw_spec_address_parse(const char *text, uint32_t *ret); /* 0 or YW_EINVAL */

#endif
