/* Sentences about the host under the range. */
#include "base/mem.h"
#include "model/host.h"
#include "model/words/words_inside.h"

#include <string.h>

/* "；" or "; " between what each weakness means. */
static void weaknesses(const char *names, struct yw_text *ret)
{
    struct yw_buf zh, en;

    yw_buf_init(&zh, sizeof ret->zh - 1);
    yw_buf_init(&en, sizeof ret->en - 1);
    for (int i = 0; i < YW_HOST_WEAKNESSES; i++) {
        const char *name = yw_host_weakness_name((enum yw_host_weakness)i);
        const char *at = strstr(names, name);
        struct yw_text what, mend;

        if (at == NULL)
            continue;
        yw_host_weakness_words((enum yw_host_weakness)i, &what, &mend);
        yw_buf_printf(&zh, "%s%s", zh.size > 0 ? "；" : "", what.zh);
        yw_buf_printf(&en, "%s%s", en.size > 0 ? "; " : "", what.en);
    }
    YW_COPY(ret->zh, zh.data != NULL ? zh.data : "");
    YW_COPY(ret->en, en.data != NULL ? en.data : "");
    yw_buf_fini(&zh);
    yw_buf_fini(&en);
}

void yw_words_host_checked(const struct yw_words_scene *scene, struct yw_text *ret)
{
    struct yw_text what;

    weaknesses(scene->event->host_checked.weak, &what);
    yw_words_put(ret->zh, "主机的薄弱之处：%s", what.zh);
    yw_words_put(ret->en, "The host is weak: %s", what.en);
}

void yw_words_overridden(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *what, *zh, *en;
    } known[] = {
        {"hostile-on-weak-host", "在薄弱的主机上开展有敌意人员参与的演练",
         "a drill with hostile people on a weak host"},
        {"admission", "资源不足时的拒绝", "a refusal for lack of resources"},
    };
    const struct yw_ev_overridden *p = &scene->event->overridden;
    const char *zh = p->what, *en = p->what;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].what, p->what) == 0) {
            zh = known[i].zh;
            en = known[i].en;
        }
    }
    yw_words_put(ret->zh, "%s 决定越过限制（%s）：%s", scene->event->actor, zh,
                 p->reason);
    yw_words_put(ret->en, "%s overrides a refusal (%s): %s", scene->event->actor, en,
                 p->reason);
}

void yw_words_disk_state(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_disk_state *p = &scene->event->disk_state;

    if (p->ok) {
        yw_words_put(ret->zh, "磁盘空间恢复：可用 %lld MiB", (long long)p->free_mib);
        yw_words_put(ret->en, "The disk has room again: %lld MiB free",
                     (long long)p->free_mib);
        return;
    }
    yw_words_put(ret->zh,
                 "磁盘空间不足：可用 %lld MiB，下限 %lld "
                 "MiB；暂不启动新机器、不建检查点、不取证、不抓包",
                 (long long)p->free_mib, (long long)p->floor_mib);
    yw_words_put(
        ret->en,
        "The disk is nearly full: %lld MiB free, floor %lld MiB; no new machine, "
        "checkpoint, evidence or capture until there is room",
        (long long)p->free_mib, (long long)p->floor_mib);
}

void yw_words_isolation_proved(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_isolation_proved *p = &scene->event->isolation_proved;

    if (p->ok) {
        yw_words_put(ret->zh,
                     "隔离已证实：%s 的机器 %s 探测了 %lld 个地址，不该到达的均不可达",
                     scene->team, p->machine, (long long)p->probes);
        yw_words_put(ret->en,
                     "Isolation is proved: machine %s of %s asked for %lld addresses and "
                     "reached none that it must not",
                     p->machine, scene->team, (long long)p->probes);
        return;
    }
    yw_words_put(ret->zh, "隔离未能证实（%s 的机器 %s）：%s", scene->team, p->machine,
                 p->detail);
    yw_words_put(ret->en, "Isolation is not proved (machine %s of %s): %s", p->machine,
                 scene->team, p->detail);
}

void yw_words_confinement_proved(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_confinement_proved *p = &scene->event->confinement_proved;
    bool golden = strcmp(p->of, "golden") == 0;

    yw_words_put(ret->zh, "%s 的机器 %s%s%s：用户 %lld，seccomp %lld，特权 %s",
                 scene->team, p->machine, golden ? "所克隆的母机" : "由新的代理接管",
                 p->confined ? "，约束已证实" : "，约束未能证实", (long long)p->uid,
                 (long long)p->seccomp, p->cap_eff);
    yw_words_put(ret->en,
                 "%s machine %s of %s: its confinement is %s (user %lld, seccomp %lld, "
                 "capabilities %s)",
                 golden ? "The golden machine behind" : "Found again,", p->machine,
                 scene->team, p->confined ? "proved" : "not proved", (long long)p->uid,
                 (long long)p->seccomp, p->cap_eff);
}
