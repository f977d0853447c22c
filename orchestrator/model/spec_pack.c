/* The spec between the script host and the core. The reader trusts nothing: every index
 * is checked here, so that whoever holds an unpacked spec may use them without a look. */
#include "model/pairs.h"
#include "model/spec.h"

#include <math.h>
#include <string.h>

#define PACK_VERSION 3

static void pack_text(struct yw_buf *out, const struct yw_text *text)
{
    yw_pack_str(out, text->zh);
    yw_pack_str(out, text->en);
}

static void unpack_text(struct yw_unpack *in, struct yw_text *text)
{
    yw_unpack_str(in, text->zh, sizeof text->zh);
    yw_unpack_str(in, text->en, sizeof text->en);
}

static void pack_int(struct yw_buf *out, int value)
{
    yw_pack_i64(out, value);
}

/* Fails outside least..most. */
static int unpack_int(struct yw_unpack *in, int64_t least, int64_t most)
{
    int64_t value = yw_unpack_i64(in);

    if (value < least || value > most) {
        in->failed = true;
        return 0;
    }
    return (int)value;
}

#define LINE_MAX_NUMBER 1000000

static int unpack_line(struct yw_unpack *in)
{
    return unpack_int(in, 0, LINE_MAX_NUMBER);
}

/* An index below count, or -1 when `optional`. */
static int unpack_index(struct yw_unpack *in, size_t count, bool optional)
{
    return unpack_int(in, optional ? -1 : 0, (int64_t)count - 1);
}

static void pack_networks(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->network_count);
    for (size_t i = 0; i < spec->network_count; i++) {
        const struct yw_spec_network *network = &spec->networks[i];

        yw_pack_str(out, network->name);
        yw_pack_u32(out, network->address);
        pack_int(out, network->prefix);
        yw_pack_str(out, network->zone);
        yw_pack_u8(out, network->isolated ? 1 : 0);
        yw_pack_u8(out, network->capture ? 1 : 0);
        pack_int(out, network->bandwidth_kbit);
        yw_pack_i64(out, network->delay_ms);
        yw_pack_u8(out, network->mirror ? 1 : 0);
        pack_int(out, network->mirrored);
        pack_int(out, network->line);
    }
}

static void unpack_networks(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->network_count = yw_unpack_count(in, YW_SPEC_NETWORKS_MAX);
    for (size_t i = 0; i < spec->network_count && !in->failed; i++) {
        struct yw_spec_network *network = &spec->networks[i];

        yw_unpack_str(in, network->name, sizeof network->name);
        network->address = yw_unpack_u32(in);
        network->prefix = unpack_int(in, 0, 30);
        yw_unpack_str(in, network->zone, sizeof network->zone);
        network->isolated = yw_unpack_u8(in) != 0;
        network->capture = yw_unpack_u8(in) != 0;
        network->bandwidth_kbit = unpack_int(in, INT32_MIN, INT32_MAX);
        network->delay_ms = yw_unpack_i64(in);
        network->mirror = yw_unpack_u8(in) != 0;
        network->mirrored = unpack_index(in, spec->network_count, false);
        network->line = unpack_line(in);
        if (!network->mirror && network->prefix < 8)
            in->failed = true;
    }
}

static void pack_plants(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->plant_count);
    for (size_t i = 0; i < spec->plant_count; i++) {
        const struct yw_spec_plant *plant = &spec->plants[i];

        yw_pack_str(out, plant->name);
        yw_pack_str(out, plant->model);
        yw_pack_f64(out, plant->time_scale);
        pack_int(out, plant->line);
    }
}

static void unpack_plants(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->plant_count = yw_unpack_count(in, YW_SPEC_PLANTS_MAX);
    for (size_t i = 0; i < spec->plant_count && !in->failed; i++) {
        struct yw_spec_plant *plant = &spec->plants[i];

        yw_unpack_str(in, plant->name, sizeof plant->name);
        yw_unpack_str(in, plant->model, sizeof plant->model);
        plant->time_scale = yw_unpack_f64(in);
        if (!isfinite(plant->time_scale))
            in->failed = true;
        plant->line = unpack_line(in);
    }
}

