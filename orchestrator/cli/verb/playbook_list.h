/* The library of playbooks, by file and title. Only cmd_playbook.c includes this header. */
#ifndef YW_CLI_PLAYBOOK_LIST_H
#define YW_CLI_PLAYBOOK_LIST_H

#include "base/err.h"
#include "cli/cli.h"

/* Prints every file of the library, in order of names. YW_ENOTFOUND: there is none. */
int yw_playbook_list(const struct yw_cli *cli, struct yw_err *err);

#endif
