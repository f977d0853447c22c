#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/scenario.h"
#include "codec/state.h"
#include "model/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct teams {
    char names[YW_SPEC_TEAMS_MAX][YW_NAME_MAX];
    const char *pointers[YW_SPEC_TEAMS_MAX];
    size_t count;
};

static int add_team(struct teams *teams, const char *name, size_t size,
                    struct yw_err *err)
{
    if (teams->count == YW_SPEC_TEAMS_MAX)
        return yw_err_set(err, YW_ELIMIT, "--teams: at most %d", YW_SPEC_TEAMS_MAX);
    if (size >= YW_NAME_MAX)
        return yw_err_set(err, YW_EINVAL, "--teams: a name has at most %d bytes",
                          YW_NAME_MAX - 1);
    memcpy(teams->names[teams->count], name, size);
    teams->names[teams->count][size] = '\0';
    teams->pointers[teams->count] = teams->names[teams->count];
    teams->count++;
    return 0;
}

/* "a,b", or the teams of the rehearsal, or one team. */
static int read_teams(struct teams *teams, const char *list,
                      const struct yw_script_reply *loaded, struct yw_err *err)
{
    int status = 0;

    for (const char *at = list; at != NULL && status == 0;) {
        size_t size = strcspn(at, ",");

        status = add_team(teams, at, size, err);
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    for (size_t i = 0; list == NULL && i < loaded->player_count && status == 0; i++)
        status = add_team(teams, loaded->players[i].team, strlen(loaded->players[i].team),
                          err);
    if (status == 0 && teams->count == 0)
        status = add_team(teams, "blue", 4, err);
    return status;
}

static int print_plan(const struct yw_cli *cli, const struct yw_spec *spec,
                      const char *drill, const struct teams *teams, uint64_t seed,
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
    struct teams *teams = yw_new(sizeof *teams);
    struct yw_err err = {0};
    int status = yw_options_read(options, 3, argc, argv, &words, &err);

    if (status == 0)
        status =
            yw_words_expect(&words, 1, 1, "plan SCENARIO [--teams A,B] [--seed N]", &err);
    if (status == 0)
        status = yw_scenario_open(&scenario, cli, words.items[0], (uint64_t)seed, &err);
    if (status == 0)
        status = read_teams(teams, list, &scenario.loaded, &err);
    if (status == 0)
        status = print_plan(cli, scenario.loaded.spec,
                            drill != NULL ? drill : scenario.loaded.spec->id, teams,
                            (uint64_t)seed, &err);
    if (scenario.package != NULL)
        yw_scenario_close(&scenario);
    free(teams);
    return status == 0 ? 0 : yw_cli_fail(cli, &err);
}
