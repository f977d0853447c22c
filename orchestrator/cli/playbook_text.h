/* A playbook as people read it in a terminal: in the order of running, branches indented. */
#ifndef YW_CLI_PLAYBOOK_TEXT_H
#define YW_CLI_PLAYBOOK_TEXT_H

#include "cli/cli.h"
#include "response/playbook.h"

/* To standard output. */
void yw_playbook_print(const struct yw_cli *cli, const struct yw_playbook *playbook);

#endif
