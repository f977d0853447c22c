/* A verb's session with the daemon of a data directory: the one that runs, or one started for
 * the verb and ended with it. */
#ifndef YW_CLI_SESSION_H
#define YW_CLI_SESSION_H

#include "cli/cli.h"
#include "net/net.h"

#include <sys/types.h>

struct yw_session {
    struct yw_client *client;
    pid_t daemon; /* started by this session; 0: it ran before */
    char url[128];
    char token[64]; /* control */
};

/* Finds the daemon, or starts `yanwu serve` and waits until it answers. */
int yw_session_open(struct yw_session *session, const struct yw_cli *cli, bool may_start,
                    struct yw_err *err);
/* Leaves a daemon that was started running on, as its own session leader. */
void yw_session_keep(struct yw_session *session);
void yw_session_close(struct yw_session *session); /* ends the daemon it started */

#endif
