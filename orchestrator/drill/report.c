/* The report: one pass over the journal folds view and score and keeps the lines worth
 * reading; then the page is written from what was kept. */
#include "base/mem.h"
#include "drill/conductor.h"
#include "drill/report_duty.h"
#include "model/words/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 20000
#define SENTENCE_MAX 4096

struct line { /* a notable event, said while the state was what it was then */
    int64_t seq, drill_ms;
    int team;
    bool fault;
    char *text; /* owned */
};

struct crossing { /* a plant went from one consequence level to another */
    int64_t seq, drill_ms;
    int team;
    struct yw_ev_plant_level change;
};

struct moment {
    int64_t seq, wall_us, drill_ms;
};

struct report {
    struct yw_page page;
    struct yw_view view;
    struct yw_score score;
    struct yw_vec lines;     /* struct line */
    struct yw_vec crossings; /* struct crossing */
    struct moment created, started, ended;
    bool cut; /* more lines than LINES_MAX */
    struct yw_err *err;
};

static bool is_fault(const struct yw_event *event)
{
    return event->kind == YW_EVENT_STORY_FAULT ||
           event->kind == YW_EVENT_PLATFORM_FAULT || event->kind == YW_EVENT_RECOVERED ||
           (event->kind == YW_EVENT_RANGE_STATE && !event->range_state.ok) ||
           (event->kind == YW_EVENT_MACHINE_STATE &&
            event->machine_state.state == YW_MACHINE_LOST) ||
           (event->kind == YW_EVENT_ATTACK_ENDED && !event->attack_ended.ok);
}

static void keep_line(struct report *report, const struct yw_event *event)
{
    struct yw_text words;
    struct line line = {.seq = event->seq,
                        .drill_ms = event->drill_ms,
                        .team = event->team,
                        .fault = is_fault(event)};

    if (report->lines.count == LINES_MAX) {
        report->cut = true;
        return;
    }
    yw_event_words(event, &report->view.state, &words);
    line.text = yw_strdup(yw_page_text(&report->page, words.zh, words.en));
    yw_vec_push(&report->lines, &line);
}

static void keep_moment(struct moment *moment, const struct yw_event *event)
{
    if (moment->seq == 0)
        *moment = (struct moment){event->seq, event->wall_us, event->drill_ms};
}

static int keep(void *arg, const struct yw_event *event)
{
    struct report *report = arg;

    if (!yw_view_apply(&report->view, event))
        return yw_err_set(report->err, YW_ECORRUPT, "event %lld does not follow",
                          (long long)event->seq);
    yw_score_apply(&report->score, event);
    if (event->kind == YW_EVENT_DRILL_CREATED)
        keep_moment(&report->created, event);
    else if (event->kind == YW_EVENT_PHASE_CHANGED &&
             event->phase_changed.phase == YW_PHASE_RUNNING)
        keep_moment(&report->started, event);
    else if (event->kind == YW_EVENT_PHASE_CHANGED &&
             event->phase_changed.phase == YW_PHASE_ENDED)
        keep_moment(&report->ended, event);
    else if (event->kind == YW_EVENT_PLANT_LEVEL) {
        struct crossing crossing = {.seq = event->seq,
                                    .drill_ms = event->drill_ms,
                                    .team = event->team,
                                    .change = event->plant_level};

        yw_vec_push(&report->crossings, &crossing);
    }
    if (yw_event_notable(event) || is_fault(event))
        keep_line(report, event);
    return 0;
}

/* One sentence about one event (0: about none). */
static void say(struct report *report, int64_t seq, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct report *report, int64_t seq, const char *fmt, ...)
{
    char text[SENTENCE_MAX];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    yw_page_sentence(&report->page, text, &seq, 1);
}

#define TEXT(zh, en) yw_page_text(&report->page, (zh), (en))

static const char *pick(const struct report *report, const struct yw_text *text)
{
    return yw_page_text(&report->page, text->zh, text->en);
}

static const char *numbered(char cell[24], int64_t seq)
{
    (void)snprintf(cell, 24, "#%lld", (long long)seq);
    return cell;
}

static void write_moment(struct report *report, const struct moment *moment,
                         const char *what)
{
    char wall[32];
    char drill[32];

    if (moment->seq == 0)
        return;
    yw_clock_format_utc(moment->wall_us, wall);
    yw_clock_format_drill(moment->drill_ms, drill);
    say(report, moment->seq, TEXT("%s：%s（演练时间 %s）。", "%s: %s (drill time %s)."),
        what, wall, drill);
}

