/* Sentences about what is done to machines: resets, checkpoints, evidence, stops,
 * programs, files. */
#include "base/mem.h"
#include "model/words/words_inside.h"

#include <string.h>

/* "the team" in both languages where no machine is named */
static void subject(const struct yw_words_scene *scene, const char *machine,
                    struct yw_text *ret)
{
    if (machine[0] != '\0') {
        yw_words_put(ret->zh, "%s 的机器 %s", scene->team, machine);
        yw_words_put(ret->en, "machine %s of %s", machine, scene->team);
    } else if (scene->team[0] != '\0') {
        yw_words_put(ret->zh, "%s 的全部机器", scene->team);
        yw_words_put(ret->en, "all machines of %s", scene->team);
    } else {
        YW_COPY(ret->zh, "全部机器");
        YW_COPY(ret->en, "all machines");
    }
}

void yw_words_quota_set(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_quota_set *p = &scene->event->quota_set;

    yw_words_put(ret->zh, "各队可自行复位机器 %lld 次", (long long)p->count);
    yw_words_put(ret->en, "Each team may reset machines %lld time%s", (long long)p->count,
                 p->count == 1 ? "" : "s");
}

void yw_words_reset_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_reset_ordered *p = &scene->event->reset_ordered;
    struct yw_text what;

    subject(scene, p->machine, &what);
    yw_words_put(ret->zh, "下令复位%s，回到还原点 %s", what.zh, p->point);
    yw_words_put(ret->en, "Order: reset %s to point %s", what.en, p->point);
}

void yw_words_reset_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_reset_ended *p = &scene->event->reset_ended;
    char room[YW_WORDS_REASON_MAX];
    struct yw_text what;

    subject(scene, p->machine, &what);
    if (p->ok) {
        yw_words_put(ret->zh, "已复位%s，回到还原点 %s，用时 %lld 毫秒", what.zh,
                     p->point, (long long)p->span_ms);
        yw_words_put(ret->en, "Reset of %s to point %s is done in %lld ms", what.en,
                     p->point, (long long)p->span_ms);
    } else {
        yw_words_put(ret->zh, "复位%s失败%s", what.zh, yw_words_tail_zh(room, p->detail));
        yw_words_put(ret->en, "Reset of %s failed%s", what.en,
                     yw_words_tail(room, p->detail));
    }
}

void yw_words_checkpoint_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_checkpoint_ordered *p = &scene->event->checkpoint_ordered;
    struct yw_text what;

    subject(scene, "", &what);
    yw_words_put(ret->zh, "下令为%s建立检查点 %lld（%s）", what.zh,
                 (long long)p->checkpoint, p->label);
    yw_words_put(ret->en, "Order: checkpoint %lld (%s) of %s", (long long)p->checkpoint,
                 p->label, what.en);
}

void yw_words_checkpoint_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_checkpoint_ended *p = &scene->event->checkpoint_ended;
    char room[YW_WORDS_REASON_MAX];
    struct yw_text what;

    subject(scene, "", &what);
    if (p->ok) {
        yw_words_put(ret->zh, "%s的检查点 %lld（%s）已建立，停顿 %lld 毫秒，共 %lld 字节",
                     what.zh, (long long)p->checkpoint, p->label, (long long)p->frozen_ms,
                     (long long)p->bytes);
        yw_words_put(ret->en,
                     "Checkpoint %lld (%s) of %s is kept: %lld ms frozen, %lld bytes",
                     (long long)p->checkpoint, p->label, what.en, (long long)p->frozen_ms,
                     (long long)p->bytes);
    } else {
        yw_words_put(ret->zh, "%s的检查点 %lld（%s）未能建立%s", what.zh,
                     (long long)p->checkpoint, p->label,
                     yw_words_tail_zh(room, p->detail));
        yw_words_put(ret->en, "Checkpoint %lld (%s) of %s failed%s",
                     (long long)p->checkpoint, p->label, what.en,
                     yw_words_tail(room, p->detail));
    }
}

