/* Ranges: one table of operations, three implementations.
 *
 *   yw_virt_open_broker  a child process per connection (virt/broker.c) that runs libvirt
 *   yw_virt_open_fake    in memory, on a virtual or real clock (sim, rehearsal, api
 *                        tests); its machines run the very controller core of the images
 *   (inside the broker)  virt/machine/libvirt.c, the only file that speaks libvirt
 *
 * A call is a request: yw_virt_call returns 0 or a negative code; after 0 `done` comes
 * exactly once, on the loop thread, never from inside the call; at `deadline_ms` it comes
 * with YW_ETIMEOUT and a late result is dropped. Every operation is idempotent: creating
 * what exists with the same uuid, or removing what is gone, succeeds. A broker that dies
 * or misses its own deadline is killed and restarted with backoff; calls under way then
 * end with YW_EIO and the caller repeats them; machines outlive the broker: after
 * BROKER_UP the owner finds each that it still wants (MACHINE_FIND), before anything else
 * with it.
 *
 * Deadlines are mono_ms spans of the clock the connection was opened with. Loop thread
 * only. */
#ifndef YW_VIRT_VIRT_H
#define YW_VIRT_VIRT_H

#include "base/clock.h"
#include "base/due.h"
#include "base/err.h"
#include "base/id.h"
#include "model/event.h"
#include "model/host.h"
#include "model/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YW_VIRT_OUTPUT_MAX 4096
#define YW_VIRT_FIELD_MAX 64
#define YW_VIRT_LIST_MAX 4096
#define YW_VIRT_FILE_MAX (64 * 1024)
#define YW_VIRT_PIECE_MAX (512 * 1024) /* of a host's file, or the list of a folder */
#define YW_VIRT_SETTINGS_MAX 12
#define YW_VIRT_WHY_MAX 128
#define YW_VIRT_MAC_MAX 96
#define YW_VIRT_GROUP_MAX 1024
#define YW_VIRT_PATH_MAX 256
#define YW_VIRT_URI_MAX 256
#define YW_VIRT_REMOTES_MAX 63
#define YW_VIRT_HOST_LOST_MS 5000 /* without a broker for so long, a host is lost */
#define YW_VIRT_RUN_WORDS_MAX 16
#define YW_VIRT_RUN_WORD_MAX 256

enum yw_virt_op {
    YW_VIRT_PROBE,      /* what the host gives; proves the accelerator by booting */
    YW_VIRT_LIST,       /* everything tagged as ours, of one drill or ("") of all */
    YW_VIRT_NETWORK_UP, /* bridge, and who may send what on it: from `plan`. Result why */
    YW_VIRT_NETWORK_DOWN,
    YW_VIRT_MACHINE_UP,    /* create, start, wait for the guest's HELLO */
    YW_VIRT_MACHINE_SETUP, /* identity, addresses, files, settings, role: then serves */
    YW_VIRT_MACHINE_DOWN,  /* destroy and remove every file of it */
    YW_VIRT_MACHINE_FIND,  /* after a restart: connect again to what should run */
    YW_VIRT_LINK,          /* link of one nic, or all, up or down, from the host side */
    YW_VIRT_RUN,   /* argv in the guest; exactly once per (machine, request number) */
    YW_VIRT_SWEEP, /* remove every object tagged with the drill: down and rollback */

    /* Named points of machines: memory, device state and disk. Of a group all or none. A
     * point belongs to its machine and goes with it. Links are cables, not memory: they
     * stay as they are. A machine that is frozen stays frozen. */
    YW_VIRT_POINT_SAVE, /* group: freeze together, save under `point`, go on. Saving a
                           name again replaces it. Result frozen_ms, bytes */
    YW_VIRT_POINT_LOAD, /* group: back to `point`; answered when every agent answers
                           again. What the guest was asked since is forgotten by it */
    YW_VIRT_POINT_DROP, /* group: forget the point; gone is fine */
    YW_VIRT_EVIDENCE,   /* machine: memory and disk as files in the folder `path`; it runs
                           on. Result bytes, frozen_ms, and in `output`
                           {"files":[{"file":"memory.elf","bytes":1,"hash":"…"}]} with
                           BLAKE2b-256 as in base/hash.h */
    YW_VIRT_FREEZE, /* group: processors stop; with `cut` the links go first. By a signal
                       where QEMU does not answer. What is gone is no failure. Result
                       frozen_ms (until the last one stood), forced */
    YW_VIRT_THAW,   /* group: run again, with `cut` the links back as they were wanted */
    YW_VIRT_PUT,    /* machine: `file` bytes into the guest's file `path` at `offset`;
                       offset 0 makes it anew */
    YW_VIRT_GET,    /* machine: from the guest's file `path` at `offset`, at most
                       YW_VIRT_FILE_MAX: ret_bytes, ret_size; 0 bytes: its end */

