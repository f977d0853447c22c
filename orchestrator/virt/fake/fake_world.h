/* The world inside the fake hypervisor: machines and bridges by tag, links, and what each
 * guest would do. It outlives connections. Everything here is private to fake*.c; loop
 * thread. */
#ifndef YW_VIRT_FAKE_WORLD_H
#define YW_VIRT_FAKE_WORLD_H

#include "base/map.h"
#include "controller/applet.h"
#include "controller/engineering.h"
#include "controller/firewall.h"
#include "controller/lasting.h"
#include "controller/plc.h"
#include "controller/rtu.h"
#include "controller/upkeep.h"
#include "guest/channel.h"
#include "virt/virt.h"

#define YW_FAKE_MACHINES_MAX YW_VIRT_LIST_MAX
#define YW_FAKE_FILES_MAX 16
#define YW_FAKE_LASTING_MAX 8
#define YW_FAKE_FILE_MAX (1024 * 1024)

struct yw_fake_nic {
    char bridge[YW_PLAN_BRIDGE_MAX];
    char mac[YW_PLAN_MAC_SIZE];
    uint32_t address;
    int prefix;
    bool up;
    bool isolated;
    int bandwidth_kbit;
    int delay_ms;
};

/* A remembered answer: the same request number is answered with it and not done again. */
struct yw_fake_answer {
    uint32_t request; /* 0: empty */
    int exit_code;
    char *output; /* owned */
};

/* A file inside a guest. */
struct yw_fake_file {
    char path[YW_VIRT_PATH_MAX];
    char *bytes; /* owned */
    size_t size;
};

/* An attack that goes on by itself. */
struct yw_fake_lasting {
    char name[YW_LASTING_NAME_MAX]; /* "": free */
    struct yw_lasting what;
    bool frozen;               /* a stand that plays old answers */
    struct yw_modbus_bank old; /* those */
};

struct yw_fake_point;   /* fake_point.c */
struct yw_fake_streams; /* fake_stream.c */
struct yw_fake_broker;  /* fake_fleet.c */
struct yw_fake_client;

struct yw_fake_machine {
    struct yw_virt_world *world; /* borrowed */
    char uuid[YW_UUID_SIZE];
    char domain[YW_PLAN_DOMAIN_MAX];
    char drill[YW_NAME_MAX];
    char name[YW_NAME_MAX];
    char team_name[YW_NAME_MAX];
    char image[YW_NAME_MAX];
    uint64_t seed;
    bool has_field;
    bool display;
    uint8_t colour; /* of its screen */
    bool running;
    bool attached; /* to the connection of the world: by UP or FIND */
    bool serves;   /* SETUP is done */
    struct yw_fake_nic nics[YW_SPEC_NICS_MAX];
    size_t nic_count;
    uint32_t gateway; /* that it was told at SETUP; 0 none */
    struct yw_virt_setting settings[YW_VIRT_SETTINGS_MAX];
    size_t setting_count;
    struct yw_plc *plc; /* owned; NULL unless it serves as "plc" */
    struct yw_eng *eng; /* owned; the engineering port of plc, when it has logic */
    struct yw_rtu *rtu; /* owned; NULL unless it serves as "rtu" */
    struct yw_firewall *firewall;    /* owned; NULL unless it serves as "firewall" */
    struct yw_fake_broker *broker;   /* owned; NULL unless it serves as "broker" */
    struct yw_fake_client *client;   /* owned; NULL unless "tbox" or "backend" */
    struct yw_fake_streams *streams; /* borrowed; while an applet talks from or to it */
    struct yw_fake_answer answers[YW_CHANNEL_MEMORY];
    size_t next_answer;
    struct yw_fake_file files[YW_FAKE_FILES_MAX];
    struct yw_fake_lasting lasting[YW_FAKE_LASTING_MAX];
    struct yw_pace pace; /* of drill time, as it was told last */
    struct yw_upkeep upkeep; /* of one that has pages */
    bool frozen;
    bool cut; /* every link, whatever its nic says */
    bool hung;
    struct yw_fake_point *points; /* owned; newest first */
};

struct yw_fake_network {
    char bridge[YW_PLAN_BRIDGE_MAX];
    char drill[YW_NAME_MAX];
    uint32_t vni;                   /* 0: of this host alone */
    char capture[YW_VIRT_PATH_MAX]; /* its file; "" none runs */
};

