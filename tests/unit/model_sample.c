#include "model_sample.h"

#include "base/mem.h"

static void add_networks(struct yw_spec *spec)
{
    spec->networks[0] = (struct yw_spec_network){
        .name = "it", .address = 0x0a140400, .prefix = 24, .zone = "L4", .line = 7};
    spec->networks[1] = (struct yw_spec_network){
        .name = "control", .address = 0x0a140200, .prefix = 24, .zone = "L2", .line = 8};
    spec->network_count = 2;
}

static void add_machines(struct yw_spec *spec)
{
    spec->machines[0] =
        (struct yw_spec_machine){.name = "jump",
                                 .image = "attacker",
                                 .nics = {{0, 0x0a140442}, {1, 0x0a140242}},
                                 .nic_count = 2,
                                 .plant = -1,
                                 .serves = -1,
                                 .hidden = true,
                                 .line = 10};
    spec->machines[1] = (struct yw_spec_machine){.name = "plc1",
                                                 .image = "plc",
                                                 .nics = {{1, 0x0a14020b}},
                                                 .nic_count = 1,
                                                 .plant = 0,
                                                 .program = "files/dosing.st",
                                                 .serves = -1,
                                                 .line = 12};
    spec->machines[2] = (struct yw_spec_machine){.name = "hmi1",
                                                 .image = "hmi",
                                                 .nics = {{1, 0x0a140215}},
                                                 .nic_count = 1,
                                                 .plant = -1,
                                                 .serves = 1,
                                                 .line = 13};
    spec->machine_count = 3;
}

static void add_judgement(struct yw_spec *spec)
{
    struct yw_spec_objective *contained = &spec->objectives[0];
    struct yw_spec_objective *safe = &spec->objectives[1];

    *contained =
        (struct yw_spec_objective){.name = "contained",
                                   .says = {"切断入侵主机", "Cut the intruder off"},
                                   .points = 150,
                                   .fades_to = 40,
                                   .over_ms = 1200000,
                                   .since = 0,
                                   .line = 20};
    contained->met_by.nodes[0] =
        (struct yw_cond_node){.kind = YW_COND_ISOLATED, .subject = "jump"};
    contained->met_by.nodes[1] =
        (struct yw_cond_node){.kind = YW_COND_ANY, .children = {0}, .child_count = 1};
    contained->met_by.count = 2;
    *safe = (struct yw_spec_objective){.name = "water-safe",
                                       .says = {"供水安全", "Safe water"},
                                       .points = 200,
                                       .since = -1,
                                       .line = 24};
    safe->met_by.nodes[0] = (struct yw_cond_node){
        .kind = YW_COND_TAG_ABOVE, .subject = "works", .tag = "naoh_mg_l", .number = 200};
    safe->met_by.nodes[1] = (struct yw_cond_node){
        .kind = YW_COND_FOR, .children = {0}, .child_count = 1, .span_ms = 120000};
    safe->met_by.nodes[2] =
        (struct yw_cond_node){.kind = YW_COND_NEVER, .children = {1}, .child_count = 1};
    safe->met_by.count = 3;
    spec->objective_count = 2;
    spec->playbooks[0] = (struct yw_spec_playbook){
        .name = "first-response", .file = "ics-tampering.json", .line = 28};
    spec->playbooks[0].starts_on.nodes[0] =
        (struct yw_cond_node){.kind = YW_COND_ALARM, .subject = "works"};
    spec->playbooks[0].starts_on.count = 1;
    spec->playbook_count = 1;
}

struct yw_spec *sample_spec(void)
{
    struct yw_spec *spec = yw_spec_new();

    YW_COPY(spec->id, "water-dosing");
    YW_COPY(spec->title.zh, "自来水厂加药参数遭篡改");
    YW_COPY(spec->title.en, "Dosing set-point tampering");
    YW_COPY(spec->sector, "water");
    spec->length_ms = 45 * 60000;
    YW_COPY(spec->rules[0], "CAC-REPORT-2025");
    spec->rule_count = 1;
    add_networks(spec);
    spec->plants[0] = (struct yw_spec_plant){"works", "water-dosing", 10, 9};
    spec->plant_count = 1;
    add_machines(spec);
    spec->attacks[0] = (struct yw_spec_attack){.name = "raise-dose",
                                               .technique = "T0836",
                                               .from = 0,
                                               .to = 1,
                                               .argv = {"modbus-write", "40", "11100"},
                                               .argc = 3,
                                               .line = 16};
    spec->attack_count = 1;
    add_judgement(spec);
    return spec;
}