static void pack_wires(struct yw_buf *out, const struct yw_spec_machine *machine)
{
    yw_pack_str(out, machine->senses);
    yw_pack_str(out, machine->drives);
    yw_pack_str(out, machine->trips);
    yw_pack_str(out, machine->key);
    yw_pack_str(out, machine->password);
    yw_pack_i64(out, machine->scan_ms);
    yw_pack_i64(out, machine->pace_ms);
    yw_pack_i64(out, machine->learn_ms);
}

static void unpack_wires(struct yw_unpack *in, struct yw_spec_machine *machine)
{
    yw_unpack_str(in, machine->senses, sizeof machine->senses);
    yw_unpack_str(in, machine->drives, sizeof machine->drives);
    yw_unpack_str(in, machine->trips, sizeof machine->trips);
    yw_unpack_str(in, machine->key, sizeof machine->key);
    yw_unpack_str(in, machine->password, sizeof machine->password);
    machine->scan_ms = yw_unpack_i64(in);
    machine->pace_ms = yw_unpack_i64(in);
    machine->learn_ms = yw_unpack_i64(in);
}

static void pack_machines(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->machine_count);
    for (size_t i = 0; i < spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &spec->machines[i];

        yw_pack_str(out, machine->name);
        yw_pack_str(out, machine->image);
        yw_pack_u32(out, (uint32_t)machine->nic_count);
        for (size_t n = 0; n < machine->nic_count; n++) {
            pack_int(out, machine->nics[n].network);
            yw_pack_u32(out, machine->nics[n].address);
        }
        pack_int(out, machine->plant);
        pack_wires(out, machine);
        yw_pack_str(out, machine->program);
        pack_int(out, machine->serves);
        yw_pack_u8(out, machine->hidden ? 1 : 0);
        yw_pack_u8(out, machine->display ? 1 : 0);
        yw_pack_u8(out, machine->promiscuous ? 1 : 0);
        yw_pack_u8(out, machine->spoof ? 1 : 0);
        yw_pack_u8(out, machine->console ? 1 : 0);
        yw_pack_u8(out, machine->important ? 1 : 0);
        pack_int(out, machine->station);
        pack_int(out, machine->ram_mib);
        yw_pack_u32(out, (uint32_t)machine->master_count);
        for (size_t k = 0; k < machine->master_count; k++)
            pack_int(out, machine->masters[k]);
        pack_int(out, machine->line);
    }
}

static void unpack_machines(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->machine_count = yw_unpack_count(in, YW_SPEC_MACHINES_MAX);
    for (size_t i = 0; i < spec->machine_count && !in->failed; i++) {
        struct yw_spec_machine *machine = &spec->machines[i];

        yw_unpack_str(in, machine->name, sizeof machine->name);
        yw_unpack_str(in, machine->image, sizeof machine->image);
        machine->nic_count = yw_unpack_count(in, YW_SPEC_NICS_MAX);
        for (size_t n = 0; n < machine->nic_count && !in->failed; n++) {
            machine->nics[n].network = unpack_index(in, spec->network_count, false);
            machine->nics[n].address = yw_unpack_u32(in);
        }
        machine->plant = unpack_index(in, spec->plant_count, true);
        unpack_wires(in, machine);
        yw_unpack_str(in, machine->program, sizeof machine->program);
        machine->serves = unpack_index(in, spec->machine_count, true);
        machine->hidden = yw_unpack_u8(in) != 0;
        machine->display = yw_unpack_u8(in) != 0;
        machine->promiscuous = yw_unpack_u8(in) != 0;
        machine->spoof = yw_unpack_u8(in) != 0;
        machine->console = yw_unpack_u8(in) != 0;
        machine->important = yw_unpack_u8(in) != 0;
        machine->station = unpack_int(in, 0, UINT16_MAX);
        machine->ram_mib = unpack_int(in, 0, YW_SPEC_RAM_MAX_MIB);
        machine->master_count = yw_unpack_count(in, YW_SPEC_MASTERS_MAX);
        for (size_t k = 0; k < machine->master_count && !in->failed; k++)
            machine->masters[k] = unpack_index(in, spec->machine_count, false);
        machine->line = unpack_line(in);
    }
}

