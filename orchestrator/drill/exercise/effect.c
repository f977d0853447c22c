/* What commands of playbooks do to machines. A command-ordered is durable before its order
 * to the machine, which names it as its cause, and the outcome names that order: so what
 * was begun and what came of it is read from the journal, and a restart goes on there. */
#include "drill/exercise/respond.h"

#include "base/mem.h"
#include "drill/secret.h"
#include "model/argv.h"

#include <string.h>

static bool is_order(enum yw_event_kind kind)
{
    return kind == YW_EVENT_LINK_ORDERED || kind == YW_EVENT_RESET_ORDERED ||
           kind == YW_EVENT_EVIDENCE_ORDERED || kind == YW_EVENT_EXEC_ORDERED;
}

static void add(struct yw_drill_run *run, const struct yw_event *event)
{
    struct yw_drill_effect effect = {.exec = event->command_ordered.exec,
                                     .seq = event->seq};
    (void)yw_vec_push(&run->effects, &effect);
}

/* Those whose command has ended, or whose step has. */
static void forget(struct yw_drill_run *run)
{
    for (size_t i = run->effects.count; i-- > 0;) {
        const struct yw_drill_effect *effect = yw_vec_at(&run->effects, i);
        const struct yw_run_exec *exec = yw_run_exec(&run->run, effect->exec);
        if (exec == NULL || !exec->ordered || exec->command_seq != effect->seq) {
            yw_vec_remove(&run->effects, i);
        }
    }
}

static void take_outcome(const struct yw_drill_run *run, struct yw_drill_effect *effect,
                         const struct yw_event *event)
{
    const struct yw_run_exec *exec = yw_run_exec(&run->run, effect->exec);
    const char *detail = "";
    bool ok = false;
    if (effect->order == 0 && is_order(event->kind) && event->causes[0] == effect->seq) {
        effect->order = event->seq;
    } else if (effect->order > 0 && event->causes[0] == effect->order &&
               yw_order_ended(event, &ok, &detail)) {
        effect->over = true;
        effect->ok = ok;
        YW_COPY(effect->detail, detail);
    } else if (exec != NULL && effect->order > 0 &&
               event->kind == YW_EVENT_LINK_CHANGED && event->team == run->run.team &&
               strcmp(event->link_changed.machine, exec->command.machine) == 0 &&
               event->link_changed.up == (strcmp(exec->command.does, "rejoin") == 0)) {
        effect->over = effect->ok = true;
        YW_COPY(effect->detail, event->link_changed.up ? "link is up" : "link is cut");
    }
}

void yw_effect_fold(struct yw_drill_run *run, const struct yw_event *event)
{
    if (event->kind == YW_EVENT_COMMAND_ORDERED &&
        event->command_ordered.run == run->run.run) {
        add(run, event);
    }
    for (size_t i = 0; i < run->effects.count; i++) {
        take_outcome(run, yw_vec_at(&run->effects, i), event);
    }
    forget(run);
}

/* A machine of a micro image has no shell: the words are its program. */
static int fill_program(const struct yw_machine_fold *machine,
                        const struct yw_ev_command_ordered *command,
                        struct yw_ev_exec_ordered *ret, struct yw_err *err)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    size_t argc = yw_argv_split(command->text, argv);
    bool whole = strncmp(machine->image, "deb-", 4) == 0;
    if (!whole && argc == 3 && strcmp(argv[0], "sh") == 0) {
        char text[YW_SPEC_ARG_MAX];
        YW_COPY(text, argv[2]);
        argc = yw_argv_split(text, argv);
    }
    return yw_argv_join(ret->argv, sizeof ret->argv, (const char(*)[YW_SPEC_ARG_MAX])argv,
                        argc, err);
}

/* What cannot be resolved is not ordered. */
static int check_secrets(const struct yw_drill *drill, const char *text,
                         struct yw_err *err)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    struct yw_secrets secrets;
    size_t argc = yw_argv_split(text, argv);
    int code = yw_secrets_resolve(&secrets, drill->stage->data_dir, argv, argc, err);
    yw_secrets_forget(&secrets);
    explicit_bzero(argv, sizeof argv);
    return code;
}

