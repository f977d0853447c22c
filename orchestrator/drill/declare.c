/* The first events of a drill: what the scenario and the plan say, declared in the journal. */
#include "drill/drill.h"

#include "base/mem.h"
#include "drill/package.h"

static void declare_machine(struct yw_drill *drill, const struct yw_plan_machine *machine)
{
    const struct yw_spec_machine *declared = &drill->spec->machines[machine->machine];
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_MACHINE_PLANNED, machine->team, "core");
    YW_COPY(event.machine_planned.machine, declared->name);
    YW_COPY(event.machine_planned.image, declared->image);
    event.machine_planned.hidden = declared->hidden;
    if (declared->plant >= 0) {
        YW_COPY(event.machine_planned.plant, drill->spec->plants[declared->plant].name);
    }
    struct yw_buf text;
    yw_buf_init(&text, sizeof event.machine_planned.addresses - 1);
    for (size_t i = 0; i < machine->nic_count; i++) {
        char address[16];
        yw_spec_address_text(machine->nics[i].address, address);
        yw_buf_printf(&text, "%s%s/%d", i == 0 ? "" : " ", address,
                      machine->nics[i].prefix);
    }
    YW_COPY(event.machine_planned.addresses, text.data != NULL ? text.data : "");
    yw_buf_fini(&text);
    (void)yw_drill_emit(drill, &event, NULL, NULL);
    if (drill->spec->tabletop || (!declared->console && !declared->display)) {
        return;
    }
    yw_drill_event(&event, YW_EVENT_CONSOLE_PLANNED, machine->team, "core");
    YW_COPY(event.console_planned.machine, declared->name);
    event.console_planned.console = declared->console;
    event.console_planned.display = declared->display;
    event.console_planned.hidden = declared->hidden;
    (void)yw_drill_emit(drill, &event, NULL, NULL);
}

/* At the table machines are in no plan, and people speak of them all the same. */
static void declare_named(struct yw_drill *drill, int team)
{
    for (size_t m = 0; m < drill->spec->machine_count && drill->spec->tabletop; m++) {
        const struct yw_spec_machine *declared = &drill->spec->machines[m];
        struct yw_plan_machine machine = {
            .team = team, .machine = (int)m, .nic_count = declared->nic_count};
        for (size_t i = 0; i < declared->nic_count; i++) {
            const struct yw_spec_nic *nic = &declared->nics[i];
            machine.nics[i].address = nic->address;
            machine.nics[i].prefix = drill->spec->networks[nic->network].prefix;
        }
        declare_machine(drill, &machine);
    }
}

static void declare_team(struct yw_drill *drill, int team)
{
    const struct yw_spec *spec = drill->spec;
    struct yw_event event;
    for (size_t i = 0; i < spec->plant_count; i++) {
        yw_drill_event(&event, YW_EVENT_PLANT_PLANNED, team, "core");
        YW_COPY(event.plant_planned.plant, spec->plants[i].name);
        YW_COPY(event.plant_planned.model, spec->plants[i].model);
        event.plant_planned.time_scale = spec->plants[i].time_scale;
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
    for (size_t i = 0; i < spec->attack_count; i++) {
        const struct yw_spec_attack *attack = &spec->attacks[i];
        yw_drill_event(&event, YW_EVENT_ATTACK_PLANNED, team, "core");
        YW_COPY(event.attack_planned.attack, attack->name);
        YW_COPY(event.attack_planned.technique, attack->technique);
        YW_COPY(event.attack_planned.from, spec->machines[attack->from].name);
        YW_COPY(event.attack_planned.to,
                attack->to < 0 ? "" : spec->machines[attack->to].name);
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
    for (size_t i = 0; i < spec->objective_count; i++) {
        const struct yw_spec_objective *objective = &spec->objectives[i];
        if (spec->tabletop && yw_spec_asks_machines(spec, &objective->met_by)) {
            continue; /* nobody could tell */
        }
        yw_drill_event(&event, YW_EVENT_OBJECTIVE_SET, team, "core");
        YW_COPY(event.objective_set.objective, objective->name);
        event.objective_set.says = objective->says;
        event.objective_set.points = objective->points;
        event.objective_set.fades_to = objective->fades_to;
        event.objective_set.over_ms = objective->over_ms;
        event.objective_set.since_attack = objective->since >= 0;
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
}

void yw_drill_declare(struct yw_drill *drill, const struct yw_command *command)
{
    const struct yw_spec *spec = drill->spec;
    struct yw_event event;
    yw_drill_event(&event, YW_EVENT_DRILL_CREATED, -1, command->actor);
    YW_COPY(event.key, command->key);
    YW_COPY(event.drill_created.scenario, spec->id);
    event.drill_created.title = spec->title;
    YW_COPY(event.drill_created.sector, spec->sector);
    event.drill_created.tabletop = spec->tabletop;
    event.drill_created.length_ms = spec->length_ms;
    event.drill_created.team_count = (int)drill->plan->team_count;
    (void)yw_drill_emit(drill, &event, NULL, NULL);

    struct yw_hash digest;
    yw_package_digest(drill->package, &digest);
    yw_drill_event(&event, YW_EVENT_DRILL_PLANNED, -1, "core");
    event.drill_planned.seed = (int64_t)drill->plan->seed;
    yw_hash_text(&drill->plan->digest, event.drill_planned.plan_digest);
    yw_hash_text(&digest, event.drill_planned.package_digest);
    YW_COPY(event.drill_planned.connect, drill->stage->connect);
    (void)yw_drill_emit(drill, &event, NULL, NULL);

    for (size_t i = 0; i < drill->plan->team_count; i++) {
        yw_drill_event(&event, YW_EVENT_TEAM_ADDED, (int)i, "core");
        YW_COPY(event.team_added.name, drill->plan->teams[i]);
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
    for (size_t i = 0; i < drill->plan->team_count; i++) {
        declare_team(drill, (int)i);
    }
    for (size_t i = 0; i < drill->plan->machine_count; i++) {
        declare_machine(drill, &drill->plan->machines[i]);
    }
    for (size_t i = 0; i < drill->plan->team_count; i++) {
        declare_named(drill, (int)i);
    }
    if (spec->resets > 0) {
        yw_drill_event(&event, YW_EVENT_QUOTA_SET, -1, "core");
        YW_COPY(event.quota_set.what, "resets");
        event.quota_set.count = spec->resets;
        (void)yw_drill_emit(drill, &event, NULL, NULL);
    }
    yw_duty_declare(drill);
    drill->declared_seq = yw_drill_emit_clock(drill, false, command->create->speed);
}

int64_t yw_drill_declared_seq(const struct yw_drill *drill)
{
    return drill->declared_seq;
}
