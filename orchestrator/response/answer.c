/* People's answers to manual steps. */
#include "response/run.h"

#include <string.h>

static int count_of(const struct yw_ev_var *vars, size_t count, const char *name)
{
    int found = 0;

    for (size_t i = 0; i < count; i++)
        found += strcmp(vars[i].name, name) == 0;
    return found;
}

static bool is_asked(const struct yw_playbook *playbook, const struct yw_pb_step *step,
                     const char *name)
{
    for (size_t i = 0; i < step->out_count; i++) {
        if (strcmp(playbook->vars[step->out_vars[i]].name, name) == 0)
            return true;
    }
    return false;
}

static int check_vars(const struct yw_playbook *playbook, const struct yw_pb_step *step,
                      const struct yw_ev_var *vars, size_t count, struct yw_err *err)
{
    for (size_t i = 0; i < step->out_count; i++) {
        const char *name = playbook->vars[step->out_vars[i]].name;
        int found = count_of(vars, count, name);

        if (found != 1)
            return yw_err_set(err, YW_EINVAL, "/vars/%s: %s", name,
                              found == 0 ? "missing" : "given twice");
    }
    for (size_t i = 0; i < count; i++) {
        const struct yw_ev_var *var = &vars[i];
        int index = yw_playbook_var(playbook, var->name);

        if (index < 0 || !is_asked(playbook, step, var->name))
            return yw_err_set(err, YW_EINVAL, "/vars/%s: not asked for", var->name);
        const char *flaw = yw_pb_value_flaw(playbook->vars[index].type, var->value);

        if (flaw)
            return yw_err_set(err, YW_EINVAL, "/vars/%s: expected %s; got '%s'",
                              var->name, flaw, var->value);
    }
    return 0;
}

int yw_run_check_answer(const struct yw_run *run, const struct yw_playbook *playbook,
                        const char *step, const char *role, const struct yw_ev_var *vars,
                        size_t var_count, struct yw_err *err)
{
    int index = yw_playbook_step(playbook, step);

    if (!run->active || index < 0 || strcmp(run->step, step) != 0 ||
        run->status != YW_STEP_AWAIT_USER_INPUT || run->answered)
        return yw_err_set(err, YW_ESTATE, "/step: no question is open at '%s'", step);
    if (run->role[0] != '\0' && strcmp(run->role, role) != 0)
        return yw_err_set(err, YW_EDENIED, "/role: this question is for '%s'; got '%s'",
                          run->role, role);
    if (var_count > YW_EVENT_VARS_MAX)
        return yw_err_set(err, YW_ELIMIT, "/vars: at most %d", YW_EVENT_VARS_MAX);
    return check_vars(playbook, &playbook->steps[index], vars, var_count, err);
}
