/* Programs in guests: those of the story, of teams and of control. The order stands in the
 * journal with its number on the machine's channel: whoever asks again gets the answer of
 * the first time. */
#include "drill/order/order.h"

#include "base/mem.h"
#include "drill/exercise/table.h"
#include "drill/range/pace.h"
#include "drill/secret.h"
#include "model/argv.h"

#include <stdlib.h>
#include <string.h>

#define RUN_MS 20000
#define RUN_FULL_MS 60000 /* a big program begins, emulated, beside others that do */
#define RESET_TEXT "the machine was reset"

enum purpose { FOR_ATTACK, FOR_UNDO, FOR_ACTION, FOR_EXEC, FOR_NOBODY };

static const struct yw_plan_machine *plan_machine(const struct yw_drill *drill, int team,
                                                  const char *name)
{
    int index = yw_spec_machine(drill->spec, name);
    return index < 0 ? NULL : yw_plan_machine(drill->plan, team, index);
}

static void emit_ended(struct yw_range_call *call, bool ok, int status,
                       const char *output)
{
    struct yw_event event;
    if (call->purpose == FOR_ATTACK || call->purpose == FOR_UNDO) {
        yw_order_event(call, &event,
                       call->purpose == FOR_ATTACK ? YW_EVENT_ATTACK_ENDED
                                                   : YW_EVENT_UNDO_ENDED);
        YW_COPY(event.attack_ended.attack, call->attack);
        event.attack_ended.ok = ok;
        YW_COPY(event.attack_ended.output, output);
    } else if (call->purpose == FOR_ACTION) {
        yw_order_event(call, &event, YW_EVENT_ACTION_ENDED);
        event.action_ended.action = call->action;
        YW_COPY(event.action_ended.machine, call->machine);
        event.action_ended.ok = ok;
        YW_COPY(event.action_ended.output, output);
    } else {
        yw_order_event(call, &event, YW_EVENT_EXEC_ENDED);
        event.exec_ended.action = call->action;
        YW_COPY(event.exec_ended.machine, call->machine);
        event.exec_ended.ok = ok;
        event.exec_ended.exit = status;
        YW_COPY(event.exec_ended.output, output);
    }
    (void)yw_drill_emit(call->drill, &event, NULL, NULL);
}

static void on_run(struct yw_range_call *call, int code, const struct yw_err *err)
{
    int status = code == 0 ? call->call.exit_code : -1;
    const char *output = code == 0 ? call->call.output : err->text;
    if (call->purpose == FOR_NOBODY) {
        return;
    }
    if (call->secrets != NULL) {
        yw_secrets_redact(call->secrets, call->call.output, sizeof call->call.output);
    }
    if (call->purpose == FOR_EXEC && code == 0) {
        yw_pending_output(call->drill, call->cause, status, output);
    }
    emit_ended(call, status == 0, status, output);
}

static struct yw_range_call *call_new(struct yw_drill *drill, enum purpose purpose,
                                      int team, const char *machine)
{
    const struct yw_plan_machine *on = plan_machine(drill, team, machine);
    struct yw_range_call *call = yw_range_call_new(
        drill, YW_VIRT_RUN, on != NULL && on->has_disk ? RUN_FULL_MS : RUN_MS, on_run);
    call->purpose = (int)purpose;
    call->team = team;
    call->holdable = true;
    YW_COPY(call->machine, machine);
    call->call.machine = on;
    return call;
}

size_t yw_range_undo_argv(const struct yw_drill *drill,
                          const struct yw_attack_fold *attack,
                          char ret[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX])
{
    int index = yw_spec_attack(drill->spec, attack->name);
    const struct yw_spec_attack *declared = &drill->spec->attacks[index < 0 ? 0 : index];
    return index < 0 ? 0 : yw_kit_undo(declared->argv, declared->argc, attack->old, ret);
}

/* What is under way of it: the attack itself, or its undoing. */
void yw_range_attack(struct yw_drill *drill, int team,
                     const struct yw_attack_fold *attack)
{
    int index = yw_spec_attack(drill->spec, attack->name);
    bool undo = attack->state == YW_ATTACK_UNDOING;
    if (drill->spec->tabletop) {
        yw_table_attack(drill, team, attack);
        return;
    }
    if (index < 0) {
        return;
    }
    const struct yw_spec_attack *declared = &drill->spec->attacks[index];
    struct yw_range_call *call =
        call_new(drill, undo ? FOR_UNDO : FOR_ATTACK, team, attack->from);
    call->cause = undo ? attack->undo_seq : attack->started_seq;
    call->call.deadline_ms += undo ? 0 : yw_pace_wait_ms(drill, declared);
    YW_COPY(call->attack, attack->name);
    memcpy(call->call.argv, declared->argv, sizeof call->call.argv);
    call->call.argc = declared->argc;
    if (undo) {
        call->call.argc = yw_range_undo_argv(drill, attack, call->call.argv);
    }
    call->call.request = (uint32_t)attack->request;
    if (!undo && yw_pace_counts(declared)) {
        yw_pace_tell(drill, call->call.machine); /* heard before the program begins */
    }
    yw_range_call_start(call);
}

