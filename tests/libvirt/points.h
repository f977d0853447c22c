/* What the tests of points share: machines 0 (an attacker) to count - 1 (controllers) on
 * one network, in a network namespace of the test's own. */
#ifndef YW_TEST_POINTS_H
#define YW_TEST_POINTS_H

#include "virt/virt.h"

#define MACHINES_MAX 64
#define ATTACKER 0 /* the others are controllers */
#define PLC 1
#define READ_DOSE "modbus read 10.20.2.101 1 holding 40 1"

struct bench {
    struct yw_loop *loop;
    struct yw_virt *virt;
    struct yw_virt_broker_config config;
    struct yw_plan plan;
    struct yw_plan_network network;
    struct yw_plan_machine machines[MACHINES_MAX];
    const struct yw_plan_machine *group[MACHINES_MAX];
    char domains[YW_PLAN_DOMAIN_MAX]; /* what the names of the machines begin with */
    char prefix[YW_PLAN_BRIDGE_MAX];
    int count;
    char program_st[16384];
    size_t program_size;
    uint32_t request;
    int runner;              /* who runs lines */
    char point[YW_NAME_MAX]; /* of operations on groups */
    int fields;
    int losses;
    int ups;
    char output[YW_VIRT_OUTPUT_MAX];
    int64_t span_ms; /* of the last call */
};

struct answer {
    bool came;
    int code;
    char text[YW_ERR_TEXT_MAX];
};

int64_t points_now(const struct bench *bench);
void points_turn(struct bench *bench, int64_t span_ms);
/* `call` is filled as far as an operation needs; UP_MS when it has no deadline. */
void points_begin(struct bench *bench, struct yw_virt_call *call, struct answer *answer,
                  enum yw_virt_op op, int machine);
int points_wait(struct bench *bench, struct answer *answer);
int points_call(struct bench *bench, enum yw_virt_op op, int machine);
/* On the first `count` machines from `first` on. */
int points_group(struct bench *bench, enum yw_virt_op op, int first, int count, bool cut);
int points_run(struct bench *bench, const char *line, int64_t deadline_ms);
int points_find(struct bench *bench, int machine, bool frozen);
void points_kill_broker(struct bench *bench);
/* Is there a point of this name in the machine's file? Read by qemu-img. */
bool points_listed(const struct bench *bench, int machine, const char *point);

/* points_proof.c */
void points_of_one_moment(struct bench *bench);
void points_cut_cables(struct bench *bench);
void points_killed_midway(struct bench *bench);

#endif
