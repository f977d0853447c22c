/* The hosts that a daemon runs on: from its hosts file, or this machine alone. */
#ifndef YW_CLI_HOSTS_H
#define YW_CLI_HOSTS_H

#include "cli/cli.h"
#include "cli/keeper.h"
#include "codec/hosts.h"
#include "loop/loop.h"
#include "virt/virt.h"

/* `path` "": <data>/hosts.json when it is there. NULL in *ret: this machine alone.
 * *new*. */
int yw_cli_hosts_read(struct yw_hosts_file **ret, const struct yw_cli *cli,
                      const char *path, struct yw_err *err);
/* The command of each host's broker, for the keeper: *new*, ended by NULL, to be freed with
 * yw_cli_hosts_free_commands. */
char ***yw_cli_hosts_commands(const struct yw_hosts_file *file, const struct yw_cli *cli,
                              int boots_at_once);
void yw_cli_hosts_free_commands(char ***commands); /* NULL-safe */
/* One connection over all of them. `link` NULL: brokers are children of this process. */
int yw_cli_hosts_open(struct yw_virt **ret, struct yw_loop *loop,
                      const struct yw_hosts_file *file, const struct yw_cli *cli,
                      int boots_at_once, struct yw_keeper_link *link, struct yw_err *err);

#endif
