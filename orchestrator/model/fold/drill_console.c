/* The fold of consoles: which machines have them for whom, and who sits at them. */
#include "model/fold/drill_inside.h"

#include "base/mem.h"

#include <string.h>

void yw_drill_console_init(struct yw_drill_state *state)
{
    yw_vec_init(&state->sittings, sizeof(struct yw_sitting_fold), YW_DRILL_SITTINGS_MAX);
}

void yw_drill_console_fini(struct yw_drill_state *state)
{
    yw_vec_fini(&state->sittings);
}

struct yw_sitting_fold *yw_drill_sitting(const struct yw_drill_state *state,
                                         int64_t console)
{
    for (size_t i = 0; i < state->sittings.count; i++) {
        struct yw_sitting_fold *sitting = yw_vec_at(&state->sittings, i);

        if (sitting && sitting->console == console)
            return sitting;
    }
    return NULL;
}

static int plan(struct yw_drill_state *state, const struct yw_event *event,
                struct yw_err *err)
{
    const struct yw_ev_console_planned *p = &event->console_planned;
    struct yw_machine_fold *machine = yw_drill_machine(state, event->team, p->machine);

    if (!machine)
        return yw_drill_corrupt(event, err, "no such machine", p->machine);
    machine->console = p->console;
    machine->display = p->display;
    return 0;
}

static void forget(struct yw_drill_state *state, int64_t console)
{
    for (size_t i = 0; i < state->sittings.count; i++) {
        const struct yw_sitting_fold *sitting = yw_vec_at(&state->sittings, i);

        if (sitting && sitting->console == console) {
            yw_vec_remove(&state->sittings, i);
            return;
        }
    }
}

static int change(struct yw_drill_state *state, const struct yw_event *event,
                  struct yw_err *err)
{
    const struct yw_ev_console_changed *p = &event->console_changed;
    struct yw_sitting_fold *sitting = yw_drill_sitting(state, p->console);

    if (!yw_drill_machine(state, event->team, p->machine))
        return yw_drill_corrupt(event, err, "no such machine", p->machine);
    if (p->console > state->last_console)
        state->last_console = p->console;
    if (!p->on) {
        forget(state, p->console);
        return 0;
    }
    if (!sitting)
        sitting = yw_vec_push(&state->sittings, NULL);
    if (!sitting)
        return yw_drill_corrupt(event, err, "beyond the limit: console of", p->machine);
    sitting->console = p->console;
    sitting->team = event->team;
    YW_COPY(sitting->machine, p->machine);
    YW_COPY(sitting->form, p->form);
    YW_COPY(sitting->mode, p->mode);
    YW_COPY(sitting->recording, p->recording);
    YW_COPY(sitting->actor, event->actor);
    sitting->seq = event->seq;
    return 0;
}

int yw_drill_console_apply(struct yw_drill_state *state, const struct yw_event *event,
                           struct yw_err *err)
{
    return event->kind == YW_EVENT_CONSOLE_PLANNED ? plan(state, event, err)
                                                   : change(state, event, err);
}
