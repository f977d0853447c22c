#include "cli/cli.h"

#include "base/mem.h"
#include "cli/coverage.h"
#include "cli/exercise.h"
#include "cli/interrupt.h"
#include "cli/option.h"
#include "cli/play.h"
#include "cli/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct run {
    bool automatic, stay;
    const char *teams, *override, *how;
    double speed; /* 0: that of the rehearsal */
    int64_t seed;
};

static int open_run(struct yw_exercise *exercise, struct yw_scenario *scenario,
                    const struct run *run, const char *folder, struct yw_err *err)
{
    double speed = 1.0;
    int code =
        yw_scenario_open(scenario, exercise->cli, folder, (uint64_t)run->seed, err);
    if (code == 0 && run->automatic && scenario->loaded.player_count == 0) {
        code = yw_err_set(err, YW_EINVAL, "%s: --auto needs rehearsal.lua with teams",
                          folder);
    }
    if (code == 0) {
        double usual = run->automatic ? scenario->loaded.rehearsal_speed : 1.0;
        speed = run->speed > 0.0 ? run->speed : usual;
    }
    if (code == 0) {
        code = yw_teams_read(&exercise->teams, run->teams, &scenario->loaded, err);
    }
    if (code == 0 && run->automatic) {
        code = yw_teams_played(&exercise->teams, &scenario->loaded, err);
    }
    if (code == 0) {
        code = yw_recipe_build_for(exercise->cli, scenario->loaded.spec, err);
    }
    if (code == 0) {
        code = yw_session_open(&exercise->session, exercise->cli, true, err);
    }
    return code == 0 ? yw_exercise_create(exercise, scenario, run->seed, speed, err)
                     : code;
}

static void print_addresses(const struct yw_exercise *exercise)
{
    const struct yw_session *session = &exercise->session;
    yw_cli_say(
        yw_cli_text(exercise->cli, "大屏：%s/#/drills/%s", "board: %s/#/drills/%s"),
        session->url, exercise->id);
    yw_cli_say(yw_cli_text(exercise->cli, "导调：%s/#/drills/%s/control?token=%s",
                           "control: %s/#/drills/%s/control?token=%s"),
               session->url, exercise->id, session->token);
    for (size_t i = 0; i < exercise->teams.count; i++) {
        yw_cli_say("%s: %s/#/drills/%s/team?token=%s", exercise->teams.names[i],
                   session->url, exercise->id, exercise->team_tokens[i]);
    }
}

static int watch(struct yw_exercise *exercise, struct yw_err *err)
{
    int code = 0;
    while (code == 0 && *yw_interrupt_count() == 0 && !yw_exercise_over(exercise)) {
        struct timespec pause = {.tv_nsec = 500000000L};
        code = yw_exercise_look(exercise, err);
        (void)nanosleep(&pause, NULL);
    }
    return code;
}

static int conduct(struct yw_exercise *exercise, const struct yw_scenario *scenario,
                   const struct run *run, struct yw_err *err)
{
    print_addresses(exercise);
    yw_coverage_tell(exercise->cli, scenario->loaded.spec);
    yw_cli_say("%s",
               scenario->loaded.spec->tabletop
                   ? yw_cli_text(exercise->cli, "桌面推演：不启动机器", "at the table: no machines")
                   : yw_cli_text(exercise->cli, "搭建靶场……", "bringing the range up …"));
    int code = yw_exercise_up(exercise, err);
    if (code == 0) {
        code = yw_exercise_verb(exercise, "start", "run", err);
    }
    if (code == 0) {
        yw_cli_say("%s", yw_cli_text(exercise->cli, "演练进行中", "drill running"));
        code = run->automatic ? yw_play(exercise, scenario, (uint64_t)run->seed,
                                        yw_interrupt_count(), err)
                              : watch(exercise, err);
    }
    if (code == 0 && *yw_interrupt_count() > 0) {
        yw_cli_say(
            "%s",
            yw_cli_text(exercise->cli,
                        "已中断：写出报告并拆除靶场；再按一次 Ctrl-C 立即离开",
                        "interrupted: writing the report, then taking the range down; "
                        "Ctrl-C again leaves at once"));
    }
    if (code == 0) {
        code = yw_exercise_look(exercise, err);
    }
    if (code == 0) {
        code = yw_exercise_report(exercise, err);
    }
    if (code == 0 && exercise->faulted) {
        code =
            yw_err_set(err, YW_EINVAL,
                       "the story of the scenario failed: 'yanwu journal %s' says where",
                       exercise->id);
    }
    if (code == 0 && run->stay && *yw_interrupt_count() == 0) {
        yw_cli_say("%s", yw_cli_text(
                             exercise->cli, "大屏保持打开；按 Ctrl-C 结束并拆除靶场",
                             "the board stays up; Ctrl-C ends and takes the range down"));
        while (*yw_interrupt_count() == 0) {
            struct timespec pause = {.tv_sec = 1};
            (void)nanosleep(&pause, NULL);
        }
    }
    return code;
}

int yw_cmd_run(struct yw_cli *cli, int argc, char **argv)
{
    struct run run = {.seed = 1};
    const struct yw_option options[] = {{.name = "--auto", .flag = &run.automatic},
                                        {.name = "--stay", .flag = &run.stay},
                                        {.name = "--tabletop", .flag = &cli->tabletop},
                                        {.name = "--teams", .text = &run.teams},
                                        {.name = "--override", .text = &run.override},
                                        {.name = "--how", .text = &run.how},
                                        {.name = "--speed", .speed = &run.speed},
                                        {.name = "--seed", .number = &run.seed}};
    struct yw_words words;
    struct yw_err err = {0};
    struct yw_err down_err = {0};
    int code = yw_options_read(options, 8, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 1, 1,
                               "run SCENARIO [--auto] [--stay] [--tabletop]", &err);
    }
    if (code == 0) {
        code = yw_way_check(run.how, &err);
    }
    if (code != 0) {
        return yw_cli_fail(cli, &err);
    }
    yw_interrupt_catch();
    struct yw_exercise *exercise = yw_new(sizeof *exercise);
    struct yw_scenario scenario = {0};
    exercise->cli = cli;
    exercise->override = run.override;
    exercise->how = run.how;
    code = open_run(exercise, &scenario, &run, words.items[0], &err);
    if (code == 0) {
        code = conduct(exercise, &scenario, &run, &err);
        if (strcmp(exercise->phase, "archived") != 0) {
            yw_cli_say("%s", yw_cli_text(cli, "拆除靶场……", "taking the range down …"));
        }
        int down = yw_exercise_verb(exercise, "down", "run ended", &down_err);
        if (code == 0 && down != 0) {
            code = down;
            err = down_err;
        }
    }
    if (code == 0) {
        yw_exercise_result(exercise);
    }
    yw_exercise_close(exercise);
    yw_scenario_close(&scenario);
    free(exercise);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
