/* Commands become events; they are done when their event is durable (or, for those that set
 * something long in motion, when that has come to its end). */
#include "drill/order/order.h"

#include "base/mem.h"
#include "drill/range/admit.h"
#include "drill/range/disk.h"
#include "model/argv.h"

#include <string.h>

void yw_pending_add(struct yw_drill *drill, const struct yw_drill_pending *pending)
{
    if (yw_vec_push(&drill->pending, pending) == NULL) {
        struct yw_err err = {0};
        (void)yw_err_set(&err, YW_ELIMIT, "too many commands under way");
        pending->command->done(pending->command, YW_ELIMIT, &err);
    }
}

static void complete(struct yw_drill *drill, size_t index, int code,
                     const struct yw_err *err)
{
    const struct yw_drill_pending *pending = yw_vec_at(&drill->pending, index);
    struct yw_command *command = pending->command;
    yw_vec_remove(&drill->pending, index);
    YW_COPY(command->ret_drill, drill->id);
    command->done(command, code, err);
}

/* Programs have an exit status; everything else has gone well or has failed. */
static int outcome_code(struct yw_command *command,
                        const struct yw_drill_outcome *outcome, bool filled,
                        struct yw_err *err)
{
    bool program = command->kind == YW_COMMAND_ACT || command->kind == YW_COMMAND_EXEC;
    if (program && !filled) {
        command->ret_exit = outcome->exit;
        YW_COPY(command->ret_output, outcome->output);
    }
    return program || outcome->ok ? 0 : yw_err_set(err, YW_EIO, "%s", outcome->output);
}

static bool take_outcome(const struct yw_event *event, struct yw_drill_outcome *ret)
{
    const char *detail = "";
    memset(ret, 0, sizeof *ret);
    if (!yw_order_ended(event, &ret->ok, &detail)) {
        return false;
    }
    ret->seq = event->causes[0];
    ret->exit =
        event->kind == YW_EVENT_EXEC_ENDED ? (int)event->exec_ended.exit : !ret->ok;
    YW_COPY(ret->output, detail);
    return true;
}

static bool done_by_order(const struct yw_drill_pending *pending,
                          const struct yw_event *event, struct yw_err *err, int *ret_code)
{
    struct yw_drill_outcome outcome;
    if (!take_outcome(event, &outcome) || outcome.seq != pending->order) {
        return false;
    }
    *ret_code = outcome_code(pending->command, &outcome, pending->filled, err);
    return true;
}

/* Is this pending command done by this event? *ret_code is its outcome. */
static bool done_by(const struct yw_drill_pending *pending, const struct yw_event *event,
                    struct yw_err *err, int *ret_code)
{
    *ret_code = 0;
    if (pending->order > 0) {
        return done_by_order(pending, event, err, ret_code);
    }
    if (pending->until_ready) {
        bool ready = event->kind == YW_EVENT_PHASE_CHANGED &&
                     event->phase_changed.phase == YW_PHASE_READY;
        bool back = event->kind == YW_EVENT_RANGE_STATE && event->range_state.up &&
                    !event->range_state.ok;
        if (event->kind == YW_EVENT_RANGE_ADMITTED && !event->range_admitted.ok &&
            !event->range_admitted.anyway) {
            /* nothing was weighed: a host did not tell */
            int code = event->range_admitted.memory_mib > 0 ? YW_ELIMIT : YW_EIO;
            *ret_code = yw_err_set(err, code, "%s", event->range_admitted.detail);
            return true;
        }
        bool over = event->kind == YW_EVENT_PHASE_CHANGED &&
                    event->phase_changed.phase >= YW_PHASE_ENDED;
        if (back) {
            *ret_code = yw_err_set(err, YW_EIO, "%s", event->range_state.detail);
        } else if (over) {
            *ret_code = yw_err_set(err, YW_ECANCELED,
                                   "the drill was ended while its range came up");
        }
        return ready || back || over;
    }
    if (pending->until_up) {
        bool over = event->kind == YW_EVENT_PHASE_CHANGED &&
                    event->phase_changed.phase >= YW_PHASE_ENDED;
        bool up = event->kind == YW_EVENT_RANGE_STATE && event->range_state.up;
        if (over || (up && !event->range_state.ok)) {
            *ret_code = yw_err_set(err, YW_EIO, "the fork did not come up: %s",
                                   over ? "it was ended" : event->range_state.detail);
        }
        return over || up;
    }
    if (pending->until_archived) {
        return event->kind == YW_EVENT_PHASE_CHANGED &&
               event->phase_changed.phase == YW_PHASE_ARCHIVED;
    }
    return event->seq >= pending->seq;
}