struct yw_virt_world {          /* of one host */
    char name[YW_NAME_MAX];     /* of the host; "" alone */
    struct yw_virt_world *next; /* ring of the worlds that were joined; NULL alone */
    struct yw_map machines;     /* struct yw_fake_machine by uuid */
    struct yw_map networks;     /* struct yw_fake_network by bridge */
    int64_t now_ms;             /* of the last scan */
    uint32_t leak;              /* an address that every machine hears; 0 none */
    /* Of the connection, NULL without one: where telemetry and losses go. */
    void (*on_line)(void *arg, const struct yw_fake_machine *machine, const char *text);
    void (*on_lost)(void *arg, const struct yw_fake_machine *machine, const char *text);
    void (*on_capture_lost)(void *arg, const char *bridge, const char *text);
    char data_dir[YW_VIRT_PATH_MAX]; /* for captures; "" nowhere */
    void *arg;
};

struct yw_fake_machine *yw_fake_machine_of(struct yw_virt_world *world, const char *uuid);
void yw_fake_machine_remove(struct yw_virt_world *world, const char *uuid);
/* To the joined world of machine->host, as it runs. */
int yw_fake_move(struct yw_virt_world *world, const struct yw_virt_call *call,
                 struct yw_err *err);
/* The operations' effects: what a range would hold after them. */
int yw_fake_network_up(struct yw_virt_world *world, const struct yw_virt_call *call,
                       struct yw_err *err);
/* The file is written whole: a pcap header, and no packet. */
int yw_fake_capture(struct yw_virt_world *world, const struct yw_virt_call *call,
                    struct yw_err *err);
void yw_fake_capture_stop(struct yw_virt_world *world, struct yw_virt_call *call);
void yw_fake_captures_end(struct yw_virt_world *world); /* they end with the broker */
int yw_fake_machine_up(struct yw_virt_world *world, struct yw_virt_call *call,
                       int64_t now_ms, struct yw_err *err);
int yw_fake_machine_setup(struct yw_virt_world *world, const struct yw_virt_call *call,
                          struct yw_err *err);
int yw_fake_machine_link(struct yw_virt_world *world, const struct yw_virt_call *call,
                         struct yw_err *err);
int yw_fake_machine_shape(struct yw_virt_world *world, const struct yw_virt_call *call,
                          struct yw_err *err);
void yw_fake_sweep(struct yw_virt_world *world, const char *drill);
void yw_fake_list(const struct yw_virt_world *world, struct yw_virt_call *call);

/* The machine that `from` reaches at `address` over one bridge with both links up; its
 * own address on that bridge in *ret_source. NULL when there is none (fake_way.c). */
struct yw_fake_machine *yw_fake_reach(struct yw_fake_machine *from, uint32_t address,
                                      uint32_t *ret_source);
/* The same for a TCP connection, which may also go through the firewall that both have for
 * a gateway, when its rules let it. */
struct yw_fake_machine *yw_fake_call(struct yw_fake_machine *from, uint32_t address,
                                     uint16_t port, uint32_t *ret_source);
/* The guest program's side (fake_guest.c): START as the image's role, RUN, the field
 * wiring. */
int yw_fake_start(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                  struct yw_err *err);
void yw_fake_run(struct yw_fake_machine *machine, struct yw_virt_call *call);
/* machine->plc or ->rtu must be there: one scan, into a FIELD notice. */
void yw_fake_scan(struct yw_fake_machine *machine, int64_t now_ms,
                  struct yw_virt_notice *ret);
void yw_fake_sense(struct yw_fake_machine *machine, const double *values, size_t count);
/* Streams of one applet (fake_stream.c); as in struct yw_applet_io. */
struct yw_fake_streams *yw_fake_streams_new(int64_t now_ms);
void yw_fake_streams_free(struct yw_fake_streams *streams); /* NULL-safe */
bool yw_fake_stream_put(void *arg, int session, const void *bytes, size_t size);
int yw_fake_stream_open(void *arg, const char *host, uint16_t port);
bool yw_fake_stream_send(void *arg, int stream, const void *bytes, size_t size);
int yw_fake_stream_receive(void *arg, int stream, void *bytes, size_t size,
                           int64_t wait_ms);
void yw_fake_stream_close(void *arg, int stream);
int64_t yw_fake_stream_now(void *arg);
/* The message broker and its clients (fake_fleet.c). START: 0, or -1 with a sentence. */
bool yw_fake_is_fleet(const char *image);
int yw_fake_fleet_start(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                        void (*line)(void *arg, const char *line),
                        char problem[YW_CONF_PROBLEM_MAX]);
