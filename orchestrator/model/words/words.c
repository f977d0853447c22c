/* One function a kind, zh and en side by side; the table at the end is complete by
 * assertion. */
#include "base/clock.h"
#include "model/words/words_inside.h"

#include "base/mem.h"
#include "model/view.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void yw_phase_words(enum yw_phase phase, struct yw_text *ret)
{
    static const struct {
        const char *zh, *en;
    } names[YW_PHASES] = {
        [YW_PHASE_PLANNED] = {"已计划", "planned"},
        [YW_PHASE_STAGING] = {"搭建中", "staging"},
        [YW_PHASE_READY] = {"就绪", "ready"},
        [YW_PHASE_RUNNING] = {"进行中", "running"},
        [YW_PHASE_PAUSED] = {"已暂停", "paused"},
        [YW_PHASE_ENDED] = {"已结束", "ended"},
        [YW_PHASE_ARCHIVED] = {"已归档", "archived"},
    };

    assert((unsigned)phase < YW_PHASES);
    YW_COPY(ret->zh, names[phase].zh);
    YW_COPY(ret->en, names[phase].en);
}

void yw_level_words(int64_t level, struct yw_text *ret)
{
    static const struct {
        const char *zh, *en;
    } names[] = {
        {"正常", "normal"},       {"告警", "alarm"},
        {"质量受损", "off-spec"}, {"联锁停车", "trip"},
        {"设备损坏", "damage"},   {"安全或环境事故", "safety or environment"},
    };
    size_t count = sizeof names / sizeof names[0];
    size_t index = level < 0 ? 0 : (size_t)level < count ? (size_t)level : count - 1;

    YW_COPY(ret->zh, names[index].zh);
    YW_COPY(ret->en, names[index].en);
}

static void say_drill_created(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_drill_created *p = &scene->event->drill_created;

    yw_words_put(ret->zh, "演练“%s”已创建，共 %d 支队伍", p->title.zh, p->team_count);
    yw_words_put(ret->en, "Drill “%s” created for %d team%s", p->title.en, p->team_count,
                 p->team_count == 1 ? "" : "s");
}

static void say_drill_planned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_drill_planned *p = &scene->event->drill_planned;

    yw_words_put(ret->zh, "方案已确定，随机种子 %lld，虚拟化连接 %s", (long long)p->seed,
                 p->connect);
    yw_words_put(ret->en, "Plan made, seed %lld, hypervisor %s", (long long)p->seed,
                 p->connect);
}

static void say_team_added(const struct yw_words_scene *scene, struct yw_text *ret)
{
    yw_words_put(ret->zh, "队伍 %s 加入", scene->event->team_added.name);
    yw_words_put(ret->en, "Team %s joins", scene->event->team_added.name);
}

static void say_machine_planned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_machine_planned *p = &scene->event->machine_planned;

    yw_words_put(ret->zh, "%s：计划机器 %s（%s），地址 %s", scene->team, p->machine,
                 p->image, p->addresses);
    yw_words_put(ret->en, "%s: machine %s (%s) planned at %s", scene->team, p->machine,
                 p->image, p->addresses);
}

static void say_plant_planned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_plant_planned *p = &scene->event->plant_planned;

    yw_words_put(ret->zh, "%s：计划工艺 %s（%s）", scene->team, p->plant, p->model);
    yw_words_put(ret->en, "%s: plant %s (%s) planned", scene->team, p->plant, p->model);
}

static void say_attack_planned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_attack_planned *p = &scene->event->attack_planned;

    yw_words_put(ret->zh, "%s：计划攻击 %s（%s）", scene->team, p->attack, p->technique);
    yw_words_put(ret->en, "%s: attack %s (%s) planned", scene->team, p->attack,
                 p->technique);
}

static void say_objective_set(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_objective_set *p = &scene->event->objective_set;

    yw_words_put(ret->zh, "%s 的目标：%s，%lld 分", scene->team, p->says.zh,
                 (long long)p->points);
    yw_words_put(ret->en, "Objective of %s: %s, %lld points", scene->team, p->says.en,
                 (long long)p->points);
}

