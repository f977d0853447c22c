/* The keeper: the small parent of the daemon and the one part of it that stays root. It
 * starts the core, starts it again when it crashes, and hands it the descriptor of a new
 * virt broker when it asks. It reads nothing but its own fixed-size words from the core.
 * One thread, no event loop: it forks. */
#ifndef YW_CLI_KEEPER_H
#define YW_CLI_KEEPER_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

#define YW_KEEPER_BROKERS_MAX 64

struct yw_keeper_link;
struct yw_keeper_seat { /* of one broker of many */
    struct yw_keeper_link *link;
    uint32_t broker;
};

/* The core's end. A core without a keeper has none. */
struct yw_keeper_link {
    int fd;         /* to the keeper */
    int port;       /* of the core before this one; 0: this is the first */
    uint32_t asked; /* for a broker, so often */
    pid_t keeper;
    struct yw_keeper_seat seats[YW_KEEPER_BROKERS_MAX]; /* the core's own */
};

struct yw_keeper {
    /* The command of each broker, NULL-terminated; the list, too. NULL: none is needed. */
    char *const *const *brokers;
    /* The core, in a process of its own; its result is the exit status. 0 ends the
     * keeper, too; so does a failure before the first yw_keeper_ready. */
    int (*core)(void *arg, struct yw_keeper_link *link);
    void *arg;
};

/* Runs until SIGTERM or SIGINT, until the core ends by itself, or until it has crashed
 * too often: then *err says so. Returns the exit status. Call before any thread. */
int yw_keeper_run(const struct yw_keeper *keeper, struct yw_err *err);

/* The core serves: from now on it is started again whatever it ends with, on this port.
 */
int yw_keeper_ready(const struct yw_keeper_link *link, int port, struct yw_err *err);
/* For yw_virt_broker_config.spawn, `arg` being the link: ends the broker before and
 * returns the descriptor of a new one. Blocks, at most for seconds. */
int yw_keeper_spawn(void *arg, int *ret_fd, struct yw_err *err);
/* The same for one of many, `arg` being its seat. */
int yw_keeper_spawn_seat(void *arg, int *ret_fd, struct yw_err *err);
/* The core dies with its keeper. Again after each change of user, which undoes it. */
int yw_keeper_follow(const struct yw_keeper_link *link, struct yw_err *err);

#endif
