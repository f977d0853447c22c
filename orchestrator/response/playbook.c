#include "response/playbook.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const types[] = {
    [YW_PB_START] = "start",
    [YW_PB_END] = "end",
    [YW_PB_ACTION] = "action",
    [YW_PB_IF] = "if-condition",
    [YW_PB_UNSUPPORTED] = "unsupported",
};

void yw_playbook_free(struct yw_playbook *playbook)
{
    if (!playbook)
        return;
    free(playbook->steps);
    free(playbook->vars);
    free(playbook);
}

int yw_playbook_step(const struct yw_playbook *playbook, const char *id)
{
    for (size_t i = 0; i < playbook->step_count; i++) {
        if (strcmp(playbook->steps[i].id, id) == 0)
            return (int)i;
    }
    return -1;
}

int yw_playbook_var(const struct yw_playbook *playbook, const char *name)
{
    for (size_t i = 0; i < playbook->var_count; i++) {
        if (strcmp(playbook->vars[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

const char *yw_pb_type_name(enum yw_pb_type type)
{
    assert((unsigned)type <= YW_PB_UNSUPPORTED);
    return types[type];
}

static bool is_done(const struct yw_playbook *playbook, const bool *done, int next)
{
    return next < 0 || (size_t)next >= playbook->step_count || done[next];
}

/* Takes away, again and again, the steps all of whose followers are taken away; what
 * stays is on a cycle or leads to one. */
int yw_playbook_cycle(const struct yw_playbook *playbook)
{
    bool done[YW_PLAYBOOK_STEPS_MAX] = {false};
    bool moved = true;

    assert(playbook->step_count <= YW_PLAYBOOK_STEPS_MAX);
    while (moved) {
        moved = false;
        for (size_t i = 0; i < playbook->step_count; i++) {
            const struct yw_pb_step *step = &playbook->steps[i];

            if (done[i] || !is_done(playbook, done, step->on_completion) ||
                !is_done(playbook, done, step->on_success) ||
                !is_done(playbook, done, step->on_failure) ||
                !is_done(playbook, done, step->on_true) ||
                !is_done(playbook, done, step->on_false))
                continue;
            done[i] = true;
            moved = true;
        }
    }
    for (size_t i = 0; i < playbook->step_count; i++) {
        if (!done[i])
            return (int)i;
    }
    return -1;
}
