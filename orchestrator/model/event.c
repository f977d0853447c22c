#include "model/event.h"

#include <assert.h>
#include <string.h>

/* Who may see a kind; HIDDEN_OR_TEAM looks into the payload. */
enum rule { RULE_CONTROL, RULE_TEAM, RULE_PUBLIC, RULE_HIDDEN_OR_TEAM, RULE_TIERS };

static const struct {
    const char *name;
    enum rule rule;
} kinds[] = {
#define YW_EVENT(NAME, wire, payload, audience, fold) {wire, RULE_##audience},
#include "model/event.def"
#undef YW_EVENT
};

static const char *const phases[YW_PHASES] = {
    [YW_PHASE_PLANNED] = "planned",   [YW_PHASE_STAGING] = "staging",
    [YW_PHASE_READY] = "ready",       [YW_PHASE_RUNNING] = "running",
    [YW_PHASE_PAUSED] = "paused",     [YW_PHASE_ENDED] = "ended",
    [YW_PHASE_ARCHIVED] = "archived",
};

static const char *const machine_states[YW_MACHINE_STATES] = {
    [YW_MACHINE_PLANNED] = "planned", [YW_MACHINE_STARTING] = "starting",
    [YW_MACHINE_UP] = "up",           [YW_MACHINE_SERVING] = "serving",
    [YW_MACHINE_LOST] = "lost",       [YW_MACHINE_DOWN] = "down",
};

static const char *const step_statuses[YW_STEP_STATUSES] = {
    [YW_STEP_NONE] = "none",
    [YW_STEP_ONGOING] = "ongoing",
    [YW_STEP_AWAIT_USER_INPUT] = "await_user_input",
    [YW_STEP_SUCCESSFULLY_EXECUTED] = "successfully_executed",
    [YW_STEP_FAILED] = "failed",
    [YW_STEP_TIMEOUT_ERROR] = "timeout_error",
    [YW_STEP_SERVER_SIDE_ERROR] = "server_side_error",
    [YW_STEP_CLIENT_SIDE_ERROR] = "client_side_error",
    [YW_STEP_EXCEPTION_CONDITION_ERROR] = "exception_condition_error",
    [YW_STEP_SKIPPED] = "skipped",
    [YW_STEP_CANCELLED] = "cancelled",
};

static const char *const host_states[YW_HOST_STATES] = {
    [YW_HOST_UP] = "up", [YW_HOST_LOST] = "lost", [YW_HOST_DRAINING] = "draining"};

static int find(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}

const char *yw_event_name(enum yw_event_kind kind)
{
    assert((unsigned)kind < YW_EVENT_KINDS);
    return kinds[kind].name;
}

int yw_event_kind_of(const char *name)
{
    for (int i = 0; i < YW_EVENT_KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    }
    return -1;
}

const char *yw_phase_name(enum yw_phase phase)
{
    assert((unsigned)phase < YW_PHASES);
    return phases[phase];
}

int yw_phase_of(const char *name)
{
    return find(phases, YW_PHASES, name);
}

const char *yw_machine_state_name(enum yw_machine_state state)
{
    assert((unsigned)state < YW_MACHINE_STATES);
    return machine_states[state];
}

int yw_machine_state_of(const char *name)
{
    return find(machine_states, YW_MACHINE_STATES, name);
}

const char *yw_step_status_name(enum yw_step_status status)
{
    assert((unsigned)status < YW_STEP_STATUSES);
    return step_statuses[status];
}

int yw_step_status_of(const char *name)
{
    return find(step_statuses, YW_STEP_STATUSES, name);
}

const char *yw_host_state_name(enum yw_host_state state)
{
    assert((unsigned)state < YW_HOST_STATES);
    return host_states[state];
}

int yw_host_state_of(const char *name)
{
    return find(host_states, YW_HOST_STATES, name);
}

/* The payload's `hidden`; a kind that has none but claims the rule is never shown. */
static bool is_hidden_run(const struct yw_event *event)
{
    switch ((int)event->kind) {
    case YW_EVENT_PLAYBOOK_STARTED:
        return event->playbook_started.hidden;
    case YW_EVENT_STEP_STARTED:
        return event->step_started.hidden;
    case YW_EVENT_STEP_BRANCHED:
        return event->step_branched.hidden;
    case YW_EVENT_COMMAND_ORDERED:
        return event->command_ordered.hidden;
    case YW_EVENT_COMMAND_ENDED:
        return event->command_ended.hidden;
    case YW_EVENT_STEP_ENDED:
        return event->step_ended.hidden;
    case YW_EVENT_PLAYBOOK_CONTROLLED:
        return event->playbook_controlled.hidden;
    default:
        return true;
    }
}

static bool is_hidden(const struct yw_event *event)
{
    if (event->kind == YW_EVENT_MACHINE_PLANNED)
        return event->machine_planned.hidden;
    if (event->kind == YW_EVENT_MACHINE_STATE)
        return event->machine_state.hidden;
    if (event->kind == YW_EVENT_CONSOLE_PLANNED)
        return event->console_planned.hidden;
    if (event->kind == YW_EVENT_RESET_ORDERED)
        return event->reset_ordered.hidden;
    if (event->kind == YW_EVENT_RESET_ENDED)
        return event->reset_ended.hidden;
    if (event->kind == YW_EVENT_CHECKPOINT_RESTORED)
        return !event->checkpoint_restored.ok; /* why names machines of control's */
    if (event->kind == YW_EVENT_INCIDENT_MARKED)
        return event->incident_marked.hidden;
    if (event->kind == YW_EVENT_GRADE_GIVEN)
        return event->grade_given.hidden;
    return is_hidden_run(event);
}

/* The payload's `tiers`; a kind that has none but claims the rule is never shown. */
static int64_t tiers_of(const struct yw_event *event)
{
    if (event->kind == YW_EVENT_REPORT_SENT)
        return event->report_sent.tiers;
    if (event->kind == YW_EVENT_REPORT_RECEIVED)
        return event->report_received.tiers;
    if (event->kind == YW_EVENT_WARNING_ISSUED)
        return event->warning_issued.tiers;
    if (event->kind == YW_EVENT_WARNING_ANSWERED)
        return event->warning_answered.tiers;
    return 0;
}

bool yw_event_visible(const struct yw_event *event, enum yw_audience audience, int team)
{
    assert((unsigned)event->kind < YW_EVENT_KINDS);
    enum rule rule = kinds[event->kind].rule;

    if (audience == YW_AUDIENCE_CONTROL || rule == RULE_PUBLIC)
        return true;
    if (rule == RULE_TIERS) {
        int bit = audience == YW_AUDIENCE_TIER   ? team
                  : audience == YW_AUDIENCE_TEAM ? 0
                                                 : -1;

        if (bit < 0 || bit >= YW_EVENT_TIERS || (tiers_of(event) >> bit & 1) == 0)
            return false;
        return audience == YW_AUDIENCE_TIER || event->team < 0 || event->team == team;
    }
    if (rule == RULE_CONTROL || (rule == RULE_HIDDEN_OR_TEAM && is_hidden(event)))
        return false;
    if (audience == YW_AUDIENCE_TIER || YW_TEAM_TIER(event->team) > 0)
        return audience == YW_AUDIENCE_TIER && YW_TEAM_TIER(event->team) == team;
    return audience == YW_AUDIENCE_TEAM && (event->team < 0 || event->team == team);
}
