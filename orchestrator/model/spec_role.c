/* What the roles of micro machines want of their fields: which field belongs to which
 * image, and what has to stand together. Names of tags and types are looked at where the
 * plants are known (drill/range/role.c). */
#include "model/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 5))) static int
refuse(struct yw_err *err, int line, const struct yw_spec_machine *machine,
       const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return yw_err_set(err, YW_EINVAL, "scenario.lua:%d: machine '%s': %s", line,
                      machine->name, text);
}

static bool is_one(const struct yw_spec_machine *machine, const char *image)
{
    return strcmp(machine->image, image) == 0;
}

static int check_points(const struct yw_spec *spec, struct yw_err *err)
{
    for (size_t i = 0; i < spec->point_count; i++) {
        const struct yw_spec_point *point = &spec->points[i];
        const struct yw_spec_machine *machine = &spec->machines[point->machine];

        if (!is_one(machine, "rtu"))
            return refuse(err, point->line, machine, "points belong to the image rtu");
        if (point->address < 1 || point->address > 0xffffff)
            return refuse(err, point->line, machine, "ioa must be from 1 to 16777215");
        for (size_t k = 0; k < i; k++) {
            if (spec->points[k].machine == point->machine &&
                spec->points[k].address == point->address)
                return refuse(err, point->line, machine,
                              "ioa %d is used already, in line %d", point->address,
                              spec->points[k].line);
        }
    }
    return 0;
}

/* The whole range of the register, or the declared one within it. */
static bool holds(const struct yw_spec_control *control)
{
    double low = control->low / control->scale + control->offset;
    double high = control->high / control->scale + control->offset;

    return control->low == control->high ||
           (control->low < control->high && low >= 0 && high <= UINT16_MAX);
}

static int check_control(const struct yw_spec *spec, size_t index, struct yw_err *err)
{
    const struct yw_spec_control *control = &spec->controls[index];
    const struct yw_spec_machine *machine = &spec->machines[control->machine];

    if (!is_one(machine, "hmi"))
        return refuse(err, control->line, machine, "controls belong to the image hmi");
    if ((control->holding < 0) == (control->coil < 0))
        return refuse(err, control->line, machine,
                      "a control sets one holding register or one coil: add holding = … "
                      "or coil = …");
    if (!holds(control))
        return refuse(err, control->line, machine,
                      "from low to high does not fit a register of 0 to 65535 with this "
                      "scale and offset");
    for (size_t k = 0; k < index; k++) {
        const struct yw_spec_control *other = &spec->controls[k];

        if (other->machine == control->machine && other->coil == control->coil &&
            other->holding == control->holding)
            return refuse(err, control->line, machine,
                          "this address is set already, in line %d", other->line);
    }
    return 0;
}

static int check_controls(const struct yw_spec *spec, struct yw_err *err)
{
    int status = 0;

    for (size_t i = 0; i < spec->control_count && status == 0; i++)
        status = check_control(spec, i, err);
    return status;
}

static size_t points_of(const struct yw_spec *spec, int machine)
{
    size_t count = 0;

    for (size_t i = 0; i < spec->point_count; i++)
        count += spec->points[i].machine == machine;
    return count;
}

/* Of a message broker. */
static bool is_client(const struct yw_spec_machine *machine)
{
    return is_one(machine, "tbox") || is_one(machine, "backend");
}

static bool takes(const struct yw_spec_machine *machine, enum yw_spec_statement_kind kind)
{
    switch (kind) {
    case YW_SPEC_FORWARD:
        return is_one(machine, "firewall");
    case YW_SPEC_ACCOUNT:
        return is_one(machine, "firewall") || is_one(machine, "jump") ||
               is_one(machine, "broker") || is_client(machine);
    case YW_SPEC_TOPIC:
        return is_one(machine, "broker");
    case YW_SPEC_STATEMENT_KINDS:
        break;
    }
    return false;
}