static void pack_points(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->point_count);
    for (size_t i = 0; i < spec->point_count; i++) {
        const struct yw_spec_point *point = &spec->points[i];

        pack_int(out, point->machine);
        pack_int(out, point->address);
        yw_pack_str(out, point->type);
        yw_pack_str(out, point->tag);
        yw_pack_f64(out, point->deadband);
        yw_pack_f64(out, point->scale);
        yw_pack_i64(out, point->select_ms);
        pack_int(out, point->line);
    }
}

static void unpack_points(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->point_count = yw_unpack_count(in, YW_SPEC_POINTS_MAX);
    for (size_t i = 0; i < spec->point_count && !in->failed; i++) {
        struct yw_spec_point *point = &spec->points[i];

        point->machine = unpack_index(in, spec->machine_count, false);
        point->address = unpack_int(in, 0, INT32_MAX);
        yw_unpack_str(in, point->type, sizeof point->type);
        yw_unpack_str(in, point->tag, sizeof point->tag);
        point->deadband = yw_unpack_f64(in);
        point->scale = yw_unpack_f64(in);
        point->select_ms = yw_unpack_i64(in);
        point->line = unpack_line(in);
        if (!isfinite(point->deadband) || !isfinite(point->scale))
            in->failed = true;
    }
}

static void pack_controls(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->control_count);
    for (size_t i = 0; i < spec->control_count; i++) {
        const struct yw_spec_control *control = &spec->controls[i];

        pack_int(out, control->machine);
        pack_int(out, control->holding);
        pack_int(out, control->coil);
        pack_text(out, &control->says);
        yw_pack_str(out, control->unit);
        yw_pack_f64(out, control->scale);
        yw_pack_f64(out, control->offset);
        yw_pack_f64(out, control->low);
        yw_pack_f64(out, control->high);
        pack_int(out, control->line);
    }
}

static void unpack_controls(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->control_count = yw_unpack_count(in, YW_SPEC_CONTROLS_MAX);
    for (size_t i = 0; i < spec->control_count && !in->failed; i++) {
        struct yw_spec_control *control = &spec->controls[i];

        control->machine = unpack_index(in, spec->machine_count, false);
        control->holding = unpack_int(in, -1, UINT16_MAX);
        control->coil = unpack_int(in, -1, UINT16_MAX);
        unpack_text(in, &control->says);
        yw_unpack_str(in, control->unit, sizeof control->unit);
        control->scale = yw_unpack_f64(in);
        control->offset = yw_unpack_f64(in);
        control->low = yw_unpack_f64(in);
        control->high = yw_unpack_f64(in);
        control->line = unpack_line(in);
        if (!isfinite(control->scale) || !isfinite(control->offset) ||
            !isfinite(control->low) || !isfinite(control->high))
            in->failed = true;
    }
}

static void pack_statements(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->statement_count);
    for (size_t i = 0; i < spec->statement_count; i++) {
        const struct yw_spec_statement *statement = &spec->statements[i];

        pack_int(out, statement->machine);
        pack_int(out, (int)statement->kind);
        yw_pack_str(out, statement->text);
        pack_int(out, statement->line);
    }
}

static void unpack_statements(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->statement_count = yw_unpack_count(in, YW_SPEC_STATEMENTS_MAX);
    for (size_t i = 0; i < spec->statement_count && !in->failed; i++) {
        struct yw_spec_statement *statement = &spec->statements[i];

        statement->machine = unpack_index(in, spec->machine_count, false);
        statement->kind =
            (enum yw_spec_statement_kind)unpack_int(in, 0, YW_SPEC_STATEMENT_KINDS - 1);
        yw_unpack_str(in, statement->text, sizeof statement->text);
        statement->line = unpack_line(in);
    }
}

