#include "cli/cli.h"

#include "base/hash.h"
#include "base/mem.h"
#include "cli/finding.h"
#include "cli/option.h"
#include "cli/scenario.h"
#include "codec/state/state.h"
#include "codec/state/state_duty.h"
#include "drill/exercise/plant_facts.h"
#include "drill/package.h"
#include "drill/rehearse/rehearse.h"
#include "store/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_line(void *arg, const char *line, size_t size)
{
    return fwrite(line, 1, size, arg) == size ? 0 : YW_EIO;
}

static int write_journal(struct yw_journal *journal, const char *path, struct yw_err *err)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return yw_err_set(err, YW_EIO, "%s: cannot be written", path);
    }
    int code = yw_journal_export(journal, 1, write_line, file, err);
    return fclose(file) == 0 ? code
                             : yw_err_set(err, YW_EIO, "%s: cannot be written", path);
}

static void write_findings(struct yw_writer *w, void *arg)
{
    yw_findings_write(w, "findings", arg);
}

static void print_json(struct yw_rehearsal *rehearsal, const struct yw_view *view,
                       const struct yw_score *score, struct yw_findings *findings)
{
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    const char *drill = yw_rehearsal_drill(rehearsal);
    char text[YW_HASH_TEXT_SIZE];
    int64_t seq = 0;
    struct yw_hash head;
    struct yw_buf out;
    yw_journal_head(yw_conductor_journal(conductor, drill), &seq, &head);
    yw_hash_text(&head, text);
    struct yw_state_now now = {.drill = drill,
                               .head = text,
                               .drill_ms = view->state.drill_ms,
                               .wall_us = view->state.ended_us,
                               .law = yw_conductor_law(conductor),
                               .duty = yw_state_write_duty,
                               .plant_facts = yw_plant_facts,
                               .findings = write_findings,
                               .findings_arg = findings};
    yw_buf_init(&out, YW_STATE_MAX);
    yw_state_encode(&out, view, score, &now);
    puts(out.data);
    yw_buf_fini(&out);
}

static void print_team(const struct yw_cli *cli, const struct yw_score *score,
                       size_t index, const struct yw_team_fold *team)
{
    const struct yw_score_team *points = yw_vec_at(&score->teams, index);
    printf("%s %s: %lld\n", yw_cli_text(cli, "队伍", "team"), team->name,
           points == NULL ? 0LL : (long long)points->points);
    for (size_t i = 0; i < score->lines.count; i++) {
        const struct yw_score_line *line = yw_vec_at(&score->lines, i);
        if (line != NULL && line->team == (int)index) {
            char when[32];
            yw_clock_format_drill(line->drill_ms, when);
            printf("  %s  %+5lld  %-16s %s [#%lld]\n", when, (long long)line->points,
                   line->subject, cli->english ? line->reason.en : line->reason.zh,
                   (long long)line->causes[0]);
        }
    }
}

static void print_people(const struct yw_cli *cli, const struct yw_view *view,
                         const struct yw_score *score)
{
    char length[32];
    yw_clock_format_drill(view->state.drill_ms, length);
    printf("%s: %lld %s, %s %s\n",
           cli->english ? view->state.facts.title.en : view->state.facts.title.zh,
           (long long)view->state.seq, yw_cli_text(cli, "个事件", "events"),
           yw_cli_text(cli, "演练时长", "drill time"), length);
    for (size_t i = 0; i < view->state.teams.count; i++) {
        print_team(cli, score, i, yw_vec_at(&view->state.teams, i));
    }
}

/* The file first: an answer that says all is well must not be followed by one that it is not. */
static int finish(const struct yw_cli *cli, struct yw_rehearsal *rehearsal,
                  const struct yw_spec *spec, const char *journal, struct yw_err *err)
{
    struct yw_conductor *conductor = yw_rehearsal_conductor(rehearsal);
    const char *drill = yw_rehearsal_drill(rehearsal);
    const struct yw_view *view =
        yw_conductor_view(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    const struct yw_score *score =
        yw_conductor_score(conductor, drill, YW_AUDIENCE_CONTROL, -1);
    int code = journal == NULL
                   ? 0
                   : write_journal(yw_conductor_journal(conductor, drill), journal, err);
    struct yw_findings *findings = yw_new(sizeof *findings);
    yw_findings_take(findings, spec, view);
    if (code == 0 && cli->json) {
        print_json(rehearsal, view, score, findings);
    } else if (code == 0) {
        print_people(cli, view, score);
        yw_techniques_print(cli, view);
        yw_findings_print(cli, findings);
    }
    free(findings);
    return code;
}

int yw_cmd_rehearse(struct yw_cli *cli, int argc, char **argv)
{
    struct yw_rehearsal_config config = {0};
    const char *journal = NULL;
    int64_t seed = 1;
    const struct yw_option options[] = {{.name = "--seed", .number = &seed},
                                        {.name = "--tabletop", .flag = &cli->tabletop},
                                        {.name = "--journal", .text = &journal}};
    struct yw_words words;
    struct yw_err err = {0};
    int code = yw_options_read(options, 3, argc, argv, &words, &err);
    if (code == 0) {
        code = yw_words_expect(&words, 1, 1,
                               "rehearse SCENARIO [--tabletop] [--seed N] [--journal FILE]", &err);
    }
    if (code != 0) {
        return yw_cli_fail(cli, &err);
    }
    config.seed = (uint64_t)seed;
    config.tabletop = cli->tabletop;
    struct yw_package *package = NULL;
    struct yw_rehearsal *rehearsal = NULL;
    struct yw_scenario scenario = {0};
    YW_COPY(config.program, cli->program);
    YW_COPY(config.library_dir, cli->library_dir);
    code = yw_package_load(&package, words.items[0], &err);
    if (code == 0) {
        config.package = package;
        code = yw_rehearsal_open(&rehearsal, &config, &err);
    }
    if (code == 0) {
        code = yw_rehearsal_run(rehearsal, &err);
    }
    if (code == 0) {
        code = yw_scenario_open(&scenario, cli, words.items[0], config.seed, &err);
    }
    if (code == 0) {
        code = finish(cli, rehearsal, scenario.loaded.spec, journal, &err);
    }
    if (scenario.package != NULL) {
        yw_scenario_close(&scenario);
    }
    yw_rehearsal_close(rehearsal);
    yw_package_free(package);
    return code == 0 ? 0 : yw_cli_fail(cli, &err);
}