static void say_phase_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_phase_changed *p = &scene->event->phase_changed;
    struct yw_text phase;

    yw_phase_words(p->phase, &phase);
    yw_words_put(ret->zh, "演练%s%s", phase.zh, yw_words_tail_zh(room, p->reason));
    yw_words_put(ret->en, "The drill is %s%s", phase.en, yw_words_tail(room, p->reason));
}

static void say_clock_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_clock_changed *p = &scene->event->clock_changed;
    char at[32];

    yw_clock_format_drill(p->drill_ms, at);
    if (p->running) {
        yw_words_put(ret->zh, "演练时钟自 %s 起以 %g 倍速运行", at, p->speed);
        yw_words_put(ret->en, "The drill clock runs at %g× from %s", p->speed, at);
    } else {
        yw_words_put(ret->zh, "演练时钟停在 %s", at);
        yw_words_put(ret->en, "The drill clock stands at %s", at);
    }
}

static void say_range_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    bool up = scene->event->range_ordered.up;

    yw_words_put(ret->zh, "%s", up ? "开始搭建靶场" : "开始拆除靶场");
    yw_words_put(ret->en, "%s", up ? "Bringing the range up" : "Taking the range down");
}

static void say_way_chosen(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const char *how = scene->event->way_chosen.how;

    if (strcmp(how, "any") == 0) {
        yw_words_put(ret->zh, "机器以最快可行的方式启动");
        yw_words_put(ret->en, "Machines start the best way that works");
        return;
    }
    yw_words_put(ret->zh, "机器只以 %s 方式启动", how);
    yw_words_put(ret->en, "Machines start in one way only: %s", how);
}

static void say_range_state(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_range_state *p = &scene->event->range_state;

    yw_words_put(ret->zh, "靶场%s%s%s", p->up ? "搭建" : "拆除", p->ok ? "完成" : "失败",
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "%s the range %s%s", p->up ? "Bringing up" : "Taking down",
                 p->ok ? "is done" : "failed", yw_words_tail(room, p->detail));
}

static void say_machine_state(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *zh, *en;
    } names[YW_MACHINE_STATES] = {
        [YW_MACHINE_PLANNED] = {"已计划", "is planned"},
        [YW_MACHINE_STARTING] = {"正在启动", "is starting"},
        [YW_MACHINE_UP] = {"已启动", "is up"},
        [YW_MACHINE_SERVING] = {"开始服务", "is serving"},
        [YW_MACHINE_LOST] = {"失联", "is lost"},
        [YW_MACHINE_DOWN] = {"已关闭", "is down"},
    };
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_machine_state *p = &scene->event->machine_state;

    yw_words_put(ret->zh, "%s 的机器 %s %s%s", scene->team, p->machine,
                 names[p->state].zh, yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Machine %s of %s %s%s", p->machine, scene->team,
                 names[p->state].en, yw_words_tail(room, p->detail));
}

static void say_machine_started(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *how, *zh, *en;
    } ways[] = {
        {"shared", "由共享内存克隆", "is a clone in shared memory"},
        {"saved", "由存盘镜像克隆", "is a clone from a save image"},
        {"cold", "冷启动", "booted from cold"},
    };
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_machine_started *p = &scene->event->machine_started;
    size_t i = 0;

    while (i < 2 && strcmp(ways[i].how, p->how) != 0)
        i++;
    yw_words_put(ret->zh, "%s 的机器 %s %s%s", scene->team, p->machine, ways[i].zh,
                 yw_words_tail_zh(room, p->why));
    yw_words_put(ret->en, "Machine %s of %s %s%s", p->machine, scene->team, ways[i].en,
                 yw_words_tail(room, p->why));
}

static void say_link_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_link_ordered *p = &scene->event->link_ordered;

    yw_words_put(ret->zh, "下令%s %s 的机器 %s 的网络", p->up ? "恢复" : "切断",
                 scene->team, p->machine);
    yw_words_put(ret->en, "Order: %s the links of %s of %s", p->up ? "restore" : "cut",
                 p->machine, scene->team);
}

static void say_link_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_link_changed *p = &scene->event->link_changed;

    yw_words_put(ret->zh, "%s 的机器 %s %s", scene->team, p->machine,
                 p->up ? "已恢复联网" : "已从网络隔离");
    yw_words_put(ret->en, "Machine %s of %s is %s", p->machine, scene->team,
                 p->up ? "back on the network" : "cut off the network");
}

