/* The fold of attacks: planned ─▶ started ─▶ done ─▶ undoing ─▶ undone; failed, and what could
 * not be undone, stay what they were. */
#include "model/fold/drill_inside.h"

#include "base/mem.h"

#include <assert.h>

static int apply_started(struct yw_drill_state *state, const struct yw_event *event,
                         struct yw_err *err)
{
    const struct yw_ev_attack_started *p = &event->attack_started;
    struct yw_attack_fold *attack = yw_drill_attack(state, event->team, p->attack);

    if (!attack)
        return yw_drill_corrupt(event, err, "no such attack", p->attack);
    attack->state = YW_ATTACK_STARTED;
    attack->request = p->request;
    attack->started_seq = event->seq;
    yw_drill_note_request(yw_drill_machine(state, event->team, p->machine), p->request);
    return 0;
}

static int apply_ended(struct yw_drill_state *state, const struct yw_event *event,
                       struct yw_err *err)
{
    const struct yw_ev_attack_ended *p = &event->attack_ended;
    struct yw_attack_fold *attack = yw_drill_attack(state, event->team, p->attack);

    if (!attack || attack->state != YW_ATTACK_STARTED)
        return yw_drill_corrupt(event, err, "no such attack under way", p->attack);
    attack->state = p->ok ? YW_ATTACK_DONE : YW_ATTACK_FAILED;
    if (p->ok)
        yw_kit_old(p->output, attack->old);
    if (p->ok && attack->effect_seq == 0) { /* a repeat does not move the first effect */
        attack->effect_ms = event->drill_ms;
        attack->effect_seq = event->seq;
    }
    return 0;
}

static int apply_skipped(struct yw_drill_state *state, const struct yw_event *event,
                         struct yw_err *err)
{
    const struct yw_ev_attack_skipped *p = &event->attack_skipped;
    struct yw_attack_fold *attack = yw_drill_attack(state, event->team, p->attack);

    if (!attack)
        return yw_drill_corrupt(event, err, "no such attack", p->attack);
    attack->skipped_seq = event->seq;
    return 0;
}

static int apply_undo_started(struct yw_drill_state *state, const struct yw_event *event,
                              struct yw_err *err)
{
    const struct yw_ev_undo_started *p = &event->undo_started;
    struct yw_attack_fold *attack = yw_drill_attack(state, event->team, p->attack);

    if (!attack || attack->state != YW_ATTACK_DONE)
        return yw_drill_corrupt(event, err, "no such attack to be undone", p->attack);
    attack->state = YW_ATTACK_UNDOING;
    attack->request = p->request;
    attack->undo_seq = event->seq;
    yw_drill_note_request(yw_drill_machine(state, event->team, p->machine), p->request);
    return 0;
}

static int apply_undo_ended(struct yw_drill_state *state, const struct yw_event *event,
                            struct yw_err *err)
{
    const struct yw_ev_attack_ended *p = &event->attack_ended;
    struct yw_attack_fold *attack = yw_drill_attack(state, event->team, p->attack);

    if (!attack || attack->state != YW_ATTACK_UNDOING)
        return yw_drill_corrupt(event, err, "no such attack being undone", p->attack);
    attack->state = p->ok ? YW_ATTACK_UNDONE : YW_ATTACK_DONE;
    return 0;
}

int yw_drill_attack_apply(struct yw_drill_state *state, const struct yw_event *event,
                          struct yw_err *err)
{
    switch ((int)event->kind) {
    case YW_EVENT_ATTACK_STARTED:
        return apply_started(state, event, err);
    case YW_EVENT_ATTACK_ENDED:
        return apply_ended(state, event, err);
    case YW_EVENT_ATTACK_SKIPPED:
        return apply_skipped(state, event, err);
    case YW_EVENT_UNDO_STARTED:
        return apply_undo_started(state, event, err);
    case YW_EVENT_UNDO_ENDED:
        return apply_undo_ended(state, event, err);
    default:
        assert(!"a kind that event.def gives to attacks");
        return 0;
    }
}
