#include "drill/report_duty.h"

#include "base/clock.h"
#include "base/mem.h"
#include "response/merit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SENTENCE_MAX 1024
#define CELL_MAX (2 * YW_TEXT_MAX)

struct chapter {
    struct yw_page *page;
    const struct yw_view *view;
    const struct yw_law *law;
    struct yw_scheme *scheme;
    struct yw_record record;
    struct yw_judged *judged;
    int team;
};

#define TEXT(zh, en) yw_page_text(chapter->page, zh, en)

static const char *pick(const struct chapter *chapter, const struct yw_text *text)
{
    return chapter->page->english ? text->en : text->zh;
}

static const char *party(const struct chapter *chapter, int index)
{
    return pick(chapter, &chapter->law->rules->names[YW_RULE_PARTY].rows[index].text);
}

static void say(struct chapter *chapter, const int64_t seqs[2], const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct chapter *chapter, const int64_t seqs[2], const char *fmt, ...)
{
    char text[SENTENCE_MAX];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    yw_page_sentence(chapter->page, text, seqs, 2);
}

static const char *state_of(const struct chapter *chapter, enum yw_duty_state state)
{
    static const struct yw_text texts[] = {{"计时中", "running"}, {"按时", "in time"},
                                           {"已超时", "overdue"}, {"迟到", "late"},
                                           {"未履行", "omitted"}, {"未到期", "not due"}};

    return pick(chapter, &texts[state]);
}

static void write_clock(struct chapter *chapter, const struct yw_duty_clock *clock)
{
    const struct yw_rule_duty *duty = clock->duty;
    char law[CELL_MAX], what[CELL_MAX], limit[64] = "", met[64] = "", number[24] = "",
                                        span[32];

    (void)yw_copyf(law, sizeof law, "%s %s · %s", pick(chapter, &clock->pack->title),
                   duty->ref, duty->id);
    (void)yw_copyf(what, sizeof what, "%s → %s", party(chapter, clock->from),
                   clock->to >= 0 ? party(chapter, clock->to)
                                  : pick(chapter, &duty->act));
    if (clock->due_ms != YW_DUTY_NEVER) {
        yw_clock_format_drill(clock->due_ms, span);
        (void)yw_copyf(limit, sizeof limit, "%s%s", span,
                       clock->house ? TEXT("（自定）", " (house)") : "");
    } else {
        (void)yw_copyf(limit, sizeof limit, "%.60s", pick(chapter, &duty->limit_text));
    }
    if (clock->met_ms >= 0)
        yw_clock_format_drill(clock->met_ms, met);
    if (clock->seq > 0)
        (void)snprintf(number, sizeof number, "#%lld", (long long)clock->seq);
    const char *cells[] = {
        state_of(chapter, clock->state), what, law, limit, met, number};

    yw_page_row(chapter->page, cells, 6);
}

static void write_clocks(struct chapter *chapter)
{
    const char *names[] = {TEXT("状态", "State"), TEXT("谁报谁", "Who tells whom"),
                           TEXT("依据", "Law"),   TEXT("时限", "Limit"),
                           TEXT("完成", "Done"),  TEXT("编号", "Number")};

    if (chapter->judged->clocks.count == 0) {
        say(chapter, (int64_t[2]){0}, "%s", TEXT("没有时限起算。", "No clock began."));
        return;
    }
    yw_page_table(chapter->page, names, 6);
    for (size_t i = 0; i < chapter->judged->clocks.count; i++)
        write_clock(chapter, &chapter->judged->clocks.items[i]);
    yw_page_table_end(chapter->page);
}

static const char *standing(const struct chapter *chapter, const char *verdict,
                            bool disputed)
{
    if (verdict == NULL)
        return disputed ? TEXT("（有异议，未裁定）", " (disputed, not ruled on)") : "";
    return verdict[0] == 'd'   ? TEXT("（已撤销）", " (dismissed)")
           : verdict[0] == 'u' ? TEXT("（维持）", " (upheld)")
                               : TEXT("（已告知）", " (served)");
}

static void write_fault(struct chapter *chapter, const struct yw_fault *fault)
{
    const struct yw_rules *rules = chapter->law->rules;
    char name[YW_FAULT_NAME_MAX], at[32], said[32] = "", truth[32] = "";
    bool disputed;
    /* that nothing came is shown by the end */
    const int64_t seqs[2] = {fault->seq > 0 ? fault->seq
                                            : chapter->view->state.phase_seq};

    yw_fault_name(rules, fault, name);
    yw_clock_format_drill(fault->at_ms, at);
    if (fault->metric >= 0) {
        yw_rule_value_write(&fault->said, rules, fault->metric, said);
        yw_rule_value_write(&fault->truth, rules, fault->metric, truth);
    }
    const char *verdict =
        yw_fault_verdict(&chapter->view->state, chapter->team, name, &disputed);

    say(chapter, seqs, TEXT("%s %s%s%s%s%s%s%s%s%s。", "%s %s%s%s%s%s%s%s%s%s."), at,
        pick(chapter, yw_fault_text(fault->code)),
        fault->duty != NULL ? TEXT("：", ": ") : "",
        fault->duty != NULL ? fault->duty->id : "",
        fault->skipped >= 0 ? TEXT("，越过", ", past ") : "",
        fault->skipped >= 0 ? party(chapter, fault->skipped) : "",
        fault->metric >= 0 ? TEXT("：", ": ") : "",
        fault->metric >= 0
            ? pick(chapter, &rules->names[YW_RULE_METRIC].rows[fault->metric].text)
            : "",
        said[0] != '\0' || truth[0] == '\0' ? "" : TEXT("未报", " was not told"),
        standing(chapter, verdict, disputed));
    if (said[0] != '\0')
        say(chapter, seqs, TEXT("所报 %s，实际 %s。", "Said %s; it was %s."), said,
            truth[0] != '\0' ? truth : TEXT("未测得", "not measured"));
}