static void say_guest_line(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_guest_line *p = &scene->event->guest_line;

    yw_words_put(ret->zh, "%s 的 %s 记录：%s", scene->team, p->machine, p->line);
    yw_words_put(ret->en, "%s of %s logs: %s", p->machine, scene->team, p->line);
}

static void say_story_step(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_story_step *p = &scene->event->story_step;

    yw_words_put(ret->zh, "%s 的剧情第 %lld 步：%s %s", scene->team, (long long)p->index,
                 p->verb, p->subject);
    yw_words_put(ret->en, "Story of %s, step %lld: %s %s", scene->team,
                 (long long)p->index, p->verb, p->subject);
}

static void say_story_result(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_story_result *p = &scene->event->story_result;

    yw_words_put(ret->zh, "%s 的剧情第 %lld 步%s", scene->team, (long long)p->index,
                 p->holds ? "条件成立" : "等到时限");
    yw_words_put(ret->en, "Story of %s, step %lld: %s", scene->team, (long long)p->index,
                 p->holds ? "it holds" : "the limit came first");
}

static void say_story_fault(const struct yw_words_scene *scene, struct yw_text *ret)
{
    yw_words_put(ret->zh, "%s 的剧情脚本出错：%s", scene->team, scene->event->note.text);
    yw_words_put(ret->en, "The story of %s failed: %s", scene->team,
                 scene->event->note.text);
}

static void say_said(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_said *p = &scene->event->said;

    yw_words_put(ret->zh, "%s%s", p->hint ? "提示：" : "", p->text.zh);
    yw_words_put(ret->en, "%s%s", p->hint ? "Hint: " : "", p->text.en);
}

static void say_attack_started(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_attack_started *p = &scene->event->attack_started;

    yw_words_put(ret->zh, "对 %s 发起攻击 %s（%s）：%s", scene->team, p->attack,
                 p->technique, p->argv);
    yw_words_put(ret->en, "Attack %s (%s) on %s begins: %s", p->attack, p->technique,
                 scene->team, p->argv);
}

static void say_attack_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_attack_ended *p = &scene->event->attack_ended;

    yw_words_put(ret->zh, "对 %s 的攻击 %s %s", scene->team, p->attack,
                 p->ok ? "已生效" : "未成功");
    yw_words_put(ret->en, "Attack %s on %s %s", p->attack, scene->team,
                 p->ok ? "took effect" : "failed");
}

static void say_attack_skipped(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_attack_skipped *p = &scene->event->attack_skipped;

    yw_words_put(ret->zh, "对 %s 的攻击 %s 略过：尚未掌握“%s”", scene->team, p->attack,
                 p->fact);
    yw_words_put(ret->en, "Attack %s on %s is left out: nobody found out '%s'", p->attack,
                 scene->team, p->fact);
}

static void say_undo_started(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_undo_started *p = &scene->event->undo_started;

    yw_words_put(ret->zh, "开始撤销对 %s 的攻击 %s：%s", scene->team, p->attack, p->argv);
    yw_words_put(ret->en, "Attack %s on %s is being undone: %s", p->attack, scene->team,
                 p->argv);
}

static void say_undo_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_attack_ended *p = &scene->event->attack_ended;

    yw_words_put(ret->zh, "对 %s 的攻击 %s %s", scene->team, p->attack,
                 p->ok ? "已撤销" : "未能撤销");
    yw_words_put(ret->en, "Attack %s on %s %s", p->attack, scene->team,
                 p->ok ? "was undone" : "could not be undone");
}

static void say_plant_sample(const struct yw_words_scene *scene, struct yw_text *ret)
{
    yw_words_put(ret->zh, "%s 的 %s 采样", scene->team, scene->event->plant_sample.plant);
    yw_words_put(ret->en, "Sample of %s of %s", scene->event->plant_sample.plant,
                 scene->team);
}

static void say_plant_view(const struct yw_words_scene *scene, struct yw_text *ret)
{
    yw_words_put(ret->zh, "%s 的 %s 画面数据", scene->team,
                 scene->event->plant_view.plant);
    yw_words_put(ret->en, "Operator's values of %s of %s", scene->event->plant_view.plant,
                 scene->team);
}