static void write_head(struct report *report, struct yw_journal *journal)
{
    const struct yw_drill_state *state = &report->view.state;
    char length[32];
    char digest[YW_HASH_TEXT_SIZE];
    struct yw_text phase;
    struct yw_hash head;
    int64_t count = 0;

    yw_journal_head(journal, &count, &head);
    yw_hash_text(&head, digest);
    yw_clock_format_drill(state->facts.length_ms, length);
    yw_phase_words(state->phase, &phase);
    say(report, report->created.seq,
        TEXT("场景 %s，行业 %s，%s，计划时长 %s。",
             "Scenario %s, sector %s, %s, planned for %s."),
        state->facts.scenario, state->facts.sector,
        state->facts.tabletop ? TEXT("桌面推演", "tabletop")
                              : TEXT("实战演练", "live drill"),
        length);
    write_moment(report, &report->created, TEXT("创建", "Created"));
    write_moment(report, &report->started, TEXT("开始", "Started"));
    write_moment(report, &report->ended, TEXT("结束", "Ended"));
    say(report, state->phase_seq, TEXT("当前状态：%s。", "State: %s."),
        pick(report, &phase));
    say(report, count,
        TEXT("日志共 %lld 条，末条哈希 %s。", "The journal has %lld events; head %s."),
        (long long)count, digest);
}

static void write_ranks(struct report *report)
{
    const char *names[] = {TEXT("名次", "Rank"), TEXT("队伍", "Team"),
                           TEXT("得分", "Points"), TEXT("最坏后果", "Worst consequence")};

    yw_page_heading(&report->page, 2, TEXT("结果", "Result"));
    yw_page_table(&report->page, names, 4);
    for (size_t i = 0; i < report->view.state.teams.count; i++) {
        const struct yw_team_fold *team = yw_vec_at(&report->view.state.teams, i);
        const struct yw_score_team *score = yw_vec_at(&report->score.teams, i);
        char rank[16];
        char points[24];
        char level[96];
        int64_t worst = 0;
        struct yw_text words;

        for (size_t k = 0; k < team->plants.count; k++) {
            const struct yw_plant_fold *plant = yw_vec_at(&team->plants, k);

            worst = plant->worst_level > worst ? plant->worst_level : worst;
        }
        yw_level_words(worst, &words);
        (void)snprintf(rank, sizeof rank, "%d", score != NULL ? score->rank : 1);
        (void)snprintf(points, sizeof points, "%lld",
                       score != NULL ? (long long)score->points : 0LL);
        (void)snprintf(level, sizeof level, "%lld %.50s", (long long)worst,
                       pick(report, &words));
        const char *cells[] = {rank, team->name, points, level};

        yw_page_row(&report->page, cells, 4);
    }
    yw_page_table_end(&report->page);
}

/* What the points are for, in words: what the objective says, else its name. */
static const char *subject_of(const struct report *report,
                              const struct yw_score_line *line)
{
    const struct yw_objective_fold *objective =
        yw_drill_objective(&report->view.state, line->team, line->subject);

    if (line->source == YW_SCORE_RULING)
        return TEXT("导调裁定", "ruling");
    if (objective == NULL || pick(report, &objective->says)[0] == '\0')
        return line->subject;
    return pick(report, &objective->says);
}

static void write_score(struct report *report, int team)
{
    bool any = false;

    yw_page_heading(&report->page, 3, TEXT("得分依据", "Why these points"));
    for (size_t i = 0; i < report->score.lines.count; i++) {
        const struct yw_score_line *line = yw_vec_at(&report->score.lines, i);
        char at[32];
        char text[SENTENCE_MAX];

        if (line->team != team)
            continue;
        any = true;
        yw_clock_format_drill(line->drill_ms, at);
        (void)snprintf(text, sizeof text,
                       TEXT("%s，%+lld 分，%s：%s。", "%s, %+lld points, %s: %s."), at,
                       (long long)line->points, subject_of(report, line),
                       pick(report, &line->reason));
        yw_page_sentence(&report->page, text, line->causes, YW_EVENT_CAUSES_MAX + 1);
    }
    if (!any)
        say(report, 0, "%s", TEXT("没有得分或扣分。", "No points were given or taken."));
}