void yw_pending_fold(struct yw_drill *drill, const struct yw_event *event)
{
    struct yw_drill_outcome outcome;
    if (!take_outcome(event, &outcome)) {
        return;
    }
    if (drill->outcomes.count == YW_DRILL_OUTCOMES_MAX) {
        yw_vec_remove(&drill->outcomes, 0);
    }
    (void)yw_vec_push(&drill->outcomes, &outcome);
}

void yw_pending_output(struct yw_drill *drill, int64_t order, int status,
                       const char *output)
{
    for (size_t i = 0; i < drill->pending.count; i++) {
        struct yw_drill_pending *pending = yw_vec_at(&drill->pending, i);
        if (pending->order == order) {
            pending->filled = true;
            pending->command->ret_exit = status;
            YW_COPY(pending->command->ret_output, output);
        }
    }
}

void yw_pending_react(struct yw_drill *drill, const struct yw_event *event)
{
    for (size_t i = 0; i < drill->pending.count;) {
        const struct yw_drill_pending *pending = yw_vec_at(&drill->pending, i);
        struct yw_err err = {0};
        int code = 0;
        if (pending != NULL && done_by(pending, event, &err, &code)) {
            complete(drill, i, code, &err);
        } else {
            i++;
        }
    }
}

void yw_pending_fail(struct yw_drill *drill, int code, const char *text)
{
    struct yw_err err = {0};
    (void)yw_err_set(&err, code, "%s", text);
    while (drill->pending.count > 0) {
        complete(drill, 0, code, &err);
    }
}

void yw_pending_refuse_up(struct yw_drill *drill, const char *key,
                          const struct yw_err *err)
{
    for (size_t i = drill->pending.count; i > 0; i--) {
        const struct yw_drill_pending *pending = yw_vec_at(&drill->pending, i - 1);
        if (pending->until_ready && strcmp(pending->command->key, key) == 0) {
            complete(drill, i - 1, err->code, err);
        }
    }
}

static int wait_for(struct yw_drill *drill, const struct yw_drill_pending *pending)
{
    yw_pending_add(drill, pending);
    return 0;
}

int yw_pending_order(struct yw_drill *drill, struct yw_command *command, int64_t order)
{
    struct yw_drill_pending pending = {.command = command, .order = order};
    command->ret_seq = order;
    return wait_for(drill, &pending);
}

/* The event of a command was appended, or its key was seen before: then the answer is that of
 * the first one. A `done` that is due at once still comes from the queue, never from inside. */
int yw_pending_emitted(struct yw_drill *drill, struct yw_command *command, int code,
                       int64_t seq)
{
    if (code != 0 && code != YW_EEXIST) {
        return code;
    }
    command->ret_seq = seq;
    if (code == YW_EEXIST && seq <= yw_drill_state(drill)->seq) {
        yw_conductor_done_later(drill->conductor, command);
        return 0;
    }
    struct yw_drill_pending pending = {.command = command, .seq = seq};
    return wait_for(drill, &pending);
}

static int phase_error(const struct yw_drill *drill, const char *verb, struct yw_err *err)
{
    return yw_err_set(err, YW_ESTATE, "drill '%s' is %s: cannot %s", drill->id,
                      yw_phase_name(yw_drill_state(drill)->phase), verb);
}

