/* What conductor.c shares with the files that bring drills into it: create.c, fork.c,
 * recover.c, work.c. No other file includes it. Loop thread. */
#ifndef YW_DRILL_CONDUCTOR_INSIDE_H
#define YW_DRILL_CONDUCTOR_INSIDE_H

#include "base/vec.h"
#include "drill/drill.h"
#include "drill/law.h"
#include "drill/range/disk.h"
#include "loop/pool.h"

#define YW_CONDUCTOR_DRILLS_MAX 64

struct yw_creating;
struct yw_fork;
struct yw_recovery;

struct yw_conductor {
    struct yw_stage stage;
    uint16_t port;                /* the daemon's own; 0 none */
    struct yw_vec drills;         /* struct yw_drill * */
    struct yw_vec creating;       /* struct yw_creating *: create.c's */
    struct yw_vec forks;          /* struct yw_fork *, under way: fork.c's */
    struct yw_recovery *recovery; /* recover.c's; NULL: it is over */
    struct yw_pool *pool;         /* work.c's; NULL until the first work */
    struct yw_vec works;          /* struct yw_work *: those of a simulation */
    struct yw_vec later;          /* struct yw_command *: done at the next turn */
    struct yw_due_entry later_due;
    struct yw_vec reconciling; /* void *: reconcile.c's calls */
    uint64_t broker_generation;
    struct yw_disk disk;
    struct yw_law_book book;
    bool closing;
    yw_patch_fn *on_patch;
    void *patch_owner;
};

/* NULL: there is none. Borrowed. */
struct yw_drill *yw_conductor_find(const struct yw_conductor *conductor, const char *id);
/* YW_ELIMIT: no room for one more drill. */
int yw_conductor_room(const struct yw_conductor *conductor, struct yw_err *err);
/* The drill is the conductor's (stolen). */
void yw_conductor_add(struct yw_conductor *conductor, struct yw_drill *drill);
/* <data_dir>/drills/<before><id><after>, *new* */
char *yw_conductor_path(const struct yw_conductor *conductor, const char *before,
                        const char *id, const char *after);
/* The folder drills/<before><id>, whole and synced, gets its name. Any thread. */
int yw_conductor_name(const struct yw_conductor *conductor, const char *before,
                      const char *id, struct yw_err *err);

/* Room for the journal when the disk is full, or none; without it there is a line in the log.
 * Any thread, before the journal is attached. */
void yw_conductor_reserve(const struct yw_drill *drill, bool keep);

/* create.c */
int yw_create_start(struct yw_conductor *conductor, struct yw_command *command,
                    struct yw_err *err);
void yw_create_close(struct yw_conductor *conductor);
/* fork.c */
void yw_fork_close(struct yw_conductor *conductor);
/* recover.c */
void yw_recover_close(struct yw_conductor *conductor);

#endif
