/* The user that the core becomes, and what that user may write. */
#ifndef YW_CLI_USER_H
#define YW_CLI_USER_H

#include "base/err.h"

#include <sys/types.h>

#define YW_USER_NAME "yanwu" /* by default, where the system has it */
/* Else: a number that nobody has. Debian keeps 65000 to 65533 free
 * (https://www.debian.org/doc/debian-policy/ch-opersys.html, section 9.2.2), and the one
 * above is shared by all that are nobody, script hosts too. */
#define YW_USER_NOBODY 65533

struct yw_user {
    char name[64];
    uid_t uid;
    gid_t gid;
};

/* `name` "": the usual one. */
int yw_user_find(struct yw_user *ret, const char *name, struct yw_err *err);
/* Root: makes the data directory so that the user can keep its own in it, and cannot
 * touch what is root's (libvirt/). What an older daemon wrote as root becomes the user's.
 */
int yw_user_own(const struct yw_user *user, const char *data_dir, struct yw_err *err);
/* This process becomes the user for good and gains nothing by exec any more. `port` below
 * 1024 can still be listened on. Before any other thread. */
int yw_user_become(const struct yw_user *user, int port, struct yw_err *err);

#endif
