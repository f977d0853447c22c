/* The fold, done again: what a journal says, without the daemon that wrote it. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "cli/source.h"
#include "codec/state/state.h"
#include "codec/state/state_duty.h"
#include "drill/exercise/plant_facts.h"
#include "drill/law.h"
#include "model/view.h"
#include "model/words/words.h"
#include "score/score.h"

#include <stdio.h>
#include <stdlib.h>

struct replay {
    struct yw_view view;
    struct yw_score score;
    int64_t to; /* the last event that counts */
    int64_t wall_us;
    int64_t bad_seq;
};

#define ENOUGH 1

static int apply(void *arg, const struct yw_event *event)
{
    struct replay *replay = arg;

    if (event->seq > replay->to)
        return ENOUGH;
    if (!yw_view_apply(&replay->view, event)) {
        replay->bad_seq = event->seq;
        return YW_ECORRUPT;
    }
    yw_score_apply(&replay->score, event);
    replay->wall_us = event->wall_us;
    return 0;
}

/* By other law than that of the drill, its clocks and faults are other ones: said, and the
 * journal proves it. */
static void tell_differing(const struct yw_cli *cli, const struct replay *replay,
                           const struct yw_law *law)
{
    struct yw_scheme *scheme = yw_new(sizeof *scheme);
    char differs[YW_EVENT_RULES_MAX];

    if (yw_scheme_read(scheme, law, &replay->view.state)) {
        yw_scheme_differs(scheme, differs);
        if (differs[0] != '\0')
            (void)fprintf(stderr,
                          yw_cli_text(cli, "规则文件与演练时不同：%s\n",
                                      "rule files are not those of the drill: %s\n"),
                          differs);
    }
    free(scheme);
}

static void print_json(const struct replay *replay, struct yw_journal *journal,
                       const struct yw_law *law)
{
    char head[YW_HASH_TEXT_SIZE] = "";
    struct yw_hash hash;
    int64_t seq = 0;
    struct yw_buf out;

    yw_journal_head(journal, &seq, &hash);
    if (seq == replay->view.state.seq)
        yw_hash_text(&hash, head);
    struct yw_state_now now = {.drill = "",
                               .head = head,
                               .wall_us = replay->wall_us,
                               .drill_ms = replay->view.state.drill_ms,
                               .law = law,
                               .duty = yw_state_write_duty,
                               .plant_facts = yw_plant_facts};

    yw_buf_init(&out, YW_STATE_MAX);
    yw_state_encode(&out, &replay->view, &replay->score, &now);
    puts(out.data);
    yw_buf_fini(&out);
}

static void print_team(const struct yw_cli *cli, const struct replay *replay,
                       size_t index)
{
    const struct yw_team_fold *team = yw_vec_at(&replay->view.state.teams, index);
    const struct yw_score_team *score = yw_vec_at(&replay->score.teams, index);

    printf(yw_cli_text(cli, "第 %d 名  %s  %lld 分\n", "rank %d  %s  %lld points\n"),
           score != NULL ? score->rank : 1, team->name,
           score != NULL ? (long long)score->points : 0LL);
    for (size_t i = 0; i < replay->score.lines.count; i++) {
        const struct yw_score_line *line = yw_vec_at(&replay->score.lines, i);
        char at[32];

        if (line->team != (int)index)
            continue;
        yw_clock_format_drill(line->drill_ms, at);
        printf("  %s  %+5lld  %-16s %s", at, (long long)line->points, line->subject,
               cli->english ? line->reason.en : line->reason.zh);
        for (size_t k = 0; k <= YW_EVENT_CAUSES_MAX && line->causes[k] != 0; k++)
            printf(" [#%lld]", (long long)line->causes[k]);
        putchar('\n');
    }
}

static void print_people(const struct yw_cli *cli, const struct replay *replay)
{
    const struct yw_drill_state *state = &replay->view.state;
    struct yw_text phase;
    char at[32];

    yw_phase_words(state->phase, &phase);
    yw_clock_format_drill(state->drill_ms, at);
    printf("%s  %s  %s  #%lld\n",
           cli->english ? state->facts.title.en : state->facts.title.zh,
           cli->english ? phase.en : phase.zh, at, (long long)state->seq);
    for (size_t i = 0; i < state->teams.count; i++)
        print_team(cli, replay, i);
}

static int run(const struct yw_cli *cli, struct replay *replay, const char *name,
               struct yw_err *err)
{
    struct yw_journal *journal = NULL;
    struct yw_law_book book = {0};
    int status = yw_source_open(&journal, cli, name, err);

    if (status == 0)
        status = yw_journal_read(journal, 1, apply, replay, err);
    if (status == ENOUGH)
        status = 0;
    if (replay->bad_seq > 0)
        status = yw_err_set(err, YW_ECORRUPT, "event %lld does not follow",
                            (long long)replay->bad_seq);
    if (status == 0 && replay->view.state.duty_planned)
        yw_law_open(&book, cli->library_dir);
    if (status == 0)
        tell_differing(cli, replay, yw_law_of(&book));
    if (status == 0 && cli->json)
        print_json(replay, journal, yw_law_of(&book));
    else if (status == 0)
        print_people(cli, replay);
    yw_law_close(&book);
    yw_journal_close(journal);
    return status;
}

int yw_cmd_replay(struct yw_cli *cli, int argc, char **argv)
{
    struct replay *replay = yw_new(sizeof *replay); /* a view is large */
    const struct yw_option options[] = {{.name = "--to", .number = &replay->to}};
    struct yw_words words;
    struct yw_err err = {0};
    replay->to = INT64_MAX;
    int status = yw_options_read(options, 1, argc, argv, &words, &err);

    yw_view_init(&replay->view, YW_AUDIENCE_CONTROL, -1);
    yw_score_init(&replay->score);
    if (status == 0)
        status = yw_words_expect(&words, 1, 1, "replay DRILL|FILE [--to N]", &err);
    if (status == 0 && replay->to < 1)
        status = yw_err_set(&err, YW_EINVAL, "--to %lld: events are numbered from 1 on",
                            (long long)replay->to);
    if (status == 0)
        status = run(cli, replay, words.items[0], &err);
    yw_view_fini(&replay->view);
    yw_score_fini(&replay->score);
    free(replay);
    return status == 0 ? 0 : yw_cli_fail(cli, &err);
}
