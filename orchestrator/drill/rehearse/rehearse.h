/* A whole drill stepped by hand: virtual clock, in-memory hypervisor and journal, scripted
 * players. For `yanwu rehearse` and for the failure, crash, timeout and replay sweeps. The same
 * conductor that runs real drills; deterministic: one package and seed, one journal, byte for
 * byte. One thread, blocking. */
#ifndef YW_DRILL_REHEARSE_H
#define YW_DRILL_REHEARSE_H

#include "drill/conductor.h"
#include "virt/virt.h"

struct yw_rehearsal;

struct yw_rehearsal_config {
    char program[256];                /* the yanwu binary, for script hosts */
    char library_dir[256];            /* playbooks/ */
    const struct yw_package *package; /* borrowed */
    uint64_t seed;
    bool tabletop;              /* read as if its mode said so */
    struct yw_virt_fault fault; /* sweeps: the n-th hypervisor call */
    uint64_t stop_after;        /* sweeps: crash after the n-th append; 0 never */
    int64_t commit_ms;          /* an append is durable after so much time */
    uint64_t kill_script_after; /* the story's host dies after the n-th append; 0 never */
    uint64_t cut_broker_after;  /* the broker dies after the n-th call of it; 0 never */
    uint64_t stop_again;        /* and, after a restart, after this one; 0 never */
    /* Called in every turn while the drill exists: control's further hands. */
    void (*on_turn)(void *arg, struct yw_rehearsal *rehearsal);
    void *turn_arg;
    bool stop_deaf; /* and before anything that this event orders begins */
    int hosts;      /* so many of them, "host-1" …; 0: one that is none of many */
    bool no_live;   /* machines are carried from host to host, not handed over */
};

#define YW_REHEARSAL_HOSTS_MAX 4

int yw_rehearsal_open(struct yw_rehearsal **ret, const struct yw_rehearsal_config *config,
                      struct yw_err *err);
/* Runs until the drill is archived, or crashes (YW_ECANCELED, yw_rehearsal_crashed), or bring-up
 * failed (its error; the range is rolled back), or nothing moves any more (YW_ETIMEOUT). */
int yw_rehearsal_run(struct yw_rehearsal *rehearsal, struct yw_err *err);
/* Time goes by and nobody commands: what is under way comes to its end. */
void yw_rehearsal_linger(struct yw_rehearsal *rehearsal, int64_t span_ms);
bool yw_rehearsal_crashed(const struct yw_rehearsal *rehearsal);
/* After a crash: a new conductor on what was durable; machines and players went on living. */
int yw_rehearsal_restart(struct yw_rehearsal *rehearsal, struct yw_err *err);
struct yw_conductor *
yw_rehearsal_conductor(struct yw_rehearsal *rehearsal); /* borrowed */
const char *yw_rehearsal_drill(const struct yw_rehearsal *rehearsal);
struct yw_virt_world *yw_rehearsal_world(struct yw_rehearsal *rehearsal); /* borrowed */
/* Of one host, from 0: its world, and its own connection below that of all. Borrowed. */
struct yw_virt_world *yw_rehearsal_world_at(struct yw_rehearsal *rehearsal, int host);
struct yw_virt *yw_rehearsal_fake_at(struct yw_rehearsal *rehearsal, int host);
int64_t yw_rehearsal_wall_us(const struct yw_rehearsal *rehearsal); /* of its clock */
uint64_t yw_rehearsal_calls(const struct yw_rehearsal *rehearsal); /* of the hypervisor */
void yw_rehearsal_close(struct yw_rehearsal *rehearsal);           /* NULL-safe */

#endif