void yw_words_restore_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_checkpoint_ref *p = &scene->event->checkpoint_ref;

    yw_words_put(ret->zh, "下令回到检查点 %lld（%s）", (long long)p->checkpoint,
                 p->label);
    yw_words_put(ret->en, "Order: back to checkpoint %lld (%s)", (long long)p->checkpoint,
                 p->label);
}

void yw_words_checkpoint_restored(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_checkpoint_restored *p = &scene->event->checkpoint_restored;
    char room[YW_WORDS_REASON_MAX];
    char at[32];
    struct yw_text what;

    subject(scene, "", &what);
    yw_clock_format_drill(p->back_ms, at);
    if (p->ok) {
        yw_words_put(ret->zh, "%s与工艺已回到 %s（检查点 %s），演练时钟继续向前", what.zh,
                     at, p->label);
        yw_words_put(
            ret->en,
            "Back to %s: %s and the plant, checkpoint %s; the drill clock goes on", at,
            what.en, p->label);
    } else {
        yw_words_put(ret->zh, "未能回到检查点 %s%s", p->label,
                     yw_words_tail_zh(room, p->detail));
        yw_words_put(ret->en, "Going back to checkpoint %s failed%s", p->label,
                     yw_words_tail(room, p->detail));
    }
}

void yw_words_drop_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_checkpoint_ref *p = &scene->event->checkpoint_ref;

    yw_words_put(ret->zh, "下令删除检查点 %lld（%s）", (long long)p->checkpoint,
                 p->label);
    yw_words_put(ret->en, "Order: drop checkpoint %lld (%s)", (long long)p->checkpoint,
                 p->label);
}

void yw_words_checkpoint_dropped(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_checkpoint_dropped *p = &scene->event->checkpoint_dropped;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "检查点 %lld（%s）%s%s", (long long)p->checkpoint, p->label,
                 p->ok ? "已删除" : "未能删除", yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Checkpoint %lld (%s) %s%s", (long long)p->checkpoint, p->label,
                 p->ok ? "is dropped" : "could not be dropped",
                 yw_words_tail(room, p->detail));
}

void yw_words_drill_forked(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_drill_forked *p = &scene->event->drill_forked;

    yw_words_put(ret->zh, "由演练 %s 的检查点 %s 分支而来，此前 %lld 条日志相同", p->from,
                 p->label, (long long)p->seq);
    yw_words_put(ret->en,
                 "Forked from drill %s at checkpoint %s; the %lld events before are its",
                 p->from, p->label, (long long)p->seq);
}

void yw_words_evidence_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_evidence_ordered *p = &scene->event->evidence_ordered;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "下令为 %s 的机器 %s 取证%s", scene->team, p->machine,
                 yw_words_tail_zh(room, p->reason));
    yw_words_put(ret->en, "Order: keep evidence of machine %s of %s%s", p->machine,
                 scene->team, yw_words_tail(room, p->reason));
}

void yw_words_evidence_kept(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_evidence_kept *p = &scene->event->evidence_kept;
    char room[YW_WORDS_REASON_MAX];

    if (p->ok) {
        yw_words_put(ret->zh,
                     "证据 %lld：%s 的机器 %s，%lld 字节，由 %s 收集，存于 %s：%s",
                     (long long)p->evidence, scene->team, p->machine, (long long)p->bytes,
                     p->collector, p->file, p->hash);
        yw_words_put(ret->en,
                     "Evidence %lld: machine %s of %s, %lld bytes, collected by %s, kept "
                     "in %s: %s",
                     (long long)p->evidence, p->machine, scene->team, (long long)p->bytes,
                     p->collector, p->file, p->hash);
    } else {
        yw_words_put(ret->zh, "未能为 %s 的机器 %s 取证%s", scene->team, p->machine,
                     yw_words_tail_zh(room, p->detail));
        yw_words_put(ret->en, "Evidence of machine %s of %s could not be kept%s",
                     p->machine, scene->team, yw_words_tail(room, p->detail));
    }
}

void yw_words_stop_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const char *reason = scene->event->stop_ordered.reason;

    yw_words_put(ret->zh, "急停：冻结全部机器并切断网络%s",
                 yw_words_tail_zh(room, reason));
    yw_words_put(ret->en, "Emergency stop: machines frozen, links cut%s",
                 yw_words_tail(room, reason));
}

