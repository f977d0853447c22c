/* Points of several machines together: one moment, all or none. Blocking, on threads of
 * its own (loop/gang.h), so that a QEMU that hangs costs this call its deadline and
 * nobody else anything. */
#ifndef YW_VIRT_GROUP_H
#define YW_VIRT_GROUP_H

#include "loop/gang.h"
#include "virt/broker_wire.h"
#include "virt/machine/embed_root.h"

struct yw_host;

/* What is to be done, and what came of it. Several threads may hold it. */
struct yw_group {
    atomic_int holds;
    atomic_bool left; /* the caller has given up: what is stopped late goes on at once */
    struct yw_gang_house *house;      /* borrowed */
    struct yw_host *host;             /* borrowed */
    const struct yw_embed_root *root; /* borrowed */
    struct yw_broker_member *members; /* owned */
    bool *was_running;                /* owned; one a member */
    int64_t *bytes_before;            /* owned; the same */
    atomic_bool *stop_ordered;        /* owned; the same: it is to stand from now on */
    size_t count;
    char drill[YW_NAME_MAX];
    char point[YW_NAME_MAX];
    char path[YW_VIRT_PATH_MAX];
    bool cut;
    int fd, disk_fd, folder_fd; /* owned, of the evidence; -1 */
    int64_t taken_us;           /* the same: when its machine stood */
    int64_t deadline_ms;

    /* outcome */
    int64_t frozen_ms, bytes;
    int forced;
    char output[512];
};

/* *new*, one hold; takes the members from the job, or its one machine. */
struct yw_group *yw_group_new(struct yw_gang_house *house, struct yw_host *host,
                              const struct yw_embed_root *root,
                              struct yw_broker_job *job);
void yw_group_release(void *group); /* one hold; NULL-safe */
/* `work` on every member; the first failure, its machine named. */
int yw_group_each(struct yw_group *group, int64_t span_ms,
                  int (*work)(void *group, size_t member, struct yw_err *err),
                  struct yw_err *err);

int yw_group_save(struct yw_group *group, struct yw_err *err);
/* The ports of the machines are closed. */
int yw_group_load(struct yw_group *group, struct yw_err *err);
int yw_group_drop(struct yw_group *group, struct yw_err *err);
int64_t yw_group_now_ms(void); /* monotonic */

#endif