static int check_statements(const struct yw_spec *spec, struct yw_err *err)
{
    static const char *const whose[YW_SPEC_STATEMENT_KINDS] = {
        [YW_SPEC_FORWARD] = "forward belongs to the image firewall",
        [YW_SPEC_ACCOUNT] =
            "accounts belong to the images firewall, jump, broker, tbox and "
            "backend",
        [YW_SPEC_TOPIC] = "topics belong to the image broker",
    };

    for (size_t i = 0; i < spec->statement_count; i++) {
        const struct yw_spec_statement *statement = &spec->statements[i];
        const struct yw_spec_machine *machine = &spec->machines[statement->machine];

        if (!takes(machine, statement->kind))
            return refuse(err, statement->line, machine, "%s", whose[statement->kind]);
    }
    return 0;
}

/* A card that listens to copies, and what a router needs. */
static int check_cards(const struct yw_spec *spec, const struct yw_spec_machine *machine,
                       struct yw_err *err)
{
    for (size_t i = 0; i < machine->nic_count; i++) {
        if (spec->networks[machine->nics[i].network].mirror && !is_one(machine, "sensor"))
            return refuse(err, machine->line, machine,
                          "mirror belongs to the image sensor");
    }
    if (is_one(machine, "firewall") && machine->nic_count < 2)
        return refuse(err, machine->line, machine,
                      "a firewall stands between networks: at = … names two or more");
    return 0;
}

/* A T-Box or a platform: which broker it is for, one account there, one key. */
static int check_client(const struct yw_spec *spec, size_t index, struct yw_err *err)
{
    const struct yw_spec_machine *machine = &spec->machines[index];
    size_t accounts = 0;

    for (size_t i = 0; i < spec->statement_count; i++)
        accounts += spec->statements[i].machine == (int)index &&
                    spec->statements[i].kind == YW_SPEC_ACCOUNT;
    if (machine->serves < 0 || !is_one(&spec->machines[machine->serves], "broker"))
        return refuse(err, machine->line, machine,
                      "a %s needs its message broker: add serves = …", machine->image);
    if (accounts != 1)
        return refuse(
            err, machine->line, machine,
            "a %s has one account at its broker: accounts = { \"user:password\" }",
            machine->image);
    if (machine->password[0] == '\0')
        return refuse(
            err, machine->line, machine,
            "a %s needs the key that commands are signed with: add password = …",
            machine->image);
    if (is_one(machine, "tbox") && machine->plant < 0)
        return refuse(err, machine->line, machine,
                      "a tbox needs its fleet: add field = …");
    return 0;
}

static int check_machine(const struct yw_spec *spec, size_t index, struct yw_err *err)
{
    const struct yw_spec_machine *machine = &spec->machines[index];
    bool is_rtu = is_one(machine, "rtu");

    if (is_client(machine) && check_client(spec, index, err) != 0)
        return YW_EINVAL;
    if (is_rtu && machine->plant < 0)
        return refuse(err, machine->line, machine,
                      "an rtu needs its plant: add field = …");
    if (is_rtu && points_of(spec, (int)index) == 0)
        return refuse(err, machine->line, machine, "an rtu needs points");
    if ((is_one(machine, "historian") || is_one(machine, "noise")) && machine->serves < 0)
        return refuse(err, machine->line, machine,
                      "a %s needs the controller that it reads: add serves = …",
                      machine->image);
    if (machine->station != 0 && !is_rtu)
        return refuse(err, machine->line, machine, "station belongs to the image rtu");
    if (machine->ram_mib != 0 && yw_spec_is_micro(machine->image))
        return refuse(err, machine->line, machine,
                      "ram_mib belongs to full images; '%s' has its own memory",
                      machine->image);
    if (machine->master_count > 0 && !is_rtu && !is_one(machine, "sensor"))
        return refuse(err, machine->line, machine,
                      "masters belong to the images rtu and sensor");
    return check_cards(spec, machine, err);
}

int yw_spec_check_roles(const struct yw_spec *spec, struct yw_err *err)
{
    int status = check_points(spec, err);

    if (status == 0)
        status = check_controls(spec, err);
    if (status == 0)
        status = check_statements(spec, err);
    for (size_t i = 0; i < spec->machine_count && status == 0; i++)
        status = check_machine(spec, i, err);
    return status;
}
