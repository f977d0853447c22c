/* Sentences about runs of playbooks: steps, questions to people, commands, control. */
#include "model/words/words_inside.h"

#include "base/mem.h"

#include <string.h>

void yw_words_playbook_started(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_playbook_started *p = &scene->event->playbook_started;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "%s 启动预案“%s”%s", scene->team,
                 p->name.zh[0] ? p->name.zh : p->playbook,
                 yw_words_tail_zh(room, p->override));
    yw_words_put(ret->en, "%s starts playbook “%s”%s", scene->team,
                 p->name.en[0] ? p->name.en : p->playbook,
                 yw_words_tail(room, p->override));
}

/* The step's name as it was when it began. */
static void step_name(const struct yw_words_scene *scene, int64_t run, const char *step,
                      struct yw_text *ret)
{
    const struct yw_vec *begun = yw_drill_asked(scene->state, scene->event->team);

    YW_COPY(ret->zh, step);
    YW_COPY(ret->en, step);
    for (size_t i = begun == NULL ? 0 : begun->count; i-- > 0;) {
        const struct yw_asked_fold *asked = yw_vec_at(begun, i);

        if (asked != NULL && asked->run == run && strcmp(asked->step, step) == 0) {
            *ret = asked->name;
            return;
        }
    }
}

void yw_words_step_started(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_step_started *p = &scene->event->step_started;

    yw_words_put(ret->zh, "%s 的预案执行“%s”", scene->team,
                 p->name.zh[0] != '\0' ? p->name.zh : p->step);
    yw_words_put(ret->en, "The playbook of %s carries out “%s”", scene->team,
                 p->name.en[0] != '\0' ? p->name.en : p->step);
}

void yw_words_step_branched(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_step_branched *p = &scene->event->step_branched;
    char room[YW_WORDS_REASON_MAX];
    struct yw_text name;

    step_name(scene, p->run, p->step, &name);
    yw_words_put(ret->zh, "%s 的步骤“%s”展开分支%s", scene->team, name.zh,
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Step “%s” of %s opens a branch%s", name.en, scene->team,
                 yw_words_tail(room, p->detail));
}

void yw_words_step_asked(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_step_asked *p = &scene->event->step_asked;
    struct yw_text name;

    step_name(scene, p->run, p->step, &name);
    yw_words_put(ret->zh, "%s 的 %s 待办：“%s”", scene->team, p->role, name.zh);
    yw_words_put(ret->en, "%s of %s is asked: “%s”", p->role, scene->team, name.en);
}

void yw_words_step_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *zh, *en;
    } names[YW_STEP_STATUSES] = {
        [YW_STEP_NONE] = {"未执行", "was not run"},
        [YW_STEP_ONGOING] = {"进行中", "is under way"},
        [YW_STEP_AWAIT_USER_INPUT] = {"等待人员处理", "waits for a person"},
        [YW_STEP_SUCCESSFULLY_EXECUTED] = {"完成", "is done"},
        [YW_STEP_FAILED] = {"失败", "failed"},
        [YW_STEP_TIMEOUT_ERROR] = {"超时", "timed out"},
        [YW_STEP_SERVER_SIDE_ERROR] = {"因平台故障失败", "failed by the platform"},
        [YW_STEP_CLIENT_SIDE_ERROR] = {"无法照此执行", "cannot be carried out so"},
        [YW_STEP_EXCEPTION_CONDITION_ERROR] = {"因分支失败而失败", "failed in a branch"},
        [YW_STEP_SKIPPED] = {"被跳过", "was skipped"},
        [YW_STEP_CANCELLED] = {"被取消", "was cancelled"},
    };
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_step_ended *p = &scene->event->step_ended;
    struct yw_text name;

    step_name(scene, p->run, p->step, &name);
    yw_words_put(ret->zh, "%s 的步骤“%s”%s%s", scene->team, name.zh, names[p->status].zh,
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Step “%s” of %s %s%s", name.en, scene->team,
                 names[p->status].en, yw_words_tail(room, p->detail));
}

void yw_words_step_warned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    struct yw_text name;

    step_name(scene, scene->event->step_ref.run, scene->event->step_ref.step, &name);
    yw_words_put(ret->zh, "%s 的步骤“%s”时限将至", scene->team, name.zh);
    yw_words_put(ret->en, "Step “%s” of %s is about to be late", name.en, scene->team);
}

void yw_words_step_late(const struct yw_words_scene *scene, struct yw_text *ret)
{
    struct yw_text name;

    step_name(scene, scene->event->step_ref.run, scene->event->step_ref.step, &name);
    yw_words_put(ret->zh, "%s 的步骤“%s”已过时限，仍未答复", scene->team, name.zh);
    yw_words_put(ret->en, "Step “%s” of %s is late", name.en, scene->team);
}

void yw_words_step_escalated(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_step_escalated *p = &scene->event->step_escalated;
    struct yw_text name;

    step_name(scene, p->run, p->step, &name);
    yw_words_put(ret->zh, "%s 的步骤“%s”上报 %s 处理", scene->team, name.zh, p->role);
    yw_words_put(ret->en, "Step “%s” of %s is escalated to %s", name.en, scene->team,
                 p->role);
}

static void put_vars(char *dst, size_t size, const struct yw_ev_var *vars, int64_t count)
{
    dst[0] = '\0';
    for (int64_t i = 0; i < count && i < YW_EVENT_VARS_MAX; i++) {
        size_t used = strlen(dst);

        (void)yw_copyf(dst + used, size - used, "%s%s = %s", i == 0 ? "" : "; ",
                       vars[i].name, vars[i].value);
    }
}

