/* A scenario folder, read and put through the language in its jail. */
#ifndef YW_CLI_SCENARIO_H
#define YW_CLI_SCENARIO_H

#include "cli/cli.h"
#include "codec/request/request.h"
#include "script/script.h"

struct yw_scenario {
    struct yw_package *package;
    struct yw_script_reply loaded; /* LOADED: spec and players */
};

/* Errors of the scenario name file and line. cli->tabletop: read for the table. */
int yw_scenario_open(struct yw_scenario *ret, const struct yw_cli *cli, const char *dir,
                     uint64_t seed, struct yw_err *err);
void yw_scenario_close(struct yw_scenario *scenario);

#endif
