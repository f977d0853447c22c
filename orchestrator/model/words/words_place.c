/* Sentences about what a drill needs, where its machines are, and its hosts. */
#include "model/words/words_inside.h"

#include <string.h>

void yw_words_range_admitted(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_range_admitted *p = &scene->event->range_admitted;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(
        ret->zh, "资源%s：内存 %lld MiB，启动需处理器时间 %.1f 秒，磁盘 %lld MiB%s",
        p->ok ? "够用" : "不足", (long long)p->memory_mib, (double)p->cpu_ms / 1000.0,
        (long long)p->disk_mib, yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en,
                 "Resources %s: %lld MiB of memory, %.1f s of processor time to start, "
                 "%lld MiB of disk%s",
                 p->ok ? "suffice" : "are short", (long long)p->memory_mib,
                 (double)p->cpu_ms / 1000.0, (long long)p->disk_mib,
                 yw_words_tail(room, p->detail));
}

void yw_words_machine_placed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_machine_placed *p = &scene->event->machine_placed;
    bool moves = p->from[0] != '\0';

    yw_words_put(ret->zh, "%s 的机器 %s %s主机 %s", scene->team, p->machine,
                 moves ? "将迁往" : "安排在", p->host);
    yw_words_put(ret->en, "Machine %s of %s %s host %s", p->machine, scene->team,
                 moves ? "is to move to" : "is placed on", p->host);
}

void yw_words_machine_moved(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_machine_moved *p = &scene->event->machine_moved;
    char room[YW_WORDS_REASON_MAX];
    bool anew = strcmp(p->how, "anew") == 0;
    bool stays = !p->ok && !anew;
    const char *zh = anew ? "重建于" : strcmp(p->how, "live") == 0 ? "迁移到" : "搬到";

    yw_words_put(ret->zh, "%s 的机器 %s %s%s主机 %s%s", scene->team, p->machine,
                 p->ok   ? "已"
                 : stays ? "未能迁走，"
                         : "未能",
                 stays ? "留在" : zh, p->host, yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Machine %s of %s %s %s host %s%s", p->machine, scene->team,
                 p->ok   ? "was"
                 : stays ? "could not be moved: it stays on"
                         : "could not be",
                 anew                          ? "made anew on"
                 : stays                       ? "its"
                 : strcmp(p->how, "live") == 0 ? "moved to"
                                               : "saved and carried to",
                 p->host, yw_words_tail(room, p->detail));
}

void yw_words_network_spanned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_network_spanned *p = &scene->event->network_spanned;

    yw_words_put(ret->zh, "%s 的网络 %s 跨多台主机，VXLAN %lld", scene->team, p->network,
                 (long long)p->vni);
    yw_words_put(ret->en, "Network %s of %s spans hosts by VXLAN %lld", p->network,
                 scene->team, (long long)p->vni);
}

void yw_words_host_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    static const struct {
        const char *zh, *en;
    } names[YW_HOST_STATES] = {
        [YW_HOST_UP] = {"可用", "is up"},
        [YW_HOST_LOST] = {"失联", "is lost"},
        [YW_HOST_DRAINING] = {"正在腾空", "is draining"},
    };
    const struct yw_ev_host_changed *p = &scene->event->host_changed;
    char room[YW_WORDS_REASON_MAX];
    int state = yw_host_state_of(p->state);

    yw_words_put(ret->zh, "主机 %s %s%s", p->host, state < 0 ? p->state : names[state].zh,
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Host %s %s%s", p->host, state < 0 ? p->state : names[state].en,
                 yw_words_tail(room, p->detail));
}
