#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/scenario.h"
#include "cli/teams.h"
#include "codec/state.h"
#include "model/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_plan(const struct yw_cli *cli, const struct yw_spec *spec,
                      const char *drill, const struct yw_teams *teams, uint64_t seed,
                      struct yw_err *err)
{
    struct yw_plan *plan = NULL;
    struct yw_buf out;
    int status =
        yw_plan_make(&plan, spec, drill, teams->pointers, teams->count, seed, err);

    if (status < 0)
        return status;
    yw_buf_init(&out, YW_STATE_MAX);
    if (cli->json)
        yw_plan_encode(&out, spec, plan);
    else
        yw_plan_describe(&out, spec, plan);
    fputs(out.data, stdout);
    if (cli->json)
        putchar('\n');
    if (out.overflow)
        status = yw_err_set(err, YW_ELIMIT, "the plan is above %d bytes", YW_STATE_MAX);
    yw_buf_fini(&out);
    yw_plan_free(plan);
    return status;
}

int yw_cmd_plan(struct yw_cli *cli, int argc, char **argv)
{
    const char *list = NULL;
    const char *drill = NULL;
    int64_t seed = 1;
    const struct yw_option options[] = {{.name = "--teams", .text = &list},
                                        {.name = "--drill", .text = &drill},
                                        {.name = "--seed", .number = &seed}};
    struct yw_words words;
    struct yw_scenario scenario = {0};
    struct yw_teams *teams = yw_new(sizeof *teams);
    struct yw_err err = {0};
    int status = yw_options_read(options, 3, argc, argv, &words, &err);

    if (status == 0)
        status =
            yw_words_expect(&words, 1, 1, "plan SCENARIO [--teams A,B] [--seed N]", &err);
    if (status == 0)
        status = yw_scenario_open(&scenario, cli, words.items[0], (uint64_t)seed, &err);
    if (status == 0)
        status = yw_teams_read(teams, list, &scenario.loaded, &err);
    if (status == 0)
        status = print_plan(cli, scenario.loaded.spec,
                            drill != NULL ? drill : scenario.loaded.spec->id, teams,
                            (uint64_t)seed, &err);
    if (scenario.package != NULL)
        yw_scenario_close(&scenario);
    free(teams);
    return status == 0 ? 0 : yw_cli_fail(cli, &err);
}