static void write_plant(struct report *report, int team)
{
    bool any = false;

    yw_page_heading(&report->page, 3, TEXT("工艺后果", "Consequence for the plant"));
    for (size_t i = 0; i < report->crossings.count; i++) {
        const struct crossing *crossing = yw_vec_at(&report->crossings, i);
        const struct yw_ev_plant_level *change = &crossing->change;
        struct yw_text words;
        char value[YW_NAME_MAX + 64];
        char at[32];

        if (crossing->team != team)
            continue;
        any = true;
        yw_clock_format_drill(crossing->drill_ms, at);
        yw_level_words(change->level, &words);
        value[0] = '\0';
        if (change->tag[0] != '\0') /* no tag decides level 0 */
            (void)snprintf(value, sizeof value,
                           TEXT("，%s 实际值 %.4g", ", %s was in truth %.4g"),
                           change->tag, change->value);
        say(report, crossing->seq,
            TEXT("%s，%s 由 %lld 级到 %lld 级（%s）%s。",
                 "%s, %s went from level %lld to %lld (%s)%s."),
            at, change->plant, (long long)change->previous, (long long)change->level,
            pick(report, &words), value);
    }
    if (!any)
        say(report, 0, "%s",
            TEXT("工艺始终在限值之内。", "The plant never left its limits."));
}

static void write_answer(struct report *report, const struct yw_view_question *question)
{
    char vars[1024] = "";
    char at[32];
    char took[32];

    if (question->state != YW_QUESTION_ANSWERED) {
        say(report, question->opened_seq,
            question->state == YW_QUESTION_OPEN
                ? TEXT("“%s”（%s）尚未答复。", "“%s” (%s) is still open.")
                : TEXT("“%s”（%s）没有人答复。", "“%s” (%s) was never answered."),
            pick(report, &question->name), question->asked.role);
        return;
    }
    for (int64_t i = 0; i < question->answer.var_count && i < YW_EVENT_VARS_MAX; i++) {
        size_t used = strlen(vars);

        (void)snprintf(vars + used, sizeof vars - used, "%s%s = %.100s",
                       i == 0 ? "" : "; ", question->answer.vars[i].name,
                       question->answer.vars[i].value);
    }
    yw_clock_format_drill(question->answered_ms, at);
    yw_clock_format_drill(question->answered_ms - question->opened_ms, took);
    say(report, question->answered_seq,
        TEXT("%s，%s 答复“%s”，用时 %s%s：%s。", "%s, %s answered “%s” after %s%s: %s."),
        at, question->answered_by, pick(report, &question->name), took,
        question->late ? TEXT("（逾期）", " (late)") : "", vars);
}

static void write_answers(struct report *report, int team)
{
    bool any = false;

    yw_page_heading(&report->page, 3, TEXT("人员答复", "Answers"));
    for (size_t i = 0; i < report->view.questions.count; i++) {
        const struct yw_view_question *question = yw_vec_at(&report->view.questions, i);

        if (question->team == team) {
            write_answer(report, question);
            any = true;
        }
    }
    if (!any)
        say(report, 0, "%s", TEXT("没有向该队提问。", "The team was asked nothing."));
}

static void write_attack(struct report *report, int team,
                         const struct yw_attack_fold *attack)
{
    char text[SENTENCE_MAX];
    char at[32];
    char took[32];

    if (attack->effect_seq == 0) {
        say(report, attack->started_seq,
            attack->started_seq == 0
                ? TEXT("%s（%s）没有发动。", "%s (%s) was not launched.")
                : TEXT("%s（%s）没有生效。", "%s (%s) had no effect."),
            attack->name, attack->technique);
        return;
    }
    int64_t seqs[3] = {attack->started_seq, attack->effect_seq, 0};
    int64_t noticed_ms = 0;

    yw_clock_format_drill(attack->effect_ms, at);
    if (!yw_view_noticed(&report->view, team, attack->effect_seq, &seqs[2],
                         &noticed_ms)) {
        seqs[2] = 0;
        (void)snprintf(
            text, sizeof text,
            TEXT("%s（%s）于 %s 生效，未被发现。", "%s (%s) took effect at %s: missed."),
            attack->name, attack->technique, at);
    } else {
        yw_clock_format_drill(noticed_ms - attack->effect_ms, took);
        (void)snprintf(text, sizeof text,
                       TEXT("%s（%s）于 %s 生效，%s 后被发现。",
                            "%s (%s) took effect at %s: detected after %s."),
                       attack->name, attack->technique, at, took);
    }
    yw_page_sentence(&report->page, text, seqs, 3);
}

static void write_attacks(struct report *report, const struct yw_team_fold *fold,
                          int team)
{
    yw_page_heading(&report->page, 3, TEXT("攻击", "Attacks"));
    say(report, 0, "%s",
        TEXT("“发现”指生效之后该队的首次上报或答复。",
             "Detected means: the team's first report or answer after the effect."));
    for (size_t i = 0; i < fold->attacks.count; i++)
        write_attack(report, team, yw_vec_at(&fold->attacks, i));
    if (fold->attacks.count == 0)
        say(report, 0, "%s", TEXT("没有攻击。", "There was no attack."));
}