static void pack_attacks(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->attack_count);
    for (size_t i = 0; i < spec->attack_count; i++) {
        const struct yw_spec_attack *attack = &spec->attacks[i];

        yw_pack_str(out, attack->name);
        yw_pack_str(out, attack->technique);
        pack_int(out, attack->from);
        pack_int(out, attack->to);
        yw_pack_u32(out, (uint32_t)attack->argc);
        for (size_t a = 0; a < attack->argc; a++)
            yw_pack_str(out, attack->argv[a]);
        yw_pack_str(out, attack->needs);
        yw_pack_str(out, attack->produces);
        pack_int(out, attack->line);
    }
}

static void unpack_attacks(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->attack_count = yw_unpack_count(in, YW_SPEC_ATTACKS_MAX);
    for (size_t i = 0; i < spec->attack_count && !in->failed; i++) {
        struct yw_spec_attack *attack = &spec->attacks[i];

        yw_unpack_str(in, attack->name, sizeof attack->name);
        yw_unpack_str(in, attack->technique, sizeof attack->technique);
        attack->from = unpack_index(in, spec->machine_count, false);
        attack->to = unpack_index(in, spec->machine_count, true);
        attack->argc = yw_unpack_count(in, YW_SPEC_ARGS_MAX);
        for (size_t a = 0; a < attack->argc && !in->failed; a++)
            yw_unpack_str(in, attack->argv[a], sizeof attack->argv[a]);
        yw_unpack_str(in, attack->needs, sizeof attack->needs);
        yw_unpack_str(in, attack->produces, sizeof attack->produces);
        attack->line = unpack_line(in);
    }
}

static void pack_objectives(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->objective_count);
    for (size_t i = 0; i < spec->objective_count; i++) {
        const struct yw_spec_objective *objective = &spec->objectives[i];

        yw_pack_str(out, objective->name);
        pack_text(out, &objective->says);
        pack_int(out, objective->points);
        pack_int(out, objective->fades_to);
        yw_pack_i64(out, objective->over_ms);
        pack_int(out, objective->since);
        yw_cond_pack(out, &objective->met_by);
        pack_int(out, objective->line);
    }
}

static void unpack_objectives(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->objective_count = yw_unpack_count(in, YW_SPEC_OBJECTIVES_MAX);
    for (size_t i = 0; i < spec->objective_count && !in->failed; i++) {
        struct yw_spec_objective *objective = &spec->objectives[i];

        yw_unpack_str(in, objective->name, sizeof objective->name);
        unpack_text(in, &objective->says);
        objective->points = unpack_int(in, INT32_MIN, INT32_MAX);
        objective->fades_to = unpack_int(in, INT32_MIN, INT32_MAX);
        objective->over_ms = yw_unpack_i64(in);
        objective->since = unpack_index(in, spec->attack_count, true);
        (void)yw_cond_unpack(in, &objective->met_by); /* a failure stays in `in` */
        objective->line = unpack_line(in);
    }
}

static void pack_given(struct yw_buf *out, const char *vars)
{
    const char *name = NULL, *value;

    yw_pack_u32(out, (uint32_t)yw_pairs_count(vars));
    while (yw_pairs_next(vars, &name, &value)) {
        yw_pack_str(out, name);
        yw_pack_str(out, value);
    }
}

static void unpack_given(struct yw_unpack *in, char vars[YW_SPEC_GIVEN_SIZE])
{
    uint32_t count = yw_unpack_count(in, YW_SPEC_GIVEN_MAX);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        char name[YW_NAME_MAX], value[256];

        yw_unpack_str(in, name, sizeof name);
        yw_unpack_str(in, value, sizeof value);
        in->failed |= !yw_pairs_put(vars, YW_SPEC_GIVEN_SIZE, name, value);
    }
}

