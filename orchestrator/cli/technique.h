/* The table of attack techniques that belongs to the scenarios. Private to this room. */
#ifndef YW_CLI_TECHNIQUE_H
#define YW_CLI_TECHNIQUE_H

#include "cli/cli.h"
#include "codec/technique.h"

#define YW_TECHNIQUES_PATH_MAX 320

void yw_cli_techniques_path(const struct yw_cli *cli, char ret[YW_TECHNIQUES_PATH_MAX]);
/* `ret` is *new*; the error names the file. */
int yw_cli_techniques(const struct yw_cli *cli, struct yw_techniques *ret,
                      struct yw_err *err);

#endif