/* The two integrals of each plant: what happened in it, in numbers that add up. */
static void write_integrals(struct report *report, const struct yw_team_fold *fold)
{
    for (size_t i = 0; i < fold->plants.count; i++) {
        const struct yw_plant_fold *plant = yw_vec_at(&fold->plants, i);

        if (!plant->sampled)
            continue;
        say(report, plant->sample_seq,
            TEXT("%s：后果积分 %.0f 级·秒，折合满负荷停产 %.0f 秒（工艺时间）。",
                 "%s: level over time %.0f level·s, production lost as if it had stood "
                 "for "
                 "%.0f s (plant time)."),
            plant->name, plant->sample.level_s, plant->sample.lost_s);
    }
}

static void write_teams(struct report *report)
{
    for (size_t i = 0; i < report->view.state.teams.count; i++) {
        const struct yw_team_fold *fold = yw_vec_at(&report->view.state.teams, i);
        char title[128];

        (void)snprintf(title, sizeof title, TEXT("队伍 %s", "Team %s"), fold->name);
        yw_page_heading(&report->page, 2, title);
        write_score(report, (int)i);
        write_plant(report, (int)i);
        write_integrals(report, fold);
        write_answers(report, (int)i);
        write_attacks(report, fold, (int)i);
    }
}

static void write_timeline(struct report *report)
{
    const char *names[] = {TEXT("演练时间", "Drill time"), TEXT("队伍", "Team"),
                           TEXT("事件", "Event"), TEXT("编号", "Number")};

    yw_page_heading(&report->page, 2, TEXT("时间线", "Timeline"));
    yw_page_table(&report->page, names, 4);
    for (size_t i = 0; i < report->lines.count; i++) {
        const struct line *line = yw_vec_at(&report->lines, i);
        const struct yw_team_fold *team = yw_drill_team(&report->view.state, line->team);
        char at[32];
        char number[24];

        yw_clock_format_drill(line->drill_ms, at);
        const char *cells[] = {at, team != NULL ? team->name : "", line->text,
                               numbered(number, line->seq)};

        yw_page_row(&report->page, cells, 4);
    }
    yw_page_table_end(&report->page);
    if (report->cut)
        say(report, 0,
            TEXT("时间线只列前 %d 条。", "Only the first %d lines are listed."),
            LINES_MAX);
}

static void write_faults(struct report *report)
{
    bool any = false;

    yw_page_heading(&report->page, 2, TEXT("平台与故障", "Platform and faults"));
    for (size_t i = 0; i < report->lines.count; i++) {
        const struct line *line = yw_vec_at(&report->lines, i);

        if (line->fault) {
            say(report, line->seq, "%s", line->text);
            any = true;
        }
    }
    if (!any)
        say(report, 0, "%s", TEXT("没有故障。", "There were no faults."));
}

#undef TEXT

static void report_fini(struct report *report)
{
    for (size_t i = 0; i < report->lines.count; i++) {
        struct line *line = yw_vec_at(&report->lines, i);

        free(line->text);
    }
    yw_vec_fini(&report->lines);
    yw_vec_fini(&report->crossings);
    yw_view_fini(&report->view);
    yw_score_fini(&report->score);
}

int yw_report_write(struct yw_buf *out, struct yw_journal *journal,
                    const struct yw_law *law, const char *lang,
                    enum yw_report_format format, struct yw_err *err)
{
    struct report *report = yw_new(sizeof *report); /* a view is large */

    report->page = (struct yw_page){.out = out,
                                    .html = format == YW_REPORT_HTML,
                                    .english = strncmp(lang, "en", 2) == 0};
    report->err = err;
    yw_view_init(&report->view, YW_AUDIENCE_CONTROL, -1);
    yw_score_init(&report->score);
    yw_vec_init(&report->lines, sizeof(struct line), LINES_MAX);
    yw_vec_init(&report->crossings, sizeof(struct crossing), LINES_MAX);
    int status = yw_journal_read(journal, 1, keep, report, err);

    if (status == 0 && report->created.seq == 0)
        status = yw_err_set(err, YW_ENOTFOUND, "the journal holds no drill");
    if (status == 0) {
        yw_page_begin(&report->page, pick(report, &report->view.state.facts.title));
        write_head(report, journal);
        write_ranks(report);
        write_teams(report);
        yw_report_duty(&report->page, &report->view, law);
        write_timeline(report);
        write_faults(report);
        yw_page_end(&report->page);
        if (out->overflow)
            status =
                yw_err_set(err, YW_ELIMIT, "the report is above %zu bytes", out->max);
    }
    report_fini(report);
    free(report);
    return status;
}