    YW_VIRT_MOVE, /* machine: from `host`, where it is, to its own, running on; it answers
                      there afterwards. YW_ESTATE: these two cannot, nothing changed */
    YW_VIRT_SHAPE, /* bandwidth and delay of machine's `nic`, towards it; both 0: none.
                      YW_ENOTFOUND where the host's kernel cannot */
    YW_VIRT_PING,  /* nothing: an answer of the connection itself */

    YW_VIRT_CAPTURE_START, /* network: its packets into a ring of `files` pcap files of at
                              most `size_mib` each, named `path` + "_…" below the data
                              directory of the host, its folder made when missing. One a
                              network: another ends the one before. It ends with the
                              network, and with the broker; by itself: CAPTURE_LOST */
    YW_VIRT_CAPTURE_STOP,  /* network: none is fine. Result bytes, files (of `path`) */

    /* What a host with a data directory of its own keeps of drills. `path` is relative to
     * that directory and begins with "drills/". */
    YW_VIRT_FILES, /* host: the folder `path`: ret_bytes, a line "SIZE MTIME_US OPEN NAME"
                      for each plain file; OPEN 1: it may still change. None is fine */
    YW_VIRT_FILE,  /* host: of the file `path` from `offset` at most YW_VIRT_PIECE_MAX:
                      ret_bytes, ret_size; at its end none, and in `output` the BLAKE2b-256
                      of the whole as in base/hash.h */
    YW_VIRT_FILE_DROP, /* host: the file `path` goes; gone is fine */

    /* A machine that cannot be handed over while it runs is carried: saved and ended for
     * good where it is, its files brought to its own host, and begun there as a copy
     * (MACHINE_UP, `source` being yw_virt_carried). MACHINE_DOWN removes what is left. */
    YW_VIRT_CARRY, /* machine: from `host` to its own, up to the copy. By the owner of many
                      alone. YW_ESTATE: these two cannot, it runs on; YW_ENOTFOUND: it
                      neither runs there nor was it ever saved. Result bytes */
    YW_VIRT_LIFT,  /* machine: saved as YW_VIRT_CARRY_POINT, ended, its files kept aside.
                      Again: the same answer. `output`: a line "path bytes hash" for each */
    /* Files that travel between hosts, by `path`: "points/UUID", "disk/UUID", "base/HASH",
     * "image/ID"; UUID is of yw_virt_carried. */
    YW_VIRT_CARRIED_ASK, /* is it there with `hash`? exit_code 1: whole; else bytes: so far */
    YW_VIRT_CARRIED_GET, /* at most YW_VIRT_PIECE_MAX at `offset`: ret_bytes, ret_size */
    YW_VIRT_CARRIED_PUT, /* `file` bytes at `offset`, behind what came before */
    YW_VIRT_CARRIED_END, /* it is whole, `offset` bytes of `hash`; else YW_ECORRUPT, and gone */
};

#define YW_VIRT_OP_LAST YW_VIRT_CARRIED_END
#define YW_VIRT_CARRY_POINT "carried"

/* How a machine comes to life. A clone is a copy of a golden machine, which booted once
 * and was saved when its agent was ready and had no identity: SHARED maps the golden
 * memory privately, SAVED restores a save image, COLD boots. */
enum yw_virt_how {
    YW_VIRT_HOW_ANY, /* the best that works: SHARED, else SAVED, else COLD */
    YW_VIRT_HOW_COLD,
    YW_VIRT_HOW_SAVED,
    YW_VIRT_HOW_SHARED,
};

struct yw_virt_setting {
    char name[YW_NAME_MAX];
    char value[YW_SPEC_ARG_MAX];
};

struct yw_virt_file {
    char name[YW_NAME_MAX]; /* in the guest, "program.st" */
    const char *bytes;      /* borrowed until yw_virt_call returns */
    size_t size;
};

/* How a machine's process is confined, read from /proc after each start and when a broker
 * finds it (virt/confine/confine.h). One that fails is ended and the call fails. */
