/* Several hosts for a test, each a connection of its own (virt/virt.h), and a small plan on
 * them: a controller and an attacker on one network. Every call waits for its answer while
 * all connections go on. */
#ifndef YW_TESTS_FLEET_H
#define YW_TESTS_FLEET_H

#include "loop/loop.h"
#include "virt/virt.h"

#define FLEET_HOSTS_MAX 3
#define FLEET_PLC 0
#define FLEET_ATTACKER 1
#define FLEET_MACHINES 2
#define FLEET_DRILL "range-fleet"

struct fleet_host {
    struct fleet *fleet;
    struct yw_virt_broker_config config;
    struct yw_virt *virt; /* NULL: not open */
    int fields, lines, losses, downs, ups, progress;
    double last_output;
    char why[512]; /* of the last BROKER_DOWN */
};

struct fleet {
    struct yw_loop *loop;
    struct fleet_host hosts[FLEET_HOSTS_MAX]; /* by number - 1 */
    struct yw_plan plan;
    struct yw_plan_network network;
    struct yw_plan_machine machines[FLEET_MACHINES];
    char program_st[16384];
    size_t program_size;
};

struct fleet_answer {
    bool came;
    int code;
    char text[YW_ERR_TEXT_MAX];
};

void fleet_init(struct fleet *fleet);
/* Closes what is open. */
void fleet_fini(struct fleet *fleet);
/* A broker started there by the words of YW_FAR<n>_<how>. */
void fleet_open_far(struct fleet *fleet, int host, const char *how);
/* A broker here for a daemon there. */
void fleet_open_uri(struct fleet *fleet, int host, const char *uri);
void fleet_begin(struct fleet *fleet, int host, struct yw_virt_call *call,
                 struct fleet_answer *answer, enum yw_virt_op op, int machine);
/* Fills the answer that is the call's owner. */
void fleet_done(struct yw_virt_call *call, int code, const struct yw_err *err);
int fleet_wait(struct fleet *fleet, struct fleet_answer *answer);
/* UP, SETUP, … with usual contents; LIST gives the number of things. */
int fleet_call(struct fleet *fleet, int host, enum yw_virt_op op, int machine);
int fleet_call_for(struct fleet *fleet, int host, enum yw_virt_op op, int machine,
                   int64_t deadline_ms);
/* NETWORK_UP on a host, joined to that of the other by VXLAN. */
int fleet_span(struct fleet *fleet, int host, int other);
/* The attacker runs a line; its exit code, or a negative code. */
int fleet_run(struct fleet *fleet, int host, uint32_t request, const char *line,
              char output[YW_VIRT_OUTPUT_MAX]);
/* Until the host's controller has spoken on its field wiring: a guest that missed the signal of
 * a port that opened looks again within five seconds. */
void fleet_wait_field(struct fleet *fleet, int host);
void fleet_turn(struct fleet *fleet, int64_t span_ms);
/* A shell line given by YW_FAR<n>_<what>, `tail` added; its status. */
int fleet_shell(int host, const char *what, const char *tail);
/* As range_virt_broker does it: 0, or 77 when the test cannot run here. */
int fleet_check(void);

#endif
