/* A machine of an image that was brought in with a system of its own: whoever serves
 * machines (served.h) speaks the guest channel with it, as with all others, and this
 * stands in for the agent. Where the image has the QEMU guest agent it is asked, through
 * libvirt; without one the machine lives as long as it runs, keeps the addresses that it
 * gives itself, and programs and files are refused.
 *
 * What a role's agent can and this cannot: an answer is not remembered, so a program that
 * was ordered just before the broker died may run twice; lines of telemetry; roles. What
 * is set up in the guest is set with ip(8), so it has to be Linux.
 *
 * A thread each, which ends when the other end of the descriptor is closed. */
#ifndef YW_VIRT_FOREIGN_H
#define YW_VIRT_FOREIGN_H

#include "base/err.h"
#include "base/id.h"

#include <stdbool.h>

/* Blocking calls, on the thread; `arg` must outlive the descriptor. */
struct yw_foreign {
    char uuid[YW_UUID_SIZE];
    char image[YW_NAME_MAX];
    /* The guest agent's answer to a command (codec/guest_agent.h), *new*. NULL: none. */
    int (*ask)(void *arg, const char *uuid, const char *command, char **ret_answer,
               struct yw_err *err);
    int (*runs)(void *arg, const char *uuid, bool *ret_running, struct yw_err *err);
    void *arg;
};

/* The host's end of a channel with this machine. Any thread. */
int yw_foreign_open(const struct yw_foreign *foreign, int *ret_fd, struct yw_err *err);

#endif