static void say_fault_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *kind, *zh, *en;
    } words[] = {{"repair", "修复", "repaired"}, {"bias", "偏差", "is off"},
                 {"drift", "漂移", "drifts"},    {"stuck", "卡滞", "is stuck"},
                 {"trip", "跳闸", "trips"},      {"leak", "泄漏", "leaks"},
                 {"load", "工况变化", "changes"}};
    const struct yw_ev_fault_ordered *p = &scene->event->fault_ordered;
    const char *zh = p->fault, *en = p->fault;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].kind, p->fault) == 0) {
            zh = words[i].zh;
            en = words[i].en;
        }
    }
    char at[32] = "";
    bool later = p->at_ms > scene->event->drill_ms;

    if (later)
        yw_clock_format_drill(p->at_ms, at);
    yw_words_put(ret->zh, "%s：%s%s%s 的 %s 故障（%s）", scene->team, at,
                 later ? " 起，" : "", p->plant, p->part, zh);
    yw_words_put(ret->en, "%s: %s of %s %s%s%s (fault)", scene->team, p->part, p->plant,
                 en, later ? " from " : "", at);
}

static void say_plant_level(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_plant_level *p = &scene->event->plant_level;
    bool worse = p->level > p->previous;
    char value[YW_NAME_MAX + 32] = ""; /* no tag decides level 0 */
    struct yw_text level;

    if (p->tag[0] != '\0')
        (void)snprintf(value, sizeof value, "%s = %.4g", p->tag, p->value);
    yw_level_words(p->level, &level);
    yw_words_put(ret->zh, "%s 的 %s %s %lld 级（%s）%s%s", scene->team, p->plant,
                 worse ? "升至" : "回落到", (long long)p->level, level.zh,
                 value[0] ? "：" : "", value);
    yw_words_put(ret->en, "%s of %s %s level %lld (%s)%s%s", p->plant, scene->team,
                 worse ? "rises to" : "falls back to", (long long)p->level, level.en,
                 value[0] ? ": " : "", value);
}

static void say_action_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_action_ordered *p = &scene->event->action_ordered;

    yw_words_put(ret->zh, "%s 在 %s 上操作：%s", scene->team, p->machine, p->argv);
    yw_words_put(ret->en, "%s operates %s: %s", scene->team, p->machine, p->argv);
}

static void say_action_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_action_ended *p = &scene->event->action_ended;

    yw_words_put(ret->zh, "%s 在 %s 上的操作%s：%s", scene->team, p->machine,
                 p->ok ? "完成" : "失败", p->output);
    yw_words_put(ret->en, "The action of %s on %s %s: %s", scene->team, p->machine,
                 p->ok ? "is done" : "failed", p->output);
}

static void say_report_filed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    yw_words_put(ret->zh, "%s 上报：%s", scene->team, scene->event->report_filed.text);
    yw_words_put(ret->en, "%s reports: %s", scene->team, scene->event->report_filed.text);
}

/* What the objective says, where it is visible; else its name. */
static void objective_says(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const char *name = scene->event->objective_ref.objective;
    const struct yw_objective_fold *objective =
        yw_drill_objective(scene->state, scene->event->team, name);

    YW_COPY(ret->zh, objective != NULL ? objective->says.zh : name);
    YW_COPY(ret->en, objective != NULL ? objective->says.en : name);
}

static void say_objective_met(const struct yw_words_scene *scene, struct yw_text *ret)
{
    struct yw_text says;

    objective_says(scene, &says);
    yw_words_put(ret->zh, "%s 达成目标：%s", scene->team, says.zh);
    yw_words_put(ret->en, "%s meets the objective: %s", scene->team, says.en);
}

static void say_objective_lost(const struct yw_words_scene *scene, struct yw_text *ret)
{
    struct yw_text says;

    objective_says(scene, &says);
    yw_words_put(ret->zh, "%s 未能守住目标：%s", scene->team, says.zh);
    yw_words_put(ret->en, "%s loses the objective: %s", scene->team, says.en);
}

static void say_ruling(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_ruling *p = &scene->event->ruling;

    yw_words_put(ret->zh, "导调裁定 %s %+lld 分%s", scene->team, (long long)p->points,
                 yw_words_tail_zh(room, p->reason));
    yw_words_put(ret->en, "Ruling for %s: %+lld points%s", scene->team,
                 (long long)p->points, yw_words_tail(room, p->reason));
}

