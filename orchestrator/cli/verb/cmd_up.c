#include "cli/cli.h"

#include "base/mem.h"
#include "cli/coverage.h"
#include "cli/exercise.h"
#include "cli/interrupt.h"
#include "cli/option.h"
#include "cli/recipe.h"

#include <stdio.h>
#include <stdlib.h>

static void print_techniques(const struct yw_spec *spec)
{
    struct yw_buf out;
    struct yw_writer writer;
    yw_buf_init(&out, (size_t)YW_SPEC_ATTACKS_MAX * 32);
    yw_writer_init(&writer, &out);
    yw_coverage_write(&writer, NULL, spec);
    printf("\"techniques\":%s,", out.data);
    yw_buf_fini(&out);
}

static void print_tokens(const struct yw_exercise *exercise, const struct yw_spec *spec)
{
    if (!exercise->cli->json) {
        printf("%s\n", exercise->id);
        for (size_t i = 0; i < exercise->teams.count; i++) {
            printf("%s %s\n", exercise->teams.names[i], exercise->team_tokens[i]);
        }
        for (int tier = 0; tier < YW_SPEC_TIERS_MAX; tier++) {
            if (exercise->tier_tokens[tier][0] != '\0') {
                printf("@%s %s\n", yw_spec_tier_name(tier), exercise->tier_tokens[tier]);
            }
        }
        return;
    }
    printf("{\"id\":\"%s\",\"teams\":{", exercise->id);
    for (size_t i = 0; i < exercise->teams.count; i++) {
        printf("%s\"%s\":{\"token\":\"%s\"}", i == 0 ? "" : ",", exercise->teams.names[i],
               exercise->team_tokens[i]);
    }
    printf("},");
    print_techniques(spec);
    printf("\"tiers\":{");
    bool first = true;
    for (int tier = 0; tier < YW_SPEC_TIERS_MAX; tier++) {
        if (exercise->tier_tokens[tier][0] != '\0') {
            printf("%s\"%s\":{\"token\":\"%s\"}", first ? "" : ",",
                   yw_spec_tier_name(tier), exercise->tier_tokens[tier]);
            first = false;
        }
    }
    printf("},\"url\":\"%s\"}\n", exercise->session.url);
}

static int up(struct yw_exercise *exercise, struct yw_scenario *scenario,
              const char *folder, const char *teams, int64_t seed, double speed,
              struct yw_err *err)
{
    int code = yw_scenario_open(scenario, exercise->cli, folder, (uint64_t)seed, err);
    if (code == 0) {
        code = yw_teams_read(&exercise->teams, teams, &scenario->loaded, err);
    }
    if (code == 0) {
        code = yw_recipe_build_for(exercise->cli, scenario->loaded.spec, err);
    }
    if (code == 0) {
        code = yw_session_open(&exercise->session, exercise->cli, false, err);
    }
    if (code == 0) {
        code = yw_exercise_create(exercise, scenario, seed, speed, err);
    }
    if (code == 0) {
        yw_coverage_tell(exercise->cli, scenario->loaded.spec);
    }
    if (code == 0) {
        code = yw_exercise_up(exercise, err);
        if (code == YW_EDENIED) { /* refused before anything was made: nothing stays */
            (void)yw_exercise_verb(exercise, "down", "refused", NULL);
        }
    }
    return code;
}

int yw_cmd_up(struct yw_cli *cli, int argc, char **argv)
{
    const char *teams = NULL;
    double speed = 1.0;
    int64_t seed = 1;
    const char *override = NULL;
    const char *how = NULL;
    const struct yw_option options[] = {{.name = "--teams", .text = &teams},
                                        {.name = "--tabletop", .flag = &cli->tabletop},
                                        {.name = "--override", .text = &override},
                                        {.name = "--how", .text = &how},
                                        {.name = "--speed", .speed = &speed},
                                        {.name = "--seed", .number = &seed}};
    struct yw_words words;
    struct yw_scenario scenario = {0};
    struct yw_err err = {0};
    struct yw_exercise *exercise = yw_new(sizeof *exercise);
    exercise->cli = cli;
    int code = yw_options_read(options, 6, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 1, 1,
                               "up SCENARIO [--tabletop] [--teams A,B] [--speed N] "
                               "[--seed N] [--how WAY] [--override REASON]",
                               &err);
        exercise->override = override;
        exercise->how = how;
    }
    if (code == 0) {
        code = yw_way_check(how, &err);
    }
    if (code == 0) {
        yw_interrupt_catch();
        code = up(exercise, &scenario, words.items[0], teams, seed, speed, &err);
    }
    if (code == 0) {
        print_tokens(exercise, scenario.loaded.spec);
    }
    yw_exercise_close(exercise);
    yw_scenario_close(&scenario);
    free(exercise);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