struct yw_virt_proof {
    bool read; /* false: the process is on another host */
    bool ok;
    unsigned uid; /* its own; never 0 */
    int seccomp;  /* 2: a filter */
    bool no_new_privs;
    uint64_t cap_eff;
    bool mount_ns;             /* of its own */
    char mac[YW_VIRT_MAC_MAX]; /* label; "" where the kernel has none */
    char text[160];            /* the first thing that is wrong, or why it was not read */
};

struct yw_virt_call {
    enum yw_virt_op op;
    char drill[YW_NAME_MAX];
    char plan_digest[YW_HASH_TEXT_SIZE]; /* tag on what is created */
    const struct yw_plan_machine *
        machine; /* borrowed for the call: UP SETUP DOWN FIND LINK RUN EVIDENCE PUT GET */
    const struct yw_plan_machine *const *machines; /* borrowed for the call: the group */
    size_t machine_count;                          /* ≤ YW_VIRT_GROUP_MAX */
    const struct yw_plan *plan; /* borrowed for the call: bridges of the nics */
    const struct yw_plan_network *network; /* NETWORK_…, CAPTURE_… */
    /* This call goes to that host alone, wherever its machine or network is; "": to theirs,
     * or to all. MOVE: always given */
    char host[YW_NAME_MAX];
    char
        target[YW_VIRT_URI_MAX]; /* MOVE: the connection of machine->host, by the owner of
                                     many */
    /* NETWORK_UP of a network that spans hosts (vni > 0), by the owner of many: underlay
     * addresses in host byte order */
    uint32_t local;
    uint32_t remotes[YW_VIRT_REMOTES_MAX];
    size_t remote_count;
    struct yw_virt_setting settings[YW_VIRT_SETTINGS_MAX]; /* SETUP */
    size_t setting_count;
    struct yw_virt_file file;    /* SETUP: size 0 = none */
    int nic;                     /* LINK: index, -1 all; SHAPE: index */
    int bandwidth_kbit;          /* SHAPE */
    int delay_ms;                /* SHAPE */
    bool up;                     /* LINK */
    char point[YW_NAME_MAX];     /* POINT_… */
    char path[YW_VIRT_PATH_MAX]; /* EVIDENCE: folder on the host, made when missing; PUT,
                                    GET: absolute, in the guest; CAPTURE_…, FILE…: see
                                    there */
    int size_mib;                /* CAPTURE_START: 1 .. YW_CAPTURE_MIB_MAX */
    int files;      /* CAPTURE_START: 1 .. YW_CAPTURE_FILES_MAX; STOP: result */
    int64_t offset; /* PUT, GET, FILE */
    bool cut;       /* FREEZE, THAW */
    bool frozen; /* FIND: it was frozen by order, so it is left standing and not greeted;
                    else one that stands is made to run */
    char hash[YW_HASH_TEXT_SIZE]; /* CARRIED_… */
    uint32_t request; /* RUN: the drill's own number for this machine, from 1 */
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX]; /* RUN */
    size_t argc;
    enum yw_virt_how how;      /* MACHINE_UP: ANY, or this way and no other */
    char source[YW_UUID_SIZE]; /* MACHINE_UP: "" or the machine to be a copy of, as
                                  it was at `point`; it serves already, without SETUP */
    int64_t deadline_ms;       /* span; must be > 0 */

    void (*done)(struct yw_virt_call *call, int code, const struct yw_err *err);
    void *owner;

    /* results, valid in done after code 0 */
    int exit_code;                   /* RUN */
    char output[YW_VIRT_OUTPUT_MAX]; /* RUN; PROBE: one JSON object of facts */
    enum yw_virt_how ret_how;        /* MACHINE_UP: ANY when it ran already */
    char why[YW_VIRT_WHY_MAX];       /* MACHINE_UP: why not a better way; "" it is best */
    struct yw_virt_proof proof;      /* MACHINE_UP; FIND of one that was not known */
    struct yw_virt_proof golden;     /* MACHINE_UP: of the machine that it and others are
                                        copies of, by the first after that was made */
    struct yw_host_traits traits;    /* PROBE */
    struct yw_virt_found *found;     /* LIST: *new*, the callback's */
    size_t found_count;
    int64_t frozen_ms; /* POINT_SAVE, EVIDENCE, FREEZE: longest span a machine stood */
    int64_t bytes;     /* POINT_SAVE, EVIDENCE: on disk, of all machines */
    int forced;        /* FREEZE: machines stopped by signal */
    char *ret_bytes;   /* GET, FILES, FILE: *new*, the callback's */
    size_t ret_size;   /* GET, FILES, FILE */

    void *impl; /* the implementation's own */
};