void yw_words_step_answered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_step_answered *p = &scene->event->step_answered;
    char vars[YW_EVENT_NOTE_MAX];
    struct yw_text name;

    step_name(scene, p->run, p->step, &name);
    put_vars(vars, sizeof vars, p->vars, p->var_count);
    yw_words_put(ret->zh, "%s 的 %s 答复“%s”%s：%s", scene->team, p->role, name.zh,
                 p->ok ? "" : "（未能完成）", vars);
    yw_words_put(ret->en, "%s of %s answers “%s”%s: %s", p->role, scene->team, name.en,
                 p->ok ? "" : " (could not be done)", vars);
}

void yw_words_step_confirmed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_step_confirmed *p = &scene->event->step_confirmed;
    char room[YW_WORDS_REASON_MAX];
    struct yw_text name;

    step_name(scene, p->run, p->step, &name);
    yw_words_put(ret->zh, "%s 的 %s %s“%s”的答复%s", scene->team, p->role,
                 p->agrees ? "确认" : "退回", name.zh, yw_words_tail_zh(room, p->note));
    yw_words_put(ret->en, "%s of %s %s the answer to “%s”%s", p->role, scene->team,
                 p->agrees ? "confirms" : "sends back", name.en,
                 yw_words_tail(room, p->note));
}

void yw_words_step_evidence(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *form, *zh;
    } forms[] = {{"text", "文字"},
                 {"file", "文件"},
                 {"screenshot", "截图"},
                 {"checklist", "核对表"},
                 {"signature", "签名"}};
    const struct yw_ev_step_evidence *p = &scene->event->step_evidence;
    const char *form = p->form;
    struct yw_text name;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i].form, p->form) == 0)
            form = forms[i].zh;
    }
    step_name(scene, p->run, p->step, &name);
    yw_words_put(ret->zh, "%s 的 %s 为“%s”提交证据（%s）%s", scene->team, p->role,
                 name.zh, form, p->name);
    yw_words_put(ret->en, "%s of %s gives evidence (%s) for “%s” %s", p->role,
                 scene->team, p->form, name.en, p->name);
}

void yw_words_command_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *does, *zh, *en;
    } names[] = {{"isolate", "隔离", "isolates"},
                 {"rejoin", "恢复接入", "rejoins"},
                 {"reset", "还原", "resets"},
                 {"evidence", "固定证据", "keeps evidence of"},
                 {"run", "执行命令于", "runs a program on"}};
    const struct yw_ev_command_ordered *p = &scene->event->command_ordered;
    const char *zh = p->does, *en = p->does;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].does, p->does) == 0) {
            zh = names[i].zh;
            en = names[i].en;
        }
    }
    yw_words_put(ret->zh, "%s 的预案%s %s%s%s", scene->team, zh, p->machine,
                 p->text[0] ? "：" : "", p->text);
    yw_words_put(ret->en, "The playbook of %s %s %s%s%s", scene->team, en, p->machine,
                 p->text[0] ? ": " : "", p->text);
}

void yw_words_command_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_command_ended *p = &scene->event->command_ended;
    char room[YW_WORDS_REASON_MAX];
    struct yw_text name;

    step_name(scene, p->run, p->step, &name);
    yw_words_put(ret->zh, "%s 的步骤“%s”的命令%s%s", scene->team, name.zh,
                 p->ok ? "完成" : "失败", yw_words_tail_zh(room, p->output));
    yw_words_put(ret->en, "A command of step “%s” of %s %s%s", name.en, scene->team,
                 p->ok ? "is done" : "failed", yw_words_tail(room, p->output));
}

void yw_words_playbook_controlled(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *verb, *zh, *en;
    } names[] = {{"pause", "暂停", "pauses"},
                 {"resume", "继续", "resumes"},
                 {"skip", "跳过步骤于", "skips a step of"},
                 {"force", "强制步骤结果于", "forces a step of"},
                 {"set", "设置变量于", "sets a variable of"},
                 {"rewind", "回退", "rewinds"},
                 {"abort", "中止", "aborts"}};
    const struct yw_ev_playbook_controlled *p = &scene->event->playbook_controlled;
    const char *zh = p->verb, *en = p->verb;
    char what[YW_EVENT_NOTE_MAX] = "", room[YW_WORDS_REASON_MAX];
    struct yw_text name = {.en = ""};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].verb, p->verb) == 0) {
            zh = names[i].zh;
            en = names[i].en;
        }
    }
    if (p->step[0] != '\0')
        step_name(scene, p->run, p->step, &name);
    if (p->name[0] != '\0')
        (void)yw_copyf(what, sizeof what, " %s = %s", p->name, p->value);
    yw_words_put(ret->zh, "导调%s %s 的预案（第 %lld 次执行）%s%s%s", zh, scene->team,
                 (long long)p->run, name.zh, what, yw_words_tail_zh(room, p->reason));
    yw_words_put(ret->en, "Control %s playbook run %lld of %s%s%s%s%s", en,
                 (long long)p->run, scene->team, name.en[0] ? " at " : "", name.en, what,
                 yw_words_tail(room, p->reason));
}

void yw_words_playbook_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const struct yw_ev_playbook_ended *p = &scene->event->playbook_ended;

    yw_words_put(ret->zh, "%s 的预案（第 %lld 次执行）%s%s", scene->team,
                 (long long)p->run, p->ok ? "完成" : "中止",
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Playbook run %lld of %s %s%s", (long long)p->run, scene->team,
                 p->ok ? "is complete" : "broke off", yw_words_tail(room, p->detail));
}
