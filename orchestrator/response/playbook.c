#include "response/playbook.h"
#include "model/pairs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const types[YW_PB_TYPES] = {
    [YW_PB_START] = "start",           [YW_PB_END] = "end",
    [YW_PB_ACTION] = "action",         [YW_PB_PLAYBOOK] = "playbook-action",
    [YW_PB_PARALLEL] = "parallel",     [YW_PB_IF] = "if-condition",
    [YW_PB_WHILE] = "while-condition", [YW_PB_SWITCH] = "switch-condition",
};

void yw_playbook_free(struct yw_playbook *playbook)
{
    if (!playbook)
        return;
    for (size_t i = 0; playbook->steps && i < playbook->step_count; i++) {
        free(playbook->steps[i].vars);
        free(playbook->steps[i].commands);
        free(playbook->steps[i].targets);
    }
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
    assert((unsigned)type < YW_PB_TYPES);
    return types[type];
}

const char *yw_pb_does(enum yw_pb_command_kind kind)
{
    switch (kind) {
    case YW_PB_ISOLATE:
        return "isolate";
    case YW_PB_REJOIN:
        return "rejoin";
    case YW_PB_RESET:
        return "reset";
    case YW_PB_EVIDENCE:
        return "evidence";
    case YW_PB_SHELL:
    case YW_PB_POWERSHELL:
    case YW_PB_PROGRAM:
        return "run";
    case YW_PB_MANUAL:
    case YW_PB_FOREIGN:
        break;
    }
    return "";
}

bool yw_playbook_edge(const struct yw_pb_step *step, size_t edge, int *ret)
{
    const int ends[] = {step->on_completion, step->on_success, step->on_failure,
                        step->on_true, step->on_false};
    const size_t count = sizeof ends / sizeof ends[0];

    if (edge >= count + step->branch_count)
        return false;
    *ret = edge < count ? ends[edge] : step->branches[edge - count].step;
    return true;
}

static bool all_done(const struct yw_playbook *playbook, const struct yw_pb_step *step,
                     const bool *done)
{
    int next;

    for (size_t i = 0; yw_playbook_edge(step, i, &next); i++) {
        if (next >= 0 && (size_t)next < playbook->step_count && !done[next])
            return false;
    }
    return true;
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
            if (done[i] || !all_done(playbook, &playbook->steps[i], done))
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

const char *yw_playbook_barred(const struct yw_playbook *playbook, const char *now)
{
    if (playbook->revoked)
        return "it is revoked";
    /* times of this form sort as text */
    if (playbook->valid_from[0] != '\0' && strcmp(now, playbook->valid_from) < 0)
        return "it is not valid yet";
    if (playbook->valid_until[0] != '\0' && strcmp(now, playbook->valid_until) >= 0)
        return "it is valid no longer";
    return NULL;
}

int yw_playbook_check_given(const struct yw_playbook *playbook, const char *vars,
                            struct yw_err *err)
{
    const char *name = NULL, *value;

    while (yw_pairs_next(vars, &name, &value)) {
        int index = yw_playbook_var(playbook, name);
        const struct yw_pb_var *var = index >= 0 ? &playbook->vars[index] : NULL;
        const char *flaw = var ? yw_pb_value_flaw(var->type, value) : NULL;

        if (!var || !var->external)
            return yw_err_set(err, YW_EINVAL,
                              "vars: '%s' is no external variable of '%s'", name,
                              playbook->name.en);
        if (flaw)
            return yw_err_set(err, YW_EINVAL, "vars: '%s': expected %s; got '%s'", name,
                              flaw, value);
    }
    return 0;
}