static void say_recovered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "平台重启后继续%s",
                 yw_words_tail_zh(room, scene->event->note.text));
    yw_words_put(ret->en, "The platform went on after a restart%s",
                 yw_words_tail(room, scene->event->note.text));
}

static void say_platform_fault(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "平台故障%s", yw_words_tail_zh(room, scene->event->note.text));
    yw_words_put(ret->en, "Platform fault%s",
                 yw_words_tail(room, scene->event->note.text));
}

enum worth {
    BOOKS = 0, /* bookkeeping: never a line on a screen */
    LINE,      /* always */
    ASKED,     /* looked at: see yw_event_notable */
};

static const struct {
    yw_words_fn *say;
    enum worth worth;
} sentences[YW_EVENT_KINDS] = {
    [YW_EVENT_DRILL_CREATED] = {say_drill_created, LINE},
    [YW_EVENT_DRILL_PLANNED] = {say_drill_planned, BOOKS},
    [YW_EVENT_TEAM_ADDED] = {say_team_added, BOOKS},
    [YW_EVENT_MACHINE_PLANNED] = {say_machine_planned, BOOKS},
    [YW_EVENT_PLANT_PLANNED] = {say_plant_planned, BOOKS},
    [YW_EVENT_ATTACK_PLANNED] = {say_attack_planned, BOOKS},
    [YW_EVENT_OBJECTIVE_SET] = {say_objective_set, BOOKS},
    [YW_EVENT_PHASE_CHANGED] = {say_phase_changed, LINE},
    [YW_EVENT_CLOCK_CHANGED] = {say_clock_changed, BOOKS},
    [YW_EVENT_RANGE_ORDERED] = {say_range_ordered, BOOKS},
    [YW_EVENT_RANGE_STATE] = {say_range_state, ASKED},
    [YW_EVENT_MACHINE_STATE] = {say_machine_state, ASKED},
    [YW_EVENT_MACHINE_STARTED] = {say_machine_started, BOOKS},
    [YW_EVENT_ISOLATION_PROVED] = {yw_words_isolation_proved, LINE},
    [YW_EVENT_CONFINEMENT_PROVED] = {yw_words_confinement_proved, BOOKS},
    [YW_EVENT_LINK_ORDERED] = {say_link_ordered, BOOKS},
    [YW_EVENT_LINK_CHANGED] = {say_link_changed, LINE},
    [YW_EVENT_GUEST_LINE] = {say_guest_line, BOOKS},
    [YW_EVENT_STORY_STEP] = {say_story_step, BOOKS},
    [YW_EVENT_STORY_RESULT] = {say_story_result, BOOKS},
    [YW_EVENT_STORY_FAULT] = {say_story_fault, LINE},
    [YW_EVENT_SAID] = {say_said, LINE},
    [YW_EVENT_ATTACK_STARTED] = {say_attack_started, LINE},
    [YW_EVENT_ATTACK_ENDED] = {say_attack_ended, LINE},
    [YW_EVENT_ATTACK_SKIPPED] = {say_attack_skipped, LINE},
    [YW_EVENT_UNDO_STARTED] = {say_undo_started, LINE},
    [YW_EVENT_UNDO_ENDED] = {say_undo_ended, LINE},
    [YW_EVENT_PLANT_SAMPLE] = {say_plant_sample, BOOKS},
    [YW_EVENT_PLANT_VIEW] = {say_plant_view, BOOKS},
    [YW_EVENT_PLANT_LEVEL] = {say_plant_level, LINE},
    [YW_EVENT_FAULT_ORDERED] = {say_fault_ordered, LINE},
    [YW_EVENT_PLAYBOOK_STARTED] = {yw_words_playbook_started, LINE},
    [YW_EVENT_STEP_STARTED] = {yw_words_step_started, ASKED},
    [YW_EVENT_STEP_BRANCHED] = {yw_words_step_branched, BOOKS},
    [YW_EVENT_STEP_ASKED] = {yw_words_step_asked, LINE},
    [YW_EVENT_STEP_WARNED] = {yw_words_step_warned, LINE},
    [YW_EVENT_STEP_LATE] = {yw_words_step_late, LINE},
    [YW_EVENT_STEP_ESCALATED] = {yw_words_step_escalated, LINE},
    [YW_EVENT_STEP_EVIDENCE] = {yw_words_step_evidence, LINE},
    [YW_EVENT_STEP_ANSWERED] = {yw_words_step_answered, LINE},
    [YW_EVENT_STEP_CONFIRMED] = {yw_words_step_confirmed, LINE},
    [YW_EVENT_COMMAND_ORDERED] = {yw_words_command_ordered, LINE},
    [YW_EVENT_COMMAND_ENDED] = {yw_words_command_ended, ASKED},
    [YW_EVENT_STEP_ENDED] = {yw_words_step_ended, ASKED},
    [YW_EVENT_PLAYBOOK_CONTROLLED] = {yw_words_playbook_controlled, LINE},
    [YW_EVENT_PLAYBOOK_ENDED] = {yw_words_playbook_ended, LINE},
    [YW_EVENT_ACTION_ORDERED] = {say_action_ordered, LINE},
    [YW_EVENT_ACTION_ENDED] = {say_action_ended, ASKED},
    [YW_EVENT_REPORT_FILED] = {say_report_filed, LINE},
    [YW_EVENT_OBJECTIVE_MET] = {say_objective_met, LINE},
    [YW_EVENT_OBJECTIVE_LOST] = {say_objective_lost, LINE},
    [YW_EVENT_RULING] = {say_ruling, LINE},
    [YW_EVENT_RECOVERED] = {say_recovered, LINE},
    [YW_EVENT_PLATFORM_FAULT] = {say_platform_fault, LINE},
    [YW_EVENT_HOST_CHECKED] = {yw_words_host_checked, LINE},
    [YW_EVENT_OVERRIDDEN] = {yw_words_overridden, LINE},
    [YW_EVENT_DISK_STATE] = {yw_words_disk_state, LINE},
    [YW_EVENT_QUOTA_SET] = {yw_words_quota_set, BOOKS},
    [YW_EVENT_RESET_ORDERED] = {yw_words_reset_ordered, BOOKS},
    [YW_EVENT_RESET_ENDED] = {yw_words_reset_ended, LINE},
    [YW_EVENT_CHECKPOINT_ORDERED] = {yw_words_checkpoint_ordered, BOOKS},
    [YW_EVENT_CHECKPOINT_ENDED] = {yw_words_checkpoint_ended, LINE},
    [YW_EVENT_CHECKPOINT_RESTORE_ORDERED] = {yw_words_restore_ordered, BOOKS},
    [YW_EVENT_CHECKPOINT_RESTORED] = {yw_words_checkpoint_restored, LINE},
    [YW_EVENT_CHECKPOINT_DROP_ORDERED] = {yw_words_drop_ordered, BOOKS},
    [YW_EVENT_CHECKPOINT_DROPPED] = {yw_words_checkpoint_dropped, LINE},
    [YW_EVENT_DRILL_FORKED] = {yw_words_drill_forked, LINE},
    [YW_EVENT_EVIDENCE_ORDERED] = {yw_words_evidence_ordered, BOOKS},
    [YW_EVENT_EVIDENCE_KEPT] = {yw_words_evidence_kept, LINE},
    [YW_EVENT_CAPTURE_ORDERED] = {yw_words_capture_ordered, BOOKS},
    [YW_EVENT_CAPTURE_CHANGED] = {yw_words_capture_changed, LINE},
    [YW_EVENT_STOP_ORDERED] = {yw_words_stop_ordered, LINE},
    [YW_EVENT_STOP_ENDED] = {yw_words_stop_ended, LINE},
    [YW_EVENT_THAW_ORDERED] = {yw_words_thaw_ordered, BOOKS},
    [YW_EVENT_THAW_ENDED] = {yw_words_thaw_ended, LINE},
    [YW_EVENT_EXEC_ORDERED] = {yw_words_exec_ordered, LINE},
    [YW_EVENT_EXEC_ENDED] = {yw_words_exec_ended, LINE},
    [YW_EVENT_FILE_ORDERED] = {yw_words_file_ordered, BOOKS},
    [YW_EVENT_FILE_MOVED] = {yw_words_file_moved, LINE},
    [YW_EVENT_RECONCILED] = {yw_words_reconciled, LINE},
    [YW_EVENT_RANGE_ADMITTED] = {yw_words_range_admitted, LINE},
    [YW_EVENT_MACHINE_PLACED] = {yw_words_machine_placed, BOOKS},
    [YW_EVENT_MACHINE_MOVED] = {yw_words_machine_moved, LINE},
    [YW_EVENT_NETWORK_SPANNED] = {yw_words_network_spanned, BOOKS},
    [YW_EVENT_WAY_CHOSEN] = {say_way_chosen, BOOKS},
    [YW_EVENT_HOST_CHANGED] = {yw_words_host_changed, LINE},
    [YW_EVENT_CONSOLE_PLANNED] = {yw_words_console_planned, BOOKS},
    [YW_EVENT_CONSOLE_CHANGED] = {yw_words_console_changed, LINE},
    [YW_EVENT_DUTY_PLANNED] = {yw_words_duty_planned, BOOKS},
    [YW_EVENT_TIER_PLANNED] = {yw_words_tier_planned, BOOKS},
    [YW_EVENT_INCIDENT_MARKED] = {yw_words_incident_marked, LINE},
    [YW_EVENT_METRIC_MEASURED] = {yw_words_metric_measured, LINE},
    [YW_EVENT_FACT_KNOWN] = {yw_words_fact_known, LINE},
    [YW_EVENT_GRADE_GIVEN] = {yw_words_grade_given, LINE},
    [YW_EVENT_REPORT_SENT] = {yw_words_report_sent, LINE},
    [YW_EVENT_REPORT_RECEIVED] = {yw_words_report_received, LINE},
    [YW_EVENT_DUTY_DONE] = {yw_words_duty_done, LINE},
    [YW_EVENT_PERIOD_CHANGED] = {yw_words_period_changed, LINE},
    [YW_EVENT_WATCH_ASKED] = {yw_words_watch_asked, LINE},
    [YW_EVENT_WATCH_ANSWERED] = {yw_words_watch_answered, LINE},
    [YW_EVENT_WARNING_ISSUED] = {yw_words_warning_issued, LINE},
    [YW_EVENT_WARNING_ANSWERED] = {yw_words_warning_answered, LINE},
    [YW_EVENT_FAULT_DISPUTED] = {yw_words_fault_disputed, LINE},
    [YW_EVENT_FAULT_RULED] = {yw_words_fault_ruled, LINE},
    [YW_EVENT_CHANGE_FROZEN] = {yw_words_change_frozen, LINE},
};