static int change_phase(struct yw_drill *drill, struct yw_command *command,
                        enum yw_phase phase, const char *verb, struct yw_err *err)
{
    if (!yw_phase_may_follow(yw_drill_state(drill)->phase, phase)) {
        return phase_error(drill, verb, err);
    }
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_PHASE_CHANGED, -1, command->actor);
    YW_COPY(event.key, command->key);
    event.phase_changed.phase = phase;
    YW_COPY(event.phase_changed.reason, command->text);
    int code = yw_drill_emit(drill, &event, &seq, err);
    return yw_pending_emitted(drill, command, code, seq);
}

/* The command that asked is told the number of its order. */
static void tell_order(struct yw_drill *drill, const char *key, int64_t seq)
{
    for (size_t i = 0; i < drill->pending.count; i++) {
        const struct yw_drill_pending *pending = yw_vec_at(&drill->pending, i);
        if (pending != NULL && pending->until_ready &&
            strcmp(pending->command->key, key) == 0) {
            pending->command->ret_seq = seq;
        }
    }
}

void yw_drill_order_up(struct yw_drill *drill, const char *actor, const char *key,
                       const char *reason)
{
    struct yw_err err = {0};
    int64_t seq = 0;
    if (yw_drill_state(drill)->phase == YW_PHASE_PLANNED) {
        yw_drill_phase(drill, YW_PHASE_STAGING, actor, reason);
    }
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_RANGE_ORDERED, -1, actor);
    YW_COPY(event.key, key);
    event.range_ordered.up = true;
    int code = yw_drill_emit(drill, &event, &seq, &err);
    if (code == 0) {
        tell_order(drill, key, seq);
    } else {
        yw_pending_fail(drill, code, err.text);
    }
}

static int order_down(struct yw_drill *drill, struct yw_command *command,
                      struct yw_err *err)
{
    struct yw_drill_pending pending = {.command = command, .until_archived = true};
    if (yw_drill_state(drill)->phase == YW_PHASE_ARCHIVED) {
        yw_conductor_done_later(drill->conductor, command);
        return 0;
    }
    yw_drill_end(drill, command->actor, command->text);
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_RANGE_ORDERED, -1, command->actor);
    YW_COPY(event.key, command->key);
    event.range_ordered.up = false;
    int code = yw_drill_emit(drill, &event, &command->ret_seq, err);
    return code == 0 ? wait_for(drill, &pending) : code;
}

/* It is in the journal before the order, so a restart keeps to it. */
static int choose_way(struct yw_drill *drill, const struct yw_command *command,
                      struct yw_err *err)
{
    const char *how = command->how[0] != '\0' ? command->how : "any";
    const char *before = yw_drill_state(drill)->way;
    if (yw_virt_how_of(how) < 0) {
        return yw_err_set(err, YW_EINVAL, "/how: '%s': any, cold, saved or shared", how);
    }
    if (strcmp(how, before[0] != '\0' ? before : "any") == 0) {
        return 0;
    }
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_WAY_CHOSEN, -1, command->actor);
    YW_COPY(event.way_chosen.how, how);
    return yw_drill_emit(drill, &event, NULL, err);
}

static int order_range(struct yw_drill *drill, struct yw_command *command, bool up,
                       struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    bool rising = !up && drill->range.going_up;
    if ((drill->range.step != YW_RANGE_IDLE || state->range_pending) && !rising) {
        return yw_err_set(err, YW_ESTATE, "drill '%s': the range is %s already",
                          drill->id, drill->range.going_up ? "coming up" : "going down");
    }
    if (!up) {
        return order_down(drill, command, err);
    }
    /* staging without an order: the daemon died between the two; the order is given again */
    if (state->phase != YW_PHASE_PLANNED && state->phase != YW_PHASE_STAGING) {
        return phase_error(drill, "bring it up", err);
    }
    if (drill->admission != NULL) {
        return yw_err_set(err, YW_ESTATE, "drill '%s': it is being weighed already",
                          drill->id);
    }
    if (drill->sweeps > 0) {
        return yw_err_set(err, YW_ESTATE,
                          "drill '%s': what is left of its range is being removed; ask "
                          "again",
                          drill->id);
    }
    int code = choose_way(drill, command, err);
    if (code != 0) {
        return code;
    }
    struct yw_drill_pending pending = {.command = command, .until_ready = true};
    yw_pending_add(drill, &pending);
    if (drill->spec->tabletop) {
        yw_drill_order_up(drill, command->actor, command->key, command->text);
    } else {
        yw_admit_start(drill, command);
    }
    return 0;
}