struct yw_virt_found {
    bool is_network;
    char name[YW_PLAN_DOMAIN_MAX]; /* domain or bridge */
    char uuid[YW_UUID_SIZE];       /* "" for a network */
    char drill[YW_NAME_MAX];       /* from the tag */
    bool running;
};

enum yw_virt_notice_kind {
    YW_VIRT_FIELD,       /* a record from a controller's field port */
    YW_VIRT_LINE,        /* a telemetry line from a guest: JSON text, hostile, bounded */
    YW_VIRT_LOST,        /* a machine is gone (QEMU died, guest panicked) */
    YW_VIRT_GUEST_LOST,  /* the machine runs, its agent does not answer */
    YW_VIRT_BROKER_DOWN, /* text: why */
    YW_VIRT_BROKER_UP,
    YW_VIRT_HOST,         /* a host changed its state; only from the owner of many */
    YW_VIRT_PROGRESS,     /* of the connection: images on their way; text */
    YW_VIRT_CAPTURE_LOST, /* that of a bridge ended by itself: text */
};

struct yw_virt_notice {
    enum yw_virt_notice_kind kind;
    char host[YW_NAME_MAX];            /* that it comes from; "" the only one */
    enum yw_host_state host_state;     /* HOST */
    char uuid[YW_UUID_SIZE];           /* machine */
    char bridge[YW_PLAN_BRIDGE_MAX];   /* CAPTURE_LOST */
    double outputs[YW_VIRT_FIELD_MAX]; /* FIELD: finite; not yet clamped */
    size_t output_count;
    double views[YW_VIRT_FIELD_MAX];
    size_t view_count;
    char text[512]; /* LINE, LOST: what is known */
};

/* A console: a machine's terminal, bytes both ways, by credit. At most
 * YW_VIRT_CONSOLE_WINDOW bytes and one read of as much are on their way that the owner
 * has not taken (yw_virt_console_took): a guest that floods waits, and nothing grows. The other
 * way the owner sends no more than `room`. A serial port takes one console at a time; a
 * screen takes several. The caller's memory until on_end came or close returned. The
 * callbacks come on the loop thread, never from inside a call. */
enum yw_virt_form { YW_VIRT_SERIAL, YW_VIRT_VNC };

#define YW_VIRT_CONSOLE_WINDOW (64 * 1024)
#define YW_VIRT_CONSOLE_CHUNK (16 * 1024)
#define YW_VIRT_CONSOLES_MAX 96 /* of one connection: their windows fit its queue */

struct yw_virt_console {
    char uuid[YW_UUID_SIZE]; /* machine */
    enum yw_virt_form form;
    void (*on_bytes)(struct yw_virt_console *console, const void *bytes, size_t size);
    void (*on_room)(struct yw_virt_console *console); /* it grew. May be NULL */
    /* It is closed: the machine ended, or the broker. Open it again to go on. */
    void (*on_end)(struct yw_virt_console *console, const struct yw_err *why);
    void *owner;
    size_t room; /* bytes that may be sent now */

    /* the implementation's own */
    uint32_t id; /* 0: not open */
    void *impl;
    struct yw_virt *via; /* of several hosts: the one that has it */
    struct yw_virt_console *next;
};

struct yw_virt {
    const struct yw_virt_ops *ops;
    /* Set by whoever opened the connection; called on the loop thread. */
    void (*on_notice)(void *owner, const struct yw_virt_notice *notice);
    void *owner;
};

struct yw_virt_host { /* as it is now */
    char name[YW_NAME_MAX];
    int weight;
    enum yw_host_state state;
    bool no_underlay; /* no network may span to it */
    char detail[256]; /* why it is lost; "" else */
    int64_t since_ms; /* mono: in this state; 0 as long as the connection */
};

struct yw_virt_ops {
    int (*call)(struct yw_virt *virt, struct yw_virt_call *call, struct yw_err *err);
    void (*cancel)(struct yw_virt *virt, struct yw_virt_call *call);
    /* Sensor values to a controller; dropped when it cannot take them now. */
    void (*field)(struct yw_virt *virt, const char *uuid, const double *values,
                  size_t count);
    void (*close)(struct yw_virt *virt);
    /* NULL both: one host, called "local". */
    size_t (*hosts)(const struct yw_virt *virt, struct yw_virt_host *ret, size_t max);
    int (*drain)(struct yw_virt *virt, const char *host, bool on, struct yw_err *err);
    int (*console_open)(struct yw_virt *virt, struct yw_virt_console *console,
                        struct yw_err *err);
    void (*console_send)(struct yw_virt *virt, struct yw_virt_console *console,
                         const void *bytes, size_t size);
    void (*console_took)(struct yw_virt *virt, struct yw_virt_console *console,
                         size_t size);
    void (*console_close)(struct yw_virt *virt, struct yw_virt_console *console);
};

