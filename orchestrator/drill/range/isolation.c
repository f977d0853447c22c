/* The isolation proof: the last phase of a bring-up.
 *
 *   hosts: PROBE each ──told──▶ machines: RUN `probe` on a few ──▶ isolation-proved each
 *                                             │ ▲                        │ not ok
 *                                             └─┘ a silent neighbour:    ▼
 *                                                 longer each time   the bring-up fails
 *
 * What is asked, and what an answer means, is model/isolation.h. The request numbers are
 * from a range of their own, above those that the journal counts. Every call is counted in
 * range.open; the last one moves the range on. */
#include "drill/range/range_call.h"

#include "base/mem.h"
#include "model/isolation.h"
#include "model/place.h"

#include <stdlib.h>

#define PROBE_MS 30000
#define RUN_MS 30000
#define SPAN_MS 800 /* of asking; an idle machine answers in a few */
#define ATTEMPTS 5
#define REQUEST_FIRST 0xc0000u /* 2^20 is the channel's end of them */
#define REQUEST_MASK 0x3ffffu

static void ask(struct yw_drill *drill, size_t machine, int attempt);

static void emit_proved(struct yw_drill *drill, const struct yw_plan_machine *machine,
                        const struct yw_isolation_verdict *verdict)
{
    struct yw_event event;

    yw_drill_event(&event, YW_EVENT_ISOLATION_PROVED, machine->team, "core");
    YW_COPY(event.isolation_proved.machine, machine->name);
    event.isolation_proved.probes = verdict->asked;
    event.isolation_proved.reached = verdict->reached;
    event.isolation_proved.ok = verdict->ok;
    YW_COPY(event.isolation_proved.detail, verdict->detail);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

static void conclude(struct yw_drill *drill, const struct yw_plan_machine *machine,
                     const struct yw_isolation_verdict *verdict)
{
    struct yw_err err;

    if (drill->range.failed) { /* called off: nothing was judged */
        yw_range_counted(drill, NULL);
        return;
    }
    emit_proved(drill, machine, verdict);
    if (verdict->ok) {
        yw_range_counted(drill, NULL);
        return;
    }
    (void)yw_err_set(&err, YW_EDENIED,
                     "up '%s': the range is not isolated: machine '%s' %s",
                     machine->team_name, machine->name, verdict->detail);
    yw_range_counted(drill, &err);
}

static void on_run(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    size_t index = (size_t)call->action;
    const struct yw_plan_machine *machine = &drill->plan->machines[index];
    struct yw_isolation_probe *probe = yw_new(sizeof *probe);
    struct yw_isolation_verdict verdict = {0};

    yw_isolation_targets(probe, drill->plan, index, &drill->range.world);
    if (code == 0)
        yw_isolation_judge(&verdict, drill->plan, probe, call->call.exit_code,
                           call->call.output);
    else
        YW_COPY(verdict.detail, err->text);
    free(probe);
    if (verdict.retry && call->attempt + 1 < ATTEMPTS && !drill->range.failed) {
        ask(drill, index, call->attempt + 1);
        yw_range_counted(drill, NULL);
    } else {
        conclude(drill, machine, &verdict);
    }
}

static void ask(struct yw_drill *drill, size_t machine, int attempt)
{
    struct yw_range_call *call = yw_range_call_new(drill, YW_VIRT_RUN, RUN_MS, on_run);
    struct yw_isolation_probe *probe = yw_new(sizeof *probe);

    yw_isolation_targets(probe, drill->plan, machine, &drill->range.world);
    call->team = drill->plan->machines[machine].team;
    YW_COPY(call->machine, drill->plan->machines[machine].name);
    call->action = (int64_t)machine;
    call->attempt = attempt;
    call->call.machine = &drill->plan->machines[machine];
    call->call.argc = yw_isolation_argv(probe, SPAN_MS << attempt, call->call.argv);
    call->call.request =
        REQUEST_FIRST + ((uint32_t)yw_clock_mono_ms(drill->stage->clock) & REQUEST_MASK);
    free(probe);
    drill->range.open++;
    yw_range_call_start(call);
}

static void ask_machines(struct yw_drill *drill)
{
    size_t *chosen = yw_new_array(drill->plan->machine_count + 1, sizeof *chosen);
    size_t count = yw_isolation_probers(drill->plan, chosen);

    for (size_t i = 0; i < count; i++)
        ask(drill, chosen[i], 0);
    free(chosen);
}

/* The last host that tells lets the machines begin. */
static void on_host(struct yw_range_call *call, int code, const struct yw_err *err)
{
    struct yw_drill *drill = call->drill;
    struct yw_err why = {0};

    if (code == 0) {
        yw_isolation_add_host(&drill->range.world, drill->plan, &call->call.traits);
    } else {
        why = *err;
        (void)yw_err_prefix(&why, "isolation: host '%s'", call->machine);
    }
    if (--drill->range.hosts_asked == 0 && code == 0 && !drill->range.failed)
        ask_machines(drill);
    yw_range_counted(drill, code == 0 ? NULL : &why);
}

void yw_isolation_start(struct yw_drill *drill)
{
    struct yw_virt_host *hosts = yw_new_array(YW_PLACE_HOSTS_MAX, sizeof *hosts);
    size_t count = yw_virt_hosts(drill->stage->virt, hosts, YW_PLACE_HOSTS_MAX);

    drill->range.world.port = yw_conductor_port(drill->conductor);
    drill->range.open = 1; /* until all are begun */
    drill->range.hosts_asked = 1;
    for (size_t i = 0; i < count; i++) {
        if (hosts[i].state != YW_HOST_UP)
            continue;
        struct yw_range_call *call =
            yw_range_call_new(drill, YW_VIRT_PROBE, PROBE_MS, on_host);

        YW_COPY(call->call.host, hosts[i].name);
        YW_COPY(call->machine, hosts[i].name);
        drill->range.open++;
        drill->range.hosts_asked++;
        yw_range_call_start(call);
    }
    free(hosts);
    if (--drill->range.hosts_asked == 0 && !drill->range.failed)
        ask_machines(drill);
    yw_range_counted(drill, NULL);
}

bool yw_isolation_owns(const struct yw_range_call *call)
{
    return call->ended == on_run || call->ended == on_host;
}