static int set_speed(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err)
{
    if (!(command->speed > 0.0) || command->speed > YW_CLOCK_SPEED_MAX) {
        return yw_err_set(err, YW_EINVAL, "/speed: more than 0 and at most %.0f",
                          YW_CLOCK_SPEED_MAX);
    }
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_CLOCK_CHANGED, -1, command->actor);
    YW_COPY(event.key, command->key);
    /* by the phase: the clock event of a pause just made may still be on its way */
    event.clock_changed.running = yw_drill_state(drill)->phase == YW_PHASE_RUNNING;
    event.clock_changed.speed = command->speed;
    event.clock_changed.drill_ms = yw_drill_now(drill);
    int code = yw_drill_emit(drill, &event, &seq, err);
    return yw_pending_emitted(drill, command, code, seq);
}

static int act(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    const struct yw_request_action *action = &command->action;
    const struct yw_machine_fold *machine =
        yw_drill_machine(state, command->team, action->machine);
    if (state->phase != YW_PHASE_RUNNING) {
        return phase_error(drill, "act", err);
    }
    if (machine == NULL || machine->hidden) {
        return yw_err_set(err, YW_ENOTFOUND, "/machine: no machine '%s' of this team",
                          action->machine);
    }
    if (action->argc == 0 || strcmp(action->argv[0], "operate") != 0 ||
        (strcmp(machine->image, "hmi") != 0 && strcmp(machine->image, "backend") != 0)) {
        return yw_err_set(err, YW_EDENIED,
                          "/argv: a team may 'operate' its hmi and backend machines");
    }
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_ACTION_ORDERED, command->team, command->actor);
    YW_COPY(event.key, command->key);
    event.action_ordered.action = drill->next_action + 1;
    YW_COPY(event.action_ordered.machine, action->machine);
    event.action_ordered.request =
        yw_range_request(drill, command->team, action->machine);
    int code = yw_argv_join(event.action_ordered.argv, sizeof event.action_ordered.argv,
                            action->argv, action->argc, err);
    if (code == 0) {
        code = yw_drill_emit(drill, &event, &seq, err);
    }
    if (code != 0) {
        return code;
    }
    command->ret_seq = seq;
    drill->next_action++;
    return yw_pending_order(drill, command, seq);
}

static int report(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    if (yw_drill_state(drill)->phase != YW_PHASE_RUNNING) {
        return phase_error(drill, "file a report", err);
    }
    if (command->text[0] == '\0') {
        return yw_err_set(err, YW_EINVAL, "/text: a report needs a text");
    }
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_REPORT_FILED, command->team, command->actor);
    YW_COPY(event.key, command->key);
    YW_COPY(event.report_filed.text, command->text);
    int code = yw_drill_emit(drill, &event, &seq, err);
    return yw_pending_emitted(drill, command, code, seq);
}

static int rule(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    if (yw_drill_team(yw_drill_state(drill), command->team) == NULL) {
        return yw_err_set(err, YW_ENOTFOUND, "/team: no such team");
    }
    if (command->ruling.reason[0] == '\0') {
        return yw_err_set(err, YW_EINVAL, "/reason: a ruling needs a reason");
    }
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_RULING, command->team, command->actor);
    YW_COPY(event.key, command->key);
    event.ruling.points = command->ruling.points;
    YW_COPY(event.ruling.reason, command->ruling.reason);
    int code = yw_drill_emit(drill, &event, &seq, err);
    return yw_pending_emitted(drill, command, code, seq);
}

