/* A freeze of important machines. What goes through the platform is refused (a reset needs a reason,
 * which is on record; consoles only show); what a team does to its machines by their networks cannot
 * be, and is found from what the machines tell of it. An intruder's change is none of the team's. */
#include "drill/exercise/duty.h"

#include "base/mem.h"
#include "codec/request/request.h"

#include <string.h>

static bool frozen(const struct yw_drill_state *state)
{
    bool freeze = false;

    for (size_t i = 0; i < state->duties.count; i++) {
        const struct yw_event *event = *(struct yw_event **)yw_vec_at(&state->duties, i);

        if (event->kind == YW_EVENT_PERIOD_CHANGED)
            freeze = event->period_changed.on && event->period_changed.freeze;
    }
    return freeze;
}

/* "": any of them. NULL: it may be changed. */
static const char *held(const struct yw_drill *drill, const char *machine)
{
    const struct yw_spec_machine *important = NULL;

    for (size_t i = 0; i < drill->spec->machine_count && important == NULL; i++) {
        const struct yw_spec_machine *one = &drill->spec->machines[i];

        if (one->important && (machine[0] == '\0' || strcmp(one->name, machine) == 0))
            important = one;
    }
    return drill->duties != NULL && important != NULL && frozen(yw_drill_state(drill))
               ? important->name
               : NULL;
}

bool yw_duty_is_frozen(const struct yw_drill *drill, const char *machine)
{
    return held(drill, machine) != NULL;
}

int yw_duty_change(struct yw_drill *drill, const struct yw_command *command,
                   const char *machine, const char *reason, struct yw_err *err)
{
    const char *important = held(drill, machine);
    struct yw_event event;

    if (important == NULL)
        return 0;
    if (reason[0] == '\0')
        return yw_err_set(err, YW_EDENIED,
                          "/machine: '%s' is important and changes are frozen; a reason "
                          "overrides it, and is on record",
                          important);
    yw_drill_event(&event, YW_EVENT_CHANGE_FROZEN, command->team, command->actor);
    YW_COPY(event.change_frozen.machine, important);
    YW_COPY(event.change_frozen.what, "reset");
    YW_COPY(event.change_frozen.reason, reason);
    return yw_drill_emit(drill, &event, NULL, err);
}

/* ---- by the networks ---- */

/* What a line of a machine's telemetry says was changed; "" nothing. */
static const char *change_of(const char *kind)
{
    static const char *const rows[][2] = {
        {"plc-download", "program"}, {"plc-edit", "program"},
        {"plc-mode", "mode"},        {"plc-password", "password"},
        {"plc-force", "force"},      {"firewall-rule", "firewall"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i][0], kind) == 0)
            return rows[i][1];
    }
    return "";
}

static bool is_at(const struct yw_spec_machine *machine, const char *address)
{
    for (size_t i = 0; i < machine->nic_count; i++) {
        char text[16];

        yw_spec_address_text(machine->nics[i].address, text);
        if (strcmp(text, address) == 0)
            return true;
    }
    return false;
}

/* A machine that people of the team work at: theirs to see, and no attack came from it. */
static bool is_own(const struct yw_drill *drill, int team, const char *address)
{
    const struct yw_team_fold *fold = yw_drill_team(yw_drill_state(drill), team);

    for (size_t i = 0; i < drill->spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &drill->spec->machines[i];
        bool struck = false;

        if (machine->hidden || !is_at(machine, address))
            continue;
        for (size_t k = 0; k < fold->attacks.count; k++) {
            const struct yw_attack_fold *attack = yw_vec_at(&fold->attacks, k);

            struck = struck || (attack->started_seq > 0 &&
                                strcmp(attack->from, machine->name) == 0);
        }
        return !struck;
    }
    return false;
}

void yw_duty_line(struct yw_drill *drill, const struct yw_event *line)
{
    const char *text = line->guest_line.line, *machine = line->guest_line.machine;
    char kind[32] = "", from[32] = "";
    struct yw_event event;

    if (held(drill, machine) == NULL ||
        yw_json_get(text, strlen(text), "/kind", kind, sizeof kind) != 0 ||
        yw_json_get(text, strlen(text), "/from", from, sizeof from) != 0 ||
        change_of(kind)[0] == '\0' || !is_own(drill, line->team, from))
        return;
    yw_drill_event(&event, YW_EVENT_CHANGE_FROZEN, line->team, "core");
    YW_COPY(event.change_frozen.machine, machine);
    YW_COPY(event.change_frozen.what, change_of(kind));
    (void)yw_copyf(event.change_frozen.reason, sizeof event.change_frozen.reason,
                   "from %s", from);
    event.causes[0] = line->seq;
    (void)yw_copyf(event.key, sizeof event.key, "frozen-%lld", (long long)line->seq);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}
