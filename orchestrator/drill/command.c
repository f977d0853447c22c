/* Commands become events; they are done when their event is durable (or, for those that set
 * something long in motion, when that has come to its end). */
#include "drill/drill.h"

#include "base/mem.h"
#include "drill/admit.h"

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

/* Is this pending command done by this event? *ret_code is its outcome. */
static bool done_by(const struct yw_drill_pending *pending, const struct yw_event *event,
                    struct yw_err *err, int *ret_code)
{
    *ret_code = 0;
    if (pending->action > 0) {
        if (event->kind != YW_EVENT_ACTION_ENDED || event->causes[0] != pending->action) {
            return false;
        }
        pending->command->ret_exit = event->action_ended.ok ? 0 : 1;
        YW_COPY(pending->command->ret_output, event->action_ended.output);
        return true;
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
        if (back) {
            *ret_code = yw_err_set(err, YW_EIO, "%s", event->range_state.detail);
        }
        return ready || back;
    }
    if (pending->until_archived) {
        return event->kind == YW_EVENT_PHASE_CHANGED &&
               event->phase_changed.phase == YW_PHASE_ARCHIVED;
    }
    return event->seq >= pending->seq;
}

void yw_pending_fold(struct yw_drill *drill, const struct yw_event *event)
{
    if (event->kind != YW_EVENT_ACTION_ENDED) {
        return;
    }
    struct yw_drill_outcome outcome = {.seq = event->causes[0],
                                       .ok = event->action_ended.ok};
    YW_COPY(outcome.output, event->action_ended.output);
    if (drill->outcomes.count == YW_DRILL_OUTCOMES_MAX) {
        yw_vec_remove(&drill->outcomes, 0);
    }
    (void)yw_vec_push(&drill->outcomes, &outcome);
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

/* The event of a command was appended, or its key was seen before: then the answer is that of
 * the first one. A `done` that is due at once still comes from the queue, never from inside. */
static int emitted(struct yw_drill *drill, struct yw_command *command, int code,
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
    return emitted(drill, command, code, seq);
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

static int order_range(struct yw_drill *drill, struct yw_command *command, bool up,
                       struct yw_err *err)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    if (drill->range.step != YW_RANGE_IDLE || state->range_pending) {
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
    return emitted(drill, command, code, seq);
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
        strcmp(machine->image, "hmi") != 0) {
        return yw_err_set(err, YW_EDENIED,
                          "/argv: a team may 'operate' its hmi machines");
    }
    struct yw_event event;
    int64_t seq = 0;
    yw_drill_event(&event, YW_EVENT_ACTION_ORDERED, command->team, command->actor);
    YW_COPY(event.key, command->key);
    event.action_ordered.action = drill->next_action + 1;
    YW_COPY(event.action_ordered.machine, action->machine);
    event.action_ordered.request =
        yw_range_request(drill, command->team, action->machine);
    struct yw_buf words;
    yw_buf_init(&words, sizeof event.action_ordered.argv - 1);
    for (size_t i = 0; i < action->argc; i++) {
        yw_buf_printf(&words, "%s%s", i == 0 ? "" : " ", action->argv[i]);
    }
    YW_COPY(event.action_ordered.argv, words.data != NULL ? words.data : "");
    yw_buf_fini(&words);
    int code = yw_drill_emit(drill, &event, &seq, err);
    if (code != 0) {
        return code;
    }
    command->ret_seq = seq;
    drill->next_action++;
    struct yw_drill_pending pending = {.command = command, .action = seq};
    return wait_for(drill, &pending);
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
    return emitted(drill, command, code, seq);
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
    return emitted(drill, command, code, seq);
}

static int answer(struct yw_drill *drill, struct yw_command *command, struct yw_err *err)
{
    if (yw_drill_state(drill)->phase != YW_PHASE_RUNNING) {
        return phase_error(drill, "answer", err);
    }
    int code = yw_respond_answer(drill, command, err);
    return emitted(drill, command, code, command->ret_seq);
}

/* An order that was given before: its outcome, or the wait for it. */
static int repeated_act(struct yw_drill *drill, struct yw_command *command)
{
    const struct yw_drill_state *state = yw_drill_state(drill);
    bool open = command->ret_seq > state->seq;
    for (size_t i = 0; i < state->actions.count; i++) {
        const struct yw_action_fold *action = yw_vec_at(&state->actions, i);
        open = open || (action != NULL && action->seq == command->ret_seq);
    }
    if (open) {
        struct yw_drill_pending pending = {.command = command,
                                           .action = command->ret_seq};
        return wait_for(drill, &pending);
    }
    for (size_t i = 0; i < drill->outcomes.count; i++) {
        const struct yw_drill_outcome *outcome = yw_vec_at(&drill->outcomes, i);
        if (outcome != NULL && outcome->seq == command->ret_seq) {
            command->ret_exit = outcome->ok ? 0 : 1;
            YW_COPY(command->ret_output, outcome->output);
        }
    }
    yw_conductor_done_later(drill->conductor, command);
    return 0;
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

/* The key was used before, perhaps with a daemon that died since: the first one's result. */
static int repeated(struct yw_drill *drill, struct yw_command *command, int64_t seq,
                    struct yw_err *err)
{
    command->ret_seq = seq;
    if (command->kind == YW_COMMAND_ACT) {
        return repeated_act(drill, command);
    }
    if (command->kind == YW_COMMAND_UP || command->kind == YW_COMMAND_DOWN) {
        return repeated_range(drill, command, err);
    }
    return emitted(drill, command, YW_EEXIST, seq);
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
    switch (command->kind) {
    case YW_COMMAND_UP:
        return order_range(drill, command, true, err);
    case YW_COMMAND_DOWN:
        return order_range(drill, command, false, err);
    case YW_COMMAND_START:
        if (yw_drill_state(drill)->phase != YW_PHASE_READY) {
            return phase_error(drill, "start", err);
        }
        return change_phase(drill, command, YW_PHASE_RUNNING, "start", err);
    case YW_COMMAND_PAUSE:
        return change_phase(drill, command, YW_PHASE_PAUSED, "pause", err);
    case YW_COMMAND_RESUME:
        if (yw_drill_state(drill)->phase != YW_PHASE_PAUSED) {
            return phase_error(drill, "resume", err);
        }
        return change_phase(drill, command, YW_PHASE_RUNNING, "resume", err);
    case YW_COMMAND_END:
        drill->closing = true;
        return change_phase(drill, command, YW_PHASE_ENDED, "end", err);
    case YW_COMMAND_SPEED:
        return set_speed(drill, command, err);
    case YW_COMMAND_ANSWER:
        return answer(drill, command, err);
    case YW_COMMAND_ACT:
        return act(drill, command, err);
    case YW_COMMAND_REPORT:
        return report(drill, command, err);
    case YW_COMMAND_RULE:
        return rule(drill, command, err);
    case YW_COMMAND_CREATE:
        break;
    }
    return yw_err_set(err, YW_EINVAL, "unknown command");
}