int yw_virt_call(struct yw_virt *virt, struct yw_virt_call *call, struct yw_err *err);
void yw_virt_cancel(struct yw_virt *virt,
                    struct yw_virt_call *call); /* done comes, YW_ECANCELED */
void yw_virt_field(struct yw_virt *virt, const char *uuid, const double *values,
                   size_t count);
/* YW_ESTATE: no broker now; YW_ELIMIT: too many. That there is no such console is told by
 * on_end. */
int yw_virt_console_open(struct yw_virt *virt, struct yw_virt_console *console,
                         struct yw_err *err);
/* At most `room` bytes; takes them off it. */
void yw_virt_console_send(struct yw_virt *virt, struct yw_virt_console *console,
                          const void *bytes, size_t size);
/* The owner is done with so many of the bytes that on_bytes brought. */
void yw_virt_console_took(struct yw_virt *virt, struct yw_virt_console *console,
                          size_t size);
void yw_virt_console_close(struct yw_virt *virt,
                           struct yw_virt_console *console); /* fine when not open */
const char *yw_virt_form_name(enum yw_virt_form form);       /* "serial", "vnc" */
int yw_virt_form_of(const char *name);                       /* or -1 */
/* Machines stay; calls under way and consoles are dropped without a callback. NULL-safe. */
void yw_virt_close(struct yw_virt *virt);
/* The hosts behind it, at most `max`: how many. One that is not a set of hosts is "local". */
size_t yw_virt_hosts(const struct yw_virt *virt, struct yw_virt_host *ret, size_t max);
/* Marks a host: it takes nothing new. YW_ENOTFOUND. Told by a HOST notice, not at once. */
int yw_virt_drain(struct yw_virt *virt, const char *host, bool on, struct yw_err *err);
/* Bytes that a call of this kind takes at most. */
size_t yw_virt_piece_max(enum yw_virt_op op);
/* The uuid that a machine's files have while they are carried. */
void yw_virt_carried(const char *uuid, char ret[YW_UUID_SIZE]);
const char *yw_virt_op_name(enum yw_virt_op op);
const char *yw_virt_how_name(enum yw_virt_how how); /* "any", "cold", "saved", "shared" */
int yw_virt_how_of(const char *name);               /* or -1 */

/* The broker: starts `argv0 broker …` as a child with a socketpair (root where the
 * connection needs it). `uri` "" = "qemu:///embed?root=<data_dir>/libvirt". `images_dir`
 * holds manifest.json, vmlinux, micro.cpio.gz. spawn may be NULL: plain child process;
 * else it is asked for the descriptor of a new broker (privileged parent). */
struct yw_loop;
struct yw_virt_broker_config {
    char uri[256];
    char data_dir[256];
    char images_dir[256];
    char program[256]; /* path of the yanwu binary */
    /* A broker that runs on another host: the words that run yanwu there with its standard
     * input and output here, as {"ssh", "range2", "/opt/yanwu/yanwu"}; "broker --stdio …"
     * is added. Then data_dir is a path there without blanks, and the images are sent
     * there, each once, as `<data_dir>/images`. A daemon's URI is not for it. */
    char run[YW_VIRT_RUN_WORDS_MAX][YW_VIRT_RUN_WORD_MAX];
    size_t run_count;  /* 0: here */
    int boots_at_once; /* 0: cores × 2 */
    int (*spawn)(void *arg, int *ret_fd, struct yw_err *err);
    void *spawn_arg;
};
/* What starts it, for whoever does it as `spawn`: with its control on descriptor 3, with
 * `run` as standard input and output. The words are the configuration's. */
struct yw_virt_broker_command {
    const char *argv[YW_VIRT_RUN_WORDS_MAX + 8];
    char boots[16];
};
void yw_virt_broker_command(const struct yw_virt_broker_config *config,
                            struct yw_virt_broker_command *ret);
