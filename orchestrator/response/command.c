/* Commands of an action: which comes next, with its variables put in, and what came back.
 * Executor rules 8 and 10. */
#include "response/walk.h"

#include "base/mem.h"
#include "model/argv.h"
#include "model/spec.h"

#include <string.h>

/* Commands that name their machine have one target. */
static bool names_all(const struct yw_pb_step *step)
{
    for (size_t i = 0; i < step->command_count; i++) {
        if (step->commands[i].machine[0] == '\0')
            return false;
    }
    return true;
}

int64_t yw_command_items(const struct yw_pb_step *step)
{
    size_t targets = names_all(step) ? 1 : step->target_count;

    return (int64_t)(targets * step->command_count);
}

static int join_program(const struct yw_pb_command *command, const char *text,
                        char ret[YW_EVENT_ARGV_MAX], struct yw_err *err)
{
    static const char *const shells[][4] = {
        {"sh", "-c"}, {"powershell", "-NoProfile", "-NonInteractive", "-Command"}};
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    size_t argc = 0;

    if (command->kind == YW_PB_PROGRAM) {
        argc = yw_argv_split(text, argv);
        if (argc == 0)
            return yw_err_set(err, YW_EINVAL, "the command has no words");
        return yw_argv_join(ret, YW_EVENT_ARGV_MAX, (const char(*)[YW_SPEC_ARG_MAX])argv,
                            argc, err);
    }
    const char *const *shell = shells[command->kind == YW_PB_POWERSHELL];

    if (strlen(text) >= YW_SPEC_ARG_MAX)
        return yw_err_set(err, YW_ELIMIT, "the command is above %d bytes",
                          YW_SPEC_ARG_MAX - 1);
    for (; argc < 4 && shell[argc]; argc++)
        YW_COPY(argv[argc], shell[argc]);
    YW_COPY(argv[argc], text);
    return yw_argv_join(ret, YW_EVENT_ARGV_MAX, (const char(*)[YW_SPEC_ARG_MAX])argv,
                        argc + 1, err);
}

int yw_command_fill(const struct yw_run *run, const struct yw_run_exec *exec,
                    struct yw_ev_command_ordered *ret, struct yw_err *err)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);
    size_t target = (size_t)exec->item / step->command_count;
    const struct yw_pb_command *command =
        &step->commands[(size_t)exec->item % step->command_count];
    const char *machine =
        command->machine[0] != '\0' ? command->machine : step->targets[target];
    char text[YW_PLAYBOOK_COMMAND_MAX];
    uint32_t address = 0;

    YW_COPY(ret->type, command->type);
    YW_COPY(ret->does, yw_pb_does(command->kind));
    int status =
        yw_run_substitute(run, exec, machine, ret->machine, sizeof ret->machine, err);

    if (status == 0 && !yw_name_valid(ret->machine) &&
        yw_spec_address_parse(ret->machine, &address) != 0)
        return yw_err_set(err, YW_EINVAL,
                          "'%s' is neither the name of a machine nor an address",
                          ret->machine);
    if (status == 0)
        status = yw_run_substitute(run, exec, command->text, text, sizeof text, err);
    if (status < 0)
        return status;
    if (strcmp(ret->does, "run") == 0)
        return join_program(command, text, ret->text, err);
    YW_COPY(ret->text, command->point);
    return 0;
}

/* Orders of the orchestrator answer with a truth of the name of what was done. */
static bool is_truth(const char *does, const char *name)
{
    static const char *const rows[][2] = {{"isolate", "isolated"},
                                          {"rejoin", "rejoined"},
                                          {"reset", "reverted"},
                                          {"evidence", "kept"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i][0], does) == 0)
            return strcmp(rows[i][1], name) == 0;
    }
    return false;
}

/* A single out-argument of a program takes what it wrote, without the blanks around it. */
static int take_output(const struct yw_pb_var *var, const char *output,
                       struct yw_ev_var *ret, struct yw_err *err)
{
    const char *start = output + strspn(output, " \t\r\n");
    size_t size = strlen(start);

    while (size > 0 && strchr(" \t\r\n", start[size - 1]))
        size--;
    if (size >= sizeof ret->value)
        return yw_err_set(err, YW_ELIMIT,
                          "the output is above %zu bytes, too long for %s",
                          sizeof ret->value - 1, var->name);
    YW_COPY(ret->name, var->name);
    memcpy(ret->value, start, size);
    ret->value[size] = '\0';
    const char *flaw = yw_pb_value_flaw(var->type, ret->value);

    return flaw ? yw_err_set(err, YW_EINVAL, "the output does not fit %s: expected %s",
                             var->name, flaw)
                : 0;
}

void yw_run_command_ended(const struct yw_run *run, const struct yw_run_exec *exec,
                          bool ok, const char *output, struct yw_event *ret)
{
    const struct yw_pb_step *step = yw_run_step(run, exec);
    struct yw_ev_command_ended *p = &ret->command_ended;
    struct yw_err err = {0};
    bool program = strcmp(exec->command.does, "run") == 0;

    memset(ret, 0, sizeof *ret);
    ret->kind = YW_EVENT_COMMAND_ENDED;
    ret->team = run->team;
    ret->causes[0] = exec->command_seq;
    p->run = run->run;
    p->exec = exec->exec;
    YW_COPY(p->step, step->id);
    p->item = exec->command.item;
    p->ok = ok;
    YW_COPY(p->output, output);
    if (!ok || step->asks.en[0] != '\0')
        return; /* the variables are for a person to fill in */
    if (program && step->out_count == 1) {
        if (take_output(&run->playbook->vars[step->fields[0].var], output, &p->vars[0],
                        &err) == 0) {
            p->var_count = 1;
        } else {
            p->ok = false;
            YW_COPY(p->output, err.text);
        }
    }
    for (size_t i = 0; !program && i < step->out_count; i++) {
        const char *name = run->playbook->vars[step->fields[i].var].name;

        if (!is_truth(exec->command.does, name))
            continue;
        YW_COPY(p->vars[p->var_count].name, name);
        YW_COPY(p->vars[p->var_count++].value, "true");
    }
}