static int fill_order(struct yw_drill *drill, const struct yw_drill_run *run,
                      const struct yw_run_exec *exec, struct yw_event *event,
                      struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_ev_command_ordered *command = &exec->command;
    int team = run->run.team;
    const struct yw_machine_fold *machine =
        yw_drill_machine(state, team, command->machine);
    if (machine == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "no such machine: '%s'", command->machine);
    }
    if (strcmp(command->does, "reset") == 0) {
        if (yw_drill_point(state, team, command->text) == NULL) {
            return yw_err_set(err, YW_ENOTFOUND, "there is no point '%s'", command->text);
        }
        yw_drill_event(event, YW_EVENT_RESET_ORDERED, team, YW_RUN_ENGINE);
        event->reset_ordered.reset =
            yw_drill_number(&drill->next_reset, state->last_reset);
        YW_COPY(event->reset_ordered.machine, command->machine);
        YW_COPY(event->reset_ordered.point, command->text);
        event->reset_ordered.hidden = machine->hidden;
    } else if (strcmp(command->does, "evidence") == 0) {
        yw_drill_event(event, YW_EVENT_EVIDENCE_ORDERED, team, YW_RUN_ENGINE);
        event->evidence_ordered.evidence =
            yw_drill_number(&drill->next_evidence, state->last_evidence);
        YW_COPY(event->evidence_ordered.machine, command->machine);
        YW_COPY(event->evidence_ordered.reason, command->step);
    } else if (strcmp(command->does, "run") == 0) {
        yw_drill_event(event, YW_EVENT_EXEC_ORDERED, team, YW_RUN_ENGINE);
        event->exec_ordered.action =
            yw_drill_number(&drill->next_action, state->last_action);
        YW_COPY(event->exec_ordered.machine, command->machine);
        event->exec_ordered.request = yw_range_request(drill, team, command->machine);
        int code = fill_program(machine, command, &event->exec_ordered, err);
        return code != 0 ? code : check_secrets(drill, event->exec_ordered.argv, err);
    } else {
        yw_drill_event(event, YW_EVENT_LINK_ORDERED, team, YW_RUN_ENGINE);
        YW_COPY(event->link_ordered.machine, command->machine);
        event->link_ordered.up = strcmp(command->does, "rejoin") == 0;
    }
    return 0;
}

static void end_command(struct yw_drill *drill, struct yw_drill_run *run,
                        const struct yw_run_exec *exec, bool ok, const char *output)
{
    struct yw_event event;
    if (run->in_flight > 0) {
        return; /* asked again when that is durable */
    }
    yw_run_command_ended(&run->run, exec, ok, output, &event);
    (void)yw_respond_emit(drill, run, &event, exec->exec, NULL, NULL);
}

/* Where machines have names, they leave their networks and join them at the table too. */
static bool cuts(const struct yw_drill *drill, const struct yw_run_exec *exec)
{
    return drill->spec->machine_count > 0 &&
           (strcmp(exec->command.does, "isolate") == 0 ||
            strcmp(exec->command.does, "rejoin") == 0);
}

static void go(struct yw_drill *drill, struct yw_drill_run *run,
               struct yw_drill_effect *effect)
{
    const struct yw_run_exec *exec = yw_run_exec(&run->run, effect->exec);
    struct yw_event event;
    struct yw_err err = {0};
    if (effect->over) {
        end_command(drill, run, exec, effect->ok, effect->detail);
    } else if (drill->spec->tabletop && !cuts(drill, exec)) {
        end_command(drill, run, exec, true, "");
    } else if (effect->order == 0 && !effect->emitted) {
        int code = fill_order(drill, run, exec, &event, &err);
        if (code == 0) {
            event.causes[0] = effect->seq;
            code = yw_drill_emit(drill, &event, NULL, &err);
            effect->emitted = code == 0;
        }
        if (code != 0) {
            end_command(drill, run, exec, false, err.text);
        }
    }
}

void yw_effect_go(struct yw_drill *drill, struct yw_drill_run *run)
{
    for (size_t i = 0; run->run.active && i < run->effects.count; i++) {
        go(drill, run, yw_vec_at(&run->effects, i));
    }
}

void yw_respond_link_failed(struct yw_drill *drill, int team, const char *machine,
                            const char *why)
{
    for (size_t i = 0; i < drill->runs.count; i++) {
        struct yw_drill_run *run = *(struct yw_drill_run **)yw_vec_at(&drill->runs, i);
        for (size_t k = 0; run->run.team == team && k < run->effects.count; k++) {
            struct yw_drill_effect *effect = yw_vec_at(&run->effects, k);
            const struct yw_run_exec *exec = yw_run_exec(&run->run, effect->exec);
            bool link = strcmp(exec->command.does, "isolate") == 0 ||
                        strcmp(exec->command.does, "rejoin") == 0;
            if (link && effect->order > 0 && !effect->over &&
                strcmp(exec->command.machine, machine) == 0) {
                effect->over = true;
                effect->ok = false;
                YW_COPY(effect->detail, why);
            }
        }
        yw_effect_go(drill, run);
    }
}
