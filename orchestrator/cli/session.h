/* A verb's session with the daemon of a data directory: the one that runs, or one started for
 * the verb and ended with it. */
#ifndef YW_CLI_SESSION_H
#define YW_CLI_SESSION_H

#include "cli/cli.h"
#include "net/net.h"

#include <sys/types.h>

struct yw_session {
    struct yw_client *client;
    bool owns;    /* the daemon was started by this session, and is started again */
    pid_t daemon; /* the one that this session started; 0: none, or it is gone */
    long serving; /* process id of the daemon that answers */
    int restarts; /* since it answered last */
    char url[128];
    char token[64]; /* control */
};

/* Finds the daemon, or starts `yanwu serve` and waits until it answers. */
int yw_session_open(struct yw_session *session, const struct yw_cli *cli, bool may_start,
                    struct yw_err *err);
/* Does the daemon that this session spoke to answer no more, or is it another one now? */
bool yw_session_lost(struct yw_session *session, const struct yw_cli *cli);
/* One attempt to find the daemon again; the session's own is started again when it is gone, on
 * its old port, so that open pages find it too. YW_EIO: nobody answers yet. */
int yw_session_again(struct yw_session *session, const struct yw_cli *cli,
                     struct yw_err *err);
/* Leaves a daemon that was started running on, as its own session leader. */
void yw_session_keep(struct yw_session *session);
void yw_session_close(struct yw_session *session); /* ends the daemon it started */

#endif
