/* Sentences about captures of networks. */
#include "model/words/words_inside.h"

#include <string.h>

void yw_words_capture_ordered(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_capture_ordered *p = &scene->event->capture_ordered;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "下令%s %s 的网络 %s 的抓包 %lld%s", p->on ? "开始" : "停止",
                 scene->team, p->network, (long long)p->capture,
                 yw_words_tail_zh(room, p->reason));
    yw_words_put(ret->en, "Order: %s capture %lld of network %s of %s%s",
                 p->on ? "start" : "stop", (long long)p->capture, p->network, scene->team,
                 yw_words_tail(room, p->reason));
}

static const char *outcome_zh(const struct yw_ev_capture_changed *p)
{
    if (p->on)
        return p->ok ? "已开始" : "未能停止";
    return p->ok ? "已停止" : "未能开始";
}

static const char *outcome_en(const struct yw_ev_capture_changed *p)
{
    if (p->on)
        return p->ok ? "runs" : "could not be stopped";
    return p->ok ? "has stopped" : "could not be started";
}

void yw_words_capture_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_capture_changed *p = &scene->event->capture_changed;
    char room[YW_WORDS_REASON_MAX];

    yw_words_put(ret->zh, "%s 的网络 %s 的抓包 %lld %s（%lld 个文件，%lld 字节）%s",
                 scene->team, p->network, (long long)p->capture, outcome_zh(p),
                 (long long)p->files, (long long)p->bytes,
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(
        ret->en, "Capture %lld of network %s of %s %s (%lld files, %lld bytes)%s",
        (long long)p->capture, p->network, scene->team, outcome_en(p),
        (long long)p->files, (long long)p->bytes, yw_words_tail(room, p->detail));
}
