/* Sentences about duties: incidents, reports, watches, warnings, faults. */
#include "model/words/words_inside.h"

#include "base/mem.h"

#include <string.h>

/* "<team> <says>: <text>", as most of them read. */
static void say_plainly(const struct yw_words_scene *scene, const struct yw_text *says,
                        const char *text, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const char *gap = scene->team[0] != '\0' ? " " : "";

    yw_words_put(ret->zh, "%s%s%s%s", scene->team, gap, says->zh,
                 yw_words_tail_zh(room, text));
    yw_words_put(ret->en, "%s%s%s%s", scene->team, gap, says->en,
                 yw_words_tail(room, text));
}

void yw_words_duty_planned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_duty_planned *p = &scene->event->duty_planned;

    yw_words_put(ret->zh, "适用规则：%s",
                 p->packs[0] != '\0' ? p->packs : "按日期与单位");
    yw_words_put(ret->en, "Rules that apply: %s",
                 p->packs[0] != '\0' ? p->packs : "by date and organisation");
}

void yw_words_tier(int64_t tier, struct yw_text *ret)
{
    static const struct {
        const char *zh, *en;
    } names[YW_EVENT_TIERS] = {{"企业", "enterprise"},
                               {"区县", "county"},
                               {"市", "city"},
                               {"省", "province"},
                               {"部委", "ministry"}};
    size_t index = tier < 0 || tier >= YW_EVENT_TIERS ? 0 : (size_t)tier;

    YW_COPY(ret->zh, names[index].zh);
    YW_COPY(ret->en, names[index].en);
}

void yw_words_tier_planned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_tier_planned *p = &scene->event->tier_planned;
    struct yw_text tier;

    yw_words_tier(p->tier, &tier);
    yw_words_put(ret->zh, "%s一级由%s担任", tier.zh, p->people ? "人员" : "系统");
    yw_words_put(ret->en, "The %s is played by %s", tier.en,
                 p->people ? "people" : "the system");
}

void yw_words_incident_marked(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_incident_marked *p = &scene->event->incident_marked;

    say_plainly(scene, &p->says, p->text, ret);
}

void yw_words_metric_measured(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_metric_measured *p = &scene->event->metric_measured;

    say_plainly(scene, &p->says, p->reason, ret);
}

void yw_words_fact_known(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_fact_known *p = &scene->event->fact_known;

    say_plainly(scene, &p->says, p->text, ret);
}

void yw_words_grade_given(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_grade_given *p = &scene->event->grade_given;

    say_plainly(scene, &p->says, p->reason, ret);
}

void yw_words_report_sent(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_report_sent *p = &scene->event->report_sent;

    say_plainly(scene, &p->says, p->text, ret);
}

void yw_words_report_received(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_report_received *p = &scene->event->report_received;
    struct yw_text tier;

    yw_words_tier(p->tier, &tier);
    yw_words_put(ret->zh, "%s签收 %s 的报告（事件 %lld）%s", tier.zh, scene->team,
                 (long long)p->report, yw_words_tail_zh(room, p->text));
    yw_words_put(ret->en, "The %s has the report of %s (event %lld)%s", tier.en,
                 scene->team, (long long)p->report, yw_words_tail(room, p->text));
}

void yw_words_duty_done(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_duty_done *p = &scene->event->duty_done;

    say_plainly(scene, &p->says, p->text, ret);
}

void yw_words_period_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_period_changed *p = &scene->event->period_changed;

    say_plainly(scene, &p->says, p->text, ret);
}

void yw_words_watch_asked(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_watch_asked *p = &scene->event->watch_asked;

    yw_words_put(ret->zh, "查岗 %s（第 %lld 次），%lld 秒内应答", scene->team,
                 (long long)p->check, (long long)p->limit_ms / 1000);
    yw_words_put(ret->en, "Presence check %lld of %s, to be answered within %lld s",
                 (long long)p->check, scene->team, (long long)p->limit_ms / 1000);
}

void yw_words_watch_answered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_watch_answered *p = &scene->event->watch_answered;

    yw_words_put(ret->zh, "%s 值班员 %s 应答查岗（第 %lld 次）%s", scene->team,
                 p->officer, (long long)p->check, yw_words_tail_zh(room, p->text));
    yw_words_put(ret->en, "%s of %s answers presence check %lld%s", p->officer,
                 scene->team, (long long)p->check, yw_words_tail(room, p->text));
}

void yw_words_warning_level(const char *level, struct yw_text *ret)
{
    static const struct {
        const char *level, *zh;
    } names[] = {
        {"blue", "蓝色"}, {"yellow", "黄色"}, {"orange", "橙色"}, {"red", "红色"}};

    YW_COPY(ret->zh, level);
    YW_COPY(ret->en, level);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].level, level) == 0)
            YW_COPY(ret->zh, names[i].zh);
    }
}

void yw_words_warning_issued(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_warning_issued *p = &scene->event->warning_issued;
    struct yw_text level;

    yw_words_warning_level(p->level, &level);
    yw_words_put(ret->zh, "预警通报第 %lld 号（%s）：%s", (long long)p->warning, level.zh,
                 p->title.zh);
    yw_words_put(ret->en, "Warning %lld (%s): %s", (long long)p->warning, level.en,
                 p->title.en);
}

void yw_words_warning_answered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_warning_answered *p = &scene->event->warning_answered;
    const char *zh = strcmp(p->answer, "receipt") == 0      ? "签收"
                     : strcmp(p->answer, "self-check") == 0 ? "反馈自查"
                                                            : "反馈整改";
    const char *en = strcmp(p->answer, "receipt") == 0 ? "receipts"
                     : strcmp(p->answer, "self-check") == 0
                         ? "reports its self-check on"
                         : "reports its rectification of";

    struct yw_text who;

    yw_words_tier(p->tier, &who);
    yw_words_put(ret->zh, "%s %s预警通报第 %lld 号%s", p->tier > 0 ? who.zh : scene->team,
                 zh, (long long)p->warning, yw_words_tail_zh(room, p->text));
    yw_words_put(ret->en, "%s%s %s warning %lld%s", p->tier > 0 ? "The " : "",
                 p->tier > 0 ? who.en : scene->team, en, (long long)p->warning,
                 yw_words_tail(room, p->text));
}

void yw_words_fault_disputed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_fault_disputed *p = &scene->event->fault_disputed;

    say_plainly(scene, &p->says, p->reason, ret);
}

void yw_words_fault_ruled(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_fault_ruled *p = &scene->event->fault_ruled;

    say_plainly(scene, &p->says, p->reason, ret);
}

void yw_words_change_frozen(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_change_frozen *p = &scene->event->change_frozen;

    yw_words_put(ret->zh, "%s 在变更冻结期间改动重要对象 %s%s", scene->team, p->machine,
                 yw_words_tail_zh(room, p->reason));
    yw_words_put(ret->en, "%s changes %s during the freeze%s", scene->team, p->machine,
                 yw_words_tail(room, p->reason));
}
