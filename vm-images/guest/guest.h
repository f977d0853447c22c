/* The guest program: process 1 of a micro image. One thread, one poll loop; what may take
 * long (applets) runs in forked children. All memory is in one struct guest, allocated at
 * start.
 *
 * Every part has the same two calls: x_watch adds its descriptors to the turn, x_act does
 * what became possible. Times are monotonic milliseconds. Nothing here trusts the
 * network. */
#ifndef YW_GUEST_GUEST_H
#define YW_GUEST_GUEST_H

#include "controller/applet.h"
#include "controller/backlog.h"
#include "controller/between.h"
#include "controller/lasting.h"
#include "controller/message.h"
#include "controller/plc.h"
#include "controller/prompt.h"
#include "guest/field.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

#define GUEST_TURN_MAX 192
#define GUEST_HELD_MAX 8
#define GUEST_FILES_MAX 4
#define GUEST_JOBS_MAX 4
#define GUEST_LASTING_MAX 8
#define GUEST_CONNS_MAX 64
#define GUEST_OUTBOX_MAX (64 * 1024)
#define GUEST_CONSOLE_MAX 8192
#define GUEST_CONSOLE_REQUEST 0 /* a number that no host gives: the prompt waits */

struct guest;
struct middle; /* middle.c */

/* A descriptor that stays open from turn to turn, and with the kernel meanwhile. */
struct held {
    int fd; /* -1: none */
    short events;
    short got;
    bool asked; /* in this turn */
};

/* What one turn of the loop waits for (turn.c). Most turns are a scan that nothing else
 * comes with, so what is open for ever is not handed to the kernel anew each time. */
struct turn {
    struct pollfd fds[GUEST_TURN_MAX]; /* the first: all that are held */
    int count;
    int64_t wake_ms; /* not later than this */
    uint32_t stirs;  /* how often ports may have come or gone */
    int64_t stirred_ms;
    int held_fd;
    struct held held[GUEST_HELD_MAX];
};

void turn_init(struct turn *turn);
void turn_begin(struct turn *turn);
/* Waits with SIGIO let in. */
void turn_wait(struct turn *turn, const sigset_t *open_mask);
/* A slot, to be asked after the wait with turn_events; -1 when full. */
int turn_add(struct turn *turn, int fd, short events);
/* The same, for a descriptor that is closed at the end of all, or when it is no longer
 * held, or forgotten: its number must not come to mean another file from one turn to the
 * next, and a child may have it open for longer than we. */
int turn_hold(struct turn *turn, int fd, short events);
/* Before it is closed, when its number may come to mean another file before the next turn.
 */
void turn_forget(struct turn *turn, int fd);
short turn_events(const struct turn *turn, int slot);
void turn_wake(struct turn *turn, int64_t at_ms);
/* The first time from `at_ms` on to begin work that comes again and again: just after a
 * tick of the kernel, or that would come in its middle and wake the machine once more. */
int64_t turn_calm_ms(int64_t at_ms);
void turn_on_sigio(int signal_number);
int64_t guest_now_ms(void);

/* A virtio-serial port. While nobody has its host side open, its descriptor is always
 * readable and reads nothing, so it is left out of the poll set; the driver raises SIGIO
 * when that changes, which ends the poll. It does not say of which port: each looks for
 * itself, when it is next asked, be it many turns later. */
struct port {
    int fd; /* -1: the machine has no such port */
    bool connected;
    bool ready; /* something may be there to be read */
    int slot;
    uint32_t stirs; /* of the turn, when it looked last */
};

void port_open(struct port *port, const char *name);
/* After the wait: whether there is something to read, and whether the host side is open;
 * true when it just opened. */
bool port_check(struct port *port, const struct turn *turn);
void port_watch(struct port *port, struct turn *turn, bool wants_write);
/* As read(2) and write(2) but never -1: 0 means nothing now. */
size_t port_read(struct port *port, void *bytes, size_t size);
size_t port_write(struct port *port, const void *bytes, size_t size);

