#include "base/mem.h"
#include "cli/cli.h"
#include "cli/estimate.h"
#include "cli/network_plot.h"
#include "cli/option.h"
#include "cli/recipe.h"
#include "cli/scenario.h"
#include "cli/teams.h"
#include "codec/state/state.h"
#include "model/plan.h"
#include "store/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words_of_plan {
    const char *teams;
    const char *drill;
    const char *svg; /* a file for the picture of its networks, and nothing else */
    struct yw_estimate_order order;
    int64_t seed;
};

static int print_plan(const struct yw_cli *cli, const struct yw_spec *spec,
                      const struct yw_plan *plan, const struct yw_estimate *estimate,
                      struct yw_err *err)
{
    struct yw_buf out;
    int status = 0;

    yw_buf_init(&out, YW_STATE_MAX);
    if (cli->json)
        yw_plan_encode(&out, spec, plan, estimate != NULL ? &estimate->admit : NULL);
    else
        yw_plan_describe(&out, spec, plan);
    fputs(out.data, stdout);
    if (cli->json)
        putchar('\n');
    else if (estimate != NULL)
        yw_estimate_print(cli, estimate);
    if (out.overflow)
        status = yw_err_set(err, YW_ELIMIT, "the plan is above %d bytes", YW_STATE_MAX);
    yw_buf_fini(&out);
    return status;
}

static int draw(const struct yw_spec *spec, const char *path, struct yw_err *err)
{
    struct yw_buf out;

    yw_buf_init(&out, YW_NETWORK_PLOT_MAX);
    yw_network_plot(&out, spec);
    int status = out.overflow
                     ? yw_err_set(err, YW_ELIMIT, "the picture is above %d bytes",
                                  YW_NETWORK_PLOT_MAX)
                     : 0;
    FILE *file = status == 0 ? fopen(path, "we") : NULL;
    bool whole = file != NULL && fwrite(out.data, 1, out.size, file) == out.size;

    if (file != NULL && fclose(file) != 0)
        whole = false;
    if (status == 0 && !whole)
        status = yw_err_errno(err, YW_EIO, errno, path);

    yw_buf_fini(&out);
    return status;
}

/* 0; 1 when the host cannot carry it; or a negative code. */
static int plan_and_weigh(const struct yw_cli *cli, const struct yw_spec *spec,
                          const struct yw_teams *teams, const struct words_of_plan *words,
                          struct yw_err *err)
{
    struct yw_plan *plan = NULL;
    struct yw_estimate *estimate = NULL;
    int status = yw_recipe_check_spec(cli, spec, err);

    if (status == 0)
        status = yw_plan_make(&plan, spec, words->drill != NULL ? words->drill : spec->id,
                              teams->pointers, teams->count, (uint64_t)words->seed, err);

    if (status == 0 && !spec->tabletop)
        status = yw_estimate_make(&estimate, cli, spec, plan, &words->order, err);
    if (status == 0)
        status = print_plan(cli, spec, plan, estimate, err);
    if (status == 0 && estimate != NULL && !estimate->admit.ok)
        status = 1;
    yw_estimate_free(estimate);
    yw_plan_free(plan);
    return status;
}

int yw_cmd_plan(struct yw_cli *cli, int argc, char **argv)
{
    struct words_of_plan plan = {.seed = 1};
    const struct yw_option options[] = {{.name = "--teams", .text = &plan.teams},
                                        {.name = "--drill", .text = &plan.drill},
                                        {.name = "--how", .text = &plan.order.how},
                                        {.name = "--hosts", .text = &plan.order.hosts},
                                        {.name = "--svg", .text = &plan.svg},
                                        {.name = "--seed", .number = &plan.seed}};
    struct yw_words words;
    struct yw_scenario scenario = {0};
    struct yw_teams *teams = yw_new(sizeof *teams);
    struct yw_err err = {0};
    int status = yw_options_read(options, 6, argc, argv, &words, &err);

    if (status == 0)
        status = yw_words_expect(&words, 1, 1,
                                 "plan SCENARIO [--teams A,B] [--seed N] [--how WAY] "
                                 "[--hosts FILE] [--svg FILE]",
                                 &err);
    if (status == 0)
        status =
            yw_scenario_open(&scenario, cli, words.items[0], (uint64_t)plan.seed, &err);
    if (status == 0 && plan.svg != NULL)
        status = draw(scenario.loaded.spec, plan.svg, &err);
    else if (status == 0)
        status = yw_teams_read(teams, plan.teams, &scenario.loaded, &err);
    if (status == 0 && plan.svg == NULL)
        status = plan_and_weigh(cli, scenario.loaded.spec, teams, &plan, &err);
    if (scenario.package != NULL)
        yw_scenario_close(&scenario);
    free(teams);
    return status >= 0 ? status : yw_cli_fail(cli, &err);
}