void yw_words_stop_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_stop_ended *p = &scene->event->stop_ended;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "急停%s：%lld 台机器，用时 %lld 毫秒，其中 %lld 台以信号停住%s",
                 p->ok ? "完成" : "未能完成", (long long)p->machines,
                 (long long)p->span_ms, (long long)p->forced,
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(
        ret->en, "Emergency stop %s: %lld machine%s in %lld ms, %lld by a signal%s",
        p->ok ? "is done" : "failed", (long long)p->machines, p->machines == 1 ? "" : "s",
        (long long)p->span_ms, (long long)p->forced, yw_words_tail(room, p->detail));
}

void yw_words_thaw_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    char room[YW_WORDS_REASON_MAX];
    const char *reason = scene->event->thaw_ordered.reason;

    yw_words_put(ret->zh, "下令解除急停%s", yw_words_tail_zh(room, reason));
    yw_words_put(ret->en, "Order: undo the emergency stop%s",
                 yw_words_tail(room, reason));
}

void yw_words_thaw_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_stop_ended *p = &scene->event->stop_ended;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "解除急停%s：%lld 台机器，用时 %lld 毫秒%s",
                 p->ok ? "完成" : "未能完成", (long long)p->machines,
                 (long long)p->span_ms, yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "The emergency stop %s undone: %lld machine%s in %lld ms%s",
                 p->ok ? "is" : "could not be", (long long)p->machines,
                 p->machines == 1 ? "" : "s", (long long)p->span_ms,
                 yw_words_tail(room, p->detail));
}

void yw_words_exec_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_exec_ordered *p = &scene->event->exec_ordered;

    yw_words_put(ret->zh, "导调在 %s 的机器 %s 上执行：%s", scene->team, p->machine,
                 p->argv);
    yw_words_put(ret->en, "Control runs on machine %s of %s: %s", p->machine, scene->team,
                 p->argv);
}

void yw_words_exec_ended(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_exec_ended *p = &scene->event->exec_ended;

    yw_words_put(ret->zh, "%s 的机器 %s 上的程序结束，状态 %lld：%s", scene->team,
                 p->machine, (long long)p->exit, p->output);
    yw_words_put(ret->en, "The program on machine %s of %s ends with %lld: %s",
                 p->machine, scene->team, (long long)p->exit, p->output);
}

void yw_words_file_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_file_ordered *p = &scene->event->file_ordered;

    yw_words_put(ret->zh, "下令%s %s 的机器 %s 的文件 %s", p->put ? "写入" : "取出",
                 scene->team, p->machine, p->path);
    yw_words_put(ret->en, "Order: %s file %s of machine %s of %s",
                 p->put ? "write" : "fetch", p->path, p->machine, scene->team);
}

void yw_words_file_moved(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_file_moved *p = &scene->event->file_moved;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "%s %s 的机器 %s 的文件 %s %s：%lld 字节%s",
                 p->put ? "写入" : "取出", scene->team, p->machine, p->path,
                 p->ok ? "完成" : "失败", (long long)p->bytes,
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "File %s %s machine %s of %s %s: %lld bytes%s", p->path,
                 p->put ? "into" : "out of", p->machine, scene->team,
                 p->ok ? "moved" : "not moved", (long long)p->bytes,
                 yw_words_tail(room, p->detail));
}

void yw_words_reconciled(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_reconciled *p = &scene->event->reconciled;
    char room[YW_WORDS_REASON_MAX];
    bool machine = strcmp(p->object, "machine") == 0;
    const char *zh = strcmp(p->action, "adopted") == 0    ? "已接管"
                     : strcmp(p->action, "repaired") == 0 ? "已修复"
                     : strcmp(p->action, "removed") == 0  ? "已清除"
                                                          : "已失去";

    yw_words_put(ret->zh, "重启后核对：%s %s %s%s", machine ? "机器" : "网络", p->name,
                 zh, yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "After a restart: %s %s %s%s", p->object, p->name, p->action,
                 yw_words_tail(room, p->detail));
}
