/* The record of a run: the journal from its start on, folded, and the playbook as it was given. */
#include "base/mem.h"
#include "codec/playbook/run_record.h"
#include "drill/conductor_inside.h"
#include "drill/exercise/respond.h"
#include "drill/package.h"
#include "drill/report_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool yw_run_format_read(const char *name, enum yw_run_format *ret)
{
    static const char *const names[] = {"cacao", "json", "csv", "md", "html"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum yw_run_format)i;
            return true;
        }
    }
    return false;
}

struct fold {
    struct yw_history history;
    const struct yw_drill_state *state;
};

static int keep(void *arg, const struct yw_event *event)
{
    struct fold *fold = arg;
    yw_history_apply(&fold->history, event, fold->state);
    return 0;
}

static int write_cacao(struct yw_buf *out, const struct yw_drill *drill,
                       const struct yw_run_record *record, struct yw_err *err)
{
    char *text = NULL;
    size_t size = 0;
    int code = yw_package_source(&text, &size, drill->package, drill->stage->library_dir,
                                 record->run->playbook, err);
    if (code == 0) {
        code = yw_run_record_encode(out, record, text, size, err);
    }
    free(text);
    return code;
}

static void write_row(struct yw_page *page, const struct yw_history_line *line)
{
    char number[24], drill[32], wall[32];
    const char *const cells[] = {number, drill, wall, page->english ? line->en : line->zh,
                                 line->actor};
    (void)snprintf(number, sizeof number, "#%lld", (long long)line->seq);
    yw_clock_format_drill(line->drill_ms, drill);
    yw_clock_format_utc(line->wall_us, wall);
    yw_page_row(page, cells, 5);
}

static void write_page(struct yw_buf *out, const struct yw_run_record *record, bool html,
                       bool english)
{
    struct yw_page page = {.out = out, .html = html, .english = english};
    const struct yw_text *name = &record->run->playbook->name;
    const char *title = english || name->zh[0] == '\0' ? name->en : name->zh;
    const char *const names[] = {
        yw_page_text(&page, "序号", "No."), yw_page_text(&page, "演练时间", "Drill time"),
        "UTC", yw_page_text(&page, "事件", "Event"), yw_page_text(&page, "操作者", "By")};
    char text[512];
    yw_page_begin(&page, title);
    yw_page_heading(&page, 1, title);
    (void)yw_copyf(text, sizeof text,
                   yw_page_text(&page, "演练 %s，队伍 %s，第 %lld 次执行。",
                                "Drill %s, team %s, run %lld."),
                   record->drill, record->team, (long long)record->run->run);
    yw_page_sentence(&page, text, NULL, 0);
    yw_page_table(&page, names, 5);
    for (size_t i = 0; i < record->history->lines.count; i++) {
        write_row(&page, yw_vec_at(&record->history->lines, i));
    }
    yw_page_table_end(&page);
    yw_page_end(&page);
}

static int write_format(struct yw_buf *out, const struct yw_drill *drill,
                        const struct yw_run_record *record, enum yw_run_format format,
                        bool english, struct yw_err *err)
{
    switch (format) {
    case YW_RUN_CACAO:
        return write_cacao(out, drill, record, err);
    case YW_RUN_JSON:
        yw_timeline_json(out, record);
        break;
    case YW_RUN_CSV:
        yw_timeline_csv(out, record->history, english);
        break;
    case YW_RUN_MARKDOWN:
    case YW_RUN_HTML:
        write_page(out, record, format == YW_RUN_HTML, english);
        break;
    }
    return out->overflow ? yw_err_set(err, YW_ELIMIT, "the record is too large") : 0;
}

int yw_run_export(struct yw_buf *out, const struct yw_conductor *conductor,
                  const char *id, int64_t number, enum yw_run_format format,
                  const char *lang, struct yw_err *err)
{
    const struct yw_drill *drill = yw_conductor_find(conductor, id);
    const struct yw_drill_run *run = drill != NULL ? yw_respond_run(drill, number) : NULL;
    if (run == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no playbook run %lld", (long long)number);
    }
    struct fold fold = {.state = yw_drill_state(drill)};
    yw_history_init(&fold.history, number);
    int code = yw_journal_read(drill->journal, run->run.started_seq, keep, &fold, err);
    if (code == 0) {
        const struct yw_team_fold *team = yw_drill_team(fold.state, run->run.team);
        struct yw_run_record record = {.drill = drill->id,
                                       .team = team != NULL ? team->name : "",
                                       .run = &run->run,
                                       .history = &fold.history};
        code = write_format(out, drill, &record, format, strcmp(lang, "en") == 0, err);
    }
    yw_history_fini(&fold.history);
    return code;
}