void yw_fake_fleet_free(struct yw_fake_machine *machine);
void yw_fake_fleet_copy(struct yw_fake_machine *to, const struct yw_fake_machine *from);
void yw_fake_fleet_moved(struct yw_fake_machine *machine); /* to another place */
size_t yw_fake_fleet_bytes(const struct yw_fake_machine *machine);
/* Messages go and come. */
void yw_fake_fleet_turn(struct yw_fake_machine *machine, int64_t now_ms);
bool yw_fake_fleet_wired(const struct yw_fake_machine *machine); /* to a plant */
/* False: it is not. */
bool yw_fake_fleet_scan(struct yw_fake_machine *machine, struct yw_field_record *ret);
void yw_fake_fleet_sense(struct yw_fake_machine *machine,
                         const struct yw_field_record *record);
/* False: no program of it. */
bool yw_fake_fleet_run(struct yw_fake_machine *machine, int argc, const char *const *argv,
                       struct yw_applet_result *ret);
/* One packet of a stream, whose user is "" until it said who it is; the answer is added to
 * out. False: the connection ends. */
bool yw_fake_broker_feed(struct yw_fake_broker *broker, char user[YW_NAME_MAX],
                         const void *bytes, size_t size, struct yw_buf *out);
/* Points, evidence, freezing and files (fake_point.c). */
int yw_fake_point_save(struct yw_virt_world *world, struct yw_virt_call *call,
                       int64_t now_ms, struct yw_err *err);
int yw_fake_point_load(struct yw_virt_world *world, const struct yw_virt_call *call,
                       int64_t now_ms, struct yw_err *err);
/* MACHINE_UP as a copy: is the source's point there, and then its memory. */
int yw_fake_point_check(struct yw_virt_world *world, const struct yw_virt_call *call,
                        struct yw_err *err);
void yw_fake_point_fork(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                        int64_t now_ms);
void yw_fake_point_drop(struct yw_virt_world *world, const struct yw_virt_call *call);
int yw_fake_evidence(struct yw_fake_machine *machine, struct yw_virt_call *call,
                     struct yw_err *err);
void yw_fake_freeze(struct yw_virt_world *world, struct yw_virt_call *call);
void yw_fake_thaw(struct yw_virt_world *world, const struct yw_virt_call *call);
/* Machines that leave and come. What travels is a name; its bytes are looked up in the
 * joined world that the machine was lifted from. */
int yw_fake_lift(struct yw_virt_world *world, struct yw_virt_call *call, int64_t now_ms,
                 struct yw_err *err);
int yw_fake_file(struct yw_virt_world *world, struct yw_virt_call *call,
                 struct yw_err *err);
/* What MACHINE_DOWN removes beside the machine. */
void yw_fake_carried_drop(struct yw_virt_world *world, const char *uuid);
int yw_fake_put(struct yw_fake_machine *machine, const struct yw_virt_call *call,
                struct yw_err *err);
int yw_fake_get(struct yw_fake_machine *machine, struct yw_virt_call *call,
                struct yw_err *err);
/* What the guest holds and its points: before the record of the machine goes. */
void yw_fake_memory_fini(struct yw_fake_machine *machine);
/* fake_page.c: does it answer on port 80? One request, its answer into out. */
bool yw_fake_has_pages(const struct yw_fake_machine *machine);
void yw_fake_page(struct yw_fake_machine *machine, uint32_t source, const void *bytes,
                  size_t size, struct yw_buf *out);
/* What programs do on this machine; ended before anything else runs on it. */
struct yw_fake_streams *yw_fake_io(struct yw_fake_machine *machine,
                                   struct yw_applet_io *ret);
void yw_fake_io_end(struct yw_fake_machine *machine, struct yw_fake_streams *streams);
/* fake_lasting.c: `background NAME …` and `halt NAME`; false: another program. */
bool yw_fake_lasting_run(struct yw_fake_machine *machine, int argc,
                         const char *const *argv, struct yw_applet_result *ret);
/* A question from `source` to `peer` that somebody between them answers, or keeps: true, with
 * the size of the answer, -1 none. */
bool yw_fake_lasting_between(struct yw_fake_machine *peer, uint32_t source,
                             uint32_t address, const uint8_t *pdu, size_t size,
                             uint8_t reply[YW_MODBUS_PDU_MAX], int *ret_size);
void yw_fake_lasting_turn(struct yw_fake_machine *machine, int64_t now_ms);
/* A program in the machine, done at once. */
void yw_fake_applet(struct yw_fake_machine *machine, int argc, const char *const *argv,
                    struct yw_applet_result *ret);
void yw_fake_interfaces(const struct yw_fake_machine *machine, char *ret,
                        size_t ret_size); /* JSON */
void yw_fake_address_text(uint32_t address, char text[16]);

#endif