/* What people and control say about runs of playbooks. */
static int respond(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    int code = 0;
    if (yw_drill_state(drill)->phase != YW_PHASE_RUNNING) {
        return phase_error(drill, "answer or conduct playbooks", err);
    }
    if (command->kind == YW_COMMAND_SUBMIT) {
        return yw_respond_evidence(drill, command, err);
    }
    if (command->kind == YW_COMMAND_ANSWER) {
        code = yw_respond_answer(drill, command, err);
    } else if (command->kind == YW_COMMAND_CONFIRM) {
        code = yw_respond_confirm(drill, command, err);
    } else if (command->kind == YW_COMMAND_CONTROL) {
        code = yw_respond_control(drill, command, err);
    } else {
        code = yw_respond_order(drill, command, err);
    }
    return yw_pending_emitted(drill, command, code, command->ret_seq);
}

static int duty(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    int code = yw_duty_command(drill, command, err);
    return yw_pending_emitted(drill, command, code, command->ret_seq);
}

/* An order that was given before: its outcome, or the wait for it. */
static int repeated_order(struct yw_drill *drill, struct yw_command *command,
                          struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    bool open = command->ret_seq > state->seq;
    for (size_t i = 0; i < state->actions.count; i++) {
        const struct yw_action_fold *action = yw_vec_at(&state->actions, i);
        open = open || (action != NULL && action->seq == command->ret_seq);
    }
    if (open || yw_drill_order(state, command->ret_seq) != NULL) {
        return yw_pending_order(drill, command, command->ret_seq);
    }
    int code = 0;
    for (size_t i = 0; i < drill->outcomes.count; i++) {
        const struct yw_drill_outcome *outcome = yw_vec_at(&drill->outcomes, i);
        if (outcome != NULL && outcome->seq == command->ret_seq) {
            code = outcome_code(command, outcome, false, err);
        }
    }
    if (code == 0) {
        yw_conductor_done_later(drill->conductor, command);
    }
    return code;
}

static int repeated_range(struct yw_drill *drill, struct yw_command *command,
                          struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    bool up = command->kind == YW_COMMAND_UP;
    if (drill->range.step != YW_RANGE_IDLE || state->range_pending ||
        command->ret_seq > state->seq) {
        struct yw_drill_pending pending = {
            .command = command, .until_ready = up, .until_archived = !up};
        return wait_for(drill, &pending);
    }
    if (state->phase < (up ? YW_PHASE_READY : YW_PHASE_ARCHIVED)) {
        return phase_error(drill, "take that order again: give a new one", err);
    }
    yw_conductor_done_later(drill->conductor, command);
    return 0;
}

/* Was the resume, that this event stands for, one from an emergency stop? */
static bool is_thaw(const struct yw_drill *drill, int64_t seq)
{
    for (size_t i = 0; i < drill->outcomes.count; i++) {
        if (((const struct yw_drill_outcome *)yw_vec_at(&drill->outcomes, i))->seq ==
            seq) {
            return true;
        }
    }
    return yw_drill_order(yw_drill_state(drill), seq) != NULL;
}

/* The key was used before, perhaps with a daemon that died since: the first one's result. */
static int repeated(struct yw_drill *drill, struct yw_command *command, int64_t seq,
                    struct yw_err *err)
{
    command->ret_seq = seq;
    if (command->kind == YW_COMMAND_ACT || command->kind >= YW_COMMAND_RESET ||
        (command->kind == YW_COMMAND_RESUME && is_thaw(drill, seq))) {
        return repeated_order(drill, command, err);
    }
    if (command->kind == YW_COMMAND_UP || command->kind == YW_COMMAND_DOWN) {
        return repeated_range(drill, command, err);
    }
    return yw_pending_emitted(drill, command, YW_EEXIST, seq);
}