/* Only a playbook's program may name secrets. NULL: it names none, or *ret_code says why not. */
static struct yw_secrets *take_secrets(const struct yw_drill *drill,
                                       const struct yw_action_fold *action,
                                       char argv[][YW_SPEC_ARG_MAX], size_t argc,
                                       int *ret_code, struct yw_err *err)
{
    struct yw_secrets *secrets = action->playbook ? yw_new(sizeof *secrets) : NULL;
    *ret_code = secrets == NULL ? 0
                                : yw_secrets_resolve(secrets, drill->stage->data_dir,
                                                     argv, argc, err);
    if (*ret_code != 0 || (secrets != NULL && secrets->count == 0)) {
        yw_secrets_forget(secrets);
        free(secrets);
        return NULL;
    }
    return secrets;
}

static void end_action(struct yw_drill *drill, const struct yw_action_fold *action,
                       bool ok, const char *why)
{
    struct yw_range_call call = {.drill = drill,
                                 .purpose = action->control ? FOR_EXEC : FOR_ACTION,
                                 .team = action->team,
                                 .action = action->action,
                                 .cause = action->seq};
    YW_COPY(call.machine, action->machine);
    emit_ended(&call, ok, ok ? 0 : -1, why);
}

void yw_range_action(struct yw_drill *drill, const struct yw_action_fold *action)
{
    char argv[YW_SPEC_ARGS_MAX][YW_SPEC_ARG_MAX];
    size_t argc = yw_argv_split(action->argv, argv);
    struct yw_err err = {0};
    int code = 0;
    if (drill->spec->tabletop) { /* what a team says it does is done */
        end_action(drill, action, !action->control,
                   action->control ? "there are no machines at the table" : "{}");
        return;
    }
    struct yw_secrets *secrets = take_secrets(drill, action, argv, argc, &code, &err);
    if (code != 0) {
        end_action(drill, action, false, err.text);
        return;
    }
    struct yw_range_call *call = call_new(drill, action->control ? FOR_EXEC : FOR_ACTION,
                                          action->team, action->machine);
    call->secrets = secrets;
    call->action = action->action;
    call->cause = action->seq;
    call->call.argc = argc;
    memcpy(call->call.argv, argv, sizeof argv);
    explicit_bzero(argv, sizeof argv);
    call->call.request = (uint32_t)action->request;
    yw_range_call_start(call);
}

int64_t yw_range_request(struct yw_drill *drill, int team, const char *machine)
{
    int index = yw_spec_machine(drill->spec, machine);
    const struct yw_machine_fold *fold =
        yw_drill_machine(yw_drill_state(drill), team, machine);
    if (index < 0 || fold == NULL) {
        return 0;
    }
    return yw_drill_number(&drill->teams[team].requests[index], fold->requests);
}

void yw_range_abandon(struct yw_drill *drill, int team, const char *machine)
{
    for (struct yw_range_call *call = drill->calls; call != NULL; call = call->next) {
        /* what waits for the reset to pass is not ended by it */
        if (call->ended == on_run && !call->held && call->purpose != FOR_NOBODY &&
            call->team == team && strcmp(call->machine, machine) == 0) {
            emit_ended(call, false, -1, RESET_TEXT);
            call->purpose = FOR_NOBODY;
            yw_range_call_cancel(call);
        }
    }
}

/* The core died while the machine was being taken back: the program went with what the
 * machine knew. What is said of it is said by a call that is never made. */
static void resume_attack(struct yw_drill *drill, int team,
                          const struct yw_attack_fold *attack)
{
    bool undo = attack->state == YW_ATTACK_UNDOING;
    int64_t cause = undo ? attack->undo_seq : attack->started_seq;
    if (!yw_order_takes_back(drill, team, attack->from, cause)) {
        yw_range_attack(drill, team, attack);
        return;
    }
    struct yw_range_call call = {.drill = drill,
                                 .purpose = undo ? FOR_UNDO : FOR_ATTACK,
                                 .team = team,
                                 .cause = cause};
    YW_COPY(call.attack, attack->name);
    emit_ended(&call, false, -1, RESET_TEXT);
}

static void resume_action(struct yw_drill *drill, const struct yw_action_fold *action)
{
    if (!yw_order_takes_back(drill, action->team, action->machine, action->seq)) {
        yw_range_action(drill, action);
        return;
    }
    end_action(drill, action, false, RESET_TEXT);
}

void yw_program_resume(struct yw_drill *drill)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    yw_pace_changed(drill);
    for (size_t t = 0; t < state->teams.count; t++) {
        const struct yw_team_fold *team = yw_vec_at(&state->teams, t);
        for (size_t i = 0; team != NULL && i < team->attacks.count; i++) {
            const struct yw_attack_fold *attack = yw_vec_at(&team->attacks, i);
            if (attack->state == YW_ATTACK_STARTED ||
                attack->state == YW_ATTACK_UNDOING) {
                resume_attack(drill, (int)t, attack);
            }
        }
    }
    for (size_t i = 0; i < state->actions.count; i++) {
        resume_action(drill, yw_vec_at(&state->actions, i));
    }
}