/* One TCP connection of a server. */
struct conn {
    int fd; /* -1 free */
    int slot;
    char from[16];
    int64_t used_ms;
    bool closing; /* when all is written */
    size_t in_size;
    size_t out_size;
    uint8_t in[2048];
    uint8_t out[16384];
};

/* A TCP server: at most GUEST_CONNS_MAX connections, the one idle longest makes room. */
struct server {
    int fd; /* -1: not serving */
    int slot;
    struct turn *turn; /* that holds fd; NULL: none. Borrowed */
    int64_t idle_ms;
    int top; /* conns from here on are free: they lie far apart */
    /* May be NULL: a connection came in place `index` of conns, false: not wanted; one
     * went. For `guest`, which is borrowed. Set after server_open. */
    bool (*on_open)(struct guest *guest, int index);
    void (*on_close)(struct guest *guest, int index);
    struct guest *guest;
    struct conn conns[GUEST_CONNS_MAX];
};

void server_init(struct server *server);
int server_open(struct server *server, uint16_t port, int64_t idle_ms);
void server_close(struct server *server);
void server_watch(struct server *server, struct turn *turn);
/* Calls on_bytes for connections with new bytes in conn->in, or room again in conn->out;
 * it consumes from the front and appends to conn->out. What it leaves in a full conn->in
 * while nothing waits in conn->out ends the connection. */
void server_act(struct server *server, const struct turn *turn,
                void (*on_bytes)(void *arg, struct conn *conn), void *arg);
void conn_consume(struct conn *conn, size_t size);
size_t conn_room(const struct conn *conn); /* bytes that conn_put would take */
/* False: no room in out; the connection should be closed. */
bool conn_put(struct conn *conn, const void *bytes, size_t size);

/* An applet that runs in a child. */
struct job {
    pid_t pid;        /* 0 free */
    uint32_t request; /* GUEST_CONSOLE_REQUEST: the prompt waits for the answer */
    int fd;
    int slot;
    int64_t deadline_ms;
    size_t got;
    struct yw_applet_result result;
};

/* An attack that goes on in a child until it is halted. */
struct lasting {
    char name[64];    /* "": free */
    pid_t pid;        /* 0 free */
    uint32_t request; /* of its beginning or its end, to be answered; 0 none */
    bool halting;
    int fd;
    int slot;
    int64_t deadline_ms; /* of the answer */
    size_t got;
    struct yw_applet_result result;
};

struct file {
    char name[YW_MESSAGE_NAME_MAX];
    uint32_t size; /* received so far */
    uint32_t total;
    char bytes[YW_CHANNEL_FILE_MAX];
};

struct answer {
    uint32_t request;
    struct yw_message_bytes bytes;
};

/* What a machine is. Another role: a file role_NAME.c and its row in role.c. */
struct role {
    const char *name; /* of its image */
    size_t size; /* of its state, zeroed memory at guest->part while it is the role */
    /* 0, or -1 with a sentence in why. */
    int (*start)(struct guest *guest, char *why, size_t why_size);
    void (*stop)(struct guest *guest); /* closes what start opened; NULL: nothing */
    void (*watch)(struct guest *guest, struct turn *turn); /* NULL: nothing */
    void (*act)(struct guest *guest, const struct turn *turn);
    /* A program of RUN that only this role knows, answered at once; false: not its own.
     * NULL: none. */
    bool (*command)(struct guest *guest, uint32_t request,
                    const struct yw_message_run *run);
    /* One request to the controller that this machine is; NULL: it is none. */
    size_t (*own)(struct guest *guest, const uint8_t *pdu, size_t size,
                  uint8_t reply[YW_MODBUS_PDU_MAX]);
};

/* The serial line and its prompt. */
struct console {
    int fd; /* -1: the machine has none */
    int slot;
    size_t out_size;
    char out[GUEST_CONSOLE_MAX];
    struct yw_prompt prompt;
};