static void write_faults(struct chapter *chapter)
{
    for (size_t i = 0; i < chapter->judged->faults.count; i++)
        write_fault(chapter, &chapter->judged->faults.items[i]);
    if (chapter->judged->faults.count == 0)
        say(chapter, (int64_t[2]){0}, "%s", TEXT("未发现过错。", "No fault was found."));
}

static void write_merits(struct chapter *chapter)
{
    const struct yw_course_fold *course =
        &yw_drill_team(&chapter->view->state, chapter->team)->course;
    struct yw_merits merits;

    yw_merits_read(&merits, chapter->scheme, chapter->view, &chapter->record,
                   chapter->judged, chapter->team);
    for (int i = 0; i < YW_MERIT_SPANS; i++) {
        const struct yw_merit *merit = &merits.spans[i];
        char span[32];

        if (merit->span_ms < 0)
            continue;
        yw_clock_format_drill(merit->span_ms, span);
        say(chapter, (int64_t[2]){merit->from_seq, merit->to_seq},
            TEXT("%s：%s。", "%s: %s."),
            pick(chapter, yw_merit_text((enum yw_merit_span)i)), span);
    }
    if (merits.items > 0)
        say(chapter, (int64_t[2]){merits.first_seq},
            TEXT("报告栏目填写 %lld/%lld，数据属实 %lld/%lld。",
                 "Items of reports filled %lld/%lld, figures right %lld/%lld."),
            (long long)merits.items_filled, (long long)merits.items,
            (long long)merits.claims_true, (long long)merits.claims);
    if (merits.graded)
        say(chapter, (int64_t[2]){merits.grade_seq},
            TEXT("定级与实际相差 %+lld 级。", "The grade was off by %+lld."),
            (long long)merits.grade_distance);
    if (merits.steps_done + merits.steps_missed + merits.steps_skipped > 0)
        say(chapter, (int64_t[2]){0},
            TEXT("预案步骤：完成 %lld，未完成 %lld，跳过 %lld，次序不符 %lld。",
                 "Plan steps: %lld done, %lld not, %lld skipped, %lld out of order."),
            (long long)merits.steps_done, (long long)merits.steps_missed,
            (long long)merits.steps_skipped, (long long)merits.steps_disordered);
    if (merits.lost_s >= 1)
        say(chapter, (int64_t[2]){chapter->view->state.phase_seq},
            TEXT("产量损失折合满产 %.0f 秒（工艺时间）。",
                 "Production lost: %.0f s of full output, plant time."),
            merits.lost_s);
    if (course->cut_count > 0)
        say(chapter, (int64_t[2]){course->cuts[0].seq, course->cuts[1].seq},
            TEXT("误隔离 %lld 次。", "%lld machines that attacked nothing were cut off."),
            (long long)course->cut_count);
}

void yw_report_duty(struct yw_page *page, const struct yw_view *view,
                    const struct yw_law *law)
{
    struct chapter whole = {
        .page = page, .view = view, .law = law, .scheme = yw_new(sizeof *whole.scheme)};
    struct chapter *chapter = &whole;
    char differs[YW_EVENT_RULES_MAX];

    if (!yw_scheme_read(whole.scheme, law, &view->state) ||
        view->state.duties.count == 0) {
        free(whole.scheme);
        return;
    }
    whole.judged = yw_new(sizeof *whole.judged);
    yw_page_heading(page, 2, TEXT("法定时限与过错", "Legal clocks and faults"));
    say(chapter, (int64_t[2]){0}, "%s",
        TEXT("本章依规则包推算，仅供演练，不构成法律意见。",
             "Derived from rule packs: training material, not legal advice."));
    yw_scheme_differs(whole.scheme, differs);
    if (differs[0] != '\0')
        say(chapter, (int64_t[2]){0},
            TEXT("与演练时所用内容不同的规则文件：%s。",
                 "Rule files that are not those of the drill: %s."),
            differs);
    for (size_t i = 0; i < view->state.teams.count; i++) {
        const struct yw_team_fold *team = yw_vec_at(&view->state.teams, i);

        whole.team = (int)i;
        yw_record_read(&whole.record, whole.scheme, view, whole.team);
        int64_t now_ms = whole.record.incident.ended_ms;

        if (now_ms < 0) /* as far as the journal goes */
            now_ms = view->state.drill_ms;
        yw_record_judge(&whole.record, whole.scheme, now_ms, whole.judged);
        yw_page_heading(page, 3, team->name);
        write_clocks(chapter);
        write_faults(chapter);
        write_merits(chapter);
        yw_record_fini(&whole.record);
    }
    free(whole.judged);
    free(whole.scheme);
}

#undef TEXT
