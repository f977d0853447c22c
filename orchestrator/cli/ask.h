/* One question to the daemon of the data directory, by a verb that asks it and ends. */
#ifndef YW_CLI_ASK_H
#define YW_CLI_ASK_H

#include "cli/session.h"
#include "codec/request/request_point.h"

/* POST (GET when body is NULL) to /api/v1/drills/DRILL + tail. *ret *new*. */
int yw_ask(const struct yw_cli *cli, const char *drill, const char *tail,
           const char *body, char **ret, struct yw_err *err);
/* The same, and prints what came: the document with --json, else `zh` or `en`. The exit
 * status. */
int yw_ask_say(const struct yw_cli *cli, const char *drill, const char *tail,
               const char *body, const char *zh, const char *en);
/* "TEAM/MACHINE" or "MACHINE" of the only team. */
int yw_ask_machine(struct yw_request_point *ret, const char *word, struct yw_err *err);
/* A name of a request, checked. */
int yw_ask_name(char ret[YW_NAME_MAX], const char *what, const char *word,
                struct yw_err *err);

#endif