struct guest {
    bool full; /* a service of a full image, not process 1 of a micro one */
    char boot_id[40];
    int boot_id_fd; /* what shows it, until it is this machine's own; -1: it is */
    char image[32];
    struct port channel;
    struct port field;
    size_t in_size;
    int64_t in_since_ms; /* when the bytes of an incomplete message came */
    uint8_t in[2 * (YW_MESSAGE_PREFIX + YW_CHANNEL_MESSAGE_MAX)];
    size_t out_size;
    size_t out_sent; /* of the first message */
    uint8_t out[GUEST_OUTBOX_MAX];
    struct yw_backlog lines;
    struct answer answers[YW_CHANNEL_MEMORY];
    uint32_t next_answer;
    struct yw_message_configure config;
    struct file files[GUEST_FILES_MAX];
    struct job jobs[GUEST_JOBS_MAX];
    struct lasting lasting[GUEST_LASTING_MAX];
    struct yw_pace pace; /* a child's own: as the file said when it looked last */
    int64_t pace_looked_ms;
    const struct role *role; /* NULL: not started */
    void *part;              /* in `room`; the role's own */
    /* Had from the start, so that a copy of a golden machine, where no code is
     * translated yet, need not run the kernel's paths that make them. */
    void *room;    /* for the largest role; NULL: there was no memory */
    int nics;      /* to ask about them; -1: cannot */
    int random_fd; /* where entropy goes; -1: nowhere */
    struct server server;
    size_t field_in_size;
    uint8_t field_in[sizeof(struct yw_field_record)];
    struct console console;
};

/* boot.c: mounts, kernel modules, names. With "yanwu.root=DISK" on the kernel's command
 * line it hands over to that disk's init and does not come back. */
void boot_machine(struct guest *guest);
/* The names alone, where another init has booted the machine. */
void boot_join(struct guest *guest);
/* Once the kernel has random numbers of this machine alone: its own boot id, the first
 * time. */
void boot_own_id(struct guest *guest);

/* full.c: what full images add. Hands over to the init on `disk`; comes back only when
 * that failed. */
void full_hand_over(const char *disk);
/* Runs a program of the image, in a child's child; blocks until it ends. Output beyond
 * its limit is dropped, bytes that are no ASCII text become '?'. */
void full_run(int argc, const char *const *argv, struct yw_applet_result *ret);
/* Tells the image's own script who the machine is; does not wait for it. */
void full_configured(const struct yw_message_configure *config);
/* Writes what it was told of its role where the image's own programs find it, and tells
 * them; does not wait. */
void full_started(const char *role, size_t size);

/* nic.c. 0, or -1 with errno; `nics` is what nic_open gave, a descriptor to ask through,
 * or -1. */
int nic_open(void);
int nic_configure(int nics, uint32_t index, const struct yw_message_nic *nic);
int nic_link(int nics, uint32_t index, bool up);
int nic_mtu(int nics, uint32_t index, int mtu);
int nic_gateway(int nics, const char *gateway);
void nic_list(int nics, char *ret, size_t ret_size); /* JSON */

/* dial.c: blocking Modbus client for applets. */
int dial_transact(void *arg, const char *host, uint8_t unit, const uint8_t *pdu,
                  size_t size, uint8_t reply[YW_MODBUS_PDU_MAX]);
void dial_sweep(void *arg, uint32_t first, uint32_t count, bool *ret_open);
bool dial_reach(void *arg, const char *host);
/* A non-blocking connect; descriptor or -1. dial_start: to the port of Modbus. */
int dial_begin(const char *host, uint16_t port);
int dial_start(const char *host);

/* The streams of applets (applet.h). */
int dial_open(void *arg, const char *host, uint16_t port);
bool dial_send(void *arg, int stream, const void *bytes, size_t size);
int dial_receive(void *arg, int stream, void *bytes, size_t size, int64_t wait_ms);
void dial_close(void *arg, int stream);
int64_t dial_now(void *arg);

