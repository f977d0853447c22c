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

/* What nobody ordered has no cause: it broke off. */
static bool broke_off(const struct yw_event *event)
{
    return !event->capture_changed.ok && event->causes[0] == 0;
}

static const char *outcome_zh(const struct yw_event *event)
{
    const struct yw_ev_capture_changed *p = &event->capture_changed;

    if (broke_off(event))
        return "意外中断";
    if (p->on)
        return p->ok ? "已开始" : "未能停止";
    return p->ok ? "已停止" : "未能开始";
}

static const char *outcome_en(const struct yw_event *event)
{
    const struct yw_ev_capture_changed *p = &event->capture_changed;

    if (broke_off(event))
        return "broke off";
    if (p->on)
        return p->ok ? "runs" : "could not be stopped";
    return p->ok ? "has stopped" : "could not be started";
}

/* What it left, once there can be something. */
static void put_kept(const struct yw_ev_capture_changed *p, struct yw_text *ret)
{
    ret->zh[0] = ret->en[0] = '\0';
    if (p->on || p->files == 0)
        return;
    yw_words_put(ret->zh, "（%lld 个文件，%lld 字节）", (long long)p->files,
                 (long long)p->bytes);
    yw_words_put(ret->en, " (%lld files, %lld bytes)", (long long)p->files,
                 (long long)p->bytes);
}

void yw_words_capture_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_capture_changed *p = &scene->event->capture_changed;
    char room[YW_WORDS_REASON_MAX];
    struct yw_text kept;

    put_kept(p, &kept);
    yw_words_put(ret->zh, "%s 的网络 %s 的抓包 %lld %s%s%s", scene->team, p->network,
                 (long long)p->capture, outcome_zh(scene->event), kept.zh,
                 yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "Capture %lld of network %s of %s %s%s%s",
                 (long long)p->capture, p->network, scene->team, outcome_en(scene->event),
                 kept.en, yw_words_tail(room, p->detail));
}