static bool takes_space(const struct yw_command *command)
{
    enum yw_command_kind kind = command->kind;
    return (kind == YW_COMMAND_CAPTURE && command->capture.on) || kind == YW_COMMAND_UP ||
           kind == YW_COMMAND_CHECKPOINT || kind == YW_COMMAND_EVIDENCE ||
           kind == YW_COMMAND_FORK;
}

static int start(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    if (yw_drill_state(drill)->phase != YW_PHASE_READY) {
        return phase_error(drill, "start", err);
    }
    if (yw_drill_state(drill)->stopped) {
        return yw_err_set(err, YW_ESTATE, "drill '%s' is stopped: resume it first",
                          drill->id);
    }
    return change_phase(drill, command, YW_PHASE_RUNNING, "start", err);
}

static int resume(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    if (yw_drill_state(drill)->stopped) {
        return yw_order_command(drill, command, err);
    }
    if (yw_drill_state(drill)->phase != YW_PHASE_PAUSED) {
        return phase_error(drill, "resume", err);
    }
    return change_phase(drill, command, YW_PHASE_RUNNING, "resume", err);
}

static int carry_out(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err)
{
    switch (command->kind) {
    case YW_COMMAND_UP:
        return order_range(drill, command, true, err);
    case YW_COMMAND_DOWN:
        return order_range(drill, command, false, err);
    case YW_COMMAND_START:
        return start(drill, command, err);
    case YW_COMMAND_PAUSE:
        return change_phase(drill, command, YW_PHASE_PAUSED, "pause", err);
    case YW_COMMAND_RESUME:
        return resume(drill, command, err);
    case YW_COMMAND_END:
        drill->closing = true;
        return change_phase(drill, command, YW_PHASE_ENDED, "end", err);
    case YW_COMMAND_SPEED:
        return set_speed(drill, command, err);
    case YW_COMMAND_ANSWER:
    case YW_COMMAND_CONFIRM:
    case YW_COMMAND_SUBMIT:
    case YW_COMMAND_CONTROL:
    case YW_COMMAND_PLAYBOOK:
        return respond(drill, command, err);
    case YW_COMMAND_ACT:
        return act(drill, command, err);
    case YW_COMMAND_REPORT:
        return report(drill, command, err);
    case YW_COMMAND_RULE:
        return rule(drill, command, err);
    case YW_COMMAND_RESET:
    case YW_COMMAND_CHECKPOINT:
    case YW_COMMAND_RESTORE:
    case YW_COMMAND_DROP:
    case YW_COMMAND_EVIDENCE:
    case YW_COMMAND_STOP:
        return yw_order_command(drill, command, err);
    case YW_COMMAND_EXEC:
        return yw_touch_exec(drill, command, err);
    case YW_COMMAND_FILE:
        return yw_touch_file(drill, command, err);
    case YW_COMMAND_CAPTURE:
        return yw_capture_command(drill, command, err);
    case YW_COMMAND_DUTY:
        return duty(drill, command, err);
    case YW_COMMAND_CREATE:
    case YW_COMMAND_FORK:
        break;
    }
    return yw_err_set(err, YW_EINVAL, "unknown command");
}

int yw_drill_command(struct yw_drill *drill, struct yw_command *command,
                     struct yw_err *err)
{
    if (drill->broken) {
        return yw_err_set(err, YW_EIO,
                          "drill '%s': its journal takes no more; restart the daemon",
                          drill->id);
    }
    int64_t before = yw_journal_key(drill->journal, command->key);
    if (before > 0) {
        return repeated(drill, command, before, err);
    }
    /* a stop is begun without its record, which follows when there is room */
    if (command->kind != YW_COMMAND_STOP && yw_disk_waits(drill, err) != 0) {
        return YW_EIO;
    }
    if (takes_space(command)) {
        int code = yw_disk_check(yw_conductor_disk(drill->conductor), err);
        if (code != 0) {
            return code;
        }
    }
    return carry_out(drill, command, err);
}