/* card.c: a card of this machine by its raw frames. */
struct card {
    int fd; /* does not block */
    uint8_t mac[6];
    uint32_t address; /* host byte order */
};
/* The index-th card; false: there is none, or it has no address. */
bool card_open(struct card *card, int index);

/* middle.c: stands between the two ends of `lasting`. *new*; NULL: they are not both there. */
struct middle *middle_begin(struct guest *guest, const struct yw_lasting *lasting);
/* Until a byte comes from fd (1), or nobody is there any more (-1). */
int middle_stand(struct middle *middle, int64_t span_ms, int fd);
void middle_leave(struct middle *middle); /* tells the true addresses again */
void middle_end(struct middle *middle, struct yw_applet_result *ret);

/* probe.c: the applet's asking, with raw frames. */
size_t probe_run(void *arg, uint32_t span_ms, const struct yw_applet_target *targets,
                 size_t count, struct yw_applet_heard *ret, size_t max);

/* job.c */
bool job_start(struct guest *guest, uint32_t request, const struct yw_message_run *run);
bool job_underway(const struct guest *guest, uint32_t request);
void job_watch(struct guest *guest, struct turn *turn);
void job_act(struct guest *guest, const struct turn *turn);

/* What programs do here, by sockets that block: for children. */
struct yw_applet_io job_io(struct guest *guest);

/* How drill time runs, in a child that counts it. Borrowed. */
const struct yw_pace *job_pace(void *guest);

/* lasting.c: `background NAME …` and `halt NAME`; false: another program. */
bool lasting_run(struct guest *guest, uint32_t request, const struct yw_message_run *run);
bool lasting_underway(const struct guest *guest, uint32_t request);
void lasting_watch(struct guest *guest, struct turn *turn);
void lasting_act(struct guest *guest, const struct turn *turn);
void lasting_stop(struct guest *guest); /* all of them, as they are */

/* agent.c: the channel. */
void agent_watch(struct guest *guest, struct turn *turn);
void agent_act(struct guest *guest, const struct turn *turn);
void agent_line(struct guest *guest, const char *line); /* at the pace of backlog.h */
void agent_answer(struct guest *guest, uint32_t request, uint32_t code,
                  const char *output);
/* The same, but not remembered: where nothing was done and asking again is right. A
 * watchdog's pings must not push out the answers that have to be kept. */
void agent_reply(struct guest *guest, uint32_t request, uint32_t code,
                 const char *output);
const char *guest_setting(void *guest, const char *name); /* NULL: none */

void agent_send(struct guest *guest, const struct yw_message_bytes *message);

/* carry.c: files of the running guest. */
void carry_write(struct guest *guest, const struct yw_message *message);
void carry_read(struct guest *guest, const struct yw_message *message);

/* request.c: acts on one request of the host; the answer follows, at once or later. */
void request_act(struct guest *guest, const struct yw_message *message);
void request_refuse(struct guest *guest, uint32_t request, const char *why);

/* role.c */
const struct role *role_find(const char *name); /* NULL: unknown */
size_t role_room(void);                         /* of the largest */
extern const struct role role_plc;
extern const struct role role_sis;
extern const struct role role_remote_io;
extern const struct role role_backend;
extern const struct role role_broker;
extern const struct role role_firewall;
extern const struct role role_historian;
extern const struct role role_hmi;
extern const struct role role_jump;
extern const struct role role_noise;
extern const struct role role_rtu;
extern const struct role role_sensor;
extern const struct role role_tbox;

/* A file that the host put, whole; NULL: none, or not complete yet. */
const struct file *guest_file(const struct guest *guest, const char *name);
/* Records of the field wiring may come in pieces, and a new host may begin in the middle
 * of one: the next whole one, at a magic. False: none yet. */
bool field_read(struct guest *guest, struct yw_field_record *ret);

/* console.c */
void console_open(struct guest *guest);
void console_watch(struct guest *guest, struct turn *turn);
void console_act(struct guest *guest, const struct turn *turn);

#endif
