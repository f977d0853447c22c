/* Sentences about people at machines. */
#include "model/words/words_inside.h"

#include <string.h>

void yw_words_console_planned(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_console_planned *p = &scene->event->console_planned;

    yw_words_put(ret->zh, "%s：机器 %s %s%s", scene->team, p->machine,
                 p->console ? "的控制台对本队开放" : "",
                 p->display ? (p->console ? "，并带显示器" : "带显示器") : "");
    yw_words_put(ret->en, "%s: machine %s %s%s", scene->team, p->machine,
                 p->console ? "opens its consoles to its team" : "",
                 p->display ? (p->console ? " and has a screen" : "has a screen") : "");
}

void yw_words_console_changed(const struct yw_words_scene *scene, struct yw_text *ret)
{
    const struct yw_ev_console_changed *p = &scene->event->console_changed;
    const char *actor = scene->event->actor;
    bool types = strcmp(p->mode, "type") == 0;
    char room[YW_WORDS_REASON_MAX];

    if (p->on) {
        yw_words_put(ret->zh, "%s 打开 %s 的机器 %s 的控制台（%s，%s）%s", actor,
                     scene->team, p->machine, p->form, types ? "可输入" : "只看",
                     yw_words_tail_zh(room, p->detail));
        yw_words_put(ret->en, "%s is at the %s console of machine %s of %s and may %s%s",
                     actor, p->form, p->machine, scene->team, types ? "type" : "watch",
                     yw_words_tail(room, p->detail));
        return;
    }
    yw_words_put(ret->zh, "%s 离开 %s 的机器 %s 的控制台（%s）%s", actor, scene->team,
                 p->machine, p->form, yw_words_tail_zh(room, p->detail));
    yw_words_put(ret->en, "%s leaves the %s console of machine %s of %s%s", actor,
                 p->form, p->machine, scene->team, yw_words_tail(room, p->detail));
}