bool yw_event_notable(const struct yw_event *event)
{
    assert((unsigned)event->kind < YW_EVENT_KINDS);
    if (sentences[event->kind].worth != ASKED)
        return sentences[event->kind].worth == LINE;
    if (event->kind == YW_EVENT_RANGE_STATE)
        return !event->range_state.ok; /* when it went well the phase says so */
    if (event->kind == YW_EVENT_MACHINE_STATE)
        return event->machine_state.state == YW_MACHINE_SERVING ||
               event->machine_state.state == YW_MACHINE_LOST;
    if (event->kind == YW_EVENT_STEP_STARTED)
        return strcmp(event->step_started.type, "action") == 0;
    if (event->kind == YW_EVENT_COMMAND_ENDED)
        return !event->command_ended.ok;
    if (event->kind == YW_EVENT_STEP_ENDED)
        return event->step_ended.status != YW_STEP_SUCCESSFULLY_EXECUTED;
    return !event->action_ended
                .ok; /* an action that went well shows in what it changed */
}

void yw_event_words(const struct yw_event *event, const struct yw_drill_state *state,
                    struct yw_text *ret)
{
    assert((unsigned)event->kind < YW_EVENT_KINDS && sentences[event->kind].say != NULL);
    const struct yw_team_fold *team = yw_drill_team(state, event->team);
    struct yw_words_scene scene = {
        .event = event, .state = state, .team = team != NULL ? team->name : ""};
    struct yw_text office, zh;

    if (YW_TEAM_TIER(event->team) == 0) {
        sentences[event->kind].say(&scene, ret);
        return;
    }
    yw_words_tier(YW_TEAM_TIER(event->team), &office); /* each language has its own name */
    scene.team = office.zh;
    sentences[event->kind].say(&scene, &zh);
    scene.team = office.en;
    sentences[event->kind].say(&scene, ret);
    YW_COPY(ret->zh, zh.zh);
}
