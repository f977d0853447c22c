#include "cli/cli.h"

#include <stdio.h>

int yw_cmd_version(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_err err;

    if (argc > 1) {
        (void)yw_err_set(&err, YW_EINVAL, "unexpected '%s'; usage: yanwu version",
                         argv[1]);
        return yw_cli_fail(cli, &err);
    }
    printf(cli->json ? "{\"version\":\"%s\"}\n" : "yanwu %s\n", YW_VERSION);
    return 0;
}
