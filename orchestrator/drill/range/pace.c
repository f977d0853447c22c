#include "drill/range/pace.h"

#include "base/mem.h"
#include "controller/pace.h"
#include "drill/range/range_call.h"
#include "guest/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TELL_MS 5000
#define PAUSE_MS                                                                         \
    (30 * 60 * 1000) /* a program that is answered for waits so long, and fails */
#define TEXT_MAX 16

/* The milliseconds that a program which answers at its end goes on for; 0: another. */
static int64_t span_of(const struct yw_spec_attack *attack)
{
    static const struct {
        const char *program, *verb;
        size_t at; /* of the milliseconds */
    } rows[] = {{"iec104", "block", 3}, {"mqtt", "listen", 6}, {"mqtt", "replay", 6}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (attack->argc > rows[i].at && strcmp(attack->argv[0], rows[i].program) == 0 &&
            strcmp(attack->argv[1], rows[i].verb) == 0) {
            return strtoll(attack->argv[rows[i].at], NULL, 10);
        }
    }
    return 0;
}

bool yw_pace_counts(const struct yw_spec_attack *attack)
{
    return span_of(attack) > 0 ||
           (attack->argc > 0 && strcmp(attack->argv[0], "background") == 0);
}

int64_t yw_pace_wait_ms(const struct yw_drill *drill, const struct yw_spec_attack *attack)
{
    int64_t span_ms = span_of(attack);
    return span_ms == 0 ? 0 : (int64_t)((double)span_ms / drill->clock.speed) + PAUSE_MS;
}

/* Failed: its counting goes on as before, and the next telling mends it. */
static void on_told(struct yw_range_call *call, int code, const struct yw_err *err)
{
    (void)call;
    (void)code;
    (void)err;
}

void yw_pace_tell(struct yw_drill *drill, const struct yw_plan_machine *machine)
{
    double pace = drill->clock.running ? drill->clock.speed * YW_PACE_WALL : 0;
    if (machine == NULL || drill->spec->tabletop) {
        return;
    }
    struct yw_range_call *call = yw_range_call_new(drill, YW_VIRT_PUT, TELL_MS, on_told);
    call->team = machine->team;
    YW_COPY(call->machine, machine->name);
    call->call.machine = machine;
    YW_COPY(call->call.path, YW_CHANNEL_PACE_FILE);
    call->role = yw_new(TEXT_MAX);
    (void)snprintf(call->role, TEXT_MAX, "%.0f\n",
                   drill->clock.running && pace < 1 ? 1 : pace); /* slow is not still */
    call->call.file.bytes = call->role;
    call->call.file.size = strlen(call->role);
    yw_range_call_start(call);
}

static bool has_begun(const struct yw_drill *drill, const struct yw_plan_machine *machine)
{
    for (size_t i = 0; i < drill->spec->attack_count; i++) {
        const struct yw_spec_attack *attack = &drill->spec->attacks[i];
        const struct yw_attack_fold *fold =
            yw_drill_attack(yw_drill_state(drill), machine->team, attack->name);
        if (fold != NULL && fold->started_seq > 0 && attack->from == machine->machine &&
            yw_pace_counts(attack)) {
            return true;
        }
    }
    return false;
}

void yw_pace_changed(struct yw_drill *drill)
{
    bool over = yw_drill_state(drill)->phase >= YW_PHASE_ENDED || drill->plan == NULL;
    for (size_t i = 0; !over && i < drill->plan->machine_count; i++) {
        if (has_begun(drill, &drill->plan->machines[i])) {
            yw_pace_tell(drill, &drill->plan->machines[i]);
        }
    }
}