/* Can this process start brokers for it on this host: root, /dev/net/tun, machine images.
 * YW_EINVAL or YW_ENOTFOUND with one sentence. yw_virt_open_broker asks by itself unless
 * `spawn` is given: then the privileged parent does. */
int yw_virt_check_host(const struct yw_virt_broker_config *config, struct yw_err *err);
int yw_virt_open_broker(struct yw_virt **ret, struct yw_loop *loop,
                        const struct yw_virt_broker_config *config, struct yw_err *err);
/* The broker process itself: serves the socket on descriptor `fd` until it closes. Exit
 * status. */
int yw_broker_main(int fd, const struct yw_virt_broker_config *config);
/* The same from the command line that yw_virt_open_broker uses, argv[0] being "broker",
 * the socket on descriptor 3: `yanwu broker URI DATA_DIR IMAGES_DIR BOOTS_AT_ONCE`; or on
 * standard input and output, images fetched from there: `yanwu broker --stdio DATA_DIR
 * BOOTS_AT_ONCE`. */
int yw_broker_run(int argc, char **argv);

/* The fake. Runs on any clock and due queue (the simulation's or a loop's). Faults: the
 * n-th call (from 1) fails, or never answers, once or from then on. */
struct yw_virt_fault {
    uint64_t at_call; /* 0: no fault */
    bool hang;        /* never answers (until its deadline) instead of failing */
    bool persistent;
};
struct yw_virt_fake_config {
    const struct yw_clock *clock;
    struct yw_due *due;
    uint64_t seed;
    struct yw_virt_fault fault;
    bool no_live;   /* MOVE: YW_ESTATE; machines are carried */
    bool weak_host; /* PROBE tells of a host that lacks all it can lack */
    /* span of each operation in mono_ms; 0 = answers in the next turn of the queue */
    int64_t up_ms, setup_ms, run_ms, link_ms, scan_ms, point_ms, freeze_ms;
    /* what PROBE tells; 0: more than any scenario needs */
    int64_t cores, memory_mib, disk_mib;
    char data_dir[YW_VIRT_PATH_MAX]; /* where captures are written; "" nowhere */
};
int yw_virt_open_fake(struct yw_virt **ret, const struct yw_virt_fake_config *config,
                      struct yw_err *err);
/* The world inside outlives the connection, as machines outlive a broker: for crash
 * sweeps open a second fake on the same world. *new*; */
struct yw_virt_world;
struct yw_virt_world *yw_virt_world_new(void);
void yw_virt_world_free(struct yw_virt_world *world);
/* Worlds of several hosts: machines move from one to the other, and reach each other over
 * networks that span. Before the first connection; each is freed by itself. */
void yw_virt_world_join(struct yw_virt_world *world, const char *name,
                        struct yw_virt_world *other, const char *other_name);
/* Does a machine of this uuid run there? */
bool yw_virt_world_has(const struct yw_virt_world *world, const char *uuid);
/* Machines that run in both: two copies. */
size_t yw_virt_world_common(const struct yw_virt_world *a, const struct yw_virt_world *b);
size_t yw_virt_world_machines(const struct yw_virt_world *world);
int yw_virt_open_fake_on(struct yw_virt **ret, struct yw_virt_world *world,
                         const struct yw_virt_fake_config *config, struct yw_err *err);
/* From now on every machine reaches this address, as through a leak in the range. */
void yw_virt_world_leak(struct yw_virt_world *world, uint32_t address);
size_t yw_virt_world_captures(const struct yw_virt_world *world); /* that run */
/* One of them ends by itself, as when its process dies. */
void yw_virt_world_end_capture(struct yw_virt_world *world);
/* The machine's process ends by itself: LOST comes when it is connected. */
void yw_virt_world_kill(struct yw_virt_world *world, const char *uuid);
/* As when a broker is killed: what is under way was done but ends with YW_EIO,
 * BROKER_DOWN comes at once and BROKER_UP after down_ms; calls made meanwhile wait. */
void yw_virt_fake_cut(struct yw_virt *virt, int64_t down_ms);
/* Machines of the world whose processors stand. */
size_t yw_virt_world_frozen(const struct yw_virt_world *world);
/* The machine's monitor answers no more: a FREEZE takes it by signal. */
void yw_virt_world_hang(struct yw_virt_world *world, const char *uuid);
/* What exists in the world: for "nothing is left over". */
size_t yw_virt_world_count(const struct yw_virt_world *world);
uint64_t yw_virt_fake_calls(const struct yw_virt *virt);

#endif