static void pack_playbooks(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u32(out, (uint32_t)spec->playbook_count);
    for (size_t i = 0; i < spec->playbook_count; i++) {
        const struct yw_spec_playbook *playbook = &spec->playbooks[i];

        yw_pack_str(out, playbook->name);
        yw_pack_str(out, playbook->file);
        yw_pack_u8(out, playbook->lenient ? 1 : 0);
        pack_given(out, playbook->vars);
        yw_pack_str(out, playbook->office);
        yw_cond_pack(out, &playbook->starts_on);
        pack_int(out, playbook->line);
    }
}

static void unpack_playbooks(struct yw_unpack *in, struct yw_spec *spec)
{
    spec->playbook_count = yw_unpack_count(in, YW_SPEC_PLAYBOOKS_MAX);
    for (size_t i = 0; i < spec->playbook_count && !in->failed; i++) {
        struct yw_spec_playbook *playbook = &spec->playbooks[i];

        yw_unpack_str(in, playbook->name, sizeof playbook->name);
        yw_unpack_str(in, playbook->file, sizeof playbook->file);
        playbook->lenient = yw_unpack_u8(in) != 0;
        unpack_given(in, playbook->vars);
        yw_unpack_str(in, playbook->office, sizeof playbook->office);
        (void)yw_cond_unpack(in, &playbook->starts_on);
        playbook->line = unpack_line(in);
    }
}

void yw_spec_pack(struct yw_buf *out, const struct yw_spec *spec)
{
    yw_pack_u8(out, PACK_VERSION);
    yw_pack_str(out, spec->id);
    pack_text(out, &spec->title);
    yw_pack_str(out, spec->sector);
    yw_pack_u8(out, spec->tabletop ? 1 : 0);
    yw_pack_u8(out, spec->hostile ? 1 : 0);
    yw_pack_i64(out, spec->length_ms);
    yw_pack_u32(out, (uint32_t)spec->resets);
    yw_pack_u32(out, (uint32_t)spec->rule_count);
    for (size_t i = 0; i < spec->rule_count; i++)
        yw_pack_str(out, spec->rules[i]);
    pack_networks(out, spec);
    pack_plants(out, spec);
    pack_machines(out, spec);
    pack_points(out, spec);
    pack_controls(out, spec);
    pack_statements(out, spec);
    pack_attacks(out, spec);
    pack_objectives(out, spec);
    pack_playbooks(out, spec);
    yw_spec_pack_duty(out, spec);
}

int yw_spec_unpack(struct yw_spec *ret, const void *bytes, size_t size,
                   struct yw_err *err)
{
    struct yw_unpack in;

    memset(ret, 0, sizeof *ret);
    yw_unpack_init(&in, bytes, size);
    if (yw_unpack_u8(&in) != PACK_VERSION)
        in.failed = true;
    yw_unpack_str(&in, ret->id, sizeof ret->id);
    unpack_text(&in, &ret->title);
    yw_unpack_str(&in, ret->sector, sizeof ret->sector);
    ret->tabletop = yw_unpack_u8(&in) != 0;
    ret->hostile = yw_unpack_u8(&in) != 0;
    ret->length_ms = yw_unpack_i64(&in);
    ret->resets = (int)yw_unpack_u32(&in);
    ret->rule_count = yw_unpack_count(&in, YW_SPEC_RULES_MAX);
    for (size_t i = 0; i < ret->rule_count && !in.failed; i++)
        yw_unpack_str(&in, ret->rules[i], sizeof ret->rules[i]);
    unpack_networks(&in, ret);
    unpack_plants(&in, ret);
    unpack_machines(&in, ret);
    unpack_points(&in, ret);
    unpack_controls(&in, ret);
    unpack_statements(&in, ret);
    unpack_attacks(&in, ret);
    unpack_objectives(&in, ret);
    unpack_playbooks(&in, ret);
    yw_spec_unpack_duty(&in, ret);
    if (yw_unpack_done(&in))
        return 0;
    memset(ret, 0, sizeof *ret);
    return yw_err_set(err, YW_EINVAL, "the packed spec is damaged");
}
